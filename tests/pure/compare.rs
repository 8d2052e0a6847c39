//! The comparison engine as its callers meet it: noise is forgiven, a planted change is found and
//! explained, and hostile answers are dealt with quickly.
use std::fmt::Write as _;
use std::time::{Duration, Instant};

use keyspill::compare::{
    Noise, Print, difference, false_chance, reliably_differ, same, samples_needed, turn,
};
use keyspill::http::Response;
use proptest::prelude::*;
use serde_json::{Map, Value, json};

/// The answers of each group. With this many, a pick, which appears in every second answer, marks a
/// group by chance in one of 2^32 seeds.
const ROUNDS: usize = 16;

/// A source of randomness that a test can repeat.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % u64::try_from(sides).unwrap()).unwrap()
    }

    fn token(&mut self) -> String {
        (0..24)
            .map(|_| char::from(b"0123456789abcdef"[self.roll(16)]))
            .collect()
    }

    fn shuffle<T>(&mut self, items: &mut [T]) {
        for at in (1..items.len()).rev() {
            items.swap(at, self.roll(at + 1));
        }
    }
}

fn of_json(value: &Value) -> Print {
    let kind = [("content-type", "application/json")];
    Print::of(&Response::of(200, &kind, &value.to_string()), &[])
}

fn of_html(body: &str) -> Print {
    let kind = [("content-type", "text/html; charset=utf-8")];
    Print::of(&Response::of(200, &kind, body), &[])
}

/// Generates any JSON of a few dozen values.
fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i32>().prop_map(Value::from),
        "[a-z ]{0,12}".prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 40, 6, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
            prop::collection::btree_map("[a-z]{1,6}", inner, 0..6)
                .prop_map(|fields| Value::Object(fields.into_iter().collect())),
        ]
    })
}

/// Returns the same values in another order.
fn shuffled(value: &Value, dice: &mut Dice) -> Value {
    match value {
        Value::Array(items) => {
            let mut items: Vec<Value> = items.iter().map(|item| shuffled(item, dice)).collect();
            dice.shuffle(&mut items);
            Value::Array(items)
        }
        Value::Object(fields) => {
            let mut pairs: Vec<(String, Value)> = fields
                .iter()
                .map(|(name, value)| (name.clone(), shuffled(value, dice)))
                .collect();
            dice.shuffle(&mut pairs);
            Value::Object(pairs.into_iter().collect())
        }
        other => other.clone(),
    }
}

/// Adds to the content what a busy page says besides. The tip is one of six, so two answers may
/// agree in it.
fn noisy(content: &Value, asked: usize, dice: &mut Dice) -> Value {
    let words = ["amber", "birch", "coral", "dune", "elm", "fern"];
    let mut fields = Map::new();
    fields.insert("content".to_owned(), shuffled(content, dice));
    fields.insert("request".to_owned(), json!(dice.token()));
    fields.insert("visits".to_owned(), json!(1000 + asked));
    fields.insert("tip".to_owned(), json!(words[dice.roll(words.len())]));
    let mut picks = words.to_vec();
    dice.shuffle(&mut picks);
    fields.insert("picks".to_owned(), json!(picks[..3]));
    fields.insert(
        "sessions".to_owned(),
        json!({dice.token(): {"age": dice.roll(90)}}),
    );
    Value::Object(fields)
}

/// Returns the noise of six controls of a noisy answer, and as many more as it takes to see the tip
/// and every pick move. What no control shows cannot be learnt, and one seed in a thousand shows
/// two picks in all of the six.
fn controls(content: &Value, dice: &mut Dice) -> Noise {
    let mut answers = Vec::new();
    while answers.len() < 6 || !all_move(&answers) {
        answers.push(noisy(content, answers.len(), dice));
    }
    Noise::of(&answers.iter().map(of_json).collect::<Vec<_>>())
}

/// Returns true if no tip and no pick appears in all of these answers.
fn all_move(answers: &[Value]) -> bool {
    let stands = |word: &Value| {
        let mut picks = answers.iter().map(|a| a["picks"].as_array().unwrap());
        answers.iter().all(|a| a["tip"] == *word) || picks.all(|picks| picks.contains(word))
    };
    let first = &answers[0];
    let picks = first["picks"].as_array().unwrap();
    !picks.iter().chain([&first["tip"]]).any(stands)
}

/// Returns a page with a token, a clock, a rotating banner and a shuffled list around its lines.
fn noisy_page(lines: &[String], asked: usize, dice: &mut Dice) -> String {
    let banners = ["Buy pears", "Buy plums", "Buy figs", "Buy dates"];
    let mut lines = lines.to_vec();
    dice.shuffle(&mut lines);
    let list = format!("<li>{}</li>\n", lines.join("</li>\n<li>"));
    format!(
        "<html><head><meta name=csrf content={}><script nonce={}>var t = {asked};</script></head>\
         <body><div class=ad>{}</div><ul>{list}</ul><footer>12:{:02}:{:02}</footer></body></html>",
        dice.token(),
        dice.token(),
        banners[dice.roll(banners.len())],
        dice.roll(60),
        dice.roll(60),
    )
}

