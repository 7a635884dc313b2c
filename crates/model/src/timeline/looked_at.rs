//! Where a network with attention looked: from weights over windows to weights over time.

use super::grid::Grid;

/// Steps that a search for a beginning goes over at most: more than there are between two answers.
const FURTHEST: usize = 64;

/// Mean weight of each step over the windows that hold it, relative to even weights.
#[derive(Debug, Default)]
pub(super) struct LookedAt {
    /// Beginning of each step, in order; sum of the weights, and how many.
    steps: Vec<(i64, f32, u32)>,
    /// Where in `steps` that of the present stretch's first window is, and the windows of the stretch.
    first: usize,
    windows: usize,
    /// The step at the end of the stretch, if its end cuts it off and the last window is that.
    last: Option<(i64, f32, u32)>,
}

/// How windows lie on steps.
#[derive(Clone, Copy, Debug)]
struct Layout {
    step_ns: i64,
    /// From the beginning of a window to that of the step in its middle, and to that of the last step in it.
    offset_ns: i64,
    last_ns: i64,
    window_ns: i64,
    /// Whole steps of a window before and behind the one in its middle.
    before: usize,
    behind: usize,
    /// Whether the ends of a stretch cut off a step of which less than a step is left; it lies in the window there alone.
    cuts: [bool; 2],
}

impl Layout {
    fn of(grid: &Grid) -> Self {
        /// Lengths are rounded to nanoseconds.
        const ROUNDED_NS: i64 = 2;
        let (step_ns, offset_ns, window_ns) = (grid.step_ns().max(1), grid.offset_ns(), grid.window_ns());
        let last_ns = window_ns - step_ns;
        let whole = |length_ns: i64| ((length_ns + ROUNDED_NS).max(0) / step_ns) as usize;
        let (before, behind) = (whole(offset_ns), whole(last_ns - offset_ns));
        let cuts = [before, behind].map(|reach| grid.beyond() > reach as i64);
        Self { step_ns, offset_ns, last_ns, window_ns, before, behind, cuts }
    }

    /// The weight of the step that begins so long after its window.
    fn weight(self, weights: &[f32], from_ns: i64) -> f32 {
        let part = |ns: i64| (ns as f64 / self.window_ns.max(1) as f64).clamp(0.0, 1.0);
        mean(weights, part(from_ns), part(from_ns + self.step_ns))
    }
}

impl LookedAt {
    /// Takes the weights of the grid's last window, which they divide evenly.
    pub(super) fn take(&mut self, grid: &Grid, weights: &[f32]) {
        let window = grid.len() - 1;
        if window > 0 && !grid.joined(window - 1) {
            self.end_stretch();
        }
        let layout = Layout::of(grid);
        let Layout { step_ns, offset_ns, last_ns, before, behind, .. } = layout;
        let own_ns = grid.start(window);
        let start_ns = own_ns.saturating_sub(offset_ns);
        if self.windows == 0 {
            if layout.cuts[0] {
                self.steps.push((start_ns, layout.weight(weights, 0), 1));
            }
            let earlier = |steps: i64| own_ns.saturating_sub(steps * step_ns).max(start_ns);
            self.steps.extend((1..=before as i64).rev().map(|steps| (earlier(steps), 0.0, 0)));
            self.first = self.steps.len();
        }
        let own = self.first + self.windows;
        for place in own - before..=own + behind {
            let from_ns = offset_ns + (place as i64 - own as i64) * step_ns;
            if place == self.steps.len() {
                self.steps.push((0, 0.0, 0));
            }
            let (begin_ns, sum, count) = &mut self.steps[place];
            if place >= own {
                *begin_ns = start_ns.saturating_add(from_ns.min(last_ns));
            }
            *sum += layout.weight(weights, from_ns);
            *count += 1;
        }
        self.windows += 1;
        let last = (start_ns.saturating_add(last_ns), layout.weight(weights, last_ns), 1);
        self.last = layout.cuts[1].then_some(last);
    }

    /// No further window joins on: the next one begins another stretch.
    fn end_stretch(&mut self) {
        self.steps.extend(self.last.take());
        self.windows = 0;
    }

    /// The weights of steps that begin there, in order; not a number where no window holds one. Empty if there were no weights.
    pub(super) fn of(mut self, starts_ns: &[i64]) -> Vec<f32> {
        self.end_stretch();
        if self.steps.is_empty() {
            return Vec::new();
        }
        let mut at = 0;
        let weight = |&start_ns: &i64| {
            let ahead = self.steps.iter().skip(at).take(FURTHEST).position(|step| step.0 == start_ns);
            let Some(found) = ahead.map(|ahead| at + ahead) else { return f32::NAN };
            at = found + 1;
            let (_, sum, count) = self.steps[found];
            sum / count as f32
        };
        starts_ns.iter().map(weight).collect()
    }
}

