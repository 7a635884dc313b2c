use super::*;
use proptest::prelude::*;

const STEP: i64 = 640_000_000;
const LENGTH: i64 = 2_560_000_000;

/// How an ordinary window of a class moves.
fn moves(model: &Model, class: usize, random: &mut Random) -> Vec<f32> {
    let clouds = &model.metadata().unknown.as_ref().unwrap().movement;
    let mean = &clouds.means[class * clouds.dimension..][..clouds.dimension];
    let white: Vec<f32> = mean.iter().map(|m| m + random.normal()).collect();
    coloured(clouds, &white)
}

/// A class, whose windows move so; embeddings; what somebody said of them.
type Bout<'a> = (usize, Vec<Vec<f32>>, Option<&'a str>);

/// A day of bouts, one after the other.
fn day(model: &Model, bouts: &[Bout<'_>]) -> Unlabelled {
    let mut all = Unlabelled::default();
    all.recording(STEP, LENGTH, true);
    let (mut at, mut random) = (0, Random::new(5, 5));
    for (class, embeddings, said) in bouts {
        for embedding in embeddings {
            all.push(at, embedding, &moves(model, *class, &mut random), *said);
            at += STEP;
        }
    }
    all
}

/// Sitting a part of the way to where others stand; 0 is where others sit.
fn sits(model: &Model, part: f32, spread: f32, seed: u64, count: usize) -> Vec<Vec<f32>> {
    let clouds = &model.metadata().unknown.as_ref().unwrap().embedding;
    let n = clouds.dimension;
    let [sit, stand] = [3, 4].map(|class| &clouds.means[class * n..][..n]);
    let mut random = Random::new(seed, 78);
    (0..count)
        .map(|_| {
            let white: Vec<f32> = sit
                .iter()
                .zip(stand)
                .map(|(a, b)| (1.0 - part) * a + part * b + spread * random.normal())
                .collect();
            coloured(clouds, &white)
        })
        .collect()
}

/// The part of the way at which three of four windows are still sitting.
fn half_way(model: &Model) -> f32 {
    let part = (1..40)
        .map(|i| i as f32 / 40.0)
        .find(|&part| share(model, 3, &sits(model, part, 0.5, 1, 200)) < 0.75);
    part.unwrap()
}

fn shifted(model: &Model, seed: u64, count: usize) -> Vec<Vec<f32>> {
    sits(model, half_way(model), 0.5, seed, count)
}

fn usual_day(model: &Model) -> Unlabelled {
    day(
        model,
        &[
            (0, around(model, 0, 0.0, 40, 1), None),
            (3, shifted(model, 2, 40), None),
            (4, around(model, 4, 0.0, 40, 1), None),
            (5, around(model, 5, 0.0, 40, 1), None),
            (3, shifted(model, 3, 40), None),
        ],
    )
}

#[test]
fn a_shifted_cluster_is_found_without_a_label_and_the_rest_stays() {
    let model = model();
    let later = shifted(&model, 9, 200);
    let rest = usual_day(&model);
    let Adapted { model: own, adaptation } = adapt_unlabelled(&model, &rest, SHRINKAGE, "waist").unwrap();
    let [before, after] = [&model, &own].map(|model| share(model, 3, &later));
    assert!(after > before + 0.1, "{before} and {after}");
    // Also what did not occur at all: the stairs.
    for class in [0, 1, 2, 4, 5] {
        let there = around(&model, class, 0.0, 100, 3);
        let [before, after] = [&model, &own].map(|model| share(model, class, &there));
        assert!(after >= before - 0.02, "{class}: {before} and {after}");
    }
    assert_eq!(own.metadata().adaptations, std::slice::from_ref(&adaptation));
    assert_eq!((adaptation.method.as_str(), adaptation.activities.len()), ("clusters", 0));
    let used = adaptation.unlabelled.unwrap();
    assert_eq!((used.windows, used.left_out), (200, 0));
    assert!((used.seconds - (199.0 * 0.64 + 2.56)).abs() < 1e-6, "{}", used.seconds);
    assert!(used.used > 60 && used.changed > 5, "{used:?}");
    let of = |name: &str| used.activities.iter().find(|one| one.name == name).unwrap().clone();
    assert!(of("sitting").after > of("sitting").before && of("sitting").used > 20, "{used:?}");
    assert_eq!(used.activities.iter().map(|one| one.after).sum::<usize>(), 200);
    // An ordinary file, which tells the same and can be taught with labels.
    let read = Model::from_bytes("own", &own.to_bytes().unwrap()).unwrap();
    assert_eq!(read.metadata(), own.metadata());
    let mut examples = Examples::default();
    push(&mut examples, &own, "sitting", &shifted(&model, 4, 12));
    push(&mut examples, &own, "standing", &around(&model, 4, 0.0, 12, 5));
    assert_eq!(adapt(&own, &examples, SHRINKAGE, "own").unwrap().model.metadata().adaptations.len(), 2);
}

#[test]
fn without_its_rival_an_activity_takes_nothing_from_it() {
    let model = model();
    let standing = || sits(&model, 1.0 - half_way(&model), 0.5, 6, 80);
    let alone = [
        (0, around(&model, 0, 0.0, 40, 1), None),
        (4, standing(), None),
        (1, around(&model, 1, 0.0, 40, 1), None),
        (2, around(&model, 2, 0.0, 40, 1), None),
    ];
    let own = adapt_unlabelled(&model, &day(&model, &alone), SHRINKAGE, "").unwrap();
    let used = own.adaptation.unlabelled.unwrap();
    // The only rival of standing is sitting, which did not occur.
    let of = |name: &str| used.activities.iter().find(|one| one.name == name).unwrap();
    assert!(used.used > 0 && of("standing").used == 0 && of("standing").before > 70, "{used:?}");
    let sitting = shifted(&model, 9, 200);
    let [before, after] = [&model, &own.model].map(|model| share(model, 3, &sitting));
    assert!(after >= before - 0.02, "{before} and {after}");
}

#[test]
fn the_rest_of_labelled_recordings_helps_and_new_activities_keep_their_name() {
    let model = model();
    let strange = around(&model, 0, 9.0, 80, 4);
    let mut examples = Examples::default();
    push(&mut examples, &model, "cycling", &strange[..12]);
    push(&mut examples, &model, "sitting", &shifted(&model, 1, 4));
    push(&mut examples, &model, "standing", &around(&model, 4, 0.0, 4, 8));
    let rest = day(
        &model,
        &[
            (0, strange[..12].to_vec(), Some("cycling")),
            (0, strange[12..52].to_vec(), None),
            (3, shifted(&model, 2, 40), None),
            (4, around(&model, 4, 0.0, 40, 1), None),
        ],
    );
    let labels = adapt(&model, &examples, SHRINKAGE, "waist").unwrap();
    let both = adapt_also(&model, &examples, &rest, SHRINKAGE, "waist").unwrap();
    let later = shifted(&model, 9, 200);
    let [first, second] = [&labels.model, &both.model].map(|model| share(model, 3, &later));
    assert!(second >= first, "{first} and {second}");
    let classes = model.metadata().labels.len();
    assert!(share(&both.model, classes, &strange[52..]) > 0.95);
    assert_eq!(both.adaptation.activities, labels.adaptation.activities);
    let used = both.adaptation.unlabelled.unwrap();
    // What was said is no window without a label.
    assert_eq!(used.windows, 120);
    assert!(used.changed >= 40 && used.used > 20, "{used:?}");
    assert_eq!(labels.adaptation.unlabelled, None);
    // Of nothing nothing is learned, and the labels still are.
    let none = adapt_also(&model, &examples, &Unlabelled::default(), SHRINKAGE, "waist").unwrap();
    assert_eq!(none.model.weights(), labels.model.weights());
    assert_eq!(none.adaptation.unlabelled.unwrap().windows, 0);
}

#[test]
fn what_tells_nothing_apart_is_refused() {
    let model = model();
    let refused = |rest: &Unlabelled| adapt_unlabelled(&model, rest, SHRINKAGE, "").unwrap_err();
    assert!(matches!(refused(&Unlabelled::default()), AdaptError::Nothing { .. }));
    let one = day(&model, &[(0, around(&model, 0, 0.0, 80, 1), None)]);
    assert!(matches!(refused(&one), AdaptError::NothingSure { windows: 80, .. }), "{}", refused(&one));
    let strange =
        day(&model, &[(0, around(&model, 0, 40.0, 80, 1), None), (4, around(&model, 4, 0.0, 10, 1), None)]);
    let error = refused(&strange);
    assert!(
        matches!(error, AdaptError::NothingKnown { windows: 90, strange, lost: 0 } if strange >= 70),
        "{error}"
    );
    // Nobody knows which way was up.
    let mut lost = usual_day(&model);
    lost.recordings[0].vertical = false;
    assert!(matches!(refused(&lost), AdaptError::NothingKnown { windows: 200, strange: 0, lost: 200 }));
    let mut other = usual_day(&model);
    other.recordings[0].embeddings.pop();
    assert!(matches!(refused(&other), AdaptError::OtherModel));
    other.recordings[0].embeddings.push(f32::NAN);
    assert!(matches!(refused(&other), AdaptError::NotFinite));
    assert!(matches!(
        adapt_unlabelled(&model, &usual_day(&model), -1.0, ""),
        Err(AdaptError::Shrinkage { .. })
    ));
}

#[test]
fn strange_windows_are_left_out() {
    let model = model();
    let bouts = |far: f32| {
        let strange = around(&model, 5, far, 40, 7);
        let own = [(0, around(&model, 0, 0.0, 40, 1), None), (3, shifted(&model, 2, 40), None)];
        let more =
            [(4, around(&model, 4, 0.0, 40, 1), None), (0, strange, None), (3, shifted(&model, 3, 40), None)];
        day(&model, &[&own[..], &more[..]].concat())
    };
    let known = adapt_unlabelled(&model, &bouts(0.0), SHRINKAGE, "").unwrap().adaptation.unlabelled.unwrap();
    assert!(known.left_out < 5, "{known:?}");
    let used = adapt_unlabelled(&model, &bouts(40.0), SHRINKAGE, "").unwrap().adaptation.unlabelled.unwrap();
    assert!((35..=45).contains(&used.left_out), "{used:?}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]

    /// Whatever lies in whatever order: refused with a reason, or finite, within its bounds, and the same again.
    #[test]
    fn any_day_gives_a_sound_model_or_a_reason(
        bouts in prop::collection::vec((0usize..6, 1usize..40, -6.0f32..6.0), 1..7), seed in 0u64..99
    ) {
        let model = model();
        let bouts: Vec<_> = bouts
            .into_iter()
            .map(|(class, count, shift)| (class, around(&model, class, shift, count, seed), None))
            .collect();
        let rest = day(&model, &bouts);
        let [first, second] = [0, 1].map(|_| adapt_unlabelled(&model, &rest, SHRINKAGE, ""));
        match (first, second) {
            (Ok(first), Ok(second)) => {
                prop_assert_eq!(first.model.weights(), second.model.weights());
                prop_assert!(first.model.weights().iter().all(|w| w.is_finite()));
                let used = first.adaptation.unlabelled.unwrap();
                prop_assert!(used.used + used.left_out <= used.windows && used.changed <= used.windows);
                prop_assert_eq!(used.windows, rest.len());
                prop_assert_eq!(used.activities.iter().map(|one| one.used).sum::<usize>(), used.used);
                prop_assert_eq!(used.activities.iter().map(|one| one.before).sum::<usize>(), used.windows);
            }
            (Err(AdaptError::NothingKnown { .. } | AdaptError::NothingSure { .. }), Err(_)) => {}
            (first, _) => prop_assert!(false, "{:?}", first.err()),
        }
    }
}
