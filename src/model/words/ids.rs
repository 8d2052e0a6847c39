//! Identifiers: which fields hold one, and which texts are one.
//!
//! This module has names and forms that any application may use. What only one stage treats as an
//! id (paths that vary, changing texts, places) is in `crawl`, `compare` and `finding`.

use serde_json::Value;

/// Returns whether a field of this name holds an identifier: `id`, `_id`, `user_id`, `userId`,
/// `slug`.
pub fn names_an_id(name: &str) -> bool {
    let lower = name.to_ascii_lowercase();
    matches!(
        lower.as_str(),
        "id" | "_id" | "uuid" | "guid" | "slug" | "pk" | "oid"
    ) || lower.ends_with("_id")
        || name.ends_with("Id")
}

/// Returns an id as text; MongoDB's extended JSON writes an `ObjectId` as `{"$oid": "…"}`.
pub fn id_text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Object(fields) => Some(fields.get("$oid")?.as_str()?.to_owned()),
        _ => None,
    }
}

/// Returns whether a text is a number, or at least eight hexadecimal digits and dashes.
pub fn is_id(text: &str) -> bool {
    let digits = text.bytes().filter(u8::is_ascii_digit).count();
    let hex = |byte: u8| byte.is_ascii_hexdigit() || byte == b'-';
    digits > 0 && (digits == text.len() || (text.len() >= 8 && text.bytes().all(hex)))
}

/// Returns whether a text is a UUID, of any version.
pub fn is_uuid(text: &str) -> bool {
    text.len() == 36
        && text.bytes().enumerate().all(|(at, byte)| match at {
            8 | 13 | 18 | 23 => byte == b'-',
            _ => byte.is_ascii_hexdigit(),
        })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn fields_and_texts_are_told_from_others() {
        for name in ["id", "_id", "userId", "USER_ID", "slug", "pk"] {
            assert!(names_an_id(name), "{name}");
        }
        for name in ["paid", "idea", "Valid", "ids"] {
            assert!(!names_an_id(name), "{name}");
        }
        for text in [
            "7",
            "65f0c0ffee65f0c0ffee65f0",
            "3f2504e0-4f89-11d3-9a0c-0305e82c3301",
        ] {
            assert!(is_id(text), "{text}");
        }
        for text in ["", "deadbeef", "c0ffee", "page-2", "2024x"] {
            assert!(!is_id(text), "{text}");
        }
        assert!(is_uuid("3F2504E0-4f89-11d3-9a0c-0305e82c3301"));
        assert!(!is_uuid("3f2504e0-4f89-11d3-9a0c0-305e82c3301"));
        assert_eq!(id_text(&json!({"$oid": "65f0"})).as_deref(), Some("65f0"));
        assert_eq!(id_text(&json!(7)).as_deref(), Some("7"));
        assert_eq!(id_text(&json!([7])), None);
    }
}
