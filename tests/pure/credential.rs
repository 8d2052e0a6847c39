//! Which names count as credential-like, name by name.

use keyspill::credential::{Credentials, Tier};
use regex::Regex;

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
api_key_field, password_input, apiKeyBox, subscription-key, Ocp-Apim-Subscription-Key, mongo_uri, MONGO_URI, mongoUri, MONGODB_URI,
DATABASE_URL, databaseUrl, database.db_url, SQLALCHEMY_DATABASE_URI, connection_string,
connectionString, connectionstring, dsn, DB_DSN, CELERY_BROKER_URL, REDIS_URL, redisUrl,
AMQP_URL,
";

const WEAK: &str = "
key, Key, KEY, keys, k.key, api.key, token, Token, tokens, partner_token, partnerToken,
partnertoken, partner_key, stripe_key, x-partner-key, x-token, auth, AUTH, oauth, session,
session_id, sessionId, sessionid, sid, JSESSIONID, signature, sig, X-Hub-Signature, x_signature,
voucher_key, share_token, ticket, private, pin, user_pin, pin_code, pincode, code, invite_code, invite_token, unsubscribe_token,
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
