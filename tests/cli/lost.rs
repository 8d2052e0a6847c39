//! A target that is lost in part or for a moment: which findings may be trusted, and what ends the
//! scan.

use std::fs;
use std::net::TcpListener;
use std::sync::LazyLock;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use crate::place::Place;
use crate::raw::{
    Answered, Asked, one, page, problem, read, says, scan, serve, shop, side_by_side,
};

const HTML: &str = "Content-Type: text/html\r\n";

fn banned(kind: usize, asked: &Asked) -> Answered {
    match kind {
        0 => says("403 Forbidden", HTML, "<h1>Forbidden</h1>"),
        1 => says("500 Internal Server Error", HTML, "<h1>Oops</h1>"),
        2 => says("404 Not Found", HTML, "<h1>Not Found</h1>"),
        3 => None,
        4 => page("<h1>Access Denied</h1><p>Your address was blocked. Ask the operator.</p>"),
        5 if asked.path == "/blocked" => page("<h1>You are blocked</h1>"),
        5 => says("302 Found", "Location: /blocked\r\n", ""),
        // It repeats the path of the request.
        _ => page(&format!(
            "<h1>Sorry</h1><p>No permission to access {} now, reference {}, ask the operator</p>",
            asked.path, asked.number
        )),
    }
}

/// Returns the report of a scan of the whole shop, which is made once.
fn whole() -> &'static str {
    static REPORT: LazyLock<String> = LazyLock::new(|| {
        let place = Place::new();
        let ran = scan(&place, &serve(shop), &["--seed", "7"]);
        assert_eq!(ran.code, 0, "{}", ran.err);
        fs::read_to_string(place.path("out/report.json")).unwrap()
    });
    &REPORT
}

/// Scans a shop that loses everything except its start page during the scan.
fn lost_in_part(kind: usize, after: usize) {
    let place = Place::new().with("before.json", whole());
    let url = serve(move |asked: &Asked| {
        if asked.number >= after && asked.path != "/" {
            banned(kind, asked)
        } else {
            shop(asked)
        }
    });
    let ran = scan(&place, &url, &["--seed", "7"]);
    let report = read(&place, "out/report.json");
    assert_eq!(ran.code, 3, "kind {kind}, {after}: {}", report["problems"]);
    let codes = ["blocked", "target-lost", "canaries-blocked"];
    let said = codes.iter().find_map(|code| problem(&report, code));
    assert!(said.is_some(), "kind {kind}: {}", report["problems"]);
    let diff = place.run(&["diff", "before.json", "out/report.json"]);
    assert!(diff.out.contains("0 fixed, 0 gone"), "{}", diff.out);
}

#[test]
fn a_start_page_that_lives_on_does_not_hide_that_all_else_is_lost() {
    let cases = (0..7).flat_map(|kind| [130, 200].map(|after| (kind, after)));
    side_by_side(cases, |(kind, after)| lost_in_part(kind, after));
}

/// Answers with a start page, and a part of the application that echoes.
fn halves(asked: &Asked, old: impl Fn() -> Answered) -> Answered {
    match asked.path.as_str() {
        "/" => page("<h1>x</h1><a href=\"/new/list\">n</a><a href=\"/old/list\">o</a>"),
        "/new/list" => page("<h1>list</h1><a href=\"/new/echo?api_key=\">echo</a>"),
        "/new/echo" => shop(&Asked {
            number: asked.number,
            method: asked.method.clone(),
            path: "/page".to_owned(),
            whole: asked.whole.clone(),
        }),
        path if path.starts_with("/old") => old(),
        _ => says("404 Not Found", "", "no such page"),
    }
}

#[test]
fn a_part_that_is_limited_or_closed_does_not_end_the_scan() {
    side_by_side(
        [
            ("503 Service Unavailable", "Retry-After: 3600\r\n"),
            ("429 Too Many Requests", ""),
            ("429 Too Many Requests", "Retry-After: 1\r\n"),
        ],
        |(status, later)| {
            let url = serve(move |asked: &Asked| halves(asked, || says(status, later, "later")));
            let place = Place::new();
            let ran = scan(&place, &url, &[]);
            let report = read(&place, "out/report.json");
            assert_eq!(ran.code, 0, "{status} {later}: {}", report["problems"]);
            let findings = report["findings"].as_array().unwrap();
            assert!(!findings.is_empty(), "{status} {later}: {}", ran.out);
        },
    );
}

