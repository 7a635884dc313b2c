//! Numbers and names as a reader sees them.

use std::fmt::Write;

/// Stands where a number is unknown, absent or not finite.
pub(crate) const ABSENT: &str = "–";

/// `text` for HTML and SVG content and attributes. Control characters, which XML forbids, become U+FFFD.
pub(crate) fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            '\n' | '\t' => out.push(c),
            c if c.is_control() || matches!(c, '\u{fffe}' | '\u{ffff}') => out.push('\u{fffd}'),
            c => out.push(c),
        }
    }
    out
}

/// `value` with `digits` decimals and a true minus sign.
pub(crate) fn decimal(value: f64, digits: usize) -> String {
    if !value.is_finite() {
        return ABSENT.to_owned();
    }
    if value.abs() >= 1e9 {
        return format!("{value:.1e}").replace('-', "−");
    }
    let text = format!("{value:.digits$}");
    // A rounded zero keeps no sign.
    if text.starts_with('-') && text.bytes().all(|b| matches!(b, b'-' | b'0' | b'.')) {
        return text[1..].to_owned();
    }
    text.replace('-', "−")
}

/// A share in `[0, 1]` in percent with one decimal, without the sign.
pub(crate) fn percent_number(share: f64) -> String {
    decimal(share * 100.0, 1)
}

/// A share in `[0, 1]` in percent. What merely rounds to all or nothing is not called so, in words:
/// the result needs no escaping.
pub(crate) fn percent(share: f64) -> String {
    if !share.is_finite() {
        return ABSENT.to_owned();
    }
    match percent_number(share).as_str() {
        "100.0" if share < 1.0 => "over\u{a0}99.9\u{a0}%".to_owned(),
        "0.0" if share > 0.0 => "under\u{a0}0.1\u{a0}%".to_owned(),
        number => format!("{number}\u{a0}%"),
    }
}

/// `n` with commas between thousands.
pub(crate) fn count(n: u64) -> String {
    let digits = n.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (i, c) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push(',');
        }
        out.push(c);
    }
    out
}

/// `n` things, with the plural where it is due: `1 seed`, `5 seeds`.
pub(crate) fn plural(n: usize, one: &str, many: &str) -> String {
    format!("{}\u{a0}{}", count(n as u64), if n == 1 { one } else { many })
}

/// A stretch of time, as `41.2 s`, `2 min 51 s` or `3 h 5 min`.
pub(crate) fn duration(seconds: f64) -> String {
    if !seconds.is_finite() || seconds < 0.0 {
        return ABSENT.to_owned();
    }
    if seconds < 60.0 {
        return format!("{}\u{a0}s", decimal(seconds, 1));
    }
    let whole = seconds.round() as u64;
    if whole < 3600 {
        format!("{}\u{a0}min {}\u{a0}s", whole / 60, whole % 60)
    } else {
        format!("{}\u{a0}h {}\u{a0}min", count(whole / 3600), whole % 3600 / 60)
    }
}

/// A moment in ISO 8601 UTC, as `2000-01-31 23:59 UTC`; any other text as it is.
pub(crate) fn moment(iso: &str) -> String {
    match (iso.get(..10), iso.get(10..11), iso.get(11..16), iso.ends_with('Z')) {
        (Some(day), Some("T"), Some(minute), true) => format!("{day} {minute} UTC"),
        _ => iso.to_owned(),
    }
}

/// Numbers in a row: `2, 4, 9`.
pub(crate) fn list<T: std::fmt::Display>(items: &[T]) -> String {
    let mut out = String::new();
    for (i, item) in items.iter().enumerate() {
        let _ = write!(out, "{}{item}", if i == 0 { "" } else { ", " });
    }
    out
}

