//! The client against servers that misbehave, and against its own limits. Real sockets, loopback.

#![allow(clippy::unwrap_used)]

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use keyspill::http::{Client, FailureKind, Jar, Method, Request, Transport, travel};
use keyspill::progress::Stop;
use keyspill::settings::Settings;
use keyspill::target::Target;

/// A server that hands each connection to `answer` and remembers when requests arrived.
struct Server {
    url: String,
    arrivals: Arc<Mutex<Vec<Instant>>>,
}

impl Server {
    fn start(answer: impl Fn(&mut TcpStream, &str) + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let arrivals = Arc::new(Mutex::new(Vec::new()));
        let log = Arc::clone(&arrivals);
        let answer = Arc::new(answer);
        thread::spawn(move || {
            for stream in listener.incoming() {
                let (log, answer) = (Arc::clone(&log), Arc::clone(&answer));
                thread::spawn(move || serve(stream.unwrap(), &log, answer.as_ref()));
            }
        });
        Self { url, arrivals }
    }
}

fn serve(
    mut stream: TcpStream,
    log: &Mutex<Vec<Instant>>,
    answer: &(dyn Fn(&mut TcpStream, &str) + Send + Sync),
) {
    let mut head = Vec::new();
    let mut byte = [0; 1];
    while !head.ends_with(b"\r\n\r\n") {
        match stream.read(&mut byte) {
            Ok(1) => head.push(byte[0]),
            _ => return,
        }
    }
    log.lock().unwrap().push(Instant::now());
    let head = String::from_utf8_lossy(&head).into_owned();
    answer(&mut stream, &head);
}

fn settings(url: &str) -> Settings {
    let mut settings = Settings::new(Target::parse(url).unwrap());
    settings.http.rate = 1000;
    settings.http.timeout = Duration::from_secs(2);
    settings.http.max_body = 100_000;
    settings
}

fn client(settings: &Settings) -> Client {
    Client::new(settings, "test", &Stop::new()).unwrap()
}

fn get(settings: &Settings, path: &str) -> Request {
    Request::get(settings.target.url_for(path).unwrap())
}

const OK: &[u8] = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok";

