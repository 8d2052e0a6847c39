//! The command line as somebody at a shell meets it. Nothing here needs a target.

mod cli_harness;

use std::fs;

use cli_harness::{Place, Ran};

#[test]
fn a_misspelt_option_is_a_usage_error_with_a_suggestion() {
    let ran = Place::new().run(&["scan", "http://localhost:1", "--cookei", "a=b"]);
    ran.refused(2, &["--cookei", "similar", "--cookie"]);
}

#[test]
fn a_misspelt_subcommand_is_a_usage_error_with_a_suggestion() {
    Place::new()
        .run(&["scann", "http://h"])
        .refused(2, &["scan"]);
}

#[test]
fn a_wrong_url_is_a_usage_error_and_its_password_is_not_shown() {
    for url in [
        "ftp://u:s3cret@h",
        "http://",
        "http://u:s3cret@h:port",
        "http://u:s3cret/x@h:1",
    ] {
        let ran = Place::new().run(&["scan", url]);
        ran.refused(2, &["error: "]);
        assert!(!ran.err.contains("s3cret"), "{}", ran.err);
    }
}

#[test]
fn a_wrong_header_is_a_usage_error_and_its_value_is_not_shown() {
    for arguments in [
        &["scan", "http://h", "-H", "s3cret"][..],
        &["scan", "http://h", "-H", "X-Key: s3cret\r\nX-Evil: 1"],
        &[
            "scan",
            "http://h",
            "-H",
            "Authorization:",
            "Bearer",
            "s3cret",
        ],
        &["scan", "http://h", "--cookie", "s3cret"],
        &["scan", "http://h", "--proxy", "x://u:s3cret@h"],
    ] {
        let ran = Place::new().run(arguments);
        ran.refused(2, &["error: "]);
        assert!(!ran.err.contains("s3cret"), "{}", ran.err);
    }
}

#[test]
fn a_value_that_an_option_cannot_take_is_a_usage_error() {
    for (option, value) in [
        ("--rate", "0"),
        ("--concurrency", "0"),
        ("--max-requests", "few"),
        ("--max-time", "soon"),
        ("--timeout", "0s"),
        ("--settle", "5"),
        ("--include", "("),
        ("--methods", "BREW"),
        ("--format", "pdf"),
        ("--fail-on", "awful"),
        ("--seed", "x"),
    ] {
        let ran = Place::new().run(&["scan", "http://h", option, value]);
        ran.refused(2, &["error: ", option]);
    }
}

#[test]
fn a_broken_configuration_is_a_usage_error_that_names_file_line_and_key() {
    for (text, parts) in [
        ("seed: 1\nrat: 5\n", ["keyspill.yaml:2:", "`rat`"]),
        ("seed: 1\nrate: many\n", ["keyspill.yaml:2:", "rate:"]),
        (
            "cookie: a=${KEYSPILL_TEST_UNSET}\n",
            ["keyspill.yaml:1: cookie:", "KEYSPILL_TEST_UNSET is not set"],
        ),
    ] {
        let place = Place::new().with("keyspill.yaml", text);
        let ran = place.run(&["scan", "http://h", "--config", "keyspill.yaml"]);
        ran.refused(2, &parts);
    }
    let ran = Place::new().run(&["scan", "http://h", "--config", "none.yaml"]);
    ran.refused(2, &["none.yaml"]);
}

#[test]
fn an_unknown_probe_is_a_usage_error() {
    let ran = Place::new().run(&["probes", "show", "data-exposure/nothing"]);
    ran.refused(2, &["data-exposure/nothing", "probes list"]);
}

#[test]
fn a_command_line_without_a_subcommand_shows_how_to_use_it() {
    Place::new()
        .run(&[])
        .refused(2, &["Usage: keyspill", "scan"]);
}

#[test]
fn every_subcommand_has_examples_and_the_exit_codes_in_its_help() {
    for words in [
        &[][..],
        &["scan"],
        &["diff"],
        &["report"],
        &["probes"],
        &["completions"],
    ] {
        let arguments: Vec<_> = words.iter().copied().chain(["--help"]).collect();
        let example = format!("  keyspill {}", words.first().unwrap_or(&"scan"));
        let codes = "Exit codes:\n  0  nothing at or above --fail-on";
        let ran = Place::new().run(&arguments);
        ran.printed(0, &["Examples:\n", &example, codes]);
    }
}

#[test]
fn the_version_is_printed() {
    let ran = Place::new().run(&["--version"]);
    ran.printed(0, &[]);
    assert_eq!(ran.out, format!("keyspill {}\n", env!("CARGO_PKG_VERSION")));
}

#[test]
fn completions_know_subcommands_and_options() {
    for (shell, option) in [
        ("bash", "--fail-on"),
        ("zsh", "--fail-on"),
        ("fish", "-l fail-on"),
    ] {
        let ran = Place::new().run(&["completions", shell]);
        ran.printed(0, &["scan", "completions", option, "critical"]);
    }
    Place::new()
        .run(&["completions", "cmd.com"])
        .refused(2, &["cmd.com"]);
}

#[test]
fn without_a_terminal_there_are_no_colours_unless_asked_for() {
    let place = Place::new();
    let wrong = ["scan", "ftp://h"];
    assert!(!place.run(&wrong).err.contains('\x1b'));
    let always = place.run(&["scan", "ftp://h", "--color", "always"]);
    assert!(always.err.contains('\x1b'), "{}", always.err);
    let mut command = place.command(&wrong);
    command.env("NO_COLOR", "1");
    assert!(!Ran::from(command.output().unwrap()).err.contains('\x1b'));
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_behind_standard_output_is_an_output_error() {
    let full = fs::OpenOptions::new()
        .write(true)
        .open("/dev/full")
        .unwrap();
    let place = Place::new();
    let mut command = place.command(&["completions", "bash"]);
    let ran = Ran::from(command.stdout(full).output().unwrap());
    ran.refused(5, &["standard output", "No space left"]);
}

#[test]
fn a_reader_that_leaves_early_is_no_fault() {
    let place = Place::new();
    let mut child = place.command(&["completions", "bash"]).spawn().unwrap();
    drop(child.stdout.take());
    let ran = Ran::from(child.wait_with_output().unwrap());
    ran.printed(0, &[]);
}