/// An activity's name as prose: `walking_upstairs`, or `WALKING_UPSTAIRS` in old records, becomes `Walking upstairs`. Names of
/// mixed capitals keep their letters.
pub(crate) fn activity(label: &str) -> String {
    // The published spelling is a slip of grammar that need not be repeated in prose.
    if label == "LAYING" {
        return "Lying".to_owned();
    }
    let spaced = label.replace('_', " ");
    let has = |is: fn(char) -> bool| label.chars().any(is);
    if has(char::is_lowercase) && has(char::is_uppercase) {
        return spaced;
    }
    let mut chars = spaced.chars();
    let capital = chars.next().map(|first| first.to_uppercase().to_string());
    capital.map_or_else(String::new, |first| first + &chars.as_str().to_lowercase())
}

/// An activity's name for a narrow column, at most eight characters or so.
pub(crate) fn short_activity(label: &str) -> String {
    match label.to_lowercase().as_str() {
        "walking" => "Walk".to_owned(),
        "walking_upstairs" => "Up".to_owned(),
        "walking_downstairs" => "Down".to_owned(),
        "sitting" => "Sit".to_owned(),
        "standing" => "Stand".to_owned(),
        "lying" | "laying" => "Lie".to_owned(),
        "moving" => "Move".to_owned(),
        "running" => "Run".to_owned(),
        "jumping" => "Jump".to_owned(),
        "turning" => "Turn".to_owned(),
        "cycling" => "Cycle".to_owned(),
        lower => match lower.split_once("_to_") {
            Some((from, to)) => format!("{}→{}", clip(&activity(from), 5), clip(&activity(to), 5)),
            None => clip(&activity(label), 8),
        },
    }
}

/// `text`, cut to `most` characters with an ellipsis.
pub(crate) fn clip(text: &str, most: usize) -> String {
    if text.chars().count() <= most {
        return text.to_owned();
    }
    let mut out: String = text.chars().take(most.saturating_sub(1)).collect();
    out.push('…');
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escape_leaves_no_markup_and_no_forbidden_character() {
        assert_eq!(escape("<b a=\"x\">'&\u{0}\n"), "&lt;b a=&quot;x&quot;&gt;&#39;&amp;\u{fffd}\n");
    }

    #[test]
    fn percent_does_not_round_to_certainty() {
        assert_eq!(percent(0.94056), "94.1\u{a0}%");
        assert_eq!(percent(0.99999), "over\u{a0}99.9\u{a0}%");
        assert_eq!(percent(1.0), "100.0\u{a0}%");
        assert_eq!(percent(0.0001), "under\u{a0}0.1\u{a0}%");
        assert_eq!(percent(0.0), "0.0\u{a0}%");
        assert_eq!(percent(f64::NAN), ABSENT);
    }

    #[test]
    fn numbers_and_times_read_naturally() {
        assert_eq!(count(0), "0");
        assert_eq!(count(1_234_567), "1,234,567");
        assert_eq!(decimal(-0.04, 1), "0.0");
        assert_eq!(decimal(-1.25, 2), "−1.25");
        assert_eq!(duration(41.24), "41.2\u{a0}s");
        assert_eq!(duration(171.0), "2\u{a0}min 51\u{a0}s");
        assert_eq!(duration(11_100.0), "3\u{a0}h 5\u{a0}min");
        assert_eq!(duration(f64::INFINITY), ABSENT);
        assert_eq!(moment("2000-01-31T23:59:07Z"), "2000-01-31 23:59 UTC");
        assert_eq!(moment("yesterday"), "yesterday");
        assert_eq!(plural(1, "seed", "seeds"), "1\u{a0}seed");
    }

    #[test]
    fn activities_read_as_prose_and_fit_narrow_columns() {
        assert_eq!(activity("WALKING_UPSTAIRS"), "Walking upstairs");
        assert_eq!(activity("walking_upstairs"), "Walking upstairs");
        assert_eq!(activity("iPhone_walk"), "iPhone walk");
        assert_eq!(activity(""), "");
        assert_eq!(short_activity("WALKING_DOWNSTAIRS"), "Down");
        assert_eq!(short_activity("walking_downstairs"), "Down");
        assert_eq!(short_activity("STAND_TO_SIT"), "Stand→Sit");
        assert_eq!(short_activity("stand_to_sit"), "Stand→Sit");
        assert_eq!(short_activity("VACUUM_CLEANING"), "Vacuum …");
    }
}
