//! What stands in an object: names and values, in their order.

use std::borrow::Cow;

/// A part of an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Event<'a> {
    /// The name of what follows, as it is written between the quotes.
    Name(&'a [u8]),
    /// A string, as it is written between the quotes.
    Text(&'a [u8]),
    /// A number or a word.
    Bare(&'a [u8]),
    /// An object or a list begins.
    Open { list: bool },
    /// It ends.
    Close,
}

/// Goes over an object that is known to be whole.
#[derive(Clone, Debug)]
pub(super) struct Walk<'a> {
    text: &'a [u8],
    at: usize,
}

impl<'a> Walk<'a> {
    pub(super) fn new(text: &'a [u8]) -> Self {
        Self { text, at: 0 }
    }

    /// Goes over the rest of a value that has been opened.
    pub(super) fn leave(&mut self) {
        let mut depth = 1u32;
        while depth > 0 {
            match self.next() {
                Some(Event::Open { .. }) => depth += 1,
                Some(Event::Close) => depth -= 1,
                Some(_) => {}
                None => return,
            }
        }
    }

    /// Goes over the value that follows.
    pub(super) fn pass(&mut self) {
        if let Some(Event::Open { .. }) = self.next() {
            self.leave();
        }
    }

    /// The value that follows, if it is a string, a number or a word.
    pub(super) fn scalar(&mut self) -> Option<&'a [u8]> {
        match self.next()? {
            Event::Text(text) | Event::Bare(text) => Some(text),
            Event::Open { .. } => {
                self.leave();
                None
            }
            Event::Name(_) | Event::Close => None,
        }
    }

    fn string(&mut self) -> &'a [u8] {
        let from = self.at;
        while let Some(n) = memchr::memchr2(b'"', b'\\', &self.text[self.at..]) {
            self.at += n;
            if self.text[self.at] == b'"' {
                let text = &self.text[from..self.at];
                self.at += 1;
                return text;
            }
            self.at = (self.at + 2).min(self.text.len());
        }
        self.at = self.text.len();
        &self.text[from..]
    }
}

impl<'a> Iterator for Walk<'a> {
    type Item = Event<'a>;

    fn next(&mut self) -> Option<Event<'a>> {
        loop {
            let byte = *self.text.get(self.at)?;
            self.at += 1;
            return Some(match byte {
                b'{' => Event::Open { list: false },
                b'[' => Event::Open { list: true },
                b'}' | b']' => Event::Close,
                b'"' => {
                    let text = self.string();
                    let mut behind = self.at;
                    while self.text.get(behind).is_some_and(u8::is_ascii_whitespace) {
                        behind += 1;
                    }
                    if self.text.get(behind) == Some(&b':') {
                        self.at = behind + 1;
                        Event::Name(text)
                    } else {
                        Event::Text(text)
                    }
                }
                b',' | b':' | b' ' | b'\t' | b'\r' | b'\n' => continue,
                _ => {
                    let from = self.at - 1;
                    let ends = |c: &u8| matches!(c, b',' | b'}' | b']' | b' ' | b'\t' | b'\r' | b'\n');
                    let rest = &self.text[from..];
                    self.at = from + rest.iter().position(ends).unwrap_or(rest.len());
                    Event::Bare(&self.text[from..self.at])
                }
            });
        }
    }
}

/// A string as it is meant.
pub(super) fn unescaped(text: &[u8]) -> Cow<'_, [u8]> {
    if memchr::memchr(b'\\', text).is_none() {
        return Cow::Borrowed(text);
    }
    let mut plain = Vec::with_capacity(text.len());
    let mut at = 0;
    while let Some(&byte) = text.get(at) {
        at += 1;
        if byte != b'\\' {
            plain.push(byte);
            continue;
        }
        let escape = text.get(at).copied().unwrap_or(b'\\');
        at += 1;
        match escape {
            b'b' => plain.push(8),
            b'f' => plain.push(12),
            b'n' => plain.push(b'\n'),
            b'r' => plain.push(b'\r'),
            b't' => plain.push(b'\t'),
            b'u' => {
                let hex = text.get(at..at + 4).and_then(|hex| std::str::from_utf8(hex).ok());
                let unit = hex.and_then(|hex| u32::from_str_radix(hex, 16).ok());
                at += if unit.is_some() { 4 } else { 0 };
                let c = unit.and_then(char::from_u32).unwrap_or(char::REPLACEMENT_CHARACTER);
                plain.extend(c.encode_utf8(&mut [0; 4]).bytes());
            }
            other => plain.push(other),
        }
    }
    Cow::Owned(plain)
}

/// The same for people.
pub(super) fn shown(text: &[u8]) -> String {
    String::from_utf8_lossy(&unescaped(text)).into_owned()
}

/// The first bytes of a document without blanks between its parts.
pub(super) fn compact(head: &[u8]) -> Vec<u8> {
    let (mut text, mut escaped) = (false, false);
    let keep = |&byte: &u8| {
        if text {
            text = escaped || byte != b'"';
            escaped = !escaped && byte == b'\\';
            return true;
        }
        text = byte == b'"';
        !byte.is_ascii_whitespace()
    };
    head.iter().copied().filter(keep).collect()
}

/// Whether a document begins with an object, alone or in a list, that begins so.
pub(super) fn begins_with(compact: &[u8], object: &[u8]) -> bool {
    compact.strip_prefix(b"[").unwrap_or(compact).starts_with(object)
}

/// Whether something stands in a text.
pub(super) fn holds(text: &[u8], part: &[u8]) -> bool {
    memchr::memmem::find(text, part).is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_values() {
        let text = br#"{"a\"b" : [1e3, "x:\\", {"c":null}], "d":-5.0 }"#;
        let events: Vec<Event<'_>> = Walk::new(text).collect();
        use Event::{Bare, Close, Name, Open, Text};
        let expected = [
            Open { list: false },
            Name(b"a\\\"b"),
            Open { list: true },
            Bare(b"1e3"),
            Text(b"x:\\\\"),
            Open { list: false },
            Name(b"c"),
            Bare(b"null"),
            Close,
            Close,
            Name(b"d"),
            Bare(b"-5.0"),
            Close,
        ];
        assert_eq!(events, expected);
        let mut walk = Walk::new(text);
        assert_eq!((walk.next(), walk.next()), (Some(Open { list: false }), Some(Name(b"a\\\"b"))));
        walk.pass();
        assert_eq!((walk.next(), walk.scalar()), (Some(Name(b"d")), Some(&b"-5.0"[..])));
        assert_eq!(compact(b"[ {\"a b\" : \"\\\" \" , "), b"[{\"a b\":\"\\\" \",");
    }

    #[test]
    fn escapes() {
        assert_eq!(shown(br"m/s\u00b2 \u00B5 \/ \\ \n\ud800\u12"), "m/s² µ / \\ \n\u{fffd}\u{fffd}12");
        assert!(matches!(unescaped(b"plain"), Cow::Borrowed(_)));
    }
}
