//! Tests of what a bare machine lacks: got, left out with the reason, or said to be needed.

use xtask::test::machine::{TOOLS, Tool, Without, settle};
use xtask::test::report::Verdict;
use xtask::tidy::Tree;

const CURL: Tool = Tool {
    program: "curl",
    package: "curl",
    used_for: "examples",
    without: Without::ItsTest("a_test"),
    is_here: || false,
};
const COMPILER: Tool = Tool {
    program: "cc",
    package: "gcc libc6-dev",
    used_for: "every build",
    without: Without::Nothing,
    is_here: || false,
};
const PRESENT: Tool = Tool { is_here: || true, ..CURL };

#[test]
fn nothing_is_installed_where_nothing_is_missing() {
    let verdict = settle(&[PRESENT], |_| panic!("nothing is missing"));
    assert_eq!(verdict, Verdict::Passed("everything the tests start is here".to_owned()));
}

#[test]
fn an_installation_that_fails_leaves_out_what_can_be_left_out() {
    let verdict = settle(&[PRESENT, CURL], |packages| {
        assert_eq!(packages, ["curl"]);
        Err("`apt-get update` failed".to_owned())
    });
    let told = "not here: `curl` (for examples); `apt-get update` failed".to_owned();
    assert_eq!(verdict, Verdict::LeftOut(told));
}

#[test]
fn what_everything_needs_cannot_be_left_out() {
    let verdict = settle(&[CURL, COMPILER], |packages| {
        assert_eq!(packages, ["curl", "gcc", "libc6-dev"]);
        Err("no network".to_owned())
    });
    let told = "not here: `curl` (for examples), `cc` (for every build); no network".to_owned();
    assert_eq!(verdict, Verdict::Failed(told));
}

#[test]
fn an_installation_that_brought_nothing_is_told() {
    let verdict = settle(&[CURL], |_| Ok(()));
    let told = "not here: `curl` (for examples); the installation did not bring it".to_owned();
    assert_eq!(verdict, Verdict::LeftOut(told));
}

#[test]
fn a_test_that_needs_a_tool_is_there_under_its_name() {
    let tree = Tree::read(xtask::root()).unwrap();
    for tool in TOOLS {
        if let Without::ItsTest(test) = tool.without {
            let named = [format!("fn {test}("), format!("mod {test};")];
            let mut texts = tree.texts_ending(".rs");
            let is_there = texts.any(|(path, text)| {
                path.contains("/it/") && named.iter().any(|name| text.contains(name))
            });
            assert!(is_there, "no test `{test}`");
        }
    }
}
