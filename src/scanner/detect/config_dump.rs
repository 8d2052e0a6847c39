//! Settings, environments and configuration files in an answer.
//!
//! Owns: distinguishing settings from other records, and reading loose pairs of them in any text, as
//! written in JSON, Python, `.env` files and HTML tables. Leaves out: shapes of records (`record`);
//! single connection strings and known credential formats, which have rules of their own.
//!
//! Flask's `app.config`, `os.environ` and `.env` files look alike: names in capitals, some of which
//! belong to Flask, its extensions, the operating system or a well-known service. A dump has two
//! different settings that look like this, at least one of them well known, and shows the value of at
//! least one that is named like a credential. That value must look like a secret (`value`). A plain
//! word is enough (`SECRET_KEY=dev`) if other settings have typed values, which neither a catalogue of
//! translations nor a list of routes has.

use std::borrow::Cow;
use std::collections::HashSet;
use std::ops::Range;
use std::sync::LazyLock;

use regex::{Captures, Regex};

use super::around::Records;
use super::placeholder::{is_placeholder, is_yaml_reference};
use super::record::{Origin, Record};
use super::value::{ValueLook, look};
use crate::credential::{Credentials, Tier};

/// A dump in a text.
#[derive(Debug)]
pub(crate) struct Dump {
    /// The first pair that shows a secret.
    pub(crate) span: Range<usize>,
    /// The range from the first setting to the last.
    pub(crate) extent: Range<usize>,
    /// Every value that is secret.
    pub(crate) secrets: Vec<Range<usize>>,
    /// Its pairs; text between them does not belong to it.
    pub(crate) pieces: Vec<Range<usize>>,
    /// True when it holds settings that only a running process has: they are not found in manuals.
    pub(crate) is_running: bool,
    /// True when more than one of its values looks like a secret.
    pub(crate) several: bool,
}

/// The maximum number of pairs examined; a body with more is data, not settings.
const MAX_PAIRS: usize = 20_000;
/// The number of settings with typed values that makes a plain word count as a secret.
const TYPED: usize = 2;
/// The same for words that manuals use: a whole `app.config` does not come from a manual.
const TYPED_FOR_PLACEHOLDERS: usize = 8;
/// The number of settings of [`RUNNING`] that show that the process is running.
const MIN_RUNNING: usize = 5;
/// The maximum distance between settings of one dump, in bytes.
const MAX_GAP: usize = 16 << 10;

/// Settings that `app.config` and an environment hold without anyone having written them.
const RUNNING: &str = "
APPLICATION_ROOT PROPAGATE_EXCEPTIONS EXPLAIN_TEMPLATE_LOADING JSONIFY_MIMETYPE JSON_AS_ASCII
JSONIFY_PRETTYPRINT_REGULAR JSON_SORT_KEYS MAX_COOKIE_SIZE MAX_FORM_PARTS MAX_FORM_MEMORY_SIZE
PERMANENT_SESSION_LIFETIME PREFERRED_URL_SCHEME PRESERVE_CONTEXT_ON_EXCEPTION
PROVIDE_AUTOMATIC_OPTIONS SECRET_KEY_FALLBACKS SEND_FILE_MAX_AGE_DEFAULT SESSION_COOKIE_NAME
SESSION_COOKIE_PATH SESSION_COOKIE_DOMAIN SESSION_COOKIE_PARTITIONED SESSION_REFRESH_EACH_REQUEST
TEMPLATES_AUTO_RELOAD TRAP_BAD_REQUEST_ERRORS TRAP_HTTP_EXCEPTIONS TRUSTED_HOSTS USE_X_SENDFILE
PATH HOME HOSTNAME PWD OLDPWD SHELL SHLVL TERM LANG LC_ALL LC_CTYPE USER LOGNAME PYTHON_VERSION
PYTHON_SHA256 GPG_KEY WERKZEUG_RUN_MAIN WERKZEUG_SERVER_FD
";

