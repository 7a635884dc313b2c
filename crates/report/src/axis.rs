//! Scales, ticks and the frame a plot is drawn in.

use crate::svg::{Anchor, Svg};
use crate::text::decimal;

/// Beyond this a value is drawn at the edge: arithmetic on larger spans would lose its digits.
const LARGEST: f64 = 1e12;

/// A linear map from values to user units, with its ticks.
#[derive(Clone, Debug)]
pub(crate) struct Scale {
    domain: (f64, f64),
    range: (f64, f64),
    /// Values to label, ascending, all within the domain.
    pub(crate) ticks: Vec<f64>,
    step: f64,
}

impl Scale {
    /// A scale that begins and ends at ticks, with roughly `target` intervals between them.
    pub(crate) fn nice(domain: (f64, f64), range: (f64, f64), target: usize) -> Self {
        let (low, high) = sane(domain);
        let step = nice_step((high - low) / target as f64);
        // The small shift keeps a bound that is a tick up to rounding from gaining another interval.
        let low = (low / step + 1e-9).floor() * step;
        let high = (high / step - 1e-9).ceil() * step;
        Self::ticked((low, high), range, step)
    }

    /// A scale over exactly `domain`, with ticks at the round values inside.
    pub(crate) fn exact(domain: (f64, f64), range: (f64, f64), target: usize) -> Self {
        let (low, high) = sane(domain);
        Self::ticked((low, high), range, nice_step((high - low) / target as f64))
    }

    /// As [`Scale::exact`], with ticks at whole numbers only.
    pub(crate) fn whole(domain: (f64, f64), range: (f64, f64), target: usize) -> Self {
        let (low, high) = sane(domain);
        Self::ticked((low, high), range, nice_step(((high - low) / target as f64).max(1.0)).round())
    }

    fn ticked(domain: (f64, f64), range: (f64, f64), step: f64) -> Self {
        let first = (domain.0 / step - 1e-9).ceil();
        let last = (domain.1 / step + 1e-9).floor();
        let intervals = (last - first).clamp(0.0, 40.0) as u32;
        let ticks = (0..=intervals).map(|i| (first + f64::from(i)) * step).collect();
        Self { domain, range, ticks, step }
    }

    /// Where `value` lies, in user units, kept within the range; `None` where it is not finite.
    pub(crate) fn at(&self, value: f64) -> Option<f64> {
        if !value.is_finite() {
            return None;
        }
        let share = (value - self.domain.0) / (self.domain.1 - self.domain.0);
        Some(self.range.0 + share.clamp(0.0, 1.0) * (self.range.1 - self.range.0))
    }

    /// Where the axis begins.
    pub(crate) fn low(&self) -> f64 {
        self.domain.0
    }

    /// A tick's label, with as many decimals as its neighbours need.
    pub(crate) fn label(&self, tick: f64) -> String {
        decimal(tick, decimals(self.step))
    }
}

/// Smallest and largest finite value.
pub(crate) fn extent(values: impl IntoIterator<Item = f64>) -> Option<(f64, f64)> {
    values.into_iter().filter(|v| v.is_finite()).fold(None, |seen, v| match seen {
        None => Some((v, v)),
        Some((low, high)) => Some((f64::min(low, v), f64::max(high, v))),
    })
}

/// A finite domain of positive width.
fn sane((low, high): (f64, f64)) -> (f64, f64) {
    if !low.is_finite() || !high.is_finite() {
        return (0.0, 1.0);
    }
    let (low, high) = (low.clamp(-LARGEST, LARGEST), high.clamp(-LARGEST, LARGEST));
    let least = (low.abs().max(high.abs()) * 1e-6).max(1e-9);
    if high - low > least { (low, high) } else { (low - 0.5 * least, low + 0.5 * least) }
}

/// The smallest of 1, 2, 5 times a power of ten that is no smaller than `rough`.
fn nice_step(rough: f64) -> f64 {
    let power = 10f64.powf(rough.log10().floor());
    let leading = rough / power;
    let factor = [1.0, 2.0, 5.0].into_iter().find(|f| leading <= f * (1.0 + 1e-9)).unwrap_or(10.0);
    factor * power
}

