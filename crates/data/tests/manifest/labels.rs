//! Every place that labels can stand in.

use crate::common::recordings;
use crate::folder::{Folder, plain, shown, table};

const PLAIN: &str = r#"
[[files]]
pattern = "{person}/{activity}.csv"
columns = "x,y,z"
units = "g"
rate = 50
"#;

#[test]
fn of_a_file_or_folder() {
    let folder = Folder::new().with("a/walk.csv", plain(100)).with("a/SIT.csv", plain(50));
    let dataset = folder.read(&format!("{PLAIN}label = {{ capture = \"activity\" }}")).unwrap();
    let all = recordings(&dataset);
    assert_eq!((shown(&all[0]).as_str(), shown(&all[1]).as_str()), ("0-1000 sitting", "0-2000 walking"));
    assert_eq!(dataset.info.activities, ["walking", "sitting"]);
    let always = folder.read(&format!("{PLAIN}label = {{ always = \"2\" }}")).unwrap();
    assert_eq!(shown(&recordings(&always)[1]), "0-2000 standing");
    let folder = folder.with("a/hop.csv", plain(50));
    let text = folder.error(&format!("{PLAIN}label = {{ capture = \"activity\" }}"));
    assert!(
        text.contains("a/hop.csv: the label `hop` is not explained")
            && text.contains("known are 0, 1, 2, sit, walk"),
        "{text}"
    );
}

const ROWS: &str = r#"
[[files]]
pattern = "{person}.csv"
columns = "x,y,z"
units = "g"
rate = 50
label = { column = "what" }
"#;

#[test]
fn of_rows() {
    let word = |i: usize| ["walk", "walk", "", "1.0", "0", "sit"][i / 10].to_owned();
    let folder = Folder::new().with("a.csv", table("what,x,y,z", 60, word));
    let dataset = folder.read(ROWS).unwrap();
    assert_eq!(shown(&recordings(&dataset)[0]), "0-400 walking; 600-800 walking; 1000-1200 sitting");
    // By number, with times of its own.
    let timed =
        Folder::new().with("a.csv", table("t,what,x,y,z", 60, |i| format!("{},{}", 1000 + 25 * i, word(i))));
    let by_number = ROWS
        .replace("\"what\"", "\"2\"")
        .replace("x,y,z", "time=1,acc=3-5")
        .replace("rate = 50", "time = \"ms\"");
    let dataset = timed.read(&by_number).unwrap();
    assert_eq!(shown(&recordings(&dataset)[0]), "0-500 walking; 750-1000 walking; 1250-1500 sitting");
    // A word that nobody explains, with its row.
    let folder = Folder::new()
        .with("a.csv", table("what,x,y,z", 60, |i| if i < 41 { "sit".into() } else { "fly".into() }));
    let text = folder.error(ROWS);
    assert!(text.contains("a.csv, row 42: the label `fly` is not explained"), "{text}");
    // Left out with a reason.
    let dataset = folder.read(&format!("{ROWS}\n[labels.leave-out]\nfly = \"nobody flies\"")).unwrap();
    assert_eq!(shown(&recordings(&dataset)[0]), "0-820 sitting");
}

#[test]
fn of_rows_through_a_dictionary() {
    let note = |i: usize| ["7030 walking;MET 3.0", "7040 rest", ""][i / 20].to_owned();
    let folder = Folder::new()
        .with("P1.csv", table("note,x,y,z", 60, note))
        .with("dictionary.csv", "annotation,simple\n7030 walking;MET 3.0,walk\n7040 rest,sit\n");
    let files = ROWS.replace("{ column = \"what\" }", "{ dictionary = { column = \"note\", file = \"dictionary.csv\", text = \"annotation\", label = \"simple\" } }").replace("{person}.csv", "{person:P.*}.csv");
    assert_eq!(shown(&recordings(&folder.read(&files).unwrap())[0]), "0-400 walking; 400-800 sitting");
    let folder = folder.with("dictionary.csv", "annotation,simple\n7030 walking;MET 3.0,walk\n");
    assert!(folder.error(&files).contains("P1.csv, row 21: the label `7040 rest` is not explained"));
}

