//! The login recipe, as written in a configuration file.
//!
//! This module has its keys and checks them. What is taken from answers is in `take.rs`, and the
//! login itself in `login.rs`.
//!
//! ```yaml
//! login:
//!   form:                      # or json:, or oauth2:
//!     page: /login
//!     fields: {username: alice, password: env:ALICE_PASSWORD}
//!   check: {path: /account, text: Log out}
//! ```

use std::collections::BTreeMap;

use serde::Deserialize;
use serde::de::{self, Deserializer};

use super::GivenValue;
use super::take::{CapturePattern, Css, Extractor, Json, Take};
use super::value::Text;

/// How an identity logs in.
#[derive(Clone, Debug, Deserialize)]
#[serde(try_from = "LoginSyntax")]
pub struct Login {
    /// The kind of login.
    pub way: LoginKind,
    /// What to take from the answer.
    pub take: Vec<Take>,
    /// The names of the cookies to keep; `None` for all that the login sets.
    pub cookies: Option<Vec<String>>,
    /// How to check that the login worked.
    pub check: Option<CheckSyntax>,
}

/// The kind of login.
#[derive(Clone, Debug)]
pub enum LoginKind {
    /// A page with a form.
    Form(FormSyntax),
    /// A JSON body.
    Json(JsonSyntax),
    /// OAuth2 client credentials (RFC 6749 §4.4).
    OAuth2(OAuth2Syntax),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct LoginSyntax {
    form: Option<FormSyntax>,
    json: Option<JsonSyntax>,
    oauth2: Option<OAuth2Syntax>,
    #[serde(default)]
    take: Vec<Take>,
    cookies: Option<Vec<String>>,
    check: Option<CheckSyntax>,
}

/// A login form.
///
/// Its page is fetched, and the form that has the fields is filled in and sent, including its
/// hidden inputs (such as CSRF tokens).
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct FormSyntax {
    /// The page with the form.
    pub page: Address,
    /// Where to send the form; by default, where the form says.
    pub action: Option<Address>,
    /// The values to fill in, by field name.
    pub fields: BTreeMap<String, GivenValue>,
    /// Further fields or headers whose values are taken from the page.
    #[serde(default)]
    pub csrf: Vec<CsrfSyntax>,
}

/// A CSRF token that is not a hidden input of the form.
#[derive(Clone, Debug, Deserialize)]
#[serde(try_from = "CsrfWritten")]
pub struct CsrfSyntax {
    /// Where the token is in the page.
    pub spot: Extractor,
    /// Where to put the token.
    pub goes: CsrfPlace,
}

/// Where to put a CSRF token.
#[derive(Clone, Debug)]
pub enum CsrfPlace {
    /// A field of the form.
    Field(String),
    /// A header.
    Header(String),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct CsrfWritten {
    css: Option<Css>,
    attribute: Option<String>,
    regex: Option<CapturePattern>,
    json: Option<Json>,
    response_header: Option<String>,
    field: Option<String>,
    header: Option<String>,
}

impl TryFrom<CsrfWritten> for CsrfSyntax {
    type Error = String;

    fn try_from(written: CsrfWritten) -> Result<Self, String> {
        let goes = match (written.field, written.header) {
            (Some(field), None) => CsrfPlace::Field(field),
            (None, Some(header)) => CsrfPlace::Header(header),
            _ => return Err("csrf needs one of `field` and `header`".to_owned()),
        };
        let spot = Extractor::of(
            written.css,
            written.attribute,
            written.json,
            written.regex,
            written.response_header,
        )?;
        Ok(Self { spot, goes })
    }
}

/// A JSON body to post.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct JsonSyntax {
    /// The URL to post to.
    pub url: Address,
    /// The body.
    pub body: Body,
}

/// A JSON object; each text in it is a [`GivenValue`].
#[derive(Clone, Debug)]
pub struct Body(pub(crate) serde_json::Map<String, serde_json::Value>);

impl<'de> Deserialize<'de> for Body {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let map = serde_json::Map::deserialize(from)?;
        let body = Self(map);
        body.texts(&mut |_, text| GivenValue::parse(text).map(|_| text.to_owned()))
            .map_err(de::Error::custom)?;
        Ok(body)
    }
}

impl Body {
    /// Returns the body with each text replaced; `replace` also gets the field's name.
    ///
    /// # Errors
    ///
    /// Returns the first error of `replace`.
    pub fn texts(
        &self,
        replace: &mut dyn FnMut(&str, &str) -> Result<String, String>,
    ) -> Result<serde_json::Value, String> {
        let mut body = serde_json::Value::Object(self.0.clone());
        walk("", &mut body, replace)?;
        Ok(body)
    }
}

