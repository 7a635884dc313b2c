//! Sets that are refused: their folders are written as published, and the reason is said.

use super::body::{Does, Folder, cells, ms2, rows, upright};
use super::check::{Expected, check_dataset, manifest, read};
use std::fmt::Write as _;

#[test]
fn ku_har_has_no_gravity() {
    let folder = Folder::new();
    for (name, does) in [("1.Sit/1052_A_1", Does::Rests), ("11.Walk/1101_L_2", Does::Moves)] {
        let mut text = String::new();
        for row in rows(does, 5.0, 100.0, 0) {
            let without = [0, 1, 2].map(|i| row.acc[i] - upright(0)[i]);
            let all = [&[row.t][..], &ms2(without), &[row.t + 0.002], &row.gyro].concat();
            writeln!(text, "{}", cells(&all, ",")).unwrap();
        }
        folder.write(&format!("1.Raw_time_domian_data/{name}.csv"), text);
    }
    let said = read("ku-har", folder.path()).unwrap_err().to_string();
    assert!(said.contains("ku-har") && said.contains("without gravity"), "{said}");
    // Nor is it read by whoever takes the reason away.
    let mut manifest = manifest("ku-har");
    manifest.refused = None;
    let said = manifest.read_dataset(folder.path(), &mut |_| {}).unwrap_err().to_string();
    assert!(said.contains("gravity") && said.contains("1052_A_1"), "{said}");
}

#[test]
fn wear_does_not_say_who_is_who() {
    let folder = Folder::new();
    let header = "sbj_id,right_arm_acc_x,right_arm_acc_y,right_arm_acc_z,right_leg_acc_x,right_leg_acc_y,right_leg_acc_z,\
                  left_leg_acc_x,left_leg_acc_y,left_leg_acc_z,left_arm_acc_x,left_arm_acc_y,left_arm_acc_z,label\n";
    for person in [0, 23] {
        let mut text = header.to_owned();
        for label in [
            "",
            "jogging",
            "jogging (butt-kicks)",
            "stretching (lumbar rotation)",
            "null",
            "push-ups (complex)",
        ] {
            // In the order of the columns: right wrist, right ankle, left ankle, left wrist.
            let places = [0, 2, 3, 1].map(|place| rows(Does::Moves, 5.0, 50.0, place));
            for i in 0..250 {
                let lost = label == "jogging" && i < 60;
                let values: Vec<String> = (0..4)
                    .map(|p| {
                        if lost && p == 3 { "NaN,NaN,NaN".to_owned() } else { cells(&places[p][i].acc, ",") }
                    })
                    .collect();
                writeln!(text, "{person},{},{label}", values.join(",")).unwrap();
            }
        }
        folder.write(&format!("raw/inertial/50hz/sbj_{person}.csv"), text);
        folder.write(&format!("raw/inertial/10hz/sbj_{person}.csv"), header);
    }
    let said = read("wear", folder.path()).unwrap_err().to_string();
    assert!(said.contains("wear") && said.contains("22 people"), "{said}");
    // Whoever knows what is open reads it with the reason taken away.
    let mut manifest = manifest("wear");
    manifest.refused = None;
    let dataset = manifest.read_dataset(folder.path(), &mut |_| {}).unwrap_or_else(|error| panic!("{error}"));
    let expected = Expected {
        people: &["0", "23"],
        placements: &["right_wrist", "left_wrist", "right_ankle", "left_ankle"],
        labels: &["calisthenics", "jogging_butt_kicks", "running", "stretching"],
        recordings: 8,
        rate_hz: 50.0,
        gyroscope: false,
    };
    check_dataset("wear", &dataset, expected);
}

#[test]
fn unimib_shar_has_cells_in_structures() {
    let said = read("unimib-shar", Folder::new().path()).unwrap_err().to_string();
    assert!(said.contains("cells within structures"), "{said}");
}
