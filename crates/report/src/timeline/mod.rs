//! A classified recording on one page, and as a figure.
//!
//! The page holds pictures of all of it that need no script: days as rows, and the whole recording with answers, probabilities
//! and signals. Its script, inline as everything else, draws the second anew for any part of the recording from data that stand
//! in the page.

mod clock;
mod colours;
mod columns;
mod detail;
mod embed;
mod page;
mod rows;
mod sheet;
mod svg;
mod tables;

pub use page::timeline_page;
pub use svg::timeline_svg;

use ambulo_record::overview::{Bin, ZoomedOut};
use std::fmt::Write as _;

/// Stretches of each signal that [`timeline_page`] can show when it is zoomed into: what
/// [`ZoomedOut`] should have at most, and about half of it at least where there are as many samples.
pub const TIMELINE_COLUMNS: usize = 20_000;

/// A signal in at most so many stretches: two become one until that is so.
fn thinned(signal: &ZoomedOut, most: usize) -> ZoomedOut {
    let mut out = signal.clone();
    out.bins.retain(|bin| bin.start_s.is_finite());
    // Far more doublings than a double has powers, in which all is one stretch on either side of zero.
    for _ in 0..1100 {
        if out.bins.len() <= most {
            break;
        }
        out.width_s *= 2.0;
        let width_s = out.width_s;
        let place = |start_s: f64| (start_s / width_s + 1e-6).floor();
        let mut fewer: Vec<Bin> = Vec::with_capacity(out.bins.len() / 2 + 1);
        for bin in &out.bins {
            match fewer.last_mut() {
                Some(last) if place(last.start_s) == place(bin.start_s) => {
                    for axis in 0..3 {
                        // NaN where one of them is nothing gives the other.
                        last.least[axis] = last.least[axis].min(bin.least[axis]);
                        last.most[axis] = last.most[axis].max(bin.most[axis]);
                    }
                }
                _ => fewer.push(Bin { start_s: place(bin.start_s) * width_s, ..*bin }),
            }
        }
        out.bins = fewer;
    }
    out.bins.truncate(most);
    out.bins.retain(|bin| bin.start_s.is_finite());
    out
}

/// A rectangle as part of a path, corners to a tenth of a unit.
fn rectangle(path: &mut String, (left, top): (f64, f64), (right, bottom): (f64, f64)) {
    use crate::svg::number;
    let (width, height) = (number(right - left), number(bottom - top));
    let _ = write!(path, "M{} {}h{width}v{height}h-{width}z", number(left), number(top));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thinning_keeps_extremes_and_pauses() {
        let bin =
            |i: usize| Bin { start_s: i as f64, least: [-(i as f32); 3], most: [i as f32, f32::NAN, 0.0] };
        let signal = ZoomedOut {
            width_s: 1.0,
            bins: (0..1000).filter(|i| !(300..700).contains(i)).map(bin).collect(),
            ..ZoomedOut::default()
        };
        let thin = thinned(&signal, 100);
        assert!(thin.bins.len() <= 100 && thin.bins.len() > 50 && thin.width_s == 8.0);
        assert_eq!((thin.bins.last().unwrap().least[0], thin.bins.last().unwrap().most[0]), (-999.0, 999.0));
        assert!(thin.bins.windows(2).any(|pair| pair[1].start_s - pair[0].start_s > 350.0));
        assert_eq!(thinned(&signal, 600).bins.len(), 600);
        let hopeless = [f64::NAN, 1e300, -1e300, 0.0].map(|start_s| Bin { start_s, ..bin(1) });
        for width_s in [0.0, f64::NAN, f64::INFINITY, 1e-300, -1.0] {
            let signal = ZoomedOut { width_s, bins: hopeless.to_vec(), ..ZoomedOut::default() };
            assert!(thinned(&signal, 1).bins.len() <= 1);
        }
    }
}
