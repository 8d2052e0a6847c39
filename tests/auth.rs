//! Logins against real Flask applications: kept, lost, renewed, refused, and never shown.

// A helper that fails is a test that fails; clippy spares only the tests themselves.
#![allow(clippy::unwrap_used)]

mod auth_harness;

use std::fmt::Write as _;

use auth_harness::{Served, form, json};
use keyspill::auth::{Identities, Leash};
use keyspill::http::{Request, Transport};
use keyspill::net::Client;
use keyspill::progress::Stop;
use keyspill::settings::Settings;
use keyspill::target::Target;
use md5::Md5;
use sha1::Sha1;
use sha2::{Digest as _, Sha256};

#[test]
fn a_form_login_reaches_what_is_behind_it() {
    let app = Served::start("sessions", &[]);
    let scan = app.scan(&form("correct horse battery"), &["--as", "alice"]);
    scan.ended_well();
    for path in ["/account", "/keys", "/team/board", "/late"] {
        scan.reached("GET", path);
    }
    assert_eq!(app.said("login alice: welcome"), 1, "one login is enough");
    assert!(!scan.has_problem("login-renewed"), "{}", scan.problems());
}

#[test]
fn a_recipe_may_name_the_csrf_token_the_cookies_and_the_check() {
    let app = Served::start("sessions", &[("CUT_AFTER", "20")]);
    let recipe = "
identities:
  alice:
    login:
      form:
        page: /login
        action: /login
        fields: {username: alice, password: env:PASSWORD}
        csrf: [{css: 'input[name=csrf_token]', attribute: value, field: csrf_token}]
      cookies: [session]
      check: {path: /account, status: 200, text: Your account}
";
    let scan = app.scan(recipe, &["--as", "alice"]);
    scan.ended_well();
    assert_eq!(app.said("login alice: welcome"), 2);
    assert!(scan.has_problem("login-renewed"), "{}", scan.problems());
    scan.reached("GET", "/late");
}

#[test]
fn a_check_that_never_passes_is_a_failed_login() {
    let app = Served::start("sessions", &[]);
    let recipe = form("correct horse battery") + "      check: {path: /account, text: Nobody}\n";
    let run = app.run(&recipe, &["--as", "alice"]);
    assert_eq!(run.code, 3, "{}", run.stderr);
    assert!(run.stderr.contains("check"), "{}", run.stderr);
    assert!(app.said("login alice: welcome") <= 2);
}

#[test]
fn what_changes_the_account_or_sends_mail_is_listed_and_not_sent() {
    let app = Served::start("sessions", &[]);
    let scan = app.scan(&form("correct horse battery"), &["--as", "alice"]);
    scan.ended_well();
    assert_eq!(app.said("password changed"), 0);
    assert_eq!(app.said("mail sent"), 0);
    assert!(
        scan.why_not("POST", "/password")
            .contains("--allow '^POST /password$'")
    );
    assert!(scan.why_not("POST", "/invite").contains("send messages"));

    let app = Served::start("sessions", &[]);
    let allow = ["--as", "alice", "--allow", "^POST /invite$"];
    app.scan(&form("correct horse battery"), &allow);
    assert!(app.said("mail sent") > 0, "it was allowed");
    assert_eq!(app.said("password changed"), 0);
}

#[test]
fn a_session_that_is_cut_in_mid_scan_is_noticed_and_renewed() {
    let app = Served::start("sessions", &[("CUT_AFTER", "20")]);
    let scan = app.scan(&form("correct horse battery"), &["--as", "alice"]);
    scan.ended_well();
    assert_eq!(app.said("cut: every session ends"), 1);
    assert_eq!(app.said("login alice: welcome"), 2, "one new login");
    assert!(scan.has_problem("login-renewed"), "{}", scan.problems());
    for path in ["/account", "/keys", "/team/board", "/late"] {
        scan.reached("GET", path);
    }
}

#[test]
fn a_session_that_cannot_be_renewed_stops_the_scan() {
    let app = Served::start("sessions", &[("CUT_AFTER", "20"), ("REFUSE", "1")]);
    let scan = app.scan(&form("correct horse battery"), &["--as", "alice"]);
    assert_eq!(scan.code, 3, "{}", scan.stderr);
    assert!(scan.has_problem("login-lost"), "{}", scan.problems());
    assert_eq!(scan.report["run"]["complete"], false);
    assert!(app.said("login alice: refused") <= 2);
}

#[test]
fn a_login_page_that_answers_200_is_noticed() {
    let app = Served::start("sessions", &[("CUT_AFTER", "20"), ("SHOW_LOGIN", "1")]);
    let scan = app.scan(&form("correct horse battery"), &["--as", "alice"]);
    scan.ended_well();
    assert_eq!(app.said("login alice: welcome"), 2, "one new login");
    assert!(scan.has_problem("login-renewed"), "{}", scan.problems());
    scan.reached("GET", "/late");
}

