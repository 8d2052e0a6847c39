//! The list of codes in `problems[].code`: everything that can limit the result of a scan.
//!
//! This module has the code, its meaning, what to do about it, and the option that may lift it.
//! Published codes do not change; the list only grows, and a test checks it against every place
//! that creates a problem. The problems themselves are in [`crate::finding::Problem`].

/// One kind of problem.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Code {
    /// The stable identifier.
    pub code: &'static str,
    /// What it means.
    pub meaning: &'static str,
    /// What to do about it.
    pub remedy: &'static str,
    /// The option that may lift it, if there is one.
    pub option: Option<&'static str>,
}

const fn code(
    code: &'static str,
    meaning: &'static str,
    remedy: &'static str,
    option: Option<&'static str>,
) -> Code {
    Code {
        code,
        meaning,
        remedy,
        option,
    }
}

/// Every code, in alphabetical order.
pub const CODES: [Code; 41] = [
    code(
        "answers-lost",
        "Many answers were lost on their way: what was not seen may be there all the same.",
        "See why connections break, or a gateway answers in place of the application; scan more slowly.",
        Some("--rate"),
    ),
    code(
        "blocked",
        "The target refuses everything, or wants to see a browser: a firewall, a ban, a challenge.",
        "Have the scanner let through (its User-Agent names it), or scan more slowly.",
        Some("--rate"),
    ),
    code(
        "budget",
        "The request or time budget was spent before the scan was done.",
        "Give it more, or narrow the scope.",
        Some("--max-requests"),
    ),
    code(
        "canaries-blocked",
        "Requests with a canary are not let through, though others are: nothing was tested.",
        "Have the filter in front of the application let the scanner through.",
        None,
    ),
    code(
        "copied-branch",
        "The pages below a path repeat others and were not followed.",
        "Nothing to do, unless they differ in what they do: then import their routes.",
        Some("--import"),
    ),
    code(
        "coverage-short",
        "Fewer operations accepted a request than was required.",
        "`surface` says why each did not; give a login, or values that are accepted.",
        Some("--require-coverage"),
    ),
    code(
        "crawl-bound",
        "There are more pages than the crawl fetches.",
        "Narrow the scope, or scan parts of the application one by one.",
        Some("--include"),
    ),
    code(
        "crawl-failure",
        "A page could not be fetched.",
        "See whether the application or a proxy breaks connections; scan more slowly.",
        Some("--rate"),
    ),
    code(
        "directory-bound",
        "There are more pages in one directory than the crawl fetches.",
        "Nothing to do if they are records of one kind; otherwise import their routes.",
        Some("--import"),
    ),
    code(
        "half-made-finding",
        "A finding lacked a part of its proof and was left out: a defect in keyspill.",
        "Report it, with the rule that the message names.",
        None,
    ),
    code(
        "import-cut",
        "An import holds more than is read.",
        "Split it.",
        None,
    ),
    code(
        "import-empty",
        "An import names no operation.",
        "Check that it is the right file.",
        None,
    ),
    code(
        "import-left-out",
        "Parts of an import could not be read, or were not used.",
        "See what was left out; test it by hand.",
        None,
    ),
    code(
        "import-missing",
        "Nothing that an import names exists on the target.",
        "Check the base URL: a prefix may be missing.",
        None,
    ),
    code(
        "import-out-of-scope",
        "Operations of an import are not under the base URL.",
        "Give a base URL that covers them.",
        None,
    ),
    code(
        "interrupted",
        "A signal stopped the scan.",
        "Scan again.",
        None,
    ),
    code(
        "links-outside",
        "Links or forms of the application lead out of scope.",
        "Give a base URL that covers them, or name their host if it is the application's own.",
        Some("--alias"),
    ),
    code(
        "login-lost",
        "The login was lost and could not be renewed: the scan stopped.",
        "Give a login recipe that can be repeated, or keep the scan from what ends the session.",
        Some("--exclude"),
    ),
    code(
        "login-needed",
        "Everything asks for a login.",
        "Give one.",
        Some("--auth"),
    ),
    code(
        "login-refused",
        "Everything asks for a login despite the credentials.",
        "Check the credentials, and which URL they are for.",
        Some("--auth"),
    ),
    code(
        "login-renewed",
        "The login was lost for a while; some answers may be those of a stranger.",
        "Find out what ends the session, and exclude it.",
        Some("--exclude"),
    ),
    code(
        "login-unproven",
        "A stranger sees the same pages, so a lost login may go unnoticed.",
        "Name a page that only the identity can see, as `check` in its login.",
        Some("--config"),
    ),
    code(
        "max-endpoints",
        "There are more endpoints than the scan keeps.",
        "Raise the bound.",
        Some("--max-endpoints"),
    ),
    code(
        "never-accepted",
        "The target answers, but it accepted no request.",
        "`surface` shows what it says; import requests that it accepts.",
        Some("--import"),
    ),
    code(
        "no-inputs",
        "No input was found that could carry a canary.",
        "Import the routes, or give a login, if the application has them.",
        Some("--import"),
    ),
    code(
        "nothing-accepted",
        "Every answer is empty or a refusal.",
        "Check the URL, and whether the application is behind it.",
        None,
    ),
    code(
        "nothing-there",
        "No path exists.",
        "Check the URL: host, port, prefix.",
        None,
    ),
    code(
        "page-cut",
        "A page holds more than the crawl reads.",
        "Import the routes that it links to.",
        Some("--import"),
    ),
    code(
        "proxy-refused",
        "The proxy does not answer, or refuses requests.",
        "Check its address, and its user and password.",
        Some("--proxy"),
    ),
    code(
        "query-withheld",
        "The query of a link looks dangerous, or seems to act: the page was read without it.",
        "Allow it.",
        Some("--allow"),
    ),
    code(
        "redirected-away",
        "Everything is redirected to another address.",
        "Give that address, or a login if it is one.",
        None,
    ),
    code(
        "route-limited",
        "An operation asks for a longer wait than the scan allows, or asks again and again.",
        "Wait longer, scan more slowly, or lift the limit during the scan.",
        Some("--max-wait"),
    ),
    code(
        "route-silent",
        "An operation does not answer in time, not even at the end of the scan.",
        "Give it more time, or exclude it from the scan.",
        Some("--timeout"),
    ),
    code(
        "server-errors",
        "Everything fails with a server error.",
        "See whether the application is up.",
        None,
    ),
    code(
        "specification-misfit",
        "A specification's addresses do not answer as it says.",
        "Check the base URL, and the servers that the specification names.",
        None,
    ),
    code(
        "target-away",
        "The target refused everything for a while, then came back.",
        "Scan more slowly.",
        Some("--rate"),
    ),
    code(
        "target-lost",
        "The target stopped answering: the scan stopped.",
        "See whether the application is up; scan more slowly.",
        Some("--rate"),
    ),
    code(
        "target-unreachable",
        "The target does not answer.",
        "Check host, port and scheme, and whether the application is up.",
        None,
    ),
    code(
        "untested-input",
        "No form of canary fits the type of an input: it was sent plain values.",
        "Test it by hand.",
        None,
    ),
    code(
        "wordlist-lines",
        "Lines of a word list are not paths or names, and were left out.",
        "Correct them.",
        None,
    ),
    code(
        "wordlist-withheld",
        "Paths of the word list look dangerous, or are out of scope, and were not tried.",
        "Allow them.",
        Some("--allow"),
    ),
];

