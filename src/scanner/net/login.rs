//! One login: by form, JSON or OAuth2 client credentials.
//!
//! Owns: the requests of a login, and what they gain. Leaves out: when to log in, and whether the
//! login held (`session.rs`). No message quotes an answer or a value.

use std::collections::BTreeMap;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use scraper::{ElementRef, Html, Selector};
use url::Url;
use url::form_urlencoded::Serializer;

use super::page::{self, Page};
use crate::auth::identity::resolve;
use crate::auth::recipe::{Address, CsrfPlace, FormSyntax, JsonSyntax, LoginKind, OAuth2Syntax};
use crate::auth::take::{Put, Take};
use crate::auth::{GivenValue, Login, Material, Vault, command};
use crate::http::{
    ACCEPT, Failure, FailureKind, Hop, Jar, Method, Request, Response, Transport, travel,
};
use crate::target::Target;

/// The result of a login.
pub(super) struct Gained {
    pub(super) material: Material,
    /// How long it lasts, if the answer says so.
    pub(super) lasts: Option<Duration>,
    /// The page with the form.
    pub(super) form: Option<Page>,
}

/// Why a login failed.
#[derive(Debug)]
pub(super) struct Fault {
    pub(super) message: String,
    pub(super) kind: FaultKind,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum FaultKind {
    /// The account was refused, or the recipe does not fit: trying again does not help.
    Refused,
    /// There was no answer, or one that asks to come later.
    Passing,
    /// The scan ended in the meantime: nothing was refused.
    Ended,
}

impl Fault {
    fn refused(message: impl Into<String>) -> Self {
        Self {
            message: message.into(),
            kind: FaultKind::Refused,
        }
    }

