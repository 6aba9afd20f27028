//! Ten thousand winners, in parts.

use super::desk::{Desk, done, draws};
use ledger::{PublicEntry, Stage};
use types::limits::AWARDS_MAX;
use types::{EntryNo, PoolNo, Refusal};

const WINNERS: u16 = 10_000;

#[test]
fn ten_thousand_are_awarded_in_parts() {
    let mut desk = Desk::new(&draws(Some(1), u32::from(WINNERS) / 2));
    desk.enter_all(WINNERS + 5);
    desk.close_list(Some(0), false);
    desk.until(Stage::Drawn, u32::from(WINNERS) + 1);
    // Every second of a pool, from the last to the first.
    let row = |nth: u32| (EntryNo(u32::from(WINNERS) + 4 - nth), PoolNo(nth % 2));
    let rows: Vec<_> = (0..u32::from(WINNERS)).map(row).collect();
    let draw = desk.latest();
    for part in [rows.len(), AWARDS_MAX + 1] {
        let whole = std::panic::catch_unwind(|| {
            let mut payload = Vec::new();
            types::command::encode_award((super::desk::LOTS, draw), 0, &rows[..part], &mut payload);
        });
        assert!(whole.is_err(), "{part} winners are no part");
    }
    let mut first = 0;
    for part in rows.chunks(AWARDS_MAX / 3) {
        assert_eq!(desk.award_of(draw, first, part), done(part.len() as u64));
        let again = desk.award_of(draw, first, part);
        assert_eq!(super::desk::refused(&again), &Refusal::AlreadySo);
        first += part.len() as u32;
        desk.save_and_load();
    }
    let one_more = desk.award(first, &[0]);
    assert_eq!(super::desk::refused(&one_more), &Refusal::SoldOut);
    assert_eq!((desk.booked(0), desk.booked(1)), (5_000, 5_000));
    assert!(matches!(desk.cancel(5), types::Outcome::Cancelled { .. }));
    let (place, pool) = (EntryNo(0), if row(9_999).1.0 == 1 { 1 } else { 0 });
    assert_eq!(desk.award_of(draw, first, &[(place, PoolNo(pool))]), done(1));
    assert_eq!(desk.publish(), done(0));
    let booked = (0..u32::from(WINNERS) + 5)
        .filter(|entry| matches!(desk.look(*entry), PublicEntry::Booked { .. }));
    assert_eq!(booked.count(), usize::from(WINNERS));
}
