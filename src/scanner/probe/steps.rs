//! Compiles a differential matcher as written into an [`Experiment`].
//!
//! Owns: every check of the matcher; it reports all defects at once. Leaves out: the rest of the file
//! (`compile`).

use std::sync::Arc;

use super::compile::{place, status_range};
use super::syntax::{
    DifferentialSyntax, InputsSyntax, StatusSyntax, StepSyntax, TogetherSyntax, Words,
};
use crate::datafile::Log;
use crate::finding::Verdict;
use crate::surface::Place;
use crate::trial::{
    Control, Expect, Experiment, Form, InputRange, Seen, Sent, SinkKind, Step, Tier, Together,
};

/// The maximum number of steps, forms of one step, or repeats; more are taken for a mistake.
const MOST: usize = 12;
/// The maximum number of inputs tried per operation where they make one finding; more add nothing.
const MERGED: usize = 6;

/// Compiles one matcher of the probe `id`.
pub(super) fn experiment(
    log: &mut Log<'_>,
    key: &str,
    id: &str,
    written: DifferentialSyntax,
) -> Option<Experiment> {
    let inputs = inputs(log, &format!("{key}.inputs"), &written.inputs);
    if written.steps.is_empty() || written.steps.len() > MOST {
        log.add(&format!("{key}.steps"), format!("holds 1 to {MOST} steps"));
    }
    let mut steps: Vec<Step> = Vec::new();
    for (at, one) in written.steps.into_iter().enumerate() {
        let key = format!("{key}.steps[{at}]");
        let Some(step) = step(log, &key, one) else {
            continue;
        };
        if steps.iter().any(|known| known.name == step.name) {
            log.add(&key, format!("{:?} names two steps", step.name));
        }
        steps.push(step);
    }
    if !steps.is_empty() && !steps.iter().any(|step| step.decides) {
        log.add(&format!("{key}.steps"), "has no step that decides");
    }
    let mut together = Vec::new();
    for (at, one) in written.compare.into_iter().enumerate() {
        let relation = relation(&steps, one);
        together.extend(log.ok(&format!("{key}.compare[{at}]"), relation));
    }
    let checked = !together.is_empty() || steps.iter().any(|s| s.decides && !s.expect.is_empty());
    if !checked {
        log.add(
            &format!("{key}.compare"),
            "nothing is expected of any answer",
        );
    }
    let controls: Vec<Control> = names(log, &format!("{key}.controls"), &written.controls);
    let repeats = written.repeats.unwrap_or(2);
    if repeats > MOST {
        log.add(
            &format!("{key}.repeats"),
            format!("{repeats} is more than {MOST}"),
        );
    }
    let verdict = match written.verdict.as_deref() {
        None => Some(Verdict::Confirmed),
        Some(text) => log.ok(&format!("{key}.verdict"), text.parse()),
    };
    let tell_offered = match written.offered.as_deref() {
        None => Some(false),
        Some("undetermined") => Some(true),
        Some(other) => {
            log.add(
                &format!("{key}.offered"),
                format!("{other:?} is not undetermined"),
            );
            None
        }
    };
    let sink: Option<SinkKind> = match written.sink.as_deref() {
        None => Some(SinkKind::Status),
        Some(text) => log.ok(&format!("{key}.sink"), text.parse()),
    };
    let merge = match written.merge.as_deref() {
        None => Some(None),
        Some("inputs") => Some(Some(MERGED)),
        Some(other) => {
            log.add(&format!("{key}.merge"), format!("{other:?} is not inputs"));
            None
        }
    };
    Some(Experiment {
        class: written
            .class
            .unwrap_or_else(|| id.rsplit('/').next().unwrap_or(id).to_owned()),
        inputs: inputs?,
        steps,
        together,
        controls,
        repeats: repeats.min(MOST),
        proven_by: written.proven_by.0,
        accepted_by: written.accepted_by.0,
        verdict: verdict?,
        tell_offered: tell_offered?,
        sink: sink?,
        merge: merge?,
    })
}

