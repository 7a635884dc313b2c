//! Where an object ends, and whether it is one.

use memchr::memchr3;

/// Objects and lists in one another.
const DEEPEST: u32 = 120;

/// What came of some bytes.
pub(super) enum Step {
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
pub(super) struct Grammar {
    state: State,
    depth: u32,
    /// For each depth whether it is an object.
    objects: u128,
}

impl Grammar {
    /// Takes up the next bytes of an object, from its opening brace on.
    pub(super) fn take(&mut self, text: &[u8]) -> Step {
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
