//! Every shape through every transform that the design allows for it, composed, at every offset and
//! beside hostile neighbours, is found exactly once and identified by its slot.
//!
//! The table is `allowed`: it says which layers may surround which. What it excludes is not
//! recognised, for the reason given there.

use std::io::Write as _;

use base64::Engine as _;
use base64::prelude::{
    BASE64_STANDARD, BASE64_STANDARD_NO_PAD, BASE64_URL_SAFE, BASE64_URL_SAFE_NO_PAD,
};
use flate2::Compression;
use flate2::write::{DeflateEncoder, GzEncoder, ZlibEncoder};
use keyspill::canary::{Canary, Digest, Match, Mint, RunKey, Shape, Strength};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{Index, select};

/// One layer, from the inside to the outside.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Layer {
    Url,
    HtmlDecimal,
    HtmlHex,
    Json,
    Repr,
    Base64(u8),
    Hex,
    HexUpper,
    Reversed,
    Utf16Le,
    Utf16Be,
    Zlib,
    Gzip,
    Deflate,
}

use Layer::{
    Base64, Deflate, Gzip, Hex, HexUpper, HtmlDecimal, HtmlHex, Json, Repr, Reversed, Url, Utf16Be,
    Utf16Le, Zlib,
};

const LAYERS: [Layer; 17] = [
    Url,
    HtmlDecimal,
    HtmlHex,
    Json,
    Repr,
    Base64(0),
    Base64(1),
    Base64(2),
    Base64(3),
    Hex,
    HexUpper,
    Reversed,
    Utf16Le,
    Utf16Be,
    Zlib,
    Gzip,
    Deflate,
];

impl Layer {
    fn is_escape(self) -> bool {
        matches!(self, Url | HtmlDecimal | HtmlHex | Json | Repr)
    }

    fn is_compressed(self) -> bool {
        matches!(self, Zlib | Gzip | Deflate)
    }

    fn is_wide(self) -> bool {
        matches!(self, Utf16Le | Utf16Be)
    }

    fn apply(self, bytes: &[u8]) -> Vec<u8> {
        let each = |write: &dyn Fn(u8) -> String| bytes.iter().map(|b| write(*b)).collect();
        let text: String = match self {
            Url => each(&|b| format!("%{b:02X}")),
            HtmlDecimal => each(&|b| format!("&#{b};")),
            HtmlHex => each(&|b| format!("&#x{b:x};")),
            Json => each(&|b| format!("\\u{b:04x}")),
            Repr => each(&|b| format!("\\x{b:02x}")),
            Base64(0) => BASE64_STANDARD.encode(bytes),
            Base64(1) => BASE64_STANDARD_NO_PAD.encode(bytes),
            Base64(2) => BASE64_URL_SAFE.encode(bytes),
            Base64(_) => BASE64_URL_SAFE_NO_PAD.encode(bytes),
            Hex => each(&|b| format!("{b:02x}")),
            HexUpper => each(&|b| format!("{b:02X}")),
            Reversed => return bytes.iter().rev().copied().collect(),
            Utf16Le => return bytes.iter().flat_map(|b| [*b, 0]).collect(),
            Utf16Be => return bytes.iter().flat_map(|b| [0, *b]).collect(),
            Zlib => {
                let mut encoder = ZlibEncoder::new(Vec::new(), Compression::default());
                encoder.write_all(bytes).unwrap();
                return encoder.finish().unwrap();
            }
            Gzip => {
                let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
                encoder.write_all(bytes).unwrap();
                return encoder.finish().unwrap();
            }
            Deflate => {
                let mut encoder = DeflateEncoder::new(Vec::new(), Compression::default());
                encoder.write_all(bytes).unwrap();
                return encoder.finish().unwrap();
            }
        };
        text.into_bytes()
    }
}

/// Returns whether these layers may surround each other, innermost first: the table.
fn allowed(layers: &[Layer]) -> bool {
    let pairs = || layers.windows(2).map(|pair| (pair[0], pair[1]));
    let outermost = layers.last();
    // A compressed stream is inside base64 or hexadecimal, never bare: the transport decodes bare
    // ones.
    let bare = outermost.is_some_and(|layer| layer.is_compressed());
    let binary = |layer: Layer| layer.is_compressed() || layer.is_wide();
    let inside = |inner: Layer, outer: Layer| match outer {
        // Only base64 or hexadecimal turn bytes into text.
        Base64(_) | Hex | HexUpper => true,
        // An escape read backwards is not an escape, and text reversed twice is not reversed.
        Reversed => !inner.is_escape() && inner != Reversed && !binary(inner),
        _ => !binary(inner) || outer.is_compressed() && inner.is_wide(),
    };
    // A stream without a header is noticed at the beginning of a run, and only read forwards.
    let backward = layers
        .windows(3)
        .any(|l| l[0] == Deflate && l[2] == Reversed);
    !bare && !backward && pairs().all(|(inner, outer)| inside(inner, outer))
}