/// Settings by their full names (in capitals): Flask, its extensions, the operating system.
const KNOWN: &str = "
DEBUG TESTING ENV SECRET_KEY SERVER_NAME MAX_CONTENT_LENGTH
SECURITY_PASSWORD_SALT WTF_CSRF_SECRET_KEY
TZ PORT HOST VIRTUAL_ENV PYTHONPATH PYTHONHOME DYNO
DATABASE_URL DATABASE_URI DATABASE_DSN DB_URI DB_URL MONGO_URI MONGO_URL
MONGODB_URI MONGODB_URL REDIS_URL RABBITMQ_URL AMQP_URL CLOUDAMQP_URL BROKER_URL RESULT_BACKEND
SENTRY_DSN LOG_LEVEL LOGLEVEL ENVIRONMENT APP_ENV NODE_ENV RAILS_ENV ALLOWED_HOSTS JWT_SECRET
API_SECRET_KEY ADMIN_PASSWORD SESSION_SECRET
";

/// Prefixes (in capitals) of the settings of Flask, its extensions and its databases.
const FRAMEWORK: &[&str] = &[
    "FLASK_",
    "SESSION_",
    "REMEMBER_COOKIE_",
    "SQLALCHEMY_",
    "MONGO_",
    "MONGODB_",
    "MONGOENGINE_",
    "REDIS_",
    "CELERY_",
    "CACHE_",
    "JWT_",
    "WTF_",
    "MAIL_",
    "SMTP_",
    "SECURITY_",
    "BABEL_",
    "RATELIMIT_",
    "DB_",
    "DATABASE_",
    "POSTGRES_",
    "MYSQL_",
    "GUNICORN_",
    "PYTHON",
];

/// Prefixes (in capitals) of settings that belong to a service, a platform or an application.
const PREFIXES: &[&str] = &[
    "OAUTH_",
    "OAUTHLIB_",
    "LDAP_",
    "UPLOAD_",
    "PG",
    "MARIADB_",
    "RABBITMQ_",
    "AMQP_",
    "KAFKA_",
    "ELASTICSEARCH_",
    "ELASTIC_",
    "AWS_",
    "AZURE_",
    "GOOGLE_",
    "GCP_",
    "GCLOUD_",
    "S3_",
    "MINIO_",
    "STRIPE_",
    "PAYPAL_",
    "TWILIO_",
    "SENDGRID_",
    "MAILGUN_",
    "SLACK_",
    "GITHUB_",
    "GITLAB_",
    "SENTRY_",
    "DATADOG_",
    "DD_",
    "NEW_RELIC_",
    "UWSGI_",
    "PIP_",
    "KUBERNETES_",
    "DOCKER_",
    "LOG_",
    "APP_",
    "API_",
    "SERVER_",
    "SSH_",
    "XDG_",
    "LC_",
    "OPENAI_",
    "FIREBASE_",
    "SUPABASE_",
    "VAULT_",
];

/// Settings that applications also show in lower or mixed case, as joined words.
const KNOWN_SMALL: &str = "
debug testing secretkey mongouri mongourl mongodburi mongodburl databaseurl databaseuri dburl dburi
redisurl brokerurl celerybrokerurl sqlalchemydatabaseuri jwtsecret jwtsecretkey sessionsecret
loglevel environment debugmode sessioncookiesecure sessioncookiehttponly sessioncookiename
sessioncookiesamesite awssecretaccesskey awsaccesskeyid mailpassword mailserver smtppassword smtphost
dbpassword dbhost dbuser dbname databasepassword databasehost redispassword servername
preferredurlscheme allowedhosts maxcontentlength flaskenv csrfsecret passwordsalt connectionstring
";

