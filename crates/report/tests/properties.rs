//! Records of any content: a page and a card, no panic, nothing but finite numbers in the pictures.

#![allow(clippy::unwrap_used, reason = "a helper of a test fails as the test does")]

mod support;

use ambulo_record::RunRecords;
use ambulo_record::{
    ClassMetrics, EpochRecord, Estimate, FoldMetrics, Mistake, PersonId, ReliabilityBin, SeedMetrics, Spread,
    Stage, SubjectLists, SubjectMetrics, WearingMetrics, WindowCounts,
};
use ambulo_report::{html, model_card};
use proptest::prelude::*;
use support::sample::records;
use support::wellformed::{check_picture, elements, pictures};

/// Mostly shares, sometimes what no share should be.
fn number() -> impl Strategy<Value = f64> {
    prop_oneof![6 => 0.0..=1.0, 2 => any::<f64>(), 1 => Just(f64::NAN), 1 => Just(0.0)]
}

fn text() -> impl Strategy<Value = String> {
    prop_oneof![Just("walking".to_owned()), "[A-Z_]{0,30}", any::<String>()]
}

fn estimate() -> impl Strategy<Value = Estimate> {
    (number(), number(), number(), number()).prop_map(|(mean, sd, a, b)| Estimate { mean, sd, ci95: [a, b] })
}

fn seed() -> impl Strategy<Value = SeedMetrics> {
    (0..4u64, prop_oneof![0..30usize, any::<usize>()], [number(), number(), number()], any::<bool>())
        .prop_map(|(seed, best_epoch, [a, b, c], refit)| SeedMetrics {
            seed,
            best_epoch: Some(best_epoch),
            validation_macro_f1: Some(a),
            refit: Some(refit),
            accuracy: b,
            balanced_accuracy: c,
            macro_f1: a,
            ece: Some(b),
            nll: Some(c),
            temperature: Some(a),
            ece_uncalibrated: Some(c),
        })
}

fn epoch() -> impl Strategy<Value = EpochRecord> {
    let watched = || proptest::option::of(number());
    (
        0..4u64,
        any::<bool>(),
        prop_oneof![9 => 0..30usize, 1 => any::<usize>()],
        number(),
        watched(),
        watched(),
    )
        .prop_map(|(seed, refit, epoch, loss, accuracy, score)| EpochRecord {
            seed,
            stage: if refit { Stage::Refit } else { Stage::Select },
            epoch,
            step: 1,
            learning_rate: loss,
            train_loss: loss,
            train_accuracy: loss,
            validation_loss: accuracy,
            validation_accuracy: accuracy,
            validation_macro_f1: score,
            seconds: loss,
        })
}

fn mistake() -> impl Strategy<Value = Mistake> {
    let channel = || proptest::collection::vec(any::<f32>(), 0..6);
    let channels = move || [channel(), channel(), channel()];
    (
        text(),
        text(),
        [number(), number(), number()],
        any::<u64>(),
        channels(),
        proptest::option::of(channels()),
        proptest::option::of(channel()),
    )
        .prop_map(
            |(truth, predicted, [a, b, rate_hz], start, acceleration, angular_velocity, attention)| Mistake {
                subject: PersonId::from(1),
                recording: "2".into(),
                start,
                rate_hz,
                truth,
                predicted,
                confidence: a,
                truth_probability: b,
                acceleration,
                angular_velocity,
                attention,
            },
        )
}

/// Mostly numbers, as people are named most often.
fn person() -> impl Strategy<Value = PersonId> {
    let name = any::<String>().prop_filter_map("a name", |name| PersonId::new(name).ok());
    prop_oneof![4 => any::<u16>().prop_map(PersonId::from), 1 => name]
}

fn bin() -> impl Strategy<Value = ReliabilityBin> {
    ([number(), number(), number(), number()], prop_oneof![0..50u64, any::<u64>()]).prop_map(
        |([a, b, c, d], count)| ReliabilityBin { lower: a, upper: b, confidence: c, accuracy: d, count },
    )
}

fn wearing() -> impl Strategy<Value = WearingMetrics> {
    const KNOWN: [&str; 5] = ["turned", "facing-45", "facing-99999999", "tilted-15", "upside-down"];
    let name = prop_oneof![proptest::sample::select(&KNOWN[..]).prop_map(String::from), text()];
    (name, estimate(), estimate()).prop_map(|(wearing, accuracy, macro_f1)| WearingMetrics {
        wearing,
        accuracy,
        macro_f1,
    })
}

