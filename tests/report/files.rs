//! Files that appear wholly or not at all.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::Command;

use keyspill::error::Error;
use keyspill::report::{Content, prepare, write_all};
use tempfile::TempDir;

fn folder() -> TempDir {
    tempfile::tempdir().unwrap()
}

fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

fn refused(result: Result<(), Error>) -> (PathBuf, String) {
    match result {
        Err(Error::Output { path, reason }) => (path, reason),
        other => panic!("expected Error::Output, got {other:?}"),
    }
}

#[test]
fn files_are_written_into_a_folder_that_is_made() {
    let folder = folder();
    let deep = folder.path().join("a/b");
    write_all(&deep, &[("x", b"1".to_vec()), ("y", Vec::new())]).unwrap();
    assert_eq!(fs::read(deep.join("x")).unwrap(), b"1");
    assert_eq!(names(&deep), ["x", "y"]);
    write_all(&deep, &[("x", b"2".to_vec())]).unwrap();
    assert_eq!(fs::read(deep.join("x")).unwrap(), b"2");
    assert_eq!(names(&deep), ["x", "y"]);
}

#[test]
fn preparing_leaves_an_empty_folder() {
    let folder = folder();
    let out = folder.path().join("out");
    prepare(&out).unwrap();
    assert!(names(&out).is_empty());
}

#[test]
fn a_file_in_the_folders_place_is_named() {
    let folder = folder();
    let file = folder.path().join("out");
    fs::write(&file, "mine").unwrap();
    for result in [prepare(&file), write_all(&file, &[("x", Vec::new())])] {
        let (path, reason) = refused(result);
        assert_eq!(path, file);
        assert_eq!(reason, "it is a file, not a folder");
    }
    let (path, _) = refused(prepare(&file.join("deeper")));
    assert_eq!(path, file.join("deeper"));
    assert_eq!(fs::read(&file).unwrap(), b"mine");
}

#[test]
fn a_folder_in_a_files_place_keeps_no_other_file_from_its_own() {
    let folder = folder();
    fs::write(folder.path().join("x"), "old").unwrap();
    fs::create_dir(folder.path().join("y")).unwrap();
    let files = [("x", b"new".to_vec()), ("y", b"new".to_vec())];
    let (path, reason) = refused(write_all(folder.path(), &files));
    assert_eq!(path, folder.path().join("y"));
    assert_eq!(reason, "there is a folder of that name");
    assert_eq!(fs::read(folder.path().join("x")).unwrap(), b"new");
    assert_eq!(names(folder.path()), ["x", "y"]);
}

#[test]
fn an_older_file_is_set_aside_where_the_new_one_cannot_be_written() {
    struct Broken;
    impl Content for Broken {
        fn write_to(&self, _out: &mut dyn Write) -> io::Result<()> {
            Err(io::Error::other("no room"))
        }
    }
    let folder = folder();
    fs::write(folder.path().join("x"), "last month").unwrap();
    let (path, reason) = refused(write_all(folder.path(), &[("x", Broken)]));
    assert_eq!(path, folder.path().join("x"));
    assert_eq!(reason, "no room");
    assert_eq!(names(folder.path()), ["x.old"]);
    assert_eq!(
        fs::read(folder.path().join("x.old")).unwrap(),
        b"last month"
    );
}

#[cfg(unix)]
#[test]
fn a_new_report_is_as_readable_as_any_other_new_file() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = folder();
    fs::write(folder.path().join("plain"), "").unwrap();
    write_all(folder.path(), &[("report", Vec::new())]).unwrap();
    let mode = |name| {
        let known = fs::metadata(folder.path().join(name)).unwrap();
        known.permissions().mode()
    };
    assert_eq!(mode("report"), mode("plain"));
}

/// A file system mounted for one test; `None`, and a message, where that is not permitted.
struct Mounted(TempDir);

impl Mounted {
    fn tmpfs(options: &str) -> Option<Self> {
        let folder = folder();
        let done = Command::new("mount")
            .args(["-t", "tmpfs", "-o", options, "keyspill-test"])
            .arg(folder.path())
            .output();
        match done {
            Ok(output) if output.status.success() => Some(Self(folder)),
            _ => {
                println!("skipped: mounting a small file system is not permitted here");
                None
            }
        }
    }

    fn path(&self) -> &Path {
        self.0.path()
    }
}

impl Drop for Mounted {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg(self.path()).output();
    }
}

#[test]
fn a_full_disk_leaves_what_fits_and_nothing_half_written() {
    let Some(disk) = Mounted::tmpfs("size=64k") else {
        return;
    };
    prepare(disk.path()).unwrap();
    fs::write(disk.path().join("a"), "old").unwrap();
    let files = [("a", b"new".to_vec()), ("b", vec![b'x'; 200 << 10])];
    let (path, reason) = refused(write_all(disk.path(), &files));
    assert_eq!(path, disk.path().join("b"));
    assert!(reason.contains("No space left"), "{reason}");
    assert_eq!(fs::read(disk.path().join("a")).unwrap(), b"new");
    assert_eq!(names(disk.path()), ["a"]);
    fs::write(disk.path().join("fill"), vec![0; 64 << 10]).unwrap_err();
    let (path, reason) = refused(prepare(disk.path()));
    assert_eq!(path, disk.path());
    assert!(reason.contains("No space left"), "{reason}");
}

#[test]
fn a_read_only_folder_is_noticed_before_the_scan() {
    let Some(disk) = Mounted::tmpfs("ro,size=64k") else {
        return;
    };
    let (path, reason) = refused(prepare(disk.path()));
    assert_eq!(path, disk.path());
    assert!(reason.contains("Read-only"), "{reason}");
    let (path, _) = refused(prepare(&disk.path().join("out")));
    assert_eq!(path, disk.path().join("out"));
}
