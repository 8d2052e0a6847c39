//! Ranges of status codes (RFC 9110 §15).

/// An inclusive range of status codes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StatusRange {
    /// The lowest status.
    pub from: u16,
    /// The highest status.
    pub to: u16,
}

impl StatusRange {
    /// Returns whether a status is in the range.
    pub const fn contains(self, status: u16) -> bool {
        self.from <= status && status <= self.to
    }
}
