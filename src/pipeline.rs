//! The road from target to report: the only file that joins the stages.

use crate::error::Error;
use crate::finding::Outcome;
use crate::probe::Catalog;
use crate::progress::{Progress, Stop};
use crate::settings::Settings;

/// Scans a target.
///
/// # Errors
///
/// [`Error::Unreachable`] when the base URL never answers; [`Error::Usage`] for settings that
/// cannot work (a CA file that is none, a proxy that is no URL).
#[allow(clippy::unused_async)]
pub async fn scan<P: Progress>(
    _settings: &Settings,
    _catalog: &Catalog,
    _progress: &P,
    _stop: &Stop,
) -> Result<Outcome, Error> {
    Err(Error::Unreachable("not built yet".to_owned()))
}
