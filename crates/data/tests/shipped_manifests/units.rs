//! Sets of units worn on the body: PAMAP2, mHealth, DSADS, USC-HAD.

use super::body::{Does, Folder, cells, ms2, rows};
use super::check::{Expected, check, counts, recordings, with_labels};
use super::mat;
use ambulo_signal::Sensor;
use std::fmt::Write as _;

/// Numbers of PAMAP2 and who does what.
fn pamap2_file(activities: &[(u8, Does)]) -> String {
    let mut text = String::new();
    let mut start = 8.38;
    for &(activity, does) in activities {
        let places: Vec<_> = (0..3).map(|place| rows(does, 12.0, 100.0, place)).collect();
        for (i, first) in places[0].iter().enumerate() {
            let heart = if i % 11 == 0 { "104" } else { "NaN" };
            write!(text, "{:.2} {activity} {heart}", start + first.t).unwrap();
            for (place, of_place) in places.iter().enumerate() {
                let lost = place == 0 && (300..380).contains(&i) || place == 2 && i == 20;
                let row = of_place[i];
                // Temperature, ±16 g, ±6 g (which is not to be used), gyroscope, magnetometer, four values that are void.
                let seventeen = if lost {
                    ["NaN"; 17].join(" ")
                } else {
                    let six = row.acc.map(|v| -0.5 * v);
                    let block = [
                        &[30.375][..],
                        &ms2(row.acc),
                        &six,
                        &row.gyro,
                        &[14.6, -69.2, -5.5],
                        &[1.0, 0.0, 0.0, 0.0],
                    ]
                    .concat();
                    cells(&block, " ")
                };
                write!(text, " {seventeen}").unwrap();
            }
            text.push('\n');
        }
        start += 12.0;
    }
    text
}

#[test]
fn pamap2() {
    let folder = Folder::new();
    let at = |name: &str| format!("PAMAP2_Dataset/PAMAP2_Dataset/{name}");
    let protocol = [
        (0, Does::Moves),
        (1, Does::Lies),
        (0, Does::Moves),
        (3, Does::Rests),
        (4, Does::Moves),
        (24, Does::Moves),
    ];
    folder.write(&at("Protocol/subject101.dat"), pamap2_file(&protocol));
    folder.write(&at("Protocol/subject102.dat"), pamap2_file(&protocol));
    folder.write(&at("Optional/subject101.dat"), pamap2_file(&[(0, Does::Moves), (18, Does::Moves)]));
    folder.write(&at("Protocol/._subject101.dat"), b"\0\x05\x16\x07 Mac OS X");
    folder.write(&at("readme.pdf"), b"%PDF-1.4");
    let expected = Expected {
        people: &["101", "102"],
        placements: &["wrist", "chest", "ankle"],
        labels: &["household", "lying", "rope_jumping", "standing", "walking"],
        recordings: 9,
        rate_hz: 100.0,
        gyroscope: true,
    };
    let dataset = check("pamap2", folder.path(), expected);
    // What one unit lost is missing there alone.
    let of = |placement: &str| -> usize {
        let all = recordings(&dataset).iter().filter(|r| r.facts.placement.as_deref() == Some(placement));
        all.map(|r| with_labels(r, Sensor::Accelerometer, &["walking"]).len()).sum()
    };
    assert_eq!((of("wrist"), of("chest"), of("ankle")), (2 * 1120, 2 * 1200, 2 * 1199));
}

