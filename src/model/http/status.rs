//! Ranges of status codes (RFC 9110 §15).

/// Inclusive bounds of status codes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StatusRange {
    /// The lowest.
    pub from: u16,
    /// The highest.
    pub to: u16,
}

impl StatusRange {
    /// True for a status inside.
    pub const fn contains(self, status: u16) -> bool {
        self.from <= status && status <= self.to
    }
}
