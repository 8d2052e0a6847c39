//! What is taken from the answer to a login, and where it is put.
//!
//! This module has CSS selectors, JSON paths, regular expressions and response headers as written
//! and as applied, and templates of headers. They are used in `login.rs`.

use regex::Regex;
use scraper::{Html, Selector};
use serde::Deserialize;
use serde::de::Deserializer;
use serde_json_path::JsonPath;

use super::Material;
use super::value::Text;
use crate::http::Response;

/// The placeholder for the token in a template.
const TOKEN: &str = "{token}";

/// A valid CSS selector. (It is compiled when used: scraper's own type cannot be shared.)
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Css(pub(crate) String);

impl<'de> Deserialize<'de> for Css {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_any(Text(|text: &str| {
            Selector::parse(text)
                .map(|_| Self(text.to_owned()))
                .map_err(|error| format!("not a CSS selector: {error}"))
        }))
    }
}

/// A JSON path (RFC 9535).
#[derive(Clone, Debug)]
pub struct Json(JsonPath);

impl<'de> Deserialize<'de> for Json {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_any(Text(|text: &str| {
            JsonPath::parse(text)
                .map(Self)
                .map_err(|error| format!("not a JSONPath: {error}"))
        }))
    }
}

/// A regular expression; its first group is taken, or the whole match if it has none.
#[derive(Clone, Debug)]
pub struct CapturePattern(pub(crate) Regex);

impl<'de> Deserialize<'de> for CapturePattern {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_any(Text(|text: &str| {
            Regex::new(text)
                .map(Self)
                .map_err(|error| format!("not a regular expression: {error}"))
        }))
    }
}

/// Where a value is in an answer.
#[derive(Clone, Debug)]
pub enum Extractor {
    /// An element's attribute, or its text.
    Css(Css, Option<String>),
    /// A value of a JSON body.
    Json(Json),
    /// A match in the body.
    Regex(CapturePattern),
    /// A response header.
    Header(String),
}

impl Extractor {
    /// Returns the only spot that was given; the parameters are the keys of the recipe.
    pub(crate) fn of(
        css: Option<Css>,
        attribute: Option<String>,
        json: Option<Json>,
        regex: Option<CapturePattern>,
        header: Option<String>,
    ) -> Result<Self, String> {
        if attribute.is_some() && css.is_none() {
            return Err("`attribute` belongs to `css`".to_owned());
        }
        let given = [
            css.map(|css| Self::Css(css, attribute)),
            json.map(Self::Json),
            regex.map(Self::Regex),
            header.map(Self::Header),
        ];
        let mut given = given.into_iter().flatten();
        match (given.next(), given.next()) {
            (Some(spot), None) => Ok(spot),
            _ => Err("needs one of `css`, `json`, `regex` and `response-header`".to_owned()),
        }
    }

    /// Returns the value, if the answer has it and it is not empty.
    pub fn find(&self, answer: &Response) -> Option<String> {
        let found = match self {
            Self::Css(css, attribute) => by_css(&answer.text(), &css.0, attribute.as_deref()),
            Self::Json(path) => {
                let body: serde_json::Value = serde_json::from_slice(&answer.body).ok()?;
                path.0.query(&body).first().and_then(plain)
            }
            Self::Regex(pattern) => {
                let text = answer.text();
                let found = pattern.0.captures(&text)?;
                found
                    .get(1)
                    .or_else(|| found.get(0))
                    .map(|found| found.as_str().to_owned())
            }
            Self::Header(name) => answer.header(name).map(str::to_owned),
        };
        found.filter(|text| !text.is_empty() && !text.chars().any(char::is_control))
    }
}

fn by_css(page: &str, selector: &str, attribute: Option<&str>) -> Option<String> {
    let selector = Selector::parse(selector).ok()?;
    let html = Html::parse_document(page);
    let element = html.select(&selector).next()?;
    match attribute {
        Some(name) => element.attr(name).map(str::to_owned),
        // Tokens are most often in these attributes, which take precedence over the element's text.
        None => element
            .attr("value")
            .or_else(|| element.attr("content"))
            .map(str::to_owned)
            .or_else(|| Some(element.text().collect::<String>().trim().to_owned())),
    }
}

fn plain(value: &serde_json::Value) -> Option<String> {
    match value {
        serde_json::Value::String(text) => Some(text.clone()),
        serde_json::Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

/// Where a token is put in each request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Put {
    /// A header, and its value containing `{token}`.
    Header(String, String),
    /// A cookie.
    Cookie(String),
    /// A query value.
    Query(String),
}

impl Put {
    /// Returns `Authorization: Bearer {token}`.
    pub fn bearer() -> Self {
        Self::Header("Authorization".to_owned(), format!("Bearer {TOKEN}"))
    }

    /// Adds a token to what is sent with each request.
    pub fn apply(&self, token: &str, to: &mut Material) {
        match self {
            Self::Header(name, template) => {
                to.set_header(name, &template.replace(TOKEN, token));
            }
            Self::Cookie(name) => to.set_cookie(name, token),
            Self::Query(name) => to.set_query(name, token),
        }
    }
}

/// A header with its template, written as `Authorization: Bearer {token}`.
#[derive(Clone, Debug)]
struct Template(String, String);

impl<'de> Deserialize<'de> for Template {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_any(Text(|text: &str| {
            let (name, value) = text
                .split_once(':')
                .ok_or("a header is 'Name: value', and the colon is missing")?;
            let token = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
            let name = name.trim();
            if name.is_empty() || !name.chars().all(token) {
                return Err("not a header's name before the colon".to_owned());
            }
            if !value.contains(TOKEN) || value.chars().any(char::is_control) {
                return Err(format!("the value needs {TOKEN} where the token goes"));
            }
            Ok(Self(name.to_owned(), value.trim().to_owned()))
        }))
    }
}

