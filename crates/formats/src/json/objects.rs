//! A JSON document cut into objects, one after the other, whatever stands around them: memory holds one at a time.

use crate::bytes::Bytes;
use crate::error::Fault;
use memchr::{memchr, memchr_iter, memchr3};

/// Bytes read at once.
const BLOCK: usize = 256 << 10;
/// An object that is longer is no sample and no message.
const LONGEST: usize = 16 << 20;
/// Bytes behind an opening brace that [`Rule`] sees, if the file has so many.
const AHEAD: usize = 64;
/// Objects and lists in one another.
const DEEPEST: u32 = 120;

/// Which objects are wanted, by what follows the opening brace; the others are entered, and those in them looked at.
pub(super) type Rule = fn(&[u8]) -> bool;

/// One object, whole: its brackets match, and names and values alternate.
#[derive(Clone, Copy, Debug)]
pub(super) struct Object<'a> {
    pub(super) text: &'a [u8],
    /// Where it begins in the file.
    pub(super) place: Place,
    /// Where it ends.
    pub(super) end: u64,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) offset: u64,
    /// From 1.
    pub(super) line: u64,
}

/// What was no object.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Damage {
    /// Objects that break off in the middle, and stretches between objects that are none.
    pub(super) count: u64,
    /// The first of them.
    pub(super) first: Place,
    /// The file ends in an object, or before its list does.
    pub(super) cut: Option<Place>,
}

/// Cuts bytes into objects.
#[derive(Debug)]
pub(super) struct Objects {
    bytes: Bytes,
    rule: Rule,
    from: Place,
    /// Bytes from here on are not looked at.
    to: u64,
    buffer: Vec<u8>,
    /// Place in the file of the buffer's first byte.
    base: u64,
    /// Next byte in the buffer.
    at: usize,
    /// Line of that byte.
    line: u64,
    /// Whether anything but objects, commas and brackets of lists between objects is damage.
    strict: bool,
    list: bool,
    closed: bool,
    damage: Damage,
}

impl Objects {
    /// Objects that stand alone, one after the other or in one list.
    pub(super) fn records(bytes: &Bytes) -> Self {
        Self { strict: true, ..Self::inner(bytes, |_| true) }
    }

    /// Objects that stand in others.
    pub(super) fn inner(bytes: &Bytes, rule: Rule) -> Self {
        Self {
            bytes: bytes.clone(),
            rule,
            from: Place { offset: 0, line: 1 },
            to: bytes.len(),
            buffer: Vec::new(),
            base: 0,
            at: 0,
            line: 1,
            strict: false,
            list: false,
            closed: false,
            damage: Damage::default(),
        }
    }

    /// The same, from the beginning of one object to the end of another.
    pub(super) fn between(mut self, from: Place, to: u64) -> Self {
        (self.from, self.to) = (from, to.min(self.bytes.len()));
        self.rewind();
        self
    }

    /// Begins again.
    pub(super) fn rewind(&mut self) {
        self.seek(self.from);
        (self.list, self.closed, self.damage) = (false, false, Damage::default());
    }

    /// Goes to another place.
    pub(super) fn seek(&mut self, to: Place) {
        let inside = to.offset.checked_sub(self.base).and_then(|at| usize::try_from(at).ok());
        match inside.filter(|&at| at <= self.buffer.len()) {
            Some(at) => self.at = at,
            None => {
                self.buffer.clear();
                (self.base, self.at) = (to.offset, 0);
            }
        }
        self.line = to.line;
    }

    pub(super) fn damage(&self) -> Damage {
        self.damage
    }

    /// Reads more behind what is in the buffer, and gives up what lies before `keep`; false at the end.
    fn fill(&mut self, keep: usize) -> Result<bool, Fault> {
        self.buffer.drain(..keep);
        self.base += keep as u64;
        self.at -= keep;
        let end = self.base + self.buffer.len() as u64;
        let more = self.to.saturating_sub(end).min(BLOCK as u64) as usize;
        let held = self.buffer.len();
        self.buffer.resize(held + more, 0);
        let n = self.bytes.read_at(end, &mut self.buffer[held..])?;
        self.buffer.truncate(held + n);
        Ok(n > 0)
    }

