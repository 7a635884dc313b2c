//! The network's input for many windows, a few at a time.

use crate::TrainError;
use ambulo_data::{DataError, LabelledWindows};
use ambulo_signal::Preprocessing;
use rayon::prelude::*;
use std::ops::Range;

/// Values of the input that are held at a time: 16 MB.
const HELD: usize = 1 << 22;

/// Makes the input of a window, by its number, with room to work in.
pub(crate) type Make<'a, S> = dyn Fn(usize, &mut S, &mut [f32]) -> Result<(), DataError> + Sync + 'a;

/// Hands on the input of all windows in order, as many of them at a time as take 16 MB, `[window, time, channel]`; `make` gives that of one.
/// Windows are made on all threads of the current rayon pool.
///
/// # Errors
/// The first of `make`, in some order, or of `take`.
pub(crate) fn each_chunk<S: Default>(
    windows: &LabelledWindows,
    p: &Preprocessing,
    make: &Make<S>,
    take: &mut dyn FnMut(&[f32]) -> Result<(), TrainError>,
) -> Result<(), TrainError> {
    let size = (windows.time * p.channels.len()).max(1);
    let mut x = Vec::new();
    for range in chunks(windows.len(), size) {
        x.resize(range.len() * size, 0.0);
        x.par_chunks_mut(size)
            .zip(range)
            .try_for_each_init(S::default, |state, (out, i)| make(i, state, out))?;
        take(&x)?;
    }
    Ok(())
}

/// What `answer` says of the input of all windows, in their order; normalised if `p` has statistics.
///
/// # Errors
/// Windows that cannot be read, or of `answer`.
pub(crate) fn answers<T>(
    windows: &LabelledWindows,
    p: &Preprocessing,
    mut answer: impl FnMut(&[f32]) -> Result<Vec<T>, TrainError>,
) -> Result<Vec<T>, TrainError> {
    let mut all = Vec::new();
    let make = |i: usize, (): &mut (), out: &mut [f32]| {
        p.window_input(&windows.window(i)?, out);
        Ok(())
    };
    each_chunk(windows, p, &make, &mut |x| {
        all.extend(answer(x)?);
        Ok(())
    })?;
    Ok(all)
}

/// Numbers of windows in order, whose inputs of so many values each take no more than is held at a time.
fn chunks(windows: usize, size: usize) -> impl Iterator<Item = Range<usize>> {
    let step = (HELD / size).max(1);
    (0..windows).step_by(step).map(move |start| start..(start + step).min(windows))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_window_is_in_one_chunk() {
        for (windows, size) in [(0, 5), (1, 5), (7, HELD / 3), (9, 2 * HELD)] {
            let all: Vec<Range<usize>> = chunks(windows, size).collect();
            assert!(all.iter().cloned().flatten().eq(0..windows));
            assert!(all.iter().all(|range| range.len() == 1 || range.len() * size <= HELD));
        }
    }
}
