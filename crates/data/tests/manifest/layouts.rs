//! Where files lie, what belongs together, and what is done with samples.

use crate::common::recordings;
use crate::folder::{Folder, HEAD, MAP, names, plain, shown, sway, table};
use ambulo_data::LabelledRecording;
use ambulo_record::PersonId;
use ambulo_signal::{Clock, Recording, Sensor};

fn loaded(r: &LabelledRecording) -> &Recording {
    r.recording.in_memory().unwrap()
}

fn acceleration(r: &LabelledRecording) -> &[[f32; 3]] {
    &loaded(r).sensor(Sensor::Accelerometer).unwrap().values
}

const FILES: &str = r#"
[[files]]
pattern = "Set/data/{person}/{activity}_{trial}.csv"
columns = "x,y,z"
units = "g"
rate = 50
placement = "waist"
label = { capture = "activity" }
"#;

#[test]
fn the_folder_is_found_from_above_and_from_inside() {
    let folder = Folder::new()
        .with("unpacked/Set/data/B/walk_1.csv", plain(60))
        .with("unpacked/Set/data/A/sit_1.csv", plain(60))
        .with("unpacked/__MACOSX/Set/data/A/walk_9.csv", "x")
        .with("unpacked/Set/data/A/._walk_9.csv", "x");
    let manifest =
        ambulo_data::manifest::Manifest::parse(&format!("{HEAD}{FILES}{MAP}"), "small.toml").unwrap();
    for below in ["", "unpacked", "unpacked/Set", "unpacked/Set/data"] {
        let dataset = manifest.read_dataset(&folder.path().join(below), &mut |_| {}).unwrap();
        assert_eq!(names(&dataset), ["Set/data/A/sit_1", "Set/data/B/walk_1"], "{below}");
        assert_eq!(dataset.sha256, manifest.read_dataset(folder.path(), &mut |_| {}).unwrap().sha256);
    }
    let text = folder.error(&FILES.replace("_{trial}", "-{trial}"));
    assert!(
        text.contains("matches none of the 2 files")
            && text.contains("the nearest is unpacked/Set/data/A/sit_1.csv"),
        "{text}"
    );
}

#[test]
fn people_are_grouped_left_out_and_divided_as_published() {
    let folder = Folder::new()
        .with("Set/data/SA1/walk_1.csv", plain(60))
        .with("Set/data/SA2/walk_1.csv", plain(60))
        .with("Set/data/SE1/walk_1.csv", plain(60))
        .with("Set/data/SE1/walk_2.csv", "broken")
        .with("Set/data/SX1/walk_1.csv", plain(60))
        .with("Set/people.csv", "id;age\nSX1;44.5\nSA1;20\n");
    let more = r#"
[leave-out-files]
"**/SE1/*_2.csv" = "broken throughout"
[leave-out-people]
SA2 = "wore the device upside down"
[groups]
"SA*" = "young"
"SE1" = "old"
[ages]
file = "Set/people.csv"
person = "id"
column = "age"
from = [30, 60]
"#;
    let dataset = folder
        .read_as(&format!(
            "test-people = [\"SE1\", \"SE9\"]\n{HEAD}{FILES}{MAP}{more}\n[expect]\npeople = 5\n"
        ))
        .unwrap();
    let all: Vec<_> =
        recordings(&dataset).iter().map(|r| (r.person.as_str(), r.facts.group.as_deref().unwrap())).collect();
    assert_eq!(all, [("SA1", "young"), ("SE1", "old"), ("SX1", "30 to 59")]);
    assert_eq!(
        dataset.published_test.unwrap().into_iter().collect::<Vec<_>>(),
        [PersonId::new("SE1").unwrap()]
    );
    assert_eq!(
        (dataset.info.people, dataset.info.placement.as_str(), dataset.info.rate_hz),
        (3, "waist", 50.0)
    );
    assert!(dataset.findings[0].finding.text.contains("has 5 people, this one has 3"));
}

