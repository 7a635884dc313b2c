//! Learning curves: one faint line for each seed, the mean over them, and the chosen epochs.

use super::{Figure, Key, legend, table};
use crate::axis::{Frame, Scale, extent};
use crate::svg::{Anchor, Shape, Svg};
use crate::text::{ABSENT, decimal, list, percent};
use ambulo_record::{EpochRecord, Metrics, Stage};
use std::collections::BTreeMap;

/// Three panels stand side by side in a wide window.
const WIDTH: f64 = 360.0;

/// Values of one seed by epoch. A later record of the same epoch replaces an earlier one.
type Curve = BTreeMap<usize, f64>;

/// Curves by seed.
type Curves = BTreeMap<u64, Curve>;

struct Panel<'a> {
    description: &'a str,
    /// Above the axis, unit included.
    y_name: &'a str,
    curves: &'a Curves,
    /// Multiplies values for the axis: 100 for percent.
    factor: f64,
    from_zero: bool,
    /// Marked points: epoch, value, title.
    chosen: Vec<(usize, f64, String)>,
}

/// The figures of the choice and, apart from them, of the training anew.
pub(crate) fn figures(metrics: &Metrics, epochs: &[EpochRecord]) -> Vec<String> {
    let mut out = Vec::new();
    let loss = curves(epochs, Stage::Select, |e| Some(e.train_loss));
    if !loss.is_empty() {
        out.push(loss_figure(
            "Training loss",
            "Mean loss over each epoch on the training subjects alone, with dropout and label smoothing as \
             configured.",
            &loss,
        ));
    }
    let score = curves(epochs, Stage::Select, |e| e.validation_macro_f1);
    if !score.is_empty() {
        out.push(score_figure(metrics, epochs, &score));
    }
    let refit = curves(epochs, Stage::Refit, |e| Some(e.train_loss));
    if !refit.is_empty() {
        out.push(loss_figure(
            "Refit: training loss",
            "Training starts again on training and validation subjects together, for as many epochs as were \
             kept. These weights are the ones evaluated.",
            &refit,
        ));
    }
    out
}

fn loss_figure(title: &str, caption: &str, loss: &Curves) -> String {
    let panel = Panel {
        description: &format!("{title} by epoch; the numbers are in the table below the figure"),
        y_name: "Loss (nats)",
        curves: loss,
        factor: 1.0,
        from_zero: true,
        chosen: Vec::new(),
    };
    let rows: Vec<Vec<String>> = mean(loss)
        .iter()
        .map(|(epoch, (value, seeds))| vec![epoch.to_string(), decimal(*value, 4), seeds.to_string()])
        .collect();
    Figure {
        title,
        legend: legend(&line_keys(loss)),
        picture: panel.svg(),
        caption: caption.to_owned(),
        table: table(title, &["Epoch", "Mean loss", "Seeds"], &rows),
    }
    .html()
}

