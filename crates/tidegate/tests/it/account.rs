//! `tidegate account …`: accounts of a data folder, with passwords from standard input.

use crate::refusals::check;
use crate::support::tidegate;
use std::io::Write as _;
use std::path::Path;
use std::process::{Output, Stdio};

fn account(data: &Path, rest: &[&str], password: &str) -> Output {
    let mut command = tidegate(&["account", rest[0], "--data", data.to_str().unwrap()]);
    let command = command.args(&rest[1..]);
    let command = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    // A command that refuses before it reads has closed its end.
    let _written = child.stdin.take().unwrap().write_all(password.as_bytes());
    child.wait_with_output().unwrap()
}

fn told(output: &Output) -> String {
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout.clone()).unwrap()
}

#[test]
fn an_account_is_made_before_there_is_a_node_and_changed_by_name() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path();
    let owner = ["create", "--role", "owner", "--name", "ann"];
    assert!(told(&account(data, &owner, "harbour lamp 7\n")).starts_with("ann: made"));
    let list = || told(&account(data, &["list", "--json"], ""));
    let before = list();
    assert!(before.contains("\"role\": \"owner\"") && before.contains("\"disabled\": false"));
    assert!(!before.contains("argon2id"), "no hash is shown");
    let file = || std::fs::read_to_string(data.join("accounts.json")).unwrap();
    assert!(file().contains("$argon2id$v=19$m=19456,t=2,p=1$") && !file().contains("harbour"));
    let named = ["--name", "ann"];
    for (word, number) in [("disable", 1), ("enable", 1), ("logout", 2), ("password", 3)] {
        told(&account(data, &[&[word], &named[..]].concat(), "tide and lantern\r\n"));
        assert!(file().contains(&format!("\"sessions\": {number}")), "{word}: {}", file());
        assert_eq!(list().contains("\"disabled\": true"), word == "disable", "{word}");
    }
    check(&account(data, &owner, "harbour lamp 7\n"), "account-name-taken", 1);
}

#[test]
fn what_cannot_be_is_refused_with_its_code() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path();
    let create = |role: &str, name: &str, password: &str| {
        account(data, &["create", "--role", role, "--name", name], password)
    };
    for password in
        ["", "short\n", "aaaaaaaaaaaaaaaa", &"long enough ".repeat(30), "a\u{7}bcdefghijklm"]
    {
        check(&create("owner", "ann", password), "password-refused", 1);
    }
    check(&create("outlet", "shop", "harbour lamp 7"), "account-invalid", 1);
    check(&create("owner", " ann", "harbour lamp 7"), "account-invalid", 1);
    for word in ["disable", "password", "logout"] {
        let output = account(data, &[word, "--name", "nobody"], "harbour lamp 7");
        check(&output, "account-unknown", 1);
    }
    assert!(!data.join("accounts.json").exists(), "nothing was made");
}
