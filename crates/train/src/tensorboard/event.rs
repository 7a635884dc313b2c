//! The two kinds of `Event` message that are written (TensorFlow's `event.proto` and `summary.proto`), in
//! Protocol Buffers encoding, and as much reading as continuing a file needs.
//!
//! ```text
//! Event   { double wall_time = 1; int64 step = 2; string file_version = 3; Summary summary = 5; }
//! Summary { repeated Value value = 1; }
//! Value   { string tag = 1; float simple_value = 2; }
//! ```

/// The version of the format, in the first event of each file.
const FILE_VERSION: &str = "brain.Event:2";

const VARINT: u8 = 0;
const FIXED64: u8 = 1;
const BYTES: u8 = 2;
const FIXED32: u8 = 5;

/// The event every file begins with.
pub(super) fn version(wall_time: f64) -> Vec<u8> {
    let mut event = Vec::new();
    put_wall_time(&mut event, wall_time);
    put_bytes(&mut event, 3, FILE_VERSION.as_bytes());
    event
}

/// One value of one curve.
pub(super) fn scalar(tag: &str, step: u64, value: f32, wall_time: f64) -> Vec<u8> {
    let mut entry = Vec::new();
    put_bytes(&mut entry, 1, tag.as_bytes());
    // One of several alternatives in the message: written even when 0.
    put_key(&mut entry, 2, FIXED32);
    entry.extend_from_slice(&value.to_le_bytes());
    let mut summary = Vec::new();
    put_bytes(&mut summary, 1, &entry);

    let mut event = Vec::new();
    put_wall_time(&mut event, wall_time);
    if step != 0 {
        put_key(&mut event, 2, VARINT);
        put_varint(&mut event, step);
    }
    put_bytes(&mut event, 5, &summary);
    event
}

/// Protocol Buffers leave out fields that hold the default.
fn put_wall_time(out: &mut Vec<u8>, seconds: f64) {
    if seconds.to_bits() != 0 {
        put_key(out, 1, FIXED64);
        out.extend_from_slice(&seconds.to_le_bytes());
    }
}

fn put_bytes(out: &mut Vec<u8>, field: u8, bytes: &[u8]) {
    put_key(out, field, BYTES);
    put_varint(out, bytes.len() as u64);
    out.extend_from_slice(bytes);
}

fn put_key(out: &mut Vec<u8>, field: u8, wire_type: u8) {
    out.push(field << 3 | wire_type);
}

fn put_varint(out: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        out.push(value as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}

/// What decides whether an event is kept.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Head<'a> {
    pub(super) step: u64,
    /// Whether it is the version event.
    pub(super) version: bool,
    /// Tag of the first value; empty if there is none.
    pub(super) tag: &'a str,
}

/// Reads the head of an event as far as it can be read: fields unknown to us are skipped, and reading ends at
/// the first one that makes no sense.
pub(super) fn head(event: &[u8]) -> Head<'_> {
    let mut head = Head::default();
    for (field, value) in Fields(event) {
        match (field, value) {
            (2, Value::Varint(step)) => head.step = step,
            (3, Value::Bytes(version)) => head.version = version == FILE_VERSION.as_bytes(),
            (5, Value::Bytes(summary)) => {
                head.tag = bytes_of(summary, 1)
                    .and_then(|value| std::str::from_utf8(bytes_of(value, 1)?).ok())
                    .unwrap_or_default();
            }
            _ => {}
        }
    }
    head
}

fn bytes_of(message: &[u8], wanted: u64) -> Option<&[u8]> {
    Fields(message).find_map(|(field, value)| match value {
        Value::Bytes(bytes) if field == wanted => Some(bytes),
        _ => None,
    })
}

enum Value<'a> {
    Varint(u64),
    Bytes(&'a [u8]),
    /// Fixed-width numbers, which nobody here asks for.
    Fixed,
}

/// Fields of a message, in order.
struct Fields<'a>(&'a [u8]);

impl<'a> Fields<'a> {
    fn varint(&mut self) -> Option<u64> {
        let mut value = 0;
        // Ten groups of seven bits hold 64 bits.
        for shift in (0..70).step_by(7) {
            let (&byte, rest) = self.0.split_first()?;
            self.0 = rest;
            value |= u64::from(byte & 0x7F).checked_shl(shift).unwrap_or(0);
            if byte < 0x80 {
                return Some(value);
            }
        }
        None
    }

    fn take(&mut self, length: usize) -> Option<&'a [u8]> {
        let (bytes, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some(bytes)
    }
}

impl<'a> Iterator for Fields<'a> {
    type Item = (u64, Value<'a>);

    fn next(&mut self) -> Option<Self::Item> {
        let key = self.varint()?;
        let value = match (key & 7) as u8 {
            VARINT => Value::Varint(self.varint()?),
            BYTES => {
                let length = usize::try_from(self.varint()?).ok()?;
                Value::Bytes(self.take(length)?)
            }
            FIXED64 => self.take(8).map(|_| Value::Fixed)?,
            FIXED32 => self.take(4).map(|_| Value::Fixed)?,
            _ => return None,
        };
        Some((key >> 3, value))
    }
}
