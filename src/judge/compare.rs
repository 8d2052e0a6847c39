//! Are two answers the same? Simple for now: status, JSON shape and values, or text without the
//! lines that a repeated control changes.
//!
//! Owns: comparing answers of one operation. Leaves out: which answers to compare (`confirm`).

use std::collections::BTreeSet;

use serde_json::Value;

use crate::http::Response;

/// An answer reduced to what comparing needs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Sketch {
    /// The status.
    pub(crate) status: u16,
    /// `path=value` for JSON, lines for text; numbers and tokens blurred.
    features: BTreeSet<String>,
    /// JSON paths at which one of the request's own canaries stands.
    echoes: BTreeSet<String>,
}

impl Sketch {
    /// Reduces an answer. What holds one of `planted` (the canaries of its own request) is left
    /// out: an echo says nothing about consumption.
    pub(crate) fn of(response: &Response, planted: &[String]) -> Self {
        let mut features = BTreeSet::new();
        let mut echoed = BTreeSet::new();
        if let Some(json) = response.json() {
            flatten(&json, String::new(), planted, &mut features, &mut echoed);
        } else {
            for line in response.text().split(['\n', '>']) {
                let line = line.trim();
                if !line.is_empty() && !echoes(line, planted) {
                    features.insert(blur(line));
                }
            }
        }
        if let Some(location) = response.header("location").filter(|l| !echoes(l, planted)) {
            features.insert(format!("location {}", blur(location)));
        }
        Self {
            status: response.status,
            features,
            echoes: echoed,
        }
    }

    /// What is in exactly one of the two.
    fn difference<'a>(&'a self, other: &'a Self) -> impl Iterator<Item = &'a String> {
        // A field that repeats the canary says nothing by holding something else without it.
        self.features
            .symmetric_difference(&other.features)
            .filter(|feature| {
                let stem = stem(feature);
                !self.echoes.contains(stem) && !other.echoes.contains(stem)
            })
    }
}

/// Parts of an answer that change by themselves, learnt from repeated requests.
#[derive(Clone, Debug, Default)]
pub(crate) struct Noise(BTreeSet<String>);

impl Noise {
    /// Learns from answers to one and the same request.
    pub(crate) fn learn(&mut self, repeats: &[&Sketch]) {
        for pair in repeats.windows(2) {
            if let [left, right] = pair {
                self.0.extend(
                    left.difference(right)
                        .map(|feature| stem(feature).to_owned()),
                );
            }
        }
    }

    /// True when two answers are the same but for noise.
    pub(crate) fn same(&self, left: &Sketch, right: &Sketch) -> bool {
        left.status == right.status
            && left
                .difference(right)
                .all(|feature| self.0.contains(stem(feature)))
    }
}

/// True when the two groups differ reliably: by status, or by something that stands in every
/// answer of one group and in none of the other.
pub(crate) fn groups_differ(left: &[Sketch], right: &[Sketch]) -> bool {
    let status = |group: &[Sketch]| group.iter().map(|s| s.status).collect::<BTreeSet<_>>();
    let (left_status, right_status) = (status(left), status(right));
    if left_status.len() == 1 && right_status.len() == 1 {
        if left_status != right_status {
            return true;
        }
    } else {
        return false;
    }
    marks(left, right) || marks(right, left)
}

/// True when a feature stands in all of `group` and in none of `others`, nor under its stem.
fn marks(group: &[Sketch], others: &[Sketch]) -> bool {
    let Some((first, rest)) = group.split_first() else {
        return false;
    };
    first.features.iter().any(|feature| {
        rest.iter().all(|sketch| sketch.features.contains(feature))
            && others
                .iter()
                .all(|sketch| !sketch.features.contains(feature))
            && group
                .iter()
                .chain(others)
                .all(|sketch| !sketch.echoes.contains(stem(feature)))
    })
}

/// JSON features are compared by path when noise is learnt, text by the whole line.
fn stem(feature: &str) -> &str {
    feature
        .split_once('\u{1}')
        .map_or(feature, |(path, _)| path)
}

