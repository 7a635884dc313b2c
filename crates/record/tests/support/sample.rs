//! A run as it might have been, every number of it invented.

use ambulo_record::RunRecords;
use ambulo_record::{
    ClassMetrics, EpochRecord, Estimate, Keep, METRICS_FORMAT, Metrics, Mistake, PersonId, ReliabilityBin,
    SeedMetrics, Spread, Stage, SubjectLists, SubjectMetrics, TestMetrics, WearingMetrics, WindowCounts,
};
use std::f64::consts::TAU;

pub(crate) const LABELS: [&str; 6] =
    ["walking", "walking_upstairs", "walking_downstairs", "sitting", "standing", "lying"];

pub(crate) const EPOCHS: usize = 25;

/// Rows are truth; all seeds together.
const CONFUSION: [[u64; 6]; 6] = [
    [1930, 41, 29, 0, 0, 0],
    [52, 1811, 37, 0, 0, 0],
    [8, 63, 1629, 0, 0, 0],
    [0, 0, 0, 1987, 309, 4],
    [0, 0, 0, 187, 2213, 0],
    [0, 0, 0, 2, 0, 2498],
];

/// Numbers between -1 and 1 that are the same on every machine.
struct Noise(u64);

impl Noise {
    fn next(&mut self) -> f64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as f64 / (1u64 << 30) as f64 - 1.0
    }
}

/// A run with `seeds` seeds, six classes, nine test subjects and twelve mistakes.
pub(crate) fn records(seeds: u64) -> RunRecords {
    let per_seed: Vec<SeedMetrics> = (1..=seeds).map(seed).collect();
    let mean =
        |value: fn(&SeedMetrics) -> f64| per_seed.iter().map(value).sum::<f64>() / per_seed.len() as f64;
    let estimate = |value: fn(&SeedMetrics) -> f64| Estimate {
        mean: mean(value),
        sd: if seeds > 1 { 0.0061 } else { 0.0 },
        ci95: [mean(value) - 0.0223, mean(value) + 0.0191],
    };
    let test = TestMetrics {
        accuracy: estimate(|s| s.accuracy),
        balanced_accuracy: estimate(|s| s.balanced_accuracy),
        macro_f1: estimate(|s| s.macro_f1),
        per_class: (0..6).map(class).collect(),
        per_subject: TESTED.into_iter().enumerate().map(subject).collect(),
        confusion: CONFUSION.map(Vec::from).to_vec(),
        reliability: (0..15).map(bin).collect(),
        ece: Some(0.0234),
        nll: Some(0.1876),
        reliability_uncalibrated: (0..15).map(unsure).collect(),
        ece_uncalibrated: Some(0.0431),
        // Of the nine below; quartiles of nine are people.
        subject_accuracy: Spread { min: 0.874, q1: 0.913, median: 0.944, q3: 0.9588, max: 0.982 },
        coarse: Vec::new(),
        breakdowns: Vec::new(),
        depths: Vec::new(),
        wearings: wearings(mean(|s| s.accuracy), true),
        per_seed,
    };
    let metrics = Metrics {
        format: METRICS_FORMAT,
        ambulo_version: "0.1.0".into(),
        run: "invented-example".into(),
        finished: "2000-01-01T00:00:00Z".into(),
        dataset: "hapt".into(),
        dataset_sha256: "0123456789abcdef".repeat(4),
        sources: Vec::new(),
        protocol: "official".into(),
        model: "lstm".into(),
        orientation: "fixed".into(),
        sensors: vec!["accelerometer".into(), "gyroscope".into()],
        architecture: "LSTM 2 x 64, last step, linear 6".into(),
        parameters: Some(52_870),
        labels: LABELS.map(String::from).to_vec(),
        seeds: (1..=seeds).collect(),
        keep: Some(Keep::Best),
        train_seconds: 123.456 * seeds as f64,
        threads: 2,
        instruction_set: Some("avx2+fma".into()),
        windows: WindowCounts { train: 6000, validation: 1234, test: 2560 },
        subjects: SubjectLists {
            train: people(&[1, 3, 5, 6, 7, 8, 11, 14, 16, 17, 19, 21, 22, 23, 26, 27, 29]),
            validation: people(&[15, 25, 28, 30]),
            test: people(&TESTED),
        },
        folds: Vec::new(),
        from: None,
        command: format!(
            "ambulo train --protocol official --model lstm --hidden 64 --layers 2 --seeds {seeds}"
        ),
        test,
    };
    let mut noise = Noise(7);
    let mut epochs: Vec<EpochRecord> = Vec::new();
    for (i, s) in metrics.test.per_seed.iter().enumerate() {
        let last = if i == 1 { EPOCHS - 4 } else { EPOCHS };
        epochs.extend((1..=last).map(|e| epoch(s, Stage::Select, e, &mut noise)));
        epochs.extend((1..=s.best_epoch.unwrap_or(0)).map(|e| epoch(s, Stage::Refit, e, &mut noise)));
    }
    let config =
        "# An invented configuration.\nprotocol = \"official\"\nrefit = true\n\n[model]\nkind = \"lstm\"\n\
                  hidden = 64\nlayers = 2\n\n[training]\nepochs = 25\nbatch = 64\nlearning_rate = 0.003\n"
            .into();
    RunRecords { metrics, epochs, mistakes: Some((0..12).map(|i| mistake(i, &mut noise)).collect()), config }
}