#[test]
fn a_start_page_that_is_lost_alone_is_no_lost_target() {
    side_by_side(["", "Retry-After: 3600\r\n"], |later| {
        let seen = AtomicUsize::new(0);
        let url = serve(move |asked: &Asked| match asked.path.as_str() {
            "/" if seen.fetch_add(1, Ordering::SeqCst) >= 3 => {
                says("429 Too Many Requests", later, "later")
            }
            "/" => {
                let forbidden: Vec<String> = (0..12)
                    .map(|n| format!("<a href=\"/admin{n}?q=1\">admin</a>"))
                    .collect();
                let forbidden = forbidden.concat();
                page(&format!(
                    "<h1>x</h1>{forbidden}<a href=\"/list\">n</a><a href=\"/page1?api_key=\">e</a>"
                ))
            }
            "/list" => page("<h1>list</h1><p>of everything that is here</p>"),
            path if path.starts_with("/admin") => says("403 Forbidden", "", "not for you"),
            _ => shop(asked),
        });
        let place = Place::new();
        let ran = scan(&place, &url, &[]);
        let report = read(&place, "out/report.json");
        assert_eq!(ran.code, 0, "{later}: {}", report["problems"]);
        assert!(!report["findings"].as_array().unwrap().is_empty());
    });
}

#[test]
fn a_target_that_starts_again_is_waited_for() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    thread::spawn(move || {
        let count = AtomicUsize::new(0);
        let mut listener = listener;
        loop {
            if count.load(Ordering::SeqCst) == 60 {
                drop(listener);
                thread::sleep(Duration::from_secs(1));
                listener = TcpListener::bind(address).unwrap();
            }
            one(&mut listener.accept().unwrap().0, &shop, &count);
        }
    });
    let place = Place::new();
    let ran = scan(&place, &format!("http://{address}"), &[]);
    let report = read(&place, "out/report.json");
    assert_eq!(ran.code, 0, "{}", report["problems"]);
    assert_eq!(report["findings"].as_array().unwrap().len(), 8);
}

/// Loses an answer on its way: an error of a gateway, no answer, half of one.
fn lose(kind: usize, answer: Answered) -> Answered {
    match kind {
        0 => says("502 Bad Gateway", HTML, "<h1>Bad Gateway</h1>"),
        1 => None,
        _ => answer.map(|whole| whole[..whole.len() - 8].to_owned()),
    }
}

/// Scrambles a count, so that picking one result in so many picks requests irregularly.
fn mixed(number: usize) -> usize {
    number.wrapping_mul(2_654_435_761) >> 7
}

#[test]
fn an_answer_that_is_lost_now_and_then_is_asked_for_again() {
    side_by_side(0..3, |kind| {
        let url = serve(move |asked: &Asked| {
            let answer = shop(asked);
            if mixed(asked.number).is_multiple_of(10) {
                lose(kind, answer)
            } else {
                answer
            }
        });
        let place = Place::new();
        let ran = scan(&place, &url, &["--seed", "7"]);
        let report = read(&place, "out/report.json");
        assert_eq!(ran.code, 0, "{kind}: {}", report["problems"]);
        assert_eq!(report["findings"].as_array().unwrap().len(), 8, "{kind}");
        assert!(problem(&report, "page-cut").is_none(), "{kind}");
        assert!(report["coverage"]["failed_requests"].as_u64() > Some(0) || kind == 0);
    });
}

