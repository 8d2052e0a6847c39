//! Settings, environments and configuration files in an answer.
//!
//! Owns: reading pairs of names and values as JSON, Python, `.env` files and HTML tables show
//! them, and telling settings from other records. Leaves out: single connection strings and known
//! credential formats, which have rules of their own.
//!
//! Flask's `app.config`, `os.environ` and `.env` files look alike: names in capitals, of which
//! some are those of Flask, its extensions, the operating system or a well-known service. A dump
//! has two different settings of that look, at least one of them well known, and shows the value
//! of at least one that is named like a credential.

use std::collections::HashSet;
use std::ops::Range;
use std::sync::LazyLock;

use regex::{Captures, Regex};

use super::placeholder::{is_masked, is_placeholder};
use crate::credential::{Credentials, Tier};

/// A dump in a text.
#[derive(Debug)]
pub(super) struct Dump {
    /// The first pair that shows a secret.
    pub(super) span: Range<usize>,
    /// From the first setting to the last.
    pub(super) extent: Range<usize>,
    /// Every value that is secret.
    pub(super) secrets: Vec<Range<usize>>,
    /// How many bytes its pairs have; what stands between them does not count.
    pub(super) weight: usize,
}

/// Pairs looked at; a body of more is data, not settings.
const MAX_PAIRS: usize = 20_000;
/// A value of more words is a sentence.
const MAX_WORDS: usize = 2;
/// Settings of one dump can be apart, but not this far.
const MAX_GAP: usize = 16 << 10;

/// Settings by their full names (in capitals): Flask, its extensions, the operating system.
const KNOWN: &str = "
DEBUG TESTING ENV SECRET_KEY SECRET_KEY_FALLBACKS PROPAGATE_EXCEPTIONS APPLICATION_ROOT SERVER_NAME
TRUSTED_HOSTS MAX_CONTENT_LENGTH MAX_COOKIE_SIZE MAX_FORM_PARTS MAX_FORM_MEMORY_SIZE USE_X_SENDFILE
SEND_FILE_MAX_AGE_DEFAULT PREFERRED_URL_SCHEME TEMPLATES_AUTO_RELOAD EXPLAIN_TEMPLATE_LOADING
TRAP_HTTP_EXCEPTIONS TRAP_BAD_REQUEST_ERRORS JSON_AS_ASCII JSON_SORT_KEYS JSONIFY_MIMETYPE
JSONIFY_PRETTYPRINT_REGULAR PERMANENT_SESSION_LIFETIME PRESERVE_CONTEXT_ON_EXCEPTION
SECURITY_PASSWORD_SALT WTF_CSRF_SECRET_KEY PATH HOME HOSTNAME PWD OLDPWD SHELL SHLVL TERM LANG LC_ALL
USER LOGNAME TZ PORT HOST VIRTUAL_ENV PYTHONPATH PYTHONHOME PYTHON_VERSION GPG_KEY WERKZEUG_RUN_MAIN
WERKZEUG_SERVER_FD DYNO DATABASE_URL DATABASE_URI DATABASE_DSN DB_URI DB_URL MONGO_URI MONGO_URL
MONGODB_URI MONGODB_URL REDIS_URL RABBITMQ_URL AMQP_URL CLOUDAMQP_URL BROKER_URL RESULT_BACKEND
SENTRY_DSN LOG_LEVEL LOGLEVEL ENVIRONMENT APP_ENV NODE_ENV RAILS_ENV ALLOWED_HOSTS JWT_SECRET
API_SECRET_KEY ADMIN_PASSWORD SESSION_SECRET
";

