//! Sets of phones and watches: WISDM, `MotionSense`, HHAR, `RealWorld`.

use super::body::{Does, Folder, cells, ms2, rows, upright};
use super::check::{Expected, check, counts, recordings, samples};
use ambulo_signal::Sensor;
use std::fmt::Write as _;

const SIX: [(&str, Does); 6] = [
    ("Walking", Does::Moves),
    ("Jogging", Does::Moves),
    ("Upstairs", Does::Moves),
    ("Downstairs", Does::Moves),
    ("Sitting", Does::Rests),
    ("Standing", Does::Rests),
];

#[test]
fn wisdm_2011() {
    let folder = Folder::new();
    let mut text = String::new();
    let mut time = 49_105_962_326_000u64;
    for (activity, does) in SIX {
        for person in [33, 7] {
            for (i, row) in rows(does, 10.0, 20.0, 0).into_iter().enumerate() {
                // Zero, repeated and backward times.
                time = if i == 50 { time - 9_000_000_000 } else { time + u64::from(i % 7 != 3) * 50_000_000 };
                let shown = if i == 20 { 0 } else { time };
                write!(text, "{person},{activity},{shown},{}", cells(&ms2(row.acc), ",")).unwrap();
                text.push_str(match i % 40 {
                    // The next record on the same line.
                    10 => ";",
                    // A further, empty field.
                    11 if person == 7 => ",;\n",
                    12 => ";\n\n",
                    _ => ";\n",
                });
            }
        }
    }
    // Without z, and another person's.
    text.push_str("11,Walking,1867172313000,4.4,4.4,\n");
    folder.write("WISDM_ar_v1.1/WISDM_ar_v1.1_raw.txt", text);
    folder.write("WISDM_ar_v1.1/WISDM_ar_v1.1_transformed.arff", "@relation x\n1,2,3\n");
    folder.write("WISDM_ar_v1.1/readme.txt", "1, 2, 3");
    let expected = Expected {
        people: &["7", "33"],
        placements: &["pocket"],
        labels: &["running", "sitting", "standing", "walking", "walking_downstairs", "walking_upstairs"],
        recordings: 2,
        rate_hz: 20.0,
        gyroscope: false,
    };
    let dataset = check("wisdm-2011", folder.path(), expected);
    for (label, count) in counts(recordings(&dataset)) {
        assert_eq!(count, 2 * 200, "{label}");
    }
}

#[test]
fn wisdm_2019_phone_and_watch() {
    let folder = Folder::new();
    for (place, device) in ["phone", "watch"].into_iter().enumerate() {
        for (person, start) in [(1600, 252_207_666_810_782_u64), (1650, 90_000_000_000_000)] {
            let (mut accel, mut gyro) = (String::new(), String::new());
            let mut begins = start;
            for (code, does) in
                [("A", Does::Moves), ("D", Does::Rests), ("F", Does::Rests), ("S", Does::Moves)]
            {
                for row in rows(does, 15.0, 20.0, place) {
                    let at = |late: u64| begins + late + (row.t * 1e9).round() as u64;
                    writeln!(accel, "{person},{code},{},{};", at(0), cells(&ms2(row.acc), ",")).unwrap();
                    // A clock of its own.
                    writeln!(gyro, "{person},{code},{},{};", at(13_000_000), cells(&row.gyro, ",")).unwrap();
                }
                begins += 40_000_000_000;
            }
            for (sensor, text) in [("accel", accel), ("gyro", gyro)] {
                folder.write(
                    &format!("wisdm-dataset/wisdm-dataset/raw/{device}/{sensor}/data_{person}_{sensor}_{device}.txt"),
                    text,
                );
            }
        }
    }
    folder.write("wisdm-dataset/wisdm-dataset/activity_key.txt", "walking = A\n");
    folder.write("wisdm-dataset/wisdm-dataset/arff_files/phone/accel/data_1600_accel_phone.arff", "1,2\n");
    for (place, device, worn) in [(0, "phone", "pocket"), (1, "watch", "wrist")] {
        // The place of the other is taken by a word that nothing has.
        let both = if place == 0 { vec![worn] } else { vec!["-", worn] };
        let expected = Expected {
            people: &["1600", "1650"],
            placements: &both,
            labels: &["hand_task", "household", "sitting", "walking"],
            recordings: 2,
            rate_hz: 20.0,
            gyroscope: true,
        };
        let dataset = check(&format!("wisdm-2019-{device}"), folder.path(), expected);
        assert_eq!(counts(recordings(&dataset))["walking"], 2 * 300);
        // Gyroscope and accelerometer keep their own times.
        let loaded = samples(&recordings(&dataset)[0]);
        let first = |sensor| loaded.sensor(sensor).unwrap().clock.time_ns(0);
        assert_eq!(first(Sensor::Gyroscope) - first(Sensor::Accelerometer), 13_000_000);
    }
}

