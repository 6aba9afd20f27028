//! Simulated people and the load they make: for the demo, the tests and the benchmarks.
//!
//! Owns: made-up people, a load engine over keep-alive connections, and how a crowd behaves.
//! Never: sends to anything but the machine it runs on; is linked into a serving node's hot path.
//! Invariants: the same seed makes the same people; every run is bounded in time and connections.
//! On failure: a run that cannot begin says why; lost connections are counted, not hidden.

pub mod acknowledgement;
pub mod behaviour;
pub mod error;
pub mod http;
pub mod load;
pub mod offer;
pub mod people;
pub mod persona;
pub mod progress;

pub use acknowledgement::{Acknowledgement, Acknowledgements, Act};
pub use behaviour::{Behaviour, CrowdOptions, CrowdReport, run};
pub use error::CrowdError;
pub use load::{Loopback, Plan, Report};
pub use offer::Offer;
pub use people::{Person, Population};
pub use progress::{Progress, Snapshot};

/// A well-mixed number from two: the finaliser of SplitMix64 (Steele, Lea, Flood, 2014).
#[must_use]
pub const fn mix(seed: u64, number: u64) -> u64 {
    let mut z = seed ^ number.wrapping_mul(0x9E37_79B9_7F4A_7C15);
    z = z.wrapping_add(0x9E37_79B9_7F4A_7C15);
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}

/// A number below `bound`, from a well-mixed one.
#[must_use]
pub(crate) const fn below(mixed: u64, bound: u64) -> u64 {
    ((mixed as u128 * bound as u128) >> 64) as u64
}
