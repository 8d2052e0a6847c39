//! `keyspill crawl`.

use std::io::{self, Write};
use std::sync::Arc;

use keyspill::auth::Leash;
use keyspill::error::Error;
use keyspill::pipeline;
use keyspill::redact::Redactor;
use keyspill::report;
use keyspill::report::Content;
use keyspill::report::survey::{JSON_FILE, OPENAPI_FILE, SurveyV1, TABLE_FILE, table};
use keyspill::settings::Settings;
use tokio::runtime::Runtime;

use super::scan::{hiding, prepare, runtime, traffic};
use super::signals::Signals;
use super::told;
use crate::args::{CrawlArgs, CrawlFormat, CrawlOutput, CrawlPlace};
use crate::config;
use crate::console::{Console, DEFAULT_WIDTH};
use crate::exit::Exit;

/// Crawls, writes what was found, and returns the exit code.
pub(super) fn crawl(args: CrawlArgs, console: Console) -> Exit {
    let begun = runtime().and_then(|runtime| Ok((Signals::listen(&runtime)?, runtime)));
    let ((signals, runtime), (settings, output)) = match begun.and_then(|begun| {
        let leash = begun.0.leash();
        Ok((begun, settings(args, leash)?))
    }) {
        Ok(all) => all,
        Err(error) => return told(Err(error), &console),
    };
    let (console, tester) = hiding(console, &settings);
    told(
        crawl_and_write(&settings, &output, tester, &console, (runtime, &signals)),
        &console,
    )
}

fn settings(mut args: CrawlArgs, leash: Leash) -> Result<(Settings, CrawlOutput), Error> {
    let file = config::options(args.config.as_deref())?;
    args.reach = std::mem::take(&mut args.reach).over(file.reach);
    args.reach.leash = leash;
    args.try_into()
}

fn crawl_and_write(
    settings: &Settings,
    output: &CrawlOutput,
    mut tester: Redactor,
    console: &Arc<Console>,
    (runtime, signals): (Runtime, &Signals),
) -> Result<Exit, Error> {
    if let CrawlPlace::Folder(folder) | CrawlPlace::File(folder, _) = &output.place {
        prepare(folder, settings)?;
    }
    let catalog = super::catalog(None)?;
    let stop = signals.stop(console);
    let sent = runtime.block_on(pipeline::crawl(settings, &catalog, &**console, &stop));
    let (survey, failed) = match sent {
        Ok(survey) => (survey, Exit::Clean),
        Err(error @ Error::Usage(_)) => {
            traffic(settings, &tester, console);
            return Err(error);
        }
        // The requested output is written anyway: an older survey must not pass for this run's.
        Err(error) => {
            let survey = pipeline::crawl_that_failed(settings, &error);
            (survey, told(Err(error), console))
        }
    };
    console.end_phase();
    // Logins may have obtained new tokens.
    tester.hide(&settings.identities.vault().all());
    let exit = Exit::of_scan(survey.complete, &survey.problems);
    let published = SurveyV1::new(survey, &tester);
    // A table for people would say nothing beyond the error.
    let shown = matches!(output.place, CrawlPlace::Stdout);
    let table = output
        .formats
        .iter()
        .all(|format| matches!(format, CrawlFormat::Table));
    let exit = if failed == Exit::Target && shown && table {
        exit
    } else {
        exit.and(told(write(&published, output, console), console))
    };
    let exit = exit.and(traffic(settings, &tester, console));
    // Abandoned requests may still occupy a thread.
    runtime.shutdown_background();
    Ok(exit)
}

/// One format of a survey.
enum Written<'a> {
    Bytes(Vec<u8>),
    Json(&'a SurveyV1),
}

impl Content for Written<'_> {
    fn write_to(&self, out: &mut dyn Write) -> io::Result<()> {
        match self {
            Self::Bytes(bytes) => bytes.write_to(out),
            Self::Json(survey) => survey.write_json(out),
        }
    }
}

fn write(survey: &SurveyV1, output: &CrawlOutput, console: &Console) -> Result<Exit, Error> {
    let stdout = matches!(output.place, CrawlPlace::Stdout);
    let mut files = Vec::new();
    for format in &output.formats {
        files.push(match format {
            CrawlFormat::Table => {
                // In a file, text has a fixed width and no colours.
                let (width, color) = if stdout {
                    (console.width(), console.color())
                } else {
                    (DEFAULT_WIDTH, false)
                };
                let text = table(survey, width, color);
                (TABLE_FILE, Written::Bytes(text.into_bytes()))
            }
            CrawlFormat::Json => (JSON_FILE, Written::Json(survey)),
            CrawlFormat::Openapi => (OPENAPI_FILE, Written::Bytes(survey.openapi()?)),
        });
    }
    match &output.place {
        CrawlPlace::Stdout => {
            for (_, content) in &files {
                console.results_by(|out| content.write_to(out))?;
            }
        }
        CrawlPlace::Folder(folder) => report::write_all(folder, &files)?,
        CrawlPlace::File(folder, name) => {
            for (known, _) in &mut files {
                *known = name;
            }
            report::write_all(folder, &files)?;
        }
    }
    Ok(Exit::Clean)
}