fn score_figure(metrics: &Metrics, epochs: &[EpochRecord], score: &Curves) -> String {
    let chosen: Vec<(usize, f64, String)> = metrics
        .test
        .per_seed
        .iter()
        .filter_map(|s| {
            let epoch = s.best_epoch?;
            let value = score.get(&s.seed).and_then(|c| c.get(&epoch)).copied();
            let value = value.or(s.validation_macro_f1)?;
            let title = format!("Seed {}: kept epoch {epoch}, macro-F1 {}", s.seed, percent(value));
            Some((epoch, value, title))
        })
        .collect();
    let best: Vec<usize> = metrics.test.per_seed.iter().filter_map(|s| s.best_epoch).collect();
    let panel = Panel {
        description: "Validation macro-F1 by epoch with the epochs kept; the numbers are in the table below the \
                      figure",
        y_name: "Macro-F1 (%)",
        curves: score,
        factor: 100.0,
        from_zero: false,
        chosen,
    };
    let mut keys = line_keys(score);
    keys.push(Key::Mark("chosen", Shape::Circle, "epoch kept"));
    let accuracy = mean(&curves(epochs, Stage::Select, |e| e.validation_accuracy));
    let loss = mean(&curves(epochs, Stage::Select, |e| e.validation_loss));
    let rows: Vec<Vec<String>> = mean(score)
        .iter()
        .map(|(epoch, (value, seeds))| {
            let or_absent = |v: Option<String>| v.unwrap_or_else(|| ABSENT.to_owned());
            vec![
                epoch.to_string(),
                percent(*value),
                or_absent(accuracy.get(epoch).map(|v| percent(v.0))),
                or_absent(loss.get(epoch).map(|v| decimal(v.0, 4))),
                seeds.to_string(),
            ]
        })
        .collect();
    Figure {
        title: "Validation macro-F1",
        legend: legend(&keys),
        picture: panel.svg(),
        caption: if best.len() == 1 {
            format!(
                "On the validation subjects, who were kept out of this training. Kept: epoch {}. Values below the axis are in the table.",
                best[0]
            )
        } else {
            format!(
                "On the validation subjects, who were kept out of this training. Epochs kept, in the order of \
                 the seeds: {}. Values below the axis are in the table.",
                list(&best)
            )
        },
        table: table(
            "Validation figures by epoch, mean over seeds",
            &["Epoch", "Macro-F1", "Accuracy", "Loss", "Seeds"],
            &rows,
        ),
    }
    .html()
}

fn line_keys(curves: &Curves) -> Vec<Key<'static>> {
    if curves.len() == 1 {
        vec![Key::Line("mean", "this seed")]
    } else {
        vec![Key::Line("mean", "mean"), Key::Line("faint", "each seed")]
    }
}

fn curves(epochs: &[EpochRecord], stage: Stage, value: impl Fn(&EpochRecord) -> Option<f64>) -> Curves {
    let mut out = Curves::new();
    for record in epochs.iter().filter(|e| e.stage == stage) {
        if let Some(v) = value(record).filter(|v| v.is_finite()) {
            out.entry(record.seed).or_default().insert(record.epoch, v);
        }
    }
    out
}

/// Mean over the seeds that reached each epoch, and how many those were.
fn mean(curves: &Curves) -> BTreeMap<usize, (f64, usize)> {
    let mut out: BTreeMap<usize, (f64, usize)> = BTreeMap::new();
    for (&epoch, &value) in curves.values().flatten() {
        let entry = out.entry(epoch).or_default();
        entry.0 += value;
        entry.1 += 1;
    }
    for (sum, n) in out.values_mut() {
        *sum /= *n as f64;
    }
    out
}

