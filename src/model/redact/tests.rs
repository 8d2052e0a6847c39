use super::*;
use crate::http::{Method, Request, Response};

fn headers(given: &[(&str, &str)]) -> Vec<(String, String)> {
    given
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect()
}

fn url(text: &str) -> Url {
    Url::parse(text).unwrap()
}

fn tester(given: &[(&str, &str)]) -> Redactor {
    Redactor::for_tester(&headers(given), &url("http://h/"))
}

#[test]
fn a_credential_is_masked_under_every_disguise() {
    let secret = "p/w d\"&'<é>+=Q7";
    let redactor = Redactor::new(vec![secret.to_owned()]);
    for form in [
        "p/w d\"&'<é>+=Q7",
        "p%2Fw%20d%22%26%27%3C%C3%A9%3E%2B%3DQ7",
        "p%2fw%20d%22%26%27%3c%c3%a9%3e%2b%3dQ7",
        "p%2Fw+d%22%26%27%3C%C3%A9%3E%2B%3DQ7",
        "p/w%20d%22&%27%3C%C3%A9%3E+=Q7",
        "cC93IGQiJic8w6k+Kz1RNw==",
        "cC93IGQiJic8w6k-Kz1RNw",
        "p/w d\\\"&'<é>+=Q7",
        "p/w d\\u0022\\u0026\\u0027\\u003cé\\u003e+=Q7",
        "p%252Fw%2520d%2522%2526%2527%253C%25C3%25A9%253E%252B%253DQ7",
        "&#112;&#x2f;w d&quot;&amp;amp;&#39;&lt;é&gt;+=Q7",
        "p\\/w d\\\"&'<é>+=Q7",
        "p/w d\\\"&'<\\u00e9>+=Q7",
        "p/w d&#34;&amp;&#39;&lt;é&gt;+=Q7",
        "p/w d&quot;&amp;&#x27;&lt;é&gt;+=Q7",
        "P/W D\"&'<é>+=q7",
    ] {
        let masked = redactor.text(&format!("before {form} after"));
        assert!(
            masked == "before [masked credential] after" || masked == "before $KEYSPILL_AUTH after",
            "{form}: {masked}"
        );
    }
}

#[test]
fn a_credential_is_masked_in_hexadecimal_backwards_and_as_a_digest() {
    let redactor = Redactor::new(vec!["hunter2-hunter2".to_owned()]);
    for form in [
        "68756E746572322d68756e74657232",
        "2retnuh-2retnuh",
        "84ca44583745ccf15b7bf24814907969c6afa3e380daf3bbe35a353fe192dace",
    ] {
        let masked = redactor.text(&format!("before {form} after"));
        assert_eq!(masked, "before [masked credential] after", "{form}");
    }
}

#[test]
fn a_token_inside_base64_of_something_longer_is_masked() {
    let redactor = Redactor::new(vec!["s3cr3t-token-of-mine".to_owned()]);
    for before in ["", "a", "ab", "abc", "{\"token\": \""] {
        let hidden = STANDARD.encode(format!("{before}s3cr3t-token-of-mine\"}}"));
        let masked = redactor.text(&hidden);
        assert!(masked.contains("[masked credential]"), "{hidden}: {masked}");
        let left = masked.replace("[masked credential]", "");
        assert!(!hidden.contains(&left) || left.len() < hidden.len() - 20);
    }
}

#[test]
fn what_follows_a_secret_may_look_like_an_escape_of_another_kind() {
    let redactor = Redactor::new(vec!["ab\\cd%".to_owned()]);
    assert_eq!(
        redactor.text("{\"k\": \"ab\\\\cd%aa\"}"),
        "{\"k\": \"[masked credential]aa\"}"
    );
}

#[test]
fn the_token_of_a_bearer_header_and_the_password_of_a_basic_one_are_secrets_too() {
    let bearer = tester(&[("Authorization", "Bearer tok-4711-xyz")]);
    assert_eq!(
        bearer.text("you sent Bearer tok-4711-xyz; token tok-4711-xyz"),
        "you sent $KEYSPILL_AUTH; token [masked credential]"
    );
    let basic = tester(&[("authorization", "Basic YW5uYTpodW50ZXIy")]);
    assert_eq!(
        basic.text("YW5uYTpodW50ZXIy is anna:hunter2, hunter2"),
        "[masked credential] is [masked credential], [masked credential]"
    );
}

