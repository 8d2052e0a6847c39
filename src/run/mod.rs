//! The bodies of the subcommands.
//!
//! Owns: the order of steps and the exit code of each subcommand. Leaves out: options (`cli/`),
//! the scan itself (`pipeline` in the library), how anything is printed (`console.rs`).

mod probes;
mod scan;
mod signals;

use std::path::Path;
use std::sync::Arc;

use keyspill::error::Error;
use keyspill::probe::Catalog;

use crate::cli::{self, Cli, Command};
use crate::console::Console;
use crate::exit::Exit;

/// Does what was asked, and says what went wrong.
pub(crate) fn run(cli: Cli, console: Console) -> Exit {
    let console = Arc::new(console);
    let ended = match cli.command {
        Command::Scan(args) => scan::scan(*args, &console),
        Command::Diff(_) | Command::Report(_) => Ok(Exit::Clean),
        Command::Probes(command) => probes::probes(command, &console),
        Command::Completions { shell } => console
            .results(&cli::completions(shell))
            .map(|()| Exit::Clean),
    };
    console.end_phase();
    ended.unwrap_or_else(|error| {
        console.error(&error.to_string());
        Exit::from(&error)
    })
}

/// The built-in probes and those of a folder.
fn catalog(folder: Option<&Path>) -> Result<Catalog, Error> {
    let catalog = Catalog::builtin()?;
    match folder {
        Some(folder) => catalog.with_folder(folder),
        None => Ok(catalog),
    }
}
