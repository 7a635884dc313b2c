//! Patterns for names of columns and for rows.

/// As it is compared: without quotes, in lower case, with single blanks.
fn plain(name: &str) -> String {
    let words: Vec<String> =
        name.trim().trim_matches('"').split_whitespace().map(str::to_lowercase).collect();
    words.join(" ")
}

/// Whether a name is what a pattern means; `*` stands for any text, also for none. A pattern without a bracket also fits a name
/// whose unit stands in one.
pub(super) fn name(pattern: &str, name: &str) -> bool {
    let (pattern, name) = (plain(pattern), plain(name));
    let bare = name.split(['(', '[']).next().unwrap_or_default().trim_end();
    glob(pattern.as_bytes(), name.as_bytes())
        || !pattern.contains(['(', '[']) && glob(pattern.as_bytes(), bare.as_bytes())
}

/// Goes back to the last star only: the time is bounded by the product of the lengths.
fn glob(pattern: &[u8], text: &[u8]) -> bool {
    let (mut p, mut t) = (0, 0);
    let mut star: Option<(usize, usize)> = None;
    while t < text.len() {
        if p < pattern.len() && pattern[p] == b'*' {
            star = Some((p, t));
            p += 1;
        } else if p < pattern.len() && pattern[p] == text[t] {
            (p, t) = (p + 1, t + 1);
        } else if let Some((at, from)) = star {
            star = Some((at, from + 1));
            (p, t) = (at + 1, from + 1);
        } else {
            return false;
        }
    }
    pattern[p..].iter().all(|&c| c == b'*')
}

/// Whether a row begins as a pattern says: `9` one digit, `#` a whole number with or without sign, `~` any cell up to the
/// separator that follows in the pattern, anything else itself.
pub(super) fn row(pattern: &str, row: &[u8]) -> bool {
    let mut rest = row;
    let pattern = pattern.as_bytes();
    for (i, &sign) in pattern.iter().enumerate() {
        match sign {
            b'9' => match rest {
                [b'0'..=b'9', tail @ ..] => rest = tail,
                _ => return false,
            },
            b'#' => {
                let unsigned = rest.strip_prefix(b"-").or(rest.strip_prefix(b"+")).unwrap_or(rest);
                let digits = unsigned.iter().take_while(|c| c.is_ascii_digit()).count();
                if digits == 0 {
                    return false;
                }
                rest = &unsigned[digits..];
            }
            b'~' => {
                let end =
                    pattern.get(i + 1).and_then(|&stop| memchr::memchr(stop, rest)).unwrap_or(rest.len());
                rest = &rest[end..];
            }
            sign => match rest.split_first() {
                Some((&first, tail)) if first == sign => rest = tail,
                _ => return false,
            },
        }
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_rows() {
        for (pattern, text, fits) in [
            ("time", " Time ", true),
            ("time", "Time (s)", true),
            ("time (s)", "time", false),
            ("accel*x", "Accelerometer  X", true),
            ("*Accel_LN_X_CAL", "Shimmer_AB12_Accel_LN_X_CAL (m/(s^2))", true),
            ("a*b*c", "axxbxxbxc", true),
            ("a*b*c", "axxbxxb", false),
            ("*", "", true),
        ] {
            assert_eq!(name(pattern, text), fits, "{pattern} {text}");
        }
        assert!(row("9999-99-99 99:99:99.999,#.999999,", b"2024-03-05 10:00:00.430,-0.984375,-0.3"));
        assert!(!row("9999-99-99 99:99:99.999,#.999999,", b"2024-03-05 10:00:00.430,-0.98,-0.3"));
        assert!(row("~;#;#;#", b"2024-03-05T10:00:00.000+01:00;996;-320;84"));
        assert!(!row("~;#;#", b"x;9"));
        let long = "a".repeat(20_000);
        assert!(!name(&"*a".repeat(50), &format!("{long}b")));
    }
}
