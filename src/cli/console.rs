//! The only writer to the terminal: results go to standard output, everything else to standard error.
//!
//! Owns: progress bars, messages, colours, width, and making foreign text harmless. Leaves out: what
//! the results say (`report::text` in the library). Only this file names indicatif.

use std::backtrace::{Backtrace, BacktraceStatus};
use std::collections::HashSet;
use std::env;
use std::fmt;
use std::io::{self, IsTerminal, Write};
use std::panic;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressState, ProgressStyle};
use keyspill::auth::Vault;
use keyspill::error::Error;
use keyspill::finding::Finding;
use keyspill::progress::Progress;
use keyspill::redact::Redactor;
use keyspill::report;
use keyspill::sanitise::sanitise;

use crate::args::{Color, Early, Talk};

/// The width of results if the terminal's width is unknown.
pub(crate) const DEFAULT_WIDTH: usize = 100;

/// The error code (`EIO`) of a terminal that was closed.
const CLOSED: i32 = 5;

/// The width below which a bar shows only the numbers.
const NARROW: usize = 60;

/// What the environment supports.
#[derive(Clone, Copy, Debug)]
struct LineStyle {
    level: Level,
    /// Whether standard error is a terminal that can redraw lines.
    bars: bool,
    /// Whether to use colours on standard error.
    color_err: bool,
    /// Whether to use colours on standard output.
    color_out: bool,
    /// Whether standard output is a terminal.
    terminal: bool,
    /// The width of results in columns.
    width: usize,
    /// The width of standard error in columns.
    width_err: usize,
}

/// How much is written to standard error.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Level {
    /// Only errors.
    Quiet,
    /// Warnings as well, and bars on a terminal.
    Normal,
    /// Notes and phases as well.
    Verbose,
}

/// The terminal.
pub(crate) struct Console {
    style: LineStyle,
    out: Mutex<Box<dyn Write + Send>>,
    err: Mutex<Box<dyn Write + Send>>,
    state: Mutex<State>,
    /// Masks what no message may show.
    redactors: Vec<Redactor>,
    /// The credentials that logins obtain while the console is in use.
    vault: Vault,
}

#[derive(Default)]
struct State {
    phase: Option<Phase>,
    found: usize,
    /// The fingerprints of the findings already shown.
    told: HashSet<String>,
    /// Notes that are results (a dry run's plan); `None` if notes are for people.
    kept: Option<String>,
}

struct Phase {
    name: &'static str,
    requests: u64,
    started: Instant,
    bar: ProgressBar,
}

impl Console {
    /// Creates the console of this process.
    pub(crate) fn new(talk: Talk) -> Self {
        let set = |name| env::var_os(name).is_some_and(|value| !value.is_empty());
        let dumb = env::var_os("TERM").is_some_and(|term| term == "dumb");
        let (out, err) = (io::stdout(), io::stderr());
        let plain = dumb || set("NO_COLOR");
        let colors = |terminal| colors(talk.color, terminal, plain);
        let columns = terminal_size::terminal_size().map(|(width, _)| usize::from(width.0));
        let style = LineStyle {
            level: match (talk.quiet, talk.verbose) {
                (true, _) => Level::Quiet,
                (false, false) => Level::Normal,
                (false, true) => Level::Verbose,
            },
            bars: err.is_terminal() && !dumb && !talk.quiet,
            color_err: colors(err.is_terminal()),
            color_out: colors(out.is_terminal()),
            terminal: out.is_terminal(),
            // In a file or a pipe, the width must not depend on the user's terminal.
            width: columns
                .filter(|_| out.is_terminal())
                .unwrap_or(DEFAULT_WIDTH),
            width_err: terminal_size::terminal_size_of(io::stderr())
                .map_or(DEFAULT_WIDTH, |(width, _)| usize::from(width.0)),
        };
        Self::with(style, Box::new(out), Box::new(err))
    }

    fn with(style: LineStyle, out: Box<dyn Write + Send>, err: Box<dyn Write + Send>) -> Self {
        Self {
            style,
            out: Mutex::new(out),
            err: Mutex::new(err),
            state: Mutex::default(),
            redactors: Vec::new(),
            vault: Vault::default(),
        }
    }

    /// Returns the same console, which now masks these secrets in every message.
    #[must_use]
    pub(crate) fn hiding(mut self, redactors: Vec<Redactor>) -> Self {
        self.redactors = redactors;
        self
    }

    /// Returns the same console, which also masks the secrets in this vault, including those added
    /// later.
    #[must_use]
    pub(crate) fn hiding_all_of(mut self, vault: &Vault) -> Self {
        self.vault = vault.clone();
        self
    }

    /// From now on, keeps notes instead of showing them: a dry run's plan is its result.
    pub(crate) fn keep_notes(&self) {
        locked(&self.state).kept = Some(String::new());
    }

