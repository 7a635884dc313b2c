//! Talk to the person at the terminal.

use std::fmt::Write as _;

/// A line on stderr. Unlike `eprintln!` it cannot fail: a training goes on where nobody listens any more
/// (`ambulo train 2>&1 | head`).
macro_rules! say {
    ($($text:tt)*) => {{
        use std::io::Write as _;
        let _ = writeln!(std::io::stderr().lock(), "{}", crate::talk::tame(&format!($($text)*)));
    }};
}

pub(crate) use say;

/// Text of several lines in which nothing steers the terminal: names of files and what files say of themselves may hold anything.
pub(crate) fn tame(text: &str) -> String {
    escape(text, |c| c != '\n')
}

/// A name on one line, likewise.
pub(crate) fn shown(name: &str) -> String {
    escape(name, |_| true)
}

fn escape(text: &str, of: impl Fn(char) -> bool) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        // Also what turns the direction of writing, so that a name looks like another.
        let steers = c.is_control()
            || matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
        if steers && of(c) {
            let _ = write!(out, "{}", c.escape_default());
        } else {
            out.push(c);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_steers_the_terminal() {
        assert_eq!(tame("a\u{1b}[31mb\nµ²\u{202e}"), "a\\u{1b}[31mb\nµ²\\u{202e}");
        assert_eq!(shown("a\nb\t.csv"), "a\\nb\\t.csv");
    }
}
