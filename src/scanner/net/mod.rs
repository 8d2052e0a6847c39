//! The network: the one client, and the session that it maintains.
//!
//! Owns: scope, rate ceiling, budget, time-outs and caps, enforced in `client.rs` and nowhere else;
//! the life of a login. Leaves out: requests and answers as values (`http`), credentials as they
//! were given (`auth`).
//!
//! No other module uses reqwest.
//!
//! | file | owns |
//! | --- | --- |
//! | `client.rs` | the path of a request, and noticing that the target is gone |
//! | `wire.rs`, `decode.rs`, `setup.rs` | one exchange: headers on, bytes in |
//! | `budget.rs`, `throttle.rs` | how many requests, until when, how fast |
//! | `routes.rs`, `busy.rs`, `losses.rs` | what is slow, limited, or lost on its way |
//! | `scheme.rs` | a port that speaks the other scheme |
//! | `session.rs` | the life of a login: begin, renew, lose |
//! | `login.rs` | one login, by form, JSON or OAuth2 |
//! | `page.rs` | whether an answer asks to log in |
//! | `watch.rs` | which answers cast doubt on the login |
//! | `own.rs` | the names of the scan's own account |

mod budget;
mod busy;
mod client;
mod decode;
mod login;
mod losses;
mod own;
mod page;
mod routes;
mod scheme;
mod session;
mod setup;
mod throttle;
mod watch;
mod wire;

pub use client::Client;
pub(crate) use scheme::other_scheme;
pub use session::Session;
