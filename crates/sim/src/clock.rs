//! The clocks of a simulated machine: one of the wall, which may jump, and one that never does.
//!
//! Owns: what time it is. Never: lets any pass by itself.
//! Invariants: the steady clock never goes back and never stands while time passes; a wall clock
//! that stands can still be set.
//! On failure: there is none to have.

use node::Clock;
use std::sync::Mutex;
use std::time::Duration;
use types::Millis;

/// Both clocks; moved only by the simulation.
#[derive(Debug)]
pub struct SimClock {
    times: Mutex<Times>,
}

#[derive(Clone, Copy, Debug)]
struct Times {
    wall: Millis,
    steady: Duration,
    is_frozen: bool,
}

impl SimClock {
    /// Clocks at a moment.
    #[must_use]
    pub const fn new(wall: Millis) -> Self {
        let times = Times { wall, steady: Duration::ZERO, is_frozen: false };
        Self { times: Mutex::new(times) }
    }

    /// Lets time pass; a frozen wall clock stands.
    pub fn advance(&self, millis: u64) {
        self.change(|times| {
            times.steady += Duration::from_millis(millis);
            if !times.is_frozen {
                times.wall = times.wall.plus(millis);
            }
        });
    }

    /// Lets time pass until the wall shows a moment, if that is to come.
    pub fn advance_to(&self, moment: Millis) {
        self.advance(moment.since(self.now()));
    }

    /// Sets the wall clock, forward or back.
    pub fn set(&self, wall: Millis) {
        self.change(|times| times.wall = wall);
    }

    /// Stops the wall clock, or lets it go on.
    pub fn freeze(&self, is_frozen: bool) {
        self.change(|times| times.is_frozen = is_frozen);
    }

    fn change(&self, change: impl FnOnce(&mut Times)) {
        change(&mut self.times.lock().expect("no change panics"));
    }
}

impl Clock for SimClock {
    fn now(&self) -> Millis {
        self.times.lock().expect("no change panics").wall
    }

    fn steady(&self) -> Duration {
        self.times.lock().expect("no change panics").steady
    }
}
