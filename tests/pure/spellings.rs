//! However a path is spelled, no request arrives that a server would take for a place outside the
//! base, or for an operation that deletes or logs out. Uses real sockets on loopback.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::mpsc;
use std::thread;

use keyspill::http::{FailureKind, Jar, Request, Transport, travel};
use keyspill::net::Client;
use keyspill::progress::Stop;
use keyspill::settings::Settings;
use keyspill::target::{Alias, Target};
use percent_encoding::percent_decode_str;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use tokio::runtime::Runtime;
use url::Url;

/// Starts a server that reports which paths arrive; `/app/go?to=` redirects to the given place.
fn serve() -> (String, mpsc::Receiver<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let (tell, told) = mpsc::channel();
    thread::spawn(move || {
        for stream in listener.incoming() {
            answer(stream.unwrap(), &tell);
        }
    });
    (url, told)
}

fn answer(mut stream: TcpStream, tell: &mpsc::Sender<String>) {
    let mut head = Vec::new();
    let mut byte = [0; 1];
    while !head.ends_with(b"\r\n\r\n") && matches!(stream.read(&mut byte), Ok(1)) {
        head.push(byte[0]);
    }
    let head = String::from_utf8_lossy(&head).into_owned();
    let path = head.split(' ').nth(1).unwrap_or_default().to_owned();
    let to = path.strip_prefix("/app/go?to=").map(|to| {
        let to = percent_decode_str(to).decode_utf8_lossy().into_owned();
        format!(
            "HTTP/1.1 302 Found\r\nLocation: {to}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"
        )
    });
    let _ = tell.send(path);
    let ok = "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 0\r\n\r\n";
    let _ = stream.write_all(to.as_deref().unwrap_or(ok).as_bytes());
}

/// Returns what a server may make of a path: decoded any number of times, then without dot
/// segments.
fn read_as(path: &str) -> Vec<String> {
    let mut levels = vec![path.split('?').next().unwrap().to_owned()];
    for _ in 0..12 {
        let next = percent_decode_str(levels.last().unwrap())
            .decode_utf8_lossy()
            .into_owned();
        levels.push(next);
    }
    levels.iter().map(|level| without_dots(level)).collect()
}

fn without_dots(path: &str) -> String {
    let mut kept: Vec<&str> = Vec::new();
    for segment in path.split(['/', '\\']) {
        match segment.split(';').next().unwrap() {
            ".." => drop(kept.pop()),
            "." | "" => {}
            _ => kept.push(segment),
        }
    }
    format!("/{}", kept.join("/"))
}

/// Returns true for a path that must never arrive.
fn is_wrong(path: &str) -> bool {
    read_as(path).iter().any(|read| {
        let outside = *read != "/app" && !read.starts_with("/app/");
        let words: Vec<&str> = read.split(|c: char| !c.is_ascii_alphanumeric()).collect();
        outside
            || words
                .iter()
                .any(|word| ["delete", "logout", "secret"].contains(word))
    })
}

/// Generates a path from usual and unusual parts, with each letter encoded up to three times.
fn path() -> impl Strategy<Value = String> {
    let segment = prop::sample::select(vec![
        "app",
        "x",
        "..",
        ".",
        "..;",
        "..;a=b",
        "delete",
        "logout",
        "secret",
        "7",
        "caf\u{e9}",
        "a b",
        "100%",
        "{id}",
        "",
    ]);
    let separator = prop::sample::select(vec!["/", "/", "/", "\\", ";", "//"]);
    let letters = prop::collection::vec(0_usize..4, 64);
    let pieces = prop::collection::vec((separator, segment), 1..6);
    (pieces, letters).prop_map(|(pieces, times)| {
        let plain: String = pieces
            .iter()
            .flat_map(|(before, segment)| [*before, *segment])
            .collect();
        let mut times = times.into_iter().cycle();
        let letters = plain.trim_start_matches('/').chars();
        letters
            .map(|letter| encoded(letter, times.next().unwrap()))
            .collect()
    })
}

fn encoded(letter: char, times: usize) -> String {
    let mut text = letter.to_string();
    for round in 0..times {
        text = if round == 0 {
            let bytes: Vec<String> = text.bytes().map(|byte| format!("%{byte:02x}")).collect();
            bytes.concat()
        } else {
            text.replace('%', "%25")
        };
    }
    text
}

/// Returns a configuration with which a failure prints the line that repeats it.
fn config() -> Config {
    Config {
        source_file: Some(file!()),
        ..Config::with_cases(600)
    }
}

fn client(base: &str) -> Client {
    let mut settings = Settings::new(Target::parse(base).unwrap());
    settings.http.rate = u32::MAX;
    settings.target = settings
        .target
        .with_exclude(vec![regex::Regex::new("secret").unwrap()]);
    Client::new(&settings, "test", &Stop::new()).unwrap()
}