#[test]
fn a_login_page_that_answers_200_to_the_last_stops_the_scan() {
    let app = Served::start(
        "sessions",
        &[("CUT_AFTER", "20"), ("SHOW_LOGIN", "1"), ("REFUSE", "1")],
    );
    let scan = app.scan(&form("correct horse battery"), &["--as", "alice"]);
    assert_eq!(scan.code, 3, "{}", scan.problems());
    assert!(scan.has_problem("login-lost"), "{}", scan.problems());
    assert_eq!(scan.report["run"]["complete"], false);
    assert!(app.said("login alice: refused") <= 2);
}

#[test]
fn a_wrong_password_is_tried_at_most_twice() {
    let app = Served::start("sessions", &[]);
    let run = app.run(&form("wr0ng-passw0rd"), &["--as", "alice"]);
    assert_eq!(run.code, 3, "{}", run.stderr);
    assert!(run.stderr.contains("login-lost"), "{}", run.stderr);
    assert!(!run.stderr.contains("wr0ng"), "{}", run.stderr);
    let refused = app.said("login alice: refused");
    assert!((1..=2).contains(&refused), "{refused} tries");
}

#[test]
fn a_token_that_expires_after_30_requests_is_renewed() {
    let app = Served::start("tokens", &[("USES", "30")]);
    let scan = app.scan(&json("correct horse battery"), &["--as", "alice"]);
    scan.ended_well();
    let given = app.said("token given");
    assert!(given > 2, "{given} tokens");
    assert!(
        app.said("token expired in use") >= given - 1,
        "one new login for each loss"
    );
    for path in ["/api/me", "/api/items", "/api/bills", "/api/echo"] {
        scan.reached("GET", path);
    }
}

#[test]
fn a_token_that_cannot_be_renewed_stops_the_scan() {
    for quiet in [&[][..], &[("QUIET", "1")]] {
        let variables = [&[("USES", "30"), ("ONLY_ONE", "1")], quiet].concat();
        let app = Served::start("tokens", &variables);
        let scan = app.scan(&json("correct horse battery"), &["--as", "alice"]);
        assert_eq!(scan.code, 3, "{}", scan.problems());
        assert!(scan.has_problem("login-lost"), "{}", scan.problems());
        assert_eq!(app.said("token given"), 1);
        assert!(app.said("token refused") <= 2);
    }
}

#[test]
fn an_api_that_says_no_with_200_is_noticed() {
    let app = Served::start("tokens", &[("USES", "60"), ("QUIET", "1")]);
    let scan = app.scan(&json("correct horse battery"), &["--as", "alice"]);
    scan.ended_well();
    assert!(app.said("token given") > 1, "{}", scan.problems());
    assert!(scan.has_problem("login-renewed"), "{}", scan.problems());
}

#[test]
fn a_bearer_token_that_expires_stops_the_scan() {
    let app = Served::start(
        "tokens",
        &[("USES", "30"), ("TOKEN", "stat1c-t0ken-of-the-tester")],
    );
    let scan = app.scan("", &["--auth", "bearer:env:TOKEN"]);
    assert_eq!(scan.code, 3, "{}", scan.stderr);
    assert!(scan.has_problem("login-lost"), "{}", scan.problems());
}

#[test]
fn a_header_that_is_no_longer_accepted_stops_the_scan_too() {
    let token = "stat1c-t0ken-of-the-tester";
    let app = Served::start("tokens", &[("USES", "40"), ("TOKEN", token)]);
    let header = format!("Authorization: Bearer {token}");
    let scan = app.scan("", &["-H", &header]);
    assert_eq!(scan.code, 3, "{}", scan.problems());
    assert!(scan.has_problem("login-lost"), "{}", scan.problems());
}

#[test]
fn a_client_renews_its_token_before_it_ends() {
    let app = Served::start("tokens", &[("LIFETIME", "5")]);
    let recipe = "
identities:
  robot:
    login:
      oauth2: {token-url: /oauth/token, client-id: robot, client-secret: env:PASSWORD}
      check: {path: /api/me, text: alice}
";
    let slow = ["--as", "robot", "--rate", "20", "--settle", "2s"];
    let scan = app.scan(recipe, &slow);
    scan.ended_well();
    assert!(app.said("token given") > 1);
    assert_eq!(app.said("token expired in use"), 0);
    assert!(!scan.has_problem("login-renewed"), "{}", scan.problems());
}

