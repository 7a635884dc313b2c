//! Sensor Logger's messages.

use super::common::read;
use super::{MS, NINE, all, plain, says};
use ambulo_formats::{Format, ReadOptions};
use ambulo_signal::{FindingKind, Start};
use serde_json::Value;

/// A message with ten samples of acceleration and of angular velocity.
pub(crate) fn message(session: &str, number: i64) -> String {
    let item = |name: &str, i: i64, xyz: &str| {
        format!(
            r#"{{"name":"{name}","time":{},"values":{{{xyz}}},"accuracy":3}}"#,
            NINE + (number * 10 + i) * 20 * MS + 1
        )
    };
    let items: Vec<String> = (0..10)
        .flat_map(|i| {
            [
                item("totalacceleration", i, &format!(r#""z":9.75,"y":0,"x":{number}"#)),
                item("gyroscope", i, r#""z":1,"y":2,"x":3"#),
            ]
        })
        .collect();
    format!(
        r#"{{"messageId":{number},"sessionId":"{session}","deviceId":"d","payload":[{}]}}"#,
        items.join(",")
    )
}

#[test]
fn messages_out_of_order_and_twice() {
    let numbers = [2, 0, 1, 1, 3, 6, 0, 5];
    let messages: Vec<String> = numbers.iter().map(|&n| message("a", n)).collect();
    let pretty = messages
        .iter()
        .map(|text| serde_json::to_string_pretty(&serde_json::from_str::<Value>(text).unwrap()).unwrap());
    let documents =
        [messages.join("\n"), format!("[{}]", messages.join(", ")), pretty.collect::<Vec<_>>().join("\n")];
    for text in documents {
        let whole = plain(&text);
        assert_eq!((whole.parts[0].len(), whole.parts[1].len()), (60, 60));
        let order: Vec<f32> = whole.parts[0].values.iter().step_by(10).map(|value| value[0]).collect();
        assert_eq!(order, [0.0, 1.0, 2.0, 3.0, 5.0, 6.0]);
        assert!(whole.parts[0].times_ns.is_sorted() && whole.parts[0].times_ns[1] == 20 * MS);
        assert_eq!(whole.header.start, Start::Utc { utc_ns: NINE + 1, offset_s: None });
        assert_eq!(says(&whole, FindingKind::File, &["again"]), 2);
        assert_eq!(says(&whole, FindingKind::File, &["missing"]), 1);
        says(&whole, FindingKind::File, &["late"]);
        assert!(whole.header.identity.is_empty());
    }
}

#[test]
fn each_session_is_a_recording() {
    let text = [message("a", 0), message("b", 0), message("a", 1), message("b", 1)].join("\n");
    let mut found = all(&text, &ReadOptions { identity: true, ..ReadOptions::default() }).unwrap();
    assert_eq!(found.len(), 2);
    for (opened, session) in found.drain(..).zip(["a", "b"]) {
        assert_eq!(opened.format(), Format::SensorLoggerPush);
        let whole = read(opened).unwrap();
        assert_eq!(whole.parts[0].len(), 20);
        assert_eq!(whole.header.identity, [("session id".to_owned(), session.to_owned())]);
        says(&whole, FindingKind::File, &["of 2"]);
    }
}
