//! Whatever the engine once found, and what it begins with, through every target again.

use fuzz::{TARGETS, find};
use std::fs;
use std::path::{Path, PathBuf};

pub(crate) fn folder(target: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus").join(target)
}

/// Every file of a target's corpus, in the order of the names.
fn files(target: &str) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder(target)).expect("every target has a corpus");
    let mut files: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files
}

/// Feeds a target's corpus; a failing file is named before the panic's own words.
fn replay(target: &str) {
    let target = find(target).expect("a target of that name");
    let files = files(target.name);
    assert!(!files.is_empty(), "{} has nothing to begin with", target.name);
    for file in files {
        let bytes = fs::read(&file).unwrap();
        assert!(bytes.len() <= target.bytes_max, "{} is too large", file.display());
        let fed = std::panic::catch_unwind(|| (target.feed)(&bytes));
        assert!(fed.is_ok(), "{} fails with {}", target.name, file.display());
    }
}

#[test]
fn nothing_in_the_corpus_fails() {
    TARGETS.iter().for_each(|target| replay(target.name));
}

#[test]
fn every_folder_of_the_corpus_has_its_target() {
    for entry in fs::read_dir(folder("")).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        assert!(find(&name).is_some(), "fuzz/corpus/{name} is no target's");
    }
}

#[test]
fn no_short_input_fails() {
    for target in TARGETS {
        (target.feed)(b"");
        (0..=255).for_each(|byte| (target.feed)(&[byte]));
    }
}
