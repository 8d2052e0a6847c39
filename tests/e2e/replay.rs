//! A scan is a function of the answers that it gets and their order: played from a tape, it reports
//! the same without a request.

use keyspill::finding::ScanResult;
use keyspill::pipeline;
use keyspill::progress::{Silent, Stop};
use keyspill::report::json::ReportV2;
use keyspill::settings::Settings;
use keyspill::tape::Tape;
use keyspill::target::Target;
use regex::Regex;

use crate::app::app;

/// Returns what a report says without its times, which a tape does not reproduce.
fn told(outcome: &ScanResult) -> String {
    let report = serde_json::to_string_pretty(&ReportV2::from_result(outcome)).unwrap();
    let time = Regex::new(r#""\d{4}-\d\d-\d\dT[\d:.]+Z""#).unwrap();
    time.replace_all(&report, "\"a time\"").into_owned()
}

async fn scan(settings: &Settings) -> ScanResult {
    let catalog = keyspill::builtin::catalog().unwrap();
    let stop = Stop::new();
    let scan = pipeline::scan(settings, &catalog, &Silent, &stop);
    scan.await.unwrap()
}

#[tokio::test]
async fn a_scan_that_is_played_again_gives_the_same_report_without_a_request() {
    for concurrency in [1, 10] {
        let served = app("operators/crew").database().serve();
        let mut settings = Settings::new(Target::parse(served.url()).unwrap());
        settings.http.rate = 1000;
        settings.http.concurrency = concurrency;
        settings.settle = std::time::Duration::from_millis(50);
        settings.seed = Some(11);
        let tape = Tape::recording();
        settings.http.tape = Some(tape.clone());
        let first = scan(&settings).await;
        assert!(!first.findings.is_empty());
        // From here on nothing answers.
        drop(served);
        let tape = tape.rewound();
        settings.http.tape = Some(tape.clone());
        settings.learnt = Settings::new(settings.target.clone()).learnt;
        let second = scan(&settings).await;
        let (first, second) = (told(&first), told(&second));
        let differs = first.lines().zip(second.lines()).find(|(a, b)| a != b);
        assert_eq!(differs, None, "{concurrency} at a time");
        assert_eq!((tape.left(), first.len()), (0, second.len()));
    }
}
