//! `--auth`: a single credential as written.
//!
//! This module has the kinds, checks them, and adds each to a request. No message quotes a value.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;
use serde::de::Deserializer;

use super::command::Leash;
use super::value::Text;
use super::{GivenValue, Material, Vault};

/// A credential as written.
///
/// It is `bearer:VALUE`, `basic:USER:VALUE`, `header:Name=VALUE`, `cookie:name=VALUE` or
/// `query:name=VALUE`, where VALUE is a [`GivenValue`]. `cmd:…` is short for `bearer:cmd:…`.
/// `basic:env:NAME` and `basic:@file` hold user and password joined by a colon.
#[derive(Clone, PartialEq, Eq)]
pub enum AuthSpec {
    /// `Authorization: Bearer …`.
    Bearer(GivenValue),
    /// `Authorization: Basic …`; without a user, the value holds user and password.
    Basic(Option<String>, GivenValue),
    /// A header.
    Header(String, GivenValue),
    /// A cookie.
    Cookie(String, GivenValue),
    /// A query value.
    Query(String, GivenValue),
}

/// Shows names and where values come from, never a value.
impl fmt::Debug for AuthSpec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Bearer(value) => write!(f, "bearer:{value:?}"),
            Self::Basic(_, value) => write!(f, "basic:{value:?}"),
            Self::Header(name, value) => write!(f, "header:{name}={value:?}"),
            Self::Cookie(name, value) => write!(f, "cookie:{name}={value:?}"),
            Self::Query(name, value) => write!(f, "query:{name}={value:?}"),
        }
    }
}

impl AuthSpec {
    /// Parses a credential as written.
    ///
    /// # Errors
    ///
    /// The message says what is wrong, without quoting anything that may be secret.
    pub fn parse(text: &str) -> Result<Self, String> {
        let forms = "a credential is bearer:…, basic:user:…, header:Name=…, cookie:name=…, \
                     query:name=… or cmd:COMMAND";
        let (kind, rest) = text.split_once(':').ok_or(forms)?;
        match kind {
            "bearer" => {
                let value = GivenValue::parse(rest).map_err(|fault| format!("bearer: {fault}"))?;
                filled(&value, "bearer:")?;
                Ok(Self::Bearer(value))
            }
            "cmd" => Ok(Self::Bearer(GivenValue::parse(text)?)),
            "basic" => basic(rest).map_err(|fault| format!("basic: {fault}")),
            "header" | "cookie" | "query" => {
                let (name, value) = rest
                    .split_once('=')
                    .ok_or_else(|| format!("{kind}: is followed by name=value"))?;
                let token = |c: char| c.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~".contains(c);
                let any = |c: char| !c.is_control();
                let good = match kind {
                    "query" => name.chars().all(any),
                    _ => name.chars().all(token),
                };
                if name.is_empty() || !good {
                    return Err(format!("{kind}: the name before = is not one"));
                }
                let value = GivenValue::parse(value).map_err(|fault| format!("{kind}: {fault}"))?;
                filled(&value, kind)?;
                Ok(match kind {
                    "header" => Self::Header(name.to_owned(), value),
                    "cookie" => Self::Cookie(name.to_owned(), value),
                    _ => Self::Query(name.to_owned(), value),
                })
            }
            _ => Err(forms.to_owned()),
        }
    }

    /// Returns whether the credential comes from a command, and so can be renewed.
    pub const fn is_command(&self) -> bool {
        let (Self::Bearer(value)
        | Self::Basic(_, value)
        | Self::Header(_, value)
        | Self::Cookie(_, value)
        | Self::Query(_, value)) = self;
        value.is_command()
    }

    /// Returns the credential as recorded in the command line: names and sources, no values.
    pub fn shown(text: &str) -> String {
        Self::parse(text).map_or_else(|_| "***".to_owned(), |spec| format!("{spec:?}"))
    }

