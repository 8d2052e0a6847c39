//! Forms of sentences that people write for their checks: `x must be …`, `please provide x`, `no x given`.
//!
//! Owns: a small grammar of such sentences, and which of their words may be names. Leaves out: shapes of
//! libraries (`json.rs`, `sentence.rs`), and what is asked for (`hint.rs`).
//!
//! A word that is written like a name (`seal_token`, `sealToken`) is one wherever it stands. An ordinary word
//! is one only by its position, and only where no input that is known explains the refusal.

use std::sync::LazyLock;

use regex::Regex;

use super::super::patterns::{all, pattern};
use super::named::is_name;
use super::words::{is_plain_word, is_python_type};

/// Sentences that are longer are prose.
const MAX_SENTENCE: usize = 300;
/// Words before a subject that are skipped.
const MAX_LEAD: usize = 5;

/// What comes before the input in "x must be …": `a|b` is one of several words, `?a` may be left out, `#` is
/// the name of a type, `*` what values are said to be.
const STRONG: [&str; 16] = [
    "must|should|shall ?not have|contain|match|hold|consist|begin|start|end|exceed",
    "must|should|shall|mustn't|shouldn't ?not be ?either *",
    "has|have|needs|need to have|contain|match",
    "has|have|needs|need to be *",
    "cannot|can't|mustn't|shouldn't have|contain|exceed",
    "cannot|can't be *",
    "can|may not be *",
    "is|are|was|were ?a|an|still|also required|missing|mandatory|needed|absent|blank|empty|null|unset",
    "is|are|was|were not a|an|of|set|given|provided|supplied|present|specified|valid|sent|one",
    "is|are too short|long",
    "not given|provided|supplied|specified|set|present|sent|a|an",
    "not found|present in",
    ": ?a|an #",
    ": required|missing|must|should|not|cannot|at|between|one|expected|too",
    ": is|needs required|missing|too|not|to",
    "( is|are|must|should|required|missing|not",
];

/// The same where only a refusal of a body of which nothing is known makes the word a name.
const WEAK: [&str; 4] = [
    "please|required|missing|absent|needed|mandatory|invalid|malformed|expected",
    "is|are|was ?not invalid|malformed|wrong|incorrect",
    "does|do|did not match|have",
    "not found|valid",
];

/// Words that demand what comes after them.
const VERBS: &str = "provide|supply|send|specify|give|include|enter|pass|submit|need|needs|require|requires|required|\
     expect|expects|expected|missing|lacking|lacks|lack|without|no|bad|invalid|unknown|wrong|malformed|\
     unrecognised|unrecognized|unexpected";

/// Words that may stand before such a verb.
const BEFORE_VERBS: &str = "please|kindly|you|we|i|it|must|should|need|needs|have|has|to|also|the|body|request|payload|json|form|query|input|a";

/// Words that may stand between a verb or the beginning and the name.
const FILL: &str = "the|a|an|your|our|its|valid|required|mandatory|field|fields|parameter|parameters|param|params|\
     argument|arguments|property|attribute|variable|key|keys|value|values|input|for|of|in|json|form|body|query|\
     request|url|string|post|non-empty|nonempty|following|named|called|one|at|least";

/// What may follow a name that such a verb demands.
const TAILS: [&str; 8] = [
    "given|provided|supplied|specified|sent|found|set|present|received|passed",
    "is|was|are not ?been given|provided|supplied|specified|sent|found|set|present",
    "in ?the|your|this ?json|form|query|request|http|post body|request|payload|query|json|form|header|headers|data|string",
    "as ?a|an #",
    "field|parameter|param|argument|property|attribute|value|header|key",
    "and|or|but",
    "(",
    "please",
];

const TYPES: &str = "string|str|text|integer|int|number|numeric|float|decimal|boolean|bool|list|array|object|dict|\
     mapping|date|datetime|timestamp|time|email|e-mail|uuid|url|uri|file|hex|non-empty|nonempty|positive|valid|\
     number|whole";

/// What is said of values, and of things in prose seldom.
const SAID: &str = "a|an|at|between|blank|different|either|empty|equal|exactly|given|greater|in|included|larger|less|\
     longer|lower|lowercase|more|non-empty|none|null|of|one|passed|positive|present|provided|sent|set|shorter|\
     smaller|specified|submitted|supplied|the|unique|uppercase|valid";

/// Words of prose that are no name in any position.
const PROSE: &str = "access|account|action|again|already|also|anything|attempt|attempts|available|bearer|cart|chance|\
     changes|characters|client|connection|correct|credentials|details|each|enough|everything|everyone|exactly|\
     failed|failure|further|gateway|here|how|idea|information|less|longer|many|matches|match|more|most|much|\
     multipart|nobody|none|nothing|now|only|operation|other|others|page|part|please|process|proof|reason|record|\
     records|result|results|room|route|row|rows|server|service|session|slots|some|somebody|someone|something|\
     space|stock|such|support|than|their|them|then|they|thing|things|time|today|too|try|unknown|unsupported|\
     upload|uploads|url|validation|wait|we|what|when|where|who|whole|why|yes|yet";

