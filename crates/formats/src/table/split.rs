//! Cutting lines of a table into cells.

use memchr::memchr;

/// What stands between the columns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Separator {
    Byte(u8),
    /// Runs of blanks and tabs.
    Blanks,
}

impl Separator {
    /// For messages.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Byte(b',') => "comma",
            Self::Byte(b';') => "semicolon",
            Self::Byte(b'\t') => "tab",
            Self::Byte(_) => "sign",
            Self::Blanks => "blanks",
        }
    }
}

/// Cuts a line into cells, without the blanks around them and the quotes; a quote inside a cell is a letter like others.
pub(crate) fn split<'a>(line: &'a [u8], separator: Separator, cells: &mut Vec<&'a [u8]>) {
    cells.clear();
    let mut rest = line;
    if separator == Separator::Blanks {
        rest = rest.trim_ascii();
    } else if separator == Separator::Byte(b',') {
        rest = without_tail(rest);
    }
    loop {
        let blanks = rest.iter().take_while(|&&c| c == b' ').count();
        if rest.get(blanks) == Some(&b'"')
            && let Some((cell, behind)) = quoted_cell(&rest[blanks..], separator)
        {
            cells.push(cell.trim_ascii());
            match behind {
                Some(next) => rest = next,
                None => return,
            }
            continue;
        }
        match end_of_cell(rest, separator) {
            Some((end, next)) => {
                cells.push(rest[..end].trim_ascii());
                rest = &rest[next..];
            }
            None => {
                cells.push(rest.trim_ascii());
                return;
            }
        }
    }
}

/// A line without the semicolon that some writers set at its end although commas separate.
pub(crate) fn without_tail(line: &[u8]) -> &[u8] {
    line.strip_suffix(b";").unwrap_or(line)
}

/// Where the cell ends, and where the next begins.
fn end_of_cell(rest: &[u8], separator: Separator) -> Option<(usize, usize)> {
    match separator {
        Separator::Byte(byte) => memchr(byte, rest).map(|end| (end, end + 1)),
        Separator::Blanks => {
            let end = rest.iter().position(|c| matches!(c, b' ' | b'\t'))?;
            let run = rest[end..].iter().take_while(|c| matches!(c, b' ' | b'\t')).count();
            Some((end, end + run))
        }
    }
}

/// A cell in quotes that a separator or the line's end follows; what comes behind it.
fn quoted_cell(rest: &[u8], separator: Separator) -> Option<(&[u8], Option<&[u8]>)> {
    let mut at = 1;
    loop {
        let close = at + memchr(b'"', &rest[at..])?;
        if rest.get(close + 1) == Some(&b'"') {
            at = close + 2;
            continue;
        }
        let behind = &rest[close + 1..];
        let blanks = behind.iter().take_while(|&&c| c == b' ').count();
        return match (behind.get(blanks), separator) {
            (None, _) => Some((&rest[1..close], None)),
            (Some(&c), Separator::Byte(byte)) if c == byte => {
                Some((&rest[1..close], Some(&behind[blanks + 1..])))
            }
            (Some(_), Separator::Blanks) if blanks > 0 => Some((&rest[1..close], Some(&behind[blanks..]))),
            _ => None,
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn cells(line: &str, separator: Separator) -> Vec<String> {
        let mut cells = Vec::new();
        split(line.as_bytes(), separator, &mut cells);
        cells.iter().map(|cell| String::from_utf8_lossy(cell).into_owned()).collect()
    }

    #[test]
    fn cells_of_all_kinds() {
        let comma = Separator::Byte(b',');
        assert_eq!(cells("\"0,989\",\"-0,313\" , x", comma), ["0,989", "-0,313", "x"]);
        assert_eq!(cells("10h00'00\",0.9", comma), ["10h00'00\"", "0.9"]);
        assert_eq!(cells("\"a\"\"b\",\"", comma), ["a\"\"b", "\""]);
        assert_eq!(cells("a,,b,", comma), ["a", "", "b", ""]);
        assert_eq!(cells(" 17,-179, 5;", comma), ["17", "-179", "5"]);
        assert_eq!(cells("  1  2\t3 ", Separator::Blanks), ["1", "2", "3"]);
        assert_eq!(cells("\"Time (s)\" \"x y\"", Separator::Blanks), ["Time (s)", "x y"]);
        assert_eq!(cells("a\t\tb", Separator::Byte(b'\t')), ["a", "", "b"]);
        assert_eq!(cells("", comma), [""]);
    }

    proptest! {
        #[test]
        fn without_quotes_it_is_a_plain_split(line in "[a-z0-9 .,-]{0,40}") {
            let expected: Vec<String> = line.split(',').map(|cell| cell.trim().to_owned()).collect();
            prop_assert_eq!(cells(&line, Separator::Byte(b',')), expected);
        }

        #[test]
        fn any_line(line in proptest::collection::vec(prop_oneof![Just(b'"'), Just(b','), Just(b' '), any::<u8>()], 0..60)) {
            for separator in [Separator::Byte(b','), Separator::Byte(b';'), Separator::Blanks] {
                let mut cells = Vec::new();
                split(&line, separator, &mut cells);
                prop_assert!(!cells.is_empty());
            }
        }
    }
}
