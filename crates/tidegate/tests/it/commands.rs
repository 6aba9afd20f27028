//! What commands say when something is wrong: a code, its page, and each thing once.

use crate::refusals::check;
use crate::support::{CAMPAIGN, Program, free_address, free_addresses, run, tidegate};
use std::fs::{self, File};
use std::path::Path;
use std::process::Output;

fn token(data: &Path, rest: &[&str]) -> Output {
    run(&[&["token", "create", "--data", data.to_str().unwrap()], rest].concat())
}

const OPERATOR: [&str; 4] = ["--role", "operator", "--name", "duty officer"];

#[test]
fn a_campaign_with_a_mistake() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("c.toml");
    fs::write(&file, CAMPAIGN.replace("at-once", "at-onec")).unwrap();
    let output = run(&["campaign", "check", file.to_str().unwrap()]);
    check(&output, "files-invalid", 1);
    let told = String::from_utf8(output.stdout).unwrap();
    assert!(told.ends_with("1 error, 0 warnings\n"), "{told}");
}

#[test]
fn campaigns_of_one_series_are_checked_together() {
    let folder = tempfile::tempdir().unwrap();
    let windows = "windows = [{ from = \"2034-12-01 08:00\", until = \"2034-12-02 08:00\" }]";
    let held = CAMPAIGN.replace("at-once", "by-hand").replace("windows = []", windows);
    let series = "[series]\ncode = \"city\"\ncool_down_days = 5\n[register]";
    let held = held.replace("[register]", series);
    let files = ["first", "second"].map(|code| {
        let file = folder.path().join(code).join("c.toml");
        fs::create_dir(file.parent().unwrap()).unwrap();
        fs::write(&file, held.replace("\"test\"", &format!("\"{code}\""))).unwrap();
        file.to_str().unwrap().to_owned()
    });
    let [first, second] = files.each_ref().map(String::as_str);
    let alone = run(&["campaign", "check", first]);
    assert_eq!(String::from_utf8(alone.stdout).unwrap(), "0 errors, 0 warnings\n");
    let both = run(&["campaign", "check", first, second]);
    let told = String::from_utf8(both.stdout).unwrap();
    assert!(both.status.success() && told.contains("warning[series-overlaps]"), "{told}");
    assert!(told.contains(&format!("--> {second}\n")), "{told}");
    assert!(told.ends_with("0 errors, 1 warning\n"), "{told}");

    let other_days = held.replace("\"test\"", "\"second\"").replace("= 5", "= 7");
    fs::write(second, other_days).unwrap();
    let both = run(&["campaign", "check", first, second]);
    check(&both, "files-invalid", 1);
    let told = String::from_utf8(both.stdout).unwrap();
    let line = 1 + held.lines().position(|line| line == "cool_down_days = 5").unwrap();
    assert!(told.contains(&format!("--> {second}:{line}:18")), "{told}");
    assert!(told.contains(&format!("\"cool_down_days\" is 7 and in {first}, line {line}, ")));

    fs::write(second, held.replace("by-hand", "by-hnad")).unwrap();
    let both = run(&["campaign", "check", "--json", first, second]);
    check(&both, "files-invalid", 1);
    let told: serde_json::Value = serde_json::from_slice(&both.stdout).unwrap();
    assert_eq!(told[0]["place"]["file"], second);
}

