//! The path from a target to a report: the only module that connects the stages.
//!
//! Owns: the order of rounds and phases. Leaves out: what each stage does.
//!
//! There are four phases. Each round crawls and plants, and what the answers reveal seeds the next
//! round, for at most four rounds. Then everything is read again to find stored canaries, and finally
//! every suspect is confirmed.

mod agenda;
mod brought;
mod exploration;
mod filter;
mod fixed;
mod legs;
mod lookout;
mod merge;
mod proof;
mod result;
mod rounds;
mod scan;
mod survey;
mod wall;

use std::cell::RefCell;
use std::fmt::Write as _;

use futures::future::LocalBoxFuture;
use sha2::{Digest, Sha256};
use time::OffsetDateTime;

use crate::canary::RunKey;
use crate::crawl::Crawl;
use crate::credential::Credentials;
use crate::detect::Own;
use crate::discovery::Guesses;
use crate::error::Error;
use crate::finding::{Coverage, Problem, ScanResult};
use crate::http::{ACCEPT, FailureKind, Request, Transport, send_surely};
use crate::judge::sightings::Eyes;
use crate::judge::suspects::Suspects;
use crate::ledger::Ledger;
use crate::net::Session;
use crate::net::{Client, other_scheme};
use crate::plan::Planner;
use crate::probe::Catalog;
use crate::progress::{Progress, Stop};
use crate::redact::{Masks, Redactor};
use crate::rule::Statics;
use crate::send::Executor;
use crate::settings::Settings;

use exploration::Exploration;
use lookout::Lookout;
use scan::Scan;
pub use survey::{crawl, crawl_that_failed};

/// Scans a target.
///
/// # Errors
///
/// Returns [`Error::Unreachable`] if the base URL never answers, and [`Error::Usage`] for settings that
/// cannot work (an invalid CA file, an invalid proxy URL, an import that cannot be read).
pub fn scan<'a>(
    settings: &'a Settings,
    catalog: &'a Catalog,
    progress: &'a dyn Progress,
    stop: &'a Stop,
) -> LocalBoxFuture<'a, Result<ScanResult, Error>> {
    // Boxed here, so that it is compiled once and not in every calling program, and not put on its
    // stack.
    Box::pin(scan_whole(settings, catalog, progress, stop))
}

async fn scan_whole(
    settings: &Settings,
    catalog: &Catalog,
    progress: &dyn Progress,
    stop: &Stop,
) -> Result<ScanResult, Error> {
    let progress = &progress;
    let started = OffsetDateTime::now_utc();
    let mut known = brought::Brought::read(settings)?;
    let key = run_key(settings)?;
    let (guesses, guessed) = Guesses::new(known.names(), key);
    let run_id = run_id(&key);
    let client = Client::new(settings, &run_id, stop)?;
    log_in(settings, &client, &run_id).await?;
    let lookout = Lookout::new(client.clone(), settings.target.clone(), stop.clone());
    first_contact(settings, &lookout).await?;

    let (headers, planner) = planner(settings, &client);
    let statics = equipped(catalog.statics(), settings, &headers, &planner);
    let ledger = Ledger::new(key).with_email_domain(settings.email_domain.as_deref());
    let eyes = Eyes {
        recogniser: ledger.mint().recogniser(),
        statics: &statics,
    };
    let mut crawl = Crawl::new(settings, &run_id)
        .with_guesses(guesses.recogniser().clone())
        .with_sentences(catalog.sentences());
    let mut problems = known.teach(&mut crawl, &client, progress).await?;
    let scan = RefCell::new(Scan {
        crawl,
        ledger,
        suspects: Suspects::default(),
        masks: Masks::new(redactor(settings, &client, &headers)),
        guessed,
        explored: Exploration::default(),
        settings,
        planner: &planner,
        eyes: &eyes,
        progress,
    });
    let executor = Executor {
        http: &lookout,
        target: &settings.target,
        planner: &planner,
        owner: &scan,
        progress,
    };
    let scheduler = rounds::Scheduler::new(settings, &executor, &scan, stop, &guesses);
    problems.extend(Box::pin(scheduler.travel()).await);
    lookout.settle().await;
    let filter = filter::proven_filter(&executor, &scan).await;

    let legs = legs::Legs {
        executor: &executor,
        eyes: &eyes,
        catalog,
        lookout: &lookout,
        headers: &headers,
        scan: &scan,
        settings,
    };
    let legs::Proven {
        findings,
        standings,
        problems: met,
    } = Box::pin(legs.prove(&scheduler)).await;
    problems.extend(met);
    problems.extend(client.problems());
    problems.extend(scan.borrow().crawl.left_outside());
    problems.extend(end_session(&client).await);
    problems.extend(ending(&lookout, stop));
    let scan = scan.into_inner();
    know_traffic(settings, &scan.masks);
    Ok(result::assemble(result::Parts {
        settings,
        run_id,
        key,
        started,
        lookout: &lookout,
        scan,
        filter,
        standings,
        findings,
        problems,
    }))
}

