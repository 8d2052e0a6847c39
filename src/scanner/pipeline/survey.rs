//! The crawl alone, which sends no canary.

use std::collections::BTreeSet;

use futures::future::LocalBoxFuture;
use time::OffsetDateTime;
use url::Url;

use super::brought::Brought;
use super::brought::missing_imports;
use super::lookout::Lookout;
use super::{ending, equipped, failed, first_contact, log_in, planner, proxy_shown, run_id};
use crate::canary::RunKey;
use crate::crawl::Crawl;
use crate::crawl::survey::{Row, Survey};
use crate::error::Error;
use crate::finding::Problem;
use crate::http::{Failure, Request, Response};
use crate::judge::suspects::part;
use crate::net::Client;
use crate::probe::Catalog;
use crate::progress::{Progress, Stop};
use crate::redact::{Redactor, keys_in};
use crate::rule::{StaticSighting, Statics};
use crate::settings::Settings;

/// The maximum number of secrets kept for masking; more usually come from one list of records.
const MAX_SECRETS: usize = 20_000;

/// Returns the secrets that an answer shows, as a scan sees them.
fn shown(statics: &Statics, url: &Url, response: &Response) -> Vec<String> {
    let of = |sighting: StaticSighting| {
        let text = part(response, &sighting.place).unwrap_or_default();
        let pieces = sighting.secrets.into_iter();
        let pieces = pieces.filter_map(|range| text.get(range));
        pieces
            .map(|bytes| String::from_utf8_lossy(bytes).into_owned())
            .collect::<Vec<_>>()
    };
    let text = response.text();
    let known = keys_in(&text).map(str::to_owned);
    let seen = statics.scan(url, response).into_iter().flat_map(of);
    seen.chain(known).collect()
}

/// Returns the texts of an operation that the application chose.
fn texts(row: &Row) -> String {
    let endpoint = &row.endpoint;
    let mut texts = vec![endpoint.id.path.to_string(), endpoint.summary.clone()];
    texts.extend(endpoint.document.clone());
    for input in &endpoint.inputs {
        texts.push(input.name.clone());
        texts.push(input.prefix.clone());
        texts.extend(input.hint.format.clone());
        texts.extend(input.hint.pattern.clone());
        texts.extend(input.hint.choices.iter().cloned());
    }
    texts.join("\n")
}

/// Crawls a target with GET and OPTIONS, sending only values that were seen.
///
/// # Errors
///
/// Returns the same errors as [`scan`](super::scan).
pub fn crawl<'a>(
    settings: &'a Settings,
    catalog: &'a Catalog,
    progress: &'a dyn Progress,
    stop: &'a Stop,
) -> LocalBoxFuture<'a, Result<Survey, Error>> {
    Box::pin(crawl_whole(settings, catalog, progress, stop))
}

async fn crawl_whole(
    settings: &Settings,
    catalog: &Catalog,
    progress: &dyn Progress,
    stop: &Stop,
) -> Result<Survey, Error> {
    let progress = &progress;
    let started = OffsetDateTime::now_utc();
    let known = Brought::read(settings)?;
    let key = RunKey::random()
        .map_err(|error| Error::Usage(format!("no randomness for the run's id: {error}")))?;
    let run_id = run_id(&key);
    let client = Client::new(settings, &run_id, stop)?;
    log_in(settings, &client, &run_id).await?;
    let lookout = Lookout::new(client.clone(), settings.target.clone(), stop.clone());
    first_contact(settings, &lookout).await?;

    let mut crawl = Crawl::new(settings, &run_id).with_sentences(catalog.sentences());
    let mut problems = known.teach(&mut crawl, &client, progress).await?;
    progress.phase("crawl", None);
    let (headers, planner) = planner(settings, &client);
    let statics = equipped(catalog.statics_of_secrets(), settings, &headers, &planner);
    let mut secrets = BTreeSet::new();
    let mut look = |request: &Request, answer: &Result<Response, Failure>| {
        if let Ok(response) = answer
            && secrets.len() < MAX_SECRETS
        {
            secrets.extend(shown(&statics, &request.url, response));
        }
    };
    problems.extend(crawl.run(&lookout, progress, &mut look).await);
    lookout.settle().await;
    if let Some(session) = client.session() {
        session.end(&client).await;
        problems.extend(session.problems());
    }
    problems.extend(client.problems());
    problems.extend(crawl.left_outside());
    problems.extend(missing_imports(&crawl));
    let ending = ending(&lookout, stop);
    let login_lost = problems.iter().any(|one| one.code == "login-lost");
    if !login_lost && !ending.as_ref().is_some_and(Problem::is_targets) {
        let proxy = proxy_shown(settings);
        problems.extend(lookout.wall(settings.has_credentials(), proxy.as_deref()));
    }
    problems.extend(ending);
    problems.extend(lookout.away());

    let mut redactor = Redactor::for_tester(&settings.http.headers, settings.target.base());
    redactor.hide(&settings.identities.vault().all());
    let complete = !problems.iter().any(Problem::is_ending);
    let rows = crawl.into_survey(complete);
    // Names and lists of values may hold secrets in a form that no detector reads in the answer itself.
    let base = settings.target.base();
    for row in &rows {
        let response = Response::of(200, &[("content-type", "text/plain")], &texts(row));
        secrets.extend(shown(&statics, base, &response));
    }
    if let Some(traffic) = &settings.http.traffic {
        redactor.learn_all(&secrets.iter().collect::<Vec<_>>());
        traffic.know(&redactor);
    }
    Ok(Survey {
        run_id,
        started,
        finished: OffsetDateTime::now_utc(),
        complete,
        arguments: settings
            .arguments
            .iter()
            .map(|text| redactor.text(text))
            .collect(),
        target: redactor.text(settings.target.base().as_str()),
        requests: client.sent(),
        failed_requests: client.failed(),
        rows,
        secrets: secrets.into_iter().collect(),
        problems: problems
            .into_iter()
            .map(|problem| problem.masked(&redactor))
            .collect(),
    })
}

/// Returns the survey of a crawl that failed before it could begin: it holds only the problem.
pub fn crawl_that_failed(settings: &Settings, error: &Error) -> Survey {
    let now = OffsetDateTime::now_utc();
    let redactor = Redactor::for_tester(&settings.http.headers, settings.target.base())
        .reaching(&settings.http.reach());
    let arguments = settings.arguments.iter();
    Survey {
        run_id: String::new(),
        started: now,
        finished: now,
        complete: false,
        arguments: arguments.map(|text| redactor.text(text)).collect(),
        target: redactor.text(settings.target.base().as_str()),
        requests: 0,
        failed_requests: 0,
        rows: Vec::new(),
        secrets: Vec::new(),
        problems: vec![failed(error).masked(&redactor)],
    }
}
