//! The server that `KEYSPILL_MONGO_URI` names.
//!
//! Owns reading the address, checking that something listens there, and choosing names that no
//! other test uses. Leaves out removing what was stored: that needs a client, and by setting the
//! variable the server's owner allowed writes.

use crate::error::LabError;
use std::net::{TcpStream, ToSocketAddrs};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

const SCHEMES: [&str; 2] = ["mongodb://", "mongodb+srv://"];
const DEFAULT_PORT: u16 = 27_017;

/// Distinguishes the databases of one process.
static COUNT: AtomicU32 = AtomicU32::new(0);

/// An address in pieces, with a suffix for the names of databases.
#[derive(Debug)]
pub(super) struct GivenServer {
    /// Scheme, user and hosts.
    before: String,
    /// The options, starting with the question mark.
    after: String,
    suffix: String,
}

impl GivenServer {
    pub(super) fn reach(uri: &str) -> Result<Self, LabError> {
        let server = Self::read(uri)?;
        if !server.before.starts_with(SCHEMES[1]) {
            let hosts = server.hosts();
            if !hosts.split(',').any(listens) {
                return Err(LabError::GivenServer(format!("nothing listens at {hosts}")));
            }
        }
        Ok(server)
    }

    pub(super) fn uri_for(&self, name: &str) -> String {
        format!("{}/{name}{}{}", self.before, self.suffix, self.after)
    }

    fn read(uri: &str) -> Result<Self, LabError> {
        let scheme = SCHEMES
            .into_iter()
            .find(|scheme| uri.starts_with(scheme))
            .ok_or_else(|| {
                LabError::GivenServer("an address starts with mongodb:// or mongodb+srv://".into())
            })?;
        let rest = &uri[scheme.len()..];
        let (rest, options) = rest.split_once('?').unwrap_or((rest, ""));
        let (hosts, database) = rest.split_once('/').unwrap_or((rest, ""));

        let mut options: Vec<String> = options
            .split('&')
            .filter(|option| !option.is_empty())
            .map(str::to_owned)
            .collect();
        // The user is looked up in the address's database unless an option names another. Our
        // databases do not have that user.
        let told = options
            .iter()
            .any(|option| option.to_ascii_lowercase().starts_with("authsource="));
        if hosts.contains('@') && !told {
            let source = if database.is_empty() {
                "admin"
            } else {
                database
            };
            options.push(format!("authSource={source}"));
        }
        let after = if options.is_empty() {
            String::new()
        } else {
            format!("?{}", options.join("&"))
        };
        Ok(Self {
            before: format!("{scheme}{hosts}"),
            after,
            suffix: suffix(),
        })
    }

    /// Returns the hosts without the password.
    fn hosts(&self) -> &str {
        let hosts = self.before.trim_start_matches(SCHEMES[0]);
        hosts.rsplit_once('@').map_or(hosts, |(_, hosts)| hosts)
    }
}

fn listens(host: &str) -> bool {
    // The colons inside the brackets of an IPv6 address do not belong to the port.
    let port_follows = host
        .rsplit(']')
        .next()
        .is_some_and(|rest| rest.contains(':'));
    let with_port = if port_follows {
        host.to_owned()
    } else {
        format!("{host}:{DEFAULT_PORT}")
    };
    with_port.to_socket_addrs().is_ok_and(|addresses| {
        addresses
            .into_iter()
            .any(|at| TcpStream::connect_timeout(&at, Duration::from_secs(5)).is_ok())
    })
}

/// Returns a suffix that is short, because a database's name is limited to 63 bytes, and contains
/// the time, because process numbers are reused.
fn suffix() -> String {
    let now = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    let count = COUNT.fetch_add(1, Ordering::Relaxed);
    format!("_{:x}_{}_{count}", now.as_millis(), std::process::id())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Checks where the name `twin` ends up, with the suffix written as `*`.
    fn check(uri: &str, expected: &str) {
        let server = GivenServer::read(uri).unwrap();
        assert_eq!(
            server.uri_for("twin").replace(&server.suffix, "*"),
            expected
        );
    }

    #[test]
    fn the_name_goes_where_the_database_was() {
        check("mongodb://db:27017", "mongodb://db:27017/twin*");
        check("mongodb://db:27017/", "mongodb://db:27017/twin*");
        check("mongodb://db/old?w=1", "mongodb://db/twin*?w=1");
        check(
            "mongodb://a,b:2/?replicaSet=r",
            "mongodb://a,b:2/twin*?replicaSet=r",
        );
    }

    #[test]
    fn a_user_is_still_looked_up_where_they_were() {
        check(
            "mongodb://u:p@db",
            "mongodb://u:p@db/twin*?authSource=admin",
        );
        check(
            "mongodb://u:p@db/users",
            "mongodb://u:p@db/twin*?authSource=users",
        );
        check(
            "mongodb://u:p@db/x?authSource=y",
            "mongodb://u:p@db/twin*?authSource=y",
        );
    }

    #[test]
    fn no_two_databases_share_a_name() {
        let names: Vec<_> = (0..2)
            .map(|_| GivenServer::read("mongodb://db").unwrap().uri_for("twin"))
            .collect();
        assert_ne!(names[0], names[1]);
    }

    #[test]
    fn a_dead_address_is_named_without_its_password() {
        let free = super::super::free_port().unwrap();
        let error =
            GivenServer::reach(&format!("mongodb://u:secret@127.0.0.1:{free}/x")).unwrap_err();
        let expected = format!("KEYSPILL_MONGO_URI: nothing listens at 127.0.0.1:{free}");
        assert_eq!(error.to_string(), expected);
    }

    #[test]
    fn something_else_than_an_address_is_refused() {
        assert!(GivenServer::read("localhost:27017").is_err());
    }
}