/// The codes of a scan that saw nothing, or nothing more, of the target: exit code 3.
pub const TARGETS: [&str; 15] = [
    "answers-lost",
    "blocked",
    "canaries-blocked",
    "coverage-short",
    "import-missing",
    "login-lost",
    "login-needed",
    "login-refused",
    "nothing-accepted",
    "nothing-there",
    "proxy-refused",
    "redirected-away",
    "server-errors",
    "target-lost",
    "target-unreachable",
];

/// Returns the entry of a code.
pub fn lookup(code: &str) -> Option<&'static Code> {
    CODES.iter().find(|row| row.code == code)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::fs;
    use std::path::Path;

    use regex::Regex;

    use super::*;

    fn sources(folder: &Path, out: &mut String) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                sources(&path, out);
            } else if path.extension().is_some_and(|end| end == "rs") {
                let text = fs::read_to_string(&path).unwrap();
                // Tests create problems of their own.
                out.push_str(text.split("#[cfg(test)]").next().unwrap());
            }
        }
    }

    #[test]
    fn every_problem_that_is_made_has_a_row_and_every_row_is_made() {
        let mut text = String::new();
        sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join(".."), &mut text);
        // Matches problems that are created, noted by the crawl, or pushed as (code, text).
        let made = Regex::new(
            r#"(?:Problem::new|\btrouble|\bnote)\(\s*"([a-z-]+)"|\(\s*"([a-z]+-[a-z-]+)", text\)"#,
        )
        .unwrap();
        let made: BTreeSet<&str> = made
            .captures_iter(&text)
            .filter_map(|found| found.get(1).or(found.get(2)))
            .map(|found| found.as_str())
            .collect();
        let listed: BTreeSet<&str> = CODES.iter().map(|row| row.code).collect();
        assert_eq!(made, listed);
        assert!(CODES.is_sorted_by_key(|row| row.code));
        assert!(TARGETS.iter().all(|code| listed.contains(code)));
    }

    #[test]
    fn the_readme_lists_every_code() {
        let readme = fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../../README.md"));
        let readme = readme.unwrap();
        for Code {
            code,
            meaning,
            remedy,
            option,
        } in CODES
        {
            let option = option.map_or(String::new(), |option| format!(" (`{option}`)"));
            let row = format!("| `{code}` | {meaning} | {remedy}{option} |\n");
            assert!(readme.contains(&row), "{row}");
        }
    }
}
