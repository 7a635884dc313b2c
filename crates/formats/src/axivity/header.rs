//! The first 1,024 bytes of a `.cwa` file. Configured start and end are not read: clocks that were never set make them differ from
//! what was recorded.

use crate::error::{Fault, quoted};

/// Bytes before the first block of data.
pub(super) const LENGTH: usize = 1024;
/// The length that the header states: without the four bytes before it.
const STATED: u16 = 1020;
/// Hardware of the AX6; 0x00, 0xff and 0x17 are AX3.
const AX6: u8 = 0x64;

/// What is of use in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct CwaHeader {
    pub(super) device: &'static str,
    /// Serial number, session and annotation, where they were asked for.
    pub(super) identity: Vec<(String, String)>,
}

/// Whether bytes begin as a header does.
pub(super) fn is_header(head: &[u8]) -> bool {
    head.starts_with(b"MD") && word(head, 2) == Some(STATED)
}

fn word(bytes: &[u8], at: usize) -> Option<u16> {
    Some(u16::from_le_bytes(bytes.get(at..at + 2)?.try_into().ok()?))
}

/// Reads a header; who people are only if asked for.
pub(super) fn read(head: &[u8], identity: bool) -> Result<CwaHeader, Fault> {
    if !is_header(head) {
        return Err(Fault::damaged(
            "byte 0",
            quoted(&head[..head.len().min(4)]),
            "`MD` and a header's length of 1020 bytes",
        ));
    }
    let device = if head.get(4) == Some(&AX6) { "Axivity AX6" } else { "Axivity AX3" };
    let identity = if identity { people(head) } else { Vec::new() };
    Ok(CwaHeader { device, identity })
}

fn people(head: &[u8]) -> Vec<(String, String)> {
    let mut all = Vec::new();
    if let (Some(low), Some(high)) = (word(head, 5), word(head, 11)) {
        // Old firmware left the upper half unwritten.
        let high = if high == u16::MAX { 0 } else { high };
        all.push(("serial number".to_owned(), (u32::from(high) << 16 | u32::from(low)).to_string()));
    }
    if let (Some(low), Some(high)) = (word(head, 7), word(head, 9)) {
        all.push(("session".to_owned(), (u32::from(high) << 16 | u32::from(low)).to_string()));
    }
    let annotation = annotation(head.get(64..512).unwrap_or_default());
    if !annotation.is_empty() {
        all.push(("annotation".to_owned(), annotation));
    }
    all
}

/// The annotation, `_s=study&_sc=code` with escapes as in addresses of web pages, padded with blanks, 0 or 255.
fn annotation(bytes: &[u8]) -> String {
    let end = bytes.iter().position(|byte| matches!(byte, 0 | 0xff)).unwrap_or(bytes.len());
    let mut text = Vec::new();
    let mut rest = bytes[..end].iter().copied();
    while let Some(byte) = rest.next() {
        let mut ahead = rest.clone();
        let digit = |byte: Option<u8>| char::from(byte?).to_digit(16);
        match (byte, digit(ahead.next()), digit(ahead.next())) {
            (b'%', Some(high), Some(low)) => {
                text.push((high << 4 | low) as u8);
                rest = ahead;
            }
            (b'+', ..) => text.push(b' '),
            _ => text.push(byte),
        }
    }
    String::from_utf8_lossy(&text).trim().chars().filter(|c| !c.is_control()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn annotations_are_decoded() {
        assert_eq!(annotation(b"_s=A%20b+c&_n=100%&x=%4  \xff\xff"), "_s=A b c&_n=100%&x=%4");
        assert_eq!(annotation(b"%"), "%");
        assert_eq!(annotation(&[b' '; 448]), "");
    }
}
