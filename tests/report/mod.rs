//! The report stage through its public interface: every format, files, baselines.

mod baseline;
mod console;
mod files;
mod json;
mod kept;
mod sample;
mod sarif;
