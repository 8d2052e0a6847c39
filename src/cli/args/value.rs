//! One value of an option, read from text in the same way on the command line and in a configuration
//! file.
//!
//! Owns: durations, thresholds, methods, formats, patterns, headers. Leaves out: which option takes
//! which (`options.rs`). Messages never quote values that may be secret.

use std::time::Duration;

use keyspill::finding::{Severity, Verdict};
use keyspill::http::Method;
use keyspill::settings::Format;
use keyspill::target::Alias;
use regex::Regex;

/// A type that can be read from the text of one option.
pub(crate) trait FromText: Sized {
    /// Reads a value; the error says what is wrong with it, in one line if possible.
    fn from_text(text: &str) -> Result<Self, String>;
}

impl FromText for String {
    fn from_text(text: &str) -> Result<Self, String> {
        Ok(text.to_owned())
    }
}

impl FromText for Regex {
    fn from_text(text: &str) -> Result<Self, String> {
        Self::new(text).map_err(|error| error.to_string())
    }
}

impl FromText for Alias {
    fn from_text(text: &str) -> Result<Self, String> {
        Self::parse(text).map_err(|error| error.to_string())
    }
}

impl FromText for Method {
    fn from_text(text: &str) -> Result<Self, String> {
        text.parse()
    }
}

impl FromText for Duration {
    /// Reads `500ms`, `2s`, `10m`, `1h` or `1.5s`. A bare number is refused, because its unit is
    /// unclear.
    fn from_text(text: &str) -> Result<Self, String> {
        let text = text.trim();
        let digits = text
            .find(|c: char| !c.is_ascii_digit() && c != '.')
            .unwrap_or(text.len());
        let (number, unit) = text.split_at(digits);
        let seconds = match unit.trim_start() {
            "ms" => 0.001,
            "s" => 1.0,
            "m" => 60.0,
            "h" => 3600.0,
            _ => return Err("a duration is a number with ms, s, m or h, like 500ms or 2s".into()),
        };
        let number: f64 = number
            .parse()
            .map_err(|_| format!("{text:?} does not begin with a number"))?;
        Self::try_from_secs_f64(number * seconds).map_err(|_| format!("{text:?} is too long"))
    }
}

/// The lowest severity that causes exit code 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct FailOn(pub(crate) Option<Severity>);

impl FailOn {
    /// The values of `--fail-on`. `info` is missing, because such findings never count.
    pub(crate) const NAMES: [&str; 5] = ["low", "medium", "high", "critical", "never"];
}

impl Default for FailOn {
    fn default() -> Self {
        Self(Some(Severity::High))
    }
}

impl FromText for FailOn {
    fn from_text(text: &str) -> Result<Self, String> {
        if !Self::NAMES.contains(&text) {
            return Err(one_of(&Self::NAMES));
        }
        Ok(Self(text.parse().ok()))
    }
}

/// The values of `--min-verdict`.
pub(crate) const VERDICT_NAMES: [&str; 3] = ["confirmed", "likely", "undetermined"];

impl FromText for Verdict {
    fn from_text(text: &str) -> Result<Self, String> {
        text.parse().map_err(|_| one_of(&VERDICT_NAMES))
    }
}

/// The domain of e-mail addresses.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct EmailDomain(pub(crate) String);

impl FromText for EmailDomain {
    fn from_text(text: &str) -> Result<Self, String> {
        let text = text.trim();
        if text.contains('@') {
            return Err("a domain such as staging.example, without the @".to_owned());
        }
        let label = |label: &str| {
            (1..=63).contains(&label.len())
                && !label.starts_with('-')
                && !label.ends_with('-')
                && label.chars().all(|c| c.is_ascii_alphanumeric() || c == '-')
        };
        if text.len() > 253 || !text.split('.').all(label) {
            return Err(
                "a domain such as staging.example (a foreign one in its ASCII form)".into(),
            );
        }
        Ok(Self(text.to_ascii_lowercase()))
    }
}

/// Returns the values of `scan --format`.
pub(crate) fn format_names() -> impl Iterator<Item = &'static str> {
    Format::ALL.iter().map(|format| format.as_str())
}

impl FromText for Format {
    fn from_text(text: &str) -> Result<Self, String> {
        let known = Self::ALL.iter().find(|format| format.as_str() == text);
        known
            .copied()
            .ok_or_else(|| one_of(&format_names().collect::<Vec<_>>()))
    }
}

fn one_of(names: &[&str]) -> String {
    format!("must be one of {}", names.join(", "))
}

/// Reads `Name: value`. The error names the header, never its value.
pub(crate) fn header(text: &str) -> Result<(String, String), String> {
    let Some((name, value)) = text.split_once(':') else {
        return Err("a header is 'Name: value', and the colon is missing".to_owned());
    };
    let (name, value) = (name.trim(), value.trim_matches([' ', '\t']));
    let token = |c: char| c.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~".contains(c);
    if name.is_empty() || !name.chars().all(token) {
        return Err("a header's name holds only letters, digits and -_.!#$%&'*+^`|~".to_owned());
    }
    // Framing belongs to the client: a wrong length or encoding would hang or split every request.
    let framing = ["content-length", "transfer-encoding", "connection"];
    if framing.contains(&name.to_ascii_lowercase().as_str()) {
        return Err(format!("{name} is set by keyspill for each request"));
    }
    if has_control(value) {
        return Err(format!("the value of {name} holds a control character"));
    }
    Ok((name.to_owned(), value.to_owned()))
}

