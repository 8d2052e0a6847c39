//! The only conversion from the typed options to the library's settings. It does no I/O, except to read
//! credentials, to check whether an output is a folder, and to prepare the traffic file.

use std::path::{Path, PathBuf};

use keyspill::auth::{AuthSpec, Identities};
use keyspill::error::Error;
use keyspill::http::Method;
use keyspill::report;
use keyspill::settings::{Format, HttpSettings, Import, OutputSettings, Settings};
use keyspill::target::{Alias, Target};
use keyspill::traffic::Traffic;
use url::Url;

use super::options::{ReachOptions, ScanOptions};
use super::value;
use super::{CrawlArgs, CrawlFormat, ScanArgs, mask};

impl TryFrom<ScanArgs> for (Settings, OutputSettings) {
    type Error = Error;

    fn try_from(args: ScanArgs) -> Result<Self, Error> {
        let options = args.options;
        let output = output(&options)?;
        let settings = settings(&args.url, options.reach, args.recorded)?;
        let settings = Settings {
            settle: options.settle.unwrap_or(settings.settle),
            seed: options.seed,
            probes: options.probes,
            require_coverage: percent(options.require_coverage)?,
            hidden_inputs: !options.no_hidden_inputs,
            input_wordlist: options.input_wordlist,
            exclude_inputs: options.exclude_input,
            email_domain: options.email_domain.map(|domain| domain.0),
            rules: options.rules,
            exclude_rules: options.exclude_rule,
            dry_run: options.dry_run,
            ..settings
        };
        Ok((settings, output))
    }
}

/// The formats and the destination of `crawl`'s output.
pub(crate) struct CrawlOutput {
    /// The formats: at least one, and each only once.
    pub(crate) formats: Vec<CrawlFormat>,
    /// The destination.
    pub(crate) place: CrawlPlace,
}

/// The destination of `crawl`'s output.
pub(crate) enum CrawlPlace {
    /// Standard output, for one format.
    Stdout,
    /// A folder, each format under its own name.
    Folder(PathBuf),
    /// A folder, and the name of the single file in it.
    File(PathBuf, String),
}

impl TryFrom<CrawlArgs> for (Settings, CrawlOutput) {
    type Error = Error;

    fn try_from(args: CrawlArgs) -> Result<Self, Error> {
        let mut formats = args.format;
        formats.sort_unstable();
        formats.dedup();
        let output = CrawlOutput {
            place: crawl_place(&args.output, formats.len())?,
            formats,
        };
        Ok((settings(&args.url, args.reach, args.recorded)?, output))
    }
}

/// Chooses the destination. One format and a name with a dot mean a file, unless the name is an
/// existing folder.
fn crawl_place(output: &Path, formats: usize) -> Result<CrawlPlace, Error> {
    if output == Path::new("-") {
        if formats > 1 {
            let message = "takes exactly one --format; name a folder for several";
            return Err(usage("--output -", message));
        }
        return Ok(CrawlPlace::Stdout);
    }
    let name = output.file_name().and_then(|name| name.to_str());
    let is_file = name.is_some_and(|name| name.trim_start_matches('.').contains('.'));
    match name {
        Some(name) if is_file && formats == 1 && !output.is_dir() => {
            let folder = output.parent().filter(|folder| *folder != Path::new(""));
            let folder = folder.unwrap_or(Path::new(".")).to_owned();
            Ok(CrawlPlace::File(folder, name.to_owned()))
        }
        _ => Ok(CrawlPlace::Folder(output.to_owned())),
    }
}

fn settings(url: &str, options: ReachOptions, recorded: Vec<String>) -> Result<Settings, Error> {
    let target = target(url)?
        .with_aliases(aliases(&options)?)
        .with_include(options.include.clone())
        .with_exclude(options.exclude.clone())
        .with_max_depth(options.max_depth.map(std::num::NonZero::get));
    let defaults = Settings::new(target);
    let http = http(&options, &defaults)?;
    let identities = identities(&options, &defaults.target)?;
    let imports = imports(&options.import, &defaults.target)?;
    Ok(Settings {
        http,
        identities,
        imports,
        wordlist: options.wordlist,
        methods: methods(&options.methods, defaults.methods.clone()),
        allow: options.allow,
        credential_names: options.credential_name,
        not_credential: options.not_credential,
        max_endpoints: options
            .max_endpoints
            .map_or(defaults.max_endpoints, std::num::NonZero::get),
        arguments: recorded,
        ..defaults
    })
}