/// Beginnings of settings (in capitals) that belong to a framework, a service or a platform.
const PREFIXES: &[&str] = &[
    "FLASK_",
    "SESSION_COOKIE_",
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
    "OAUTH_",
    "OAUTHLIB_",
    "LDAP_",
    "BABEL_",
    "RATELIMIT_",
    "UPLOAD_",
    "DB_",
    "DATABASE_",
    "POSTGRES_",
    "PG",
    "MYSQL_",
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
    "GUNICORN_",
    "UWSGI_",
    "PYTHON",
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

/// Settings that applications show in lower or mixed case as well, by their joined words.
const KNOWN_SMALL: &str = "
debug testing secretkey mongouri mongourl mongodburi mongodburl databaseurl databaseuri dburl dburi
redisurl brokerurl celerybrokerurl sqlalchemydatabaseuri jwtsecret jwtsecretkey sessionsecret
loglevel environment debugmode sessioncookiesecure sessioncookiehttponly sessioncookiename
sessioncookiesamesite awssecretaccesskey awsaccesskeyid mailpassword mailserver smtppassword smtphost
dbpassword dbhost dbuser dbname databasepassword databasehost redispassword servername
preferredurlscheme allowedhosts maxcontentlength flaskenv csrfsecret passwordsalt connectionstring
";

#[allow(clippy::unwrap_used)] // a constant pattern; the tests compile it
static PAIR: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(concat!(
        // "NAME": "value", 'NAME': 'value', 'NAME': value; Python's <Config {…}> as well.
        r#"["'](?P<quoted>[A-Za-z][A-Za-z0-9_]{1,63})["']\s{0,4}:\s{0,4}"#,
        r#"(?:"(?P<double>[^"\n]{0,2000})"|'(?P<single>[^'\n]{0,2000})'|(?P<bare>[^\s,"'{}\[\]<]{1,200}))"#,
        // NAME=value, export NAME="value", NAME: value
        r#"|(?m:^)[ \t]{0,8}(?:export[ \t]+)?(?P<plain>[A-Za-z][A-Za-z0-9_]{1,63})[ \t]{0,20}[=:][ \t]{0,4}"#,
        r#"(?P<line>[^\n\r<]{0,2000})"#,
        // <td>NAME</td><td>value</td>, <dt>NAME</dt><dd>value, <b>NAME</b>: value, <li>NAME = value.
        // Words after the name, as prose has them, are no value.
        r"|>\s{0,20}(?P<cell>[A-Za-z][A-Za-z0-9_]{1,63})\s{0,20}(?:(?:</[^>]{1,20}>\s{0,40}){1,3}",
        r"(?:[:=]\s{0,40}|<(?:td|dd|th|div|p|pre|li)[ >](?:[^<>]{0,120}>)?\s{0,40})(?:<[a-z][^<>]{0,120}>\s{0,40}){0,4}",
        r"|[:=]\s{0,4})(?P<text>[^<\n]{1,2000})",
    ))
    .unwrap()
});

/// Tells settings from other data.
#[derive(Debug)]
pub(super) struct Settings {
    known: HashSet<&'static str>,
    known_small: HashSet<&'static str>,
    credentials: Credentials,
}

/// A pair that looks like a setting.
struct Pair<'t> {
    name: &'t str,
    span: Range<usize>,
    /// Well known by name or prefix.
    known: bool,
    secret: Option<Range<usize>>,
}

impl Settings {
    pub(super) fn new() -> Self {
        Self {
            known: KNOWN.split_whitespace().collect(),
            known_small: KNOWN_SMALL.split_whitespace().collect(),
            credentials: Credentials::default(),
        }
    }

