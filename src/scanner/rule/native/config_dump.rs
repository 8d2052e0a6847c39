//! Settings, an environment or a configuration file: pairs of names and values.
//!
//! Owns: where such pairs are looked for. Leaves out: reading them (`detect::config_dump`).

use std::sync::Arc;

use crate::credential::Credentials;
use crate::detect::{Dump, Quotable, Settings, is_example_file};
use crate::rule::{AnswerView, Detector, Hit, Shows};
use crate::unescape::View;

/// The maximum number of dumps kept from an answer's records.
const MAX_HITS: usize = 32;

/// See the module documentation.
#[derive(Debug, Default)]
pub(super) struct ConfigDump {
    settings: Settings,
    /// True when the tester has names of their own, which need not contain any of the hint words.
    has_own_names: bool,
}

impl Detector for ConfigDump {
    fn hints(&self) -> Vec<String> {
        let words: &[&str] = &[
            "secret",
            "_key",
            "password",
            "passwd",
            "_uri",
            "_url",
            "_dsn",
            "token",
            "mongouri",
            "dburl",
            "databaseurl",
            "redisurl",
            "://",
        ];
        let words = if self.has_own_names { &[] } else { words };
        words.iter().map(|word| (*word).to_owned()).collect()
    }

    fn equipped(&self, credentials: &Credentials) -> Option<Arc<dyn Detector>> {
        Some(Arc::new(Self {
            settings: Settings::new(credentials.clone()),
            has_own_names: credentials.has_own_names(),
        }))
    }

    fn look(&self, answer: &AnswerView<'_>, view: &View<'_>) -> Vec<Hit> {
        if is_example_file(answer.asked) {
            return Vec::new();
        }
        self.settings
            .find(&view.text)
            .into_iter()
            .map(hit)
            .collect()
    }

    /// Finds settings that appear only in records, as a list of pairs.
    fn look_at_records(&self, answer: &AnswerView<'_>) -> Vec<Hit> {
        if is_example_file(answer.asked) {
            return Vec::new();
        }
        let dumps = self.settings.in_records(answer.records).into_iter();
        dumps.take(MAX_HITS).map(hit).collect()
    }
}

fn hit(dump: Dump) -> Hit {
    Hit {
        extent: dump.extent,
        secrets: dump.secrets,
        quotable: if dump.is_running {
            Quotable::No
        } else {
            Quotable::Anywhere
        },
        pieces: dump.pieces,
        several: dump.several,
        ..Hit::new(Shows::Settings, "config-dump", dump.span)
    }
}
