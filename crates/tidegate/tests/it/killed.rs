//! `kill -9` at chosen moments: after each restart, everything acknowledged is there, unchanged.

use crate::support::program;
use rustix::process::Signal;
use std::fs;
use std::path::Path;
use trial::kill::{MOMENTS, Plans, first_starts, run};
use trial::load::{Load, ask_again};
use trial::look::Looks;
use trial::site::{Node, Site, Sizes};
use trial::{Records, TrialError, check};

#[test]
fn nothing_acknowledged_is_lost_by_kill_9() {
    let folder = tempfile::tempdir().unwrap();
    let site = Site::new(program(), folder.path(), Sizes::default(), None).unwrap();
    let rounds = MOMENTS.len() as u64;
    let earlier_max = usize::MAX;
    let plans = Plans { seed: 7, rounds, answers_max: 800, connections: 24, earlier_max };
    let summary = run(&site, plans, &mut |_| ()).unwrap_or_else(|broken| panic!("{broken}"));
    println!("{summary}");
    assert_eq!(summary.rounds, [1; MOMENTS.len()]);
    assert!(rounds <= summary.kills + summary.ended_before, "{summary}");
    assert!(0 < summary.counts.unknown, "a kill leaves requests without an answer: {summary}");
    assert!(1_000 < summary.counts.compared, "{summary}");
    assert!(1_000 < summary.counts.looked && 1_000 < summary.counts.read, "{summary}");
    assert!(500 < summary.counts.batched && 10 < summary.counts.changes, "{summary}");
}

#[test]
fn a_first_start_that_is_killed_leaves_a_folder_for_the_next() {
    let folder = tempfile::tempdir().unwrap();
    let killed = first_starts(program(), folder.path(), 7, 8);
    killed.unwrap_or_else(|broken| panic!("{broken}"));
}

/// The trial itself on trial: a program that somebody else ends amid the load ended by itself, as
/// far as the trial knows, and its own kill must not hide that.
#[test]
fn a_program_that_ends_by_itself_under_load_is_found_out() {
    let folder = tempfile::tempdir().unwrap();
    let site = Site::new(program(), folder.path(), Sizes::default(), None).unwrap();
    let records = Records::new(29);
    let mut node = site.start().unwrap();
    let offer = site.open_campaign(29).unwrap();
    let by_itself = |error: TrialError| {
        let text = error.to_string();
        assert!(!error.is_of_the_machine(), "{text}");
        assert!(text.contains("ended by itself with signal: 6"), "{text}");
        assert!(text.contains("an operator's request"), "with its log: {text}");
    };
    std::thread::scope(|scope| {
        let load = Load::start(scope, &site, &records, &offer, 8, 1);
        load.await_from(&mut node, || 100 <= load.answers()).unwrap();
        node.signal(Signal::ABORT).unwrap();
        by_itself(load.await_from(&mut node, || false).unwrap_err());
        load.end().unwrap();
    });
    let unread = Looks::default().look(&records, &site, usize::MAX).unwrap_err();
    assert!(matches!(unread, TrialError::NoAnswer { .. }), "{unread:?}");
    by_itself(node.or_ended(unread));
    by_itself(node.kill().unwrap_err());
}

/// Copies a data folder: files, and folders of files.
fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let to = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &to);
        } else {
            fs::copy(entry.path(), to).unwrap();
        }
    }
}

/// The trial itself on trial: a node that comes back with a folder of an hour ago, as it would
/// from a disk that lies, is found out.
#[test]
fn a_node_that_forgot_something_is_found_out() {
    let folder = tempfile::tempdir().unwrap();
    let site = Site::new(program(), folder.path(), Sizes::default(), None).unwrap();
    let records = Records::new(23);
    let mut offer = None;
    let mut load_and_kill = |node: Node<'_>| {
        let offer = &*offer.get_or_insert_with(|| site.open_campaign(23).unwrap());
        ask_again(&site, &records, offer, 8).unwrap();
        std::thread::scope(|scope| {
            let load = Load::start(scope, &site, &records, offer, 8, 1);
            load.await_answers(200).unwrap();
            node.kill().unwrap();
            load.end().unwrap();
        });
    };
    load_and_kill(site.start().unwrap());
    let (data, earlier) = (site.seen(""), folder.path().join("earlier"));
    copy(&data, &earlier);
    load_and_kill(site.start().unwrap());
    assert_eq!(records.problems(), (0, String::new()));

    fs::remove_dir_all(&data).unwrap();
    copy(&earlier, &data);
    let node = site.start().unwrap();
    check::nothing_missing(&records, &site).unwrap();
    let (count, found) = records.problems();
    assert!(0 < count && found.contains("entries were acknowledged"), "{found}");
    Looks::default().look(&records, &site, usize::MAX).unwrap();
    let (now, found) = records.problems();
    // Of each entry that was forgotten, and of what was known of the others.
    assert!(count + 100 < now && found.contains("the journal has"), "{now} problems:\n{found}");
    node.stop().unwrap();
}
