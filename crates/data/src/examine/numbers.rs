//! Small numbers of small lists, and sentences made of them.

/// The middle of the finite values, the mean of the two middle ones where their number is even; none of none.
pub(super) fn median(values: impl IntoIterator<Item = f64>) -> Option<f64> {
    let mut values: Vec<f64> = values.into_iter().filter(|v| v.is_finite()).collect();
    values.sort_by(f64::total_cmp);
    let middle = values.len() / 2;
    match values.len() {
        0 => None,
        n if n % 2 == 1 => Some(values[middle]),
        _ => Some(0.5 * (values[middle - 1] + values[middle])),
    }
}

/// The value below which a share of the values lies; none of none.
pub(super) fn quantile(values: &mut [f32], share: f64) -> Option<f64> {
    let last = values.len().checked_sub(1)?;
    let at = ((last as f64 * share).round() as usize).min(last);
    let (_, value, _) = values.select_nth_unstable_by(at, f32::total_cmp);
    Some(f64::from(*value))
}

pub(super) fn dot(a: [f64; 3], b: [f64; 3]) -> f64 {
    a[0] * b[0] + a[1] * b[1] + a[2] * b[2]
}

pub(super) fn cross(a: [f64; 3], b: [f64; 3]) -> [f64; 3] {
    [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]]
}

pub(super) fn norm(a: [f64; 3]) -> f64 {
    dot(a, a).sqrt()
}

/// The direction of a vector; none of one that has none.
pub(super) fn unit(a: [f64; 3]) -> Option<[f64; 3]> {
    let length = norm(a);
    (length.is_finite() && length > 1e-9).then(|| a.map(|v| v / length))
}

/// A number as a sentence has it: three digits that say something.
pub(super) fn shown(value: f64) -> String {
    let digits = match value.abs() {
        v if v >= 100.0 || v == 0.0 => 0,
        v if v >= 10.0 => 1,
        v if v >= 1.0 => 2,
        v if v >= 0.1 => 3,
        _ => 4,
    };
    format!("{value:.digits$}")
}

/// `1 person`, `3 people`.
pub(super) fn counted(n: usize, one: &str, many: &str) -> String {
    format!("{n} {}", if n == 1 { one } else { many })
}

/// A signed axis: `-y`.
pub(super) fn axis_name(axis: usize, negative: bool) -> String {
    format!("{}{}", if negative { "-" } else { "" }, ["x", "y", "z"][axis % 3])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn medians_and_quantiles() {
        assert_eq!(median([3.0, f64::NAN, 1.0, 2.0]), Some(2.0));
        assert_eq!(median([4.0, 1.0]), Some(2.5));
        assert_eq!(median([]), None);
        assert_eq!(quantile(&mut [5.0, 1.0, 3.0], 0.5), Some(3.0));
        assert_eq!(quantile(&mut [], 0.5), None);
    }

    #[test]
    fn numbers_in_sentences() {
        assert_eq!(
            [shown(9.81), shown(50.04), shown(0.0171), shown(573.2)],
            ["9.81", "50.0", "0.0171", "573"]
        );
    }
}
