//! The phrases that make a name strongly, weakly or never a credential, as data.
//!
//! Phrases are separated by commas; a line that begins with `#` is a comment. Every phrase consists
//! of lower-case words as `words::split` returns them, with one space between; camelCase,
//! kebab-case and upper case need no rows of their own. A single word that people write without a
//! separator (`apikey`) is first split by [`GLUED`]. Phrases are looked up in `names.rs`.

/// Names that certainly mean a credential when they end a name.
pub(super) const STRONG: &str = "
# Passwords.
password, passwords, passwd, pwd, passcode, passphrase, pass phrase, pass word,
passwort, kennwort, senha, contrasena, user pass, db pass, database pass, smtp pass,
mail pass, email pass, admin pass, root pass, redis pass, mongo pass, ftp pass,
ssh pass, login pass, auth pass, new pass, old pass, user pw, admin pw,
# Secrets.
secret, secrets, client secret, secret answer, security answer, shared secret, mnemonic,
seed phrase, recovery phrase, pepper,
# Keys.
api key, api keys, app secret, secret key, secret keys, secret key fallbacks,
private key, private keys, access key, access keys, auth key, encryption key,
decryption key, signing key, signature key, master key, license key, licence key,
service key, account key, secret key base, ssh key, pgp key, hmac key,
aes key, rsa key, jwt key, webhook key, deploy key, admin key, server key,
service account key, secret access key, session key, fernet key, subscription key,
instrumentation key, integration key, function key, x functions key,
# Tokens.
access token, refresh token, auth token, authentication token, authorization token,
id token, api token, bearer, bearer token, session token, security token, secret token,
reset token, password token, login token, oauth token, o auth token, service token,
bot token, personal token, remember token, jwt token, deploy token, admin token, magic token,
magic link token, recovery token, registration token, private token,
impersonation token, job token, vault token, user token, account token, jwt, jwts,
# Codes.
otp, totp, one time password, one time code, recovery code, recovery codes, backup code,
backup codes, reset code, mfa code, 2fa code, two factor code, access code,
device code, auth code, authorization code, verification code,
# Whole credentials.
credential, credentials, cred, creds, authorization, authorisation, proxy authorization,
basic auth, http auth,
# Connections: a URI of a database or a broker carries its password.
dsn, connection string, connection uri, connection url, conn string, conn str,
connect string, database uri, database url, db uri, db url, mongo uri,
mongo url, mongodb uri, mongodb url, mongo db uri, mongo db url, mongodb host uri,
redis uri, redis url, postgres uri, postgres url, postgresql uri, postgresql url,
pg uri, pg url, mysql uri, mysql url, mariadb url, sql uri, amqp uri, amqp url,
rabbitmq uri, rabbitmq url, broker uri, broker url, result backend url, cloudamqp url,
elasticsearch url, clickhouse url, jdbc url, db dsn, database dsn,
";

/// Callers' names: when they end a name, they mean a credential unless something contradicts it.
pub(super) const CALLERS: &str = "
key, keys, token, tokens, auth, authentication, oauth, o auth, ticket, pw, key pair, keypair,
passkey, sentry dsn, client assertion, code verifier, oauth verifier,
";

/// Everyday names: they mean a credential only if further evidence supports it.
pub(super) const EVERYDAY: &str = "
session, sessions, session id, sess id, sid, sess, signature, sig, hmac, private, pin, pins,
code, codes, pass, jsessionid, phpsessid,
";

