//! What single answers show, through the public interface: spans, extents, masks, fields.

use std::ops::Range;
use std::path::Path;
use std::sync::LazyLock;

use keyspill::finding::SinkPlace;
use keyspill::http::Response;
use keyspill::probe::Catalog;
use keyspill::rule::{StaticSighting, Statics};
use url::Url;

// Compiled once: compiling every pattern takes longer than all of these tests.
static STATICS: LazyLock<Statics> =
    LazyLock::new(|| keyspill::builtin::catalog().unwrap().statics());

fn scan_at(path: &str, response: &Response) -> Vec<StaticSighting> {
    let url = Url::parse("http://127.0.0.1:5000")
        .unwrap()
        .join(path)
        .unwrap();
    STATICS.scan(&url, response)
}

fn scan(status: u16, media: &str, body: &str) -> Vec<StaticSighting> {
    scan_at("/", &Response::of(status, &[("content-type", media)], body))
}

fn rules(seen: &[StaticSighting]) -> Vec<&str> {
    let mut rules: Vec<&str> = seen.iter().map(|one| one.rule.as_str()).collect();
    rules.dedup();
    rules
}

fn only<'s>(seen: &'s [StaticSighting], rule: &str) -> &'s StaticSighting {
    let found: Vec<_> = seen.iter().filter(|one| one.rule == rule).collect();
    assert_eq!(found.len(), 1, "{rule} in {seen:#?}");
    found[0]
}

fn pieces<'b>(body: &'b str, ranges: &[Range<usize>]) -> Vec<&'b str> {
    ranges.iter().map(|range| &body[range.clone()]).collect()
}

/// A page of Werkzeug 3.1, cut down to its first and last frame.
const DEBUGGER: &str = r#"<!doctype html>
<html lang=en>
  <head>
    <title>pymongo.errors.InvalidURI: bad &#39;mongodb://desk:Tr1cky%40Pw@db.internal:27017/x&#39;
 // Werkzeug Debugger</title>
    <link rel="stylesheet" href="?__debugger__=yes&amp;cmd=resource&amp;f=style.css">
    <script src="?__debugger__=yes&amp;cmd=resource&amp;f=debugger.js"></script>
    <script>
      var CONSOLE_MODE = false,
          EVALEX = true,
          EVALEX_TRUSTED = false,
          SECRET = "eV5Hsb9eALFvbFVaLZDQ";
    </script>
  </head>
  <body style="background-color: #fff">
    <div class="debugger">
<h1>InvalidURI</h1>
<div class="detail">
  <p class="errormsg">pymongo.errors.InvalidURI: bad &#39;mongodb://desk:Tr1cky%40Pw@db.internal:27017/x&#39;
</p>
</div>
<h2 class="traceback">Traceback <em>(most recent call last)</em></h2>
<div class="traceback">
  <h3></h3>
  <ul><li><div class="frame" id="frame-140202412999728">
  <h4>File <cite class="filename">"/srv/desk/app.py"</cite>,
      line <em class="line">13</em>,
      in <code class="function">boom</code></h4>
  <div class="source "><pre class="line current"><span class="ws">    </span>client = MongoClient(uri)</pre></div>
</div>
</ul>
</div>
    <div class="pin-prompt"><h3>Console Locked</h3></div>
  </body>
</html>
<!--

Traceback (most recent call last):
  File "/srv/desk/app.py", line 13, in boom
    client = MongoClient(uri)
pymongo.errors.InvalidURI: bad 'mongodb://desk:Tr1cky%40Pw@db.internal:27017/x'

-->
"#;

#[test]
fn a_debugger_page_is_one_traceback_one_debug_mode_one_console() {
    let seen = scan(500, "text/html; charset=utf-8", DEBUGGER);
    let console = only(&seen, "authentication/debug-console");
    assert!(pieces(DEBUGGER, &console.secrets).contains(&"eV5Hsb9eALFvbFVaLZDQ"));
    only(&seen, "data-exposure/debug-mode");
    let traceback = only(&seen, "data-exposure/traceback");
    assert_eq!(traceback.class, "debugger");
    assert!(
        traceback
            .extent
            .contains(&DEBUGGER.find("class=\"frame\"").unwrap())
    );
    assert!(DEBUGGER[traceback.span.clone()].contains("InvalidURI"));
    assert!(!traceback.needs_provoking);
}

#[test]
fn every_place_of_a_connection_string_is_masked() {
    let seen = scan(500, "text/html", DEBUGGER);
    let uris: Vec<_> = seen
        .iter()
        .filter(|one| one.rule == "data-exposure/connection-string")
        .collect();
    assert_eq!(uris.len(), 3);
    for one in uris {
        let inside = pieces(DEBUGGER, &one.secrets);
        assert_eq!(
            inside.iter().filter(|one| **one == "Tr1cky%40Pw").count(),
            3
        );
        assert_eq!(
            &DEBUGGER[one.span.clone()],
            "mongodb://desk:Tr1cky%40Pw@db.internal:27017/x"
        );
    }
}

