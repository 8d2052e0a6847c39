//! `keyspill scan`.

use std::sync::Arc;

use keyspill::error::Error;
use keyspill::finding::Outcome;
use keyspill::pipeline;
use keyspill::probe::Catalog;
use keyspill::progress::Stop;
use keyspill::settings::{OutputSettings, Settings};
use tokio::runtime::{Builder, Runtime};

use super::signals::Signals;
use crate::cli::ScanArgs;
use crate::config;
use crate::console::Console;
use crate::exit::Exit;

/// Scans, reports, and gives the exit code.
pub(super) fn scan(mut args: ScanArgs, console: &Arc<Console>) -> Result<Exit, Error> {
    config::apply(&mut args)?;
    let (settings, output): (Settings, OutputSettings) = args.try_into()?;
    let catalog = super::catalog(settings.probes.as_deref())?;
    // Everything that can be wrong here is found before the first request leaves.
    let runtime = runtime()?;
    let outcome = send(&runtime, &settings, &catalog, console)?;
    let exit = Exit::of_scan(outcome.complete, &outcome.problems);
    let failed = output.fail_on.is_some_and(|threshold| {
        let mut severities = outcome.findings.iter().map(|finding| finding.rule.severity);
        severities.any(|severity| severity >= threshold)
    });
    runtime.shutdown_background();
    Ok(exit.and(Exit::of_findings(failed)))
}

/// Two workers: one is always free to hear a signal.
fn runtime() -> Result<Runtime, Error> {
    Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .map_err(|error| Error::Usage(format!("cannot start the runtime: {error}")))
}

fn send(
    runtime: &Runtime,
    settings: &Settings,
    catalog: &Catalog,
    console: &Arc<Console>,
) -> Result<Outcome, Error> {
    runtime.block_on(async {
        let stop = Stop::new();
        let signals = Signals::listen()
            .map_err(|error| Error::Usage(format!("cannot listen to signals: {error}")))?;
        // Goes on until the runtime ends, so that a second signal quits while reports are written.
        tokio::spawn(signals.obey(stop.clone(), Arc::clone(console)));
        pipeline::scan(settings, catalog, console.as_ref(), &stop).await
    })
}