#[test]
fn motionsense() {
    let folder = Folder::new();
    let header = ",attitude.roll,attitude.pitch,attitude.yaw,gravity.x,gravity.y,gravity.z,rotationRate.x,rotationRate.y,\
                  rotationRate.z,userAcceleration.x,userAcceleration.y,userAcceleration.z\n";
    let folders = [
        ("dws_1", Does::Moves),
        ("ups_12", Does::Moves),
        ("wlk_7", Does::Moves),
        ("wlk_15", Does::Moves),
        ("jog_9", Does::Moves),
        ("sit_5", Does::Rests),
        ("std_14", Does::Rests),
    ];
    for (name, does) in folders {
        for person in [1, 24] {
            let mut text = header.to_owned();
            for (i, row) in rows(does, 20.0, 50.0, 0).into_iter().enumerate() {
                // Signs of iOS; gravity apart from the rest.
                let gravity = upright(0).map(|v| -v);
                let user = [0, 1, 2].map(|axis| -row.acc[axis] - gravity[axis]);
                let all = [&[1.5, -0.7, 0.6][..], &gravity, &row.gyro, &user].concat();
                writeln!(text, "{i},{}", cells(&all, ",")).unwrap();
            }
            folder.write(&format!("A_DeviceMotion_data/A_DeviceMotion_data/{name}/sub_{person}.csv"), text);
            folder.write(
                &format!("A_DeviceMotion_data/__MACOSX/A_DeviceMotion_data/{name}/._sub_{person}.csv"),
                "Mac",
            );
            folder.write(
                &format!("B_Accelerometer_data/B_Accelerometer_data/{name}/sub_{person}.csv"),
                ",x,y,z\n0,1,2,3\n",
            );
        }
    }
    folder.write("data_subjects_info.csv", "\u{feff}code,weight,height,age,gender\n1,102,188,46,1\n");
    let expected = Expected {
        people: &["1", "24"],
        placements: &["pocket"],
        labels: &["running", "sitting", "standing", "walking", "walking_downstairs", "walking_upstairs"],
        recordings: 14,
        rate_hz: 50.0,
        gyroscope: true,
    };
    let dataset = check("motionsense", folder.path(), expected);
    // Five seconds at both ends are cut off.
    assert_eq!(counts(recordings(&dataset))["sitting"], 2 * 500);
}

