//! A run on several data sets and a transfer matrix as they might have been, every number of them invented.

use super::sample::{LABELS, records};
use ambulo_record::{
    Breakdown, CoarseMetrics, DepthConfusion, Estimate, LabelRecall, LeftOutLabel, PartMetrics, RunRecords,
    SourceRecord, TRANSFER_FORMAT, TransferBetween, TransferCell, TransferMatrix, TransferScore,
};

fn estimate(mean: f64, half: f64) -> Estimate {
    Estimate { mean, sd: 0.006, ci95: [(mean - half).max(0.0), (mean + 0.8 * half).min(1.0)] }
}

pub(crate) fn sources() -> Vec<SourceRecord> {
    let of = |name: &str, title: &str, people, licence: &str| SourceRecord {
        name: name.into(),
        title: title.into(),
        cohort: name.into(),
        licence: licence.into(),
        citation: format!("The people who recorded {title}, 2000"),
        source: format!("https://example.org/{name}"),
        sha256: "fedcba9876543210".repeat(4),
        people,
    };
    vec![
        of("hip", "An invented set of thirty people", 30, "CC BY 4.0; the readme excludes commercial use"),
        of("watch-and-phone", "Two devices at once, also invented", 23, "CC BY 4.0"),
        of("two-ages", "People young and old, invented as well", 19, ""),
    ]
}

/// Recalls of these classes of [`LABELS`].
fn part(value: Option<&str>, people: u64, macro_f1: f64, classes: &[usize]) -> PartMetrics {
    let recall = |&i: &usize| LabelRecall {
        label: LABELS[i].into(),
        windows: 40 * people + i as u64,
        recall: (macro_f1 + 0.02 * (i as f64 - 2.5)).clamp(0.0, 1.0),
    };
    PartMetrics {
        value: value.map(Into::into),
        people,
        windows: classes.iter().map(|&i| 40 * people + i as u64).sum(),
        accuracy: Some(estimate(macro_f1 + 0.012, 0.3 / people as f64)),
        macro_f1: Some(estimate(macro_f1, 0.4 / people as f64)),
        recalls: classes.iter().map(recall).collect(),
        coarse: Vec::new(),
    }
}

/// Three data sets, one of which has coarse labels, two placements, two groups and a device too many.
pub(crate) fn several_records() -> RunRecords {
    let mut records = records(3);
    let m = &mut records.metrics;
    (m.run, m.dataset) = ("invented-several".into(), "hip+watch-and-phone+two-ages".into());
    m.protocol = "groups10".into();
    m.sources = sources();
    let stairs = CoarseMetrics { label: "stairs".into(), windows: 412, recall: 0.957 };
    m.test.coarse = vec![stairs.clone()];
    let mut ages = part(Some("two-ages"), 19, 0.951, &[0, 3, 4]);
    ages.coarse = vec![stairs.clone()];
    let mut old = part(Some("60 to 75 years"), 7, 0.913, &[0, 3]);
    old.coarse = vec![CoarseMetrics { windows: 120, recall: 0.91, ..stairs.clone() }];
    let only_coarse = PartMetrics {
        accuracy: None,
        macro_f1: None,
        recalls: Vec::new(),
        windows: 0,
        people: 2,
        coarse: vec![CoarseMetrics { windows: 33, recall: 0.88, ..stairs }],
        ..part(Some("A belt of the second series, with a long name"), 2, 0.5, &[])
    };
    let breakdown = |by: &str, parts: Vec<PartMetrics>| Breakdown { by: by.into(), parts };
    m.test.breakdowns = vec![
        breakdown(
            "dataset",
            vec![
                part(Some("hip"), 9, 0.978, &[0, 1, 2, 3, 4, 5]),
                ages,
                part(Some("watch-and-phone"), 23, 0.842, &[0, 3]),
            ],
        ),
        breakdown(
            "placement",
            vec![
                part(Some("trouser pocket"), 23, 0.88, &[0, 3]),
                part(Some("waist"), 28, 0.969, &[0, 1, 2, 3, 4, 5]),
                part(Some("wrist"), 23, 0.797, &[0, 3]),
            ],
        ),
        breakdown(
            "device",
            vec![
                only_coarse,
                part(Some("Samsung Galaxy S II"), 9, 0.978, &[0, 1, 2, 3, 4, 5]),
                part(Some("Ticwatch"), 1, 0.7, &[0, 3]),
            ],
        ),
        breakdown(
            "group",
            vec![
                old,
                part(Some("below 30"), 12, 0.968, &[0, 3, 4]),
                part(None, 32, 0.91, &[0, 1, 2, 3, 4, 5]),
            ],
        ),
    ];
    let depth = |depth, labels: &[&str], confusion: Vec<Vec<u64>>, mean| DepthConfusion {
        depth,
        labels: labels.iter().map(ToString::to_string).collect(),
        windows: confusion.iter().flatten().sum::<u64>() / 3,
        accuracy: estimate(mean, 0.01),
        macro_f1: estimate(mean - 0.004, 0.012),
        confusion,
    };
    m.test.depths = vec![
        depth(1, &["moving", "still"], vec![vec![7_112, 9], vec![4, 7_196]], 0.999),
        depth(
            2,
            &["walking", "stairs", "sitting", "standing", "lying"],
            vec![
                vec![1930, 70, 0, 0, 0],
                vec![60, 4_840, 0, 1, 0],
                vec![0, 0, 1987, 309, 4],
                vec![0, 1, 187, 2_212, 0],
                vec![0, 0, 2, 0, 2498],
            ],
            0.956,
        ),
    ];
    records
}