#[test]
fn mhealth() {
    let folder = Folder::new();
    let activities = [
        (0, Does::Moves),
        (1, Does::Rests),
        (0, Does::Moves),
        (3, Does::Lies),
        (5, Does::Moves),
        (11, Does::Moves),
    ];
    for person in [1, 10] {
        let mut text = String::new();
        for (activity, does) in activities {
            let places: Vec<_> = (0..3).map(|place| rows(does, 10.0, 50.0, place)).collect();
            for i in 0..places[0].len() {
                // Chest without a gyroscope, two leads of an electrocardiogram, ankle, wrist; gyroscopes in a unit that nobody knows.
                let [chest, ankle, wrist] = [0, 1, 2].map(|place| places[place][i]);
                let row = [
                    &ms2(chest.acc)[..],
                    &[0.0042, 0.0041],
                    &ms2(ankle.acc),
                    &ankle.gyro.map(|v| v * 0.3),
                    &[0.1, 0.2, 0.3],
                    &ms2(wrist.acc),
                    &wrist.gyro.map(|v| v * 0.3),
                    &[0.1, 0.2, 0.3],
                ]
                .concat();
                writeln!(text, "{}\t{activity}", cells(&row, "\t")).unwrap();
            }
        }
        folder.write(&format!("MHEALTHDATASET/mHealth_subject{person}.log"), text);
    }
    folder.write("MHEALTHDATASET/README.txt", "The MHEALTH dataset 1 2 3");
    let expected = Expected {
        people: &["1", "10"],
        placements: &["chest", "ankle", "wrist"],
        labels: &["lying", "running", "stairs", "standing"],
        recordings: 6,
        rate_hz: 50.0,
        gyroscope: false,
    };
    let dataset = check("mhealth", folder.path(), expected);
    let counts = counts(recordings(&dataset));
    assert_eq!((counts["running"], counts["-"]), (6 * 500, 6 * 1000));
}

#[test]
fn dsads() {
    let folder = Folder::new();
    let activities = [
        (1, Does::Rests),
        (2, Does::Rests),
        (3, Does::Lies),
        (5, Does::Moves),
        (8, Does::Moves),
        (9, Does::Moves),
    ];
    for (activity, does) in activities {
        for (person, segment) in [(1, 1), (1, 2), (8, 1), (8, 60)] {
            let places: Vec<_> = (0..5).map(|place| rows(does, 5.0, 25.0, place)).collect();
            let mut text = String::new();
            for i in 0..125 {
                let row: Vec<f64> = places
                    .iter()
                    .flat_map(|rows| [ms2(rows[i].acc), rows[i].gyro, [-0.7, 0.1, 0.6]].concat())
                    .collect();
                assert_eq!(row.len(), 45);
                writeln!(text, "{}", cells(&row, ",")).unwrap();
            }
            folder.write(&format!("data/a{activity:02}/p{person}/s{segment:02}.txt"), text);
        }
    }
    let expected = Expected {
        people: &["1", "8"],
        placements: &["chest", "right_wrist", "left_wrist", "right_knee", "left_knee"],
        labels: &["lying", "sitting", "standing", "walking", "walking_upstairs"],
        // Moving about in a lift is left out.
        recordings: 5 * 4 * 5,
        rate_hz: 25.0,
        gyroscope: true,
    };
    let dataset = check("dsads", folder.path(), expected);
    assert_eq!(counts(recordings(&dataset))["walking"], 5 * 4 * 125);
}

#[test]
fn usc_had() {
    let folder = Folder::new();
    for (activity, does) in
        [(1, Does::Moves), (2, Does::Moves), (6, Does::Moves), (8, Does::Rests), (10, Does::Lies)]
    {
        for (person, trial) in [(1, 1), (1, 5), (13, 1)] {
            let rows = rows(does, 6.0, 100.0, 0);
            let table: Vec<[f64; 6]> = rows
                .iter()
                .map(|row| {
                    let gyro = row.gyro.map(f64::to_degrees);
                    [row.acc[0], row.acc[1], row.acc[2], gyro[0], gyro[1], gyro[2]]
                })
                .collect();
            // Some files have the misspelt field.
            let number = if person == 13 { "activity_numbr" } else { "activity_number" };
            let file = mat::file(&[
                mat::text("title", "USC Human Motion Database"),
                mat::text("version", "1.1"),
                mat::text("subject", "1"),
                mat::text("activity", "walking-forward"),
                mat::text(number, "1"),
                mat::matrix("sensor_readings", &table),
            ]);
            folder.write(&format!("USC-HAD/Subject{person}/a{activity}t{trial}.mat"), file);
        }
    }
    folder.write("USC-HAD/Readme.txt", "USC-HAD");
    let expected = Expected {
        people: &["1", "13"],
        placements: &["hip"],
        labels: &["lying", "running", "sitting", "walking"],
        recordings: 15,
        rate_hz: 100.0,
        gyroscope: true,
    };
    check("usc-had", folder.path(), expected);
}
