//! Numbers as bytes, and bytes as text.

/// Bytes under construction. Times are whole milliseconds.
#[derive(Clone, Debug, Default)]
pub(super) struct Bytes(pub(super) Vec<u8>);

impl Bytes {
    /// Seven bits a byte, the lowest first, the highest bit set where more follow (LEB128).
    pub(super) fn number(&mut self, mut value: u64) {
        while value >= 0x80 {
            self.0.push(value as u8 | 0x80);
            value >>= 7;
        }
        self.0.push(value as u8);
    }

    /// Small numbers of either sign become small numbers: 0, -1, 1, -2, …
    pub(super) fn signed(&mut self, value: i64) {
        self.number(((value << 1) ^ (value >> 63)) as u64);
    }

    /// As base64.
    pub(super) fn text(&self) -> String {
        text(&self.0)
    }
}

/// Bytes as base64 (RFC 4648, section 4).
pub(super) fn text(bytes: &[u8]) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut out = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for three in bytes.chunks(3) {
        let byte = |i: usize| u32::from(three.get(i).copied().unwrap_or(0));
        let all = byte(0) << 16 | byte(1) << 8 | byte(2);
        for i in 0..4 {
            let letter = LETTERS[(all >> (18 - 6 * i)) as usize & 63];
            out.push(if i > three.len() { '=' } else { char::from(letter) });
        }
    }
    out
}

/// Nanoseconds in whole milliseconds, the nearest; what a double cannot hold exactly is brought to the edge.
pub(super) fn milliseconds(ns: i64) -> i64 {
    const EDGE: i64 = 1 << 51;
    ((ns.saturating_add(500_000)).div_euclid(1_000_000)).clamp(-EDGE, EDGE)
}

#[cfg(test)]
pub(super) mod reading {
    /// Reads what [`super::Bytes`] wrote, as the page's script does.
    pub(in super::super) struct Reader<'a>(pub(in super::super) &'a [u8]);

    impl Reader<'_> {
        pub(in super::super) fn byte(&mut self) -> u8 {
            let (&first, rest) = self.0.split_first().unwrap();
            self.0 = rest;
            first
        }

        pub(in super::super) fn number(&mut self) -> u64 {
            let (mut value, mut shift) = (0, 0);
            loop {
                let byte = self.byte();
                value |= u64::from(byte & 127) << shift;
                shift += 7;
                if byte < 128 {
                    return value;
                }
            }
        }

        pub(in super::super) fn signed(&mut self) -> i64 {
            let value = self.number();
            (value >> 1) as i64 ^ -((value & 1) as i64)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::reading::Reader;
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn base64_is_that_of_the_standard() {
        // RFC 4648, section 10.
        for (bytes, text) in
            [("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foobar", "Zm9vYmFy")]
        {
            assert_eq!(Bytes(bytes.as_bytes().to_vec()).text(), text);
        }
    }

    proptest! {
        #[test]
        fn numbers_come_back(numbers: Vec<u64>, signed: Vec<i64>) {
            let mut bytes = Bytes::default();
            numbers.iter().for_each(|&n| bytes.number(n));
            signed.iter().for_each(|&n| bytes.signed(n));
            let mut reader = Reader(&bytes.0);
            for n in numbers {
                prop_assert_eq!(reader.number(), n);
            }
            for n in signed {
                prop_assert_eq!(reader.signed(), n);
            }
        }
    }
}