/// Returns the hosts of `--alias`, and the one that the tester's own `Host` header names.
fn aliases(options: &ReachOptions) -> Result<Vec<Alias>, Error> {
    let mut aliases = options.alias.clone();
    for (name, host) in headers(options)? {
        if name.eq_ignore_ascii_case("host") {
            let alias = Alias::parse(&host);
            aliases.push(alias.map_err(|error| usage("--header", &error.to_string()))?);
        }
    }
    Ok(aliases)
}

/// Checks a percentage, because a configuration file may contain any number.
fn percent(typed: Option<u8>) -> Result<Option<u8>, Error> {
    match typed {
        Some(101..) => Err(usage("--require-coverage", "takes a number from 0 to 100")),
        typed => Ok(typed),
    }
}

/// Parses `--import`: files, and URLs that the scan may touch.
fn imports(typed: &[String], target: &Target) -> Result<Vec<Import>, Error> {
    let one = |text: &String| {
        if !(text.starts_with("http://") || text.starts_with("https://")) {
            return Ok(Import::File(PathBuf::from(text)));
        }
        let shown = mask::url(text);
        let refuse = |why: &str| usage(&format!("--import {shown}"), why);
        let url = Url::parse(text).map_err(|error| refuse(&format!("not a URL: {error}")))?;
        let url = target.at_home(url);
        if !target.covers(&url) {
            let why = "out of scope, so the scan does not fetch it: download it and give the file";
            return Err(refuse(why));
        }
        Ok(Import::Url(url))
    };
    typed.iter().map(one).collect()
}

fn usage(option: &str, message: &str) -> Error {
    Error::Usage(format!("{option}: {message}"))
}

fn target(text: &str) -> Result<Target, Error> {
    Target::parse(text).map_err(|error| {
        // The message quotes what was typed, which may contain a password.
        let message = error.to_string();
        let quoted = [format!("{text:?}"), format!("{:?}", text.trim())];
        let hidden = format!("{:?}", mask::url(text));
        Error::Usage(
            quoted
                .iter()
                .fold(message, |message, typed| message.replace(typed, &hidden)),
        )
    })
}

fn methods(typed: &[Method], default: Vec<Method>) -> Vec<Method> {
    if typed.is_empty() {
        return default;
    }
    // Without GET there is no crawl, and so nothing to send other requests to.
    let wanted = |method: &Method| *method == Method::Get || typed.contains(method);
    Method::ALL.into_iter().filter(wanted).collect()
}

fn http(options: &ReachOptions, defaults: &Settings) -> Result<HttpSettings, Error> {
    let base = &defaults.http;
    for (name, time) in [
        ("--timeout", options.timeout),
        ("--max-time", options.max_time),
    ] {
        if time.is_some_and(|time| time.is_zero()) {
            return Err(usage(name, "must be more than 0s"));
        }
    }
    let proxy = options.proxy.as_deref().map(value::proxy).transpose();
    Ok(HttpSettings {
        rate: options.rate.map_or(base.rate, std::num::NonZero::get),
        concurrency: options
            .concurrency
            .map_or(base.concurrency, std::num::NonZero::get),
        max_requests: options.max_requests.map(std::num::NonZero::get),
        max_time: options.max_time,
        timeout: options.timeout.unwrap_or(base.timeout),
        max_wait: options.max_wait.unwrap_or(base.max_wait),
        headers: headers(options)?,
        proxy: proxy.map_err(|message| usage("--proxy", &message))?,
        insecure: options.insecure,
        cacert: options.cacert.clone(),
        client_cert: options.client_cert.clone(),
        traffic: options.traffic.as_deref().map(traffic).transpose()?,
        ..base.clone()
    })
}

/// Prepares the file of `--traffic`, which must be creatable.
fn traffic(path: &Path) -> Result<Traffic, Error> {
    // Nothing has been sent yet: a file that cannot be created is a wrong option.
    report::prepare_traffic(path).map_err(|error| usage("--traffic", &error.to_string()))?;
    Traffic::to(path)
}

