//! What others than its owner can reach of a node's files, told when it starts.
//!
//! Owns: the modes of folders and of the TLS key. Never: refuses a start by them; the key files,
//! which nobody but their owner may reach, are refused by those who read them.

use crate::config::Tls;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

const PERMISSIONS: u32 = 0o7777;
/// To read, write or enter, for the group and for everybody.
const OTHERS: u32 = 0o077;
const OTHERS_WRITE: u32 = 0o022;
const EVERYBODY: u32 = 0o007;
/// The folders of a data folder, itself first; what others may not do in each, and the remedy.
const FOLDERS: [(&str, u32, &str); 5] = [
    ("", OTHERS_WRITE, "go-w"),
    ("journal", OTHERS_WRITE, "go-w"),
    ("snapshots", OTHERS_WRITE, "go-w"),
    ("scratch", OTHERS_WRITE, "go-w"),
    ("keys", OTHERS, "700"),
];

/// Warns of folders in which others could put other files in place of ours, or look for keys.
pub(crate) fn warn_of_folders(data: &Path, archive: Option<&Path>) {
    for (folder, mode, remedy) in exposed(data, archive) {
        let folder = folder.display();
        tracing::warn!(
            code = "data-exposed",
            "the folder {folder} has mode {mode:04o}, so others than its owner can change or \
             reach what is in it; run chmod {remedy} on it and see who could have"
        );
    }
}

/// The folders that give others more than they should, each with its mode and the remedy.
fn exposed(data: &Path, archive: Option<&Path>) -> Vec<(PathBuf, u32, &'static str)> {
    let of_data = FOLDERS.into_iter().map(|(name, forbidden, remedy)| {
        let folder = if name.is_empty() { data.to_owned() } else { data.join(name) };
        (folder, forbidden, remedy)
    });
    // What lies there is the journal as well.
    let archive = archive.map(|folder| (folder.to_owned(), OTHERS_WRITE, "go-w"));
    let with_mode = |(folder, forbidden, remedy): (PathBuf, u32, &'static str)| {
        mode_with(&folder, forbidden).map(|mode| (folder, mode, remedy))
    };
    of_data.chain(archive).filter_map(with_mode).collect()
}

/// Warns of a private key of TLS that every account of the machine can reach. Its group may: it
/// is often made for that.
pub(crate) fn warn_of_tls_key(tls: &Tls) {
    let Some(mode) = mode_with(&tls.key, EVERYBODY) else { return };
    let key = tls.key.display();
    tracing::warn!(
        code = "tls-key-exposed",
        "the private key {key} has mode {mode:04o}, so everybody on this machine can reach it; \
         run chmod o= on it, and have a new key certified if somebody could have copied it"
    );
}

/// A file's mode, when it gives any of these rights. What cannot be looked at is nobody's here:
/// whoever needs it says so.
fn mode_with(path: &Path, rights: u32) -> Option<u32> {
    let mode = fs::metadata(path).ok()?.permissions().mode() & PERMISSIONS;
    (mode & rights != 0).then_some(mode)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_archive_is_no_less_than_the_journal() {
        let folder = tempfile::tempdir().unwrap();
        let archive = folder.path().join("archive");
        fs::create_dir(&archive).unwrap();
        for (mode, is_exposed) in [(0o755, false), (0o775, true), (0o777, true)] {
            fs::set_permissions(&archive, fs::Permissions::from_mode(mode)).unwrap();
            let expected = vec![(archive.clone(), mode, "go-w"); usize::from(is_exposed)];
            assert_eq!(exposed(folder.path(), Some(&archive)), expected);
            assert_eq!(exposed(folder.path(), None), [], "it is asked for by its name");
        }
    }

    #[test]
    fn a_key_of_tls_may_be_its_groups_and_nobody_elses() {
        let folder = tempfile::tempdir().unwrap();
        let key = folder.path().join("key.pem");
        assert_eq!(mode_with(&key, EVERYBODY), None, "whoever reads it says that it is missing");
        fs::write(&key, "").unwrap();
        for (mode, told) in [(0o600, None), (0o640, None), (0o644, Some(0o644))] {
            fs::set_permissions(&key, fs::Permissions::from_mode(mode)).unwrap();
            assert_eq!(mode_with(&key, EVERYBODY), told);
        }
    }
}
