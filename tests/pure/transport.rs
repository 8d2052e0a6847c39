//! The client against servers that misbehave, and against its own limits. Uses real sockets on
//! loopback.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use keyspill::http::{FailureKind, Jar, Method, Phase, Request, Transport, travel};
use keyspill::net::Client;
use keyspill::progress::Stop;
use keyspill::settings::Settings;
use keyspill::target::{Alias, Target};

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

/// Longer than any request may wait: a test that waits for it hangs.
const NEVER: Duration = Duration::from_hours(1);

/// A time-out that even a busy machine meets.
const SHORT: Duration = Duration::from_secs(1);

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
    let start = Instant::now();
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
    // No request arrives before its turn. It may arrive later: a busy machine bunches requests that
    // left evenly.
    for (turn, arrival) in (0..).zip(&arrivals) {
        let earliest = Duration::from_millis(25) * turn;
        let since = *arrival - start;
        assert!(
            since + Duration::from_millis(5) >= earliest,
            "{turn} after {since:?}"
        );
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
    // The server drips for as long as the client reads.
    let response = client(&settings).send(get(&settings, "/")).await.unwrap();
    assert!(response.truncated && !response.body.is_empty());
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
async fn a_503_with_retry_after_holds_its_route_back() {
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

/// Requests all paths at once, and returns the outcome of each.
async fn all_at_once(
    client: &Client,
    settings: &Settings,
    paths: &[&str],
) -> Vec<Result<u16, FailureKind>> {
    let sent = paths.iter().map(|path| {
        let (client, request) = (client.clone(), get(settings, path));
        tokio::spawn(async move { client.send(request).await })
    });
    let sent: Vec<_> = sent.collect();
    let mut became = Vec::new();
    for task in sent {
        let result = task.await.unwrap();
        became.push(result.map(|answer| answer.status).map_err(|f| f.kind));
    }
    became
}

async fn one(client: &Client, settings: &Settings, path: &str) -> Result<u16, FailureKind> {
    all_at_once(client, settings, &[path]).await.remove(0)
}

#[tokio::test(flavor = "multi_thread")]
async fn what_waits_for_its_turn_ends_with_the_time() {
    let server = Server::start(|stream, head| {
        if head.starts_with("GET /slow") {
            thread::sleep(NEVER);
        }
        let _ = stream.write_all(OK);
    });
    let mut settings = settings(&server.url);
    settings.http.rate = 2;
    settings.http.timeout = NEVER;
    settings.http.max_time = Some(Duration::from_millis(1_200));
    let client = client(&settings);
    let paths = [
        "/slow", "/a", "/b", "/c", "/d", "/e", "/f", "/g", "/h", "/i",
    ];
    let became = all_at_once(&client, &settings, &paths).await;
    assert!(became[0].is_err(), "{became:?}");
    assert!(became.contains(&Err(FailureKind::Budget)), "{became:?}");
    assert!(client.spent());
    assert!(!client.rest(NEVER).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_silent_route_is_put_off_and_named_and_ends_nothing() {
    let server = Server::start(|stream, head| {
        if head.starts_with("GET /slow") {
            thread::sleep(NEVER);
        }
        let _ = stream.write_all(OK);
    });
    let mut settings = settings(&server.url);
    settings.http.timeout = SHORT;
    let client = client(&settings);
    for became in [
        FailureKind::Timeout,
        FailureKind::Timeout,
        FailureKind::PutOff,
    ] {
        assert_eq!(one(&client, &settings, "/slow/1").await, Err(became));
        assert_eq!(one(&client, &settings, "/other").await, Ok(200));
    }
    assert_eq!(client.lost(), None);
    client.enter(Phase::Late);
    assert!(client.problems().is_empty());
    for became in [FailureKind::Timeout, FailureKind::PutOff] {
        assert_eq!(one(&client, &settings, "/slow/2").await, Err(became));
    }
    let problem = client.problems().remove(0);
    assert_eq!(problem.code, "route-silent");
    assert!(
        problem
            .message
            .starts_with("GET /slow/2: no answer within 1s"),
        "{}",
        problem.message
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn many_time_outs_of_one_route_do_not_end_the_scan() {
    let server = Server::start(|stream, head| {
        if head.starts_with("GET /poll") {
            thread::sleep(NEVER);
        }
        let _ = stream.write_all(OK);
    });
    let mut settings = settings(&server.url);
    settings.http.timeout = SHORT;
    let client = client(&settings);
    let became = all_at_once(&client, &settings, &["/poll"; 8]).await;
    assert_eq!(became, [Err(FailureKind::Timeout); 8]);
    assert_eq!(client.lost(), None);
    assert_eq!(one(&client, &settings, "/other").await, Ok(200));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_waits_behind_a_slow_operation_is_not_blamed_for_it() {
    // The server has one thread: while it works on one request, it answers nothing else.
    let turn = Mutex::new(());
    let server = Server::start(move |stream, head| {
        let _turn = turn.lock();
        if head.starts_with("GET /report") {
            thread::sleep(3 * SHORT);
        }
        let _ = stream.write_all(OK);
    });
    let mut settings = settings(&server.url);
    settings.http.timeout = SHORT;
    settings.http.rate = 50;
    let client = client(&settings);
    let report = {
        let (client, request) = (client.clone(), get(&settings, "/report"));
        tokio::spawn(async move { client.send(request).await })
    };
    while server.arrivals.lock().unwrap().is_empty() {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    let became = all_at_once(&client, &settings, &["/a", "/b", "/c", "/d", "/e"]).await;
    assert!(became.contains(&Err(FailureKind::Timeout)), "{became:?}");
    assert_eq!(
        report.await.unwrap().unwrap_err().kind,
        FailureKind::Timeout
    );
    assert_eq!(client.lost(), None);
    let again = all_at_once(&client, &settings, &["/a", "/b", "/c", "/d", "/e"]).await;
    assert_eq!(again, [Ok(200); 5]);
    let report = one(&client, &settings, "/report").await;
    assert_eq!(report, Err(FailureKind::PutOff));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_target_that_answers_nothing_any_more_stops_the_scan() {
    let server = Server::start(|stream, head| {
        if !head.starts_with("GET /first") {
            thread::sleep(NEVER);
        }
        let _ = stream.write_all(OK);
    });
    let mut settings = settings(&server.url);
    settings.http.timeout = SHORT;
    let stop = Stop::new();
    let client = Client::new(&settings, "test", &stop).unwrap();
    assert_eq!(one(&client, &settings, "/first").await, Ok(200));
    assert!(one(&client, &settings, "/x").await.is_err());
    let lost = client.lost().unwrap();
    assert!(
        lost.starts_with("the target stopped answering at GET /x: no answer"),
        "{lost}"
    );
    assert!(stop.is_set());
}

#[tokio::test(flavor = "multi_thread")]
async fn retry_after_holds_its_route_back_in_both_forms_and_not_the_others() {
    for date in [false, true] {
        let server = Server::start(move |stream, head| {
            let later = if date {
                "Date: Wed, 21 Oct 2015 07:28:00 GMT\r\nRetry-After: Wed, 21 Oct 2015 07:28:02 GMT"
            } else {
                "Retry-After: 2"
            };
            let _ = if head.starts_with("GET /busy") {
                write!(
                    stream,
                    "HTTP/1.1 429 No\r\n{later}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
                )
            } else {
                stream.write_all(OK)
            };
        });
        let settings = settings(&server.url);
        let client = client(&settings);
        assert_eq!(one(&client, &settings, "/busy").await, Ok(429));
        let start = Instant::now();
        assert_eq!(one(&client, &settings, "/other").await, Ok(200));
        assert!(start.elapsed() < Duration::from_millis(1_900));
        assert_eq!(one(&client, &settings, "/busy").await, Ok(429));
        assert!(
            start.elapsed() >= Duration::from_millis(1_900),
            "date {date}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn everything_waits_once_several_routes_ask_for_it() {
    let server = Server::start(|stream, _| {
        let _ = stream.write_all(
            b"HTTP/1.1 429 No\r\nRetry-After: 1\r\nContent-Length: 0\r\nConnection: close\r\n\r\n",
        );
    });
    let settings = settings(&server.url);
    let client = client(&settings);
    for path in ["/a", "/b", "/c"] {
        assert_eq!(one(&client, &settings, path).await, Ok(429));
    }
    let start = Instant::now();
    assert_eq!(one(&client, &settings, "/d").await, Ok(429));
    assert!(start.elapsed() >= Duration::from_millis(800));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_asks_to_come_back_beyond_the_longest_wait_is_left_out_and_named() {
    let server = Server::start(|stream, head| {
        let later = "HTTP/1.1 503 No\r\nRetry-After: 99999\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
        let busy = head.starts_with("GET /busy");
        let _ = stream.write_all(if busy { later.as_bytes() } else { OK });
    });
    let settings = settings(&server.url);
    let client = client(&settings);
    assert_eq!(one(&client, &settings, "/busy").await, Ok(503));
    assert_eq!(
        one(&client, &settings, "/busy").await,
        Err(FailureKind::PutOff)
    );
    assert_eq!(one(&client, &settings, "/other").await, Ok(200));
    let problem = client.problems().remove(0);
    assert_eq!(problem.code, "route-limited");
    let told =
        "GET /busy answered 503 and asks to come back later than --max-wait (Retry-After: 99999)";
    assert!(problem.message.starts_with(told), "{}", problem.message);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_redirect_to_another_name_of_the_host_is_asked_for_at_the_base() {
    let server = Server::start(|stream, head| {
        let host = head
            .lines()
            .find(|line| line.to_ascii_lowercase().starts_with("host:"));
        let port = host
            .and_then(|host| host.rsplit(':').next())
            .unwrap()
            .trim()
            .to_owned();
        let to = match head.split(' ').nth(1).unwrap() {
            "/app/local" => format!("http://localhost:{port}/app/landed"),
            "/app/alias" => "https://shop.example/landed".to_owned(),
            _ => {
                let _ = stream.write_all(OK);
                return;
            }
        };
        let _ = write!(
            stream,
            "HTTP/1.1 302 Found\r\nLocation: {to}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
        );
    });
    let mut settings = settings(&format!("{}/app", server.url));
    settings.target = settings
        .target
        .with_aliases(vec![Alias::parse("shop.example").unwrap()]);
    let client = client(&settings);
    for path in ["/app/local", "/app/alias"] {
        let steps = travel(&client, get(&settings, path), &mut Jar::default()).await;
        assert_eq!(steps.len(), 2, "{path}");
        assert_eq!(
            steps[1].request.url.as_str(),
            format!("{}/app/landed", server.url)
        );
        assert_eq!(steps[1].response().unwrap().status, 200);
    }
}
