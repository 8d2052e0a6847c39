//! The console on streams that a test reads back.

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

/// A stream that fails each write in the same way.
struct Broken(io::ErrorKind);

impl Write for Broken {
    fn write(&mut self, _: &[u8]) -> io::Result<usize> {
        Err(self.0.into())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// A terminal that is gone.
struct Closed;

impl Write for Closed {
    fn write(&mut self, _: &[u8]) -> io::Result<usize> {
        Err(io::Error::from_raw_os_error(CLOSED))
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

const PLAIN: LineStyle = LineStyle {
    level: Level::Normal,
    bars: false,
    color_err: false,
    color_out: false,
    terminal: false,
    width: 80,
    width_err: 80,
};

fn console(style: LineStyle) -> (Console, Tape, Tape) {
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
    let (console, out, err) = console(LineStyle {
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
        LineStyle {
            level: Level::Verbose,
            ..PLAIN
        },
        LineStyle {
            bars: true,
            ..PLAIN
        },
    ] {
        let text = told(style);
        assert_eq!(text.lines().count(), 1, "{text}");
        assert!(text.starts_with("HIGH "), "{text}");
        assert!(text.contains("config-dump"), "{text}");
        assert!(!text.contains("s3cret"), "{text}");
    }
    let quiet = LineStyle {
        level: Level::Quiet,
        bars: true,
        ..PLAIN
    };
    assert_eq!(told(quiet), "");
}

fn finding() -> Finding {
    use keyspill::finding::*;
    use keyspill::surface::{EndpointId, Method};
    Finding::new(Draft {
        rule: RuleInfo {
            title_any: None,
            group: None,
            id: "data-exposure/config-dump".to_owned(),
            title: "t".to_owned(),
            severity: Severity::High,
            cwe: vec![200],
            owasp: Vec::new(),
            asvs: Vec::new(),
            help: String::new(),
            why: String::new(),
            remediation: String::new(),
            needs_source: false,
        },
        verdict: Verdict::Confirmed,
        source: None,
        sink: Sink {
            endpoint: EndpointId::new(Method::Get, "/s3cret-value"),
            place: SinkPlace::Body,
            field: String::new(),
        },
        class: "c".to_owned(),
        merged_over: MergedOver::Nothing,
        occurrences: Vec::new(),
        covers: Vec::new(),
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
    let (console, _, err) = console(LineStyle {
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
    let (console, out, err) = console(LineStyle {
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
    let (console, _, err) = console(LineStyle {
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
    let (colored, _, err) = console(LineStyle {
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
fn a_terminal_that_was_closed_is_no_fault_either() {
    let closed = |terminal| {
        let (out, err) = (Box::new(Closed), Box::new(Tape::default()));
        Console::with(LineStyle { terminal, ..PLAIN }, out, err).results(b"x")
    };
    assert!(closed(true).is_ok());
    assert!(closed(false).is_err(), "a disk that cannot be written");
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
