//! Which names count as credential-like: RULES.md, "Words", name by name.

use keyspill::credential::{Credentials, Tier};
use keyspill::surface::{Input, Kind, Place, Provenance, TypeHint};
use regex::Regex;
use serde_json::{Value, json};

const STRONG: &str = "
api_key, apikey, apiKey, APIKEY, ApiKey, API_KEY, api-key, X-API-Key, x-api-key, xApiKey,
APIkey, Api Key, api_keys, apikeys, api_key2, old_api_key, partner_api_key, a.b[].apiKey,
user[api_key], keys[0].api_key, items[]._api_key, secret, Secret, SECRET, client_secret,
clientSecret, stripe_secret_key, secretKey, SECRET_KEY, SECRET_KEY_FALLBACKS, JWT_SECRET_KEY,
webhook_secret, shared-secret, app_secret, totp_secret, secret_value, secret_answer,
secret_stripe, topsecret, password, Password, userPassword, user_password, password2,
passwordConfirm, password_confirmation, new_password, newPassword, current-password,
db_password, userpassword, passwd, pwd, user_pwd, passphrase, passcode, password_hash, db_pass,
MAIL_PASSWORD, PASSWORD_BACKUP, passwort, senha, access_token, accessToken, accesstoken,
x-access-token, refresh_token, refreshtoken, auth_token, authToken, x-auth-token, authtoken,
id_token, session_token, AWS_SESSION_TOKEN, bearer, bearer_token, oauth_token, oauthToken,
OAuthToken, reset_token, password_reset_token, botToken, private_token, PRIVATE-TOKEN, jwt, JWT,
jwtToken, credential, credentials, creds, aws_credentials, authorization, Authorization,
proxy-authorization, otp, otp_code, verification_code, backup_codes, 2fa_code, private_key,
privateKey, privatekey, private_key_pem, ssh_private_key, access_key, aws_secret_access_key,
AWS_SECRET_ACCESS_KEY, encryptionKey, signing_key, master-key, license_key, secret_key_base,
subscription-key, Ocp-Apim-Subscription-Key, mongo_uri, MONGO_URI, mongoUri, MONGODB_URI,
DATABASE_URL, databaseUrl, database.db_url, SQLALCHEMY_DATABASE_URI, connection_string,
connectionString, connectionstring, dsn, DB_DSN, CELERY_BROKER_URL, REDIS_URL, redisUrl,
AMQP_URL,
";

const WEAK: &str = "
key, Key, KEY, keys, k.key, api.key, token, Token, tokens, partner_token, partnerToken,
partnertoken, partner_key, stripe_key, x-partner-key, x-token, auth, AUTH, oauth, session,
session_id, sessionId, sessionid, sid, JSESSIONID, signature, sig, X-Hub-Signature, x_signature,
private, pin, user_pin, pin_code, pincode, code, invite_code, invite_token, unsubscribe_token,
device_token, key_hash, keyHash, token_digest, pass, pw, app_key, consumer_key, api_auth,
x-auth, token_value, code_verifier,
";

const NEVER: &str = "
id, name, email, username, q, page, limit, next, cursor, url, path, data, keyword, keywords,
search_keyword, monkey, monkey_id, author, authors, author_name, authority, keyboard,
keyboard_layout, tokenizer, tokenize, secretary, passenger, passport_number, compass, bypass,
codec, keynote, turkey, spinner, authored_by, max_tokens, maxTokens, max_completion_tokens,
prompt_tokens, total_tokens, token_count, tokens_used, token_type, tokenType, token_url,
token_endpoint, token_name, tokenId, csrf_token, csrfToken, csrftoken, csrfmiddlewaretoken,
X-CSRF-Token, X-CSRFToken, x-xsrf-token, _csrf_token, authenticity_token,
__RequestVerificationToken, g-recaptcha-token, page_token, pageToken, next_page_token,
nextPageToken, next_token, continuationToken, start_key, last_evaluated_key, sync_token,
sort_key, sortKey, sort.key, sort[key], order[].key, group_key, partition_key, primary_key,
primaryKey, primary_key_name, foreign_key, row_key, columns[].key, public_key, publicKey,
ssh_public_key, pubkey, site_key, siteKey, recaptcha_site_key, publishable_key,
stripe_publishable_key, idempotency_key, Idempotency-Key, key_id, keyId, api_key_id,
aws_access_key_id, kid, key_type, key_name, keyName, api_key_name, translation_key,
translations.key, i18nKey, i18n[].key, locale_key, cache_key, cacheKey, cache.key, routing_key,
s3_key, object_key, config_key, key_code, keyCode, keydown, hotkey, answer_key, zip_code,
postal_code, country_code, countryCode, currency_code, status_code, statusCode, error_code,
promo_code, qr_code, barcode, source_code, codebase, code_base, password_length,
password_expires_at, passwordHint, password_policy, has_password, hasPassword, show_password,
is_secret, use_token, secret_name, secret_question, token_expiry, tokenExpiresIn,
access_token_url, refresh_token_lifetime, auth_provider, auth_type, authMethod, auth_url,
authorization_endpoint, session_count, SESSION_COOKIE_NAME, SESSION_COOKIE_SECURE,
PERMANENT_SESSION_LIFETIME, private_note, pin_board, credential_id, password_reset_form,
private_room, signature_algorithm, JWT_ALGORITHM, JWT_TOKEN_LOCATION, PREFERRED_URL_SCHEME,
TEMPLATES_AUTO_RELOAD, _id, created_at, price, quantity,
";

