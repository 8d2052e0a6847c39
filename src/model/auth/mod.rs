//! The tester's credentials, as they were given.
//!
//! This module has `--auth`, the identities of a configuration file, login recipes as written, and
//! what is sent with each request. Logging in and noticing that a login is lost is in `net`,
//! masking in `redact` (which gets every secret of the [`Vault`]), and the list of operations that
//! a logged-in scan must not send in `policy`.
//!
//! # The path of a credential
//!
//! ```text
//! text or YAML -> GivenValue (where it comes from) -> Identity (read, checked)
//!              -> Session (log in, renew, watch) -> Material (headers, cookies, query)
//! ```
//!
//! | file | contents |
//! | --- | --- |
//! | `value.rs` | literal, `env:NAME`, `@file`, `cmd:…` |
//! | `command.rs` | running a command for a token |
//! | `spec.rs` | `bearer:…`, `basic:…`, `header:…`, `cookie:…`, `query:…` |
//! | `recipe.rs` | the login recipe as written |
//! | `take.rs` | what is taken from an answer, and where it is put |
//! | `identity.rs` | identities as written, and as read |
//! | `material.rs` | what is sent with each request |

pub mod command;
pub mod identity;
mod material;
pub mod recipe;
mod spec;
pub mod take;
mod value;
mod vault;

pub use command::Leash;
pub use identity::{Identities, Identity, IdentitySyntax, is_credential_header};
pub use material::Material;
pub use recipe::Login;
pub use spec::AuthSpec;
pub use value::GivenValue;
pub use vault::Vault;
