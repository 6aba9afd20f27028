//! Tests of what the tests of the pages are installed from.

use std::fs;

#[test]
fn the_lock_names_no_registry_but_the_public_one() {
    let lock = fs::read_to_string(xtask::root().join("web/package-lock.json")).unwrap();
    let public = "https://registry.npmjs.org/";
    let addresses = lock.lines().filter(|line| line.contains("://"));
    let elsewhere: Vec<_> =
        addresses.filter(|line| line.contains("\"resolved\"") && !line.contains(public)).collect();
    assert!(elsewhere.is_empty(), "{elsewhere:#?}");
    assert!(lock.contains("\"integrity\""), "packages are held to what they were");
}
