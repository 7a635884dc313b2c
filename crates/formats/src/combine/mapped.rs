//! Sums of series with the same stamps, and signs.

use crate::error::Fault;
use crate::opened::TextRun;
use crate::reader::Reader;
use ambulo_signal::{Chunk, Finding, Samples};

/// How a series comes about.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Output {
    /// The part that is read, and what its values are multiplied by.
    pub(crate) part: usize,
    pub(crate) factor: f64,
    /// One with the same stamps that is added to it, and what that one's values are multiplied by.
    pub(crate) plus: Option<(usize, f64)>,
}

impl Output {
    /// A value of the series, from what is read and, where something is added, from that.
    pub(crate) fn of(&self, value: [f32; 3], plus: Option<[f32; 3]>) -> [f32; 3] {
        match self.plus.zip(plus) {
            Some(((_, factor), other)) => std::array::from_fn(|axis| {
                (f64::from(value[axis]) * self.factor + f64::from(other[axis]) * factor) as f32
            }),
            None if self.factor != 1.0 => value.map(|v| (f64::from(v) * self.factor) as f32),
            None => value,
        }
    }
}

/// Gives the outputs in place of what is read.
pub(crate) struct Mapped {
    reader: Box<dyn Reader>,
    outputs: Vec<Output>,
    chunk: Chunk,
}

impl Mapped {
    pub(crate) fn new(reader: Box<dyn Reader>, outputs: Vec<Output>) -> Self {
        Self { reader, outputs, chunk: Chunk::default() }
    }
}

impl Reader for Mapped {
    fn read(&mut self, chunk: &mut Chunk) -> Result<bool, Fault> {
        chunk.clear(self.outputs.len());
        let more = self.reader.read(&mut self.chunk)?;
        let parts = &mut self.chunk.parts;
        for (output, into) in self.outputs.iter().zip(&mut chunk.parts) {
            // Each part is the base of one output, or added to one.
            let mut made = parts.get_mut(output.part).map(std::mem::take).unwrap_or_default();
            let none = Samples::default();
            if let Some((plus, _)) = output.plus {
                let plus = parts.get(plus).unwrap_or(&none);
                for (i, value) in made.values.iter_mut().enumerate() {
                    let other = plus.values.get(i).copied().unwrap_or([f32::NAN; 3]);
                    *value = output.of(*value, Some(other));
                }
            } else if output.factor != 1.0 {
                for value in &mut made.values {
                    *value = output.of(*value, None);
                }
            }
            *into = made;
        }
        Ok(more)
    }

    fn rewind(&mut self) -> Result<(), Fault> {
        self.reader.rewind()
    }

    fn findings(&self) -> Vec<Finding> {
        self.reader.findings()
    }

    fn take_texts(&mut self) -> Vec<TextRun> {
        self.reader.take_texts()
    }
}
