//! Options that choose what is sent, who sends it and what counts, against a small server of our
//! own; and showing one finding.

use std::fs;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;

use crate::place::{Place, Ran};
use crate::raw::head;
use rcgen::{BasicConstraints, CertificateParams, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair};
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::server::WebPkiClientVerifier;
use rustls::{RootCertStore, ServerConfig, ServerConnection, StreamOwned};
use serde_json::Value;

const FORM: &str = "<form action=\"/go\" method=\"get\"><input name=\"api_key\">\
                    <input name=\"coupon_key\"><input type=\"email\" name=\"contact\"></form>";

/// Reads one request and answers it: a form, or an echo of its key.
fn answer(stream: &mut (impl Read + Write), kept: &Mutex<Vec<String>>) {
    let Some(head) = head(stream) else { return };
    let target = head.split(' ').nth(1).unwrap_or_default().to_owned();
    kept.lock().unwrap().push(target.clone());
    let (path, query) = target.split_once('?').unwrap_or((&target, ""));
    let (status, body) = match path {
        "/" => (200, FORM.to_owned()),
        "/go" => {
            let key = query
                .split('&')
                .find_map(|pair| pair.strip_prefix("api_key="));
            (200, format!("<p>hello {}</p>", key.unwrap_or_default()))
        }
        _ => (404, "nothing here".to_owned()),
    };
    let length = body.len();
    let _ = write!(
        stream,
        "HTTP/1.1 {status} S\r\nContent-Type: text/html\r\nContent-Length: {length}\r\n\
         Connection: close\r\n\r\n{body}"
    );
    let _ = stream.flush();
}

/// Serves until the test process ends. Returns the URL and what was requested.
fn serve() -> (String, Arc<Mutex<Vec<String>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let kept = Arc::new(Mutex::new(Vec::new()));
    let asked = Arc::clone(&kept);
    thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            let kept = Arc::clone(&kept);
            thread::spawn(move || answer(&mut stream, &kept));
        }
    });
    (url, asked)
}

fn scan(place: &Place, url: &str, options: &[&str]) -> (Ran, Value) {
    let mut arguments = vec![
        "scan",
        url,
        "--rate",
        "1000",
        "--settle",
        "0s",
        "--seed",
        "7",
        "--output",
        "keyspill-out",
    ];
    arguments.extend(options);
    let ran = place.run(&arguments);
    let report = fs::read(place.path("keyspill-out/report.json")).unwrap_or_default();
    let report = serde_json::from_slice(&report)
        .unwrap_or_else(|error| panic!("{error}: {} {}", ran.err, ran.out));
    (ran, report)
}

fn rules(report: &Value) -> Vec<&str> {
    let findings = report["findings"].as_array().unwrap();
    findings
        .iter()
        .map(|finding| finding["rule"].as_str().unwrap())
        .collect()
}

const ECHO: &str = "data-exposure/canary-in-body";

#[test]
fn only_the_rules_that_were_named_run() {
    let (url, _) = serve();
    let place = Place::new();
    let (ran, report) = scan(&place, &url, &["--rules", ECHO, "--fail-on", "medium"]);
    assert_eq!(ran.code, 1, "{}", ran.out);
    assert!(
        rules(&report).iter().all(|rule| *rule == ECHO),
        "{}",
        ran.out
    );
    assert_eq!(report["rules"], serde_json::json!([ECHO]));
    let (ran, report) = scan(
        &place,
        &url,
        &["--exclude-rule", ECHO, "--fail-on", "medium"],
    );
    assert!(!rules(&report).contains(&ECHO), "{}", ran.out);
    assert!(report["rules"].as_array().unwrap().len() > 10);
}