    /// The next object; none at the end.
    pub(super) fn next(&mut self) -> Result<Option<Object<'_>>, Fault> {
        loop {
            let Some(begin) = self.opening()? else { return Ok(None) };
            let place = Place { offset: self.base + begin as u64, line: self.line };
            match self.whole(begin)? {
                Outcome::Whole(begin) => {
                    let end = self.base + self.at as u64;
                    return Ok(Some(Object { text: &self.buffer[begin..self.at], place, end }));
                }
                Outcome::Broken => self.broken(place),
                Outcome::Ends => {
                    self.damage.cut = Some(place);
                    return Ok(None);
                }
            }
        }
    }

    fn broken(&mut self, place: Place) {
        if self.damage.count == 0 {
            self.damage.first = place;
        }
        self.damage.count += 1;
    }

    /// The place in the buffer of the next wanted opening brace.
    fn opening(&mut self) -> Result<Option<usize>, Fault> {
        loop {
            let rest = &self.buffer[self.at..];
            let skipped = memchr(b'{', rest).unwrap_or(rest.len());
            let found = skipped < rest.len();
            self.between_objects(skipped);
            self.at += skipped;
            if !found {
                if self.fill(self.at)? {
                    continue;
                }
                if self.list && !self.closed && self.strict {
                    self.damage.cut = Some(Place { offset: self.base + self.at as u64, line: self.line });
                }
                return Ok(None);
            }
            while self.buffer.len() - self.at < AHEAD && self.fill(self.at)? {}
            let ahead = &self.buffer[self.at + 1..];
            if (self.rule)(&ahead[..ahead.len().min(AHEAD)]) {
                return Ok(Some(self.at));
            }
            self.at += 1;
        }
    }

    /// Looks at what stands between two objects.
    fn between_objects(&mut self, length: usize) {
        let text = &self.buffer[self.at..self.at + length];
        let begin = Place { offset: self.base + self.at as u64, line: self.line };
        self.line += memchr_iter(b'\n', text).count() as u64;
        if !self.strict {
            return;
        }
        let text = if begin.offset == 0 { text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(text) } else { text };
        let mut junk = false;
        for byte in text {
            match byte {
                b'[' => (self.list, self.closed) = (true, false),
                b']' => self.closed = true,
                b',' | b' ' | b'\t' | b'\r' | b'\n' | 0x1e => {}
                _ => junk = true,
            }
        }
        if junk {
            // The rest of an object that broke off has been counted with it.
            let of_broken = self.damage.count > 0 && self.damage.first.line == begin.line;
            if !of_broken {
                self.broken(begin);
            }
        }
    }

    /// Goes over an object that begins in the buffer.
    fn whole(&mut self, begin: usize) -> Result<Outcome, Fault> {
        let mut begin = begin;
        let mut grammar = Grammar::default();
        loop {
            if self.at == self.buffer.len() {
                if self.at - begin > LONGEST {
                    return Err(Fault::damaged(
                        format!("byte {}", self.base + begin as u64),
                        format!("an object of more than {LONGEST} bytes"),
                        "an object for each sample or message",
                    ));
                }
                if !self.fill(begin)? {
                    return Ok(Outcome::Ends);
                }
                begin = 0;
            }
            match grammar.take(&self.buffer[self.at..]) {
                Step::On(n) => self.at += n,
                Step::End(n) => {
                    self.at += n;
                    self.line += memchr_iter(b'\n', &self.buffer[begin..self.at]).count() as u64;
                    return Ok(Outcome::Whole(begin));
                }
                Step::Wrong(n) => {
                    // An opening brace that is wrong here may be right as the beginning of the next object.
                    self.at += n;
                    self.line += memchr_iter(b'\n', &self.buffer[begin..self.at]).count() as u64;
                    return Ok(Outcome::Broken);
                }
            }
        }
    }
}

