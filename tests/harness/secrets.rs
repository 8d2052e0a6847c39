//! Checks whether anything that a scan has shown contains a secret, in any spelling.

use base64::Engine as _;
use percent_encoding::percent_decode_str;

use crate::app::Scan;

impl Scan {
    /// Checks that nothing that the scan has shown contains any of the secrets.
    #[track_caller]
    pub(crate) fn shows_nothing_of<S: AsRef<str>>(&self, secrets: &[S]) {
        for (place, text) in self.shown() {
            for secret in secrets.iter().map(AsRef::as_ref) {
                let Some(at) = text.find(secret) else {
                    continue;
                };
                let before: String = text[..at].chars().rev().take(120).collect();
                let before: String = before.chars().rev().collect();
                panic!("{secret} in {place}, after {before:?}");
            }
        }
    }

    /// Returns everything that the scan has shown: streams and files, as they are and decoded.
    fn shown(&self) -> Vec<(String, String)> {
        let mut raw = vec![
            ("stdout".to_owned(), self.stdout.clone()),
            ("stderr".to_owned(), self.stderr.clone()),
        ];
        raw.extend(self.files.clone());
        let mut all = Vec::new();
        for (place, text) in raw {
            let percent = percent_decode_str(&text).decode_utf8_lossy().into_owned();
            all.push((format!("{place}, base64"), base64_of(&text)));
            all.push((format!("{place}, percent, base64"), base64_of(&percent)));
            let plain = text.replace("\\\"", "\"").replace("\\\\", "\\");
            all.push((format!("{place}, JSON"), plain));
            all.push((format!("{place}, hexadecimal"), hex_of(&text)));
            all.push((format!("{place}, entities"), without_entities(&text)));
            all.push((format!("{place}, backwards"), text.chars().rev().collect()));
            let twice = percent_decode_str(&percent)
                .decode_utf8_lossy()
                .into_owned();
            all.push((format!("{place}, percent twice"), twice));
            all.push((format!("{place}, percent"), percent.replace('+', " ")));
            all.push((place, text));
        }
        all
    }
}

/// Decodes every run of hexadecimal in a text.
fn hex_of(text: &str) -> String {
    let mut decoded = String::new();
    for run in text
        .split(|c: char| !c.is_ascii_hexdigit())
        .filter(|run| run.len() >= 8)
    {
        for start in 0..2 {
            let pairs = run.as_bytes()[start..].chunks_exact(2);
            let byte = |pair: &[u8]| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16);
            let bytes: Vec<u8> = pairs.map(|pair| byte(pair).unwrap()).collect();
            decoded.push_str(&String::from_utf8_lossy(&bytes));
            decoded.push('\n');
        }
    }
    decoded
}

/// Replaces the entities that Python's `html.escape` and Jinja write.
fn without_entities(text: &str) -> String {
    let mut plain = text.to_owned();
    for (entity, letter) in [
        ("&lt;", "<"),
        ("&gt;", ">"),
        ("&quot;", "\""),
        ("&#34;", "\""),
        ("&#39;", "'"),
        ("&#x27;", "'"),
        ("&amp;", "&"),
    ] {
        plain = plain.replace(entity, letter);
    }
    plain
}

/// Decodes every run of base64 in a text, at each alignment.
fn base64_of(text: &str) -> String {
    let engine = base64::engine::general_purpose::GeneralPurpose::new(
        &base64::alphabet::STANDARD,
        base64::engine::general_purpose::NO_PAD.with_decode_allow_trailing_bits(true),
    );
    let standard = text.replace('-', "+").replace('_', "/");
    let runs = standard.split(|c: char| !(c.is_ascii_alphanumeric() || "+/".contains(c)));
    let mut decoded = String::new();
    for run in runs.filter(|run| run.len() >= 8) {
        for start in 0..4 {
            let run = &run[start.min(run.len())..];
            let whole = &run[..run.len() - usize::from(run.len() % 4 == 1)];
            if let Ok(bytes) = engine.decode(whole) {
                decoded.push_str(&String::from_utf8_lossy(&bytes));
                decoded.push('\n');
            }
        }
    }
    decoded
}