#[test]
fn an_unknown_rule_is_a_usage_error_that_names_those_near_it() {
    let place = Place::new();
    for (option, typed, parts) in [
        (
            "--rules",
            "canary-in-body",
            "did you mean data-exposure/canary-in-body",
        ),
        (
            "--rules",
            "data-exposure/stored-canry",
            "data-exposure/stored-canary",
        ),
        (
            "--exclude-rule",
            "data-exposure/tracebacks",
            "data-exposure/traceback",
        ),
        (
            "--exclude-rule",
            "xyzzy",
            "`keyspill probes list` lists all",
        ),
    ] {
        let ran = place.run(&["scan", "http://127.0.0.1:9", option, typed]);
        ran.refused(2, &[option, typed, parts]);
    }
    let none = [
        "scan",
        "http://127.0.0.1:9",
        "--rules",
        ECHO,
        "--exclude-rule",
        ECHO,
    ];
    place.run(&none).refused(2, &["no rule is left"]);
    place
        .run(&["probes", "show", "data-exposure/tracebak"])
        .refused(2, &["did you mean data-exposure/traceback"]);
}

#[test]
fn what_is_less_sure_neither_shows_nor_counts() {
    let (url, _) = serve();
    let place = Place::new();
    scan(&place, &url, &["--min-verdict", "confirmed"]);
    let path = place.path("keyspill-out/report.json");
    let text = fs::read_to_string(&path).unwrap();
    assert!(text.contains("\"min_verdict\""), "{text}");
    let likely = text.replace("\"verdict\": \"confirmed\"", "\"verdict\": \"likely\"");
    fs::write(&path, likely).unwrap();
    let ran = place.run(&["report", "keyspill-out/report.json"]);
    ran.printed(0, &["no findings", "not shown (--min-verdict)"]);
    let ran = place.run(&[
        "report",
        "keyspill-out/report.json",
        "--min-verdict",
        "likely",
    ]);
    ran.printed(0, &[ECHO]);
    place
        .run(&["scan", &url, "--min-verdict", "sure"])
        .refused(2, &["--min-verdict", "likely"]);
}

#[test]
fn an_excluded_input_gets_no_canary_and_an_email_lives_where_it_was_told_to() {
    let (url, asked) = serve();
    let place = Place::new();
    let options = [
        "--exclude-input",
        "COUPON_KEY",
        "--email-domain",
        "staging.example",
    ];
    let (_, report) = scan(&place, &url, &options);
    let planted = report["planted"].to_string();
    assert!(planted.contains("\"api_key\""), "{planted}");
    assert!(!planted.contains("\"coupon_key\""), "{planted}");
    let canaries: Vec<&str> = report["planted"]
        .as_array()
        .unwrap()
        .iter()
        .flat_map(|request| request["canaries"].as_array().unwrap())
        .map(|canary| canary["canary"].as_str().unwrap())
        .collect();
    let asked = asked.lock().unwrap();
    let coupons: Vec<&str> = asked
        .iter()
        .filter_map(|target| target.split_once("coupon_key="))
        .map(|(_, rest)| rest.split('&').next().unwrap())
        .collect();
    assert!(!coupons.iter().any(|value| canaries.contains(value)));
    assert!(
        asked
            .iter()
            .any(|target| target.contains("%40staging.example")),
        "{asked:?}"
    );
    let wrong = place.run(&["scan", &url, "--email-domain", "a@b"]);
    wrong.refused(2, &["--email-domain", "without the @"]);
}

#[test]
fn a_configuration_file_has_a_version_and_all_these_options() {
    let (url, _) = serve();
    let file = format!(
        "version: 1\nrules: [{ECHO}]\nexclude-input: coupon_key\nemail-domain: staging.example\n\
         min-verdict: confirmed\ndetails: true\n"
    );
    let place = Place::new()
        .with("k.yaml", &file)
        .with("later.yaml", "rate: 5\nversion: 2\n")
        .with("odd.yaml", "version: one\n")
        .with("key.yaml", "client-cert: none.pem\n");
    let (ran, report) = scan(&place, &url, &["--config", "k.yaml"]);
    assert!(ran.out.contains("    curl "), "{}", ran.out);
    assert_eq!(report["rules"], serde_json::json!([ECHO]));
    place
        .run(&["scan", &url, "--config", "later.yaml"])
        .refused(2, &["later.yaml:2: ", "version 1", "not 2"]);
    place
        .run(&["scan", &url, "--config", "odd.yaml"])
        .refused(2, &["odd.yaml:1: ", "version"]);
    place
        .run(&["scan", &url, "--config", "key.yaml"])
        .refused(2, &["--client-cert none.pem"]);
}