/// Returns the tester's own headers: `-H` and `--cookie`. (The client handles the URL's user and
/// password.)
fn headers(options: &ReachOptions) -> Result<Vec<(String, String)>, Error> {
    let mut headers = Vec::new();
    for text in &options.header {
        headers.push(value::header(text).map_err(|message| usage("--header", &message))?);
    }
    let has = |headers: &[(String, String)], wanted: &str| {
        headers
            .iter()
            .any(|(name, _)| name.eq_ignore_ascii_case(wanted))
    };
    if !options.cookie.is_empty() {
        if has(&headers, "cookie") {
            let message = "cookies are also given as a header; a request has one of them";
            return Err(usage("--cookie", message));
        }
        let cookies = options.cookie.iter().map(|text| value::cookie(text));
        let cookies = cookies
            .collect::<Result<Vec<_>, _>>()
            .map_err(|message| usage("--cookie", &message))?;
        headers.push(("Cookie".to_owned(), cookies.join("; ")));
    }
    Ok(headers)
}

/// Reads the scan's identities: `--as` and `--auth`.
fn identities(options: &ReachOptions, target: &Target) -> Result<Identities, Error> {
    let specs = options.auth.iter().map(|text| AuthSpec::parse(text));
    let specs = specs
        .collect::<Result<Vec<_>, _>>()
        .map_err(|message| usage("--auth", &message))?;
    let (names, known) = (&options.identity, &options.identities);
    Identities::read(&specs, names, known, target, &options.leash).map_err(Error::Usage)
}

fn output(options: &ScanOptions) -> Result<OutputSettings, Error> {
    let typed = options.output.as_deref();
    let stdout = typed == Some(Path::new("-"));
    let folder = typed.filter(|_| !stdout).map(Path::to_owned);
    let formats = formats(&options.format);
    if !options.format.is_empty() && folder.is_none() && !stdout {
        let message = "needs --output DIR, or --output - for standard output";
        return Err(usage("--format", message));
    }
    if stdout && formats.len() > 1 {
        return Err(usage("--output -", "takes exactly one --format"));
    }
    Ok(OutputSettings {
        folder,
        stdout,
        formats,
        min_verdict: options.min_verdict,
        details: options.details,
        fail_on: options.fail_on.unwrap_or_default().0,
        baseline: options.baseline.clone(),
    })
}

