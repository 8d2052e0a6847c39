//! Lines of names and values, and tables drawn with characters.
//!
//! Owns: `name: value`, `name = value`, a name and a value separated by a tab, a name with its value on
//! the next line; rows under headings that are separated by tabs, commas or bars, or aligned with
//! dashes. Leaves out: which of them are the answer's own (`text`).

use std::ops::Range;

use super::text::{Block, HEADING};
use super::{MAX_RECORDS, Origin, Record, Scalar, data, name_of, name_of_pair, rows};

/// Longer lines are prose or data.
const MAX_LINE: usize = 4000;
/// The maximum number of lines per table.
const MAX_ROWS: usize = 5000;

/// A line and its position.
struct Line<'t> {
    at: usize,
    text: &'t str,
}

/// A name with its value.
struct Pair {
    name: String,
    value: Range<usize>,
    /// True when it begins an item of a list.
    item: bool,
}

/// Returns the blocks of a text outside some ranges, which are in ascending order.
pub(super) fn blocks(text: &str, taken: &[Range<usize>]) -> Vec<Block> {
    let lines = lines(text, taken);
    let mut found: Vec<Block> = Vec::new();
    let mut open: Vec<Opened> = Vec::new();
    let mut at = 0;
    let mut records = 0;
    while let Some(line) = lines.get(at) {
        let rest = lines.get(at..).unwrap_or_default();
        if records >= MAX_RECORDS {
            break;
        }
        if let Some((table, length)) = table(text, rest) {
            close(&mut open, &mut found);
            records += table.records.len();
            found.push(table);
            at += length;
            continue;
        }
        let (pair, length) = match pair(line) {
            Some(pair) => (Some(pair), 1),
            None => (below(rest), 2),
        };
        let Some(pair) = pair else {
            close(&mut open, &mut found);
            at += 1;
            continue;
        };
        records += usize::from(open.is_empty());
        add(text, pair, &mut open);
        at += length;
    }
    close(&mut open, &mut found);
    found
}

/// Returns the lines that contain words; a line within a taken range counts as empty.
fn lines<'t>(text: &'t str, taken: &[Range<usize>]) -> Vec<Line<'t>> {
    let mut found = Vec::new();
    let mut next = taken.iter().peekable();
    let mut at = 0;
    for whole in text.split_inclusive('\n') {
        let begin = at;
        at += whole.len();
        while next.next_if(|range| range.end <= begin).is_some() {}
        let within = next.peek().is_some_and(|range| range.start < at);
        if within {
            found.push(Line {
                at: begin,
                text: "",
            });
        } else if !whole.trim().is_empty() {
            let text = if whole.len() > MAX_LINE {
                ""
            } else {
                whole.trim_end()
            };
            found.push(Line { at: begin, text });
        }
    }
    found
}

/// Closes the open records; one field alone does not make a record.
fn close(open: &mut Vec<Opened>, found: &mut Vec<Block>) {
    let records = open.drain(..).map(|one| one.record);
    let records: Vec<Record> = records.filter(|one| one.fields.len() > 1).collect();
    let ends = |record: &Record| {
        let first = record.fields.first().map(|one| one.span.start);
        Some(first?..record.fields.last()?.span.end)
    };
    let (Some(first), Some(last)) = (
        records.first().and_then(ends),
        records.last().and_then(ends),
    ) else {
        return;
    };
    let extent = first.start..last.end;
    found.push(block(records, extent));
}

fn block(mut records: Vec<Record>, extent: Range<usize>) -> Block {
    for record in &mut records {
        record.extent = extent.clone();
        record.origin = Origin::Lines;
    }
    Block { records, extent }
}

/// A record that is being read.
struct Opened {
    record: Record,
    /// True when it began with the mark of an item.
    item: bool,
}

