//! Everything that was sent and received, kept for `--traffic`.
//!
//! Owns: the spool: one line of JSON an exchange, in a file without a name that is gone with the
//! process. Leaves out: masking and the HAR's form (`report::har`), which need to know every secret,
//! and so come last.

use std::fs::File;
use std::io::{self, BufRead, BufReader, BufWriter, Seek, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

use crate::error::Error;
use crate::http::{Failure, Response};
use crate::redact::Redactor;

/// Bytes of a body that are kept.
const MOST_BODY: usize = 64 << 10;
/// Bytes that the spool may hold; what comes then is counted.
const MOST: u64 = 2 << 30;

/// What goes over the wire, as it goes. Cheap to clone; clones share it.
#[derive(Clone, Debug)]
pub struct Traffic(Arc<Mutex<State>>);

#[derive(Debug)]
struct State {
    path: PathBuf,
    spool: BufWriter<File>,
    bytes: u64,
    left_out: u64,
    fault: Option<io::Error>,
    redactor: Option<Redactor>,
}

/// One exchange as it was.
#[derive(Debug, Serialize, Deserialize)]
pub struct Exchange {
    /// When the request left (UTC).
    #[serde(with = "time::serde::rfc3339")]
    pub started: OffsetDateTime,
    /// How long it was until its answer was complete.
    pub took: Duration,
    /// The method.
    pub method: String,
    /// The URL, as it was asked for.
    pub url: String,
    /// The headers that were sent.
    pub headers: Vec<(String, String)>,
    /// The body that was sent.
    pub body: Kept,
    /// What came back.
    pub answer: Option<Answer>,
    /// Why nothing did.
    pub failure: Option<String>,
}

/// An answer as it was.
#[derive(Debug, Serialize, Deserialize)]
pub struct Answer {
    /// The status.
    pub status: u16,
    /// The headers.
    pub headers: Vec<(String, String)>,
    /// The body, after content decoding.
    pub body: Kept,
}

/// The beginning of a body.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct Kept {
    /// As text; bytes that are none are replaced.
    pub text: String,
    /// Its whole length, in bytes.
    pub length: usize,
    /// True where only the beginning was kept.
    pub cut: bool,
}

impl Kept {
    fn of(body: &[u8], truncated: bool) -> Self {
        let kept = &body[..body.len().min(MOST_BODY)];
        Self {
            text: String::from_utf8_lossy(kept).into_owned(),
            length: body.len(),
            cut: truncated || kept.len() < body.len(),
        }
    }
}

impl Exchange {
    /// A request that leaves now, with all that the client adds.
    pub fn leaving(method: &str, url: &str, headers: Vec<(String, String)>, body: &[u8]) -> Self {
        Self {
            started: OffsetDateTime::now_utc(),
            took: Duration::ZERO,
            method: method.to_owned(),
            url: url.to_owned(),
            headers,
            body: Kept::of(body, false),
            answer: None,
            failure: None,
        }
    }

    fn answered(mut self, result: &Result<Response, Failure>) -> Self {
        match result {
            Ok(response) => {
                self.took = response.took;
                self.answer = Some(Answer {
                    status: response.status,
                    headers: response.headers.clone(),
                    body: Kept::of(&response.body, response.truncated),
                });
            }
            Err(failure) => {
                let took = OffsetDateTime::now_utc() - self.started;
                self.took = took.try_into().unwrap_or_default();
                self.failure = Some(failure.to_string());
            }
        }
        self
    }
}

impl Traffic {
    /// An empty spool for a file.
    ///
    /// # Errors
    ///
    /// [`Error::Output`] where nothing can be kept.
    pub fn to(path: &Path) -> Result<Self, Error> {
        let wrong = |error: io::Error| Error::Output {
            path: path.to_owned(),
            reason: error.to_string(),
        };
        let spool = tempfile::tempfile().map_err(wrong)?;
        Ok(Self(Arc::new(Mutex::new(State {
            path: path.to_owned(),
            spool: BufWriter::new(spool),
            bytes: 0,
            left_out: 0,
            fault: None,
            redactor: None,
        }))))
    }

    /// Where it is to be written.
    pub fn path(&self) -> PathBuf {
        self.with(|state| state.path.clone())
    }

    /// What knows every secret, once all are known.
    pub fn know(&self, redactor: &Redactor) {
        self.with(|state| state.redactor = Some(redactor.clone()));
    }

    /// What masks it, where the scan came to know.
    pub fn redactor(&self) -> Option<Redactor> {
        self.with(|state| state.redactor.clone())
    }

    /// How many exchanges there was no room for.
    pub fn left_out(&self) -> u64 {
        self.with(|state| state.left_out)
    }

    /// Keeps one exchange.
    pub fn keep(&self, leaving: Exchange, result: &Result<Response, Failure>) {
        let Ok(mut line) = serde_json::to_vec(&leaving.answered(result)) else {
            return;
        };
        line.push(b'\n');
        self.with(|state| {
            let length = u64::try_from(line.len()).unwrap_or(u64::MAX);
            if state.fault.is_some() || state.bytes.saturating_add(length) > MOST {
                state.left_out += 1;
                return;
            }
            state.bytes += length;
            state.fault = state.spool.write_all(&line).err();
        });
    }

    /// Hands out every exchange, one after the other.
    ///
    /// # Errors
    ///
    /// Where the spool could not be written or read, or `take` fails.
    pub fn each(&self, mut take: impl FnMut(Exchange) -> io::Result<()>) -> io::Result<()> {
        let file = self.with(|state| {
            if let Some(fault) = state.fault.take() {
                return Err(fault);
            }
            state.spool.flush()?;
            state.spool.get_ref().try_clone()
        })?;
        let mut reader = BufReader::new(file);
        reader.rewind()?;
        let mut line = Vec::new();
        while reader.read_until(b'\n', &mut line)? > 0 {
            take(serde_json::from_slice(&line)?)?;
            line.clear();
        }
        Ok(())
    }

    fn with<T>(&self, what: impl FnOnce(&mut State) -> T) -> T {
        what(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}
