//! The tester's credentials: who the scan is, as it was given.
//!
//! Owns: `--auth` and the identities of a configuration file, login recipes as they are written, and what
//! goes with each request. Leaves out: logging in, and noticing that a login is lost (`net`), masking
//! (`redact`, which is told every secret of the [`Vault`]), and which operations a logged-in scan must not
//! send (`policy`).
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
pub use value::Value;
pub use vault::Vault;