/// Adds a pair to the record it belongs to; a repeated name begins the next record.
fn add(text: &str, pair: Pair, open: &mut Vec<Opened>) {
    let has = |one: &Opened| {
        one.record
            .fields
            .iter()
            .any(|field| field.name == pair.name)
    };
    if open.last().is_none_or(has) {
        open.push(Opened {
            record: Record::default(),
            item: pair.item,
        });
    }
    let Some(Opened { record, item }) = open.last_mut() else {
        return;
    };
    if *item && !pair.item {
        // The lines below the first line of an item are its fields.
        "[]".clone_into(&mut record.path);
    }
    let value = text.get(pair.value.clone()).unwrap_or_default();
    record.fields.push(Scalar::of(pair.name, value, pair.value));
}

/// Reads a line with a name and its value.
fn pair(line: &Line<'_>) -> Option<Pair> {
    if line.text.starts_with(HEADING) {
        return None;
    }
    let begin = line.text.len() - line.text.trim_start().len();
    let inner = line.text.trim_start();
    let bare = inner.trim_start_matches(['-', '*', '•', ' ', '\t']);
    let item = inner.starts_with("- ") || inner.starts_with("* ") || inner.starts_with("• ");
    let bare = if item { bare } else { inner };
    let start = begin + inner.len() - bare.len();
    let mark = bare.find([':', '=', '\t'])?;
    let name = bare
        .get(..mark)?
        .trim_matches(|letter: char| letter.is_whitespace() || "\"'`*".contains(letter));
    let name = name_of_pair(name.trim_start_matches("export "))?;
    let rest = bare.get(mark..)?;
    let behind = rest.trim_start_matches([':', '=', '\t', '>']);
    if rest.starts_with("::") || behind.starts_with("//") || rest.starts_with("==") {
        return None;
    }
    let value = trimmed(line.at + start + mark + rest.len() - behind.len(), behind);
    (!value.1.is_empty()).then(|| Pair {
        name,
        value: value.0..value.0 + value.1.len(),
        item,
    })
}