#[test]
fn userinfo_and_query_of_the_base_url_are_secrets() {
    let base = url("http://anna:p%40ss-word@h/app?api_key=k%2F123456&page=2");
    let redactor = Redactor::for_tester(&[], &base);
    assert_eq!(redactor.text("p@ss-word"), "[masked credential]");
    assert_eq!(redactor.text("p%40ss-word"), "[masked credential]");
    assert_eq!(redactor.text("anna:p@ss-word"), "[masked credential]");
    assert_eq!(redactor.text("YW5uYTpwQHNzLXdvcmQ="), "[masked credential]");
    assert_eq!(redactor.text("k/123456"), "[masked credential]");
    assert_eq!(
        redactor.text("api_key=k%2F123456"),
        "api_key=$KEYSPILL_AUTH_2"
    );
    assert_eq!(redactor.text("anna, page 2"), "anna, page 2");
}

#[test]
fn cookies_are_secrets_one_by_one() {
    let redactor = tester(&[("Cookie", "session=eyJhbGciOi.x; lang=en; theme=dark")]);
    assert_eq!(
        redactor.text("eyJhbGciOi.x en dark"),
        "[masked credential] en dark"
    );
}

#[test]
fn harmless_headers_are_no_secrets() {
    let redactor = tester(&[
        ("Accept", "application/json"),
        ("User-Agent", "Mozilla/5.0"),
        ("X-Env", "test"),
    ]);
    assert_eq!(
        redactor.text("application/json Mozilla/5.0 test"),
        "application/json Mozilla/5.0 test"
    );
    let text = redactor.request_text(&Request::get(url("http://h/")));
    assert!(text.contains("Accept: application/json\n"), "{text}");
    assert!(text.contains("X-Env: $KEYSPILL_AUTH\n"), "{text}");
}

#[test]
fn the_order_in_which_secrets_are_learnt_does_not_matter() {
    let (long, short) = ("mongodb://app:w8-Fj2kq@db/", "w8-Fj2kq");
    let mut one = Redactor::default();
    one.learn(long);
    one.learn(short);
    let mut other = Redactor::default();
    other.learn(short);
    other.learn(long);
    let text = format!("{long} and {short}, MONGO_URI={long}x");
    assert_eq!(one.text(&text), other.text(&text));
    assert!(!one.text(&text).contains(short));
    assert!(one.text(&text).starts_with("mong…[26 chars, sha256 "));
}

#[test]
fn a_mask_shows_first_characters_length_and_digest() {
    // printf %s 'mongodb://app:secret@db:27017/x' | sha256sum
    assert_eq!(
        mask_secret("mongodb://app:secret@db:27017/x"),
        "mong…[31 chars, sha256 55e9803a]"
    );
    assert!(mask_secret("abcdefgh").starts_with("ab…[8 chars, sha256 "));
    assert!(mask_secret("abc").starts_with("…[3 chars, sha256 "));
    assert!(mask_secret("schlüssel-schlüssel").starts_with("schl…[19 chars"));
}

#[test]
fn an_everyday_word_is_masked_only_where_it_is_a_value() {
    let mut redactor = Redactor::default();
    redactor.learn("admin");
    let masked = redactor.text("/admin/x PASSWORD=admin {\"password\": \"admin\"} admin");
    assert!(masked.starts_with("/admin/x PASSWORD=a…["), "{masked}");
    assert!(masked.ends_with("\"} admin"), "{masked}");
    assert_eq!(masked.matches("sha256").count(), 2, "{masked}");
}

