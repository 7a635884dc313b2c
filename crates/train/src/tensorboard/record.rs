//! `TFRecord` framing: length (u64), masked CRC-32C of the length, payload, masked CRC-32C of the payload;
//! all little-endian.

use super::crc32c::masked;

const HEADER: usize = 12;
const FOOTER: usize = 4;

/// A whole record at the beginning of some bytes.
pub(super) struct Record<'a> {
    pub(super) payload: &'a [u8],
    /// Length of the record with its frame.
    pub(super) framed_len: usize,
}

/// The payload in its frame.
pub(super) fn frame(payload: &[u8]) -> Vec<u8> {
    let length = (payload.len() as u64).to_le_bytes();
    let mut out = Vec::with_capacity(HEADER + payload.len() + FOOTER);
    out.extend_from_slice(&length);
    out.extend_from_slice(&masked(&length).to_le_bytes());
    out.extend_from_slice(payload);
    out.extend_from_slice(&masked(payload).to_le_bytes());
    out
}

/// The first record of `bytes`, if it is whole and its checksums agree.
pub(super) fn first(bytes: &[u8]) -> Option<Record<'_>> {
    let length = usize::try_from(checked_length(bytes)?).ok()?;
    let (payload, after) = bytes[HEADER..].split_at_checked(length)?;
    let checksum = after.first_chunk::<FOOTER>()?;
    (u32::from_le_bytes(*checksum) == masked(payload))
        .then_some(Record { payload, framed_len: HEADER + length + FOOTER })
}

/// Whether `bytes`, which hold no whole record, may be the beginning of one: too short to tell, with a header
/// that is right, or zeros (what some file systems leave after a power failure).
pub(super) fn may_be_cut_short(bytes: &[u8]) -> bool {
    bytes.len() < HEADER || checked_length(bytes).is_some() || bytes.iter().all(|&byte| byte == 0)
}

fn checked_length(bytes: &[u8]) -> Option<u64> {
    let (length, after) = bytes.split_first_chunk::<8>()?;
    let checksum = after.first_chunk::<4>()?;
    (u32::from_le_bytes(*checksum) == masked(length)).then_some(u64::from_le_bytes(*length))
}
