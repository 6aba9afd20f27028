//! A win that is not published: nothing that anybody is told depends on it.

use super::desk::{DAY, Desk, LOTS, done, draws, key};
use ledger::Stage;
use types::definition::Series;
use types::{CampaignNo, Cancel, Command, EntryNo, Outcome, OutletNo, Redeem, RequestId};

/// Five entries of two days, of whom each has lost once; then a draw that these won, and that is
/// not published.
fn drawn(winners: &[u32]) -> Desk {
    let mut lots = draws(Some(2), 3);
    lots.series = Some(Series { code: "lots".into(), cool_down_days: 9 });
    let mut desk = Desk::new(&lots);
    desk.enter_all(6);
    desk.draw(Some(0), &[5]);
    desk.close_list(Some(0), false);
    desk.until(Stage::Drawn, 2);
    assert_eq!(desk.award(0, winners), done(2));
    desk
}

/// Whatever anybody can be told of these entries and their people, in words.
fn told(desk: &mut Desk) -> Vec<String> {
    let mut told = Vec::new();
    for person in 0..5 {
        let entry = EntryNo(u32::from(person));
        told.push(format!("look {:?}", desk.ledger.public_entry(LOTS, entry)));
        told.push(format!("find {:?}", desk.ledger.find(LOTS, &[key(person)], [2; 8])));
        told.push(format!("enter {:?}", desk.preview_enter(&[person])));
        told.push(format!("enter together {:?}", desk.preview_enter(&[40, person])));
        let redeem = Redeem {
            campaign: LOTS,
            entry,
            outlet: OutletNo(0),
            request: RequestId([9; 16]),
            actor: "counter",
        };
        told.push(format!("redeem {:?}", desk.ledger.preview(desk.at, &Command::Redeem(redeem))));
        let cancel = Command::Cancel(Cancel { campaign: LOTS, entry });
        told.push(format!("cancel {:?}", desk.ledger.preview(desk.at, &cancel)));
        let success = desk.ledger.latest_success(CampaignNo(0), 0, key(person));
        told.push(format!("success {success:?}"));
    }
    told
}

/// The same after each of what its owners, time and operators can do before it is published.
#[test]
fn nothing_that_is_told_depends_on_who_won() {
    type Meanwhile = fn(&mut Desk) -> Vec<Outcome>;
    let meanwhile: [(&str, Meanwhile); 6] = [
        ("at once", |_| Vec::new()),
        ("the days end", |desk| {
            desk.at.0 += 3 * DAY;
            vec![desk.apply(&Command::Tick)]
        }),
        ("they press to enter", |desk| (0..5).map(|person| desk.enter(&[person])).collect()),
        ("they come to collect", |desk| (0..5).map(|entry| desk.redeem(entry)).collect()),
        ("they go, and come again", |desk| {
            let gone: Vec<_> = (0..5).map(|entry| desk.cancel(entry)).collect();
            gone.into_iter().chain((0..5).map(|person| desk.enter(&[person]))).collect()
        }),
        ("they go, and want to collect", |desk| {
            let gone: Vec<_> = (0..5).map(|entry| desk.cancel(entry)).collect();
            gone.into_iter().chain((0..5).map(|entry| desk.redeem(entry))).collect()
        }),
    ];
    for (what, happens) in meanwhile {
        let [one, other] = [[0, 1], [2, 4]].map(|winners| {
            let mut desk = drawn(&winners);
            let outcomes = happens(&mut desk);
            (outcomes, told(&mut desk))
        });
        assert_eq!(one, other, "{what}");
    }
}

/// Nor does it of who was gone before the award.
#[test]
fn nothing_that_is_told_depends_on_who_would_have_won() {
    let gone = |winner: u32| {
        let mut lots = draws(Some(2), 3);
        lots.series = Some(Series { code: "lots".into(), cool_down_days: 9 });
        let mut desk = Desk::new(&lots);
        desk.enter_all(5);
        desk.close_list(Some(0), false);
        desk.until(Stage::Drawn, 1);
        for entry in [0, 1] {
            assert!(matches!(desk.cancel(entry), Outcome::Cancelled { .. }));
        }
        assert_eq!(desk.award(0, &[winner]), done(0));
        let outcomes = [desk.redeem(0), desk.redeem(1), desk.enter(&[0]), desk.enter(&[1])];
        (outcomes, told(&mut desk))
    };
    assert_eq!(gone(0), gone(1));
}
