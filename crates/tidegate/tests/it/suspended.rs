//! A program that is suspended amid requests: nobody is told anything wrong, and nothing is lost.

use crate::support::program;
use rustix::process::Signal;
use std::time::Duration;
use trial::load::{Load, ask_again};
use trial::site::{Site, Sizes};
use trial::{Records, check};

/// Longer than the clients' patience, which is a second.
const SUSPENSION: Duration = Duration::from_millis(1_200);
const CONNECTIONS: usize = 16;
/// Suspensions that must meet somebody amid a request. One that comes when every answer is just
/// under way to its client meets nobody, and counts for nothing.
const MEETINGS: u64 = 2;
/// Suspensions at most: by far more than it takes.
const SUSPENSIONS_MAX: u64 = 20;

#[test]
fn what_a_suspension_leaves_unknown_is_known_after_it() {
    let folder = tempfile::tempdir().unwrap();
    let site = Site::new(program(), folder.path(), Sizes::default(), None).unwrap();
    let records = Records::new(11);
    let mut node = site.start().unwrap();
    let offer = site.open_campaign(11).unwrap();
    let (mut pause, mut meetings) = (0, 0);
    while meetings < MEETINGS {
        pause += 1;
        assert!(pause <= SUSPENSIONS_MAX, "a suspended program answers nobody");
        let before = records.counts();
        std::thread::scope(|scope| {
            let load = Load::start(scope, &site, &records, &offer, CONNECTIONS, pause);
            load.await_answers(300).unwrap();
            node.signal(Signal::STOP).unwrap();
            // The clients stop asking, wait for a second, and go: a time-out.
            let gone = scope.spawn(|| load.end().unwrap());
            std::thread::sleep(SUSPENSION);
            gone.join().unwrap();
        });
        let after = records.counts();
        meetings += u64::from(before.unknown < after.unknown);
        assert!(before.acknowledged < after.acknowledged, "{after:?}");
        node.signal(Signal::CONT).unwrap();
        // Some of the requests that nobody waits for any more are sequenced only now, beside the
        // same ones that are sent again.
        ask_again(&site, &records, &offer, CONNECTIONS).unwrap();
        assert_eq!(records.problems(), (0, String::new()));
    }
    node.stop().unwrap();

    // An end in order leaves nothing under way, so that the books must agree from now on.
    let node = site.start().unwrap();
    check::nothing_missing(&records, &site).unwrap();
    ask_again(&site, &records, &offer, CONNECTIONS).unwrap();
    check::at_rest(&records, &site, &[]).unwrap();
    check::secrets_once(&records);
    assert_eq!(records.problems(), (0, String::new()));
    node.stop().unwrap();
}
