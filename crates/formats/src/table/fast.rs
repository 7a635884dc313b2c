//! Rows as nearly all of them are: a number in each cell that is read, and the time in its usual form.
//!
//! They are read where they stand in the block, without looking for the ends of cells and lines first. Whatever is not as expected
//! is left to the general way, which says the same of rows that both can read.

use super::parse::{RowPlan, Use};
use super::records;
use super::split::Separator;
use crate::number::{self, Point};
use crate::time::{Recent, Stamp, TimeFormat, TimeReader};
use crate::timing::{Batch, NO_TIME};
use memchr::memchr;

/// Reads usual rows of a block.
pub(super) struct Fast<'a> {
    steps: Vec<Step>,
    separator: u8,
    point: Point,
    time: Option<&'a TimeReader>,
    /// The decimal sign in times.
    time_point: Point,
    recent: Option<Recent>,
    /// The row's values.
    row: Vec<[f32; 3]>,
    /// Whether a semicolon ends a row too, and how many axes a row must have then.
    records: bool,
    least: usize,
    /// Grows with each row that has to go the general way, and shrinks with those that have not.
    unusual: u32,
}

/// More unusual rows than this, and the block has too many of them to try.
const MOST_UNUSUAL: u32 = 1000;

/// A cell that is read, after so many that are not.
struct Step {
    skip: usize,
    what: Use,
}

impl<'a> Fast<'a> {
    /// Nothing where rows of this kind have to go the general way.
    pub(super) fn new(plan: &'a RowPlan) -> Option<Self> {
        let Separator::Byte(separator) = plan.separator else { return None };
        let rising = plan.used.windows(2).all(|pair| pair[0].0 < pair[1].0);
        if plan.joined || plan.end != b'\n' || !rising || plan.used.is_empty() {
            return None;
        }
        // A cell that was cut out first has no separator in it, whatever decimal sign its times may have.
        let time_point = match plan.time.as_ref().map(|reader| reader.point) {
            Some(Point::EITHER) if separator == b',' => Point::DOT,
            Some(Point::COMMA) if separator == b',' => return None,
            Some(point) => point,
            None => plan.point,
        };
        let mut next = 0;
        let steps = plan.used.iter().map(|&(column, what)| {
            let skip = column - next;
            next = column + 1;
            Step { skip, what }
        });
        let text = matches!(plan.time, Some(TimeReader { format: TimeFormat::Text(_), .. }));
        Some(Self {
            steps: steps.collect(),
            separator,
            point: plan.point,
            time: plan.time.as_ref(),
            time_point,
            recent: text.then(Recent::default),
            row: vec![[f32::NAN; 3]; plan.sensors],
            records: plan.records,
            least: if plan.whole { plan.used.len() - 1 } else { 0 },
            unusual: 0,
        })
    }

    /// A time that the general way has read.
    pub(super) fn learn(&mut self, cell: &[u8], stamp: Stamp) {
        if let Some(recent) = &mut self.recent {
            recent.learn(cell, stamp);
        }
    }

    /// Reads the row that begins at `at` and adds it to the batch; where the next line begins. Nothing is added otherwise.
    #[inline]
    pub(super) fn row(&mut self, block: &[u8], at: usize, batch: &mut Batch) -> Option<usize> {
        if self.unusual > MOST_UNUSUAL {
            return None;
        }
        let next = match self.records {
            true => self.usual::<true>(block, at, batch),
            false => self.usual::<false>(block, at, batch),
        };
        self.unusual = if next.is_some() { self.unusual.saturating_sub(1) } else { self.unusual + 2 };
        next
    }

    #[inline]
    fn usual<const RECORDS: bool>(
        &mut self,
        block: &[u8],
        mut at: usize,
        batch: &mut Batch,
    ) -> Option<usize> {
        let Self { steps, separator, point, time, time_point, recent, row, least, .. } = self;
        let separator = *separator;
        let (mut ns, mut read) = (NO_TIME, 0);
        let last = steps.len() - 1;
        for (i, step) in steps.iter().enumerate() {
            for _ in 0..step.skip {
                let rest = block.get(at..)?;
                at += match RECORDS {
                    true => memchr::memchr3(separator, b'\n', records::END, rest)?,
                    false => memchr::memchr2(separator, b'\n', rest)?,
                };
                if block[at] != separator {
                    return None;
                }
                at += 1;
            }
            while block.get(at) == Some(&b' ') {
                at += 1;
            }
            let end = match (step.what, &recent) {
                (Use::Axis { sensor, axis }, _) => {
                    if *block.get(at)? == separator || block[at] == b'\n' {
                        // Empty.
                        row[sensor][axis] = f32::NAN;
                        at
                    } else {
                        let (number, end) = number::usual(block, at, *point)?;
                        row[sensor][axis] = number.to_f32(&block[at..end]);
                        read += 1;
                        end
                    }
                }
                (Use::Time, Some(recent)) => {
                    let (time, end) = recent.read(block, at, separator)?;
                    ns = time.max(NO_TIME + 1);
                    end
                }
                (Use::Time, None) => {
                    let (number, end) = number::usual(block, at, *time_point)?;
                    ns = time.and_then(|reader| reader.number(number))?.max(NO_TIME + 1);
                    end
                }
            };
            let next = *block.get(end)?;
            at = end + 1;
            if next == separator && i < last {
                continue;
            }
            if i < last {
                return None;
            }
            let next = match RECORDS && next == separator {
                true => {
                    at += memchr::memchr2(b'\n', records::END, &block[at..])? + 1;
                    block[at - 1]
                }
                false => next,
            };
            match next {
                b'\n' => {}
                records::END if RECORDS => match block.get(at..) {
                    Some([b'\n', ..]) => at += 1,
                    Some([b'\r', b'\n', ..]) => at += 2,
                    _ => {}
                },
                b'\r' if block.get(at) == Some(&b'\n') => at += 1,
                _ if next == separator => at += memchr(b'\n', &block[at..])? + 1,
                _ => return None,
            }
        }
        if read == 0 && ns == NO_TIME || RECORDS && read < *least {
            return None;
        }
        if time.is_some() {
            batch.times.push(ns);
        }
        for (values, row) in batch.values.iter_mut().zip(row) {
            values.push(*row);
        }
        batch.rows += 1;
        Some(at)
    }
}
