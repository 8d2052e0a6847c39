//! The report stage through its public interface: every format, files, baselines.

// Clippy knows tests by their attribute, not their helpers.
#![allow(clippy::unwrap_used, clippy::print_stdout)]

mod baseline;
mod console;
mod files;
mod json;
mod kept;
mod sample;
mod sarif;
