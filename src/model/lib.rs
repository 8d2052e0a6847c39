//! Types shared by every stage of keyspill: endpoints and inputs, requests and answers as plain
//! values, names, credentials, settings and findings.
//!
//! Nothing here sends requests or knows about rules.

use keyspill_canary as canary;

pub mod auth;
pub mod credential;
pub mod datafile;
pub mod error;
pub mod finding;
pub mod http;
pub mod login;
pub mod policy;
pub mod problem;
pub mod progress;
pub mod redact;
pub mod sanitise;
pub mod settings;
pub mod signed;
pub mod surface;
pub mod tape;
pub mod target;
pub mod traffic;
pub mod unescape;
pub mod words;
