//! Windows that are labelled above the classes: apart from all figures of classes, and scored at their own depth.

use super::statistics::mean;
use super::{MetricsError, SeedPredictions, check_length};
use ambulo_data::LabelledWindows;
use ambulo_record::{Answer, CoarseMetrics, LabelSet, Level, Target};
use std::borrow::Cow;

/// Name of a group of classes: the activity next above them, which no class is.
pub(crate) fn group_name(labels: &LabelSet, group: &[u8]) -> String {
    group_level(labels, group).map_or_else(|| "several".to_owned(), |level| level.name)
}

/// The activity next above a group of classes, which no class is.
pub(crate) fn group_level(labels: &LabelSet, group: &[u8]) -> Option<Level> {
    let above = |name: &str| labels.index_of(name).is_none();
    labels.levels().into_iter().find(|level| level.classes == group && above(&level.name))
}

/// Of values `[windows, width]` those of windows that carry a class, `codes` being below `classes`; all of them where every
/// window does.
pub(crate) fn only_classes<'a, T: Clone>(
    codes: &[u8],
    classes: usize,
    values: &'a [T],
    width: usize,
) -> Cow<'a, [T]> {
    let has_class = |code: &u8| usize::from(*code) < classes;
    if codes.iter().all(has_class) {
        return Cow::Borrowed(values);
    }
    let rows = codes.iter().zip(values.chunks_exact(width.max(1)));
    Cow::Owned(rows.filter(|(code, _)| has_class(code)).flat_map(|(_, row)| row.iter().cloned()).collect())
}

/// What the models of all seeds make of the windows with coarse labels, all of them or those of these positions, in the order
/// of their groups.
///
/// # Errors
/// Probabilities of another number of windows.
pub(crate) fn coarse_metrics(
    labels: &LabelSet,
    windows: &LabelledWindows,
    runs: &[SeedPredictions],
    only: Option<&[usize]>,
) -> Result<Vec<CoarseMetrics>, MetricsError> {
    let classes = labels.len();
    let all: Vec<usize>;
    let positions = match only {
        Some(only) => only,
        None => {
            all = (0..windows.len()).collect();
            &all
        }
    };
    let mut metrics = Vec::new();
    for (number, group) in windows.groups.iter().enumerate() {
        let target = Target::Group(group.clone());
        let own = |&&i: &&usize| usize::from(windows.labels[i]) == classes + number;
        let own: Vec<usize> = positions.iter().filter(own).copied().collect();
        if own.is_empty() {
            continue;
        }
        let mut recalls = Vec::with_capacity(runs.len());
        for run in runs {
            check_length("probabilities", windows.len() * classes, run.probabilities.len())?;
            let row = |i: usize| &run.probabilities[i * classes..(i + 1) * classes];
            let hits = own.iter().filter(|&&i| target.answer(row(i)) == Answer::Target).count();
            recalls.push(hits as f64 / own.len() as f64);
        }
        metrics.push(CoarseMetrics {
            label: group_name(labels, group),
            windows: own.len() as u64,
            recall: mean(recalls.into_iter()),
        });
    }
    Ok(metrics)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_group_has_the_name_of_what_is_next_above() {
        let six = LabelSet::six();
        for name in ["stairs", "still", "moving"] {
            let Some(Target::Group(group)) = six.target(name) else { panic!("{name}") };
            assert_eq!(group_name(&six, &group), name);
        }
        let one = LabelSet::new(["walking_upstairs", "sitting"]).unwrap();
        assert_eq!(group_name(&one, &[0]), "stairs");
    }

    #[test]
    fn coarse_windows_are_scored_at_their_depth_and_left_out_elsewhere() {
        let six = LabelSet::six();
        let windows = LabelledWindows {
            labels: vec![0, 6, 6, 3],
            classes: 6,
            groups: vec![vec![1, 2]],
            ..LabelledWindows::default()
        };
        let run = |rows: [[f32; 6]; 4]| SeedPredictions {
            seed: 1,
            best_epoch: 1,
            validation_macro_f1: 0.0,
            refit: true,
            temperature: 1.0,
            probabilities: rows.concat(),
            logits: None,
        };
        let stairs = [0.4, 0.3, 0.3, 0.0, 0.0, 0.0];
        let walking = [0.6, 0.2, 0.2, 0.0, 0.0, 0.0];
        let runs = [run([walking, stairs, walking, walking]), run([walking, stairs, stairs, walking])];
        let expected = CoarseMetrics { label: "stairs".into(), windows: 2, recall: 0.75 };
        assert_eq!(coarse_metrics(&six, &windows, &runs, None).unwrap(), [expected]);
        let first = coarse_metrics(&six, &windows, &runs, Some(&[0, 1])).unwrap();
        assert_eq!((first[0].windows, first[0].recall), (1, 1.0));
        let rows = only_classes(&windows.labels, 6, &runs[0].probabilities, 6);
        assert_eq!(*rows, [walking, walking].concat());
        assert_eq!(*only_classes(&windows.labels, 6, &windows.labels, 1), [0, 3]);
        assert!(matches!(only_classes(&[0, 1], 6, &[1, 2], 1), Cow::Borrowed(_)));
    }
}
