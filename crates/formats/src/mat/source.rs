//! A matrix as a source of samples.

use super::TimePlan;
use super::variable::Variable;
use crate::error::Fault;
use crate::opened::TextRun;
use crate::plan::Plan;
use crate::reader::Reader;
use crate::texts::{Changes, Runs};
use crate::time::TimeReader;
use crate::timing::{Batch, NO_TIME, Timing};
use ambulo_signal::{Chunk, Finding};
use std::sync::Arc;

/// Rows of a chunk.
const PIECE: usize = 8192;

/// Reads the rows of a matrix that is in memory.
pub(super) struct MatReader {
    variable: Arc<Variable>,
    time: Option<(usize, TimeReader)>,
    parts: Vec<[usize; 3]>,
    texts: Vec<usize>,
    timing: Timing,
    runs: Runs,
    row: usize,
    ended: bool,
}

impl MatReader {
    pub(super) fn new(variable: Arc<Variable>, plan: &Plan) -> Self {
        let time = match plan.time {
            TimePlan::Column { column, reader, .. } => Some((column, reader)),
            TimePlan::Rate(_) => None,
        };
        Self {
            variable,
            time,
            parts: plan.parts(),
            texts: plan.texts.clone(),
            timing: Timing::new(plan),
            runs: Runs::default(),
            row: 0,
            ended: false,
        }
    }
}

impl Reader for MatReader {
    fn read(&mut self, chunk: &mut Chunk) -> Result<bool, Fault> {
        chunk.clear(self.parts.len());
        if self.ended {
            return Ok(false);
        }
        let mut batch = Batch::reusing(chunk);
        let rows = self.row..self.variable.rows.min(self.row.saturating_add(PIECE));
        self.row = rows.end;
        self.ended = rows.is_empty();
        batch.rows = rows.len();
        let value = |row, column| self.variable.value(row, column);
        if let Some((column, reader)) = self.time {
            let time = |row| reader.float(value(row, column)).map_or(NO_TIME, |ns| ns.max(NO_TIME + 1));
            batch.times.extend(rows.clone().map(time));
        }
        for (values, columns) in batch.values.iter_mut().zip(&self.parts) {
            // Beyond the range of an f32 is no measurement, but not a missing one either.
            values.extend(rows.clone().map(|row| columns.map(|column| value(row, column) as f32)));
        }
        if !self.texts.is_empty() {
            let mut changes = Changes::new(self.texts.len());
            for row in rows.clone() {
                for (place, &column) in self.texts.iter().enumerate() {
                    let value = value(row, column);
                    // Bits are compared, and only another number becomes text.
                    changes.see(place, &value.to_bits().to_ne_bytes(), |_| {
                        if value.is_nan() { String::new() } else { value.to_string() }
                    });
                }
                changes.end_row(row - rows.start);
            }
            self.runs.add(rows.len(), changes.into_runs());
        }
        self.timing.give(batch, self.ended, chunk)?;
        Ok(!self.ended || chunk.parts.iter().any(|part| !part.is_empty()))
    }

    fn rewind(&mut self) -> Result<(), Fault> {
        (self.row, self.ended) = (0, false);
        self.timing.rewind();
        self.runs = Runs::default();
        Ok(())
    }

    fn findings(&self) -> Vec<Finding> {
        self.timing.findings()
    }

    fn take_texts(&mut self) -> Vec<TextRun> {
        self.runs.take(self.timing.given())
    }
}
