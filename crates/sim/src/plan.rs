//! What a seed stands for: how long a run is, how often each thing happens, which faults there are.
//!
//! Owns: every choice that is made once for a run. Never: a choice within it.

use model::generate::Random;
use simdisk::{Fault, Kept, Rates};

/// Steps of a run before its faults stop, always fewer than this.
pub const STEPS_MAX: u64 = 1_000;
/// The fewest steps of a seed's run.
const STEPS_MIN: u64 = 300;

/// What can happen next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Act {
    /// Somebody sends a request that was never sent before.
    Ask,
    /// Somebody sends a request again, answered or not.
    AskAgain,
    /// Somebody sends several requests as one.
    AskMany,
    /// The sequencer has a turn.
    Turn,
    /// Answers are handed over.
    Deliver,
    /// A snapshot is made, if one is asked for.
    Snapshot,
    /// The next segment is prepared a step further.
    Segment,
    /// Time passes.
    Wait,
    /// The wall clock jumps, stops or goes on.
    Clock,
    /// Power fails: now, or amid one of the next changes of the disk.
    Crash,
    /// Power fails now, whatever chance says.
    PowerOff,
    /// The disk fails one of the next changes.
    Fail,
    /// The disk has no room, or has room again.
    Full,
    /// The node is asked to end in order.
    Drain,
    /// The whole journal is replayed and compared.
    Compare,
    /// Somebody asks in the very millisecond in which something changes, or beside it.
    AskAtEdge,
    /// What the node left at its end changes on the disk, in silence; then it starts.
    Damage,
}

/// All acts, each with how often it is chosen at least, compared with the others, and by how much
/// more in some runs.
pub const ACTS: [(Act, u64, u64); 17] = [
    (Act::Ask, 20, 60),
    (Act::AskAgain, 10, 30),
    (Act::AskMany, 0, 6),
    (Act::Turn, 20, 60),
    (Act::Deliver, 20, 40),
    (Act::Snapshot, 4, 10),
    (Act::Segment, 2, 10),
    (Act::Wait, 0, 10),
    (Act::Clock, 0, 3),
    (Act::Crash, 1, 4),
    (Act::PowerOff, 0, 0),
    (Act::Fail, 0, 3),
    (Act::Full, 0, 3),
    (Act::Drain, 0, 2),
    (Act::Compare, 1, 3),
    (Act::AskAtEdge, 0, 4),
    (Act::Damage, 0, 3),
];

/// The plan of a run.
#[derive(Clone, Debug)]
pub struct Plan {
    /// Acts before the faults stop.
    pub steps: u64,
    /// How often each act is chosen, compared with the others.
    pub weights: [u64; ACTS.len()],
    /// How often calls of the disk fail.
    pub rates: Rates,
    /// Bytes of a segment.
    pub segment_bytes: u64,
    /// Payload bytes from one snapshot to the next.
    pub snapshot_every_bytes: u64,
    /// Whether closed segments move to an archive.
    pub archives: bool,
    /// Steps at which power fails, whatever else was to happen: three a run at least.
    pub power_fails: Vec<u64>,
    /// What happens step by step; chance decides when there is nothing.
    pub script: Vec<Act>,
    /// The one fault there is, at this change of the disk.
    pub fault: Option<(u64, Fault)>,
    /// Whether power fails, too, as soon as that fault has done what it does: at the end of the
    /// node or of the start that it ended, or else of its step.
    pub power_follows: bool,
    /// What every crash leaves once that fault has struck; chance decides when there is nothing.
    pub remains: Option<Kept>,
}

impl Plan {
    /// The plan of a seed.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        let mut random = Random::new(seed ^ 0x7069_616e);
        let rates = rates(&mut random);
        let weights = ACTS.map(|(_, least, spread)| match spread {
            0 => least,
            spread => least + random.below(spread),
        });
        Self {
            steps: STEPS_MIN + random.below(STEPS_MAX - STEPS_MIN),
            weights,
            rates,
            segment_bytes: 8_192 << random.below(4),
            snapshot_every_bytes: 1_024 << random.below(5),
            archives: random.chance(30),
            power_fails: Vec::new(),
            script: Vec::new(),
            fault: None,
            power_follows: false,
            remains: None,
        }
        .with_power_failures(&mut random)
    }

    /// One power failure in each third of the run.
    fn with_power_failures(mut self, random: &mut Random) -> Self {
        let third = self.steps / 3;
        self.power_fails = (0..3).map(|part| part * third + random.below(third)).collect();
        self
    }

    /// A short run of one seed's numbers: everything a node does to its disk happens, and one
    /// fault.
    #[must_use]
    pub fn scripted(fault: Option<(u64, Fault)>, remains: Kept) -> Self {
        let ask = [Act::Ask, Act::Ask, Act::Ask, Act::Turn, Act::Deliver];
        let keep = [Act::AskAgain, Act::Segment, Act::Snapshot, Act::Turn, Act::Deliver];
        // What a fault left half done meets a power failure, once people were told something: at
        // the beginning and at the end. The third start knows the archive.
        let mut script = vec![Act::Wait, Act::Ask, Act::Ask, Act::Turn, Act::Deliver];
        script.extend([Act::PowerOff, Act::Wait, Act::Ask, Act::Turn, Act::Drain, Act::Wait]);
        for round in 0..10 {
            script.extend(ask);
            script.extend(if round % 2 == 0 { &keep[..] } else { &keep[..2] });
        }
        script.extend([
            Act::PowerOff,
            Act::Wait,
            Act::Ask,
            Act::Turn,
            Act::Deliver,
            Act::Wait,
            Act::Turn,
            Act::Drain,
            Act::Wait,
            Act::Ask,
            Act::Turn,
            Act::Deliver,
        ]);
        Self {
            steps: script.len() as u64,
            weights: [1; ACTS.len()],
            rates: Rates::default(),
            segment_bytes: 12 << 10,
            snapshot_every_bytes: 1_500,
            archives: true,
            power_fails: Vec::new(),
            script,
            fault,
            power_follows: false,
            remains: Some(remains),
        }
    }

    /// The act of a step.
    pub fn act(&self, step: u64, random: &mut Random) -> Act {
        if let Some(act) = usize::try_from(step).ok().and_then(|step| self.script.get(step)) {
            return *act;
        }
        let mut left = random.below(self.weights.iter().sum());
        for ((act, ..), weight) in ACTS.iter().zip(self.weights) {
            if left < weight {
                return *act;
            }
            left -= weight;
        }
        unreachable!("a number below the sum falls into one of the parts")
    }
}

/// How a disk fails. Each error of it ends a node, so most disks have few of them; one in eight is
/// about to die, and one in eight is slow at every call.
fn rates(random: &mut Random) -> Rates {
    let errors_most = if random.chance(12) { 1_000 } else { 30 };
    let is_slow = random.chance(12);
    let mut some = |most: u64| if random.chance(50) { 0 } else { random.below(most + 1) };
    Rates {
        read_error: some(errors_most),
        write_error: some(errors_most),
        sync_error: some(errors_most),
        short: some(2_000),
        interrupted: some(2_000),
        full: some(30),
        slow: if is_slow { 10_000 } else { some(200) },
        slow_millis_mean: 1 << random.below(11),
        stall: if random.chance(50) { 0 } else { random.below(20) },
        misdirected: 0,
    }
}
