//! What the tester already knows about the application: `--import`, `--wordlist`, `--input-wordlist`.
//!
//! Owns: reading the files before the first request is sent, fetching the URLs with the scan's own
//! client, and errors that name the option and file. Leaves out: the formats (`crawl::import`,
//! `crawl::words`).

use std::fmt::Write as _;
use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use url::Url;

use crate::crawl::found::Found;
use crate::crawl::{Crawl, import, words};
use crate::discovery::Names;
use crate::error::Error;
use crate::finding::{Imported, Problem};
use crate::http::{ACCEPT, FailureKind, Request, send_patiently};
use crate::net::Client;
use crate::progress::Progress;
use crate::settings::{Import, Settings};

/// The number of parts left out of an import that the console names.
const NAMED: usize = 5;
/// The maximum number of bytes per file.
const MAX_FILE: u64 = 64 << 20;

/// What was read from the files, each under the name that the tester gave it.
pub(super) struct Brought {
    imports: Vec<(String, Found)>,
    urls: Vec<Url>,
    words: Vec<String>,
    names: Names,
    problems: Vec<Problem>,
}

impl Brought {
    /// Reads the files that the settings name.
    ///
    /// # Errors
    ///
    /// Returns [`Error::Usage`] that names the option, the file, and what is wrong with it.
    pub(super) fn read(settings: &Settings) -> Result<Self, Error> {
        let mut base = settings.target.base().clone();
        let _ = base.set_username("");
        let _ = base.set_password(None);
        let mut known = Self {
            imports: Vec::new(),
            urls: Vec::new(),
            words: Vec::new(),
            names: if settings.hidden_inputs {
                Names::usual()
            } else {
                Names::none()
            },
            problems: Vec::new(),
        };
        for import in &settings.imports {
            match import {
                Import::File(path) => {
                    let name = path.display().to_string();
                    let wrong =
                        |message: String| Error::Usage(format!("--import {name}: {message}"));
                    let text = text(path).map_err(&wrong)?;
                    let found = import::read(&text, &base).map_err(&wrong)?;
                    known.imports.push((name, found));
                }
                Import::Url(url) => known.urls.push(url.clone()),
            }
        }
        if let Some(path) = &settings.wordlist {
            let name = path.display();
            let wrong = |message: String| Error::Usage(format!("--wordlist {name}: {message}"));
            let text = text(path).map_err(&wrong)?;
            let (words, odd) = words::paths(&text).map_err(&wrong)?;
            known.words = words;
            if odd > 0 {
                let text = format!("{odd} lines of {name} are no paths and were left out");
                known.problems.push(Problem::new("wordlist-lines", text));
            }
        }
        if let Some(path) = &settings.input_wordlist {
            let name = path.display();
            let wrong =
                |message: String| Error::Usage(format!("--input-wordlist {name}: {message}"));
            let text = text(path).map_err(&wrong)?;
            known.names = known.names.and(Names::of_list(&text).map_err(&wrong)?);
        }
        Ok(known)
    }

    /// Returns the names of hidden inputs to seek.
    pub(super) fn names(&mut self) -> Names {
        std::mem::replace(&mut self.names, Names::none())
    }

    /// Passes everything to a crawl that has not begun, and fetches the imports that are URLs.
    ///
    /// # Errors
    ///
    /// Returns [`Error::Usage`] for a URL that does not answer with an import.
    pub(super) async fn teach<P: Progress>(
        self,
        crawl: &mut Crawl,
        client: &Client,
        progress: &P,
    ) -> Result<Vec<Problem>, Error> {
        for (name, found) in self.imports {
            crawl.import(&name, found);
        }
        for url in self.urls {
            let name = shown(&url);
            if let Some(found) = fetched(client, url, &name).await? {
                crawl.import(&name, found);
            }
        }
        for import in crawl.imported() {
            progress.note(&told(import));
        }
        crawl.try_words(self.words);
        Ok(self.problems)
    }
}

