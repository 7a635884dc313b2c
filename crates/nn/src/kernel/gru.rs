//! The cell of a GRU (Cho et al. 2014) in PyTorch's form, whose reset gate acts after the product with the state:
//! `n = tanh(n_x + r n_h)`, `h' = (1 - z) n + z h`. Slots `n_x`, r, z, `n_h`.

use super::math::{sigmoid_of_twice, tanh};
use super::recurrent::{self, Cell, SLOTS, Step, StepBack};
use super::simd::Simd;

/// Slots that inputs reach, and as many that states reach.
pub(crate) const GRU_VECTORS: usize = 3;

struct Gru;

/// The body of [`super::gru_forward`].
///
/// # Safety
/// [`Step::check`] has passed for S's lanes and the processor has S.
#[inline(always)]
pub(super) unsafe fn forward<S: Simd>(s: &mut Step<'_>) {
    // SAFETY: the caller's promise.
    unsafe { recurrent::forward::<S, Gru, GRU_VECTORS>(s) }
}

impl<S: Simd> Cell<S> for Gru {
    #[inline(always)]
    unsafe fn run(s: &mut Step<'_>, group: usize, slots: *mut f32) {
        // SAFETY: as in `recurrent::forward`.
        unsafe {
            let at = group * s.rows * SLOTS * S::LANES;
            let saved = s.saved.as_mut().map(|z| z.as_mut_ptr().add(at));
            let h = s.h.as_mut_ptr().add(group * S::LANES);
            let h_before = s.h_before.map(|h| h.as_ptr().add(group * S::LANES));
            let left = s.hidden - group * S::LANES;
            for row in 0..s.rows {
                let at = slots.add(row * SLOTS * S::LANES);
                let r = sigmoid_of_twice::<S>(S::load(at.add(S::LANES)));
                let z = sigmoid_of_twice::<S>(S::load(at.add(2 * S::LANES)));
                let n_h = S::load(at.add(3 * S::LANES));
                let n = tanh::<S>(S::fma(r, n_h, S::load(at)));
                let before = match h_before {
                    Some(h) => S::load_up_to(h.add(row * s.h_stride), left),
                    None => S::splat(0.0),
                };
                if let Some(saved) = saved {
                    let to = saved.add(row * SLOTS * S::LANES);
                    S::store(to, n);
                    S::store(to.add(S::LANES), r);
                    S::store(to.add(2 * S::LANES), z);
                    S::store(to.add(3 * S::LANES), n_h);
                }
                let kept = S::fma(z, before, S::nfma(z, n, n));
                S::store_up_to(h.add(row * s.h_stride), kept, left);
            }
        }
    }
}

/// The body of [`super::gru_backward`].
///
/// # Safety
/// [`StepBack::check`] has passed for S's lanes and the processor has S.
#[inline(always)]
pub(super) unsafe fn backward<S: Simd>(s: &mut StepBack<'_>) {
    let panel = SLOTS * S::LANES;
    for group in 0..s.hidden.div_ceil(S::LANES) {
        // SAFETY: `check` has found all groups and rows within the buffers.
        unsafe {
            let saved = s.saved.as_ptr().add(group * s.rows * panel);
            let d_slots = s.d_slots.as_mut_ptr().add(group * s.d_slots_stride);
            let dh = s.dh.as_ptr().add(group * S::LANES);
            let before = s.h_before.zip(s.dh_before.as_mut());
            let before =
                before.map(|(h, d)| (h.as_ptr().add(group * S::LANES), d.as_mut_ptr().add(group * S::LANES)));
            let left = s.hidden - group * S::LANES;
            let d_bias = s.d_bias.as_mut_ptr().add(group * panel);
            let mut bias = [S::splat(0.0); SLOTS];
            for v in 0..SLOTS {
                bias[v] = S::load(d_bias.add(v * S::LANES));
            }
            let one = S::splat(1.0);
            for row in 0..s.rows {
                let at = saved.add(row * panel);
                let (n, r) = (S::load(at), S::load(at.add(S::LANES)));
                let (z, n_h) = (S::load(at.add(2 * S::LANES)), S::load(at.add(3 * S::LANES)));
                let dh = S::load_up_to(dh.add(row * s.dh_stride), left);
                let h = match before {
                    Some((h, d)) => {
                        let d = d.add(row * s.dh_stride);
                        S::store_up_to(d, S::fma(dh, z, S::load_up_to(d, left)), left);
                        S::load_up_to(h.add(row * s.dh_stride), left)
                    }
                    None => S::splat(0.0),
                };
                // Of the tanh's argument; r - r² and so on: the derivative of the sigmoid.
                let dn = S::mul(S::nfma(dh, z, dh), S::nfma(n, n, one));
                let d = [
                    dn,
                    S::mul(S::mul(dn, n_h), S::nfma(r, r, r)),
                    S::mul(S::mul(dh, S::nfma(n, one, h)), S::nfma(z, z, z)),
                    S::mul(dn, r),
                ];
                for v in 0..SLOTS {
                    S::store(d_slots.add(row * panel + v * S::LANES), d[v]);
                    bias[v] = S::add(bias[v], d[v]);
                }
            }
            for v in 0..SLOTS {
                S::store(d_bias.add(v * S::LANES), bias[v]);
            }
        }
    }
}