/// Words that the table of the sentences counts as ordinary, and that do name fields.
const FIELDS: &str = "content|document|file|id|item|items|key|keys|type|user";

/// Where the names end and the values begin.
static VALUES: LazyLock<Option<Regex>> = LazyLock::new(|| {
    pattern(
        r"(?xi) \b (?: (?:be|not|is|are|from|expected|in) \s+ (?: (?:one|any) \s+ of | either )
             | (?:allowed|valid|possible|permitted|accepted|supported) \s+ (?:values?|choices|options|types)
             | choose \s+ from | choices | e\.g\. | for \s+ example | such \s+ as | got ) (?: \b | \s | : )",
    )
});

static SNAKE: LazyLock<Option<Regex>> =
    LazyLock::new(|| pattern(r"^[a-z][a-z0-9]*(?:_[a-z0-9]+)+$"));

static CAMEL: LazyLock<Option<Regex>> =
    LazyLock::new(|| pattern(r"^[a-z]{2}[a-z0-9]*(?:[A-Z][a-z0-9]*)+$"));

/// `invalid_token`, `validation_error`: codes for programs.
static CODE: LazyLock<Option<Regex>> = LazyLock::new(|| {
    pattern(
        r"(?x) ^ (?: invalid | missing | unknown | bad | unsupported | unauthori[sz]ed | validation | not ) _
             | _ (?: error | failed | required | missing | invalid | exception | not_found | denied | mismatch ) $",
    )
});

/// What is known of the request that was refused.
pub(super) struct Scene<'a> {
    /// It may have had a body, or an operation's first query.
    pub(super) takes_names: bool,
    /// No input of the operation is known but those of its path.
    pub(super) bare: bool,
    /// Names that are known, and values that were sent: none of them is news.
    pub(super) known: &'a dyn Fn(&str) -> bool,
    pub(super) sent: &'a dyn Fn(&str) -> bool,
}

/// The part of a sentence before the values that it lists.
pub(super) fn before_values(sentence: &str) -> &str {
    match all(&VALUES, sentence).next().and_then(|found| found.get(0)) {
        Some(found) if found.start() > 0 => &sentence[..found.start()],
        _ => sentence,
    }
}

/// True for a code for programs, which names no input.
pub(super) fn is_code(word: &str) -> bool {
    all(&CODE, word).next().is_some()
}

/// The names in a sentence of a refusal; true beside those that only their position makes names.
pub(super) fn names(sentence: &str, scene: &Scene<'_>) -> Vec<(String, bool)> {
    let mut found: Vec<(String, bool)> = Vec::new();
    let words = words(sentence);
    // One word alone is a code or a value.
    if sentence.len() > MAX_SENTENCE || words.len() < 2 {
        return found;
    }
    let end = before_values(sentence).len();
    for word in words.iter().filter(|word| word.at < end) {
        let known = found.iter().any(|(name, _)| name == word.text);
        if is_identifier(word.text) && !word.called && !known && !(scene.sent)(word.text) {
            found.push((word.text.to_owned(), false));
        }
    }
    // What is known explains the refusal, and names that show by themselves do.
    if !found.is_empty() {
        return found;
    }
    if words.iter().any(|word| (scene.known)(word.text)) {
        // What is said of it may be news.
        let lead = words.iter().take_while(|word| word.is(FILL)).count();
        let mut first = words.iter().skip(lead).take(1);
        let about = first.find(|word| (scene.known)(word.text));
        found.extend(about.map(|word| (word.text.to_owned(), true)));
        return found;
    }
    if !scene.takes_names {
        return found;
    }
    let plain = by_position(&words, scene).unwrap_or_default();
    found.extend(plain.into_iter().map(|name| (name.to_owned(), true)));
    found
}

/// The ordinary words that are names by their position.
fn by_position<'a>(words: &[Word<'a>], scene: &Scene<'_>) -> Option<Vec<&'a str>> {
    // "Validation failed: x must be …"
    let after_colon = words.iter().take(6).position(|word| word.colon);
    let starts = [after_colon.map(|at| at + 1), Some(0)];
    for start in starts.into_iter().flatten() {
        let clause = words.get(start..)?;
        let lead = clause.iter().take(MAX_LEAD);
        let lead = lead.take_while(|word| word.is(FILL)).count();
        for skipped in (0..=lead).rev() {
            let Some(rest) = clause.get(skipped..) else {
                continue;
            };
            if let Some(names) = subject(rest, &STRONG, scene, true) {
                return Some(names);
            }
        }
        if !scene.bare {
            continue;
        }
        for skipped in (0..=lead).rev() {
            if let Some(names) = subject(clause.get(skipped..)?, &WEAK, scene, false) {
                return Some(names);
            }
        }
        if let Some(names) = object(clause, scene) {
            return Some(names);
        }
    }
    None
}

