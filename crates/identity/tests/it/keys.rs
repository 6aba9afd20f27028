//! The keys on disk.

use crate::usual_statement;
use identity::{Codes, KeyError, Keyring, Receipts, Scope, Sealer};
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use tempfile::TempDir;
use types::{CampaignNo, EntryNo};

const OTHER_KEY: &str = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";

fn folder() -> TempDir {
    tempfile::tempdir().unwrap()
}

fn master(folder: &TempDir) -> PathBuf {
    folder.path().join("keys/master.key")
}

fn ring(folder: &TempDir) -> PathBuf {
    folder.path().join("keys/ring.json")
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o7777
}

fn alone(campaign: &str) -> Scope {
    Scope::Campaign(campaign.into())
}

fn code_of<T>(result: Result<T, KeyError>) -> &'static str {
    result.err().map_or("none", |error| error.code())
}

/// A folder with a ring, and something sealed under the data key of `masks`.
fn with_campaign() -> (TempDir, Vec<u8>) {
    let folder = folder();
    let keyring = Keyring::open_or_create(folder.path(), None).unwrap();
    keyring.ensure_campaign("masks", &alone("masks")).unwrap();
    let keys = keyring.campaign_keys("masks", &alone("masks")).unwrap();
    let mut sealed = Vec::new();
    Sealer::new("masks", &keys).seal(&usual_statement(), &mut sealed);
    (folder, sealed)
}

#[test]
fn keys_come_back_after_a_restart() {
    let (folder, sealed) = with_campaign();
    let first = Keyring::open_or_create(folder.path(), None).unwrap();
    let second = Keyring::open(folder.path(), None).unwrap();
    let keys = second.campaign_keys("masks", &alone("masks")).unwrap();
    assert!(Sealer::new("masks", &keys).open(&sealed, &mut identity::Statement::new()).is_ok());
    let entry = (CampaignNo(1), EntryNo(2));
    let code = Codes::new(&first.code_key()).encode(entry.0, entry.1);
    assert_eq!(Codes::new(&second.code_key()).decode(code.as_str()), Ok(entry));
    let receipt = Receipts::new(&first.receipt_key()).encode(entry.0, entry.1);
    assert_eq!(Receipts::new(&second.receipt_key()).decode(receipt.as_str()), Ok(entry));
}

#[test]
fn files_are_for_their_owner_only_and_hold_no_key_in_clear() {
    let (folder, _) = with_campaign();
    assert_eq!(mode(&master(&folder)), 0o600);
    assert_eq!(mode(&ring(&folder)), 0o600);
    assert_eq!(mode(&folder.path().join("keys")), 0o700);
    let key = fs::read_to_string(master(&folder)).unwrap();
    assert_eq!((key.len(), key.ends_with('\n')), (65, true));
    let keyring = Keyring::open(folder.path(), None).unwrap();
    let keys = keyring.campaign_keys("masks", &alone("masks")).unwrap();
    let printed = format!("{keyring:?} {keys:?} {:?}", keyring.code_key());
    assert!(printed.ends_with(", keys withheld) CampaignKeys(withheld) SecretKey(withheld)"));
    assert!(!printed.contains(key.trim()));
}

#[test]
fn an_exposed_key_file_is_refused() {
    let (folder, _) = with_campaign();
    for file in [master(&folder), ring(&folder)] {
        for exposed in [0o640, 0o604, 0o620, 0o666] {
            fs::set_permissions(&file, fs::Permissions::from_mode(exposed)).unwrap();
            let refused = Keyring::open(folder.path(), None).unwrap_err();
            assert_eq!(refused.code(), "key-file-exposed");
            assert!(refused.to_string().contains(file.to_str().unwrap()), "{refused}");
            assert_eq!(code_of(Keyring::open_or_create(folder.path(), None)), "key-file-exposed");
        }
        fs::set_permissions(&file, fs::Permissions::from_mode(0o400)).unwrap();
        assert!(Keyring::open(folder.path(), None).is_ok());
    }
}

