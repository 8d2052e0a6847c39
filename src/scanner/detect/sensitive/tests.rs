use super::*;

fn request(method: Method, path: &str, body: &str) -> Request {
    let url = url::Url::parse("http://127.0.0.1:5000")
        .unwrap()
        .join(path)
        .unwrap();
    let mut request = Request::new(method, url);
    request.body = body.as_bytes().to_vec();
    request
}

fn seen(request: &Request, status: u16, body: &str) -> Vec<String> {
    seen_as("application/json", request, status, body)
}

fn looked(request: &Request, answer: &Response, is_ours: &dyn Fn(&str) -> bool) -> Vec<ShownField> {
    let records = Records::of(request.url.path(), answer);
    sensitive(
        (request, answer),
        &records,
        &Credentials::default(),
        is_ours,
    )
}

fn seen_as(media: &str, request: &Request, status: u16, body: &str) -> Vec<String> {
    let answer = Response::of(status, &[("content-type", media)], body);
    looked(request, &answer, &|_| false)
        .into_iter()
        .map(|shown| format!("{} {}", shown.class, shown.field))
        .collect()
}

fn read(body: &str) -> Vec<String> {
    seen(&request(Method::Get, "/partners", ""), 200, body)
}

#[test]
fn records_that_show_secrets_are_seen() {
    for (body, expected) in [
        (
            r#"[{"_id": {"$oid": "665f1f77bcf86cd799439011"}, "password": "hunter2"}]"#,
            "password [].password",
        ),
        (
            r#"{"user": {"username": "ada", "password_hash": "$2b$12$Nw0m1xk9Q4T8s7uHkLm3Pq"}}"#,
            "password user.password_hash",
        ),
        (
            r#"{"username": "ada", "pwd": "5f4dcc3b5aa765d61d8327deb882cf99"}"#,
            "password pwd",
        ),
        (
            r#"{"items": [{"name": "Ada", "password": "tulip"}, {"name": "Bo", "password": "rose7"}]}"#,
            "password items[].password",
        ),
        (
            r#"{"partner": "Ada", "api_key": "vT9rQ2mLx7KdWc4"}"#,
            "secret api_key",
        ),
        (
            r#"{"id": 3, "partner": "Ada", "api_key": "demo-partner-key-001"}"#,
            "secret api_key",
        ),
        (
            r#"{"items": [{"id": 1, "key": "k8s2hf7ak2jd9sl4x"}]}"#,
            "secret items[].key",
        ),
        (
            r#"{"id": 1, "name": "Ada", "key_hash": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"}"#,
            "secret key_hash",
        ),
        (
            r#"{"id": 1, "backup_codes": ["x8f3-c1dk-3y9a", "k2jd-9sl4-vT9r"]}"#,
            "secret backup_codes",
        ),
    ] {
        assert_eq!(read(body), [expected], "{body}");
    }
}

