//! Waits after failed log-ins, which double.
//!
//! Owns: how often accounts, addresses and browsers failed, and until when they wait. Never: knows
//! whether an account exists: a name that nobody has waits as well. Time is an argument.
//! Invariants: a try is counted before its password is looked at, so that many at once count as
//! many; a wait begins when the failure is known; strangers make nobody wait who was let in before;
//! no more is remembered than the limits say.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::time::Instant;
use types::limits;

/// Failed log-ins.
#[derive(Default)]
pub(super) struct Lockout(Mutex<HashMap<Counted, Failures>>);

/// Who tries a password, or a counter's code.
#[derive(Clone, Copy, Debug)]
pub(super) enum Trier<'a> {
    /// A browser that was let in to the account before, or is in a session of it.
    Known([u8; 32]),
    /// Anybody.
    Stranger {
        /// The account's name, as it was typed.
        name: &'a str,
        address: IpAddr,
    },
    /// A phone that tries a counter's code from an address. It has no name that strangers elsewhere
    /// could try to make it wait.
    Counter(IpAddr),
}

/// What failures are counted of.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Counted {
    Known([u8; 32]),
    /// A name from one address.
    Pair(String, IpAddr),
    /// A name, from wherever strangers try it.
    Name(String),
    /// Codes of counters from one address.
    Counter(IpAddr),
    Address(IpAddr),
}

#[derive(Clone, Copy)]
struct Failures {
    count: u32,
    latest: Instant,
    /// Until when nobody may try.
    until: Instant,
}

impl Trier<'_> {
    fn counted(self) -> Vec<Counted> {
        match self {
            Self::Known(device) => vec![Counted::Known(device)],
            Self::Stranger { name, address } => {
                let (name, address) = (key(name), network(address));
                let pair = Counted::Pair(name.clone(), address);
                vec![pair, Counted::Name(name), Counted::Address(address)]
            }
            Self::Counter(address) => {
                let address = network(address);
                vec![Counted::Counter(address), Counted::Address(address)]
            }
        }
    }
}

impl Counted {
    /// Failures that cost no wait.
    const fn free(&self) -> u32 {
        match self {
            Self::Known(_) | Self::Pair(..) | Self::Counter(_) => limits::ACCOUNT_FAILURES_FREE,
            Self::Name(_) => limits::ACCOUNT_FAILURES_EVERYWHERE_FREE,
            Self::Address(_) => limits::ADDRESS_FAILURES_FREE,
        }
    }
}

impl Failures {
    fn new(count: u32, free: u32, now: Instant) -> Self {
        let wait = match count.saturating_sub(free) {
            0 => 0,
            over => limits::LOG_IN_WAIT_MILLIS_MIN.saturating_mul(1 << (over - 1).min(30)),
        };
        let wait = Duration::from_millis(wait.min(limits::LOG_IN_WAIT_MILLIS_MAX));
        Self { count, latest: now, until: now + wait }
    }

    fn is_kept(&self, now: Instant) -> bool {
        now.duration_since(self.latest) < Duration::from_millis(limits::LOG_IN_FAILURES_KEPT_MILLIS)
    }
}

impl Lockout {
    /// Counts a try as failed, unless one must wait: then for how long.
    pub(super) fn begin(&self, trier: Trier<'_>, now: Instant) -> Result<(), Duration> {
        let mut failures = self.lock();
        let counted = trier.counted();
        let until = counted.iter().filter_map(|one| failures.get(one)).map(|known| known.until);
        let wait = until.max().unwrap_or(now).saturating_duration_since(now);
        if !wait.is_zero() {
            return Err(wait);
        }
        make_room(&mut failures, counted.len(), now);
        for one in counted {
            let before = failures.get(&one).filter(|known| known.is_kept(now));
            let count = before.map_or(0, |known| known.count).saturating_add(1);
            let failed = Failures::new(count, one.free(), now);
            failures.insert(one, failed);
        }
        Ok(())
    }

    /// The try that was begun has failed: its wait begins now. A hash takes its time, and behind a
    /// line of others the whole wait could pass before anybody is told.
    pub(super) fn failed(&self, trier: Trier<'_>, now: Instant) {
        let mut failures = self.lock();
        for one in trier.counted() {
            if let Some(known) = failures.get_mut(&one) {
                *known = Failures::new(known.count, one.free(), now);
            }
        }
    }

