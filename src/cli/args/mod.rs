//! The command line: what can be typed, and its help.
//!
//! Owns: subcommands, options, examples, completions. Leaves out: doing anything (`run/`), and
//! writing to the terminal (`console.rs`). Only this folder names clap.

mod convert;
mod file;
mod mask;
mod options;
mod record;
mod value;

use std::ffi::OsString;
use std::path::PathBuf;

use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser};
use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{Args, CommandFactory, FromArgMatches, Parser, Subcommand, ValueEnum};

pub(crate) use self::convert::{CrawlOutput, CrawlPlace};
pub(crate) use self::file::FileOptions;
pub(crate) use self::options::{ReachOptions, ScanOptions};
use self::value::{FailOn, FromText, VERDICT_NAMES};
use crate::exit;
use keyspill::finding::Verdict;
use keyspill::settings::Format;
use keyspill::surface::Place;
use regex::Regex;

/// Black-box data-exposure scanner for Flask applications: when a secret goes in, where does it
/// come out?
#[derive(Parser)]
#[command(
    name = "keyspill",
    version,
    arg_required_else_help = true,
    after_long_help = after_help(
        "keyspill scan http://localhost:5000\n\
         keyspill scan https://staging.example -H 'Authorization: Bearer …' --output out\n\
         keyspill crawl http://localhost:5000 --format openapi\n\
         keyspill diff old/report.json new/report.json",
    )
)]
pub(crate) struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub(crate) command: Command,
    /// How to talk.
    #[command(flatten)]
    pub(crate) talk: Talk,
}

/// Options of the console, for every subcommand.
#[derive(Clone, Copy, Debug, Default, Args)]
pub(crate) struct Talk {
    /// No progress and no messages: only results and errors
    #[arg(
        short,
        long,
        global = true,
        conflicts_with = "verbose",
        help_heading = "Console"
    )]
    pub(crate) quiet: bool,

    /// Say more; without a terminal, a line for each phase
    #[arg(short, long, global = true, help_heading = "Console")]
    pub(crate) verbose: bool,

    /// Colours: auto asks the terminal and `NO_COLOR`
    #[arg(
        long,
        global = true,
        value_name = "WHEN",
        value_enum,
        default_value_t,
        help_heading = "Console"
    )]
    pub(crate) color: Color,
}

/// When to use colours.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum Color {
    /// On a terminal, unless `NO_COLOR` is set
    #[default]
    Auto,
    /// Always
    Always,
    /// Never
    Never,
}

/// The subcommands.
#[derive(Subcommand)]
pub(crate) enum Command {
    /// Send canaries into an application and look where they come out
    #[command(after_long_help = after_help(
        "keyspill scan http://localhost:5000\n\
         keyspill scan https://staging.example/api --cookie \"session=$SESSION\" --rate 20\n\
         keyspill scan http://localhost:5000 --auth bearer:env:API_TOKEN\n\
         keyspill scan http://localhost:5000 --auth header:X-API-Key=@/run/secrets/key\n\
         keyspill scan http://localhost:5000 --config keyspill.yaml --as alice --as bob\n\
         keyspill scan http://localhost:5000 --dry-run\n\
         keyspill scan http://localhost:5000 --import openapi.yaml --import traffic.har\n\
         keyspill scan http://localhost:5000 --methods GET,POST,DELETE --allow '^DELETE /api/keys/'\n\
         keyspill scan http://localhost:5000 --format json,sarif --output out --fail-on medium\n\
         keyspill scan http://localhost:5000 --baseline out/report.json --output new\n\
         keyspill scan http://localhost:5000 --rules data-exposure/stored-canary,authentication/key-in-query\n\
         keyspill scan http://localhost:5000 --exclude-rule data-exposure/canary-digest --min-verdict confirmed\n\
         keyspill scan https://staging.example --client-cert tester.pem --cacert internal-ca.pem\n\
         keyspill scan http://localhost:5000 --exclude-input coupon --email-domain staging.example\n\
         keyspill scan http://localhost:5000 --format sarif --output - | jq .runs[0].results\n\
         keyspill scan http://localhost:5000 --config keyspill.yaml",
    ))]
    Scan(Box<ScanArgs>),

    /// List what an application offers: operations and their inputs; no canary is sent
    #[command(after_long_help = after_help(
        "keyspill crawl http://localhost:5000\n\
         keyspill crawl http://localhost:5000 --import routes.txt --wordlist paths.txt\n\
         keyspill crawl http://localhost:5000 --format json | jq '.endpoints[].path'\n\
         keyspill crawl http://localhost:5000 --format openapi --output found.json\n\
         keyspill crawl http://localhost:5000 --format table,json,openapi --output out\n\
         keyspill crawl http://localhost:5000 --config keyspill.yaml --as alice --max-depth 3",
    ))]
    Crawl(Box<CrawlArgs>),

    /// Compare two reports: new, fixed and unchanged findings
    #[command(after_long_help = after_help(
        "keyspill diff old/report.json new/report.json\n\
         keyspill diff old/report.json new/report.json --fail-on low --details\n\
         keyspill diff old/report.json new/report.json --format json | jq '.new[].rule'",
    ))]
    Diff(DiffArgs),

    /// Show one finding of a report: evidence, curl lines, repair
    #[command(after_long_help = after_help(
        "keyspill show 1a2b3c4d\n\
         keyspill show 1a2b3c4d out/report.json",
    ))]
    Show(ShowArgs),

    /// Write a report in other formats
    #[command(after_long_help = after_help(
        "keyspill report out/report.json\n\
         keyspill report out/report.json --details --min-verdict confirmed\n\
         keyspill report out/report.json --format sarif > keyspill.sarif\n\
         keyspill report out/report.json --format json,sarif --output elsewhere",
    ))]
    Report(ReportArgs),

    /// List, explain and check probes
    #[command(subcommand, arg_required_else_help = true, after_long_help = after_help(
        "keyspill probes list\n\
         keyspill probes list --format markdown > RULES.md\n\
         keyspill probes show data-exposure/canary-in-body\n\
         keyspill probes check my-probes",
    ))]
    Probes(ProbesCommand),

    /// Print completions for a shell
    #[command(after_long_help = after_help(
        "keyspill completions bash > ~/.local/share/bash-completion/completions/keyspill\n\
         keyspill completions zsh > ~/.zfunc/_keyspill\n\
         keyspill completions fish > ~/.config/fish/completions/keyspill.fish",
    ))]
    Completions {
        /// The shell
        #[arg(value_enum)]
        shell: clap_complete::Shell,
    },
}

