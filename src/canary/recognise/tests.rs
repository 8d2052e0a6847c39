//! What is recognised, form by form.

use super::*;
use crate::canary::{Mint, RunKey, Shape};

fn mint() -> Mint {
    Mint::new(RunKey::from_seed(11))
}

/// One canary of each shape, and the mint they come from.
fn one_each() -> (Mint, Vec<Canary>) {
    let mut mint = mint();
    let canaries = Shape::ALL.map(|shape| mint.plant(shape)).to_vec();
    (mint, canaries)
}

/// Asserts that `body` holds the canary once, and gives the chain it was found through.
#[track_caller]
fn found_once(mint: &Mint, body: &str, canary: &Canary) -> String {
    let found = mint.recogniser().scan(body.as_bytes());
    assert_eq!(found.len(), 1, "{:?} in {body:?}: {found:?}", canary.shape);
    assert_eq!((found[0].slot, found[0].shape), (canary.slot, canary.shape));
    found[0].chain().to_string()
}

#[test]
fn a_plain_canary_is_found_where_it_stands() {
    let (mint, canaries) = one_each();
    for canary in &canaries {
        let body = format!("<p title=\"{}\">", canary.text);
        let found = mint.recogniser().scan(body.as_bytes());
        assert_eq!(found.len(), 1, "{canary:?} {found:?}");
        assert_eq!(&body[found[0].span.clone()], canary.text);
        assert!(found[0].transforms.is_empty());
        let expected = if canary.shape.is_strong() {
            Strength::Full
        } else {
            Strength::Weak
        };
        assert_eq!(found[0].strength, expected);
    }
}

#[test]
fn a_strong_canary_is_found_amid_letters_and_a_weak_one_is_not() {
    let (mint, canaries) = one_each();
    for canary in canaries {
        for body in [format!("zz{}", canary.text), format!("{}99", canary.text)] {
            let found = mint.recogniser().scan(body.as_bytes());
            assert_eq!(found.len(), usize::from(canary.shape.is_strong()), "{body}");
        }
    }
}

#[test]
fn a_weak_canary_is_whole_beside_escapes_and_punctuation() {
    let mut mint = mint();
    let canary = mint.plant(Shape::Short);
    for around in [
        "\\n{}\\n",
        "%20{}%20",
        "\\u0022{}\\u0022",
        "&#34;{}&#34;",
        "/{}/",
        "\"{}\"",
        "é{}é",
    ] {
        let body = around.replace("{}", &canary.text);
        assert_eq!(found_once(&mint, &body, &canary), "identity", "{around}");
    }
    let body = format!("\\\\n{}", canary.text);
    assert!(
        mint.recogniser().scan(body.as_bytes()).is_empty(),
        "an escaped backslash, then n"
    );
}

#[test]
fn an_integer_is_found_as_a_number_and_not_in_a_fraction() {
    let mut mint = mint();
    let canary = mint.plant(Shape::Integer);
    for body in ["[{}]", "{}.0", "-{}", "\"n\": {},"] {
        assert_eq!(
            found_once(&mint, &body.replace("{}", &canary.text), &canary),
            "identity"
        );
    }
    for body in ["0.{}", "{}.25", "1{}", "{}0"] {
        let body = body.replace("{}", &canary.text);
        assert!(mint.recogniser().scan(body.as_bytes()).is_empty(), "{body}");
    }
}

#[test]
fn capitals_are_recognised() {
    let (mint, canaries) = one_each();
    for canary in canaries.iter().filter(|c| c.shape != Shape::Integer) {
        assert_eq!(
            found_once(&mint, &canary.text.to_uppercase(), canary),
            "uppercase"
        );
    }
}

fn each(text: &str, write: impl Fn(char) -> String) -> String {
    text.chars().map(write).collect()
}

#[test]
fn every_character_may_be_escaped() {
    let (mint, canaries) = one_each();
    for canary in &canaries {
        let written = [
            (each(&canary.text, |c| format!("%{:02x}", c as u32)), "url"),
            (each(&canary.text, |c| format!("%{:02X}", c as u32)), "url"),
            (each(&canary.text, |c| format!("&#{};", c as u32)), "html"),
            (
                each(&canary.text, |c| format!("&#x{:x};", c as u32)),
                "html",
            ),
            (
                each(&canary.text, |c| format!("&#x{:04X};", c as u32)),
                "html",
            ),
            (
                each(&canary.text, |c| format!("\\u{:04x}", c as u32)),
                "json",
            ),
            (
                each(&canary.text, |c| format!("\\x{:02x}", c as u32)),
                "json",
            ),
            (
                each(&canary.text, |c| format!("%25{:02x}", c as u32)),
                "url/url",
            ),
            (
                each(&canary.text, |c| format!("&amp;#{};", c as u32)),
                "html/html",
            ),
            (
                each(&canary.text, |c| format!("\\\\u{:04x}", c as u32)),
                "json/json",
            ),
            (
                each(&canary.text, |c| format!("%26%23{}%3B", c as u32)),
                "url/html",
            ),
            (
                each(&canary.text, |c| format!("%5Cu{:04x}", c as u32)),
                "url/json",
            ),
        ];
        for (body, chain) in written {
            assert_eq!(
                found_once(&mint, &format!("({body})"), canary),
                chain,
                "{body}"
            );
        }
    }
}

