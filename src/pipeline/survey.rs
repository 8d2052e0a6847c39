//! The crawl alone: no canary is sent.

use time::OffsetDateTime;

use super::known::Known;
use super::{ending, first_contact, run_id};
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
    first_contact(settings, &client).await?;

    let mut crawl = Crawl::new(settings, &run_id);
    let mut problems = known.teach(&mut crawl, &client).await?;
    progress.phase("crawl", None);
    problems.extend(crawl.run(&client, progress, &mut |_, _| {}).await);
    if let Some(session) = client.session() {
        session.end(&client).await;
        problems.extend(session.problems());
    }
    problems.extend(client.problems());
    problems.extend(crawl.left_outside());
    problems.extend(ending(&client, stop));

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