/// `scan`, as typed. Not `Debug`: it holds the tester's credentials.
#[derive(Args)]
pub(crate) struct ScanArgs {
    /// The application's base URL; everything below it is in scope
    #[arg(value_name = "URL")]
    pub(crate) url: String,

    /// Read options from this YAML file: the names are those of the long options below; the
    /// command line wins. In header, cookie and proxy, ${NAME} is taken from the environment.
    /// Its `identities` say who the scan can be (--as), with login recipes
    #[arg(long, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,

    /// Everything that a file can hold too.
    #[command(flatten)]
    pub(crate) options: ScanOptions,

    /// The command line for the report, with credentials masked.
    #[arg(skip)]
    pub(crate) recorded: Vec<String>,
}

/// `crawl`, as typed. Not `Debug`: it holds the tester's credentials.
#[derive(Args)]
pub(crate) struct CrawlArgs {
    /// The application's base URL; everything below it is in scope
    #[arg(value_name = "URL")]
    pub(crate) url: String,

    /// Read options from this YAML file, as `scan` does; what only a scan has is left out, and so
    /// are its formats and its output
    #[arg(long, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,

    /// What a scan has too.
    #[command(flatten)]
    pub(crate) reach: ReachOptions,

    /// Formats, joined by commas
    #[arg(
        long,
        value_name = "FORMATS",
        value_delimiter = ',',
        value_enum,
        default_value = "table",
        help_heading = "Results"
    )]
    pub(crate) format: Vec<CrawlFormat>,

    /// Write into this folder, or one format into this file (a name with a dot that is no folder);
    /// `-` is standard output, for one format
    #[arg(
        long,
        value_name = "FILE|DIR",
        default_value = "-",
        help_heading = "Results"
    )]
    pub(crate) output: PathBuf,

    /// The command line for the result, with credentials masked.
    #[arg(skip)]
    pub(crate) recorded: Vec<String>,
}

/// How `crawl` writes what it found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, ValueEnum)]
pub(crate) enum CrawlFormat {
    /// For people (crawl.txt)
    Table,
    /// For programs (crawl.json)
    Json,
    /// An `OpenAPI` 3.1 document (openapi.json), which --import reads
    Openapi,
}

/// `diff`, as typed.
#[derive(Args)]
pub(crate) struct DiffArgs {
    /// The earlier report.json
    #[arg(value_name = "OLD")]
    pub(crate) old: PathBuf,

    /// The later report.json
    #[arg(value_name = "NEW")]
    pub(crate) new: PathBuf,

    /// Exit with 1 on new findings at or above this severity (default high)
    #[arg(
        long,
        value_name = "SEVERITY",
        value_parser = PossibleValuesParser::new(FailOn::NAMES)
            .try_map(|text| FailOn::from_text(&text))
    )]
    pub(crate) fail_on: Option<FailOn>,

    /// How to print the difference
    #[arg(long, value_name = "FORMAT", value_enum, default_value_t)]
    pub(crate) format: DiffFormat,

    /// Print evidence, curl lines and repair of new findings, not a line each
    #[arg(long)]
    pub(crate) details: bool,
}