#[test]
fn a_withdrawal_needs_a_place_or_all() {
    let folder = tempfile::tempdir().unwrap();
    let program = Program::start(&folder.path().join("data"), free_addresses());
    program.open_campaign();
    let withdraw = |rest: &[&str]| {
        let output = program.operate(&[&["campaign", "withdraw", "test"], rest].concat());
        (output.status.code(), String::from_utf8(output.stdout).unwrap())
    };
    assert_eq!(withdraw(&["--reason", "x"]).0, Some(2));
    assert_eq!(withdraw(&["--all", "--outlet", "shop", "--reason", "x"]).0, Some(2));
    let told = "test: withdraw: would take 5000 units from 1 pool; nothing was done\n";
    assert_eq!(withdraw(&["--all", "--dry-run"]), (Some(0), told.to_owned()));
    let typo = ["campaign", "withdraw", "test", "--outlet", "shpo", "--reason", "x"];
    let typo = program.operate(&typo);
    check(&typo, "unknown-place", 1);
    let told = String::from_utf8_lossy(&typo.stderr);
    assert!(told.contains("Did you mean \"shop\"?"), "{told}");
    let outlets = program.operate(&["campaign", "show", "test", "--by", "outlet"]);
    assert!(String::from_utf8_lossy(&outlets.stdout).contains("shop"), "{outlets:?}");
    let told = "test: withdraw: done, 7 units; registration is open\n";
    let taken = withdraw(&["--outlet", "shop", "--units", "7", "--reason", "x"]);
    assert_eq!(taken, (Some(0), told.to_owned()));
    let shown = program.operate(&["campaign", "show", "test"]);
    let shown = String::from_utf8(shown.stdout).unwrap();
    assert!(shown.contains("outlet shop, at most 7 a pool: 7 units"), "{shown}");
    program.stop();
}

#[test]
fn a_region_that_no_country_has() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("c.toml");
    fs::write(&file, CAMPAIGN.replace("region = \"CN\"", "region = \"XX\"")).unwrap();
    let output = run(&["campaign", "check", file.to_str().unwrap()]);
    check(&output, "files-invalid", 1);
    let words = String::from_utf8_lossy(&output.stdout);
    assert!(words.contains("region = \"XX\"") && words.contains("telephone"), "{words}");

    let program = Program::start(&folder.path().join("data"), free_addresses());
    let load = ["campaign", "load", file.to_str().unwrap(), "--reason", "test"];
    check(&program.operate(&load), "files-invalid", 1);
    let show = program.operate(&["campaign", "show", "test"]);
    check(&show, "unknown-campaign", 1);
    program.stop();
}

#[test]
fn files_and_nodes_that_are_not_there() {
    let folder = tempfile::tempdir().unwrap();
    let missing = folder.path().join("missing");
    let missing_text = missing.to_str().unwrap();
    let nobody = format!("http://{}", free_address());
    let connection = ["--server", &nobody, "--token", "x", "--reason", "test"];
    let stock = ["campaign", "stock", "test", missing_text, "--mode", "add"];
    check(&run(&[&stock[..], &connection[..]].concat()), "file-missing", 66);
    let open = ["campaign", "open", "test"];
    check(&run(&[&open[..], &connection[..]].concat()), "node-unreachable", 69);
    check(&run(&["campaign", "open", "test", "--reason", "test"]), "token-missing", 1);
    for what in ["verify", "inspect", "replay"] {
        check(&run(&["journal", what, "--data", missing_text]), "data-missing", 78);
    }
    assert!(!missing.exists(), "nothing was made");
}

#[test]
fn a_token_that_is_named_wins_over_the_environment() {
    let folder = tempfile::tempdir().unwrap();
    let program = Program::start(&folder.path().join("data"), free_addresses());
    let other = folder.path().join("other.token");
    fs::write(&other, "tg_operator_other\n").unwrap();
    let other = other.to_str().unwrap();
    let list = ["campaign", "list"];
    assert!(program.operate(&list).status.success());
    for token in [["--token-file", other], ["--token", "tg_operator_other"]] {
        check(&program.operate(&[&list[..], &token].concat()), "token-refused", 1);
    }
    let usage = program.operate(&["campaign", "show"]);
    let words = String::from_utf8(usage.stderr).unwrap();
    assert!(words.contains("Usage:") && !words.contains("--token"), "{words}");

    let public = format!("http://{}", program.public);
    check(&program.operate(&[&list[..], &["--server", &public]].concat()), "no-such-page", 1);
    program.stop();
}

