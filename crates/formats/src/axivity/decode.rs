//! Samples of a block and their times.

use super::block::{Block, DATA, DATA_LENGTH, LENGTH, Layout};

/// Fractional bits of the time between two samples: sums over a block stay exact to a nanosecond.
const FRACTION: u32 = 20;

/// Acceleration in g.
pub(super) fn acceleration(bytes: &[u8; LENGTH], block: &Block, values: &mut [[f32; 3]]) {
    let data = data(bytes);
    // A power of two: nothing is rounded.
    let unit = 1.0 / block.per_g;
    match block.layout {
        Layout::Packed => packed(data, unit, values),
        Layout::Acceleration => triads::<6>(data, 0, unit, values),
        Layout::Six => triads::<12>(data, 6, unit, values),
        Layout::Nine => triads::<18>(data, 6, unit, values),
    }
}

/// Angular velocity in degrees per second; 24 bits hold the product of count and unit.
pub(super) fn angular_velocity(bytes: &[u8; LENGTH], block: &Block, values: &mut [[f32; 3]]) {
    let unit = block.full_scale / 32_768.0;
    match block.layout {
        Layout::Packed | Layout::Acceleration => {}
        Layout::Six => triads::<12>(data(bytes), 0, unit, values),
        Layout::Nine => triads::<18>(data(bytes), 0, unit, values),
    }
}

fn data(bytes: &[u8; LENGTH]) -> &[u8] {
    &bytes[DATA..DATA + DATA_LENGTH]
}

/// Three words of 16 bits, `at` so many bytes into each sample of `STRIDE` bytes.
fn triads<const STRIDE: usize>(data: &[u8], at: usize, unit: f32, values: &mut [[f32; 3]]) {
    for (value, sample) in values.iter_mut().zip(data.as_chunks::<STRIDE>().0) {
        let word = |i: usize| f32::from(i16::from_le_bytes([sample[at + i], sample[at + i + 1]])) * unit;
        *value = [word(0), word(2), word(4)];
    }
}

/// `eezzzzzzzzzzyyyyyyyyyyxxxxxxxxxx`: signed numbers of 10 bits, to be shifted left by e.
fn packed(data: &[u8], unit: f32, values: &mut [[f32; 3]]) {
    let units = [unit, 2.0 * unit, 4.0 * unit, 8.0 * unit];
    for (value, sample) in values.iter_mut().zip(data.as_chunks::<4>().0) {
        let sample = u32::from_le_bytes(*sample);
        let unit = units[(sample >> 30) as usize];
        let axis = |shift: u32| ((sample << shift) as i32 >> 22) as f32 * unit;
        *value = [axis(22), axis(12), axis(2)];
    }
}

/// Times spread evenly from the first sample's to the end of the block, where the next begins.
pub(super) fn times(first_ns: i64, span_ns: i64, times: &mut [i64]) {
    let count = (times.len() as i64).max(1);
    // The longest block, 120 samples at 0.1 Hz, lasts 1.3e12 ns.
    let step = (span_ns.clamp(0, i64::MAX >> (FRACTION + 1)) << FRACTION) / count;
    let mut since = 1 << (FRACTION - 1);
    for time in times {
        *time = first_ns.wrapping_add(since >> FRACTION);
        since += step;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn packed_samples() {
        let pack = |e: u32, x: i32, y: i32, z: i32| {
            (e << 30 | (z as u32 & 1023) << 20 | (y as u32 & 1023) << 10 | x as u32 & 1023).to_le_bytes()
        };
        let data: Vec<u8> =
            [pack(0, 1, -1, 511), pack(1, -512, 0, 3), pack(2, 5, 6, -7), pack(3, 511, -512, 0)].concat();
        let mut values = [[9.0; 3]; 4];
        packed(&data, 1.0, &mut values);
        let expected = [[1.0, -1.0, 511.0], [-1024.0, 0.0, 6.0], [20.0, 24.0, -28.0], [4088.0, -4096.0, 0.0]];
        assert_eq!(values, expected);
    }

    #[test]
    fn times_are_even_to_a_nanosecond() {
        let mut found = [0; 120];
        for span in [1, 120, 609_185_791, 1_199_999_999, 1_228_800_000_000] {
            times(-5_000, span, &mut found);
            for (i, time) in found.iter().enumerate() {
                let exact = -5_000.0 + i as f64 * span as f64 / 120.0;
                assert!((*time as f64 - exact).abs() <= 0.51, "{i} of {span}: {time}, {exact}");
            }
        }
        times(3, 7, &mut []);
    }
}
