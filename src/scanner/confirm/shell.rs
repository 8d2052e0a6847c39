//! `curl` lines that reproduce more than one request: CSRF tokens, redirects, returned ids.
//!
//! Owns: what a shell must do between two requests. Leaves out: the line for a single request
//! (`redact`).

use std::collections::BTreeMap;

use super::Confirm;
use crate::finding::Source;
use crate::http::{Request, Transport};
use crate::observe::Observation;
use crate::plan::{Fill, PADDING, compose};
use crate::progress::Progress;
use crate::surface::EndpointId;

/// Stands for the CSRF token until the shell knows it. It needs no escaping anywhere.
const TOKEN: &str = "KEYSPILLCSRFTOKEN";

/// Precedes lines with values that the application has accepted by now. To a shell it is a comment.
const TAKEN: &str = "# taken once only: change the value for another try";

impl<T: Transport, P: Progress> Confirm<'_, T, P> {
    /// Adds a note to the lines of a finding if a write accepts its values only once, that is, if
    /// it refused them the second time.
    pub(super) fn noted(&self, endpoint: &EndpointId, mut lines: Vec<String>) -> Vec<String> {
        let ledger = self.executor.ledger();
        let of = ledger.entries().iter();
        let mut of = of.filter(|entry| entry.source.endpoint == *endpoint);
        let once = of.any(|entry| {
            entry.template.repeat && matches!(entry.reply.status, Some(400 | 409 | 422))
        });
        let fresh = lines.iter().any(|line| line.contains("\"$FRESH\""));
        if once && !fresh && !endpoint.method.is_safe() {
            lines.insert(0, TAKEN.to_owned());
        }
        lines
    }

    /// Returns the canaries of a write in inputs other than the source. Where values must be
    /// unique, these are spent. A read needs none.
    pub(super) fn others(&self, observation: &Observation, source: &Source) -> Vec<String> {
        if observation.template.endpoint.method.is_safe() {
            return Vec::new();
        }
        let ledger = self.executor.ledger();
        let slots = observation.planted.iter();
        slots
            .filter_map(|slot| ledger.entry(*slot))
            .filter(|entry| entry.source != *source)
            .map(|entry| entry.canary.text.clone())
            .collect()
    }

    /// Returns the lines that send an observation's request again, with the same canaries. `step`
    /// is the followed redirect with the answer that counts.
    pub(crate) fn curl(&self, observation: &Observation, step: usize) -> Vec<String> {
        let template = &observation.template;
        let csrf: Vec<&str> = template
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
        let ledger = self.executor.ledger();
        let request = compose(template, self.executor.target, &tokens, |_, fill| {
            fill.shape()?;
            let entry = slots.next().and_then(|slot| ledger.entry(*slot))?;
            Some(entry.canary.clone())
        });
        drop(ledger);
        let Some(request) = request else {
            return Vec::new();
        };
        let mut line = self.executor.owner.redactor().curl(&request);
        if step > 0 {
            // An empty -b switches on curl's cookie engine, so that it follows a redirect like a
            // browser.
            line = line.replacen("curl -s", "curl -s -L -b ''", 1);
        }
        let mut lines = Vec::new();
        let page = template
            .form_page
            .as_deref()
            .and_then(|path| self.executor.target.url_for(path));
        if let (Some(name), Some(page)) = (csrf.first(), page) {
            // The name comes from the application: nothing in it may end the quotes.
            let name = tame(name);
            let fetch = self.executor.owner.redactor().curl(&Request::get(page));
            let fetch = fetch
                .replacen("curl -s", "curl -s -c \"$JAR\"", 1)
                .replacen(" -i ", " ", 1);
            lines.push(format!(
                "JAR=$(mktemp); TOKEN=$({fetch} | tr -d '\\n' | \
                 sed -n 's|.*name=[\"'\\'']{name}[\"'\\''][^>]*value=[\"'\\'']\\([^\"'\\'']*\\).*|\\1|p')"
            ));
            line = line.replace(TOKEN, "'\"$TOKEN\"'");
            line = if line.contains("-b ''") {
                line.replacen("-b ''", "-b \"$JAR\"", 1)
            } else {
                line.replacen("curl -s", "curl -s -b \"$JAR\"", 1)
            };
        }
        for (_, fill) in &template.fills {
            if let Fill::Padded(shape, length) = fill {
                line = short(&line, length.saturating_sub(shape.len()));
            }
        }
        if template.repeat {
            lines.push(line.clone());
        }
        lines.push(line);
        lines
    }
}