/// Describes what was read from an import, in one line.
fn told(import: &Imported) -> String {
    let Imported {
        name,
        read,
        out_of_scope,
        left_out,
    } = import;
    let mut text = format!("import {name}: {read} requests or operations read");
    if *out_of_scope > 0 {
        let _ = write!(text, ", {out_of_scope} of them not under the base URL");
    }
    if !left_out.is_empty() {
        let _ = write!(text, ", {} parts left out", left_out.len());
        for (part, why) in left_out.iter().take(NAMED) {
            let _ = write!(text, "; {part}: {why}");
        }
        if left_out.len() > NAMED {
            text.push_str("; the others stand in the report");
        }
    }
    text
}

/// Returns the problems of imports whose requests were all answered with 404.
pub(super) fn missing_imports(crawl: &Crawl) -> Vec<Problem> {
    let missing = crawl.missing_imports();
    missing
        .map(|import| {
            let text = format!(
                "nothing that {} names is there: every request was answered with 404",
                import.name
            );
            Problem::new("import-missing", text)
        })
        .collect()
}

/// Returns a URL without the parts that may be secret.
fn shown(url: &Url) -> String {
    format!("{}{}", url.origin().ascii_serialization(), url.path())
}

/// Fetches the import at a URL; returns `None` if the scan was stopped before it arrived.
async fn fetched(client: &Client, mut url: Url, name: &str) -> Result<Option<Found>, Error> {
    let wrong = |message: String| Error::Usage(format!("--import {name}: {message}"));
    let _ = url.set_username("");
    let _ = url.set_password(None);
    url.set_fragment(None);
    let request = Request::get(url.clone()).with_header("Accept", ACCEPT);
    let response = match send_patiently(client, &request).await {
        Ok(response) => response,
        Err(failure) if matches!(failure.kind, FailureKind::Stopped | FailureKind::Budget) => {
            return Ok(None);
        }
        Err(failure) => return Err(wrong(failure.message)),
    };
    if !response.is_success() {
        return Err(wrong(format!("the target answers {}", response.status)));
    }
    if response.truncated {
        let text = "larger than what is read of one answer; download it and give the file";
        return Err(wrong(text.to_owned()));
    }
    import::read(&response.text(), &url)
        .map(Some)
        .map_err(wrong)
}

/// Reads the text of a file: UTF-8 (invalid bytes are replaced), or UTF-16 with a byte order mark, as
/// `PowerShell` writes it.
fn text(path: &Path) -> Result<String, String> {
    let wrong = |error: io::Error| format!("cannot be read: {error}");
    let file = File::open(path).map_err(wrong)?;
    let mut bytes = Vec::new();
    // One extra byte reveals a file that is too large; the size of a pipe cannot be queried.
    file.take(MAX_FILE + 1)
        .read_to_end(&mut bytes)
        .map_err(wrong)?;
    if bytes.len() as u64 > MAX_FILE {
        return Err(format!("larger than {} MiB", MAX_FILE >> 20));
    }
    Ok(decoded(&bytes))
}

fn decoded(bytes: &[u8]) -> String {
    let unit: fn([u8; 2]) -> u16 = match bytes {
        [0xff, 0xfe, ..] => u16::from_le_bytes,
        [0xfe, 0xff, ..] => u16::from_be_bytes,
        _ => return String::from_utf8_lossy(bytes).into_owned(),
    };
    let units: Vec<u16> = bytes[2..]
        .chunks_exact(2)
        .map(|pair| unit([pair[0], pair[1]]))
        .collect();
    String::from_utf16_lossy(&units)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_in_utf_16_is_read() {
        let mut bytes = vec![0xff, 0xfe];
        bytes.extend("Rule é".encode_utf16().flat_map(u16::to_le_bytes));
        assert_eq!(decoded(&bytes), "Rule é");
        assert_eq!(decoded("Rule é".as_bytes()), "Rule é");
    }
}
