//! Tests of what speaks for and against a credential, one case per row.

use super::*;

/// What is known about one input, with defaults for everything that a row does not set.
#[derive(Default)]
struct Case {
    name: &'static str,
    place: Option<Place>,
    path: &'static str,
    hint: TypeHint,
    values: &'static [&'static str],
    siblings: &'static [(Place, &'static str)],
    addresses: bool,
    csrf: bool,
    seen: Option<Behaviour>,
}

fn judged(case: &Case) -> Judgement {
    let values: Vec<String> = case.values.iter().map(|&value| value.to_owned()).collect();
    Credentials::default().judge(&Facts {
        name: case.name,
        place: case.place.unwrap_or(Place::Query),
        path: case.path,
        hint: &case.hint,
        csrf: case.csrf,
        values: &values,
        siblings: case.siblings,
        addresses: case.addresses,
        behaviour: case.seen.as_ref(),
    })
}

#[track_caller]
fn check(cases: Vec<(Standing, Case)>) {
    for (expected, case) in cases {
        let judged = judged(&case);
        let what = format!("{} at {}: {judged:?}", case.name, case.path);
        assert_eq!(judged.standing, expected, "{what}");
        assert!(!judged.decided.is_empty(), "{what}");
    }
}

fn set(words: &[&str]) -> BTreeSet<String> {
    words.iter().map(|&word| word.to_owned()).collect()
}

/// Creates an input of which only the name and path are known.
fn named(name: &'static str, path: &'static str) -> Case {
    Case {
        name,
        path,
        ..Case::default()
    }
}

fn seen(name: &'static str, path: &'static str, behaviour: Behaviour) -> Case {
    Case {
        seen: Some(behaviour),
        ..named(name, path)
    }
}

fn served() -> Behaviour {
    Behaviour {
        served: true,
        ..Behaviour::default()
    }
}

#[test]
fn a_callers_name_counts_whatever_the_path_names() {
    use Standing::Yes;
    let mut cases = Vec::new();
    for path in [
        "/lookup",
        "/images",
        "/projects",
        "/search",
        "/row",
        "/",
        "",
    ] {
        cases.push((Yes, named("key", path)));
        cases.push((Yes, named("voucher_key", path)));
        cases.push((Yes, named("shareToken", path)));
        cases.push((Yes, named("ticket", path)));
    }
    for values in [
        &["demo"][..],
        &["abc"],
        &["your-key-here"],
        &[""],
        &["9f86d081884c7d659a2feaa0c55ad015"],
        &["demo", "test", "abc", "none"],
    ] {
        cases.push((
            Yes,
            Case {
                values,
                ..named("key", "/lookup")
            },
        ));
    }
    check(cases);
}

#[test]
fn values_and_declarations_contradict_a_weak_name() {
    use Standing::{No, Yes};
    let of = |kind| TypeHint {
        kind,
        ..TypeHint::default()
    };
    let format = |format: &str| TypeHint {
        format: Some(format.to_owned()),
        ..TypeHint::default()
    };
    let choices = TypeHint {
        choices: vec!["a".to_owned()],
        ..TypeHint::default()
    };
    let with = |name, hint| Case {
        hint,
        ..named(name, "/x")
    };
    let shows = |name, values| Case {
        values,
        ..named(name, "/x")
    };
    check(vec![
        (No, with("key", choices.clone())),
        (No, with("key", of(Kind::Boolean))),
        (No, with("token", of(Kind::Integer))),
        (No, with("session", format("date-time"))),
        (No, with("pin", format("uri"))),
        (No, shows("private", &["true"])),
        (No, shows("auth", &["basic"])),
        (No, shows("key", &["42"])),
        (No, shows("session", &["2024-05-01"])),
        (No, shows("key", &["pk_live_51Habcdef"])),
        (No, shows("key", &["name", "price", "date"])),
        (No, shows("token", &["BTC", "ETH", "DOGE"])),
        (Yes, shows("key", &["name", "demo", "abc"])),
        (
            Yes,
            shows("key", &["k8s2hf7ak2jd9sl4", "name", "z9x8c7v6b5n4m3q2"]),
        ),
        // A strong name outweighs values; a flag or a number is not a credential.
        (Yes, with("api_key", choices)),
        (Yes, shows("api_key", &["name", "price", "date"])),
        (No, with("api_key", of(Kind::Boolean))),
        (No, with("access_token", of(Kind::Integer))),
        (Yes, with("password", of(Kind::Integer))),
        (Yes, with("otp", of(Kind::Integer))),
        (Yes, with("pswd", format("password"))),
        // Inputs that are never credentials.
        (No, shows("sort_key", &["k8s2hf7ak2jd9sl4"])),
        (
            No,
            Case {
                csrf: true,
                ..named("token", "/x")
            },
        ),
    ]);
}

