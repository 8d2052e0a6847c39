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
//! input in an error) seeds the next round, four at most. Then everything is read again for what
//! was stored, and every suspect is confirmed with a fresh canary and its controls.
//!
//! # Code map
//!
//! | where | what it owns |
//! | --- | --- |
//! | [`target`], [`settings`], [`policy`] | what to scan, how, and what may be sent at all |
//! | [`http`] | requests and answers as values; the trait that sends them; redirects |
//! | [`auth`] | the tester's identities and login recipes, as they were given |
//! | [`net`] | the one client, with scope, ceiling, budget, caps; a login's life |
//! | [`traffic`] | everything that was sent and received, for `--traffic` |
//! | [`tape`] | the same in memory, to run a scan again without a request |
//! | [`crawl`] | from answers to endpoints and inputs; the frontier |
//! | [`surface`] | endpoints with their inputs |
//! | `named` | enums by the names that probe files write |
//! | `words` | the words of a name, however it is written |
//! | `unescape` | a text with its escapes undone, and the way back |
//! | `notation` | JSON, Python's `repr` and their like, as a tree with places |
//! | `traceback` | Python tracebacks and Werkzeug's debugger pages, read |
//! | [`credential`] | is this input credential-like? judged by evidence, with its reasons |
//! | `datafile` | YAML files that testers write as well: defects with file, line and key |
//! | [`sentences`] | the sentences in which errors name inputs, as YAML data |
//! | [`rule`] | what a rule is: the interface, its kinds, native ones one file each |
//! | [`probe`] | rules as YAML data, compiled, with examples that are checked |
//! | [`canary`] | strings that name their own source, and the recogniser that finds them |
//! | [`plan`] | recipes: what each input of a request gets; how a recipe becomes bytes |
//! | [`ledger`] | which canary went where |
//! | `login` | which paths are logins, sign-ups and token hand-outs |
//! | `hidden` | inputs that nothing reveals: many candidate names in one request |
//! | `send` | one recipe on the bench; one operation's ladder and its splits |
//! | [`observe`] | what came back, beside what was sent |
//! | [`detect`] | what an answer is looked at with: canaries, records, settings, quotations |
//! | [`compare`] | are two answers the same? |
//! | [`trial`] | what an experiment's answers prove |
//! | [`judge`] | which rule a sighting is; suspects; how every input stands |
//! | `attempt` | experiments: which inputs, what is sent |
//! | `confirm` | fresh canaries and controls: verdicts |
//! | [`finding`] | findings with their proof; what they are called across runs |
//! | [`problem`] | what can limit a scan: the list of codes |
//! | [`signed`] | Flask sessions and tokens, read without their key |
//! | [`redact`], [`sanitise`] | masking secrets, taming hostile text |
//! | [`report`] | published formats; what is new, fixed, unchanged |
//! | [`pipeline`] | the only place that joins the stages |
//! | `main.rs`, `cli`, `config`, `console`, `exit`, `run` | the command line, in the binary |
//!
//! # Invariants
//!
//! 1. Inside a round the only cycles are the crawl's frontier (one task owns queue, visited set and
//!    in-flight set), in `send` one injection's bounded ladder, split and retry, and in `hidden` the
//!    bounded search for one operation's names.
//! 2. `judge` and `detect` never send. Confirmation is a straight pass; it makes no new suspects.
//! 3. Only `net` names reqwest, only `cli` clap, only `console.rs` indicatif.
//! 4. Scope, method policy, rate and budget are asked inside the client, redirects included, so
//!    that no stage can forget them.
//! 5. A failed request is data: it counts as coverage lost, never as clean.
//! 6. A [`finding::Finding`] is built only by a constructor that refuses one without evidence.
//! 7. No statics with interior mutability, no `unsafe`, no `unwrap` outside tests.
//! 8. Nothing that is written holds a found secret or a credential of the tester in clear.
//!
//! # What is deliberately absent
//!
//! No payload writes through an operator, sleeps, loops, executes or deletes. No word of the
//! example applications stands in `src/`: detectors rest on how Flask, Werkzeug, PyMongo and HTTP
//! behave.

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