#[test]
fn a_short_secret_is_masked_as_an_item_of_a_list() {
    let mut redactor = Redactor::default();
    redactor.learn_all(&["tulip7", "rose12"]);
    for text in [
        r#"{"passwords": ["tulip7","rose12"]}"#,
        "['tulip7', 'rose12']",
    ] {
        let masked = redactor.text(text);
        assert!(
            !masked.contains("tulip7") && !masked.contains("rose12"),
            "{masked}"
        );
    }
    assert_eq!(
        redactor.text("roses, tulip7 and more"),
        "roses, tulip7 and more"
    );
}

#[test]
fn a_canary_stays_visible_beside_a_masked_secret() {
    let mut redactor = tester(&[("X-API-Key", "the-tester-own-key")]);
    redactor.learn("postgres://u:p4ssw0rd@db");
    let masked = redactor.text("k=ks7f3aq0w9 key=the-tester-own-key db=postgres://u:p4ssw0rd@db");
    assert!(masked.starts_with("k=ks7f3aq0w9 key=$KEYSPILL_AUTH db=post…["));
}

#[test]
fn a_request_is_shown_as_sent_with_the_testers_headers_as_variables() {
    let redactor = tester(&[
        ("Authorization", "Bearer tok-4711-xyz"),
        ("Cookie", "session=abcdefgh"),
        ("X-Trace", "on"),
    ]);
    let mut request = Request::new(Method::Post, url("http://h:5000/keys?a=b"))
        .with_header("Content-Type", "text/plain")
        .with_header("Cookie", "k=canary");
    request.body = b"tok-4711-xyz \xff".to_vec();
    assert_eq!(
        redactor.request_text(&request),
        "POST /keys?a=b HTTP/1.1\nHost: h:5000\nContent-Type: text/plain\n\
         Cookie: $KEYSPILL_COOKIE; k=canary\nAuthorization: $KEYSPILL_AUTH\n\
         X-Trace: $KEYSPILL_AUTH_2\n\n[masked credential] \u{fffd}"
    );
}

#[test]
fn a_header_already_added_by_the_client_is_not_shown_twice() {
    let redactor = tester(&[
        ("Authorization", "Bearer tok-4711-xyz"),
        ("Cookie", "session=abcdefgh"),
    ]);
    let request = Request::get(url("http://h/"))
        .with_header("Authorization", "Bearer tok-4711-xyz")
        .with_header("Cookie", "session=abcdefgh; k=canary");
    assert_eq!(
        redactor.request_text(&request),
        "GET / HTTP/1.1\nHost: h\nAuthorization: $KEYSPILL_AUTH\nCookie: $KEYSPILL_COOKIE; k=canary\n"
    );
}

#[test]
fn an_answer_is_cut_around_the_evidence() {
    let body = format!("{}CANARY{}", "a".repeat(500), "b".repeat(500));
    let response = Response::of(500, &[("X-A", "1")], &body);
    let text = Redactor::default().response_text(&response, &[], Some(500..506), 26);
    assert_eq!(text, "HTTP/1.1 500\nx-a: 1\n\n…aaaaaaaaaaCANARYbbbbbbbbbb…");
    let whole = Redactor::default().response_text(&response, &[], Some(500..506), 5000);
    assert!(whole.ends_with(&body));
}

#[test]
fn room_that_one_side_does_not_need_goes_to_the_other() {
    let redactor = Redactor::default();
    assert_eq!(
        redactor.excerpt(b"KEYbbbbbbbbbb", Some(0..3), 7),
        "KEYbbbb…"
    );
    assert_eq!(
        redactor.excerpt(b"aaaaaaaaaaKEY", Some(10..13), 7),
        "…aaaaKEY"
    );
    assert_eq!(redactor.excerpt(b"abcdef", None, 3), "abc…");
    assert_eq!(redactor.excerpt(b"abcKEYdef", Some(3..6), 1), "…KEY…");
    assert_eq!(redactor.excerpt(b"abc", Some(10..20), 5), "abc");
    assert_eq!(redactor.excerpt(b"", None, 5), "");
}

