//! The identity of HAPT recordings: a hash over exact counts, the same whichever file they came from.

use crate::LabelledRecording;
use ambulo_signal::Sample;
use sha2::{Digest, Sha256};

/// One count of the accelerometer, in g. All published values are whole multiples of it.
pub const ACCELERATION_SCALE: f64 = 1.0 / 720.0;

/// One count of the gyroscope, in rad/s: 17.5 thousandths of a degree per second.
pub const ANGULAR_VELOCITY_SCALE: f64 = 0.000_305_432_619_099_007_64;

/// Bytes hashed at a time.
const BLOCK: usize = 16 * 1024;

/// SHA-256, in hexadecimal, of recordings whose values are whole counts ([`ACCELERATION_SCALE`],
/// [`ANGULAR_VELOCITY_SCALE`]).
///
/// Hashed are the counts as little-endian i16, channel after channel (acceleration x, y, z, angular velocity
/// x, y, z), each over all recordings in the order given, and then the activity numbers as bytes. The counts
/// are recovered by rounding, which is exact: f32 holds each value to 1e-7 of its size, and there are at most
/// 32,768 counts. Values of another origin are rounded to the nearest count, so the hash then tells data sets
/// apart less finely.
pub fn content_hash(recordings: &[LabelledRecording]) -> String {
    let channels: [fn(&Sample) -> i16; 6] = [
        |s| acceleration_count(s.acceleration[0]),
        |s| acceleration_count(s.acceleration[1]),
        |s| acceleration_count(s.acceleration[2]),
        |s| angular_velocity_count(s.angular_velocity[0]),
        |s| angular_velocity_count(s.angular_velocity[1]),
        |s| angular_velocity_count(s.angular_velocity[2]),
    ];
    let mut hash = Sha256::new();
    let mut block = Vec::with_capacity(BLOCK);
    for count in channels {
        for recording in recordings {
            for samples in recording.recording.samples.chunks(BLOCK / 2) {
                block.clear();
                block.extend(samples.iter().flat_map(|sample| count(sample).to_le_bytes()));
                hash.update(&block);
            }
        }
    }
    for recording in recordings {
        hash.update(&recording.labels);
    }
    hex(hash)
}

/// The digest in hexadecimal.
pub(crate) fn hex(hash: Sha256) -> String {
    hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}

// `as` saturates, so that foreign values cannot overflow.
fn acceleration_count(g: f32) -> i16 {
    (f64::from(g) / ACCELERATION_SCALE).round() as i16
}

fn angular_velocity_count(rad_per_s: f32) -> i16 {
    (f64::from(rad_per_s) / ANGULAR_VELOCITY_SCALE).round() as i16
}

/// The sample of six counts.
pub(crate) fn sample(counts: [i16; 6]) -> Sample {
    let value = |i: usize, scale: f64| (f64::from(counts[i]) * scale) as f32;
    Sample {
        // A quotient of two whole numbers, so that the nearest f32 is found.
        acceleration: [0, 1, 2].map(|i| (f64::from(counts[i]) / 720.0) as f32),
        angular_velocity: [3, 4, 5].map(|i| value(i, ANGULAR_VELOCITY_SCALE)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_count_survives_the_way_through_f32() {
        for count in i16::MIN..=i16::MAX {
            let sample = sample([count; 6]);
            assert_eq!(acceleration_count(sample.acceleration[1]), count);
            assert_eq!(angular_velocity_count(sample.angular_velocity[2]), count);
        }
    }
}
