//! The `keyspill` command: arguments, settings, run, exit code. What it does is in the library.

mod cli;
mod config;
mod console;
mod exit;
mod run;

use std::process::ExitCode;

use crate::cli::Talk;
use crate::console::Console;
use crate::exit::Exit;

fn main() -> ExitCode {
    let exit = match cli::parse(std::env::args_os()) {
        Ok(cli) => {
            let console = Console::new(cli.talk);
            run::run(cli, console)
        }
        Err(early) => {
            let written = Console::new(Talk::default()).early(&early);
            match written {
                Ok(()) if early.fault => Exit::Usage,
                Ok(()) => Exit::Clean,
                Err(error) => Exit::from(&error),
            }
        }
    };
    exit.into()
}
