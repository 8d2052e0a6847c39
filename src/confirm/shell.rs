//! `curl` lines that reproduce more than one request: CSRF tokens, redirects, returned ids.
//!
//! Owns: what a shell must do between two requests. Leaves out: one request's own line
//! (`redact`).

use std::collections::BTreeMap;

use super::Confirm;
use crate::http::Transport;
use crate::observe::Observation;
use crate::plan::{Fill, compose};
use crate::progress::Progress;

/// Stands for the CSRF token until the shell knows it; needs no escaping anywhere.
const TOKEN: &str = "KEYSPILLCSRFTOKEN";

impl<T: Transport, P: Progress> Confirm<'_, T, P> {
    /// The lines that send an observation's request again, canaries as they were. `step` is the
    /// followed redirect whose answer counts.
    pub(super) fn curl(&self, observation: &Observation, step: usize) -> Vec<String> {
        let recipe = &observation.recipe;
        let csrf: Vec<&str> = recipe
            .fills
            .iter()
            .filter(|(_, fill)| *fill == Fill::Csrf)
            .map(|(input, _)| input.name.as_str())
            .collect();
        let tokens: BTreeMap<String, String> = csrf
            .iter()
            .map(|name| ((*name).to_owned(), TOKEN.to_owned()))
            .collect();
        let mut slots = observation.planted.iter();
        let ledger = self.bench.ledger();
        let request = compose(recipe, self.bench.target, &tokens, |_, fill| {
            fill.shape()?;
            let entry = slots.next().and_then(|slot| ledger.entry(*slot))?;
            Some(entry.canary.clone())
        });
        drop(ledger);
        let Some(request) = request else {
            return Vec::new();
        };
        let mut line = self.bench.masks.now().curl(&request);
        if step > 0 {
            // An empty -b switches curl's cookie engine on, as a browser follows a redirect.
            line = line.replacen("curl -s", "curl -s -L -b ''", 1);
        }
        let mut lines = Vec::new();
        let page = recipe
            .form_page
            .as_deref()
            .and_then(|path| self.bench.target.url_for(path));
        if let (Some(name), Some(page)) = (csrf.first(), page) {
            lines.push(format!(
                "JAR=$(mktemp); TOKEN=$(curl -s -c \"$JAR\" '{page}' | tr -d '\\n' | \
                 sed -n 's/.*name=[\"'\\'']{name}[\"'\\''][^>]*value=[\"'\\'']\\([^\"'\\'']*\\).*/\\1/p')"
            ));
            line = line.replace(TOKEN, "'\"$TOKEN\"'");
            line = if line.contains("-b ''") {
                line.replacen("-b ''", "-b \"$JAR\"", 1)
            } else {
                line.replacen("curl -s", "curl -s -b \"$JAR\"", 1)
            };
        }
        if recipe.repeat {
            lines.push(line.clone());
        }
        lines.push(line);
        lines
    }
}

/// Lets the shell keep an id that the answer of `line` names, and show the answer all the same.
pub(super) fn keep_id(line: &str, from: &IdFrom) -> String {
    let take = match from {
        IdFrom::Location => {
            "tr -d '\\r' | sed -n 's/^[Ll]ocation: .*\\/\\([^/?#]*\\)\\/*$/\\1/p'".to_owned()
        }
        IdFrom::Field(name) => {
            // The value may be a string, a number, or MongoDB's {"$oid": "…"}.
            format!(
                "tr -d '\\n' | grep -oE '\"{name}\": *(\\{{\"\\$oid\": *)?\"?[^\",}}]+' | \
                 head -n 1 | sed 's/.*[\": ]//'"
            )
        }
        IdFrom::List { before } => {
            format!("grep -oE '{before}[^\"/?<>& ]+' | sed 's/.*\\///' | sort -u")
        }
        IdFrom::ListField(name) => {
            format!(
                "tr -d '\\n' | grep -oE '\"{name}\": *(\\{{\"\\$oid\": *)?\"?[^\",}}]+' | \
                 sed 's/.*[\": ]//' | sort -u"
            )
        }
    };
    format!("ID=$({line} | tee /dev/stderr | {take})")
}

/// Where an id comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum IdFrom {
    /// The last segment of `Location`.
    Location,
    /// A field of the plant's answer.
    Field(String),
    /// The links in a list, by the path before the id.
    List {
        /// The path before the id.
        before: String,
    },
    /// A field of the items in a JSON list.
    ListField(String),
}

/// Puts the shell's id into a line in place of the literal one; several ids take their turns, since
/// which of a list's is the fresh one depends on what else is there.
pub(super) fn use_id(line: &str, id: &str, several: bool) -> String {
    let line = line.replacen(&format!("/{id}"), "/'\"$ID\"'", 1);
    if !several {
        return line;
    }
    format!("for ID in $ID; do {line}; done")
}
