//! The sole writer to the terminal: results on standard output, everything else on standard error.
//!
//! Owns: bars, messages, colours, width, and making foreign text harmless. Leaves out: what the
//! results say (`report::text` in the library). Only this file names indicatif.

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

use crate::cli::{Color, Early, Talk};

/// Width of results where nobody says how wide the terminal is.
pub(crate) const DEFAULT_WIDTH: usize = 100;

/// Below this width a bar shows only the numbers.
const NARROW: usize = 60;

/// What the surroundings allow.
#[derive(Clone, Copy, Debug)]
struct Style {
    level: Level,
    /// Standard error is a terminal that can redraw lines.
    bars: bool,
    /// Colours on standard error.
    color_err: bool,
    /// Colours on standard output.
    color_out: bool,
    /// Columns for results.
    width: usize,
    /// Columns on standard error.
    width_err: usize,
}

/// How much is said on standard error.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Level {
    /// Errors.
    Quiet,
    /// Warnings too, and bars on a terminal.
    Normal,
    /// Notes and phases too.
    Verbose,
}

/// The terminal.
pub(crate) struct Console {
    style: Style,
    out: Mutex<Box<dyn Write + Send>>,
    err: Mutex<Box<dyn Write + Send>>,
    state: Mutex<State>,
    /// What no message may show.
    redactors: Vec<Redactor>,
    /// What logins obtain while it talks.
    vault: Vault,
}

#[derive(Default)]
struct State {
    phase: Option<Phase>,
    found: usize,
    /// The findings that were told, by fingerprint.
    told: HashSet<String>,
    /// Notes that are results (a dry run's plan); `None` where notes are for people.
    kept: Option<String>,
}

struct Phase {
    name: &'static str,
    requests: u64,
    started: Instant,
    bar: ProgressBar,
}

impl Console {
    /// The console of this process.
    pub(crate) fn new(talk: Talk) -> Self {
        let set = |name| env::var_os(name).is_some_and(|value| !value.is_empty());
        let dumb = env::var_os("TERM").is_some_and(|term| term == "dumb");
        let (out, err) = (io::stdout(), io::stderr());
        let plain = dumb || set("NO_COLOR");
        let colors = |terminal| colors(talk.color, terminal, plain);
        let columns = terminal_size::terminal_size().map(|(width, _)| usize::from(width.0));
        let style = Style {
            level: match (talk.quiet, talk.verbose) {
                (true, _) => Level::Quiet,
                (false, false) => Level::Normal,
                (false, true) => Level::Verbose,
            },
            bars: err.is_terminal() && !dumb && !talk.quiet,
            color_err: colors(err.is_terminal()),
            color_out: colors(out.is_terminal()),
            // Into a file or a pipe the width does not depend on who happens to watch.
            width: columns
                .filter(|_| out.is_terminal())
                .unwrap_or(DEFAULT_WIDTH),
            width_err: terminal_size::terminal_size_of(io::stderr())
                .map_or(DEFAULT_WIDTH, |(width, _)| usize::from(width.0)),
        };
        Self::with(style, Box::new(out), Box::new(err))
    }

    fn with(style: Style, out: Box<dyn Write + Send>, err: Box<dyn Write + Send>) -> Self {
        Self {
            style,
            out: Mutex::new(out),
            err: Mutex::new(err),
            state: Mutex::default(),
            redactors: Vec::new(),
            vault: Vault::default(),
        }
    }

    /// The same console, which masks these secrets in every message from now on.
    #[must_use]
    pub(crate) fn hiding(mut self, redactors: Vec<Redactor>) -> Self {
        self.redactors = redactors;
        self
    }

    /// The same console, which masks these secrets too, those included that are kept later.
    #[must_use]
    pub(crate) fn hiding_all_of(mut self, vault: &Vault) -> Self {
        self.vault = vault.clone();
        self
    }

    /// Keeps notes from now on instead of showing them: a dry run's plan is its result.
    pub(crate) fn keep_notes(&self) {
        locked(&self.state).kept = Some(String::new());
    }