    fn of(at: &Url, failure: &Failure) -> Self {
        let kind = match failure.kind {
            FailureKind::Stopped | FailureKind::Budget => FaultKind::Ended,
            FailureKind::Scope | FailureKind::Request => FaultKind::Refused,
            _ => FaultKind::Passing,
        };
        Self {
            message: format!("{}: {failure}", at.path()),
            kind,
        }
    }
}

/// Logs in over a transport that adds no credentials of its own.
pub(super) async fn log_in<T: Transport>(
    http: &T,
    target: &Target,
    login: &Login,
    vault: &Vault,
) -> Result<Gained, Fault> {
    match &login.way {
        LoginKind::Form(form) => by_form(http, target, login, form, vault).await,
        LoginKind::Json(json) => by_json(http, target, login, json, vault).await,
        LoginKind::OAuth2(client) => by_client(http, target, login, client, vault).await,
    }
}

async fn by_form<T: Transport>(
    http: &T,
    target: &Target,
    login: &Login,
    form: &FormSyntax,
    vault: &Vault,
) -> Result<Gained, Fault> {
    let page_url = place(&form.page, target)?;
    let mut jar = Jar::default();
    let request = Request::get(page_url.clone()).with_header("Accept", ACCEPT);
    let steps = travel(http, request, &mut jar).await;
    let (at, page) = last(&steps, &page_url)?;
    if !page.is_success() {
        return Err(status(&at, page));
    }
    let known = form_of(&page.text(), form.fields.keys());
    let mut fields = known.fields;
    let mut headers = Vec::new();
    for csrf in &form.csrf {
        let token = csrf.spot.find(page).ok_or_else(|| {
            Fault::refused(format!("{}: the page has no such CSRF token", at.path()))
        })?;
        match &csrf.goes {
            CsrfPlace::Field(name) => {
                fields.insert(name.clone(), token);
            }
            CsrfPlace::Header(name) => headers.push((name.clone(), token)),
        }
    }
    fields.extend(filled(&form.fields).await?);
    let action = match (&form.action, &known.action) {
        (Some(action), _) => place(action, target)?,
        (None, Some(action)) => at
            .join(action)
            .map(|action| target.at_home(action))
            .map_err(|_| Fault::refused("the form's action is no URL"))?,
        (None, None) => at.clone(),
    };
    let body = Serializer::new(String::new())
        .extend_pairs(&fields)
        .finish();
    let mut request = Request::new(Method::Post, action)
        .with_header("Accept", ACCEPT)
        .with_header("Content-Type", "application/x-www-form-urlencoded")
        .with_header("Referer", at.as_str());
    request.headers.extend(headers);
    request.body = body.into_bytes();
    let asked = Page::of(page);
    let posted = request.url.clone();
    let before = jar.clone();
    let steps = travel(http, request, &mut jar).await;
    let (end, answer) = last(&steps, &posted)?;
    // A refused login shows its form again. After a successful login, another page may ask for a
    // password too.
    let again = page::has_password(answer) && (end.path() == at.path() || end == posted);
    if !answer.is_success() && !answer.is_redirect() {
        return Err(status(&end, answer));
    }
    if again || page::refuses(answer, &end, Some(at.path())) {
        return Err(Fault::refused(format!(
            "{}: the login form came back",
            posted.path()
        )));
    }
    if jar == before && login.take.is_empty() {
        // A cookie that the page itself sets is not a login.
        return Err(Fault::refused(format!(
            "{}: the answer sets no cookie, and the recipe takes no token from it",
            posted.path()
        )));
    }
    let mut gained = gather(login, &login.take, &steps, &jar, vault)?;
    gained.form = Some(asked);
    Ok(gained)
}

async fn by_json<T: Transport>(
    http: &T,
    target: &Target,
    login: &Login,
    json: &JsonSyntax,
    vault: &Vault,
) -> Result<Gained, Fault> {
    let url = place(&json.url, target)?;
    let written = json.body.clone();
    let body = command::beside(move |leash| {
        written.texts(&mut |_, text| GivenValue::parse(text)?.read(leash))
    });
    let body = body.await.map_err(Fault::refused)?;
    let mut request = Request::new(Method::Post, url.clone())
        .with_header("Accept", "application/json, */*;q=0.5")
        .with_header("Content-Type", "application/json");
    request.body = body.to_string().into_bytes();
    let mut jar = Jar::default();
    let steps = travel(http, request, &mut jar).await;
    let (at, answer) = last(&steps, &url)?;
    if !answer.is_success() {
        return Err(status(&at, answer));
    }
    gather(login, &login.take, &steps, &jar, vault)
}

async fn by_client<T: Transport>(
    http: &T,
    target: &Target,
    login: &Login,
    client: &OAuth2Syntax,
    vault: &Vault,
) -> Result<Gained, Fault> {
    let url = place(&client.token_url, target)?;
    let request = token_request(&url, client, vault).await?;
    // Redirects are not followed: only this host may see the client id and the secret.
    let outcome = http.send(request.clone()).await;
    let steps = [Hop { request, outcome }];
    let (at, answer) = last(&steps, &url)?;
    if !answer.is_success() {
        return Err(status(&at, answer));
    }
    if !login.take.is_empty() {
        return gather(login, &login.take, &steps, &Jar::default(), vault);
    }
    let token = answer
        .json()
        .and_then(|body| body.get("access_token")?.as_str().map(str::to_owned))
        .filter(|token| !token.is_empty() && !token.chars().any(char::is_control))
        .ok_or_else(|| Fault::refused(format!("{}: the answer has no access_token", at.path())))?;
    vault.keep(&token);
    let mut material = Material::default();
    Put::bearer().apply(&token, &mut material);
    Ok(Gained {
        material,
        lasts: lasts(answer),
        form: None,
    })
}

/// Builds the request for a token (RFC 6749 §4.4.2).
async fn token_request(url: &Url, client: &OAuth2Syntax, vault: &Vault) -> Result<Request, Fault> {
    let (id, secret) = (client.client_id.clone(), client.client_secret.clone());
    let read = command::beside(move |leash| Ok((id.read(leash)?, secret.read(leash)?)));
    let (id, secret) = read.await.map_err(Fault::refused)?;
    let mut form = Serializer::new(String::new());
    form.append_pair("grant_type", "client_credentials");
    for (name, value) in [("scope", &client.scope), ("audience", &client.audience)] {
        if let Some(value) = value {
            form.append_pair(name, value);
        }
    }
    let mut request = Request::new(Method::Post, url.clone())
        .with_header("Accept", "application/json")
        .with_header("Content-Type", "application/x-www-form-urlencoded");
    if client.secret_in_body {
        form.append_pair("client_id", &id);
        form.append_pair("client_secret", &secret);
    } else {
        // Both are form-encoded before they are joined (RFC 6749 §2.3.1).
        let encode = |text: &str| utf8_percent_encode(text, NON_ALPHANUMERIC).to_string();
        let pair = STANDARD.encode(format!("{}:{}", encode(&id), encode(&secret)));
        vault.keep(&pair);
        request = request.with_header("Authorization", &format!("Basic {pair}"));
    }
    request.body = form.finish().into_bytes();
    Ok(request)
}

/// Collects the cookies that were set and what the recipe takes from the answers.
fn gather(
    login: &Login,
    takes: &[Take],
    steps: &[Hop],
    jar: &Jar,
    vault: &Vault,
) -> Result<Gained, Fault> {
    let answers: Vec<&Response> = steps.iter().filter_map(Hop::response).collect();
    let mut material = Material::default();
    for (name, value) in jar.pairs() {
        let kept = login
            .cookies
            .as_ref()
            .is_none_or(|names| names.iter().any(|kept| kept == name));
        if kept {
            vault.keep(value);
            material.set_cookie(name, value);
        }
    }
    for name in login.cookies.iter().flatten() {
        if !material.cookies.iter().any(|(known, _)| known == name) {
            return Err(Fault::refused(format!(
                "the login set no cookie {name:?}, which `cookies` names"
            )));
        }
    }
    for (index, take) in takes.iter().enumerate() {
        let token = answers
            .iter()
            .rev()
            .find_map(|answer| take.spot.find(answer))
            .ok_or_else(|| {
                Fault::refused(format!(
                    "no answer of the login has what take[{index}] names"
                ))
            })?;
        vault.keep(&token);
        take.put.apply(&token, &mut material);
    }
    if material.is_empty() {
        return Err(Fault::refused(
            "the login set no cookie, and the recipe takes no token from its answer",
        ));
    }
    Ok(Gained {
        material,
        lasts: answers.last().and_then(|answer| lasts(answer)),
        form: None,
    })
}

/// Returns the `expires_in` seconds of a token's answer (RFC 6749 §5.1).
fn lasts(answer: &Response) -> Option<Duration> {
    let body = answer.json()?;
    let seconds = body.get("expires_in")?;
    let seconds = seconds
        .as_f64()
        .or_else(|| seconds.as_str()?.parse().ok())?;
    (seconds > 0.0)
        .then(|| Duration::try_from_secs_f64(seconds).ok())
        .flatten()
}

fn last<'a>(steps: &'a [Hop], at: &Url) -> Result<(Url, &'a Response), Fault> {
    let step = steps
        .last()
        .ok_or_else(|| Fault::refused("nothing was sent"))?;
    match &step.outcome {
        Ok(answer) => Ok((step.request.url.clone(), answer)),
        Err(failure) => Err(Fault::of(at, failure)),
    }
}