#[test]
fn missing_wrong_and_malformed_keys_are_told_apart() {
    let (folder, _) = with_campaign();
    let key = fs::read_to_string(master(&folder)).unwrap();
    assert!(Keyring::open(folder.path(), Some(&key.to_uppercase())).is_ok());
    assert_eq!(code_of(Keyring::open(folder.path(), Some(OTHER_KEY))), "key-wrong");
    assert_eq!(code_of(Keyring::open(folder.path(), Some("secret"))), "key-malformed");
    assert_eq!(code_of(Keyring::open(folder.path(), Some(&OTHER_KEY[2..]))), "key-malformed");
    fs::write(master(&folder), "nonsense").unwrap();
    assert_eq!(code_of(Keyring::open(folder.path(), None)), "key-malformed");
    fs::write(master(&folder), OTHER_KEY).unwrap();
    assert_eq!(code_of(Keyring::open(folder.path(), None)), "key-wrong");
    fs::remove_file(master(&folder)).unwrap();
    assert_eq!(code_of(Keyring::open(folder.path(), None)), "key-file-missing");
    assert_eq!(code_of(Keyring::open_or_create(folder.path(), None)), "key-file-missing");
    assert!(!master(&folder).exists(), "no new key takes the place of a missing one");
    assert!(Keyring::open(folder.path(), Some(&key)).is_ok());
}

#[test]
fn a_missing_ring_is_made_anew_only_when_nothing_depends_on_it() {
    let (folder, _) = with_campaign();
    fs::remove_file(ring(&folder)).unwrap();
    assert_eq!(code_of(Keyring::open(folder.path(), None)), "key-ring-missing");
    assert!(!ring(&folder).exists());
    // Cut short between the two files at the first start: the key is there, the ring is not.
    assert!(Keyring::open_or_create(folder.path(), None).is_ok());
    let empty = self::folder();
    assert_eq!(code_of(Keyring::open(empty.path(), None)), "key-file-missing");
    assert!(Keyring::open_or_create(empty.path(), Some(OTHER_KEY)).is_ok());
    assert!(!master(&empty).exists(), "a key from the environment is not written down");
    let nowhere = empty.path().join("no/folder");
    assert_eq!(code_of(Keyring::open_or_create(&nowhere, None)), "key-file-io");
}

#[test]
fn a_flipped_bit_in_any_byte_of_the_ring_is_refused() {
    let (folder, _) = with_campaign();
    let text = fs::read(ring(&folder)).unwrap();
    let key = fs::read_to_string(master(&folder)).unwrap();
    let mut refused = 0;
    for place in 0..text.len() {
        let mut flipped = text.clone();
        flipped[place] ^= 1 << (place % 8);
        fs::write(ring(&folder), &flipped).unwrap();
        match Keyring::open(folder.path(), Some(&key)) {
            Err(error) => {
                let known = matches!(error.code(), "key-ring-damaged" | "key-ring-newer");
                assert!(known, "byte {place}: {error}");
                refused += 1;
            }
            // White space for white space, or the other case of a hexadecimal letter outside
            // the part under the MAC: the same ring.
            Ok(keyring) => {
                assert!(keyring.campaign_keys("masks", &alone("masks")).is_some());
            }
        }
    }
    assert!(refused > text.len() * 9 / 10);
    fs::write(ring(&folder), &text[..text.len() / 2]).unwrap();
    assert_eq!(code_of(Keyring::open(folder.path(), None)), "key-ring-damaged");
}

#[test]
fn a_newer_ring_is_left_alone() {
    let (folder, _) = with_campaign();
    let text = fs::read_to_string(ring(&folder)).unwrap();
    fs::write(ring(&folder), text.replace("\"version\": 1", "\"version\": 2, \"more\": 1"))
        .unwrap();
    assert_eq!(code_of(Keyring::open(folder.path(), None)), "key-ring-newer");
}

