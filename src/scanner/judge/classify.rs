//! Classifies a canary sighting. Rules name these kinds as their matchers, and each sighting has
//! exactly one kind: the first that fits. Pure.
//!
//! The order is: stored (in the answer of another operation, where the request itself did not carry the
//! canary in its URL, headers, cookies, session or body) > error (a status of 400 or above, or inside a
//! traceback or a driver's message) > redirect > cookie > header > body. A digest counts only where the
//! canary itself is absent. A redirect that was followed belongs to the request that led to it. Every
//! kind needs a credential-like source, except an error text of the framework or a driver, which gives
//! away any input. What other sources show becomes a row of the data-flow map, never a finding.

use crate::finding::SinkPlace;
use crate::rule::CanarySink;

/// The facts about a sighting that decide its kind.
#[derive(Clone, Copy, Debug)]
pub(crate) struct SightingFacts<'a> {
    /// True when the request for this answer carried the canary.
    pub(crate) carried: bool,
    /// True when the answer reports a failure.
    pub(crate) failed: bool,
    /// True when the canary is inside a traceback, a debugger page or a driver's message.
    pub(crate) in_error_text: bool,
    /// True when what came back is a digest of the canary.
    pub(crate) digest: bool,
    /// The part of the answer in which it appears.
    pub(crate) place: &'a SinkPlace,
}

/// Returns the kind of a sighting, given a credential-like input; the first kind that fits wins.
///
/// Returns `None` for a sighting that is only a row of the data-flow map, even for such an input.
pub(crate) fn classify(facts: &SightingFacts<'_>) -> Option<CanarySink> {
    let error = facts.failed || facts.in_error_text;
    if facts.digest {
        return Some(CanarySink::Digest);
    }
    if !facts.carried {
        return Some(CanarySink::Stored);
    }
    if error && *facts.place == SinkPlace::Body {
        return Some(CanarySink::Error);
    }
    match facts.place {
        SinkPlace::Header(name) if name == "location" || name == "refresh" => {
            Some(CanarySink::Redirect)
        }
        SinkPlace::Cookie(_) | SinkPlace::Session => Some(CanarySink::Cookie),
        SinkPlace::Header(name) if names_a_request(name) => None,
        SinkPlace::Header(_) => Some(CanarySink::Header),
        SinkPlace::Body => Some(CanarySink::Body),
        SinkPlace::Status => None,
    }
}

/// Returns the position of a kind in the order in which an input's sightings are proven.
pub(crate) const fn order(kind: CanarySink) -> u8 {
    match kind {
        CanarySink::Digest => 0,
        CanarySink::Body => 1,
        CanarySink::Cookie => 2,
        CanarySink::Error => 3,
        CanarySink::Header => 4,
        CanarySink::Redirect => 5,
        CanarySink::Stored => 6,
    }
}

/// Returns true if the sighting is a finding whatever its input: it is in an error text of the framework
/// or a driver.
pub(crate) fn holds_for_any(facts: &SightingFacts<'_>) -> bool {
    facts.in_error_text && facts.carried && !facts.digest && *facts.place == SinkPlace::Body
}

/// Returns true for headers that repeat one of the caller's own by design.
fn names_a_request(header: &str) -> bool {
    matches!(
        header,
        "x-request-id"
            | "x-correlation-id"
            | "traceparent"
            | "tracestate"
            | "access-control-allow-origin"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    const BODY: SinkPlace = SinkPlace::Body;

    fn facts(place: &SinkPlace) -> SightingFacts<'_> {
        SightingFacts {
            carried: true,
            failed: false,
            in_error_text: false,
            digest: false,
            place,
        }
    }

    #[test]
    fn the_first_kind_that_fits_wins() {
        let location = SinkPlace::Header("location".to_owned());
        let other = SinkPlace::Header("x-echo".to_owned());
        let session = SinkPlace::Session;
        let kind = |facts: SightingFacts<'_>| classify(&facts).unwrap();
        assert_eq!(kind(facts(&BODY)), CanarySink::Body);
        assert_eq!(kind(facts(&location)), CanarySink::Redirect);
        assert_eq!(kind(facts(&session)), CanarySink::Cookie);
        assert_eq!(kind(facts(&other)), CanarySink::Header);
        let error = SightingFacts {
            failed: true,
            ..facts(&BODY)
        };
        assert_eq!(kind(error), CanarySink::Error);
        let stored = SightingFacts {
            carried: false,
            failed: true,
            ..facts(&session)
        };
        assert_eq!(kind(stored), CanarySink::Stored);
    }

    #[test]
    fn an_ordinary_input_is_a_finding_only_inside_an_error_text() {
        let plain = SightingFacts {
            failed: true,
            ..facts(&BODY)
        };
        assert!(!holds_for_any(&plain));
        let traceback = SightingFacts {
            in_error_text: true,
            ..plain
        };
        assert!(holds_for_any(&traceback));
        assert_eq!(classify(&traceback), Some(CanarySink::Error));
        let stored = SightingFacts {
            carried: false,
            ..traceback
        };
        assert!(!holds_for_any(&stored));
    }

    #[test]
    fn a_request_id_that_comes_back_is_no_leak() {
        let place = SinkPlace::Header("x-request-id".to_owned());
        assert_eq!(classify(&facts(&place)), None);
    }
}
