//! What limits a crawl, told so that a thousand times the same is one problem.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use super::Crawl;
use crate::finding::Problem;

/// Branches and directories that are named, at most, of each kind.
const MAX_NAMED: usize = 10;

/// The problems of a crawl that were not told yet.
#[derive(Debug, Default)]
pub(super) struct Troubles {
    kinds: BTreeMap<&'static str, Trouble>,
    /// Problems that stand, and were told.
    told: HashSet<String>,
    /// Queries that were not sent, in words.
    withheld: BTreeSet<String>,
}

/// Problems of one kind.
#[derive(Debug)]
struct Trouble {
    count: usize,
    first: String,
}

impl Troubles {
    /// Notes a problem; of many of one kind the first is told, and how many they are.
    pub(super) fn note(&mut self, code: &'static str, message: &str) {
        let trouble = self.kinds.entry(code).or_insert_with(|| Trouble {
            count: 0,
            first: message.to_owned(),
        });
        trouble.count += 1;
    }

    /// What was noted since the last time, and what stands and was never told.
    fn take(&mut self, standing: Vec<(&'static str, String)>) -> Vec<Problem> {
        let mut problems: Vec<Problem> = std::mem::take(&mut self.kinds)
            .into_iter()
            .map(|(code, trouble)| match trouble.count {
                1 => Problem::new(code, trouble.first),
                count => Problem::new(code, format!("{} ({count} times)", trouble.first)),
            })
            .collect();
        for (code, text) in standing {
            if self.told.insert(text.clone()) {
                problems.push(Problem::new(code, text));
            }
        }
        problems
    }
}

impl Crawl {
    /// Notes a problem.
    pub(super) fn trouble(&mut self, code: &'static str, message: &str) {
        self.troubles.note(code, message);
    }

    /// Notes a query that is not sent, and why; the first few are told.
    pub(super) fn note_withheld(&mut self, message: String) {
        if self.troubles.withheld.len() < MAX_NAMED {
            self.troubles.withheld.insert(message);
        }
    }

    /// The problems since the last time.
    pub(super) fn diagnostics(&mut self) -> Vec<Problem> {
        let mut standing = Vec::new();
        for text in &self.troubles.withheld {
            let text = text.clone();
            standing.push(("query-withheld", text));
        }
        if self.asking.frontier.full {
            let text = "more pages than the crawl fetches".to_owned();
            standing.push(("crawl-bound", text));
        }
        let copied = self.known.copies.closed().take(MAX_NAMED);
        standing.extend(copied.map(|branch| {
            let text = format!("the pages below {branch} repeat others: they are not followed");
            ("copied-branch", text)
        }));
        let crowded = self.asking.frontier.crowds.crowded().take(MAX_NAMED);
        standing.extend(crowded.map(|directory| {
            let text = format!("there are more pages in {directory}/ than the crawl fetches");
            ("directory-bound", text)
        }));
        self.troubles.take(standing)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn problems_of_one_kind_are_counted_and_what_stands_is_told_once() {
        let mut troubles = Troubles::default();
        troubles.note("page-cut", "/a holds more");
        troubles.note("page-cut", "/b holds more");
        let told = troubles.take(vec![("copied-branch", "/print repeats others".to_owned())]);
        let texts: Vec<&str> = told
            .iter()
            .map(|problem| problem.message.as_str())
            .collect();
        assert_eq!(texts, ["/a holds more (2 times)", "/print repeats others"]);
        let again = troubles.take(vec![("copied-branch", "/print repeats others".to_owned())]);
        assert!(again.is_empty());
    }
}
