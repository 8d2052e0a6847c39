//! The forms a canary can take, and the arithmetic of each.
//!
//! This module has the measures of every shape: its alphabet, its length and what surrounds its
//! core. How a slot is turned into text is in `codec`, and which shape suits an input in `fit`.
//!
//! A canary is `lead + core + tail`. The core is the run's marker (six characters) and a
//! *payload*: a keyed permutation of the slot's number, written in the shape's alphabet. A
//! payload of *n* characters over an alphabet of *r* has `n × log2 r` bits; 32 of them are the
//! slot, and the rest are redundancy, which is zero before the permutation and is checked after it.
//! The marker's characters must match too, so a candidate drawn at random from the shape's own
//! alphabet is taken for one of *i* issued canaries with probability
//!
//! ```text
//! i / (r^6 × r^n)        and so  10^12 × i / r^(6+n)  times in 10^12 candidates
//! ```
//!
//! In the table *i* is a million. If a candidate already carries the run's marker (echoed by
//! another application, or a canary with one character changed), only the payload can rule it out:
//! that is the last column.
//!
//! | shape    | text                        | length | payload  | slot | redundancy | false in 10^12 | with the marker |
//! |----------|-----------------------------|--------|----------|------|------------|----------------|-----------------|
//! | token    | core                        | 40     | 34 of 36 | 32   | 143.8      | 5.6e-45        | 1.2e-35         |
//! | hex (32) | core                        | 32     | 26 of 16 | 32   | 72.0       | 2.9e-21        | 4.9e-14         |
//! | hex (64) | core                        | 64     | 58 of 16 | 32   | 200.0      | 8.6e-60        | 1.4e-52         |
//! | uuid     | core with dashes            | 36     | 24 of 16 | 32   | 64.0       | 7.5e-19        | 1.3e-11         |
//! | prefixed | prefix, core                | 36–38  | 26 of 36 | 32   | 102.4      | 1.6e-32        | 3.4e-23         |
//! | email    | core, `@example.com`        | 38     | 20 of 36 | 32   | 71.4       | 3.4e-23        | 7.5e-14         |
//! | url      | `https://`, core, `.invalid`| 42     | 20 of 36 | 32   | 71.4       | 3.4e-23        | 7.5e-14         |
//! | short    | core                        | 10     | 4 of 36  | 20.7 | 0          | 2.7e+2         | 6.0e+11         |
//! | integer  | core                        | 15     | 9 of 10  | 29.9 | 0          | 1.0e+3         | 1.0e+9          |
//!
//! `short` and `integer` have no redundancy except the marker and the check that this very slot was
//! issued in this very form. So they count only as a whole token, are never more than weak, and are
//! limited to the slots that their payload can number. Their two rows are for a million *issued in
//! that form*; a scan issues some hundreds, and the figures shrink accordingly.

/// The form of a canary.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Shape {
    /// Forty lower-case letters and digits.
    Token,
    /// Thirty-two lower-case hexadecimal digits.
    Hex32,
    /// Sixty-four lower-case hexadecimal digits.
    Hex64,
    /// A valid version 4 UUID.
    Uuid,
    /// A key with a prefix like those of providers, but never a valid one.
    Prefixed,
    /// A mailbox under `example.com`, or under the configured domain.
    Email,
    /// A URL with a host under `.invalid`.
    Url,
    /// Ten lower-case letters and digits: weak.
    Short,
    /// Fifteen decimal digits, below 2^53: weak.
    Integer,
}

/// How the payload is divided: the number of symbols in its left and right halves.
#[derive(Clone, Copy, Debug)]
pub(super) struct Payload {
    pub(super) radix: u8,
    pub(super) left: u8,
    pub(super) right: u8,
}

/// Number of characters in the marker.
pub(super) const MARKER: usize = 6;

impl Shape {
    /// Every shape, in order of preference for an input without requirements.
    pub const ALL: [Shape; 9] = [
        Shape::Token,
        Shape::Hex32,
        Shape::Hex64,
        Shape::Uuid,
        Shape::Prefixed,
        Shape::Email,
        Shape::Url,
        Shape::Short,
        Shape::Integer,
    ];

