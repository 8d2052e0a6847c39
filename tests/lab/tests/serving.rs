//! A Flask application on a real database: what goes in over HTTP comes out again.

#![allow(
    clippy::unwrap_used,
    reason = "clippy's leave for tests stops at the test functions"
)]

mod common;

use common::{fixture, get};
use keyspill_lab::{App, Database, Lab, LabError, Python, Server};
use std::time::Duration;

struct Notes {
    server: Server,
    // Held for as long as the server runs.
    _database: Database,
}

fn lab_and_python() -> (Lab, Python) {
    let lab = Lab::open().unwrap();
    let python = lab.python(&fixture("requirements.txt")).unwrap();
    (lab, python)
}

fn app(target: &str) -> App {
    App::new(target).folder(fixture(""))
}

fn serve(target: &str) -> Notes {
    let (lab, python) = lab_and_python();
    let database = lab.database().unwrap();
    let server = python
        .serve(app(target).env("MONGO_URI", database.uri_for("notes")))
        .unwrap();
    Notes {
        server,
        _database: database,
    }
}

/// Serves an application that fails to start. Its database is never reached, since PyMongo connects
/// at first use.
fn refusal(app: App) -> LabError {
    lab_and_python()
        .1
        .serve(app.env("MONGO_URI", "mongodb://127.0.0.1:1/none"))
        .unwrap_err()
}

#[test]
fn what_is_stored_over_http_is_read_back() {
    let notes = serve("notes:app");
    assert_eq!(get(notes.server.url(), "/add?text=milk").status, 201);
    assert_eq!(get(notes.server.url(), "/add?text=bread").status, 201);
    assert_eq!(
        get(notes.server.url(), "/all").body.trim(),
        r#"["milk","bread"]"#
    );
}

#[test]
fn no_two_databases_share_data() {
    let (one, other) = (serve("notes:app"), serve("notes:app"));
    get(one.server.url(), "/add?text=milk");
    assert_eq!(get(other.server.url(), "/all").body.trim(), "[]");
}

#[test]
fn an_application_that_is_made_by_a_function_is_served() {
    let notes = serve("notes:create");
    assert_eq!(get(notes.server.url(), "/all").status, 200);
}

#[test]
fn an_error_is_plain_and_in_the_log() {
    let notes = serve("notes:app");
    let answer = get(notes.server.url(), "/fail");
    assert_eq!(answer.status, 500);
    assert!(!answer.body.contains("RuntimeError"), "{}", answer.body);
    let logged = || {
        notes
            .server
            .log()
            .iter()
            .any(|line| line.contains("RuntimeError: asked to"))
    };
    common::wait_until("the error is in the log", logged);
}

#[test]
fn in_debug_mode_an_error_has_the_debugger_and_its_console() {
    let notes = serve("notes:debugged");
    let answer = get(notes.server.url(), "/fail");
    assert_eq!(answer.status, 500);
    assert!(
        answer.body.contains("RuntimeError: asked to"),
        "{}",
        answer.body
    );
    assert!(answer.body.contains("EVALEX = true"), "{}", answer.body);
    assert_eq!(get(notes.server.url(), "/console").status, 200);
}

#[test]
fn the_console_trusts_local_names_only() {
    let notes = serve("notes:debugged");
    assert_eq!(
        common::get_as(notes.server.url(), "/console", "example.org").status,
        400
    );
    assert_eq!(
        common::get_as(notes.server.url(), "/console", "localhost").status,
        200
    );
}

#[test]
fn an_application_sees_only_the_environment_it_was_given() {
    let notes = serve("notes:app");
    let environment = get(notes.server.url(), "/environment").body;
    assert!(environment.contains("MONGO_URI"), "{environment}");
    assert!(std::env::var("CARGO_MANIFEST_DIR").is_ok());
    assert!(!environment.contains("CARGO"), "{environment}");
}

#[test]
fn an_application_can_be_served_anew_where_it_was() {
    let (_, python) = lab_and_python();
    let app = app("notes:app").env("MONGO_URI", "mongodb://127.0.0.1:1/none");
    let first = python.serve(app.clone()).unwrap();
    let (url, port) = (first.url().to_owned(), first.port());
    drop(first);
    assert_eq!(python.serve(app.port(port)).unwrap().url(), url);
}

#[test]
fn an_application_that_cannot_be_imported_shows_why() {
    let text = refusal(app("no_such_module:app")).to_string();
    assert!(
        text.starts_with("no_such_module:app did not start: exit status: 1"),
        "{text}"
    );
    assert!(
        text.contains("ModuleNotFoundError: No module named 'no_such_module'"),
        "{text}"
    );
}

#[test]
fn a_deadline_that_passes_says_so() {
    let text = refusal(app("notes:app").deadline(Duration::ZERO)).to_string();
    assert!(text.contains("not ready after 0 seconds"), "{text}");
}