    /// Adds the credential to what is sent with each request; a command runs on that leash.
    ///
    /// # Errors
    ///
    /// Fails if a value cannot be read, or is not allowed where it belongs.
    pub fn apply(&self, leash: &Leash, to: &mut Material, vault: &Vault) -> Result<(), String> {
        let read = |value: &GivenValue| -> Result<String, String> {
            let text = value.read(leash)?;
            if text.chars().any(char::is_control) {
                return Err(format!("{self:?}: the value holds a control character"));
            }
            vault.keep(&text);
            Ok(text)
        };
        match self {
            Self::Bearer(value) => {
                to.set_header("Authorization", &format!("Bearer {}", read(value)?));
            }
            Self::Basic(user, value) => {
                let value = read(value)?;
                let pair = match user {
                    Some(user) => format!("{user}:{value}"),
                    None if value.contains(':') => value,
                    None => return Err(format!("{self:?}: holds no user:password")),
                };
                if let Some((_, password)) = pair.split_once(':') {
                    vault.keep(password);
                }
                let encoded = STANDARD.encode(pair);
                vault.keep(&encoded);
                to.set_header("Authorization", &format!("Basic {encoded}"));
            }
            Self::Header(name, value) => to.set_header(name, &read(value)?),
            Self::Cookie(name, value) => {
                let value = read(value)?;
                if value.contains(';') {
                    return Err(format!("{self:?}: a cookie's value holds no semicolon"));
                }
                to.set_cookie(name, &value);
            }
            Self::Query(name, value) => to.set_query(name, &read(value)?),
        }
        Ok(())
    }
}

fn basic(rest: &str) -> Result<AuthSpec, String> {
    if ["env:", "cmd:", "@"]
        .iter()
        .any(|from| rest.starts_with(from))
    {
        return Ok(AuthSpec::Basic(None, GivenValue::parse(rest)?));
    }
    let rest = rest.strip_prefix("text:").unwrap_or(rest);
    let (user, value) = rest
        .split_once(':')
        .ok_or("is followed by user:password (a colon is missing)")?;
    Ok(AuthSpec::Basic(
        Some(user.to_owned()),
        GivenValue::parse(value)?,
    ))
}

fn filled(value: &GivenValue, kind: &str) -> Result<(), String> {
    match value {
        GivenValue::Literal(text) if text.is_empty() => Err(format!("{kind} has no value")),
        _ => Ok(()),
    }
}

impl<'de> Deserialize<'de> for AuthSpec {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_any(Text(Self::parse))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn material(texts: &[&str]) -> Material {
        let mut material = Material::default();
        for text in texts {
            AuthSpec::parse(text)
                .and_then(|spec| spec.apply(&Leash::default(), &mut material, &Vault::default()))
                .unwrap_or_else(|fault| panic!("{text}: {fault}"));
        }
        material
    }

    #[test]
    fn every_kind_adds_what_its_name_says() {
        let all = material(&[
            "bearer:t0ken",
            "header:X-Key=a=b",
            "cookie:session=s:1",
            "query:api_key=k",
        ]);
        let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        assert_eq!(
            all.headers,
            [pair("Authorization", "Bearer t0ken"), pair("X-Key", "a=b")]
        );
        assert_eq!(all.cookies, [pair("session", "s:1")]);
        assert_eq!(all.query, [pair("api_key", "k")]);
        let basic = material(&["basic:alice:pass:word"]);
        assert_eq!(basic.headers[0].1, "Basic YWxpY2U6cGFzczp3b3Jk");
    }

    #[test]
    fn user_and_password_can_stand_in_one_file() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("pair");
        std::fs::write(&path, "alice:pass:word\n").unwrap();
        let spec = format!("basic:@{}", path.display());
        assert_eq!(material(&[&spec]), material(&["basic:alice:pass:word"]));
    }

    #[test]
    fn a_wrong_credential_is_refused_without_showing_it() {
        for wrong in [
            "s3cret",
            "token:s3cret",
            "bearer:",
            "basic:s3cret",
            "header:s3cret",
            "header:X Y=s3cret",
            "cookie:=s3cret",
            "query:s3cret",
            "header:X=env:s3cret-",
        ] {
            let fault = AuthSpec::parse(wrong).unwrap_err();
            assert!(!fault.contains("s3cret"), "{wrong}: {fault}");
        }
        for wrong in ["bearer:s3cret\r\nX: y", "cookie:a=s3cret;b=c"] {
            let fault = AuthSpec::parse(wrong)
                .unwrap()
                .apply(
                    &Leash::default(),
                    &mut Material::default(),
                    &Vault::default(),
                )
                .unwrap_err();
            assert!(!fault.contains("s3cret"), "{wrong:?}: {fault}");
        }
    }

    #[test]
    fn what_is_recorded_names_sources_and_hides_values() {
        for (typed, shown) in [
            ("bearer:s3cret", "bearer:text:***"),
            ("bearer:env:TOKEN", "bearer:env:TOKEN"),
            ("basic:alice:s3cret", "basic:text:***"),
            ("header:X-Key=@key.txt", "header:X-Key=@key.txt"),
            ("s3cret", "***"),
            ("cmd:print s3cret", "bearer:cmd:***"),
            ("header:X-Key=cmd:print s3cret", "header:X-Key=cmd:***"),
        ] {
            assert_eq!(AuthSpec::shown(typed), shown);
        }
    }
}
