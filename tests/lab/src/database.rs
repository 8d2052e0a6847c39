//! Provides a MongoDB-compatible server in one of three ways.
//!
//! Owns the choice: the server that `KEYSPILL_MONGO_URI` names, or else a `mongod` on the `PATH`,
//! or else FerretDB on `SQLite`, which is built once from the Go module beside this crate. Leaves
//! out talking to it: what to store is up to the applications.

mod given;

use crate::cache::{Builder, Cache, key};
use crate::error::LabError;
use crate::process::{Process, ready_line};
use crate::{SOURCES, find_program};
use given::GivenServer;
use std::fs;
use std::net::{Ipv4Addr, TcpListener};
use std::path::Path;
use std::process::Command;
use std::time::Duration;
use tempfile::TempDir;

const DEADLINE: Duration = Duration::from_mins(1);

const NEED: &str = "a MongoDB-compatible server";
const INSTALL: &str = "To have one built, install Go 1.24 or newer; on Debian 13 or newer: apt-get install golang-go\n\
    Or install MongoDB so that mongod is on the PATH, or set KEYSPILL_MONGO_URI to a server that tests may write to.";

/// Makes a program keep our contract without knowing it: when standard input closes, the program is
/// killed and its folder removed.
///
/// `$1` is the folder, and the rest is the program. The program alone has our output pipes: the
/// shell's message about the kill would end the shell if nothing read the pipe any more.
const WATCHED: &str = r#"
folder=$1; shift
exec 3<&0
"$@" </dev/null 3<&- & server=$!
exec >/dev/null 2>&1
{ cat; kill -KILL $server; } <&3 & watcher=$!
wait $server; status=$?
kill $watcher
rm -rf "$folder"
exit $status
"#;

/// The kind of server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Engine {
    /// The one named by `KEYSPILL_MONGO_URI`.
    Given,
    /// MongoDB itself.
    Mongod,
    /// FerretDB on `SQLite`: no `$lookup`, `$avg`, `$text`, `$where`, transactions, Decimal128, TTL indexes.
    FerretDb,
}

/// A database that is not shared.
///
/// The server is stopped and its data removed on drop. On a given server the data stays, under
/// unique names.
#[derive(Debug)]
pub struct Database {
    engine: Engine,
    access: Access,
}

#[derive(Debug)]
enum Access {
    Given(GivenServer),
    // Fields drop in this order: the server first, then its folder.
    Own {
        process: Process,
        uri: String,
        _folder: TempDir,
    },
}

impl Database {
    /// Returns the address of the database with this name. The same name always gets the same
    /// address.
    pub fn uri_for(&self, name: &str) -> String {
        match &self.access {
            Access::Given(server) => server.uri_for(name),
            Access::Own { uri, .. } => format!("{uri}/{name}"),
        }
    }

    /// Returns the kind of this server.
    pub fn engine(&self) -> Engine {
        self.engine
    }

    /// Returns the id of its process, unless the server was given.
    pub fn id(&self) -> Option<u32> {
        match &self.access {
            Access::Given(_) => None,
            Access::Own { process, .. } => Some(process.id()),
        }
    }

    /// Returns what the server has written so far; nothing for a given one.
    pub fn log(&self) -> Vec<String> {
        match &self.access {
            Access::Given(_) => Vec::new(),
            Access::Own { process, .. } => process.log(),
        }
    }
}

pub(crate) fn provide(cache: &Cache) -> Result<Database, LabError> {
    if let Some(uri) = std::env::var("KEYSPILL_MONGO_URI")
        .ok()
        .filter(|uri| !uri.is_empty())
    {
        let server = GivenServer::reach(&uri)?;
        return Ok(Database {
            engine: Engine::Given,
            access: Access::Given(server),
        });
    }
    let folder = tempfile::Builder::new()
        .prefix("keyspill-database-")
        .tempdir()
        .map_err(LabError::io("make a folder for the database"))?;
    let (engine, (process, uri)) = match find_program("mongod") {
        Some(mongod) => (Engine::Mongod, start_mongod(&mongod, folder.path())?),
        None => (Engine::FerretDb, start_ferretdb(cache, folder.path())?),
    };
    let uri = uri.trim_end_matches('/').to_owned();
    Ok(Database {
        engine,
        access: Access::Own {
            process,
            uri,
            _folder: folder,
        },
    })
}

