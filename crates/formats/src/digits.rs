//! Runs of decimal digits, eight at a time in a word of 64 bits.

/// Powers of ten that 64 bits hold.
pub(crate) const POWERS: [u64; 20] = {
    let mut powers = [1; 20];
    let mut i = 1;
    while i < 20 {
        powers[i] = powers[i - 1] * 10;
        i += 1;
    }
    powers
};

/// The next eight bytes, the first of them the lowest; nothing where fewer are left.
#[inline(always)]
fn word(text: &[u8], at: usize) -> Option<u64> {
    text.get(at..)?.first_chunk().map(|bytes| u64::from_le_bytes(*bytes))
}

/// How many digits a word begins with, and their value.
#[inline(always)]
fn leading(word: u64) -> (usize, u64) {
    let values = word ^ 0x3030_3030_3030_3030;
    // The highest bit of each byte that is no digit, right up to the first of them: a carry goes to later bytes only.
    let others = (values.wrapping_add(0x7676_7676_7676_7676) | values) & 0x8080_8080_8080_8080;
    let n = others.trailing_zeros() as usize / 8;
    if n == 0 {
        return (0, 0);
    }
    // Zeros in front, then pairs, fours and all eight (D. Lemire, "Quickly parsing eight digits", 2018).
    let digits = values << (64 - 8 * n);
    let pairs = digits.wrapping_mul(10).wrapping_add(digits >> 8);
    let low = (pairs & 0x0000_00ff_0000_00ff).wrapping_mul(0x000f_4240_0000_0064);
    let high = ((pairs >> 16) & 0x0000_00ff_0000_00ff).wrapping_mul(0x0000_2710_0000_0001);
    (n, low.wrapping_add(high) >> 32)
}

/// How many digits begin at a place, and their value; nothing with fewer than eight bytes behind them or more than 19 digits.
#[inline(always)]
pub(crate) fn run(text: &[u8], at: usize) -> Option<(usize, u64)> {
    let (n, value) = leading(word(text, at)?);
    if n < 8 {
        return Some((n, value));
    }
    let (more, low) = leading(word(text, at + 8)?);
    let value = value * POWERS[more] + low;
    if more < 8 {
        return Some((8 + more, value));
    }
    let (more, low) = leading(word(text, at + 16)?);
    (more <= 3).then(|| (16 + more, value * POWERS[more] + low))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn one_by_one(digits in "[0-9]{0,22}", behind in proptest::collection::vec(any::<u8>(), 0..12)) {
            let text = [digits.as_bytes(), &behind].concat();
            let n = text.iter().take_while(|c| c.is_ascii_digit()).count();
            let value = text[..n].iter().fold(0u128, |value, c| value * 10 + u128::from(c - b'0'));
            match run(&text, 0) {
                Some((count, found)) => prop_assert_eq!((count, u128::from(found)), (n, value)),
                None => prop_assert!(n > 19 || text.len() - n < 8),
            }
        }
    }
}
