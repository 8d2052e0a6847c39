//! The keys of a configuration file: the long options of `scan`, and `identities`.
//!
//! Owns: how each key is read, with errors that include its line. Leaves out: reading the file
//! (`config.rs`). It is a struct of its own, because serde's `flatten` would lose lines and unknown
//! keys.

use std::collections::BTreeMap;
use std::fmt;
use std::marker::PhantomData;
use std::num::{NonZeroU32, NonZeroU64, NonZeroUsize};
use std::path::PathBuf;
use std::time::Duration;

use keyspill::auth::{IdentitySyntax, Leash};
use keyspill::finding::Verdict;
use keyspill::http::Method;
use keyspill::settings::Format;
use keyspill::target::Alias;
use regex::Regex;
use serde::Deserialize;
use serde::de::{self, Deserializer, MapAccess, SeqAccess, Unexpected, Visitor};

use super::options::{ReachOptions, ScanOptions};
use super::value::{EmailDomain, FailOn, FromText};

/// A configuration file. Not `Debug`: it contains the tester's credentials.
#[derive(Default, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub(crate) struct FileOptions {
    /// The version of the file format; only checked, not kept.
    #[serde(rename = "version")]
    _version: Version,
    #[serde(deserialize_with = "headers")]
    header: Vec<String>,
    #[serde(deserialize_with = "list")]
    cookie: Vec<String>,
    #[serde(deserialize_with = "list")]
    auth: Vec<String>,
    #[serde(rename = "as", deserialize_with = "list")]
    identity: Vec<String>,
    identities: BTreeMap<String, IdentitySyntax>,
    #[serde(deserialize_with = "one")]
    proxy: Option<String>,
    insecure: bool,
    cacert: Option<PathBuf>,
    client_cert: Option<PathBuf>,
    traffic: Option<PathBuf>,
    #[serde(deserialize_with = "list")]
    alias: Vec<Alias>,
    #[serde(deserialize_with = "list")]
    include: Vec<Regex>,
    #[serde(deserialize_with = "list")]
    exclude: Vec<Regex>,
    #[serde(deserialize_with = "comma_list")]
    methods: Vec<Method>,
    #[serde(deserialize_with = "list")]
    allow: Vec<Regex>,
    max_endpoints: Option<NonZeroUsize>,
    max_depth: Option<NonZeroUsize>,
    #[serde(deserialize_with = "list")]
    import: Vec<String>,
    wordlist: Option<PathBuf>,
    rate: Option<NonZeroU32>,
    concurrency: Option<NonZeroUsize>,
    max_requests: Option<NonZeroU64>,
    #[serde(deserialize_with = "one")]
    max_time: Option<Duration>,
    #[serde(deserialize_with = "one")]
    timeout: Option<Duration>,
    #[serde(deserialize_with = "one")]
    max_wait: Option<Duration>,
    #[serde(deserialize_with = "list")]
    credential_name: Vec<Regex>,
    #[serde(deserialize_with = "list")]
    not_credential: Vec<Regex>,
    #[serde(deserialize_with = "one")]
    settle: Option<Duration>,
    #[serde(deserialize_with = "list")]
    exclude_input: Vec<String>,
    #[serde(deserialize_with = "one")]
    email_domain: Option<EmailDomain>,
    #[serde(deserialize_with = "comma_list")]
    rules: Vec<String>,
    #[serde(deserialize_with = "comma_list")]
    exclude_rule: Vec<String>,
    probes: Option<PathBuf>,
    input_wordlist: Option<PathBuf>,
    no_hidden_inputs: bool,
    seed: Option<u64>,
    dry_run: bool,
    #[serde(deserialize_with = "comma_list")]
    format: Vec<Format>,
    output: Option<PathBuf>,
    #[serde(deserialize_with = "one")]
    min_verdict: Option<Verdict>,
    details: bool,
    #[serde(deserialize_with = "one")]
    fail_on: Option<FailOn>,
    require_coverage: Option<u8>,
    baseline: Option<PathBuf>,
}

