//! Writes ActiGraph archives, as far as readers look at them.
#![allow(dead_code, unreachable_pub)]

use std::io::Write as _;

/// Ticks of 100 ns from year 1 to 1970.
pub const TICKS_1970: i64 = 621_355_968_000_000_000;

/// A record of `log.bin`.
pub fn record(kind: u8, second: u32, content: &[u8]) -> Vec<u8> {
    let mut bytes = vec![0x1e, kind];
    bytes.extend(second.to_le_bytes());
    bytes.extend(u16::try_from(content.len()).unwrap().to_le_bytes());
    bytes.extend(content);
    bytes.push(!bytes.iter().fold(0, |all, byte| all ^ byte));
    bytes
}

/// Counts in 12 bits each, most significant first, in the order y, x, z; half a byte is left if their number is odd.
pub fn pack12(samples: &[[i16; 3]]) -> Vec<u8> {
    let halves = samples.iter().flat_map(|&[x, y, z]| [y, x, z]);
    let nibbles: Vec<u8> =
        halves.flat_map(|v| [(v >> 8) as u8 & 15, (v >> 4) as u8 & 15, v as u8 & 15]).collect();
    nibbles.chunks(2).map(|pair| pair[0] << 4 | pair.get(1).copied().unwrap_or(0)).collect()
}

/// Counts in 16 bits each.
pub fn pack16(samples: &[[i16; 3]]) -> Vec<u8> {
    samples.iter().flatten().flat_map(|v| v.to_le_bytes()).collect()
}

/// PARAMETERS: address, key, value.
pub fn parameters(all: &[(u16, u16, u32)]) -> Vec<u8> {
    let one = |&(address, key, value): &(u16, u16, u32)| {
        [&address.to_le_bytes()[..], &key.to_le_bytes(), &value.to_le_bytes()].concat()
    };
    all.iter().flat_map(one).collect()
}

/// `info.txt`.
pub fn info(serial: &str, rate: u32, start: u32, others: &str) -> String {
    let ticks = TICKS_1970 + i64::from(start) * 10_000_000;
    format!(
        "Serial Number: {serial}\r\nDevice Type: Made\r\nSample Rate: {rate}\r\nStart Date: {ticks}\r\nStop Date: 0\r\n{others}"
    )
}

/// A zip archive of these members.
pub fn archive(members: &[(&str, &[u8])], stored: bool) -> Vec<u8> {
    let method = if stored { zip::CompressionMethod::Stored } else { zip::CompressionMethod::Deflated };
    let options = zip::write::SimpleFileOptions::default().compression_method(method).large_file(false);
    let mut writer = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for (name, content) in members {
        writer.start_file(*name, options).unwrap();
        writer.write_all(content).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

/// Counts that look like those of a person: gravity, steps, and noise.
pub fn counts(i: usize, per_g: f32) -> [i16; 3] {
    let t = i as f32 * 0.063;
    let noise = |k: usize| ((i * 7919 + k * 104_729) % 13) as f32 * 0.004 - 0.024;
    let value = [0.95 + 0.3 * t.sin() + noise(1), -0.3 + 0.2 * (2.0 * t).sin() + noise(2), 0.1 + noise(3)];
    value.map(|v| (v * per_g).round() as i16)
}