/// Reads a line that ends in a colon, and the word on the line below.
fn below(lines: &[Line<'_>]) -> Option<Pair> {
    let [first, second, ..] = lines else {
        return None;
    };
    let name = first.text.trim().strip_suffix(':')?;
    if first.text.starts_with(HEADING) {
        return None;
    }
    let lead = second.text.len() - second.text.trim_start().len();
    let (at, value) = trimmed(second.at + lead, second.text.trim_start());
    let word = !value.is_empty()
        && !value.contains(char::is_whitespace)
        && !value.ends_with(':')
        && !value.starts_with(['-', HEADING]);
    Some(Pair {
        name: name_of_pair(name)?,
        value: word.then_some(at..at + value.len())?,
        item: false,
    })
}

/// Returns a value without surrounding whitespace, quotes and end marks, and its position.
fn trimmed(at: usize, text: &str) -> (usize, &str) {
    let edge = |letter: char| letter.is_whitespace() || "\"'`*".contains(letter);
    let begin = text.trim_start_matches(edge);
    let lead = text.len() - begin.len();
    let end = begin.trim_end_matches(|letter: char| edge(letter) || letter == ',' || letter == ';');
    (at + lead, end)
}

/// Reads a table at the beginning of some lines; returns it with the number of its lines.
fn table(text: &str, lines: &[Line<'_>]) -> Option<(Block, usize)> {
    drawn(text, lines).or_else(|| separated(text, lines))
}

/// Reads rows under headings and a line of dashes, with or without bars.
fn drawn(text: &str, lines: &[Line<'_>]) -> Option<(Block, usize)> {
    let frame = usize::from(is_rule(lines.first()?.text));
    let head = lines.get(frame)?;
    let rule = lines.get(frame + 1).filter(|line| is_rule(line.text))?;
    let bars = head.text.contains('|');
    let cells = |line: &Line<'_>| -> Vec<Range<usize>> {
        if bars {
            barred(line)
        } else {
            aligned(rule.text, line)
        }
    };
    let names: Vec<Option<String>> = cells(head)
        .into_iter()
        .map(|range| name_of(text.get(range)?))
        .collect();
    if names.len() < 2 || names.iter().all(Option::is_none) {
        return None;
    }
    let mut records = Vec::new();
    let mut taken = frame + 2;
    let mut end = rule.at + rule.text.len();
    for line in lines.iter().skip(taken).take(MAX_ROWS) {
        let row = cells(line);
        if is_rule(line.text) {
            taken += 1;
            continue;
        }
        if line.text.is_empty() || row.len() != names.len() || line.text.contains('|') != bars {
            break;
        }
        let fields = names.iter().zip(row).filter_map(|(name, range)| {
            let raw = text.get(range.clone())?;
            let lead = raw.len() - raw.trim_start().len();
            let (at, value) = trimmed(range.start + lead, raw.trim_start());
            Some(Scalar::of(name.clone()?, value, at..at + value.len()))
        });
        let fields = fields.filter(|field| !field.value.is_empty());
        records.push(Record::of("[]", fields.collect()));
        taken += 1;
        end = line.at + line.text.len();
    }
    (!records.is_empty()).then(|| (block(records, head.at..end), taken))
}

/// Returns true for lines such as `|---|---|`, `+----+----+`, `----  ----`.
fn is_rule(line: &str) -> bool {
    let mut dashes = 0;
    line.chars().all(|letter| {
        dashes += usize::from(matches!(letter, '-' | '=' | '─'));
        matches!(letter, '-' | '=' | '─' | '|' | '+' | ':' | ' ' | '┼' | '│')
    }) && dashes >= 4
        && line.trim().contains(['|', '+', ' ', '┼', '│'])
}

fn barred(line: &Line<'_>) -> Vec<Range<usize>> {
    let lead = line.text.len() - line.text.trim_start_matches([' ', '|']).len();
    let inner = line.text.get(lead..).unwrap_or_default();
    let inner = inner.trim_end().strip_suffix('|').unwrap_or(inner);
    let mut at = line.at + lead;
    inner
        .split('|')
        .map(|cell| {
            let range = at..at + cell.len();
            at += cell.len() + 1;
            range
        })
        .collect()
}

/// Returns the pieces of a line over or under each run of dashes, up to the next run.
fn aligned(rule: &str, line: &Line<'_>) -> Vec<Range<usize>> {
    let bytes = rule.as_bytes();
    let starts: Vec<usize> = (0..bytes.len())
        .filter(|at| bytes[*at] == b'-' && (*at == 0 || bytes[at - 1] != b'-'))
        .collect();
    let of = |place: usize| line.text.floor_char_boundary(place);
    starts
        .iter()
        .enumerate()
        .map(|(index, start)| {
            let end = starts
                .get(index + 1)
                .map_or(line.text.len(), |next| of(*next));
            line.at + of(*start)..line.at + end.max(of(*start))
        })
        .collect()
}

/// Reads rows under headings, separated by tabs or commas; there must be enough of them to rule out
/// chance.
fn separated(text: &str, lines: &[Line<'_>]) -> Option<(Block, usize)> {
    let first = lines.first()?.text.trim_start();
    let tabs = first.matches('\t').count();
    let commas = first.matches(',').count();
    let (mark, count, least) = match (tabs, commas) {
        (1.., _) => ('\t', tabs, 1),
        (0, 2..) => (',', commas, 2),
        _ => return None,
    };
    // The headings of a table of data are names, not words of a sentence.
    let names: Vec<&str> = first.split(mark).map(str::trim).collect();
    let is_name = |name: &&str| {
        let known = name_of(name).is_some();
        known
            && (mark == '\t'
                || name
                    .bytes()
                    .all(|byte| byte.is_ascii_alphanumeric() || b"_-.\"".contains(&byte)))
    };
    if count < least || !names.iter().all(is_name) {
        return None;
    }
    let taken = lines
        .iter()
        .take(MAX_ROWS)
        .take_while(|line| line.text.trim_start().matches(mark).count() >= count)
        .count();
    // One row of two columns could just as well be two lines with a name and a value each.
    if taken < 3 {
        return None;
    }
    let last = lines.get(taken - 1)?;
    let lead = lines.first()?.text.len() - first.len();
    let extent = lines.first()?.at + lead..last.at + last.text.len();
    let piece = text.get(extent.clone())?;
    if mark == '\t' && count == 1 && is_list_of_pairs(lines, taken) {
        return None;
    }
    let mut records = rows::separated(piece, mark);
    for record in &mut records {
        record.place(|span| data::moved(span, extent.start));
    }
    (!records.is_empty()).then(|| (block(records, extent), taken))
}

/// Returns true if the names are on the left, as in a table of settings.
fn is_list_of_pairs(lines: &[Line<'_>], taken: usize) -> bool {
    let lines = lines.iter().take(taken);
    let names: Vec<Option<String>> = lines
        .map(|line| {
            name_of(
                line.text
                    .trim_start()
                    .split('\t')
                    .next()
                    .unwrap_or_default(),
            )
        })
        .collect();
    let credential = |name: &Option<String>| {
        name.as_deref().is_some_and(|name| {
            ["_", "key", "secret", "token", "password"]
                .iter()
                .any(|word| name.contains(word))
        })
    };
    names.iter().skip(1).any(credential)
}

#[cfg(test)]
mod tests {
    use super::super::line;
    use super::*;

    fn read(text: &str) -> Vec<String> {
        let blocks = blocks(text, &[]);
        blocks
            .iter()
            .flat_map(|one| &one.records)
            .map(|one| line(one, Some(text)))
            .collect()
    }

    #[test]
    fn lines_of_names_and_values_are_records() {
        for (text, expected) in [
            (
                "_id: 1\nusername: ann\npassword: x1\n",
                &[": _id=1 username=ann password=x1"][..],
            ),
            ("name = ann\nAPI key = \"x1\"\n", &[": name=ann api_key=x1"]),
            (
                "name: ann\nkey: x1\n\nname: bob\nkey: x2\n",
                &[": name=ann key=x1", ": name=bob key=x2"],
            ),
            (
                "users:\n- name: 'ann'\n  key: 'x1'\n- name: bob\n  key: x2\n",
                &["[]: name=ann key=x1", "[]: name=bob key=x2"],
            ),
            ("name\tann\nAPI key\tx1\n", &[": name=ann api_key=x1"]),
            ("* **name**: ann\n* **key**: `x1`\n", &[": name=ann key=x1"]),
            ("name => ann\nkey => x1\n", &[": name=ann key=x1"]),
        ] {
            assert_eq!(read(text), expected, "{text}");
        }
    }

    #[test]
    fn drawn_tables_are_records() {
        for text in [
            "| name | API key |\n|------|:-------:|\n| ann | x1 |\n| bob | x2 |\n",
            "+------+---------+\n| name | API key |\n+======+=========+\n| ann  | x1      |\n+------+---------+\n| bob  | x2      |\n+------+---------+\n",
            " name | API key\n------+---------\n ann  | x1\n bob  | x2\n(2 rows)\n",
            "name    API key\n------  ---------\nann     x1\nbob     x2\n",
            "name\tAPI key\nann\tx1\nbob\tx2\n",
        ] {
            assert_eq!(
                read(text),
                ["[]: name=ann api_key=x1", "[]: name=bob api_key=x2"],
                "{text}"
            );
        }
        assert_eq!(
            read("id,name,key\n1,ann,x1\n2,\"bob, b.\",x2\n"),
            ["[]: id=1 name=ann key=x1", "[]: id=2 name=bob, b. key=x2"]
        );
    }

    #[test]
    fn prose_is_no_record() {
        for text in [
            "Note: this is a text.\nIt goes on, and says: nothing.\n",
            "See https://desk.example/x\nor http://desk.example/y\n",
            "name,api_key\nann,x1\n",
            "One, two, three\nFour, five, six\nAnd, so, on\n",
            "10:30 talk\n11:45 break\n",
            "a == b\nc == d\n",
            "----\n\n----\n",
        ] {
            let found = read(text);
            assert!(
                found
                    .iter()
                    .all(|one| !one.contains("x1") && !one.contains("//")),
                "{text} {found:?}"
            );
        }
    }
}