fn walk(
    name: &str,
    value: &mut serde_json::Value,
    replace: &mut dyn FnMut(&str, &str) -> Result<String, String>,
) -> Result<(), String> {
    match value {
        serde_json::Value::String(text) => {
            *text = replace(name, text).map_err(|fault| format!("{name}: {fault}"))?;
            Ok(())
        }
        serde_json::Value::Array(items) => items
            .iter_mut()
            .try_for_each(|item| walk(name, item, replace)),
        serde_json::Value::Object(fields) => fields
            .iter_mut()
            .try_for_each(|(name, value)| walk(name, value, replace)),
        _ => Ok(()),
    }
}

/// OAuth2 client credentials.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct OAuth2Syntax {
    /// The token endpoint.
    pub token_url: Address,
    /// The host of the token URL if it is not the target's; naming it allows it.
    pub host: Option<String>,
    /// The client id.
    pub client_id: GivenValue,
    /// The client secret.
    pub client_secret: GivenValue,
    /// The scope to request.
    pub scope: Option<String>,
    /// The audience of the token.
    pub audience: Option<String>,
    /// Whether to send id and secret in the body instead of as basic authentication.
    #[serde(default)]
    pub secret_in_body: bool,
}

/// A request that gets this answer only when logged in.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct CheckSyntax {
    /// The path to request.
    pub path: Address,
    /// The status that the answer must have.
    #[serde(default = "ok")]
    pub status: u16,
    /// The text that the answer must contain.
    pub text: Option<String>,
}

const fn ok() -> u16 {
    200
}

/// A path on the target that begins with `/`, or a complete http or https URL.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Address(pub String);

impl<'de> Deserialize<'de> for Address {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_any(Text(|text: &str| {
            let whole = text.starts_with("http://") || text.starts_with("https://");
            let path = text.starts_with('/') && !text.starts_with("//");
            if path || (whole && url::Url::parse(text).is_ok()) {
                Ok(Self(text.to_owned()))
            } else {
                Err("must be a path that begins with /, or an http or https URL".to_owned())
            }
        }))
    }
}

impl TryFrom<LoginSyntax> for Login {
    type Error = String;

    fn try_from(written: LoginSyntax) -> Result<Self, String> {
        let given = [
            written.form.map(LoginKind::Form),
            written.json.map(LoginKind::Json),
            written.oauth2.map(LoginKind::OAuth2),
        ];
        let mut given = given.into_iter().flatten();
        let (Some(way), None) = (given.next(), given.next()) else {
            return Err("login needs one of `form`, `json` and `oauth2`".to_owned());
        };
        if let LoginKind::Form(form) = &way
            && form.fields.is_empty()
        {
            return Err("login.form: `fields` is empty".to_owned());
        }
        Ok(Self {
            way,
            take: written.take,
            cookies: written.cookies,
            check: written.check,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_three_ways_are_read() {
        for (yaml, way) in [
            ("form: {page: /login, fields: {u: a, p: env:P}}", "Form"),
            ("json: {url: /api/login, body: {u: a, p: env:P}}", "Json"),
            (
                "oauth2: {token-url: /token, client-id: a, client-secret: env:S}",
                "OAuth2",
            ),
        ] {
            let login: Login = serde_yaml::from_str(yaml).unwrap();
            assert!(format!("{:?}", login.way).starts_with(way), "{yaml}");
        }
    }

    #[test]
    fn a_wrong_recipe_is_refused_and_says_where() {
        for (yaml, part) in [
            ("{}", "needs one of `form`, `json` and `oauth2`"),
            (
                "{form: {page: login, fields: {a: b}}}",
                "form.page: must be a path",
            ),
            ("{form: {page: /login, fields: {}}}", "`fields` is empty"),
            ("{form: {page: /login}}", "missing field `fields`"),
            (
                "{json: {url: /l, body: {p: 'env:'}}}",
                "name of an environment variable",
            ),
            (
                "{json: {url: /l, body: {}}, check: {path: /me, code: 200}}",
                "check: unknown field `code`",
            ),
            ("{form: {page: /l, fields: {p: 12}}}", "quote"),
        ] {
            let error = serde_yaml::from_str::<Login>(yaml).unwrap_err().to_string();
            assert!(error.contains(part), "{yaml}: {error}");
        }
    }

    #[test]
    fn a_recipe_does_not_show_its_passwords() {
        let login: Login =
            serde_yaml::from_str("form: {page: /login, fields: {p: s3cret}}").unwrap();
        assert!(!format!("{login:?}").contains("s3cret"));
    }
}
