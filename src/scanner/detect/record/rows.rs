//! Rows of a file with a line of headings: CSV, also separated by tabs or semicolons.

use csv::{ReaderBuilder, StringRecord};

use super::find::Finder;
use super::{MAX_RECORDS, Record, Scalar, name_of};

/// A line with more headings is data.
const MAX_COLUMNS: usize = 200;

/// Returns the rows, if the first line names the columns.
pub(super) fn records(text: &str) -> Vec<Record> {
    read(text, separator(text))
}

/// Returns the rows of a text whose values are separated by this character.
pub(super) fn separated(text: &str, mark: char) -> Vec<Record> {
    u8::try_from(mark).map_or_else(|_| Vec::new(), |mark| read(text, mark))
}

/// Returns the name, from the first line, of the column that contains a position.
pub(in crate::detect) fn column_at(text: &str, at: usize) -> Option<String> {
    let begin = bom(text);
    let body = text.get(begin..)?;
    let at = at.checked_sub(begin)?;
    let separator = separator(text);
    let mut reader = ReaderBuilder::new()
        .delimiter(separator)
        .has_headers(false)
        .flexible(true)
        .from_reader(body.as_bytes());
    let mut names: Vec<String> = Vec::new();
    let mut row = StringRecord::new();
    while reader.read_record(&mut row).ok()? {
        let start = usize::try_from(row.position()?.byte()).ok()?;
        let end = usize::try_from(reader.position().byte()).ok()?;
        if names.is_empty() {
            names = row.iter().map(|name| name.trim().to_owned()).collect();
            if at < end || names.len() < 2 {
                return None;
            }
        } else if at < end {
            // Inside quotes, the separator is an ordinary character.
            let mut quoted = false;
            let before = body.as_bytes().get(start..at)?;
            let column = before.iter().filter(|byte| {
                quoted ^= **byte == b'"';
                !quoted && **byte == separator
            });
            return names.get(column.count()).cloned();
        }
    }
    None
}

/// Returns the length of the byte order mark, if any.
fn bom(text: &str) -> usize {
    text.len() - text.trim_start_matches('\u{feff}').len()
}

/// Returns the separator that occurs most often in the first line.
fn separator(text: &str) -> u8 {
    let first = text.lines().next().unwrap_or_default();
    let count = |separator: &u8| first.bytes().filter(|byte| byte == separator).count();
    let marks = [b'|', b'\t', b';', b','];
    marks.into_iter().max_by_key(count).unwrap_or(b',')
}

fn read(text: &str, separator: u8) -> Vec<Record> {
    let begin = bom(text);
    let body = text.get(begin..).unwrap_or_default();
    let mut reader = ReaderBuilder::new()
        .delimiter(separator)
        .has_headers(false)
        .from_reader(body.as_bytes());
    let mut row = StringRecord::new();
    let mut names: Vec<String> = Vec::new();
    let mut found = Vec::new();
    let mut finder = Finder::new(body);
    // A row of a different length ends the table.
    while found.len() < MAX_RECORDS && reader.read_record(&mut row).unwrap_or(false) {
        if names.is_empty() {
            names = row.iter().filter_map(name_of).collect();
            let unique = (1..names.len()).all(|at| !names[..at].contains(&names[at]));
            if names.len() < 2 || names.len() > MAX_COLUMNS || names.len() != row.len() || !unique {
                return Vec::new();
            }
            continue;
        }
        let at = row.position().map_or(0, csv::Position::byte);
        finder.go(usize::try_from(at).unwrap_or_default());
        let mut fields = Vec::new();
        for (name, value) in names.iter().zip(&row) {
            let Some(span) = finder.next(value) else {
                continue;
            };
            let span = begin + span.start..begin + span.end;
            fields.push(Scalar::of(name, value.trim(), span));
        }
        found.push(Record::of("[]", fields));
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(text: &str) -> Vec<String> {
        records(text)
            .iter()
            .map(|record| {
                let fields = record.fields.iter();
                let fields: Vec<String> = fields
                    .map(|one| format!("{}={}", one.name, &text[one.span.clone()]))
                    .collect();
                fields.join(" ")
            })
            .collect()
    }

    #[test]
    fn rows_take_their_names_from_the_first_line() {
        for text in [
            "Name,API key\r\nAda,x1\r\n\"Bo, B.\",\"y\"\"2\"\r\n",
            "\u{feff}Name;API key\nAda;x1\n\"Bo, B.\";\"y\"\"2\"\n",
            "Name\tAPI key\nAda\tx1\nBo, B.\ty\"2\n",
        ] {
            let rows = lines(text);
            assert_eq!(rows[0], "Name=Ada api_key=x1", "{text}");
            assert!(rows[1].starts_with("Name=Bo, B. api_key=y"), "{text}");
        }
    }

    #[test]
    fn a_position_stands_in_the_column_that_the_first_line_names() {
        let text = "id,\"full name\",key\r\n1,\"Ann, \"\"A\"\"\n B.\",HERE\r\n2,x,THERE\r\n";
        let column = |piece: &str| column_at(text, text.find(piece).unwrap());
        assert_eq!(column("HERE").as_deref(), Some("key"));
        assert_eq!(column("THERE").as_deref(), Some("key"));
        assert_eq!(column("B.").as_deref(), Some("full name"));
        assert_eq!(column("full"), None);
        assert_eq!(column_at("a\tb\n1\tx\n", 6).as_deref(), Some("b"));
    }

    #[test]
    fn what_has_no_headings_has_no_rows() {
        for text in [
            "",
            "1,2\n3,4\n",
            "Dear Ada,\nhello, you\n",
            "a,a\n1,2\n",
            "Note\nx\n",
        ] {
            assert_eq!(lines(text), [""; 0], "{text}");
        }
    }
}
