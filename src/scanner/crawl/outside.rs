//! Links that lead out of the target: are they another name of it?
//!
//! Owns: what is counted by host, which few of its paths are asked for below the base, and when a host
//! is taken for the target's own. Leaves out: rewriting (`target/alias.rs`). Nothing is ever sent to
//! another host.
//!
//! A proxy that serves an application under a prefix, or under a name that it does not know, is met with
//! links that leave the scope. Where every one of a few such paths is there below the base, the host is
//! the target by another name.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use url::{Host, Url};

use super::Crawl;
use super::found::Call;
use super::job::{Job, Why};
use super::resolve::Carried;
use crate::finding::Problem;
use crate::http::{Method, Request, Response};
use crate::policy::may_send;
use crate::surface::{EndpointId, Provenance};
use crate::target::Alias;

/// Hosts that are looked into at most, and remembered at most.
const MAX_HOSTS: usize = 6;
const MAX_REMEMBERED: usize = 100;
/// Paths of one host that are asked for below the base.
const MAX_ASKED: usize = 3;
/// Different paths of a foreign host that make it worth a look.
const MANY: usize = 3;
/// Calls to one host that are kept until it is decided.
const MAX_KEPT: usize = 300;
/// Hosts that are named at most.
const MAX_NAMED: usize = 3;

/// Where links lead that are not the target's, by origin.
#[derive(Debug, Default)]
pub(super) struct Outside {
    hosts: BTreeMap<String, Elsewhere>,
    asked: usize,
}

/// One other host.
#[derive(Debug)]
struct Elsewhere {
    /// The target's own host, a neighbour or a name of an inner network.
    near: bool,
    /// The first address that was seen.
    first: Url,
    paths: BTreeSet<String>,
    /// Forms and calls of scripts lead there too.
    operations: usize,
    count: usize,
    asked: usize,
    waiting: usize,
    there: usize,
    kept: Vec<(Call, Url, String)>,
    /// What was there below the base: pages of the target's own, once the host is one of its names.
    pages: Vec<(Request, Response)>,
}

impl Outside {
    /// What a reader of the report must know: how much of the target's own leads out of it.
    fn told(&self) -> Option<String> {
        let of_the_target =
            |host: &&Elsewhere| host.count > 0 && (host.near || host.operations > 0);
        let led: Vec<&Elsewhere> = self.hosts.values().filter(of_the_target).collect();
        let count: usize = led.iter().map(|host| host.count).sum();
        let named: Vec<String> = led
            .iter()
            .take(MAX_NAMED)
            .map(|host| {
                let origin = host.first.origin().ascii_serialization();
                format!("{origin}{} ({} in all)", host.first.path(), host.count)
            })
            .collect();
        (count > 0).then(|| {
            format!(
                "{count} links or forms lead out of scope and were not followed: {}",
                named.join(", ")
            )
        })
    }
}

impl Crawl {
    /// What led out of the scope, told once the crawl is over.
    pub(crate) fn left_outside(&self) -> Option<Problem> {
        let text = self.known.outside.told()?;
        Some(Problem::new("links-outside", text))
    }

    /// Counts a call that leads out of the scope, and asks whether its path is there below the base.
    pub(super) fn note_outside(&mut self, call: Call, base: &Url, page: &str) {
        let target = &self.settings.target;
        let Some(url) = self.written(&call, base).map(|url| target.at_home(url)) else {
            return;
        };
        let web = matches!(url.scheme(), "http" | "https");
        let below = url.path().strip_prefix(target.prefix());
        let excluded = target.same_origin(&url) && below.is_some();
        if !web || excluded {
            return;
        }
        let open = url.path().contains("%7B") || call.url.contains('{');
        let key = url.origin().ascii_serialization();
        let known = self.known.outside.hosts.len();
        if known >= MAX_REMEMBERED && !self.known.outside.hosts.contains_key(&key) {
            return;
        }
        let near = is_near(&url, target.base());
        let host = self
            .known
            .outside
            .hosts
            .entry(key.clone())
            .or_insert(Elsewhere {
                near,
                first: url.clone(),
                paths: BTreeSet::new(),
                operations: 0,
                count: 0,
                asked: 0,
                waiting: 0,
                there: 0,
                kept: Vec::new(),
                pages: Vec::new(),
            });
        // What only looks like an address is no link, and an import tells of its own.
        if !call.tentative && call.provenance != Provenance::Import {
            host.count += 1;
            host.operations += usize::from(call.form || call.method != Method::Get);
        }
        if host.kept.len() < MAX_KEPT {
            host.kept.push((call, base.clone(), page.to_owned()));
        }
        if !open && host.paths.len() < MAX_KEPT {
            host.paths.insert(url.path().to_owned());
        }
        if (near || host.paths.len() >= MANY) && host.asked < MAX_ASKED {
            self.ask_below(&key);
        }
    }