    /// The notes that were kept, a line each.
    pub(crate) fn kept_notes(&self) -> String {
        locked(&self.state).kept.take().unwrap_or_default()
    }

    /// Columns for results.
    pub(crate) fn width(&self) -> usize {
        self.style.width
    }

    /// True when results may be coloured.
    pub(crate) fn color(&self) -> bool {
        self.style.color_out
    }

    /// Writes results, as they are, to standard output. That nobody reads on is no fault.
    ///
    /// # Errors
    ///
    /// [`Error::Output`] when standard output cannot take it (a full disk).
    pub(crate) fn results(&self, bytes: &[u8]) -> Result<(), Error> {
        self.results_by(|out| out.write_all(bytes))
    }

    /// Writes results as [`Console::results`] does, piece by piece.
    ///
    /// # Errors
    ///
    /// [`Error::Output`] when standard output cannot take it (a full disk).
    pub(crate) fn results_by(
        &self,
        write: impl FnOnce(&mut dyn Write) -> io::Result<()>,
    ) -> Result<(), Error> {
        self.end_phase();
        let mut out = locked(&self.out);
        let mut buffered = io::BufWriter::new(&mut **out);
        match write(&mut buffered).and_then(|()| buffered.flush()) {
            Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(Error::Output {
                path: PathBuf::from("standard output"),
                reason: error.to_string(),
            }),
            _ => Ok(()),
        }
    }

    /// Says what is wrong.
    pub(crate) fn error(&self, message: &str) {
        self.labelled("error", "31", message);
    }

    /// Has a panic told here, masked: its message may quote the very text that it failed on.
    pub(crate) fn tell_panics(self: &Arc<Self>) {
        let console = Arc::clone(self);
        panic::set_hook(Box::new(move |what| {
            // Straight to the stream: whoever panics may hold our locks.
            let text = console.panicked(&what.to_string());
            let _ = writeln!(io::stderr(), "{text}");
        }));
    }

    /// What is shown of a panic. The standard library ends its messages about text with that text,
    /// in backticks after "of", and it may be a whole body.
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

    /// Says what needs attention, unless quiet.
    pub(crate) fn warn(&self, message: &str) {
        if self.style.level > Level::Quiet {
            self.labelled("warning", "33", message);
        }
    }

    /// Prints what the command line ended with.
    ///
    /// # Errors
    ///
    /// As [`Console::results`], for a help text.
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