    /// Returns the name used in reports.
    pub fn name(self) -> &'static str {
        match self {
            Shape::Token => "token",
            Shape::Hex32 | Shape::Hex64 => "hex",
            Shape::Uuid => "uuid",
            Shape::Prefixed => "prefixed",
            Shape::Email => "email",
            Shape::Url => "url",
            Shape::Short => "short",
            Shape::Integer => "integer",
        }
    }

    /// Returns whether a match of this shape has enough redundancy to be full evidence.
    pub fn is_strong(self) -> bool {
        !matches!(self, Shape::Short | Shape::Integer)
    }

    /// Returns the length of a canary, with the default domain and the longest prefix.
    #[allow(clippy::len_without_is_empty)]
    pub fn len(self) -> usize {
        match self {
            Shape::Prefixed | Shape::Email => 38,
            Shape::Url => 42,
            other => other.core_len(),
        }
    }

    /// Returns the length of the core, dashes included.
    pub(super) fn core_len(self) -> usize {
        match self {
            Shape::Uuid => 36,
            other => {
                let payload = other.payload();
                MARKER + usize::from(payload.left + payload.right)
            }
        }
    }

    pub(super) fn payload(self) -> Payload {
        let (radix, left, right) = match self {
            Shape::Token => (36, 17, 17),
            Shape::Hex32 => (16, 13, 13),
            Shape::Hex64 => (16, 29, 29),
            Shape::Uuid => (16, 12, 12),
            Shape::Prefixed => (36, 13, 13),
            Shape::Email | Shape::Url => (36, 10, 10),
            Shape::Short => (36, 2, 2),
            Shape::Integer => (10, 4, 5),
        };
        Payload { radix, left, right }
    }

    /// Returns how many slots the payload can number.
    pub(super) fn capacity(self) -> u128 {
        let payload = self.payload();
        payload
            .left_size()
            .saturating_mul(payload.right_size())
            .min(1 << 32)
    }

    /// Returns a number that keeps the permutations of the shapes apart.
    ///
    /// It is part of the format and is never renumbered.
    pub(super) fn tweak(self) -> u8 {
        match self {
            Shape::Token => 1,
            Shape::Hex32 => 2,
            Shape::Hex64 => 3,
            Shape::Uuid => 4,
            Shape::Prefixed => 5,
            Shape::Email => 6,
            Shape::Url => 7,
            Shape::Short => 8,
            Shape::Integer => 9,
        }
    }
}

impl Payload {
    pub(super) fn left_size(self) -> u128 {
        u128::from(self.radix).pow(u32::from(self.left))
    }

    pub(super) fn right_size(self) -> u128 {
        u128::from(self.radix).pow(u32::from(self.right))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The table in the module's documentation: shape, payload characters, radix, slot bits,
    /// redundancy bits, false recognitions in 10^12, and the same with the marker given.
    const TABLE: [(Shape, i32, f64, f64, f64, f64, f64); 9] = [
        (Shape::Token, 34, 36.0, 32.0, 143.8, 5.6e-45, 1.2e-35),
        (Shape::Hex32, 26, 16.0, 32.0, 72.0, 2.9e-21, 4.9e-14),
        (Shape::Hex64, 58, 16.0, 32.0, 200.0, 8.6e-60, 1.4e-52),
        (Shape::Uuid, 24, 16.0, 32.0, 64.0, 7.5e-19, 1.3e-11),
        (Shape::Prefixed, 26, 36.0, 32.0, 102.4, 1.6e-32, 3.4e-23),
        (Shape::Email, 20, 36.0, 32.0, 71.4, 3.4e-23, 7.5e-14),
        (Shape::Url, 20, 36.0, 32.0, 71.4, 3.4e-23, 7.5e-14),
        (Shape::Short, 4, 36.0, 20.7, 0.0, 2.7e2, 6.0e11),
        (Shape::Integer, 9, 10.0, 29.9, 0.0, 1.0e3, 1.0e9),
    ];

    #[test]
    fn the_documented_arithmetic_is_the_arithmetic() {
        for (shape, symbols, radix, slot, redundancy, any, marked) in TABLE {
            let payload = shape.payload();
            assert_eq!(
                i32::from(payload.left + payload.right),
                symbols,
                "{shape:?}"
            );
            assert!((f64::from(payload.radix) - radix).abs() < 0.1, "{shape:?}");
            let bits = f64::from(symbols) * radix.log2();
            assert!(
                (bits.min(32.0) - slot).abs() < 0.06,
                "{shape:?}: {bits} bits"
            );
            assert!(
                ((bits - 32.0).max(0.0) - redundancy).abs() < 0.06,
                "{shape:?}: {bits} bits"
            );
            let with_marker = 1e12 * 1e6 / radix.powi(symbols);
            let random = with_marker / radix.powi(6);
            assert!(
                (with_marker / marked - 1.0).abs() < 0.05,
                "{shape:?}: {with_marker:e}"
            );
            assert!((random / any - 1.0).abs() < 0.05, "{shape:?}: {random:e}");
        }
    }

    #[test]
    fn strong_shapes_stay_below_one_false_recognition_in_a_trillion() {
        for (shape, .., any, marked) in TABLE {
            assert_eq!(shape.is_strong(), any < 1.0 && marked < 1.0, "{shape:?}");
        }
    }
}