// Only `value` limits the length of a value: a bounded repeat of a class would make the pattern huge.
#[allow(clippy::unwrap_used)] // a constant pattern; the tests compile it
static PAIR: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(concat!(
        // "NAME": "value", 'NAME': 'value', 'NAME': value; also Python's <Config {…}>.
        r#"["'](?P<quoted>[A-Za-z][A-Za-z0-9_]{1,63})["'](?-u:\s){0,4}:(?-u:\s){0,4}"#,
        r#"(?:"(?P<double>[^"\n]*)"|'(?P<single>[^'\n]*)'|(?P<bare>[^\s,"'{}\[\]<]+))"#,
        // NAME=value, export NAME="value", NAME: value
        r#"|(?m:^)[ \t]{0,8}(?:export[ \t]+)?(?P<plain>[A-Za-z][A-Za-z0-9_]{1,63})[ \t]{0,20}[=:][ \t]{0,4}"#,
        r#"(?P<line>[^\n\r<]*)"#,
        // <td>NAME</td><td>value</td>, <dt>NAME</dt><dd>value, <b>NAME</b>: value, <li>NAME = value.
        // Further words after the name, as in prose, are not a value.
        r"|>(?-u:\s)*(?P<cell>[A-Za-z][A-Za-z0-9_]{1,63})(?-u:\s)*(?:(?:</[^>]{1,20}>(?-u:\s)*){1,3}",
        r"(?:[:=](?-u:\s)*|<(?:td|dd|th|div|p|pre|li)[ >](?:[^<>]*>)?(?-u:\s)*)(?:<[a-z][^<>]*>(?-u:\s)*){0,4}",
        r"|[:=](?-u:\s){0,4})(?P<text>[^<\n]+)",
    ))
    .unwrap()
});

/// The maximum number of bytes read of a value that has no delimiter of its own.
const MAX_VALUE: usize = 2000;

/// Returns the range of a pair's value, and the end of the pair.
fn value(text: &str, parts: &Captures<'_>) -> Option<(Range<usize>, usize)> {
    let part = |names: &[&str]| names.iter().find_map(|name| parts.name(name));
    if let Some(quoted) = part(&["double", "single"]) {
        return Some((quoted.range(), quoted.end() + 1));
    }
    let found = part(&["bare", "line", "text"])?.range();
    let end = text.floor_char_boundary(found.end.min(found.start + MAX_VALUE));
    Some((found.start..end, end))
}

/// Distinguishes settings from other data.
#[derive(Debug)]
pub(crate) struct Settings {
    running: HashSet<&'static str>,
    known: HashSet<&'static str>,
    known_small: HashSet<&'static str>,
    credentials: Credentials,
}

/// A pair that looks like a setting.
struct Pair<'t> {
    name: Cow<'t, str>,
    span: Range<usize>,
    known: Renown,
    /// True when its value has a type, such as a switch, a number or a path, and is not text.
    typed: bool,
    prose: bool,
    secret: Option<(ValueLook, Range<usize>)>,
}

/// How well known a name is.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Renown {
    /// It is merely in capitals.
    Looks,
    /// It belongs to a service or a platform.
    Somebodys,
    /// It belongs to Flask, an extension or the operating system.
    Frameworks,
    /// Only a running process has it.
    Running,
}

impl Default for Settings {
    fn default() -> Self {
        Self::new(Credentials::default())
    }
}

impl Settings {
    pub(crate) fn new(credentials: Credentials) -> Self {
        Self {
            running: RUNNING.split_whitespace().collect(),
            known: KNOWN.split_whitespace().collect(),
            known_small: KNOWN_SMALL.split_whitespace().collect(),
            credentials,
        }
    }

    /// Finds the dumps among the records of an answer.
    pub(crate) fn in_records(&self, records: &Records<'_>) -> Vec<Dump> {
        self.among(&records.all, &records.text)
    }

