//! Finds the line of a key in a file, for messages about values that the YAML reader accepted (a
//! wrong pattern, an unknown severity).
//!
//! Block style is followed key by key and item by item; inside a flow mapping (`{…}`) the result is
//! the line of the nearest enclosing key. The meaning of keys is not considered.

/// Returns the line (from 1) of a key such as `detect[1].unless[0].pattern`, or the nearest line
/// above it if the exact one cannot be found.
pub fn line_of(text: &str, key: &str) -> usize {
    let lines: Vec<&str> = text.lines().collect();
    let mut from = 0;
    let mut to = lines.len();
    let mut best = 0;
    for step in steps(key) {
        let found = match step {
            Step::Key(name) => find_key(&lines, from, to, name),
            Step::Item(number) => find_item(&lines, from, to, number),
        };
        let Some((at, end)) = found else { break };
        best = at;
        from = at;
        to = end;
    }
    best + 1
}

enum Step<'a> {
    Key(&'a str),
    Item(usize),
}

fn steps(key: &str) -> impl Iterator<Item = Step<'_>> {
    key.split(['.', '['])
        .filter(|part| !part.is_empty())
        .map(|part| {
            part.strip_suffix(']')
                .and_then(|number| number.parse().ok())
                .map_or(Step::Key(part), Step::Item)
        })
}

/// Returns the first line that has the key, and the line where its block ends.
fn find_key(lines: &[&str], from: usize, to: usize, name: &str) -> Option<(usize, usize)> {
    let at = (from..to).find(|at| lines.get(*at).is_some_and(|line| has_key(line, name)))?;
    Some((at, block_end(lines, at, to)))
}

/// Returns whether the line has `name:` as a key: at its beginning, after `- `, or inside `{…}`.
pub(super) fn has_key(line: &str, name: &str) -> bool {
    line.match_indices(name).any(|(at, _)| {
        let before = line.get(..at).unwrap_or_default().trim_end();
        let after = line.get(at + name.len()..).unwrap_or_default();
        let begins = before.is_empty() || before.ends_with(['-', '{', ',']);
        begins && after.trim_start().starts_with(':')
    })
}

/// Returns the line where the block of the key on line `at` ends.
///
/// List items may be indented as much as their key.
fn block_end(lines: &[&str], at: usize, to: usize) -> usize {
    let depth = lines.get(at).map_or(0, |line| depth(line));
    (at + 1..to)
        .find(|next| {
            lines.get(*next).is_some_and(|line| {
                let item = line.trim_start().starts_with('-');
                !line.trim().is_empty()
                    && (self::depth(line) < depth || (self::depth(line) == depth && !item))
            })
        })
        .unwrap_or(to)
}

/// Finds item `number` of the list that follows line `from`.
fn find_item(lines: &[&str], from: usize, to: usize, number: usize) -> Option<(usize, usize)> {
    let is_item = |at: usize| {
        lines
            .get(at)
            .is_some_and(|line| line.trim_start().starts_with("- "))
    };
    let first = (from + 1..to).find(|at| is_item(*at))?;
    let deep = lines.get(first).map_or(0, |line| depth(line));
    let same = |at: usize| is_item(at) && lines.get(at).is_some_and(|line| depth(line) == deep);
    let mut items = (first..to).filter(|at| same(*at));
    let at = items.nth(number)?;
    Some((at, items.next().unwrap_or(to)))
}

fn depth(line: &str) -> usize {
    line.len() - line.trim_start().len()
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: &str = "\
id: a/b
severity: grave
detect:
  - type: regex
    pattern: one
  - type: regex
    pattern: '('
    unless:
      - pattern: x
      - on: near
        pattern: '['
examples:
- {status: 200, body: x}
- {status: 1, body: y}
";

    #[test]
    fn keys_are_found_on_their_lines() {
        for (key, line) in [
            ("severity", 2),
            ("detect", 3),
            ("detect[0].pattern", 5),
            ("detect[1].pattern", 7),
            ("detect[1].unless[1].pattern", 11),
            ("examples[1].status", 14),
            ("examples[9]", 12),
            ("nothing", 1),
        ] {
            assert_eq!(line_of(FILE, key), line, "{key}");
        }
    }
}
