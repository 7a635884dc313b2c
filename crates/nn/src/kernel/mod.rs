//! The numeric kernels behind one narrow door: every product and every gate of every layer passes through here,
//! and all unsafe code of the project lives below this module.
//!
//! Which instruction set runs is found once, at run time ([`InstructionSet::detect`]); results are the same bits
//! for one instruction set and may differ in the last bits between two.

// Feature-dispatched calls and one unchecked index; each states why it holds.
#![allow(unsafe_code)]

mod body;
mod math;
pub(crate) mod reference;

/// Columns of a packed panel: two AVX2 vectors of f32.
const PANEL: usize = 16;

/// The instruction set that kernels run on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum InstructionSet {
    /// What the compilation target guarantees, without fused multiply-add.
    Scalar,
    /// x86-64 with AVX2 and FMA.
    Avx2Fma,
    /// 64-bit ARM, whose baseline has NEON and fused multiply-add.
    Neon,
}

impl InstructionSet {
    /// The best this processor and build can do.
    #[must_use]
    pub fn detect() -> Self {
        #[cfg(all(feature = "std", target_arch = "x86_64"))]
        if std::is_x86_feature_detected!("avx2") && std::is_x86_feature_detected!("fma") {
            return Self::Avx2Fma;
        }
        if cfg!(all(feature = "std", target_arch = "aarch64")) { Self::Neon } else { Self::Scalar }
    }

    /// Name as it stands in run records.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Scalar => "scalar",
            Self::Avx2Fma => "avx2+fma",
            Self::Neon => "neon",
        }
    }
}

/// Runs a kernel body under the instruction set's features.
///
/// The value of an [`InstructionSet::Avx2Fma`] is not proof that the processor has it (anybody can write the
/// variant down), so it is checked again; the check is a load and a test.
macro_rules! dispatch {
    ($isa:expr, $body:ident($($arg:ident: $ty:ty),*)) => {{
        #[cfg(all(feature = "std", target_arch = "x86_64"))]
        {
            #[target_feature(enable = "avx2,fma")]
            fn avx2($($arg: $ty),*) {
                body::$body::<true>($($arg),*);
            }
            if $isa == InstructionSet::Avx2Fma && InstructionSet::detect() == InstructionSet::Avx2Fma {
                // SAFETY: the processor has AVX2 and FMA, as just detected.
                return unsafe { avx2($($arg),*) };
            }
        }
        if cfg!(all(feature = "std", target_arch = "aarch64")) && $isa == InstructionSet::Neon {
            return body::$body::<true>($($arg),*);
        }
        body::$body::<false>($($arg),*);
    }};
}

/// Values a matrix `[inner, columns]` takes when packed.
#[must_use]
pub(crate) fn packed_len(inner: usize, columns: usize) -> usize {
    columns.div_ceil(PANEL) * PANEL * inner
}

/// Packs `b[inner, columns]`, whose element `(k, j)` is `b[k * row_stride + j * column_stride]`, into panels of 16
/// columns, the last filled up with zeros; transposes are a matter of strides.
///
/// # Panics
/// When `packed` is not [`packed_len`] long or `b` is too short.
pub(crate) fn pack(
    inner: usize,
    columns: usize,
    b: &[f32],
    row_stride: usize,
    column_stride: usize,
    packed: &mut [f32],
) {
    assert_eq!(packed.len(), packed_len(inner, columns), "packed buffer");
    if inner == 0 {
        return;
    }
    for (panel, first) in packed.chunks_exact_mut(inner * PANEL).zip((0..columns).step_by(PANEL)) {
        for (k, row) in panel.chunks_exact_mut(PANEL).enumerate() {
            for (j, value) in row.iter_mut().enumerate() {
                *value =
                    if first + j < columns { b[k * row_stride + (first + j) * column_stride] } else { 0.0 };
            }
        }
    }
}

/// A product `a[rows, inner] * b[inner, columns]` with `b` packed by [`pack`].
#[derive(Clone, Copy, Debug)]
pub(crate) struct Product<'a> {
    /// Rows of `a` and of the result.
    pub rows: usize,
    /// Columns of `a`, rows of `b`.
    pub inner: usize,
    /// Columns of `b` and of the result.
    pub columns: usize,
    /// Left factor, row-major `[rows, inner]`.
    pub a: &'a [f32],
    /// Right factor, packed.
    pub packed: &'a [f32],
    /// Add to the result's old content instead of replacing it.
    pub accumulate: bool,
}