    /// Ends the last phase, so that what follows stands below its bar.
    pub(crate) fn end_phase(&self) {
        let ended = locked(&self.state).phase.take();
        let Some(phase) = ended else {
            return;
        };
        // A line of our own stays where the bar was: a finished bar would end without a newline.
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

    /// Text that may be foreign and may hold secrets, fit to be shown: line by line without
    /// anything that a terminal would obey.
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

    /// A message that cannot be written has nobody to be told to.
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
        // Rate and time move on, also while one answer is long in coming.
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
            // A total is an estimate: what one answer starts can take more.
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
        // In a terminal above the bar, where it scrolls away; elsewhere only for those who want more.
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
        // Coloured last: what is shown may hold no colour.
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

/// Colours where they are asked for, or where a terminal shows them and nobody minds.
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

/// The rate of the last seconds, once there are any: the first requests would show thousands.
fn rate(state: &ProgressState, out: &mut dyn fmt::Write) {
    if state.elapsed() >= Duration::from_secs(1) {
        let _ = write!(out, "{:.0}/s", state.per_sec());
    }
}

fn found_text(count: usize) -> String {
    format!("{count} found")
}

/// A panic elsewhere must not silence the console.
fn locked<T: ?Sized>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A stream that a test reads back.
    #[derive(Clone, Default)]
    struct Tape(Arc<Mutex<Vec<u8>>>);

    impl Tape {
        fn text(&self) -> String {
            String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
        }
    }

    impl Write for Tape {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().write(bytes)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    /// Fails each write in the same way.
    struct Broken(io::ErrorKind);

    impl Write for Broken {
        fn write(&mut self, _: &[u8]) -> io::Result<usize> {
            Err(self.0.into())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    const PLAIN: Style = Style {
        level: Level::Normal,
        bars: false,
        color_err: false,
        color_out: false,
        width: 80,
        width_err: 80,
    };

    fn console(style: Style) -> (Console, Tape, Tape) {
        let (out, err) = (Tape::default(), Tape::default());
        let console = Console::with(style, Box::new(out.clone()), Box::new(err.clone()));
        (console, out, err)
    }

    fn scan(console: &Console) {
        console.phase("crawl", None);
        console.request();
        console.request();
        console.phase("plant", Some(5));
        console.request();
        console.found(3);
        console.note("a \x1b[2Jnote");
        console.results(b"findings\n").unwrap();
    }

    #[test]
    fn without_a_terminal_only_results_are_written() {
        let (console, out, err) = console(PLAIN);
        scan(&console);
        assert_eq!(out.text(), "findings\n");
        assert_eq!(err.text(), "");
    }

    #[test]
    fn verbose_without_a_terminal_says_one_line_a_phase() {
        let (console, out, err) = console(Style {
            level: Level::Verbose,
            ..PLAIN
        });
        scan(&console);
        assert_eq!(out.text(), "findings\n");
        let text = err.text();
        let lines: Vec<_> = text.lines().collect();
        assert_eq!(lines.len(), 3, "{text}");
        assert!(lines[0].starts_with("crawl: 2 requests in "), "{text}");
        assert!(!lines[1].contains('\x1b'), "{text}");
        assert!(lines[2].starts_with("plant: 1 request in "), "{text}");
        assert!(lines[2].ends_with("3 found so far"), "{text}");
    }

    #[test]
    fn a_finding_is_told_once_as_it_is_proven_to_those_who_want_it() {
        let told = |style| {
            let (console, out, err) = console(style);
            let console = console.hiding(vec![Redactor::new(vec!["s3cret-value".to_owned()])]);
            console.proven(&finding());
            console.proven(&finding());
            assert_eq!(out.text(), "");
            err.text()
        };
        assert_eq!(told(PLAIN), "");
        for style in [
            Style {
                level: Level::Verbose,
                ..PLAIN
            },
            Style {
                bars: true,
                ..PLAIN
            },
        ] {
            let text = told(style);
            assert_eq!(text.lines().count(), 1, "{text}");
            assert!(text.starts_with("HIGH "), "{text}");
            assert!(text.contains("data-exposure/config-dump"), "{text}");
            assert!(!text.contains("s3cret"), "{text}");
        }
        let quiet = Style {
            level: Level::Quiet,
            bars: true,
            ..PLAIN
        };
        assert_eq!(told(quiet), "");
    }

    fn finding() -> Finding {
        use keyspill::finding::*;
        use keyspill::http::Method;
        Finding::new(Draft {
            rule: RuleInfo {
                id: "data-exposure/config-dump".to_owned(),
                title: "t".to_owned(),
                severity: Severity::High,
                cwe: vec![200],
                owasp: Vec::new(),
                asvs: Vec::new(),
                help: String::new(),
                why: String::new(),
                remediation: String::new(),
            },
            verdict: Verdict::Confirmed,
            source: None,
            sink: Sink {
                endpoint: sink_endpoint(Method::Get, "/s3cret-value"),
                place: SinkPlace::Body,
                field: String::new(),
            },
            class: "c".to_owned(),
            merged_over: MergedOver::Nothing,
            occurrences: Vec::new(),
            transform: None,
            evidence: Evidence {
                snippet: "s".to_owned(),
                curl: vec!["curl".to_owned()],
                exchanges: vec![ExchangeText {
                    role: Role::Read,
                    request: "GET /".to_owned(),
                    response: None,
                }],
            },
            planted_at: None,
            first_seen: None,
            last_seen: None,
        })
        .unwrap()
    }

    #[test]
    fn quiet_keeps_errors_and_drops_warnings() {
        let (console, _, err) = console(Style {
            level: Level::Quiet,
            ..PLAIN
        });
        console.warn("w");
        console.error("e\r\x1b[0m");
        assert!(err.text().starts_with("error: e"), "{}", err.text());
        assert!(!err.text().contains(['\r', '\x1b']), "{}", err.text());
    }

    #[test]
    fn kept_notes_are_not_shown_but_given_back() {
        let (console, out, err) = console(Style {
            level: Level::Verbose,
            ..PLAIN
        });
        console.keep_notes();
        console.note("plan: GET /a");
        console.note("plan: \x1b");
        assert_eq!(console.kept_notes(), "plan: GET /a\nplan: \\x1b\n");
        assert_eq!(out.text() + &err.text(), "");
    }

    #[test]
    fn a_secret_is_masked_in_every_message() {
        let (console, _, err) = console(Style {
            level: Level::Verbose,
            ..PLAIN
        });
        let console = console.hiding(vec![Redactor::new(vec!["s3cret-value".to_owned()])]);
        console.error("cannot reach http://u:s3cret-value@h");
        console.warn("s3cret-value");
        console.note("s3cret-value");
        assert!(!err.text().contains("s3cret"), "{}", err.text());
        assert_eq!(err.text().lines().count(), 3);
    }

    #[test]
    fn a_panic_shows_neither_a_secret_nor_the_text_that_it_failed_on() {
        let (console, _, _) = console(PLAIN);
        let console = console.hiding(vec![Redactor::new(vec!["s3cret-value".to_owned()])]);
        let caught = panic::catch_unwind(|| {
            let body = String::from("found-in-a-body");
            body[..99 + body.len()].len()
        });
        let slice = caught.unwrap_err();
        let slice = slice.downcast_ref::<String>().unwrap();
        assert!(slice.contains("found-in-a-body"), "{slice}");
        let shown = console.panicked(&format!("panicked at a.rs:1:1:\n{slice}"));
        assert!(
            shown.starts_with("internal error: panicked at a.rs:1:1:"),
            "{shown}"
        );
        assert!(!shown.contains("found-in"), "{shown}");
        let shown = console.panicked("panicked at a.rs:1:1:\nno way with s3cret-value");
        assert!(!shown.contains("s3cret"), "{shown}");
    }

    #[test]
    fn colours_are_used_only_where_they_are_allowed() {
        let (plain, _, err) = console(PLAIN);
        plain.error("x");
        assert_eq!(err.text(), "error: x\n");
        let (colored, _, err) = console(Style {
            color_err: true,
            ..PLAIN
        });
        colored.error("x");
        assert_eq!(err.text(), "\x1b[1;31merror:\x1b[0m x\n");
    }

    #[test]
    fn a_terminal_has_colours_unless_told_otherwise() {
        assert!(colors(Color::Auto, true, false));
        assert!(
            !colors(Color::Auto, true, true),
            "NO_COLOR or a dumb terminal"
        );
        assert!(!colors(Color::Auto, false, false), "a pipe");
        assert!(!colors(Color::Never, true, false));
        assert!(colors(Color::Always, false, true));
    }

    #[test]
    fn a_reader_that_left_is_no_fault_and_a_full_disk_is() {
        let results = |kind| {
            let (out, err) = (Box::new(Broken(kind)), Box::new(Tape::default()));
            Console::with(PLAIN, out, err).results(b"x")
        };
        assert!(results(io::ErrorKind::BrokenPipe).is_ok());
        let full = results(io::ErrorKind::StorageFull).unwrap_err();
        assert!(full.to_string().contains("standard output"), "{full}");
    }

    #[test]
    fn every_bar_has_a_template_that_indicatif_accepts() {
        for counted in [true, false] {
            for columns in [20, 59, 60, 200] {
                for color in [true, false] {
                    let text = template(counted, columns, color);
                    assert!(ProgressStyle::with_template(&text).is_ok(), "{text}");
                    assert_eq!(color, text.contains(".cyan"), "{text}");
                    assert_eq!(columns >= NARROW, text.contains("rate"), "{text}");
                }
            }
        }
    }
}