/// Makes lines repeatable where their values must be new each time: the shell generates the last
/// characters of those canaries that prove nothing.
pub(super) fn freshened(lines: Vec<String>, spent: &[String]) -> Vec<String> {
    // These are another kind of quotes, into which nothing can be inserted.
    if lines.iter().any(|line| line.contains("$'")) {
        return lines;
    }
    let mut made = lines;
    for text in spent {
        let whole = text.split('@').next().unwrap_or_default();
        let at = whole.len().saturating_sub(FRESH);
        let Some((stem, tail)) = whole.split_at_checked(at) else {
            continue;
        };
        let plain = |part: &str| part.bytes().all(|byte| byte.is_ascii_alphanumeric());
        // The rest must be too long to be the beginning of another value.
        if stem.len() >= FRESH && plain(tail) {
            for line in &mut made {
                *line = line.replace(whole, &format!("{stem}'\"$FRESH\"'"));
            }
        }
    }
    if made.iter().any(|line| line.contains("\"$FRESH\"")) {
        made.insert(0, format!("FRESH=$(printf %0{FRESH}d $((RANDOM % 10000)))"));
    }
    made
}

/// How many digits the shell generates.
const FRESH: usize = 4;

/// Shortens a line by letting the shell generate its padding: eight thousand letters are too many
/// to paste.
fn short(line: &str, padding: usize) -> String {
    let run = PADDING.to_string().repeat(padding);
    let made = format!("'\"$(head -c {padding} /dev/zero | tr '\\0' {PADDING})\"'");
    if padding < made.len() {
        return line.to_owned();
    }
    line.replacen(&run, &made, 1)
}

/// Makes a text of the application safe inside a pattern inside single quotes. Every character that
/// is not plain becomes "any character", so that a hostile name cannot end the quotes or act as a
/// pattern.
fn tame(text: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '/');
    text.chars()
        .map(|c| if plain(c) { c } else { '.' })
        .collect()
}

/// Makes the shell keep an id from the answer to `line`, and still print the answer.
pub(super) fn keep_id(line: &str, from: &IdFrom) -> String {
    // Field names and paths come from the application.
    let take = match from {
        IdFrom::Location => {
            "tr -d '\\r' | sed -n 's/^[Ll]ocation: .*\\/\\([^/?#]*\\)\\/*$/\\1/p'".to_owned()
        }
        IdFrom::Field(name) => {
            let name = tame(name);
            // The value may be a string, a number, or MongoDB's {"$oid": "…"}.
            format!(
                "tr -d '\\n' | grep -oE '\"{name}\": *(\\{{\"\\$oid\": *)?\"?[^\",}}]+' | \
                 head -n 1 | sed 's/.*[\": ]//'"
            )
        }
        IdFrom::PathField(name) => {
            let name = tame(name);
            format!(
                "tr -d '\\n' | grep -oE '\"{name}\": *\"[^\"?#]+' | head -n 1 | \
                 sed 's/\\/*$//; s/.*[\\/\"]//'"
            )
        }
        IdFrom::Word(word) => format!("grep -oE '{}' | head -n 1", like(word)),
        IdFrom::List { before } => {
            let before = tame(before);
            format!("grep -oE '{before}[^\"'\\''/?<>& ]+' | sed 's/.*\\///' | sort -u")
        }
        IdFrom::ListField(name) => {
            let name = tame(name);
            format!(
                "tr -d '\\n' | grep -oE '\"{name}\": *(\\{{\"\\$oid\": *)?\"?[^\",}}]+' | \
                 sed 's/.*[\": ]//' | sort -u"
            )
        }
    };
    format!("ID=$({line} | tee /dev/stderr | {take})")
}

/// Returns a pattern for words like this one: `REF-[0-9]+` for `REF-00041`, as many characters for
/// a UUID.
fn like(word: &str) -> String {
    let hex = |c: char| c.is_ascii_hexdigit() || c == '-';
    if word.len() >= 20 && word.chars().all(hex) {
        return format!("[0-9a-fA-F-]{{{}}}", word.len());
    }
    let mut pattern = String::new();
    for letter in tame(word).chars() {
        match letter {
            '0'..='9' if pattern.ends_with('+') => {}
            '0'..='9' => pattern.push_str("[0-9]+"),
            _ => pattern.push(letter),
        }
    }
    pattern
}

/// Where an id comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum IdFrom {
    /// The last segment of `Location`.
    Location,
    /// A field of the plant's answer.
    Field(String),
    /// The last segment of the path in a field of the plant's answer.
    PathField(String),
    /// A word of the plant's answer that looks like this one.
    Word(String),
    /// The links in a list, by the path before the id.
    List {
        /// The path before the id.
        before: String,
    },
    /// A field of the items in a JSON list.
    ListField(String),
}

/// Puts the shell's id into a line in place of the literal one. With several ids the line runs for
/// each of them, since which one in a list is fresh depends on what else is there.
pub(super) fn use_id(line: &str, id: &str, several: bool) -> String {
    let line = with_id(line, id);
    if !several {
        return line;
    }
    // Not `for … in $ID`: the shell would expand an id that is a glob to the names of the tester's
    // files.
    format!("printf '%s\\n' \"$ID\" | while IFS= read -r ID; do {line}; done")
}

