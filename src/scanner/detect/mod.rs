//! Looks at answers; pure. The tools with which rules and judges examine an answer.
//!
//! Owns: the canaries in an answer ([`canaries`]), its records ([`Records`]), settings and secret
//! fields among them, and what is quoted or only a placeholder. Leaves out: the forms of a text
//! (`unescape`), what a rule makes of it (`rule`), what a sighting means (`judge`), whether it is true
//! (`confirm`).

mod around;
mod canary;
pub(crate) mod cause;
mod config_dump;
mod json_path;
pub mod locate;
mod log;
mod own;
mod placeholder;
mod quoted;
mod record;
mod scrub;
mod sensitive;
mod value;

pub(crate) use around::{Around, Records};
pub use canary::{CanarySighting, canaries, carried};
pub(crate) use config_dump::{Dump, Settings};
pub use json_path::{Field, fields_at};
pub(crate) use log::{log_lines, with_lines};
pub use own::Own;
pub(crate) use placeholder::{is_example_file, is_placeholder};
pub use quoted::Quotable;
pub(crate) use quoted::{Quoted, is_json, is_told_by_users};
pub use scrub::scrub;
pub(crate) use sensitive::{ShownField, minted, sensitive};
pub(crate) use value::is_generated;
