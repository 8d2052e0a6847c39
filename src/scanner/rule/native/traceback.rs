//! Python tracebacks and the Werkzeug debugger's page, with their extent and exception.

use std::ops::Range;

use crate::detect::{Quotable, log_lines};
use crate::rule::{AnswerView, Detector, Hit, Shows};
use crate::traceback;
use crate::unescape::View;

/// The class of a traceback on a debugger's page.
const DEBUGGER: &str = "debugger";

/// See the module documentation.
#[derive(Debug)]
pub(super) struct TracebackRule;

impl Detector for TracebackRule {
    fn hints(&self) -> Vec<String> {
        [
            "Traceback (most recent call last)",
            "// Werkzeug Debugger</title>",
        ]
        .map(str::to_owned)
        .to_vec()
    }

    fn look(&self, _: &AnswerView<'_>, view: &View<'_>) -> Vec<Hit> {
        // A debugger's page repeats its traceback several times, so it counts as one sighting.
        if view.raw
            && let Some(page) = traceback::debugger_page(&view.text)
        {
            // All such pages of a target make one finding, so the exception is not part of the class.
            return vec![Hit {
                extent: page.extent,
                secrets: traceback::debugger_secret(&view.text).into_iter().collect(),
                cause: Some(DEBUGGER.to_owned()),
                ..Hit::new(Shows::Debugger, DEBUGGER, page.span)
            }];
        }
        let found = traceback::tracebacks(&view.text);
        // A page made up of several tracebacks is no more a quotation than a page made up of one.
        let pieces: Vec<Range<usize>> = found.iter().map(|one| one.extent.clone()).collect();
        let around = log_lines(&view.text, &pieces);
        let hit = |one: traceback::Traceback| {
            let cause = one.origin();
            let class = match one.exception.as_str() {
                "" => "traceback",
                exception => exception,
            };
            Hit {
                extent: one.extent,
                quotable: Quotable::Anywhere,
                pieces: pieces.clone(),
                around: around.clone(),
                cause,
                ..Hit::new(Shows::ErrorText, class, one.span)
            }
        };
        found.into_iter().map(hit).collect()
    }
}