/// Names that are never credentials; longer phrases win over the shorter ones above.
pub(super) const NEVER: &str = "
# CSRF: every visitor gets one.
csrf, xsrf, csrf token, xsrf token, csrf key, csrfmiddleware token,
csrf middleware token, authenticity token, anti forgery token, antiforgery token,
request verification token, form token, form key, csp nonce,
# Captchas.
captcha token, captcha key, captcha code, recaptcha token, recaptcha key,
re captcha token, hcaptcha key, turnstile token,
# Pagination.
page token, page key, next token, next key, prev token, previous token, next page token,
prev page token, previous page token, continuation token, continuation key, start token,
start key, end key, last key, last evaluated key, exclusive start key, resume token,
sync token, cursor token, offset token, scroll token, marker key, change token,
# Sorting, grouping, look-up in tables.
sort key, sort keys, order key, order by key, group key, group by key, partition key,
range key, hash key, shard key, sharding key, primary key, foreign key, unique key,
natural key, composite key, surrogate key, candidate key, lookup key, search key,
index key, row key, column key, field key, item key, map key, dict key, json key,
object key, attribute key, property key, param key, parameter key, header key, tag key,
label key, category key, node key, parent key, sub key, filter key, facet key,
react key, list key, enum key, data key name,
# Caches, stores, queues, switches.
cache key, cache token, etag, storage key, file key, blob key, image key, upload key,
bucket key, s key, routing key, message key, event key, metric key, feature key,
flag key, config key, setting key, settings key, option key, preference key,
idempotency key, idempotency token, idempotent key, dedup key, dedupe key,
deduplication key, correlation key, request token id, client token id, issue key,
project key, ticket key, board key, space key, activity key,
# Translation.
translation key, translation keys, i18n key, l10n key, locale key, text key,
msg key, string key, phrase key, language key, lang key, resource key,
# Public by design.
public key, public keys, pub key, pubkey, ssh public key, site key, publishable key,
public token, publishable token, anon key, anonymous key, maps key, vapid key,
verification key, verify key, verifying key, key id, key ids, key identifier, kid,
public signature, method signature, function signature, type signature,
# Language models count tokens.
max tokens, max token, min tokens, total tokens, num tokens, n tokens, token count,
tokens count, prompt tokens, completion tokens, input tokens, output tokens,
cached tokens, reasoning tokens, tokens used, used tokens, remaining tokens, stop token,
stop tokens, eos token, bos token, pad token, unk token, mask token, sep token,
special tokens, token budget,
# The keyboard and the answer sheet.
key code, key press, key down, key up, keycode, keydown, keyup, keypress, hot key,
shortcut key, answer key, arrow key, key value, key values, key word, key words,
key frame, key frames, key points, key board,
# Codes that everybody knows.
zip code, post code, postal code, country code, currency code, language code, lang code,
locale code, status code, error code, err code, exit code, return code, response code,
result code, reason code, area code, dial code, dialing code, calling code, phone code,
region code, state code, province code, city code, district code, airport code,
airline code, station code, iata code, iso code, product code, item code, sku code,
bar code, qr code, promo code, coupon code, discount code, voucher code, referral code,
ref code, campaign code, tracking code, source code, code base, html code, color code, colour code,
hex code, hs code, tax code, vat code, bank code, branch code, sort code, swift code,
bic code, course code, class code, category code, type code, unit code, department code,
dept code, company code, gift code, timezone code, time zone code, plan code, rate code,
subject code, module code, program code, programme code, book code, genre code, brand code,
supplier code, vendor code, customer code, client code, material code, part code, lot code,
batch code, size code, shipping code, postage code, weather code, icon code, emoji code,
subdivision code, county code, municipality code, port code, flight code, hotel code,
language codes, postal codes, zip codes, store code, warehouse code, team code, project code,
event code, code challenge, char code, op code, byte code, http code, diagnosis code,
procedure code, airport codes, country codes, currency codes,
# Pins that are put on maps and boards.
map pin, board pin, gpio pin, drop pin,
# Passes that are no passwords.
boarding pass, season pass, render pass, low pass, high pass, first pass, test pass,
did pass, hall pass,
# Sessions that are appointments.
training session, workshop session, study session, game session,
# Words with a credential word inside.
keyword, keywords, monkey, author, authors, keyboard, tokenizer, tokenize, secretary,
passenger, passport, passive, codec, pinned, pinch, authored, keynote, keystone, turkey,
whiskey, donkey, hockey, jockey,
";

/// Words at the end of names *about* a credential: `api_key_name`, `token_expiry`.
pub(super) const ABOUT: &str = "
id, ids, uid, uuid, name, names, type, types, kind, count, counts, total, length, len,
size, hint, hints, label, title, description, desc, comment, note, notes, expiry,
expire, expires, expired, expiration, exp, at, in, on, date, time, timestamp, created,
updated, modified, changed, rotated, issued, age, ttl, lifetime, timeout, duration,
seconds, minutes, hours, days, policy, policies, rule, rules, status, state, url, uri,
link, href, endpoint, path, paths, file, filename, folder, dir, location, locations,
header, headers, param, parameter, prefix, suffix, algorithm, algorithms, algo, alg,
version, limit, limits, quota, enabled, disabled, required, optional, strength,
rotation, min, max, format, pattern, regex, scope, scopes, permission, permissions,
role, roles, owner, issuer, audience, provider, method, methods, mode, usage, reset,
question, questions, valid, invalid, validity, verified, verification, confirmed,
protected, protection, manager, store, service, fields, column, index, domain,
secure, httponly, samesite, partitioned, refresh, error, errors, message, help,
placeholder, visible, hidden, show, set, present, exists, changes, attempts, tries,
retries, vault, page, form, view, check, checks, checked,
";

/// Words at the end that do not change the meaning: `secret_value`, `password_confirm`.
pub(super) const TRANSPARENT: &str = "
value, val, text, string, str, raw, plain, plaintext, plain text, clear, cleartext,
hash, hashed, digest, md, sha, bcrypt, salt, salted, encrypted, enc, encoded, base, b,
hex, confirm, confirmation, repeat, again, retype, verify, new, old, current, previous,
temp, temporary, default, input, field, box, txt, data, pem, prod, production, staging, dev, test, live,
sandbox,
";

/// Words at the beginning that ask or count: `has_password`, `max_keys`.
pub(super) const ASKING: &str = "
has, is, have, show, hide, display, use, uses, using, allow, allows, require, requires,
required, enable, enables, enabled, disable, disabled, need, needs, can, should, must,
no, num, number, n, count, max, min, total, supports, remember, forgot, generate,
validate,
";

