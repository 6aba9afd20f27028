//! A model with a pencil: every command and its outcome becomes a line of a transcript. The ledger
//! does the same beside it, and is held to the same.

use expect_test::Expect;
use ledger::{Ledger, Place};
use model::generate::definition;
use model::{Model, Phase, Standing};
use types::command::{EnterParts, Records};
use types::definition::{Register, Series, Stock, Window};
use types::{
    Action, Calendar, CampaignNo, Cancel, Command, Definition, EnterDigests, EntryNo, FrameNo,
    ItemNo, LocalDay, Millis, OperatorCommand, Outcome, OutletNo, PersonKey, PoolNo, Redeem,
    Refusal, RequestId, SlotNo, StockMode, StockRow,
};

pub(crate) const MASKS: CampaignNo = CampaignNo(0);
pub(crate) const SECOND: CampaignNo = CampaignNo(1);

/// 2020-02-01T00:00:00+08:00.
const FIRST: u64 = 1_580_486_400_000;
const MINUTE: u64 = 60_000;

/// A moment in February 2020, Shanghai time.
pub(crate) const fn february(day: u64, hour: u64, minute: u64) -> Millis {
    Millis(FIRST + ((day - 1) * 24 * 60 + hour * 60 + minute) * MINUTE)
}

/// One pool of `units`, a window from the 1st 20:00 to the 2nd 20:00, slot on the 3rd 09:00-18:00.
pub(crate) fn masks(units: u32) -> Definition {
    let mut masks = definition("masks");
    masks.stock[0].units = units;
    masks.register.windows = vec![Window { from: february(1, 20, 0), until: february(2, 20, 0) }];
    masks.slots[0].from = february(3, 9, 0);
    masks.slots[0].until = february(3, 18, 0);
    masks
}

/// The same without windows, and in a series with a cool-down of five days.
pub(crate) fn in_series(code: &str, units: u32) -> Definition {
    let masks = masks(units);
    Definition {
        code: code.into(),
        series: Some(Series { code: "city".into(), cool_down_days: 5 }),
        register: Register { windows: Vec::new(), ..masks.register.clone() },
        ..masks
    }
}

/// A second outlet with a pool of its own.
pub(crate) fn with_second_outlet(mut masks: Definition, units: u32) -> Definition {
    let mut outlet = masks.outlets[0].clone();
    outlet.code = "second".into();
    masks.outlets.push(outlet);
    let stock = Stock { outlet: OutletNo(1), item: ItemNo(0), slot: SlotNo(0), units };
    masks.stock.push(stock);
    masks
}

pub(crate) const fn row(outlet: u16, units: u32) -> StockRow {
    StockRow { outlet: OutletNo(outlet), item: ItemNo(0), slot: SlotNo(0), units }
}

/// What a person sends.
#[derive(Clone, Copy)]
pub(crate) struct Wish<'a> {
    pub(crate) campaign: CampaignNo,
    pub(crate) request: u8,
    pub(crate) units: u8,
    pub(crate) choices: &'a [u32],
    pub(crate) keys: &'a [u8],
}

/// One unit of the first pool, for the person who sends it.
pub(crate) const fn wish(request: u8, keys: &[u8]) -> Wish<'_> {
    Wish { campaign: MASKS, request, units: 1, choices: &[0], keys }
}

pub(crate) struct Desk {
    pub(crate) model: Model,
    ledger: Ledger,
    frame: u64,
    at: Millis,
    transcript: String,
}

impl Desk {
    pub(crate) fn new(definition: Definition) -> Self {
        let at = february(1, 0, 0);
        let (model, ledger) = (Model::new(), Ledger::new());
        let mut desk = Self { model, ledger, frame: 0, at, transcript: String::new() };
        desk.load(definition);
        desk
    }

    /// Time goes on.
    pub(crate) fn at(&mut self, day: u64, hour: u64, minute: u64) -> &mut Self {
        self.at = february(day, hour, minute);
        self
    }

