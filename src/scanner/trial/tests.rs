//! Plays rounds against made-up answers for each form of a step.

use super::*;
use crate::http::Response;
use crate::probe::Catalog;

fn probe(id: &str) -> Experiment {
    let catalog = Catalog::builtin().unwrap();
    let probe = catalog.get(id).unwrap();
    Experiment::clone(probe.experiments().next().unwrap())
}

fn answer(status: u16, body: &str) -> Answer {
    let response = Response::of(status, &[("content-type", "application/json")], body);
    Answer::of_one(Some(&response), &[], &["/own"])
}

fn redirect(to: &str) -> Answer {
    let response = Response::of(302, &[("location", to)], "");
    Answer::of_one(Some(&response), &[], &["/own"])
}

fn failed() -> Answer {
    Answer::of_one(None, &[], &[])
}

/// Plays rounds in which every form of a step gets the answer that `answers` returns for its name.
fn play(id: &str, known: InputFacts, answers: impl Fn(&str, usize) -> Answer) -> (Ruling, usize) {
    play_out(&probe(id), known, answers)
}

fn play_out(
    probe: &Experiment,
    known: InputFacts,
    answers: impl Fn(&str, usize) -> Answer,
) -> (Ruling, usize) {
    let mut trial = Trial::new(probe, known);
    let mut sent = 0;
    for round in 0..probe.rounds().1 {
        for (step, form) in trial.asks(round) {
            sent += 1;
            let form_name = probe.steps[step].forms[form].name();
            if !trial.take(step, form, answers(form_name, round)) {
                return (Ruling::No, sent);
            }
        }
        match trial.ruling(round) {
            Ruling::More => {}
            ruling => return (ruling, sent),
        }
    }
    (Ruling::No, sent)
}

const MALFORMED: &str = "input-validation/malformed-key-accepted";
const ANY_KEY: &str = "authentication/any-key-accepted";