/// The names at the beginning, where one of the forms follows.
fn subject<'a>(
    words: &[Word<'a>],
    forms: &[&str],
    scene: &Scene<'_>,
    strong: bool,
) -> Option<Vec<&'a str>> {
    let (names, next) = listed(words, scene, strong)?;
    let colon = words.get(next.checked_sub(1)?)?.colon;
    let rest = words.get(next..)?;
    // "x (string) is required", "x (string)"
    if rest.first().is_some_and(|word| word.open) {
        let close = rest.iter().position(|word| word.close)? + 1;
        let typed = rest.get(..close)?.iter().any(|word| word.is(TYPES));
        let rest = rest.get(close..)?;
        let follows = rest.is_empty() || forms.iter().any(|form| matches(form, rest, colon));
        return (typed && strong && follows).then_some(names);
    }
    let follows = forms.iter().any(|form| matches(form, rest, colon));
    follows.then_some(names)
}

/// The names after a verb that demands them.
fn object<'a>(words: &[Word<'a>], scene: &Scene<'_>) -> Option<Vec<&'a str>> {
    let verb = words.iter().take(8).position(|word| word.is(VERBS))?;
    if !words.get(..verb)?.iter().all(|word| word.is(BEFORE_VERBS)) {
        return None;
    }
    let rest = words.get(verb + 1..)?;
    let fill = rest.iter().take_while(|word| word.is(FILL)).count();
    let rest = rest.get(fill..)?;
    let (names, next) = listed(rest, scene, false)?;
    let after = rest.get(next..)?;
    let ends = after.is_empty() || TAILS.iter().any(|tail| matches(tail, after, false));
    ends.then_some(names)
}

/// Names in a row: `a`, `a and b`, `a, b or c`; and where they end.
fn listed<'a>(
    words: &[Word<'a>],
    scene: &Scene<'_>,
    strong: bool,
) -> Option<(Vec<&'a str>, usize)> {
    let is_field = |word: &Word<'_>| {
        let lower = word
            .text
            .bytes()
            .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit());
        let ordinary = is_plain_word(word.text) && !(strong && word.is(FIELDS));
        let wrong = ordinary || word.is(PROSE) || is_python_type(word.text);
        let quoted = word.quoted || word.open || word.called;
        lower && !wrong && !quoted && is_name(word.text) && !(scene.sent)(word.text)
    };
    let mut names = Vec::new();
    let mut at = 0;
    while let Some(word) = words.get(at).filter(|word| is_field(word)) {
        names.push(word.text);
        at += 1;
        let joined = words.get(at).is_some_and(|word| word.is("and|or|nor"));
        if joined && words.get(at + 1).is_some_and(is_field) {
            at += 1;
        } else if !word.comma {
            break;
        }
    }
    (!names.is_empty()).then_some((names, at))
}

/// True where words begin as a form says; `colon` stands before them.
fn matches(form: &str, words: &[Word<'_>], colon: bool) -> bool {
    let mut rest = words.iter().peekable();
    for part in form.split(' ') {
        let (optional, choices) = match part.strip_prefix('?') {
            Some(choices) => (true, choices),
            None => (false, part),
        };
        let fits = |word: &&Word<'_>| match choices {
            "#" => word.is(TYPES),
            "*" => word.is(SAID) || word.is(TYPES),
            "(" => word.open,
            choices => word.is(choices),
        };
        if choices == ":" {
            if !colon {
                return false;
            }
        } else if rest.peek().is_some_and(fits) {
            rest.next();
        } else if !optional {
            return false;
        }
    }
    true
}

/// True for words that are written like names.
fn is_identifier(word: &str) -> bool {
    let snake = all(&SNAKE, word).next().is_some() && !is_code(word);
    // Where webargs, flask-jwt-extended and Connexion look, not what for.
    let places =
        matches!(word, "query_string" | "json_or_form") || word.eq_ignore_ascii_case("requestbody");
    let system = word.ends_with("OS");
    !places && (snake || (all(&CAMEL, word).next().is_some() && !system))
}

/// A word of a sentence, without what stands around it.
struct Word<'a> {
    text: &'a str,
    at: usize,
    quoted: bool,
    /// Brackets around it or around what begins or ends with it.
    open: bool,
    close: bool,
    /// It is called: `x()`.
    called: bool,
    colon: bool,
    comma: bool,
}

