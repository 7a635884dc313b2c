use super::*;

fn all(text: &str) -> (Vec<String>, Damage) {
    let mut objects = Objects::records(&Bytes::memory(text.as_bytes().to_vec()));
    let mut found = Vec::new();
    while let Some(object) = objects.next().unwrap() {
        assert_eq!(
            &text.as_bytes()[object.place.offset as usize..object.end as usize],
            object.text,
            "places"
        );
        found.push(format!("{}:{}", object.place.line, String::from_utf8_lossy(object.text)));
    }
    (found, objects.damage())
}

#[test]
fn lists_lines_and_pretty_printing() {
    let expected = ["1:{\"a\":1}", "2:{\"b\":[{\"c\":\"}\\\"{\"},[]]}"];
    for text in [
        "{\"a\":1}\n{\"b\":[{\"c\":\"}\\\"{\"},[]]}",
        "[{\"a\":1},\n{\"b\":[{\"c\":\"}\\\"{\"},[]]}]",
        "\u{feff} {\"a\":1}\r\n{\"b\":[{\"c\":\"}\\\"{\"},[]]}\n\n",
    ] {
        assert_eq!(all(text), (expected.map(str::to_owned).to_vec(), Damage::default()), "{text}");
    }
    let (found, damage) = all("[\n  {\n    \"a\": 1,\n    \"b\": null\n  },\n  {\n    \"c\": NaN\n  }\n]\n");
    assert_eq!((found.len(), damage), (2, Damage::default()));
    assert!(found[1].starts_with("6:"));
}

#[test]
fn what_breaks_off_costs_no_more_than_itself() {
    for (text, whole, broken, cut) in [
        ("{\"a\":1 {\"b\":2}\n{\"c\":3}", 2, 1, false),
        ("{\"a:1}\n{\"b\":2}\n", 1, 1, false),
        ("{\"a\":\"1}, {\"b\":2}, {\"c\":3}", 1, 1, false),
        ("[{\"a\":1}, 7\n{\"b\":2}]", 2, 1, false),
        ("[{\"a\":1},{\"b\":", 1, 0, true),
        ("[{\"a\":1},", 1, 0, true),
        ("{\"a\":1]}\n{\"b\":1}", 1, 1, false),
        ("{{{{{\"a\":1}", 1, 1, false),
    ] {
        let (found, damage) = all(text);
        assert_eq!(found.len(), whole, "{text}: {found:?}");
        assert!((damage.count > 0) == (broken > 0), "{text}: {damage:?}");
        assert_eq!(damage.cut.is_some(), cut, "{text}");
    }
    let deep = "{\"a\":".repeat(5000);
    let (found, damage) = all(&format!("{deep}1{}", "}".repeat(5000)));
    assert!(found.len() <= 1 && damage.count > 0, "{damage:?}");
    let lists = format!("{{\"a\":{}", "[".repeat(100_000));
    assert_eq!(all(&lists).0.len(), 0);
}

#[test]
fn objects_across_blocks_and_too_long_ones() {
    let mut text = String::new();
    for i in 0..30_000 {
        text += &format!("{{\"n\":{i},\"text\":\"{}\"}},\n", "x".repeat(i % 50));
    }
    let (found, damage) = all(&text);
    assert_eq!((found.len(), damage), (30_000, Damage::default()));
    let long = format!("{{\"a\":\"{}\"}}", "x".repeat(LONGEST + BLOCK));
    let mut objects = Objects::records(&Bytes::memory(long.into_bytes()));
    assert!(matches!(objects.next(), Err(Fault::Damaged { .. })));
}

#[test]
fn inner_objects_by_what_they_begin_with() {
    let text = b"[{\"Meas\": {\"Acc\": [{\"T\": 1, \"x\": [{}]}, {\"T\": 2}], \"z\": 3}}]".to_vec();
    let mut objects = Objects::inner(&Bytes::memory(text), |ahead| ahead.starts_with(b"\"T\""));
    let mut n = 0;
    while objects.next().unwrap().is_some() {
        n += 1;
    }
    assert_eq!((n, objects.damage()), (2, Damage::default()));
}
