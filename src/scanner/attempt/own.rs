//! The tester's own credential, for experiments that send it or leave it out.

use serde_json::Value;

use crate::auth::is_credential_header;
use crate::credential;
use crate::surface::{Input, Kind, Place, Provenance};

/// Returns the tester's credential from the headers that go with every request.
pub(crate) fn own_credential(
    headers: &[(String, String)],
    credentials: &credential::Credentials,
) -> Option<String> {
    let (_, value) = key_header(headers, credentials)?;
    Some(value.1.to_owned())
}

/// Returns the header with the tester's key, as an input that takes values of the same form.
pub(crate) fn own_header(
    headers: &[(String, String)],
    credentials: &credential::Credentials,
) -> Option<Input> {
    let keys = headers.iter().filter(|(name, value)| {
        // Sessions and passwords are not keys that a route checks by their form.
        is_credential_header(name)
            && !(name.eq_ignore_ascii_case("cookie")
                || value.to_ascii_lowercase().starts_with("basic "))
    });
    let keys: Vec<(String, String)> = keys.cloned().collect();
    let (name, (prefix, value)) = key_header(&keys, credentials)?;
    let mut input = Input::new(
        Place::Header,
        &name.to_ascii_lowercase(),
        Provenance::Import,
    );
    prefix.clone_into(&mut input.prefix);
    input.hint.kind = Kind::String;
    input.hint.example = Some(Value::String(value.to_owned()));
    Some(input)
}

/// Finds the first header with a credential: its name, and its value as scheme and rest.
fn key_header<'h>(
    headers: &'h [(String, String)],
    credentials: &credential::Credentials,
) -> Option<(&'h str, (&'h str, &'h str))> {
    headers.iter().find_map(|(name, value)| {
        let split = if name.eq_ignore_ascii_case("authorization") {
            let at = value.find(' ')? + 1;
            Some(value.split_at(at))
        } else {
            (credentials.tier(name) != credential::Tier::Never).then_some(("", value.as_str()))
        };
        split.map(|(scheme, rest)| (name.as_str(), (scheme, rest.trim())))
    })
}
