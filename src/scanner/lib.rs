//! The scanner: from a target to findings.
//!
//! `crawl` finds what there is, `plan` says what each input gets, `send` sends it, `detect` and `judge` look
//! at what comes back, `confirm` and `attempt` prove it; `rule` and `probe` are what is looked for, and
//! `pipeline` joins them. Only `net` names reqwest.

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