#[test]
fn an_everyday_name_needs_a_gate() {
    use Standing::{Likely, No, Possible, Yes};
    let json = |name, path| Case {
        place: Some(Place::Json),
        ..named(name, path)
    };
    let gate = |change: fn(&mut Behaviour)| {
        let mut behaviour = Behaviour::default();
        change(&mut behaviour);
        behaviour
    };
    check(vec![
        (Possible, named("code", "/enter")),
        (Possible, seen("code", "/enter", Behaviour::default())),
        (Likely, seen("code", "/enter", served())),
        (
            Likely,
            seen("pin", "/enter", gate(|seen| seen.moved = true)),
        ),
        (Yes, seen("pin", "/enter", gate(|seen| seen.let_in = true))),
        (
            Yes,
            seen("pin", "/enter", gate(|seen| seen.digested = true)),
        ),
        (Yes, seen("sid", "/enter", gate(|seen| seen.session = true))),
        (
            Yes,
            Case {
                siblings: &[(Place::Json, "password")],
                ..json("pin", "/enter")
            },
        ),
        (
            Possible,
            Case {
                siblings: &[(Place::Header, "x-api-key")],
                ..json("pin", "/enter")
            },
        ),
        (Yes, json("code", "/invites")),
        (Yes, json("code", "/licences/{id}")),
        (Yes, json("invite_code", "/people")),
        (
            Yes,
            Case {
                seen: Some(Behaviour {
                    paths: set(&["/vault/{id}"]),
                    ..served()
                }),
                ..json("code", "/people")
            },
        ),
        (
            Yes,
            Case {
                seen: Some(Behaviour {
                    fields: set(&["[].access_code"]),
                    ..served()
                }),
                ..json("code", "/people")
            },
        ),
        (
            No,
            Case {
                seen: Some(Behaviour {
                    others: set(&["CS101", "MATH-2", "PHYS3"]),
                    ..served()
                }),
                ..json("code", "/courses")
            },
        ),
    ]);
}

#[test]
fn a_bare_word_beside_others_is_likely_at_most_until_something_speaks_for_it() {
    use Standing::{Likely, No, Yes};
    let song = |seen| Case {
        place: Some(Place::Json),
        siblings: &[(Place::Json, "title")],
        seen,
        ..named("key", "/songs")
    };
    let behaviour = |change: fn(&mut Behaviour)| {
        let mut behaviour = served();
        change(&mut behaviour);
        Some(behaviour)
    };
    check(vec![
        (Likely, song(None)),
        (Likely, song(Some(served()))),
        (
            No,
            song(behaviour(|seen| {
                seen.others = set(&["C major", "F#m", "A minor"]);
            })),
        ),
        (
            No,
            song(behaviour(|seen| seen.beside = set(&["value", "id"]))),
        ),
        (Yes, song(behaviour(|seen| seen.doubted = true))),
        (
            Yes,
            song(behaviour(|seen| seen.fields = set(&["[].api_key"]))),
        ),
        (Yes, song(behaviour(|seen| seen.paths = set(&["/keys"])))),
        (
            Yes,
            Case {
                siblings: &[],
                ..song(None)
            },
        ),
        (
            Yes,
            Case {
                name: "partner_key",
                ..song(None)
            },
        ),
    ]);
}