#[test]
fn a_finding_is_shown_by_the_beginning_of_its_fingerprint() {
    let (url, _) = serve();
    let place = Place::new();
    let (ran, report) = scan(&place, &url, &[]);
    assert!(
        ran.out
            .contains("keyspill show FINGERPRINT keyspill-out/report.json")
    );
    let findings = report["findings"].as_array().unwrap();
    let finding = findings.iter().find(|one| one["rule"] == ECHO).unwrap();
    let print = finding["fingerprint"].as_str().unwrap();
    assert!(ran.out.contains(&print[..8]), "{}", ran.out);
    assert!(!ran.out.contains("curl -s"), "{}", ran.out);
    // By default it looks in the folder that the examples use.
    let shown = place.run(&["show", &print[..8]]);
    shown.printed(0, &[ECHO, "    curl ", "fix: ", "why: ", print]);
    let second = finding["fingerprints"]["v2"].as_str().unwrap();
    place
        .run(&["show", &second[..12], "keyspill-out/report.json"])
        .printed(0, &[ECHO, print]);
    let upper = print[..10].to_uppercase();
    place.run(&["show", &upper]).printed(0, &[ECHO]);
    place.run(&["show", &print[..5]]).refused(2, &["6 or more"]);
    place.run(&["show", "nothing"]).refused(2, &["hexadecimal"]);
    place
        .run(&["show", "0123456789abcdef0123"])
        .refused(2, &["no finding of keyspill-out/report.json"]);
    let text = fs::read_to_string(place.path("keyspill-out/report.json")).unwrap();
    let mut twice: Value = serde_json::from_str(&text).unwrap();
    let mut other = finding.clone();
    other["fingerprint"] = format!("{}{}", &print[..20], "0".repeat(44)).into();
    other["fingerprints"]["v1"] = other["fingerprint"].clone();
    let ambiguous = other["fingerprint"].as_str().unwrap().to_owned();
    twice["findings"].as_array_mut().unwrap().push(other);
    fs::write(place.path("twice.json"), twice.to_string()).unwrap();
    place
        .run(&["show", &print[..8], "twice.json"])
        .refused(2, &["names several", print, &ambiguous]);
}

/// An authority, the certificates of a server and a tester as PEM, and the server's configuration.
struct Tls {
    authority: String,
    certificate: String,
    key: String,
    config: Arc<ServerConfig>,
}

fn tls() -> Tls {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let own = KeyPair::generate().unwrap();
    let mut params = CertificateParams::default();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let authority = params.self_signed(&own).unwrap();
    let issuer = Issuer::new(params, own);
    let signed = |name: &str, purpose| {
        let key = KeyPair::generate().unwrap();
        let mut params = CertificateParams::new(vec![name.to_owned()]).unwrap();
        params.extended_key_usages = vec![purpose];
        (params.signed_by(&key, &issuer).unwrap(), key)
    };
    let (server, server_key) = signed("127.0.0.1", ExtendedKeyUsagePurpose::ServerAuth);
    let (tester, tester_key) = signed("tester", ExtendedKeyUsagePurpose::ClientAuth);
    let mut roots = RootCertStore::empty();
    roots.add(authority.der().clone()).unwrap();
    let verifier = WebPkiClientVerifier::builder(Arc::new(roots))
        .build()
        .unwrap();
    let server_key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(server_key.serialize_der()));
    let config = ServerConfig::builder()
        .with_client_cert_verifier(verifier)
        .with_single_cert(vec![server.der().clone()], server_key)
        .unwrap();
    Tls {
        authority: authority.pem(),
        certificate: tester.pem(),
        key: tester_key.serialize_pem(),
        config: Arc::new(config),
    }
}