#[test]
fn every_sighting_of_an_answer_masks_the_secrets_of_all() {
    // A debugger without a console has a secret too, and every snippet may show it.
    for page in [
        DEBUGGER.to_owned(),
        DEBUGGER.replace("EVALEX = true", "EVALEX = false"),
    ] {
        let seen = scan(500, "text/html", &page);
        assert!(seen.len() >= 4, "{seen:#?}");
        for one in &seen {
            let masked = pieces(&page, &one.secrets);
            assert!(masked.contains(&"eV5Hsb9eALFvbFVaLZDQ"), "{one:?}");
            assert!(masked.contains(&"Tr1cky%40Pw"), "{one:?}");
        }
    }
}

#[test]
fn a_servers_version_is_one_class_whatever_it_is() {
    for version in [
        "Werkzeug/3.0.1 Python/3.11.2",
        "Werkzeug/3.1.3 Python/3.12.3",
    ] {
        let seen = scan_at("/", &Response::of(200, &[("server", version)], "{}"));
        assert_eq!(rules(&seen), ["data-exposure/public-identifier"]);
        assert_eq!(seen[0].class, "server-version");
        assert_eq!(seen[0].place, SinkPlace::Header("server".to_owned()));
        assert_eq!(seen[0].span, 0..version.len());
    }
}

#[test]
fn settings_in_a_layout_count_and_in_a_manual_need_provoking() {
    let settings = "<pre>DEBUG = True\nMAIL_PORT = 587\nMAIL_SERVER = mail.desk.internal\n\
        SECRET_KEY = k3y-8f3c1d-9a7b\nJWT_SECRET_KEY = x8f3c1dk3y9a\n</pre>";
    let layout = format!(
        "<head><title>Desk – the accounting of small firms</title></head><header>Desk</header>\
         <nav>Home Partners Invoices Ledger Settings Help Log out</nav><h1>Settings</h1>{settings}\
         <footer>Made with care by three people in two countries, since 2019</footer>"
    );
    let manual = format!("<h1>Settings</h1><p>Put these into your file first:</p>{settings}");
    for (page, expected) in [(layout, false), (manual, true)] {
        let seen = scan(200, "text/html", &page);
        let dump = only(&seen, "data-exposure/config-dump");
        assert_eq!(dump.needs_provoking, expected, "{page}");
    }
}

#[test]
fn several_settings_in_a_table_count_whatever_stands_around_them() {
    let rows = "<tr><td>SECRET_KEY</td><td>k3y-8f3c1d-9a7b</td></tr>\
        <tr><td>MAIL_PASSWORD</td><td>x8f3c1dk3y9a</td></tr><tr><td>DEBUG</td><td>False</td></tr>";
    let welcome = "<h1>Desk</h1><p>Welcome back. All that is needed for the day is found here.</p>";
    let table = format!("{welcome}<table>{rows}</table>");
    let one_secret = |page: &str| {
        page.replace("MAIL_PASSWORD", "MAIL_PORT")
            .replace("x8f3c1dk3y9a", "587")
    };
    let one = one_secret(&table);
    let links = "<a href=/a>Orders of the day</a> <a href=/b>Examples</a>";
    let alone = one_secret(&format!("{links}<h1>Desk</h1><table>{rows}</table>"));
    let code = format!("{welcome}<pre><table>{rows}</table></pre>");
    let fenced = format!("{welcome}\n```\n<table>{rows}</table>\n```\n");
    for (page, expected) in [
        (table, false),
        (one, true),
        (alone, false),
        (code, true),
        (fenced, true),
    ] {
        let seen = scan(200, "text/html", &page);
        let dump = only(&seen, "data-exposure/config-dump");
        assert_eq!(dump.needs_provoking, expected, "{page}");
    }
}

