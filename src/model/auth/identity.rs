//! Identities, as written in a configuration file and as read.
//!
//! This module selects those that a scan uses, reads their secrets, and makes the checks that need
//! no network. Their life during a scan is in `session.rs`.

use std::collections::BTreeMap;

use serde::Deserialize;
use url::Url;

use super::recipe::{Address, LoginKind};
use super::{AuthSpec, Leash, Login, Material, Vault};
use crate::credential::{Credentials, Tier};
use crate::target::Target;

/// An identity as written.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct IdentitySyntax {
    /// Credentials that are sent with every request.
    pub auth: Vec<AuthSpec>,
    /// How it logs in.
    pub login: Option<Login>,
}

/// A user as whom the scan can act.
#[derive(Clone, Debug, Default)]
pub struct Identity {
    /// Its name; empty for the identity that `--auth` creates.
    pub name: String,
    /// What is sent with every request, before any login.
    pub fixed: Material,
    /// The credentials in `fixed` that come from commands, which are run again when the login is
    /// lost.
    pub commands: Vec<AuthSpec>,
    /// How it logs in.
    pub login: Option<Login>,
}

impl Identity {
    /// Returns the name used in messages.
    pub fn label(&self) -> &str {
        if self.name.is_empty() {
            "the tester"
        } else {
            &self.name
        }
    }
}

/// The identities of a scan, in the order of `--as`; the scan acts as the first.
#[derive(Clone, Debug, Default)]
pub struct Identities {
    list: Vec<Identity>,
    vault: Vault,
}

impl Identities {
    /// Reads the identities that `--as` names from those of the configuration file.
    ///
    /// `--auth` adds to the first one, or creates one without a name. If the file has identities
    /// but there is no `--as`, none of them is used.
    ///
    /// # Errors
    ///
    /// Fails for an unknown name, a value that cannot be read, and a login at a host that is
    /// neither the target's nor named.
    pub fn read(
        auth: &[AuthSpec],
        names: &[String],
        known: &BTreeMap<String, IdentitySyntax>,
        target: &Target,
        leash: &Leash,
    ) -> Result<Self, String> {
        let vault = Vault::default();
        let mut list: Vec<Identity> = Vec::new();
        for name in names {
            let written = known.get(name).ok_or_else(|| unknown(name, known))?;
            if list.iter().any(|other| other.name == *name) {
                return Err(format!("--as {name} is given twice"));
            }
            let at = format!("identities.{name}");
            let mut fixed = Material::default();
            for spec in &written.auth {
                spec.apply(leash, &mut fixed, &vault)
                    .map_err(|fault| format!("{at}.auth: {fault}"))?;
            }
            if let Some(login) = &written.login {
                check(login, target, &vault, leash)
                    .map_err(|fault| format!("{at}.login: {fault}"))?;
            }
            if fixed.is_empty() && written.login.is_none() {
                return Err(format!("{at}: has neither `auth` nor `login`"));
            }
            list.push(Identity {
                name: name.clone(),
                fixed,
                commands: commands(&written.auth),
                login: written.login.clone(),
            });
        }
        if !auth.is_empty() {
            if list.is_empty() {
                list.push(Identity::default());
            }
            for spec in auth {
                spec.apply(leash, &mut list[0].fixed, &vault)
                    .map_err(|fault| format!("--auth: {fault}"))?;
            }
            list[0].commands.extend(commands(auth));
        }
        Ok(Self { list, vault })
    }

    /// Returns the identity as which the scan acts.
    pub fn first(&self) -> Option<&Identity> {
        self.list.first()
    }

    /// Returns the other identity, for rules that compare two.
    pub fn second(&self) -> Option<&Identity> {
        self.list.get(1)
    }

    /// Returns an iterator over all identities.
    pub fn iter(&self) -> impl Iterator<Item = &Identity> {
        self.list.iter()
    }

    /// Returns whether there are no identities.
    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// Returns every secret of the identities, including those that logins obtain during the scan.
    pub fn vault(&self) -> &Vault {
        &self.vault
    }
}

fn commands(specs: &[AuthSpec]) -> Vec<AuthSpec> {
    specs
        .iter()
        .filter(|spec| spec.is_command())
        .cloned()
        .collect()
}

fn unknown(name: &str, known: &BTreeMap<String, IdentitySyntax>) -> String {
    if known.is_empty() {
        return format!("--as {name}: --config names no file with `identities`");
    }
    let names: Vec<&str> = known.keys().map(String::as_str).collect();
    format!("--as {name}: the identities are {}", names.join(", "))
}

