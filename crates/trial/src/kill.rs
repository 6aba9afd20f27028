//! `kill -9` of the real program: at moments from a seed, with every acknowledgement asked again.
//!
//! Owns: the rounds and their moments. Never: forgets an acknowledgement of an earlier round.
//! Invariants: a round ends when the program is dead; the next one begins with a start, looks for
//! every acknowledgement there ever was and then asks for it again, and checks the books before it
//! makes new load. Between a start and the kill the program lives and answers: an end by itself,
//! whatever its exit code, a silence, or an export that it breaks off is a promise broken.
//! On failure: what was broken is told with the seed and the round, or with the program's log.

use crate::check;
use crate::error::TrialError;
use crate::export::{Come, Export};
use crate::load::{Load, ask_again};
use crate::look::Looks;
use crate::record::{Counts, Records, decide};
use crate::silence::{SILENCE_MAX, Silence};
use crate::site::{Node, Site, Sizes};
use crowd::{Offer, mix};
use rustix::process::Signal;
use std::fmt;
use std::fs;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::thread;
use std::time::{Duration, Instant};

/// How long a suspended program stays so.
const SUSPENSION: Duration = Duration::from_millis(1_200);
/// Answers after which a round that waits for a snapshot stops waiting.
const SNAPSHOT_ANSWERS_MAX: u64 = 30_000;
/// A moment's blur: up to so many microseconds after what it waited for.
const BLUR_MICROS: u64 = 3_000;
/// Starts that a round of that moment kills.
const STARTS_KILLED: u64 = 3;
/// Up to so many microseconds from the wish to stop to the kill: a shutdown takes some.
const SHUTDOWN_MICROS: u64 = 20_000;

/// When the program is killed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Moment {
    /// Amid requests.
    Load,
    /// On its way from the start to serving, several times, and once more amid requests.
    StartUp,
    /// While it writes a snapshot.
    Snapshot,
    /// While somebody reads an export.
    Export,
    /// While it ends because it was told to.
    ShutDown,
    /// Just after it was suspended for more than a second.
    Suspended,
}

/// All moments, in the order in which rounds take them.
pub const MOMENTS: [Moment; 6] = [
    Moment::Load,
    Moment::StartUp,
    Moment::Snapshot,
    Moment::Export,
    Moment::ShutDown,
    Moment::Suspended,
];

/// How a trial is run.
#[derive(Clone, Copy, Debug)]
pub struct Plans {
    /// Decides what is asked and when it is killed.
    pub seed: u64,
    /// How often it is killed, at least.
    pub rounds: u64,
    /// Answers of a round before its moment, at most.
    pub answers_max: u64,
    /// Connections of the people.
    pub connections: usize,
    /// Entries of earlier rounds that are read by receipt after each start, at most; all of the
    /// last round are.
    pub earlier_max: usize,
}

/// What a trial came to.
#[derive(Clone, Debug, Default)]
pub struct Summary {
    /// Rounds by moment, in the order of [`MOMENTS`].
    pub rounds: [u64; MOMENTS.len()],
    /// Times the program was killed.
    pub kills: u64,
    /// Kills before it served.
    pub kills_before_ready: u64,
    /// Times it was started again.
    pub restarts: u64,
    /// Kills that left a snapshot half written.
    pub snapshots_cut: u64,
    /// Exports read to their end.
    pub exports_whole: u64,
    /// Exports amid which their reader waited for the kill.
    pub exports_cut: u64,
    /// Times it had ended in order, as it was told to, before the kill came.
    pub ended_before: u64,
    /// What the records hold.
    pub counts: Counts,
}

