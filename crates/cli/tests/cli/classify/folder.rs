//! All results of many recordings in a directory.

use super::{arguments, sandbox, table};
use crate::support::Sandbox;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

/// Everything in a directory.
fn content(sandbox: &Sandbox, directory: &str) -> Vec<(PathBuf, Vec<u8>)> {
    let names = sandbox.files(directory);
    names.into_iter().map(|name| (name.clone(), sandbox.read(Path::new(directory).join(name)))).collect()
}

/// Four recordings, of two people, in `all`.
fn folder() -> Sandbox {
    let sandbox = sandbox();
    for person in ["p1", "p2"] {
        std::fs::create_dir_all(sandbox.path("all").join(person)).unwrap();
    }
    for (seed, name) in (1..).zip(["p1/walk.csv", "p1/evening.csv", "p2/walk.csv", "p2/rest.csv"]) {
        sandbox.write(Path::new("all").join(name), &table(1 + seed as usize % 2, "10:00:00", seed));
    }
    sandbox
}

const OUT: [&str; 3] = ["all", "--out", "out"];

#[test]
fn each_recording_has_its_files_and_one_bad_one_stops_nothing() {
    let sandbox = folder();
    // Cut in the middle of its first lines, and a note that is no recording.
    sandbox.write("all/p1/damaged.csv", "time,ax,ay,az\n1,2\n");
    sandbox.write("all/notes.txt", "Wore it on the right.\n");
    let done = sandbox.run(&arguments(&OUT)).expect(1);
    let done = done.says(&["error: all/p1/damaged.csv", "1 of 5 files could not be classified", "notes.txt"]);
    let names = ["evening", "walk", "rest", "walk-2"];
    let expected: Vec<String> = names.iter().map(|name| format!("out/{name}.summary.json")).collect();
    assert_eq!(done.stdout.replace('\\', "/").lines().collect::<Vec<_>>(), expected);
    let mut files: Vec<String> = names
        .iter()
        .flat_map(|name| {
            ["probabilities.parquet", "segments.csv", "summary.json", "timeline.html"]
                .map(|what| format!("{name}.{what}"))
        })
        .chain(["summary.csv".to_owned()])
        .collect();
    files.sort();
    assert_eq!(sandbox.files("out"), files.iter().map(PathBuf::from).collect::<Vec<_>>());
    let summary = sandbox.json("out/walk-2.summary.json");
    assert_eq!(summary["input"]["file"], "p2/walk.csv");
    for file in summary["files"].as_array().unwrap() {
        let length = sandbox.read(Path::new("out").join(file["name"].as_str().unwrap())).len();
        assert_eq!(file["bytes"].as_u64(), Some(length as u64));
    }
    let all = sandbox.text("out/summary.csv");
    let order: Vec<&str> = all.lines().skip(1).map(|line| line.split(',').next().unwrap()).collect();
    let mut runs = order.clone();
    runs.dedup();
    assert_eq!(runs, names, "{all}");
    // What a recording gets does not depend on what lies beside it.
    let alone = sandbox.run(&arguments(&["all/p1/evening.csv"])).expect(0).stdout;
    assert_eq!(alone, sandbox.text("out/evening.segments.csv"));
}

#[test]
fn what_is_finished_is_skipped_until_something_changes() {
    let sandbox = folder();
    let first = sandbox.run(&arguments(&OUT)).expect(0);
    let before = content(&sandbox, "out");
    let written = || {
        let time =
            |name: &PathBuf| std::fs::metadata(sandbox.path("out").join(name)).unwrap().modified().unwrap();
        sandbox
            .files("out")
            .iter()
            .filter(|name| name.ends_with("walk.segments.csv"))
            .map(time)
            .next()
            .unwrap()
    };
    let time = written();
    let second = sandbox.run(&arguments(&OUT)).expect(0);
    let second = second.says(&["4 recordings in out, 4 of them finished before"]);
    assert_eq!(second.stdout, first.stdout);
    assert_eq!(content(&sandbox, "out"), before);
    assert_eq!(written(), time, "it was written anew");
    // The same folder by another path is the same.
    let done = sandbox.run(&arguments(&["./all/", "--out", "./out"])).expect(0);
    done.says(&["4 of them finished before"]);

    // Another confidence is another result; what was asked for first comes back to the byte.
    let done = sandbox.run(&arguments(&[&OUT[..], &["--confidence", "0.6"]].concat())).expect(0);
    assert!(!done.stderr.contains("finished before"), "{}", done.stderr);
    assert_ne!(content(&sandbox, "out"), before);
    sandbox.run(&arguments(&OUT)).expect(0);
    assert_eq!(content(&sandbox, "out"), before);
    let forced = sandbox.run(&arguments(&[&OUT[..], &["--force"]].concat())).expect(0);
    assert!(!forced.stderr.contains("finished before"), "{}", forced.stderr);
    assert_eq!(content(&sandbox, "out"), before);

    // Only what changed is done anew.
    sandbox.write("all/p2/rest.csv", &table(1, "10:00:00", 99));
    sandbox.run(&arguments(&OUT)).expect(0).says(&["4 recordings in out, 3 of them finished before"]);
    assert_ne!(content(&sandbox, "out"), before);
}

