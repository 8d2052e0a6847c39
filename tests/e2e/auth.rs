//! Logins against real Flask applications: kept, lost, renewed, refused. (That they are never
//! shown: `auth_shown.rs`.)

use std::sync::LazyLock;

use keyspill::auth::{Identities, Leash};
use keyspill::http::{Request, Transport};
use keyspill::net::Client;
use keyspill::progress::Stop;
use keyspill::settings::Settings;
use keyspill::target::Target;

use crate::app::{Application, PASSWORD, Scan, app};

/// Returns the recipe for `sessions.py`.
pub(crate) fn form(password: &str) -> String {
    format!(
        "
identities:
  alice:
    login:
      form:
        page: /login
        fields: {{username: alice, password: '{password}'}}
"
    )
}

/// Returns the recipe for `tokens.py`.
pub(crate) fn json(password: &str) -> String {
    format!(
        "
identities:
  alice:
    login:
      json:
        url: /api/login
        body: {{username: alice, password: '{password}'}}
      take:
      - json: $.access_token
        header: 'Authorization: Bearer {{token}}'
"
    )
}

/// Returns the application with sessions, where Alice logs in by a recipe.
pub(crate) fn sessions(recipe: &str) -> Application {
    let app = app("auth/sessions").seed(7).config(recipe);
    app.options(&["--as", "alice"])
}

/// Returns the application with tokens.
pub(crate) fn tokens() -> Application {
    app("auth/tokens").seed(7)
}

/// Returns the application with tokens, where Alice logs in.
pub(crate) fn tokens_of_alice() -> Application {
    tokens().config(&json(PASSWORD)).options(&["--as", "alice"])
}

/// Returns a scan as Alice whose session is not cut off.
fn alice() -> &'static Scan {
    static SCAN: LazyLock<Scan> = LazyLock::new(|| sessions(&form(PASSWORD)).scan());
    SCAN.told()
}

/// Returns a scan with a session that ends and cannot be renewed.
pub(crate) fn cut_off() -> &'static Scan {
    static SCAN: LazyLock<Scan> = LazyLock::new(|| {
        let app = sessions(&form(PASSWORD)).env("CUT_AFTER", "20");
        app.env("REFUSE", "1").options(&["-v"]).scan()
    });
    SCAN.told()
}

/// Returns how many lines of the application's log contain a text.
pub(crate) fn said(scan: &Scan, text: &str) -> usize {
    scan.log.iter().filter(|line| line.contains(text)).count()
}

impl Scan {
    /// Checks that the scan is complete, whatever it found.
    #[track_caller]
    pub(crate) fn ended_well(&self) {
        assert!(matches!(self.code, 0 | 1), "{}: {}", self.code, self.stderr);
        assert_eq!(self.problem("login-lost"), None);
    }

    /// Checks that the operation answered 200.
    #[track_caller]
    pub(crate) fn reached(&self, method: &str, path: &str) {
        let row = self.row(method, path);
        assert_eq!(row["reached"]["status"], 200, "{method} {path}: {row}");
    }

    /// Returns why the operation was not sent.
    #[track_caller]
    fn why_not(&self, method: &str, path: &str) -> &str {
        let row = self.row(method, path);
        row["reached"]["why"].as_str().unwrap_or_default()
    }
}

#[test]
fn a_form_login_reaches_what_is_behind_it() {
    let scan = alice();
    scan.ended_well();
    for path in ["/account", "/keys", "/team/board", "/late"] {
        scan.reached("GET", path);
    }
    assert_eq!(said(scan, "login alice: welcome"), 1, "one login is enough");
    assert_eq!(scan.problem("login-renewed"), None);
}

#[test]
fn a_recipe_may_name_the_csrf_token_the_cookies_and_the_check() {
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
    let scan = sessions(recipe).env("CUT_AFTER", "20").scan();
    scan.ended_well();
    assert_eq!(said(&scan, "login alice: welcome"), 2);
    scan.has_problem("login-renewed");
    scan.reached("GET", "/late");
}

#[test]
fn a_check_that_never_passes_is_a_failed_login() {
    let recipe = form(PASSWORD) + "      check: {path: /account, text: Nobody}\n";
    let app = sessions(&recipe).serve();
    let run = app.run(&[]);
    assert_eq!(run.code, 3, "{}", run.stderr);
    assert!(run.stderr.contains("check"), "{}", run.stderr);
    assert!(app.said("login alice: welcome") <= 2);
}

#[test]
fn what_changes_the_account_or_sends_mail_is_listed_and_not_sent() {
    let scan = alice();
    scan.ended_well();
    assert_eq!(said(scan, "password changed"), 0);
    assert_eq!(said(scan, "mail sent"), 0);
    assert!(
        scan.why_not("POST", "/password")
            .contains("--allow '^POST /password$'")
    );
    assert!(scan.why_not("POST", "/invite").contains("send messages"));

    let allow = ["--allow", "^POST /invite$"];
    let scan = sessions(&form(PASSWORD)).options(&allow).scan();
    assert!(said(&scan, "mail sent") > 0, "it was allowed");
    assert_eq!(said(&scan, "password changed"), 0);
}

