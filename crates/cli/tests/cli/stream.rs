//! `ambulo stream`

use crate::support::{Done, Sandbox, finish};
use ambulo_data::Content;
use ambulo_model::{Calibration, FORMAT, Metadata, Model, Provenance, RequiredOrientation};
use ambulo_nn::Network;
use ambulo_signal::{Normalisation, Phase, Resampling, Sensor};
use ambulo_train::{Config, ModelKind, Orientation};
use serde_json::{Value, json};
use std::fmt::Write as _;
use std::io::{BufRead as _, BufReader, Write as _};
use std::process::Stdio;

/// A small causal model with weights as they are drawn, sharpened so that its answers differ: what it answers does not matter here.
fn model(sandbox: &Sandbox, name: &str, seed: u64) {
    let mut config = Config::of(ModelKind::Tiny, Orientation::Levelled);
    config.preprocessing.phase = Phase::Causal;
    config.preprocessing.resampling = Resampling::Linear;
    config.preprocessing.step = 16;
    let labels = config.label_set();
    let architecture = config.architecture(labels.len()).unwrap();
    let network = Network::new(&architecture, config.input()).unwrap();
    let n = config.preprocessing.channels.len();
    config.preprocessing.normalisation =
        Some(Normalisation { mean: vec![0.1; n], standard_deviation: vec![0.5; n] });
    let metadata = Metadata {
        format: FORMAT,
        model: "tiny".into(),
        architecture,
        preprocessing: config.preprocessing,
        labels,
        orientation: RequiredOrientation::new(Orientation::Levelled, [1.0, 0.0, 0.0]),
        calibration: Calibration { temperature: 0.05 },
        smoothing: None,
        unknown: None,
        lowest_rate_hz: Some(25.0),
        pretext: None,
        adaptations: Vec::new(),
        provenance: Provenance {
            ambulo_version: "0.0.0".into(),
            dataset: "none".into(),
            cohort: None,
            sources: Vec::new(),
            dataset_sha256: String::new(),
            protocol: "official".into(),
            seed: 1,
            epochs: 0,
            validation_macro_f1: 0.0,
            trained_on: Vec::new(),
            chosen_on: Vec::new(),
            instruction_set: String::new(),
            from: None,
        },
    };
    Model::new(metadata, network.initial_weights(seed)).unwrap().save(&sandbox.path(name)).unwrap();
}

/// Acceleration in g and angular velocity in rad/s of the first bundled recording, each `every`-th sample of its first `seconds`.
fn samples(seconds: usize, every: usize) -> Vec<([f32; 3], [f32; 3])> {
    let Content::Recordings(recordings) = ambulo_data::hapt().unwrap().content else { panic!("recordings") };
    let recording = recordings[0].recording.in_memory().unwrap();
    let of = |sensor| recording.sensor(sensor).unwrap().values.iter().copied();
    let both = of(Sensor::Accelerometer).zip(of(Sensor::Gyroscope));
    both.take(50 * seconds).step_by(every).collect()
}

const NAMES: &str = "time_s,acc_x_g,acc_y_g,acc_z_g,gyro_x_rad_s,gyro_y_rad_s,gyro_z_rad_s\n";

/// As CSV, with times in steps of `ms`.
fn csv(samples: &[([f32; 3], [f32; 3])], ms: usize) -> String {
    let mut text = NAMES.to_owned();
    for (i, ([ax, ay, az], [gx, gy, gz])) in samples.iter().enumerate() {
        let t = i * ms;
        writeln!(text, "{}.{:03},{ax},{ay},{az},{gx},{gy},{gz}", t / 1000, t % 1000).unwrap();
    }
    text
}

const OPTIONS: [&str; 5] = ["stream", "--model", "model.safetensors", "--axes", "x=up"];

fn sandbox() -> Sandbox {
    let sandbox = Sandbox::empty();
    model(&sandbox, "model.safetensors", 1);
    sandbox
}

