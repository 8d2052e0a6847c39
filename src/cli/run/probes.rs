//! `keyspill probes list|show|explain|check`.

use std::fmt::Write as _;

use keyspill::crawl::check_sentences;
use keyspill::credential::{Credentials, Facts, Standing};
use keyspill::error::Error;
use keyspill::finding::RuleInfo;
use keyspill::judge::{CanaryExamples, DifferentialExamples, StaticExamples};
use keyspill::probe::{self, Defect, ExampleRunner, Probe, ProbeFile};
use keyspill::sanitise::sanitise;
use keyspill::surface::TypeHint;

use super::catalog;
use crate::args::{ExplainArgs, ListFormat, ProbesCommand};
use crate::console::Console;
use crate::exit::Exit;

/// Lists, explains or checks probes.
pub(super) fn probes(command: ProbesCommand, console: &Console) -> Result<Exit, Error> {
    match command {
        ProbesCommand::List { format, probes } => {
            let catalog = catalog(probes.as_deref())?;
            let rules: Vec<_> = catalog.iter().map(|probe| &probe.rule).collect();
            let text = match format {
                ListFormat::Table => table(&rules),
                ListFormat::Markdown => markdown(catalog.iter()),
            };
            console.results(text.as_bytes())?;
        }
        ProbesCommand::Show { id, probes } => {
            let catalog = catalog(probes.as_deref())?;
            let probe = catalog.get(&id).ok_or_else(|| {
                let near = catalog.near(&id);
                let end = if near.is_empty() {
                    "`keyspill probes list` lists all".to_owned()
                } else {
                    format!("did you mean {}?", near.join(" or "))
                };
                Error::Usage(format!("there is no probe {id:?}; {end}"))
            })?;
            console.results(explained(probe).as_bytes())?;
        }
        ProbesCommand::Explain(args) => console.results(judged(&args).as_bytes())?,
        ProbesCommand::Check { folder } => {
            // Files in a folder are read together with the built-in sentences.
            let builtin = catalog(None)?;
            let files = match &folder {
                Some(folder) => ProbeFile::folder(folder)?,
                None => keyspill::builtin::files(),
            };
            // The production code that runs examples, one runner per kind of example.
            let canaries = CanaryExamples::new(&builtin);
            let runners: [&dyn ExampleRunner; 3] =
                [&StaticExamples, &canaries, &DifferentialExamples];
            let (mut defects, rule_examples) = probe::check(&files, &runners);
            let sentences = files.iter().filter(|file| file.holds_sentences());
            let sentences = sentences.map(|file| (file.name.as_str(), file.text.as_str()));
            let sentences: Vec<_> = sentences.collect();
            let (more, sentence_examples) = check_sentences(builtin.sentence_files(), &sentences);
            defects.extend(more);
            defects.sort();
            defects.dedup();
            let probes = files.len() - sentences.len();
            let counts = [
                (probes, "probe"),
                (rule_examples, "rule example"),
                (sentence_examples, "sentence example"),
                (defects.len(), "defect"),
            ];
            console.results(verdict(&defects, counts).as_bytes())?;
            return Ok(Exit::of_findings(!defects.is_empty()));
        }
    }
    Ok(Exit::Clean)
}

/// Explains how an input would be judged by what is known without a scan.
fn judged(args: &ExplainArgs) -> String {
    let credentials = Credentials::new(args.credential_name.clone(), args.not_credential.clone());
    let siblings: Vec<_> = args
        .beside
        .iter()
        .map(|name| (args.place, name.as_str()))
        .collect();
    let judged = credentials.judge(&Facts {
        name: &args.name,
        place: args.place,
        path: &args.path,
        hint: &TypeHint::default(),
        csrf: false,
        values: &args.value,
        siblings: &siblings,
        addresses: false,
        behaviour: None,
    });
    let counts = match judged.standing {
        Standing::Yes => "is credential-like",
        Standing::Likely => "is credential-like; its findings are likely at most",
        Standing::Possible => "may be credential-like: what its canaries do decides",
        Standing::No => "is no credential: what its canaries show is a flow",
    };
    let (name, place, path) = (sanitise(&args.name), args.place, sanitise(&args.path));
    let mut text = format!("{name} ({place} of {path}) {counts}\n\n");
    let list = |reasons: &[String]| match reasons {
        [] => "nothing".to_owned(),
        reasons => sanitise(&reasons.join("; ")).into_owned(),
    };
    let _ = writeln!(text, "Name       {}", judged.tier.as_str());
    let _ = writeln!(text, "For        {}", list(&judged.speaks_for));
    let _ = writeln!(text, "Against    {}", list(&judged.against));
    let _ = writeln!(text, "Decided    {}", sanitise(&judged.decided));
    if judged.standing < Standing::Likely {
        let pattern = regex::escape(&args.name);
        let _ = writeln!(
            text,
            "\n--credential-name '^{pattern}$' makes it one in a scan."
        );
    }
    text
}

