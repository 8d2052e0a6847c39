//! Masks credentials in typed options before they are shown or recorded.
//!
//! Owns: URLs, headers and cookies given as options. Leaves out: secrets found in answers (`redact.rs`
//! in the library).

use url::Url;

/// The replacement for a hidden value.
const HIDDEN: &str = "***";

/// Returns a header with its value hidden; the name says enough.
pub(crate) fn header(text: &str) -> String {
    match text.split_once(':') {
        Some((name, _)) => format!("{}: {HIDDEN}", name.trim()),
        // Without a name, the whole text may be the secret.
        None => HIDDEN.to_owned(),
    }
}

/// Returns cookies with their values hidden.
pub(crate) fn cookies(text: &str) -> String {
    let pairs = text.split(';').map(|pair| hidden_value(pair.trim()));
    pairs.collect::<Vec<_>>().join("; ")
}

/// Returns a URL with userinfo, query values and fragment hidden.
pub(crate) fn url(text: &str) -> String {
    let (before_fragment, fragment) = cut(text, '#');
    let (before_query, query) = cut(before_fragment, '?');
    let mut masked = without_userinfo(before_query, text);
    if let Some(query) = query {
        let pairs = query.split('&').map(hidden_value);
        masked.push('?');
        masked.push_str(&pairs.collect::<Vec<_>>().join("&"));
    }
    if fragment.is_some_and(|fragment| !fragment.is_empty()) {
        masked.push('#');
        masked.push_str(HIDDEN);
    }
    masked
}

fn cut(text: &str, at: char) -> (&str, Option<&str>) {
    match text.split_once(at) {
        Some((before, after)) => (before, Some(after)),
        None => (text, None),
    }
}

fn hidden_value(pair: &str) -> String {
    match pair.split_once('=') {
        Some((name, value)) if !value.is_empty() => format!("{name}={HIDDEN}"),
        Some(_) => pair.to_owned(),
        None if pair.is_empty() => String::new(),
        None => HIDDEN.to_owned(),
    }
}

/// Hides the part before the host's `@`. In a text that is not a URL, the start of the host is unclear,
/// so everything up to the last `@` is hidden, even beyond `?` and `#`.
fn without_userinfo(before_query: &str, whole: &str) -> String {
    // A text without a scheme may be anything: `ftp//u:p@h` reads as the host `ftp`.
    let readable = whole.contains("://")
        && !whole.contains('\\')
        && Url::parse(whole).is_ok_and(|url| url.has_host());
    let scheme_end = before_query.find("://").map_or(0, |at| at + 3);
    let (scheme, rest) = before_query.split_at(scheme_end);
    let end = if readable {
        rest.find('/').unwrap_or(rest.len())
    } else if whole.rfind('@') >= Some(before_query.len()) {
        return format!("{scheme}{HIDDEN}");
    } else {
        rest.len()
    };
    match rest[..end].rfind('@') {
        Some(at) => format!("{scheme}{HIDDEN}{}", &rest[at..]),
        None => before_query.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_header_keeps_its_name_only() {
        assert_eq!(header("Authorization: Bearer x:y"), "Authorization: ***");
        assert_eq!(header("s3cret"), "***");
    }

    #[test]
    fn cookies_keep_their_names_only() {
        assert_eq!(cookies("a=1; b=2=3"), "a=***; b=***");
        assert_eq!(cookies("s3cret"), "***");
    }

    #[test]
    fn a_url_keeps_host_path_and_names() {
        for (typed, shown) in [
            ("http://h:5000/app", "http://h:5000/app"),
            ("localhost:5000", "localhost:5000"),
            ("http://u:s3cret@h/x", "http://***@h/x"),
            ("http://s3cret@h", "http://***@h"),
            ("u:s3cret@h:1/x", "***@h:1/x"),
            ("http://h/@name?k=s3cret&e=", "http://h/@name?k=***&e="),
            ("http://h/?s3cret#s3cret", "http://h/?***#***"),
            ("http://u:s3@cret@h/", "http://***@h/"),
        ] {
            assert_eq!(url(typed), shown);
        }
    }

    #[test]
    fn a_text_that_is_no_url_hides_everything_before_its_last_at() {
        for typed in [
            "http://u:s3cret/x@h:1",
            "http://u:s3cret?x@h:port",
            "http://u:s3cret#x@h:port",
            "ftp//u:s3cret@h:x",
            "http://u:s3cret@",
            "http:\\\\u:s3cret@h",
        ] {
            assert!(!url(typed).contains("s3cret"), "{}", url(typed));
        }
    }
}
