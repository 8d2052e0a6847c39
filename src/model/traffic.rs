//! Everything that was sent and received, kept for `--traffic`.
//!
//! This module has the spool: one line of JSON per exchange, in an unnamed file that disappears
//! with the process. Masking and the HAR format (`report::har`) need to know every secret, and so
//! are applied later.

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

/// Maximum number of bytes kept of a body.
const MOST_BODY: usize = 64 << 10;
/// Maximum size of the spool in bytes; later exchanges are only counted.
const MOST: u64 = 2 << 30;

/// Records what goes over the wire. It is cheap to clone, and clones share the record.
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

/// One recorded exchange.
#[derive(Debug, Serialize, Deserialize)]
pub struct Exchange {
    /// When the request was sent (UTC).
    #[serde(with = "time::serde::rfc3339")]
    pub started: OffsetDateTime,
    /// Time until the answer was complete.
    pub took: Duration,
    /// The method.
    pub method: String,
    /// The URL that was requested.
    pub url: String,
    /// The headers of the request.
    pub headers: Vec<(String, String)>,
    /// The body of the request.
    pub body: RecordedBody,
    /// The answer, if there was one.
    pub answer: Option<RecordedAnswer>,
    /// Why there was no answer.
    pub failure: Option<String>,
}

/// A recorded answer.
#[derive(Debug, Serialize, Deserialize)]
pub struct RecordedAnswer {
    /// The status.
    pub status: u16,
    /// The headers.
    pub headers: Vec<(String, String)>,
    /// The body, after content decoding.
    pub body: RecordedBody,
}

/// The beginning of a body.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct RecordedBody {
    /// The text; bytes that are not valid text are replaced.
    pub text: String,
    /// Length of the whole body, in bytes.
    pub length: usize,
    /// Whether only the beginning was kept.
    pub cut: bool,
}

impl RecordedBody {
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
    /// Creates the record of a request that is being sent, with everything that the client adds.
    pub fn leaving(method: &str, url: &str, headers: Vec<(String, String)>, body: &[u8]) -> Self {
        Self {
            started: OffsetDateTime::now_utc(),
            took: Duration::ZERO,
            method: method.to_owned(),
            url: url.to_owned(),
            headers,
            body: RecordedBody::of(body, false),
            answer: None,
            failure: None,
        }
    }

    fn answered(mut self, result: &Result<Response, Failure>) -> Self {
        match result {
            Ok(response) => {
                self.took = response.took;
                self.answer = Some(RecordedAnswer {
                    status: response.status,
                    headers: response.headers.clone(),
                    body: RecordedBody::of(&response.body, response.truncated),
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
    /// Creates an empty spool for a file.
    ///
    /// # Errors
    ///
    /// Returns [`Error::Output`] if the spool cannot be created.
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

    /// Returns where the record is to be written.
    pub fn path(&self) -> PathBuf {
        self.with(|state| state.path.clone())
    }

    /// Sets the redactor that knows every secret, once all are known.
    pub fn know(&self, redactor: &Redactor) {
        self.with(|state| state.redactor = Some(redactor.clone()));
    }

    /// Returns the redactor, if the scan has set one.
    pub fn redactor(&self) -> Option<Redactor> {
        self.with(|state| state.redactor.clone())
    }

    /// Returns the number of exchanges for which there was no room.
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

    /// Passes every exchange to `take`, one after the other.
    ///
    /// # Errors
    ///
    /// Fails if the spool cannot be written or read, or if `take` fails.
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