impl Panel<'_> {
    fn svg(&self) -> String {
        let frame = Frame { left: 40.0, right: WIDTH - 6.0, top: 26.0, bottom: 196.0 };
        let mut svg = Svg::new(WIDTH, 238.0, "chart small", self.description);
        let (x, y) = self.scales(frame);
        let name = if y.low() > 0.0 {
            format!("{}, axis from {}", self.y_name, y.label(y.low()))
        } else {
            self.y_name.to_owned()
        };
        svg.text("tick", (0.0, 11.0), Anchor::Start, &name);
        frame.draw_y(&mut svg, &y);
        frame.draw_x(&mut svg, &x, 17.0);
        svg.text("tick", (0.5 * (frame.left + frame.right), frame.bottom + 37.0), Anchor::Middle, "Epoch");
        let place = |point: Option<(f64, f64)>| point.and_then(|(e, v)| Some((x.at(e)?, y.at(v)?)));
        let floor = y.low();
        let single = self.curves.len() == 1;
        for (seed, curve) in self.curves {
            let class = if single { "mean" } else { "faint" };
            let points = above(floor, curve.iter().map(|(&e, &v)| (e as f64, v * self.factor)));
            svg.path(class, points.into_iter().map(place), &format!("Seed {seed}"));
        }
        if !single {
            // Where some seeds have stopped, a mean over the rest would jump: it ends with the first to stop.
            let all = mean(self.curves);
            let everyone = all.iter().filter(|(_, (_, n))| *n == self.curves.len());
            let points = above(floor, everyone.map(|(&e, &(v, _))| (e as f64, v * self.factor)));
            svg.path("mean", points.into_iter().map(place), "Mean over seeds");
        }
        for (epoch, value, title) in &self.chosen {
            if let Some(at) = place(Some((*epoch as f64, *value * self.factor))) {
                svg.mark("chosen", Shape::Circle, at, 5.0, title);
            }
        }
        svg.finish()
    }

    /// Both scales; the lowest values of a score may lie below the second.
    fn scales(&self, frame: Frame) -> (Scale, Scale) {
        let epochs = self.curves.values().flat_map(BTreeMap::keys).chain(self.chosen.iter().map(|(e, ..)| e));
        let (first, last) = extent(epochs.map(|&e| e as f64)).unwrap_or((1.0, 1.0));
        let x = Scale::whole((first, last), (frame.left + 8.0, frame.right - 8.0), 6);
        let values =
            self.curves.values().flat_map(BTreeMap::values).chain(self.chosen.iter().map(|(_, v, _)| v));
        let mut values: Vec<f64> = values.map(|v| v * self.factor).filter(|v| v.is_finite()).collect();
        let (low, high) = extent(values.iter().copied()).unwrap_or((0.0, 1.0));
        let low = if self.from_zero { low.min(0.0) } else { worth_showing(&mut values, low, high) };
        (x, Scale::nice((low, high), (frame.bottom, frame.top), 4))
    }
}

/// Where the axis of a score begins. The first epochs climb so far that the differences between the later ones,
/// which decide, would not be seen: the lowest fifth may be cut off.
fn worth_showing(values: &mut [f64], low: f64, high: f64) -> f64 {
    values.sort_by(f64::total_cmp);
    let fifth = values.get(values.len() / 5).copied().unwrap_or(low);
    if fifth < high && high - low > 2.5 * (high - fifth) { fifth } else { low }
}

/// The parts of a line that lie at or above `floor`, ending exactly there; `None` between parts.
fn above(floor: f64, points: impl Iterator<Item = (f64, f64)>) -> Vec<Option<(f64, f64)>> {
    let mut out = Vec::new();
    let mut last: Option<(f64, f64)> = None;
    for (x, y) in points {
        if let Some((x0, y0)) = last
            && (y0 < floor) != (y < floor)
        {
            out.push(Some((x0 + (x - x0) * (floor - y0) / (y - y0), floor)));
        }
        out.push((y >= floor).then_some((x, y)));
        last = Some((x, y));
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_that_rises_through_the_floor_begins_on_it() {
        let line = above(80.0, [(1.0, 60.0), (2.0, 70.0), (3.0, 90.0), (4.0, 95.0)].into_iter());
        assert_eq!(line, [None, None, Some((2.5, 80.0)), Some((3.0, 90.0)), Some((4.0, 95.0))]);
        let line = above(80.0, [(1.0, 90.0), (2.0, 70.0)].into_iter());
        assert_eq!(line, [Some((1.0, 90.0)), Some((1.5, 80.0)), None]);
    }

    #[test]
    fn the_mean_counts_the_seeds_that_reached_an_epoch() {
        let curves = Curves::from([(1, Curve::from([(1, 2.0), (2, 1.0)])), (2, Curve::from([(1, 4.0)]))]);
        assert_eq!(mean(&curves), BTreeMap::from([(1, (3.0, 2)), (2, (1.0, 1))]));
    }

    #[test]
    fn an_even_climb_is_shown_whole_and_a_steep_start_is_cut() {
        let mut even: Vec<f64> = (0..20).map(f64::from).collect();
        assert_eq!(worth_showing(&mut even, 0.0, 19.0), 0.0);
        let mut steep: Vec<f64> = (0..20).map(|i| 95.0 - 60.0 * (-f64::from(i)).exp()).collect();
        let low = worth_showing(&mut steep, 35.0, 95.0);
        assert!((93.0..95.0).contains(&low), "{low}");
    }
}