/// `c[rows, columns] = a * b`, or `c += a * b`.
///
/// Each element is one sum over `inner` in rising order, so a row's result does not depend on the other rows.
///
/// # Panics
/// When a buffer does not have the length its shape asks for.
pub(crate) fn multiply(isa: InstructionSet, product: &Product<'_>, c: &mut [f32]) {
    assert_eq!(product.a.len(), product.rows * product.inner, "left factor");
    assert_eq!(product.packed.len(), packed_len(product.inner, product.columns), "right factor");
    assert_eq!(c.len(), product.rows * product.columns, "result");
    if product.inner == 0 || product.columns == 0 {
        if !product.accumulate {
            c.fill(0.0);
        }
        return;
    }
    dispatch!(isa, multiply(product: &Product<'_>, c: &mut [f32]));
}

/// Weight gradient `dw[rows, columns] += dy[samples, rows]ᵀ * x[samples, columns]`.
///
/// `matrixmultiply` finds its instruction set itself: the best of the processor, whatever the network was built for.
///
/// # Panics
/// When a buffer does not have the length its shape asks for.
pub(crate) fn accumulate_weight_gradient(
    samples: usize,
    rows: usize,
    columns: usize,
    dy: &[f32],
    x: &[f32],
    dw: &mut [f32],
) {
    // Checked products: lengths that wrap around would make the pointers below lie.
    assert_eq!(Some(dy.len()), samples.checked_mul(rows), "gradient of the output");
    assert_eq!(Some(x.len()), samples.checked_mul(columns), "input");
    assert_eq!(Some(dw.len()), rows.checked_mul(columns), "gradient of the weights");
    // SAFETY: the three lengths above are exactly what the strides address: dy is read as its transpose
    // (row stride 1, column stride `rows`), x and dw row-major; dw is borrowed mutably, so nothing aliases it.
    unsafe {
        matrixmultiply::sgemm(
            rows,
            samples,
            columns,
            1.0,
            dy.as_ptr(),
            1,
            rows as isize,
            x.as_ptr(),
            columns as isize,
            1,
            1.0,
            dw.as_mut_ptr(),
            columns as isize,
            1,
        );
    }
}

/// Gates and state of one LSTM time step, for all rows of a batch.
///
/// `gates[batch, 4, hidden]` holds the pre-activations i, f, g, o and is overwritten with the activations, which
/// [`lstm_cell_backward`] needs; `c_before`, `c`, `tanh_c`, `h` are `[batch, hidden]`.
///
/// # Panics
/// When a buffer does not have the length its shape asks for.
pub(crate) fn lstm_cell_forward(
    isa: InstructionSet,
    hidden: usize,
    gates: &mut [f32],
    c_before: &[f32],
    c: &mut [f32],
    tanh_c: &mut [f32],
    h: &mut [f32],
) {
    let state = gates.len() / 4;
    assert!(
        gates.len().is_multiple_of(4 * hidden)
            && [c_before.len(), c.len(), tanh_c.len(), h.len()].iter().all(|&l| l == state),
        "LSTM cell: gates {} for hidden {hidden}, states {} {} {} {}",
        gates.len(),
        c_before.len(),
        c.len(),
        tanh_c.len(),
        h.len()
    );
    dispatch!(isa, cell_forward(hidden: usize, gates: &mut [f32], c_before: &[f32], c: &mut [f32], tanh_c: &mut [f32], h: &mut [f32]));
}

/// Gradient of one LSTM time step.
///
/// `gates` holds the activations that [`lstm_cell_forward`] left and is overwritten with the gradient of the
/// pre-activations; `dh` is the gradient of `h` from above and from the next time step together; `dc` comes in as
/// the gradient of `c` from the next time step and leaves as that of `c_before`.
///
/// # Panics
/// When a buffer does not have the length its shape asks for.
pub(crate) fn lstm_cell_backward(
    isa: InstructionSet,
    hidden: usize,
    gates: &mut [f32],
    c_before: &[f32],
    tanh_c: &[f32],
    dh: &[f32],
    dc: &mut [f32],
) {
    let state = gates.len() / 4;
    assert!(
        gates.len().is_multiple_of(4 * hidden)
            && [c_before.len(), tanh_c.len(), dh.len(), dc.len()].iter().all(|&l| l == state),
        "LSTM cell: gates {} for hidden {hidden}, states {} {} {} {}",
        gates.len(),
        c_before.len(),
        tanh_c.len(),
        dh.len(),
        dc.len()
    );
    dispatch!(isa, cell_backward(hidden: usize, gates: &mut [f32], c_before: &[f32], tanh_c: &[f32], dh: &[f32], dc: &mut [f32]));
}

/// Adds the sum over rows of `x[rows, columns]` to `sums[columns]`, in the order of the rows.
///
/// # Panics
/// When `x` is not whole rows.
pub(crate) fn add_column_sums(x: &[f32], sums: &mut [f32]) {
    assert!(x.len().is_multiple_of(sums.len().max(1)), "rows of {} in {} values", sums.len(), x.len());
    for row in x.chunks_exact(sums.len().max(1)) {
        for (sum, value) in sums.iter_mut().zip(row) {
            *sum += value;
        }
    }
}

/// Index of the largest value, the first of equals; 0 for an empty row.
pub fn argmax(row: &[f32]) -> usize {
    let mut best = 0;
    for (index, &value) in row.iter().enumerate() {
        if value > row[best] {
            best = index;
        }
    }
    best
}

/// Softmax of one row in place, computed from the largest value so that nothing overflows.
pub fn softmax(row: &mut [f32]) {
    let largest = row.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    let mut sum = 0.0;
    for x in row.iter_mut() {
        let e = libm::exp(f64::from(*x) - f64::from(largest));
        sum += e;
        *x = e as f32;
    }
    for x in row.iter_mut() {
        *x = (f64::from(*x) / sum) as f32;
    }
}

#[cfg(test)]
mod tests;
