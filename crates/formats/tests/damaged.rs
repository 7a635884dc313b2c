//! Damaged tables: whatever they hold, an answer comes, and no panic.
#![allow(clippy::unwrap_used, reason = "a failed step of a test fails the test")]

mod common;

use ambulo_formats::{ReadOptions, open};
use common::{Random, damage, read, write_new};

fn tables() -> Vec<Vec<u8>> {
    let rows = |line: &dyn Fn(u32) -> String| (0..60).map(line).collect::<String>();
    let plain =
        format!("time,x,y,z\n{}", rows(&|i| format!("{},{},0.5,-0.25\n", i * 20, f64::from(i) * 0.01)));
    let quoted = format!(
        "\"Zeit\";\"ax (m/s²)\";\"ay (m/s²)\";\"az (m/s²)\";note\r\n{}",
        rows(&|i| format!("2024-03-05T10:00:{:02}.{:03}+01:00;\"0,{i}\";1,5;NaN;\"a;b\"\r\n", i % 60, i))
    );
    let blanks = rows(&|i| format!("{:02}:59:{:02}:5  {}  {} 3\n", (i / 60) % 24, i % 60, i % 7, i % 5));
    let wide: Vec<u8> = format!("\u{feff}{plain}").encode_utf16().flat_map(u16::to_le_bytes).collect();
    let preamble = format!("made by x\nversion,2\n\n{}", plain.replace(',', "\t"));
    vec![plain.into_bytes(), quoted.into_bytes(), blanks.into_bytes(), wide, preamble.into_bytes()]
}

#[test]
fn some_thousand_damaged_tables() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("damaged");
    let options = [
        ReadOptions::default(),
        ReadOptions {
            columns: Some("time=1,ax=2,ay=3,az=4".parse().unwrap()),
            rate_hz: Some(50.0),
            ..ReadOptions::default()
        },
    ];
    let mut random = Random(42);
    let (mut answered, mut refused) = (0, 0);
    for table in tables() {
        for round in 0..700 {
            write_new(&path, &damage(&table, &mut random));
            match open(&path, &options[round % 2]) {
                Ok(mut all) => match read(all.remove(0)) {
                    Ok(_) => answered += 1,
                    Err(error) => {
                        assert!(error.to_string().contains("damaged"), "{error}");
                        refused += 1;
                    }
                },
                Err(error) => {
                    assert!(error.to_string().contains("damaged"), "{error}");
                    refused += 1;
                }
            }
        }
    }
    assert!(answered > 1000 && refused > 100, "{answered} answered, {refused} refused");
}

#[test]
fn noise() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("noise");
    let mut random = Random(3);
    let letters = b"0123456789.,;-+eE\n\r\t \"#%:T/xyztime\0\xb2\xff";
    for _ in 0..1500 {
        let n = random.below(400);
        let noise: Vec<u8> = (0..n).map(|_| letters[random.below(letters.len())]).collect();
        write_new(&path, &noise);
        if let Ok(mut all) = open(&path, &ReadOptions { rate_hz: Some(50.0), ..ReadOptions::default() }) {
            _ = read(all.remove(0));
        }
    }
}
