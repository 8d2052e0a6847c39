//! Any bytes through the recogniser: no panic, no loop without end, spans within the body, and
//! nothing found at full strength that was not planted.
//!
//! The inputs are the bodies; where one holds `{}`, a canary is put in its place, so that the
//! fuzzer reaches what lies behind a marker.

#![no_main]

use std::sync::LazyLock;

use keyspill_canary::{Canary, Mint, Recogniser, RunKey, Shape};
use libfuzzer_sys::fuzz_target;

static RUN: LazyLock<(Recogniser, Vec<Canary>)> = LazyLock::new(|| {
    let mut mint = Mint::new(RunKey::from_seed(1));
    let canaries = Shape::ALL.iter().map(|shape| mint.plant(*shape)).collect();
    (mint.recogniser(), canaries)
});

fuzz_target!(|data: &[u8]| {
    let (recogniser, canaries) = &*RUN;
    let mut body = Vec::with_capacity(data.len() + 64);
    let (mut rest, mut next) = (data, 0);
    while let Some(at) = rest.windows(2).position(|pair| pair == b"{}") {
        body.extend_from_slice(&rest[..at]);
        body.extend_from_slice(canaries[next % canaries.len()].text.as_bytes());
        rest = &rest[at + 2..];
        next += 1;
    }
    body.extend_from_slice(rest);
    let found = recogniser.scan(&body);
    for pair in found.windows(2) {
        assert!(pair[0].span.start <= pair[1].span.start);
    }
    for m in found.iter().chain(&recogniser.scan_near(&body, canaries)) {
        assert!(m.span.start < m.span.end && m.span.end <= body.len(), "{m:?}");
        assert!((m.slot.0 as usize) < canaries.len(), "{m:?}");
    }
});
