//! Writes a large ActiGraph archive for measurements: a week at 100 Hz, as 12 or as 16 bits.
//!
//! `cargo run --release -p ambulo-formats --example gt3x_week -- OUT.gt3x [12|16] [seconds]`
#![allow(clippy::unwrap_used, reason = "a failed step ends the program")]

#[path = "../tests/common/gt3x.rs"]
mod write;

use write::{archive, counts, info, pack12, pack16, record};

const RATE: usize = 100;
/// 2024-03-05 10:00 of a clock.
const START: u32 = 1_709_632_800;
/// Different seconds; after them they come again.
const DIFFERENT: u32 = 600;

fn main() {
    let mut arguments = std::env::args().skip(1);
    let out = arguments.next().unwrap();
    let wide = arguments.next().as_deref() == Some("16");
    let seconds: u32 = arguments.next().map_or(7 * 86_400, |n| n.parse().unwrap());
    let second = |s: u32| {
        let samples: Vec<[i16; 3]> = (0..RATE).map(|i| counts(s as usize * RATE + i, 256.0)).collect();
        if wide { pack16(&samples) } else { pack12(&samples) }
    };
    let packed: Vec<Vec<u8>> = (0..DIFFERENT.min(seconds)).map(second).collect();
    let kind = if wide { 0x1a } else { 0 };
    let log: Vec<u8> =
        (0..seconds).flat_map(|s| record(kind, START + s, &packed[(s % DIFFERENT) as usize])).collect();
    let ends = write::TICKS_1970 + i64::from(START + seconds) * 10_000_000;
    let others = format!(
        "Last Sample Time: {ends}\r\nTimeZone: 01:00:00\r\nDownload Date: {ends}\r\nFirmware: 1.9.2\r\nBattery Voltage: \
         4.1\r\nBoard Revision: 5\r\nUnexpected Resets: 0\r\nAcceleration Scale: 256.0\r\nAcceleration Min: -8.0\r\nAcceleration \
         Max: 8.0\r\n"
    );
    let text = info("MOS2E00000001", RATE as u32, START, &others);
    std::fs::write(out, archive(&[("log.bin", &log), ("info.txt", text.as_bytes())], true)).unwrap();
}
