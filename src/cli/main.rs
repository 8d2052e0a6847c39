//! The `keyspill` command: arguments, settings, run, exit code. The functionality is in the library.

mod args;
mod config;
mod console;
mod exit;
mod run;

use std::process::ExitCode;

use crate::args::Talk;
use crate::console::Console;
use crate::exit::Exit;

fn main() -> ExitCode {
    let exit = match args::parse(std::env::args_os()) {
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
