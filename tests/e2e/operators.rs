//! MongoDB operators in a stranger's input: with PyMongo, MongoEngine and Eve, used in filters, and
//! repaired.

use crate::app::{app, words};

const RULE: &str = "input-validation/operator-injection";

/// Returns where the rule finds its fault, as `METHOD path place input`.
fn found(module: &str, faulty: bool) -> Vec<String> {
    let app = app(&format!("operators/{module}"))
        .database()
        .faulty(faulty);
    let scan = app.settle("0s").scan();
    let findings = scan.findings().iter();
    findings
        .filter(|finding| finding["rule"] == RULE)
        .map(|finding| {
            assert_eq!(finding["verdict"], "confirmed", "{finding}");
            words(&finding["source"], &["method", "path", "place", "input"])
        })
        .collect()
}

#[test]
fn filters_that_pymongo_is_given_as_they_come_are_found_in_bodies_names_and_texts() {
    let expected = [
        "GET /filter query filter",
        "GET /named query q",
        "GET /towns query $",
        "POST /login json mail",
        "POST /login json word",
        "POST /match json __raw__",
        "POST /match json town",
        "POST /quiet json town",
        "POST /search json town",
    ];
    assert_eq!(found("members", true), expected);
    assert_eq!(found("members", false), [""; 0]);
}

#[test]
fn lookups_and_raw_filters_of_mongoengine_are_found() {
    let expected = [
        "GET /crew query deck__in",
        "POST /deck json deck",
        "POST /find json __raw__",
        "POST /find json deck",
    ];
    assert_eq!(found("crew", true), expected);
    assert_eq!(found("crew", false), [""; 0]);
}

#[test]
fn eves_where_is_found_though_nothing_names_it() {
    assert_eq!(found("people", true), ["GET /people query where"]);
    assert_eq!(found("people", false), [""; 0]);
}