/// Reads the text of a `Cookie` header.
pub(crate) fn cookie(text: &str) -> Result<String, String> {
    let text = text.trim().trim_end_matches(';').trim_end();
    if has_control(text) {
        return Err("a cookie holds a control character".to_owned());
    }
    if text.split(';').any(|pair| !pair.contains('=')) {
        return Err("a cookie is 'name=value', several are joined by '; '".to_owned());
    }
    Ok(text.to_owned())
}

/// Reads a proxy's URL; `host:port` alone means http. The error never quotes it, because it may contain
/// a password.
pub(crate) fn proxy(text: &str) -> Result<String, String> {
    let text = text.trim();
    let whole = if text.contains("://") {
        text.to_owned()
    } else {
        format!("http://{text}")
    };
    let url = url::Url::parse(&whole).map_err(|error| format!("not a URL: {error}"))?;
    if !matches!(url.scheme(), "http" | "https" | "socks5" | "socks5h") {
        return Err("a proxy is an http, https, socks5 or socks5h URL".to_owned());
    }
    if url.host_str().is_none_or(str::is_empty) {
        return Err("the proxy's URL names no host".to_owned());
    }
    Ok(whole)
}

fn has_control(text: &str) -> bool {
    text.chars().any(char::is_control)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_duration_needs_its_unit() {
        let ms = |text| Duration::from_text(text).map(|time| time.as_millis());
        assert_eq!(ms("500ms"), Ok(500));
        assert_eq!(ms("2s"), Ok(2000));
        assert_eq!(ms("1.5s"), Ok(1500));
        assert_eq!(ms("10m"), Ok(600_000));
        assert_eq!(ms("1h"), Ok(3_600_000));
        assert_eq!(ms("0s"), Ok(0));
        for wrong in [
            "", "5", "s", "-1s", "2 days", "1.2.3s", "9e9s", "inf", "1s2",
        ] {
            assert!(Duration::from_text(wrong).is_err(), "{wrong:?}");
        }
        let endless = "9".repeat(40) + "h";
        assert!(Duration::from_text(&endless).is_err());
    }

    #[test]
    fn a_threshold_is_a_severity_or_never() {
        assert_eq!(FailOn::from_text("never"), Ok(FailOn(None)));
        for name in FailOn::NAMES {
            assert!(FailOn::from_text(name).is_ok(), "{name}");
        }
        assert_eq!(FailOn::from_text("low"), Ok(FailOn(Some(Severity::Low))));
        for wrong in ["High", "info", "none", ""] {
            assert!(FailOn::from_text(wrong).is_err(), "{wrong}");
        }
        assert_eq!(FailOn::default(), FailOn::from_text("high").unwrap());
    }

    #[test]
    fn an_email_domain_is_a_domain_alone() {
        let read = |text| EmailDomain::from_text(text).map(|domain| domain.0);
        assert_eq!(read("Staging.Example"), Ok("staging.example".to_owned()));
        assert_eq!(read("localhost"), Ok("localhost".to_owned()));
        for wrong in [
            "", "@x.test", "a@x.test", "x..test", "-x.test", "x test", "ü.test",
        ] {
            assert!(read(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_header_keeps_its_name_and_value() {
        assert_eq!(
            header("Authorization:  Bearer a:b "),
            Ok(("Authorization".into(), "Bearer a:b".into()))
        );
        assert_eq!(header("X-Empty:"), Ok(("X-Empty".into(), String::new())));
    }

    #[test]
    fn a_header_with_control_characters_is_refused_without_showing_its_value() {
        for wrong in [
            "X-Key: s3cret\r\nX-Evil: 1",
            "X-Key: s3cret\0",
            "X-Key: s3cret\u{7f}",
            "X Key: s3cret",
            "s3cret",
            ": s3cret",
            "X\nY: s3cret",
            "Content-Length: 5 s3cret",
        ] {
            let message = header(wrong).unwrap_err();
            assert!(!message.contains("s3cret"), "{message}");
        }
    }

    #[test]
    fn a_cookie_is_made_of_pairs() {
        assert_eq!(cookie("a=1; b=2;"), Ok("a=1; b=2".into()));
        for wrong in ["s3cret", "a=1; s3cret", "a=s3cret\nb=1", ""] {
            let message = cookie(wrong).unwrap_err();
            assert!(!message.contains("s3cret"), "{message}");
        }
    }

    #[test]
    fn a_proxy_is_a_url_of_a_known_kind() {
        assert_eq!(proxy("127.0.0.1:8080"), Ok("http://127.0.0.1:8080".into()));
        assert!(proxy("socks5h://u:s3cret@h:1").is_ok());
        for wrong in ["ftp://u:s3cret@h", "http://", "http://u:s3cret@h:x"] {
            let message = proxy(wrong).unwrap_err();
            assert!(!message.contains("s3cret"), "{message}");
        }
    }
}