fn start_ferretdb(cache: &Cache, folder: &Path) -> Result<(Process, String), LabError> {
    let source = Path::new(SOURCES).join("ferretdb");
    let mut parts = vec![std::env::consts::OS.into(), std::env::consts::ARCH.into()];
    for file in ["go.mod", "go.sum", "main.go"] {
        let doing = LabError::io(format!("read ferretdb/{file}"));
        parts.push(fs::read(source.join(file)).map_err(doing)?);
    }
    let name = format!("ferretdb-{}", key(parts.iter().map(Vec::as_slice)));
    let what = "FerretDB (once, a minute or two)";
    let binary = cache
        .once(&name, what, |builder| build_ferretdb(builder, &source))?
        .join(format!("ferretdb{}", std::env::consts::EXE_SUFFIX));

    let mut command = Command::new(binary);
    command.arg(folder);
    Process::start("FerretDB", command, DEADLINE, ready_line)
}

fn build_ferretdb(builder: &Builder<'_>, source: &Path) -> Result<(), LabError> {
    let go = find_program("go").ok_or_else(|| {
        missing("neither KEYSPILL_MONGO_URI, nor mongod on the PATH, nor go to build one is there")
    })?;
    let mut build = Command::new(go);
    build
        .args([
            "build",
            "-mod=readonly",
            "-trimpath",
            "-buildvcs=false",
            "-ldflags=-s -w",
        ])
        .args(["-tags=ferretdb_no_postgresql", "-o"])
        .arg(builder.folder)
        .current_dir(source)
        .env("GOTOOLCHAIN", "local")
        .env("CGO_ENABLED", "0");
    if std::env::var_os("HOME").is_none() {
        // Without a home folder, Go does not know where to keep its modules. Ours must stay
        // removable.
        build.env("HOME", builder.folder).arg("-modcacherw");
    }
    build.arg(".");
    builder
        .run("build FerretDB", &mut build)
        .map_err(|error| match error {
            LabError::Build { output, .. } if is_about_age(&output) => {
                missing(&format!("the go on the PATH is too old: {output}"))
            }
            other => other,
        })
}

/// Recognises the messages of a Go that is older than our `go.mod` requires: since 1.21, and
/// before.
fn is_about_age(output: &str) -> bool {
    ["requires go >=", "invalid go version", "module requires Go"]
        .iter()
        .any(|s| output.contains(s))
}

fn start_mongod(mongod: &Path, folder: &Path) -> Result<(Process, String), LabError> {
    let mut tries = 3;
    loop {
        let port = free_port()?;
        let mut command = Command::new("sh");
        command.args(["-c", WATCHED, "sh"]).arg(folder).arg(mongod);
        command.args([
            "--bind_ip",
            "127.0.0.1",
            "--nounixsocket",
            "--port",
            &port.to_string(),
        ]);
        command.arg("--dbpath").arg(folder);
        tries -= 1;
        match Process::start("mongod", command, DEADLINE, mongod_is_ready) {
            Ok((process, _)) => return Ok((process, format!("mongodb://127.0.0.1:{port}"))),
            // Another process took the port between our check and the bind.
            Err(LabError::NotReady { log, .. }) if tries > 0 && log.contains("in use") => {
                fs::create_dir_all(folder)
                    .map_err(LabError::io("make a folder for the database"))?;
            }
            Err(error) => return Err(error),
        }
    }
}

fn mongod_is_ready(line: &str) -> Option<String> {
    line.to_ascii_lowercase()
        .contains("waiting for connections")
        .then(String::new)
}

fn free_port() -> Result<u16, LabError> {
    TcpListener::bind((Ipv4Addr::LOCALHOST, 0))
        .and_then(|listener| listener.local_addr())
        .map(|address| address.port())
        .map_err(LabError::io("find a free port"))
}

fn missing(found: &str) -> LabError {
    LabError::Missing {
        need: NEED,
        found: found.into(),
        install: INSTALL,
    }
}
