//! Credentials from a command that returns them once, again, never, or too late.

use crate::auth::tokens;

/// Returns a command that logs in at `tokens.py` and prints the token.
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
    let app = tokens().env("USES", "60").serve();
    let scan = app.scan(&["--auth", &command(app.url())]);
    scan.ended_well();
    assert!(app.said("token given") > 1, "{}", scan.stderr);
    // This holds however many requests are refused at once. The last loss may come with the last
    // request.
    assert!(app.said("token given") <= app.said("token expired in use") + 1);
    scan.has_problem("login-renewed");
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
    let app = tokens().env("USES", "30").serve();
    let folder = tempfile::tempdir().unwrap();
    let (alive, runs) = (folder.path().join("alive"), folder.path().join("runs"));
    let made = std::process::Command::new("mkfifo").arg(&alive).status();
    assert!(made.unwrap().success());
    // The command prints one token, and the next time it hangs behind a pipe.
    let command = command(app.url()).replacen(
        "cmd:",
        &format!(
            "cmd:echo run >>{runs}; if [ $(wc -l <{runs}) -gt 1 ]; then sleep 600 3>{alive} | cat; fi; ",
            runs = runs.display(),
            alive = alive.display(),
        ),
        1,
    );
    // The reading ends once nothing of the command is left.
    let (gone, left) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        let mut alive = std::fs::File::open(alive).unwrap();
        let _ = std::io::Read::read_to_end(&mut alive, &mut Vec::new());
        gone.send(()).unwrap();
    });
    let scan = app.scan(&["--auth", &command, "--max-time", "5s"]);
    left.recv_timeout(std::time::Duration::from_secs(20))
        .unwrap();
    assert_eq!(scan.code, 4, "{}", scan.problems());
    scan.has_problem("budget");
    // Crawl, plants and proofs each have their share of the time, and none of them runs it again.
    let runs = std::fs::read_to_string(runs).unwrap();
    assert_eq!(runs.lines().count(), 2);
    // There was a check, but it could no longer be asked.
    assert_eq!(scan.problem("login-unproven"), None);
}

#[test]
fn a_login_that_is_lost_is_told_once() {
    let token = "stat1c-t0ken-of-the-tester";
    let app = tokens().env("USES", "30").env("TOKEN", token);
    let folder = tempfile::tempdir().unwrap();
    let spent = folder.path().join("spent");
    let command = format!(
        "cmd:test -e {spent} && exit 3; touch {spent}; echo {token}",
        spent = spent.display()
    );
    let scan = app.options(&["--auth", &command]).scan();
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
    let app = tokens().serve();
    for (command, said) in [
        ("cmd:echo s3cret-word; exit 3", "exit code 3"),
        ("header:X-Key=cmd:true", "prints nothing"),
        ("cmd:", "followed by a command"),
    ] {
        let run = app.run(&["--auth", command]);
        assert_eq!(run.code, 2, "{}", run.stderr);
        assert!(
            run.stderr.contains("--auth") && run.stderr.contains(said),
            "{}",
            run.stderr
        );
        assert!(!run.stderr.contains("s3cret-word"), "{}", run.stderr);
    }
    assert_eq!(app.said("GET /api"), 0);
}

#[test]
fn a_short_credential_is_warned_of() {
    let app = tokens().serve();
    let run = app.run(&["--auth", "bearer:abc12", "--max-requests", "5"]);
    assert!(
        run.stderr.contains("less than 8 characters"),
        "{}",
        run.stderr
    );
    assert!(!run.stderr.contains("abc12"), "{}", run.stderr);
}
