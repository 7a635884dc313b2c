//! The identity of HAPT recordings: a hash over exact counts, the same whichever file they came from.

use super::codes;
use crate::LabelledRecording;
use crate::hash::hex;
use ambulo_signal::Sensor;
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
/// x, y, z), each over all recordings in the order given, and then the activity number of each sample of acceleration as a
/// byte (255 for a label that HAPT does not have). The counts are recovered by rounding, which is exact: f32 holds each value
/// to 1e-7 of its size, and there are at most 32,768 counts. Values of another origin are rounded to the nearest count, so
/// the hash then tells data sets apart less finely.
///
/// # Errors
/// Recordings that cannot be loaded.
pub fn content_hash(recordings: &[LabelledRecording]) -> std::io::Result<String> {
    let loaded: Vec<_> = recordings.iter().map(|r| r.recording.load()).collect::<Result<_, _>>()?;
    let mut hash = Sha256::new();
    let mut block = Vec::with_capacity(BLOCK);
    for sensor in [Sensor::Accelerometer, Sensor::Gyroscope] {
        let count = if sensor == Sensor::Accelerometer { acceleration_count } else { angular_velocity_count };
        for axis in 0..3 {
            for series in loaded.iter().filter_map(|r| r.sensor(sensor)) {
                for values in series.values.chunks(BLOCK / 2) {
                    block.clear();
                    block.extend(values.iter().flat_map(|value| count(value[axis]).to_le_bytes()));
                    hash.update(&block);
                }
            }
        }
    }
    for (labelled, recording) in recordings.iter().zip(&loaded) {
        let codes: Vec<u8> = labelled.sample_labels(recording).map(codes::code).collect();
        hash.update(&codes);
    }
    Ok(hex(hash))
}

// `as` saturates, so that foreign values cannot overflow.
fn acceleration_count(g: f32) -> i16 {
    (f64::from(g) / ACCELERATION_SCALE).round() as i16
}

fn angular_velocity_count(rad_per_s: f32) -> i16 {
    (f64::from(rad_per_s) / ANGULAR_VELOCITY_SCALE).round() as i16
}

/// Acceleration in g of three counts.
pub(super) fn acceleration(counts: [i16; 3]) -> [f32; 3] {
    // A quotient of two whole numbers, so that the nearest f32 is found.
    counts.map(|count| (f64::from(count) / 720.0) as f32)
}

/// Angular velocity in rad/s of three counts.
pub(super) fn angular_velocity(counts: [i16; 3]) -> [f32; 3] {
    counts.map(|count| (f64::from(count) * ANGULAR_VELOCITY_SCALE) as f32)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_count_survives_the_way_through_f32() {
        for count in i16::MIN..=i16::MAX {
            assert_eq!(acceleration_count(acceleration([count; 3])[1]), count);
            assert_eq!(angular_velocity_count(angular_velocity([count; 3])[2]), count);
        }
    }
}
