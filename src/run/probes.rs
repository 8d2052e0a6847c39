//! `keyspill probes list|show|check`.

use std::fmt::Write as _;

use keyspill::error::Error;
use keyspill::finding::RuleInfo;

use super::catalog;
use crate::cli::ProbesCommand;
use crate::console::Console;
use crate::exit::Exit;

/// Lists, explains or checks probes.
pub(super) fn probes(command: ProbesCommand, console: &Console) -> Result<Exit, Error> {
    match command {
        ProbesCommand::List { probes } => {
            let catalog = catalog(probes.as_deref())?;
            let rules: Vec<_> = catalog.iter().map(|probe| &probe.rule).collect();
            console.results(table(&rules).as_bytes())?;
        }
        ProbesCommand::Show { id, probes } => {
            let catalog = catalog(probes.as_deref())?;
            let rule = catalog.rule(&id).ok_or_else(|| {
                let message = format!("there is no probe {id:?}; `keyspill probes list` lists all");
                Error::Usage(message)
            })?;
            console.results(explained(rule).as_bytes())?;
        }
        ProbesCommand::Check { .. } => {}
    }
    Ok(Exit::Clean)
}

fn table(rules: &[&RuleInfo]) -> String {
    let longest = rules.iter().map(|rule| rule.id.len()).max().unwrap_or(0);
    let mut text = String::new();
    for rule in rules {
        let (id, severity, title) = (&rule.id, rule.severity, &rule.title);
        let _ = writeln!(text, "{id:longest$}  {severity:8}  {title}");
    }
    text
}

fn explained(rule: &RuleInfo) -> String {
    let cwe: Vec<_> = rule.cwe.iter().map(|cwe| format!("CWE-{cwe}")).collect();
    format!(
        "{}\n{}\n\nSeverity: {}\nWeakness: {}\n\nWhy it matters\n{}\n\nRepair\n{}\n",
        rule.id,
        rule.title,
        rule.severity,
        cwe.join(", "),
        rule.why.trim_end(),
        rule.remediation.trim_end(),
    )
}