    /// Returns the kept notes, one per line.
    pub(crate) fn kept_notes(&self) -> String {
        locked(&self.state).kept.take().unwrap_or_default()
    }

    /// Returns the width of results in columns.
    pub(crate) fn width(&self) -> usize {
        self.style.width
    }

    /// Returns true if results are shown on a screen.
    pub(crate) fn is_terminal(&self) -> bool {
        self.style.terminal
    }

    /// Returns true if results may be coloured.
    pub(crate) fn color(&self) -> bool {
        self.style.color_out
    }

    /// Writes results unchanged to standard output. It is not an error if the reader has gone away.
    ///
    /// # Errors
    ///
    /// Returns [`Error::Output`] if standard output cannot take them (a full disk).
    pub(crate) fn results(&self, bytes: &[u8]) -> Result<(), Error> {
        self.results_by(|out| out.write_all(bytes))
    }

    /// Writes results as [`Console::results`] does, piece by piece.
    ///
    /// # Errors
    ///
    /// Returns [`Error::Output`] if standard output cannot take them (a full disk).
    pub(crate) fn results_by(
        &self,
        write: impl FnOnce(&mut dyn Write) -> io::Result<()>,
    ) -> Result<(), Error> {
        self.end_phase();
        let mut out = locked(&self.out);
        let mut buffered = io::BufWriter::new(&mut **out);
        match write(&mut buffered).and_then(|()| buffered.flush()) {
            Err(error) if !self.is_left(&error) => Err(Error::Output {
                path: PathBuf::from("standard output"),
                reason: error.to_string(),
            }),
            _ => Ok(()),
        }
    }

    /// Returns true if nobody reads any more: the reader of a pipe is gone, or the terminal is closed.
    fn is_left(&self, error: &io::Error) -> bool {
        let closed = self.style.terminal && error.raw_os_error() == Some(CLOSED);
        closed || error.kind() == io::ErrorKind::BrokenPipe
    }

    /// Reports an error.
    pub(crate) fn error(&self, message: &str) {
        self.labelled("error", "31", message);
    }

    /// Reports panics through this console, masked: their messages may quote the very text that caused
    /// them.
    pub(crate) fn tell_panics(self: &Arc<Self>) {
        let console = Arc::clone(self);
        panic::set_hook(Box::new(move |what| {
            // Written straight to the stream: the panicking thread may hold the console's locks.
            let text = console.panicked(&what.to_string());
            let _ = writeln!(io::stderr(), "{text}");
        }));
    }

    /// Returns what is shown of a panic. The standard library ends its messages about text with that
    /// text, in backticks after "of", and it may be a whole body.
    fn panicked(&self, what: &str) -> String {
        let what = match what.split_once(" of `") {
            Some((before, _)) => format!("{before} of `…`"),
            None => what.to_owned(),
        };
        let trace = Backtrace::capture();
        let trace = match trace.status() {
            BacktraceStatus::Captured => format!("\n{trace}"),
            _ => String::new(),
        };
        format!("internal error: {}{trace}", self.shown(&what))
    }

    /// Reports what needs attention, unless quiet.
    pub(crate) fn warn(&self, message: &str) {
        if self.style.level > Level::Quiet {
            self.labelled("warning", "33", message);
        }
    }

    /// Prints the text with which reading the command line ended.
    ///
    /// # Errors
    ///
    /// Fails like [`Console::results`], for a help text.
    pub(crate) fn early(&self, early: &Early) -> Result<(), Error> {
        let color = if early.fault {
            self.style.color_err
        } else {
            self.style.color_out
        };
        let text = if color { &early.styled } else { &early.plain };
        if early.fault {
            self.write_err(text);
            return Ok(());
        }
        self.results(text.as_bytes())
    }

    /// Ends the last phase, so that the following output appears below its bar.
    pub(crate) fn end_phase(&self) {
        let ended = locked(&self.state).phase.take();
        let Some(phase) = ended else {
            return;
        };
        // A line of its own replaces the bar, because a finished bar would end without a newline.
        phase.bar.finish_and_clear();
        if self.style.level == Level::Verbose || self.style.bars {
            let found = locked(&self.state).found;
            let seconds = phase.started.elapsed().as_secs_f64();
            let (name, requests) = (phase.name, phase.requests);
            let plural = if requests == 1 { "" } else { "s" };
            self.write_err(&format!(
                "{name}: {requests} request{plural} in {seconds:.1} s, {found} found so far\n"
            ));
        }
    }

    fn labelled(&self, label: &str, code: &str, message: &str) {
        let message = self.shown(message);
        let line = if self.style.color_err {
            format!("\x1b[1;{code}m{label}:\x1b[0m {message}\n")
        } else {
            format!("{label}: {message}\n")
        };
        self.write_err(&line);
    }