#[test]
fn records_are_seen_in_whatever_they_are_written() {
    for (media, body, expected) in [
        (
            "text/html",
            "<table><tr><th>Name<th>Password hash<tr><td>Ada<td>$2b$12$Nw0m1xk9Q4T8s7uHkLm3Pq</table>",
            "password table[].password_hash",
        ),
        (
            "text/html",
            "<table><tr><th>E-mail<th>Password<tr><td>ada@desk.example<td>tulip</table>",
            "password table[].Password",
        ),
        (
            "text/html; charset=utf-8",
            "<table><tr><th>Partner</th><td>Ada</td></tr><tr><th>API key</th><td>vT9rQ2mLx7KdWc4</td></tr></table>",
            "secret table.api_key",
        ),
        (
            "text/html",
            "<dl><dt>Partner<dd>Ada<dt>Client secret<dd><code>vT9rQ2mLx7KdWc4</code></dl>",
            "secret dl.client_secret",
        ),
        (
            "text/html",
            "<form><input name=smtp_host value=mail><input type=hidden name=smtp_password value=vT9rQ2mLx7></form>",
            "password inputs.smtp_password",
        ),
        (
            "text/html",
            "<form><input name=email value=ada@desk.example><input type=password name=password value=tulip></form>",
            "password inputs.password",
        ),
        (
            "text/html",
            "<script type=application/json>{\"partners\": [{\"id\": 1, \"api_key\": \"vT9rQ2mLx7KdWc4\"}]}</script>",
            "secret script.partners[].api_key",
        ),
        (
            "text/html",
            "<script>window.desk = {\"hook\": {\"signing_secret\": \"vT9rQ2mLx7KdWc4\"}};</script>",
            "secret script.hook.signing_secret",
        ),
        (
            "text/csv",
            "name,api_key\nAda,vT9rQ2mLx7KdWc4\nBo,k8s2hf7ak2jd9sl4\n",
            "secret [].api_key",
        ),
        (
            "text/tab-separated-values",
            "email\tpassword\nada@desk.example\ttulip\n",
            "password [].password",
        ),
        (
            "application/xml",
            "<staff><m><email>ada@desk.example</email><apiKey>vT9rQ2mLx7KdWc4</apiKey></m></staff>",
            "secret staff.m.apiKey",
        ),
        (
            "text/xml",
            "<staff><m id=\"7\" password=\"x8f3c1dk3y\"/><m id=\"8\"/></staff>",
            "password staff.m[].password",
        ),
        (
            "application/yaml",
            "staff:\n  - email: ada@desk.example\n    api_key: vT9rQ2mLx7KdWc4\n",
            "secret staff[].api_key",
        ),
        (
            "text/html",
            "[{'_id': ObjectId('665f1f77bcf86cd799439011'), 'password': 'hunter2'}]",
            "password [].password",
        ),
        (
            "text/html; charset=utf-8",
            r#"{"id": 3, "api_key": "vT9rQ2mLx7KdWc4"}"#,
            "secret api_key",
        ),
        (
            "text/html",
            "<pre>[{&#34;id&#34;: 3, &#34;api_key&#34;: &#34;vT9rQ2mLx7KdWc4&#34;}]</pre>",
            "secret [].api_key",
        ),
        (
            "text/plain",
            "id: 3\nusername: ada\npassword: tulip7x\n",
            "password password",
        ),
        (
            "text/html",
            "<h2>API keys</h2><div class=card><h3>Ada</h3><code>vT9rQ2mLx7KdWc4</code></div>",
            "secret cards[].api_keys",
        ),
    ] {
        let get = request(Method::Get, "/partners", "");
        assert_eq!(seen_as(media, &get, 200, body), [expected], "{body}");
    }
}

#[test]
fn a_secret_is_shown_where_it_stands() {
    let page = "<title>tulip</title><table data-x=tulip><tr><th>E-mail<th>Password\
        <tr><td>ada@desk.example<td>tulip</table>";
    let answer = Response::of(200, &[("content-type", "text/html")], page);
    let get = request(Method::Get, "/partners", "");
    let found = looked(&get, &answer, &|_| false);
    let at = page.rfind("tulip").unwrap();
    assert_eq!(found[0].secrets.first(), Some(&(at..at + 5)));
}

#[test]
fn pages_without_real_secrets_are_silent() {
    let table =
        "<table><tr><th>E-mail<th>API key<tr><td>ada@desk.example<td>vT9rQ2mLx7KdWc4</table>";
    let form = "<form method=post><input name=email value=ada@desk.example>\
        <input name=password type=password value=tulip></form>";
    for (media, path, body) in [
        // Masked values, labels, states, text.
        (
            "text/html",
            "/staff",
            "<table><tr><th>Name<th>API key<tr><td>Ada<td>ks7f…9f3c<tr><td>Bo<td>••••9f3c</table>",
        ),
        (
            "text/html",
            "/staff",
            "<table><tr><th>E-mail<th>Password<tr><td>ada@desk.example<td>set</table>",
        ),
        (
            "text/html",
            "/staff",
            "<dl><dt>Password<dd>What you log in with.<dt>API key<dd>A key for programs.</dl>",
        ),
        (
            "text/html",
            "/staff",
            "<table><tr><th>Parameter<th>Type<tr><td>api_key<td>string</table>",
        ),
        (
            "text/html",
            "/staff",
            "<table><tr><th>Name<th>Passcode<tr><td>Call<td>839201<tr><td>Talk<td>118202</table>",
        ),
        // Fields that forms carry, and fields that they ask for.
        (
            "text/html",
            "/staff",
            "<form><input type=hidden name=csrf_token value=IjEyMzQ1Njc4OTAi.ZxY1.k8s2hf7>\
            <input type=hidden name=token value=vT9rQ2mLx7KdWc4vT9rQ2><input name=email value=ada@desk.example></form>",
        ),
        (
            "text/html",
            "/staff",
            "<form><input name=password placeholder=tulip value=''><input name=api_key></form>",
        ),
        ("text/html", "/login", form),
        ("text/html", "/staff?email=x&password=tulip", form),
        // Documentation.
        ("text/html", "/docs/keys", table),
        (
            "text/html",
            "/staff",
            "<h2>Example</h2><dl><dt>Client secret<dd>vT9rQ2mLx7KdWc4</dl>",
        ),
        // Keys of pages.
        (
            "text/html",
            "/staff",
            "<script>window.search = {\"appId\": \"X1\", \"apiKey\": \"5f4dcc3b5aa765d61d8327deb882cf99\"};</script>",
        ),
        (
            "text/html",
            "/staff",
            "<script>const t = {\"password\": \"Passwort\", \"api_key\": \"Ihr API-Schlüssel\"};</script>",
        ),
    ] {
        let get = request(Method::Get, path, "");
        assert_eq!(seen_as(media, &get, 200, body), [""; 0], "{path} {body}");
    }
    // The page shown to the creator.
    let post = request(Method::Post, "/partners", "email=ada");
    assert_eq!(seen_as("text/html", &post, 200, table), [""; 0]);
    let get = request(Method::Get, "/staff", "");
    assert_eq!(
        seen_as("text/html", &get, 200, table),
        ["secret table[].api_key"]
    );
}