#[test]
fn a_target_that_loses_every_other_answer_is_no_complete_scan() {
    side_by_side(0..3, |kind| {
        let place = Place::new().with("before.json", whole());
        let url = serve(move |asked: &Asked| {
            let answer = shop(asked);
            if asked.path != "/" && mixed(asked.number).is_multiple_of(2) {
                lose(kind, answer)
            } else {
                answer
            }
        });
        let ran = scan(&place, &url, &["--seed", "8"]);
        let report = read(&place, "out/report.json");
        assert_eq!(ran.code, 3, "{kind}: {}", report["problems"]);
        let said = problem(&report, "answers-lost").unwrap();
        assert!(said.contains("the first at GET /"), "{said}");
        // What a gateway says is not an error of the application.
        let rules = report["findings"].to_string();
        assert!(!rules.contains("unhandled-input"), "{rules}");
        let diff = place.run(&["diff", "before.json", "out/report.json"]);
        assert!(diff.out.contains("0 fixed, 0 gone"), "{kind}: {}", diff.out);
    });
}

#[test]
fn one_page_before_everything_that_lets_nobody_past_is_a_wall() {
    let login = "<h1>Staging</h1><form method=post><input name=user>\
        <input type=password name=pass><button>Go</button></form>";
    let person = "<h1>One moment</h1><form method=post><div class=g-recaptcha></div>\
        <input name=answer></form>";
    for (body, code) in [(login, "login-needed"), (person, "blocked")] {
        let url = serve(move |_| page(body));
        let place = Place::new();
        let ran = scan(&place, &url, &[]);
        let report = read(&place, "out/report.json");
        assert_eq!(ran.code, 3, "{}", report["problems"]);
        assert!(problem(&report, code).is_some(), "{}", report["problems"]);
    }
    // One page with a password field, and others without.
    let url = serve(move |asked: &Asked| match asked.path.as_str() {
        "/" => page(&format!("{login}<a href=\"/page1?q=1\">a</a>")),
        _ => shop(asked),
    });
    assert_eq!(scan(&Place::new(), &url, &[]).code, 0);
}

#[test]
fn what_keeps_a_login_from_the_target_is_named_itself() {
    let dead = TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap();
    let config = "identities:\n  ann:\n    login:\n      form: {page: /login, fields: {user: ann, \
                  password: env:PASSWORD}}\n      check: {path: /, text: ann}\n";
    let place = Place::new().with("k.yaml", config);
    let proxy = format!("http://{dead}");
    let all = [
        "scan",
        "http://app.example",
        "--config",
        "k.yaml",
        "--as",
        "ann",
        "--proxy",
        &proxy,
    ];
    let mut command = place.command(&[&all[..], &["--format", "json", "--output", "out"]].concat());
    let ran = command.env("PASSWORD", "correct horse").output().unwrap();
    assert_eq!(ran.status.code(), Some(3));
    let report = read(&place, "out/report.json");
    let said = problem(&report, "proxy-refused");
    assert!(said.is_some(), "{}", report["problems"]);
}

#[test]
fn a_target_that_only_says_come_later_blocks() {
    let url = serve(|_| {
        says(
            "429 Too Many Requests",
            "Retry-After: 3600\r\n",
            "slow down",
        )
    });
    let place = Place::new();
    let ran = scan(&place, &url, &[]);
    let report = read(&place, "out/report.json");
    assert_eq!(ran.code, 3, "{}", report["problems"]);
    assert!(
        problem(&report, "blocked").is_some(),
        "{}",
        report["problems"]
    );
}

#[test]
fn a_server_whose_every_answer_breaks_off_is_tested_all_the_same() {
    let url = serve(|asked: &Asked| match asked.path.as_str() {
        "/" => shop(asked),
        _ => lose(2, shop(asked)),
    });
    let place = Place::new();
    let ran = scan(&place, &url, &["--seed", "7"]);
    let report = read(&place, "out/report.json");
    assert_eq!(ran.code, 0, "{}", report["problems"]);
    let findings = report["findings"].as_array().unwrap();
    let confirmed = findings.iter().filter(|one| {
        one["verdict"] == "confirmed" && one["rule"] == "data-exposure/canary-in-body"
    });
    assert_eq!(confirmed.count(), 8, "{}", report["findings"]);
    let coverage = &report["coverage"];
    assert_eq!(coverage["inputs_tested"], coverage["inputs"], "{coverage}");
}