/// A run that is killed leaves whole files, missing ones, and temporary ones: whatever it is, the next one ends in the same bytes.
#[test]
fn whatever_is_missing_or_half_done_is_made_good() {
    let sandbox = folder();
    sandbox.run(&arguments(&OUT)).expect(0);
    let before = content(&sandbox, "out");
    let remove = |name: &str| std::fs::remove_file(sandbox.path("out").join(name)).unwrap();
    let cut = |name: &str| {
        let bytes = sandbox.read(Path::new("out").join(name));
        std::fs::write(sandbox.path("out").join(name), &bytes[..bytes.len() / 2]).unwrap();
    };
    let damages: [(&str, &dyn Fn()); 6] = [
        ("the last file of one", &|| remove("walk.summary.json")),
        ("all of one and the summary of all", &|| {
            for what in ["segments.csv", "probabilities.parquet", "timeline.html", "summary.json"] {
                remove(&format!("rest.{what}"));
            }
            remove("summary.csv");
        }),
        ("a file that somebody removed", &|| remove("walk-2.timeline.html")),
        ("a file that somebody cut", &|| cut("evening.probabilities.parquet")),
        ("a summary that is cut", &|| cut("evening.summary.json")),
        ("temporary files", &|| {
            remove("rest.summary.json");
            std::fs::write(sandbox.path("out/.ambulo-1a2b3c"), "half").unwrap();
            std::fs::write(sandbox.path("out/.ambulo-lock"), "").unwrap();
        }),
    ];
    for (what, damage) in damages {
        damage();
        assert_ne!(content(&sandbox, "out"), before, "{what}");
        let done = sandbox.run(&arguments(&OUT)).expect(0);
        assert!(done.stderr.contains("3 of them finished before"), "{what}: {}", done.stderr);
        assert_eq!(content(&sandbox, "out"), before, "{what}");
    }
}

#[test]
fn results_below_the_folder_that_is_searched_are_no_recordings() {
    let sandbox = folder();
    let inside = ["all", "--out", "all/results"];
    sandbox.run(&arguments(&inside)).expect(0);
    let before = content(&sandbox, "all/results");
    sandbox
        .run(&arguments(&inside))
        .expect(0)
        .says(&["4 recordings in all/results, 4 of them finished before"]);
    assert_eq!(content(&sandbox, "all/results"), before);
}

#[test]
fn results_do_not_depend_on_what_is_done_side_by_side() {
    let sandbox = folder();
    sandbox.run(&arguments(&OUT)).expect(0);
    let before = content(&sandbox, "out");
    let mut command = sandbox.command(&arguments(&["all", "--out", "alone"]));
    let done = crate::support::finish(command.env("RAYON_NUM_THREADS", "1").output().unwrap());
    done.expect(0);
    assert_eq!(content(&sandbox, "alone"), before);
}

#[test]
fn two_runs_do_not_write_to_one_directory() {
    let sandbox = folder();
    std::fs::create_dir(sandbox.path("out")).unwrap();
    let lock = std::fs::File::create(sandbox.path("out/.ambulo-lock")).unwrap();
    lock.lock().unwrap();
    sandbox.write("out/.ambulo-1a2b3c", "what the other one is writing");
    let done = sandbox.run(&arguments(&OUT)).expect(1);
    done.silent().says(&["another run is writing to out"]);
    assert_eq!(sandbox.text("out/.ambulo-1a2b3c"), "what the other one is writing");
    lock.unlock().unwrap();
    sandbox.run(&arguments(&OUT)).expect(0);
    assert!(sandbox.files("out").iter().all(|name| !name.to_string_lossy().starts_with('.')));
}

/// A minute of a phone with both sensors, and beside it of a tag without a gyroscope, which the model needs.
fn two_devices() -> String {
    let mut text = String::from(
        "% A walk\n%a; 0; RIGHTPOCKET; Phone\n%b; 1; WRIST; SensorTag\n\
         % TimeStamp; Sample No; X-Axis; Y-Axis; Z-Axis; Sensor Type; Sensor ID\n",
    );
    for i in 0..3000u32 {
        let (t, noise) = (f64::from(i) / 50.0, 0.01 * (f64::from(i) * 2.7).sin());
        let step = 0.3 * (12.0 * t).sin();
        for (kind, device) in [(0, 0), (1, 0), (0, 1)] {
            let [x, y, z] =
                if kind == 0 { [noise, 1.0 + step, 0.1 + noise] } else { [100.0 * step, noise, step] };
            writeln!(text, "{};{i};{x:.4};{y:.4};{z:.4};{kind};{device}", i * 20).unwrap();
        }
    }
    text
}

#[test]
fn a_recording_that_fails_leaves_the_others_of_its_file() {
    let sandbox = sandbox();
    sandbox.write("fall.csv", &two_devices());
    let done = sandbox.run(&arguments(&["fall.csv", "--units", "acc=g,gyro=deg/s"])).expect(1);
    let done = done.says(&["recording 2 of 2, wrist: ", "no gyroscope"]);
    assert!(done.stdout.lines().count() > 1);
    assert!(done.stdout.lines().skip(1).all(|row| row.starts_with("fall-rightpocket,")), "{}", done.stdout);
    let out = ["fall.csv", "--units", "acc=g,gyro=deg/s", "--out", "out"];
    sandbox.run(&arguments(&out)).expect(1);
    let summary = sandbox.json("out/fall-rightpocket.summary.json");
    assert_eq!((&summary["input"]["number"], &summary["input"]["file"]), (&1.into(), &"fall.csv".into()));
    // A page shows one: which of them is asked.
    let page = ["fall.csv", "--units", "acc=g,gyro=deg/s", "--html", "fall.html"];
    sandbox.run(&arguments(&page)).expect(1).silent().says(&["--device NAME", "--out DIR"]);
    assert!(!sandbox.path("fall.html").exists());
}