#[test]
fn a_sighting_in_json_names_its_field() {
    let body = r#"{"ok": false, "debug": {"frames": [{"trace": "Traceback (most recent call last):\n  File \"/srv/desk/app.py\", line 13, in boom\n    raise KeyError(key)\nKeyError: 'x'\n"}]}}"#;
    let seen = scan(200, "application/json", body);
    assert_eq!(rules(&seen), ["data-exposure/traceback"]);
    assert_eq!(seen[0].field, "debug.frames[].trace");
    assert_eq!(seen[0].class, "KeyError");
    assert_eq!(seen[0].place, SinkPlace::Body);
    // The ranges refer to the text as sent, including escapes.
    assert!(body[seen[0].span.clone()].starts_with(r#"File \"/srv/desk/app.py\""#));
    assert!(body[seen[0].extent.clone()].starts_with("Traceback"));
}

#[test]
fn settings_are_one_dump_with_every_secret_masked() {
    let body = r#"{"DEBUG": true, "MONGO_URI": "mongodb://desk:Tr1cky%40Pw@db.internal/x",
        "MAIL_PASSWORD": "hunter22", "SECRET_KEY": "k3y-8f3c1d", "SESSION_COOKIE_NAME": "session"}"#;
    let seen = scan(200, "application/json", body);
    assert_eq!(
        rules(&seen),
        [
            "data-exposure/config-dump",
            "data-exposure/connection-string"
        ]
    );
    let dump = only(&seen, "data-exposure/config-dump");
    assert_eq!(
        pieces(body, &dump.secrets),
        ["Tr1cky%40Pw", "hunter22", "k3y-8f3c1d"]
    );
    let uri = only(&seen, "data-exposure/connection-string");
    assert_eq!(uri.field, "MONGO_URI");
    assert!(!dump.needs_provoking && !uri.needs_provoking);
}

#[test]
fn a_page_that_quotes_needs_provoking_and_an_error_does_not() {
    let error = "E11000 duplicate key error collection: desk.partners index: key_1 dup key: \
        { key: &quot;abc&quot; }";
    let prose = "The server refuses a document whose value is there already. ".repeat(8);
    let page = format!("<h1>Indexes</h1><p>{prose}</p><pre>{error}</pre>");
    for (status, body, expected) in [
        (200, page.as_str(), true),
        (409, page.as_str(), false),
        (200, error, false),
    ] {
        let seen = scan(status, "text/html", body);
        let one = only(&seen, "data-exposure/database-error");
        assert_eq!(one.needs_provoking, expected, "{status} {body}");
    }
}

#[test]
fn scripts_and_styles_are_no_prose() {
    let error =
        "'abc' is not a valid ObjectId, it must be a 12-byte input or a 24-character hex string";
    let script = "let visible = false; ".repeat(100);
    let body = format!("<style>{script}</style><script>{script}</script><p>{error}</p>");
    let seen = scan(200, "text/html", &body);
    assert!(!only(&seen, "data-exposure/database-error").needs_provoking);
}

#[test]
fn the_debuggers_script_counts_only_where_it_was_asked_for() {
    let body = "if (!EVALEX_TRUSTED) { initPinBox(); }\nif (CONSOLE_MODE && EVALEX) {}\n\
        const url = `${base}&__debugger__=yes&cmd=pinauth`;";
    let script = Response::of(200, &[("content-type", "text/javascript")], body);
    let asked = scan_at("/?__debugger__=yes&cmd=resource&f=debugger.js", &script);
    assert_eq!(rules(&asked), ["data-exposure/debug-mode"]);
    assert_eq!(rules(&scan_at("/static/debugger.js", &script)), [""; 0]);
}

#[test]
fn headers_are_looked_at_too() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/probes");
    let statics = Catalog::default().with_folder(&folder).unwrap().statics();
    let answer = Response::of(302, &[("Location", "http://desk-1.internal/login")], "");
    let seen = statics.scan(&Url::parse("http://127.0.0.1/").unwrap(), &answer);
    assert_eq!(rules(&seen), ["data-exposure/internal-hostname"]);
    assert_eq!(seen[0].place, SinkPlace::Header("location".to_owned()));
    assert_eq!(seen[0].span, 7..22);
}

#[test]
fn ordinary_answers_are_silent() {
    for (status, media, body) in [
        (
            200,
            "text/html",
            "<title>Desk</title><form><input name=api_key></form>",
        ),
        (
            200,
            "application/json",
            r#"{"items": [{"id": "665f1f77bcf86cd799439011", "name": "Ada"}]}"#,
        ),
        (
            200,
            "application/json",
            r#"{"access_token": "vT9rQ2mLx7KdWc4", "token_type": "Bearer"}"#,
        ),
        (
            400,
            "application/json",
            r#"{"errors": {"json": {"key": ["Missing data for required field."]}}}"#,
        ),
        (401, "application/json", r#"{"error": "key unknown"}"#),
        (
            404,
            "text/html",
            "<!doctype html>\n<html lang=en>\n<title>404 Not Found</title>",
        ),
        (
            422,
            "application/json",
            r#"{"code": 422, "status": "Unprocessable Entity"}"#,
        ),
        (
            500,
            "application/json",
            r#"{"message": "Internal Server Error", "request_id": "9f3"}"#,
        ),
        (
            200,
            "application/json",
            r#"{"openapi": "3.0.3", "components": {"securitySchemes": {"ApiKey": {"type": "apiKey", "name": "X-API-Key", "in": "header"}}}}"#,
        ),
        (200, "text/csv", "id,partner,key_last4\n1,Ada,9f3c\n"),
        (200, "application/octet-stream", "\u{0}\u{1}\u{fffd}"),
        (204, "", ""),
    ] {
        assert_eq!(scan(status, media, body), [], "{body}");
    }
}

#[test]
fn invalid_utf_8_and_huge_bodies_are_looked_at_in_bounds() {
    let mut answer = Response::of(500, &[("content-type", "text/html")], "");
    answer.body = vec![0xff; 1000];
    answer.body.extend(DEBUGGER.as_bytes());
    let seen = scan_at("/", &answer);
    let text = answer.text();
    let uri = seen
        .iter()
        .find(|one| one.rule == "data-exposure/connection-string")
        .unwrap();
    assert_eq!(&text[uri.secrets[0].clone()], "Tr1cky%40Pw");

    let many = "mongodb://desk:Tr1cky@db.internal/x \n".repeat(20_000);
    let seen = scan(200, "text/plain", &many);
    assert!(!seen.is_empty() && seen.len() <= 64, "{}", seen.len());
}
