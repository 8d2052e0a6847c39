//! Runs the lines with bash and curl against a server that records what arrives.

use std::io::{Read, Write};
use std::net::TcpListener;
use std::process::Command;
use std::thread;

use url::Url;

use super::*;

struct Arrived {
    line: String,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
}

impl Arrived {
    fn header(&self, name: &str) -> Vec<&str> {
        self.headers
            .iter()
            .filter(|(known, _)| known.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.as_str())
            .collect()
    }
}

/// Returns whether the lines can be run here, and prints a message if not.
fn tools() -> bool {
    let found = ["bash", "curl"].iter().all(|tool| {
        // On Windows, `bash` may be a stub that only says how to install one.
        let output = Command::new(tool).arg("--version").output();
        output.is_ok_and(|output| output.status.success())
    });
    if !found {
        println!("skipped: no bash or curl on this machine");
    }
    found
}

fn read_one(listener: &TcpListener) -> Arrived {
    let (mut stream, _) = listener.accept().unwrap();
    let mut seen = Vec::new();
    let head_end = loop {
        if let Some(at) = seen.windows(4).position(|w| w == b"\r\n\r\n") {
            break at;
        }
        let mut chunk = [0; 4096];
        let n = stream.read(&mut chunk).unwrap();
        assert!(n > 0, "broke off: {:?}", String::from_utf8_lossy(&seen));
        seen.extend_from_slice(&chunk[..n]);
    };
    let head = String::from_utf8_lossy(&seen[..head_end]).into_owned();
    let mut lines = head.split("\r\n");
    let line = lines.next().unwrap().to_owned();
    let headers: Vec<(String, String)> = lines
        .map(|line| {
            let (name, value) = line.split_once(':').unwrap();
            (name.to_owned(), value.trim().to_owned())
        })
        .collect();
    let mut body = seen[head_end + 4..].to_vec();
    let length = headers
        .iter()
        .find(|(name, _)| name.eq_ignore_ascii_case("content-length"))
        .map_or(0, |(_, value)| value.parse().unwrap());
    while body.len() < length {
        let mut chunk = [0; 4096];
        let n = stream.read(&mut chunk).unwrap();
        body.extend_from_slice(&chunk[..n]);
    }
    stream
        .write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
        .unwrap();
    Arrived {
        line,
        headers,
        body,
    }
}

/// Runs the curl line of a request (which is made for the server's URL).
fn run(redactor: &Redactor, make: impl FnOnce(&str) -> Request, env: &[(&str, &str)]) -> Arrived {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    let line = redactor.curl(&make(&base));
    assert!(!line.contains(['\n', '\r', '\0', '\x1b']), "{line:?}");
    let server = thread::spawn(move || read_one(&listener));
    let output = Command::new("bash")
        .args(["-c", &line])
        .env_remove("http_proxy")
        .env_remove("HTTP_PROXY")
        .env("LC_ALL", "C")
        .envs(env.iter().copied())
        .output()
        .unwrap();
    assert!(output.status.success(), "{line}\n{output:?}");
    server.join().unwrap()
}

fn url(text: &str) -> Url {
    Url::parse(text).unwrap()
}

const NASTY: &[&str] = &[
    "it's",
    "a\"b",
    "line\nbreak\r\nand\ttab",
    "wow! !! !x",
    "$HOME ${HOME} $(id) `id`",
    "@/etc/passwd",
    "schlüssel 鍵 🔑",
    "back\\slash \\n \\x41",
    "a&b=c;d|e>f<g#h",
    "\x1b[2J\u{202e}\u{200b}",
    "new\n'quote'!\\",
    "-n",
    "%s %d",
    "",
];

#[test]
fn every_nasty_body_arrives_as_it_was() {
    if !tools() {
        return;
    }
    for body in NASTY {
        let seen = run(
            &Redactor::default(),
            |base| {
                let mut request =
                    Request::new(Method::Post, url(base)).with_header("Content-Type", "text/plain");
                request.body = body.as_bytes().to_vec();
                request
            },
            &[],
        );
        assert_eq!(String::from_utf8_lossy(&seen.body), *body);
        assert!(seen.line.starts_with("POST / "), "{}", seen.line);
        assert_eq!(seen.header("content-type"), ["text/plain"]);
    }
}

#[test]
fn bytes_that_are_no_text_arrive_too() {
    if !tools() {
        return;
    }
    let every: Vec<u8> = (0..=255).collect();
    for body in [every.as_slice(), b"-\0'%s\\", b"\xff\xfe\n", b"a\0"] {
        let seen = run(
            &Redactor::default(),
            |base| {
                let mut request = Request::new(Method::Put, url(base));
                request.body = body.to_vec();
                request
            },
            &[],
        );
        assert_eq!(seen.body, body);
        assert!(seen.line.starts_with("PUT / "));
        assert!(seen.header("content-type").is_empty());
    }
}

#[test]
fn nasty_headers_and_queries_arrive_as_they_were() {
    if !tools() {
        return;
    }
    for value in NASTY.iter().filter(|value| !value.contains(['\n', '\x1b'])) {
        let mut target = url("http://h/keys/{id}");
        target.query_pairs_mut().append_pair("a[$ne]", value);
        let query = format!("{}?{}", target.path(), target.query().unwrap());
        let seen = run(
            &Redactor::default(),
            |base| Request::get(url(&format!("{base}{query}"))).with_header("X-Nasty", value),
            &[],
        );
        assert_eq!(seen.line, format!("GET {query} HTTP/1.1"));
        assert_eq!(seen.header("x-nasty"), [*value]);
    }
    let seen = run(
        &Redactor::default(),
        |base| Request::get(url(&format!("{base}/a?b[c]={{d,e}}&x='y'&z=`$q!"))),
        &[],
    );
    assert_eq!(seen.line, "GET /a?b[c]={d,e}&x=%27y%27&z=`$q! HTTP/1.1");
}

