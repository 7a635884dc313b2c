//! How well scores tell one kind from another.

/// Area under the receiver operating characteristic: the probability that something unknown has a higher score than something known, ties
/// counting half (Mann and Whitney 1947).
#[must_use]
pub fn auroc(known: &[f32], unknown: &[f32]) -> f64 {
    let mut all: Vec<(f32, bool)> =
        known.iter().map(|&v| (v, false)).chain(unknown.iter().map(|&v| (v, true))).collect();
    all.sort_by(|a, b| a.0.total_cmp(&b.0));
    let (mut below, mut wins) = (0.0, 0.0);
    let mut rest = all.as_slice();
    while let Some(&(value, _)) = rest.first() {
        let ties = rest.partition_point(|&(v, _)| v <= value);
        let strange = rest[..ties].iter().filter(|(_, unknown)| *unknown).count() as f64;
        let ordinary = ties as f64 - strange;
        wins += strange * (below + ordinary / 2.0);
        below += ordinary;
        rest = &rest[ties..];
    }
    wins / (known.len() as f64 * unknown.len() as f64).max(1.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn auroc_counts_pairs() {
        assert_eq!(auroc(&[1.0, 2.0, 3.0], &[4.0, 5.0]), 1.0);
        assert_eq!(auroc(&[4.0, 5.0], &[1.0]), 0.0);
        assert_eq!(auroc(&[1.0, 2.0], &[1.5, 2.0]), (1.0 + 0.0 + 1.0 + 0.5) / 4.0);
    }
}
