//! A node on a temporary folder, and short ways to ask it for things.

use journal::{Disk, JournalId, OsDisk};
use ledger::LedgerHash;
use node::{Clock, Config, Node, NodeError, Running, Unavailable, open};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::thread::JoinHandle;
use std::time::Duration;
use types::calendar::Calendar;
use types::command::{EnterDigests, EnterParts};
use types::definition::{
    Allocate, Definition, FieldKind, Fulfil, IdentityField, Item, LocalText, Outlet, Pacing,
    Publish, Register, Slot, Stock, Texts,
};
use types::{
    Action, CampaignNo, ItemNo, Millis, OperatorCommand, Outcome, OutletNo, PersonKey, PoolNo,
    RequestId, SlotNo,
};

/// A clock that stands where it was set.
#[derive(Debug)]
pub(crate) struct SetClock(pub(crate) AtomicU64);

impl Clock for SetClock {
    fn now(&self) -> Millis {
        Millis(self.0.load(Relaxed))
    }

    fn steady(&self) -> Duration {
        node::SystemClock.steady()
    }
}

pub(crate) const START: u64 = 1_900_000_000_000;

pub(crate) struct Site {
    pub(crate) node: Node,
    pub(crate) clock: Arc<SetClock>,
    thread: JoinHandle<Result<(), NodeError>>,
}

pub(crate) fn config() -> Config {
    Config { segment_bytes: 1 << 20, ..Config::new(JournalId([7; 16])) }
}

pub(crate) fn start_on(disk: Arc<dyn Disk>, config: Config) -> Result<Site, NodeError> {
    let clock = Arc::new(SetClock(AtomicU64::new(START)));
    let shared: Arc<dyn Clock> = Arc::clone(&clock) as _;
    Ok(Site::of(open(disk, config, shared)?.start(|_| ())?, clock))
}

pub(crate) fn start(folder: &Path) -> Site {
    start_on(Arc::new(OsDisk::open(folder).unwrap()), config()).unwrap()
}

impl Site {
    /// A node that was started, when it is ready.
    pub(crate) fn of(running: Running, clock: Arc<SetClock>) -> Self {
        let (node, replies, thread) = running.into_parts();
        std::thread::spawn(move || replies.run_blocking());
        while node.status().state == node::State::Replaying {
            std::thread::yield_now();
        }
        Self { node, clock, thread }
    }

    pub(crate) fn operate(&self, action: Action) -> Outcome {
        self.node.submit_one(operate_record(action)).unwrap().wait().unwrap()
    }

    pub(crate) fn enter(&self, person: u32, request: u32) -> Result<Outcome, Unavailable> {
        self.node.submit_one(enter_record(person, request))?.wait()
    }

    pub(crate) fn hash(&self) -> LedgerHash {
        self.node.read(|ledger| ledger.hash()).unwrap().wait().unwrap()
    }

    pub(crate) fn stop(self) -> Result<(), NodeError> {
        self.node.drain();
        Running::join(self.thread)
    }
}

pub(crate) fn operate_record(action: Action) -> Vec<u8> {
    let mut record = Vec::new();
    let command =
        OperatorCommand { actor: "duty officer".into(), from: None, reason: "test".into(), action };
    command.encode(&mut record).unwrap();
    record
}

pub(crate) fn enter_record(person: u32, request: u32) -> Vec<u8> {
    let mut key = [0; 16];
    key[..4].copy_from_slice(&person.to_le_bytes());
    let mut id = [1; 16];
    id[..4].copy_from_slice(&request.to_le_bytes());
    let mut record = Vec::new();
    let parts = EnterParts {
        campaign: CampaignNo(0),
        request: RequestId(id),
        digests: EnterDigests { request: [3; 8], identity: [4; 8] },
        units: 1,
        choices: &[PoolNo(0)],
        keys: &[PersonKey(key)],
        sealed: b"sealed",
    };
    parts.encode(&mut record);
    record
}

pub(crate) fn definition(units: u32, publish: Publish) -> Box<Definition> {
    let text = || LocalText::from([("en".to_owned(), "made up".to_owned())]);
    Box::new(Definition {
        code: "masks".into(),
        series: None,
        calendar: Calendar::fixed("Asia/Shanghai", 8 * 3_600),
        languages: vec!["en".into()],
        texts: Texts { title: text(), summary: text(), pickup: text(), notice: text() },
        items: vec![Item { code: "n95".into(), name: text(), reserved: None }],
        outlets: vec![Outlet {
            code: "o1".into(),
            name: text(),
            district: text(),
            address: text(),
            position: None,
        }],
        slots: vec![Slot {
            code: "am".into(),
            name: text(),
            from: Millis(START),
            until: Millis(START + 3_600_000),
        }],
        stock: vec![Stock { outlet: OutletNo(0), item: ItemNo(0), slot: SlotNo(0), units }],
        register: Register {
            windows: Vec::new(),
            fields: vec![IdentityField {
                code: "id".into(),
                kind: FieldKind::Passport,
                label: text(),
                unique: true,
            }],
            cap: None,
            units_min: 1,
            units_max: 1,
            choices_max: 1,
            reenter_after_cancel: true,
            allow_list: false,
            registered_in: None,
        },
        allocate: Allocate::FirstCome,
        publish,
        fulfil: Fulfil::Pickup { whole_day: true },
        pacing: Pacing {
            release_percent: 100,
            retry_seconds: 5,
            poll_seconds: 5,
            jitter_seconds: 1,
            admit_per_second: None,
        },
    })
}

pub(crate) fn open_campaign(site: &Site, units: u32, publish: Publish) {
    let loaded = site.operate(Action::Load { definition: definition(units, publish) });
    assert_eq!(loaded, Outcome::Loaded { campaign: CampaignNo(0) });
    let opened = site.operate(Action::Open { campaign: CampaignNo(0) });
    assert_eq!(opened, Outcome::Done { units: 0 });
}
