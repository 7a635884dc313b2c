//! Samples as ActiGraph packs them.

/// Axes of a sample in 12 bits each: two samples in nine bytes.
const PAIR: usize = 9;
/// Axes of a sample in 16 bits each.
const WIDE: usize = 6;

/// How the samples of a record lie in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Packing {
    /// 12 bits, most significant first, in the order y, x, z; an odd number of samples leaves half a byte.
    Twelve,
    /// 16 bits, least significant byte first, in the order x, y, z.
    Sixteen,
}

impl Packing {
    /// Whole samples in so many bytes. One byte is the sign of a USB connection.
    pub(super) fn samples(self, bytes: usize) -> usize {
        match self {
            Self::Twelve => bytes * 2 / PAIR,
            Self::Sixteen => bytes / WIDE,
        }
    }
}

/// What turns counts into g, with the device's axes put right.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Scale {
    /// Counts of 1 g.
    pub(super) per_g: f32,
    /// Whether the axes are turned by a quarter: x from y, y from minus x.
    pub(super) turned: bool,
}

impl Scale {
    /// Unpacks as many samples as `values` takes and the bytes hold.
    pub(super) fn unpack(self, packing: Packing, bytes: &[u8], values: &mut [[f32; 3]]) {
        match packing {
            Packing::Twelve => self.twelve(bytes, values),
            Packing::Sixteen => {
                for (sample, value) in bytes.chunks_exact(WIDE).zip(values.iter_mut()) {
                    let axis = |i: usize| f32::from(i16::from_le_bytes([sample[i], sample[i + 1]]));
                    *value = [axis(0) / self.per_g, axis(2) / self.per_g, axis(4) / self.per_g];
                }
            }
        }
        if self.turned {
            for value in values {
                *value = [value[1], -value[0], value[2]];
            }
        }
    }

    fn twelve(self, bytes: &[u8], values: &mut [[f32; 3]]) {
        // The sign is that of the highest of the 12 bits.
        let signed = |bits: u16| f32::from((bits << 4).cast_signed() >> 4) / self.per_g;
        let pairs = bytes.as_chunks::<PAIR>();
        let (whole, rest) = values.as_chunks_mut::<2>();
        for (b, pair) in pairs.0.iter().zip(whole.iter_mut()) {
            let high = |i: usize| u16::from(b[i]) << 4 | u16::from(b[i + 1]) >> 4;
            let low = |i: usize| u16::from(b[i] & 15) << 8 | u16::from(b[i + 1]);
            *pair = [
                [signed(low(1)), signed(high(0)), signed(high(3))],
                [signed(high(6)), signed(low(4)), signed(low(7))],
            ];
        }
        let odd = &bytes[(whole.len() * PAIR).min(bytes.len())..];
        if let ([value], [a, b, c, d, e, ..]) = (rest, odd) {
            let y = u16::from(*a) << 4 | u16::from(*b) >> 4;
            let x = u16::from(*b & 15) << 8 | u16::from(*c);
            let z = u16::from(*d) << 4 | u16::from(*e) >> 4;
            *value = [signed(x), signed(y), signed(z)];
        }
    }
}