/// Returns the result of a scan that failed before it could begin: it holds only the problem.
pub fn scan_that_failed(settings: &Settings, error: &Error) -> ScanResult {
    let now = OffsetDateTime::now_utc();
    let redactor = Redactor::for_tester(&settings.http.headers, settings.target.base())
        .reaching(&settings.http.reach());
    // Nothing was planted, so any key will do.
    let key = run_key(settings).unwrap_or_else(|_| RunKey::from_seed(0));
    let arguments = settings.arguments.iter();
    ScanResult {
        run_id: run_id(&key),
        run_key: key.to_string(),
        started: now,
        finished: now,
        complete: false,
        arguments: arguments.map(|text| redactor.text(text)).collect(),
        target: redactor.text(settings.target.base().as_str()),
        findings: Vec::new(),
        flows: Vec::new(),
        coverage: Coverage::default(),
        surface: Vec::new(),
        problems: vec![failed(error).masked(&redactor)],
        planted: Vec::new(),
        imports: Vec::new(),
    }
}

/// Returns the problem of a run that failed before it could begin.
fn failed(error: &Error) -> Problem {
    match error {
        Error::Proxy(why) => Problem::new("proxy-refused", why.clone()),
        Error::Login(why) => Problem::new("login-lost", why.clone()),
        other => Problem::new("target-unreachable", other.to_string()),
    }
}

/// Returns the key that recognises the run's canaries.
fn run_key(settings: &Settings) -> Result<RunKey, Error> {
    match settings.seed {
        Some(seed) => Ok(RunKey::from_seed(seed)),
        None => RunKey::random()
            .map_err(|error| Error::Usage(format!("no randomness for the run's key: {error}"))),
    }
}

/// Returns the detectors of static texts, with the tester's own credentials.
fn equipped(
    statics: Statics,
    settings: &Settings,
    headers: &[(String, String)],
    planner: &Planner,
) -> Statics {
    let vault = settings.identities.vault();
    let own = Own::new(headers, settings.target.base(), vault);
    statics.with_credentials(&planner.credentials).with_own(own)
}

/// Ends the tester's session, and returns the problems that it reports.
async fn end_session(client: &Client) -> Vec<Problem> {
    match client.session() {
        Some(session) => {
            session.end(client).await;
            session.problems().into_iter().collect()
        }
        None => Vec::new(),
    }
}

/// Registers all secrets known by the end with the recorded traffic.
fn know_traffic(settings: &Settings, masks: &Masks) {
    if let Some(traffic) = &settings.http.traffic {
        let mut redactor = Redactor::clone(&masks.now());
        redactor.hide(&settings.identities.vault().all());
        traffic.know(&redactor);
    }
}

/// Returns an id that names the run in the User-Agent without revealing its key.
fn run_id(key: &RunKey) -> String {
    let digest = Sha256::digest(format!("keyspill run {key}"));
    digest.iter().take(4).fold(String::new(), |mut id, byte| {
        let _ = write!(id, "{byte:02x}");
        id
    })
}

/// Logs in. If that fails because the target cannot be reached at all, returns that error instead.
async fn log_in(settings: &Settings, client: &Client, run_id: &str) -> Result<(), Error> {
    match client.log_in().await {
        Ok(()) => Ok(()),
        Err(refused) => {
            // The original client has given up by now.
            let other = Client::new(settings, run_id, &Stop::new())?;
            first_contact(settings, &other.stranger()).await?;
            Err(refused)
        }
    }
}

/// Sends one request, to detect a wrong URL or a dead port before anything else happens.
async fn first_contact<T: Transport>(settings: &Settings, http: &T) -> Result<(), Error> {
    let mut url = settings.target.base().clone();
    let _ = url.set_username("");
    let _ = url.set_password(None);
    let request = Request::get(url).with_header("Accept", ACCEPT);
    let answer = send_surely(http, &request).await;
    let hint = other_scheme(settings, &answer);
    match answer {
        Ok(_) => hint.map_or(Ok(()), |hint| Err(unreached(settings, &hint))),
        Err(failure) => match failure.kind {
            FailureKind::Stopped | FailureKind::Budget => Ok(()),
            FailureKind::Scope | FailureKind::Request => Err(Error::Usage(failure.message)),
            _ => {
                let hint = hint.map_or_else(String::new, |hint| format!("; {hint}"));
                Err(unreached(settings, &format!("{failure}{hint}")))
            }
        },
    }
}