    /// The dumps in a text.
    pub(super) fn find(&self, text: &str) -> Vec<Dump> {
        let mut dumps = Vec::new();
        let mut group: Vec<Pair<'_>> = Vec::new();
        for parts in PAIR.captures_iter(text).take(MAX_PAIRS) {
            let Some(pair) = self.pair(text, &parts) else {
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

    /// The pair, if it looks like a setting.
    fn pair<'t>(&self, text: &'t str, parts: &Captures<'t>) -> Option<Pair<'t>> {
        let part = |names: &[&str]| names.iter().find_map(|name| parts.name(name));
        let name = part(&["quoted", "plain", "cell"])?.as_str();
        let value = part(&["double", "single", "bare", "line", "text"])?;
        let known = self.is_known(name)?;
        let shown = trimmed(text, value.range());
        let value = text.get(shown.clone())?;
        Some(Pair {
            name,
            span: parts.get(0)?.range(),
            secret: self
                .secret(name, value)
                .map(|part| shown.start + part.start..shown.start + part.end),
            known,
        })
    }

    /// `None` for a name that is no setting's; else whether it is well known.
    fn is_known(&self, name: &str) -> Option<bool> {
        let capitals = name
            .bytes()
            .all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_');
        if capitals {
            let known =
                self.known.contains(name) || PREFIXES.iter().any(|prefix| name.starts_with(prefix));
            // Words in capitals without a line between are as often headings or columns.
            return (known || name.contains('_')).then_some(known);
        }
        let small: String = name
            .chars()
            .filter(|letter| *letter != '_')
            .map(|letter| letter.to_ascii_lowercase())
            .collect();
        self.known_small.contains(small.as_str()).then_some(true)
    }

    /// The part of the value that is secret, if one is: of a URI, its password.
    fn secret(&self, name: &str, value: &str) -> Option<Range<usize>> {
        let whole = 0..value.len();
        if is_masked(value) || says_nothing(value) {
            return None;
        }
        if is_uri(value) {
            return uri_password(value).filter(|range| {
                let password = value.get(range.clone());
                password.is_some_and(|password| !is_placeholder(password))
            });
        }
        let shown = match self.credentials.tier(name) {
            // A location under such a name (`JWT_TOKEN_LOCATION`) is none.
            Tier::Strong => !is_call(value) && !value.starts_with('/'),
            Tier::Weak => value.len() >= 12 && !value.contains(' ') && has_digit_and_letter(value),
            Tier::Never => false,
        };
        shown.then_some(whole)
    }
}

/// True for switches, for sentences and labels (a catalogue of translations has names in capitals
/// too), and for keys that services make for browsers.
fn says_nothing(value: &str) -> bool {
    let mut letters = value.chars();
    let label = letters.next().is_some_and(char::is_uppercase)
        && value.chars().count() > 1
        && letters.all(char::is_lowercase);
    let words = value.split_whitespace().count();
    let plain = |letter: char| letter.is_alphabetic() || letter.is_whitespace();
    label
        || words > MAX_WORDS
        || (words > 1 && value.chars().all(plain))
        || !value.contains(char::is_alphanumeric)
        || ["AIza", "pk_live_", "pk_test_"]
            .iter()
            .any(|public| value.starts_with(public))
        || ["yes", "no", "on", "off"]
            .iter()
            .any(|switch| value.eq_ignore_ascii_case(switch))
}

/// The dump that a group of settings makes, if it does.
fn dump(group: &[Pair<'_>]) -> Option<Dump> {
    let names: HashSet<&str> = group.iter().map(|pair| pair.name).collect();
    let first = group.iter().find(|pair| pair.secret.is_some())?;
    if names.len() < 2 || !group.iter().any(|pair| pair.known) {
        return None;
    }
    Some(Dump {
        weight: group.iter().map(|pair| pair.span.len()).sum(),
        span: first.span.clone(),
        extent: group.first()?.span.start..group.last()?.span.end,
        secrets: group
            .iter()
            .filter_map(|pair| pair.secret.clone())
            .collect(),
    })
}

/// The value without white space, a trailing comma, and quotes.
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

/// Where the password in a URI's authority stands.
fn uri_password(value: &str) -> Option<Range<usize>> {
    let start = value.find("://")? + "://".len();
    let rest = value.get(start..)?;
    let authority = rest.split(['/', '?']).next()?;
    let end = authority.rfind('@')?;
    let colon = authority.get(..end)?.find(':')?;
    Some(start + colon + 1..start + end)
}

/// Source code, not a value: `os.environ["X"]`, `config.get(`.
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

fn has_digit_and_letter(value: &str) -> bool {
    value.bytes().any(|byte| byte.is_ascii_digit())
        && value.bytes().any(|byte| byte.is_ascii_alphabetic())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn secrets(text: &str) -> Vec<&str> {
        Settings::new()
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
            "<pre>HOSTNAME=web-1\nSECRET_KEY=k3y-8f3c1d</pre>",
        ] {
            assert_eq!(secrets(text), ["k3y-8f3c1d"], "{text}");
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
