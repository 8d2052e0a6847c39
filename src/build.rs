//! Lists the files under `probes/`, so that a new one gets into the binary without being named
//! anywhere.

use std::env;
use std::error::Error;
use std::fmt::Write;
use std::fs;
use std::path::Path;

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed=probes");
    let root = Path::new(&env::var("CARGO_MANIFEST_DIR")?).join("probes");
    let mut list = String::from("&[\n");
    let mut folders: Vec<_> = fs::read_dir(&root)?.collect::<Result<_, _>>()?;
    folders.sort_by_key(fs::DirEntry::file_name);
    for folder in folders {
        if !folder.file_type()?.is_dir() {
            continue;
        }
        let mut files: Vec<_> = fs::read_dir(folder.path())?.collect::<Result<_, _>>()?;
        files.sort_by_key(fs::DirEntry::file_name);
        for file in files {
            let path = file.path();
            if path.extension().is_none_or(|extension| extension != "yaml") {
                continue;
            }
            let text = |path: &Path| {
                path.to_str()
                    .map(str::to_owned)
                    .ok_or("a path that is no text")
            };
            let name = text(&path.strip_prefix(&root)?.with_extension(""))?.replace('\\', "/");
            let file = text(&path)?;
            writeln!(list, "({name:?}, include_str!({file:?})),")?;
        }
    }
    list.push(']');
    fs::write(Path::new(&env::var("OUT_DIR")?).join("probes.rs"), list)?;
    Ok(())
}