    /// Finds the dumps among the records of a text.
    fn among(&self, records: &[Record], text: &str) -> Vec<Dump> {
        let data = |record: &&Record| {
            record.fields.len() > 1
                && matches!(
                    record.origin,
                    Origin::Data | Origin::Pairs | Origin::Text | Origin::Lines
                )
        };
        let dumps = records.iter().filter(data).filter_map(|record| {
            let pairs = record.fields.iter().take(MAX_PAIRS);
            let pairs = pairs.filter_map(|field| {
                let mut pair =
                    self.of(Cow::Borrowed(&field.name), &field.value, field.span.clone())?;
                // Where escapes were undone, the position of the secret within the value is unknown.
                let raw = text.get(field.span.clone()).unwrap_or_default();
                if let Some((_, range)) = &mut pair.secret {
                    *range = if raw == field.value {
                        field.span.start + range.start..field.span.start + range.end
                    } else {
                        field.span.clone()
                    };
                }
                Some(pair)
            });
            let dump = dump(&pairs.collect::<Vec<_>>())?;
            // The names are between the values and belong to the dump.
            Some(Dump {
                pieces: vec![dump.extent.clone()],
                ..dump
            })
        });
        dumps.collect()
    }

    /// Finds the dumps of loose pairs in a text.
    pub(crate) fn find(&self, text: &str) -> Vec<Dump> {
        let mut dumps = Vec::new();
        let mut group: Vec<Pair<'_>> = Vec::new();
        let mut at = 0;
        for _ in 0..MAX_PAIRS {
            let Some(parts) = PAIR.captures_at(text, at) else {
                break;
            };
            at = value(text, &parts).map_or(text.len(), |(_, end)| end);
            let Some(pair) = self.pair(text, &parts) else {
                // A heading before the first setting is not its name.
                at = parts.name("cell").map_or(at, |heading| heading.end());
                continue;
            };
            if group
                .last()
                .is_some_and(|last| pair.span.start - last.span.end > MAX_GAP)
            {
                dumps.extend(dump(&group));
                group.clear();
            }
            group.push(pair);
        }
        dumps.extend(dump(&group));
        dumps
    }

    /// Returns the pair if it looks like a setting.
    fn pair<'t>(&self, text: &'t str, parts: &Captures<'t>) -> Option<Pair<'t>> {
        let part = |names: &[&str]| names.iter().find_map(|name| parts.name(name));
        let name = part(&["quoted", "plain", "cell"])?;
        self.known(name.as_str())?;
        let (value, end) = value(text, parts)?;
        let between = text.get(name.end()..value.start).unwrap_or_default();
        let yaml = between.contains(':') && part(&["bare", "line"]).is_some();
        let shown = trimmed(text, value.clone());
        let value = if yaml && is_yaml_reference(text.get(value)?) {
            ""
        } else {
            text.get(shown.clone())?
        };
        let span = parts.get(0)?.start()..end;
        let mut pair = self.of(Cow::Borrowed(name.as_str()), value, span)?;
        if let Some((_, part)) = &mut pair.secret {
            *part = shown.start + part.start..shown.start + part.end;
        }
        Some(pair)
    }

    /// Returns the pair of a name and its value if it is a setting. The range of its secret is relative
    /// to the value.
    fn of<'t>(&self, name: Cow<'t, str>, value: &str, span: Range<usize>) -> Option<Pair<'t>> {
        let known = self.known(&name)?;
        let typed = is_typed(value);
        Some(Pair {
            span,
            known,
            typed,
            prose: !typed && look(value) == ValueLook::Prose,
            secret: self.secret(&name, value),
            name,
        })
    }

    /// Returns how well known a name is, or `None` if it is not the name of a setting.
    fn known(&self, name: &str) -> Option<Renown> {
        let capitals = name
            .bytes()
            .all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_');
        if !capitals {
            let small: String = name
                .chars()
                .filter(|letter| *letter != '_')
                .map(|letter| letter.to_ascii_lowercase())
                .collect();
            return self
                .known_small
                .contains(small.as_str())
                .then_some(Renown::Frameworks);
        }
        let begins = |prefixes: &[&str]| prefixes.iter().any(|prefix| name.starts_with(prefix));
        if self.running.contains(name) {
            Some(Renown::Running)
        } else if self.known.contains(name) || begins(FRAMEWORK) {
            Some(Renown::Frameworks)
        } else if begins(PREFIXES) {
            Some(Renown::Somebodys)
        } else {
            // Words in capitals without an underscore are just as often headings or columns.
            name.contains('_').then_some(Renown::Looks)
        }
    }

    /// Returns the secret part of the value, if any; for a URI, this is its password.
    fn secret(&self, name: &str, value: &str) -> Option<(ValueLook, Range<usize>)> {
        if is_uri(value) {
            return uri_password(value);
        }
        let look = look(value);
        if look <= ValueLook::Prose || says_nothing(value) {
            return None;
        }
        let shown = match self.credentials.tier(name) {
            // A location under such a name (`JWT_TOKEN_LOCATION`) is not a secret.
            Tier::Strong => !is_call(value) && !value.starts_with('/'),
            Tier::Weak => value.len() >= 12 && look == ValueLook::Secret,
            Tier::Never => false,
        };
        shown.then_some((look, 0..value.len()))
    }
}