#[test]
fn each_method_is_sent_and_dash_x_stands_only_where_it_must() {
    for (method, with_body, option) in [
        (Method::Get, false, "curl -s -i 'http"),
        (Method::Get, true, "curl -s -i -X GET"),
        (Method::Post, true, "curl -s -i -H"),
        (Method::Post, false, "curl -s -i -X POST 'http"),
        (Method::Head, false, "curl -s -I 'http"),
        (Method::Options, false, "curl -s -i -X OPTIONS 'http"),
        (Method::Delete, false, "curl -s -i -X DELETE 'http"),
        (Method::Patch, true, "curl -s -i -X PATCH -H"),
    ] {
        let make = |base: &str| {
            let mut request = Request::new(method, url(base));
            if with_body {
                request.body = b"{}".to_vec();
            }
            request
        };
        let line = Redactor::default().curl(&make("http://h/"));
        assert!(line.starts_with(option), "{line}");
        if tools() {
            let seen = run(&Redactor::default(), make, &[]);
            assert_eq!(seen.line, format!("{method} / HTTP/1.1"));
            assert_eq!(seen.body.is_empty(), !with_body);
        }
    }
}

#[test]
fn the_testers_credentials_are_variables_that_the_shell_puts_back() {
    let given = [
        ("Authorization".to_owned(), "Bearer tok'4711 xyz".to_owned()),
        ("X-API-Key".to_owned(), "other-key-0815".to_owned()),
        ("Cookie".to_owned(), "session=abcdefgh".to_owned()),
        ("Accept".to_owned(), "text/html".to_owned()),
    ];
    let redactor = Redactor::for_tester(&given, &url("http://h/?token=t0k%2Fen-in-query"));
    let make = |base: &str| {
        let mut request = Request::new(
            Method::Post,
            url(&format!("{base}/a?token=t0k%2Fen-in-query&b=canary")),
        )
        .with_header("Cookie", "k=canary")
        .with_header("Content-Type", "application/x-www-form-urlencoded");
        request.body = b"again=other-key-0815&c=canary".to_vec();
        request
    };
    let line = redactor.curl(&make("http://h"));
    assert_eq!(
        line,
        "curl -s -i -H 'Cookie: '\"$KEYSPILL_COOKIE\"'; k=canary' \
         -H 'Content-Type: application/x-www-form-urlencoded' \
         -H \"Authorization: $KEYSPILL_AUTH\" -H \"X-API-Key: $KEYSPILL_AUTH_2\" \
         -H 'Accept: text/html' \
         --data-raw 'again='\"$KEYSPILL_AUTH_2\"'&c=canary' \
         'http://h/a?token='\"$KEYSPILL_AUTH_3\"'&b=canary'"
    );
    let short = redactor.curl(&Request::get(url("http://h/")));
    assert!(short.contains("-H \"Cookie: $KEYSPILL_COOKIE\""), "{short}");
    if !tools() {
        return;
    }
    let env = [
        ("KEYSPILL_AUTH", "Bearer tok'4711 xyz"),
        ("KEYSPILL_AUTH_2", "other-key-0815"),
        ("KEYSPILL_AUTH_3", "t0k%2Fen-in-query"),
        ("KEYSPILL_COOKIE", "session=abcdefgh"),
    ];
    let seen = run(&redactor, make, &env);
    assert_eq!(
        seen.line,
        "POST /a?token=t0k%2Fen-in-query&b=canary HTTP/1.1"
    );
    assert_eq!(seen.header("authorization"), ["Bearer tok'4711 xyz"]);
    assert_eq!(seen.header("x-api-key"), ["other-key-0815"]);
    assert_eq!(seen.header("cookie"), ["session=abcdefgh; k=canary"]);
    assert_eq!(seen.body, b"again=other-key-0815&c=canary");
}

#[test]
fn a_credential_in_a_binary_body_is_a_variable_too() {
    let redactor = Redactor::new(vec!["other-key-0815".to_owned()]);
    let make = |base: &str| {
        let mut request = Request::new(Method::Post, url(base));
        request.body = b"\0other-key-0815\0".to_vec();
        request
    };
    assert!(!redactor.curl(&make("http://h")).contains("0815"));
    if tools() {
        let seen = run(&redactor, make, &[("KEYSPILL_AUTH", "other-key-0815")]);
        assert_eq!(seen.body, b"\0other-key-0815\0");
    }
}

#[test]
fn userinfo_of_the_url_becomes_a_header() {
    let base = url("http://anna:hunter2x@h/");
    let redactor = Redactor::for_tester(&[], &base);
    assert_eq!(
        redactor.curl(&Request::get(base)),
        "curl -s -i -H \"Authorization: $KEYSPILL_AUTH\" 'http://h/'"
    );
}

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig::with_cases(64))]

    #[test]
    fn any_text_without_nul_is_one_word_for_the_shell(text in "[^\0]{0,40}") {
        if tools() {
            let script = format!("printf '%s|' {}", quote(&text));
            let output = Command::new("bash").args(["-c", &script]).output().unwrap();
            proptest::prop_assert_eq!(
                String::from_utf8_lossy(&output.stdout),
                format!("{text}|")
            );
        }
    }

    #[test]
    fn any_bytes_come_out_of_printf(bytes in proptest::collection::vec(0_u8..=255, 0..60)) {
        if tools() {
            let script = format!("printf '{}'", printf_format(&bytes));
            let output = Command::new("bash").args(["-c", &script]).output().unwrap();
            proptest::prop_assert_eq!(output.stdout, bytes);
        }
    }
}
