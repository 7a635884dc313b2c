use super::*;
use crate::{ModelKind, Orientation};

fn config(model: ModelKind) -> Config {
    Config::of(model, Orientation::Levelled)
}

#[test]
fn pieces_keep_their_rows_and_never_their_order() {
    for time in [4, 7, 32, 128] {
        let rows: Vec<f32> = (0..time * 2).map(|v| v as f32).collect();
        for seed in 0..50 {
            let mut out = Vec::new();
            permute(&rows, 2, &mut out, &mut Random::new(seed, 1));
            assert_ne!(out, rows);
            assert!(out.chunks_exact(2).all(|row| row[1] == row[0] + 1.0), "rows stay whole");
            let mut sorted = out.clone();
            sorted.sort_by(f32::total_cmp);
            assert_eq!(sorted, rows);
            let breaks =
                out.chunks_exact(2).zip(out.chunks_exact(2).skip(1)).filter(|(a, b)| b[0] != a[0] + 2.0);
            assert!(breaks.count() < PIECES);
        }
    }
}

#[test]
fn hidden_spans_are_asked_for_and_nothing_else() {
    let input = Shape { time: 128, channels: 3 };
    for seed in 0..20 {
        let before: Vec<f32> = (1..=input.len()).map(|v| v as f32).collect();
        let (mut x, mut truth) = (before.clone(), vec![0.0; input.len()]);
        hide(&mut Asked { x: &mut x, truth: &mut truth }, input, &mut Random::new(seed, 1));
        let hidden = truth.iter().filter(|t| !t.is_nan()).count() / 3;
        assert!((17..=51).contains(&hidden), "{hidden}");
        for ((&before, &x), &truth) in before.iter().zip(&x).zip(&truth) {
            assert!(if truth.is_nan() { x == before } else { x == 0.0 && truth == before });
        }
    }
}

#[test]
fn every_named_model_takes_a_head_for_every_objective() {
    for model in ModelKind::ALL.into_iter().filter(|&model| model != ModelKind::Custom) {
        let config = config(model);
        let whole = config.architecture(6).unwrap().layers;
        for objective in Objective::ALL {
            let task = Task::new(objective, &config, [1.0, 0.0, 0.0]).unwrap();
            assert_eq!(task.architecture.layers[..task.layers], whole[..task.layers], "{model} {objective}");
            assert!(task.layers < whole.len());
            match objective {
                Objective::Masked => assert!(task.output >= config.input().len(), "{model}"),
                Objective::Discriminative => assert_eq!(task.output, 2),
                Objective::Contrastive => assert_eq!(task.output, HEAD.1),
            }
        }
    }
    let stack = vec![LayerSpec::Linear { out: 3 }];
    let mut custom = config(ModelKind::Custom);
    custom.network.stack = stack;
    for objective in Objective::ALL {
        let error = Task::new(objective, &custom, [1.0, 0.0, 0.0]).err().unwrap().to_string();
        assert!(error.contains("pools over time"), "{error}");
    }
}
