//! Linear discriminant analysis with shrunken covariance, from sums that people can be taken out of.

/// Numbers that describe a window.
pub(super) const FEATURES: usize = 8;
/// Share of the covariance between features that is taken for chance (Ledoit and Wolf 2004 estimate it; here it is fixed).
const SHRINKAGE: f64 = 0.1;

/// Sums over windows of one label.
#[derive(Clone)]
pub(super) struct Sums {
    pub(super) n: f64,
    sum: [f64; FEATURES],
    products: [[f64; FEATURES]; FEATURES],
}

impl Sums {
    pub(super) const NONE: Self =
        Self { n: 0.0, sum: [0.0; FEATURES], products: [[0.0; FEATURES]; FEATURES] };

    pub(super) fn push(&mut self, x: &[f64; FEATURES]) {
        self.n += 1.0;
        for i in 0..FEATURES {
            self.sum[i] += x[i];
            for j in 0..=i {
                self.products[i][j] += x[i] * x[j];
            }
        }
    }

    /// The same with (`sign` 1) or without (`sign` -1) other windows.
    pub(super) fn add(&mut self, other: &Self, sign: f64) {
        self.n += sign * other.n;
        for i in 0..FEATURES {
            self.sum[i] += sign * other.sum[i];
            for j in 0..=i {
                self.products[i][j] += sign * other.products[i][j];
            }
        }
    }
}

/// Tells labels apart.
pub(super) struct Discriminant {
    /// For each label direction and offset; none of labels without windows.
    labels: Vec<Option<([f64; FEATURES], f64)>>,
}

impl Discriminant {
    /// From the sums of each label; none where there are fewer windows than it takes.
    pub(super) fn new(labels: &[Sums]) -> Option<Self> {
        let n: f64 = labels.iter().map(|sums| sums.n).sum();
        if n < (4 * FEATURES) as f64 {
            return None;
        }
        let mut within = [[0.0; FEATURES]; FEATURES];
        for sums in labels.iter().filter(|sums| sums.n > 0.0) {
            for i in 0..FEATURES {
                for j in 0..=i {
                    within[i][j] += sums.products[i][j] - sums.sum[i] * sums.sum[j] / sums.n;
                }
            }
        }
        for i in 0..FEATURES {
            for j in 0..i {
                within[i][j] *= (1.0 - SHRINKAGE) / n;
            }
            // What never differs says nothing; it must not be divided by, though.
            within[i][i] = within[i][i] / n + 1e-6;
        }
        let factor = cholesky(within)?;
        let of_label = |sums: &Sums| {
            (sums.n >= 1.0).then(|| {
                let mean = sums.sum.map(|s| s / sums.n);
                let direction = solve(&factor, mean);
                let offset = -0.5 * direction.iter().zip(mean).map(|(d, m)| d * m).sum::<f64>();
                (direction, offset)
            })
        };
        Some(Self { labels: labels.iter().map(of_label).collect() })
    }

    /// The nearest label.
    pub(super) fn nearest(&self, x: &[f64; FEATURES]) -> Option<usize> {
        let score = |(direction, offset): &([f64; FEATURES], f64)| {
            direction.iter().zip(x).map(|(d, v)| d * v).sum::<f64>() + offset
        };
        let scores =
            self.labels.iter().enumerate().filter_map(|(i, label)| Some((i, score(label.as_ref()?))));
        scores.max_by(|a, b| a.1.total_cmp(&b.1)).map(|(label, _)| label)
    }
}

type Square = [[f64; FEATURES]; FEATURES];

/// The lower triangle whose square (times its transpose) the matrix is, of which the lower triangle is read; none if it is not
/// positive definite.
fn cholesky(mut a: Square) -> Option<Square> {
    for i in 0..FEATURES {
        for j in 0..=i {
            let mut value = a[i][j];
            for k in 0..j {
                value -= a[i][k] * a[j][k];
            }
            if i == j {
                if value.is_nan() || value <= 0.0 {
                    return None;
                }
                a[i][i] = value.sqrt();
            } else {
                a[i][j] = value / a[j][j];
            }
        }
    }
    Some(a)
}

fn solve(lower: &Square, mut b: [f64; FEATURES]) -> [f64; FEATURES] {
    for i in 0..FEATURES {
        for k in 0..i {
            b[i] -= lower[i][k] * b[k];
        }
        b[i] /= lower[i][i];
    }
    for i in (0..FEATURES).rev() {
        for k in i + 1..FEATURES {
            b[i] -= lower[k][i] * b[k];
        }
        b[i] /= lower[i][i];
    }
    b
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Correlated numbers about a mean, the same ones each time.
    fn windows(mean: f64, count: usize) -> Vec<[f64; FEATURES]> {
        let noise = |k: usize| (k as f64 * 12.9898).sin() * 0.5;
        (0..count)
            .map(|i| {
                let common = noise(i + 7);
                std::array::from_fn(|f| mean * (f % 2) as f64 + common + noise(31 * i + f))
            })
            .collect()
    }

    #[test]
    fn labels_are_told_apart_also_without_somebody() {
        let of = |windows: &[[f64; FEATURES]]| {
            let mut sums = Sums::NONE;
            windows.iter().for_each(|x| sums.push(x));
            sums
        };
        let (a, b) = (windows(0.0, 60), windows(1.0, 60));
        let mut with = [of(&a), of(&b), Sums::NONE];
        let discriminant = Discriminant::new(&with).unwrap();
        assert!(a.iter().all(|x| discriminant.nearest(x) == Some(0)));
        assert!(b.iter().all(|x| discriminant.nearest(x) == Some(1)));
        // Somebody whose `a` is `b`, and who is taken out again.
        let wrong = of(&b);
        with[0].add(&wrong, 1.0);
        with[0].add(&wrong, -1.0);
        let again = Discriminant::new(&with).unwrap();
        assert!(a.iter().all(|x| again.nearest(x) == Some(0)));
        assert!(Discriminant::new(&[of(&a[..3])]).is_none());
    }

    #[test]
    fn what_never_differs_is_no_hindrance() {
        let mut sums = [Sums::NONE, Sums::NONE];
        for i in 0..40 {
            let mut x = [1.0; FEATURES];
            x[0] = f64::from(i % 4);
            sums[0].push(&x);
            x[0] += 10.0;
            sums[1].push(&x);
        }
        let discriminant = Discriminant::new(&sums).unwrap();
        let mut x = [1.0; FEATURES];
        x[0] = 12.0;
        assert_eq!(discriminant.nearest(&x), Some(1));
    }
}
