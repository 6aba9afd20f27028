//! The file of tokens: its mode, what it holds, and what happens when it is not as it must be.

use server::operator::tokens::{NewToken, Role, TokenStore};
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use types::Millis;

const NOW: Millis = Millis(1_000);

fn new(name: &str) -> NewToken {
    let name = name.to_owned();
    NewToken { name, role: Role::Operator, outlets: Vec::new(), expires: None }
}

#[test]
fn the_file_holds_hashes_and_is_its_owners_alone() {
    let folder = tempfile::tempdir().unwrap();
    let store = TokenStore::new(folder.path());
    let secret = store.create(new("ann"), NOW).unwrap();
    assert!(secret.starts_with("tg_operator_") && secret.len() == 12 + 52, "{secret}");
    let path = folder.path().join("tokens.json");
    assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    let text = fs::read_to_string(&path).unwrap();
    assert!(!text.contains(&secret[12..]) && text.contains("\"ann\""));
    assert_eq!(store.find(&secret, NOW).unwrap().unwrap().name, "ann");
    assert_eq!(store.find(&secret[..60], NOW).unwrap(), None);
    assert!(!format!("{:?}", store.list().unwrap()).contains("sha256: Fingerprint(["));
}

#[test]
fn another_process_changes_it_and_this_one_takes_notice() {
    let folder = tempfile::tempdir().unwrap();
    let running = TokenStore::new(folder.path());
    assert_eq!(running.find("x", NOW).unwrap(), None);
    let command_line = TokenStore::new(folder.path());
    let secret = command_line.create(new("ann"), NOW).unwrap();
    assert!(running.find(&secret, NOW).unwrap().is_some());
    command_line.revoke("ann").unwrap();
    assert_eq!(running.find(&secret, NOW).unwrap(), None);
    assert_eq!(command_line.revoke("ann").unwrap_err().code(), "token-unknown");
}

#[test]
fn an_expired_token_no_longer_holds() {
    let folder = tempfile::tempdir().unwrap();
    let store = TokenStore::new(folder.path());
    let secret =
        store.create(NewToken { expires: Some(Millis(2_000)), ..new("ann") }, NOW).unwrap();
    assert!(store.find(&secret, Millis(1_999)).unwrap().is_some());
    assert!(store.find(&secret, Millis(2_000)).unwrap().is_none());
}

#[test]
fn an_exposed_or_damaged_file_lets_nobody_in() {
    let folder = tempfile::tempdir().unwrap();
    let store = TokenStore::new(folder.path());
    let secret = store.create(new("ann"), NOW).unwrap();
    assert!(store.find(&secret, NOW).unwrap().is_some());
    let path = folder.path().join("tokens.json");
    fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
    assert_eq!(store.find(&secret, NOW).unwrap_err().code(), "tokens-exposed");
    assert_eq!(store.create(new("bob"), NOW).unwrap_err().code(), "tokens-exposed");
    fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
    fs::write(&path, "{\"version\": 2, \"tokens\": []}").unwrap();
    assert_eq!(store.find(&secret, NOW).unwrap_err().code(), "tokens-damaged");
    fs::write(&path, "{").unwrap();
    assert_eq!(store.find(&secret, NOW).unwrap_err().code(), "tokens-damaged");
}

#[test]
fn a_token_that_makes_no_sense_is_not_made() {
    let folder = tempfile::tempdir().unwrap();
    let store = TokenStore::new(folder.path());
    store.create(new("ann"), NOW).unwrap();
    assert_eq!(store.create(new("ann"), NOW).unwrap_err().code(), "token-name-taken");
    let outlet = |outlets: &[&str], role| NewToken {
        role,
        outlets: outlets.iter().map(|code| (*code).to_owned()).collect(),
        ..new("x")
    };
    let wrong = [
        new(""),
        new(" x"),
        new("a\nb"),
        new("officer \u{202e}tuo"),
        new(&"x".repeat(101)),
        NewToken { expires: Some(NOW), ..new("x") },
        outlet(&[], Role::Outlet),
        outlet(&["1001"], Role::Auditor),
        outlet(&["no code"], Role::Outlet),
    ];
    for wrong in wrong {
        let shown = format!("{wrong:?}");
        assert_eq!(store.create(wrong, NOW).unwrap_err().code(), "token-invalid", "{shown}");
    }
    assert_eq!(store.list().unwrap().len(), 1);
}
