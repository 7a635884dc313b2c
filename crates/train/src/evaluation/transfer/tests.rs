use super::*;
use ambulo_data::WindowOrigin;
use std::sync::Arc;

/// Windows with these codes, of three people in turn.
fn windows(labels: &[u8], classes: usize, groups: &[&[u8]]) -> LabelledWindows {
    let origin = |i: usize| WindowOrigin {
        person: PersonId::from(1 + (i % 3) as u16),
        recording: "1".into(),
        facts: Arc::default(),
        start: 0,
    };
    LabelledWindows {
        labels: labels.to_vec(),
        classes,
        groups: groups.iter().map(|group| group.to_vec()).collect(),
        origins: (0..labels.len()).map(origin).collect(),
        ..LabelledWindows::default()
    }
}

const NAME: CellName<'_> = CellName { trained_on: "a", tested_on: "b", datasets: &[] };

fn cell(across: &Answers<'_>, in_set: Option<&Answers<'_>>) -> TransferCell {
    transfer_cell(NAME, &Parents::new(), across, in_set).unwrap()
}

/// Sure of one class.
fn sure(class: usize, classes: usize) -> Vec<f32> {
    (0..classes).map(|c| f32::from(u8::from(c == class))).collect()
}

#[test]
fn data_that_know_less_are_compared_at_their_depth_and_the_rest_is_counted() {
    let six = LabelSet::six();
    let data = LabelSet::new(["running", "stairs", "walking"]).unwrap();
    let windows = windows(&[0, 1, 1, 2, 2, 0], 3, &[]);
    let up_or_down = [0.4, 0.3, 0.3, 0.0, 0.0, 0.0].to_vec();
    let rows = [sure(0, 6), up_or_down, sure(0, 6), sure(0, 6), sure(3, 6), sure(1, 6)].concat();
    let answers = Answers { model: &six, windows: &windows, labels: &data, runs: &[(5, &rows)] };
    let found = cell(&answers, None);
    assert_eq!(
        (found.labels.as_slice(), found.seeds.as_slice()),
        (["walking", "stairs"].map(String::from).as_slice(), [5].as_slice())
    );
    assert_eq!(found.left_out, [LeftOutLabel { label: "running".into(), windows: 2 }]);
    // One window of walking is called sitting, which the data never have: the last column.
    assert_eq!(found.confusion, [[1, 0, 1], [1, 1, 0]]);
    assert_eq!(found.recalls, [0.5, 0.5]);
    let score = found.score.unwrap();
    assert_eq!((score.people, score.windows, score.accuracy.mean), (3, 4, 0.5));
    // Walking: 2·1 / (2 + 2); stairs: 2·1 / (2 + 1). Sitting is no class of the mean.
    assert!((score.macro_f1.mean - (0.5 + 2.0 / 3.0) / 2.0).abs() < 1e-12, "{score:?}");
    assert!(!found.is_in_set() && found.in_set.is_none());
}

#[test]
fn both_sides_of_a_comparison_are_about_the_same_activities() {
    let coarse = LabelSet::new(["walking", "stairs", "still"]).unwrap();
    let six = LabelSet::six();
    // Data like those of the six, cut with them.
    let windows = windows(&[0, 1, 2, 3, 4, 5], 6, &[]);
    let own = [sure(0, 6), sure(2, 6), sure(2, 6), sure(4, 6), sure(4, 6), sure(0, 6)].concat();
    let foreign = [0, 1, 0, 2, 2, 2].map(|class| sure(class, 3)).concat();
    let across =
        Answers { model: &coarse, windows: &windows, labels: &six, runs: &[(1, &foreign), (2, &foreign)] };
    let in_set = Answers { model: &six, runs: &[(1, &own)], ..across };
    let found = cell(&across, Some(&in_set));
    assert_eq!(found.labels, ["walking", "stairs", "still"]);
    let accuracy = |score: Option<TransferScore>| score.unwrap().accuracy.mean;
    // In the six classes two more would be wrong.
    assert_eq!((accuracy(found.score), accuracy(found.in_set)), (5.0 / 6.0, 5.0 / 6.0));
    assert_eq!(found.confusion, [[2, 0, 0, 0], [2, 2, 0, 0], [0, 0, 6, 0]]);
    assert!(
        (found.kept().unwrap() - found.score.unwrap().macro_f1.mean / found.in_set.unwrap().macro_f1.mean)
            .abs()
            < 1e-15
    );
}

#[test]
fn coarse_labels_of_the_data_are_compared_where_they_are() {
    let six = LabelSet::six();
    // walking upstairs, `stairs`, walking
    let windows = windows(&[1, 6, 0], 6, &[&[1, 2]]);
    let rows = [sure(2, 6), sure(1, 6), sure(0, 6)].concat();
    let found = cell(&Answers { model: &six, windows: &windows, labels: &six, runs: &[(1, &rows)] }, None);
    assert_eq!(found.labels, ["walking", "stairs"]);
    assert_eq!(found.score.unwrap().accuracy.mean, 1.0);
}

#[test]
fn without_anything_in_common_there_is_no_figure() {
    let model = LabelSet::new(["walking", "running"]).unwrap();
    let data = LabelSet::new(["sitting", "lying"]).unwrap();
    let windows = windows(&[0, 1, 1], 2, &[]);
    let rows = [0.5; 6];
    let answers = Answers { model: &model, windows: &windows, labels: &data, runs: &[(1, &rows)] };
    let found = cell(&answers, Some(&answers));
    assert_eq!((found.score, found.in_set, found.labels.len(), found.kept()), (None, None, 0, None));
    assert_eq!(found.left_out.iter().map(|l| l.windows).sum::<u64>(), 3);
}

#[test]
fn arrays_that_do_not_fit_are_named() {
    let model = LabelSet::new(["walking", "running"]).unwrap();
    let windows = windows(&[0, 1], 2, &[]);
    let message = |windows: &LabelledWindows, rows: &[f32]| {
        let runs = [(7, rows)];
        let answers = Answers { model: &model, windows, labels: &model, runs: &runs };
        transfer_cell(NAME, &Parents::new(), &answers, None).unwrap_err().to_string()
    };
    assert!(message(&windows, &[1.0, 0.0]).contains("seed 7: probabilities: expected 4 values, found 2"));
    assert!(message(&windows, &[1.0, 0.0, 3.0, -2.0]).contains("is not a probability"));
    let foreign = LabelledWindows { labels: vec![0, 2], ..windows.clone() };
    assert!(message(&foreign, &[0.5; 4]).contains("window 1: class index 2"));
}
