//! A campaign that draws, and hands for everything that happens in it.

use crate::support::{Size, definition};
use ledger::{Ledger, Place, PublicEntry, Stage};
use types::command::{EnterParts, Records, encode_award};
use types::definition::{Definition, Stock};
use types::ids::{ItemNo, Sha256, SlotNo};
use types::{
    Action, Allocate, CampaignNo, Cancel, Command, DrawEvent, DrawNo, DrawTerms, EnterDigests,
    EntryNo, Millis, OperatorCommand, Outcome, OutletNo, PersonKey, PoolNo, Publish, Redeem,
    Refusal, RequestId, StockMode, StockRow,
};

pub(super) const LOTS: CampaignNo = CampaignNo(0);
pub(super) const DAY: u64 = 86_400_000;

pub(super) struct Desk {
    pub(super) ledger: Ledger,
    pub(super) at: Millis,
    /// The campaign that everything is about.
    pub(super) of: CampaignNo,
    requests: u64,
}

/// Two pools of one slot, of so many units each; entries of one unit.
pub(super) fn draws(stand_days: Option<u16>, units: u32) -> Definition {
    let mut lots = definition(&Size { outlets: 2, items: 1, slots: 1, unique_fields: 1 });
    let stock =
        |outlet| Stock { outlet: OutletNo(outlet), item: ItemNo(0), slot: SlotNo(0), units };
    lots.stock = vec![stock(0), stock(1)];
    lots.publish = Publish::ByHand { expected: None };
    lots.register.reenter_after_cancel = true;
    let terms = DrawTerms { stand_days, tickets_max: 32, accept_any: true, group_max: 8 };
    lots.allocate = Allocate::Draw(terms);
    lots
}

pub(super) fn key(person: u16) -> PersonKey {
    let mut key = [0xa5; 16];
    key[..2].copy_from_slice(&person.to_le_bytes());
    PersonKey(key)
}

pub(super) fn refused(outcome: &Outcome) -> &Refusal {
    let Outcome::Refused(refusal) = outcome else { panic!("it was not refused: {outcome:?}") };
    refusal
}

pub(super) const fn done(units: u64) -> Outcome {
    Outcome::Done { units }
}

impl Desk {
    /// The campaign is loaded and open, an hour before its first slot.
    pub(super) fn new(definition: &Definition) -> Self {
        let at = Millis(definition.slots[0].from.0 - 3_600_000);
        let mut desk = Self { ledger: Ledger::new(), at, of: LOTS, requests: 0 };
        desk.load(LOTS, definition);
        desk
    }

    /// Another campaign is loaded and open, and everything is about it.
    pub(super) fn load(&mut self, campaign: CampaignNo, definition: &Definition) {
        let load = Action::Load { definition: Box::new(definition.clone()) };
        assert_eq!(self.act(load), Outcome::Loaded { campaign });
        self.of = campaign;
        self.done(Action::Open { campaign });
    }

    pub(super) fn apply(&mut self, command: &Command<'_>) -> Outcome {
        let place = Place { frame: self.ledger.frame().next(), offset: 0 };
        self.ledger.apply(place, self.at, command)
    }

    pub(super) fn act(&mut self, action: Action) -> Outcome {
        let (actor, reason) = ("duty officer".to_owned(), "a drill".to_owned());
        let from = Some("203.0.113.7".to_owned());
        self.apply(&Command::Operator(OperatorCommand { actor, from, reason, action }.into()))
    }

    pub(super) fn done(&mut self, action: Action) {
        let outcome = self.act(action);
        assert!(!matches!(outcome, Outcome::Refused(_)), "{outcome:?}");
    }

    /// These people together, who want a unit of the first pool.
    pub(super) fn enter(&mut self, people: &[u16]) -> Outcome {
        let payload = self.entry(people);
        let (_, record) = Records::new(&payload).next().unwrap().unwrap();
        self.apply(&Command::decode(record).unwrap())
    }

    /// What the gate would answer these people without a place in the journal.
    pub(super) fn preview_enter(&mut self, people: &[u16]) -> Option<Outcome> {
        let payload = self.entry(people);
        let (_, record) = Records::new(&payload).next().unwrap().unwrap();
        self.ledger.preview(self.at, &Command::decode(record).unwrap())
    }

    fn entry(&mut self, people: &[u16]) -> Vec<u8> {
        self.requests += 1;
        let keys: Vec<PersonKey> = people.iter().copied().map(key).collect();
        let parts = EnterParts {
            campaign: self.of,
            request: RequestId(u128::from(self.requests).to_le_bytes()),
            digests: EnterDigests { request: [1; 8], identity: [2; 8] },
            units: 1,
            choices: &[PoolNo(0)],
            keys: &keys,
            sealed: b"",
        };
        let mut payload = Vec::new();
        parts.encode_apply(false, people.len() as u8, &mut payload);
        payload
    }