fn serve_tls(config: &Arc<ServerConfig>) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("https://{}", listener.local_addr().unwrap());
    let config = Arc::clone(config);
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let config = Arc::clone(&config);
            thread::spawn(move || over_tls(stream, config));
        }
    });
    url
}

fn over_tls(stream: TcpStream, config: Arc<ServerConfig>) {
    let connection = ServerConnection::new(config).unwrap();
    let mut stream = StreamOwned::new(connection, stream);
    answer(&mut stream, &Mutex::default());
    stream.conn.send_close_notify();
    let _ = stream.flush();
}

#[test]
fn a_client_certificate_opens_a_server_that_demands_one() {
    let tls = tls();
    let url = serve_tls(&tls.config);
    let both = format!("{}{}", tls.certificate, tls.key);
    let place = Place::new()
        .with("ca.pem", &tls.authority)
        .with("tester.pem", &both);
    let shut = place.run(&["scan", &url, "--cacert", "ca.pem"]);
    assert_eq!(shut.code, 3, "{}", shut.err);
    let (ran, report) = scan(
        &place,
        &url,
        &["--cacert", "ca.pem", "--client-cert", "tester.pem"],
    );
    assert!(rules(&report).contains(&ECHO), "{} {}", ran.err, ran.out);
}

#[test]
fn a_port_of_the_other_scheme_is_told_with_the_url_to_give() {
    let tls = tls();
    let https = serve_tls(&tls.config);
    let http = https.replace("https://", "http://");
    let said = format!("if it speaks https, give {https}");
    let place = Place::new();
    let with_user = http.replace("http://", "http://u:s3cret@");
    place.run(&["scan", &with_user]).refused(3, &[&said]);
    place.run(&["crawl", &http]).refused(3, &[&said]);

    // Most servers answer like this to anything that is not HTTP.
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            let _ = stream.read(&mut [0; 512]);
            let _ = stream.write_all(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n");
        }
    });
    let said = format!("if it speaks plain http, give http://{address}");
    let https = format!("https://{address}");
    place.run(&["scan", &https]).refused(3, &[&said]);
}

#[test]
fn a_client_certificate_that_is_none_is_refused_by_the_name_of_its_option() {
    let tls = tls();
    let other = KeyPair::generate().unwrap();
    let broken = "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n";
    let locked =
        "-----BEGIN ENCRYPTED PRIVATE KEY-----\nAAAA\n-----END ENCRYPTED PRIVATE KEY-----\n";
    let place = Place::new()
        .with("cert.pem", &tls.certificate)
        .with("key.pem", &tls.key)
        .with("broken.pem", &format!("{}{broken}", tls.certificate))
        .with("locked.pem", &format!("{}{locked}", tls.certificate))
        .with(
            "other.pem",
            &format!("{}{}", tls.certificate, other.serialize_pem()),
        )
        .with("empty.pem", "");
    for (file, part) in [
        ("none.pem", "No such file"),
        ("cert.pem", "no PEM private key"),
        ("key.pem", "no PEM certificate"),
        ("broken.pem", "cannot be read"),
        ("other.pem", "do not belong together"),
        ("locked.pem", "passphrase"),
        ("empty.pem", "no PEM certificate"),
    ] {
        let ran = place.run(&["scan", "https://127.0.0.1:9", "--client-cert", file]);
        ran.refused(2, &[&format!("--client-cert {file}: "), part]);
    }
}

#[test]
fn a_traffic_file_that_cannot_be_made_is_a_wrong_option_and_nothing_is_sent() {
    let place = Place::new().with("out/report.json", "LAST MONTH");
    let all = [
        "scan",
        "http://127.0.0.1:9",
        "--output",
        "out",
        "--format",
        "json",
    ];
    let ran = place.run(&[&all[..], &["--traffic", "nowhere/t.har"]].concat());
    ran.refused(2, &["--traffic", "nowhere/t.har"]);
}
