//! What is printed, and the files that are named.

use super::{arguments, cells, sandbox, table};
use parquet::file::reader::{FileReader as _, SerializedFileReader};
use parquet::record::RowAccessor as _;
use serde_json::Value;

#[test]
fn a_pipe_gets_csv_with_every_second_accounted_for() {
    let sandbox = sandbox();
    let done = sandbox.run(&arguments(&["walk.csv"])).expect(0);
    let text = done.stdout;
    assert!(text.starts_with("recording,start_s,end_s,start,end,activity,confidence,flags\n"), "{text}");
    let rows = cells(&text);
    assert!(rows.len() >= 2, "{text}");
    let seconds = |row: &Vec<&str>| [1, 2].map(|i| row[i].parse::<f64>().unwrap());
    let mut covered = 0.0;
    for (row, next) in rows.iter().zip(rows.iter().skip(1).map(Some).chain([None])) {
        assert_eq!((row.len(), row[0]), (8, "walk"), "{row:?}");
        let [from, to] = seconds(row);
        covered += to - from;
        if let Some(next) = next {
            // The same digits where one ends and the next begins.
            assert!(row[2] == next[1] || to < seconds(next)[0], "{row:?} {next:?}");
        }
        let confidence: f32 = row[6].parse().unwrap();
        assert!((0.0..=1.0).contains(&confidence) && (row[5] == "unknown" || confidence >= 0.8), "{row:?}");
        assert!(row[3].starts_with("2026-05-0") && row[3].contains('T') && !row[3].ends_with('Z'), "{row:?}");
    }
    // Three minutes without a pause of eight seconds; windows leave a little at the ends of stretches.
    assert!((165.0..=172.0).contains(&covered), "{covered}");
    assert_eq!(rows[0][3], "2026-05-01T23:58:30");
}

#[test]
fn json_lines_and_parquet_hold_what_csv_holds() {
    let sandbox = sandbox();
    let text = sandbox.run(&arguments(&["walk.csv"])).expect(0).stdout;
    let rows = cells(&text);
    let lines = sandbox.run(&arguments(&["walk.csv", "--format", "jsonl"])).expect(0).stdout;
    assert_eq!(lines, sandbox.run(&arguments(&["walk.csv", "--json"])).expect(0).stdout);
    let objects: Vec<Value> = lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let output = sandbox.command(&arguments(&["walk.csv", "--format", "parquet"])).output().unwrap();
    std::fs::write(sandbox.path("segments.parquet"), output.stdout).unwrap();
    let file = std::fs::File::open(sandbox.path("segments.parquet")).unwrap();
    let reader = SerializedFileReader::new(file).unwrap();
    let columns: Vec<_> = reader.get_row_iter(None).unwrap().map(Result::unwrap).collect();
    assert_eq!((objects.len(), columns.len()), (rows.len(), rows.len()));
    for ((row, object), column) in rows.iter().zip(&objects).zip(&columns) {
        for (i, key) in ["start_s", "end_s"].into_iter().enumerate() {
            let seconds: f64 = row[1 + i].parse().unwrap();
            assert_eq!(object[key].as_f64(), Some(seconds));
            assert_eq!(column.get_double(1 + i).unwrap(), seconds);
        }
        for (i, key) in [(0, "recording"), (3, "start"), (4, "end"), (5, "activity")] {
            assert_eq!(object[key], row[i]);
            assert_eq!(column.get_string(i).unwrap(), row[i]);
        }
        let confidence: f64 = row[6].parse().unwrap();
        assert_eq!(object["confidence"].as_f64(), Some(confidence));
        assert!((f64::from(column.get_float(6).unwrap()) - confidence).abs() <= 0.5001e-4);
        let flags: Vec<&str> =
            object["flags"].as_array().unwrap().iter().map(|f| f.as_str().unwrap()).collect();
        assert_eq!(flags.join(";"), row[7]);
    }
}