/// Words that give a weak word another meaning, in the name or before it.
pub(super) const CONTEXT: &str = "
sort, sorting, sorted, order, ordering, orderby, pagination, paging, pager, paginate,
cursor, cursors, csrf, xsrf, i18n, l10n, translation, translations, locale, locales,
cache, caching, cached, column, columns, facet, facets, captcha, recaptcha, hcaptcha,
";

/// Resources in which things are looked up by a key, which is then not a caller's key.
pub(super) const STORES: &str = "
translation, i18n, l10n, locale, language, lang, phrase, glossary, dictionary, cache, storage, kv,
config, setting, option, preference, flag, feature, toggle, experiment, metadata,
";

/// Words in names or paths of machines that sign what they send: elsewhere, a `signature` in a body
/// is what people write under a letter.
pub(super) const SIGNING: &str = "
webhook, webhooks, hook, hooks, callback, callbacks, hmac, payload, ipn, sso, saml, notify, verify,
timestamp, algorithm, sig,
";

/// Words of paths and collections named after credentials: an everyday name that they store or
/// accept is one.
pub(super) const NOUNS: &str = "
key, apikey, token, secret, vault, credential, password, passwd, passcode, invite, invitation,
licence, license, activation, otp, totp, mfa, 2fa, unlock, pairing, keyring, keychain, auth,
authentication, authenticate, login, logon, signin, sso, oauth, keystore, jwt, apikeys,
";

/// Words of paths of links that carry a token for their holder: `/reset/{token}`.
pub(super) const LINKS: &str = "
reset, verify, verification, confirm, confirmation, unsubscribe, activate, magic, join, redeem,
share, shared, download, recover, recovery, feed, calendar,
";

/// Names next to a `key` that make it the name of a setting, a flag or a text.
pub(super) const OF_PAIRS: &str = "
value, values, val, text, enabled, translation, translations, rollout, variants, ttl, default,
";

/// Names next to a `signature` that make it part of a signed URL.
pub(super) const OF_SIGNED: &str = "
expires, expire, expiry, exp, expiration, algorithm, alg, algo, keyid, key id, date, credential,
signed headers,
";

/// Names next to a `pin` or `code` that make it a postal code.
pub(super) const OF_ADDRESSES: &str = "
address, addr, street, city, town, state, country, district, village, postal, locality, region,
address line, line, landmark, province,
";

/// Single words that people write without a separator, and the words they consist of.
pub(super) const GLUED: &str = "
apikey = api key, apikeys = api keys, apisecret = api secret, apitoken = api token,
xapikey = x api key, appkey = app key, appsecret = app secret, apptoken = app token,
accesskey = access key, accesstoken = access token, accesscode = access code,
authtoken = auth token, authkey = auth key, authcode = auth code,
authsecret = auth secret, secretkey = secret key, secrettoken = secret token,
privatekey = private key, privkey = private key, clientsecret = client secret,
clientkey = client key, refreshtoken = refresh token, bearertoken = bearer token,
idtoken = id token, sessiontoken = session token, sessionkey = session key,
sessionid = session id, sessid = session id, jwttoken = jwt token,
usertoken = user token, userpass = user pass, dbpass = db pass,
encryptionkey = encryption key, signingkey = signing key, masterkey = master key,
licensekey = license key, partnerkey = partner key, servicekey = service key,
webhookkey = webhook key, userkey = user key, mykey = my key, keyvalue = key value,
keyhash = key hash, keyid = key id, tokenid = token id, tokentype = token type,
tokenname = token name, keyname = key name, csrftoken = csrf token,
xsrftoken = xsrf token, csrfmiddlewaretoken = csrf token, pagetoken = page token,
nexttoken = next token, nextpagetoken = next page token, sortkey = sort key,
primarykey = primary key, foreignkey = foreign key, publickey = public key,
sitekey = site key, publishablekey = publishable key, cachekey = cache key,
idempotencykey = idempotency key, maxtokens = max tokens, passwordhash = password hash,
passwordconfirm = password confirm, passwordconfirmation = password confirmation,
connectionstring = connection string, passwordreset = password reset, mongouri = mongo uri, mongodburi = mongodb uri,
dburl = db url, dburi = db uri, databaseurl = database url, databaseuri = database uri,
redisurl = redis url, brokerurl = broker url, zipcode = zip code, postcode = post code,
countrycode = country code, statuscode = status code, errorcode = error code,
qrcode = qr code, barcode = bar code, promocode = promo code, hotkey = hot key,
pincode = pin code, otpcode = otp, authheader = authorization,
securitytoken = security token, accountkey = account key,
subscriptionkey = subscription key,
";

/// Endings of a single word that are split off as a word of their own: `partnertoken`,
/// `userpassword`.
///
/// No common word ends in one of them; `key` is missing because of monkeys, and is covered by
/// [`GLUED`].
pub(super) const GLUED_ENDS: &str = "
password, passwd, passphrase, secret, apikey, token, credentials, credential,
";
