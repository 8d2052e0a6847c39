//! Rows of a file with a line of headings: CSV, and the same with tabs or semicolons.

use csv::{ReaderBuilder, StringRecord};

use super::find::Finder;
use super::{MAX_RECORDS, Record, Scalar, name_of};

/// Longer lines of headings are data.
const MAX_COLUMNS: usize = 200;

/// The rows, if the first line names columns.
pub(super) fn records(text: &str) -> Vec<Record> {
    // Some begin with a byte order mark, and spreadsheets' with the separator.
    let begin = text.len() - text.trim_start_matches('\u{feff}').len();
    let body = text.get(begin..).unwrap_or_default();
    let first = body.lines().next().unwrap_or_default();
    let count = |separator: &u8| first.bytes().filter(|byte| byte == separator).count();
    let Some(separator) = [b',', b';', b'\t', b'|'].into_iter().max_by_key(count) else {
        return Vec::new();
    };
    let mut reader = ReaderBuilder::new()
        .delimiter(separator)
        .has_headers(false)
        .from_reader(body.as_bytes());
    let mut row = StringRecord::new();
    let mut names: Vec<String> = Vec::new();
    let mut found = Vec::new();
    let mut finder = Finder::new(body);
    // A row of another length ends the reading: it is no table.
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
            fields.push(Scalar {
                name: name.clone(),
                value: value.trim().to_owned(),
                text: true,
                span: begin + span.start..begin + span.end,
            });
        }
        found.push(Record {
            path: "[]".to_owned(),
            fields,
            ..Record::default()
        });
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Vec<String> {
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
            let rows = read(text);
            assert_eq!(rows[0], "Name=Ada api_key=x1", "{text}");
            assert!(rows[1].starts_with("Name=Bo, B. api_key=y"), "{text}");
        }
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
            assert_eq!(read(text), [""; 0], "{text}");
        }
    }
}
