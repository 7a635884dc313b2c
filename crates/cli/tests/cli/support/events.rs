//! Reads the scalars of a TensorBoard event file, by the format's public description and not by the code that
//! writes it.

use std::path::Path;

/// Everything about a scalar but its time: tag, step and the bits of its value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Scalar {
    pub(crate) tag: String,
    pub(crate) step: u64,
    pub(crate) bits: u32,
}

/// The scalars of the one event file of a run, in its order.
pub(crate) fn scalars(run: &Path) -> Vec<Scalar> {
    let is_events =
        |path: &Path| path.file_name().unwrap().to_string_lossy().starts_with("events.out.tfevents.");
    let mut files: Vec<_> = std::fs::read_dir(run).unwrap().map(|e| e.unwrap().path()).collect();
    files.retain(|path| is_events(path));
    assert_eq!(files.len(), 1, "{files:?}");
    let bytes = std::fs::read(&files[0]).unwrap();
    let mut found = Vec::new();
    let mut rest = bytes.as_slice();
    while !rest.is_empty() {
        // Length, checksum of the length, payload, checksum of the payload.
        let length = u64::from_le_bytes(rest[..8].try_into().unwrap()) as usize;
        found.extend(scalar(&rest[12..12 + length]));
        rest = &rest[12 + length + 4..];
    }
    found
}

/// `Event { step = 2; summary = 5 { value = 1 { tag = 1; simple_value = 2 } } }`
fn scalar(event: &[u8]) -> Option<Scalar> {
    let event = fields(event);
    let summary = fields(bytes(&event, 5)?);
    let value = fields(bytes(&summary, 1)?);
    let step = event.iter().find_map(|f| if let (2, Value::Varint(v)) = *f { Some(v) } else { None });
    let bits = value.iter().find_map(|f| if let (2, Value::Four(v)) = *f { Some(v) } else { None });
    Some(Scalar {
        tag: String::from_utf8(bytes(&value, 1)?.to_vec()).unwrap(),
        step: step.unwrap_or(0),
        bits: bits.unwrap(),
    })
}

enum Value<'a> {
    Varint(u64),
    Eight,
    Bytes(&'a [u8]),
    Four(u32),
}

fn bytes<'a>(fields: &[(u64, Value<'a>)], number: u64) -> Option<&'a [u8]> {
    fields.iter().find_map(|f| match f {
        (n, Value::Bytes(b)) if *n == number => Some(*b),
        _ => None,
    })
}

fn fields(mut rest: &[u8]) -> Vec<(u64, Value<'_>)> {
    let mut found = Vec::new();
    while !rest.is_empty() {
        let key = varint(&mut rest);
        let value = match key & 7 {
            0 => Value::Varint(varint(&mut rest)),
            1 => {
                rest = &rest[8..];
                Value::Eight
            }
            2 => {
                let length = varint(&mut rest) as usize;
                let (content, after) = rest.split_at(length);
                rest = after;
                Value::Bytes(content)
            }
            5 => {
                let (value, after) = rest.split_first_chunk().unwrap();
                rest = after;
                Value::Four(u32::from_le_bytes(*value))
            }
            other => panic!("wire type {other}"),
        };
        found.push((key >> 3, value));
    }
    found
}

fn varint(rest: &mut &[u8]) -> u64 {
    let mut value = 0;
    for shift in (0..).step_by(7) {
        let (&byte, after) = rest.split_first().unwrap();
        *rest = after;
        value |= u64::from(byte & 0x7f) << shift;
        if byte < 0x80 {
            break;
        }
    }
    value
}
