//! Tests with nasty pages.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::*;
use crate::http::Response;

const KEY: &str = "ks7f3aqq0m8v2x5r9t1w4y6z";
const OTHER: &str = "ks7f3amm1n9b3v7c2x8z5q0w";

fn page(body: &str) -> Print {
    sent(body, &[])
}

fn sent(body: &str, planted: &[&str]) -> Print {
    answer(200, &[], body, planted)
}

fn answer(status: u16, headers: &[(&str, &str)], body: &str, planted: &[&str]) -> Print {
    let planted: Vec<String> = planted.iter().map(|text| (*text).to_owned()).collect();
    Print::of(&Response::of(status, headers, body), &planted)
}

fn pages(bodies: &[&str]) -> Vec<Print> {
    bodies.iter().map(|body| page(body)).collect()
}

fn found(left: &[Print], right: &[Print]) -> Option<String> {
    reliably_differ(left, right).map(|difference| difference.place)
}

mod two_answers {
    use super::*;

    fn alike(left: &str, right: &str) -> bool {
        same(&page(left), &page(right), &Noise::default())
    }

    #[test]
    fn times_tokens_and_counters_are_the_same() {
        assert!(alike(
            "<p>12:30:01 visit 7 id 65a1b2c3d4e5f60718293a4b</p>",
            "<p>12:31:59 visit 8 id 65a1b2c3d4e5f60718293a4c</p>"
        ));
        assert!(alike(
            r#"{"id": "3f2504e0-4f89-11d3-9a0c-0305e82c3301", "n": 1}"#,
            r#"{"id": "9b2504e0-4f89-41d3-9a0c-0305e82c3302", "n": 22}"#
        ));
    }

    #[test]
    fn shuffled_lists_and_fields_are_the_same() {
        assert!(alike(
            r#"{"a": [{"x": "one"}, {"x": "two"}], "b": true}"#,
            r#"{"b": true, "a": [{"x": "two"}, {"x": "one"}]}"#
        ));
        assert!(alike(
            "<ul><li>pears<li>apples</ul>",
            "<ul><li>apples<li>pears</ul>"
        ));
        assert!(alike("one\ntwo\n", "two\r\n  one"));
    }