/// Three data sets tested on by models that learned from one of them, or from all others.
pub(crate) fn transfer() -> TransferMatrix {
    let names = ["hip", "watch-and-phone", "two-ages"];
    let labels: [&[&str]; 3] =
        [&LABELS, &["walking", "sitting"], &["walking", "running", "stairs", "sitting", "standing"]];
    let people = [9, 23, 19];
    let own = [0.981, 0.904, 0.962];
    let across = [[1.0, 0.86, 0.91], [0.71, 1.0, 0.64], [0.93, 0.83, 1.0], [0.955, 0.88, 0.94]];
    let rows = ["hip", "watch-and-phone", "two-ages", "all others"];
    let score = |mean: f64, column: usize| TransferScore {
        people: people[column],
        windows: 61 * people[column],
        accuracy: estimate(mean + 0.01, 0.3 / people[column] as f64),
        macro_f1: estimate(mean, 0.4 / people[column] as f64),
    };
    let mut cells = Vec::new();
    for (r, row) in rows.into_iter().enumerate() {
        for (c, column) in names.into_iter().enumerate() {
            let in_set = r == c;
            let compared: Vec<String> = labels[c]
                .iter()
                .filter(|label| in_set || **label != "running" || r > 1)
                .map(ToString::to_string)
                .collect();
            let mean = own[c] * across[r][c];
            let n = compared.len();
            let right = |i: usize| (600.0 * (mean + 0.01 * (i as f64 - 1.0)).min(1.0)) as u64;
            let confusion: Vec<Vec<u64>> = (0..n)
                .map(|i| {
                    let mut counts = vec![0; n + 1];
                    counts[(i + 1) % n] = (600 - right(i)) / 2;
                    counts[n] = if in_set { 0 } else { 600 - right(i) - (600 - right(i)) / 2 };
                    counts[i] = right(i);
                    counts
                })
                .collect();
            let datasets: Vec<String> = if r == 3 {
                names.iter().filter(|name| **name != column).map(ToString::to_string).collect()
            } else {
                vec![row.into()]
            };
            cells.push(TransferCell {
                trained_on: row.into(),
                tested_on: column.into(),
                datasets,
                seeds: vec![1, 2, 3],
                score: Some(score(mean, c)),
                recalls: (0..n).map(|i| right(i) as f64 / 600.0).collect(),
                confusion,
                left_out: if n < labels[c].len() {
                    vec![LeftOutLabel { label: "running".into(), windows: 391 }]
                } else {
                    Vec::new()
                },
                in_set: (!in_set).then(|| score(own[c], c)),
                labels: compared,
            });
        }
    }
    // Nothing in common, and a cell that was never filled.
    cells[3] = TransferCell {
        score: None,
        in_set: None,
        labels: Vec::new(),
        recalls: Vec::new(),
        confusion: Vec::new(),
        left_out: vec![LeftOutLabel { label: "lying".into(), windows: 545 }],
        ..cells[3].clone()
    };
    cells.remove(5);
    TransferMatrix {
        format: TRANSFER_FORMAT,
        ambulo_version: "0.1.0".into(),
        finished: "2000-01-01T00:00:00Z".into(),
        between: TransferBetween::DataSets,
        from: None,
        protocol: "leave-one-dataset-out".into(),
        model: "lstm".into(),
        architecture: "LSTM 2 x 64, mean over time".into(),
        trained_on: rows.map(String::from).to_vec(),
        tested_on: names.map(String::from).to_vec(),
        cells,
        sources: sources(),
        command: "ambulo train --protocol leave-one-dataset-out --seeds 3".into(),
    }
}
