//! Journals that are wrong on purpose: a look before anything is asked again finds each breach.

use crate::records::{booking, enter};
use trial::Records;
use trial::check::at_least;
use trial::look::{End, Looks, Row, Rows, request_id};
use trial::record::{Act, Known};

const CANCELLED: &str = r#"{"number":1,"cancelled_at":"2030-02-01T20:00:00.007+08:00"}"#;
const REDEEMED: &str = r#"{"number":1,"redeemed_at":"2030-02-01T20:00:00.007+08:00"}"#;
/// The moment in both.
const AT: u64 = 1_896_177_600_007;

fn row(records: &Records, number: u64, units: u64) -> Row {
    Row { number, at: records.moment(records.now()), booked: Some((0, units)), end: End::None }
}

fn id(records: &Records, place: usize) -> [u8; 16] {
    request_id(&records.key(place))
}

fn found(looks: &mut Looks, records: &Records, rows: &Rows) -> String {
    let mut problems = Vec::new();
    looks.compare(records, rows, &mut problems);
    problems.join("\n")
}

/// A request that got no answer.
fn unknown(records: &Records, act: Act) -> usize {
    let mut inner = records.lock();
    let place = inner.add(act, 0);
    inner.lost(place);
    place
}

/// Two entries at the kiosk, of one unit and of two, and a journal that has them.
fn two() -> (Records, Rows) {
    let records = Records::new(1);
    let places = [1, 2]
        .map(|number| enter(&records, number, &booking(number.into(), "kiosk", number.into())));
    let rows = places
        .map(|place| (id(&records, place), row(&records, place as u64 + 1, place as u64 + 1)));
    (records, rows.into_iter().collect())
}

#[test]
fn a_journal_that_has_everything_is_right() {
    let (records, mut rows) = two();
    let mut looks = Looks::default();
    assert_eq!(found(&mut looks, &records, &rows), "");
    let third = unknown(&records, Act::Enter { person: 3 });
    assert_eq!(found(&mut looks, &records, &rows), "", "it may have come to nothing");
    rows.insert(id(&records, third), row(&records, 3, 1));
    assert_eq!(found(&mut looks, &records, &rows), "", "or to an entry");
    let cancel = records.lock().add(Act::Cancel { entry: 0 }, 0);
    records.answered(cancel, 200, CANCELLED.as_bytes());
    rows.get_mut(&id(&records, 0)).unwrap().end = End::Cancelled(AT);
    unknown(&records, Act::Redeem { entry: 1 });
    assert_eq!(found(&mut looks, &records, &rows), "");
    rows.get_mut(&id(&records, 1)).unwrap().end = End::Redeemed(AT);
    assert_eq!(found(&mut looks, &records, &rows), "");
    assert_eq!(records.problems(), (0, String::new()));
}

#[test]
fn a_loss_is_found_though_an_unknown_request_landed_in_its_place() {
    let (records, mut rows) = two();
    let third = unknown(&records, Act::Enter { person: 3 });
    // The second was lost, and the third got its number and its units: every sum is right.
    let lost = rows.remove(&id(&records, 1)).unwrap();
    rows.insert(id(&records, third), lost);
    at_least(&records, &crate::records::truth([2, 2, 0, 0], 3));
    assert_eq!(records.problems().0, 0, "{}", records.problems().1);
    assert_eq!(
        found(&mut Looks::default(), &records, &rows),
        "request 1 was acknowledged with number 2, and the journal has no entry of it"
    );
}

#[test]
fn another_number_booking_or_time_is_found() {
    let wrongs: [fn(&mut Row); 4] = [
        |row| row.number = 7,
        |row| row.booked = Some((1, 2)),
        |row| row.booked = None,
        |row| row.at += 5_000,
    ];
    for wrong in wrongs {
        let (records, mut rows) = two();
        let mut looks = Looks::default();
        assert_eq!(found(&mut looks, &records, &rows), "");
        wrong(rows.get_mut(&id(&records, 1)).unwrap());
        let again = found(&mut looks, &records, &rows);
        assert!(again.contains("request 1 was Row"), "it was another before: {again}");
        let found = found(&mut Looks::default(), &records, &rows);
        assert!(found.starts_with("request 1 was ") && !found.contains('\n'), "{found}");
    }
}

