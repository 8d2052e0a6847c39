//! Signed values that anyone can read: Flask's session cookie and JSON Web Tokens.
//!
//! This module decodes them; it does not check their signatures.
//!
//! Formats: itsdangerous's `URLSafeTimedSerializer` (`payload.timestamp.signature`, base64url; a
//! leading dot means that the payload is zlib-compressed), and RFC 7519.

use std::io::Read;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use flate2::read::ZlibDecoder;

/// A decoded value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decoded {
    /// The kind of value.
    pub kind: SignedKind,
    /// The payload, as JSON text.
    pub payload: Vec<u8>,
    /// How the payload was wrapped, outermost first: `base64` or `base64/zlib`.
    pub wrapping: &'static str,
}

/// The kind of a signed value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SignedKind {
    /// Flask's session, or another itsdangerous value.
    Session,
    /// A JSON Web Token.
    Jwt,
}

/// Limit on the decompressed payload in bytes: a session fits into a cookie, a zip bomb does not.
const MAX_PAYLOAD: u64 = 1 << 20;

/// Decodes a cookie's value as a Flask session or a JWT.
pub fn decode(value: &str) -> Option<Decoded> {
    let value = value.trim_matches('"');
    let (compressed, rest) = value
        .strip_prefix('.')
        .map_or((false, value), |rest| (true, rest));
    let parts: Vec<&str> = rest.split('.').collect();
    let [first, second, third] = parts.as_slice() else {
        return None;
    };
    if third.len() < 16 && !compressed {
        return None;
    }
    if !compressed && first.starts_with("eyJ") {
        let header = json(&base64(first)?)?;
        if header.get("alg").is_some() {
            let payload = base64(second)?;
            json(&payload)?;
            return Some(Decoded {
                kind: SignedKind::Jwt,
                payload,
                wrapping: "base64",
            });
        }
    }
    // The timestamp is a few bytes, big-endian: at most 8 base64 characters.
    if second.is_empty() || second.len() > 12 {
        return None;
    }
    let packed = base64(first)?;
    let (payload, wrapping) = if compressed {
        let mut payload = Vec::new();
        ZlibDecoder::new(packed.as_slice())
            .take(MAX_PAYLOAD)
            .read_to_end(&mut payload)
            .ok()?;
        (payload, "base64/zlib")
    } else {
        (packed, "base64")
    };
    json(&payload)?;
    Some(Decoded {
        kind: SignedKind::Session,
        payload,
        wrapping,
    })
}

fn base64(text: &str) -> Option<Vec<u8>> {
    URL_SAFE_NO_PAD.decode(text.trim_end_matches('=')).ok()
}

fn json(payload: &[u8]) -> Option<serde_json::Value> {
    let value: serde_json::Value = serde_json::from_slice(payload).ok()?;
    value.is_object().then_some(value)
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    const SIGNATURE: &str = "ZoVzTq7iVvWmQn0bJmUj1mVqk4E";

    #[test]
    fn a_flask_session_is_decoded_plain_and_compressed() {
        let payload = br#"{"user":"kim"}"#;
        let plain = format!("{}.aS9-eA.{SIGNATURE}", URL_SAFE_NO_PAD.encode(payload));
        let decoded = decode(&plain).unwrap();
        assert_eq!(
            (decoded.kind, decoded.wrapping),
            (SignedKind::Session, "base64")
        );
        assert_eq!(decoded.payload, payload);

        let mut zlib = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::best());
        zlib.write_all(payload).unwrap();
        let packed = URL_SAFE_NO_PAD.encode(zlib.finish().unwrap());
        let decoded = decode(&format!(".{packed}.aS9-eA.{SIGNATURE}")).unwrap();
        assert_eq!(
            (decoded.payload.as_slice(), decoded.wrapping),
            (&payload[..], "base64/zlib")
        );
    }

    #[test]
    fn a_jwt_is_told_from_a_session() {
        let head = URL_SAFE_NO_PAD.encode(br#"{"alg":"HS256","typ":"JWT"}"#);
        let body = URL_SAFE_NO_PAD.encode(br#"{"sub":"kim"}"#);
        let decoded = decode(&format!("{head}.{body}.{SIGNATURE}")).unwrap();
        assert_eq!(decoded.kind, SignedKind::Jwt);
    }

    #[test]
    fn other_cookies_are_not_sessions() {
        for value in [
            "",
            "abc",
            "a.b.c",
            "1.2.3.4",
            "www.example.com",
            "eyJ9.eyJ9.x",
        ] {
            assert_eq!(decode(value), None, "{value}");
        }
    }
}
