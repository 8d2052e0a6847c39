//! Canaries that came back: a rule names the sink that it reports.

use super::Detector;
use crate::named::named;

named! {
    /// Where a canary came out, in order of precedence: the first that fits wins.
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
        /// An unkeyed digest of the canary, not the canary itself.
        Digest = "digest",
    }
}

impl Detector for CanarySink {
    fn sink(&self) -> Option<Self> {
        Some(*self)
    }
}
