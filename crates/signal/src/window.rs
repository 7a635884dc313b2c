//! Sliding windows over a series, at once and as samples arrive.

use crate::SignalError;
use alloc::string::ToString;
use alloc::vec::Vec;
use alloc::{format, vec};
use serde::{Deserialize, Serialize};

/// Longest window accepted, in samples: 5.8 hours at 50 Hz, and far below what would exhaust memory.
pub const MAX_WINDOW: usize = 1 << 20;

/// Most values in a window, over all channels.
pub const MAX_WINDOW_VALUES: usize = 16 * MAX_WINDOW;

/// First samples of the whole windows of `window` samples that fit into `len` samples, every `step` samples
/// from 0.
///
/// Empty if the series is shorter than a window, or if `window` or `step` is 0.
pub fn window_starts(len: usize, window: usize, step: usize) -> impl Iterator<Item = usize> {
    let count = if window == 0 || step == 0 || len < window { 0 } else { (len - window) / step + 1 };
    (0..count).map(move |i| i * step)
}

/// Collects frames of `channels` values and yields the last `window` of them every `step` frames.
///
/// The windows are those at [`window_starts`] of the whole series. Each frame is stored twice in a ring of
/// twice the length, so that a window is always one contiguous slice.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct WindowBuffer {
    /// Shape `[2 * window, channels]`.
    ring: Vec<f32>,
    window: usize,
    step: usize,
    channels: usize,
    /// Where the next frame goes, below `window`.
    next: usize,
    /// Frames until the next window is due.
    due: usize,
}

impl WindowBuffer {
    /// An empty buffer.
    ///
    /// # Errors
    /// [`SignalError::Setting`] if `window`, `step` or `channels` is 0, or the window exceeds [`MAX_WINDOW`]
    /// samples or [`MAX_WINDOW_VALUES`] values.
    pub fn new(window: usize, step: usize, channels: usize) -> Result<Self, SignalError> {
        check_window(window, step)?;
        if channels == 0 || channels > MAX_WINDOW_VALUES / window {
            return Err(SignalError::Setting {
                field: "channels",
                found: channels.to_string(),
                expected: format!(
                    "give 1 to {} channels for windows of {window}",
                    MAX_WINDOW_VALUES / window
                ),
            });
        }
        Ok(Self { ring: vec![0.0; 2 * window * channels], window, step, channels, next: 0, due: window })
    }

    /// Adds a frame; returns the window `[time, channel]` that ends with it if one is due.
    ///
    /// Values beyond the number of channels are ignored, missing ones are 0.
    pub fn push(&mut self, frame: &[f32]) -> Option<&[f32]> {
        let (window, channels) = (self.window, self.channels);
        for copy in [self.next, self.next + window] {
            let slot = &mut self.ring[copy * channels..(copy + 1) * channels];
            for (i, value) in slot.iter_mut().enumerate() {
                *value = frame.get(i).copied().unwrap_or(0.0);
            }
        }
        self.next = (self.next + 1) % window;
        self.due -= 1;
        if self.due > 0 {
            return None;
        }
        self.due = self.step;
        Some(&self.ring[self.next * channels..(self.next + window) * channels])
    }

    /// Whether windows, steps and channels are those of another, and a saved state is sound.
    pub(crate) fn has_shape_of(&self, other: &Self) -> bool {
        (self.window, self.step, self.channels, self.ring.len())
            == (other.window, other.step, other.channels, other.ring.len())
            && self.next < self.window
            && (1..=self.window.max(self.step)).contains(&self.due)
    }

    /// Forgets all frames.
    pub fn reset(&mut self) {
        self.next = 0;
        self.due = self.window;
    }
}

/// Refuses windows and steps that are 0 or absurdly long.
pub(crate) fn check_window(window: usize, step: usize) -> Result<(), SignalError> {
    for (field, value) in [("window", window), ("step", step)] {
        if value == 0 || value > MAX_WINDOW {
            return Err(SignalError::Setting {
                field,
                found: value.to_string(),
                expected: format!("give 1 to {MAX_WINDOW} samples"),
            });
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn starts_of_half_overlapping_windows() {
        assert_eq!(window_starts(320, 128, 64).collect::<Vec<_>>(), [0, 64, 128, 192]);
        assert_eq!(window_starts(127, 128, 64).count(), 0);
        assert_eq!(window_starts(128, 128, 64).count(), 1);
        assert_eq!(window_starts(10, 0, 1).count() + window_starts(10, 1, 0).count(), 0);
    }

    #[test]
    fn buffers_of_no_or_absurd_size_are_refused() {
        for (window, step, channels) in
            [(0, 1, 1), (1, 0, 1), (1, 1, 0), (usize::MAX, 1, 1), (1 << 20, 1, 17)]
        {
            assert!(WindowBuffer::new(window, step, channels).is_err(), "{window}, {step}, {channels}");
        }
    }

    proptest! {
        #[test]
        fn the_buffer_yields_the_windows_of_the_series(
            len in 0usize..200, window in 1usize..20, step in 1usize..40, channels in 1usize..4
        ) {
            let series: Vec<f32> = (0..len * channels).map(|i| i as f32).collect();
            let expected: Vec<Vec<f32>> = window_starts(len, window, step)
                .map(|s| series[s * channels..(s + window) * channels].to_vec())
                .collect();
            let mut buffer = WindowBuffer::new(window, step, channels).unwrap();
            for _ in 0..2 {
                let got: Vec<Vec<f32>> =
                    series.chunks(channels).filter_map(|f| buffer.push(f).map(<[f32]>::to_vec)).collect();
                prop_assert_eq!(&got, &expected);
                buffer.reset();
            }
        }
    }
}
