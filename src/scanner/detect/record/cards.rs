//! Values that a page shows outside tables and lists: `<div class=card><h3>name</h3><code>key</code>`.
//!
//! Owns: which values of a page are set apart, what names them, and which other words belong to them.
//! Leaves out: tables, lists and forms (`page`), lines (`text`), and code in a sentence.
//!
//! A value is named by the words before it, by its own `id` or class, or by the heading above it: the
//! first of these that is the name of a credential. Values without such a name are ignored.

use std::collections::HashMap;
use std::ops::Range;

use ego_tree::NodeId;
use scraper::{ElementRef, Html, Node};

use super::page::{announces_example, is_aside, words};
use super::{MAX_RECORDS, Origin, Record, Scalar, name_of};
use crate::credential::{Credentials, Tier};

/// Elements that set a value apart.
const SET_APART: &[&str] = &["code", "kbd", "samp", "tt", "output", "mark", "pre"];
/// Words in class names that set a value apart.
const MARKED: &[&str] = &[
    "key",
    "token",
    "secret",
    "password",
    "credential",
    "value",
    "mono",
    "monospace",
    "code",
];
/// Elements that group what belongs together.
const CARDS: &[&str] = &[
    "div", "li", "article", "section", "fieldset", "p", "details", "figure",
];
/// How far above its value a card may be.
const MAX_ABOVE: usize = 5;
/// The maximum number of texts read per card.
const MAX_TEXTS: usize = 40;
/// The maximum number of values examined per page.
const MAX_VALUES: usize = 3000;
/// More words than this around a value on one line make a sentence.
const SENTENCE: usize = 5;

/// A text in a card.
struct Text<'t> {
    node: NodeId,
    parent: ElementRef<'t>,
    words: &'t str,
}

/// Adds the records of a page's cards.
pub(super) fn read(
    tree: &Html,
    places: &HashMap<NodeId, Range<usize>>,
    groups: &mut usize,
    found: &mut Vec<Record>,
) {
    let credentials = Credentials::default();
    let mut headings: Vec<ElementRef<'_>> = Vec::new();
    let mut cards: HashMap<NodeId, usize> = HashMap::new();
    let mut group = None;
    let mut values = 0;
    for element in tree.tree.root().descendants().filter_map(ElementRef::wrap) {
        if is_heading(element) {
            headings.push(element);
            continue;
        }
        if values >= MAX_VALUES || found.len() >= MAX_RECORDS || !is_set_apart(element) {
            continue;
        }
        values += 1;
        let Some((node, value)) = only_text(element) else {
            continue;
        };
        let Some(card) = card_of(element) else {
            continue;
        };
        let over = headings
            .iter()
            .rev()
            .take(4)
            .find(|one| !is_within(**one, card));
        let example = headings
            .iter()
            .rev()
            .take(2)
            .any(|one| announces_example(&words(*one)));
        let texts = texts(card);
        let name = name(element, &texts, node, over.copied(), &credentials);
        let (Some(name), Some(span), false) = (name, places.get(&node), example) else {
            continue;
        };
        let card = headed(card);
        let texts = self::texts(card);
        let at = *cards.entry(card.id()).or_insert_with(|| {
            let group = *group.get_or_insert_with(|| {
                *groups += 1;
                *groups
            });
            found.push(Record {
                origin: Origin::Shown,
                group,
                ..Record::of("cards[]", others(&texts, node, places))
            });
            found.len() - 1
        });
        if let Some(record) = found.get_mut(at) {
            record.fields.push(Scalar::of(name, value, span.clone()));
        }
    }
}

fn is_heading(element: ElementRef<'_>) -> bool {
    matches!(
        element.value().name(),
        "h1" | "h2" | "h3" | "h4" | "h5" | "h6"
    )
}

fn is_set_apart(element: ElementRef<'_>) -> bool {
    let name = element.value().name();
    let marked = matches!(name, "span" | "div" | "b" | "strong" | "p" | "em" | "small")
        && element.value().classes().any(|class| {
            class
                .split(|letter: char| !letter.is_ascii_alphabetic())
                .any(|word| MARKED.contains(&word))
        });
    SET_APART.contains(&name) || marked
}