    #[test]
    fn a_missing_kind_of_item_is_not_the_same() {
        let list = page(r#"[{"a": "x", "b": "y"}, {"a": "x"}]"#);
        let short = page(r#"[{"a": "x", "b": "y"}]"#);
        let difference = difference(&list, &short, &Noise::default()).unwrap();
        assert_eq!(difference.place, "$[]");
        assert_eq!(difference.left.as_deref(), Some("{a}"));
    }

    #[test]
    fn a_session_that_only_keeps_what_was_sent_says_no_more_than_an_echo() {
        let plain = answer(302, &[("location", "/")], "", &[]);
        let with = |payload: &str| {
            let packed = URL_SAFE_NO_PAD.encode(payload);
            let cookie = format!("session={packed}.aS9-eA.ZoVzTq7iVvWmQn0bJmUj1mVqk4E; Path=/");
            let headers = [("location", "/"), ("set-cookie", &cookie)];
            answer(302, &headers, "", &[KEY])
        };
        let alike = |payload: &str| same(&plain, &with(payload), &Noise::default());
        assert!(alike(&format!(r#"{{"last":"{KEY}"}}"#)));
        assert!(!alike(r#"{"user":"kim"}"#));
        // Three letters that were sent appear in any token.
        let cookie = [("set-cookie", "session=x9uidQ0pinZz")];
        let named = answer(200, &cookie, "", &["uid", "pin"]);
        assert!(!same(&answer(200, &[], "", &[]), &named, &Noise::default()));
    }

    #[test]
    fn another_status_type_header_or_cookie_is_not_the_same() {
        let plain = answer(200, &[], "x", &[]);
        let place = |status, headers: &[(&str, &str)]| {
            let other = answer(status, headers, "x", &[]);
            difference(&plain, &other, &Noise::default()).map(|d| d.place)
        };
        assert_eq!(place(201, &[]).as_deref(), Some("status"));
        assert_eq!(
            place(200, &[("content-type", "text/plain")]).as_deref(),
            Some("header content-type")
        );
        assert_eq!(
            place(200, &[("set-cookie", "session=abc; Path=/")]).as_deref(),
            Some("header set-cookie")
        );
        assert_eq!(
            place(200, &[("www-authenticate", "Basic realm=\"x\"")]).as_deref(),
            Some("header www-authenticate")
        );
        assert_eq!(place(200, &[("date", "now"), ("x-request-id", "y")]), None);
    }

    #[test]
    fn a_redirect_is_its_page_and_parameters() {
        let to = |location: &str| answer(302, &[("location", location)], "", &[KEY]);
        let none = Noise::default();
        let plain = to("/login?next=%2Fhome&v=1");
        assert!(same(&plain, &to("/login?v=2&next=%2Fhome"), &none));
        assert!(same(
            &plain,
            &to(&format!("/login?next=%2Fk%3D{KEY}&v=1")),
            &none
        ));
        assert!(!same(&plain, &to("/home"), &none));
    }

    #[test]
    fn a_number_counts_where_three_controls_agree_on_it() {
        let priced = |price: &str| page(&format!(r#"{{"items": [{{"price": {price}}}]}}"#));
        assert!(same(&priced("10"), &priced("12"), &Noise::default()));
        let noise = Noise::of(&[priced("10"), priced("10"), priced("10")]);
        let difference = difference(&priced("10"), &priced("12"), &noise).unwrap();
        assert_eq!(
            difference.to_string(),
            "differs in `$.items[].price`, stable otherwise"
        );
        assert_eq!(difference.left.as_deref(), Some("10"));
        assert_eq!(difference.right.as_deref(), Some("12"));
    }

    #[test]
    fn a_clock_that_stood_still_in_the_controls_does_not_count() {
        let at = |time: &str| page(&format!(r#"{{"at": "{time}", "epoch": 1700000000}}"#));
        let noise = Noise::of(&[at("12:00"), at("12:00"), at("12:00")]);
        assert!(same(&at("12:00"), &at("12:01"), &noise));
    }

    #[test]
    fn a_rotating_line_is_learnt_and_its_neighbours_still_count() {
        let with = |banner: &str, line: &str| page(&format!("<p>{banner}</p><p>{line}</p>"));
        let noise = Noise::of(&[with("apples", "fixed"), with("pears", "fixed")]);
        assert!(same(
            &with("apples", "fixed"),
            &with("plums", "fixed"),
            &noise
        ));
        assert!(!same(
            &with("apples", "fixed"),
            &with("apples", "moved"),
            &noise
        ));
        assert!(!same(
            &with("apples", "fixed"),
            &page("<p>apples</p>"),
            &noise
        ));
    }

    #[test]
    fn a_volatile_field_that_is_gone_is_not_the_same() {
        let noise = Noise::of(&pages(&[
            r#"{"t": "abc", "a": 1}"#,
            r#"{"t": "xyz", "a": 1}"#,
        ]));
        let full = page(r#"{"t": "uvw", "a": 1}"#);
        assert!(same(&full, &page(r#"{"t": "rst", "a": 1}"#), &noise));
        assert!(!same(&full, &page(r#"{"a": 1}"#), &noise));
        assert!(!same(&full, &page(r#"{"t": null, "a": 1}"#), &noise));
    }

    #[test]
    fn an_object_whose_names_are_values_may_hold_new_ones() {
        let users = |names: [&str; 3]| {
            let fields = names.map(|name| format!(r#""{name}": {{"role": "user"}}"#));
            page(&format!(
                r#"{{"users": {{{}}}, "ok": true}}"#,
                fields.join(", ")
            ))
        };
        let noise = Noise::of(&[users(["ann", "bob", "eve"]), users(["jim", "kim", "eve"])]);
        assert!(same(
            &users(["ann", "bob", "eve"]),
            &users(["zoe", "pat", "eve"]),
            &noise
        ));
        let other = page(r#"{"users": {"eve": {"role": "user"}}, "ok": true, "secret": "x"}"#);
        assert!(!same(&users(["ann", "bob", "eve"]), &other, &noise));
    }

    #[test]
    fn an_object_of_which_no_two_controls_share_a_name_may_hold_new_ones() {
        let traced = |name: &str| page(&format!(r#"{{"trace": {{"{name}": 1}}, "open": true}}"#));
        let noise = Noise::of(&[traced("aaxy"), traced("bbxy")]);
        assert!(same(&traced("aaxy"), &traced("ccxy"), &noise));
        let noise = Noise::of(&[traced("aaxy"), traced("aaxy")]);
        assert!(!same(&traced("aaxy"), &traced("ccxy"), &noise));
    }

    #[test]
    fn two_layouts_chosen_at_random_are_the_same_once_both_are_known() {
        let old = "<html><body><table><tr><td>Balance<td>high</table></body></html>";
        let new = "<html><body><main><section><h1>Your balance</h1><b>high</b></section></main>";
        let noise = Noise::of(&pages(&[old, new, old]));
        assert_eq!(noise.variants.len(), 2);
        assert!(same(&page(old), &page(new), &noise));
        let denied = new.replace("high", "denied");
        assert!(!same(&page(old), &page(&denied), &noise));
    }

    #[test]
    fn answers_that_echo_different_keys_are_the_same_and_verdicts_on_them_are_not() {
        let none = Noise::default();
        let say = |key: &str, verdict: &str| {
            sent(&format!(r#"{{"message": "Key {key} {verdict}"}}"#), &[key])
        };
        assert!(same(&say(KEY, "taken"), &say(OTHER, "taken"), &none));
        assert!(!same(&say(KEY, "taken"), &say(OTHER, "unknown"), &none));
    }
}

mod groups {
    use super::*;

    #[test]
    fn only_what_all_of_one_and_none_of_the_other_show_makes_them_differ() {
        let absent = pages(&["a\nbanner one", "a\nbanner two"]);
        assert_eq!(
            found(&absent, &pages(&["a\nbanner one", "a\nbanner three"])),
            None
        );
        let more = pages(&["a\nb\nbanner one", "a\nb\nbanner three"]);
        assert_eq!(found(&absent, &more).as_deref(), Some("line"));
    }

    #[test]
    fn a_field_or_line_that_only_echoes_makes_no_difference() {
        for (absent, present) in [
            (r#"{"holder": "nobody"}"#, r#"{"holder": "KEY"}"#),
            (r#"{"holder": null}"#, r#"{"holder": "KEY"}"#),
            (r#"{"args": {}}"#, r#"{"args": {"key": "KEY"}}"#),
            (r#"{"a": 1}"#, r#"{"a": 1, "key": "ks7f3aqq***"}"#),
            (r#"{"a": 1}"#, r#"{"a": 1, "sent": ["KEY"], "KEY": true}"#),
            (r#"{"l": ["none"]}"#, r#"{"l": ["KEY"]}"#),
            (
                r#"[{"k": "x"}]"#,
                r#"[{"k": "x"}, {"k": "KEY", "n": "KEY!"}]"#,
            ),
            (
                "<p>Hi nobody</p><p>x</p>",
                "<p>Hi <b class=me>KEY</b></p><p>x</p>",
            ),
            (
                "<p>x</p>",
                "<p>x</p><div class=r><p>Results for KEY</p></div>",
            ),
            (
                "<input name=q value='' class=a>",
                "<input name=q value=KEY class=a>",
            ),
            ("<p>x</p>", "<p>x</p><input type=hidden name=key value=KEY>"),
            ("<a href=/n>Next</a>", "<a href='/n?key=KEY'>Next</a>"),
            ("<p>x</p>", "<p>x</p><!-- key=KEY -->"),
            ("hello nobody\nbye", "hello KEY\nbye"),
        ] {
            let left = pages(&[absent, absent, absent]);
            let body = present.replace("KEY", KEY);
            let right = [(); 3].map(|()| sent(&body, &[KEY]));
            assert_eq!(found(&left, &right), None, "{absent} {present}");
        }
    }

    #[test]
    fn what_comes_beside_an_echo_makes_a_difference() {
        for (absent, present, place) in [
            (r#"{"k": null}"#, r#"{"k": "KEY", "plan": "pro"}"#, "$.plan"),
            (
                "<p>Hi nobody</p>",
                "<p>Hi KEY</p><p>Plan: pro</p>",
                "p:text",
            ),
            ("hi nobody", "hi KEY\nplan: pro", "line"),
            (r#"{"n": 10}"#, r#"{"n": 1000}"#, "$.n"),
            (r#"{"l": [1, 2, 3]}"#, r#"{"l": []}"#, "$.l[]"),
            (r#"{"f": true}"#, r#"{"f": false}"#, "$.f"),
        ] {
            let left = pages(&[absent, absent, absent]);
            let body = present.replace("KEY", KEY);
            let right = [(); 3].map(|()| sent(&body, &[KEY]));
            assert_eq!(found(&left, &right).as_deref(), Some(place), "{present}");
        }
    }

    #[test]
    fn the_status_is_named_first_and_the_rest_is_counted() {
        let left = [(); 2].map(|()| answer(400, &[], r#"{"error": "key required"}"#, &[]));
        let right = [(); 2].map(|()| answer(200, &[], r#"{"ok": true}"#, &[]));
        let difference = reliably_differ(&left, &right).unwrap();
        assert_eq!(difference.place, "status");
        assert_eq!(difference.left.as_deref(), Some("400"));
        assert_eq!(difference.right.as_deref(), Some("200"));
        assert_eq!(difference.others, 2);
    }

    #[test]
    fn counters_and_clocks_asked_in_turn_make_no_difference() {
        for step in [1, 2, 3, 5, 9] {
            let mut groups = [Vec::new(), Vec::new()];
            let mut asked = 0;
            for round in 0..3 {
                for role in turn(2, round) {
                    asked += 1;
                    let body = format!(r#"{{"visits": {asked}, "minute": {}}}"#, asked / step);
                    groups[role].push(page(&body));
                }
            }
            assert_eq!(found(&groups[0], &groups[1]), None, "{step}");
        }
    }

    #[test]
    fn pages_given_in_turn_make_no_difference() {
        for period in 2..7 {
            let mut groups = [Vec::new(), Vec::new()];
            for (asked, role) in (0..3).flat_map(|round| turn(2, round)).enumerate() {
                let name = char::from(b'a' + u8::try_from(asked % period).unwrap());
                groups[role].push(page(&format!("<{name}>layout</{name}><p>{name}</p>")));
            }
            assert_eq!(found(&groups[0], &groups[1]), None, "{period}");
        }
    }

    #[test]
    fn a_banner_stuck_in_one_group_and_rotating_in_the_other_makes_no_difference() {
        let stuck = pages(&["<p>a</p><p>x</p>"; 3]);
        let turning = pages(&["<p>b</p><p>x</p>", "<p>c</p><p>x</p>", "<p>b</p><p>x</p>"]);
        assert_eq!(found(&stuck, &turning), None);
        // A line that appears along with it is one more than the banner explains.
        let more = pages(&["<p>a</p><p>Welcome</p>"; 3]);
        assert_eq!(found(&more, &turning).as_deref(), Some("p:text"));
    }

    #[test]
    fn an_answer_that_fails_now_and_then_makes_no_difference() {
        let ok = || answer(200, &[], "fine", &[]);
        let busy = || answer(503, &[], "busy", &[]);
        assert_eq!(found(&[ok(), ok(), ok()], &[ok(), busy(), ok()]), None);
    }

    #[test]
    fn groups_are_alike_where_a_box_comes_now_and_then_and_not_where_a_value_tells_them_apart() {
        let boxed = |has: bool, word: &str| {
            let aside = if has { "<aside>offer</aside>" } else { "" };
            page(&format!("<h1>Door</h1>{aside}<p>{word}</p>"))
        };
        let one = [false, false, false, true].map(|has| boxed(has, "open"));
        let other = [false, true, false, false].map(|has| boxed(has, "open"));
        assert!(alike(&one, &other));
        let shut = [false, true, false, false].map(|has| boxed(has, "shut"));
        assert!(!alike(&one, &shut));
        assert!(!alike(&one, &[answer(403, &[], "", &[])]));
        assert!(!alike(&one, &[]));
    }

    #[test]
    fn an_empty_group_differs_from_nothing() {
        assert_eq!(found(&[], &pages(&["x"])), None);
        assert_eq!(found(&pages(&["x"]), &[]), None);
    }
}
