//! Talk to the person at the terminal.

/// A line on stderr. Unlike `eprintln!` it cannot fail: a training goes on where nobody listens any more
/// (`ambulo train 2>&1 | head`).
macro_rules! say {
    ($($text:tt)*) => {{
        use std::io::Write as _;
        let _ = writeln!(std::io::stderr().lock(), $($text)*);
    }};
}

pub(crate) use say;
