//! Files that are whole or absent.

#![allow(clippy::unwrap_used, reason = "a failed step of a test fails the test")]

use ambulo_record::atomic;

#[test]
fn a_failed_write_leaves_the_old_file() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("kept");
    atomic::write(&path, b"old").unwrap();
    let failed = atomic::write_with(&path, |out| {
        out.write_all(b"half of the new")?;
        Err(std::io::Error::other("the disk is full"))
    });
    assert!(failed.unwrap_err().to_string().contains("kept: the disk is full"));
    assert_eq!(std::fs::read(&path).unwrap(), b"old");
    assert_eq!(std::fs::read_dir(directory.path()).unwrap().count(), 1);
}