#[test]
fn what_cannot_be_asked_for_is_not_sent() {
    let folder = tempfile::tempdir().unwrap();
    let nobody = format!("http://{}", free_address());
    let token = folder.path().join("campaign.toml");
    for content in [CAMPAIGN, "", "\u{fffd}"] {
        fs::write(&token, content).unwrap();
        let list = ["campaign", "list", "--server", &nobody, "--token-file"];
        let output = run(&[&list[..], &[token.to_str().unwrap()]].concat());
        check(&output, "token-malformed", 1);
        let words = String::from_utf8(output.stderr).unwrap();
        assert!(words.contains("campaign.toml does not hold"), "{words}");
        assert!(!words.contains("resident-id"), "its content is not told: {words}");
    }
    let told = |arguments: &[&str]| {
        let output = run(&[arguments, &["--token", "x"]].concat());
        assert_eq!(output.status.code(), Some(2), "{output:?}");
        String::from_utf8(output.stderr).unwrap()
    };
    for code in ["w 1", "", "x/../w1", "w1?x=1", "..", "w1#"] {
        for command in [&["show", code][..], &["open", code, "--reason", "x"]] {
            let words = told(&[&["campaign"], command, &["--server", &nobody]].concat());
            assert!(words.contains("a campaign's code is"), "{words}");
        }
    }
    let words = told(&["campaign", "list", "--server", "127.0.0.1:8081"]);
    assert!(words.contains("is it http://127.0.0.1:8081?"), "{words}");
}

#[test]
fn a_token_for_no_data_folder() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    check(&token(&data, &OPERATOR), "data-missing", 78);
    assert!(!data.exists(), "nothing was made");
    fs::create_dir(&data).unwrap();
    fs::write(data.join("thesis.txt"), "precious").unwrap();
    check(&token(&data, &OPERATOR), "data-not-tidegate", 65);
    assert!(!data.join("tokens.json").exists(), "nothing was made");
    fs::remove_file(data.join("thesis.txt")).unwrap();
    // A node that is just starting has made this much before it says what the folder is.
    fs::write(data.join("LOCK"), "").unwrap();
    // A folder for a node to come, which then takes it.
    assert!(token(&data, &OPERATOR).status.success());
    check(&token(&data, &OPERATOR), "token-name-taken", 1);
    Program::start(&data, free_addresses()).stop();
    let list = run(&["token", "list", "--data", data.to_str().unwrap()]);
    assert!(String::from_utf8_lossy(&list.stdout).contains("duty officer"), "{list:?}");
}

#[test]
fn a_token_for_an_outlet_that_no_campaign_has() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let program = Program::start(&data, free_addresses());
    program.open_campaign();
    let told = |name: &str, outlet: &str| {
        let made = token(&data, &["--role", "outlet", "--name", name, "--outlet", outlet]);
        assert!(made.status.success(), "{made:?}");
        String::from_utf8(made.stderr).unwrap()
    };
    // The node runs, and is asked nothing.
    assert!(!told("counter 1", "shop").contains("No campaign"));
    let typo = told("counter 2", "shpo");
    assert!(typo.contains("No campaign in this folder has the outlet shpo"), "{typo}");
    program.stop();
}

#[test]
fn a_reader_that_has_seen_enough() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    Program::start(&data, free_addresses()).stop();
    let commands: [&[&str]; 3] = [
        &["journal", "verify", "--data"],
        &["journal", "replay", "--data"],
        &["token", "list", "--data"],
    ];
    for command in commands {
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let output = tidegate(command).arg(&data).stdout(writer).output().unwrap();
        assert_eq!(String::from_utf8_lossy(&output.stderr), "", "{command:?}");
        assert_eq!(output.status.code(), Some(141), "{command:?}");
    }
    let full = File::options().write(true).open("/dev/full").unwrap();
    let output = tidegate(commands[0]).arg(&data).stdout(full).output().unwrap();
    check(&output, "output-refused", 73);
}