fn inputs(log: &mut Log<'_>, key: &str, written: &InputsSyntax) -> Option<InputRange> {
    let mut places: Vec<Place> = Vec::new();
    if written.place.0 != ["any"] {
        for text in &written.place.0 {
            places.extend(log.ok(&format!("{key}.place"), place(Some(text))));
        }
    }
    let tier: Option<Tier> = match written.credential.as_deref() {
        None => Some(Tier::Weak),
        Some(text) => log.ok(&format!("{key}.credential"), text.parse()),
    };
    let seen: Option<Seen> = match written.seen.as_deref() {
        None => Some(Seen::Planted),
        Some(text) => log.ok(&format!("{key}.seen"), text.parse()),
    };
    let mut pattern = |name: &str, written: Option<&str>| {
        written.and_then(|pattern| log.regex(&format!("{key}.{name}"), pattern))
    };
    Some(InputRange {
        places,
        name: pattern("name", written.name.as_deref()),
        not_name: pattern("not_name", written.not_name.as_deref()),
        path: pattern("path", written.path.as_deref()),
        not_path: pattern("not_path", written.not_path.as_deref()),
        not_at: names(log, &format!("{key}.not_at"), &written.not_at),
        tier: tier?,
        seen: seen?,
    })
}

fn step(log: &mut Log<'_>, key: &str, written: StepSyntax) -> Option<Step> {
    let named: Vec<Form> = names(log, &format!("{key}.send"), &written.send);
    let forms: Vec<Sent> = named
        .into_iter()
        .map(Sent::Form)
        .chain(written.json.map(Arc::new).map(Sent::Json))
        .collect();
    if forms.is_empty() || forms.len() > MOST {
        if written.send.0.is_empty() || forms.len() > MOST {
            log.add(&format!("{key}.send"), format!("holds 1 to {MOST} forms"));
        }
        return None;
    }
    let mut expect = Vec::new();
    for text in &written.expect.0 {
        expect.extend(log.ok(&format!("{key}.expect"), expectation(text)));
    }
    let name = match (written.name, forms.as_slice()) {
        (Some(name), _) => name,
        (None, [only]) => only.name().to_owned(),
        (None, _) => {
            log.add(
                &format!("{key}.name"),
                "is missing: a step of several forms has a name",
            );
            return None;
        }
    };
    if name.trim().is_empty() {
        log.add(&format!("{key}.name"), "is empty");
    }
    Some(Step {
        name,
        forms,
        expect,
        decides: written.decides.unwrap_or(true),
        once: written.once,
    })
}

fn expectation(text: &str) -> Result<Expect, String> {
    if let Some((_, named)) = Expect::NAMES.into_iter().find(|(name, _)| *name == text) {
        return Ok(named);
    }
    let status = status_range(&StatusSyntax(text.to_owned())).map_err(|_| {
        let names: Vec<&str> = Expect::NAMES.iter().map(|(name, _)| *name).collect();
        format!(
            "{text:?} is none of {}, and no status such as 200 or 5xx",
            names.join(", ")
        )
    })?;
    Ok(Expect::Status(status))
}

fn relation(steps: &[Step], written: TogetherSyntax) -> Result<Together, String> {
    let TogetherSyntax {
        same,
        differ,
        accepts,
    } = written;
    let (names, make): (_, fn(usize, usize) -> Together) = match (same, differ, accepts) {
        (Some(names), None, None) => (names, Together::Same),
        (None, Some(names), None) => (names, Together::Differ),
        (None, None, Some(names)) => (names, Together::Accepts),
        _ => return Err("says one of same, differ, accepts".to_owned()),
    };
    let [left, right] = names.as_slice() else {
        return Err(format!("compares two steps, not {}", names.len()));
    };
    let number = |name: &str| {
        let at = steps.iter().position(|step| step.name == name);
        let at = at.ok_or_else(|| format!("{name:?} is no step"))?;
        if steps[at].decides {
            Ok(at)
        } else {
            Err(format!("{name:?} is only reported, so it decides nothing"))
        }
    };
    Ok(make(number(left)?, number(right)?))
}

fn names<T: std::str::FromStr<Err = String>>(
    log: &mut Log<'_>,
    key: &str,
    written: &Words,
) -> Vec<T> {
    let mut parsed = Vec::new();
    for text in &written.0 {
        parsed.extend(log.ok(key, text.parse()));
    }
    parsed
}
