//! `ambulo inspect` on files as people have them.

use crate::support::Sandbox;
use serde_json::Value;
use std::fmt::Write as _;

/// A table of a minute at 50 Hz: half of it walking, half of it standing; `one_g` is the length of gravity in the file's unit,
/// `turning` that of a radian per second.
fn table(header: &str, one_g: f64, turning: f64) -> String {
    let mut text = format!("{header}\n");
    for i in 0..3000 {
        let t = f64::from(i) / 50.0;
        let moving = if i < 1500 { 1.0 } else { 0.02 };
        let (step, stride) = ((12.0 * t).sin() * moving, (6.0 * t).sin() * moving);
        let acceleration = [0.1 * stride, 1.0 + 0.35 * step, 0.1 + 0.15 * step].map(|v| v * one_g);
        let angular_velocity = [1.2 * stride, 0.6 * step, 0.3 * stride].map(|v| v * turning);
        let [ax, ay, az] = acceleration;
        let [wx, wy, wz] = angular_velocity;
        writeln!(text, "{t:.3},{ax:.5},{ay:.5},{az:.5},{wx:.5},{wy:.5},{wz:.5}").unwrap();
    }
    text
}

const STATED: &str =
    "time (s),acc x (m/s²),acc y (m/s²),acc z (m/s²),gyro x (rad/s),gyro y (rad/s),gyro z (rad/s)";
const BARE: &str = "time,ax,ay,az,gx,gy,gz";
const METRES: f64 = 9.80665;

fn only(stdout: &str) -> Value {
    let mut lines = stdout.lines();
    let value = serde_json::from_str(lines.next().unwrap()).unwrap();
    assert_eq!(lines.next(), None, "one line a file");
    value
}