/// An entry of `take`.
#[derive(Clone, Debug, Deserialize)]
#[serde(try_from = "TakeSyntax")]
pub struct Take {
    /// Where the answer has the value.
    pub spot: Extractor,
    /// Where to put it in every request.
    pub put: Put,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct TakeSyntax {
    css: Option<Css>,
    attribute: Option<String>,
    json: Option<Json>,
    regex: Option<CapturePattern>,
    response_header: Option<String>,
    header: Option<Template>,
    cookie: Option<String>,
    query: Option<String>,
}

impl TryFrom<TakeSyntax> for Take {
    type Error = String;

    fn try_from(written: TakeSyntax) -> Result<Self, String> {
        let spot = Extractor::of(
            written.css,
            written.attribute,
            written.json,
            written.regex,
            written.response_header,
        )?;
        let given = [
            written
                .header
                .map(|Template(name, value)| Put::Header(name, value)),
            written.cookie.map(Put::Cookie),
            written.query.map(Put::Query),
        ];
        let mut given = given.into_iter().flatten();
        let put = match (given.next(), given.next()) {
            (None, _) => Put::bearer(),
            (Some(put), None) => put,
            _ => return Err("needs one of `header`, `cookie` and `query`".to_owned()),
        };
        Ok(Self { spot, put })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn take(yaml: &str) -> Take {
        serde_yaml::from_str(yaml).unwrap_or_else(|error| panic!("{yaml}: {error}"))
    }

    fn token(yaml: &str, body: &str) -> Option<String> {
        let answer = Response::of(200, &[("X-Token", "h3ader")], body);
        take(yaml).spot.find(&answer)
    }

    #[test]
    fn a_token_is_taken_from_html_json_text_or_a_header() {
        let page = "<meta name=t content=c0ntent><input name=csrf value=v4lue><b> t3xt </b>";
        assert_eq!(
            token("css: 'input[name=csrf]'", page).as_deref(),
            Some("v4lue")
        );
        assert_eq!(
            token("css: 'meta[name=t]'", page).as_deref(),
            Some("c0ntent")
        );
        assert_eq!(token("css: b", page).as_deref(), Some("t3xt"));
        assert_eq!(
            token("{css: input, attribute: name}", page).as_deref(),
            Some("csrf")
        );
        let json = r#"{"data": {"tokens": ["one", "two"]}}"#;
        assert_eq!(
            token("json: '$.data.tokens[1]'", json).as_deref(),
            Some("two")
        );
        assert_eq!(
            token("regex: 'token=(\\w+)'", "a token=abc").as_deref(),
            Some("abc")
        );
        assert_eq!(
            token("response-header: x-token", "").as_deref(),
            Some("h3ader")
        );
        assert_eq!(token("json: $.missing", json), None);
    }

    #[test]
    fn a_token_goes_into_a_header_a_cookie_or_the_query() {
        let mut material = Material::default();
        for yaml in [
            "json: $.a",
            "{json: $.a, header: 'X-Key: k {token}'}",
            "{json: $.a, cookie: session}",
            "{json: $.a, query: key}",
        ] {
            take(yaml).put.apply("t", &mut material);
        }
        let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        assert_eq!(
            material.headers,
            [pair("Authorization", "Bearer t"), pair("X-Key", "k t")]
        );
        assert_eq!(material.cookies, [pair("session", "t")]);
        assert_eq!(material.query, [pair("key", "t")]);
    }

    #[test]
    fn a_wrong_entry_is_refused_and_says_why() {
        for (yaml, part) in [
            ("{}", "needs one of `css`"),
            ("{css: a, json: $.b}", "needs one of `css`"),
            ("css: '['", "not a CSS selector"),
            ("json: access_token", "not a JSONPath"),
            ("regex: '('", "not a regular expression"),
            ("{json: $.a, attribute: b}", "belongs to `css`"),
            ("{json: $.a, header: 'X: y'}", "{token}"),
            ("{json: $.a, header: 'Bearer {token}'}", "colon"),
            (
                "{json: $.a, cookie: b, query: c}",
                "needs one of `header`, `cookie`",
            ),
            ("{jsonpath: $.a}", "jsonpath"),
        ] {
            let error = serde_yaml::from_str::<Take>(yaml).unwrap_err().to_string();
            assert!(error.contains(part), "{yaml}: {error}");
        }
    }
}
