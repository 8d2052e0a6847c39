//! The tester's own names, as far as the input shows them: from logins, basic authentication, and
//! the claims of a token.
//!
//! Owns: which of these values are names. Leaves out: what answers show of the account (`policy`).

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::auth::identity::is_secret;
use crate::auth::recipe::LoginKind;
use crate::auth::{GivenValue, Identity, Leash};
use crate::settings::Settings;

/// Token claims that say whose token it is.
const CLAIMS: [&str; 10] = [
    // Flask-Login's.
    "_user_id",
    "sub",
    "email",
    "username",
    "user",
    "user_id",
    "id",
    "preferred_username",
    "upn",
    "login",
];

/// Returns the names, addresses and ids of the scan's own account.
pub(crate) fn names(settings: &Settings) -> Vec<String> {
    let mut names = Vec::new();
    if let Some(identity) = settings.identities.first() {
        of_login(identity, &mut names);
        for (_, value) in &identity.fixed.headers {
            of_header(value, &mut names);
        }
        for (_, value) in &identity.fixed.cookies {
            claims(value, &mut names);
        }
    }
    for (name, value) in &settings.http.headers {
        if name.eq_ignore_ascii_case("cookie") {
            let pairs = value.split(';').filter_map(|pair| pair.split_once('='));
            pairs.for_each(|(_, value)| claims(value, &mut names));
        } else {
            of_header(value, &mut names);
        }
    }
    let base = settings.target.base();
    let user = percent_encoding::percent_decode_str(base.username()).decode_utf8_lossy();
    names.push(user.into_owned());
    names
}

/// Collects the values of a login's recipe that are not secrets.
fn of_login(identity: &Identity, names: &mut Vec<String>) {
    match identity.login.as_ref().map(|login| &login.way) {
        Some(LoginKind::Form(form)) => {
            let open = form.fields.iter().filter(|(name, _)| !is_secret(name));
            let open = open.filter(|(_, value)| !value.is_command());
            names.extend(open.filter_map(|(_, value)| value.read(&Leash::default()).ok()));
        }
        Some(LoginKind::Json(json)) => {
            // The recipe has been read before, so unreadable values have already been reported.
            let _ = json.body.texts(&mut |name, text| {
                let value = GivenValue::parse(text)?;
                if !is_secret(name) && !value.is_command() {
                    names.push(value.read(&Leash::default())?);
                }
                Ok(String::new())
            });
        }
        Some(LoginKind::OAuth2(_)) | None => {}
    }
}

/// Reads a header with `Basic …`, `Bearer …`, or a bare token.
fn of_header(value: &str, names: &mut Vec<String>) {
    let (scheme, rest) = value.split_once(' ').unwrap_or(("", value));
    if scheme.eq_ignore_ascii_case("basic") {
        let pair = STANDARD.decode(rest.trim()).ok();
        let pair = pair.and_then(|bytes| String::from_utf8(bytes).ok());
        names.extend(pair.and_then(|pair| Some(pair.split_once(':')?.0.to_owned())));
    } else {
        claims(rest, names);
    }
}

/// Collects the claims of a JSON Web Token (RFC 7519 §3) or a Flask session. They are not verified:
/// they only say what to spare.
fn claims(token: &str, names: &mut Vec<String>) {
    let Some(decoded) = crate::signed::decode(token.trim()) else {
        return;
    };
    let Ok(claims) = serde_json::from_slice::<serde_json::Value>(&decoded.payload) else {
        return;
    };
    for claim in CLAIMS {
        match claims.get(claim) {
            Some(serde_json::Value::String(text)) => names.push(text.clone()),
            Some(serde_json::Value::Number(number)) => names.push(number.to_string()),
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;

    use super::*;
    use crate::target::Target;

    #[test]
    fn names_stand_in_basic_authentication_and_in_tokens() {
        let mut settings = Settings::new(Target::parse("http://h").unwrap());
        let token = format!(
            "Bearer eyJhbGciOiJIUzI1NiJ9.{}.c2lnbmF0dXJlLXNpZw",
            URL_SAFE_NO_PAD.encode(r#"{"sub": 17, "email": "ann@example.org", "exp": 1}"#)
        );
        let basic = format!("Basic {}", STANDARD.encode("ann:s3cret"));
        settings.http.headers = vec![
            ("Authorization".to_owned(), token),
            ("X-Auth".to_owned(), basic),
            ("X-Other".to_owned(), "no.token".to_owned()),
            (
                "Cookie".to_owned(),
                format!(
                    "lang=en; session={}.aSw1xg.c2lnbmF0dXJlLXNpZw",
                    URL_SAFE_NO_PAD.encode(r#"{"_user_id": "23", "username": "kim"}"#)
                ),
            ),
        ];
        let names = names(&settings);
        for name in ["17", "ann@example.org", "ann", "23", "kim"] {
            assert!(names.iter().any(|known| known == name), "{names:?}");
        }
        assert!(!names.iter().any(|known| known.contains("s3cret")));
    }
}
