//! HTML forms and their controls.
//!
//! Owns: which controls belong to a form, and what a control says of its values. Leaves out: the
//! rest of the page (`html.rs`).

use std::collections::{BTreeMap, HashMap};
use std::iter::successors;

use scraper::{ElementRef, Html};
use serde_json::Value;

use super::super::found::{Call, Found, MAX_INPUTS, hint_of, is_csrf};
use crate::http::Method;
use crate::surface::{Input, Kind, Place, Provenance, TypeHint};

/// htmx and its kin name the method in the attribute.
const METHOD_ATTRIBUTES: [(&str, Method); 10] = [
    ("hx-get", Method::Get),
    ("hx-post", Method::Post),
    ("hx-put", Method::Put),
    ("hx-patch", Method::Patch),
    ("hx-delete", Method::Delete),
    ("data-hx-get", Method::Get),
    ("data-hx-post", Method::Post),
    ("data-hx-put", Method::Put),
    ("data-hx-patch", Method::Patch),
    ("data-hx-delete", Method::Delete),
];

/// True for an attribute that names a method.
pub(super) fn is_method(key: &str) -> bool {
    METHOD_ATTRIBUTES.iter().any(|(name, _)| *name == key)
}

/// The requests that an element's attributes name.
fn requests(element: ElementRef<'_>) -> impl Iterator<Item = (Method, &str)> {
    let element = element.value();
    let named = METHOD_ATTRIBUTES
        .iter()
        .filter_map(move |(name, method)| Some((*method, element.attr(name)?.trim())));
    named.filter(|(_, url)| !url.is_empty())
}

struct Form<'a> {
    element: ElementRef<'a>,
    controls: Vec<ElementRef<'a>>,
    /// The parser closed it before any of its controls.
    is_hollow: bool,
}

/// Choices of one input that are kept.
const MAX_CHOICES: usize = 200;