fn plant(seed: u64, shape: Shape, skipped: usize) -> (Mint, Canary) {
    let mut mint = Mint::new(RunKey::from_seed(seed));
    for i in 0..skipped {
        mint.plant(Shape::ALL[i % Shape::ALL.len()]);
    }
    let canary = mint.plant(shape);
    (mint, canary)
}

#[track_caller]
fn the_only(found: &[Match], canary: &Canary, body: &[u8]) {
    let body = String::from_utf8_lossy(body);
    assert_eq!(found.len(), 1, "{canary:?} in {body}: {found:?}");
    assert_eq!((found[0].slot, found[0].shape), (canary.slot, canary.shape));
}

/// What may appear beside a canary: markup, digits of every encoding, escapes, other scripts.
const NEIGHBOURS: [&str; 10] = [
    "", " ", "\"", "<b>", "##", "=", "漢字", "0a9f", "Zm9v", "----",
];

/// Neighbours that end a token, a run and a word of UTF-16.
const CLEAN: [&str; 6] = ["", " ", "\"", "<", "##", "漢"];

fn beside(before: &str, inside: &[u8], after: &str) -> Vec<u8> {
    [before.as_bytes(), inside, after.as_bytes()].concat()
}

/// The number of random instances of each property.
const CASES: u32 = if cfg!(debug_assertions) { 300 } else { 5000 };