#[test]
fn an_end_that_was_lost_invented_or_moved_is_found() {
    let with = |acts: &[(Act, &str)], ends: &[End]| {
        let (records, mut rows) = two();
        for (act, body) in acts {
            let place = records.lock().add(*act, 0);
            records.answered(place, 200, body.as_bytes());
        }
        let mut looks = Looks::default();
        let mut all = String::new();
        for end in ends {
            rows.get_mut(&id(&records, 0)).unwrap().end = *end;
            all = found(&mut looks, &records, &rows);
        }
        all
    };
    let cancel = (Act::Cancel { entry: 0 }, CANCELLED);
    let redeem = (Act::Redeem { entry: 0 }, REDEEMED);
    assert_eq!(with(&[cancel], &[End::Cancelled(AT)]), "");
    assert_eq!(with(&[redeem], &[End::Redeemed(AT)]), "");
    for (act, end) in [
        (cancel, End::None),
        (cancel, End::Cancelled(AT + 1)),
        (redeem, End::None),
        (redeem, End::Redeemed(AT + 1)),
    ] {
        let found = with(&[act], &[end]);
        assert!(found.contains("was told {\"number\":1"), "{end:?}: {found}");
    }
    assert!(with(&[cancel], &[End::Redeemed(AT)]).contains("which nobody asked for"));
    assert!(with(&[], &[End::Cancelled(AT)]).contains("which nobody asked for"));
    assert!(with(&[], &[End::Redeemed(AT)]).contains("which nobody asked for"));
    let undone = with(&[], &[End::Cancelled(AT), End::None]);
    assert!(undone.contains("and is Row"), "{undone}");
}

#[test]
fn what_was_turned_away_and_came_to_something_is_found() {
    let records = Records::new(1);
    let places: Vec<usize> = (0..40)
        .map(|person| {
            let mut inner = records.lock();
            let place = inner.add(Act::Enter { person }, 0);
            inner.shed(place, "journal-full");
            place
        })
        .collect();
    let counts = records.counts();
    assert!((10..30).contains(&counts.not_taken), "half are never sent again: {counts:?}");
    let queued: Vec<usize> = records.lock().unknown[0].iter().copied().collect();
    assert_eq!(queued.len() as u64 + counts.not_taken, counts.shed);
    let never = places.iter().find(|place| !queued.contains(place)).unwrap();
    assert_eq!(records.lock().asked[*never].known, Known::NotTaken);
    for place in [*never, queued[0]] {
        let rows = Rows::from([(id(&records, place), row(&records, 1, 1))]);
        let found = found(&mut Looks::default(), &records, &rows);
        let expected = format!("request {place} was turned away");
        assert!(found.starts_with(&expected), "{found}");
    }
    let refused = records.lock().add(Act::Enter { person: 50 }, 0);
    records.answered(refused, 409, br#"{"code":"sold-out"}"#);
    let rows = Rows::from([(id(&records, refused), row(&records, 1, 1))]);
    assert!(found(&mut Looks::default(), &records, &rows).contains("was turned away (Refused)"));
    // A cancellation that was not taken cancels nothing.
    let entry = enter(&records, 60, &booking(1, "kiosk", 1));
    let cancel = records.lock().add(Act::Cancel { entry }, 0);
    records.lock().shed(cancel, "shutting-down");
    let cancelled = Row { end: End::Cancelled(AT), ..row(&records, 1, 1) };
    let rows = Rows::from([(id(&records, entry), cancelled)]);
    assert!(found(&mut Looks::default(), &records, &rows).contains("which nobody asked for"));
}

#[test]
fn an_entry_that_nobody_made_is_found() {
    let (records, mut rows) = two();
    rows.insert([9; 16], row(&records, 3, 1));
    let found = found(&mut Looks::default(), &records, &rows);
    assert_eq!(found, "the journal has 1 entries of requests that nobody made");
}