fn formats(typed: &[Format]) -> Vec<Format> {
    let mut formats = typed.to_vec();
    formats.sort_unstable();
    formats.dedup();
    if formats.is_empty() {
        formats.push(Format::Json);
    }
    formats
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::args::FileOptions;

    fn convert(url: &str, yaml: &str) -> Result<(Settings, OutputSettings), Error> {
        let file: FileOptions = serde_yaml::from_str(yaml).unwrap();
        let options = ScanOptions::from(file);
        let args = ScanArgs {
            url: url.to_owned(),
            config: None,
            options,
            recorded: Vec::new(),
        };
        args.try_into()
    }

    fn ok(url: &str, yaml: &str) -> (Settings, OutputSettings) {
        convert(url, yaml).unwrap_or_else(|error| panic!("{error}"))
    }

    fn refused(url: &str, yaml: &str) -> String {
        convert(url, yaml).map(|_| ()).unwrap_err().to_string()
    }

    #[test]
    fn without_options_the_defaults_stand() {
        let (settings, output) = ok("http://h", "{}");
        let defaults = Settings::new(Target::parse("http://h").unwrap());
        assert_eq!(format!("{settings:?}"), format!("{defaults:?}"));
        assert_eq!(output.folder, None);
        assert!(!output.stdout);
        assert_eq!(output.fail_on, Some(keyspill::finding::Severity::High));
    }

    #[test]
    fn every_number_reaches_its_setting() {
        let (settings, _) = ok(
            "http://h",
            "{rate: 7, concurrency: 3, max-requests: 9, max-time: 2m, timeout: 4s, settle: 0s, \
              seed: 5, max-endpoints: 11, max-depth: 2}",
        );
        let deep = Url::parse("http://h/a/b/c").unwrap();
        assert!(!settings.target.covers(&deep));
        assert_eq!(settings.http.rate, 7);
        assert_eq!(settings.http.concurrency, 3);
        assert_eq!(settings.http.max_requests, Some(9));
        assert_eq!(settings.http.max_time.unwrap().as_secs(), 120);
        assert_eq!(settings.http.timeout.as_secs(), 4);
        assert_eq!(settings.settle.as_secs(), 0);
        assert_eq!(settings.seed, Some(5));
        assert_eq!(settings.max_endpoints, 11);
    }

    #[test]
    fn methods_are_sorted_and_always_hold_get() {
        let (settings, _) = ok("http://h", "methods: [DELETE, POST]");
        assert_eq!(
            settings.methods,
            [Method::Get, Method::Post, Method::Delete]
        );
    }

    #[test]
    fn cookies_become_one_header() {
        let (settings, _) = ok("http://h", "cookie: ['a=1', 'b=2;']");
        let cookie = ("Cookie".to_owned(), "a=1; b=2".to_owned());
        assert_eq!(settings.http.headers, [cookie]);
        let message = refused("http://h", "{cookie: a=1, header: 'cookie: b=2'}");
        assert!(message.starts_with("--cookie: "), "{message}");
    }

    #[test]
    fn one_format_can_go_to_standard_output() {
        let (_, output) = ok("http://h", "{output: '-', format: sarif}");
        assert!(output.stdout);
        assert_eq!(output.folder, None);
        assert_eq!(output.formats, [Format::Sarif]);
        assert!(
            refused("http://h", "{output: '-', format: [json, sarif]}").contains("one --format")
        );
        assert!(refused("http://h", "format: json").contains("--output"));
        assert_eq!(ok("http://h", "output: out").1.formats, [Format::Json]);
    }

    #[test]
    fn an_import_is_a_file_or_a_url_in_scope() {
        let (settings, _) = ok("http://h/app", "import: [a.har, 'http://h/app/spec.json']");
        let url = Url::parse("http://h/app/spec.json").unwrap();
        let expected = [Import::File(PathBuf::from("a.har")), Import::Url(url)];
        assert_eq!(settings.imports, expected);
        for url in [
            "http://other/s.json",
            "http://h/s.json",
            "https://h/app/s.json",
        ] {
            let message = refused("http://h/app", &format!("import: '{url}'"));
            assert!(
                message.starts_with(&format!("--import {url}: ")),
                "{message}"
            );
            assert!(message.contains("download"), "{message}");
        }
    }

    #[test]
    fn one_format_goes_to_a_file_and_several_to_a_folder() {
        let place = |output: &str, formats| crawl_place(Path::new(output), formats);
        let is_file = |output: &str| matches!(place(output, 1), Ok(CrawlPlace::File(..)));
        assert!(is_file("found.json") && is_file("a/b/found.yaml"));
        assert!(!is_file("out") && !is_file(".hidden") && !is_file("..") && !is_file("."));
        assert!(matches!(place("a.b", 2), Ok(CrawlPlace::Folder(_))));
        assert!(matches!(place("-", 1), Ok(CrawlPlace::Stdout)));
        assert!(place("-", 2).is_err());
    }

    #[test]
    fn a_wrong_value_is_refused_without_showing_what_may_be_secret() {
        for (url, yaml, part) in [
            ("http://u:s3cret@h:port/", "{}", "not a URL"),
            ("  ftp://u:s3cret@h ", "{}", "only http"),
            ("http://h", "header: s3cret", "--header: "),
            ("http://h", "cookie: s3cret", "--cookie: "),
            ("http://h", "proxy: 'x://u:s3cret@h'", "--proxy: "),
            ("http://h", "auth: 'token:s3cret'", "--auth: "),
            ("http://h", "as: nobody", "--as nobody"),
            ("http://h", "timeout: 0s", "--timeout: "),
            ("http://h", "max-time: 0ms", "--max-time: "),
        ] {
            let message = refused(url, yaml);
            assert!(message.contains(part), "{message}");
            assert!(!message.contains("s3cret"), "{message}");
        }
    }
}
