//! Damaged documents: whatever they hold, an answer comes, and no panic.

use super::common::{Random, damage, read, write_new};
use super::movesense::groups;
use super::push::message;
use super::sensor_logger::export;
use ambulo_formats::{ReadOptions, open};

#[test]
fn some_thousand_damaged_documents() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("damaged");
    let sensors =
        [("Accelerometer", 40, 20, [0.1; 3]), ("Gravity", 40, 20, [9.0; 3]), ("Gyroscope", 40, 20, [1.0; 3])];
    let columns: String = (0..60)
        .map(|i| format!("{{\"t\":{i}.5,\"acc\":{{\"x\":1.5,\"y\":2,\"z\":3}},\"gyro\":[1,2,3]}}\n"))
        .collect();
    let documents = [
        export("ios", "false", &sensors),
        [message("a", 0), message("a", 1), message("b", 0)].join("\n"),
        format!(r#"{{"Meas":{{"IMU6":[{}]}}}}"#, groups(20, &["ArrayAcc", "ArrayGyro"]).join(",")),
        columns,
    ];
    let pieces: [&[u8]; 9] = [
        b"{",
        b"[",
        b"}",
        b"\"",
        b"\\",
        b"99999999999999999999999999999",
        b"-1e999999999999",
        b"\\ud800",
        b"\n",
    ];
    let mut random = Random(7);
    let (mut answered, mut refused) = (0, 0);
    for document in documents {
        for round in 0..900 {
            let mut content = damage(document.as_bytes(), &mut random);
            if round % 3 == 0 {
                let at = random.below(content.len() + 1);
                let piece = pieces[random.below(pieces.len())];
                let piece = piece.repeat(if piece.len() == 1 { 1 + random.below(300) } else { 1 });
                content.splice(at..at, piece);
            }
            write_new(&path, &content);
            match open(&path, &ReadOptions::default()) {
                Ok(found) => {
                    for opened in found {
                        match read(opened) {
                            Ok(_) => answered += 1,
                            Err(error) => assert!(error.to_string().contains("damaged"), "{error}"),
                        }
                    }
                }
                Err(error) => {
                    assert!(error.to_string().contains("damaged"), "{error}");
                    refused += 1;
                }
            }
        }
    }
    assert!(answered > 2000 && refused > 30, "{answered} answered, {refused} refused");
}

#[test]
fn damage_costs_little() {
    let sensors = [("TotalAcceleration", 400, 20, [0.1; 3])];
    let whole = export("android", "false", &sensors);
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("flipped");
    let mut random = Random(11);
    for _ in 0..300 {
        let mut content = whole.clone().into_bytes();
        let at = 2000 + random.below(40_000);
        content[at] ^= 1 << random.below(7);
        write_new(&path, &content);
        let found = read(open(&path, &ReadOptions::default()).unwrap().remove(0)).unwrap();
        assert!(found.parts[0].len() >= 397, "byte {at}: {} samples", found.parts[0].len());
    }
}