/// Streams a text.
fn stream(sandbox: &Sandbox, own: &[&str], input: &str) -> Done {
    sandbox.feed(&[&OPTIONS, own].concat(), input)
}

fn objects(text: &str) -> Vec<Value> {
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// What `classify` says of the same file: start and probabilities of each step.
fn classified(sandbox: &Sandbox, own: &[&str], text: &str) -> Vec<Value> {
    sandbox.write("walk.csv", text);
    let arguments = ["classify", "walk.csv", "--probabilities", "p.jsonl"];
    sandbox.run(&[&arguments, &OPTIONS[1..], own].concat()).expect(0);
    objects(&sandbox.text("p.jsonl"))
}

#[track_caller]
fn assert_same(found: &[Value], expected: &[Value]) {
    assert!(found.len() > 20 && found.len() == expected.len(), "{} and {}", found.len(), expected.len());
    for (found, expected) in found.iter().zip(expected) {
        assert_eq!(found["start_s"], expected["time_s"]);
        for (name, probability) in found["probabilities"].as_object().unwrap() {
            assert_eq!(*probability, expected[name], "{name} at {}", expected["time_s"]);
        }
    }
    let likeliest = |row: &Value| {
        let labels = row["probabilities"].as_object().unwrap();
        labels
            .iter()
            .max_by(|a, b| a.1.as_f64().unwrap().total_cmp(&b.1.as_f64().unwrap()))
            .unwrap()
            .0
            .clone()
    };
    assert!(found.windows(2).any(|pair| likeliest(&pair[0]) != likeliest(&pair[1])), "all answers are alike");
}

#[test]
fn a_stream_answers_as_classify_does_with_the_same_delay() {
    let sandbox = sandbox();
    let text = csv(&samples(60, 1), 20);
    for delay in ["0", "2", "5"] {
        let expected = classified(&sandbox, &["--delay", delay], &text);
        let done = stream(&sandbox, &["--delay", delay], &text).expect(0);
        assert_same(&objects(&done.stdout), &expected);
        done.says(&["accelerometer 50.0, gyroscope 50.0"]);
    }
    // Two seconds are the default; the rate may be stated, and the columns too.
    let expected = classified(&sandbox, &["--delay", "2"], &text);
    let done = stream(&sandbox, &["--rate", "50"], &text).expect(0);
    assert_same(&objects(&done.stdout), &expected);
    assert_eq!(done.stderr, "");
    let plain = text.split_once('\n').unwrap().1;
    let named = format!("t,a,b,c,d,e,f\n{plain}");
    let declared =
        ["--columns", "time=t,ax=a,ay=b,az=c,gx=d,gy=e,gz=f", "--units", "acc=g,gyro=rad/s", "--time", "s"];
    assert_same(&objects(&stream(&sandbox, &declared, &named).expect(0).stdout), &expected);
}

#[test]
fn each_step_says_when_what_and_how_sure() {
    let sandbox = sandbox();
    let text = csv(&samples(30, 1), 20);
    let rows = objects(&stream(&sandbox, &[], &text).expect(0).stdout);
    for pair in rows.windows(2) {
        assert_eq!(pair[0]["end_s"], pair[1]["start_s"]);
    }
    for row in &rows {
        let probabilities = row["probabilities"].as_object().unwrap();
        let sum: f64 = probabilities.values().map(|p| p.as_f64().unwrap()).sum();
        assert!((sum - 1.0).abs() < 1e-5 && probabilities.len() == 7, "{row}");
        let (activity, confidence) = (row["activity"].as_str().unwrap(), row["confidence"].as_f64().unwrap());
        assert!(activity == "unknown" || confidence >= 0.8, "{row}");
        if let Some(own) = probabilities.get(activity) {
            assert!((own.as_f64().unwrap() - confidence).abs() < 1e-4, "{row}");
            assert_eq!(row["flags"], json!([]));
        } else {
            assert_eq!(row["flags"], json!(["backed_off"]));
        }
        assert!(row["start"].is_null() && row["end"].is_null());
    }
    // The same as a table; with times that are moments.
    let start = 1_777_629_600_000_u64;
    let mut moments = NAMES.replace("time_s", "timestamp");
    for (i, line) in text.lines().skip(1).enumerate() {
        writeln!(moments, "{},{}", start + 20 * i as u64, line.split_once(',').unwrap().1).unwrap();
    }
    let table = stream(&sandbox, &["--format", "csv"], &moments).expect(0).stdout;
    let cells: Vec<Vec<&str>> = table.lines().map(|line| line.split(',').collect()).collect();
    assert_eq!(
        cells[0].join(","),
        "start_s,end_s,start,end,activity,confidence,flags,walking,walking_upstairs,walking_downstairs,sitting,standing,lying,unknown"
    );
    assert_eq!(cells.len(), rows.len() + 1);
    for (cells, row) in cells[1..].iter().zip(&rows) {
        assert_eq!(cells[0].parse::<f64>().ok(), row["start_s"].as_f64());
        assert_eq!(
            (cells[4], cells[5].parse().ok()),
            (row["activity"].as_str().unwrap(), row["confidence"].as_f64())
        );
        assert!(cells[2].starts_with("2026-05-01T10:00:") && cells[2].ends_with('Z'), "{cells:?}");
        assert_eq!(cells[7].parse::<f64>().ok(), row["probabilities"]["walking"].as_f64());
    }
}

#[test]
fn answers_come_while_samples_do() {
    let sandbox = sandbox();
    let text = csv(&samples(20, 1), 20);
    let mut command = sandbox.command(&OPTIONS);
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    stdin.write_all(text.as_bytes()).unwrap();
    // Nothing more comes, and the end has not come either.
    let mut first = String::new();
    let mut stdout = BufReader::new(child.stdout.take().unwrap());
    stdout.read_line(&mut first).unwrap();
    assert!(first.starts_with("{\"start_s\":"), "{first}");
    drop(stdin);
    assert!(stdout.lines().count() > 5);
    assert!(child.wait().unwrap().success());
}

#[test]
fn a_stream_that_was_stopped_goes_on_as_if_it_had_not_been() {
    let sandbox = sandbox();
    let text = csv(&samples(40, 1), 20);
    let lines: Vec<&str> = text.split_inclusive('\n').collect();
    for (format, cuts) in [("csv", vec![700, 1100]), ("jsonl", vec![4, 60, 999, 1000, 1001])] {
        let whole = stream(&sandbox, &["--format", format], &text).expect(0).stdout;
        let own = ["--format", format, "--state", "deeper/state.json"];
        let mut found = String::new();
        let mut from = 0;
        for to in cuts {
            // A producer that is started again writes the names again, or does not.
            let names = if to % 2 == 0 && from > 0 { NAMES } else { "" };
            found +=
                &stream(&sandbox, &own, &(names.to_owned() + &lines[from..to].concat())).expect(0).stdout;
            from = to;
        }
        let last = stream(&sandbox, &own, &lines[from..].concat()).expect(0).stdout;
        found += &last;
        // Only what waits for a sample to come is missing.
        assert!(whole.starts_with(&found), "{found}");
        let missing = whole[found.len()..].lines().count();
        assert!((1..=4).contains(&missing) && last.lines().count() > 3, "{missing} {last}");
        std::fs::remove_file(sandbox.path("deeper/state.json")).unwrap();
    }
    assert_eq!(sandbox.files("deeper").len(), 0);
}

#[test]
fn a_state_goes_on_with_nothing_else_than_it_began_with() {
    let sandbox = sandbox();
    model(&sandbox, "other.safetensors", 2);
    let text = csv(&samples(10, 1), 20);
    let state = ["--state", "state.json"];
    stream(&sandbox, &state, &text).expect(0);
    let before = sandbox.text("state.json");
    for (own, said) in [
        (&["--delay", "1"][..], "by a stream with --delay 2.0, and this one is with --delay 1.0"),
        (&["--no-smoothing"], "with --delay 2.0, and this one is without --delay"),
        (&["--rate", "50"], "without --rate, and this one is with --rate 50.0"),
        (&["--units", "acc=g"], "with --units acc=g"),
    ] {
        let done = stream(&sandbox, &[&state, own].concat(), &text).expect(2).silent();
        done.says(&["state.json", said, "hint: go on with the options"]);
    }
    let mut other = vec!["stream", "--model", "other.safetensors", "--axes", "x=up"];
    other.extend(state);
    sandbox.run(&other).expect(2).silent().says(&["another model"]);
    // Other columns are not taken for those before.
    let turned = text.replace("acc_x_g,acc_y_g", "acc_y_g,acc_x_g");
    stream(&sandbox, &state, &turned).expect(1).says(&["line 1", "a header of other columns"]);
    assert_eq!(sandbox.text("state.json"), before);
    for (broken, said) in [("{", "no state of a stream"), ("{\"version\":9}", "version 9")] {
        sandbox.write("broken.json", broken);
        stream(&sandbox, &["--state", "broken.json"], &text).expect(2).silent().says(&["broken.json", said]);
        assert_eq!(sandbox.text("broken.json"), broken);
    }
}

#[test]
fn sensors_may_come_one_by_one_as_json() {
    let sandbox = sandbox();
    let samples = samples(30, 1);
    let expected = classified(&sandbox, &["--delay", "2"], &csv(&samples, 20));
    let time = |i: usize| format!("{}.{:02}", i / 50, 2 * (i % 50));
    let (mut apart, mut rows) = (String::new(), String::new());
    let object = |sensor: &str, i: usize, [x, y, z]: [f32; 3]| {
        format!("{{\"sensor\":\"{sensor}\",\"time_s\":{},\"x\":{x},\"y\":{y},\"z\":{z}}}\n", time(i))
    };
    for (i, ([ax, ay, az], [gx, gy, gz])) in samples.iter().enumerate() {
        rows += &format!(
            "{{\"time_s\":{},\"acc_x_g\":{ax},\"acc_y_g\":{ay},\"acc_z_g\":{az},\"gyro\":[{gx},{gy},{gz}]}}\n",
            time(i)
        );
        apart += &format!("{{\"sensor\":\"light\",\"time_s\":{},\"value\":3}}\n", time(i));
        apart += &object("Gyroscope", i, [*gx, *gy, *gz]);
        // A sensor's samples may come a few at a time.
        if i % 5 == 4 {
            (i - 4..=i).for_each(|i| apart += &object("accelerometer", i, samples[i].0));
        }
    }
    let units = ["--units", "acc=g,gyro=rad/s"];
    for text in [&rows, &apart] {
        let done = stream(&sandbox, &units, text).expect(0);
        assert_same(&objects(&done.stdout), &expected);
    }
    // Without units a stream does not guess.
    let done = stream(&sandbox, &[], &apart).expect(1).silent();
    done.says(&["the unit of the acceleration is not known", "hint: --units acc=m/s2,gyro=deg/s"]);
    // Stopped between, also before it is known what the lines hold.
    let lines: Vec<&str> = apart.split_inclusive('\n').collect();
    let whole = stream(&sandbox, &units, &apart).expect(0).stdout;
    let (own, mut found) = ([&units[..], &["--state", "state.json"]].concat(), String::new());
    for part in [&lines[..25], &lines[25..31], &lines[31..3000], &lines[3000..]] {
        found += &stream(&sandbox, &own, &part.concat()).expect(0).stdout;
    }
    assert!(whole.starts_with(&found) && found.lines().count() + 4 >= whole.lines().count(), "{found}");
}

#[test]
fn bad_lines_are_told_and_left_out() {
    let sandbox = sandbox();
    let text = csv(&samples(30, 1), 20);
    let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
    // Interpolation goes over a sample that is missing.
    for (at, bad) in [
        (100, "oops"),
        (200, "3.98,0.1,zero,0.1,0,0,0"),
        (300, "soon,0.1,0.1,0.1,0,0,0"),
        (400, "7.98,0.1,0.1"),
        (500, "9.98,0.1,0.1,0.1,0,0,0,1,2,3"),
        (600, "12,,x,,,,"),
        (700, "a b c"),
    ] {
        lines[at] = bad.to_owned();
    }
    let done = stream(&sandbox, &[], &lines.join("\n")).expect(0);
    assert!(done.stdout.lines().count() > 30, "{}", done.stdout);
    let done = done.says(&[
        "line 101: `oops`; expected 7 cells",
        "line 201: `zero`; expected a number",
        "line 301: no time in `soon,0.1",
        "line 401: a row that ends before its last column",
        "line 501: a row with more cells",
        "2 more lines of 1501 could not be read",
    ]);
    assert!(!done.stderr.contains("line 601"), "{}", done.stderr);
    let json: String = (0..1000)
        .map(|i| match i {
            500 => "{\"time_s\":1\n".to_owned(),
            600 => "[1,2]\n".to_owned(),
            700 => "{\"time_s\":14.0,\"x\":true,\"y\":0,\"z\":0,\"gx\":0,\"gy\":0,\"gz\":0}\n".to_owned(),
            i => format!(
                "{{\"time_s\":{},\"x\":1,\"y\":0,\"z\":0,\"gx\":0,\"gy\":0,\"gz\":0}}\n",
                f64::from(i) / 50.0
            ),
        })
        .collect();
    let done = stream(&sandbox, &["--units", "g,rad/s"], &json).expect(0);
    assert!(done.stdout.lines().count() > 20);
    done.says(&[
        "line 501: EOF while parsing",
        "line 601: `[1,2]`; expected one JSON object",
        "line 701: `true` of `x`",
    ]);
}

#[test]
fn what_cannot_be_read_at_all_fails() {
    let sandbox = sandbox();
    stream(&sandbox, &[], "").expect(1).silent().says(&["nothing but blank lines"]);
    stream(&sandbox, &[], "Dear reader,\nthis is prose.\n")
        .expect(1)
        .silent()
        .says(&["text without a table"]);
    let wrong = stream(&sandbox, &[], "{\"a\":1}\n{\"a\":2}\n").expect(1).silent();
    wrong.says(&["no columns of acceleration", "--columns"]);
    stream(&sandbox, &[], "nope\n{\n").expect(1).silent();
    let long = format!("{}\n", "x".repeat(70_000));
    stream(&sandbox, &[], &long).expect(1).silent().says(&["no end within 65,536 bytes"]);
    // A sensor is missing, or there are too few samples a second.
    let acceleration: String = csv(&samples(10, 1), 20)
        .lines()
        .map(|line| line.split(',').take(4).collect::<Vec<_>>().join(",") + "\n")
        .collect();
    stream(&sandbox, &[], &acceleration).expect(1).silent().says(&["no gyroscope"]);
    let slow = stream(&sandbox, &[], &csv(&samples(60, 4), 80)).expect(1).silent();
    slow.says(&["12.5"]);
    for (own, said) in [
        (&["--delay", "6"][..], "--delay 6"),
        (&["--confidence", "2"], "--confidence 2"),
        (&["--rate", "0"], "--rate 0"),
        (&["--delay", "1", "--no-smoothing"], "--no-smoothing"),
    ] {
        stream(&sandbox, own, "").expect(2).silent().says(&[said]);
    }
    // Too short for an answer is no failure.
    let short = stream(&sandbox, &[], &csv(&samples(1, 1), 20)).expect(0).silent();
    short.says(&["no stretch without a pause is as long as a window of 2.56 s"]);
}

#[test]
fn other_rates_are_brought_to_that_of_the_model() {
    let sandbox = sandbox();
    let all = samples(60, 1);
    // Twice as fast: each sample, and the middle to the next.
    let between = |a: [f32; 3], b: [f32; 3]| [0, 1, 2].map(|i| (a[i] + b[i]) / 2.0);
    let fast: Vec<_> = all
        .windows(2)
        .flat_map(|pair| [pair[0], (between(pair[0].0, pair[1].0), between(pair[0].1, pair[1].1))])
        .collect();
    let text = csv(&fast, 10);
    let expected = classified(&sandbox, &["--delay", "2"], &text);
    for own in [&["--rate", "100"][..], &[]] {
        assert_same(&objects(&stream(&sandbox, own, &text).expect(0).stdout), &expected);
    }
    // Slower, down to what the model states.
    let text = csv(&samples(60, 2), 40);
    let expected = classified(&sandbox, &["--delay", "2"], &text);
    let done = stream(&sandbox, &[], &text).expect(0).says(&["accelerometer 25.0"]);
    let rows = objects(&done.stdout);
    assert_same(&rows, &expected);
    assert!(rows.iter().all(|row| row["flags"][0] == "low_rate"));
}

#[test]
fn a_stream_without_a_vertical_says_so() {
    let sandbox = sandbox();
    let text = csv(&samples(20, 1), 20);
    let own = ["--axes", "auto"];
    let arguments: Vec<&str> = OPTIONS[..3].iter().copied().chain(own).collect();
    let mut command = sandbox.command(&arguments);
    sandbox.write("walk.csv", &text);
    command.stdin(std::fs::File::open(sandbox.path("walk.csv")).unwrap());
    let done = finish(command.output().unwrap()).expect(0).says(&["note: which way is up", "--axes x=up"]);
    assert!(objects(&done.stdout).iter().all(|row| row["flags"][0] == "no_vertical"));
}

#[test]
fn nobody_has_to_read_to_the_end() {
    let sandbox = sandbox();
    let text = csv(&samples(60, 1), 20);
    let own = [&OPTIONS[..], &["--state", "state.json"]].concat();
    let mut command = sandbox.command(&own);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    drop(child.stdout.take());
    let mut stdin = child.stdin.take().unwrap();
    let _ = stdin.write_all(text.as_bytes());
    drop(stdin);
    let done = finish(child.wait_with_output().unwrap()).expect(0);
    assert!(!done.stderr.contains("error"), "{}", done.stderr);
    assert!(sandbox.path("state.json").is_file());
}

#[cfg(unix)]
#[test]
fn an_interrupted_stream_leaves_its_state_and_goes_on() {
    let sandbox = sandbox();
    let text = csv(&samples(40, 1), 20);
    let lines: Vec<&str> = text.split_inclusive('\n').collect();
    let whole = stream(&sandbox, &[], &text).expect(0).stdout;
    let half = stream(&sandbox, &["--state", "half.json"], &lines[..1000].concat()).expect(0).stdout;
    let given = half.lines().count();
    for signal in ["INT", "TERM"] {
        let own = [&OPTIONS[..], &["--state", "state.json"]].concat();
        let mut command = sandbox.command(&own);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut child = command.spawn().unwrap();
        let mut stdin = child.stdin.take().unwrap();
        stdin.write_all(lines[..1000].concat().as_bytes()).unwrap();
        // All answers but those that end with it: by then all lines have been read.
        let mut stdout = BufReader::new(child.stdout.take().unwrap());
        let mut found = String::new();
        for _ in 0..given {
            stdout.read_line(&mut found).unwrap();
        }
        let kill = format!("kill -{signal} {}", child.id());
        assert!(std::process::Command::new("sh").args(["-c", &kill]).status().unwrap().success());
        for line in stdout.lines() {
            found += &(line.unwrap() + "\n");
        }
        assert_eq!(child.wait().unwrap().code(), Some(130));
        drop(stdin);
        assert!(whole.starts_with(&found), "{found}");
        found += &stream(&sandbox, &["--state", "state.json"], &lines[1000..].concat()).expect(0).stdout;
        assert!(whole.starts_with(&found) && found.lines().count() > 50, "{found}");
        std::fs::remove_file(sandbox.path("state.json")).unwrap();
    }
}