#[tokio::test(flavor = "multi_thread")]
async fn no_second_holds_more_requests_than_the_ceiling() {
    let server = Server::start(|stream, _| {
        let _ = stream.write_all(OK);
    });
    let mut settings = settings(&server.url);
    settings.http.rate = 40;
    settings.http.concurrency = 16;
    let client = client(&settings);
    let sent: Vec<_> = (0..100)
        .map(|_| {
            let (client, request) = (client.clone(), get(&settings, "/"));
            tokio::spawn(async move { client.send(request).await })
        })
        .collect();
    for task in sent {
        task.await.unwrap().unwrap();
    }
    let mut arrivals = server.arrivals.lock().unwrap().clone();
    arrivals.sort();
    assert_eq!(arrivals.len(), 100);
    for (at, first) in arrivals.iter().enumerate() {
        let inside = arrivals[at..]
            .iter()
            .take_while(|t| **t - *first < Duration::from_secs(1));
        assert!(inside.count() <= 40, "more than 40 requests in one second");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_endless_body_ends_at_the_cap() {
    let server = Server::start(|stream, _| {
        let _ = stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n");
        while stream.write_all(&[b'x'; 8192]).is_ok() {}
    });
    let settings = settings(&server.url);
    let response = client(&settings).send(get(&settings, "/")).await.unwrap();
    assert_eq!((response.body.len(), response.truncated), (100_000, true));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_slow_drip_ends_at_the_timeout_with_what_came() {
    let server = Server::start(|stream, _| {
        let _ = stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n");
        while stream.write_all(b"x").is_ok() {
            thread::sleep(Duration::from_millis(100));
        }
    });
    let settings = settings(&server.url);
    let start = Instant::now();
    let response = client(&settings).send(get(&settings, "/")).await.unwrap();
    assert!(response.truncated && !response.body.is_empty());
    assert!(start.elapsed() < Duration::from_secs(10));
}

#[tokio::test(flavor = "multi_thread")]
async fn garbage_and_silence_are_failures_that_say_what_happened() {
    let garbage = Server::start(|stream, _| {
        let _ = stream.write_all(b"\x00\x01\x02 this is not HTTP\r\n\r\n");
    });
    let settings_of = settings(&garbage.url);
    let failure = client(&settings_of)
        .send(get(&settings_of, "/"))
        .await
        .unwrap_err();
    assert_eq!(failure.kind, FailureKind::Protocol);

    let silent = Server::start(|stream, _| {
        let _ = stream.read(&mut [0; 1]);
    });
    let settings_of = settings(&silent.url);
    let failure = client(&settings_of)
        .send(get(&settings_of, "/"))
        .await
        .unwrap_err();
    assert_eq!(failure.kind, FailureKind::Timeout);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_redirect_loop_ends_and_a_redirect_out_of_scope_is_not_followed() {
    let server = Server::start(|stream, head| {
        let to = if head.starts_with("GET /away") {
            "http://127.0.0.2:9/x"
        } else {
            "/loop?x"
        };
        let _ = write!(
            stream,
            "HTTP/1.1 302 Found\r\nLocation: {to}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
        );
    });
    let settings = settings(&server.url);
    let client = client(&settings);
    let steps = travel(&client, get(&settings, "/loop"), &mut Jar::default()).await;
    assert_eq!(steps.len(), 2, "the same URL is not asked twice");
    let steps = travel(&client, get(&settings, "/away"), &mut Jar::default()).await;
    assert_eq!(steps.len(), 1);
    assert_eq!(steps[0].response().unwrap().status, 302);
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_leaves_that_scope_methods_or_budget_forbid() {
    let server = Server::start(|stream, _| {
        let _ = stream.write_all(OK);
    });
    let mut settings = settings(&format!("{}/app", server.url));
    settings.http.max_requests = Some(2);
    let client = client(&settings);
    let kind = |result: Result<_, keyspill::http::Failure>| result.map(|_| ()).unwrap_err().kind;
    for (method, path) in [
        (Method::Get, "/other"),
        (Method::Delete, "/app/keys/1"),
        (Method::Get, "/app/logout"),
        (Method::Post, "/app/admin/reset-all"),
    ] {
        let request = Request::new(method, settings.target.url_for(path).unwrap());
        assert_eq!(
            kind(client.send(request).await),
            FailureKind::Scope,
            "{method} {path}"
        );
    }
    assert!(server.arrivals.lock().unwrap().is_empty());
    client.send(get(&settings, "/app/a")).await.unwrap();
    client.send(get(&settings, "/app/b")).await.unwrap();
    assert_eq!(
        kind(client.send(get(&settings, "/app/c")).await),
        FailureKind::Budget
    );
    assert_eq!(server.arrivals.lock().unwrap().len(), 2);
    assert_eq!(client.sent(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dead_target_stops_the_scan_and_names_the_request() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let settings = settings(&url);
    let stop = Stop::new();
    let client = Client::new(&settings, "test", &stop).unwrap();
    for _ in 0..3 {
        let failure = client.send(get(&settings, "/x")).await.unwrap_err();
        assert_eq!(failure.kind, FailureKind::Connect);
    }
    assert!(stop.is_set());
    assert!(
        client
            .lost()
            .unwrap()
            .starts_with("the target stopped answering at GET /x: ")
    );
    let failure = client.send(get(&settings, "/y")).await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::Stopped);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_503_with_retry_after_holds_everything_back() {
    let server = Server::start(|stream, _| {
        let _ = stream.write_all(
            b"HTTP/1.1 503 Busy\r\nRetry-After: 1\r\nContent-Length: 0\r\nConnection: close\r\n\r\n",
        );
    });
    let settings = settings(&server.url);
    let client = client(&settings);
    client.send(get(&settings, "/")).await.unwrap();
    client.send(get(&settings, "/")).await.unwrap();
    let arrivals = server.arrivals.lock().unwrap();
    assert!(arrivals[1] - arrivals[0] >= Duration::from_millis(950));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_testers_headers_and_cookies_travel_with_every_request() {
    let heads = Arc::new(Mutex::new(String::new()));
    let log = Arc::clone(&heads);
    let server = Server::start(move |stream, head| {
        log.lock().unwrap().push_str(head);
        let _ = stream.write_all(OK);
    });
    let url = server.url.replace("http://", "http://kim:pa%20ss@");
    let mut settings = settings(&url);
    settings.http.headers = vec![
        ("X-Env".into(), "staging".into()),
        ("Cookie".into(), "sid=1".into()),
    ];
    let mut request = get(&settings, "/");
    request.set_header("Cookie", "theme=dark");
    client(&settings).send(request).await.unwrap();
    let heads = heads.lock().unwrap().to_ascii_lowercase();
    assert!(heads.contains("x-env: staging\r\n"), "{heads}");
    assert!(heads.contains("cookie: sid=1; theme=dark\r\n"), "{heads}");
    assert!(
        heads.contains("authorization: basic a2ltonbhihnz\r\n"),
        "{heads}"
    );
    assert!(heads.contains("user-agent: keyspill/"), "{heads}");
    assert!(heads.contains("(run test)"), "{heads}");
}