    /// Makes a text safe to show: masks secrets, and removes anything that a terminal would obey, line
    /// by line.
    fn shown(&self, text: &str) -> String {
        let mut kept = Redactor::default();
        kept.hide(&self.vault.all());
        let masked = self
            .redactors
            .iter()
            .chain([&kept])
            .fold(text.to_owned(), |text, redactor| redactor.text(&text));
        masked.lines().map(sanitise).collect::<Vec<_>>().join("\n")
    }

    /// Writes to standard error. A message that cannot be written cannot be reported, either.
    fn write_err(&self, text: &str) {
        let write = || {
            let mut err = locked(&self.err);
            let _ = err.write_all(text.as_bytes()).and_then(|()| err.flush());
        };
        let bar = locked(&self.state)
            .phase
            .as_ref()
            .map(|phase| phase.bar.clone());
        match bar {
            Some(bar) => bar.suspend(write),
            None => write(),
        }
    }

    fn bar(&self, name: &'static str, total: Option<u64>) -> ProgressBar {
        if !self.style.bars {
            return ProgressBar::hidden();
        }
        let target = ProgressDrawTarget::stderr();
        let columns = terminal_size::terminal_size_of(io::stderr())
            .map_or(DEFAULT_WIDTH, |(width, _)| usize::from(width.0));
        let template = template(total.is_some(), columns, self.style.color_err);
        let style = ProgressStyle::with_template(&template)
            .unwrap_or_else(|_| ProgressStyle::default_bar())
            .progress_chars("=> ")
            .with_key("rate", rate);
        let bar = ProgressBar::with_draw_target(total, target).with_style(style);
        bar.set_prefix(name);
        bar.set_message(found_text(locked(&self.state).found));
        // Rate and time are updated even while an answer takes long.
        bar.enable_steady_tick(Duration::from_millis(200));
        bar
    }
}

impl Progress for Console {
    fn phase(&self, name: &'static str, total: Option<u64>) {
        self.end_phase();
        let bar = self.bar(name, total);
        locked(&self.state).phase = Some(Phase {
            name,
            requests: 0,
            started: Instant::now(),
            bar,
        });
    }

    fn request(&self) {
        if let Some(phase) = &mut locked(&self.state).phase {
            phase.requests += 1;
            // A total is an estimate: one answer may lead to more requests.
            if phase
                .bar
                .length()
                .is_some_and(|total| total < phase.requests)
            {
                phase.bar.set_length(phase.requests);
            }
            phase.bar.inc(1);
        }
    }

    fn found(&self, count: usize) {
        let mut state = locked(&self.state);
        state.found = count;
        if let Some(phase) = &state.phase {
            phase.bar.set_message(found_text(count));
        }
    }

    fn proven(&self, finding: &Finding) {
        // On a terminal, shown above the bar, where it scrolls away; elsewhere, only if verbose.
        if self.style.level == Level::Quiet
            || !(self.style.bars || self.style.level == Level::Verbose)
            || !locked(&self.state)
                .told
                .insert(finding.fingerprint().to_owned())
        {
            return;
        }
        let line = report::line(finding, self.style.width_err, |name| self.shown(name));
        let line = self.shown(line.trim_end());
        // Colours come last, because shown text must not contain any.
        let line = match (self.style.color_err, line.split_once(' ')) {
            (true, Some((severity, rest))) => format!("\x1b[1m{severity}\x1b[0m {rest}"),
            _ => line,
        };
        self.write_err(&(line + "\n"));
    }

    fn note(&self, message: &str) {
        let line = self.shown(message) + "\n";
        if let Some(kept) = &mut locked(&self.state).kept {
            kept.push_str(&line);
            return;
        }
        if self.style.level == Level::Verbose {
            self.write_err(&line);
        }
    }
}

/// Returns true if colours are requested, or if a terminal supports them and nothing disables them.
fn colors(asked: Color, terminal: bool, plain: bool) -> bool {
    match asked {
        Color::Always => true,
        Color::Never => false,
        Color::Auto => terminal && !plain,
    }
}

fn template(counted: bool, columns: usize, color: bool) -> String {
    let prefix = if color {
        "{prefix:8.cyan}"
    } else {
        "{prefix:8}"
    };
    let message = if color { "{msg:.yellow}" } else { "{msg}" };
    let numbers = if counted { "{pos}/{len}" } else { "{pos}" };
    if columns < NARROW {
        return format!("{prefix} {numbers} {message}");
    }
    let drawn = if counted { "[{bar:20}]" } else { "{spinner}" };
    format!("{prefix} {drawn} {numbers} requests  {{rate}}  {{elapsed}}  {message}")
}

/// Shows the rate of the last seconds, after the first second: earlier it would show thousands.
fn rate(state: &ProgressState, out: &mut dyn fmt::Write) {
    if state.elapsed() >= Duration::from_secs(1) {
        let _ = write!(out, "{:.0}/s", state.per_sec());
    }
}

fn found_text(count: usize) -> String {
    format!("{count} found")
}

/// Locks a mutex, even a poisoned one: a panic elsewhere must not silence the console.
fn locked<T: ?Sized>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests;