fn verdict(defects: &[Defect], counts: [(usize, &str); 4]) -> String {
    let mut text = String::new();
    for defect in defects {
        let _ = writeln!(text, "{}", sanitise(&defect.to_string()));
    }
    let counts = counts.map(|(count, word)| {
        let end = if count == 1 { "" } else { "s" };
        format!("{count} {word}{end}")
    });
    let _ = writeln!(text, "{}", counts.join(", "));
    text
}

fn table(rules: &[&RuleInfo]) -> String {
    let longest = rules.iter().map(|rule| rule.id.len()).max().unwrap_or(0);
    let mut text = String::new();
    for rule in rules {
        let (id, severity, title) = (&rule.id, rule.severity, sanitise(&rule.title));
        let _ = writeln!(text, "{id:longest$}  {severity:8}  {title}");
    }
    text
}

/// Says how much a probe that compares answers may send for one suspect.
fn cost(probe: &Probe) -> Option<String> {
    let costs = probe.experiments().map(|experiment| experiment.cost());
    let most = costs.max()?;
    Some(format!(
        "At most {most} requests a suspect. Pages fetched for a form's token and followed redirects \
         come on top."
    ))
}

fn explained(probe: &Probe) -> String {
    let rule = &probe.rule;
    let cwe: Vec<_> = rule.cwe.iter().map(|cwe| format!("CWE-{cwe}")).collect();
    let mut text = format!("{}\n{}\n\n", rule.id, rule.title);
    let _ = writeln!(text, "Severity   {}", rule.severity);
    let _ = writeln!(text, "Weakness   {}", cwe.join(", "));
    for (name, ids) in [("OWASP API", &rule.owasp), ("ASVS", &rule.asvs)] {
        if !ids.is_empty() {
            let _ = writeln!(text, "{name:9}  {}", ids.join(", "));
        }
    }
    let _ = writeln!(text, "Help       {}", rule.help);
    let _ = writeln!(text, "File       {}", probe.file);
    if let Some(cost) = cost(probe) {
        let _ = writeln!(text, "Cost       {cost}");
    }
    let (positive, negative) = (probe.examples.len(), probe.negative_examples.len());
    let _ = writeln!(
        text,
        "Examples   {positive} that show it, {negative} that do not"
    );
    let _ = writeln!(text, "\nWhy it matters\n{}", rule.why.trim_end());
    for (name, when) in [
        ("True when", &probe.true_when),
        ("Not when", &probe.not_when),
    ] {
        if let Some(when) = when {
            let _ = writeln!(text, "\n{name}\n{when}");
        }
    }
    let _ = writeln!(text, "\nRepair\n{}", rule.remediation.trim_end());
    if !probe.references.is_empty() {
        let _ = writeln!(text, "\nReferences\n{}", probe.references.join("\n"));
    }
    // A probe file may come from anywhere.
    let lines = text.lines().map(sanitise).collect::<Vec<_>>();
    lines.join("\n") + "\n"
}

/// Formats all probes as one page, each under the anchor that reports link to.
fn markdown<'p>(probes: impl Iterator<Item = &'p Probe>) -> String {
    let mut text = String::from(
        "# Rules\n\nWhat keyspill looks for, a section a rule. Written by `keyspill probes list --format \
         markdown` from the files beside it.\n\n",
    );
    for probe in probes {
        let rule = &probe.rule;
        let cwe: Vec<_> = rule.cwe.iter().map(|cwe| format!("CWE-{cwe}")).collect();
        let anchor = rule.id.replace('/', "-");
        let _ = writeln!(text, "<a id=\"{anchor}\"></a>\n\n## {}\n", rule.id);
        let _ = writeln!(text, "**{}**\n", rule.title);
        let mut facts = vec![rule.severity.to_string()];
        facts.extend(cwe);
        facts.extend(rule.owasp.iter().cloned());
        facts.extend(rule.asvs.iter().map(|id| format!("ASVS {id}")));
        let _ = writeln!(text, "{}\n", facts.join(" · "));
        let _ = writeln!(text, "{}\n", rule.why);
        let cost = cost(probe);
        let parts = [
            ("True when", probe.true_when.as_ref()),
            ("Not when", probe.not_when.as_ref()),
            ("Cost", cost.as_ref()),
            ("Repair", Some(&rule.remediation)),
        ];
        for (name, part) in parts {
            if let Some(part) = part {
                let _ = writeln!(text, "*{name}.* {part}\n");
            }
        }
        if !probe.references.is_empty() {
            let links: Vec<_> = probe
                .references
                .iter()
                .map(|link| format!("<{link}>"))
                .collect();
            let _ = writeln!(text, "*References.* {}\n", links.join(", "));
        }
    }
    // A probe file may come from anywhere.
    let lines = text.lines().map(sanitise).collect::<Vec<_>>();
    lines.join("\n").trim_end().to_owned() + "\n"
}
