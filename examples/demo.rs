//! The main job on a real application: `cargo run --release --example demo`.
//!
//! Provisions Python and a database, starts the vulnerable twin, scans it with the keyspill
//! binary, and does the same with the repaired twin, which is clean.

#![allow(clippy::print_stderr)]

use std::error::Error;
use std::path::{Path, PathBuf};
use std::process::Command;

use keyspill_lab::{App, Lab, Python, Server};

fn main() -> Result<(), Box<dyn Error>> {
    let keyspill = keyspill()?;
    let twins = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/twins");
    let lab = Lab::open()?.with_progress(|step| eprintln!("demo: {step}"));
    let python = lab.python(&twins.join("requirements.txt"))?;
    let database = lab.database()?;
    let serve = |name: &str| serve(&python, &twins, name, &database.uri_for(name));

    let mut codes = Vec::new();
    for name in ["vulnerable", "repaired"] {
        let server = serve(name)?;
        let output = Path::new("keyspill-out").join(name);
        eprintln!("\ndemo: scanning the {name} twin at {}\n", server.url());
        let status = Command::new(&keyspill)
            .args(["scan", server.url(), "--rate", "500", "--settle", "1s"])
            .args(["--format", "json,sarif", "--output"])
            .arg(&output)
            .status()?;
        codes.push(status.code());
        eprintln!("demo: reports are in {}", output.display());
    }
    if codes == [Some(1), Some(0)] {
        eprintln!(
            "demo: the vulnerable twin has findings (exit code 1), the repaired one has none (0)"
        );
        return Ok(());
    }
    Err(format!("expected exit codes 1 and 0, got {codes:?}").into())
}

fn serve(
    python: &Python,
    twins: &Path,
    name: &str,
    database: &str,
) -> Result<Server, Box<dyn Error>> {
    let app = App::new(format!("{name}:app"))
        .folder(twins)
        .env("MONGO_URI", database);
    Ok(python.serve(app)?)
}

/// Builds the binary with the profile that this example was built with; says where it is.
fn keyspill() -> Result<PathBuf, Box<dyn Error>> {
    let example = std::env::current_exe()?;
    let folder = example
        .parent()
        .and_then(Path::parent)
        .ok_or("no target folder")?;
    let cargo = std::env::var("CARGO").unwrap_or_else(|_| "cargo".to_owned());
    let mut build = Command::new(cargo);
    build
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .args(["build", "--bin", "keyspill"]);
    if !cfg!(debug_assertions) {
        build.arg("--release");
    }
    if !build.status()?.success() {
        return Err("the keyspill binary does not build".into());
    }
    Ok(folder.join(format!("keyspill{}", std::env::consts::EXE_SUFFIX)))
}