/// How `diff` prints.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum DiffFormat {
    /// For people
    #[default]
    Text,
    /// For programs
    Json,
}

/// `show`, as typed.
#[derive(Args)]
pub(crate) struct ShowArgs {
    /// The finding's fingerprint, or how it begins: 6 digits at least
    #[arg(value_name = "FINGERPRINT")]
    pub(crate) fingerprint: String,

    /// The report.json of a scan
    #[arg(value_name = "REPORT", default_value = "keyspill-out/report.json")]
    pub(crate) report: PathBuf,
}

/// `report`, as typed.
#[derive(Args)]
pub(crate) struct ReportArgs {
    /// The report.json of a scan
    #[arg(value_name = "REPORT")]
    pub(crate) report: PathBuf,

    /// Formats, joined by commas
    #[arg(
        long,
        value_name = "FORMATS",
        value_delimiter = ',',
        value_parser = PossibleValuesParser::new(Rendering::values()).map(|text| Rendering::of(&text)),
        default_value = TEXT
    )]
    pub(crate) format: Vec<Rendering>,

    /// Write into this folder; `-` is standard output, for one format
    #[arg(long, value_name = "DIR", default_value = "-")]
    pub(crate) output: PathBuf,

    /// In text, print evidence, curl lines and repair of every finding, not a line each
    #[arg(long)]
    pub(crate) details: bool,

    /// Show only findings that are at least this certain: confirmed, likely or undetermined (the default is
    /// what the scan chose). In JSON all stay
    #[arg(
        long,
        value_name = "VERDICT",
        value_parser = PossibleValuesParser::new(VERDICT_NAMES)
            .try_map(|text| Verdict::from_text(&text))
    )]
    pub(crate) min_verdict: Option<Verdict>,
}

/// The formats that `report` can produce: the text that a scan prints, or the files that it writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Rendering {
    Text,
    Written(Format),
}

/// The name of the text format.
const TEXT: &str = "text";

impl Rendering {
    fn values() -> impl Iterator<Item = PossibleValue> {
        let text = PossibleValue::new(TEXT).help("The text that a scan prints");
        let written = Format::ALL.iter().map(|format| {
            PossibleValue::new(format.as_str()).help(keyspill::report::file_name(*format))
        });
        std::iter::once(text).chain(written)
    }

    /// Returns the rendering with one of the names in [`Rendering::values`].
    fn of(name: &str) -> Self {
        Format::from_text(name).map_or(Self::Text, Self::Written)
    }
}

/// How probes are listed.
#[derive(Clone, Copy, Default, ValueEnum)]
pub(crate) enum ListFormat {
    /// A line a probe
    #[default]
    Table,
    /// A page: what, why, true when, not when, cost, repair, references
    Markdown,
}

/// `probes`, as typed.
#[derive(Subcommand)]
pub(crate) enum ProbesCommand {
    /// List every probe with its severity
    List {
        /// A line a probe, or all that is known of each
        #[arg(long, value_enum, default_value_t, value_name = "FORMAT")]
        format: ListFormat,
        /// List the probes of this folder too
        #[arg(long, value_name = "DIR")]
        probes: Option<PathBuf>,
    },
    /// Explain one probe: what it finds, why it matters, how it is repaired
    Show {
        /// The probe's id, as `probes list` prints it
        #[arg(value_name = "ID")]
        id: String,
        /// Look in this folder too
        #[arg(long, value_name = "DIR")]
        probes: Option<PathBuf>,
    },
    /// Explain whether a name counts as a credential, and why: offline, without a scan
    #[command(after_help = EXPLAIN_EXAMPLES)]
    Explain(ExplainArgs),
    /// Run every probe's examples through the detectors
    Check {
        /// A folder of probes; without it, the built-in ones
        #[arg(value_name = "DIR")]
        folder: Option<PathBuf>,
    },
}

/// `probes explain`, as typed.
#[derive(Args)]
pub(crate) struct ExplainArgs {
    /// The name of an input or field, as the application has it
    #[arg(value_name = "NAME")]
    pub(crate) name: String,
    /// The path of its operation (a template, with {name} for what varies)
    #[arg(long, value_name = "PATH", default_value = "/")]
    pub(crate) path: String,
    /// A value that was seen for it; can be repeated
    #[arg(long, value_name = "VALUE")]
    pub(crate) value: Vec<String>,
    /// Where it stands: query, header, cookie, path, form, multipart, json, xml, text or graphql
    #[arg(long, value_name = "PLACE", default_value = "query", value_parser = place)]
    pub(crate) place: Place,
    /// The name of another input of the same operation; can be repeated
    #[arg(long, value_name = "NAME")]
    pub(crate) beside: Vec<String>,
    /// Names that count as credentials too (a regular expression; can be repeated)
    #[arg(long, value_name = "RE")]
    pub(crate) credential_name: Vec<Regex>,
    /// Names that never count (a regular expression; can be repeated)
    #[arg(long, value_name = "RE")]
    pub(crate) not_credential: Vec<Regex>,
}