enum Outcome {
    /// It ends at `at` and begins here, as the buffer may have moved.
    Whole(usize),
    Broken,
    Ends,
}

enum Step {
    /// So many bytes were taken; more is needed.
    On(usize),
    /// The object ends behind so many bytes.
    End(usize),
    /// What stands behind so many bytes cannot stand there.
    Wrong(usize),
}

#[derive(Clone, Copy, Debug, Default, PartialEq)]
enum State {
    /// A value.
    #[default]
    Value,
    /// A value or the end of the list.
    First,
    /// A name, or the end of the object.
    Name,
    Colon,
    /// A comma, or the end of the object or list.
    Comma,
    /// In a string that is a name, or a value.
    Text {
        name: bool,
    },
    /// The byte behind a backslash.
    Escape {
        name: bool,
    },
    Bare,
}

/// Where in an object one is: enough to tell that it is whole, whatever its names and values are.
#[derive(Debug, Default)]
struct Grammar {
    state: State,
    depth: u32,
    /// For each depth whether it is an object.
    objects: u128,
}

impl Grammar {
    fn take(&mut self, text: &[u8]) -> Step {
        let mut at = 0;
        while let Some(&byte) = text.get(at) {
            match self.state {
                State::Text { name } => {
                    let Some(n) = memchr3(b'"', b'\\', b'\n', &text[at..]) else {
                        return Step::On(text.len());
                    };
                    at += n;
                    match text[at] {
                        b'"' => self.state = if name { State::Colon } else { State::Comma },
                        b'\\' => self.state = State::Escape { name },
                        // No string goes over lines: what follows is another one.
                        _ => return Step::Wrong(at),
                    }
                }
                State::Escape { name } => self.state = State::Text { name },
                State::Bare if is_bare(byte) => {}
                _ if matches!(byte, b' ' | b'\t' | b'\r' | b'\n') => {
                    if self.state == State::Bare {
                        self.state = State::Comma;
                    }
                }
                _ => match self.sign(byte) {
                    Some(true) => return Step::End(at + 1),
                    Some(false) => {}
                    None => return Step::Wrong(at.max(usize::from(self.depth == 0))),
                },
            }
            at += 1;
        }
        Step::On(text.len())
    }

    /// A byte outside of strings; true when the object ends with it, none if it cannot stand there.
    fn sign(&mut self, byte: u8) -> Option<bool> {
        let value = matches!(self.state, State::Value | State::First);
        let in_object = self.depth > 0 && self.objects >> (self.depth - 1) & 1 == 1;
        let ended = matches!(self.state, State::Comma | State::Bare);
        self.state = match byte {
            b'{' | b'[' if value && self.depth < DEEPEST => {
                let bit = 1u128 << self.depth;
                self.objects = if byte == b'{' { self.objects | bit } else { self.objects & !bit };
                self.depth += 1;
                if byte == b'{' { State::Name } else { State::First }
            }
            b'}' if in_object && (ended || self.state == State::Name) => return Some(self.close()),
            b']' if !in_object && (ended || self.state == State::First) => return Some(self.close()),
            b',' if ended => {
                if in_object {
                    State::Name
                } else {
                    State::Value
                }
            }
            b':' if self.state == State::Colon => State::Value,
            b'"' if self.state == State::Name => State::Text { name: true },
            b'"' if value => State::Text { name: false },
            byte if value && is_bare(byte) => State::Bare,
            _ => return None,
        };
        Some(false)
    }

    fn close(&mut self) -> bool {
        self.depth = self.depth.saturating_sub(1);
        self.state = State::Comma;
        self.depth == 0
    }
}

/// Numbers and words.
fn is_bare(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'-' | b'.')
}

#[cfg(test)]
mod tests {
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
        let (found, damage) =
            all("[\n  {\n    \"a\": 1,\n    \"b\": null\n  },\n  {\n    \"c\": NaN\n  }\n]\n");
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
}