impl fmt::Display for Summary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Counts { acknowledged, compared, unknown, refused, shed, .. } = self.counts;
        let Counts { batches, batched, stopped, changes, changes_found, .. } = self.counts;
        let Counts { looked, read, not_taken, .. } = self.counts;
        let all: u64 = self.rounds.iter().sum();
        write!(
            f,
            "{all} rounds, {} kills, {} restarts; {acknowledged} acknowledgements, asked again \
             {compared} times; before that, entries found in the journal {looked} times and read \
             by receipt {read} times; {unknown} unknown outcomes, {refused} refused, {shed} shed, \
             of which {not_taken} never sent again; \
             {batches} batches of {batched} entries; {changes} operators' changes and \
             {changes_found} more found in the record, {stopped} entries stopped by them; by \
             moment:",
            self.kills, self.restarts
        )?;
        for (moment, rounds) in MOMENTS.iter().zip(self.rounds) {
            write!(f, " {moment:?} {rounds}")?;
        }
        write!(
            f,
            "; {} kills before it served, {} snapshots cut, {} exports cut and {} whole, {} ended \
             before the kill",
            self.kills_before_ready,
            self.snapshots_cut,
            self.exports_cut,
            self.exports_whole,
            self.ended_before
        )
    }
}

/// A trial under way.
struct Trial<'t> {
    site: &'t Site<'t>,
    records: &'t Records,
    offer: Offer,
    plans: Plans,
    summary: Summary,
    exports: Vec<String>,
    looks: Looks,
    /// What the last start read until it served, in bytes.
    start_bytes: u64,
}

/// Runs the rounds; `told` sees the summary after each.
///
/// # Errors
/// What was not kept, or what kept the trial from going on.
pub fn run(
    site: &Site<'_>,
    plans: Plans,
    told: &mut dyn FnMut(&Summary),
) -> Result<Summary, TrialError> {
    let records = Records::new(plans.seed);
    let mut node = site.start()?;
    let offer = site.open_campaign(plans.seed).map_err(|error| node.or_ended(error))?;
    let start_bytes = node.bytes_read()?;
    node.stop()?;
    let (summary, exports, looks) = (Summary::default(), Vec::new(), Looks::default());
    let records = &records;
    let mut trial = Trial { site, records, offer, plans, summary, exports, looks, start_bytes };
    for round in 0..plans.rounds {
        trial.round(round)?;
        trial.summary.counts = records.counts();
        told(&trial.summary);
    }
    trial.end()?;
    trial.summary.counts = records.counts();
    Ok(trial.summary)
}

impl<'t> Trial<'t> {
    fn round(&mut self, round: u64) -> Result<(), TrialError> {
        let place = (round % MOMENTS.len() as u64) as usize;
        let moment = MOMENTS[place];
        let chance = decide(self.plans.seed, 0x6b69_6c6c, round);
        if moment == Moment::StartUp {
            for start in 0..STARTS_KILLED {
                self.kill_at_start(mix(chance, 16 + start))?;
            }
        }
        let mut node = self.start()?;
        self.check(round).map_err(|error| node.or_ended(error))?;
        self.load_and_kill(node, moment, chance)?;
        self.summary.rounds[place] += 1;
        Ok(())
    }

