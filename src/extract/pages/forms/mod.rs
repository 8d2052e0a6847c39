//! HTML forms: what their page can send.
//!
//! Owns: which `controls` belong to a form, and where its buttons send it. `htmx` and the page's own
//! scripts (`scripted`) may send it differently. Leaves out: the rest of the page (`html.rs`).

mod controls;
mod htmx;
mod scripted;

use std::collections::{BTreeMap, HashMap};
use std::iter::successors;

use scraper::{ElementRef, Html};

use super::super::found::{Call, Found};
use crate::http::Method;
use crate::surface::{Input, Place, Provenance};
use controls::{Lists, control_type, inputs};
use htmx::{add_values, place_of, push_active, requests};
use scripted::is_handled;

pub(super) use htmx::is_method;
pub(super) use scripted::{Scripted, join};

/// A form with the controls that belong to it.
struct Form<'a> {
    element: ElementRef<'a>,
    controls: Vec<ElementRef<'a>>,
    /// The parser closed the form before any of its controls.
    is_hollow: bool,
}

/// Reads every form of a page, with the controls that the HTML standard assigns to it.
pub(super) fn forms(tree: &Html, found: &mut Found) -> Vec<Scripted> {
    let mut forms: Vec<Form<'_>> = Vec::new();
    let mut by_id: BTreeMap<&str, usize> = BTreeMap::new();
    let mut lists: Lists<'_> = BTreeMap::new();
    let mut controls = Vec::new();
    let mut active = Vec::new();
    let mut places = HashMap::new();
    // The enclosing forms.
    let mut open: Vec<usize> = Vec::new();
    let edges = successors(Some((tree.tree.root(), true)), |(node, opens)| {
        let inside = node
            .first_child()
            .map_or((*node, false), |child| (child, true));
        let after = || match node.next_sibling() {
            Some(next) => Some((next, true)),
            None => node.parent().map(|parent| (parent, false)),
        };
        if *opens { Some(inside) } else { after() }
    });
    for (node, opens) in edges {
        let Some(element) = ElementRef::wrap(node) else {
            continue;
        };
        let name = element.value().name();
        if opens && name != "form" && requests(element).next().is_some() {
            active.push(element);
        }
        match name {
            "form" if opens => {
                places.insert(element.id(), forms.len());
                if let Some(id) = element.value().attr("id") {
                    by_id.entry(id).or_insert(forms.len());
                }
                open.push(forms.len());
                forms.push(Form {
                    element,
                    controls: Vec::new(),
                    is_hollow: true,
                });
            }
            "form" => {
                let inner = open.pop().is_some_and(|closed| !forms[closed].is_hollow);
                if let Some(outer) = open.last().filter(|_| inner) {
                    forms[*outer].is_hollow = false;
                }
            }
            "input" | "select" | "textarea" | "button" if opens => {
                if let Some(inside) = open.last() {
                    forms[*inside].is_hollow = false;
                }
                // The number of forms before the control: broken markup (a form inside a table) leaves
                // the controls after the form, not in it.
                controls.push((element, open.last().copied(), forms.len()));
            }
            "datalist" if opens => {
                if let Some(id) = element.value().attr("id") {
                    lists.entry(id).or_insert(element);
                }
            }
            _ => {}
        }
    }
    for (control, inside, before) in controls {
        let named = control
            .value()
            .attr("form")
            .map(|id| by_id.get(id).copied());
        let owner = named.unwrap_or_else(|| {
            inside.or_else(|| {
                before
                    .checked_sub(1)
                    .filter(|index| forms[*index].is_hollow)
            })
        });
        if let Some(index) = owner {
            forms[index].controls.push(control);
        }
    }
    let scripted = forms
        .iter()
        .map(|form| push_form(form, &lists, found))
        .collect();
    for element in active {
        let form = element
            .ancestors()
            .find_map(|node| places.get(&node.id()).copied());
        let form = form.and_then(|index: usize| forms.get(index));
        push_active(element, form, &lists, found);
    }
    scripted
}

/// Adds what a form can send with each of its buttons.
fn push_form(form: &Form<'_>, lists: &Lists<'_>, found: &mut Found) -> Scripted {
    let attribute = |name: &str| form.element.value().attr(name).unwrap_or_default().trim();
    let action = match attribute("action") {
        // A fragment means the page itself, and so does a `javascript:` action, unless the script
        // handles it.
        place if place.starts_with('#') => "",
        script if script.to_ascii_lowercase().starts_with("javascript:") => "",
        action => action,
    };
    let method = form_method(attribute("method"));
    let scripted: Vec<(Method, &str)> = requests(form.element).collect();
    let multipart = [attribute("hx-encoding"), attribute("enctype")]
        .iter()
        .any(|kind| kind.eq_ignore_ascii_case("multipart/form-data"))
        || form
            .controls
            .iter()
            .any(|control| control_type(*control) == "file");
    // Forms request PUT or DELETE from method-overriding middleware with a hidden `_method` field; the
    // request itself remains a POST.
    let mut submits = Vec::new();
    // A dialog's form closes the dialog, unless a button says otherwise; htmx prevents the form's own
    // submission.
    let stopped = !scripted.is_empty() && action.is_empty();
    if !attribute("method").eq_ignore_ascii_case("dialog") && !stopped {
        submits.push((method, multipart, action.to_owned()));
    }
    for control in &form.controls {
        let own = |name: &str| control.value().attr(name).map(str::trim);
        let (url, said) = (own("formaction"), own("formmethod"));
        if url.is_none() && said.is_none() {
            continue;
        }
        let multipart = own("formenctype").map_or(multipart, |kind| {
            kind.eq_ignore_ascii_case("multipart/form-data")
        });
        let method = said.map_or(method, form_method);
        submits.push((method, multipart, url.unwrap_or(action).to_owned()));
    }
    let scripted = scripted
        .into_iter()
        .map(|(method, url)| (method, place_of(method, multipart), url.to_owned(), true));
    let submits = submits.into_iter().map(|(method, multipart, url)| {
        let place = match (method, multipart) {
            (Method::Get, _) => Place::Query,
            (_, true) => Place::Multipart,
            _ => Place::Form,
        };
        (method, place, url, false)
    });
    let mut known: BTreeMap<Place, Vec<Input>> = BTreeMap::new();
    let mut whole = Scripted {
        id: attribute("id").to_owned(),
        name: attribute("name").to_owned(),
        inputs: Vec::new(),
        taken: !stopped && (action.is_empty() || is_handled(form.element)),
        get: None,
    };
    for (method, place, url, values) in submits.chain(scripted) {
        // Buttons that send the form elsewhere send the same inputs.
        let mut inputs = known
            .entry(place)
            .or_insert_with(|| inputs(&form.controls, place, lists, found))
            .clone();
        if values {
            add_values(form.element, place, &mut inputs);
        } else if whole.inputs.is_empty() {
            whole.inputs.clone_from(&inputs);
            let get = method == Method::Get && url == action;
            whole.get = get.then_some(found.calls.len());
        }
        let mut call = Call::new(method, url, Provenance::Form).with_inputs(inputs);
        call.form = true;
        found.push(call);
        if found.cut {
            break;
        }
    }
    whole
}

fn form_method(text: &str) -> Method {
    // Browsers know get, post and dialog; script-driven forms use the others too.
    match text.to_ascii_lowercase().as_str() {
        "post" => Method::Post,
        "put" => Method::Put,
        "patch" => Method::Patch,
        "delete" => Method::Delete,
        _ => Method::Get,
    }
}

#[cfg(test)]
mod tests;