fn flatten(
    json: &Value,
    path: String,
    planted: &[String],
    features: &mut BTreeSet<String>,
    echoed: &mut BTreeSet<String>,
) {
    match json {
        Value::Object(fields) => {
            if fields.is_empty() {
                features.insert(format!("{path}\u{1}{{}}"));
            }
            for (name, value) in fields {
                if !echoes(name, planted) {
                    flatten(value, format!("{path}.{name}"), planted, features, echoed);
                }
            }
        }
        Value::Array(items) => {
            if items.is_empty() {
                features.insert(format!("{path}\u{1}[]"));
            }
            for item in items.iter().take(200) {
                flatten(item, format!("{path}[]"), planted, features, echoed);
            }
        }
        Value::String(text) if echoes(text, planted) => {
            echoed.insert(path);
        }
        Value::String(text) => {
            features.insert(format!("{path}\u{1}{}", blur(text)));
        }
        // A number, `null` or a flag: which field holds it says enough; counters run on.
        Value::Number(_) => {
            features.insert(format!("{path}\u{1}#"));
        }
        other => {
            features.insert(format!("{path}\u{1}{other}"));
        }
    }
}

fn echoes(text: &str, planted: &[String]) -> bool {
    planted.iter().any(|canary| text.contains(canary.as_str()))
}

/// Blurs what changes by itself: runs of digits, and words of 16 characters or more that hold a
/// digit (tokens, ids, hashes).
fn blur(text: &str) -> String {
    let mut blurred = String::with_capacity(text.len());
    let word = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '+' | '=');
    for piece in text.split_inclusive(|c: char| !word(c)) {
        let (body, tail) = match piece.char_indices().last() {
            Some((at, last)) if !word(last) => (&piece[..at], &piece[at..]),
            _ => (piece, ""),
        };
        if body.len() >= 16 && body.bytes().any(|byte| byte.is_ascii_digit()) {
            blurred.push('~');
        } else {
            let mut digits = false;
            for c in body.chars() {
                if c.is_ascii_digit() {
                    if !digits {
                        blurred.push('#');
                    }
                    digits = true;
                } else {
                    digits = false;
                    blurred.push(c);
                }
            }
        }
        blurred.push_str(tail);
    }
    blurred
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sketch(body: &str, planted: &[&str]) -> Sketch {
        let planted: Vec<String> = planted.iter().map(|text| (*text).to_owned()).collect();
        Sketch::of(&Response::of(200, &[], body), &planted)
    }

    #[test]
    fn times_tokens_and_counters_do_not_make_answers_differ() {
        let left = sketch("<p>12:30:01 visit 7 id 65a1b2c3d4e5f60718293a4b</p>", &[]);
        let right = sketch("<p>12:31:59 visit 8 id 65a1b2c3d4e5f60718293a4c</p>", &[]);
        assert!(Noise::default().same(&left, &right));
    }

    #[test]
    fn an_echo_alone_does_not_make_answers_differ() {
        let absent = sketch(r#"{"items": [], "note": "x"}"#, &[]);
        let present = sketch(
            r#"{"items": [], "note": "x", "key": "canary"}"#,
            &["canary"],
        );
        assert!(Noise::default().same(&absent, &present));
    }

    #[test]
    fn a_field_that_holds_the_echo_or_a_default_does_not_make_answers_differ() {
        let absent = [sketch(r#"{"holder": "nobody"}"#, &[])];
        let present = [sketch(r#"{"holder": "canary"}"#, &["canary"])];
        assert!(!groups_differ(&absent, &present));
    }

    #[test]
    fn a_rotating_line_is_learnt_as_noise_from_repeats() {
        let one = sketch("<p>fixed</p>\n<b>apples</b>", &[]);
        let two = sketch("<p>fixed</p>\n<b>pears</b>", &[]);
        let mut noise = Noise::default();
        assert!(!noise.same(&one, &two));
        noise.learn(&[&one, &two]);
        assert!(noise.same(&one, &two));
    }

    #[test]
    fn groups_differ_only_by_what_all_of_one_and_none_of_the_other_show() {
        let of = |body: &str| sketch(body, &[]);
        let absent = [of("a\nbanner one"), of("a\nbanner two")];
        let present = [of("a\nbanner one"), of("a\nbanner three")];
        assert!(!groups_differ(&absent, &present));
        let found = [of("a\nb\nbanner one"), of("a\nb\nbanner three")];
        assert!(groups_differ(&absent, &found));
    }
}
