//! Tests for each form that is recognised.

use super::*;
use crate::{Digest, Mint, RunKey, Shape};

fn mint() -> Mint {
    Mint::new(RunKey::from_seed(11))
}

/// Returns one canary of each shape, and the mint they come from.
fn one_each() -> (Mint, Vec<Canary>) {
    let mut mint = mint();
    let canaries = Shape::ALL.map(|shape| mint.plant(shape)).to_vec();
    (mint, canaries)
}

/// Asserts that `body` holds the canary once, and returns the chain it was found through.
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

mod layers {
    use super::*;
    use ::base64::Engine as _;
    use ::base64::prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD};
    use flate2::Compression;
    use flate2::write::{DeflateEncoder, GzEncoder, ZlibEncoder};
    use std::io::Write as _;

    fn hex(bytes: &[u8]) -> String {
        let digit = |half: u8| char::from_digit(u32::from(half), 16).unwrap();
        bytes
            .iter()
            .flat_map(|b| [digit(b >> 4), digit(b & 15)])
            .collect()
    }

    fn zlib(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = ZlibEncoder::new(Vec::new(), Compression::default());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    fn gzip(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    fn deflate(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = DeflateEncoder::new(Vec::new(), Compression::default());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    fn utf16(text: &str) -> Vec<u8> {
        text.encode_utf16().flat_map(u16::to_le_bytes).collect()
    }

    #[test]
    fn base64_is_decoded_at_every_offset_and_the_span_covers_it() {
        let (mint, canaries) = one_each();
        for canary in &canaries {
            for before in 0..7 {
                let inner = format!(
                    "{}{}{}",
                    "#".repeat(before),
                    canary.text,
                    "#".repeat(before)
                );
                for text in [
                    BASE64_STANDARD.encode(&inner),
                    BASE64_URL_SAFE_NO_PAD.encode(&inner),
                ] {
                    let body = format!("{{\"t\": \"{text}\"}}");
                    assert_eq!(found_once(&mint, &body, canary), "base64", "{body}");
                    let span = mint.recogniser().scan(body.as_bytes())[0].span.clone();
                    let least = (canary.text.len() * 4).div_ceil(3);
                    assert!((least..least + 3).contains(&span.len()), "{span:?} {body}");
                }
            }
        }
    }

    #[test]
    fn the_families_of_the_issue_are_found() {
        let (mint, canaries) = one_each();
        for canary in &canaries {
            let text = canary.text.as_bytes();
            // Data that does not shrink is stored unchanged and would be found without inflating.
            let pad = "abcabcab".repeat(12);
            let json = format!("{{\"api_key\": \"{}\", \"pad\": \"{pad}\"}}", canary.text);
            let reversed: String = canary.text.chars().rev().collect();
            let back = |text: String| -> String { text.chars().rev().collect() };
            let mut lines =
                BASE64_STANDARD.encode(format!("{}{json}{}", "# ".repeat(40), "# ".repeat(40)));
            for at in (1..=lines.len() / 76).rev() {
                lines.insert(at * 76, '\n');
            }
            let cases = [
                (hex(text), "hex"),
                (hex(text).to_uppercase(), "hex"),
                (BASE64_STANDARD.encode(hex(text)), "base64/hex"),
                (hex(BASE64_STANDARD.encode(text).as_bytes()), "hex/base64"),
                (
                    BASE64_STANDARD.encode(BASE64_STANDARD.encode(text)),
                    "base64/base64",
                ),
                (
                    BASE64_URL_SAFE_NO_PAD.encode(zlib(json.as_bytes())),
                    "base64/zlib",
                ),
                (BASE64_STANDARD.encode(gzip(json.as_bytes())), "base64/gzip"),
                (
                    BASE64_STANDARD.encode(deflate(json.as_bytes())),
                    "base64/deflate",
                ),
                (
                    BASE64_STANDARD.encode(deflate(json.as_bytes())),
                    "base64/deflate",
                ),
                (hex(&zlib(json.as_bytes())), "hex/zlib"),
                (hex(&deflate(json.as_bytes())), "hex/deflate"),
                (BASE64_STANDARD.encode(&reversed), "base64/reversed"),
                (back(BASE64_STANDARD.encode(text)), "reversed/base64"),
                (back(hex(text)), "reversed/hex"),
                (
                    back(
                        BASE64_STANDARD
                            .encode(zlib(json.as_bytes()))
                            .trim_end_matches('=')
                            .into(),
                    ),
                    "reversed/base64/zlib",
                ),
                (BASE64_STANDARD.encode(utf16(&canary.text)), "base64/utf-16"),
                (hex(&utf16(&canary.text)), "hex/utf-16"),
                (lines, "base64"),
                (
                    BASE64_STANDARD.encode(zlib(BASE64_STANDARD.encode(&json).as_bytes())),
                    "base64/zlib/base64",
                ),
            ];
            for (text, chain) in cases {
                let body = format!("<td>{text}</td>");
                assert_eq!(
                    found_once(&mint, &body, canary),
                    chain,
                    "{:?} {body}",
                    canary.shape
                );
            }
        }
    }

    #[test]
    fn utf_16_is_read_in_both_orders() {
        let (mint, canaries) = one_each();
        for canary in &canaries {
            let text = format!("key={};", canary.text);
            for bytes in [
                utf16(&text),
                text.encode_utf16().flat_map(u16::to_be_bytes).collect(),
            ] {
                let found = mint.recogniser().scan(&bytes);
                assert_eq!(found.len(), 1, "{canary:?}");
                assert_eq!(found[0].chain().to_string(), "utf-16");
                assert_eq!(found[0].span, 8..8 + 2 * canary.text.len());
            }
        }
    }

    #[test]
    fn digests_are_found_in_hex_and_base64() {
        let (mint, canaries) = one_each();
        for canary in &canaries {
            for (digest, name) in [
                (Digest::Md5, "md5"),
                (Digest::Sha1, "sha1"),
                (Digest::Sha256, "sha256"),
                (Digest::Sha3T512, "sha3-512"),
                (Digest::Blake2b, "blake2b"),
            ] {
                let bytes = digest.of(canary.text.as_bytes());
                let body = format!("$x${}$", hex(&bytes));
                assert_eq!(found_once(&mint, &body, canary), name);
                assert_eq!(found_once(&mint, &body.to_uppercase(), canary), name);
                let body = format!("sha-{}", BASE64_STANDARD.encode(&bytes));
                assert_eq!(found_once(&mint, &body, canary), format!("base64/{name}"));
                let body = format!("a{}", hex(&bytes));
                assert!(
                    mint.recogniser().scan(body.as_bytes()).is_empty(),
                    "not delimited"
                );
            }
        }
    }

    #[test]
    fn the_digests_are_those_that_everybody_computes() {
        assert_eq!(
            hex(&Digest::Md5.of(b"abc")),
            "900150983cd24fb0d6963f7d28e17f72"
        );
        assert_eq!(
            hex(&Digest::Sha1.of(b"abc")),
            "a9993e364706816aba3e25717850c26c9cd0d89d"
        );
        let sha256 = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        assert_eq!(hex(&Digest::Sha256.of(b"abc")), sha256);
        let sha3 = "3a985da74fe225b2045c172d6bd390bd855f086e3e9d525b46bfe24511431532";
        assert_eq!(hex(&Digest::Sha3T256.of(b"abc")), sha3);
    }
}

mod parts {
    use super::*;

    #[track_caller]
    fn part(mint: &Mint, body: &str, near: &[Canary], canary: &Canary) -> (String, String) {
        assert!(mint.recogniser().scan(body.as_bytes()).is_empty(), "{body}");
        let found = mint.recogniser().scan_near(body.as_bytes(), near);
        assert_eq!(found.len(), 1, "{body}: {found:?}");
        assert_eq!(
            (found[0].slot, found[0].strength),
            (canary.slot, Strength::Weak),
            "{body}"
        );
        (
            found[0].chain().to_string(),
            body[found[0].span.clone()].to_owned(),
        )
    }

    #[test]
    fn heads_from_ten_and_tails_from_twelve_are_found() {
        let (mint, canaries) = one_each();
        for canary in canaries
            .iter()
            .filter(|c| !c.text.contains(['@', '/', '_']) && c.text.len() > 15)
        {
            let text = &canary.text;
            for len in [10, 11, 20, text.len() - 1] {
                let (chain, span) = part(&mint, &format!("[{}]", &text[..len]), &canaries, canary);
                assert_eq!((chain.as_str(), span.as_str()), ("truncated", &text[..len]));
            }
            for len in [12, 13, text.len() - 1] {
                let tail = &text[text.len() - len..];
                let (chain, span) = part(&mint, &format!("[{tail}]"), &canaries, canary);
                assert_eq!((chain.as_str(), span.as_str()), ("truncated", tail));
            }
            let short = format!("{} {}", &text[..9], &text[text.len() - 11..]);
            assert!(
                mint.recogniser()
                    .scan_near(short.as_bytes(), &canaries)
                    .is_empty()
            );
        }
    }

    #[test]
    fn what_a_mask_left_visible_is_found() {
        let (mint, canaries) = one_each();
        for canary in canaries.iter().filter(|c| c.shape != Shape::Integer) {
            let text = &canary.text;
            if canary.shape == Shape::Email {
                continue;
            }
            for mask in ["****", "••••••", "xxxx", "…", "...", "####"] {
                let body = format!("key: {}{mask}{} ", &text[..4], &text[text.len() - 5..]);
                let head = if text.starts_with("https") {
                    "truncated?"
                } else {
                    "masked"
                };
                if head == "masked" {
                    let (chain, span) = part(&mint, &body, &canaries, canary);
                    assert_eq!(chain, "masked", "{body}");
                    assert!(span.len() > 8);
                }
            }
        }
    }

    #[test]
    fn a_mask_after_the_marker_alone_names_an_only_canary() {
        let mut mint = mint();
        let canary = mint.plant(Shape::Token);
        let body = format!("{}****", &canary.text[..6]);
        let near = [canary.clone()];
        assert_eq!(part(&mint, &body, &near, &canary).0, "masked");
        let two = [canary, mint.plant(Shape::Token)];
        assert!(
            mint.recogniser()
                .scan_near(body.as_bytes(), &two)
                .is_empty(),
            "which of two?"
        );
    }

    #[test]
    fn a_whole_canary_is_no_part() {
        let (mint, canaries) = one_each();
        for canary in &canaries {
            let body = format!("{}...", canary.text);
            let found = mint.recogniser().scan_near(body.as_bytes(), &canaries);
            assert_eq!(found.len(), 1, "{found:?}");
            assert_eq!(found[0].chain().to_string(), "identity");
        }
    }
}
