//! From a key of a manifest to its line, and back.

use super::error::{KeyPlace, ManifestError, Problem};
use super::nearest::nearest;
use std::fmt::Write as _;
use std::ops::Range;
use toml::de::{DeTable, DeValue};

/// A step to a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Step<'a> {
    Key(&'a str),
    Index(usize),
}

impl<'a> From<&'a str> for Step<'a> {
    fn from(key: &'a str) -> Self {
        Self::Key(key)
    }
}

impl From<usize> for Step<'_> {
    fn from(index: usize) -> Self {
        Self::Index(index)
    }
}

/// `files[0].columns`.
pub(super) fn shown(path: &[Step<'_>]) -> String {
    let mut text = String::new();
    for step in path {
        // Writing into a string cannot fail.
        let _ = match step {
            Step::Key(key) if text.is_empty() => write!(text, "{key}"),
            Step::Key(key) => write!(text, ".{key}"),
            Step::Index(index) => write!(text, "[{index}]"),
        };
    }
    text
}

/// A manifest's text, to name places in it.
#[derive(Clone, Copy)]
pub(super) struct Text<'a> {
    pub(super) name: &'a str,
    pub(super) text: &'a str,
}

impl Text<'_> {
    fn line(self, byte: usize) -> usize {
        1 + self.text.as_bytes().iter().take(byte).filter(|&&byte| byte == b'\n').count()
    }

    /// An error at a key; where that is not there, at the line of the last one above it that is.
    pub(super) fn at(self, path: &[Step<'_>], problem: impl Into<Problem>) -> ManifestError {
        let byte = DeTable::parse(self.text).map_or(0, |table| find(table.get_ref(), path));
        let place = KeyPlace { file: self.name.to_owned(), line: self.line(byte), key: shown(path) };
        ManifestError::At { place, problem: Box::new(problem.into()) }
    }

    /// What the reader of TOML says, with the key in which it says it.
    pub(super) fn toml(self, error: &toml::de::Error) -> ManifestError {
        let span = error.span().unwrap_or_default();
        let key = DeTable::parse(self.text).map_or_else(
            |_| String::new(),
            |table| {
                let mut key = String::new();
                key_at(table.get_ref(), &span, &mut key);
                key
            },
        );
        // What is missing from the whole is not missing from the key that happens to stand first.
        let key =
            if span.start == 0 && error.message().starts_with("missing field") { String::new() } else { key };
        let place = KeyPlace { file: self.name.to_owned(), line: self.line(span.start), key };
        ManifestError::At { place, problem: Box::new(problem(error.message())) }
    }
}

/// The byte at which a key begins, or the last one on the way to it.
fn find(table: &DeTable<'_>, path: &[Step<'_>]) -> usize {
    let mut byte = 0;
    let Some((Step::Key(first), mut rest)) = path.split_first().map(|(s, r)| (*s, r)) else { return byte };
    let Some((key, value)) = table.iter().find(|(key, _)| key.get_ref() == first) else { return byte };
    byte = key.span().start;
    let mut value = value;
    while let Some((step, behind)) = rest.split_first() {
        value = match (step, value.get_ref()) {
            (Step::Key(name), DeValue::Table(table)) => {
                let Some((key, value)) = table.iter().find(|(key, _)| key.get_ref() == name) else { break };
                byte = key.span().start;
                value
            }
            (Step::Index(index), DeValue::Array(array)) => {
                let Some(value) = array.get(*index) else { break };
                byte = value.span().start;
                value
            }
            _ => break,
        };
        rest = behind;
    }
    byte
}

/// The innermost key that a span belongs to.
fn key_at(table: &DeTable<'_>, span: &Range<usize>, key: &mut String) -> bool {
    for (name, value) in table {
        let length = key.len();
        if !key.is_empty() {
            key.push('.');
        }
        key.push_str(name.get_ref());
        if name.span().contains(&span.start) || value_at(value.get_ref(), &value.span(), span, key) {
            return true;
        }
        key.truncate(length);
    }
    false
}

fn value_at(value: &DeValue<'_>, own: &Range<usize>, span: &Range<usize>, key: &mut String) -> bool {
    match value {
        DeValue::Table(table) if key_at(table, span, key) => return true,
        DeValue::Array(array) => {
            for (index, value) in array.iter().enumerate() {
                let length = key.len();
                let _ = write!(key, "[{index}]");
                if value_at(value.get_ref(), &value.span(), span, key) {
                    return true;
                }
                key.truncate(length);
            }
        }
        _ => {}
    }
    own.contains(&span.start)
}

/// Unknown keys and choices get a hint; everything else is said as the reader of TOML says it.
fn problem(message: &str) -> Problem {
    let unknown = [("unknown field `", "key"), ("unknown variant `", "choice")];
    for (beginning, what) in unknown {
        let Some((found, rest)) = message.strip_prefix(beginning).and_then(|rest| rest.split_once('`'))
        else {
            continue;
        };
        let known: Vec<&str> = rest.split('`').skip(1).step_by(2).collect();
        return Problem::Unknown {
            what,
            found: found.to_owned(),
            nearest: nearest(found, known.iter().copied()).map(str::to_owned),
            known: known.join(", "),
        };
    }
    // As tables that are one of several kinds are refused.
    if let Some((found, known)) = message
        .strip_prefix("unexpected keys in table: ")
        .and_then(|rest| rest.trim().split_once(", available keys: "))
    {
        return Problem::Unknown {
            what: "key",
            found: found.to_owned(),
            nearest: nearest(found, known.split(", ")).map(str::to_owned),
            known: known.to_owned(),
        };
    }
    Problem::Toml { text: message.trim().to_owned() }
}
