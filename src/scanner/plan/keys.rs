//! Keys that open doors: what gets past the refusal of one operation is also sent to its
//! neighbours.

use std::sync::Arc;

use super::request_template::RequestTemplate;
use crate::surface::{Endpoint, Place};

/// Adds the canaries of opened operations to a request template, in those keys that its endpoint
/// takes too.
pub(crate) fn with_keys(
    template: RequestTemplate,
    endpoint: Option<&Endpoint>,
    opened: &[Arc<RequestTemplate>],
) -> RequestTemplate {
    let mut dressed = template;
    for key in opened {
        for (input, fill) in &key.fills {
            let carried = matches!(input.place, Place::Header | Place::Cookie | Place::Query);
            let taken = key.endpoint == dressed.endpoint
                || endpoint.is_some_and(|e| e.input(input.place, &input.name).is_some());
            let free = dressed
                .fill(input.place, &input.name)
                .is_none_or(|f| f.shape().is_none());
            if carried && taken && free && fill.shape().is_some() {
                dressed = dressed.with(input, fill.clone());
            }
        }
    }
    dressed
}