fn table_of(file: &str, more: &str) -> String {
    format!("{}label = {{ table = {{ file = \"{file}\", {more} }} }}", PLAIN.replace("{activity}", "{trial}"))
}

#[test]
fn of_intervals_in_one_table() {
    let folder = Folder::new()
        .with("7/01.csv", plain(200))
        .with("7/2.csv", plain(100))
        .with("labels.txt", "7 1 1 1 50\n7 1 1 51 60\n7 1 2 101 200\n07 02 0 1 20\n7 2 2 21 40\n");
    let by_number = "label = \"3\", start = \"4\", end = \"5\", of = { person = \"1\", trial = \"2\" }, unit = \"rows\", first-row = 1, end-included = true";
    let dataset = folder.read(&table_of("labels.txt", by_number)).unwrap();
    let all = recordings(&dataset);
    assert_eq!(shown(&all[0]), "0-1200 walking; 2000-4000 standing");
    assert_eq!(shown(&all[1]), "400-800 standing");

    for (row, says) in [
        ("7 1 2 150 201", "labels.txt, row 1: the interval ends 1 rows behind the end of 7/01.csv"),
        ("7 1 2 0 20", "labels.txt, row 1: the interval from `0` to `20` is none"),
        ("7 1 2 30 20", "labels.txt, row 1: the interval from `30` to `20` is none"),
        ("7 1 5 1 20", "labels.txt, row 1: the label `5` is not explained"),
        ("7 1 2 1.5 20", "labels.txt, row 1: `1.5` is no time"),
        ("7 1 2 1", "labels.txt, row 1: 4 cells, expected at least 5"),
        (
            "7 1 2 1 20\n7 1 1 20 30",
            "lines 1 and 2 give one moment of 7/01.csv two labels, `standing` and `walking`",
        ),
    ] {
        let folder = Folder::new().with("7/01.csv", plain(200)).with("labels.txt", row);
        let text = folder.error(&table_of("labels.txt", by_number));
        assert!(text.contains(says), "{row}: {text}");
    }
}

#[test]
fn of_intervals_in_a_table_for_each_file() {
    let folder = Folder::new()
        .with("a/1.csv", plain(100))
        .with("notes/a_1.csv", "begin;what\n0;walk\n0.5;sit\n1.5;0\n");
    let seconds = "label = \"what\", start = \"begin\", unit = \"seconds\"";
    let dataset = folder.read(&table_of("notes/{person}_{trial}.csv", seconds)).unwrap();
    assert_eq!(shown(&recordings(&dataset)[0]), "0-500 walking; 500-1500 sitting");
    let ms = "label = \"what\", start = \"begin\", end = \"end\", unit = \"milliseconds\"";
    let folder = folder.with("notes/a_1.csv", "begin,end,what\n100,250.5,walk\n1900,9000,sit\n");
    let dataset = folder.read(&table_of("notes/{person}_{trial}.csv", ms)).unwrap();
    assert_eq!(shown(&recordings(&dataset)[0]), "100-250.5 walking; 1900-2000 sitting");
    // In the recording's own times, whatever they count from.
    let timed = table("t,x,y,z", 100, |i| format!("{}", 5_000_000 + 20 * i));
    let folder = folder
        .with("a/1.csv", timed)
        .with("notes/a_1.csv", "begin,end,what\n5000100,5000500,walk\n5001900,5009000,sit\n");
    let times = table_of("notes/{person}_{trial}.csv", &ms.replace("milliseconds", "times"));
    let times = times.replace("x,y,z", "time=t,ax=x,ay=y,az=z").replace("rate = 50", "time = \"ms\"");
    assert_eq!(shown(&recordings(&folder.read(&times).unwrap())[0]), "100-500 walking; 1900-2000 sitting");
    let folder = folder.with("a/1.csv", plain(100)).with("notes/a_1.csv", "begin,end,what\n1,2,walk\n");
    std::fs::remove_file(folder.path().join("notes/a_1.csv")).unwrap();
    assert!(folder.error(&table_of("notes/{person}_{trial}.csv", ms)).contains("a_1.csv: "));
}
