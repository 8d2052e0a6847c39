//! Detectors in Rust, one per file, for what a pattern cannot express.

mod config_dump;
mod operator_injection;
mod sensitive_field;
mod traceback;

use std::sync::Arc;

use super::Detector;

/// Creates a detector that does not know the tester's settings yet.
type Make = fn() -> Arc<dyn Detector>;

/// Every native detector, by its name in probe files.
const NATIVES: &[(&str, Make)] = &[
    ("config-dump", || {
        Arc::new(config_dump::ConfigDump::default())
    }),
    ("operator-injection", || {
        Arc::new(operator_injection::OperatorInjection::default())
    }),
    ("sensitive-field", || {
        Arc::new(sensitive_field::SensitiveField::default())
    }),
    ("traceback", || Arc::new(traceback::TracebackRule)),
];

/// Returns a native detector by its name.
///
/// # Errors
///
/// Returns a message that lists the known names if there is no such detector.
pub(crate) fn native(name: &str) -> Result<Arc<dyn Detector>, String> {
    let known = NATIVES.iter().find(|(known, _)| *known == name);
    known.map(|(_, make)| make()).ok_or_else(|| {
        let names: Vec<_> = NATIVES.iter().map(|(name, _)| *name).collect();
        format!("{name:?} is none of {}", names.join(", "))
    })
}