    fn start(&mut self) -> Result<Node<'t>, TrialError> {
        let mut node = self.site.spawn()?;
        node.await_state("ready")?;
        self.start_bytes = node.bytes_read()?;
        self.summary.restarts += 1;
        Ok(node)
    }

    /// Starts it and kills it when it has read so much, by chance anything up to what the start
    /// before this one read; or when it serves, should that come first.
    fn kill_at_start(&mut self, chance: u64) -> Result<(), TrialError> {
        let bytes = mix(chance, 1) % (self.start_bytes + 1);
        let mut node = self.site.spawn()?;
        let (is_ready, is_over) = (AtomicBool::new(false), AtomicBool::new(false));
        let was_ready = thread::scope(|scope| {
            // Asked beside: a listener that does not serve yet lets whoever asks wait.
            let asking = scope.spawn(|| {
                while !is_over.load(Relaxed) && self.site.state().as_deref() != Some("ready") {
                    thread::yield_now();
                }
                is_ready.store(true, Relaxed);
            });
            let come = self.await_bytes(&mut node, bytes, &is_ready);
            let was_ready = is_ready.load(Relaxed);
            is_over.store(true, Relaxed);
            let killed = node.kill();
            asking.join().expect("asking does not panic");
            come.and(killed).map(|()| was_ready)
        })?;
        self.summary.kills += 1;
        self.summary.restarts += 1;
        self.summary.kills_before_ready += u64::from(!was_ready);
        Ok(())
    }

    /// Waits until a start has read so much, or serves.
    fn await_bytes(
        &self,
        node: &mut Node<'_>,
        bytes: u64,
        is_ready: &AtomicBool,
    ) -> Result<(), TrialError> {
        let mut silence = Silence::new(Instant::now());
        while !is_ready.load(Relaxed) {
            if let Some(status) = node.try_wait()? {
                let what = format!("ended by itself with {status} at its start");
                return Err(self.site.failed(what));
            }
            let read = node.bytes_read()?;
            if bytes <= read {
                break;
            }
            if SILENCE_MAX <= silence.lasts(read, Instant::now()) {
                let what = format!("neither read nor served for {SILENCE_MAX:?} at its start");
                return Err(self.site.failed(what));
            }
        }
        Ok(())
    }

    /// Looks for everything, asks for everything again, and checks the books.
    fn check(&mut self, round: u64) -> Result<(), TrialError> {
        check::nothing_missing(self.records, self.site)?;
        self.looks.look(self.records, self.site, self.plans.earlier_max)?;
        ask_again(self.site, self.records, &self.offer, self.plans.connections)?;
        check::at_rest(self.records, self.site, &self.exports)?;
        self.judge(round)
    }

    fn judge(&self, round: u64) -> Result<(), TrialError> {
        let (count, shown) = self.records.problems();
        if count == 0 {
            return Ok(());
        }
        let seed = self.plans.seed;
        Err(TrialError::Broken { count, shown: format!("seed {seed}, round {round}\n{shown}") })
    }

    /// Makes load, waits for the moment, and kills.
    fn load_and_kill(
        &mut self,
        node: Node<'_>,
        moment: Moment,
        chance: u64,
    ) -> Result<(), TrialError> {
        let (site, records, offer) = (self.site, self.records, self.offer.clone());
        let connections = self.plans.connections;
        let target = 1 + mix(chance, 2) % self.plans.answers_max;
        thread::scope(|scope| {
            let load = Load::start(scope, site, records, &offer, connections, chance);
            let killed = self.kill_at(node, &load, moment, target, chance);
            let ended = load.end();
            // What became of the program tells more than what its clients made of that.
            self.summary.kills += u64::from(killed?);
            ended
        })
    }

    /// Whether the kill met it alive: it always does, unless it was told to end before.
    fn kill_at(
        &mut self,
        mut node: Node<'_>,
        load: &Load<'_>,
        moment: Moment,
        target: u64,
        chance: u64,
    ) -> Result<bool, TrialError> {
        let come = self.await_moment(&mut node, load, moment, target, chance);
        // Whoever reads an export does so until the kill.
        let reading = come.map_err(|error| node.or_ended(error))?;
        let was_alive = match moment {
            Moment::ShutDown => node.kill_stopping()?,
            _ => node.kill().map(|()| true)?,
        };
        drop(reading);
        self.summary.ended_before += u64::from(!was_alive);
        if moment == Moment::Snapshot && self.is_snapshot_under_way() {
            self.summary.snapshots_cut += 1;
        }
        Ok(was_alive)
    }

    /// Waits until it is to be killed; an export that is under way then.
    fn await_moment(
        &mut self,
        node: &mut Node<'_>,
        load: &Load<'_>,
        moment: Moment,
        target: u64,
        chance: u64,
    ) -> Result<Option<Export>, TrialError> {
        load.await_from(node, || target <= load.answers())?;
        let blur = |micros: u64| Duration::from_micros(mix(chance, 3) % micros);
        match moment {
            Moment::Load | Moment::StartUp => spin(blur(BLUR_MICROS)),
            Moment::Snapshot => {
                let is_enough = || SNAPSHOT_ANSWERS_MAX <= load.answers();
                load.await_from(node, || self.is_snapshot_under_way() || is_enough())?;
                spin(blur(BLUR_MICROS / 10));
            }
            Moment::Export => return self.read_export(node, chance),
            Moment::ShutDown => {
                node.signal(Signal::TERM)?;
                spin(blur(SHUTDOWN_MICROS));
            }
            Moment::Suspended => {
                node.signal(Signal::STOP)?;
                thread::sleep(SUSPENSION);
                node.signal(Signal::CONT)?;
                spin(blur(BLUR_MICROS));
            }
        }
        Ok(None)
    }

    fn is_snapshot_under_way(&self) -> bool {
        let Ok(files) = fs::read_dir(self.site.seen("snapshots")) else { return false };
        let mut names = files.filter_map(|file| Some(file.ok()?.file_name()));
        names.any(|name| name.to_string_lossy().ends_with(".tmp"))
    }

    /// Reads an export up to a random place, perhaps to its end; one that has not come to it.
    fn read_export(
        &mut self,
        node: &mut Node<'_>,
        chance: u64,
    ) -> Result<Option<Export>, TrialError> {
        let entries = self.records.lock().entries.len() as u64;
        // Rows take about 200 bytes: half of the readers come to the end.
        let bytes = mix(chance, 4) % (entries * 400 + 1);
        let mut export = Export::begin(self.site, SILENCE_MAX)?;
        while (export.received_bytes() as u64) < bytes {
            match export.read()? {
                Come::More => {}
                Come::Whole(checksum) => {
                    self.summary.exports_whole += 1;
                    self.exports.push(checksum);
                    return Ok(None);
                }
                Come::BrokeOff(how) => {
                    let what = format!("broke an export off, though it lived: {how}");
                    return Err(node.or_ended(self.site.failed(what)));
                }
            }
        }
        self.summary.exports_cut += 1;
        Ok(Some(export))
    }

    /// A last start, with everything asked again; an end in order; the journal verified, replayed
    /// to the hash that the program told last, and audited.
    fn end(&mut self) -> Result<(), TrialError> {
        let rounds = self.plans.rounds;
        let mut node = self.start()?;
        // Twice, so that every entry is asked for singly and by the batch.
        for _ in 0..2 {
            self.check(rounds).map_err(|error| node.or_ended(error))?;
        }
        check::secrets_once(self.records);
        node.stop()?;
        let verified = self.site.run_on_data(&["journal", "verify"])?;
        if !verified.ends_with("sound") {
            self.records.problem(format!("the journal is not sound: {verified}"));
        }
        let replayed = self.site.run_on_data(&["journal", "replay"])?;
        match self.site.last_hash() {
            Some((frame, hash)) if replayed.contains(&format!("frame {frame}, state {hash}")) => {}
            told => self.records.problem(format!("live {told:?}, replayed {replayed}")),
        }
        self.site.run_on_data(&["audit"])?;
        self.judge(rounds)
    }
}

