//! `probes check`: every probe compiles, sees the fault in its examples, and does not see it in its
//! negative examples.
//!
//! Owns: the hook through which examples reach the production code. Leaves out: that code itself; a
//! runner for static examples is [`crate::judge::StaticExamples`].

use super::{Catalog, Defect, Example, Probe, ProbeFile};
use crate::datafile::line_of;

/// Runs a probe's examples through the code that a scan would use.
pub trait ExampleRunner {
    /// Returns true for the kinds of example that this runner can run.
    fn handles(&self, example: &Example) -> bool;

    /// Returns true if the probe sees its fault in the example.
    ///
    /// # Errors
    ///
    /// Returns one line that says why the example cannot be run.
    fn run(&self, probe: &Probe, example: &Example) -> Result<bool, String>;
}

/// Returns everything that is wrong with these files, by file and line, and how many examples of rules
/// were run.
///
/// An example that no runner handles is a defect too: an example that is never run proves nothing.
/// Examples of sentences are left out.
pub fn check(files: &[ProbeFile], runners: &[&dyn ExampleRunner]) -> (Vec<Defect>, usize) {
    let (catalog, mut defects) = Catalog::compile(files);
    let mut count = 0;
    for probe in catalog.iter() {
        let text = files
            .iter()
            .find(|file| file.name == probe.file)
            .map_or("", |file| file.text.as_str());
        let lists = [
            ("examples", &probe.examples, true),
            ("negative_examples", &probe.negative_examples, false),
        ];
        for (list, examples, expected) in lists {
            count += examples.len();
            for (at, example) in examples.iter().enumerate() {
                let Some(message) = verdict(probe, example, expected, runners) else {
                    continue;
                };
                let key = format!("{list}[{at}]");
                defects.push(Defect {
                    file: probe.file.clone(),
                    line: line_of(text, &key),
                    column: None,
                    key,
                    message,
                });
            }
        }
    }
    defects.sort();
    (defects, count)
}

/// Returns what is wrong with an example, if anything.
fn verdict(
    probe: &Probe,
    example: &Example,
    expected: bool,
    runners: &[&dyn ExampleRunner],
) -> Option<String> {
    let Some(runner) = runners.iter().find(|runner| runner.handles(example)) else {
        return Some("no detector runs an example of this kind".to_owned());
    };
    match runner.run(probe, example) {
        Err(message) => Some(message),
        Ok(seen) if seen == expected => None,
        Ok(true) => Some("is seen as the fault, though it is a negative example".to_owned()),
        Ok(false) => Some("is not seen as the fault".to_owned()),
    }
}