/// Returns the error for a target that cannot be reached.
fn unreached(settings: &Settings, why: &str) -> Error {
    let base = settings.target.base();
    let at = format!("{}{}", base.origin().ascii_serialization(), base.path());
    match proxy_shown(settings) {
        Some(proxy) => Error::Proxy(format!(
            "{at} is not reached through the proxy {proxy}: {why}"
        )),
        None => Error::Unreachable(format!("{at} does not answer: {why}")),
    }
}

/// Returns the proxy's host and port, without its user name and password.
fn proxy_shown(settings: &Settings) -> Option<String> {
    let proxy = settings.http.proxy.as_deref()?;
    let rest = proxy.split_once("://").map_or(proxy, |(_, rest)| rest);
    let rest = rest.split('/').next().unwrap_or_default();
    let host = rest.rsplit_once('@').map_or(rest, |(_, host)| host);
    Some(host.to_owned())
}

/// Returns the headers sent with every request: the tester's, and those of the identity.
fn own_headers(settings: &Settings, client: &Client) -> Vec<(String, String)> {
    let mut headers = settings.http.headers.clone();
    if let Some(material) = client.session().map(Session::material) {
        headers.extend(material.headers.iter().cloned());
        headers.extend(
            material
                .cookie_header()
                .map(|cookies| ("Cookie".to_owned(), cookies)),
        );
    }
    headers
}

/// Returns a redactor that knows the tester's credentials and how the target is reached.
fn redactor(settings: &Settings, client: &Client, headers: &[(String, String)]) -> Redactor {
    let mut redactor = Redactor::for_tester(headers, settings.target.base())
        .with_queries(&own_queries(client))
        .reaching(&settings.http.reach());
    redactor.hide(&settings.identities.vault().all());
    redactor
}

/// Returns the query values sent with every request.
fn own_queries(client: &Client) -> Vec<(String, String)> {
    let material = client.session().map(Session::material);
    material.map_or_else(Vec::new, |material| material.query.clone())
}

/// Returns the headers sent with every request, and the planner of requests.
fn planner(settings: &Settings, client: &Client) -> (Vec<(String, String)>, Planner) {
    let headers = own_headers(settings, client);
    let cookies = headers
        .iter()
        .filter(|(name, _)| name.eq_ignore_ascii_case("cookie"))
        .flat_map(|(_, value)| value.split(';'))
        .filter_map(|pair| pair.split_once('=').map(|(name, _)| name.trim().to_owned()));
    let in_url = !settings.target.base().username().is_empty()
        || settings.target.base().password().is_some();
    let planner = Planner {
        credentials: Credentials::new(
            settings.credential_names.clone(),
            settings.not_credential.clone(),
        ),
        own_headers: headers
            .iter()
            .map(|(name, _)| name.to_ascii_lowercase())
            .chain(in_url.then(|| "authorization".to_owned()))
            .collect(),
        own_cookies: cookies.collect(),
        excluded: settings.exclude_inputs.clone(),
        own_queries: own_queries(client)
            .into_iter()
            .map(|(name, _)| name)
            .collect(),
    };
    (headers, planner)
}

/// Returns the reason why the scan is not complete, if it is not.
fn ending(lookout: &Lookout, stop: &Stop) -> Option<Problem> {
    let client = lookout.client();
    if let Some(lost) = lookout.lost() {
        return Some(lost);
    }
    if let Some(why) = client.lost() {
        // If nothing was ever seen, what the target answered says more.
        let wall = lookout.wall(client.session().is_some(), None);
        let lost = || {
            Problem::new(
                "target-lost",
                format!("{why}; what was seen before is reported"),
            )
        };
        return Some(wall.unwrap_or_else(lost));
    }
    if client
        .session()
        .is_some_and(|session| session.lost().is_some())
    {
        // The session reports this itself.
        return None;
    }
    if stop.is_set() {
        let text = "stopped by a signal; what was seen before is reported";
        return Some(Problem::new("interrupted", text));
    }
    client.spent().then(|| {
        Problem::new(
            "budget",
            "the request or time budget was spent before the scan was done",
        )
    })
}