#[test]
#[allow(clippy::too_many_lines)] // a table
fn what_stands_around_a_weak_name_contradicts_it() {
    use Standing::{No, Possible, Yes};
    let path = |name, path| Case {
        place: Some(Place::Path),
        ..named(name, path)
    };
    let planted = |name, at| Case {
        seen: Some(Behaviour::default()),
        ..path(name, at)
    };
    let json = |name, path, siblings| Case {
        place: Some(Place::Json),
        siblings,
        ..named(name, path)
    };
    let query = |name, path, siblings| Case {
        siblings,
        ..named(name, path)
    };
    check(vec![
        // Stores, and inputs that identify their own records.
        (No, named("key", "/settings")),
        (No, named("key", "/api/cache")),
        (No, named("key", "/translations/{lang}")),
        (No, json("key", "/flags", &[(Place::Json, "enabled")])),
        (No, json("key", "/things", &[(Place::Json, "value")])),
        (Possible, path("code", "/products/{code}")),
        (No, planted("code", "/products/{code}")),
        (No, planted("key", "/projects/{key}")),
        (
            Yes,
            Case {
                seen: Some(Behaviour {
                    moved: true,
                    ..Behaviour::default()
                }),
                ..path("key", "/j/{key}")
            },
        ),
        (
            Yes,
            Case {
                seen: Some(Behaviour {
                    session: true,
                    ..Behaviour::default()
                }),
                ..path("sid", "/enter/{sid}")
            },
        ),
        (
            No,
            Case {
                addresses: true,
                ..json("code", "/rooms", &[])
            },
        ),
        (Yes, path("key", "/keys/{key}")),
        (Yes, path("code", "/invites/{code}")),
        (Yes, path("token", "/reset/{token}")),
        (Yes, path("token", "/{token}")),
        (
            Yes,
            Case {
                values: &["9f86d081884c7d659a2feaa0c55ad015"],
                ..path("token", "/files/{token}")
            },
        ),
        // Values that select a page.
        (
            No,
            Case {
                values: &["de"],
                ..seen(
                    "key",
                    "/texts",
                    Behaviour {
                        missing: true,
                        ..Behaviour::default()
                    },
                )
            },
        ),
        (
            Yes,
            Case {
                values: &["demo"],
                ..seen(
                    "key",
                    "/texts",
                    Behaviour {
                        missing: true,
                        ..Behaviour::default()
                    },
                )
            },
        ),
    ]);
    check(vec![
        // Signed URLs, letters, OAuth, postal codes.
        (
            No,
            query("signature", "/files", &[(Place::Query, "expires")]),
        ),
        (No, json("signature", "/letters", &[(Place::Json, "body")])),
        (
            Possible,
            json("signature", "/webhooks", &[(Place::Json, "body")]),
        ),
        (No, query("code", "/callback", &[(Place::Query, "state")])),
        (No, json("pin", "/people", &[(Place::Json, "street")])),
        (No, json("pincode", "/people", &[(Place::Json, "address")])),
    ]);
}

#[test]
fn whatever_gets_past_a_refusal_is_one() {
    let let_in = || Behaviour {
        let_in: true,
        ..Behaviour::default()
    };
    check(vec![
        (Standing::Yes, seen("x", "/reports", let_in())),
        (Standing::Yes, seen("badge", "/reports", let_in())),
        (
            Standing::Yes,
            Case {
                values: &["true"],
                ..seen("key", "/settings", let_in())
            },
        ),
    ]);
}

#[test]
fn a_judgement_keeps_its_reasons() {
    let behaviour = Behaviour {
        doubted: true,
        others: set(&["C", "F#m", "Bb"]),
        ..served()
    };
    let judged = judged(&seen("key", "/songs", behaviour));
    assert_eq!(judged.standing, Standing::No);
    assert_eq!(judged.speaks_for, ["a made-up value is called invalid"]);
    assert_eq!(judged.against, ["its values are words: Bb, C, F#m"]);
    assert_eq!(judged.decided, judged.against[0]);
    assert!(!judged.is_credential());
}

#[test]
fn the_testers_word_decides() {
    let pattern = |text: &str| vec![regex::Regex::new(text).unwrap()];
    let hint = TypeHint::default();
    let facts = |name| Facts {
        name,
        place: Place::Query,
        path: "/settings",
        hint: &hint,
        csrf: false,
        values: &[],
        siblings: &[],
        addresses: false,
        behaviour: None,
    };
    let names = Credentials::new(pattern("^(handle|key)$"), pattern("^token$"));
    assert_eq!(names.judge(&facts("handle")).standing, Standing::Yes);
    assert_eq!(names.judge(&facts("key")).standing, Standing::Yes);
    assert_eq!(names.judge(&facts("token")).standing, Standing::No);
}
