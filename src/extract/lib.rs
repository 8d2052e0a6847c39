//! Reads what a text reveals of a web application: pages, scripts and specifications, errors and
//! tracebacks, and whatever a tester imports.
//!
//! Everything here is a pure function of a text; nothing sends a request.

use keyspill_canary as canary;
use keyspill_model::{credential, datafile, http, policy, sanitise, surface, unescape, words};

pub mod clues;
pub mod found;
pub mod import;
pub mod notation;
pub mod pages;
pub mod sentences;
pub mod shape;
pub mod traceback;
