//! Other names of the target's host.
//!
//! Owns: what they are, and how a URL that names one is rewritten onto the base. Leaves out: who finds
//! them (`crawl/outside.rs`), scope.

use std::net::Ipv6Addr;

use url::Url;

use super::{BadTarget, Target};

/// Names of this machine that are taken for one another where the base is one of them. Other loopback
/// addresses are other hosts: something else may listen there.
const LOCAL: [&str; 3] = ["localhost", "127.0.0.1", "[::1]"];

/// Another name of the target's host, perhaps with a port.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Alias {
    host: String,
    port: Option<u16>,
}

impl Alias {
    /// Reads `HOST` or `HOST:PORT`.
    ///
    /// # Errors
    ///
    /// Refuses what is no host: a URL with a path, say.
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
        // The URL does not tell "http://h:80" from "http://h".
        let port = bare
            .rsplit_once(':')
            .and_then(|(_, port)| port.parse().ok());
        Ok(Self { host, port })
    }

    /// The host and port that a URL names.
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
    /// These are other names of the target's host.
    #[must_use]
    pub fn with_aliases(self, aliases: Vec<Alias>) -> Self {
        for alias in aliases {
            self.adopt(alias);
        }
        self
    }

    /// Takes a name for the target's own from now on, in every clone.
    pub fn adopt(&self, alias: Alias) {
        let mut aliases = self.aliases();
        if !aliases.contains(&alias) {
            aliases.push(alias);
        }
    }

    /// A URL as it is asked for. One that names another name of the target's host is rewritten onto the
    /// base, below its prefix; any other is as it was.
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

    /// True for what is at home already.
    fn is_below(&self, path: &str, url: &Url) -> bool {
        self.same_origin(url) && self.strip_prefix(path).is_some()
    }

    /// A URL's path and query on the base, below its prefix.
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

    /// True for `localhost` where the base is `127.0.0.1`, and the like.
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
