//! The command line as recorded in a report: every option with its long name, credentials masked.
//!
//! It is built from what clap parsed, not from the raw arguments, so that `-HX:y`, `--header=X:y` and
//! `--header X:y` are all treated alike.

use clap::parser::ValueSource;
use clap::{Arg, ArgMatches, Command};

use keyspill::auth::AuthSpec;

use super::mask;

/// Returns `keyspill scan URL …` or `keyspill crawl URL …`.
pub(super) fn arguments(command: &Command, matches: &ArgMatches) -> Vec<String> {
    let mut words = vec![command.get_name().to_owned()];
    let Some((name, matches)) = matches.subcommand() else {
        return words;
    };
    words.push(name.to_owned());
    let Some(command) = command.find_subcommand(name) else {
        return words;
    };
    let mut typed: Vec<(usize, Vec<String>)> = Vec::new();
    for arg in command.get_arguments() {
        let id = arg.get_id().as_str();
        if matches.value_source(id) != Some(ValueSource::CommandLine) {
            continue;
        }
        let indices = matches.indices_of(id).into_iter().flatten();
        let values = matches.get_raw(id).into_iter().flatten();
        for (index, value) in indices.zip(values) {
            typed.push((index, written(arg, &value.to_string_lossy())));
        }
    }
    typed.sort_by_key(|(index, _)| *index);
    words.extend(typed.into_iter().flat_map(|(_, words)| words));
    words
}

fn written(arg: &Arg, value: &str) -> Vec<String> {
    let name = arg.get_long().map(|name| format!("--{name}"));
    if !arg.get_action().takes_values() {
        return name.into_iter().collect();
    }
    let value = match arg.get_id().as_str() {
        "url" | "proxy" => mask::url(value),
        "import" if value.contains("://") => mask::url(value),
        "header" => mask::header(value),
        "cookie" => mask::cookies(value),
        "auth" => AuthSpec::shown(value),
        _ => value.to_owned(),
    };
    name.into_iter().chain([value]).collect()
}

#[cfg(test)]
mod tests {
    use std::ffi::OsString;

    use super::super::{Command, parse};

    fn recorded(arguments: &[&str]) -> String {
        let typed = std::iter::once("keyspill").chain(arguments.iter().copied());
        match parse(typed.map(OsString::from)).map(|cli| cli.command) {
            Ok(Command::Scan(args)) => args.recorded.join(" "),
            Ok(Command::Crawl(args)) => args.recorded.join(" "),
            Ok(_) => panic!("not a scan: {arguments:?}"),
            Err(early) => panic!("{}", early.plain),
        }
    }

    #[test]
    fn options_are_recorded_in_their_order_with_long_names() {
        assert_eq!(
            recorded(&[
                "scan",
                "--rate=5",
                "http://h",
                "--dry-run",
                "--format",
                "json,sarif"
            ]),
            "keyspill scan --rate 5 http://h --dry-run --format json --format sarif"
        );
    }

    #[test]
    fn defaults_are_not_recorded() {
        assert_eq!(recorded(&["scan", "http://h"]), "keyspill scan http://h");
    }

    #[test]
    fn credentials_are_masked_however_they_are_written() {
        for arguments in [
            &["scan", "http://u:s3cret@h/?key=s3cret"][..],
            &["scan", "h", "-H", "X-Key: s3cret"],
            &["scan", "h", "-HX-Key:s3cret"],
            &["scan", "h", "--header=X-Key: s3cret"],
            &["scan", "h", "-qHX-Key: s3cret"],
            &["scan", "h", "--cookie", "a=s3cret; b=s3cret"],
            &["scan", "h", "--auth", "bearer:s3cret"],
            &["scan", "h", "--auth=basic:alice:s3cret"],
            &["scan", "h", "--auth", "s3cret"],
            &["scan", "h", "--proxy=http://u:s3cret@p:1"],
            &["scan", "h", "--proxy", "u:s3cret@p:1"],
            &["scan", "h", "--import", "http://u:s3cret@h/spec?key=s3cret"],
            &["crawl", "h", "--cookie", "a=s3cret"],
        ] {
            let line = recorded(arguments);
            assert!(!line.contains("s3cret"), "{line}");
            assert!(line.contains("***"), "{line}");
        }
    }
}