/// Reads every secret of a recipe once, so that missing ones are reported before the scan.
fn check(login: &Login, target: &Target, vault: &Vault, leash: &Leash) -> Result<(), String> {
    match &login.way {
        LoginKind::Form(form) => {
            for (name, value) in &form.fields {
                let text = value
                    .read(leash)
                    .map_err(|fault| format!("form.fields.{name}: {fault}"))?;
                if is_secret(name) || !value.is_literal() {
                    vault.keep(&text);
                }
            }
            same_host(&form.page, target).map_err(|fault| format!("form.page: {fault}"))?;
            if let Some(action) = &form.action {
                same_host(action, target).map_err(|fault| format!("form.action: {fault}"))?;
            }
        }
        LoginKind::Json(json) => {
            json.body
                .texts(&mut |name, text| {
                    let value = super::GivenValue::parse(text)?;
                    let text = value.read(leash)?;
                    if is_secret(name) || !value.is_literal() {
                        vault.keep(&text);
                    }
                    Ok(text)
                })
                .map_err(|fault| format!("json.body.{fault}"))?;
            same_host(&json.url, target).map_err(|fault| format!("json.url: {fault}"))?;
        }
        LoginKind::OAuth2(client) => {
            let read = |name: &str, value: &super::GivenValue| {
                value
                    .read(leash)
                    .map_err(|fault| format!("oauth2.{name}: {fault}"))
            };
            read("client-id", &client.client_id)?;
            vault.keep(&read("client-secret", &client.client_secret)?);
            let url =
                resolve(&client.token_url, target).ok_or("oauth2.token-url: not a URL here")?;
            let named = client.host.as_deref().is_some_and(|host| {
                url.host_str()
                    .is_some_and(|of| of.eq_ignore_ascii_case(host))
            });
            if !(target.same_origin(&url) || named) {
                let host = url.host_str().unwrap_or_default();
                return Err(format!(
                    "oauth2.token-url: {host} is not the target; `host: {host}` allows it"
                ));
            }
        }
    }
    if let Some(check) = &login.check {
        same_host(&check.path, target).map_err(|fault| format!("check.path: {fault}"))?;
    }
    Ok(())
}

fn same_host(place: &Address, target: &Target) -> Result<(), String> {
    match resolve(place, target) {
        Some(url) if target.same_origin(&url) => Ok(()),
        Some(url) => {
            let host = url.host_str().unwrap_or_default();
            Err(format!("{host} is not the target"))
        }
        None => Err("not a URL here".to_owned()),
    }
}

/// Returns the URL of a place on the target.
pub fn resolve(place: &Address, target: &Target) -> Option<Url> {
    if place.0.starts_with('/') {
        target.url_for(&place.0)
    } else {
        Url::parse(&place.0).ok().map(|url| target.at_home(url))
    }
}

/// Returns whether the value of a field is a secret.
pub fn is_secret(name: &str) -> bool {
    Credentials::default().tier(name) != Tier::Never
}

/// Returns whether a header identifies the client.
pub fn is_credential_header(name: &str) -> bool {
    name.eq_ignore_ascii_case("authorization")
        || name.eq_ignore_ascii_case("cookie")
        || is_secret(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(yaml: &str, names: &[&str], auth: &[&str]) -> Result<Identities, String> {
        let known: BTreeMap<String, IdentitySyntax> =
            serde_yaml::from_str(yaml).unwrap_or_else(|error| panic!("{yaml}: {error}"));
        let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
        let auth: Vec<AuthSpec> = auth
            .iter()
            .map(|text| AuthSpec::parse(text).unwrap())
            .collect();
        let target = Target::parse("http://h:5000").unwrap();
        Identities::read(&auth, &names, &known, &target, &Leash::default())
    }

    #[test]
    fn the_first_name_is_who_the_scan_is() {
        let both = read(
            "{a: {auth: ['bearer:one']}, b: {auth: ['bearer:two']}}",
            &["b", "a"],
            &["query:k=three"],
        )
        .unwrap();
        assert_eq!(both.first().unwrap().name, "b");
        assert_eq!(both.first().unwrap().fixed.headers[0].1, "Bearer two");
        assert_eq!(both.first().unwrap().fixed.query[0].1, "three");
        assert_eq!(both.second().unwrap().name, "a");
        assert!(both.second().unwrap().fixed.query.is_empty());
        assert_eq!(both.vault().all(), ["two", "one", "three"]);
    }

    #[test]
    fn only_the_secrets_of_identities_in_use_are_read() {
        let yaml = "{a: {auth: ['bearer:one']}, b: {auth: ['bearer:env:KEYSPILL_NOT_SET']}}";
        assert!(read(yaml, &["a"], &[]).is_ok());
        let fault = read(yaml, &["b"], &[]).unwrap_err();
        assert!(
            fault.contains("identities.b.auth") && fault.contains("KEYSPILL_NOT_SET"),
            "{fault}"
        );
    }

    #[test]
    fn passwords_are_kept_for_masking_and_user_names_are_not() {
        let ids = read(
            "a: {login: {json: {url: /l, body: {username: alice, password: s3cret}}}}",
            &["a"],
            &[],
        )
        .unwrap();
        assert_eq!(ids.vault().all(), ["s3cret"]);
    }

    #[test]
    fn what_cannot_work_is_told_before_the_scan() {
        let oauth = "oauth2: {token-url: 'https://idp.example/t', client-id: a, client-secret: b";
        for (yaml, part) in [
            ("{}", "no file with `identities`"),
            ("b: {auth: ['bearer:x']}", "the identities are b"),
            ("a: {}", "neither `auth` nor `login`"),
            (
                &format!("a: {{login: {{{oauth}}}}}}}"),
                "`host: idp.example` allows it",
            ),
            (
                "a: {login: {form: {page: 'https://other.example/', fields: {p: x}}}}",
                "other.example is not the target",
            ),
        ] {
            let fault = read(yaml, &["a"], &[]).unwrap_err();
            assert!(fault.contains(part), "{yaml}: {fault}");
        }
        let named = format!("a: {{login: {{{oauth}, host: idp.example}}}}}}");
        assert!(read(&named, &["a"], &[]).is_ok());
    }
}
