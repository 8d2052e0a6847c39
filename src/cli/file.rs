//! The keys of a configuration file: the long options of `scan`, and `identities`.
//!
//! Owns: how each key is read, with errors that know their line. Leaves out: reading the file
//! (`config.rs`). A struct of its own, since serde's `flatten` would lose lines and unknown keys.

use std::collections::BTreeMap;
use std::num::{NonZeroU32, NonZeroU64, NonZeroUsize};
use std::path::PathBuf;
use std::time::Duration;

use keyspill::auth::IdentitySyntax;
use keyspill::http::Method;
use keyspill::settings::Format;
use regex::Regex;
use serde::Deserialize;

use super::options::{ReachOptions, ScanOptions};
use super::value::FailOn;
use crate::config::{comma_list, headers, list, one};

/// A configuration file. Not `Debug`: it holds the tester's credentials.
#[derive(Default, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub(super) struct FileOptions {
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
    #[serde(deserialize_with = "list")]
    credential_name: Vec<Regex>,
    #[serde(deserialize_with = "list")]
    not_credential: Vec<Regex>,
    #[serde(deserialize_with = "one")]
    settle: Option<Duration>,
    probes: Option<PathBuf>,
    input_wordlist: Option<PathBuf>,
    no_hidden_inputs: bool,
    seed: Option<u64>,
    dry_run: bool,
    #[serde(deserialize_with = "comma_list")]
    format: Vec<Format>,
    output: Option<PathBuf>,
    #[serde(deserialize_with = "one")]
    fail_on: Option<FailOn>,
    baseline: Option<PathBuf>,
}

impl From<FileOptions> for ScanOptions {
    fn from(file: FileOptions) -> Self {
        Self {
            reach: ReachOptions {
                header: file.header,
                cookie: file.cookie,
                auth: file.auth,
                identity: file.identity,
                identities: file.identities,
                proxy: file.proxy,
                insecure: file.insecure,
                cacert: file.cacert,
                include: file.include,
                exclude: file.exclude,
                methods: file.methods,
                allow: file.allow,
                max_endpoints: file.max_endpoints,
                max_depth: file.max_depth,
                import: file.import,
                wordlist: file.wordlist,
                rate: file.rate,
                concurrency: file.concurrency,
                max_requests: file.max_requests,
                max_time: file.max_time,
                timeout: file.timeout,
                credential_name: file.credential_name,
                not_credential: file.not_credential,
            },
            settle: file.settle,
            probes: file.probes,
            input_wordlist: file.input_wordlist,
            no_hidden_inputs: file.no_hidden_inputs,
            seed: file.seed,
            dry_run: file.dry_run,
            format: file.format,
            output: file.output,
            fail_on: file.fail_on,
            baseline: file.baseline,
        }
    }
}
