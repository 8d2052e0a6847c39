//! `keyspill scan`.

use std::path::Path;
use std::sync::Arc;

use keyspill::auth::Leash;
use keyspill::error::Error;
use keyspill::finding::ScanResult;
use keyspill::pipeline;
use keyspill::probe::Catalog;
use keyspill::progress::Progress as _;
use keyspill::redact::{self, Redactor};
use keyspill::report::json::{self, LimitV2};
use keyspill::report::{self, ReportV2};
use keyspill::settings::{HttpSettings, OutputSettings, Settings};
use tokio::runtime::{Builder, Runtime};
use url::Url;

use super::signals::Signals;
use super::{reports, told};
use crate::args::ScanArgs;
use crate::config;
use crate::console::Console;
use crate::exit::Exit;

/// Scans, reports, and returns the exit code.
pub(super) fn scan(args: ScanArgs, console: Console) -> Exit {
    // A command may run for a credential before anything else.
    let begun = runtime().and_then(|runtime| Ok((Signals::listen(&runtime)?, runtime)));
    let ((signals, runtime), (settings, output)) = match begun.and_then(|begun| {
        let leash = begun.0.leash();
        Ok((begun, settings(args, leash)?))
    }) {
        Ok(all) => all,
        Err(error) => return told(Err(error), &console),
    };
    let (console, tester) = hiding(console, &settings);
    if settings.dry_run && !output.stdout {
        console.keep_notes();
    }
    told(
        scan_and_report(&settings, &output, &tester, &console, (runtime, &signals)),
        &console,
    )
}

/// Returns the console, which masks the tester's credentials in every message, including panics, and a
/// redactor that masks them elsewhere.
pub(super) fn hiding(console: Console, settings: &Settings) -> (Arc<Console>, Redactor) {
    let mut tester = Redactor::for_tester(&settings.http.headers, settings.target.base());
    tester.hide(&settings.identities.vault().all());
    let proxy = Redactor::new(proxy_secrets(&settings.http));
    let console = Arc::new(
        console
            .hiding(vec![tester.clone(), proxy])
            .hiding_all_of(settings.identities.vault()),
    );
    console.tell_panics();
    let secrets = settings.identities.vault().all();
    let base = settings.target.base();
    let short = redact::short_credentials(&settings.http.headers, base, &secrets);
    if short > 0 {
        console.warn(&format!(
            "credentials of less than 8 characters ({short} of yours) cannot be told from other text, \
             and are masked only where a value stands; give longer ones where you can"
        ));
    }
    (console, tester)
}

fn settings(mut args: ScanArgs, leash: Leash) -> Result<(Settings, OutputSettings), Error> {
    let file = config::options(args.config.as_deref())?;
    args.options = std::mem::take(&mut args.options).over(file);
    args.options.reach.leash = leash;
    args.try_into()
}

fn scan_and_report(
    settings: &Settings,
    output: &OutputSettings,
    tester: &Redactor,
    console: &Arc<Console>,
    (runtime, signals): (Runtime, &Signals),
) -> Result<Exit, Error> {
    // Everything that can be wrong on the tester's side is found before the first request is sent.
    let catalog = super::catalog(settings.probes.as_deref())?
        .only(&settings.rules)
        .and_then(|catalog| catalog.without(&settings.exclude_rules))?;
    let earlier = output.baseline.as_deref().map(json::read).transpose()?;
    if let Some(folder) = &output.folder {
        prepare(folder, settings)?;
    }
    // Signals are handled until the runtime ends, so that a second one quits while reports are written.
    let stop = signals.stop(console);
    let sent = runtime.block_on(pipeline::scan(settings, &catalog, &**console, &stop));
    let outcome = match sent {
        Ok(outcome) => outcome,
        Err(error) => {
            // The recorded traffic shows why there is no report.
            let kept = traffic(settings, tester, console);
            if matches!(error, Error::Usage(_)) {
                return Err(error);
            }
            // The requested output is written anyway: an older report must not pass for this run's.
            let outcome = pipeline::scan_that_failed(settings, &error);
            let mut report = published(&outcome, settings, &catalog, output, tester);
            reports::judge(&mut report, earlier.as_ref(), None);
            let written = told(reports::write_files(&report, output, console), console);
            return Ok(told(Err(error), console).and(written).and(kept));
        }
    };
    console.end_phase();

    let mut report = published(&outcome, settings, &catalog, output, tester);
    for line in report::judgements(&report) {
        console.note(&line);
    }
    let exit = Exit::of_scan(outcome.complete, &outcome.problems);
    let exit = exit.and(reports::judge(
        &mut report,
        earlier.as_ref(),
        output.fail_on,
    ));
    let exit = exit.and(told(reports::write(&report, output, console), console));
    let exit = exit.and(traffic(settings, tester, console));
    // Abandoned requests may still occupy a thread.
    runtime.shutdown_background();
    Ok(exit)
}

/// Creates the output folder. If that fails, nothing is sent, and older traffic is set aside, because
/// it is not this run's.
pub(super) fn prepare(folder: &Path, settings: &Settings) -> Result<(), Error> {
    let prepared = report::prepare(folder);
    if let (Err(_), Some(traffic)) = (&prepared, &settings.http.traffic) {
        report::set_aside(&traffic.path());
    }
    prepared
}

/// Returns the masked report of a scan.
fn published(
    outcome: &ScanResult,
    settings: &Settings,
    catalog: &Catalog,
    output: &OutputSettings,
    tester: &Redactor,
) -> ReportV2 {
    let mut report = ReportV2::from_result(outcome);
    // The pipeline has already masked it; this is the last check. Logins may have obtained new tokens.
    let mut tester = tester.clone();
    tester.hide(&settings.identities.vault().all());
    report.rules = catalog.iter().map(|probe| probe.rule.id.clone()).collect();
    report.limits = LimitV2::of(settings);
    if let Some(least) = output.min_verdict {
        report.set_min_verdict(least);
    }
    report.mask(&tester);
    report
}

/// Writes the `--traffic` file, if requested.
pub(super) fn traffic(settings: &Settings, tester: &Redactor, console: &Console) -> Exit {
    let mut tester = tester.clone();
    tester.hide(&settings.identities.vault().all());
    let written = match &settings.http.traffic {
        Some(traffic) => report::write_traffic(traffic, &tester),
        None => Ok(()),
    };
    told(written.map(|()| Exit::Clean), console)
}

/// Starts the runtime with two workers, so that one is always free to handle a signal.
pub(super) fn runtime() -> Result<Runtime, Error> {
    Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .map_err(|error| Error::Usage(format!("cannot start the runtime: {error}")))
}

/// Returns the user and password of the proxy, as written.
fn proxy_secrets(http: &HttpSettings) -> Vec<String> {
    let Some(url) = http
        .proxy
        .as_deref()
        .and_then(|proxy| Url::parse(proxy).ok())
    else {
        return Vec::new();
    };
    let password = url.password().unwrap_or_default();
    [url.username(), password]
        .into_iter()
        .filter(|secret| !secret.is_empty())
        .map(str::to_owned)
        .collect()
}
