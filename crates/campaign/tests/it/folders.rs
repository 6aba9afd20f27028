//! Files in a folder, and what a name may reach.

use crate::fixture::{NOW, files};
use campaign::{read, render};
use expect_test::expect;
use std::path::Path;

/// Writes the fixture's files into a folder.
fn written(folder: &Path, fixture: crate::fixture::Fixture) {
    for (name, bytes) in fixture.0 {
        std::fs::write(folder.join(name), bytes).unwrap();
    }
}

#[test]
fn a_campaign_in_a_folder() {
    let folder = tempfile::tempdir().unwrap();
    written(folder.path(), files());
    assert!(read(&folder.path().join("c.toml"), NOW).unwrap().warnings.is_empty());
}

#[test]
fn names_that_lead_out() {
    let folder = tempfile::tempdir().unwrap();
    let fixture = files().with("outlets.csv", "../outlets.csv").with("stock.csv", "/etc/hosts");
    written(folder.path(), fixture);
    let problems = read(&folder.path().join("c.toml"), NOW).unwrap_err();
    expect![[r#"
        error[file-unreadable]: "../outlets.csv" leads out of the campaign's folder
          --> c.toml:24:11
           |
        24 | outlets = "../outlets.csv"
           |           ^^^^^^^^^^^^^^^^
          = expected: the name of a file beside the campaign file

        error[file-unreadable]: "/etc/hosts" leads out of the campaign's folder
          --> c.toml:25:9
           |
        25 | stock = "/etc/hosts"
           |         ^^^^^^^^^^^^
          = expected: the name of a file beside the campaign file

        2 errors, 0 warnings
    "#]]
    .assert_eq(&render(&problems));
}

#[test]
fn a_folder_in_place_of_a_file() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("c.toml")).unwrap();
    let problems = read(&folder.path().join("c.toml"), NOW).unwrap_err();
    assert_eq!(problems[0].code.word(), "file-unreadable");
    let none = read(&folder.path().join("d.toml"), NOW).unwrap_err();
    assert_eq!(none[0].code.word(), "file-missing");
    assert_eq!(read(Path::new(""), NOW).unwrap_err()[0].code.word(), "file-missing");
}
