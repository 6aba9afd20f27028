//! `kill -9` under load: after a restart, everything that was acknowledged is there.

use crate::support::{Program, free_addresses};
use crowd::load::Pace;
use crowd::{Act, CrowdOptions, Loopback, Offer, Progress};
use std::sync::Arc;
use std::time::Duration;

const ROUNDS: u64 = 3;

#[test]
fn nothing_acknowledged_is_lost_by_kill_9() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let addresses = free_addresses();
    let mut program = Program::start(&data, addresses);
    program.open_campaign();
    let address = Loopback::new(program.public).unwrap();
    let offer = Offer::fetch(address, "test", 7).unwrap();
    let options = CrowdOptions {
        address,
        seed: 7,
        first_person: 0,
        people: 20_000,
        connections: 32,
        pace: Pace::Closed,
        duration: Duration::from_secs(60),
    };
    let progress = Arc::new(Progress::default());
    let shared = Arc::clone(&progress);
    let crowd = std::thread::spawn(move || crowd::run(&options, &offer, &shared).unwrap());

    for round in 1..=ROUNDS {
        // The crowd loses its connections, comes back by itself, and asks again with the same
        // request ids. A round ends when so many more answers have come.
        while progress.snapshot().answered < round * 1_500 {
            assert!(!crowd.is_finished(), "the crowd is large enough for every round");
            std::thread::yield_now();
        }
        program.kill();
        program = Program::start(&data, addresses);
    }
    progress.stop();
    let told = crowd.join().unwrap().acknowledgements;
    assert_eq!(told.contradictions(), []);
    assert!(0 < progress.snapshot().lost, "kills end connections");

    let mut checked = 0;
    for answer in told.iter().filter(|answer| answer.act == Act::Enter && answer.is_accepted()) {
        let (status, body) = program.get(&format!("/v1/entries/{}", answer.receipt));
        assert_eq!(status, 200, "{body}");
        let number = format!("\"number\":{}", answer.number.unwrap());
        assert!(body.contains(&number), "{body} has no {number}");
        checked += 1;
    }
    assert!(1_000 < checked, "{checked} acknowledgements were checked");
    program.stop();

    let verified = crate::support::run(&["journal", "verify", "--data", data.to_str().unwrap()]);
    let words = String::from_utf8(verified.stdout).unwrap();
    assert!(words.ends_with("sound\n"), "{words}");
}
