//! Labels that stand for several classes, against the reference and finite differences. PyTorch's numbers are in
//! `pytorch.rs`, gradients through whole networks in `gradients.rs`.

#![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

use ambulo_nn::loss::CrossEntropy;
use ambulo_nn::{Random, reference};
use proptest::prelude::*;

/// Loss, gradient and whether the answer was right.
fn apply(loss: &CrossEntropy, logits: &[f32], label: u8) -> (f64, Vec<f32>, bool) {
    let mut gradient = logits.to_vec();
    let (value, correct) = loss.apply(&mut gradient, label, 1.0);
    (value, gradient, correct)
}

fn with_groups(classes: usize, groups: &[&[u8]]) -> CrossEntropy {
    let groups: Vec<Vec<u8>> = groups.iter().map(|g| g.to_vec()).collect();
    CrossEntropy::new(classes, 0.0, &[]).unwrap().with_groups(&groups).unwrap()
}

proptest! {
    #[test]
    fn groups_match_the_reference(classes in 2usize..9, size in 1usize..8, scale in prop::sample::select(vec![1.0f32, 10.0, 100.0]), smoothing in prop::sample::select(vec![0.0f32, 0.1, 0.6]), seed: u64) {
        let mut random = Random::new(seed, 0);
        let logits: Vec<f32> = (0..classes).map(|_| scale * random.normal()).collect();
        let weights: Vec<f32> = (0..classes).map(|_| 0.5 + random.uniform()).collect();
        let mut group: Vec<u8> = (0..classes as u8).collect();
        random.shuffle(&mut group);
        group.truncate(size.min(classes - 1));
        let loss = CrossEntropy::new(classes, smoothing, &weights).unwrap();
        let loss = loss.with_groups(&[vec![0], group.clone()]).unwrap();
        let label = classes as u8 + 1;
        let (value, gradient, correct) = apply(&loss, &logits, label);

        let wide = |x: &[f32]| x.iter().map(|&v| f64::from(v)).collect::<Vec<_>>();
        let (z, weights) = (wide(&logits), wide(&weights));
        let leaves: Vec<usize> = group.iter().map(|&c| usize::from(c)).collect();
        let exact = |z: &[f64]| reference::cross_entropy(z, &leaves, f64::from(smoothing), &weights);
        let near = |what: &str, got: f64, want: f64| {
            assert!((got - want).abs() < 1e-6 * want.abs().max(1.0), "{what} of {group:?} in {logits:?}: {got}, {want}");
        };
        near("loss", value, exact(&z));
        for c in 0..classes {
            let moved = |h: f64| {
                let mut z = z.clone();
                z[c] += h;
                exact(&z)
            };
            near("gradient", f64::from(gradient[c]), (moved(1e-5) - moved(-1e-5)) / 2e-5);
        }
        let mean = leaves.iter().map(|&c| weights[c]).sum::<f64>() / leaves.len() as f64;
        near("weight", f64::from(loss.weight(label).unwrap()), mean);
        // The group as one class of its own.
        let merged: f64 = leaves.iter().map(|&c| z[c].exp()).sum();
        prop_assert_eq!(correct, (0..classes).all(|c| leaves.contains(&c) || z[c].exp() <= merged));
    }

    #[test]
    fn a_group_of_one_class_is_that_class(classes in 2usize..9, class in 0u8..8, smoothing in 0f32..0.9, seed: u64) {
        let mut random = Random::new(seed, 0);
        let class = class % classes as u8;
        let logits: Vec<f32> = (0..classes).map(|_| 5.0 * random.normal()).collect();
        let weights: Vec<f32> = (0..classes).map(|_| 0.5 + random.uniform()).collect();
        let loss = CrossEntropy::new(classes, smoothing, &weights).unwrap().with_groups(&[vec![class]]).unwrap();
        let (own, as_group) = (apply(&loss, &logits, class), apply(&loss, &logits, classes as u8));
        prop_assert!((own.0 - as_group.0).abs() < 1e-9 * own.0.max(1.0));
        for (a, b) in own.1.iter().zip(&as_group.1) {
            prop_assert!((a - b).abs() < 1e-6, "{:?} {:?}", own, as_group);
        }
        prop_assert_eq!(own.2, as_group.2);
        prop_assert_eq!(loss.weight(class).unwrap(), loss.weight(classes as u8).unwrap());
    }
}

#[test]
fn certain_answers_keep_their_digits() {
    let loss = with_groups(3, &[&[0], &[0, 1], &[1, 2]]);
    // Two others at e^-20 each: the loss is log(1 + 2 e^-20).
    let (value, gradient, _) = apply(&loss, &[20.0, 0.0, 0.0], 3);
    let rest = 2.0 * (-20f64).exp();
    assert!((value / rest - 1.0).abs() < 1e-6, "{value} {rest}");
    assert!((f64::from(gradient[0]) / -rest - 1.0).abs() < 1e-6, "{gradient:?} {rest}");
    // Logits whose exponentials are beyond any float.
    let (value, gradient, correct) = apply(&loss, &[3e4, 2e4, -3e4], 4);
    assert_eq!((value, gradient, correct), (0.0, vec![0.0; 3], true));
    let (value, gradient, correct) = apply(&loss, &[3e4, 2e4, -3e4], 5);
    assert_eq!((value, gradient, correct), (1e4, vec![1.0, -1.0, 0.0], false));
    let (value, _, _) = apply(&loss, &[f32::NAN, 0.0, 0.0], 4);
    assert!(value.is_nan(), "{value}: what is no number must show");
}

#[test]
fn a_group_is_right_when_its_classes_together_are_the_likeliest() {
    let loss = with_groups(3, &[&[0, 1]]);
    let right = |logits: &[f32], label| apply(&loss, logits, label).2;
    assert!(right(&[1.0, 0.9, 1.2], 3) && !right(&[1.0, 0.9, 1.2], 0));
    assert!(!right(&[0.0, 0.0, 3.0], 3));
}

#[test]
fn groups_that_say_nothing_are_refused() {
    let cases: [(&[u8], &str); 4] = [
        (&[], "group 1 is [] of 3 classes, expected at least one class"),
        (&[0, 3], "group 1 is [0, 3] of 3 classes, expected nothing but classes"),
        (&[2, 2], "group 1 is [2, 2] of 3 classes, expected every class once"),
        (&[2, 0, 1], "group 1 is [2, 0, 1] of 3 classes, expected fewer than all classes"),
    ];
    for (group, message) in cases {
        let loss = CrossEntropy::new(3, 0.0, &[]).unwrap();
        let error = loss.with_groups(&[vec![0], group.to_vec()]).unwrap_err();
        assert_eq!(error.to_string(), message);
    }
    let many = CrossEntropy::new(3, 0.0, &[]).unwrap().with_groups(&vec![vec![0]; 254]).unwrap_err();
    assert!(many.to_string().contains("254 beside 3 classes"), "{many}");
    assert!(CrossEntropy::new(3, 0.0, &[]).unwrap().with_groups(&vec![vec![0]; 253]).is_ok());
}

#[test]
fn a_label_that_stands_for_nothing_has_no_weight() {
    let error = with_groups(3, &[&[0, 1]]).weight(4).unwrap_err();
    assert_eq!(error.to_string(), "label 4 is neither one of 3 classes nor, behind them, one of 1 groups");
}
