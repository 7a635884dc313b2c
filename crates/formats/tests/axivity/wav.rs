//! `.wav` files that are written here.

use crate::common::bytes;
use crate::writer::wav;
use ambulo_formats::{ErrorKind, ReadOptions};
use ambulo_signal::{Sensor, Start};

const COMMENT: &str = "Time: 2024-03-05 10:00:00.430\nChannel-1: Accel-X\nScale-1: 16\nChannel-2: Accel-Y\nScale-2: 16\n\
    Channel-3: Accel-Z\nScale-3: 16\n";
const GYROSCOPE: &str = "Channel-4: Gyro-X\nScale-4: 2000\nChannel-5: Gyro-Y\nScale-5: 2000\nChannel-6: Gyro-Z\n\
    Scale-6: 2000\nChannel-7: Aux\n";
const START: i64 = 1_709_632_800_430_000_000;

#[test]
fn acceleration_angular_velocity_and_samples_that_were_not_measured() {
    let aux = [-32768, 0, 0x0c12, 0x4000, -32768, -32768, 0];
    let samples: Vec<i16> = (0..7).flat_map(|i| [2048, -2048, i, 16384, 0, -1, aux[i as usize]]).collect();
    let file = wav(&format!("{COMMENT}{GYROSCOPE}"), 7, &samples, None);
    let whole = bytes(&file, &ReadOptions::default()).unwrap();
    assert_eq!(whole.header.start, Start::Local { local_ns: START + 10_000_000 });
    assert_eq!(whole.header.sensors[1].sensor, Sensor::Gyroscope);
    assert!(whole.header.identity.is_empty() && !whole.header.autocalibrate);
    assert_eq!(whole.parts[0].times_ns, [0, 10_000_000, 20_000_000, 50_000_000]);
    assert_eq!(whole.parts[0].values[0], [1.0, -1.0, 1.0 / 2048.0]);
    assert_eq!(whole.parts[1].values[3], [1000.0, 0.0, -2000.0 / 32768.0]);
    let [lost, clipped] = whole.header.findings.as_slice() else { panic!("{:?}", whole.header.findings) };
    assert_eq!((lost.count, clipped.count), (2, 1));
    assert!(lost.text.contains("3 samples are marked as not available") && lost.text.contains("gaps"));
}

#[test]
fn stated_lengths_and_channels_that_are_not_there() {
    let samples = [2048, 0, 0].repeat(10);
    for (stated, findings) in [(None, 0), (Some(0), 0), (Some(u32::MAX), 0), (Some(4000), 1), (Some(59), 1)] {
        let whole = bytes(&wav(COMMENT, 3, &samples, stated), &ReadOptions::default()).unwrap();
        let expected = if stated == Some(59) { 9 } else { 10 };
        assert_eq!((whole.parts[0].len(), whole.header.findings.len()), (expected, findings));
    }
    let identity = ReadOptions { identity: true, ..ReadOptions::default() };
    let whole = bytes(&wav(COMMENT, 3, &samples, None), &identity).unwrap();
    assert_eq!(whole.header.identity[2], ("annotation".to_owned(), "_sc=Jane".to_owned()));

    let fails = |comment: &str, samples: &[i16]| {
        bytes(&wav(comment, 3, samples, None), &ReadOptions::default()).err().unwrap()
    };
    assert_eq!(fails(COMMENT, &[]).kind(), ErrorKind::Empty);
    let error = fails(&COMMENT.replace("Accel-Y", "Light"), &samples);
    assert!(error.kind() == ErrorKind::Damaged && error.to_string().contains("Accel-Y"), "{error}");
    let error = fails(&COMMENT.replace("Scale-2: 16", "Scale-2: none"), &samples);
    assert!(error.to_string().contains("Scale-2 is `none`"), "{error}");
    assert_eq!(fails("Channel-1: Left\n", &samples).kind(), ErrorKind::Unsupported);
}
