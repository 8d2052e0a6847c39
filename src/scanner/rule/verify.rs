//! Checks that distinguish a credential from text that only looks like one: checksums, structure.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::text::Verify;
use crate::detect::is_generated;

/// Returns true if the secret passes the check.
pub(super) fn holds(verify: Verify, secret: &str) -> bool {
    match verify {
        Verify::Checksum => checksum_fits(secret),
        Verify::Jwt => is_jwt(secret),
        Verify::Generated => is_generated(secret),
    }
}

/// Checks a token of GitHub or npm: a prefix, 30 random characters, and their CRC-32 in base 62.
fn checksum_fits(secret: &str) -> bool {
    const RANDOM: usize = 30;
    const SUM: usize = 6;
    let Some(start) = secret.len().checked_sub(RANDOM + SUM) else {
        return false;
    };
    let (Some(random), Some(sum)) = (
        secret.get(start..start + RANDOM),
        secret.get(start + RANDOM..),
    ) else {
        return false;
    };
    let mut crc = flate2::Crc::new();
    crc.update(random.as_bytes());
    base62(crc.sum()) == sum
}

/// Formats a number as six digits of base 62: `0-9`, `A-Z`, `a-z`.
fn base62(mut number: u32) -> String {
    let mut digits = ['0'; 6];
    for digit in digits.iter_mut().rev() {
        let value = u8::try_from(number % 62).unwrap_or_default();
        *digit = char::from(match value {
            0..10 => b'0' + value,
            10..36 => b'A' + (value - 10),
            _ => b'a' + (value - 36),
        });
        number /= 62;
    }
    digits.iter().collect()
}

/// Returns true for three parts, the first two of which are JSON objects; the first names an algorithm.
fn is_jwt(secret: &str) -> bool {
    let object = |part: &str| {
        let bytes = URL_SAFE_NO_PAD.decode(part).ok()?;
        let value: serde_json::Value = serde_json::from_slice(&bytes).ok()?;
        value.is_object().then_some(value)
    };
    let parts: Vec<&str> = secret.split('.').collect();
    match parts.as_slice() {
        [head, claims, signature] => {
            !signature.is_empty()
                && object(head).is_some_and(|head| head.get("alg").is_some())
                && object(claims).is_some()
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn checksums_are_computed_as_github_does() {
        let random = "keyspillExampleNotARealToken00";
        let token = |sum: &str| format!("{}{random}{sum}", ["gh", "p_"].concat());
        let mut crc = flate2::Crc::new();
        crc.update(random.as_bytes());
        assert!(checksum_fits(&token(&base62(crc.sum()))));
        assert!(!checksum_fits(&token("000000")));
        assert!(!checksum_fits("short"));
        assert!(!checksum_fits(&"é".repeat(40)));
    }

    #[test]
    fn base_62_is_padded_and_ordered() {
        assert_eq!(base62(0), "000000");
        assert_eq!(base62(61), "00000z");
        assert_eq!(base62(62), "000010");
        assert_eq!(base62(u32::MAX), "4gfFC3");
    }

    #[test]
    fn a_jwt_has_two_objects_and_a_signature() {
        let part = |json: &str| URL_SAFE_NO_PAD.encode(json);
        let head = part(r#"{"alg":"HS256","typ":"JWT"}"#);
        let claims = part(r#"{"sub":"ada"}"#);
        assert!(is_jwt(&format!("{head}.{claims}.c2ln")));
        assert!(!is_jwt(&format!("{head}.{claims}.")));
        assert!(!is_jwt(&format!("{claims}.{claims}.c2ln")));
        assert!(!is_jwt("a.b.c"));
    }
}
