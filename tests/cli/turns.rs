//! Which operation comes next if more operations wait than requests may be in flight.

use std::sync::{Arc, Mutex};

use crate::place::Place;
use crate::raw::{page, says, scan, serve};

/// How many requests with a value each of ten slow pages got, and the greatest lead of the page
/// with the most over the page with the least.
#[derive(Default)]
struct Turns {
    had: [usize; 10],
    ahead: usize,
}

#[test]
fn slow_operations_take_turns_when_they_are_more_than_requests_in_flight() {
    let turns = Arc::new(Mutex::new(Turns::default()));
    let seen = Arc::clone(&turns);
    let url = serve(move |asked| {
        let links = |n| format!("<a href=\"/page{n}?label=\">page {n}</a>");
        let path = asked.path.as_str();
        if path == "/" {
            return page(&(0..10).map(links).collect::<String>());
        }
        let Some(number) = path.strip_prefix("/page").and_then(|n| n.parse().ok()) else {
            return says("404 Not Found", "", "no such page");
        };
        let number: usize = number;
        let value = asked.whole.split("?label=").nth(1);
        if value.is_some_and(|value| !value.starts_with(' ')) {
            let mut turns = seen.lock().unwrap();
            turns.had[number] += 1;
            let (most, least) = (turns.had.iter().max(), turns.had.iter().min());
            turns.ahead = turns.ahead.max(most.unwrap() - least.unwrap());
        }
        // The page is slow.
        std::thread::sleep(std::time::Duration::from_millis(100));
        page(&format!("<h1>page {number}</h1>"))
    });
    let place = Place::new();
    let options = ["--concurrency", "8"];
    let ran = scan(&place, &url, &options);
    assert_eq!(ran.code, 0, "{}", ran.err);
    let turns = turns.lock().unwrap();
    let had = turns.had[0];
    assert!(had >= 3 && turns.had.iter().all(|n| *n == had), "{had}");
    assert!(turns.ahead < had, "the last began when the first was done");
}