#[test]
fn units_axes_and_factors_are_put_right_at_the_door() {
    let rows = (0..100).map(|i| {
        let [x, y, z] = sway(i).map(|v| v * 9.806_65);
        format!("{x} {y} {z} {} 0 90\n", i % 3)
    });
    let folder = Folder::new().with("a.txt", rows.collect::<String>());
    let files = r#"
[defaults]
label = { always = "walk" }
rate = 100
[[files]]
pattern = "{person}.txt"
columns = "acc=1-3,gyro=4-6"
units = "acc=m/s2,gyro=deg/s"
axes = "-y,x,z"
"#;
    let dataset = folder.read(files).unwrap();
    let one = loaded(&recordings(&dataset)[0]);
    let gyro = &one.sensor(Sensor::Gyroscope).unwrap().values[1];
    assert_eq!(*gyro, [0.0, 1f32.to_radians(), 90f32.to_radians()].map(|v| v));
    for (i, value) in acceleration(&recordings(&dataset)[0]).iter().enumerate() {
        let [x, y, z] = sway(i);
        for (found, expected) in value.iter().zip([-y, x, z]) {
            assert!((found - expected).abs() < 1e-6);
        }
    }
    // A mirror turns rotations round; factors come before units.
    let mirrored = files.replace("-y,x,z", "y,x,z").replace("acc=m/s2", "acc=g")
        + "scale = { acc = \"1/9.80665\", gyro = -2 }\n";
    let dataset = folder.read(&mirrored).unwrap();
    let one = loaded(&recordings(&dataset)[0]);
    assert_eq!(one.sensor(Sensor::Gyroscope).unwrap().values[1][1], 2f32.to_radians());
    assert!((one.sensor(Sensor::Accelerometer).unwrap().values[0][0] - 1.0).abs() < 1e-6);
    // What is in another unit than stated is refused.
    let text = folder.error(&files.replace("acc=m/s2", "acc=g"));
    assert!(text.contains("a: ") && text.contains("m/s2"), "{text}");
    let text = folder.error(&files.replace("acc=m/s2,", ""));
    assert!(text.contains("unit of the accelerometer"), "{text}");
}

#[test]
fn companions_are_joined_and_may_be_missing() {
    let gyro = |n: usize| (0..n).map(|i| format!("{},0,0\n", i as f32 / 100.0)).collect::<String>();
    let folder = Folder::new()
        .with("acc_1_a.csv", plain(100))
        .with("gyro_1_a.csv", gyro(90))
        .with("acc_2_a.csv", plain(60));
    let files = r#"
[[files]]
pattern = "acc_{trial}_{person}.csv"
columns = "ax=x,ay=y,az=z"
units = "acc=g,gyro=rad/s"
rate = 50
label = { always = "walk" }
with = [{ pattern = "gyro_{trial}_{person}.csv", columns = "gyro=1-3", optional = true }]
"#;
    let dataset = folder.read(files).unwrap();
    let all = recordings(&dataset);
    let gyro = loaded(&all[0]).sensor(Sensor::Gyroscope).unwrap();
    assert_eq!((gyro.values.len(), &gyro.clock), (90, &Clock::Uniform { start_ns: 0, rate_hz: 50.0 }));
    assert!(loaded(&all[1]).sensor(Sensor::Gyroscope).is_none());
    let text = folder.error(&files.replace("true", "false"));
    assert!(
        text.contains("acc_2_a.csv has no companion") && text.contains("gyro_{trial}_{person}.csv"),
        "{text}"
    );
}

#[test]
fn clocks_of_one_device_keep_their_distance() {
    let acc = table("t,x,y,z", 100, |i| format!("{}", 700_000 + 20 * i));
    let gyro = table("t,x,y,z", 90, |i| format!("{}", 700_105 + 20 * i));
    let folder = Folder::new().with("acc_a.csv", acc).with("gyro_a.csv", gyro);
    let files = r#"
[[files]]
pattern = "acc_{person}.csv"
columns = "time=t,ax=x,ay=y,az=z"
units = "acc=g,gyro=rad/s"
time = "ms"
label = { always = "walk" }
with = [{ pattern = "gyro_{person}.csv", columns = "time=t,gx=x,gy=y,gz=z" }]
"#;
    let dataset = folder.read(files).unwrap();
    let gyro = loaded(&recordings(&dataset)[0]).sensor(Sensor::Gyroscope).unwrap();
    assert_eq!(gyro.clock, Clock::Uniform { start_ns: 105_000_000, rate_hz: 50.0 });
}

#[test]
fn a_table_is_divided_by_people_and_devices() {
    // Two devices of one person interleaved, then another person; the clock begins anew within the second.
    let row = |i: usize| {
        let (person, device) = if i < 80 { ("a", ["p", "q"][i % 2]) } else { ("b", "p") };
        let t = if i < 80 {
            i / 2
        } else if i < 100 {
            i - 80
        } else {
            i - 100
        };
        format!("{},{person},{device},{}", 20 * t, if i % 80 < 40 { "walk" } else { "sit" })
    };
    let gyro = (0..120).map(|i| format!("{},1,2,3\n", row(i))).collect::<String>();
    let folder = Folder::new()
        .with("acc.csv", table("t,user,device,gt,x,y,z", 120, row))
        .with("gyro.csv", format!("t,user,device,gt,x,y,z\n{gyro}"));
    let files = r#"
[[files]]
pattern = "acc.csv"
columns = "time=t,ax=x,ay=y,az=z"
units = "acc=g,gyro=deg/s"
time = "ms"
split = { person = "user", device = "device" }
label = { column = "gt" }
rename.device = { p = "phone" }
with = [{ pattern = "gyro.csv", columns = "time=t,gx=x,gy=y,gz=z" }]
"#;
    // Twenty seconds back: the second part of b begins anew at 0.
    let dataset = folder.read(files).unwrap();
    let all = recordings(&dataset);
    let facts: Vec<_> =
        all.iter().map(|r| (r.person.as_str(), r.facts.device.as_deref().unwrap(), r.len())).collect();
    assert_eq!(facts[..2], [("a", "phone", 40), ("a", "q", 40)]);
    assert_eq!(names(&dataset)[..2], ["acc/a/p", "acc/a/q"]);
    assert_eq!(shown(&all[0]), "0-400 walking; 400-800 sitting");
    assert!(all.iter().all(|r| loaded(r).sensor(Sensor::Gyroscope).unwrap().values.len() as u64 == r.len()));
    assert_eq!(acceleration(&all[1])[3], sway(7));
}