    pub(crate) fn apply(&mut self, command: &Command<'_>) -> Outcome {
        self.frame += 1;
        let frame = FrameNo(self.frame);
        let outcome = self.model.apply(frame, 0, self.at, command);
        let decided = self.ledger.apply(Place { frame, offset: 0 }, self.at, command);
        assert_eq!(decided, outcome, "{command:?}");
        outcome
    }

    fn noted(&mut self, what: &str, command: &Command<'_>) {
        let outcome = self.apply(command);
        self.note(what, &say(&outcome));
    }

    fn note(&mut self, what: &str, said: &str) {
        self.transcript += &format!("{} {what}: {said}\n", when(self.at));
    }

    pub(crate) fn load(&mut self, definition: Definition) {
        let what = format!("load {}", definition.code);
        self.operate(&what, Action::Load { definition: Box::new(definition) });
    }

    pub(crate) fn act(&mut self, action: Action) {
        self.operate(action.word(), action);
    }

    fn operate(&mut self, what: &str, action: Action) {
        let (actor, reason) = ("officer".into(), "planned".into());
        let command = OperatorCommand { actor, from: None, reason, action };
        self.noted(what, &Command::Operator(Box::new(command)));
    }

    pub(crate) fn stock(&mut self, mode: StockMode, rows: &[StockRow]) {
        self.act(Action::Stock { campaign: MASKS, mode, rows: rows.to_vec() });
    }

    /// A request's digest is its content, as at the edge.
    pub(crate) fn enter(&mut self, wish: Wish<'_>) {
        let choices: Vec<PoolNo> = wish.choices.iter().copied().map(PoolNo).collect();
        let keys: Vec<PersonKey> = wish.keys.iter().map(|key| PersonKey([*key; 16])).collect();
        let mut request = [0; 8];
        let content = wish.choices.iter().map(|choice| *choice as u8).chain(wish.keys.to_vec());
        request.iter_mut().zip([wish.units].into_iter().chain(content)).for_each(|(a, b)| *a = b);
        let parts = EnterParts {
            campaign: wish.campaign,
            request: RequestId([wish.request; 16]),
            digests: EnterDigests { request, identity: [wish.keys[0]; 8] },
            units: wish.units,
            choices: &choices,
            keys: &keys,
            sealed: b"",
        };
        let mut payload = Vec::new();
        parts.encode(&mut payload);
        let (_, record) = Records::new(&payload).next().unwrap().unwrap();
        let what = format!("person {:?} request {}", wish.keys, wish.request);
        self.noted(&what, &Command::decode(record).unwrap());
    }

    pub(crate) fn cancel(&mut self, entry: u32) {
        let cancel = Cancel { campaign: MASKS, entry: EntryNo(entry) };
        self.noted(&format!("cancel {entry}"), &Command::Cancel(cancel));
    }

    pub(crate) fn redeem(&mut self, entry: u32, outlet: u16, request: u8) {
        let redeem = Redeem {
            campaign: MASKS,
            entry: EntryNo(entry),
            outlet: OutletNo(outlet),
            request: RequestId([request; 16]),
            actor: "counter",
        };
        let what = format!("redeem {entry} at outlet {outlet} request {request}");
        self.noted(&what, &Command::Redeem(redeem));
    }

    /// Looks an entry up by number.
    pub(crate) fn look(&mut self, entry: u32) {
        let view = self.model.entry(MASKS, EntryNo(entry));
        let public = self.ledger.public_entry(MASKS, EntryNo(entry)).map(mirror::known);
        assert_eq!(public, view.map(mirror::viewed), "entry {entry}");
        self.note(&format!("look {entry}"), &seen(view.map(|view| view.standing)));
    }

    /// Looks an entry up by all identity fields.
    pub(crate) fn find(&mut self, keys: &[u8], identity: u8) {
        let states: Vec<PersonKey> = keys.iter().map(|key| PersonKey([*key; 16])).collect();
        let view = self.model.find(MASKS, &states, [identity; 8]);
        let found = self.ledger.find(MASKS, &states, [identity; 8]).map(mirror::known);
        assert_eq!(found, view.map(mirror::viewed), "keys {keys:?}");
        self.note(&format!("find {keys:?}"), &seen(view.map(|view| view.standing)));
    }