fn kinds(value: &Value, severity: &str) -> Vec<String> {
    let findings = value["recordings"][0]["findings"].as_array().unwrap();
    let wanted = findings.iter().filter(|f| f["severity"] == severity);
    wanted.map(|f| f["kind"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn a_stated_table_is_described_and_fits_the_terminal() {
    let sandbox = Sandbox::empty();
    sandbox.write("walk.csv", &table(STATED, METRES, 1.0));
    let done = sandbox.run(&["inspect", "walk.csv"]).expect(0);
    for words in
        ["walk.csv", "3,000 samples", "50.00 Hz", "m/s2", "with gravity", "up is x", "gyroscope", "usable"]
    {
        assert!(done.stdout.contains(words), "`{words}` is not in\n{}", done.stdout);
    }
    assert!(done.stdout.lines().all(|line| line.chars().count() <= 80), "{}", done.stdout);
    assert_eq!(done.stderr, "");
}

#[test]
fn json_has_the_documented_shape() {
    let sandbox = Sandbox::empty();
    sandbox.write("walk.csv", &table(STATED, METRES, 1.0));
    let value = only(&sandbox.run(&["inspect", "--json", "walk.csv"]).expect(0).stdout);
    assert_eq!((value["version"].as_u64(), value["file"].as_str()), (Some(1), Some("walk.csv")));
    let recording = &value["recordings"][0];
    assert_eq!((&recording["usable"], &recording["start"]), (&Value::Bool(true), &Value::Null));
    assert!((recording["duration_s"].as_f64().unwrap() - 59.98).abs() < 1e-6);
    let sensor = &recording["sensors"][0];
    assert_eq!(sensor["kind"], "accelerometer");
    assert_eq!(sensor["unit_found"], "m/s2");
    assert_eq!(sensor["gravity"], true);
    assert_eq!(sensor["samples"], 3000);
    assert!((sensor["rate_hz"].as_f64().unwrap() - 50.0).abs() < 1e-6);
    // In g, whatever the file has.
    assert!((sensor["first"][1].as_f64().unwrap() - 1.0).abs() < 1e-4, "{sensor}");
    assert_eq!(sensor["gaps"], Value::Array(Vec::new()));
    assert_eq!(recording["sensors"][1]["unit_found"], "rad/s");
    let up = &recording["orientation"]["periods"][0]["up"];
    assert!(up[1].as_f64().unwrap() > 0.95, "{up}");
}

#[test]
fn units_are_inferred_and_said_or_asked_for() {
    let sandbox = Sandbox::empty();
    sandbox.write("bare.csv", &table(BARE, METRES, 1.0));
    let value = only(&sandbox.run(&["inspect", "--json", "bare.csv"]).expect(0).stdout);
    let sensors = &value["recordings"][0]["sensors"];
    assert_eq!((&sensors[0]["unit_found"], &sensors[1]["unit_found"]), (&"m/s2".into(), &"rad/s".into()));
    assert!(kinds(&value, "note").contains(&"unit".to_owned()));

    // Counts of 256 to a g are no unit that anybody may guess.
    sandbox.write("counts.csv", &table(BARE, 256.0, 1.0));
    let done = sandbox.run(&["inspect", "counts.csv"]).expect(1);
    assert!(done.stdout.contains("256") && done.stdout.contains("--units"), "{}", done.stdout);
    assert!(done.stdout.contains("usable          no"), "{}", done.stdout);
}

#[test]
fn what_the_file_says_and_what_it_holds_must_agree() {
    let sandbox = Sandbox::empty();
    sandbox.write("wrong.csv", &table(STATED, 1.0, 1.0));
    let value = only(&sandbox.run(&["inspect", "--json", "wrong.csv"]).expect(1).stdout);
    assert_eq!(kinds(&value, "refusal"), ["unit"]);
    let declared = ["inspect", "--json", "wrong.csv", "--units", "acc=g,gyro=rad/s"];
    let value = only(&sandbox.run(&declared).expect(0).stdout);
    assert_eq!(value["recordings"][0]["sensors"][0]["unit_because"], "declared");
    // Degrees taken for radians.
    sandbox.write("degrees.csv", &table(STATED, METRES, 57.3));
    let value = only(&sandbox.run(&["inspect", "--json", "degrees.csv"]).expect(1).stdout);
    assert_eq!(kinds(&value, "refusal"), ["unit"]);
}

#[test]
fn gravity_that_was_taken_out_is_refused() {
    let sandbox = Sandbox::empty();
    let mut text = String::from("t,ax,ay,az\n");
    for i in 0..2000 {
        let t = f64::from(i) / 50.0;
        writeln!(
            text,
            "{t},{:.4},{:.4},{:.4}",
            2.0 * (12.0 * t).sin(),
            1.5 * (6.0 * t).sin(),
            (9.0 * t).cos()
        )
        .unwrap();
    }
    sandbox.write("linear.csv", &text);
    let value = only(&sandbox.run(&["inspect", "--json", "linear.csv"]).expect(1).stdout);
    assert_eq!(kinds(&value, "refusal"), ["gravity_removed"]);
}

#[test]
fn gaps_and_impossible_values_are_listed_with_their_place() {
    let sandbox = Sandbox::empty();
    let text = table(STATED, METRES, 1.0);
    // Two seconds are missing, and one value is no acceleration.
    let kept = text.lines().enumerate().filter(|(i, _)| !(1001..1101).contains(i));
    let lines: Vec<String> = kept
        .map(|(i, line)| if i == 501 { "10.000,2e8,9.8,0,0,0,0".to_owned() } else { line.to_owned() })
        .collect();
    sandbox.write("holes.csv", &lines.join("\n"));
    let value = only(&sandbox.run(&["inspect", "--json", "holes.csv"]).expect(0).stdout);
    let gap = &value["recordings"][0]["sensors"][0]["gaps"][0];
    assert!((gap["start_s"].as_f64().unwrap() - 19.98).abs() < 1e-6, "{gap}");
    assert!((gap["length_s"].as_f64().unwrap() - 2.02).abs() < 1e-6, "{gap}");
    assert_eq!(kinds(&value, "warning"), ["impossible"]);
    let findings = value["recordings"][0]["findings"].as_array().unwrap();
    let impossible = findings.iter().find(|f| f["kind"] == "impossible").unwrap();
    assert_eq!((&impossible["count"], &impossible["first_place"]["sample"]), (&1.into(), &500.into()));
}

#[test]
fn a_model_says_whether_it_takes_the_recording() {
    let sandbox = Sandbox::with_finished_run();
    sandbox.write("walk.csv", &table(STATED, METRES, 1.0));
    let verdict = |arguments: &[&str], code| {
        let value = only(&sandbox.run(arguments).expect(code).stdout);
        value["recordings"][0]["model"].clone()
    };
    let model = verdict(&["inspect", "--json", "--model", "runs/done", "walk.csv"], 0);
    assert_eq!(model["takes"], "converted", "{model}");
    assert!(model["reason"].as_str().unwrap().contains("from m/s2 to g"), "{model}");
    let alone: String = table(STATED, METRES, 1.0)
        .lines()
        .map(|l| format!("{}\n", l.split(',').take(4).collect::<Vec<_>>().join(",")))
        .collect();
    sandbox.write("alone.csv", &alone);
    let model = verdict(&["inspect", "--json", "--model", "runs/done", "alone.csv"], 1);
    assert_eq!(model["takes"], "refused");
    assert!(model["reason"].as_str().unwrap().contains("no gyroscope"), "{model}");
}

#[test]
fn one_bad_file_does_not_hide_the_others() {
    let sandbox = Sandbox::empty();
    sandbox.write("walk.csv", &table(STATED, METRES, 1.0));
    sandbox.write("empty.csv", "");
    let done = sandbox.run(&["inspect", "empty.csv", "walk.csv", "nowhere.csv"]).expect(1);
    assert!(done.stdout.contains("walk.csv") && done.stdout.contains("3,000 samples"), "{}", done.stdout);
    let done = done.says(&["empty.csv", "nowhere.csv", "2 of 3 files could not be read"]);
    assert_eq!(done.stderr.matches("nowhere.csv").count(), 1, "{}", done.stderr);
}

#[test]
fn a_table_without_times_asks_for_its_rate() {
    let sandbox = Sandbox::empty();
    let text: String = table(BARE, 1.0, 1.0)
        .lines()
        .map(|l| format!("{}\n", l.split(',').skip(1).take(3).collect::<Vec<_>>().join(",")))
        .collect();
    sandbox.write("untimed.csv", &text);
    sandbox.run(&["inspect", "untimed.csv"]).expect(1).silent().says(&["--rate"]);
    let value = only(&sandbox.run(&["inspect", "--json", "--rate", "50", "untimed.csv"]).expect(0).stdout);
    assert!((value["recordings"][0]["sensors"][0]["rate_hz"].as_f64().unwrap() - 50.0).abs() < 1e-6);
}

#[test]
fn wrong_words_are_wrong_usage() {
    let sandbox = Sandbox::empty();
    sandbox.run(&["inspect"]).expect(2);
    sandbox.run(&["inspect", "a.csv", "--units", "furlongs"]).expect(2).silent().says(&["furlongs"]);
    sandbox.run(&["inspect", "a.csv", "--axes", "x,x,z"]).expect(2).silent().says(&["-y,x,z"]);
    sandbox.run(&["inspect", "a.csv", "--columns", "time"]).expect(2).silent();
}

/// So many rows of a walk whose unit is stated.
fn rows(n: usize) -> String {
    table(STATED, METRES, 1.0).lines().take(n + 1).map(|line| format!("{line}\n")).collect()
}

#[test]
fn a_folder_is_searched_and_what_is_broken_in_it_listed() {
    let sandbox = Sandbox::empty();
    std::fs::create_dir_all(sandbox.path("all/deep")).unwrap();
    for i in 0..197 {
        // No two of one length: they are not the same bytes.
        sandbox.write(format!("all/deep/{i:03}.csv"), &rows(200 + i));
    }
    sandbox.write("all/a.csv", "");
    sandbox.write("all/b.csv", "\0\u{1}\u{2}no recording\0");
    sandbox.write("all/c.csv", &format!("{STATED}\n"));
    sandbox.write("all/notes.txt", "Put the phone into the left pocket.\nThen walk.\n");
    let done = sandbox.run(&["inspect", "all"]).expect(1);
    assert_eq!(done.stdout.matches("usable          yes").count(), 197);
    let done = done.says(&[
        "a.csv",
        "b.csv",
        "c.csv",
        "3 of 200 files could not be read",
        "no recordings: all/notes.txt",
    ]);
    assert!(!done.stderr.contains("deep"), "{}", done.stderr);

    let done = sandbox.run(&["inspect", "--json", "all"]).expect(1);
    let values: Vec<Value> = done.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(values.len(), 201);
    let kinds: Vec<(&str, &str)> = values
        .iter()
        .filter_map(|value| Some((value["file"].as_str()?, value["error"]["kind"].as_str()?)))
        .collect();
    let expected = [
        ("all/a.csv", "empty"),
        ("all/b.csv", "unsupported"),
        ("all/c.csv", "empty"),
        ("all/notes.txt", "no_table"),
    ];
    assert_eq!(kinds, expected);
    assert!(values[0]["error"]["text"].as_str().unwrap().contains("0 bytes"));
}

#[test]
fn a_note_among_recordings_is_no_failure_unless_it_is_named() {
    let sandbox = Sandbox::empty();
    std::fs::create_dir(sandbox.path("all")).unwrap();
    sandbox.write("all/walk.csv", &rows(400));
    sandbox.write("all/notes.txt", "Put the phone into the left pocket.\nThen walk.\n");
    sandbox.run(&["inspect", "all"]).expect(0).says(&["no recordings: all/notes.txt"]);
    sandbox.run(&["inspect", "all/notes.txt"]).expect(1).silent().says(&["notes.txt"]);
    // A folder of nothing else has no recording.
    std::fs::remove_file(sandbox.path("all/walk.csv")).unwrap();
    sandbox.run(&["inspect", "all"]).expect(1).silent().says(&["there is no recording in all"]);
}

#[test]
fn the_same_bytes_under_two_names_are_said() {
    let sandbox = Sandbox::empty();
    sandbox.write("anna.csv", &rows(400));
    sandbox.write("bert.csv", &rows(400));
    sandbox.write("carl.csv", &rows(401));
    let done = sandbox.run(&["inspect", "--json", "anna.csv", "bert.csv", "carl.csv"]).expect(0);
    let done = done.says(&["the same bytes: anna.csv = bert.csv"]);
    let values: Vec<Value> = done.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(kinds(&values[0], "warning"), ["duplicate"]);
    let findings = values[1]["recordings"][0]["findings"].as_array().unwrap();
    let found = findings.iter().find(|f| f["kind"] == "duplicate").unwrap();
    assert!(found["text"].as_str().unwrap().contains("anna.csv"), "{found}");
    assert!(kinds(&values[2], "warning").is_empty());
    // One file named twice is one file.
    let done = sandbox.run(&["inspect", "anna.csv", "./anna.csv"]).expect(0);
    assert!(!done.stderr.contains("same bytes"), "{}", done.stderr);
}

#[test]
fn what_no_model_can_use_is_not_usable_and_says_both_figures() {
    let sandbox = Sandbox::empty();
    sandbox.write("short.csv", &rows(60));
    let done = sandbox.run(&["inspect", "short.csv"]).expect(1);
    for words in ["1.2 s long", "2.56 s", "for what is refused above", "usable          no"] {
        assert!(done.stdout.contains(words), "`{words}` is not in\n{}", done.stdout);
    }
    assert_eq!(done.stdout.matches("1.2 s long").count(), 1, "{}", done.stdout);
    let slow: String = table(STATED, METRES, 1.0)
        .lines()
        .enumerate()
        .filter(|(i, _)| *i == 0 || i % 25 == 1)
        .map(|(_, line)| format!("{line}\n"))
        .collect();
    sandbox.write("slow.csv", &slow);
    let value = only(&sandbox.run(&["inspect", "--json", "slow.csv"]).expect(1).stdout);
    assert_eq!(kinds(&value, "refusal"), ["rate"]);
    let model = &value["recordings"][0]["model"];
    assert_eq!((&model["takes"], &model["name"]), (&"refused".into(), &"usual".into()));
    let reason = model["reason"].as_str().unwrap();
    assert!(reason.contains("2.0 Hz") && reason.contains("50 Hz"), "{reason}");

    // Two windows and a rest that fills none.
    sandbox.write("rest.csv", &rows(294));
    let value = only(&sandbox.run(&["inspect", "--json", "rest.csv"]).expect(0).stdout);
    let findings = value["recordings"][0]["findings"].as_array().unwrap();
    let rest = findings.iter().find(|f| f["kind"] == "too_short").unwrap();
    assert!(rest["text"].as_str().unwrap().contains("2 windows"), "{rest}");
    assert!(rest["text"].as_str().unwrap().contains("38 samples"), "{rest}");
}

/// A table without its middle third.
fn holes() -> String {
    let text = table(STATED, METRES, 1.0);
    let kept = text.lines().enumerate().filter(|(i, _)| !(1000..2000).contains(i));
    kept.map(|(_, line)| format!("{line}\n")).collect()
}

#[test]
fn pauses_are_drawn_over_the_length() {
    let sandbox = Sandbox::empty();
    sandbox.write("holes.csv", &holes());
    let strip = |locale: &str| {
        let mut command = sandbox.command(&["inspect", "holes.csv"]);
        let output = command.env_remove("LC_CTYPE").env("LC_ALL", locale).output().unwrap();
        let text = crate::support::finish(output).stdout;
        text.lines().find(|line| line.contains("over its length")).unwrap().trim().to_owned()
    };
    let (plain, ascii) = (strip("en_US.UTF-8"), strip("C"));
    assert!(plain.contains("█████▌··") || plain.contains("██████··"), "{plain}");
    assert!(ascii.is_ascii() && ascii.contains("#####"), "{ascii}");
    let pauses = plain.chars().filter(|c| *c == '·').count();
    // A third of the length.
    assert!((18..=22).contains(&pauses), "{plain}");
}

#[test]
fn a_page_shows_all_of_it_and_needs_nothing_else() {
    let sandbox = Sandbox::empty();
    sandbox.write("a<b.csv", &holes());
    sandbox.write("walk.csv", &rows(700));
    sandbox.write("empty.csv", "");
    let done = sandbox.run(&["inspect", "--html", "page.html", "a<b.csv", "walk.csv", "empty.csv"]).expect(1);
    done.says(&["page.html"]);
    let page = sandbox.text("page.html");
    for part in [
        "a&lt;b.csv",
        "Not read",
        "href=\"#r1\"",
        "id=\"r1\"",
        "class=\"band s3\"",
        "gap-stretch",
        "Gyroscope",
    ] {
        assert!(page.contains(part), "{part}");
    }
    for outside in ["http://", "https://", "<script", "<link", "@import", "url("] {
        assert!(!page.contains(outside), "{outside}");
    }
    // Two sensors of two recordings, three axes, one of the recordings in two runs.
    assert_eq!(page.matches("class=\"band ").count(), 6 * 2 + 6);
    assert!(page.len() < 1 << 20, "{}", page.len());
}

#[test]
fn numbers_and_names_of_people_are_shown_when_asked_for_only() {
    let sandbox = Sandbox::empty();
    let mut text = String::from(
        "------------ Data File Created By ActiGraph Link ActiLife v6.13.3 Firmware v1.7.2 date format M/d/yyyy at 50 Hz  Filter Normal -----------\n\
         Serial Number: NEO1SECRET\nStart Time 10:00:00\nStart Date 3/5/2024\nEpoch Period (hh:mm:ss) 00:00:00\n\
         Download Time 10:05:00\nDownload Date 3/5/2024\nCurrent Memory Address: 0\nCurrent Battery Voltage: 4.2     Mode = 12\n\
         --------------------------------------------------\nAccelerometer X,Accelerometer Y,Accelerometer Z\n",
    );
    for line in table(BARE, 1.0, 1.0).lines().skip(1) {
        let cells: Vec<&str> = line.split(',').collect();
        writeln!(text, "{},{},{}", cells[1], cells[2], cells[3]).unwrap();
    }
    sandbox.write("wrist.csv", &text);
    let done = sandbox.run(&["inspect", "--json", "wrist.csv"]).expect(0);
    assert!(!done.stdout.contains("SECRET") && !done.stderr.contains("SECRET"));
    let value = only(&sandbox.run(&["inspect", "--json", "--identity", "wrist.csv"]).expect(0).stdout);
    assert!(value["recordings"][0]["identity"].to_string().contains("NEO1SECRET"), "{value}");
}

#[test]
fn a_page_replaces_a_page_and_nothing_else() {
    let sandbox = Sandbox::empty();
    std::fs::create_dir(sandbox.path("all")).unwrap();
    let walk = rows(400);
    sandbox.write("all/walk.csv", &walk);
    sandbox.write("notes.html", "<p>mine</p>");
    for (page, why) in [
        ("all/walk.csv", "one of the recordings"),
        ("all/../all/walk.csv", "one of the recordings"),
        ("notes.html", "no page that Ambulo wrote"),
        ("all", "a directory"),
    ] {
        let arguments = ["inspect", "all/walk.csv", "--html", page];
        sandbox.run(&arguments).expect(2).silent().says(&[why]);
    }
    // Found in a folder, it is no page either.
    sandbox.run(&["inspect", "all", "--html", "all/walk.csv"]).expect(2).silent();
    assert_eq!((sandbox.text("all/walk.csv"), sandbox.text("notes.html")), (walk, "<p>mine</p>".to_owned()));
    // A folder is made, and a second page replaces the first, which is no recording of its folder.
    for _ in 0..2 {
        let done = sandbox.run(&["inspect", "all", "--html", "all/new/page.html"]).expect(0);
        assert!(!done.stderr.contains("no recordings"), "{}", done.stderr);
    }
    assert!(sandbox.text("all/new/page.html").contains("Ambulo inspection"));
    // A folder that cannot be made is said before anything is read.
    let done = sandbox.run(&["inspect", "all", "--html", "notes.html/page.html"]).expect(1).silent();
    assert_eq!(done.stderr.lines().count(), 1, "{}", done.stderr);
    assert!(!done.stderr.contains(".ambulo-"), "{}", done.stderr);
}

#[test]
fn a_hint_for_many_files_is_given_once() {
    let sandbox = Sandbox::empty();
    for i in 0..5 {
        sandbox.write(format!("{i}.csv"), &format!("ax,ay,az\n{}", "0.1,0.2,0.9\n".repeat(50 + i)));
    }
    let done = sandbox.run(&["inspect", "0.csv", "1.csv", "2.csv", "3.csv", "4.csv"]).expect(1).silent();
    assert_eq!(done.stderr.matches("error: ").count(), 5, "{}", done.stderr);
    assert_eq!(done.stderr.matches("--rate HZ").count(), 1, "{}", done.stderr);
    assert!(done.stderr.find("--rate HZ") > done.stderr.find("error: 4.csv"), "{}", done.stderr);
}

#[test]
fn another_rate_is_taken_by_another_model() {
    let sandbox = Sandbox::empty();
    let every = |n: usize| -> String {
        let text = table(STATED, METRES, 1.0);
        let kept = text.lines().enumerate().filter(|(i, _)| *i == 0 || i % n == 1);
        kept.map(|(_, line)| format!("{line}\n")).collect()
    };
    let faster = |text: &str| -> String {
        let half = |line: &str| match line.split_once(',').map(|(t, rest)| (t.parse::<f64>(), rest)) {
            Some((Ok(t), rest)) => format!("{:.3},{rest}\n", t / 2.0),
            _ => format!("{line}\n"),
        };
        text.lines().map(half).collect()
    };
    sandbox.write("slower.csv", &every(2));
    sandbox.write("faster.csv", &faster(&table(STATED, METRES, 1.0)));
    for (file, takes, words) in [
        ("slower.csv", "if_slower", ["a model trained at its rate can", "25.00 Hz is below 50"]),
        (
            "faster.csv",
            "if_resampling",
            ["only if trained with resampling", "its rate is 100.00 Hz and not 50"],
        ),
    ] {
        let value = only(&sandbox.run(&["inspect", "--json", file]).expect(0).stdout);
        assert_eq!(value["recordings"][0]["model"]["takes"], takes);
        let text = sandbox.run(&["inspect", file]).expect(0).stdout;
        let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(words.iter().all(|words| text.contains(words)), "{text}");
    }
}

#[cfg(unix)]
#[test]
fn names_of_files_do_not_steer_the_terminal() {
    let sandbox = Sandbox::empty();
    sandbox.write("a\u{1b}[31m.csv", &rows(400));
    sandbox.write("b\u{1b}[31m.csv", "");
    let done = sandbox.run(&["inspect", "a\u{1b}[31m.csv", "b\u{1b}[31m.csv"]).expect(1);
    assert!(!done.stdout.contains('\u{1b}') && !done.stderr.contains('\u{1b}'), "{}", done.stderr);
    assert!(done.stdout.contains("a\\u{1b}[31m.csv") && done.stderr.contains("b\\u{1b}[31m.csv"));
    let done = sandbox.run(&["convert", "a\u{1b}[31m.csv", "--out", "out"]).expect(0);
    assert!(!done.stdout.contains('\u{1b}') && !done.stderr.contains('\u{1b}'), "{}", done.stderr);
}
