//! Losses: when they count, how many, and who brings them.

use super::desk::{DAY, Desk, LOTS, done, draws};
use ledger::{PublicEntry, Stage};
use types::{Command, DrawEvent, EntryNo, Outcome};

/// What an entry begins a draw with, and what its owner reads, while the entry is registered.
fn losses(desk: &Desk, entry: u32) -> (u8, Option<u8>) {
    let read = match desk.look(entry) {
        PublicEntry::Registered { losses, .. } => Some(losses),
        _ => None,
    };
    (desk.ledger.campaigns()[0].losses_of(EntryNo(entry)), read)
}

#[test]
fn a_loss_is_read_when_it_is_published_and_counts_from_the_next_list() {
    let mut desk = Desk::new(&draws(Some(9), 5));
    desk.enter_all(3);
    desk.draw(Some(0), &[0]);
    assert_eq!(losses(&desk, 1), (0, Some(1)));
    assert_eq!(desk.enter(&[7]), Outcome::Registered { entry: EntryNo(3) });
    desk.close_list(Some(0), false);
    assert_eq!(losses(&desk, 1), (1, Some(1)));
    assert_eq!((losses(&desk, 3), losses(&desk, 0)), ((0, Some(0)), (0, None)));
    // A draw that is void is no loss.
    assert_eq!(desk.event(DrawEvent::Void), done(0));
    desk.draw(Some(0), &[2]);
    assert_eq!((losses(&desk, 1), losses(&desk, 3)), ((1, Some(2)), (0, Some(1))));
    // Among the unserved nobody has lost twice.
    assert!(matches!(desk.close_list(Some(0), true), Outcome::Listed { entries: 2, .. }));
    assert_eq!((losses(&desk, 1), losses(&desk, 3)), ((1, Some(1)), (0, Some(0))));
    desk.until(Stage::Drawn, 0);
    assert_eq!(desk.publish(), done(0));
    assert_eq!((losses(&desk, 1), losses(&desk, 3)), ((1, Some(2)), (0, Some(1))));
    desk.save_and_load();
}

#[test]
fn losses_beyond_the_tickets_there_are_count_for_nothing() {
    let mut desk = Desk::new(&draws(Some(366), 40));
    desk.enter_all(40);
    for winner in 1..=34 {
        desk.draw(Some(0), &[winner]);
        let expected = winner.min(31) as u8;
        assert_eq!(losses(&desk, 0), (expected.min(winner as u8 - 1), Some(expected)));
    }
    desk.save_and_load();
    assert_eq!(losses(&desk, 0), (31, Some(31)));
}

#[test]
fn losses_go_with_the_person_and_a_win_ends_them() {
    let mut desk = Desk::new(&draws(Some(1), 9));
    desk.enter_all(4);
    desk.draw(Some(0), &[3]);
    desk.at.0 += DAY;
    desk.apply(&Command::Tick);
    // All four have expired, and three of them lost once.
    assert!(matches!(desk.look(0), PublicEntry::NotAllocated { .. }));
    let entry = |nth| Outcome::Registered { entry: EntryNo(nth) };
    assert_eq!([desk.enter(&[0]), desk.enter(&[3])], [entry(4), entry(5)]);
    assert_eq!((losses(&desk, 4), losses(&desk, 5)), ((1, Some(1)), (0, Some(0))));
    desk.draw(Some(0), &[5]);
    desk.at.0 += DAY;
    // Of a group the fewest: 2 and 1, then with somebody who never lost.
    assert_eq!([desk.enter(&[0, 1]), desk.enter(&[2, 8])], [entry(6), entry(7)]);
    assert_eq!((losses(&desk, 6), losses(&desk, 7)), ((1, Some(1)), (0, Some(0))));
    // Given up on the way, they are not lost.
    assert!(matches!(desk.cancel(6), Outcome::Cancelled { .. }));
    assert_eq!(desk.enter(&[1]), entry(8));
    assert_eq!(losses(&desk, 8), (1, Some(1)));
    assert_eq!(desk.ledger.campaigns()[0].no(), LOTS);
}
