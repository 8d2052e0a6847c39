//! Requests for paths that no page names: Werkzeug's debugger resources and console.
//!
//! Sources: `werkzeug/debug/__init__.py`, `DebuggedApplication.__call__` (`__debugger__=yes`,
//! `console_path`) and `check_host_trust`. The console is never used, and its PIN is never tried.

use crate::http::Method;
use crate::plan::{Fill, RequestTemplate};
use crate::surface::{EndpointId, Input, Place, Provenance};
use crate::target::Target;

/// Returns the requests, as request templates without canaries.
pub(super) fn requests(target: &Target) -> Vec<RequestTemplate> {
    let prefix = target.prefix();
    let root = format!("{prefix}/");
    let console = format!("{prefix}/console");
    let template = |id: EndpointId, path: String| RequestTemplate {
        path: Some(path),
        ..RequestTemplate::bare(id)
    };
    let resource = format!("{root}?__debugger__=yes&cmd=resource&f=debugger.js");
    let mut requests = vec![
        template(EndpointId::new(Method::Get, &root), resource),
        template(EndpointId::new(Method::Get, &console), console.clone()),
    ];
    // Werkzeug serves the console only to a host that it trusts, so pretend to be on the same machine.
    if !is_trusted(target.base().host_str().unwrap_or_default()) {
        let host = Input::new(Place::Header, "host", Provenance::Guess);
        let fill = Fill::Plain(serde_json::Value::String("127.0.0.1".to_owned()));
        requests.push(
            template(EndpointId::new(Method::Get, &console), console.clone()).with(&host, fill),
        );
    }
    requests
}

fn is_trusted(host: &str) -> bool {
    host == "127.0.0.1" || host == "localhost" || host.ends_with(".localhost")
}