/// Returns true for switches, and for keys that services issue for use in browsers.
fn says_nothing(value: &str) -> bool {
    ["AIza", "pk_live_", "pk_test_"]
        .iter()
        .any(|public| value.starts_with(public))
        || is_switch(value)
}

fn is_switch(value: &str) -> bool {
    ["yes", "no", "on", "off", "true", "false"]
        .iter()
        .any(|switch| value.eq_ignore_ascii_case(switch))
}

/// Returns true for a switch, an empty value, a number, a duration, a path, a URI, a host, or the name
/// of an environment: settings have such values, labels do not.
fn is_typed(value: &str) -> bool {
    let number = value.starts_with(|letter: char| letter.is_ascii_digit())
        && value
            .chars()
            .all(|letter| letter.is_ascii_digit() || ".:,".contains(letter));
    let duration =
        value.contains(" days, ") || value.contains(" day, ") || value.contains("timedelta");
    let path = value.starts_with('/') && !value.contains(char::is_whitespace);
    let word = [
        "None",
        "null",
        "production",
        "development",
        "staging",
        "testing",
        "session",
        "http",
        "https",
        "Lax",
        "Strict",
        "redis",
        "filesystem",
        "xterm",
        "application/json",
    ]
    .contains(&value);
    is_switch(value)
        || number
        || duration
        || path
        || word
        || is_uri(value)
        || value.contains("UTF-8")
}

/// Returns the dump that a group of settings forms, if it does.
fn dump(group: &[Pair<'_>]) -> Option<Dump> {
    let names = |keep: &dyn Fn(&Pair<'_>) -> bool| {
        let kept = group.iter().filter(|pair| keep(pair));
        kept.map(|pair| &*pair.name).collect::<HashSet<_>>().len()
    };
    let typed = names(&|pair| pair.typed && pair.known >= Renown::Frameworks);
    let running = names(&|pair| pair.known == Renown::Running && !pair.prose);
    let labels = group.iter().filter(|pair| pair.prose).count();
    if names(&|_| true) < 2
        || names(&|pair| pair.known >= Renown::Somebodys) == 0
        || (typed < TYPED && labels * 2 > group.len())
    {
        return None;
    }
    let least = if typed >= TYPED_FOR_PLACEHOLDERS {
        ValueLook::Placeholder
    } else if typed >= TYPED {
        ValueLook::Word
    } else {
        ValueLook::Secret
    };
    let told = |pair: &&Pair<'_>| matches!(pair.secret, Some((look, _)) if look >= least);
    // A word is masked whenever the dump is shown at all; a placeholder only where it counts as a
    // secret.
    let masked = least.min(ValueLook::Word);
    Some(Dump {
        span: group.iter().find(told)?.span.clone(),
        extent: group.first()?.span.start..group.last()?.span.end,
        secrets: group
            .iter()
            .filter_map(|pair| pair.secret.clone())
            .filter_map(|(look, range)| (look >= masked).then_some(range))
            .collect(),
        pieces: group.iter().map(|pair| pair.span.clone()).collect(),
        is_running: running >= MIN_RUNNING,
        several: names(&|pair| matches!(pair.secret, Some((ValueLook::Secret, _)))) > 1,
    })
}

/// Returns the range of the value without whitespace, trailing commas and quotes.
fn trimmed(text: &str, range: Range<usize>) -> Range<usize> {
    let value = text.get(range.clone()).unwrap_or_default();
    let start = value.len()
        - value
            .trim_start_matches(|c: char| is_edge(c) && c != ',')
            .len();
    let end = value.trim_end_matches(is_edge).len().max(start);
    range.start + start..range.start + end
}

fn is_edge(letter: char) -> bool {
    letter.is_whitespace() || matches!(letter, '"' | '\'' | ',')
}

fn is_uri(value: &str) -> bool {
    value.split_once("://").is_some_and(|(scheme, _)| {
        !scheme.is_empty()
            && scheme
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte))
    })
}