#[test]
fn a_table_for_people_names_each_recording_and_counts_minutes() {
    let sandbox = sandbox();
    sandbox.write("b.csv", &table(1, "10:00:00", 2));
    let done = sandbox.run(&arguments(&["walk.csv", "b.csv", "--format", "table"])).expect(0);
    let text = done.stdout;
    assert!(text.starts_with("recording  start                end"), "{text}");
    assert!(
        text.contains("\nwalk       2026-05-01 23:58:30  ")
            && text.contains("\nb          2026-05-01 10:00:00  ")
    );
    assert!(text.contains(" min ") && text.contains(" %") && text.contains("no samples"), "{text}");
    assert!(!text.contains('\u{1b}'), "colours without a terminal: {text}");
    let alone = sandbox.run(&arguments(&["b.csv", "--format", "table"])).expect(0).stdout;
    assert!(alone.starts_with("start                end") && !alone.contains("recording"), "{alone}");
}

#[test]
fn probabilities_of_every_step_add_up() {
    let sandbox = sandbox();
    for name in ["p.csv", "p.jsonl", "deeper/p.parquet"] {
        sandbox.run(&arguments(&["walk.csv", "--probabilities", name])).expect(0);
    }
    let text = sandbox.text("p.csv");
    let head = text.lines().next().unwrap();
    assert_eq!(
        head,
        "recording,time_s,time,walking,walking_upstairs,walking_downstairs,sitting,standing,lying,unknown"
    );
    let rows = cells(&text);
    assert!(rows.len() > 100);
    for row in &rows {
        let sum: f64 = row[3..].iter().map(|p| p.parse::<f64>().unwrap()).sum();
        assert!((sum - 1.0).abs() < 1e-5, "{row:?}");
    }
    let lines: Vec<Value> =
        sandbox.text("p.jsonl").lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let file = std::fs::File::open(sandbox.path("deeper/p.parquet")).unwrap();
    let reader = SerializedFileReader::new(file).unwrap();
    let stored: Vec<_> = reader.get_row_iter(None).unwrap().map(Result::unwrap).collect();
    assert_eq!((lines.len(), stored.len()), (rows.len(), rows.len()));
    for ((row, line), stored) in rows.iter().zip(&lines).zip(&stored) {
        assert_eq!(line["time"], row[2]);
        assert_eq!(stored.get_string(2).unwrap(), row[2]);
        for (i, name) in head.split(',').enumerate().skip(3) {
            let probability: f64 = row[i].parse().unwrap();
            assert_eq!(line[name].as_f64(), Some(probability));
            assert!((f64::from(stored.get_float(i).unwrap()) - probability).abs() <= 0.5001e-6);
        }
    }
    let wrong = sandbox.run(&arguments(&["walk.csv", "--probabilities", "p.txt"])).expect(2);
    wrong.silent().says(&[".csv, .jsonl or .parquet"]);
}

#[test]
fn days_are_divided_at_midnight_of_the_place() {
    let sandbox = sandbox();
    let text = sandbox.run(&arguments(&["walk.csv", "--summary"])).expect(0).stdout;
    let rows = cells(&text);
    let minutes = |date: &str| -> f64 {
        rows.iter().filter(|row| row[1] == date).map(|row| row[3].parse::<f64>().unwrap()).sum()
    };
    // 23:58:30 to midnight, and what is left of three minutes; missing time is counted as well.
    assert!((minutes("2026-05-01") - 1.5).abs() < 0.001, "{text}");
    assert!((minutes("2026-05-02") - 1.5).abs() < 0.06, "{text}");
    let lines = sandbox.run(&arguments(&["walk.csv", "--summary", "--json"])).expect(0).stdout;
    let summary: Value = serde_json::from_str(&lines).unwrap();
    assert_eq!((&summary["version"], &summary["day_clock"]), (&Value::from(1), &Value::from("local")));
    assert_eq!(summary["days"][1]["date"], "2026-05-02");
    assert_eq!(summary["input"]["file"], "walk.csv");
    let table = sandbox.run(&arguments(&["walk.csv", "--summary", "--format", "table"])).expect(0).stdout;
    assert!(table.contains("walk  2026-05-01\n") && table.contains("bouts"), "{table}");
    sandbox.run(&arguments(&["walk.csv", "--summary", "--format", "parquet"])).expect(2).silent();
}

