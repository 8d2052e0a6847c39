//! **keyspill** answers one question about a running web application: *when a secret goes in,
//! where does it come out?*
//!
//! # One road
//!
//! ```text
//! Target -> crawl -> Surface -> plan (with Probes) -> Injection -> send -> Observation
//!        -> detect -> Sighting -> judge -> Finding -> report
//! ```
//!
//! A scan goes down this road in rounds: what an answer reveals (a route in a traceback, a missing
//! input in an error) seeds the next round, up to four rounds in all. Then the scan reads everything
//! again to find what was stored, and confirms every suspect with a fresh canary and its controls.
//!
//! # Code map
//!
//! There are four crates below this one, each a folder of `src/` with its own `Cargo.toml`. A crate
//! uses only those above it in this table.
//!
//! | where | what it owns |
//! | --- | --- |
//! | `src/canary` ([`canary`]) | strings that name their own source, and the recogniser that finds them |
//! | **`src/model`** | **the types that every stage uses** |
//! | [`target`], [`settings`], [`policy`] | what to scan, how, and what may be sent at all |
//! | [`http`] | requests and answers as values; the trait that sends them; redirects |
//! | [`auth`] | the tester's identities and login recipes, as they were given |
//! | [`traffic`] | everything that was sent and received, for `--traffic` |
//! | [`tape`] | the same in memory, to run a scan again without a request |
//! | [`surface`] | endpoints with their inputs |
//! | [`credential`] | is this input credential-like? judged by evidence, with its reasons |
//! | [`finding`], [`problem`] | findings with their proof and their identity across runs; what limits a scan |
//! | [`redact`], [`sanitise`] | masking secrets, taming hostile text |
//! | [`signed`] | Flask sessions and tokens, read without their key |
//! | `words`, `login` | the words of a name; which paths are logins, sign-ups and token endpoints |
//! | `unescape` | a text with its escapes undone, and the way back |
//! | `datafile` | YAML files that testers can write too; defects with file, line and key |
//! | **`src/extract`** | **from a text to what it reveals; sends nothing** |
//! | `pages`, `import`, `found` | pages, scripts, specifications and recorded traffic as calls |
//! | `clues` | what errors, tracebacks and 404s name |
//! | [`sentences`] | the sentences in which errors name inputs, as YAML data |
//! | `notation`, `traceback` | JSON, Python's `repr` and similar notations as trees; parsed tracebacks |
//! | **`src/scanner`** | **from a target to findings** |
//! | [`net`] | the one client, with scope, ceiling, budget, caps; the lifetime of a login |
//! | [`crawl`] | what exists, and what is still to be requested |
//! | [`rule`], [`probe`] | what a rule is, with one file per native rule; rules as YAML data, compiled |
//! | [`plan`], [`ledger`] | request templates: what each input gets; which canary went where |
//! | `send`, `discovery` | from a request template to its answer, with one operation's ladder; inputs that nothing reveals |
//! | [`observe`], [`detect`], [`compare`] | what came back, and the detectors that examine it |
//! | [`judge`] | which rule a sighting matches; suspects; the status of every input |
//! | [`trial`], `attempt`, `confirm` | what an experiment proves, what it sends; fresh canaries and controls |
//! | [`pipeline`] | the only place that joins the stages: one `Scan` owns everything that is known |
//! | **this crate** | |
//! | [`builtin`] | the probes compiled into the binary |
//! | [`report`] | published formats; what is new, fixed, unchanged |
//! | `src/cli` | the command line, in the binary |
//!
//! # Invariants
//!
//! 1. Within a round there are only three cycles: the crawl's frontier (one task owns the queue, the
//!    visited set and the in-flight set); in `send`, one injection's bounded ladder, split and retry;
//!    and in `discovery`, the bounded search for one operation's names.
//! 2. `judge` and `detect` never send. Confirmation is a single pass that creates no new suspects.
//! 3. Only `net` names reqwest, only `args` clap, only `console.rs` indicatif. What a scan knows has
//!    one owner, and [`pipeline`] holds no lock.
//! 4. The client itself checks scope, method policy, rate and budget, also for redirects, so no stage
//!    can forget them.
//! 5. A failed request is data: it counts as lost coverage, never as clean.
//! 6. A [`finding::Finding`] can be built only by a constructor that refuses one without evidence.
//! 7. No statics with interior mutability, no `unsafe`, no `unwrap` outside tests.
//! 8. Nothing that is written contains a found secret or a tester's credential in clear text.
//!
//! # What is deliberately absent
//!
//! No payload writes through an operator, sleeps, loops, executes or deletes. `src/` contains no word
//! from the example applications: detectors rely on how Flask, Werkzeug, PyMongo and HTTP behave.

pub mod builtin;
pub mod report;

pub use keyspill_canary as canary;
pub use keyspill_extract::sentences;
pub use keyspill_model::{
    auth, credential, error, finding, http, policy, problem, progress, redact, sanitise, settings,
    signed, surface, tape, target, traffic,
};
pub use keyspill_scanner::{
    compare, crawl, detect, judge, ledger, net, observe, pipeline, plan, probe, rule, trial,
};