#[test]
fn no_cut_goes_through_a_character_or_a_secret() {
    let redactor = Redactor::new(vec!["0123456789abcdef".to_owned()]);
    for limit in 0..40 {
        let body = "éé 0123456789abcdef KEY 0123456789abcdef éééé".as_bytes();
        let cut = redactor.excerpt(body, Some(22..25), limit);
        assert!(cut.contains("KEY"), "{cut}");
        assert!(!cut.contains('\u{fffd}'), "{limit}: {cut}");
        for half in ["0123", "cdef"] {
            assert!(!cut.contains(half), "{limit}: {cut}");
        }
    }
}

#[test]
fn a_secret_far_inside_a_large_body_is_masked_where_it_is_shown() {
    let redactor = Redactor::new(vec!["0123456789abcdef".to_owned()]);
    let mut body = "é".repeat(200_000);
    let at = body.len();
    body.push_str("KEY 0123456789abcdef");
    body.push_str(&"z".repeat(200_000));
    let cut = redactor.excerpt(body.as_bytes(), Some(at..at + 3), 13);
    assert_eq!(cut, "…ééé".to_owned() + "KEY $KEYSPILL_AUTH…");
}

#[test]
fn debug_output_shows_no_secret() {
    let redactor = tester(&[("Authorization", "Bearer tok-4711-xyz")]);
    assert!(!format!("{redactor:?}").contains("4711"));
}

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig::with_cases(100))]

    #[test]
    fn no_secret_comes_through_any_usual_encoding(
        secret in "[!-~é鍵]{1,3}[ -~é鍵]{4,40}[!-~é鍵]",
        before in "[a-z{\"': =]{0,7}",
        after in "[a-z}\"' ]{0,7}",
    ) {
        let redactor = Redactor::new(vec![secret.clone()]);
        let form: String = url::form_urlencoded::byte_serialize(secret.as_bytes()).collect();
        let json = serde_json::to_string(&secret).unwrap();
        let mut query = url("http://h/");
        query.query_pairs_mut().append_pair("k", &secret);
        for encoded in [
            secret.clone(),
            form,
            json[1..json.len() - 1].to_owned(),
            STANDARD.encode(&secret),
            query.query().unwrap()[2..].to_owned(),
        ] {
            let masked = redactor.text(&format!("{before}{encoded}{after}"));
            let clean = masked.replace("[masked credential]", "").replace("$KEYSPILL_AUTH", "");
            proptest::prop_assert!(!clean.contains(&encoded), "{}", masked);
        }
    }
}

#[test]
fn what_cannot_be_searched_is_left_out() {
    let mut redactor = Redactor::new(vec!["s3cret-s3cret".to_owned()]);
    redactor.blind = true;
    for text in [
        redactor.text("a s3cret-s3cret b"),
        redactor.name("/keys"),
        redactor.excerpt(b"plain", None, 100),
    ] {
        assert_eq!(text, LEFT_OUT);
    }
}

#[test]
fn short_credentials_are_counted() {
    let base = Url::parse("http://ann:pw-1@h/").unwrap();
    let headers = [
        ("Authorization", "Bearer tok"),
        ("Cookie", "session=abc; theme=x"),
        ("X-Env", "dev"),
        ("X-Api-Key", "long-enough-key"),
    ]
    .map(|(name, value)| (name.to_owned(), value.to_owned()));
    let secrets = ["k".to_owned(), "long-enough".to_owned()];
    assert_eq!(short_credentials(&headers, &base, &secrets), 4);
    assert_eq!(
        short_credentials(&[], &Url::parse("http://h/").unwrap(), &[]),
        0
    );
}

#[test]
fn a_secret_that_was_cut_is_masked_where_it_begins() {
    let redactor = Redactor::new(vec!["sk-0123456789abcdefghij".to_owned()]);
    let quoted = redactor.text("it says 403 \u{201c}who are you, sk-0123456789abc\u{2026}\u{201d}");
    assert!(!quoted.contains("0123"), "{quoted}");
    assert!(quoted.contains("who are you, "), "{quoted}");
    // Too little of the secret to be recognised, and a text that continues.
    for text in [
        "it is sk-01\u{2026}",
        "see sk-0123456789abc, and more\u{2026}",
    ] {
        assert_eq!(redactor.text(text), text);
    }
}
