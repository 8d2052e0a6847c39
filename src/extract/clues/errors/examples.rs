//! The examples in sentence files, run through the code that a scan uses.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use url::Url;

use super::read;
use crate::datafile::{Defect, Log};
use crate::http::{Method, Request, Response};
use crate::sentences::{Example, Sentences, stem};
use crate::surface::{Input, Place, Provenance};

/// Spellings that replace `NAME` in an example.
const SPELLINGS: [&str; 3] = ["seal_mark", "crest", "sealMark"];

/// Returns all defects of these files (name and text), and how many examples they contain. Each file is
/// read together with the known ones, or replaces the one of the same name. Every form must be needed
/// by at least one of its examples.
pub fn check(known: &BTreeMap<String, Sentences>, files: &[(&str, &str)]) -> (Vec<Defect>, usize) {
    let mut defects = Vec::new();
    let mut read = Vec::new();
    let mut all = known.clone();
    for (name, text) in files {
        match Sentences::parse_untried(name, text) {
            Ok(one) => {
                all.insert(stem(name), one.clone());
                read.push((*name, Log::new(name, text), one));
            }
            Err(defect) => defects.push(defect),
        }
    }
    // Joins all files, with one of them replaced by the given version.
    let table = |name: &str, file: &Sentences| {
        let name = stem(name);
        let each = all.iter();
        Sentences::joined(each.map(|(other, one)| if *other == name { file } else { one }))
    };
    let mut count = 0;
    for (name, mut log, file) in read {
        let whole = table(name, &file);
        for form in file.each() {
            count += form.examples.len();
            let before = log.defects.len();
            for (number, example) in form.examples.iter().enumerate() {
                if let Err(message) = holds(&whole, example) {
                    let key = format!("{}.examples[{number}]", form.key);
                    log.add(&key, format!("{}: {message}", form.name));
                }
            }
            let without = table(name, &form.without);
            let needed = |example| holds(&without, example).is_err();
            if log.defects.len() == before && !form.examples.iter().any(needed) {
                let message = format!("{}: no example needs this form", form.name);
                log.add(&form.key, message);
            }
        }
        if file.negative_examples.is_empty() {
            log.add(
                "negative_examples",
                "is missing: every file shows what names nothing",
            );
        }
        for (number, example) in file.negative_examples.iter().enumerate() {
            count += 1;
            if let Err(message) = holds(&whole, example) {
                log.add(&format!("negative_examples[{number}]"), message);
            }
        }
        defects.extend(log.defects);
    }
    defects.sort();
    (defects, count)
}

/// Returns an error that says how an example's outcome differs from what it should be.
fn holds(table: &Sentences, example: &Example) -> Result<(), String> {
    let says = example.says.to_string();
    let spellings = if says.contains("NAME") {
        &SPELLINGS[..]
    } else {
        &[""]
    };
    for spelling in spellings {
        let says = says.replace("NAME", spelling);
        let mut says: Value = serde_json::from_str(&says).map_err(|error| error.to_string())?;
        let expected: Vec<String> = example
            .names
            .iter()
            .map(|name| name.replace("NAME", spelling))
            .collect();
        // Prose names nothing, whether it comes in a page or in JSON.
        if expected.is_empty() && says.is_string() {
            expect(table, example, &json!({ "error": &says }), &expected)?;
            if let Value::String(text) = &mut says {
                *text = format!("<p>{text}</p>");
            }
        }
        expect(table, example, &says, &expected)?;
    }
    Ok(())
}

fn expect(
    table: &Sentences,
    example: &Example,
    says: &Value,
    expected: &[String],
) -> Result<(), String> {
    let body = says
        .as_str()
        .map_or_else(|| says.to_string(), str::to_owned);
    let inputs = inputs(table, example, &body)?;
    let line = |input: &Input| {
        let required = if input.required { "!" } else { "" };
        format!("{} {}{}{required}", input.place, input.prefix, input.name)
    };
    let lines: Vec<String> = inputs.iter().map(line).collect();
    if lines != expected {
        return Err(format!("{body:?} names {lines:?}, not {expected:?}"));
    }
    let asks = inputs.first().map(|input| &input.hint);
    match &example.asks {
        Some(wanted) if asks != Some(wanted) => {
            Err(format!("{body:?} asks for {asks:?}, not {wanted:?}"))
        }
        _ => Ok(()),
    }
}

fn inputs(table: &Sentences, example: &Example, says: &str) -> Result<Vec<Input>, String> {
    let base = Url::parse("http://127.0.0.1/");
    let url = base.and_then(|base| base.join(&example.url));
    let url = url.map_err(|error| error.to_string())?;
    let method = if example.get {
        Method::Get
    } else {
        Method::Post
    };
    let media = example.media.as_deref().unwrap_or("application/json");
    let mut request = Request::new(method, url).with_header("content-type", media);
    request.body = example.sends.clone().into_bytes();
    let response = Response::of(example.status.unwrap_or(400), &[], says);
    let known = example.known.iter().map(|line| {
        let (place, name) = line.split_once(' ')?;
        let place = Place::ALL.into_iter().find(|one| one.as_str() == place)?;
        Some(Input::new(place, name, Provenance::Error))
    });
    let known: Option<Vec<Input>> = known.collect();
    let known = known.ok_or("known inputs are written as `place name`")?;
    Ok(read(table, &request, &response, &known, true).inputs)
}
