//! The scanner: from a target to findings.
//!
//! `crawl` finds what there is, `plan` decides what each input gets, `send` sends it, `detect` and
//! `judge` examine what comes back, and `confirm` and `attempt` prove it. `rule` and `probe` define
//! what to look for, and `pipeline` joins them all. Only `net` uses reqwest.

use keyspill_canary as canary;
use keyspill_extract::{notation, sentences, traceback};
use keyspill_model::{
    auth, credential, datafile, error, finding, http, login, policy, progress, redact, sanitise,
    settings, signed, surface, tape, target, traffic, unescape, words,
};

mod attempt;
pub mod compare;
mod confirm;
pub mod crawl;
pub mod detect;
mod discovery;
pub mod judge;
pub mod ledger;
mod named;
pub mod net;
pub mod observe;
pub mod pipeline;
pub mod plan;
pub mod probe;
pub mod rule;
mod send;
pub mod trial;