#[test]
fn no_credential_of_the_tester_is_shown_anywhere() {
    let app = Served::start("tokens", &[("USES", "40")]);
    let scan = app.scan(
        &json("correct horse battery"),
        &[
            "--as",
            "alice",
            "--auth",
            "query:tenant_key=qu3ry/cred=ntial",
            "--auth",
            "cookie:tracker=c00kie-credential",
            "-H",
            "X-Api-Key: h3ader-credential",
            "-v",
        ],
    );
    scan.ended_well();
    // The application shows whole requests, and the evidence of the finding shows that.
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
        // What the application has of others: a hash and a key.
        "9f1e6a40c2b7d85e13fa",
        "q7Zt1VbX0mKe",
    ]);
    scan.shows_nothing_of(&digests(&["c00kie-credential", "h3ader-credential"]));
}

/// Hexadecimal digests of texts.
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
    let app = Served::start("tokens", &[]);
    let run = app.run(
        &json("correct horse battery"),
        &[
            "--as",
            "alice",
            "--auth",
            "basic:tester:b4sic-credential",
            "-H",
            "X-Api-Key: h3ader-credential",
            "--cookie",
            "tracker=c00kie-credential",
            "--dry-run",
            "-v",
        ],
    );
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
    // The login is lost in mid-scan: its problem names the identity and no more.
    let app = Served::start("sessions", &[("CUT_AFTER", "20"), ("REFUSE", "1")]);
    let scan = app.scan(&form("correct horse battery"), &["--as", "alice", "-v"]);
    assert_eq!(scan.code, 3, "{}", scan.stderr);
    scan.shows_nothing_of(&["correct horse battery"]);
    // The address of the login does not answer.
    let recipe = json("correct horse battery").replace("/api/login", "/nowhere?key=s3cret-in-url");
    let run = app.run(&recipe, &["--as", "alice", "-v"]);
    assert_eq!(run.code, 3, "{}", run.stderr);
    run.shows_nothing_of(&["correct horse battery"]);
}

#[test]
fn no_session_cookie_is_shown_anywhere() {
    let app = Served::start("sessions", &[("CUT_AFTER", "40")]);
    let scan = app.scan(&form("correct horse battery"), &["--as", "alice", "-v"]);
    scan.ended_well();
    let report = scan.report.to_string();
    assert!(report.contains("/debug?api_key="), "{report}");
    let log = app.log();
    let sids: Vec<&str> = log
        .iter()
        .filter_map(|line| line.split("sid ").nth(1))
        .collect();
    assert!(sids.len() > 1, "{log:?}");
    // The cookie is the base64 of JSON that names the session.
    scan.shows_nothing_of(&sids);
}

#[test]
fn a_second_identity_shares_the_connections_and_not_the_credentials() {
    let app = Served::start("tokens", &[("TOKEN", "t0ken-of-the-second-one")]);
    let known = serde_yaml::from_str(
        "
a: {login: {json: {url: /api/login, body: {username: alice, password: correct horse battery}},
            take: [{json: $.access_token}]}}
b: {auth: ['bearer:t0ken-of-the-second-one']}
",
    )
    .unwrap();
    let mut settings = Settings::new(Target::parse(app.url()).unwrap());
    let names = ["a".to_owned(), "b".to_owned()];
    settings.identities =
        Identities::read(&[], &names, &known, &settings.target, &Leash::default()).unwrap();
    let first = Client::new(&settings, "test", &Stop::new()).unwrap();
    let second = first.acting_as(settings.identities.second().unwrap());
    let url = settings.target.url_for("/api/echo").unwrap();
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let (one, two) = runtime.block_on(async {
        first.log_in().await.unwrap();
        second.log_in().await.unwrap();
        let one = first.send(Request::get(url.clone())).await.unwrap();
        let two = second.send(Request::get(url)).await.unwrap();
        (one, two)
    });
    assert!(one.text().contains("Bearer tok."), "{}", one.text());
    assert!(two.text().contains("Bearer t0ken-of-the-second-one"));
    assert!(!two.text().contains("tok."));
    assert!(first.sent() >= 3);
    assert_eq!(first.sent(), second.sent());
    let kept = settings.identities.vault().all();
    assert!(kept.iter().any(|secret| secret.starts_with("tok.")));
}

/// Logs in at `tokens.py` and prints the token.
fn command(url: &str) -> String {
    let script = format!(
        "import json, urllib.request as u; \
         r = u.Request('{url}/api/login', json.dumps(dict(username='alice', password='correct horse battery')).encode(), \
         {{'Content-Type': 'application/json'}}); print(json.load(u.urlopen(r))['access_token'])"
    );
    format!("cmd:echo noise-of-the-command >&2; python3 -c \"{script}\"")
}

