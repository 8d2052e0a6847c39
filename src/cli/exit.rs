//! The exit codes: one table, printed by the help and checked by the tests.
//!
//! Owns: which code an ending has, and which of several endings wins. Leaves out: what to tell people
//! about it (`console.rs`).

use std::fmt::Write as _;
use std::process::ExitCode;

use keyspill::error::Error;
use keyspill::finding::Problem;

/// How a run ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Exit {
    /// No findings at or above the threshold.
    Clean,
    /// Findings at or above the threshold (or defects, for `probes check`).
    Findings,
    /// The command line, a configuration, a report or a probe is wrong.
    Usage,
    /// The target is unreachable, shows nothing, or less than was required; or the login was lost.
    Target,
    /// Stopped by budget or signal; a partial report is written.
    Stopped,
    /// An output could not be written.
    Output,
}

/// Every ending with its code and its line in the help, ordered by code.
pub(crate) const TABLE: [(Exit, u8, &str); 6] = [
    (Exit::Clean, 0, "nothing at or above --fail-on"),
    (Exit::Findings, 1, "findings at or above --fail-on"),
    (
        Exit::Usage,
        2,
        "wrong usage: an option, a configuration file, a probe, a report to read",
    ),
    (
        Exit::Target,
        3,
        "target unreachable, lost, or nothing seen of it; login lost; --require-coverage unmet",
    ),
    (
        Exit::Stopped,
        4,
        "stopped by budget or signal; the partial report is written",
    ),
    (Exit::Output, 5, "an output could not be written"),
];

/// If several endings apply, the first of these wins.
const PRECEDENCE: [Exit; 6] = [
    Exit::Usage,
    Exit::Output,
    Exit::Target,
    Exit::Findings,
    Exit::Stopped,
    Exit::Clean,
];

impl Exit {
    /// Returns the process's exit code.
    pub(crate) fn code(self) -> u8 {
        // The table has every ending; a test checks them all.
        TABLE
            .iter()
            .find(|(exit, ..)| *exit == self)
            .map_or(2, |(_, code, _)| *code)
    }

    /// Returns the ending that wins if both apply.
    #[must_use]
    pub(crate) fn and(self, other: Self) -> Self {
        PRECEDENCE
            .into_iter()
            .find(|exit| *exit == self || *exit == other)
            .unwrap_or(self)
    }

    /// Returns [`Exit::Findings`] if something failed the threshold, otherwise [`Exit::Clean`].
    pub(crate) fn of_findings(failed: bool) -> Self {
        if failed { Self::Findings } else { Self::Clean }
    }

    /// Returns what a scan's own state implies, apart from its findings. An incomplete scan is never
    /// clean: without a known reason it counts as stopped.
    pub(crate) fn of_scan(complete: bool, problems: &[Problem]) -> Self {
        if complete {
            return Self::Clean;
        }
        if problems.iter().any(Problem::is_targets) {
            Self::Target
        } else {
            Self::Stopped
        }
    }
}

impl From<&Error> for Exit {
    fn from(error: &Error) -> Self {
        match error {
            Error::Usage(_) => Self::Usage,
            Error::Unreachable(_) | Error::Proxy(_) | Error::Login(_) => Self::Target,
            Error::Output { .. } => Self::Output,
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit.code())
    }
}

/// Formats the table as the help prints it.
pub(crate) fn help() -> String {
    let mut text = String::from("Exit codes:\n");
    for (_, code, meaning) in TABLE {
        let _ = writeln!(text, "  {code}  {meaning}");
    }
    text.push_str("Where several hold: 2 before 5, 3, 1, 4, 0.");
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_the_one_of_the_design() {
        let codes = [
            (Exit::Clean, 0),
            (Exit::Findings, 1),
            (Exit::Usage, 2),
            (Exit::Target, 3),
            (Exit::Stopped, 4),
            (Exit::Output, 5),
        ];
        for (exit, code) in codes {
            assert_eq!(exit.code(), code, "{exit:?}");
        }
        assert_eq!(TABLE.len(), codes.len());
    }

    #[test]
    fn where_several_hold_two_wins_over_five_three_one_four_and_nought() {
        let order = [2, 5, 3, 1, 4, 0];
        let by_code = |code| TABLE.into_iter().find(|row| row.1 == code).unwrap().0;
        for (rank, stronger) in order.into_iter().enumerate() {
            for weaker in order.into_iter().skip(rank) {
                let (strong, weak) = (by_code(stronger), by_code(weaker));
                assert_eq!(strong.and(weak), strong, "{stronger} and {weaker}");
                assert_eq!(weak.and(strong), strong, "{weaker} and {stronger}");
            }
        }
        assert!(help().contains("2 before 5, 3, 1, 4, 0"));
    }

    #[test]
    fn an_incomplete_scan_is_never_clean() {
        let of = |complete, codes: &[&'static str]| {
            let problems: Vec<_> = codes.iter().map(|code| Problem::new(code, "x")).collect();
            Exit::of_scan(complete, &problems)
        };
        assert_eq!(of(true, &[]), Exit::Clean);
        assert_eq!(of(true, &["untested-input"]), Exit::Clean);
        assert_eq!(of(false, &["budget"]), Exit::Stopped);
        assert_eq!(of(false, &["interrupted"]), Exit::Stopped);
        assert_eq!(of(false, &[]), Exit::Stopped);
        assert_eq!(of(false, &["budget", "target-lost"]), Exit::Target);
        assert_eq!(of(false, &["login-lost"]), Exit::Target);
        assert_eq!(of(false, &["blocked"]), Exit::Target);
        assert_eq!(of(false, &["coverage-short"]), Exit::Target);
    }

    #[test]
    fn an_error_has_the_code_of_its_kind() {
        assert_eq!(Exit::from(&Error::Usage(String::new())).code(), 2);
        assert_eq!(Exit::from(&Error::Unreachable(String::new())).code(), 3);
        assert_eq!(Exit::from(&Error::Login(String::new())).code(), 3);
        let output = Error::Output {
            path: "x".into(),
            reason: String::new(),
        };
        assert_eq!(Exit::from(&output).code(), 5);
    }
}
