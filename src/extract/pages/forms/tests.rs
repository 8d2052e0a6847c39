//! Forms read from whole pages.

use serde_json::Value;

use super::controls::MAX_CHOICES;
use super::*;
use crate::found::MAX_INPUTS;
use crate::pages::html::page;
use crate::surface::{Input, Kind};

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
fn a_form_that_stays_on_its_page_has_its_inputs() {
    for action in ["#", "#top", "javascript:void(0)", ""] {
        let call = form(&format!(
            "<form method=post action='{action}'><input name=user><input type=password name=p></form>"
        ));
        let names: Vec<&str> = call
            .inputs
            .iter()
            .map(|input| input.name.as_str())
            .collect();
        assert_eq!(names, ["user", "p"], "{action}");
        assert_eq!(call.url, "", "{action}");
    }
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
    let broken =
        form("<table><form method=post action=/t><tr><td><input name=in></td></tr></form></table>");
    assert_eq!(broken.inputs.len(), 1);
}

#[test]
fn a_button_may_send_the_form_elsewhere() {
    let calls = page("<form method=post action=/a><button formaction=/b name=x>go</form>").calls;
    let urls: Vec<_> = calls.iter().map(|call| call.url.as_str()).collect();
    assert_eq!(urls, ["/a", "/b"]);
}

/// Formats each call as `METHOD url place:name …`.
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
    // Controls after a form with many elements, each of which would be searched.
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