    /// Lets the clock pass, so that look-ups see the time.
    pub(crate) fn tick(&mut self) {
        self.noted("tick", &Command::Tick);
    }

    pub(crate) fn phase(&mut self) {
        let phase = self.model.phase(MASKS, self.at).unwrap();
        let campaign = self.ledger.campaign(MASKS).unwrap();
        assert_eq!(mirror::phase(campaign.phase(self.at)), phase);
        let phase = match phase {
            Phase::NotOpenYet { opens: Some(opens) } => format!("opens {}", when(opens)),
            phase => format!("{phase:?}"),
        };
        self.note("phase", &phase);
    }

    pub(crate) fn pools(&mut self) {
        let state = self.model.state();
        for (number, pool) in state.campaigns[0].pools.iter().enumerate() {
            let units = format!(
                "issued {} withdrawn {} booked {} redeemed {} free {}",
                pool.issued,
                pool.withdrawn,
                pool.booked,
                pool.redeemed,
                pool.free()
            );
            self.note(&format!("pool {number}"), &units);
        }
    }

    /// Compares the transcript since the last check.
    pub(crate) fn check(&mut self, expected: Expect) {
        expected.assert_eq(&self.transcript);
        assert_eq!(mirror::state(&self.ledger), self.model.state());
        self.transcript.clear();
    }
}

fn when(at: Millis) -> String {
    let minutes = (at.0 - FIRST) / MINUTE;
    format!("Feb {} {:02}:{:02}", minutes / 1_440 + 1, minutes / 60 % 24, minutes % 60)
}

fn day(day: LocalDay) -> u32 {
    day.0 - Calendar::fixed("Asia/Shanghai", 8 * 3_600).day(Millis(FIRST)).0 + 1
}

fn say(outcome: &Outcome) -> String {
    match outcome {
        Outcome::Booked { entry, pool, units } => {
            format!("booked entry {entry}, {units} of pool {pool}")
        }
        Outcome::Registered { entry } => format!("registered entry {entry}"),
        Outcome::Cancelled { entry, at } => format!("cancelled entry {entry} {}", when(*at)),
        Outcome::Redeemed { entry, pool, units, at, repeated } => {
            let again = if *repeated { ", as before" } else { "" };
            format!("redeemed entry {entry}, {units} of pool {pool}, {}{again}", when(*at))
        }
        Outcome::Loaded { campaign } => format!("loaded campaign {campaign}"),
        Outcome::Done { units } => format!("done {units}"),
        Outcome::Ticked => "ticked".into(),
        Outcome::Listed { draw, entries } => format!("draw {draw}: {entries} listed"),
        Outcome::Refused(refusal) => format!("REFUSED {}{}", refusal.code(), details(refusal)),
    }
}

fn details(refusal: &Refusal) -> String {
    match refusal {
        Refusal::CoolingDown { until } => format!(" until Feb {}", day(*until)),
        Refusal::NotOpenYet { opens: Some(opens) } => format!(" until {}", when(*opens)),
        Refusal::AlreadyCancelled { at } => format!(" {}", when(*at)),
        Refusal::AlreadyRedeemed { at, outlet } => format!(" {} at outlet {outlet}", when(*at)),
        Refusal::WrongOutlet { outlet } => format!(", it is outlet {outlet}"),
        Refusal::WrongTime { slot } => format!(", it is slot {slot}"),
        Refusal::BelowBooked { pools } => format!(" {pools:?}"),
        Refusal::BelowEntries { entries } => format!(", there are {entries}"),
        Refusal::DefinitionInvalid { why } => format!("\n  {why}"),
        _ => String::new(),
    }
}

fn seen(standing: Option<Standing>) -> String {
    match standing {
        None => "not found".into(),
        Some(Standing::Cancelled { at }) => format!("cancelled {}", when(at)),
        Some(Standing::Redeemed { pool, units, at }) => {
            format!("redeemed {units} of pool {pool}, {}", when(at))
        }
        Some(Standing::Booked { pool, units }) => format!("booked {units} of pool {pool}"),
        Some(standing) => format!("{standing:?}"),
    }
}
