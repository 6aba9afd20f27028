//! The simulated clocks.

use node::Clock as _;
use sim::SimClock;
use std::time::Duration;
use types::Millis;

#[test]
fn a_wall_clock_that_stands_can_be_set_and_the_other_goes_on() {
    let clock = SimClock::new(Millis(5_000));
    clock.freeze(true);
    clock.advance(1_000);
    assert_eq!((clock.now(), clock.steady()), (Millis(5_000), Duration::from_secs(1)));
    clock.set(Millis(9_000));
    clock.advance(1_000);
    assert_eq!((clock.now(), clock.steady()), (Millis(9_000), Duration::from_secs(2)));
    clock.freeze(false);
    clock.advance_to(Millis(9_500));
    clock.advance_to(Millis(1));
    assert_eq!((clock.now(), clock.steady()), (Millis(9_500), Duration::from_millis(2_500)));
}
