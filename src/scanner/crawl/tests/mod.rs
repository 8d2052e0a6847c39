//! The crawl against a transport that never leaves the process: what it asks for, and what it makes of
//! the answers.

mod bounds;
mod inputs;
mod routes;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use super::*;
use crate::http::FailureKind;
use crate::probe::Catalog;
use crate::progress::Silent;
use crate::surface::{EndpointId, Kind, Place};
use crate::target::Target;

type Handler = dyn Fn(&Request) -> Response + Send + Sync;

/// Answers from a closure, and remembers what was asked.
#[derive(Clone)]
struct Fake {
    handler: Arc<Handler>,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Transport for Fake {
    async fn send(&self, request: Request) -> Result<Response, Failure> {
        let line = format!(
            "{} {}",
            request.method,
            &request.url[url::Position::BeforePath..]
        );
        let number = {
            let mut asked = self.asked.lock().unwrap();
            asked.push(line);
            asked.len()
        };
        // Answers come in another order than they were asked for.
        for _ in 0..(number * 7) % 5 {
            tokio::task::yield_now().await;
        }
        Ok((self.handler)(&request))
    }
}

fn fake(handler: impl Fn(&Request) -> Response + Send + Sync + 'static) -> Fake {
    Fake {
        handler: Arc::new(handler),
        asked: Arc::default(),
    }
}

/// A site from a table of paths (with their query) and HTML bodies; JSON where the body is JSON.
fn site(pages: &[(&str, &str)]) -> Fake {
    let pages: BTreeMap<String, String> = pages
        .iter()
        .map(|(path, body)| ((*path).to_owned(), (*body).to_owned()))
        .collect();
    fake(move |request| {
        let whole = &request.url[url::Position::BeforePath..];
        let body = pages.get(whole).or_else(|| pages.get(request.url.path()));
        match body {
            Some(body) if body.starts_with(['{', '[']) => {
                Response::of(200, &[("content-type", "application/json")], body)
            }
            Some(body) => Response::of(200, &[("content-type", "text/html")], body),
            None => Response::of(404, &[("content-type", "text/html")], "Not Found"),
        }
    })
}

fn settings(width: usize) -> Settings {
    let mut settings = Settings::new(Target::parse("http://h:1").unwrap());
    settings.http.concurrency = width;
    settings
}

async fn crawl_with(settings: &Settings, http: &Fake) -> Crawl {
    let sentences = Catalog::builtin().unwrap().sentences();
    let mut crawl = Crawl::new(settings, "test").with_sentences(sentences);
    crawl.run(http, &Silent, &mut |_, _| {}).await;
    // Of a settled surface no pass finds anything else.
    let settled = crawl.known.surface.clone();
    crawl.settle();
    assert_eq!(crawl.known.surface, settled);
    crawl
}

async fn crawl(http: &Fake) -> Crawl {
    crawl_with(&settings(4), http).await
}

/// `METHOD path place:name …` of each endpoint.
fn lines(crawl: &Crawl) -> Vec<String> {
    crawl
        .known
        .surface
        .iter()
        .map(|endpoint| {
            let mut line = endpoint.id.to_string();
            for input in &endpoint.inputs {
                line.push_str(&[" ", input.place.as_str(), ":", &input.name].concat());
            }
            line
        })
        .collect()
}

const CYCLE: [(&str, &str); 7] = [
    ("/logout", "bye"),
    (
        "/",
        "<a href=/a>a</a><a href=/b?x=1>b</a><a href=http://other/z>z</a>",
    ),
    (
        "/a",
        "<a href=/>home</a><a href=/items/1>1</a><a href=/items/2>2</a><a href=/items/3>3</a><a href=/items/4>4</a><a href=/logout>out</a>",
    ),
    (
        "/b",
        "<a href='/b?x=2'>more</a><form method=post action=/c><input name=q><input type=hidden name=csrf_token value=t></form><script>fetch('/api/keys/' + id, {method: 'PUT', body: JSON.stringify({label})})</script>",
    ),
    ("/items/1", "<a href=/a>up</a>"),
    ("/items/2", "<a href=/deep>deep</a>"),
    ("/api/keys", "[{\"id\": 41}]"),
];
