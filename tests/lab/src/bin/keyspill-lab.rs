//! The lab for manual use: serves an application on a database of its own until standard input
//! closes or the process is ended.
//!
//! ```text
//! keyspill-lab python REQUIREMENTS             prints the interpreter of the environment
//! keyspill-lab database                        runs a database, prints its address
//! keyspill-lab serve REQUIREMENTS FOLDER APP   serves APP with MONGO_URI set, prints both addresses
//! ```
//!
//! The tests run it too, as the process that shares the cache, lacks a program or is killed.

use keyspill_lab::{App, Database, Lab, LabError};
use std::io::{self, Write};
use std::path::Path;
use std::process::ExitCode;

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let done = match words[..] {
        ["python", requirements] => python(requirements),
        ["database"] => database(),
        ["serve", requirements, folder, app] => serve(requirements, folder, app),
        _ => {
            say(io::stderr(), "usage: keyspill-lab python REQUIREMENTS");
            say(
                io::stderr(),
                "       keyspill-lab serve REQUIREMENTS FOLDER MODULE:ATTRIBUTE",
            );
            return ExitCode::from(2);
        }
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            say(io::stderr(), &error.to_string());
            ExitCode::FAILURE
        }
    }
}

fn python(requirements: &str) -> Result<(), LabError> {
    let python = lab()?.python(Path::new(requirements))?;
    say(io::stdout(), &python.interpreter().display().to_string());
    Ok(())
}

fn database() -> Result<(), LabError> {
    let database = lab()?.database()?;
    announce(&database);
    wait_for_the_end();
    Ok(())
}

fn serve(requirements: &str, folder: &str, app: &str) -> Result<(), LabError> {
    let lab = lab()?;
    let python = lab.python(Path::new(requirements))?;
    let database = lab.database()?;
    let uri = database.uri_for("lab");
    let server = python.serve(App::new(app).folder(folder).env("MONGO_URI", uri))?;
    announce(&database);
    say(
        io::stdout(),
        &format!("server {} {}", server.id(), server.url()),
    );
    wait_for_the_end();
    Ok(())
}

fn announce(database: &Database) {
    let id = database.id().unwrap_or_default();
    say(
        io::stdout(),
        &format!("database {id} {}", database.uri_for("lab")),
    );
}

fn wait_for_the_end() {
    // An error here means the same as the end of the input.
    let _ = io::copy(&mut io::stdin(), &mut io::sink());
}

fn lab() -> Result<Lab, LabError> {
    Ok(Lab::open()?.with_progress(|step| say(io::stderr(), step)))
}

/// Writes a line if the output is open. A closed output is no reason to end, since the servers are
/// what matters.
fn say(mut output: impl Write, line: &str) {
    let _ = writeln!(output, "{line}");
}