/// Mean of weights that divide a window evenly, relative to even ones, from one part of the window to another.
fn mean(weights: &[f32], from: f64, to: f64) -> f32 {
    let count = weights.len() as f64;
    let up_to = |part: f64| {
        let steps = part * count;
        // Not negative, and not above the number of weights.
        let whole = (steps as usize).min(weights.len());
        let sum: f64 = weights[..whole].iter().map(|&w| f64::from(w)).sum();
        sum + (steps - whole as f64) * weights.get(whole).map_or(0.0, |&w| f64::from(w))
    };
    ((up_to(to) - up_to(from)) / (to - from)) as f32
}

#[cfg(test)]
mod tests {
    use super::*;
    use ambulo_signal::Preprocessing;
    use proptest::prelude::*;

    #[test]
    fn even_weights_are_one_everywhere() {
        assert_eq!(mean(&[0.25; 4], 0.1, 0.6), 1.0);
        assert_eq!(mean(&[1.0, 0.0], 0.0, 0.25), 2.0);
        assert_eq!(mean(&[1.0, 0.0], 0.25, 0.75), 1.0);
        assert_eq!(mean(&[0.0, 0.0, 1.0], 0.5, 1.0), 2.0);
    }

    fn of(p: &Preprocessing, starts: &[i64], weights: &[Vec<f32>]) -> (Vec<i64>, Vec<f32>) {
        let mut grid = Grid::new(p, p.step);
        let mut looked = LookedAt::default();
        for (start_ns, weights) in starts.iter().zip(weights) {
            grid.push(*start_ns);
            looked.take(&grid, weights);
        }
        let mut steps = Vec::new();
        (0..starts.len()).for_each(|i| grid.spread(i, 0, &mut |start_ns| steps.push(start_ns)));
        let found = looked.of(&steps);
        (steps, found)
    }

    proptest! {
        /// Against the definition: the mean over all windows of the stretch that hold a step.
        #[test]
        fn steps_have_the_mean_of_their_windows(
            step in prop::sample::select(vec![8usize, 16, 25, 32, 50, 64, 128]),
            lengths in prop::collection::vec(1usize..9, 1..4),
            bins in 1usize..7,
            rate_hz in prop::sample::select(vec![50.0f64, 64.0, 30.0]),
            seed in 0u32..1000,
        ) {
            let p = Preprocessing { rate_hz, window: 128, step, ..Preprocessing::default() };
            let mut state = seed;
            let mut random = || {
                state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                (state >> 8) as f32 / (1 << 24) as f32
            };
            let (mut starts, mut stretches, mut weights) = (Vec::new(), Vec::new(), Vec::new());
            for (stretch, &length) in lengths.iter().enumerate() {
                for i in 0..length {
                    starts.push(stretch as i64 * 1_000_000_000_000 + p.nanoseconds(i * step));
                    stretches.push(stretch);
                    let row: Vec<f32> = (0..bins).map(|_| random() + 0.01).collect();
                    let sum: f32 = row.iter().sum();
                    weights.push(row.iter().map(|w| w / sum).collect::<Vec<f32>>());
                }
            }
            let (steps, found) = of(&p, &starts, &weights);
            prop_assert_eq!(steps.len(), found.len());
            let (window_ns, step_ns) = (p.nanoseconds(p.window), p.nanoseconds(p.step));
            for (&step, found) in steps.iter().zip(found) {
                let mut own = Vec::new();
                for (&start, weights) in starts.iter().zip(&weights) {
                    if start <= step + 4 && step + step_ns <= start + window_ns + 4 {
                        let part = |ns: i64| ((ns - start) as f64 / window_ns as f64).clamp(0.0, 1.0);
                        own.push(mean(weights, part(step), part(step + step_ns)));
                    }
                }
                let expected = own.iter().sum::<f32>() / own.len() as f32;
                prop_assert!((found - expected).abs() < 1e-3, "{step}: {found} and {expected} of {own:?}");
            }
        }
    }

    #[test]
    fn what_no_window_holds_has_no_weight() {
        let p = Preprocessing { rate_hz: 50.0, window: 128, step: 32, ..Preprocessing::default() };
        let mut grid = Grid::new(&p, p.step);
        let mut looked = LookedAt::default();
        grid.push(0);
        looked.take(&grid, &[0.25; 4]);
        let own = p.nanoseconds(48);
        let found = looked.of(&[own, own + 3 * p.nanoseconds(32)]);
        assert!(found[0] == 1.0 && found[1].is_nan());
        assert!(LookedAt::default().of(&[1, 2]).is_empty());
    }
}
