//! Sums of series with the same stamps, and signs.

use crate::error::Fault;
use crate::reader::Reader;
use ambulo_signal::{Chunk, Finding, Samples};

/// How a series comes about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Output {
    /// The part that is read.
    pub(crate) part: usize,
    /// One with the same stamps that is added to it.
    pub(crate) plus: Option<usize>,
    pub(crate) negate: bool,
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
            let plus = output.plus.map(|plus| parts.get(plus).unwrap_or(&none));
            let sign = if output.negate { -1.0 } else { 1.0 };
            if let Some(plus) = plus {
                for (i, value) in made.values.iter_mut().enumerate() {
                    let other = plus.values.get(i).copied().unwrap_or([f32::NAN; 3]);
                    *value = std::array::from_fn(|axis| sign * (value[axis] + other[axis]));
                }
            } else if output.negate {
                for value in &mut made.values {
                    *value = value.map(|v| -v);
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
}