/// Asks two groups in turn.
fn in_turn(rounds: usize, mut ask: impl FnMut(usize, usize) -> Print) -> [Vec<Print>; 2] {
    let mut groups = [Vec::new(), Vec::new()];
    let roles = (0..rounds).flat_map(|round| turn(2, round));
    for (asked, role) in roles.enumerate() {
        groups[role].push(ask(role, asked));
    }
    groups
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn an_answer_in_another_order_is_the_same(value in any_json(), seed in 1_u64..) {
        let other = shuffled(&value, &mut Dice(seed));
        let (left, right) = (of_json(&value), of_json(&other));
        prop_assert_eq!(difference(&left, &right, &Noise::default()), None);
        let steady = Noise::of(&[left.clone(), left.clone(), left.clone()]);
        prop_assert_eq!(difference(&left, &right, &steady), None);
        prop_assert_eq!(reliably_differ(&[left.clone(), left], &[right.clone(), right]), None);
    }

    #[test]
    fn noise_makes_no_two_groups_differ(content in any_json(), seed in 1_u64..) {
        let mut dice = Dice(seed);
        let [left, right] = in_turn(ROUNDS, |_, asked| of_json(&noisy(&content, asked, &mut dice)));
        prop_assert_eq!(reliably_differ(&left, &right), None);
    }

    #[test]
    fn noise_learnt_from_controls_is_forgiven(content in any_json(), seed in 1_u64..) {
        let mut dice = Dice(seed);
        let noise = controls(&content, &mut dice);
        let mut ask = |asked| of_json(&noisy(&content, asked, &mut dice));
        prop_assert_eq!(difference(&ask(7), &ask(8), &noise), None);
    }

    #[test]
    fn a_planted_change_is_found_in_the_noise_and_explained(
        content in any_json(),
        seed in 1_u64..,
        (from, to) in ("[a-z]{3,9}", "[a-z]{3,9}").prop_filter("change", |(a, b)| a != b),
    ) {
        let mut dice = Dice(seed);
        let mut ask = |asked, plan: &str| {
            of_json(&noisy(&json!({"any": content, "plan": plan}), asked, &mut dice))
        };
        let [left, right] = in_turn(ROUNDS, |role, asked| ask(asked, [&from, &to][role]));
        let found = reliably_differ(&left, &right).unwrap();
        prop_assert_eq!(
            found.to_string(),
            "differs in `$.content.plan`, stable otherwise"
        );
        prop_assert_eq!(found.left.as_ref(), Some(&from));
        prop_assert_eq!(found.right.as_ref(), Some(&to));
        let noise = controls(&json!({"any": content, "plan": from}), &mut dice);
        let mut ask = |asked, plan: &str| {
            of_json(&noisy(&json!({"any": content, "plan": plan}), asked, &mut dice))
        };
        let found = difference(&ask(7, &from), &ask(8, &to), &noise).unwrap();
        prop_assert_eq!(found.place, "$.content.plan");
    }

    #[test]
    fn a_changed_number_is_found_in_the_noise(seed in 1_u64.., from in 0..500, by in 1..500) {
        let mut dice = Dice(seed);
        let [left, right] = in_turn(ROUNDS, |role, asked| {
            let price = from + if role == 1 { by } else { 0 };
            of_json(&noisy(&json!({"items": [{"price": price}]}), asked, &mut dice))
        });
        let found = reliably_differ(&left, &right).unwrap();
        prop_assert_eq!(found.place, "$.content.items[].price");
    }

    #[test]
    fn a_noisy_page_differs_from_itself_by_nothing_and_by_a_planted_line(
        lines in prop::collection::vec("[a-z]{1,9}", 0..9),
        seed in 1_u64..,
    ) {
        let mut dice = Dice(seed);
        let [left, right] = in_turn(ROUNDS, |_, asked| {
            of_html(&noisy_page(&lines, asked, &mut dice))
        });
        prop_assert_eq!(reliably_differ(&left, &right), None);
        let more: Vec<String> = lines.iter().cloned().chain(["Your plan".to_owned()]).collect();
        let [left, right] = in_turn(ROUNDS, |role, asked| {
            of_html(&noisy_page([&lines, &more][role], asked, &mut dice))
        });
        let found = reliably_differ(&left, &right).unwrap();
        prop_assert_eq!(found.place, "html > body > ul > li:text");
        prop_assert_eq!(found.right.as_deref(), Some("Your plan"));
    }

    #[test]
    fn any_bytes_make_a_print_that_equals_itself(
        body in prop::collection::vec(any::<u8>(), 0..600),
        markup in "[<>/a-c =\"'!&;\\-]{0,80}",
    ) {
        let mut answer = Response::of(200, &[], &markup);
        for body in [body, answer.body.clone()] {
            answer.body = body;
            let (one, two) = (Print::of(&answer, &[]), Print::of(&answer, &[]));
            prop_assert!(same(&one, &two, &Noise::default()));
            prop_assert_eq!(reliably_differ(&[one], &[two]), None);
        }
    }
}

