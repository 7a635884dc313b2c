//! The test at each depth of the tree of activities.

use super::coarse::group_level;
use super::score::{Over, score};
use super::{MetricsError, SeedPredictions, check_length, confusion_by_subject, predicted};
use ambulo_data::LabelledWindows;
use ambulo_record::{DepthConfusion, LabelSet, Level, PersonId};

/// The test with the tree cut at each depth above that of the classes, the coarsest first. Depths at which all classes are
/// one, or that divide the classes as the depth before does, are passed over.
///
/// A window with a coarse label takes part down to the depth of its label.
///
/// # Errors
/// Probabilities of another number of windows, or values that are none.
pub(crate) fn depth_confusions(
    labels: &LabelSet,
    windows: &LabelledWindows,
    runs: &[SeedPredictions],
) -> Result<Vec<DepthConfusion>, MetricsError> {
    let deepest = labels.levels().first().map_or(0, |level| level.depth);
    let mut depths: Vec<DepthConfusion> = Vec::new();
    let mut nodes_before = 1;
    for depth in 1..deepest {
        let cut = labels.cut(depth);
        // Each cut divides further what the one above it divided.
        if cut.len() == nodes_before || cut.len() == labels.len() {
            continue;
        }
        nodes_before = cut.len();
        depths.extend(at_depth(labels, windows, runs, depth, &cut)?);
    }
    Ok(depths)
}

fn at_depth(
    labels: &LabelSet,
    windows: &LabelledWindows,
    runs: &[SeedPredictions],
    depth: usize,
    cut: &[Level],
) -> Result<Option<DepthConfusion>, MetricsError> {
    let node = |class: u8| cut.iter().position(|level| level.classes.contains(&class)).map(|i| i as u8);
    // For each code of a label the activity of the cut that it is, if it says so much.
    let of_class = (0..=u8::MAX).take(labels.len()).map(node);
    let of_group = windows.groups.iter().map(|group| {
        let known = group_level(labels, group).is_some_and(|level| level.depth >= depth);
        group.first().filter(|_| known).and_then(|&class| node(class))
    });
    let truth_of: Vec<Option<u8>> = of_class.chain(of_group).collect();
    let taking_part: Vec<(usize, u8)> = windows
        .labels
        .iter()
        .enumerate()
        .filter_map(|(i, &code)| Some((i, truth_of.get(usize::from(code)).copied().flatten()?)))
        .collect();
    if taking_part.is_empty() {
        return Ok(None);
    }
    let truth: Vec<u8> = taking_part.iter().map(|&(_, node)| node).collect();
    let people: Vec<PersonId> = taking_part.iter().map(|&(i, _)| windows.origins[i].person.clone()).collect();
    let classes = labels.len();
    let matrices = runs.iter().map(|run| {
        let in_run = |source| MetricsError::Run { seed: run.seed, source: Box::new(source) };
        check_length("probabilities", windows.len() * classes, run.probabilities.len()).map_err(in_run)?;
        // That they are probabilities; the most probable class is not asked for.
        predicted(&run.probabilities, classes).map_err(in_run)?;
        let answers: Vec<u8> = taking_part
            .iter()
            .map(|&(i, _)| likeliest(cut, &run.probabilities[i * classes..(i + 1) * classes]))
            .collect();
        confusion_by_subject(&truth, &answers, &people, cut.len())
    });
    let score = score(&matrices.collect::<Result<Vec<_>, _>>()?, Over::Occurring)?;
    Ok(Some(DepthConfusion {
        depth,
        labels: cut.iter().map(|level| level.name.clone()).collect(),
        windows: taking_part.len() as u64,
        accuracy: score.accuracy,
        macro_f1: score.macro_f1,
        confusion: score.confusion.rows(),
    }))
}

/// The activity of a cut with the largest sum of probabilities; of equals the one with the lowest class.
fn likeliest(cut: &[Level], probabilities: &[f32]) -> u8 {
    let mut best = (f64::NEG_INFINITY, 0);
    for (number, level) in (0..=u8::MAX).zip(cut) {
        let probability = level.probability(probabilities);
        if probability > best.0 {
            best = (probability, number);
        }
    }
    best.1
}

