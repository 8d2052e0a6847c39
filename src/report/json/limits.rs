//! The budget and bounds of a scan, as the report states them: nothing beyond them was looked for.

use serde_json::{Value, json};

use super::LimitV2;
use crate::settings::Settings;

impl LimitV2 {
    /// Returns the limits of a scan.
    pub fn of(settings: &Settings) -> Vec<Self> {
        let http = &settings.http;
        let seconds = |time: std::time::Duration| json!(time.as_secs_f64());
        let methods: Vec<&str> = settings.methods.iter().map(|m| m.as_str()).collect();
        [
            ("rate", json!(http.rate)),
            ("concurrency", json!(http.concurrency)),
            ("max_requests", json!(http.max_requests)),
            ("max_time", http.max_time.map_or(Value::Null, seconds)),
            ("timeout", seconds(http.timeout)),
            ("max_wait", seconds(http.max_wait)),
            ("max_body", json!(http.max_body)),
            ("settle", seconds(settings.settle)),
            ("max_endpoints", json!(settings.max_endpoints)),
            ("max_depth", json!(settings.target.max_depth())),
            ("methods", json!(methods.join(","))),
            ("hidden_inputs", json!(settings.hidden_inputs)),
        ]
        .into_iter()
        .map(|(name, value)| Self {
            name: name.to_owned(),
            value,
        })
        .collect()
    }
}
