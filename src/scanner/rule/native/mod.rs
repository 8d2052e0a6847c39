//! Detectors in Rust, for what a pattern cannot say: one file each.

mod config_dump;
mod operator_injection;
mod sensitive_field;
mod traceback;

use std::sync::Arc;

use super::Detector;

/// Makes a detector that knows nothing of the tester yet.
type Make = fn() -> Arc<dyn Detector>;

/// Every native detector, by the name that probe files call it.
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
    ("traceback", || Arc::new(traceback::Traceback)),
];

/// A native detector by its name.
///
/// # Errors
///
/// A name that is none, with those that are.
pub(crate) fn native(name: &str) -> Result<Arc<dyn Detector>, String> {
    let known = NATIVES.iter().find(|(known, _)| *known == name);
    known.map(|(_, make)| make()).ok_or_else(|| {
        let names: Vec<_> = NATIVES.iter().map(|(name, _)| *name).collect();
        format!("{name:?} is none of {}", names.join(", "))
    })
}