impl Word<'_> {
    fn is(&self, choices: &str) -> bool {
        let mut choices = choices.split('|');
        choices.any(|choice| choice.trim().eq_ignore_ascii_case(self.text))
    }
}

fn words(sentence: &str) -> Vec<Word<'_>> {
    const QUOTES: [char; 8] = ['\'', '"', '`', '‘', '’', '“', '”', '*'];
    let mut words = Vec::new();
    for raw in sentence.split_whitespace() {
        let is_mark = |c: char| QUOTES.contains(&c) || "()[]{}<>,.;:!?".contains(c);
        let text = raw.trim_matches(is_mark);
        let (Some(inside), true) = (raw.find(text), !text.is_empty()) else {
            continue;
        };
        let (head, tail) = (&raw[..inside], &raw[inside + text.len()..]);
        let offset = raw.as_ptr() as usize - sentence.as_ptr() as usize;
        words.push(Word {
            text,
            at: offset + inside,
            quoted: head.contains(QUOTES),
            open: head.contains(['(', '[', '<']),
            close: tail.contains([')', ']', '>']),
            called: tail.starts_with('('),
            colon: tail.contains(':'),
            comma: tail.contains(','),
        });
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(sentence: &str, bare: bool) -> String {
        let scene = Scene {
            takes_names: true,
            bare,
            known: &|name| name == "colour",
            sent: &|value| value == "sample",
        };
        let names = names(sentence, &scene);
        let names: Vec<String> = names.into_iter().map(|(name, _)| name).collect();
        names.join(" ")
    }

    #[test]
    fn the_patterns_compile() {
        for regex in [&VALUES, &SNAKE, &CAMEL, &CODE] {
            assert!(regex.is_some());
        }
    }

    #[test]
    fn a_name_is_found_in_every_form_and_spelling() {
        for form in [
            "{} must be one of: red, dark_green",
            "{} must be a string of 8 to 100 characters",
            "{}: string of 8 to 100 characters",
            "{} should be a string",
            "{} is not a string",
            "{} has to be given",
            "{} is too short",
            "{} (string) is required",
            "{}: required",
            "{} not given",
            "{} cannot be blank",
            "Parameter {} not found in request",
            "the field {} must not be empty",
            "Validation failed: {} must have 8 characters",
            "no {} given",
            "no {}",
            "You must supply {}",
            "Please provide {}",
            "please send {} as string",
            "Please specify a valid {}.",
            "expected field {} in JSON body",
            "{}, please",
            "body needs {}",
            "field {} absent",
            "lacking {}",
            "invalid value for {}",
            "{} invalid",
            "unknown {}",
            "bad {}",
        ] {
            for name in ["seal_mark", "crest", "sealMark"] {
                let sentence = form.replace("{}", name);
                assert_eq!(of(&sentence, true), name, "{sentence}");
            }
        }
        assert_eq!(of("crest and motto must be given", true), "crest motto");
        assert_eq!(
            of("crest, motto or mark must be given", true),
            "crest motto mark"
        );
        assert_eq!(of("key must be a string", true), "key");
    }

    #[test]
    fn what_is_known_explains_a_refusal() {
        assert_eq!(of("crest must be a string", false), "crest");
        assert_eq!(of("no crest", false), "");
        assert_eq!(of("crest must match colour", false), "");
        assert_eq!(of("sample is not a colour", true), "");
        assert_eq!(of("sample is too short", true), "");
    }

    #[test]
    fn prose_names_nothing() {
        for sentence in [
            "Something went wrong",
            "Bad Request",
            "bad request",
            "invalid credentials",
            "Invalid request",
            "invalid JSON",
            "No data given",
            "no such room",
            "no longer available",
            "Please try again later",
            "please provide credentials",
            "please log in",
            "You must be logged in",
            "you need to wait for an hour",
            "The request could not be processed",
            "Order must be paid first",
            "This slot is not available",
            "it is not a leap year",
            "that is not a valid move",
            "Too many requests",
            "access denied",
            "not found",
            "unknown error",
            "Unsupported media type",
            "JavaScript must be enabled",
            "the order must be paid first",
            "windows have to be closed",
            "macOS is required",
            "invalid_token",
            "invalid_token: The token expired",
            "Failed to decode JSON object: Expecting value: line 1 column 1 (char 0)",
            "save() must be called first",
            "getName() must be called first",
            "The browser (or proxy) sent a request that this server could not understand.",
            "Hint: use POST",
            "Expected JSON",
            "Content-Type must be application/json",
            "must be a date (YYYY-MM-DD)",
            "Missing data for required field.",
            "Not a valid integer.",
            "Input should be a valid string",
            "none is not an allowed value",
            "extra fields not permitted",
            "'ab' is too short",
            "[] is too short",
            "'sample' is not of type 'integer'",
        ] {
            assert_eq!(of(sentence, true), "", "{sentence}");
        }
    }
}
