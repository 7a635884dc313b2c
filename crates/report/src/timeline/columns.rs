//! A stretch of time in columns: which activity took most of each, and how probable each was in the mean.

use super::sheet::{Answers, Placed};

/// Neighbouring columns of one activity.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Block {
    pub(super) activity: usize,
    /// Its first column.
    pub(super) from: usize,
    /// The column after its last.
    pub(super) to: usize,
    /// Mean confidence over its time, from 0 to 1.
    pub(super) confidence: f64,
}

/// From times to columns.
#[derive(Clone, Copy)]
pub(super) struct Columns {
    pub(super) from_ns: i64,
    pub(super) to_ns: i64,
    pub(super) count: usize,
}

impl Columns {
    /// The place of a time, in columns and parts of them, at the edge for what is outside.
    pub(super) fn place(&self, time_ns: i64) -> f64 {
        let all = (i128::from(self.to_ns) - i128::from(self.from_ns)).max(1) as f64;
        let at = (i128::from(time_ns) - i128::from(self.from_ns)) as f64;
        (at / all).clamp(0.0, 1.0) * self.count as f64
    }

    /// Blocks of the activity that took most of each column; what has no segments has no block. Neighbouring columns are one
    /// block where they are of one segment, or of one activity with confidences that look alike.
    pub(super) fn blocks(&self, segments: &[Placed]) -> Vec<Block> {
        let first = segments.partition_point(|segment| segment.end_ns <= self.from_ns);
        let mut blocks: Vec<Block> = Vec::new();
        // What the present column holds: activity, columns of it, confidence times that.
        let mut column = 0;
        let mut held: Vec<(usize, f64, f64)> = Vec::new();
        let mut finish = |column: usize, held: &mut Vec<(usize, f64, f64)>| {
            // Of equals the first.
            let most = held.iter().copied().reduce(|best, other| if other.1 > best.1 { other } else { best });
            held.clear();
            let Some((activity, share, weighted)) = most else { return };
            push(&mut blocks, Block { activity, from: column, to: column + 1, confidence: weighted / share });
        };
        for segment in segments[first..].iter().take_while(|segment| segment.start_ns < self.to_ns) {
            let (start, end) = (self.place(segment.start_ns), self.place(segment.end_ns));
            let confidence = f64::from(segment.confidence);
            let confidence = if confidence.is_finite() { confidence.clamp(0.0, 1.0) } else { 0.0 };
            let take = |held: &mut Vec<(usize, f64, f64)>, share: f64| {
                if share <= 0.0 {
                    return;
                }
                match held.iter_mut().find(|(activity, ..)| *activity == segment.activity) {
                    Some((_, all, weighted)) => {
                        (*all, *weighted) = (*all + share, *weighted + share * confidence);
                    }
                    None => held.push((segment.activity, share, share * confidence)),
                }
            };
            let (a, b) = ((start as usize).min(self.count - 1), (end as usize).min(self.count - 1));
            if a > column {
                finish(column, &mut held);
                column = a;
            }
            if a == b {
                take(&mut held, end - start);
                continue;
            }
            take(&mut held, (a + 1) as f64 - start);
            finish(column, &mut held);
            for middle in a + 1..b {
                take(&mut held, 1.0);
                finish(middle, &mut held);
            }
            column = b;
            take(&mut held, end - b as f64);
        }
        finish(column, &mut held);
        blocks
    }

    /// The mean probability of each lane in each column, `[lane, column]`; NaN where there is no step.
    pub(super) fn means(&self, answers: &Answers<'_>) -> Vec<Vec<f64>> {
        let lanes = answers.lanes();
        let mut sums = vec![vec![0.0; self.count]; lanes];
        let mut steps = vec![0u32; self.count];
        for step in 0..answers.count {
            let (start, end) = (answers.steps.start_ns[step], answers.steps.end_ns(step));
            if end <= self.from_ns || start >= self.to_ns || end <= start {
                continue;
            }
            // A step that is wider than a column is in all of them.
            let (a, b) = (self.place(start) as usize, self.place(end).ceil() as usize);
            for column in a..b.clamp(a + 1, a + 1 + self.count).min(self.count) {
                steps[column] += 1;
                for (sum, p) in sums.iter_mut().zip(answers.row(step)) {
                    sum[column] += f64::from(p);
                }
            }
        }
        for sum in &mut sums {
            for (value, &n) in sum.iter_mut().zip(&steps) {
                *value = if n == 0 { f64::NAN } else { *value / f64::from(n) };
            }
        }
        sums
    }
}

/// Confidences that differ by less look alike.
const ALIKE: f64 = 0.04;

fn push(blocks: &mut Vec<Block>, block: Block) {
    if let Some(last) = blocks.last_mut()
        && last.activity == block.activity
        && last.to == block.from
        && (last.confidence - block.confidence).abs() < ALIKE
    {
        let (old, new) = ((last.to - last.from) as f64, (block.to - block.from) as f64);
        last.confidence = (last.confidence * old + block.confidence * new) / (old + new);
        last.to = block.to;
        return;
    }
    blocks.push(block);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn placed(start_ns: i64, end_ns: i64, activity: usize) -> Placed {
        Placed { start_ns, end_ns, activity, confidence: 0.5 + 0.1 * activity as f32, flags: 0 }
    }

    #[test]
    fn the_longest_activity_of_a_column_is_drawn() {
        let columns = Columns { from_ns: 0, to_ns: 100, count: 10 };
        // Column 2 is divided 4 to 6, column 4 has a gap, column 7 holds three.
        let segments =
            [placed(0, 24, 0), placed(24, 40, 1), placed(52, 72, 0), placed(72, 75, 2), placed(75, 100, 1)];
        let blocks: Vec<_> = columns.blocks(&segments).iter().map(|b| (b.activity, b.from, b.to)).collect();
        assert_eq!(blocks, [(0, 0, 2), (1, 2, 4), (0, 5, 7), (1, 7, 10)]);
        assert!((columns.blocks(&segments)[1].confidence - 0.6).abs() < 1e-6);
        // A part of it.
        let part = Columns { from_ns: 50, to_ns: 60, count: 5 };
        let blocks: Vec<_> = part.blocks(&segments).iter().map(|b| (b.activity, b.from, b.to)).collect();
        assert_eq!(blocks, [(0, 1, 5)]);
        assert!(columns.blocks(&[]).is_empty());
    }

    #[test]
    fn hopeless_times_stay_within_the_columns() {
        let columns = Columns { from_ns: i64::MIN, to_ns: i64::MAX, count: 7 };
        let blocks = columns.blocks(&[placed(i64::MIN, 0, 0), placed(0, i64::MAX, 1)]);
        assert_eq!(blocks.last().map(|block| block.to), Some(7));
        assert_eq!(Columns { from_ns: 0, to_ns: 0, count: 7 }.place(5), 7.0);
    }
}
