//! Other names of the target's host.
//!
//! This module defines them, and rewrites URLs that use one onto the base. They are found in
//! `crawl/outside.rs`; scope is handled elsewhere.

use std::net::Ipv6Addr;

use url::Url;

use super::{BadTarget, Target};

/// Names of this machine that are treated as equal if the base is one of them. Other loopback
/// addresses count as other hosts: something else may listen there.
const LOCAL: [&str; 3] = ["localhost", "127.0.0.1", "[::1]"];

/// Another name of the target's host, perhaps with a port.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Alias {
    host: String,
    port: Option<u16>,
}

impl Alias {
    /// Parses `HOST` or `HOST:PORT`.
    ///
    /// # Errors
    ///
    /// Fails if the text is not a host, for example a URL with a path.
    pub fn parse(text: &str) -> Result<Self, BadTarget> {
        let given = text.trim();
        let refuse = || BadTarget(format!("{text:?} is not HOST or HOST:PORT"));
        let given = match given.parse::<Ipv6Addr>() {
            Ok(address) => format!("[{address}]"),
            Err(_) => given.trim_end_matches('/').to_owned(),
        };
        let bare = given
            .strip_prefix("http://")
            .or_else(|| given.strip_prefix("https://"))
            .unwrap_or(&given);
        let url = Url::parse(&format!("http://{bare}")).map_err(|_| refuse())?;
        let odd = url.path() != "/"
            || url.query().is_some()
            || url.fragment().is_some()
            || !url.username().is_empty()
            || url.password().is_some();
        let host = url.host_str().filter(|host| !odd && !host.is_empty());
        let host = host.ok_or_else(refuse)?.to_owned();
        // A parsed URL does not distinguish "http://h:80" from "http://h".
        let port = bare
            .rsplit_once(':')
            .and_then(|(_, port)| port.parse().ok());
        Ok(Self { host, port })
    }

    /// Returns the host and port of a URL.
    pub fn of(url: &Url) -> Option<Self> {
        Some(Self {
            host: url.host_str()?.to_owned(),
            port: url.port_or_known_default(),
        })
    }

    fn names(&self, url: &Url, base: &Url) -> bool {
        let port = url.port_or_known_default();
        let usual = [Some(80), Some(443), base.port_or_known_default()];
        url.host_str() == Some(self.host.as_str())
            && match self.port {
                Some(_) => port == self.port,
                None => usual.contains(&port),
            }
    }
}

impl Target {
    /// Adds other names of the target's host.
    #[must_use]
    pub fn with_aliases(self, aliases: Vec<Alias>) -> Self {
        for alias in aliases {
            self.adopt(alias);
        }
        self
    }

    /// Treats a name as the target's own from now on, in every clone.
    pub fn adopt(&self, alias: Alias) {
        let mut aliases = self.aliases();
        if !aliases.contains(&alias) {
            aliases.push(alias);
        }
    }

    /// Returns the URL to request: one with another name of the target's host is rewritten onto the
    /// base, below its prefix; any other is returned unchanged.
    pub fn at_home(&self, url: Url) -> Url {
        if !matches!(url.scheme(), "http" | "https") || self.is_below(url.path(), &url) {
            return url;
        }
        let base = self.base();
        let known = self.aliases().iter().any(|alias| alias.names(&url, base));
        if known || self.is_local_twin(&url) {
            return self.below_base(&url);
        }
        url
    }

    /// Returns whether a URL has the target's origin and a path below its prefix.
    fn is_below(&self, path: &str, url: &Url) -> bool {
        self.same_origin(url) && self.strip_prefix(path).is_some()
    }

    /// Returns a URL with the given path and query on the base, below its prefix.
    pub fn below_base(&self, url: &Url) -> Url {
        let mut home = self.base().clone();
        let _ = home.set_username("");
        let _ = home.set_password(None);
        home.set_fragment(None);
        if self.strip_prefix(url.path()).is_some() {
            home.set_path(url.path());
        } else {
            home.set_path(&format!("{}{}", self.prefix(), url.path()));
        }
        home.set_query(url.query());
        home
    }

    /// Returns whether both the URL and the base are local names, such as `localhost` and
    /// `127.0.0.1`.
    fn is_local_twin(&self, url: &Url) -> bool {
        let local = |url: &Url| url.host_str().is_some_and(|host| LOCAL.contains(&host));
        let base = self.base();
        local(url)
            && local(base)
            && url.scheme() == base.scheme()
            && url.port_or_known_default() == base.port_or_known_default()
            && url.host_str() != base.host_str()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn home(target: &Target, url: &str) -> String {
        target.at_home(Url::parse(url).unwrap()).to_string()
    }

    fn aliased(base: &str, aliases: &[&str]) -> Target {
        let aliases = aliases.iter().map(|text| Alias::parse(text).unwrap());
        Target::parse(base).unwrap().with_aliases(aliases.collect())
    }

    #[test]
    fn the_usual_names_of_this_machine_are_one_and_its_other_addresses_are_not() {
        let target = aliased("http://127.0.0.1:5000", &[]);
        assert_eq!(
            home(&target, "http://localhost:5000/a?b=c"),
            "http://127.0.0.1:5000/a?b=c"
        );
        assert_eq!(
            home(&target, "http://[::1]:5000/"),
            "http://127.0.0.1:5000/"
        );
        for other in [
            "http://127.0.0.2:5000/a",
            "http://localhost:5001/a",
            "https://localhost:5000/a",
            "http://localhost.example:5000/a",
            "mailto:a@localhost",
        ] {
            assert_eq!(home(&target, other), other);
        }
    }

    #[test]
    fn an_alias_is_rewritten_onto_the_base_below_its_prefix() {
        let target = aliased(
            "http://k:pw@10.0.0.5:8000/app",
            &["shop.example", "inner:81"],
        );
        for (given, rewritten) in [
            ("https://shop.example/a?b#c", "http://10.0.0.5:8000/app/a?b"),
            (
                "http://shop.example:8000/app/a",
                "http://10.0.0.5:8000/app/a",
            ),
            ("http://inner:81/x", "http://10.0.0.5:8000/app/x"),
        ] {
            assert_eq!(home(&target, given), rewritten);
        }
        for other in [
            "https://shop.example:8443/a",
            "http://inner/x",
            "http://www.shop.example/a",
            "http://10.0.0.5:8000/other",
        ] {
            assert_eq!(home(&target, other), other);
        }
    }

    #[test]
    fn a_name_that_is_adopted_holds_for_every_clone() {
        let target = aliased("http://h/app", &[]);
        let clone = target.clone();
        target.adopt(Alias::of(&Url::parse("http://h/").unwrap()).unwrap());
        assert_eq!(home(&clone, "http://h/x"), "http://h/app/x");
        assert_eq!(home(&clone, "http://h/app/x"), "http://h/app/x");
    }

    #[test]
    fn an_alias_is_a_host_and_perhaps_a_port() {
        for text in ["", "h/x", "h?x", "u:p@h", "h:port", "h:99999", "a b"] {
            assert!(Alias::parse(text).is_err(), "{text:?}");
        }
        for text in [
            "h",
            "H.example:80",
            "http://h/",
            "::1",
            "[::1]:5000",
            "10.0.0.1",
        ] {
            assert!(Alias::parse(text).is_ok(), "{text:?}");
        }
        let target = aliased("http://a:5000", &["::1"]);
        assert_eq!(home(&target, "http://[::1]:5000/x"), "http://a:5000/x");
    }
}