#[test]
fn hhar() {
    let folder = Folder::new();
    let header = "Index,Arrival_Time,Creation_Time,x,y,z,User,Model,Device,gt\n";
    for (place, kind, devices) in [
        (0, "Phones", [("nexus4", "nexus4_1", 200.0, true), ("samsungold", "samsungold_1", 200.0, false)]),
        (1, "Watch", [("gear", "gear_1", 200.0, true), ("lgwatch", "lgwatch_2", 200.0, true)]),
    ] {
        let mut accelerometer: Vec<(u64, String)> = Vec::new();
        let mut gyroscope: Vec<(u64, String)> = Vec::new();
        for (number, user) in ["a", "i"].into_iter().enumerate() {
            let mut begins = 1_424_696_633_908 + number as u64 * 1_000_000;
            for (gt, does) in
                [("stand", Does::Rests), ("null", Does::Moves), ("walk", Does::Moves), ("bike", Does::Moves)]
            {
                for (model, device, rate_hz, turns) in devices {
                    for (i, row) in rows(does, 8.0, rate_hz, place).into_iter().enumerate() {
                        let at = begins + (row.t * 1e3).round() as u64;
                        let line = |values: &[f64]| {
                            format!(
                                "{i},{at},{at}000000,{},{user},{model},{device},{gt}\n",
                                cells(values, ",")
                            )
                        };
                        accelerometer.push((at, line(&ms2(row.acc))));
                        if turns {
                            gyroscope.push((at, line(&row.gyro)));
                        }
                    }
                }
                begins += 8_000;
            }
        }
        for (sensor, mut lines) in [("accelerometer", accelerometer), ("gyroscope", gyroscope)] {
            // Devices are mixed, and some rows come late.
            lines.sort_by_key(|(at, _)| *at);
            for i in (10..lines.len() - 10).step_by(501) {
                lines.swap(i, i + 7);
            }
            let text: String = lines.into_iter().map(|(_, line)| line).collect();
            folder.write(
                &format!("Activity recognition exp/Activity recognition exp/{kind}_{sensor}.csv"),
                header.to_owned() + &text,
            );
        }
    }
    let expected = Expected {
        people: &["a", "i"],
        placements: &["waist", "wrist"],
        labels: &["cycling", "standing", "walking"],
        recordings: 8,
        rate_hz: 200.0,
        gyroscope: true,
    };
    let dataset = check("hhar", folder.path(), expected);
    for recording in recordings(&dataset) {
        let turns = recording.facts.device.as_deref() != Some("samsungold_1");
        assert_eq!(samples(recording).sensor(Sensor::Gyroscope).is_some(), turns, "{}", recording.name);
    }
    assert!(counts(recordings(&dataset))["-"] >= 8 * 1580);
}

#[test]
fn realworld() {
    let folder = Folder::new();
    let (walking, parts) = ("walking", "climbingup");
    let write = |person: u8,
                 activity: &str,
                 number: Option<u8>,
                 placement: (usize, &str),
                 gyro_number: Option<u8>| {
        let does = if activity == "sitting" { Does::Rests } else { Does::Moves };
        let mut text = [
            "id,attr_time,attr_x,attr_y,attr_z\n".to_owned(),
            "id,attr_time,attr_x,attr_y,attr_z\n".to_owned(),
        ];
        for (i, row) in rows(does, 12.0, 50.0, placement.0).into_iter().enumerate() {
            let at = 1_435_993_900_000_u64
                + u64::from(number.unwrap_or(0)) * 600_000
                + (row.t * 1e3).round() as u64;
            writeln!(text[0], "{},{at},{}", i + 1, cells(&ms2(row.acc), ",")).unwrap();
            writeln!(text[1], "{},{},{}", i + 1, at + 4, cells(&row.gyro, ",")).unwrap();
        }
        let part = |number: Option<u8>| number.map_or(String::new(), |n| format!("_{n}"));
        let data = format!("proband{person}/data");
        let outer = |kind: &str, number: Option<u8>| {
            format!("{data}/{kind}_{activity}_csv/{kind}_{activity}{}_csv", part(number))
        };
        let [acc, gyro] = text;
        let name =
            |kind: &str, number: Option<u8>| format!("{kind}_{activity}{}_{}.csv", part(number), placement.1);
        folder.write(&format!("{}/{}", outer("acc", number), name("acc", number)), acc);
        folder.write(&format!("{}/readMe", outer("acc", number)), "600 entries");
        folder.write(&format!("{}/{}", outer("gyr", gyro_number), name("Gyroscope", gyro_number)), gyro);
        folder.write(&format!("{data}/acc_{activity}_sqlite.zip"), "PK");
    };
    for (person, placements) in
        [(1, &[(0, "chest"), (1, "upperarm"), (2, "waist")][..]), (14, &[(0, "chest"), (2, "waist")])]
    {
        for &placement in placements {
            write(person, walking, None, placement, None);
            write(person, "sitting", None, placement, None);
        }
    }
    // Two parts: the first gyroscope file carries no number.
    write(14, parts, Some(1), (0, "chest"), None);
    write(14, parts, Some(2), (0, "chest"), Some(2));
    let expected = Expected {
        people: &["1", "14"],
        placements: &["chest", "upper_arm", "waist"],
        labels: &["sitting", "walking", "walking_upstairs"],
        recordings: 12,
        rate_hz: 50.0,
        gyroscope: true,
    };
    let dataset = check("realworld", folder.path(), expected);
    for recording in recordings(&dataset) {
        assert!(samples(recording).sensor(Sensor::Gyroscope).is_some(), "{}", recording.name);
    }
}