#[test]
fn of_several_malformed_values_one_that_is_taken_is_enough_and_is_repeated() {
    let answers = |form: &str, _| match form {
        "absent" => answer(400, "{}"),
        "canary" | "long" => answer(201, r#"{"id": 7}"#),
        _ => answer(422, "{}"),
    };
    let (ruling, sent) = play(MALFORMED, InputFacts::default(), answers);
    assert_eq!(ruling, Ruling::Yes(None));
    assert_eq!(sent, 2 + 4 + 2 * 2);
    // If the value is known to be accepted, the request without it is saved.
    let known = InputFacts {
        accepted: true,
        ..InputFacts::default()
    };
    assert_eq!(play(MALFORMED, known, answers).1, sent - 1);
}

#[test]
fn two_requests_are_all_that_an_ignored_input_costs() {
    let ignored = |_: &str, _| answer(201, r#"{"id": 7}"#);
    let (ruling, sent) = play(MALFORMED, InputFacts::default(), ignored);
    assert_eq!((ruling, sent), (Ruling::No, 2));
}

#[test]
fn a_difference_that_is_none_ends_a_trial_unless_what_is_offered_is_told_all_the_same() {
    let step = |form: Form| Step::new(form.as_str(), vec![Sent::Form(form)], &[]);
    let steps = [Form::Absent, Form::Canary, Form::Empty].map(step).to_vec();
    let mut probe = Experiment::new("own", steps, vec![Together::Differ(0, 1)]);
    let ignored = |_: &str, _| answer(200, r#"{"id": 7}"#);
    let known = InputFacts::default();
    assert_eq!(play_out(&probe, known, ignored), (Ruling::No, 2));
    probe.tell_offered = true;
    assert_eq!(play_out(&probe, known, ignored), (Ruling::No, 3));
}

#[test]
fn a_success_that_says_no_or_leads_back_is_no_acceptance() {
    let canary_gets = |canary: Answer, absent: Answer, known: InputFacts| {
        let answers = |form: &str, _: usize| match form {
            "absent" => absent.clone(),
            _ => canary.clone(),
        };
        play(MALFORMED, known, answers).0 != Ruling::No
    };
    let strong = InputFacts {
        strong: true,
        ..InputFacts::default()
    };
    let missing = || answer(400, "{}");
    for (canary, accepted) in [
        (answer(200, r#"{"cents": 5}"#), true),
        (answer(200, r#"{"valid": false}"#), false),
        (answer(200, r#"{"hits": []}"#), false),
        (answer(200, r#"{"message": "Invalid key"}"#), false),
        (answer(201, r#"{"id": 5}"#), true),
        (answer(202, r#"{"error": "queue full"}"#), false),
        (answer(200, "<p>Thank you"), false),
        (redirect("/own?again=1"), false),
        (redirect("http://host:80/own"), false),
        (redirect("/elsewhere"), true),
        (redirect("/login"), false),
    ] {
        let shown = canary_gets(canary.clone(), missing(), strong);
        assert_eq!(shown, accepted, "{canary:?}");
    }
    // A weak name needs more than JSON, and a read needs more than a redirect.
    let weak = InputFacts::default();
    assert!(!canary_gets(
        answer(200, r#"{"cents": 5}"#),
        missing(),
        weak
    ));
    let read = InputFacts {
        safe: true,
        ..strong
    };
    assert!(!canary_gets(redirect("/elsewhere"), missing(), read));
    // In place of a refusal, any content is an acceptance.
    assert!(canary_gets(answer(200, "<p>Hello"), answer(401, ""), weak));
    assert!(canary_gets(redirect("/kept/7"), redirect("/form"), weak));
    assert!(!canary_gets(redirect("/list"), redirect("/list"), weak));
}

#[test]
fn a_record_with_a_path_of_its_own_does_not_show_that_the_input_is_used() {
    let led = |without: &str, with: [&str; 3]| {
        let answers = |form: &str, round: usize| match form {
            "absent" => redirect(without),
            _ => redirect(with[round]),
        };
        play(MALFORMED, InputFacts::default(), answers)
    };
    for with in [
        ["/repairs/R-0C1B9E", "/repairs/R-51D0AA", "/repairs/R-7"],
        ["/repairs/hazel", "/repairs/maple", "/repairs/birch"],
        ["/repairs/a/b", "/repairs/a", "/repairs/b"],
    ] {
        let (ruling, _) = led("/repairs/R-FCA21D", with);
        assert_eq!(ruling, Ruling::No, "{with:?}");
    }
    assert_eq!(led("/repairs/R-FCA21D", ["/repairs/R-0C1B9E"; 3]).1, 2);
    let kept = ["/kept/R-0C1B9E", "/kept/R-51D0AA", "/kept/R-7"];
    assert_eq!(led("/drafts/R-FCA21D", kept).0, Ruling::Yes(None));
    assert_eq!(led("/form", ["/done"; 3]).0, Ruling::Yes(None));
}

#[test]
fn keys_that_get_contents_of_their_own_are_looked_up() {
    let each_its_own = |form: &str, round: usize| match form {
        "absent" => answer(401, ""),
        "canary" => answer(200, r#"{"plan": "gold"}"#),
        _ => answer(200, &format!(r#"{{"plan": "none", "try": {round}}}"#)),
    };
    assert_eq!(
        play(ANY_KEY, InputFacts::default(), each_its_own).0,
        Ruling::No
    );
    let all_alike = |form: &str, _| match form {
        "absent" => answer(403, ""),
        _ => answer(200, r#"{"plan": "gold"}"#),
    };
    let (ruling, sent) = play(ANY_KEY, InputFacts::default(), all_alike);
    assert_eq!((ruling, sent), (Ruling::Yes(None), 6));
}

#[test]
fn a_refusal_that_comes_with_200_lets_nobody_in() {
    let all_get = |body: &str| {
        let answers = |form: &str, _: usize| match form {
            "absent" => answer(401, ""),
            _ => answer(200, body),
        };
        play(ANY_KEY, InputFacts::default(), answers).0
    };
    for body in [
        r#"{"error": "invalid api key"}"#,
        r#"{"errors": [{"code": 17}], "data": null}"#,
        r#"{"ok": false, "message": "No such key"}"#,
        r#"{"status": "unauthorized"}"#,
        r#""unknown key""#,
        "Access denied.",
    ] {
        assert_eq!(all_get(body), Ruling::No, "{body}");
    }
    for body in [
        r#"{"error": null, "rows": []}"#,
        r#"{"errors": 0, "failed": 3, "active": false}"#,
        r#"{"note": "expired milk", "rows": [1]}"#,
    ] {
        assert_eq!(all_get(body), Ruling::Yes(None), "{body}");
    }
}

#[test]
fn an_answer_that_is_missing_costs_a_round_and_not_the_finding() {
    let one_lost = |form: &str, round: usize| match (form, round) {
        ("other", 1) => failed(),
        ("absent", _) => answer(401, ""),
        _ => answer(200, r#"{"plan": "gold"}"#),
    };
    let (ruling, sent) = play(ANY_KEY, InputFacts::default(), one_lost);
    assert_eq!((ruling, sent), (Ruling::Yes(None), 9));
    let never = |form: &str, _: usize| match form {
        "other" => failed(),
        "absent" => answer(401, ""),
        _ => answer(200, "{}"),
    };
    assert_eq!(play(ANY_KEY, InputFacts::default(), never).0, Ruling::No);
}

#[test]
fn a_box_that_few_pages_have_does_not_hide_that_any_key_is_accepted() {
    // None of the first step's pages has the box, so none explains the last page.
    let boxed = |form: &str, round: usize| match (form, round) {
        ("absent", _) => answer(401, ""),
        ("other", 1..) => answer(200, r#"{"plan": "gold", "offer": "now"}"#),
        ("canary", 3) => answer(200, r#"{"plan": "gold", "offers": "two"}"#),
        _ => answer(200, r#"{"plan": "gold"}"#),
    };
    let (ruling, sent) = play(ANY_KEY, InputFacts::default(), boxed);
    assert_eq!((ruling, sent), (Ruling::Yes(None), 12));
}

#[test]
fn a_control_that_gets_the_same_explains_it() {
    let mut catch_all = probe(ANY_KEY);
    catch_all.controls = vec![Control::NonsensePath];
    let mut trial = Trial::new(&catch_all, InputFacts::default());
    let open = || answer(200, r#"{"plan": "gold"}"#);
    for round in 0..2 {
        for (step, form) in trial.asks(round) {
            let absent = catch_all.steps[step].forms[form] == Sent::Form(Form::Absent);
            let answer = if absent { answer(401, "") } else { open() };
            assert!(trial.take(step, form, answer));
        }
    }
    assert_eq!(trial.ruling(1), Ruling::Yes(None));
    trial.control(Control::NonsensePath, answer(404, "{}"));
    assert_eq!(trial.ruling(1), Ruling::Yes(None));
    trial.control(Control::NonsensePath, open());
    assert_eq!(trial.ruling(1), Ruling::No);
}