#[test]
fn a_destroyed_campaign_is_gone_for_good() {
    let (folder, _) = with_campaign();
    let keyring = Keyring::open(folder.path(), None).unwrap();
    let series = Scope::Series("spring".into());
    keyring.ensure_campaign("first", &series).unwrap();
    keyring.ensure_campaign("second", &series).unwrap();
    fs::hard_link(ring(&folder), folder.path().join("backup.json")).unwrap();
    let backup = fs::read(ring(&folder)).unwrap();
    keyring.destroy_campaign("masks").unwrap();
    keyring.destroy_campaign("first").unwrap();
    keyring.destroy_campaign("first").unwrap();
    let restarted = Keyring::open(folder.path(), None).unwrap();
    for keyring in [&keyring, &restarted] {
        assert!(keyring.campaign_keys("masks", &alone("masks")).is_none());
        assert!(keyring.campaign_keys("first", &series).is_none());
        assert!(keyring.campaign_keys("second", &series).is_some());
        assert_eq!(code_of(keyring.ensure_campaign("masks", &series)), "key-destroyed");
    }
    assert!(!fs::read_to_string(ring(&folder)).unwrap().contains("person/campaign/masks"));
    assert_eq!(fs::read(folder.path().join("backup.json")).unwrap(), backup);
}

#[test]
fn a_series_shares_its_person_key_and_nothing_else_does() {
    let folder = folder();
    let keyring = Keyring::open_or_create(folder.path(), None).unwrap();
    let series = Scope::Series("spring".into());
    let same_word = Scope::Campaign("spring".into());
    keyring.ensure_campaign("one", &series).unwrap();
    keyring.ensure_campaign("two", &series).unwrap();
    keyring.ensure_campaign("spring", &same_word).unwrap();
    let persons = |campaign: &str, scope: &Scope| {
        let keys = keyring.campaign_keys(campaign, scope).unwrap();
        identity::Persons::from_fields(&crate::usual_fields(), &keys).keys(&usual_statement())
    };
    assert_eq!(persons("one", &series), persons("two", &series));
    assert_ne!(persons("one", &series), persons("spring", &same_word));
    assert!(keyring.campaign_keys("three", &series).is_none());
    keyring.ensure_campaign("one", &series).unwrap();
    assert_eq!(persons("one", &series), persons("two", &series));
}

#[test]
fn a_ring_that_cannot_be_written_leaves_the_old_one() {
    let (folder, _) = with_campaign();
    let keyring = Keyring::open(folder.path(), None).unwrap();
    // A folder where the new file should be written: nobody, root included, can write there.
    let in_the_way = folder.path().join("keys/ring.json.new");
    fs::create_dir(&in_the_way).unwrap();
    assert_eq!(code_of(keyring.ensure_campaign("more", &alone("more"))), "key-file-io");
    assert_eq!(code_of(keyring.destroy_campaign("masks")), "key-file-io");
    assert!(keyring.campaign_keys("more", &alone("more")).is_none());
    assert!(keyring.campaign_keys("masks", &alone("masks")).is_some());
    fs::remove_dir(&in_the_way).unwrap();
    keyring.ensure_campaign("more", &alone("more")).unwrap();
    assert!(
        Keyring::open(folder.path(), None).unwrap().campaign_keys("more", &alone("more")).is_some()
    );
}

#[test]
fn every_code_has_its_page() {
    let pages = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/errors");
    for code in [
        "key-file-missing",
        "key-file-exposed",
        "key-malformed",
        "key-wrong",
        "key-ring-missing",
        "key-ring-damaged",
        "key-ring-newer",
        "key-destroyed",
        "key-file-io",
        "invalid-field-rule",
        "invalid-pickup-code",
        "sealed-unreadable",
    ] {
        let page = fs::read_to_string(pages.join(code).with_extension("md")).unwrap();
        assert!(page.starts_with(&format!("# `{code}`\n")), "{code}");
    }
    let fields = fs::read_to_string(pages.join("../identity-fields.md")).unwrap();
    let listed = |code: &str| fields.contains(&format!("| `{code}` |"));
    assert!(identity::FieldProblem::ALL.iter().all(|problem| listed(problem.code())));
}