    /// Asks for paths of another host below the base.
    fn ask_below(&mut self, key: &str) {
        let Some(host) = self.known.outside.hosts.get_mut(key) else {
            return;
        };
        if host.asked == 0 {
            if self.known.outside.asked >= MAX_HOSTS {
                return;
            }
            self.known.outside.asked += 1;
        }
        let mut jobs = Vec::new();
        for path in &host.paths {
            let mut there = host.first.clone();
            there.set_path(path);
            there.set_query(None);
            let url = self.settings.target.below_base(&there);
            let id = EndpointId::new(Method::Get, url.path());
            // A start page is everywhere.
            let telling = !path.trim_matches('/').is_empty();
            let may = telling
                && self.settings.target.covers(&url)
                && may_send(&self.settings, &id, "").is_ok();
            if may && host.asked + jobs.len() < MAX_ASKED {
                let why = Why::Outside(key.to_owned());
                let method = Method::Get;
                jobs.push(Job { method, url, why });
            }
        }
        for job in jobs {
            let path = job.url.path().to_owned();
            // A path that was asked for before is there: it is a page of the target's own.
            if self.asking.frontier.admit(job, &path)
                && let Some(host) = self.known.outside.hosts.get_mut(key)
            {
                host.asked += 1;
                host.waiting += 1;
            }
        }
    }

    /// Takes the answer to a path of another host that was asked for below the base.
    pub(super) fn take_outside(&mut self, key: &str, request: &Request, response: &Response) {
        let missing = self.known.is_not_found(response, request.url.path());
        let there =
            !missing && (response.status < 400 || matches!(response.status, 401 | 403 | 405));
        if let Some(host) = self.known.outside.hosts.get_mut(key) {
            host.waiting = host.waiting.saturating_sub(1);
            host.there += usize::from(there);
            if there {
                host.pages.push((request.clone(), response.clone()));
            }
            // One may be chance; it is decided once nothing else is left to ask.
            if host.waiting == 0 && host.asked > 1 {
                self.decide_outside(2);
            }
        }
    }

    /// Takes hosts for the target's own of which at least so many paths were asked for and all are there;
    /// their links are followed then.
    pub(super) fn decide_outside(&mut self, least: usize) {
        let proven: Vec<String> = self
            .known
            .outside
            .hosts
            .iter()
            .filter(|(_, host)| host.asked >= least && host.there == host.asked)
            .map(|(key, _)| key.clone())
            .collect();
        for key in proven {
            let Some(host) = self.known.outside.hosts.remove(&key) else {
                continue;
            };
            let Some(alias) = Alias::of(&host.first) else {
                continue;
            };
            self.settings.target.adopt(alias);
            for (request, response) in host.pages {
                self.note_page(&request, &response);
                self.learn(&request, &response);
            }
            for (call, base, page) in host.kept {
                let carried = Carried::of(&Request::get(base.clone()));
                self.learn_call(call, &base, &page, &carried);
            }
        }
    }
}

/// True for the base's own host at another port or outside of its prefix, for its neighbours in one
/// domain, and for names and addresses of an inner network.
fn is_near(url: &Url, base: &Url) -> bool {
    match (url.host(), base.host()) {
        (Some(Host::Domain(name)), of) => {
            let inner = !name.contains('.')
                || [".local", ".internal", ".localhost", ".lan"]
                    .iter()
                    .any(|end| name.ends_with(end));
            let domain = |name: &str| -> Option<String> {
                let labels: Vec<&str> = name.rsplit('.').take(2).collect();
                (labels.len() == 2).then(|| labels.join("."))
            };
            let kin = match of {
                Some(Host::Domain(of)) => {
                    of == name || domain(of).is_some_and(|own| Some(own) == domain(name))
                }
                _ => false,
            };
            inner || kin
        }
        (Some(Host::Ipv4(address)), _) => {
            address.is_loopback() || address.is_private() || base.host() == url.host()
        }
        (Some(Host::Ipv6(address)), _) => {
            IpAddr::V6(address).is_loopback() || base.host() == url.host()
        }
        (None, _) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_neighbour_is_near_and_a_stranger_is_not() {
        let near =
            |url: &str, base: &str| is_near(&Url::parse(url).unwrap(), &Url::parse(base).unwrap());
        assert!(near("http://127.0.0.1:5001/x", "http://127.0.0.1:5000/"));
        assert!(near("http://backend:8000/x", "https://shop.example/"));
        assert!(near("https://www.shop.example/x", "https://shop.example/"));
        assert!(near("http://10.1.2.3/x", "https://shop.example/"));
        assert!(!near("https://github.com/x", "https://shop.example/"));
        assert!(!near("https://8.8.8.8/x", "http://127.0.0.1/"));
    }
}
