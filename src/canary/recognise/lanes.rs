//! Sixty-four bytes at a time.
//!
//! Owns turning a question about a byte into a word with a bit for each of sixty-four bytes,
//! written so that the compiler uses vector instructions on any machine. Leaves out what is
//! asked.

use wide::u8x16;

/// Bytes in a word.
pub(super) const LANES: usize = 64;

/// A bit for each of up to sixty-four bytes; what lies beyond the end has none.
#[inline]
pub(super) fn bits(bytes: &[u8], of: impl Fn(u8) -> bool) -> u64 {
    if let Some(whole) = bytes.first_chunk::<LANES>() {
        return of_whole(whole, of);
    }
    let mut padded = [0_u8; LANES];
    padded[..bytes.len()].copy_from_slice(bytes);
    of_whole(&padded, of) & ((1 << bytes.len()) - 1)
}

#[inline]
fn of_whole(bytes: &[u8; LANES], of: impl Fn(u8) -> bool) -> u64 {
    let mut lanes = [0_u8; LANES];
    for (lane, byte) in lanes.iter_mut().zip(bytes) {
        *lane = u8::from(of(*byte)).wrapping_neg();
    }
    gather(&lanes)
}

/// The highest bit of each of sixty-four bytes.
#[inline]
pub(super) fn gather(lanes: &[u8; LANES]) -> u64 {
    let (sixteens, _) = lanes.as_chunks::<16>();
    sixteens.iter().rev().fold(0, |word, sixteen| {
        word << 16 | u64::from(u8x16::new(*sixteen).to_bitmask())
    })
}

/// Visits the bytes that the question is true of, in order; a visit gives where to go on.
#[inline]
pub(super) fn each(bytes: &[u8], of: impl Fn(u8) -> bool, mut visit: impl FnMut(usize) -> usize) {
    let mut next = 0;
    for at in (0..bytes.len()).step_by(LANES) {
        if next >= at + LANES {
            continue;
        }
        let mut word = bits(&bytes[at..], &of);
        while word != 0 {
            let here = at + word.trailing_zeros() as usize;
            word &= word - 1;
            if here >= next {
                next = visit(here);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_byte_has_its_bit() {
        for len in 0..=80 {
            let bytes: Vec<u8> = (0..80_u8).map(|i| i.wrapping_mul(37)).take(len).collect();
            let word = bits(&bytes, |b| b & 4 != 0);
            for at in 0..LANES {
                let expected = bytes.get(at).is_some_and(|b| b & 4 != 0);
                assert_eq!(word >> at & 1 == 1, expected, "{len} {at}");
            }
        }
    }
}