    /// One person each, numbered from 0; entries have their numbers.
    pub(super) fn enter_all(&mut self, people: u16) {
        for person in 0..people {
            let entry = EntryNo(u32::from(person));
            assert_eq!(self.enter(&[person]), Outcome::Registered { entry });
        }
    }

    pub(super) fn cancel(&mut self, entry: u32) -> Outcome {
        self.apply(&Command::Cancel(Cancel { campaign: self.of, entry: EntryNo(entry) }))
    }

    pub(super) fn redeem(&mut self, entry: u32) -> Outcome {
        let (entry, request) = (EntryNo(entry), RequestId([7; 16]));
        let redeem =
            Redeem { campaign: self.of, entry, outlet: OutletNo(0), request, actor: "counter" };
        self.apply(&Command::Redeem(redeem))
    }

    pub(super) fn look(&self, entry: u32) -> PublicEntry {
        self.ledger.public_entry(self.of, EntryNo(entry)).unwrap()
    }

    pub(super) fn close_list(&mut self, slot: Option<u16>, unserved: bool) -> Outcome {
        self.act(Action::CloseDraw { campaign: self.of, slot: slot.map(SlotNo), unserved })
    }

    /// An event of the latest draw, its digest made of the two.
    pub(super) fn event(&mut self, event: DrawEvent) -> Outcome {
        let draw = self.latest();
        let digest = Sha256([event.word().len() as u8 ^ draw.0 as u8; 32]);
        self.event_of(draw, event, digest)
    }

    pub(super) fn event_of(&mut self, draw: DrawNo, event: DrawEvent, digest: Sha256) -> Outcome {
        self.act(Action::DrawEvent { campaign: self.of, draw, event, digest })
    }

    /// A round of alternates of the latest draw begins, or is called off.
    pub(super) fn alternates(&mut self, begin: bool) -> Outcome {
        self.act(Action::Alternates { campaign: self.of, draw: self.latest(), begin })
    }

    pub(super) fn stock(&mut self, mode: StockMode, outlet: u16, units: u32) -> Outcome {
        let row = StockRow { outlet: OutletNo(outlet), item: ItemNo(0), slot: SlotNo(0), units };
        self.act(Action::Stock { campaign: self.of, mode, rows: vec![row] })
    }

    pub(super) fn withdraw(&mut self) -> Outcome {
        let campaign = self.of;
        self.act(Action::Withdraw { campaign, outlet: None, item: None, slot: None, units: None })
    }

    pub(super) fn latest(&self) -> DrawNo {
        self.ledger.campaigns()[self.of.index()].latest_draw().map_or(DrawNo(1), |(draw, _)| draw)
    }

    /// Part of the winners, all of the first pool.
    pub(super) fn award(&mut self, first: u32, entries: &[u32]) -> Outcome {
        let rows: Vec<_> = entries.iter().map(|entry| (EntryNo(*entry), PoolNo(0))).collect();
        self.award_of(self.latest(), first, &rows)
    }

    pub(super) fn award_of(
        &mut self,
        draw: DrawNo,
        first: u32,
        rows: &[(EntryNo, PoolNo)],
    ) -> Outcome {
        let mut payload = Vec::new();
        encode_award((self.of, draw), first, rows, &mut payload);
        let (_, record) = Records::new(&payload).next().unwrap().unwrap();
        self.apply(&Command::decode(record).unwrap())
    }

    pub(super) fn publish(&mut self) -> Outcome {
        self.act(Action::Publish { campaign: self.of })
    }

    /// From the closed list to a stage; the result announces so many.
    pub(super) fn until(&mut self, stage: Stage, winners: u32) {
        let entries = self.ledger.campaigns()[self.of.index()].latest_draw().unwrap().1.entries;
        let events = [
            DrawEvent::Seal { entries },
            DrawEvent::Opening,
            DrawEvent::Seed,
            DrawEvent::Result { winners },
        ];
        let steps = Stage::ALL.iter().position(|known| *known == stage).unwrap();
        for event in &events[..steps.min(4)] {
            assert_eq!(self.event(*event), done(0));
        }
    }

    /// A whole draw, published, which these won.
    pub(super) fn draw(&mut self, slot: Option<u16>, winners: &[u32]) {
        let outcome = self.close_list(slot, false);
        assert!(matches!(outcome, Outcome::Listed { .. }), "{outcome:?}");
        self.until(Stage::Drawn, winners.len() as u32);
        if !winners.is_empty() {
            assert_eq!(self.award(0, winners), done(winners.len() as u64));
        }
        assert_eq!(self.publish(), done(0));
    }

    pub(super) fn booked(&self, pool: usize) -> u64 {
        self.ledger.campaigns()[self.of.index()].pools()[pool].booked
    }

    /// A snapshot of it gives it again.
    pub(super) fn save_and_load(&mut self) {
        let mut bytes = Vec::new();
        self.ledger.save(&mut bytes).unwrap();
        let loaded = Ledger::load(&mut &bytes[..]).unwrap();
        assert_eq!(loaded.hash(), self.ledger.hash());
        self.ledger = loaded;
    }
}