/// The same test worn other ways, as a model that knows one facing would do, or as one for any facing.
pub(crate) fn wearings(recorded: f64, fixed: bool) -> Vec<WearingMetrics> {
    let names = ["turned", "facing-45", "facing-90", "facing-135", "facing-180", "facing-225", "facing-270"];
    let names = names.into_iter().chain(["facing-315", "tilted-15", "tilted-30", "upside-down"]);
    let lost = if fixed {
        [0.31, 0.12, 0.36, 0.42, 0.38, 0.40, 0.35, 0.10, 0.04, 0.15, 0.55]
    } else {
        [0.002, 0.001, 0.0, 0.004, 0.003, -0.001, 0.002, 0.0, 0.03, 0.11, 0.49]
    };
    let estimate = |mean: f64| Estimate { mean, sd: 0.01, ci95: [mean - 0.031, mean + 0.027] };
    let one = |(name, lost): (&str, f64)| WearingMetrics {
        wearing: name.into(),
        accuracy: estimate(recorded - lost),
        macro_f1: estimate(recorded - lost - 0.012),
    };
    names.zip(lost).map(one).collect()
}

fn seed(number: u64) -> SeedMetrics {
    let shift = [0.0, 0.0085, -0.0062, 0.0031, -0.0101][number as usize % 5];
    SeedMetrics {
        seed: number,
        best_epoch: Some([17, 21, 14, 19, 23][number as usize % 5]),
        validation_macro_f1: Some(0.9512 + 0.5 * shift),
        refit: Some(true),
        accuracy: 0.9345 + shift,
        balanced_accuracy: 0.9301 + shift,
        macro_f1: 0.9312 + shift,
        ece: Some(0.0234 - 0.3 * shift),
        nll: Some(0.1876 - 2.0 * shift),
        temperature: Some(0.71 + shift),
        ece_uncalibrated: Some(0.0431 - shift),
    }
}

fn class(index: usize) -> ClassMetrics {
    let row: u64 = CONFUSION[index].iter().sum();
    let column: u64 = CONFUSION.iter().map(|r| r[index]).sum();
    let hit = CONFUSION[index][index] as f64;
    ClassMetrics {
        label: LABELS[index].into(),
        precision: hit / column as f64,
        recall: hit / row as f64,
        f1: 2.0 * hit / (row + column) as f64,
        support: row / 5,
    }
}

/// People by their numbers.
pub(crate) fn people(numbers: &[u16]) -> Vec<PersonId> {
    numbers.iter().map(|&number| PersonId::from(number)).collect()
}

const TESTED: [u16; 9] = [2, 4, 9, 10, 12, 13, 18, 20, 24];

fn subject((index, number): (usize, u16)) -> (PersonId, SubjectMetrics) {
    let accuracy = [0.982, 0.951, 0.874, 0.913, 0.967, 0.938, 0.944, 0.901, 0.9588][index];
    (
        PersonId::from(number),
        SubjectMetrics {
            windows: 270 + 7 * index as u64,
            accuracy,
            macro_f1: accuracy - 0.004 * index as f64,
        },
    )
}