#[test]
fn a_session_that_is_cut_in_mid_scan_is_noticed_and_renewed() {
    let scan = sessions(&form(PASSWORD)).env("CUT_AFTER", "20").scan();
    scan.ended_well();
    assert_eq!(said(&scan, "cut: every session ends"), 1);
    assert_eq!(said(&scan, "login alice: welcome"), 2, "one new login");
    scan.has_problem("login-renewed");
    for path in ["/account", "/keys", "/team/board", "/late"] {
        scan.reached("GET", path);
    }
}

#[test]
fn a_session_that_cannot_be_renewed_stops_the_scan() {
    let scan = cut_off();
    assert_eq!(scan.code, 3, "{}", scan.stderr);
    scan.has_problem("login-lost");
    assert_eq!(scan.report["run"]["complete"], false);
    assert!(said(scan, "login alice: refused") <= 2);
}

#[test]
fn a_login_page_that_answers_200_is_noticed() {
    let app = sessions(&form(PASSWORD)).env("CUT_AFTER", "20");
    let scan = app.env("SHOW_LOGIN", "1").scan();
    scan.ended_well();
    assert_eq!(said(&scan, "login alice: welcome"), 2, "one new login");
    scan.has_problem("login-renewed");
    scan.reached("GET", "/late");
}

#[test]
fn a_login_page_that_answers_200_to_the_last_stops_the_scan() {
    let app = sessions(&form(PASSWORD)).env("CUT_AFTER", "20");
    let scan = app.env("SHOW_LOGIN", "1").env("REFUSE", "1").scan();
    assert_eq!(scan.code, 3, "{}", scan.problems());
    scan.has_problem("login-lost");
    assert_eq!(scan.report["run"]["complete"], false);
    assert!(said(&scan, "login alice: refused") <= 2);
}

#[test]
fn a_wrong_password_is_tried_at_most_twice() {
    let app = sessions(&form("wr0ng-passw0rd")).serve();
    let run = app.run(&[]);
    assert_eq!(run.code, 3, "{}", run.stderr);
    assert!(run.stderr.contains("login-lost"), "{}", run.stderr);
    assert!(!run.stderr.contains("wr0ng"), "{}", run.stderr);
    let refused = app.said("login alice: refused");
    assert!((1..=2).contains(&refused), "{refused} tries");
}

#[test]
fn a_token_that_expires_after_30_requests_is_renewed() {
    let scan = tokens_of_alice().env("USES", "30").scan();
    scan.ended_well();
    let given = said(&scan, "token given");
    assert!(given > 2, "{given} tokens");
    assert!(
        said(&scan, "token expired in use") >= given - 1,
        "one new login for each loss"
    );
    for path in ["/api/me", "/api/items", "/api/bills", "/api/echo"] {
        scan.reached("GET", path);
    }
}

#[test]
fn a_token_that_cannot_be_renewed_stops_the_scan() {
    for quiet in [false, true] {
        let app = tokens_of_alice().env("USES", "30").env("ONLY_ONE", "1");
        let app = if quiet { app.env("QUIET", "1") } else { app };
        let scan = app.scan();
        assert_eq!(scan.code, 3, "{}", scan.problems());
        scan.has_problem("login-lost");
        assert_eq!(said(&scan, "token given"), 1);
        assert!(said(&scan, "token refused") <= 2);
    }
}

#[test]
fn an_api_that_says_no_with_200_is_noticed() {
    let app = tokens_of_alice().env("USES", "60").env("QUIET", "1");
    let scan = app.scan();
    scan.ended_well();
    assert!(said(&scan, "token given") > 1, "{}", scan.problems());
    scan.has_problem("login-renewed");
}

#[test]
fn a_bearer_token_that_expires_stops_the_scan() {
    let app = tokens().env("USES", "30");
    let app = app.env("TOKEN", "stat1c-t0ken-of-the-tester");
    let scan = app.options(&["--auth", "bearer:env:TOKEN"]).scan();
    assert_eq!(scan.code, 3, "{}", scan.stderr);
    scan.has_problem("login-lost");
}

#[test]
fn a_header_that_is_no_longer_accepted_stops_the_scan_too() {
    let token = "stat1c-t0ken-of-the-tester";
    let app = tokens().env("USES", "40").env("TOKEN", token);
    let header = format!("Authorization: Bearer {token}");
    let scan = app.options(&["-H", &header]).scan();
    assert_eq!(scan.code, 3, "{}", scan.problems());
    scan.has_problem("login-lost");
}

#[test]
fn a_client_renews_its_token_before_it_ends() {
    let recipe = "
identities:
  robot:
    login:
      oauth2: {token-url: /oauth/token, client-id: robot, client-secret: env:PASSWORD}
      check: {path: /api/me, text: alice}
";
    // A token is renewed two seconds before it ends, and a request waits four seconds for its turn. The two
    // seconds are what a busy machine has to answer in.
    let slow = [
        "--as",
        "robot",
        "--rate",
        "10",
        "--concurrency",
        "40",
        "--settle",
        "2s",
    ];
    let app = tokens().env("LIFETIME", "10").config(recipe);
    let scan = app.options(&slow).scan();
    scan.ended_well();
    assert!(said(&scan, "token given") > 1);
    assert_eq!(said(&scan, "token expired in use"), 0);
    assert_eq!(scan.problem("login-renewed"), None);
}

#[test]
fn a_second_identity_shares_the_connections_and_not_the_credentials() {
    let app = tokens().env("TOKEN", "t0ken-of-the-second-one").serve();
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