#[test]
fn a_command_gives_a_token_and_gives_it_again() {
    let app = Served::start("tokens", &[("USES", "60")]);
    let scan = app.scan("insecure: false\n", &["--auth", &command(app.url())]);
    scan.ended_well();
    assert!(app.said("token given") > 1, "{}", scan.stderr);
    // However many requests are refused at once; the last loss may come with the last request.
    assert!(app.said("token given") <= app.said("token expired in use") + 1);
    assert!(scan.has_problem("login-renewed"), "{}", scan.problems());
    let report = scan.report.to_string();
    assert!(!report.contains("tok."), "a token in the report");
    for text in [&report, &scan.stdout, &scan.stderr] {
        assert!(!text.contains("noise-of-the-command"));
        assert!(!text.contains("correct horse battery"));
    }
    assert!(report.contains("bearer:cmd:***"));
}

#[cfg(unix)]
#[test]
fn a_command_that_hangs_runs_once_and_ends_with_the_scan() {
    let app = Served::start("tokens", &[("USES", "30")]);
    let folder = tempfile::tempdir().unwrap();
    let (alive, runs) = (folder.path().join("alive"), folder.path().join("runs"));
    let made = std::process::Command::new("mkfifo").arg(&alive).status();
    assert!(made.unwrap().success());
    // Gives one token, and then hangs behind a pipe.
    let command = command(app.url()).replacen(
        "cmd:",
        &format!(
            "cmd:echo run >>{runs}; if [ $(wc -l <{runs}) -gt 1 ]; then sleep 600 3>{alive} | cat; fi; ",
            runs = runs.display(),
            alive = alive.display(),
        ),
        1,
    );
    // Ends once nothing of the command is left.
    let (gone, left) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        let mut alive = std::fs::File::open(alive).unwrap();
        let _ = std::io::Read::read_to_end(&mut alive, &mut Vec::new());
        gone.send(()).unwrap();
    });
    let scan = app.scan(
        "insecure: false\n",
        &["--auth", &command, "--max-time", "5s"],
    );
    left.recv_timeout(std::time::Duration::from_secs(20))
        .unwrap();
    assert_eq!(scan.code, 4, "{}", scan.problems());
    assert!(scan.has_problem("budget"), "{}", scan.problems());
    // Crawl, plants and proofs each have their share of the time: none of them runs it again.
    let runs = std::fs::read_to_string(runs).unwrap();
    assert_eq!(runs.lines().count(), 2);
    // There was a check; it could not be asked any more.
    assert!(!scan.has_problem("login-unproven"), "{}", scan.problems());
}

#[test]
fn a_login_that_is_lost_is_told_once() {
    let token = "stat1c-t0ken-of-the-tester";
    let app = Served::start("tokens", &[("USES", "30"), ("TOKEN", token)]);
    let folder = tempfile::tempdir().unwrap();
    let spent = folder.path().join("spent");
    let command = format!(
        "cmd:test -e {spent} && exit 3; touch {spent}; echo {token}",
        spent = spent.display()
    );
    let scan = app.scan("insecure: false\n", &["--auth", &command]);
    assert_eq!(scan.code, 3, "{}", scan.stderr);
    let about: Vec<&str> = scan.report["problems"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|problem| problem["code"].as_str())
        .filter(|code| code.starts_with("login"))
        .collect();
    assert_eq!(about, ["login-lost"]);
    assert_eq!(scan.stdout.matches("login-lost").count(), 1);
    assert!(!scan.stderr.contains("login-lost"), "{}", scan.stderr);
}

#[test]
fn a_command_that_fails_is_told_before_the_scan() {
    let app = Served::start("tokens", &[]);
    for (command, said) in [
        ("cmd:echo s3cret-word; exit 3", "exit code 3"),
        ("header:X-Key=cmd:true", "prints nothing"),
        ("cmd:", "followed by a command"),
    ] {
        let run = app.run("insecure: false\n", &["--auth", command]);
        assert_eq!(run.code, 2, "{}", run.stderr);
        assert!(
            run.stderr.contains("--auth") && run.stderr.contains(said),
            "{}",
            run.stderr
        );
        assert!(!run.stderr.contains("s3cret-word"), "{}", run.stderr);
    }
    assert_eq!(
        app.log()
            .iter()
            .filter(|line| line.contains("GET /api"))
            .count(),
        0
    );
}

#[test]
fn a_short_credential_is_warned_of() {
    let app = Served::start("tokens", &[]);
    let run = app.run(
        "insecure: false\n",
        &["--auth", "bearer:abc12", "--max-requests", "5"],
    );
    assert!(
        run.stderr.contains("less than 8 characters"),
        "{}",
        run.stderr
    );
    assert!(!run.stderr.contains("abc12"), "{}", run.stderr);
}