/// Replaces the last segment of the line that equals the id: an id such as `1` may also begin the
/// host.
fn with_id(line: &str, id: &str) -> String {
    let segment = format!("/{id}");
    let is_whole = |at: &usize| {
        let rest = line.get(at + segment.len()..).unwrap_or_default();
        rest.is_empty() || rest.starts_with(['/', '?', '\'', '"', ' '])
    };
    let found = line.match_indices(&segment).map(|(at, _)| at);
    match found.filter(is_whole).last() {
        Some(at) => {
            let (before, rest) = line.split_at(at);
            let rest = rest.strip_prefix(&segment).unwrap_or(rest);
            format!("{before}/'\"$ID\"'{rest}")
        }
        None => line.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Returns what a script prints in a POSIX shell.
    #[cfg(unix)]
    fn printed(script: &str) -> String {
        let output = std::process::Command::new("bash")
            .args(["-c", script])
            .output()
            .unwrap();
        String::from_utf8_lossy(&output.stdout).into_owned()
    }

    #[test]
    fn a_hostile_name_runs_nothing_in_the_testers_shell() {
        let hostile = "id'; touch /pwned; echo $(id) '";
        for from in [
            IdFrom::Field(hostile.to_owned()),
            IdFrom::ListField(hostile.to_owned()),
            IdFrom::PathField(hostile.to_owned()),
            IdFrom::Word(hostile.to_owned()),
            IdFrom::List {
                before: hostile.to_owned(),
            },
        ] {
            let line = keep_id("true", &from);
            assert!(
                !line.contains("; touch") && !line.contains("$(id)"),
                "{line}"
            );
        }
    }

    #[cfg(unix)]
    #[test]
    fn what_is_spent_is_made_anew_by_the_shell() {
        let lines = vec![
            "printf '%s ' 'name=ks7f3aq2w9&mail=ks7f3ab4c5%40example.com&key=ks7f3ad6e7'"
                .to_owned(),
            "printf '%s' 'http://h/ks7f3aq2w9'".to_owned(),
        ];
        let spent = ["ks7f3aq2w9".to_owned(), "ks7f3ab4c5@example.com".to_owned()];
        let made = freshened(lines.clone(), &spent);
        let printed = printed(&made.join("\n"));
        let fresh = &printed["name=ks7f3a".len()..][..FRESH];
        assert!(fresh.bytes().all(|byte| byte.is_ascii_digit()), "{printed}");
        assert_eq!(
            printed,
            format!(
                "name=ks7f3a{fresh}&mail=ks7f3a{fresh}%40example.com&key=ks7f3ad6e7 http://h/ks7f3a{fresh}"
            )
        );
        assert_eq!(freshened(lines.clone(), &[]), lines);
        let other = vec!["printf $'ks7f3aq2w9\\n'".to_owned()];
        assert_eq!(freshened(other.clone(), &spent), other);
    }

    #[cfg(unix)]
    #[test]
    fn the_shell_makes_the_padding_of_a_long_value() {
        let run = PADDING.to_string().repeat(300);
        let line = short(&format!("printf %s 'key={run}&x=1'"), 300);
        assert!(line.len() < 100, "{line}");
        let printed = printed(&line);
        assert_eq!(printed, format!("key={run}&x=1"));
    }

    #[test]
    fn the_id_is_a_whole_segment_and_no_part_of_the_host() {
        for (line, expected) in [
            (
                "curl 'http://127.0.0.1:5000/v1/items/1'",
                "curl 'http://127.0.0.1:5000/v1/items/'\"$ID\"''",
            ),
            (
                "curl 'http://1/1/items/1/notes?x=/12'",
                "curl 'http://1/1/items/'\"$ID\"'/notes?x=/12'",
            ),
            (
                "curl 'http://127.0.0.1/items/12'",
                "curl 'http://127.0.0.1/items/12'",
            ),
        ] {
            assert_eq!(use_id(line, "1", false), expected);
        }
    }

    #[cfg(unix)]
    #[test]
    fn an_id_is_read_from_an_answer() {
        let field = |name: &str| IdFrom::Field(name.to_owned());
        let path = |name: &str| IdFrom::PathField(name.to_owned());
        let word = |word: &str| IdFrom::Word(word.to_owned());
        for (answer, from, id) in [
            (
                r#"{"_id": {"$oid": "65a1"}, "name": "x"}"#,
                field("_id"),
                "65a1",
            ),
            (
                r#"{"item": "/vault/a/items/3", "x": "/y"}"#,
                path("item"),
                "3",
            ),
            (r#"{"item": "http://h/items/3/?x=/4"}"#, path("item"), "3"),
            (
                r#"{"said": "Kept as REF-00042 (1)."}"#,
                word("REF-00041"),
                "REF-00042",
            ),
            (
                r#"{"said": "65f0c0ffee65f0c0ffee65f1"}"#,
                word("65f0c0ffee65f0c0ffee65f0"),
                "65f0c0ffee65f0c0ffee65f1",
            ),
        ] {
            let line = keep_id(&format!("printf '{answer}'"), &from);
            let script = format!("{line} 2>/dev/null; printf %s \"$ID\"");
            assert_eq!(printed(&script), id);
        }
    }
}
