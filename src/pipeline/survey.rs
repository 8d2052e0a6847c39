//! The crawl alone: no canary is sent.

use time::OffsetDateTime;

use super::known::Known;
use super::known::missing_imports;
use super::lookout::Lookout;
use super::{ending, failed, first_contact, proxy_shown, run_id};
use crate::canary::RunKey;
use crate::crawl::Crawl;
use crate::crawl::survey::Survey;
use crate::error::Error;
use crate::finding::Problem;
use crate::http::Client;
use crate::progress::{Progress, Stop};
use crate::redact::Redactor;
use crate::settings::Settings;

/// Crawls a target: GET and OPTIONS, and nothing in them that was not seen.
///
/// # Errors
///
/// As [`scan`](super::scan).
pub async fn crawl<P: Progress>(
    settings: &Settings,
    progress: &P,
    stop: &Stop,
) -> Result<Survey, Error> {
    let started = OffsetDateTime::now_utc();
    let known = Known::read(settings)?;
    let key = RunKey::random()
        .map_err(|error| Error::Usage(format!("no randomness for the run's id: {error}")))?;
    let run_id = run_id(&key);
    let client = Client::new(settings, &run_id, stop)?;
    client.log_in().await?;
    let lookout = Lookout::new(client.clone(), settings.target.clone(), stop.clone());
    first_contact(settings, &lookout).await?;

    let mut crawl = Crawl::new(settings, &run_id);
    let mut problems = known.teach(&mut crawl, &client, progress).await?;
    progress.phase("crawl", None);
    problems.extend(crawl.run(&lookout, progress, &mut |_, _| {}).await);
    lookout.settle().await;
    if let Some(session) = client.session() {
        session.end(&client).await;
        problems.extend(session.problems());
    }
    problems.extend(client.problems());
    problems.extend(crawl.left_outside());
    problems.extend(missing_imports(&crawl));
    let ending = ending(&lookout, stop);
    if !ending.as_ref().is_some_and(Problem::is_targets) {
        let proxy = proxy_shown(settings);
        problems.extend(lookout.wall(settings.has_credentials(), proxy.as_deref()));
    }
    problems.extend(ending);
    problems.extend(lookout.away());

    let mut redactor = Redactor::for_tester(&settings.http.headers, settings.target.base());
    redactor.hide(&settings.identities.vault().all());
    let complete = !problems.iter().any(Problem::is_ending);
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
        rows: crawl.into_survey(complete),
        problems: problems
            .into_iter()
            .map(|problem| problem.masked(&redactor))
            .collect(),
    })
}

/// What a crawl leaves behind that ended before it could begin: its problem, and nothing else.
pub fn crawl_that_failed(settings: &Settings, error: &Error) -> Survey {
    let now = OffsetDateTime::now_utc();
    let redactor = Redactor::for_tester(&settings.http.headers, settings.target.base())
        .reaching(&settings.http);
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
        problems: vec![failed(error).masked(&redactor)],
    }
}
