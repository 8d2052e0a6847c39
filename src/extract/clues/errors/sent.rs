//! What the failed request had sent, to find the place that an error means but does not state.

use serde_json::Value;
use url::form_urlencoded;

use crate::found::is_stand_in;
use crate::http::Request;
use crate::surface::Place;

/// The most values examined in one request.
const MAX_VALUES: usize = 500;

/// Place, name and value of each input in a request; multipart inputs have no values.
pub(super) struct Sent(Vec<(Place, String, String)>);

impl Sent {
    pub(super) fn of(request: &Request) -> Self {
        let mut sent = Vec::new();
        for (name, value) in request.url.query_pairs().take(MAX_VALUES) {
            sent.push((Place::Query, name.into_owned(), value.into_owned()));
        }
        let cookies = request.header("cookie").unwrap_or_default();
        for (name, value) in cookies.split(';').filter_map(|pair| pair.split_once('=')) {
            sent.push((Place::Cookie, name.trim().to_owned(), value.to_owned()));
        }
        for (name, value) in &request.headers {
            sent.push((Place::Header, name.to_ascii_lowercase(), value.clone()));
        }
        let kind = request.header("content-type").unwrap_or_default();
        if kind.contains("json") {
            if let Ok(value) = serde_json::from_slice::<Value>(&request.body) {
                leaves(&value, String::new(), 8, &mut sent);
            }
        } else if kind.contains("urlencoded") {
            for (name, value) in form_urlencoded::parse(&request.body).take(MAX_VALUES) {
                sent.push((Place::Form, name.into_owned(), value.into_owned()));
            }
        } else if kind.contains("multipart") {
            let body = String::from_utf8_lossy(&request.body);
            for part in body.split("form-data; name=\"").skip(1).take(MAX_VALUES) {
                let name = part.split('"').next().unwrap_or_default();
                sent.push((Place::Multipart, name.to_owned(), String::new()));
            }
        }
        Self(sent)
    }

    /// Returns true if an input of that name was sent in that place with a value that is not empty;
    /// in a multipart body, any value counts.
    pub(super) fn gave(&self, place: Place, name: &str) -> bool {
        let name = match place {
            Place::Header => name.to_ascii_lowercase(),
            _ => name.to_owned(),
        };
        self.0.iter().any(|(own, sent, value)| {
            *own == place && *sent == name && (place == Place::Multipart || !value.is_empty())
        })
    }

    /// Returns true for a value that was sent, or one of keyspill's own.
    pub(super) fn has_value(&self, text: &str) -> bool {
        is_stand_in(text) || self.0.iter().any(|(_, _, value)| value == text)
    }

    /// Returns true if an input of that name was sent anywhere.
    pub(super) fn has_anywhere(&self, name: &str) -> bool {
        self.0.iter().any(|(_, sent, _)| is_below(sent, name))
    }

    /// Returns the names with their places, sorted.
    pub(super) fn names(&self) -> Vec<String> {
        let sent = self.0.iter();
        let mut names: Vec<String> = sent
            .map(|(place, name, _)| format!("{place}:{name}"))
            .collect();
        names.sort();
        names.dedup();
        names
    }

    /// Returns the one input that carried a value; `None` if there were several, or none.
    pub(super) fn carrier(&self, value: &str) -> Option<(Place, &str)> {
        let mut carriers = self.0.iter().filter(|(_, _, sent)| sent == value);
        let (place, name, _) = carriers.next()?;
        carriers.next().is_none().then_some((*place, name.as_str()))
    }
}

/// Returns true for the name itself, and for anything inside an object or a list of that name.
fn is_below(sent: &str, name: &str) -> bool {
    sent.strip_prefix(name)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[']))
}

fn leaves(value: &Value, name: String, depth: usize, sent: &mut Vec<(Place, String, String)>) {
    if depth == 0 || sent.len() >= MAX_VALUES {
        return;
    }
    match value {
        Value::Object(fields) if !fields.is_empty() => {
            for (field, inner) in fields {
                let full = if name.is_empty() {
                    field.clone()
                } else {
                    format!("{name}.{field}")
                };
                leaves(inner, full, depth - 1, sent);
            }
        }
        Value::Array(items) if !items.is_empty() => {
            for item in items {
                leaves(item, format!("{name}[]"), depth - 1, sent);
            }
        }
        Value::String(text) => sent.push((Place::Json, name, text.clone())),
        other => sent.push((Place::Json, name, other.to_string())),
    }
}
