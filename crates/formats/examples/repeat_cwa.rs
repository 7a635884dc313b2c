//! Makes a long `.cwa` of a short one, for measuring: its blocks over and over, numbered on, stamped on and with new checksums.
//!
//! ```sh
//! cargo run --release -p ambulo-formats --example repeat_cwa -- short.cwa long.cwa 1512000
//! ```
//!
//! 1,512,000 blocks of an AX6 at 100 Hz are a week: 60.48 million samples, 774 MB.

use std::error::Error;
use std::io::{BufWriter, Write};

const HEADER: usize = 1024;

fn word(block: &[u8; 512], at: usize) -> u16 {
    u16::from_le_bytes([block[at], block[at + 1]])
}

/// Seconds of a packed time since the beginning of its month: short files stay within one.
fn seconds(block: &[u8; 512]) -> u64 {
    let packed = u32::from_le_bytes([block[14], block[15], block[16], block[17]]);
    let bits = |from: u32, n: u32| u64::from(packed >> from & ((1 << n) - 1));
    (bits(17, 5) * 24 + bits(12, 5)) * 3600 + bits(6, 6) * 60 + bits(0, 6)
}

/// Stamps a block with seconds since the beginning of 2024.
fn stamp(block: &mut [u8; 512], seconds: u64) {
    const MONTHS: [u64; 12] = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
    let (mut day, rest) = (seconds / 86_400, seconds % 86_400);
    let mut month = 0;
    while day >= MONTHS[month % 12] {
        day -= MONTHS[month % 12];
        month += 1;
    }
    let (hour, minute, second) = (rest / 3600, rest / 60 % 60, rest % 60);
    let packed =
        24 << 26 | (month as u64 % 12 + 1) << 22 | (day + 1) << 17 | hour << 12 | minute << 6 | second;
    block[14..18].copy_from_slice(&(packed as u32).to_le_bytes());
}

/// The stamped sample is so many nanoseconds after the first whole second of the stamp, and the nominal time between samples.
fn offset(block: &[u8; 512]) -> (i64, i64) {
    (i64::from(word(block, 26) as i16), 312_500 << (15 - (block[24] & 15)))
}

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let (Some(from), Some(to), Some(blocks)) = (arguments.next(), arguments.next(), arguments.next()) else {
        return Err("usage: repeat_cwa SHORT.cwa LONG.cwa BLOCKS".into());
    };
    let short = std::fs::read(from)?;
    let (header, data) = short.split_at_checked(HEADER).ok_or("the file is no .cwa")?;
    let (short, _) = data.as_chunks::<512>();
    let first = short.first().ok_or("the file has no blocks")?;
    let mut to = BufWriter::with_capacity(1 << 20, std::fs::File::create(to)?);
    to.write_all(header)?;
    // Where a turn ends the next begins, to the sample: whole seconds go to the stamp, the rest to the offset.
    let begin_ns = |block: &[u8; 512]| {
        let (offset, step_ns) = offset(block);
        (seconds(block) - seconds(first)) as i64 * 1_000_000_000 - offset * step_ns
    };
    let last = &short[short.len() - 1];
    let length_ns = begin_ns(last) + i64::from(word(last, 28)) * offset(last).1 - begin_ns(first);
    for i in 0..blocks.parse::<usize>()? {
        let mut block = short[i % short.len()];
        let (offset, step_ns) = offset(&block);
        let turn_ns = (i / short.len()) as i64 * length_ns;
        let (turn_s, rest_ns) = (turn_ns / 1_000_000_000, turn_ns % 1_000_000_000);
        let since = seconds(&block) - seconds(first);
        stamp(&mut block, since + turn_s as u64 + 3600);
        block[26..28].copy_from_slice(&((offset - rest_ns / step_ns) as i16).to_le_bytes());
        block[10..14].copy_from_slice(&(i as u32).to_le_bytes());
        block[510..].fill(0);
        let sum = (0..256).fold(0u16, |sum, at| sum.wrapping_add(word(&block, 2 * at)));
        block[510..].copy_from_slice(&sum.wrapping_neg().to_le_bytes());
        to.write_all(&block)?;
    }
    to.flush()?;
    Ok(())
}
