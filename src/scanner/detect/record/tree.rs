//! Elements of XML and mappings of YAML.

use roxmltree::{Document, Node, ParsingOptions};
use serde_json::Value;

use super::data::below;
use super::find::Finder;
use super::{MAX_RECORDS, MAX_TREE, Record, Scalar, head};
use crate::crawl::extract::yaml;

/// Root elements of documents that describe others, or that are open to every reader.
const DESCRIBING: &[&str] = &[
    "schema",
    "definitions",
    "description",
    "application",
    "rss",
    "feed",
    "urlset",
    "sitemapindex",
    "svg",
    "html",
    "resources",
    "edmx",
    "entitydescriptor",
    "entitiesdescriptor",
];
/// The maximum number of nodes read per document.
const MAX_NODES: u32 = 200_000;
/// The maximum depth that is read.
const MAX_DEPTH: usize = 32;

/// Returns the elements of an XML document, each with its attributes and its children that hold only
/// text.
pub(super) fn of_xml(text: &str) -> Vec<Record> {
    let options = ParsingOptions {
        nodes_limit: MAX_NODES,
        ..ParsingOptions::default()
    };
    if text.len() > MAX_TREE {
        return Vec::new();
    }
    let Ok(document) = Document::parse_with_options(text, options) else {
        return Vec::new();
    };
    let root = document.root_element();
    if DESCRIBING.contains(&root.tag_name().name().to_ascii_lowercase().as_str()) {
        return Vec::new();
    }
    let mut found = Vec::new();
    let mut open = vec![(root, root.tag_name().name().to_owned(), 1)];
    while let Some((node, path, depth)) = open.pop() {
        if found.len() >= MAX_RECORDS {
            break;
        }
        let mut fields: Vec<Scalar> = node
            .attributes()
            .map(|one| Scalar::of(one.name(), one.value().trim(), one.range_value()))
            .collect();
        let mut inner = Vec::new();
        for child in node.children().filter(Node::is_element) {
            let name = child.tag_name().name();
            if child.attributes().len() == 0
                && let Some(scalar) = leaf(child)
            {
                fields.push(scalar);
            } else if depth < MAX_DEPTH {
                let many = child
                    .prev_sibling_element()
                    .is_some_and(|one| one.tag_name() == child.tag_name())
                    || child
                        .next_sibling_element()
                        .is_some_and(|one| one.tag_name() == child.tag_name());
                let list = if many { "[]" } else { "" };
                inner.push((child, format!("{path}.{name}{list}"), depth + 1));
            }
        }
        if let Some(scalar) = leaf(node) {
            // The element's own text, in addition to its attributes: `<key id="1">…</key>`.
            fields.push(scalar);
        }
        found.push(Record::of(&path, fields));
        open.extend(inner.into_iter().rev());
    }
    found
}

/// Returns the scalar of an element that holds one text and nothing else.
fn leaf(node: Node<'_, '_>) -> Option<Scalar> {
    let text = node.first_child().filter(Node::is_text)?;
    if text.next_sibling().is_some() {
        return None;
    }
    let value = text.text()?;
    let range = text.range();
    let lead = value.len() - value.trim_start().len();
    let tail = value.len() - value.trim_end().len();
    let begin = range.start + lead;
    let span = begin..range.end.saturating_sub(tail).max(begin);
    Some(Scalar::of(node.tag_name().name(), value.trim(), span))
}

/// Returns the mappings of the first YAML document of a text.
pub(super) fn of_yaml(text: &str) -> Vec<Record> {
    let Ok(value) = yaml::value(head(text, MAX_TREE)) else {
        return Vec::new();
    };
    let mut found = Vec::new();
    let mut finder = Finder::new(text);
    walk(&value, "", 0, &mut finder, &mut found);
    found
}

