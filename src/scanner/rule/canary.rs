//! A canary that came back: rules name the ways out that they tell of.

use super::Detector;
use crate::named::named;

named! {
    /// Where a canary came out. The order is that of precedence: the first that fits wins.
    CanarySink {
        /// In the answer of another operation.
        Stored = "stored",
        /// In an error answer, traceback or driver message.
        Error = "error",
        /// In `Location` or `Refresh`.
        Redirect = "redirect",
        /// In `Set-Cookie`, plain or decoded.
        Cookie = "cookie",
        /// In another header.
        Header = "header",
        /// In the body.
        Body = "body",
        /// Not itself, but an unkeyed digest of it.
        Digest = "digest",
    }
}

impl Detector for CanarySink {
    fn sink(&self) -> Option<Self> {
        Some(*self)
    }
}