#[test]
fn files_without_real_secrets_are_silent() {
    for (media, path, body) in [
        (
            "text/csv",
            "/staff.csv",
            "name,api_key\nAda,\nBo,ks7f****\n",
        ),
        (
            "text/csv",
            "/staff.sample.csv",
            "name,api_key\nAda,vT9rQ2mLx7KdWc4\n",
        ),
        (
            "text/plain",
            "/notes",
            "name,api_key\nAda,vT9rQ2mLx7KdWc4\n",
        ),
        (
            "text/xml",
            "/de.xml",
            "<resources><string name=\"password\">Passwort</string></resources>",
        ),
        (
            "text/xml",
            "/de.xml",
            "<texts><login><email>E-Mail</email><password>Passwort</password></login></texts>",
        ),
        (
            "application/yaml",
            "/a.yaml",
            "openapi: 3.0.3\ncomponents:\n  x: {id: 1, api_key: vT9rQ2mLx7KdWc4}\n",
        ),
        (
            "application/yaml",
            "/a.yaml",
            "name: x\napi_key: !vault k8s2hf7ak2jd9sl4\nsecret: ${SECRET}\n",
        ),
    ] {
        let get = request(Method::Get, path, "");
        assert_eq!(seen_as(media, &get, 200, body), [""; 0], "{path} {body}");
    }
}

#[test]
fn records_without_real_values_are_silent() {
    for body in [
        r#"[{"id": 1, "email": "ada@desk.example", "password_hint": null, "password": null}]"#,
        r#"[{"id": 1, "email": "ada@desk.example", "password": "********", "api_key": ""}]"#,
        r#"[{"id": 1, "email": "ada@desk.example", "has_password": true, "password": true}]"#,
        r#"[{"id": 1, "email": "ada@desk.example", "password_changed_at": "2024-05-01T10:00:00Z"}]"#,
        r#"[{"id": 1, "name": "Ada", "api_key": "ks7f3a****", "key_last4": "9f3c"}]"#,
        r#"{"id": 1, "name": "Ada", "api_key_id": "k8s2hf7ak2jd9sl4x", "public_key": "ssh-ed25519 AAAA"}"#,
    ] {
        assert_eq!(read(body), [""; 0], "{body}");
    }
}

#[test]
fn catalogues_forms_and_specifications_are_silent() {
    for body in [
        r#"{"de": {"email": "E-Mail", "password": "Passwort", "api_key": "Ihr API-Schlüssel"}}"#,
        r#"[{"id": 1, "key": "home.title.subtitle2.text", "text": "Welcome"}, {"id": 2, "key": "x"}]"#,
        r#"{"email": "email", "password": "password", "name": "text"}"#,
        r#"{"id": 5, "email": "required", "password": "required"}"#,
        r#"{"fields": {"email": "ada@desk.example", "password": "at-least-8"}}"#,
        r#"{"openapi": "3.0.3", "components": {"examples": {"a": {"id": 1, "api_key": "vT9rQ2mLx7KdWc4"}}}}"#,
        r#"{"properties": {"id": 1, "api_key": "vT9rQ2mLx7KdWc4"}}"#,
        r#"{"items": [{"id": 1, "key": "uploads/2024/a8f3c1d9k2.png"}, {"id": 2, "key": "x/y.png"}]}"#,
        r#"{"id": 1, "key": "550e8400-e29b-41d4-a716-446655440000"}"#,
        r#"{"next_token": "vT9rQ2mLx7KdWc4aaaa", "csrf_token": "IjEyMzQ1Njc4OTAi.ZxY1", "items": []}"#,
        r#"{"id": 1, "stripe_key": "pk_live_keyspillNotARealKey00000001", "key": "AIzaNotARealKey0001"}"#,
        r#"{"id": 1, "database_url": "mongodb://db.internal:27017/desk1a2b3c"}"#,
        "not json at all {\"api_key\": 1",
    ] {
        assert_eq!(read(body), [""; 0], "{body}");
    }
}