/// Walks a value in the order of the text.
fn walk(value: &Value, path: &str, depth: usize, finder: &mut Finder<'_>, found: &mut Vec<Record>) {
    if depth > MAX_DEPTH || found.len() >= MAX_RECORDS {
        return;
    }
    match value {
        Value::Array(items) => {
            for item in items {
                walk(item, &format!("{path}[]"), depth + 1, finder, found);
            }
        }
        Value::Object(map) => {
            let own = found.len();
            found.push(Record::of(path, Vec::new()));
            for (key, value) in map {
                let named = finder.next(key).map_or(0, |range| range.end);
                let below = below(path, key);
                let scalars = match value {
                    Value::Array(items)
                        if !items.iter().any(|one| one.is_object() || one.is_array()) =>
                    {
                        items.as_slice()
                    }
                    Value::Array(_) | Value::Object(_) => {
                        walk(value, &below, depth + 1, finder, found);
                        continue;
                    }
                    scalar => std::slice::from_ref(scalar),
                };
                for scalar in scalars {
                    let (value, text) = match scalar {
                        Value::String(text) => (text.clone(), true),
                        Value::Number(number) => (number.to_string(), false),
                        _ => continue,
                    };
                    let Some(span) = finder.next(&value) else {
                        continue;
                    };
                    // `!vault …`, `!ENV …`: these refer to where the value is kept.
                    if is_tagged(finder.between(named, span.start)) {
                        continue;
                    }
                    if let Some(record) = found.get_mut(own) {
                        record.fields.push(Scalar {
                            name: key.clone(),
                            value,
                            text,
                            span,
                        });
                    }
                }
            }
        }
        _ => {}
    }
}

/// Returns true if a key's value begins with a tag.
fn is_tagged(between: &str) -> bool {
    let begin = between.trim_start_matches(['"', '\'', ':', ' ']);
    begin.starts_with('!')
}

#[cfg(test)]
mod tests {
    use super::super::line;
    use super::*;

    fn read(text: &str, records: &[Record]) -> Vec<String> {
        records.iter().map(|one| line(one, Some(text))).collect()
    }

    #[test]
    fn elements_are_records_of_their_attributes_and_texts() {
        let text = "<?xml version='1.0'?>\n<staff n='2'><m id='7'><name> Ada </name><p>a&amp;b</p></m>\
            <m id='8'><key k='v'>x1</key></m></staff>";
        assert_eq!(
            read(text, &of_xml(text)),
            [
                "staff: n=2",
                "staff.m[]: id=7 name=Ada p=a&amp;b",
                "staff.m[]: id=8",
                "staff.m[].key: k=v key=x1"
            ]
        );
    }

    #[test]
    fn documents_that_describe_have_no_records() {
        for text in [
            "<xs:schema xmlns:xs='x'><xs:element name='password'/></xs:schema>",
            "<resources><string name='password'>Passwort</string></resources>",
            "<!DOCTYPE a [<!ENTITY x 'y'>]><a b='c'/>",
            "<a",
        ] {
            assert_eq!(read(text, &of_xml(text)), [""; 0], "{text}");
        }
    }

    #[test]
    fn mappings_are_records() {
        let text =
            "staff:\n  - name: Ada\n    keys: [x1, 'y2']\n  - {name: Bo, age: 7}\nkey: \"z3\"\n";
        assert_eq!(
            read(text, &of_yaml(text)),
            [
                ": key=z3",
                "staff[]: name=Ada keys=x1 keys=y2",
                "staff[]: name=Bo age=7"
            ]
        );
    }

    #[test]
    fn hostile_documents_end() {
        let _ = of_xml(&"<a>".repeat(300_000));
        let _ = of_xml(&format!("{}{}", "<a>".repeat(1000), "</a>".repeat(1000)));
        let _ = of_yaml(&"a: ".repeat(100_000));
        let _ = of_yaml(&"- ".repeat(100_000));
        let _ = of_yaml("a: &a [x, x]\nb: &b [*a, *a]\nc: &c [*b, *b]\nd: [*c, *c]\n");
    }
}
