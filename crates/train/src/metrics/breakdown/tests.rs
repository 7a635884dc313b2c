use super::*;
use crate::evaluation::final_evaluation::summarise;
use ambulo_data::WindowOrigin;
use std::sync::Arc;

fn facts(dataset: &str, placement: Option<&str>, group: Option<&str>) -> Arc<Facts> {
    Arc::new(Facts {
        dataset: dataset.into(),
        placement: placement.map(Into::into),
        group: group.map(Into::into),
        ..Facts::default()
    })
}

/// Windows with code, person and facts.
fn windows(all: &[(u8, u16, Arc<Facts>)]) -> LabelledWindows {
    let origin = |(_, person, facts): &(u8, u16, Arc<Facts>)| WindowOrigin {
        person: PersonId::from(*person),
        recording: "1".into(),
        facts: Arc::clone(facts),
        start: 0,
    };
    LabelledWindows {
        labels: all.iter().map(|(code, ..)| *code).collect(),
        classes: 6,
        groups: vec![vec![1, 2]],
        origins: all.iter().map(origin).collect(),
        ..LabelledWindows::default()
    }
}

/// Sure of these classes.
fn run(seed: u64, answers: &[usize]) -> SeedPredictions {
    let row = |&class: &usize| (0..6).map(move |c| f32::from(u8::from(c == class)));
    SeedPredictions {
        seed,
        best_epoch: 1,
        validation_macro_f1: 0.0,
        refit: true,
        temperature: 1.0,
        probabilities: answers.iter().flat_map(row).collect(),
        logits: None,
    }
}

fn two_sets() -> LabelledWindows {
    let a = facts("a", Some("waist"), None);
    let b = facts("b", Some("waist"), Some("young"));
    windows(&[
        (0, 1, a.clone()),
        (3, 1, a.clone()),
        (0, 2, a.clone()),
        (3, 2, a),
        (0, 3, b.clone()),
        (0, 3, b.clone()),
        (6, 4, b),
    ])
}

#[test]
fn each_part_has_the_figures_of_its_own_windows() {
    let runs = [run(1, &[0, 3, 0, 0, 0, 5, 2]), run(2, &[0, 3, 0, 0, 0, 0, 0])];
    let found = breakdowns(&LabelSet::six(), &two_sets(), &runs).unwrap();
    assert_eq!(found.iter().map(|b| b.by.as_str()).collect::<Vec<_>>(), ["dataset", "group"]);
    let [a, b] = found[0].parts.as_slice() else { panic!("{:?}", found[0]) };
    assert_eq!((a.value.as_deref(), a.people, a.windows), (Some("a"), 2, 4));
    assert_eq!(a.accuracy.unwrap().mean, 0.75);
    // Walking 2·2 / (2 + 3), sitting 2·1 / (2 + 1), in both seeds; person 1 alone has all right, person 2 alone half.
    let macro_f1 = a.macro_f1.unwrap();
    assert!((macro_f1.mean - (0.8 + 2.0 / 3.0) / 2.0).abs() < 1e-12 && macro_f1.sd == 0.0);
    assert_eq!(a.accuracy.unwrap().ci95, [0.5, 1.0]);
    let recall = |label: &str, windows, recall| LabelRecall { label: label.into(), windows, recall };
    assert_eq!(a.recalls, [recall("walking", 2, 1.0), recall("sitting", 2, 0.5)]);
    assert!(a.coarse.is_empty());

    // Of `b` walking is the only class; lying, which the first seed says once, is none of its own.
    assert_eq!((b.people, b.windows), (2, 2));
    assert!((b.macro_f1.unwrap().mean - (2.0 / 3.0 + 1.0) / 2.0).abs() < 1e-12);
    assert_eq!(b.recalls, [recall("walking", 2, 0.75)]);
    assert_eq!((b.coarse[0].label.as_str(), b.coarse[0].windows, b.coarse[0].recall), ("stairs", 1, 0.5));
}

#[test]
fn what_is_not_known_comes_last() {
    let found = breakdowns(&LabelSet::six(), &two_sets(), &[run(1, &[0; 7])]).unwrap();
    let values: Vec<Option<&str>> = found[1].parts.iter().map(|part| part.value.as_deref()).collect();
    assert_eq!(values, [Some("young"), None]);
}

#[test]
fn a_part_of_coarse_windows_alone_has_no_figures_of_classes() {
    let mut windows = two_sets();
    windows.labels[4..].fill(6);
    let found = breakdowns(&LabelSet::six(), &windows, &[run(1, &[1; 7])]).unwrap();
    let b = &found[0].parts[1];
    assert_eq!((b.people, b.windows, b.accuracy, b.macro_f1), (2, 0, None, None));
    assert_eq!((b.coarse[0].windows, b.coarse[0].recall), (3, 1.0));
}

#[test]
fn a_test_of_one_kind_has_the_records_it_always_had() {
    let one = facts("a", Some("waist"), None);
    let windows = windows(&[(0, 1, one.clone()), (3, 2, one)]);
    let test = summarise(&LabelSet::six(), &windows, &[run(1, &[0, 3])], &[]).unwrap();
    let json = serde_json::to_string(&test).unwrap();
    assert!(!json.contains("breakdowns") && !json.contains("depths"), "{json}");
    let test = summarise(&LabelSet::six(), &two_sets(), &[run(1, &[0; 7])], &[]).unwrap();
    assert_eq!(test.breakdowns.len(), 2);
    assert_eq!(test.depths.iter().map(|d| d.windows).collect::<Vec<_>>(), [7, 7]);
}
