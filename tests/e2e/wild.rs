//! Small applications as found on the web, with their typical faults; each docstring lists them. A
//! scan must keep finding what it finds today.

use std::collections::BTreeSet;

use crate::app::{Scan, app, words};

/// The application, and what is confirmed of it: rule | path and input of the source | path of the
/// sink.
const FOUND: &[(&str, &[&str])] = &[
    (
        "blog",
        &[
            "data-exposure/canary-in-body | /register password | /profile",
            "data-exposure/stored-canary | /register password | /users.json",
        ],
    ),
    (
        "chat",
        &[
            "data-exposure/canary-in-cookie | /join room_password | /join",
            "data-exposure/canary-in-redirect | /join room_password | /join",
            "data-exposure/stored-canary | /join room_password | /rooms",
        ],
    ),
    (
        "contacts",
        &[
            "data-exposure/stored-canary | /settings api_token | /settings",
            "input-validation/unhandled-input | /contact/{id} id | /contact/{id}",
        ],
    ),
    (
        "eshop",
        &[
            "authentication/any-key-accepted | /api/admin/report x-api-key | /api/admin/report",
            "data-exposure/canary-digest | /api/customers password | /api/customers",
            "data-exposure/sensitive-field | - | /api/customers",
            "data-exposure/stored-canary | /api/orders card_token | /api/orders",
        ],
    ),
    (
        "notesapi",
        &[
            "data-exposure/canary-in-error | /api/notes authorization | /api/notes",
            "data-exposure/config-dump | - | /api/debug",
            "data-exposure/connection-string | - | /api/debug",
        ],
    ),
    (
        "shortener",
        &[
            "authentication/key-in-query | /api/shorten api_key | /api/shorten",
            "data-exposure/stored-canary | /api/shorten api_key | /api/links",
        ],
    ),
    (
        "todo",
        &["input-validation/unhandled-input | /edit/{id} id | /edit/{id}"],
    ),
    (
        "upload",
        &[
            "data-exposure/database-error | - | /files/{id}",
            "data-exposure/stored-canary | / upload_token | /files",
            "data-exposure/traceback | - | /files/{id}",
        ],
    ),
    (
        "weather",
        &["data-exposure/canary-in-error | /weather api_key | /weather"],
    ),
];

fn confirmed(scan: &Scan) -> BTreeSet<String> {
    let sure = scan.findings().iter();
    let sure = sure.filter(|finding| finding["verdict"] == "confirmed");
    sure.map(|finding| {
        let source = if finding["source"].is_null() {
            "-".to_owned()
        } else {
            words(&finding["source"], &["path", "input"])
        };
        let sink = words(&finding["sink"], &["path"]);
        format!("{} | {source} | {sink}", words(finding, &["rule"]))
    })
    .collect()
}

#[test]
fn what_such_applications_leak_is_found() {
    for (name, expected) in FOUND {
        // With one request at a time: effects of concurrent writes are not tested here.
        let app = app(&format!("wild/{name}")).database().seed(7).in_order();
        let found = confirmed(&app.scan());
        let expected: BTreeSet<String> = expected.iter().map(|&line| line.to_owned()).collect();
        let missed: Vec<_> = expected.difference(&found).collect();
        assert!(missed.is_empty(), "{name}: {missed:#?} not in {found:#?}");
    }
}