const EXPLAIN_EXAMPLES: &str = "\
Examples:
  keyspill probes explain key --path /lookup
  keyspill probes explain code --path '/products/{code}' --place path
  keyspill probes explain token --value BTC --value ETH --value DOGE";

fn place(text: &str) -> Result<Place, String> {
    Place::ALL
        .into_iter()
        .find(|place| place.as_str() == text)
        .ok_or_else(|| {
            let all: Vec<&str> = Place::ALL.iter().map(|place| place.as_str()).collect();
            format!("not a place; places are {}", all.join(", "))
        })
}

/// What ends the reading of a command line early: a help text, or a fault.
pub(crate) struct Early {
    /// The text without colours.
    pub(crate) plain: String,
    /// The text with colours.
    pub(crate) styled: String,
    /// True for a fault, false for a requested help text.
    pub(crate) fault: bool,
}

/// Parses the command line.
///
/// # Errors
///
/// Returns the requested help text, or the fault in what was typed.
pub(crate) fn parse(typed: impl IntoIterator<Item = OsString>) -> Result<Cli, Early> {
    let mut command = Cli::command();
    let matches = command
        .try_get_matches_from_mut(typed)
        .map_err(|error| early(&error))?;
    let mut cli = Cli::from_arg_matches(&matches).map_err(|error| early(&error))?;
    let recorded = || record::arguments(&command, &matches);
    match &mut cli.command {
        Command::Scan(args) => args.recorded = recorded(),
        Command::Crawl(args) => args.recorded = recorded(),
        _ => {}
    }
    Ok(cli)
}

fn early(error: &clap::Error) -> Early {
    // `-H Authorization: Bearer s3cret` without quotes leaves the secret as an extra argument.
    let surplus = match error.get(ContextKind::InvalidArg) {
        Some(ContextValue::String(text)) => !text.starts_with('-'),
        _ => false,
    };
    if error.kind() == ErrorKind::UnknownArgument && surplus {
        let text = "error: an argument too many (not shown, since it may be part of a secret); \
                    quote values that hold spaces\n\nFor more information, try '--help'.\n";
        return Early {
            plain: text.to_owned(),
            styled: text.to_owned(),
            fault: true,
        };
    }
    let text = error.render();
    Early {
        plain: text.to_string(),
        styled: text.ansi().to_string(),
        fault: error.use_stderr(),
    }
}

/// Returns the completion script for a shell.
pub(crate) fn completions(shell: clap_complete::Shell) -> Vec<u8> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), "keyspill", &mut script);
    script
}

fn after_help(examples: &str) -> String {
    let mut text = String::from("Examples:\n");
    for line in examples.lines() {
        text.push_str("  ");
        text.push_str(line);
        text.push('\n');
    }
    text.push('\n');
    text.push_str(&exit::help());
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_definition_holds_together() {
        Cli::command().debug_assert();
    }

    fn fault(arguments: &[&str]) -> String {
        let typed = std::iter::once("keyspill").chain(arguments.iter().copied());
        match parse(typed.map(OsString::from)) {
            Ok(_) => panic!("accepted: {arguments:?}"),
            Err(early) => {
                assert!(early.fault);
                early.plain
            }
        }
    }

    #[test]
    fn a_secret_that_lost_its_quotes_is_not_echoed() {
        let text = fault(&[
            "scan",
            "http://h",
            "-H",
            "Authorization:",
            "Bearer",
            "s3cret",
        ]);
        assert!(!text.contains("Bearer"), "{text}");
        assert!(text.contains("quote"), "{text}");
    }

    #[test]
    fn every_option_of_a_file_is_a_long_option() {
        let command = Cli::command();
        let scan = command.find_subcommand("scan").unwrap();
        let long = |name: &str| scan.get_arguments().any(|arg| arg.get_long() == Some(name));
        // When serde complains about an unknown name, it lists the known ones.
        let complaint = serde_yaml::from_str::<FileOptions>("unknown: 1")
            .err()
            .unwrap();
        let complaint = complaint.to_string();
        let names = complaint.split('`').skip(3).step_by(2);
        // The identities of a scan do not fit on a command line.
        let names: Vec<_> = names
            .filter(|name| !["identities", "version"].contains(name))
            .collect();
        assert!(names.len() > 20, "{complaint}");
        for name in names {
            assert!(long(name), "{name}");
        }
    }
}
