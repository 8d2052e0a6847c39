//! "Come later": what 429 and 503 ask for with `Retry-After`.
//!
//! This module reads both forms of the header. Waiting is done in `routes.rs` and `throttle.rs`.

use std::time::Duration;

use time::OffsetDateTime;
use time::format_description::well_known::Rfc2822;

use super::Response;

/// Returns how long an answer asks to wait: in seconds, or until a date (RFC 9110 §10.2.3).
///
/// A date counts from the answer's own `Date`, since clocks differ. Any other value counts as one
/// second.
pub fn asks_to_wait(response: &Response) -> Option<Duration> {
    if !matches!(response.status, 429 | 503) {
        return None;
    }
    let value = response.header("retry-after")?.trim();
    if value.bytes().all(|byte| byte.is_ascii_digit()) {
        // More digits than fit into a number mean a long time.
        let seconds = value.parse().unwrap_or(u64::from(u32::MAX));
        return Some(Duration::from_secs(seconds));
    }
    if let Ok(seconds) = value.parse::<f64>()
        && seconds.is_finite()
        && seconds >= 0.0
    {
        return Some(Duration::from_secs_f64(seconds.min(f64::from(u32::MAX))));
    }
    let Some(until) = date(value) else {
        return Some(Duration::from_secs(1));
    };
    let now = response
        .header("date")
        .and_then(date)
        .unwrap_or(response.at);
    Some(Duration::try_from(until - now).unwrap_or_default())
}

fn date(text: &str) -> Option<OffsetDateTime> {
    OffsetDateTime::parse(text.trim(), &Rfc2822).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(status: u16, headers: &[(&str, &str)]) -> Option<u64> {
        asks_to_wait(&Response::of(status, headers, "")).map(|time| time.as_secs())
    }

    #[test]
    fn seconds_and_dates_are_read() {
        let date = ("date", "Wed, 21 Oct 2015 07:28:00 GMT");
        for (later, seconds) in [
            ("6", 6),
            (" 0 ", 0),
            ("2.5", 2),
            ("99999999999999999999999", u64::from(u32::MAX)),
            ("Wed, 21 Oct 2015 07:28:30 GMT", 30),
            ("Wed, 21 Oct 2015 08:28:00 GMT", 3600),
            ("Wed, 21 Oct 2015 07:27:00 GMT", 0),
            ("soon", 1),
            ("-5", 1),
        ] {
            let headers = [("retry-after", later), date];
            assert_eq!(asked(429, &headers), Some(seconds), "{later}");
            assert_eq!(asked(503, &headers), Some(seconds), "{later}");
        }
    }

    #[test]
    fn without_the_answers_own_date_the_clock_of_this_machine_counts() {
        let in_a_minute = OffsetDateTime::now_utc() + Duration::from_mins(1);
        let text = in_a_minute.format(&Rfc2822).unwrap();
        let mut answer = Response::of(429, &[("retry-after", &text)], "");
        answer.at = OffsetDateTime::now_utc();
        let seconds = asks_to_wait(&answer).unwrap().as_secs();
        assert!((50..=60).contains(&seconds), "{seconds}");
    }

    #[test]
    fn other_answers_and_answers_without_a_time_ask_for_nothing() {
        assert_eq!(asked(301, &[("retry-after", "6")]), None);
        assert_eq!(asked(429, &[]), None);
    }
}