    /// The try that was begun was no failure.
    pub(super) fn succeeded(&self, trier: Trier<'_>) {
        let mut failures = self.lock();
        for one in trier.counted() {
            match one {
                // Others may have failed from there, or the same person on another account.
                Counted::Address(_) => undo(&mut failures, &one),
                _ => drop(failures.remove(&one)),
            }
        }
    }

    /// The try that was begun came to nothing, by no fault of who tried.
    pub(super) fn undone(&self, trier: Trier<'_>) {
        let mut failures = self.lock();
        trier.counted().iter().for_each(|one| undo(&mut failures, one));
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<Counted, Failures>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// One failure less.
fn undo(failures: &mut HashMap<Counted, Failures>, one: &Counted) {
    if let Some(known) = failures.get_mut(one) {
        *known = Failures::new(known.count.saturating_sub(1), one.free(), known.latest);
    }
}

/// As much of a name as an account can have: what somebody types may be longer.
fn key(name: &str) -> String {
    name.chars().take(limits::ACTOR_CHARS_MAX).collect()
}

/// An IPv6 network of 64 bits counts as one address.
fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) => IpAddr::V6((u128::from(address) >> 64 << 64).into()),
        address => address,
    }
}

/// Forgets what is old, and when there is still no room, the half whose waits ended first: many
/// names that were tried once push out nothing that waits.
fn make_room(failures: &mut HashMap<Counted, Failures>, more: usize, now: Instant) {
    let has_room =
        |failures: &HashMap<_, _>| failures.len() + more <= limits::LOG_IN_FAILURES_KEPT_MAX;
    if has_room(failures) {
        return;
    }
    failures.retain(|_, known| known.is_kept(now));
    if has_room(failures) {
        return;
    }
    let mut ends: Vec<Instant> = failures.values().map(|known| known.until).collect();
    let middle = ends.len() / 2;
    let (_, middle, _) = ends.select_nth_unstable(middle);
    let middle = *middle;
    failures.retain(|_, known| middle < known.until);
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    fn stranger(name: &str, last: u8) -> Trier<'_> {
        Trier::Stranger { name, address: IpAddr::from([192, 0, 2, last]) }
    }

    /// The waits of somebody who tries again as soon as it is allowed.
    fn waits<'a>(trier: impl Fn(u8) -> Trier<'a>, tries: u8) -> Vec<u64> {
        let (lockout, mut now) = (Lockout::default(), Instant::now());
        let mut waits = Vec::new();
        for number in 0..tries {
            if let Err(wait) = lockout.begin(trier(number), now) {
                waits.push(wait.as_secs());
                now += wait;
                lockout.begin(trier(number), now).unwrap();
            }
        }
        waits
    }

    #[test]
    fn waits_double_up_to_the_longest() {
        let doubling = [2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900];
        assert_eq!(waits(|_| stranger("ann", 1), 17), doubling);
        assert_eq!(waits(|_| Trier::Known([7; 32]), 17), doubling);
        // Each from another address: the name alone counts.
        assert_eq!(waits(|number| stranger("ann", number), 62), doubling);
    }

    #[test]
    fn strangers_make_nobody_wait_who_was_let_in_before() {
        let (lockout, mut now) = (Lockout::default(), Instant::now());
        for number in 0..250 {
            if let Err(wait) = lockout.begin(stranger("ann", number), now) {
                now += wait;
                lockout.begin(stranger("ann", number), now).unwrap();
            }
        }
        assert_eq!(lockout.begin(stranger("ann", 251), now), Err(900 * SECOND));
        let known = Trier::Known([7; 32]);
        assert_eq!(lockout.begin(known, now), Ok(()));
        lockout.succeeded(known);
        assert_eq!(lockout.begin(stranger("ann", 251), now), Err(900 * SECOND), "it stays");
    }

    #[test]
    fn one_address_makes_nobody_wait_elsewhere() {
        let (lockout, mut now) = (Lockout::default(), Instant::now());
        let evening = now + 2 * 3_600 * SECOND;
        while now < evening {
            match lockout.begin(stranger("ann", 1), now) {
                Ok(()) => {}
                Err(wait) => now += wait,
            }
        }
        assert_eq!(lockout.begin(stranger("ann", 2), now), Ok(()));
    }

    #[test]
    fn no_name_makes_the_phones_of_a_counter_wait() {
        let (lockout, now) = (Lockout::default(), Instant::now());
        let shop = IpAddr::from([192, 0, 2, 200]);
        for number in 0..limits::ACCOUNT_FAILURES_EVERYWHERE_FREE + 1 {
            let address = IpAddr::from([192, 0, 2, u8::try_from(number).unwrap()]);
            let name = "counter 192.0.2.200";
            lockout.begin(Trier::Stranger { name, address }, now).unwrap();
        }
        for _ in 0..limits::ACCOUNT_FAILURES_FREE + 1 {
            lockout.begin(Trier::Counter(shop), now).unwrap();
        }
        assert_eq!(lockout.begin(Trier::Counter(shop), now), Err(2 * SECOND), "by its own tries");
        lockout.succeeded(Trier::Counter(shop));
        assert_eq!(lockout.begin(Trier::Counter(shop), now), Ok(()));
    }

    #[test]
    fn who_succeeds_begins_anew_and_an_address_waits_by_itself() {
        let (lockout, now) = (Lockout::default(), Instant::now());
        for _ in 0..6 {
            lockout.begin(stranger("ann", 1), now).unwrap();
        }
        assert_eq!(lockout.begin(stranger("ann", 1), now), Err(2 * SECOND));
        lockout.succeeded(stranger("ann", 1));
        lockout.begin(stranger("ann", 1), now).unwrap();
        lockout.undone(stranger("ann", 1));
        for number in 0..15 {
            lockout.begin(stranger(&format!("name {number}"), 1), now).unwrap();
        }
        lockout.begin(stranger("carl", 1), now).unwrap();
        assert_eq!(lockout.begin(stranger("dora", 1), now), Err(2 * SECOND));
        assert_eq!(lockout.begin(stranger("dora", 2), now), Ok(()));
    }

    #[test]
    fn a_wait_begins_when_the_failure_is_known() {
        let (lockout, begun) = (Lockout::default(), Instant::now());
        let known = begun + 10 * SECOND;
        for _ in 0..6 {
            lockout.begin(stranger("ann", 1), begun).unwrap();
        }
        lockout.failed(stranger("ann", 1), known);
        assert_eq!(lockout.begin(stranger("ann", 1), known), Err(2 * SECOND));
        assert_eq!(lockout.begin(stranger("ann", 2), known), Ok(()), "it is the pair that waits");
        lockout.failed(stranger("nobody", 3), known);
        assert_eq!(lockout.lock().len(), 5, "what was begun by nobody fails for nobody");
    }

    #[test]
    fn a_try_that_came_to_nothing_leaves_no_wait() {
        let (lockout, now) = (Lockout::default(), Instant::now());
        for _ in 0..6 {
            lockout.begin(stranger("ann", 1), now).unwrap();
        }
        lockout.undone(stranger("ann", 1));
        assert_eq!(lockout.begin(stranger("ann", 1), now), Ok(()));
    }

    #[test]
    fn a_network_of_ipv6_is_one_address() {
        let of = |text: &str| network(text.parse().unwrap()).to_string();
        assert_eq!(of("2001:db8:1:2:3:4:5:6"), "2001:db8:1:2::");
        assert_eq!(of("::ffff:192.0.2.1"), "192.0.2.1");
    }

    #[test]
    fn no_more_is_remembered_than_there_is_room_for_and_waits_are_kept() {
        let (lockout, mut now) = (Lockout::default(), Instant::now());
        for _ in 0..5 {
            lockout.begin(stranger("ann", 1), now).unwrap();
        }
        for _ in 0..9 {
            lockout.begin(stranger("ann", 1), now).unwrap();
            now += lockout.begin(stranger("ann", 1), now).unwrap_err();
        }
        lockout.begin(stranger("ann", 1), now).unwrap();
        for number in 0..limits::LOG_IN_FAILURES_KEPT_MAX {
            now += Duration::from_millis(1);
            let address = IpAddr::from(u32::try_from(number).unwrap().to_be_bytes());
            lockout.begin(Trier::Stranger { name: &number.to_string(), address }, now).unwrap();
        }
        let kept = lockout.lock().len();
        assert!(kept <= limits::LOG_IN_FAILURES_KEPT_MAX, "{kept}");
        assert!(lockout.lock().contains_key(&Counted::Name("29999".to_owned())));
        assert!(lockout.begin(stranger("ann", 1), now).is_err(), "it was not pushed out");
    }
}