fn bin(index: u32) -> ReliabilityBin {
    let (lower, upper) = (f64::from(index) / 15.0, f64::from(index + 1) / 15.0);
    let count = [0, 0, 0, 3, 11, 38, 61, 149, 172, 155, 201, 260, 389, 921, 10_440][index as usize];
    let confidence = 0.5 * (lower + upper) + if index == 14 { 0.029 } else { 0.002 };
    let accuracy = confidence
        - [0.0, 0.0, 0.0, 0.05, -0.06, 0.03, 0.07, 0.04, 0.06, 0.09, 0.05, 0.07, 0.04, 0.03, 0.011]
            [index as usize];
    if count == 0 {
        return ReliabilityBin { lower, upper, confidence: 0.0, accuracy: 0.0, count };
    }
    ReliabilityBin { lower, upper, confidence, accuracy, count }
}

/// The same bin before the temperature: the model is right more often than it says.
fn unsure(index: u32) -> ReliabilityBin {
    let b = bin(index);
    let spare = if index < 5 { 0.0 } else { 0.16 };
    ReliabilityBin { accuracy: (b.accuracy + spare).min(0.985 + 0.001 * f64::from(index)), ..b }
}

fn epoch(seed: &SeedMetrics, stage: Stage, epoch: usize, noise: &mut Noise) -> EpochRecord {
    let t = epoch as f64;
    let loss = 1.25 * (-t / 3.2).exp() + 0.19 + 0.02 * noise.next();
    let best = seed.best_epoch.unwrap_or(0);
    let away = (epoch as f64 - best as f64).abs();
    let dip = if epoch == best { 0.0 } else { 0.004 + 0.001 * away + 0.008 * noise.next().abs() };
    let score = seed.validation_macro_f1.unwrap_or(0.0) - 0.55 * (-t / 2.6).exp() - dip;
    let watched = |v: f64| (stage == Stage::Select).then_some(v);
    EpochRecord {
        seed: seed.seed,
        stage,
        epoch,
        step: 94 * epoch as u64,
        learning_rate: 0.003 * (1.0 - t / 30.0),
        train_loss: loss,
        train_accuracy: 1.0 - 0.4 * loss,
        validation_loss: watched(loss * 0.9),
        validation_accuracy: watched(score + 0.002),
        validation_macro_f1: watched(score),
        seconds: 2.5 * t,
    }
}

fn mistake(index: usize, noise: &mut Noise) -> Mistake {
    let walking = index % 3 == 1;
    let (truth, predicted) = match (walking, index % 2) {
        (true, 0) => ("walking_upstairs", "walking_downstairs"),
        (true, _) => ("walking", "walking_upstairs"),
        (false, 0) => ("sitting", "standing"),
        (false, _) => ("standing", "sitting"),
    };
    let confidence = 0.9996 - 0.0007 * index as f64;
    let size = if walking { 1.0 } else { 0.03 };
    let mut channel = |level: f64, size: f64, phase: f64| -> Vec<f32> {
        (0..128)
            .map(|i| {
                let angle = TAU * (1.9 * f64::from(i) / 50.0 + phase);
                let step = angle.sin() + 0.45 * (2.0 * angle + 1.0).sin() + 0.2 * (5.0 * angle).cos();
                (level + size * (0.55 * step + 0.3 * noise.next())) as f32
            })
            .collect()
    };
    let phase = index as f64 * 0.13;
    Mistake {
        subject: PersonId::from(TESTED[index % 9]),
        recording: (20 + index).to_string(),
        start: 640 + 1728 * index as u64,
        rate_hz: 50.0,
        truth: truth.into(),
        predicted: predicted.into(),
        confidence,
        truth_probability: 1.0 - confidence - 0.0002,
        acceleration: [
            channel(0.97, 0.4 * size, phase),
            channel(-0.16, 0.25 * size, phase + 0.2),
            channel(0.11 + 0.02 * index as f64, 0.2 * size, phase + 0.45),
        ],
        angular_velocity: Some([
            channel(0.0, 0.9 * size, phase + 0.1),
            channel(0.02, 0.5 * size, phase + 0.6),
            channel(-0.01, 0.4 * size, phase + 0.8),
        ]),
        attention: index.is_multiple_of(2).then(|| {
            let weight = |i: usize| (0.1 + (i as f32 * 0.4 + index as f32).sin().powi(2)) / 20.0;
            (0..32).map(weight).collect()
        }),
    }
}