fn status(at: &Url, answer: &Response) -> Fault {
    let later = answer.status == 429 || answer.status >= 500;
    Fault {
        message: format!("{} answered {}", at.path(), answer.status),
        kind: if later {
            FaultKind::Passing
        } else {
            FaultKind::Refused
        },
    }
}

fn place(place: &Address, target: &Target) -> Result<Url, Fault> {
    resolve(place, target).ok_or_else(|| Fault::refused(format!("{} is no URL", place.0)))
}

/// Reads the values of a form's fields.
async fn filled(fields: &BTreeMap<String, GivenValue>) -> Result<BTreeMap<String, String>, Fault> {
    let fields = fields.clone();
    let read = command::beside(move |leash| {
        let read = |(name, value): (String, GivenValue)| Ok((name, value.read(leash)?));
        fields.into_iter().map(read).collect()
    });
    read.await.map_err(Fault::refused)
}

/// A form as its page shows it.
#[derive(Default)]
struct Form {
    action: Option<String>,
    /// Hidden inputs, CSRF tokens among them.
    fields: BTreeMap<String, String>,
}

/// Finds the form that has one of the recipe's fields.
fn form_of<'a>(page: &str, mut wanted: impl Iterator<Item = &'a String>) -> Form {
    let html = Html::parse_document(page);
    let (Ok(forms), Ok(inputs)) = (Selector::parse("form"), Selector::parse("input[name]")) else {
        return Form::default();
    };
    let has = |form: &ElementRef<'_>, name: &str| {
        form.select(&inputs)
            .any(|input| input.attr("name") == Some(name))
    };
    let found = wanted.find_map(|name| html.select(&forms).find(|form| has(form, name)));
    let Some(found) = found else {
        return Form::default();
    };
    let hidden = |input: &ElementRef<'_>| {
        input
            .attr("type")
            .is_some_and(|kind| kind.eq_ignore_ascii_case("hidden"))
    };
    let fields = found
        .select(&inputs)
        .filter(hidden)
        .filter_map(|input| {
            let name = input.attr("name")?.to_owned();
            Some((name, input.attr("value").unwrap_or_default().to_owned()))
        })
        .collect();
    Form {
        action: found
            .attr("action")
            .filter(|action| !action.is_empty())
            .map(str::to_owned),
        fields,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_form_with_the_fields_brings_its_hidden_inputs() {
        let page = "<form action=/search><input name=q><input type=hidden name=a value=1></form>\
                    <form action=/enter><input type=hidden name=csrf value=t><input name=user></form>";
        let form = form_of(page, ["user".to_owned()].iter());
        assert_eq!(form.action.as_deref(), Some("/enter"));
        assert_eq!(form.fields.get("csrf").map(String::as_str), Some("t"));
        assert!(!form.fields.contains_key("a"));
    }

    #[test]
    fn expires_in_is_read_as_number_and_as_text() {
        let of = |body: &str| lasts(&Response::of(200, &[], body));
        assert_eq!(of(r#"{"expires_in": 60}"#), Some(Duration::from_mins(1)));
        assert_eq!(of(r#"{"expires_in": "60"}"#), Some(Duration::from_mins(1)));
        assert_eq!(of(r#"{"expires_in": -1}"#), None);
        assert_eq!(of("{}"), None);
    }
}
