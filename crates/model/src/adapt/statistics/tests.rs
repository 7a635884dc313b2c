use super::*;
use crate::shipped::Shipped;
use ambulo_nn::Random;
use ambulo_signal::Recording;

fn model() -> Model {
    Shipped::named("waist").unwrap().model().unwrap()
}

/// Windows of noise about a level, as many of each of these labels.
fn windows(model: &Model, labels: &[usize], count: usize) -> UnlabelledInputs {
    let mut all = UnlabelledInputs::default();
    let mut random = Random::new(1, 0);
    for &label in labels {
        for _ in 0..count {
            let input = model.network().input();
            let x: Vec<f32> = (0..input.len()).map(|_| label as f32 + random.normal()).collect();
            all.keep(label, &x);
        }
    }
    all
}

#[test]
fn running_statistics_alone_are_moved_and_the_model_stays() {
    let model = model();
    let before = model.weights().to_vec();
    let inputs = windows(&model, &[0, 3, 5], 45);
    let (mut asked, width) = (Vec::new(), model.network().embedding().len());
    let mut look = |predictor: &Predictor| {
        asked.push(predictor.model().weights().to_vec());
        let mut rest = Unlabelled::default();
        rest.recording(640_000_000, 2_560_000_000, true);
        // What the network changes into matters here, not what it is given.
        (0..9)
            .for_each(|i| rest.push(i * 640_000_000, &vec![i as f32; width], &[0.0; crate::MOVEMENT], None));
        Ok(rest)
    };
    let Adapted { model: own, adaptation } =
        adapt_statistics(&model, &inputs, 0.2, "waist", &mut look).unwrap();
    assert_eq!(asked, [model.weights(), own.weights()]);
    assert_eq!(model.weights(), before);
    for p in own.network().parameters() {
        let same = before[p.range.clone()] == own.weights()[p.range];
        assert_eq!(same, !p.name.contains("running"), "{}", p.name);
    }
    assert_eq!((adaptation.method.as_str(), adaptation.share), ("statistics", Some(0.2)));
    let told = adaptation.unlabelled.unwrap();
    assert_eq!((told.windows, told.used, told.left_out), (9, 135, 0));
    let used: Vec<_> =
        told.activities.iter().filter(|a| a.used > 0).map(|a| (a.name.as_str(), a.used)).collect();
    assert_eq!(used, [("walking", 45), ("sitting", 45), ("lying", 45)]);
    assert_eq!(own.metadata().adaptations.len(), 1);
    let read = Model::from_bytes("own", &own.to_bytes().unwrap()).unwrap();
    assert_eq!((read.metadata(), read.weights()), (own.metadata(), own.weights()));
}

#[test]
fn an_hour_of_one_activity_counts_no_more_than_a_little_of_the_others() {
    let model = model();
    let few = windows(&model, &[0, 3, 5], 45);
    let mut long = few.clone();
    // The same window again and again: evenly spread, it is the same whatever its number.
    let still = vec![0.5; model.network().input().len()];
    (0..5000).for_each(|_| long.keep(3, &still));
    assert!(long.kept[3].inputs.len() < 2 * MOST, "{}", long.kept[3].inputs.len());
    assert_eq!(long.seen(), 5135);
    assert_eq!(long.of_each(), 45);
    let away = |windows: &UnlabelledInputs| {
        let own = mix_statistics(&model, windows, 0.2).unwrap();
        let square = own.weights().iter().zip(model.weights()).map(|(a, b)| f64::from(a - b).powi(2));
        square.sum::<f64>().sqrt()
    };
    assert!((away(&long) / away(&few) - 1.0).abs() < 0.5, "{} {}", away(&long), away(&few));
}

#[test]
fn what_tells_of_activities_and_not_of_a_person_is_refused() {
    let model = model();
    let go = |windows: &UnlabelledInputs, share: f64| mix_statistics(&model, windows, share).unwrap_err();
    for windows in
        [UnlabelledInputs::default(), windows(&model, &[3], 500), windows(&model, &[0, 3, 4, 5], 39)]
    {
        assert!(matches!(go(&windows, 0.2), AdaptError::TooUniform { .. }));
    }
    let good = windows(&model, &[0, 3, 5], 45);
    for share in [0.0, 1.1, f64::NAN] {
        assert!(matches!(go(&good, share), AdaptError::Tuning { .. }));
    }
    let mut strange = good.clone();
    (0..500).for_each(|_| strange.push(&[], 0.1, &[]));
    assert!(matches!(go(&strange, 0.2), AdaptError::NothingKnown { windows: 635, strange: 500, lost: 0 }));
    let mut other = good.clone();
    other.kept[0].inputs[0].pop();
    assert!(matches!(go(&other, 0.2), AdaptError::OtherModel));
    let mut odd = good;
    odd.kept[0].inputs[0][0] = f32::NAN;
    assert!(matches!(go(&odd, 0.2), AdaptError::NotFinite));
}

#[test]
fn windows_come_from_a_recording_that_tells_which_way_is_up() {
    let predictor = Predictor::new(model());
    let mut random = Random::new(4, 0);
    let mut axes = |level: [f32; 3]| -> Vec<[f32; 3]> {
        (0..1200).map(|_| level.map(|v| v + 0.01 * random.normal())).collect()
    };
    let recording = Recording::uniform(50.0, axes([1.0, 0.0, 0.1]), Some(axes([0.0; 3])));
    let mut all = UnlabelledInputs::default();
    // Nobody walks in it.
    let lost = predictor.collect_unlabelled_inputs(&mut recording.source(), &Declared::default(), &mut all);
    assert!(matches!(lost, Err(AdaptError::NoVertical)));
    assert_eq!(all.seen(), 0);
    let declared = Declared { up: Some([1.0, 0.0, 0.0]), ..Declared::default() };
    for times in 1..3 {
        predictor.collect_unlabelled_inputs(&mut recording.source(), &declared, &mut all).unwrap();
        assert_eq!(all.seen(), times * ((1200 - 128) / predictor.model().metadata().preprocessing.step + 1));
    }
    let kept = all.kept.iter().flat_map(|kept| &kept.inputs);
    assert!(kept.into_iter().all(|input| input.len() == predictor.model().network().input().len()));
}

#[test]
fn a_network_without_batch_normalisation_has_no_statistics() {
    let with = model();
    let layers = vec![
        ambulo_nn::LayerSpec::Pool { kind: ambulo_nn::Pooling::Mean },
        ambulo_nn::LayerSpec::Linear { out: with.metadata().labels.len() },
    ];
    let architecture = ambulo_nn::Architecture { layers };
    let network = ambulo_nn::Network::new(&architecture, with.network().input()).unwrap();
    let metadata = crate::Metadata { architecture, unknown: None, ..with.metadata().clone() };
    let without = Model::new(metadata, network.initial_weights(1)).unwrap();
    let error = mix_statistics(&without, &windows(&with, &[0, 3, 5], 45), 0.2).unwrap_err();
    assert!(matches!(error, AdaptError::NoStatistics), "{error}");
}