/// Returns the range of the password in a URI's authority, and how secret it looks: a password equal to
/// the user name on the local host is what every manual writes.
fn uri_password(value: &str) -> Option<(ValueLook, Range<usize>)> {
    let start = value.find("://")? + "://".len();
    let rest = value.get(start..)?;
    let authority = rest.split(['/', '?']).next()?;
    let end = authority.rfind('@')?;
    let (user, password) = authority.get(..end)?.split_once(':')?;
    if is_placeholder(password) {
        return None;
    }
    let host = authority.get(end + 1..)?.split(':').next()?;
    let look = if user == password && matches!(host, "localhost" | "127.0.0.1") {
        ValueLook::Word
    } else {
        ValueLook::Secret
    };
    Some((look, start + user.len() + 1..start + end))
}

/// Returns true for source code rather than a value: `os.environ["X"]`, `config.get(`.
fn is_call(value: &str) -> bool {
    [
        "os.environ",
        "os.getenv",
        "getenv(",
        "config(",
        "config.get",
        "env(",
        "process.env",
        "secrets.",
    ]
    .iter()
    .any(|code| value.contains(code))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn secrets(text: &str) -> Vec<&str> {
        Settings::new(Credentials::default())
            .find(text)
            .iter()
            .flat_map(|dump| dump.secrets.iter().map(|range| &text[range.clone()]))
            .collect()
    }

    #[test]
    fn settings_are_read_in_every_dress() {
        for text in [
            r#"{"DEBUG": true, "SECRET_KEY": "k3y-8f3c1d", "TESTING": false}"#,
            "<Config {'DEBUG': True, 'SECRET_KEY': 'k3y-8f3c1d', 'SERVER_NAME': None}>",
            "FLASK_ENV=production\nSECRET_KEY=k3y-8f3c1d\n",
            "export FLASK_ENV=production\nexport SECRET_KEY=\"k3y-8f3c1d\"\n",
            "debug: true\nsecret_key: k3y-8f3c1d\n",
            "DEBUG = True\nSECRET_KEY = 'k3y-8f3c1d'\n",
            "<table><tr><td>DEBUG</td><td>True</td></tr><tr><td>SECRET_KEY</td><td>k3y-8f3c1d</td></tr></table>",
            "<tr>\n <th>DEBUG</th>\n <td><code>True</code></td></tr><tr><th>SECRET_KEY</th><td><code>k3y-8f3c1d</code>",
            "<dl><dt>DEBUG</dt><dd>True</dd><dt>SECRET_KEY</dt><dd>k3y-8f3c1d</dd></dl>",
            "<li>DEBUG = True</li><li>SECRET_KEY = k3y-8f3c1d</li>",
            "<b>DEBUG</b>: True<br><b>SECRET_KEY</b>: k3y-8f3c1d<br>",
            r#"{"config": {"debug": true, "secretKey": "k3y-8f3c1d"}}"#,
            "<h1>Settings</h1><pre>DEBUG = True\nSECRET_KEY = k3y-8f3c1d</pre>",
            "<pre>HOSTNAME=web-1\nSECRET_KEY=k3y-8f3c1d</pre>",
        ] {
            assert_eq!(secrets(text), ["k3y-8f3c1d"], "{text}");
        }
    }

    #[test]
    fn settings_in_a_list_of_pairs_are_read() {
        for text in [
            r#"[["DEBUG", true], ["SECRET_KEY", "k3y-8f3c1d"]]"#,
            r#"[{"name": "DEBUG", "value": true}, {"name": "SECRET_KEY", "value": "k3y-8f3c1d"}]"#,
            "OrderedDict([('DEBUG', True), ('SECRET_KEY', 'k3y-8f3c1d')])",
        ] {
            let answer = crate::http::Response::of(200, &[("content-type", "text/html")], text);
            let records = crate::detect::record::records("/", text, &answer);
            let dumps = Settings::new(Credentials::default()).among(&records, text);
            let secrets = dumps.iter().flat_map(|dump| &dump.secrets);
            let secrets: Vec<&str> = secrets.map(|range| &text[range.clone()]).collect();
            assert_eq!(secrets, ["k3y-8f3c1d"], "{text}");
        }
    }

    #[test]
    fn an_applications_own_settings_count_beside_a_known_one() {
        let text =
            r#"{"PARTNER_SIGNING_SECRET": "vT9rQ2mLx7", "LEDGER_REGION": "eu", "TESTING": false}"#;
        assert_eq!(secrets(text), ["vT9rQ2mLx7"]);
        let uri = "PATH=/usr/bin\nLEDGER_STORE=mongodb://desk:vT9rQ2mLx7@db.internal/x\n";
        assert_eq!(secrets(uri), ["vT9rQ2mLx7"]);
    }

    #[test]
    fn names_without_values_and_masked_values_are_none() {
        for text in [
            r#"{"DEBUG": true, "SECRET_KEY": "********", "MONGO_URI": "mongodb://desk:***@db/x"}"#,
            r#"{"DEBUG": true, "SECRET_KEY": null, "SECRET_KEY_FALLBACKS": None}"#,
            "DEBUG=1\nSECRET_KEY=\nMAIL_PASSWORD=<hidden>\n",
            "SECRET_KEY=${SECRET_KEY}\nDATABASE_URL=postgres://user:password@localhost/db\n",
            r#"{"DEBUG": false, "TESTING": false, "SESSION_COOKIE_NAME": "session"}"#,
            r#"["DEBUG", "SECRET_KEY", "MONGO_URI"]"#,
            "DEBUG = False\nSECRET_KEY = os.environ['SECRET_KEY']\n",
        ] {
            assert_eq!(secrets(text), [""; 0], "{text}");
        }
    }

    #[test]
    fn a_weak_secret_counts_where_the_rest_is_beyond_doubt() {
        for (text, expected) in [
            (
                r#"{"DEBUG": true, "SECRET_KEY": "dev", "TESTING": false}"#,
                "dev",
            ),
            (
                "FLASK_ENV=production\nMAIL_PORT=587\nMAIL_PASSWORD=hunter2\n",
                "hunter2",
            ),
            (
                "<Config {'DEBUG': True, 'TESTING': False, 'PROPAGATE_EXCEPTIONS': None, \
                 'SECRET_KEY': 'change-me', 'PERMANENT_SESSION_LIFETIME': datetime.timedelta(31), \
                 'USE_X_SENDFILE': False, 'SERVER_NAME': None, 'APPLICATION_ROOT': '/', \
                 'SESSION_COOKIE_NAME': 'session'}>",
                "change-me",
            ),
        ] {
            assert_eq!(secrets(text), [expected], "{text}");
        }
        for text in [
            r#"{"DEBUG": "Debug", "SECRET_KEY": "dev", "TESTING": "Test"}"#,
            "FLASK_ENV=production\nMAIL_PORT=587\nMAIL_PASSWORD=change-me\n",
            r#"{"API_URL": "https://desk.example/api", "API_TIMEOUT": 30, "NEW_PASSWORD": "new"}"#,
        ] {
            assert_eq!(secrets(text), [""; 0], "{text}");
        }
    }

    #[test]
    fn catalogues_of_translations_are_none() {
        for text in [
            r#"{"API_KEY": "Ihr API-Schlüssel", "PASSWORD": "Passwort", "LOGIN_TOKEN": "Kennung"}"#,
            r#"{"API_KEY": "API 키", "DB_PASSWORD": "データベースのパスワード", "APP_NAME": "デスク"}"#,
            "API_KEY: Clé d’API\nAPP_PASSWORD: mot de passe\nMAIL_PASSWORD: motdepasse\n",
            "API_KEY=api.key.label\nMAIL_PASSWORD=mail-password\nDB_PASSWORD=dbPassword\n",
        ] {
            assert_eq!(secrets(text), [""; 0], "{text}");
        }
    }

    #[test]
    fn references_to_a_vault_are_none() {
        for text in [
            "FLASK_ENV: production\nDEBUG: false\nSECRET_KEY: !vault |\n  $ANSIBLE_VAULT;1.1;AES256\n",
            "debug: false\ntesting: false\nsecret_key: !secret desk_key\n",
            "DEBUG: false\nTESTING: false\nSECRET_KEY: !ENV ${SECRET_KEY}\nDB_PASSWORD: *password\n",
            "DEBUG: false\nTESTING: false\nSECRET_KEY: !Ref DeskKey\nMAIL_PASSWORD: >-\n  see wiki\n",
            "DEBUG: false\nPORT: 80\nSECRET_KEY: ENC[AES256_GCM,data:x8f3c1dk3y,tag:9f]\n",
        ] {
            assert_eq!(secrets(text), [""; 0], "{text}");
        }
        // What only looks like a tag is a value outside YAML.
        assert_eq!(
            secrets("DEBUG=1\nTESTING=0\nSECRET_KEY=!k3y8f3c1d\n"),
            ["!k3y8f3c1d"]
        );
    }

    #[test]
    fn what_only_a_process_has_is_no_manuals() {
        let running = |text: &str| {
            Settings::new(Credentials::default())
                .find(text)
                .iter()
                .any(|dump| dump.is_running)
        };
        assert!(running(
            "HOME=/root\nHOSTNAME=4f2a9c1b7e55\nLANG=C.UTF-8\nSHLVL=1\nPWD=/srv\n\
             MAIL_PASSWORD=vT9rQ2mLx7\n"
        ));
        assert!(!running(
            "DEBUG=1\nTESTING=0\nMAIL_PORT=25\nSECRET_KEY=vT9rQ2mLx7\n"
        ));
    }

    #[test]
    fn records_and_prose_are_none() {
        for text in [
            r#"{"_id": "65f0", "name": "Ada", "password": "hunter22", "key": "k3y-8f3c1d"}"#,
            r#"{"access_token": "vT9rQ2mLx7KdWc4", "token_type": "Bearer", "expires_in": 3600}"#,
            r#"{"USER_ID": 7, "USER_PASSWORD": "hunter22"}"#,
            "Set the DEBUG flag: it helps. The SECRET_KEY must stay secret: keep it so.",
            r#"{"SECRET_KEY": "k3y-8f3c1d"}"#,
            r#"{"APP_TITLE": "Desk", "API_KEY": "API key", "LOGIN_PASSWORD": "Passwort"}"#,
            r#"{"API_URL": "https://desk.example/api", "FIREBASE_API_KEY": "AIzaNotAReal0"}"#,
            "<code>SECRET_KEY</code> is needed; <code>DEBUG</code> and <code>TESTING</code> are not.",
        ] {
            assert_eq!(secrets(text), [""; 0], "{text}");
        }
    }
}
