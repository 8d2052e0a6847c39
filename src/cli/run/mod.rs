//! The bodies of the subcommands.
//!
//! Owns: the order of steps and the exit code of each subcommand. Leaves out: options (`args/`),
//! the scan itself (`pipeline` in the library), how anything is printed (`console.rs`).

mod crawl;
mod probes;
mod reports;
mod scan;
mod signals;

use std::path::Path;

use keyspill::error::Error;
use keyspill::probe::Catalog;

use crate::args::{self, Cli, Command};
use crate::console::Console;
use crate::exit::Exit;

/// Runs the subcommand and reports what went wrong.
pub(crate) fn run(cli: Cli, console: Console) -> Exit {
    let ended = match cli.command {
        Command::Scan(args) => return scan::scan(*args, console),
        Command::Crawl(args) => return crawl::crawl(*args, console),
        Command::Diff(args) => reports::diff(&args, &console),
        Command::Show(args) => reports::show(&args, &console),
        Command::Report(args) => reports::report(&args, &console),
        Command::Probes(command) => probes::probes(command, &console),
        Command::Completions { shell } => console
            .results(&args::completions(shell))
            .map(|()| Exit::Clean),
    };
    told(ended, &console)
}

/// Returns the exit code, after reporting the error if there is one.
fn told(ended: Result<Exit, Error>, console: &Console) -> Exit {
    ended.unwrap_or_else(|error| {
        console.end_phase();
        console.error(&error.to_string());
        Exit::from(&error)
    })
}

/// Loads the built-in probes and those of a folder.
fn catalog(folder: Option<&Path>) -> Result<Catalog, Error> {
    let catalog = keyspill::builtin::catalog()?;
    match folder {
        Some(folder) => catalog.with_folder(folder),
        None => Ok(catalog),
    }
}