/// Converts the keys of a file to options; an option missing from the lists does not compile.
macro_rules! options_of {
    ($file:ident, { $($reach:ident,)+ }, { $($scan:ident,)+ }) => {
        ScanOptions {
            reach: ReachOptions {
                leash: Leash::default(),
                $($reach: $file.$reach,)+
            },
            $($scan: $file.$scan,)+
        }
    };
}

impl From<FileOptions> for ScanOptions {
    fn from(file: FileOptions) -> Self {
        options_of!(file, {
            header, cookie, auth, identity, identities, proxy, insecure, cacert,
            client_cert, alias, traffic, include, exclude, methods, allow,
            max_endpoints, max_depth, import, wordlist, rate, concurrency, max_requests,
            max_time, timeout, max_wait, credential_name, not_credential,
        }, {
            settle, exclude_input, email_domain, rules, exclude_rule, probes,
            input_wordlist, no_hidden_inputs, seed, dry_run, format, output,
            min_verdict, details, fail_on, require_coverage, baseline,
        })
    }
}

/// The version of the file format.
#[derive(Default)]
struct Version;

impl<'de> Deserialize<'de> for Version {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct One;

        impl Visitor<'_> for One {
            type Value = Version;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("the number 1")
            }

            fn visit_u64<E: de::Error>(self, number: u64) -> Result<Version, E> {
                if number == 1 {
                    return Ok(Version);
                }
                Err(E::custom(format!(
                    "this keyspill reads version 1 of the configuration file, not {number}"
                )))
            }
        }

        from.deserialize_any(One)
    }
}

/// Reads one value from text.
fn one<'de, D: Deserializer<'de>, T: FromText>(from: D) -> Result<Option<T>, D::Error> {
    from.deserialize_str(Texts::<T, false>(PhantomData))
        .map(|mut values| values.pop())
}

/// Reads one text or a list of texts.
fn list<'de, D: Deserializer<'de>, T: FromText>(from: D) -> Result<Vec<T>, D::Error> {
    from.deserialize_any(Texts::<T, false>(PhantomData))
}

/// Reads headers like [`list`], and also `Name: value` without quotes, which is a mapping in YAML,
/// because people write it that way.
fn headers<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<String>, D::Error> {
    from.deserialize_any(Texts::<String, true>(PhantomData))
}

/// Reads a list of texts, or one text with commas.
fn comma_list<'de, D, T>(from: D) -> Result<Vec<T>, D::Error>
where
    D: Deserializer<'de>,
    T: FromText,
{
    from.deserialize_any(Texts::<Commas<T>, false>(PhantomData))
        .map(|lists| lists.into_iter().flat_map(|list| list.0).collect())
}

/// Texts joined by commas.
struct Commas<T>(Vec<T>);

impl<T: FromText> FromText for Commas<T> {
    fn from_text(text: &str) -> Result<Self, String> {
        let parts = text.split(',').map(|part| T::from_text(part.trim()));
        parts.collect::<Result<_, _>>().map(Self)
    }
}

/// Parses inside the visitor, not afterwards, because only there does an error get its line.
struct Texts<T, const PAIRS: bool>(PhantomData<T>);

impl<'de, T: FromText, const PAIRS: bool> Visitor<'de> for Texts<T, PAIRS> {
    type Value = Vec<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("text")
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Self::Value, E> {
        T::from_text(text)
            .map(|value| vec![value])
            .map_err(E::custom)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Self::Value, A::Error> {
        let mut values = Vec::new();
        while let Some(item) = items.next_element::<Item<T, PAIRS>>()? {
            values.extend(item.0);
        }
        Ok(values)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        if !PAIRS {
            return Err(de::Error::invalid_type(Unexpected::Map, &self));
        }
        let mut values = Vec::new();
        while let Some((name, value)) = map.next_entry::<String, String>()? {
            values.push(T::from_text(&format!("{name}: {value}")).map_err(de::Error::custom)?);
        }
        Ok(values)
    }
}

/// One item of a list.
struct Item<T, const PAIRS: bool>(Vec<T>);

impl<'de, T: FromText, const PAIRS: bool> Deserialize<'de> for Item<T, PAIRS> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let texts = Texts::<T, PAIRS>(PhantomData);
        if PAIRS {
            from.deserialize_any(texts).map(Self)
        } else {
            from.deserialize_str(texts).map(Self)
        }
    }
}
