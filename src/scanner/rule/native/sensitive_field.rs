//! Records with passwords, keys and their hashes.
//!
//! Owns: choosing the answers to look at. Leaves out: which fields show secrets (`detect::sensitive`).

use std::sync::Arc;

use crate::credential::Credentials;
use crate::detect::{ShownField, sensitive};
use crate::rule::{AnswerView, Detector, Hit, Shows};

/// See the module documentation.
#[derive(Debug, Default)]
pub(super) struct SensitiveField {
    credentials: Credentials,
}

impl Detector for SensitiveField {
    fn equipped(&self, credentials: &Credentials) -> Option<Arc<dyn Detector>> {
        Some(Arc::new(Self {
            credentials: credentials.clone(),
        }))
    }

    /// Needs the request as well: a record that shows secrets is not a fault if the caller has just
    /// sent or created them.
    fn look_at_records(&self, answer: &AnswerView<'_>) -> Vec<Hit> {
        let Some(request) = answer.request else {
            return Vec::new();
        };
        let exchange = (request, answer.response);
        let fields = sensitive(exchange, answer.records, &self.credentials, answer.is_ours);
        let hit = |shown: ShownField| {
            let (first, last) = (shown.secrets.first()?.clone(), shown.secrets.last()?.end);
            Some(Hit {
                extent: first.start..last,
                field: Some(shown.field),
                secrets: shown.secrets,
                ..Hit::new(Shows::RecordField, shown.class, first)
            })
        };
        fields.into_iter().filter_map(hit).collect()
    }
}