#[test]
fn what_an_answer_is_for_is_no_fault() {
    let token = r#"{"access_token": "vT9rQ2mLx7KdWc4vT9rQ2", "token_type": "Bearer"}"#;
    let made = r#"{"id": 7, "name": "Ada", "api_key": "vT9rQ2mLx7KdWc4vT9rQ2"}"#;
    let user = r#"{"id": 7, "email": "ada@desk.example", "initial_password": "x8f3c1dk3y"}"#;
    for (method, path, sent, status, body) in [
        (Method::Post, "/login", "", 200, token),
        (Method::Get, "/auth/refresh", "", 200, token),
        (Method::Post, "/partners", "", 201, made),
        (Method::Post, "/partners", "", 200, made),
        (Method::Post, "/partners/7/rotate", "", 200, made),
        (
            Method::Get,
            "/partners/vT9rQ2mLx7KdWc4vT9rQ2",
            "",
            200,
            made,
        ),
        (
            Method::Get,
            "/partners?key=vT9rQ2mLx7KdWc4vT9rQ2",
            "",
            200,
            made,
        ),
        (Method::Post, "/users", "", 201, user),
        (Method::Get, "/partners", "", 404, made),
        (Method::Get, "/.well-known/x", "", 200, made),
    ] {
        let request = request(method, path, sent);
        assert_eq!(seen(&request, status, body), [""; 0], "{method:?} {path}");
    }
    let sent = request(Method::Put, "/me", "password=x8f3%2Bc1dk3y9a&id=7");
    let echo = r#"{"id": 7, "email": "ada@desk.example", "password": "x8f3+c1dk3y9a"}"#;
    assert_eq!(seen(&sent, 200, echo), [""; 0]);
    let key = request(Method::Get, "/me", "").with_header("x-api-key", "vT9rQ2mLx7KdWc4vT9rQ2");
    assert_eq!(seen(&key, 200, made), [""; 0]);
}

#[test]
fn a_new_users_hash_and_a_searchs_keys_are_seen_all_the_same() {
    let sent = request(
        Method::Post,
        "/register",
        r#"{"email": "ada@desk.example", "password": "x8f3c1dk3y"}"#,
    );
    let hash = r#"{"id": 7, "email": "ada@desk.example", "password_hash": "$2b$12$Nw0m1xk9Q4T8s7uHkLm3Pq"}"#;
    assert_eq!(seen(&sent, 201, hash), ["password password_hash"]);
    let search = request(Method::Post, "/partners/search", "{}");
    let list =
        r#"[{"id": 1, "api_key": "vT9rQ2mLx7KdWc4"}, {"id": 2, "api_key": "k8s2hf7ak2jd9sl4"}]"#;
    assert_eq!(seen(&search, 200, list), ["secret [].api_key"]);
}

#[test]
fn what_is_made_for_each_answer_is_told_from_what_is_kept() {
    let answer = |body: &str| Response::of(200, &[("content-type", "application/json")], body);
    let again =
        |field: &str, first: &str, second: &str| minted(&answer(first), &answer(second), field);
    let (one, two) = (
        r#"{"id": "a1", "token": "vT9rQ2mLx7KdWc4s"}"#,
        r#"{"id": "b2", "token": "k8s2hf7ak2jd9sl4"}"#,
    );
    assert!(again("token", one, two));
    assert!(!again("token", one, one));
    // The token was replaced, but the record is the same.
    assert!(!again("token", one, &two.replace("b2", "a1")));
    assert!(again("token", r#"{"token": "x1"}"#, r#"{"token": "x2"}"#));
    assert!(!again("token", one, "{}"));
    let list = |items: [&str; 2]| format!("{{\"items\": [{}]}}", items.join(","));
    assert!(!again(
        "items[].token",
        &list([one, two]),
        &list([two, one])
    ));
    assert!(again("items[].token", &list([one, one]), &list([two, two])));
}

#[test]
fn the_scans_own_values_have_rules_of_their_own() {
    let answer = Response::of(
        200,
        &[("content-type", "application/json")],
        r#"{"id": 1, "api_key": "vT9rQ2mLx7KdWc4"}"#,
    );
    let get = request(Method::Get, "/partners", "");
    let ours = |value: &str| value.starts_with("vT9r");
    assert_eq!(looked(&get, &answer, &ours), []);
}