/// Reads every form of a page, with the controls that the HTML standard gives it.
pub(super) fn forms(tree: &Html, found: &mut Found) -> Vec<Scripted> {
    let mut forms: Vec<Form<'_>> = Vec::new();
    let mut by_id: BTreeMap<&str, usize> = BTreeMap::new();
    let mut lists: Lists<'_> = BTreeMap::new();
    let mut controls = Vec::new();
    let mut active = Vec::new();
    let mut places = HashMap::new();
    // Forms that we are inside of.
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
                // How many forms stand before it: broken markup (a form inside a table) leaves
                // the controls behind the form, not in it.
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

/// A form as a script of the page may send it.
pub(super) struct Scripted {
    id: String,
    name: String,
    inputs: Vec<Input>,
    /// It names no address, or a script handles its submission.
    taken: bool,
    /// Where it stands among the calls as a GET.
    get: Option<usize>,
}

/// Forms of a page that a script may mean which does not say which one.
const MAX_MEANT: usize = 3;

/// Gives the calls of scripts that send a form's fields the controls of that form. The form itself is
/// then no GET of the page.
pub(super) fn join(forms: &[Scripted], found: &mut Found) {
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
                    // Its token is fresh on this page.
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

/// True for a form whose submission a script handles by an attribute.
fn is_handled(form: ElementRef<'_>) -> bool {
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

/// An element that htmx sends requests from: with its own value, and with those of the form around it
/// where the method is not GET (<https://htmx.org/docs/#parameters>).
fn push_active(
    element: ElementRef<'_>,
    form: Option<&Form<'_>>,
    lists: &Lists<'_>,
    found: &mut Found,
) {
    for (method, url) in requests(element) {
        let place = place_of(method, false);
        let around = form.filter(|_| method != Method::Get);
        let mut fields =
            around.map_or_else(Vec::new, |form| inputs(&form.controls, place, lists, found));
        let value = element.value().attr("value").unwrap_or_default();
        let own = element.value().attr("name").unwrap_or_default();
        let is_control = matches!(
            element.value().name(),
            "input" | "select" | "textarea" | "button"
        );
        if is_control && !own.is_empty() && fields.iter().all(|known| known.name != own) {
            fields.push(input(
                element,
                &control_type(element),
                own,
                (value, place),
                lists,
            ));
        }
        add_values(element, place, &mut fields);
        found.push(Call::new(method, url, Provenance::Script).with_inputs(fields));
    }
}

/// The fields of `hx-vals`, which elements inherit.
fn add_values(element: ElementRef<'_>, place: Place, fields: &mut Vec<Input>) {
    let around = element.ancestors().filter_map(ElementRef::wrap);
    for holder in std::iter::once(element).chain(around) {
        let attribute = |name: &str| holder.value().attr(name);
        let written = attribute("hx-vals").or_else(|| attribute("data-hx-vals"));
        let Some(Ok(Value::Object(values))) = written.map(serde_json::from_str) else {
            continue;
        };
        for (name, value) in values {
            if fields.len() >= MAX_INPUTS || fields.iter().any(|known| known.name == name) {
                continue;
            }
            let mut input = Input::new(place, &name, Provenance::Script);
            input.csrf = is_csrf(&name);
            input.hint = match value {
                Value::String(text) => hint_of(&text),
                Value::Array(_) | Value::Object(_) | Value::Null => TypeHint::default(),
                plain => hint_of(&plain.to_string()),
            };
            fields.push(input);
        }
    }
}

fn place_of(method: Method, multipart: bool) -> Place {
    match (method, multipart) {
        // htmx sends the fields of a DELETE so too.
        (Method::Get | Method::Delete, _) => Place::Query,
        (_, true) => Place::Multipart,
        _ => Place::Form,
    }
}

/// The data lists of a page, by id.
type Lists<'a> = BTreeMap<&'a str, ElementRef<'a>>;

fn push_form(form: &Form<'_>, lists: &Lists<'_>, found: &mut Found) -> Scripted {
    let attribute = |name: &str| form.element.value().attr(name).unwrap_or_default().trim();
    let action = attribute("action");
    let method = form_method(attribute("method"));
    let scripted: Vec<(Method, &str)> = requests(form.element).collect();
    let multipart = [attribute("hx-encoding"), attribute("enctype")]
        .iter()
        .any(|kind| kind.eq_ignore_ascii_case("multipart/form-data"))
        || form
            .controls
            .iter()
            .any(|control| control_type(*control) == "file");
    // A hidden `_method` field is how forms say PUT or DELETE to method-overriding middleware;
    // the request itself stays a POST.
    let mut submits = Vec::new();
    // A dialog's form closes the dialog, unless a button says otherwise; htmx stops the form itself.
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
        taken: !stopped && (matches!(action, "" | "#") || is_handled(form.element)),
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
    // Browsers know get, post and dialog; script-driven forms write the others too.
    match text.to_ascii_lowercase().as_str() {
        "post" => Method::Post,
        "put" => Method::Put,
        "patch" => Method::Patch,
        "delete" => Method::Delete,
        _ => Method::Get,
    }
}

fn control_type(control: ElementRef<'_>) -> String {
    match control.value().name() {
        "input" => control
            .value()
            .attr("type")
            .unwrap_or("text")
            .trim()
            .to_ascii_lowercase(),
        other => other.to_owned(),
    }
}

fn inputs(
    controls: &[ElementRef<'_>],
    place: Place,
    lists: &Lists<'_>,
    found: &mut Found,
) -> Vec<Input> {
    let mut inputs: Vec<Input> = Vec::new();
    for control in controls {
        let kind = control_type(*control);
        if kind == "image" {
            if inputs.len() + 1 < MAX_INPUTS {
                inputs.extend(click(*control, place));
            }
            continue;
        }
        let Some(name) = control.value().attr("name").filter(|name| !name.is_empty()) else {
            continue;
        };
        // Buttons that send nothing.
        let own = control.value().attr("type").unwrap_or_default();
        if matches!(own.trim().to_ascii_lowercase().as_str(), "button" | "reset") {
            continue;
        }
        let value = control.value().attr("value").unwrap_or_default();
        let checked = control.value().attr("checked").is_some();
        let full = inputs.len() >= MAX_INPUTS;
        match inputs.iter_mut().find(|input| input.name == name) {
            // Radio buttons, and check boxes of one name, are one input with choices.
            Some(known) => {
                let choices = &mut known.hint.choices;
                if !value.is_empty()
                    && choices.len() < MAX_CHOICES
                    && !choices.iter().any(|choice| choice == value)
                {
                    choices.push(value.to_owned());
                }
                if checked {
                    known.hint.example = Some(Value::from(value));
                }
            }
            None if full => {
                found.cut = true;
                break;
            }
            None => inputs.push(input(*control, &kind, name, (value, place), lists)),
        }
    }
    inputs
}

/// Where an image button was clicked: `name.x` and `name.y`, or `x` and `y`.
fn click(control: ElementRef<'_>, place: Place) -> [Input; 2] {
    let name = control.value().attr("name").unwrap_or_default();
    let dot = if name.is_empty() { "" } else { "." };
    ["x", "y"].map(|axis| {
        let hint = TypeHint {
            kind: Kind::Integer,
            example: Some(Value::from(1)),
            ..TypeHint::default()
        };
        Input::new(place, &format!("{name}{dot}{axis}"), Provenance::Form).with_hint(hint)
    })
}

fn input(
    control: ElementRef<'_>,
    kind: &str,
    name: &str,
    (value, place): (&str, Place),
    lists: &Lists<'_>,
) -> Input {
    let attribute = |name: &str| control.value().attr(name);
    let mut hint = match kind {
        "hidden" => hint_of(value),
        "select" => select_hint(control),
        "textarea" => text_hint(&control.text().collect::<String>()),
        _ => text_hint(value),
    };
    if hint.example.is_none()
        && let Some(proposed) = attribute("list").and_then(|id| proposed(lists.get(id)?))
    {
        hint.example = Some(Value::from(proposed));
    }
    let (typed, format) = match kind {
        "number" | "range" => (Kind::Number, None),
        "file" => (Kind::File, None),
        "email" => (Kind::String, Some("email")),
        "url" => (Kind::String, Some("uri")),
        "date" => (Kind::String, Some("date")),
        "datetime-local" | "datetime" => (Kind::String, Some("date-time")),
        "time" => (Kind::String, Some("time")),
        "month" => (Kind::String, Some("month")),
        "week" => (Kind::String, Some("week")),
        "color" => (Kind::String, Some("color")),
        "password" => (Kind::String, Some("password")),
        "text" | "search" | "tel" | "textarea" => (Kind::String, None),
        _ => (hint.kind, None),
    };
    hint.kind = typed;
    hint.format = format.map(str::to_owned);
    if matches!(kind, "number" | "range") {
        hint.minimum = attribute("min").and_then(|text| text.parse().ok());
        hint.maximum = attribute("max").and_then(|text| text.parse().ok());
        // Without a fractional step, browsers send whole numbers only.
        if attribute("step").is_none_or(|step| !step.contains('.') && step != "any") {
            hint.kind = Kind::Integer;
        }
    }
    if matches!(kind, "radio" | "checkbox") {
        let value = if value.is_empty() { "on" } else { value };
        hint.choices = vec![value.to_owned()];
        hint.example = Some(Value::from(value));
    }
    hint.pattern = attribute("pattern").map(|pattern| format!("^(?:{pattern})$"));
    hint.min_length = attribute("minlength").and_then(|text| text.parse().ok());
    hint.max_length = attribute("maxlength").and_then(|text| text.parse().ok());
    let mut input = Input::new(place, name, Provenance::Form).with_hint(hint);
    input.required = attribute("required").is_some();
    input.csrf = is_csrf(name) || (kind == "hidden" && name == "nonce");
    input
}

/// The first option of a data list: any other value is taken too.
fn proposed(list: &ElementRef<'_>) -> Option<String> {
    let options = list.descendants().filter_map(ElementRef::wrap);
    let mut options = options.filter(|element| element.value().name() == "option");
    let value = options.next()?.value().attr("value")?.to_owned();
    (!value.is_empty() && value.len() <= 200).then_some(value)
}

fn text_hint(value: &str) -> TypeHint {
    let value = value.trim();
    TypeHint {
        example: (!value.is_empty() && value.len() <= 200).then(|| Value::from(value)),
        ..TypeHint::default()
    }
}

fn select_hint(control: ElementRef<'_>) -> TypeHint {
    let mut hint = TypeHint {
        kind: Kind::String,
        ..TypeHint::default()
    };
    let options = control
        .descendants()
        .filter_map(ElementRef::wrap)
        .filter(|inner| inner.value().name() == "option");
    for option in options.take(MAX_CHOICES) {
        let value = option.value().attr("value").map_or_else(
            || option.text().collect::<String>().trim().to_owned(),
            str::to_owned,
        );
        if value.is_empty() {
            continue;
        }
        if option.value().attr("selected").is_some() {
            hint.example = Some(Value::from(value.as_str()));
        }
        if !hint.choices.contains(&value) {
            hint.choices.push(value);
        }
    }
    if hint.example.is_none() {
        hint.example = hint
            .choices
            .first()
            .map(|first| Value::from(first.as_str()));
    }
    hint
}

#[cfg(test)]
mod tests {
    use super::super::html::page;
    use super::*;

    fn form(body: &str) -> Call {
        page(body).calls.into_iter().find(|call| call.form).unwrap()
    }

    fn input<'a>(call: &'a Call, name: &str) -> &'a Input {
        call.inputs.iter().find(|input| input.name == name).unwrap()
    }

    #[test]
    fn a_form_says_the_types_of_its_fields() {
        let call = form(
            "<form method=post action=/keys>
             <input type=email name=mail required maxlength=50>
             <input type=number name=n min=1 max=9><input name=plain pattern='[a-z]+'>
             <input type=hidden name=csrf_token value=abc><input type=hidden name=page value=3>
             <select name=role><option value=a>A<option value=b selected>B</select>
             <textarea name=text>hello</textarea>
             <input type=radio name=r value=1><input type=radio name=r value=2>
             <input type=submit value=Go></form>",
        );
        assert_eq!((call.method, call.url.as_str()), (Method::Post, "/keys"));
        assert!(input(&call, "mail").required);
        assert_eq!(input(&call, "mail").hint.format.as_deref(), Some("email"));
        assert_eq!(input(&call, "mail").hint.max_length, Some(50));
        assert_eq!(input(&call, "n").hint.kind, Kind::Integer);
        assert_eq!(input(&call, "n").hint.maximum, Some(9.0));
        assert_eq!(
            input(&call, "plain").hint.pattern.as_deref(),
            Some("^(?:[a-z]+)$")
        );
        assert!(input(&call, "csrf_token").csrf);
        assert_eq!(input(&call, "page").hint.example, Some(Value::from(3)));
        assert_eq!(input(&call, "role").hint.choices, ["a", "b"]);
        assert_eq!(input(&call, "role").hint.example, Some(Value::from("b")));
        assert_eq!(
            input(&call, "text").hint.example,
            Some(Value::from("hello"))
        );
        assert_eq!(input(&call, "r").hint.choices, ["1", "2"]);
        assert_eq!(call.inputs.len(), 8);
        assert!(call.inputs.iter().all(|input| input.place == Place::Form));
    }

    #[test]
    fn a_file_makes_a_form_multipart_and_get_makes_it_a_query() {
        let upload = form("<form method=POST><input type=file name=f></form>");
        assert_eq!(input(&upload, "f").place, Place::Multipart);
        assert_eq!(input(&upload, "f").hint.kind, Kind::File);
        let search = form("<form action=/s><input name=q></form>");
        assert_eq!(search.method, Method::Get);
        assert_eq!(input(&search, "q").place, Place::Query);
    }

    #[test]
    fn controls_outside_their_form_are_found() {
        let call = form("<form id=f method=post></form><input name=a form=f>");
        assert_eq!(call.inputs.len(), 1);
        let broken = form(
            "<table><form method=post action=/t><tr><td><input name=in></td></tr></form></table>",
        );
        assert_eq!(broken.inputs.len(), 1);
    }

    #[test]
    fn a_button_may_send_the_form_elsewhere() {
        let calls =
            page("<form method=post action=/a><button formaction=/b name=x>go</form>").calls;
        let urls: Vec<_> = calls.iter().map(|call| call.url.as_str()).collect();
        assert_eq!(urls, ["/a", "/b"]);
    }

    /// `METHOD url place:name …` of each call.
    fn lines(body: &str) -> Vec<String> {
        let line = |call: &Call| {
            let inputs = call.inputs.iter();
            let inputs = inputs.map(|input| [" ", input.place.as_str(), ":", &input.name].concat());
            format!("{} {}{}", call.method, call.url, inputs.collect::<String>())
        };
        page(body).calls.iter().map(line).collect()
    }

    #[test]
    fn htmx_sends_a_forms_controls_where_its_attribute_says() {
        assert_eq!(
            lines("<form hx-post=/contacts><input name=email><input name=phone></form>"),
            ["POST /contacts form:email form:phone"]
        );
        assert_eq!(
            lines("<form action=/plain method=post data-hx-put=/c/1><input name=a></form>"),
            ["POST /plain form:a", "PUT /c/1 form:a"]
        );
        assert_eq!(
            lines("<form hx-post=/up hx-encoding=multipart/form-data><input name=a></form>"),
            ["POST /up multipart:a"]
        );
    }

    #[test]
    fn htmx_elements_send_their_own_value_the_form_around_them_and_what_they_list() {
        assert_eq!(
            lines("<input name=q hx-get=/search hx-trigger=keyup>"),
            ["GET /search query:q"]
        );
        assert_eq!(
            lines(
                "<div hx-vals='{\"page\": 2}'><form action=/f><input name=a>
                 <button type=button name=b value=1 hx-post=/check>x</button></form>
                 <a hx-delete=/d hx-vals='{\"why\": \"x\"}'>x</a></div>"
            ),
            [
                "GET /f query:a",
                "POST /check form:a form:b form:page",
                "DELETE /d query:why query:page"
            ]
        );
    }

    #[test]
    fn a_script_that_sends_a_form_sends_its_controls() {
        let form = "<form id=f><input name=a><input name=b></form>";
        for (script, expected) in [
            (
                "fetch('/api/x', {method: 'POST', body: new FormData(form)})",
                "POST /api/x multipart:a multipart:b",
            ),
            (
                "const d = new FormData(e.target); d.append('c', 1); fetch('/api/x', {method: 'PUT', body: JSON.stringify(Object.fromEntries(d))})",
                "PUT /api/x json:c json:a json:b",
            ),
            (
                "const d = new FormData(this); axios.post('/api/x', Object.fromEntries(d.entries()))",
                "POST /api/x json:a json:b",
            ),
            (
                "$('#f').on('submit', function () { $.post('/api/x', $(this).serialize()) })",
                "POST /api/x form:a form:b",
            ),
            (
                "fetch('/api/x', {method: 'POST', body: new URLSearchParams(new FormData(f))})",
                "POST /api/x form:a form:b",
            ),
        ] {
            let lines = lines(&format!("{form}<script>{script}</script>"));
            assert_eq!(lines, [expected], "{script}");
        }
    }

    #[test]
    fn a_script_names_the_form_that_it_sends() {
        assert_eq!(
            lines(
                "<form id=f action=/plain onsubmit='send(event)'><input name=a></form>
                 <form id=g><input name=b></form><form action=/search><input name=q></form>
                 <script>const f = document.getElementById('f');
                 fetch('/one', {method: 'POST', body: new FormData(f)});
                 $.ajax({url: '/two', type: 'POST', data: $('#g').serialize()})</script>"
            ),
            [
                "POST /one multipart:a",
                "POST /two form:b",
                "GET /search query:q",
            ]
        );
    }

    #[test]
    fn an_image_button_sends_where_it_was_clicked() {
        assert_eq!(
            lines("<form action=/f><input type=image name=go src=/i.png><input type=image></form>"),
            ["GET /i.png", "GET /f query:go.x query:go.y query:x query:y"]
        );
    }

    #[test]
    fn hostile_forms_are_read_in_no_time() {
        let start = std::time::Instant::now();
        // Controls behind a form of many elements, each of which would be looked through.
        let hollow = format!(
            "<table><form method=post action=/t>{}</form></table>{}",
            "<i></i>".repeat(100_000),
            "<input name=a>".repeat(100_000)
        );
        page(&hollow);
        let boxes: String = (0..60_000).fold(String::new(), |text, n| {
            text + &format!("<input type=checkbox name=a value={n}>")
        });
        let call = form(&format!("<form method=post action=/t>{boxes}</form>"));
        assert_eq!(call.inputs[0].hint.choices.len(), MAX_CHOICES);
        let lists: String = (0..400).fold(String::new(), |text, n| {
            text + &format!("<input list=l{n} name=n{n}>")
        });
        let lists = format!(
            "<form method=post>{lists}</form>{}",
            "<i></i>".repeat(100_000)
        );
        page(&lists);
        let buttons = "<button formaction=/b name=x>".repeat(20_000);
        page(&format!("<form method=post>{buttons}</form>"));
        assert!(start.elapsed().as_secs() < 20, "{:?}", start.elapsed());
    }

    #[test]
    fn a_data_list_proposes_a_value() {
        let call =
            form("<form method=post><input name=a list=l></form><datalist id=l><option value=red>");
        assert_eq!(input(&call, "a").hint.example, Some(Value::from("red")));
    }

    #[test]
    fn a_form_of_thousands_of_fields_is_bounded() {
        let fields: String = (0..5_000).fold(String::new(), |fields, n| {
            fields + &format!("<input name=f{n}>")
        });
        let found = page(&format!("<form method=post>{fields}</form>"));
        assert!(found.cut);
        assert_eq!(found.calls[0].inputs.len(), MAX_INPUTS);
    }
}
