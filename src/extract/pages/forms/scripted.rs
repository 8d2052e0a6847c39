//! Forms that scripts of their page send.
//!
//! Owns: which form a script means. Leaves out: finding the script's call (`script`).

use scraper::ElementRef;

use crate::found::{Found, MAX_INPUTS};
use crate::surface::{Input, Kind, Place};

/// A form as a script of the page may send it.
pub(in super::super) struct Scripted {
    pub(super) id: String,
    pub(super) name: String,
    pub(super) inputs: Vec<Input>,
    /// The form names no address, or a script handles its submission.
    pub(super) taken: bool,
    /// The form's index among the calls, if it is a GET.
    pub(super) get: Option<usize>,
}

/// The most forms of a page that a script may mean if it does not name one.
const MAX_MEANT: usize = 3;

/// Gives script calls that send a form's fields the controls of that form. The form itself then no
/// longer counts as a GET of the page.
pub(in super::super) fn join(forms: &[Scripted], found: &mut Found) {
    let mut sent = Vec::new();
    for call in &mut found.calls {
        let Some(of) = call.of_form.take() else {
            continue;
        };
        let named = |form: &&Scripted| {
            of.name
                .as_ref()
                .is_some_and(|name| *name == form.id || *name == form.name)
        };
        let mut meant: Vec<&Scripted> = forms.iter().filter(named).collect();
        if meant.is_empty() {
            meant = forms.iter().filter(|form| form.taken).collect();
        }
        if meant.len() > MAX_MEANT {
            continue;
        }
        for form in meant {
            for input in &form.inputs {
                let known = call.inputs.iter().any(|own| own.name == input.name);
                let file = input.hint.kind == Kind::File && of.place != Place::Multipart;
                if !known && !file && call.inputs.len() < MAX_INPUTS {
                    let mut input = input.clone();
                    input.place = of.place;
                    // The form's token is fresh on this page.
                    call.form |= input.csrf;
                    call.inputs.push(input);
                }
            }
            sent.extend(form.get.filter(|_| form.taken));
        }
    }
    sent.sort_unstable();
    sent.dedup();
    for at in sent.into_iter().rev() {
        if at < found.calls.len() {
            found.calls.remove(at);
        }
    }
}

/// Returns true if one of the form's attributes lets a script handle its submission.
pub(super) fn is_handled(form: ElementRef<'_>) -> bool {
    form.value().attrs().any(|(key, _)| {
        let key = key.split('.').next().unwrap_or(key);
        matches!(
            key,
            "onsubmit"
                | "@submit"
                | "v-on:submit"
                | "x-on:submit"
                | "ng-submit"
                | "(submit)"
                | "(ngsubmit)"
        )
    })
}