proptest! {
    #![proptest_config(ProptestConfig::with_cases(CASES))]

    #[test]
    fn any_allowed_composition_is_found_once(
        seed in any::<u64>(),
        shape in select(Shape::ALL.to_vec()),
        skipped in 0_usize..40,
        layers in vec(select(LAYERS.to_vec()), 0..=3).prop_filter("not in the table", |l| allowed(l)),
        offset in 0_usize..40,
        places in (any::<Index>(), any::<Index>()),
    ) {
        let (mint, canary) = plant(seed, shape, skipped);
        let mut bytes = beside(&"#".repeat(offset), canary.text.as_bytes(), &"#".repeat(offset % 5));
        for layer in &layers {
            bytes = layer.apply(&bytes);
        }
        // If the beginning of a run matters (a stream) or the ends of a token do (a weak form), the
        // neighbours must end both. UTF-16 needs such neighbours too.
        let glue = shape.is_strong() && !layers.iter().any(|l| l.is_compressed() || l.is_wide());
        let neighbours: &[&str] = if glue { &NEIGHBOURS } else { &CLEAN };
        let (before, after) = (places.0.get::<&str>(neighbours), places.1.get::<&str>(neighbours));
        let body = beside(before, &bytes, after);
        the_only(&mint.recogniser().scan(&body), &canary, &body);
    }

    #[test]
    fn capitals_outermost_are_found_once(
        seed in any::<u64>(),
        shape in select(Shape::ALL.to_vec()),
        // Layers without lower-case letters of their own, or whose capitals mean the same.
        layer in select(vec![None, Some(Hex), Some(Reversed), Some(Url)]),
    ) {
        let (mint, canary) = plant(seed, shape, 3);
        let bytes = layer.map_or(canary.text.clone().into_bytes(), |l| l.apply(canary.text.as_bytes()));
        let body = beside("(", &bytes.to_ascii_uppercase(), ")");
        the_only(&mint.recogniser().scan(&body), &canary, &body);
    }

    #[test]
    fn groups_are_found_once(
        seed in any::<u64>(),
        shape in select(vec![Shape::Token, Shape::Hex32, Shape::Hex64, Shape::Short, Shape::Integer]),
        size in 3_usize..=8,
        separator in select(vec!["-", " ", ".", ":", "_", "/", ",", "\u{ad}", "\u{200b}", "\u{2060}"]),
        layer in select(vec![None, Some(Url), Some(Base64(0)), Some(Hex), Some(Reversed)]),
    ) {
        // A separator beyond ASCII interrupts the ten characters that show that a run contains
        // text, and read backwards it is another character.
        prop_assume!(separator.is_ascii() || matches!(layer, None | Some(Url)));
        let (mint, canary) = plant(seed, shape, 5);
        let groups: Vec<&str> = canary
            .text
            .as_bytes()
            .chunks(size)
            .map(|group| std::str::from_utf8(group).unwrap())
            .collect();
        let text = groups.join(separator).into_bytes();
        let bytes = layer.map_or(text.clone(), |l| l.apply(&text));
        let body = beside("[", &bytes, "]");
        the_only(&mint.recogniser().scan(&body), &canary, &body);
    }

    #[test]
    fn digests_alone_are_found_once(
        seed in any::<u64>(),
        shape in select(Shape::ALL.to_vec()),
        digest in select(vec![
            Digest::Md5, Digest::Sha1, Digest::Sha224, Digest::Sha256, Digest::Sha384,
            Digest::Sha512, Digest::Sha512T256, Digest::Sha3T224, Digest::Sha3T256,
            Digest::Sha3T384, Digest::Sha3T512, Digest::Blake2s, Digest::Blake2bT256,
            Digest::Blake2b,
        ]),
        layer in select(vec![Hex, HexUpper, Base64(0), Base64(1), Base64(2), Base64(3)]),
    ) {
        let (mint, canary) = plant(seed, shape, 4);
        let bytes = layer.apply(&digest.of(canary.text.as_bytes()));
        let body = beside("digest: ", &bytes, "\n");
        let found = mint.recogniser().scan(&body);
        the_only(&found, &canary, &body);
        prop_assert!(found[0].chain().to_string().ends_with(digest.name()));
    }

    #[test]
    fn parts_are_found_once_among_what_was_planted(
        seed in any::<u64>(),
        shape in select(vec![Shape::Token, Shape::Hex32, Shape::Hex64, Shape::Uuid, Shape::Integer]),
        len in any::<Index>(),
        head in any::<bool>(),
        layer in select(vec![None, Some(Url), Some(Base64(1)), Some(Hex), Some(Json)]),
    ) {
        let mut mint = Mint::new(RunKey::from_seed(seed));
        let near: Vec<Canary> = (0..20).map(|_| mint.plant(shape)).collect();
        let text = &near[7].text;
        let part = if head {
            &text[..10 + len.index(text.len() - 10)]
        } else {
            &text[1 + len.index(text.len() - 12)..]
        };
        let bytes = layer.map_or(part.as_bytes().to_vec(), |l| l.apply(part.as_bytes()));
        let body = beside("<i>", &bytes, "</i>");
        let found = mint.recogniser().scan_near(&body, &near);
        the_only(&found, &near[7], &body);
        prop_assert_eq!(found[0].strength, Strength::Weak);
        prop_assert!(mint.recogniser().scan(&body).is_empty());
    }

    #[test]
    fn two_canaries_in_one_body_are_both_found(
        seed in any::<u64>(),
        shapes in (select(Shape::ALL.to_vec()), select(Shape::ALL.to_vec())),
        layer in select(vec![None, Some(Url), Some(Base64(0)), Some(Hex), Some(Reversed)]),
        between in select(vec![" ", ", ", "&x=", "\n", "</td><td>"]),
    ) {
        let mut mint = Mint::new(RunKey::from_seed(seed));
        let canaries = [mint.plant(shapes.0), mint.plant(shapes.1)];
        let text = format!("{}{between}{}", canaries[0].text, canaries[1].text);
        let body = layer.map_or(text.clone().into_bytes(), |l| l.apply(text.as_bytes()));
        let mut slots: Vec<u32> =
            mint.recogniser().scan(&body).iter().map(|m| m.slot.0).collect();
        slots.sort_unstable();
        prop_assert_eq!(slots, vec![0, 1], "{}", String::from_utf8_lossy(&body));
    }

    #[test]
    fn one_inside_the_encoding_of_another_is_found_too(
        seed in any::<u64>(),
        shape in select(Shape::ALL.to_vec()),
    ) {
        let mut mint = Mint::new(RunKey::from_seed(seed));
        let (inner, outer) = (mint.plant(shape), mint.plant(Shape::Token));
        let json = format!("{{\"a\": \"{}\"}}", inner.text);
        let body = format!("{{\"t\": \"{}\", \"k\": \"{}\"}}", BASE64_STANDARD.encode(json), outer.text);
        let twice = BASE64_URL_SAFE_NO_PAD.encode(&body);
        for body in [body, twice] {
            let mut slots: Vec<u32> =
                mint.recogniser().scan(body.as_bytes()).iter().map(|m| m.slot.0).collect();
            slots.sort_unstable();
            prop_assert_eq!(slots, vec![0, 1], "{}", body);
        }
    }

    #[test]
    fn whatever_the_bytes_spans_lie_within_them(
        body in vec(any::<u8>(), 0..2000),
        seed in any::<u64>(),
    ) {
        let (mint, canary) = plant(seed, Shape::Token, 0);
        for m in mint.recogniser().scan_near(&body, &[canary]) {
            prop_assert!(m.span.start < m.span.end && m.span.end <= body.len());
        }
    }
}
