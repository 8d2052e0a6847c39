//! No credential of the tester is shown anywhere: not in reports, plans, problems, errors.

use std::fmt::Write as _;

use md5::Md5;
use sha1::Sha1;
use sha2::{Digest as _, Sha256};

use crate::app::PASSWORD;
use crate::auth::{cut_off, form, json, sessions, tokens_of_alice};

#[test]
fn no_credential_of_the_tester_is_shown_anywhere() {
    let app = tokens_of_alice().env("USES", "40");
    let scan = app
        .options(&[
            "--auth",
            "query:tenant_key=qu3ry/cred=ntial",
            "--auth",
            "cookie:tracker=c00kie-credential",
            "-H",
            "X-Api-Key: h3ader-credential",
            "-v",
        ])
        .scan();
    scan.ended_well();
    // The application shows whole requests, and so does the evidence of the finding.
    let report = scan.report.to_string();
    assert!(report.contains("$KEYSPILL_AUTH"), "{report}");
    assert!(report.contains("$KEYSPILL_COOKIE"), "{report}");
    let arguments = scan.report["run"]["arguments"].to_string();
    assert!(arguments.contains("--auth"), "{arguments}");
    assert!(report.contains("/api/members"), "{report}");
    scan.shows_nothing_of(&[
        "correct horse battery",
        "qu3ry/cred=ntial",
        "c00kie-credential",
        "h3ader-credential",
        "tok.",
        // A hash and a key that the application holds for other users.
        "9f1e6a40c2b7d85e13fa",
        "q7Zt1VbX0mKe",
    ]);
    scan.shows_nothing_of(&digests(&["c00kie-credential", "h3ader-credential"]));
}

/// Returns the hexadecimal digests of texts.
fn digests(texts: &[&str]) -> Vec<String> {
    let hex = |bytes: &[u8]| {
        bytes.iter().fold(String::new(), |mut text, byte| {
            let _ = write!(text, "{byte:02x}");
            text
        })
    };
    let all = |text: &&str| -> [String; 3] {
        [
            hex(&Md5::digest(text)),
            hex(&Sha1::digest(text)),
            hex(&Sha256::digest(text)),
        ]
    };
    texts.iter().flat_map(all).collect()
}

#[test]
fn a_dry_run_shows_no_credential_either() {
    let app = tokens_of_alice().serve();
    let run = app.run(&[
        "--auth",
        "basic:tester:b4sic-credential",
        "-H",
        "X-Api-Key: h3ader-credential",
        "--cookie",
        "tracker=c00kie-credential",
        "--dry-run",
        "-v",
    ]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    assert!(run.stdout.contains("plan: GET /api/echo"), "{}", run.stdout);
    run.shows_nothing_of(&[
        "correct horse battery",
        "b4sic-credential",
        "h3ader-credential",
        "c00kie-credential",
        "tok.",
    ]);
}

#[test]
fn problems_and_errors_show_no_credential() {
    // The login is lost in the middle of the scan: its problem names the identity and nothing more.
    let scan = cut_off();
    assert_eq!(scan.code, 3, "{}", scan.stderr);
    scan.shows_nothing_of(&["correct horse battery"]);
    // The address of the login does not answer.
    let recipe = json(PASSWORD).replace("/api/login", "/nowhere?key=s3cret-in-url");
    let app = sessions(&recipe).serve();
    let run = app.run(&["-v"]);
    assert_eq!(run.code, 3, "{}", run.stderr);
    run.shows_nothing_of(&["correct horse battery"]);
}

#[test]
fn no_session_cookie_is_shown_anywhere() {
    let app = sessions(&form(PASSWORD)).env("CUT_AFTER", "40");
    let scan = app.options(&["-v"]).scan();
    scan.ended_well();
    let report = scan.report.to_string();
    assert!(report.contains("/debug?api_key="), "{report}");
    let log = &scan.log;
    let sids: Vec<&str> = log
        .iter()
        .filter_map(|line| line.split("sid ").nth(1))
        .collect();
    assert!(sids.len() > 1, "{log:?}");
    // The cookie is the base64 of JSON that names the session.
    scan.shows_nothing_of(&sids);
}
