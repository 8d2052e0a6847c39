//! Prints of large answers, and comparing them.
#![allow(clippy::unwrap_used)]

use std::fmt::Write as _;
use std::hint::black_box;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use keyspill::compare::{Noise, Print, reliably_differ, same};
use keyspill::http::Response;

const MEGABYTE: usize = 1 << 20;
const KEY: &str = "ks7f3aqq0m8v2x5r9t1w4y6z";

/// A list of records, each with an id, a name, a price and a token of its own.
fn json(seed: usize) -> Response {
    let mut body = String::from(r#"{"items": ["#);
    for number in 0.. {
        if body.len() >= MEGABYTE {
            break;
        }
        let comma = if number > 0 { ", " } else { "" };
        let _ = write!(
            body,
            r#"{comma}{{"id": {number}, "name": "item {number}", "price": {}.99, "tags": ["a", "b"], "token": "{:024x}"}}"#,
            number % 97,
            (number + 1) * (seed + 7919),
        );
    }
    body.push_str("]}");
    Response::of(200, &[("content-type", "application/json")], &body)
}

/// A table of as many rows as fit, with links and a token in each.
fn html(seed: usize) -> Response {
    let mut body = String::from("<!doctype html><html><body><table>");
    for number in 0.. {
        if body.len() >= MEGABYTE {
            break;
        }
        let _ = writeln!(
            body,
            "<tr class=\"row row-{}\"><td>Name {number}</td><td><a href=\"/items/{number}?n={:016x}\">\
             open &amp; read</a></td><td><b>{}</b> EUR</td></tr>",
            number % 2,
            (number + 1) * (seed + 7919),
            number % 97,
        );
    }
    body.push_str("</table></body></html>");
    Response::of(200, &[("content-type", "text/html")], &body)
}

fn compare(c: &mut Criterion) {
    let planted = [KEY.to_owned()];
    for (name, make) in [("json", json as fn(usize) -> Response), ("html", html)] {
        let mut group = c.benchmark_group(name);
        group.sample_size(20);
        let answers: Vec<Response> = (0..6).map(make).collect();
        group.throughput(Throughput::Bytes(
            u64::try_from(answers[0].body.len()).unwrap(),
        ));
        group.bench_function("print", |b| {
            b.iter(|| Print::of(black_box(&answers[0]), &planted));
        });
        let prints: Vec<Print> = answers.iter().map(|a| Print::of(a, &planted)).collect();
        group.bench_function("learn", |b| b.iter(|| Noise::of(black_box(&prints[..3]))));
        let noise = Noise::of(&prints[..3]);
        group.bench_function("same", |b| {
            b.iter(|| assert!(same(&prints[3], black_box(&prints[4]), &noise)));
        });
        group.bench_function("groups of three", |b| {
            b.iter(|| reliably_differ(black_box(&prints[..3]), &prints[3..]));
        });
        group.finish();
    }
}

criterion_group!(benches, compare);
criterion_main!(benches);