#[test]
fn ab_layouts_differ_by_chance_as_rarely_as_the_formula_says() {
    let layouts = [
        of_html("<html><body><table><tr><td>one</table>"),
        of_html("<html><body><main><p>two</main>"),
    ];
    let mut dice = Dice(20);
    let mut false_alarms = |samples: usize| {
        let runs = 4000;
        let differing = (0..runs).filter(|_| {
            let [left, right] = in_turn(samples, |_, _| layouts[dice.roll(2)].clone());
            reliably_differ(&left, &right).is_some()
        });
        f64::from(u32::try_from(differing.count()).unwrap()) / f64::from(runs)
    };
    let three = false_alarms(3);
    assert!((three - false_chance(2, 3, 3)).abs() < 0.01, "{three}");
    let enough = false_alarms(samples_needed(2, 0.001));
    assert!(enough < 0.003, "{enough}");
}

#[test]
fn a_rotating_banner_in_its_place_differs_by_chance_more_rarely_than_a_layout() {
    let mut dice = Dice(21);
    for variants in [2, 3, 5] {
        let runs: u32 = 4000;
        let differing = (0..runs).filter(|_| {
            let [left, right] = in_turn(3, |_, _| {
                let banner = ["ash", "box", "elm", "fir", "oak"][dice.roll(variants)];
                of_html(&format!("<p>{banner}</p><h1>Shop</h1>"))
            });
            reliably_differ(&left, &right).is_some()
        });
        let rate = f64::from(u32::try_from(differing.count()).unwrap()) / f64::from(runs);
        let k = f64::from(u32::try_from(variants).unwrap());
        let formula = (k - 1.0) / k.powi(5);
        assert!(
            (rate - formula).abs() < 0.008,
            "{variants}: {rate} {formula}"
        );
    }
}

#[test]
fn hostile_answers_end_soon() {
    // A debug build takes twenty times as long per byte.
    const SIZE: usize = if cfg!(debug_assertions) {
        1 << 20
    } else {
        4 << 20
    };
    let fill = |unit: &str| unit.repeat(SIZE / unit.len());
    let mut attributes = String::from("<a ");
    let mut names = String::from("{");
    let mut quoted = String::from("<a ");
    for number in 0.. {
        if names.len() > SIZE {
            break;
        }
        let _ = write!(names, "\"n{number}x\":{number},");
        let _ = write!(attributes, "a{number} ");
        let _ = write!(quoted, "b{number}=\">\" ");
    }
    names.push_str("\"z\":0}");
    for (name, body) in [
        ("deep JSON", fill("[")),
        ("deep objects", fill("{\"a\":")),
        ("many names", names),
        ("many items", format!("[{}0]", fill("0,"))),
        ("deep elements", fill("<div>")),
        ("formatting", fill("<b a><i><p>")),
        ("unclosed", fill("<p><a href=x><table>")),
        ("end tags", fill("<a></b>")),
        ("attributes", attributes),
        ("quoted attributes", quoted),
        ("one tag", format!("<a {}", fill("\"' "))),
        ("comments", fill("<!--")),
        ("references", format!("<p>{}", fill("&amp"))),
        (
            "tags of many attributes",
            fill(&format!("<a {}>", fill("b ").split_at(9000).0)),
        ),
        ("echoes", fill("<p>ks7f3aqq0m8v2x5r9t1w4y6z</p>")),
        ("nested echoes", fill("<ul><li>ks7f3aqq0m8v2x5r9t1w4y6z")),
        ("one line", fill("x")),
        ("short lines", fill("a\n")),
        ("blanks", fill(" ")),
    ] {
        let start = Instant::now();
        let planted = ["ks7f3aqq0m8v2x5r9t1w4y6z".to_owned()];
        let print = Print::of(&Response::of(200, &[], &body), &planted);
        let made = start.elapsed();
        let noise = Noise::of(&[print.clone(), print.clone(), print.clone()]);
        assert!(same(&print, &print, &noise), "{name}");
        let group = [print.clone(), print];
        assert_eq!(reliably_differ(&group, &group), None, "{name}");
        let took = start.elapsed();
        eprintln!("{name}: {made:?}, {took:?}");
        // Debug builds on shared machines are slow; quadratic work takes hours.
        assert!(took < Duration::from_mins(1), "{name}: {took:?}");
    }
}