#[test]
fn a_page_and_a_figure_are_of_one_recording() {
    let sandbox = sandbox();
    sandbox.run(&arguments(&["walk.csv", "--html", "walk.html", "--svg", "walk.svg"])).expect(0);
    assert!(sandbox.text("walk.html").contains("<meta name=\"generator\" content=\"Ambulo "));
    assert!(sandbox.text("walk.svg").contains("<svg"));
    // Once more: what Ambulo drew may be replaced, and nothing else.
    sandbox.run(&arguments(&["walk.csv", "--html", "walk.html"])).expect(0);
    sandbox.write("mine.html", "<p>mine</p>");
    sandbox.run(&arguments(&["walk.csv", "--html", "mine.html"])).expect(2).silent();
    assert_eq!(sandbox.text("mine.html"), "<p>mine</p>");
    for option in ["--svg", "--html"] {
        sandbox
            .run(&arguments(&["walk.csv", option, "walk.csv"]))
            .expect(2)
            .silent()
            .says(&["one of the recordings"]);
    }
    sandbox.write("b.csv", &table(1, "10:00:00", 2));
    let done = sandbox.run(&arguments(&["walk.csv", "b.csv", "--html", "both.html"])).expect(2);
    done.silent().says(&["--out DIR"]);
}

#[test]
fn what_makes_no_sense_is_refused_before_anything_is_read() {
    let sandbox = sandbox();
    for (wrong, word) in [
        (&["--confidence", "1.5"][..], "0 to 1"),
        (&["--axes", "x=left"], "x=up"),
        (&["--step", "0"], "--step"),
        (&["--step", "100"], "--step"),
        (&["--delay", "2", "--no-smoothing"], "--no-smoothing"),
        (&["--delay", "6"], "0 to 5"),
        // The model knows one way of wearing, which cannot be declared to be another.
        (&["--axes", "x=up"], "one way of wearing"),
        (&["--out", "out", "--format", "csv"], "--format"),
        (&["--force"], "--out"),
    ] {
        sandbox.run(&arguments(&[&["walk.csv"], wrong].concat())).expect(2).silent().says(&[word]);
    }
    assert!(!sandbox.path("out").exists());
    let done = sandbox.run(&arguments(&["nowhere.csv"])).expect(1);
    done.silent().says(&["nowhere.csv"]);
}

#[test]
fn settings_change_answers_as_they_say() {
    let sandbox = sandbox();
    let rows = |own: &[&str]| {
        let done =
            sandbox.run(&arguments(&[&["walk.csv", "--probabilities", "p.csv"], own].concat())).expect(0);
        (done.stdout, cells(&sandbox.text("p.csv")).len())
    };
    let (usual, steps) = rows(&[]);
    // Whatever is asked for is reached: nothing that is most probable is unknown then.
    let (low, same) = rows(&["--confidence", "0"]);
    assert_eq!(same, steps);
    assert!(!low.contains("backed_off"), "{low}");
    // Nothing is certain.
    assert!(rows(&["--confidence", "1"]).0.lines().count() > 1);
    let (alone, _) = rows(&["--no-smoothing"]);
    assert!(alone.lines().count() >= usual.lines().count(), "{alone}\n{usual}");
    let (_, finer) = rows(&["--step", "0.16"]);
    assert!(finer > steps, "{finer} steps, {steps} before");
    rows(&["--delay", "2"]);
    // Upside down is not what it was.
    assert_ne!(rows(&["--axes", "-x,-y,z"]).0, usual);
}