/// Kills the very first start of a new folder, at a random time of it, again and again; the next
/// start must make a node of whatever there is. How many were killed before they served.
///
/// # Errors
/// When a start after a kill does not serve.
pub fn first_starts(
    program: &Path,
    folder: &Path,
    seed: u64,
    count: u64,
) -> Result<u64, TrialError> {
    let mut before_ready = 0;
    let mut start_time = Duration::ZERO;
    for round in 0..=count {
        let own = folder.join(format!("first-{round}"));
        fs::create_dir(&own).map_err(TrialError::system("a folder for a first start"))?;
        let site = Site::new(program, &own, Sizes::default(), None)?;
        let begun = Instant::now();
        if 0 < round {
            let node = site.spawn()?;
            let time = start_time.as_nanos() as u64;
            spin(Duration::from_nanos(decide(seed, 0x66_6972_7374, round) % (time + 1)));
            node.kill()?;
            before_ready += u64::from(!site.has_logged(" serving "));
        }
        let mut node = site.start()?;
        if round == 0 {
            start_time = begun.elapsed();
        }
        site.open_campaign(seed).map_err(|error| node.or_ended(error))?;
        node.stop()?;
        site.run_on_data(&["journal", "verify"])?;
        fs::remove_dir_all(&own).map_err(TrialError::system("the folder of a first start"))?;
    }
    Ok(before_ready)
}

/// Passes a time too short for a timer.
fn spin(time: Duration) {
    let until = Instant::now() + time;
    while Instant::now() < until {
        std::hint::spin_loop();
    }
}