fn names_of(list: &str) -> impl Iterator<Item = &str> {
    list.split([',', '\n'])
        .map(str::trim)
        .filter(|name| !name.is_empty())
}

#[test]
fn every_name_of_the_table_is_in_its_tier() {
    let names = Credentials::default();
    let mut wrong = Vec::new();
    let mut seen = 0;
    for (list, tier) in [
        (STRONG, Tier::Strong),
        (WEAK, Tier::Weak),
        (NEVER, Tier::Never),
    ] {
        for name in names_of(list) {
            seen += 1;
            let is = names.tier(name);
            if is != tier {
                wrong.push(format!("{name:?} is {is:?}, not {tier:?}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(seen >= 250, "the table shrank to {seen} names");
    assert_eq!(names.tier(""), Tier::Never);
}

fn input(name: &str, hint: TypeHint) -> Input {
    Input::new(Place::Query, name, Provenance::Link).with_hint(hint)
}

fn example(value: Value) -> TypeHint {
    TypeHint {
        example: Some(value),
        ..TypeHint::default()
    }
}

#[test]
fn a_weak_name_counts_until_something_contradicts_it() {
    let names = Credentials::default();
    let kind = |kind| TypeHint {
        kind,
        ..TypeHint::default()
    };
    let format = |format: &str| TypeHint {
        kind: Kind::String,
        format: Some(format.to_owned()),
        ..TypeHint::default()
    };
    let choices = TypeHint {
        choices: vec!["a".to_owned(), "b".to_owned()],
        ..TypeHint::default()
    };
    let rows: Vec<(&str, TypeHint, bool)> = vec![
        ("key", TypeHint::default(), true),
        ("key", kind(Kind::String), true),
        ("key", format("password"), true),
        ("key", format("uuid"), true),
        ("key", choices.clone(), false),
        ("key", kind(Kind::Boolean), false),
        ("private", kind(Kind::Boolean), false),
        ("token", kind(Kind::Integer), false),
        ("token", kind(Kind::Number), false),
        ("session", format("date-time"), false),
        ("session", format("date"), false),
        ("key", example(json!("name")), false),
        ("key", example(json!("created_at")), false),
        ("key", example(json!("USD")), false),
        ("key", example(json!("42")), false),
        ("key", example(json!(42)), false),
        ("private", example(json!(true)), false),
        ("session", example(json!("2024-05-01T10:00:00Z")), false),
        ("pin", example(json!("4711")), true),
        ("code", example(json!(4711)), true),
        ("code", example(json!("de")), false),
        ("key", example(json!("string")), true),
        ("key", example(json!("k8s2hf7ak2jd9sl4")), true),
        ("key", example(json!("xKqPzTrW")), true),
        ("token", example(json!("averylongwordoflettersalone")), true),
        // A strong name stands against all of it.
        ("api_key", choices, true),
        ("api_key", example(json!("name")), true),
        ("password", kind(Kind::Integer), true),
        // A name that never counts is not rescued by a good value.
        ("sort_key", example(json!("k8s2hf7ak2jd9sl4")), false),
    ];
    for (name, hint, expected) in rows {
        let input = input(name, hint);
        assert_eq!(names.input(&input), expected, "{:?}", (name, &input.hint));
    }
}

#[test]
fn a_forms_csrf_field_is_none_whatever_its_name() {
    let mut field = input("token", TypeHint::default());
    field.csrf = true;
    assert!(!Credentials::default().input(&field));
}

#[test]
fn a_response_field_counts_by_name_and_value() {
    let names = Credentials::default();
    let rows = [
        ("api_key", Some(json!("k8s2hf7ak2jd9sl4")), true),
        ("data.users[].password", Some(json!("hunter22")), true),
        ("password", None, true),
        ("password", Some(json!(true)), false),
        ("password", Some(Value::Null), false),
        ("pwd", Some(json!(123_456)), true),
        ("key", Some(json!("k8s2hf7ak2jd9sl4")), true),
        ("key", Some(json!("name")), false),
        ("key", Some(json!(7)), false),
        ("pin", Some(json!(4711)), true),
        ("sort.key", Some(json!("k8s2hf7ak2jd9sl4")), false),
        ("author", Some(json!("k8s2hf7ak2jd9sl4")), false),
    ];
    for (name, value, expected) in rows {
        assert_eq!(
            names.field(name, value.as_ref()),
            expected,
            "{name} {value:?}"
        );
    }
}

#[test]
fn the_users_patterns_add_and_take_away() {
    let also = Regex::new("(?i)^schl(ue|ü)ssel$").unwrap();
    let never = Regex::new("^token$").unwrap();
    let names = Credentials::new(vec![also], vec![never]);
    assert_eq!(names.tier("Schlüssel"), Tier::Strong);
    assert_eq!(names.tier("token"), Tier::Never);
    assert_eq!(names.tier("partner_token"), Tier::Weak);
    assert_eq!(Credentials::default().tier("Schlüssel"), Tier::Never);
}

#[test]
fn the_users_refusal_beats_the_users_wish() {
    let both = |text| vec![Regex::new(text).unwrap()];
    let names = Credentials::new(both("handle"), both("^public_handle$"));
    assert_eq!(names.tier("handle"), Tier::Strong);
    assert_eq!(names.tier("public_handle"), Tier::Never);
}

#[test]
fn a_weak_name_belongs_to_what_the_path_names() {
    let names = Credentials::default();
    let rows = [
        // What stands under a resource is often that resource's.
        (Place::Json, "/coupons", "code", false),
        (Place::Json, "/api/v1/coupon", "code", false),
        (Place::Query, "/promo/apply", "code", false),
        (Place::Query, "/country", "code", false),
        (Place::Path, "/countries/{code}", "code", false),
        (Place::Path, "/currencies/<code>/rates", "code", false),
        (Place::Query, "/zip", "code", false),
        (Place::Query, "/zip-codes/search", "code", false),
        (Place::Query, "/status", "code", false),
        (Place::Form, "/training/sessions", "session", false),
        (Place::Form, "/training/7", "session", false),
        (Place::Path, "/projects/{key}", "key", false),
        (Place::Path, "/settings/{key}", "key", false),
        (Place::Query, "/settings", "key", false),
        (Place::Query, "/translations", "key", false),
        (Place::Query, "/cache/{region}", "key", false),
        (Place::Json, "/primary", "key", false),
        // A caller's own credential is sent to any resource.
        (Place::Query, "/images", "key", true),
        (Place::Query, "/projects", "key", true),
        (Place::Query, "/pages/{slug}", "token", true),
        (Place::Header, "/coupons", "x-token", true),
        (Place::Json, "/partners", "key", true),
        (Place::Json, "/login", "code", true),
        (Place::Json, "/invites/{code}", "code", true),
        (Place::Query, "/", "code", true),
        (Place::Query, "", "token", true),
        // Machines sign what they send; people sign their letters.
        (Place::Json, "/webhooks/{shop}", "signature", true),
        (Place::Form, "/settings", "hmac_signature", true),
        (Place::Header, "/settings", "x-signature", true),
        (Place::Query, "/settings", "signature", true),
        (Place::Form, "/settings/profile", "signature", false),
        (Place::Json, "/users/{id}", "email_signature", false),
        // A strong name stands against any path.
        (Place::Json, "/coupons", "access_code", true),
        (Place::Query, "/settings", "api_key", true),
        // What is none without a path is none with one.
        (Place::Query, "/reset", "sort_key", false),
    ];
    for (place, path, name, expected) in rows {
        let input = Input::new(place, name, Provenance::Link);
        assert_eq!(names.input_at(path, &input), expected, "{name} at {path}");
    }
}

#[test]
fn a_users_name_stands_against_any_path() {
    let names = Credentials::new(vec![Regex::new("^code$").unwrap()], Vec::new());
    let input = Input::new(Place::Json, "code", Provenance::Link);
    assert!(names.input_at("/coupons", &input));
}
