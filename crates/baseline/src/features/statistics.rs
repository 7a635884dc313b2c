//! Statistics of one signal. Each says what it is for a signal that is empty, constant or zero.

/// A deviation below this share of the largest magnitude is rounding: samples are f32 (a step of 6e-8), sums are f64.
const ROUNDING: f64 = 1e-9;

/// Arithmetic mean; 0 for no values.
pub(super) fn mean(x: &[f64]) -> f64 {
    if x.is_empty() { 0.0 } else { x.iter().sum::<f64>() / x.len() as f64 }
}

/// The signal less its mean; zeros for a constant signal, whatever the mean's rounding.
pub(super) fn centred(x: &[f64]) -> Vec<f64> {
    let mean = mean(x);
    let y: Vec<f64> = x.iter().map(|v| v - mean).collect();
    if largest(&y) <= ROUNDING * largest(x) { vec![0.0; x.len()] } else { y }
}

fn largest(x: &[f64]) -> f64 {
    x.iter().fold(0.0, |a, v| a.max(v.abs()))
}

/// Mean of the squares: the published set's energy, the sum of squares by the number of values.
pub(super) fn energy(x: &[f64]) -> f64 {
    if x.is_empty() { 0.0 } else { x.iter().map(|v| v * v).sum::<f64>() / x.len() as f64 }
}

/// Mean magnitude: the signal magnitude area of one signal.
pub(super) fn mean_magnitude(x: &[f64]) -> f64 {
    if x.is_empty() { 0.0 } else { x.iter().map(|v| v.abs()).sum::<f64>() / x.len() as f64 }
}

/// Values in ascending order, for quantiles.
pub(super) fn sorted(x: &[f64]) -> Vec<f64> {
    let mut y = x.to_vec();
    y.sort_by(f64::total_cmp);
    y
}

/// Quantile `q` in 0..=1 of ascending values, linear between neighbours (type 7 of Hyndman and Fan 1996, NumPy's
/// default); 0 for no values.
pub(super) fn quantile(ascending: &[f64], q: f64) -> f64 {
    let Some(last) = ascending.len().checked_sub(1) else { return 0.0 };
    let place = q * last as f64;
    let below = (place.floor() as usize).min(last);
    let above = (below + 1).min(last);
    ascending[below] + (place - below as f64) * (ascending[above] - ascending[below])
}

/// Median absolute deviation from the median, unscaled.
pub(super) fn median_deviation(ascending: &[f64]) -> f64 {
    let median = quantile(ascending, 0.5);
    let deviations: Vec<f64> = ascending.iter().map(|v| (v - median).abs()).collect();
    quantile(&sorted(&deviations), 0.5)
}

/// Shannon entropy of how the energy is spread over the values, as a share of the largest possible, ln(n): 1 where all
/// have the same, 0 where one has all. 0 for a signal of zeros.
pub(super) fn entropy(x: &[f64]) -> f64 {
    let total: f64 = x.iter().map(|v| v * v).sum();
    if total <= 0.0 || x.len() < 2 {
        return 0.0;
    }
    let sum: f64 = x.iter().map(|v| v * v / total).filter(|p| *p > 0.0).map(|p| -p * p.ln()).sum();
    sum / (x.len() as f64).ln()
}

/// Skewness and kurtosis (3 for a normal distribution) from population moments; both 0 for a constant signal.
pub(super) fn skewness_and_kurtosis(x: &[f64]) -> (f64, f64) {
    let y = centred(x);
    let scale = largest(&y);
    if scale <= 0.0 {
        return (0.0, 0.0);
    }
    // Scaled first, so that no fourth power leaves the range of f64.
    let (mut m2, mut m3, mut m4) = (0.0, 0.0, 0.0);
    for v in &y {
        let v = v / scale;
        m2 += v * v;
        m3 += v * v * v;
        m4 += v * v * v * v;
    }
    let n = y.len() as f64;
    let (m2, m3, m4) = (m2 / n, m3 / n, m4 / n);
    (m3 / (m2 * m2.sqrt()), m4 / (m2 * m2))
}

/// Pearson's correlation of two signals less their means; 0 if either is constant.
pub(super) fn correlation(x: &[f64], y: &[f64]) -> f64 {
    let norm = (energy(x) * energy(y)).sqrt();
    if norm <= 0.0 {
        return 0.0;
    }
    let product = x.iter().zip(y).map(|(a, b)| a * b).sum::<f64>() / x.len() as f64;
    (product / norm).clamp(-1.0, 1.0)
}

/// Coefficients a₁ to a₄ of x[t] ≈ a₁·x[t-1] + … + a₄·x[t-4] by Burg's method (Burg 1975; recursion as in Brockwell and
/// Davis, Time Series, section 8.2), of a signal less its mean. Where nothing is left to predict, the rest is 0.
pub(super) fn burg(x: &[f64]) -> [f64; 4] {
    let mut coefficients = [0.0; 4];
    let (mut forward, mut backward) = (x.to_vec(), x.to_vec());
    let start = energy(x);
    for order in 0..4 {
        if forward.len() < 2 {
            break;
        }
        // The forward error at t beside the backward error at t - 1.
        forward.remove(0);
        backward.pop();
        let power: f64 = forward.iter().zip(&backward).map(|(f, b)| f * f + b * b).sum();
        // What rounding leaves of a signal predicted without error is no signal.
        if power <= 2.0 * forward.len() as f64 * start * ROUNDING * ROUNDING {
            break;
        }
        let product: f64 = forward.iter().zip(&backward).map(|(f, b)| f * b).sum();
        let reflection = 2.0 * product / power;
        let before = coefficients;
        for i in 0..order {
            coefficients[i] = before[i] - reflection * before[order - 1 - i];
        }
        coefficients[order] = reflection;
        for (f, b) in forward.iter_mut().zip(&mut backward) {
            (*f, *b) = (*f - reflection * *b, *b - reflection * *f);
        }
    }
    coefficients
}

/// Angle between two vectors in radians, 0 to π; π/2, neither along nor against, if either is zero.
pub(super) fn angle(a: [f64; 3], b: [f64; 3]) -> f64 {
    let (a, b) = (direction(a), direction(b));
    let cross = [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]];
    let dot = a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
    let sine = norm(cross);
    // Unlike an arc cosine exact near 0 and π.
    if sine == 0.0 && dot == 0.0 { std::f64::consts::FRAC_PI_2 } else { sine.atan2(dot) }
}

/// Length of a vector.
pub(super) fn norm(v: [f64; 3]) -> f64 {
    (v[0] * v[0] + v[1] * v[1] + v[2] * v[2]).sqrt()
}

fn direction(v: [f64; 3]) -> [f64; 3] {
    let length = norm(v);
    if length > 0.0 { v.map(|x| x / length) } else { [0.0; 3] }
}