/// Returns the text of an element that shows exactly one word.
fn only_text(element: ElementRef<'_>) -> Option<(NodeId, &str)> {
    let mut texts = element
        .descendants()
        .take(MAX_TEXTS)
        .filter_map(|node| match node.value() {
            Node::Text(words) if !words.trim().is_empty() && !is_aside(node) => {
                Some((node.id(), words.trim()))
            }
            _ => None,
        });
    let first = texts.next()?;
    (texts.next().is_none() && !first.1.contains(char::is_whitespace)).then_some(first)
}

/// Returns the card of a value: the nearest element above it that contains other words and is not a
/// sentence.
fn card_of(value: ElementRef<'_>) -> Option<ElementRef<'_>> {
    let mut line = true;
    for above in value
        .ancestors()
        .filter_map(ElementRef::wrap)
        .take(MAX_ABOVE)
    {
        let name = above.value().name();
        if matches!(
            name,
            "td" | "th" | "dd" | "dt" | "body" | "html" | "table" | "dl"
        ) {
            return None;
        }
        let others = texts(above);
        if line && CARDS.contains(&name) {
            // In the element that holds the line of the value, many words make a sentence.
            let direct = above.children().filter_map(|node| {
                node.value()
                    .as_text()
                    .map(|text| text.split_whitespace().count())
            });
            if direct.sum::<usize>() > SENTENCE {
                return None;
            }
            line = false;
        }
        let named = others.len() > 1;
        if CARDS.contains(&name) && named && others.len() < MAX_TEXTS {
            return Some(above);
        }
    }
    None
}

/// Returns the element with a heading above a line of a label and its value, or else the line itself.
fn headed(line: ElementRef<'_>) -> ElementRef<'_> {
    if is_headed(line) {
        return line;
    }
    let above = line.ancestors().filter_map(ElementRef::wrap).take(2);
    let mut above = above.filter(|one| CARDS.contains(&one.value().name()));
    above.find(|one| is_headed(*one)).unwrap_or(line)
}

/// Returns true for an element that begins with a heading.
fn is_headed(card: ElementRef<'_>) -> bool {
    let texts = texts(card);
    let within = |one: &ElementRef<'_>| {
        matches!(
            one.value().name(),
            "h2" | "h3" | "h4" | "h5" | "h6" | "strong" | "header"
        )
    };
    let first = texts.first().map(|text| text.parent);
    texts.len() < MAX_TEXTS && first.as_ref().is_some_and(within)
}

fn is_within(element: ElementRef<'_>, card: ElementRef<'_>) -> bool {
    element
        .ancestors()
        .take(64)
        .any(|one| one.id() == card.id())
}

/// Returns the texts of a card, except those of buttons and links.
fn texts(card: ElementRef<'_>) -> Vec<Text<'_>> {
    let texts = card.descendants().take(MAX_TEXTS * 4).filter_map(|node| {
        let words = node.value().as_text()?.trim();
        let parent = node.parent().and_then(ElementRef::wrap)?;
        let aside = matches!(
            parent.value().name(),
            "button" | "script" | "style" | "option" | "a"
        );
        (!words.is_empty() && !aside).then_some(Text {
            node: node.id(),
            parent,
            words,
        })
    });
    texts.take(MAX_TEXTS).collect()
}

/// Returns the name of a value.
fn name(
    element: ElementRef<'_>,
    texts: &[Text<'_>],
    node: NodeId,
    over: Option<ElementRef<'_>>,
    credentials: &Credentials,
) -> Option<String> {
    let at = texts.iter().position(|text| text.node == node)?;
    let before = at.checked_sub(1).and_then(|before| texts.get(before));
    let label = before.and_then(|text| name_of(text.words));
    // A label takes precedence over every other name.
    if let Some(before) = before
        && (before.words.ends_with(':')
            || matches!(before.parent.value().name(), "label" | "small"))
    {
        return label;
    }
    let attributes = ["id", "data-field", "data-name", "name", "class"];
    let own = attributes
        .iter()
        .filter_map(|name| element.value().attr(name));
    let own = own.flat_map(str::split_whitespace).filter_map(|word| {
        name_of(
            word.trim_end_matches(|letter: char| letter.is_ascii_digit() || "-_".contains(letter)),
        )
    });
    let over = over.and_then(|heading| name_of(&words(heading)));
    let names: Vec<String> = label.into_iter().chain(own).chain(over).collect();
    let of = |tier: Tier| names.iter().find(|name| credentials.tier(name) == tier);
    of(Tier::Strong).or_else(|| of(Tier::Weak)).cloned()
}

/// Returns the other fields of a card: its first words are its name, and words before a colon name what
/// follows.
fn others(
    texts: &[Text<'_>],
    value: NodeId,
    places: &HashMap<NodeId, Range<usize>>,
) -> Vec<Scalar> {
    let mut fields = Vec::new();
    let scalar = |name: String, text: &Text<'_>| {
        let span = places.get(&text.node)?.clone();
        Some(Scalar::of(name, text.words, span))
    };
    for (at, text) in texts.iter().enumerate() {
        if text.node == value || text.words.ends_with(':') {
            continue;
        }
        let before = at.checked_sub(1).and_then(|before| texts.get(before));
        let label = before.filter(|before| before.words.ends_with(':'));
        if let Some(name) = label.and_then(|label| name_of(label.words)) {
            fields.extend(scalar(name, text));
        } else if at == 0 {
            fields.extend(scalar("name".to_owned(), text));
        }
    }
    fields
}

#[cfg(test)]
mod tests {
    use crate::detect::record::records;
    use crate::http::Response;

    fn read(page: &str) -> Vec<String> {
        let answer = Response::of(200, &[("content-type", "text/html")], page);
        let records = records("/", page, &answer);
        let cards = records.iter().filter(|record| record.path == "cards[]");
        cards
            .map(|record| {
                let fields = record.fields.iter();
                let fields: Vec<String> = fields
                    .map(|one| format!("{}={}", one.name, &page[one.span.clone()]))
                    .collect();
                fields.join(" ")
            })
            .collect()
    }

    #[test]
    fn a_value_is_named_by_what_stands_around_it() {
        for (page, expected) in [
            (
                "<h1>API keys</h1><div class=card><h3>billing</h3><code id=key-0>x1</code></div>",
                "name=billing api_keys=x1",
            ),
            (
                "<div class=card><h3>billing</h3><p><label>API key</label> <code>x1</code></p></div>",
                "name=API key API_key=x1",
            ),
            (
                "<ul><li>billing <span class='api-key'>x1</span></li></ul>",
                "name=billing api-key=x1",
            ),
            (
                "<section><h2>ann</h2><span>Client secret</span> <samp>x1</samp></section>",
                "name=ann client_secret=x1",
            ),
        ] {
            let found = read(page);
            assert_eq!(found.len(), 1, "{page} {found:?}");
            assert!(found[0].to_lowercase().ends_with("=x1"), "{page} {found:?}");
            let name = expected.rsplit(' ').next().unwrap().to_lowercase();
            assert!(found[0].to_lowercase().ends_with(&name), "{page} {found:?}");
        }
    }

    #[test]
    fn code_in_sentences_and_other_code_is_none() {
        for page in [
            "<p>Set <code>API_KEY</code> to <code>x1</code> before the service is started for the first time.</p>",
            "<h2>Commits</h2><div><b>fix it</b> <code>8f3c1d</code></div>",
            "<h1>API keys</h1><div><h2>Commits</h2><div><b>fix it</b> <code>8f3c1d</code></div></div>",
            "<h1>Example API keys</h1><div class=card><h3>billing</h3><code>x1</code></div>",
            "<table><tr><th>API key<td><div>a <code>x1</code></div></table>",
        ] {
            assert_eq!(read(page), [""; 0], "{page}");
        }
    }

    #[test]
    fn hostile_pages_take_bounded_time() {
        for piece in [
            "<div>a<code>x</code>",
            "<li><code>x",
            "<h1>key<div><b class=key>x</b>",
        ] {
            let _ = read(&piece.repeat(30_000));
        }
    }
}