#[test]
fn no_spelling_of_a_path_leaves_the_base_or_deletes() {
    let (origin, told) = serve();
    let client = client(&format!("{origin}/app"));
    let runtime = Runtime::new().unwrap();
    let mut runner = TestRunner::new(config());
    let result = runner.run(&path(), |path| {
        let Ok(url) = Url::parse(&format!("{origin}/app/{path}")) else {
            return Ok(());
        };
        let (direct, followed) = runtime.block_on(async {
            let direct = client.send(Request::get(url.clone())).await;
            let to: String =
                url::form_urlencoded::byte_serialize(url.as_str().as_bytes()).collect();
            let go = Url::parse(&format!("{origin}/app/go?to={to}")).unwrap();
            (
                direct,
                travel(&client, Request::get(go), &mut Jar::default()).await,
            )
        });
        prop_assert_eq!(direct.is_ok(), followed.len() == 2);
        if let Err(failure) = direct {
            prop_assert_eq!(failure.kind, FailureKind::Scope);
        }
        for path in told.try_iter() {
            prop_assert!(!is_wrong(&path), "{path}");
        }
        Ok(())
    });
    result.unwrap();
}

/// Starts another party's server, which reports every connection.
fn stranger(address: &str) -> Option<(u16, mpsc::Receiver<()>)> {
    let listener = TcpListener::bind(address).ok()?;
    let port = listener.local_addr().unwrap().port();
    let (tell, told) = mpsc::channel();
    thread::spawn(move || {
        for stream in listener.incoming() {
            drop(stream);
            let _ = tell.send(());
        }
    });
    Some((port, told))
}

/// Generates a URL that a redirect may name: `P` stands for the base's port, `Q` for the
/// stranger's.
fn location() -> impl Strategy<Value = String> {
    let schemes = vec![
        "http://",
        "https://",
        "//",
        "HTTP://",
        "http:\\\\",
        "ftp://",
        "http:/",
    ];
    let users = vec!["", "", "", "127.0.0.1:P@", "kim:pass@", "shop.example@"];
    let hosts = vec![
        "127.0.0.1:P",
        "127.0.0.1:Q",
        "127.0.0.2:P",
        "127.0.0.2:Q",
        "localhost:P",
        "localhost:Q",
        "[::1]:P",
        "[::1]:Q",
        "[::ffff:127.0.0.1]:Q",
        "127.1:Q",
        "0x7f000001:Q",
        "2130706433:Q",
        "0:Q",
        "shop.example",
        "SHOP.EXAMPLE",
        "shop.example:Q",
        "shop.example.:Q",
        "shop.example.localhost:Q",
        "localhost.:Q",
        "127.0.0.1:P.localhost:Q",
    ];
    let paths = vec![
        "/app/x",
        "/x",
        "/app/../x",
        "/app/%2e%2e/x",
        "",
        "/app/delete",
        "/app?q=1#f",
    ];
    let pick = prop::sample::select::<&str>;
    (pick(schemes), pick(users), pick(hosts), pick(paths))
        .prop_map(|(scheme, user, host, path)| [scheme, user, host, path].concat())
}

#[test]
fn no_redirect_leaves_the_origin_whatever_it_names() {
    let (origin, told) = serve();
    let own = Url::parse(&origin).unwrap().port().unwrap();
    let (port, visited) = stranger("127.0.0.1:0").unwrap();
    // On a machine that has these addresses, they are strangers as well.
    let more: Vec<_> = [
        format!("127.0.0.2:{own}"),
        format!("127.0.0.2:{port}"),
        format!("[::1]:{own}"),
        format!("[::1]:{port}"),
    ]
    .iter()
    .filter_map(|address| stranger(address))
    .collect();
    let mut settings = Settings::new(Target::parse(&format!("{origin}/app")).unwrap());
    settings.http.rate = u32::MAX;
    let alias = Alias::parse("shop.example").unwrap();
    settings.target = settings.target.with_aliases(vec![alias]);
    let client = Client::new(&settings, "test", &Stop::new()).unwrap();
    let runtime = Runtime::new().unwrap();
    let mut runner = TestRunner::new(config());
    let result = runner.run(&location(), |location| {
        let to = location
            .replace(":P", &format!(":{own}"))
            .replace(":Q", &format!(":{port}"));
        let to: String = url::form_urlencoded::byte_serialize(to.as_bytes()).collect();
        let go = Url::parse(&format!("{origin}/app/go?to={to}")).unwrap();
        runtime.block_on(travel(&client, Request::get(go), &mut Jar::default()));
        for path in told.try_iter() {
            prop_assert!(!is_wrong(&path), "{path}");
        }
        let visits = more.iter().map(|(_, visited)| visited).chain([&visited]);
        for visited in visits {
            prop_assert!(visited.try_recv().is_err(), "a stranger was visited");
        }
        Ok(())
    });
    result.unwrap();
}

#[test]
fn what_is_harmless_in_every_spelling_is_sent() {
    let (origin, _told) = serve();
    let client = client(&format!("{origin}/app"));
    let runtime = Runtime::new().unwrap();
    for path in [
        "caf%C3%A9",
        "a%20b/7",
        "x%2fy",
        "100%25",
        "x/..%2fy",
        "%7Bid%7D",
        "a;b",
    ] {
        let url = Url::parse(&format!("{origin}/app/{path}")).unwrap();
        let answer = runtime.block_on(client.send(Request::get(url)));
        assert!(answer.is_ok(), "{path}: {answer:?}");
    }
}
