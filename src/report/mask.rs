//! The last check of a report before it is written: a secret learnt late must not remain in evidence
//! recorded earlier.

use super::json::{EvidenceV1, FindingV1, JudgementV2, ReportV2, SinkV1, SourceV1};
use crate::redact::Redactor;

impl ReportV2 {
    /// Masks every text that may contain data of the application or the tester. In names and paths,
    /// which baselines and `verify` rely on, only long secrets are masked.
    pub fn mask(&mut self, redactor: &Redactor) {
        let mask = |text: &mut String| *text = redactor.text(text);
        let name = |text: &mut String| *text = redactor.name(text);
        self.run.arguments.iter_mut().for_each(mask);
        mask(&mut self.target.url);
        for finding in &mut self.findings {
            mask_finding(finding, redactor);
        }
        for finding in &mut self.not_reached {
            mask_finding(finding, redactor);
        }
        for import in &mut self.imports {
            mask(&mut import.name);
            for left in &mut import.left_out {
                mask(&mut left.part);
                mask(&mut left.why);
            }
        }
        for flow in &mut self.flows {
            mask_source(&mut flow.source, redactor);
            mask_sink(&mut flow.sink, redactor);
            flow.why_not
                .iter_mut()
                .for_each(|judgement| mask_judgement(judgement, redactor));
        }
        for row in &mut self.surface {
            name(&mut row.path);
            row.reached.why.iter_mut().for_each(mask);
            for input in &mut row.inputs {
                name(&mut input.name);
                input
                    .credential
                    .iter_mut()
                    .for_each(|judgement| mask_judgement(judgement, redactor));
            }
        }
        for problem in &mut self.problems {
            mask(&mut problem.message);
            problem.operation.iter_mut().for_each(name);
        }
        for planted in &mut self.planted {
            name(&mut planted.path);
            for canary in &mut planted.canaries {
                name(&mut canary.input);
            }
            planted.curl.iter_mut().for_each(mask);
        }
        for limit in &mut self.limits {
            if let serde_json::Value::String(text) = &mut limit.value {
                mask(text);
            }
        }
    }
}

fn mask_finding(finding: &mut FindingV1, redactor: &Redactor) {
    let mask = |text: &mut String| *text = redactor.text(text);
    if let Some(source) = &mut finding.source {
        mask_source(source, redactor);
    }
    mask_sink(&mut finding.sink, redactor);
    for occurrence in &mut finding.occurrences {
        if let Some(source) = &mut occurrence.source {
            mask_source(source, redactor);
        }
        if let Some(sink) = &mut occurrence.sink {
            mask_sink(sink, redactor);
        }
    }
    let EvidenceV1 {
        snippet,
        curl,
        exchanges,
    } = &mut finding.evidence;
    mask(snippet);
    curl.iter_mut().for_each(mask);
    for exchange in exchanges {
        mask(&mut exchange.request);
        exchange.response.iter_mut().for_each(mask);
    }
}

/// Masks the reasons of a judgement, which may quote a value.
fn mask_judgement(judgement: &mut JudgementV2, redactor: &Redactor) {
    let JudgementV2 {
        standing: _,
        speaks_for,
        speaks_against,
        decided,
    } = judgement;
    for text in speaks_for.iter_mut().chain(speaks_against).chain([decided]) {
        *text = redactor.text(text);
    }
}

fn mask_source(source: &mut SourceV1, redactor: &Redactor) {
    source.path = redactor.name(&source.path);
    source.input = redactor.name(&source.input);
}

fn mask_sink(sink: &mut SinkV1, redactor: &Redactor) {
    let name = |text: &mut String| *text = redactor.name(text);
    match sink {
        SinkV1::Http {
            path, place, field, ..
        } => {
            name(path);
            name(place);
            field.iter_mut().for_each(name);
        }
        SinkV1::File { file, .. } => name(file),
        SinkV1::Database { collection, field } => {
            name(collection);
            name(field);
        }
    }
}