#[test]
fn what_had_nothing_to_escape_has_no_transform() {
    let (mint, canaries) = one_each();
    let token = &canaries[0];
    let body = format!("a=%2Fx%2F&amp;b={}%41", token.text);
    assert_eq!(found_once(&mint, &body, token), "identity");
}

#[test]
fn the_marks_of_an_email_and_a_url_may_be_escaped() {
    let (mint, canaries) = one_each();
    let email = &canaries[5];
    assert_eq!(
        found_once(&mint, &email.text.replace('@', "%40"), email),
        "url"
    );
    assert_eq!(
        found_once(&mint, &email.text.replace('@', "&commat;"), email),
        "html"
    );
    let url = &canaries[6];
    assert_eq!(
        found_once(
            &mint,
            &url.text.replace(':', "%3A").replace('/', "%2F"),
            url
        ),
        "url"
    );
    assert_eq!(
        found_once(&mint, &url.text.replace('/', "\\/"), url),
        "json"
    );
}

#[test]
fn the_core_alone_is_a_truncated_canary() {
    let (mint, canaries) = one_each();
    let (name, _) = canaries[5].text.split_once('@').unwrap();
    assert_eq!(found_once(&mint, name, &canaries[5]), "truncated");
    let host = canaries[6].text.trim_start_matches("https://");
    assert_eq!(
        found_once(&mint, &format!("no such host: {host}"), &canaries[6]),
        "truncated"
    );
}

#[test]
fn a_uuid_without_dashes_is_recognised() {
    let (mint, canaries) = one_each();
    let body = canaries[3].text.replace('-', "");
    assert_eq!(found_once(&mint, &body, &canaries[3]), "separators");
}

#[test]
fn a_canary_read_from_its_end_is_recognised() {
    let (mint, canaries) = one_each();
    for canary in &canaries {
        let body: String = format!("« {} »", canary.text).chars().rev().collect();
        assert_eq!(found_once(&mint, &body, canary), "reversed");
        let body: String = canary.text.to_uppercase().chars().rev().collect();
        let chain = found_once(&mint, &body, canary);
        assert!(
            chain == "uppercase/reversed" || canary.shape == Shape::Integer,
            "{chain}"
        );
    }
}

#[test]
fn groups_are_recognised_with_any_one_separator() {
    let (mint, canaries) = one_each();
    for canary in &canaries {
        if !canary.text.bytes().all(|b| b.is_ascii_alphanumeric()) {
            continue;
        }
        for separator in [
            "-", " ", ":", "\u{ad}", "\u{200b}", "&shy;", "\\u200b", "%20", "&#8203;",
        ] {
            for size in 3..=8 {
                let groups: Vec<&str> = canary
                    .text
                    .as_bytes()
                    .chunks(size)
                    .map(|chunk| std::str::from_utf8(chunk).unwrap())
                    .collect();
                let body = format!("\"{}\"", groups.join(separator));
                let chain = found_once(&mint, &body, canary);
                assert!(chain.ends_with("separators"), "{chain}: {body}");
            }
        }
    }
}

#[test]
fn only_what_was_issued_counts() {
    let mut mint = mint();
    let token = mint.plant(Shape::Token);
    let nobody = Recogniser::new(mint.key(), Issued::default());
    assert!(nobody.scan(token.text.as_bytes()).is_empty());
    let otherwise = Issued::from_slots([(token.slot, Shape::Uuid)]);
    assert!(
        Recogniser::new(mint.key(), otherwise)
            .scan(token.text.as_bytes())
            .is_empty()
    );
    let again = Recogniser::new(mint.key(), mint.issued());
    assert_eq!(again.scan(token.text.as_bytes()).len(), 1);
}

#[test]
fn another_runs_canary_is_a_stranger() {
    let (mint, _) = one_each();
    let mut other = Mint::new(RunKey::from_seed(12));
    for shape in Shape::ALL {
        let body = other.plant(shape).text;
        assert!(mint.recogniser().scan(body.as_bytes()).is_empty(), "{body}");
    }
}

#[test]
fn every_occurrence_counts_once() {
    let (mint, canaries) = one_each();
    let body = format!("{0}{0} {1} {0}", canaries[0].text, canaries[3].text);
    let found = mint.recogniser().scan(body.as_bytes());
    let slots: Vec<u32> = found.iter().map(|m| m.slot.0).collect();
    assert_eq!(slots, [0, 0, 3, 0]);
    assert!(
        found
            .windows(2)
            .all(|pair| pair[0].span.end <= pair[1].span.start)
    );
}

#[test]
fn a_recogniser_sees_what_is_planted_after_it_was_made() {
    let mut mint = mint();
    let recogniser = mint.recogniser();
    let canary = mint.plant(Shape::Token);
    assert_eq!(recogniser.scan(canary.text.as_bytes()).len(), 1);
}
