//! The tester's credentials: who the scan is, how it logs in, and how it notices that it no longer
//! is.
//!
//! Owns: `--auth` and the identities of a configuration file, login recipes, what is obtained by
//! them, and the watch over it. Leaves out: sending (`http/client.rs` asks a [`Session`] what to
//! add to each request and shows it each answer), masking (`redact`, which is told every secret
//! of the [`Vault`]), and which operations a logged-in scan must not send (`policy`).
//!
//! # The road of a credential
//!
//! ```text
//! text or YAML -> Value (where it comes from) -> Identity (read, checked)
//!              -> Session (log in, renew, watch) -> Material (headers, cookies, query)
//! ```
//!
//! | file | owns |
//! | --- | --- |
//! | `value.rs` | literal, `env:NAME`, `@file`, `cmd:…` |
//! | `command.rs` | running a command for a token |
//! | `spec.rs` | `bearer:…`, `basic:…`, `header:…`, `cookie:…`, `query:…` |
//! | `recipe.rs` | the login recipe as written |
//! | `take.rs` | what is taken from an answer, and where it is put |
//! | `identity.rs` | identities as written, and as read |
//! | `material.rs` | what goes with each request |
//! | `own.rs` | the names of who the scan is |
//! | `login.rs` | one login, by form, JSON or OAuth2 |
//! | `page.rs` | whether an answer asks to log in |
//! | `watch.rs` | which answers make one doubt the login |
//! | `session.rs` | a login's life: begin, renew, lose |

mod command;
mod identity;
mod login;
mod material;
mod own;
mod page;
mod recipe;
mod session;
mod spec;
mod take;
mod value;
mod vault;
mod watch;

pub use command::Leash;
pub use identity::{Identities, Identity, IdentitySyntax, is_credential_header};
pub use material::Material;
pub(crate) use own::names as own_names;
pub use recipe::Login;
pub use session::Session;
pub use spec::AuthSpec;
pub use value::Value;
pub use vault::Vault;
