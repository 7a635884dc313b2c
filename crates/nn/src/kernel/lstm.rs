//! The cell of an LSTM (Hochreiter and Schmidhuber 1997; Gers et al. 2000), slots i, f, g, o.

use super::math::{sigmoid_of_twice, tanh};
use super::recurrent::{self, Cell, SLOTS, Step, StepBack};
use super::simd::Simd;

struct Lstm;

/// The body of [`super::lstm_forward`].
///
/// # Safety
/// [`Step::check`] has passed for S's lanes and the processor has S.
#[inline(always)]
pub(super) unsafe fn forward<S: Simd>(s: &mut Step<'_>) {
    // SAFETY: the caller's promise.
    unsafe { recurrent::forward::<S, Lstm, SLOTS>(s) }
}

impl<S: Simd> Cell<S> for Lstm {
    #[inline(always)]
    unsafe fn run(s: &mut Step<'_>, group: usize, slots: *mut f32) {
        // SAFETY: as in `recurrent::forward`.
        unsafe {
            let at = group * s.rows * S::LANES;
            let c = s.c.as_mut_ptr().add(at);
            let c_before = s.c_before.map_or(c.cast_const(), |c| c.as_ptr().add(at));
            let kept = s.saved.as_mut().zip(s.tanh_c.as_mut());
            let kept = kept.map(|(z, t)| (z.as_mut_ptr().add(SLOTS * at), t.as_mut_ptr().add(at)));
            let h = s.h.as_mut_ptr().add(group * S::LANES);
            let left = s.hidden - group * S::LANES;
            for row in 0..s.rows {
                let z = slots.add(row * SLOTS * S::LANES);
                let i = sigmoid_of_twice::<S>(S::load(z));
                let f = sigmoid_of_twice::<S>(S::load(z.add(S::LANES)));
                let g = tanh::<S>(S::load(z.add(2 * S::LANES)));
                let o = sigmoid_of_twice::<S>(S::load(z.add(3 * S::LANES)));
                let new = S::fma(f, S::load(c_before.add(row * S::LANES)), S::mul(i, g));
                let t = tanh::<S>(new);
                S::store(c.add(row * S::LANES), new);
                if let Some((z, tanh_c)) = kept {
                    let z = z.add(row * SLOTS * S::LANES);
                    S::store(tanh_c.add(row * S::LANES), t);
                    S::store(z, i);
                    S::store(z.add(S::LANES), f);
                    S::store(z.add(2 * S::LANES), g);
                    S::store(z.add(3 * S::LANES), o);
                }
                S::store_up_to(h.add(row * s.h_stride), S::mul(o, t), left);
            }
        }
    }
}

/// The body of [`super::lstm_backward`].
///
/// # Safety
/// [`StepBack::check`] has passed for S's lanes and the processor has S.
#[inline(always)]
pub(super) unsafe fn backward<S: Simd>(s: &mut StepBack<'_>) {
    let panel = SLOTS * S::LANES;
    for group in 0..s.hidden.div_ceil(S::LANES) {
        // SAFETY: `check` has found all groups and rows within the buffers.
        unsafe {
            let at = group * s.rows * S::LANES;
            let saved = s.saved.as_ptr().add(group * s.rows * panel);
            let d_slots = s.d_slots.as_mut_ptr().add(group * s.d_slots_stride);
            let (c_before, tanh_c) = (s.c_before.as_ptr().add(at), s.tanh_c.as_ptr().add(at));
            let dc = s.dc.as_mut_ptr().add(at);
            let dh = s.dh.as_ptr().add(group * S::LANES);
            let left = s.hidden - group * S::LANES;
            let d_bias = s.d_bias.as_mut_ptr().add(group * panel);
            let mut bias = [S::splat(0.0); SLOTS];
            for v in 0..SLOTS {
                bias[v] = S::load(d_bias.add(v * S::LANES));
            }
            let one = S::splat(1.0);
            for row in 0..s.rows {
                let z = saved.add(row * panel);
                let (i, f) = (S::load(z), S::load(z.add(S::LANES)));
                let (g, o) = (S::load(z.add(2 * S::LANES)), S::load(z.add(3 * S::LANES)));
                let t = S::load(tanh_c.add(row * S::LANES));
                let dh = S::load_up_to(dh.add(row * s.dh_stride), left);
                let carried = S::load(dc.add(row * S::LANES));
                let d_cell = S::fma(S::mul(dh, o), S::nfma(t, t, one), carried);
                S::store(dc.add(row * S::LANES), S::mul(d_cell, f));
                let dz = [
                    // i - i² and so on: the derivative of the sigmoid.
                    S::mul(S::mul(d_cell, g), S::nfma(i, i, i)),
                    S::mul(S::mul(d_cell, S::load(c_before.add(row * S::LANES))), S::nfma(f, f, f)),
                    S::mul(S::mul(d_cell, i), S::nfma(g, g, one)),
                    S::mul(S::mul(dh, t), S::nfma(o, o, o)),
                ];
                for v in 0..SLOTS {
                    S::store(d_slots.add(row * panel + v * S::LANES), dz[v]);
                    bias[v] = S::add(bias[v], dz[v]);
                }
            }
            for v in 0..SLOTS {
                S::store(d_bias.add(v * S::LANES), bias[v]);
            }
        }
    }
}