fn fold() -> impl Strategy<Value = FoldMetrics> {
    let list = || proptest::collection::vec(person(), 0..4);
    (any::<usize>(), [list(), list(), list()], [number(), number(), number()]).prop_map(
        |(fold, [train, validation, test], [accuracy, macro_f1, train_seconds])| FoldMetrics {
            fold,
            subjects: SubjectLists { train, validation, test },
            windows: WindowCounts { train: fold, validation: 0, test: fold },
            accuracy,
            macro_f1,
            train_seconds,
        },
    )
}

prop_compose! {
    fn any_records()(
        texts in proptest::collection::vec(text(), 10),
        labels in proptest::collection::vec(text(), 0..14),
        matrix in proptest::collection::vec(proptest::collection::vec(prop_oneof![0..9u64, any::<u64>()], 0..14), 0..14),
        classes in proptest::collection::vec((text(), [number(), number(), number()], any::<u64>()), 0..14),
        people in proptest::collection::btree_map(person(), (number(), number()), 0..31),
        per_seed in proptest::collection::vec(seed(), 0..4),
        bins in proptest::collection::vec(bin(), 0..16),
        new in (
            proptest::collection::vec(bin(), 0..16),
            proptest::collection::vec(wearing(), 0..13),
            proptest::collection::vec(fold(), 0..15),
            [number(), number(), number(), number(), number()],
            prop_oneof![Just("any-facing".to_owned()), Just("levelled".to_owned()), Just("fixed".to_owned()), any::<String>()],
        ),
        estimates in [estimate(), estimate(), estimate()],
        epochs in proptest::collection::vec(epoch(), 0..40),
        mistakes in proptest::option::of(proptest::collection::vec(mistake(), 0..3)),
        seconds in number(),
        lists in [
            proptest::collection::vec(person(), 0..5),
            proptest::collection::vec(person(), 0..5),
            proptest::collection::vec(person(), 0..5),
        ],
    ) -> RunRecords {
        let mut records = records(1);
        let m = &mut records.metrics;
        let fields = [
            &mut m.run, &mut m.finished, &mut m.dataset, &mut m.protocol, &mut m.model, &mut m.architecture,
            &mut m.command, m.instruction_set.as_mut().unwrap(), &mut m.ambulo_version, &mut records.config,
        ];
        for (field, text) in fields.into_iter().zip(texts) {
            *field = text;
        }
        m.labels = labels;
        m.seeds = per_seed.iter().map(|s| s.seed).collect();
        m.train_seconds = seconds;
        [m.subjects.train, m.subjects.validation, m.subjects.test] = lists;
        [m.test.accuracy, m.test.balanced_accuracy, m.test.macro_f1] = estimates;
        m.test.confusion = matrix;
        m.test.per_class = classes
            .into_iter()
            .map(|(label, [precision, recall, f1], support)| ClassMetrics { label, precision, recall, f1, support })
            .collect();
        m.test.per_subject = people
            .into_iter()
            .map(|(n, (accuracy, macro_f1))| (n, SubjectMetrics { windows: 7, accuracy, macro_f1 }))
            .collect();
        m.test.per_seed = per_seed;
        m.test.reliability = bins;
        let [min, q1, median, q3, max] = new.3;
        m.test.subject_accuracy = Spread { min, q1, median, q3, max };
        (m.test.reliability_uncalibrated, m.test.wearings, m.folds, m.orientation) = (new.0, new.1, new.2, new.4);
        RunRecords { epochs, mistakes, ..records }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn any_records_give_a_well_formed_page_and_a_card(records in any_records()) {
        let page = html(&records);
        let (before, after) = page.split_once("<style>").unwrap();
        let (_, after) = after.split_once("</style>").unwrap();
        prop_assert!(elements(&format!("{before}{after}")).is_ok(), "{:?}", elements(&format!("{before}{after}")));
        for picture in pictures(&page) {
            if let Err(e) = check_picture(picture) {
                return Err(TestCaseError::fail(format!("{e}\n{picture}")));
            }
        }
        prop_assert!(model_card(&records).starts_with("---\n"));
    }
}