#[test]
fn a_clock_that_begins_anew_begins_another_recording() {
    let row = |i: usize| format!("{},{}", 20 * (i % 100), if i < 130 { "walk" } else { "sit" });
    let folder = Folder::new().with("a.csv", table("t,gt,x,y,z", 160, row));
    let files = r#"
[[files]]
pattern = "{person}.csv"
columns = "time=t,ax=x,ay=y,az=z"
units = "g"
time = "ms"
label = { column = "gt" }
"#;
    let dataset = folder.read(files).unwrap();
    let all = recordings(&dataset);
    assert_eq!((names(&dataset), all[1].len()), (vec!["a", "a#2"], 60));
    assert_eq!(
        (shown(&all[0]).as_str(), shown(&all[1]).as_str()),
        ("0-2000 walking", "0-600 walking; 600-1200 sitting")
    );
    // Or its times are not believed.
    let dataset = folder
        .read(&files.replace("time = \"ms\"", "time = \"ms\"\nrate = 25\nignore-times = true"))
        .unwrap();
    assert_eq!(shown(&recordings(&dataset)[0]), "0-5200 walking; 5200-6400 sitting");
    assert_eq!(recordings(&dataset)[0].rate_hz(), Some(25.0));
}

#[test]
fn beginnings_and_ends_are_cut_off() {
    let folder = Folder::new().with("Set/data/a/walk_1.csv", plain(200));
    let dataset = folder.read(&FILES.replace("rate", "trim = [1, 0.5]\nrate")).unwrap();
    let one = &recordings(&dataset)[0];
    assert_eq!((one.len(), shown(one).as_str(), acceleration(one)[0]), (125, "0-2500 walking", sway(50)));
    assert_eq!(
        loaded(one).sensor(Sensor::Accelerometer).unwrap().clock,
        Clock::Uniform { start_ns: 0, rate_hz: 50.0 }
    );
    assert!(
        folder.error(&FILES.replace("rate", "trim = [4, 0.5]\nrate")).contains("no sample of acceleration")
    );
}

#[test]
fn several_placements_in_one_row() {
    let row = |i: usize| format!("{i},0,1,0");
    let folder = Folder::new().with("s1.log", table("i,cx,cy,cz,x,y,z", 60, row));
    let files = r#"
[defaults]
pattern = "s{person}.log"
units = "g"
rate = 50
label = { always = "walk" }
[[files]]
columns = "cx,cy,cz"
placement = "chest"
[[files]]
columns = "x,y,z"
placement = "wrist"
optional = true
[[files]]
columns = "hx,hy,hz"
placement = "hip"
optional = true
"#;
    let dataset = folder.read(files).unwrap();
    assert_eq!(names(&dataset), ["s1/chest", "s1/wrist"]);
    assert!(
        dataset.findings.iter().any(|f| f.file == "s1.log" && f.finding.text.contains("passed over")),
        "{:?}",
        dataset.findings
    );
}

#[test]
fn files_without_samples_are_named() {
    let folder = Folder::new().with("Set/data/a/walk_1.csv", plain(60)).with("Set/data/a/walk_2.csv", "");
    let text = folder.error(FILES);
    assert!(text.contains("walk_2.csv is empty"), "{text}");
    let dataset = folder.read(&FILES.replace("rate", "optional = true\nrate")).unwrap();
    assert_eq!((recordings(&dataset).len(), dataset.findings[0].file.as_str()), (1, "Set/data/a/walk_2.csv"));
    let text = Folder::new().with("x.csv", plain(60)).error(
        &FILES
            .replace("Set/data/{person}/{activity}_{trial}", "{person}")
            .replace("{ capture = \"activity\" }", "{ always = \"1\" }\ngravity = \"removed\""),
    );
    assert!(text.contains("x.csv has acceleration from which gravity was taken"), "{text}");
}

#[test]
fn the_order_and_the_hash_do_not_depend_on_threads() {
    let mut folder = Folder::new();
    for i in 0..40 {
        folder = folder.with(&format!("Set/data/p{i}/walk_1.csv"), plain(60 + i));
    }
    let read = |threads| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| folder.read(FILES).unwrap())
    };
    let (one, four) = (read(1), read(4));
    assert_eq!(one, four);
    let folder = folder.with("Set/data/p7/walk_1.csv", plain(66));
    assert_ne!(folder.read(FILES).unwrap().sha256, one.sha256);
}