#[cfg(test)]
mod tests {
    use super::*;
    use ambulo_data::WindowOrigin;

    fn windows(labels: &[u8]) -> LabelledWindows {
        let origin = |(i, _): (usize, &u8)| WindowOrigin {
            person: PersonId::from(1 + (i % 2) as u16),
            recording: "1".into(),
            facts: Default::default(),
            start: 0,
        };
        LabelledWindows {
            labels: labels.to_vec(),
            classes: 6,
            groups: vec![vec![1, 2], vec![0, 1, 2]],
            origins: labels.iter().enumerate().map(origin).collect(),
            ..LabelledWindows::default()
        }
    }

    fn run(rows: &[[f32; 6]]) -> SeedPredictions {
        SeedPredictions {
            seed: 1,
            best_epoch: 1,
            validation_macro_f1: 0.0,
            refit: true,
            temperature: 1.0,
            probabilities: rows.concat(),
            logits: None,
        }
    }

    #[test]
    fn classes_are_added_up_and_coarse_windows_take_part_where_they_know() {
        let six = LabelSet::six();
        // Walking is the likeliest class, but together the stairs are likelier; and moving is likelier than either posture.
        let row = [0.3, 0.2, 0.15, 0.35, 0.0, 0.0];
        let sure = [1.0, 0.0, 0.0, 0.0, 0.0, 0.0];
        // upstairs, `stairs`, `moving`, sitting
        let windows = windows(&[1, 6, 7, 3]);
        let found = depth_confusions(&six, &windows, &[run(&[row, row, sure, row])]).unwrap();
        assert_eq!(found.iter().map(|d| d.depth).collect::<Vec<_>>(), [1, 2]);
        assert_eq!(found[0].labels, ["moving", "still"]);
        assert_eq!((found[0].windows, &found[0].confusion), (4, &vec![vec![3, 0], vec![1, 0]]));
        assert_eq!(found[0].accuracy.mean, 0.75);
        // F1 of moving is 6/7, of still 0.
        assert!((found[0].macro_f1.mean - 3.0 / 7.0).abs() < 1e-12);
        assert_eq!(found[1].labels, ["walking", "stairs", "sitting", "standing", "lying"]);
        // `moving` does not say so much.
        assert_eq!(found[1].windows, 3);
        assert_eq!(found[1].confusion[1], [0, 2, 0, 0, 0]);
        assert_eq!(found[1].confusion[2], [0, 1, 0, 0, 0]);
        assert_eq!(found[1].confusion[0], [0; 5]);
    }

    #[test]
    fn counts_are_summed_and_shares_averaged_over_seeds() {
        let six = LabelSet::six();
        let windows = windows(&[0, 3]);
        let (walking, sitting) = ([1.0, 0.0, 0.0, 0.0, 0.0, 0.0], [0.0, 0.0, 0.0, 1.0, 0.0, 0.0]);
        let runs = [run(&[walking, sitting]), run(&[sitting, sitting])];
        let found = depth_confusions(&six, &windows, &runs).unwrap();
        assert_eq!(found[0].confusion, [[1, 1], [0, 2]]);
        assert_eq!(found[0].accuracy.mean, 0.75);
        assert!((found[0].macro_f1.mean - (1.0 + 1.0 / 3.0) / 2.0).abs() < 1e-12);
        // Two people, one of whom the second seed gets wrong.
        assert_eq!(found[0].accuracy.ci95, [0.5, 1.0]);
    }

    #[test]
    fn depths_that_divide_nothing_further_are_passed_over() {
        let labels = LabelSet::new(["walking_upstairs", "walking_downstairs"]).unwrap();
        assert!(depth_confusions(&labels, &windows(&[]), &[]).unwrap().is_empty());
        let flat = LabelSet::new(["skating", "rowing"]).unwrap();
        assert!(depth_confusions(&flat, &windows(&[]), &[]).unwrap().is_empty());
        let wrong = depth_confusions(&LabelSet::six(), &windows(&[0]), &[run(&[])]);
        assert!(wrong.unwrap_err().to_string().contains("seed 1: probabilities: expected 6"));
    }
}