fn decimals(step: f64) -> usize {
    (-(step.log10() + 1e-9).floor()).clamp(0.0, 12.0) as usize
}

/// The rectangle a plot is drawn in, in user units.
#[derive(Clone, Copy)]
pub(crate) struct Frame {
    pub(crate) left: f64,
    pub(crate) right: f64,
    pub(crate) top: f64,
    pub(crate) bottom: f64,
}

impl Frame {
    /// Horizontal grid lines and their labels.
    pub(crate) fn draw_y(&self, svg: &mut Svg, scale: &Scale) {
        for &tick in &scale.ticks {
            let Some(y) = scale.at(tick) else { continue };
            svg.line("grid", (self.left, y), (self.right, y));
            svg.text("tick mid", (self.left - 7.0, y), Anchor::End, &scale.label(tick));
        }
    }

    /// The bottom line with tick marks; labels stand `drop` units below it.
    pub(crate) fn draw_x(&self, svg: &mut Svg, scale: &Scale, drop: f64) {
        svg.line("axis", (self.left, self.bottom), (self.right, self.bottom));
        for &tick in &scale.ticks {
            let Some(x) = scale.at(tick) else { continue };
            svg.line("axis", (x, self.bottom), (x, self.bottom + 4.0));
            svg.text("tick", (x, self.bottom + drop), Anchor::Middle, &scale.label(tick));
        }
    }

    /// Vertical grid lines.
    pub(crate) fn grid_x(&self, svg: &mut Svg, scale: &Scale) {
        for x in scale.ticks.iter().filter_map(|&t| scale.at(t)) {
            svg.line("grid", (x, self.top), (x, self.bottom));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nice_scales_begin_and_end_at_ticks() {
        let scale = Scale::nice((0.03, 1.37), (0.0, 100.0), 5);
        assert_eq!(scale.ticks.len(), 4);
        assert_eq!(
            scale.ticks.iter().map(|&t| scale.label(t)).collect::<Vec<_>>(),
            ["0.0", "0.5", "1.0", "1.5"]
        );
        assert_eq!(scale.at(0.0), Some(0.0));
        assert_eq!(scale.at(1.5), Some(100.0));
        assert_eq!(scale.at(f64::NAN), None);
    }

    #[test]
    fn bounds_that_are_ticks_gain_no_interval() {
        let scale = Scale::nice((0.7, 0.9), (0.0, 1.0), 4);
        assert_eq!(
            scale.ticks.iter().map(|&t| scale.label(t)).collect::<Vec<_>>(),
            ["0.70", "0.75", "0.80", "0.85", "0.90"]
        );
    }

    #[test]
    fn whole_scales_label_no_fraction_of_an_epoch() {
        for (last, labels) in [(1.0, vec!["1"]), (3.0, vec!["1", "2", "3"])] {
            let scale = Scale::whole((1.0, last), (0.0, 100.0), 6);
            assert_eq!(scale.ticks.iter().map(|&t| scale.label(t)).collect::<Vec<_>>(), labels);
        }
    }

    #[test]
    fn hopeless_domains_still_give_finite_places() {
        let cases = [
            (f64::NAN, 1.0),
            (f64::NEG_INFINITY, f64::INFINITY),
            (5.0, 5.0),
            (3.0, -3.0),
            (f64::MIN, f64::MAX),
            (1e12, 1e12),
            (0.0, f64::MIN_POSITIVE),
        ];
        for domain in cases {
            for make in [Scale::nice, Scale::exact, Scale::whole] {
                let scale = make(domain, (10.0, 90.0), 5);
                assert!(scale.ticks.len() <= 41, "{domain:?}");
                for value in scale.ticks.iter().copied().chain([0.0, f64::MAX, domain.0]) {
                    if let Some(at) = scale.at(value) {
                        assert!((10.0..=90.0).contains(&at), "{domain:?} {value} {at}");
                    }
                }
            }
        }
    }
}
