//! Load over keep-alive connections: one thread, one epoll, any number of connections.
//!
//! Owns: when a request is sent, what its latency is, and when a run ends. Never: knows what a
//! request means; a [`Script`] writes requests and reads answers, in HTTP or any other protocol.
//! Invariants: a connection has one request in flight; in an open loop latency counts from the
//! moment a request was *due*, so a slow server cannot hide the requests it kept from being sent.
//! On failure: a lost connection is counted and told to the script; a run never outlasts its plan.

mod alarm;
mod connection;
mod engine;
mod latency;

pub use latency::{Latency, LatencySummary};

use crate::error::CrowdError;
use crate::progress::Progress;
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use std::fmt;
use std::io;
use std::net::{SocketAddr, TcpStream};
use std::str::FromStr;
use std::time::Duration;
use types::limits;

/// An address on this machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Loopback(SocketAddr);

impl Loopback {
    /// Takes an address of this machine's loopback.
    ///
    /// # Errors
    /// [`CrowdError::NotLoopback`] for any other.
    pub fn new(address: SocketAddr) -> Result<Self, CrowdError> {
        let is_loopback = address.ip().to_canonical().is_loopback();
        if is_loopback { Ok(Self(address)) } else { Err(CrowdError::NotLoopback(address)) }
    }

    /// The address.
    #[must_use]
    pub const fn get(self) -> SocketAddr {
        self.0
    }
}

impl FromStr for Loopback {
    type Err = CrowdError;

    fn from_str(text: &str) -> Result<Self, CrowdError> {
        let address = text.parse().map_err(|_| CrowdError::Address(text.to_owned()))?;
        Self::new(address)
    }
}

impl fmt::Display for Loopback {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// When requests are sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pace {
    /// Each connection sends its next request when the one before is answered.
    Closed,
    /// Requests are due at a fixed rate, whether or not earlier ones are answered.
    Open {
        /// Requests a second, from 1 to a million.
        per_second: u32,
    },
}

/// How a run is bounded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Plan {
    /// Connections, from 1 to `LOAD_CONNECTIONS_MAX`.
    pub connections: usize,
    /// When requests are sent.
    pub pace: Pace,
    /// What is sent at first and counts for nothing.
    pub warm_up: Duration,
    /// How long requests are sent after the warm-up, up to `LOAD_SECONDS_MAX`.
    pub duration: Duration,
    /// Requests after which the run ends, warm-up included.
    pub requests_max: u64,
    /// How long answers are awaited after the last request.
    pub drain: Duration,
    /// Whether lost connections are opened again.
    pub reconnect: bool,
}

impl Plan {
    /// A closed loop of `connections` for `duration`, warmed up for a fifth of it.
    #[must_use]
    pub fn closed(connections: usize, duration: Duration) -> Self {
        Self {
            connections,
            pace: Pace::Closed,
            warm_up: duration / 5,
            duration,
            requests_max: u64::MAX,
            drain: Duration::from_secs(5),
            reconnect: false,
        }
    }

    /// The same, with requests due at a fixed rate.
    #[must_use]
    pub fn open(connections: usize, per_second: u32, duration: Duration) -> Self {
        Self { pace: Pace::Open { per_second }, ..Self::closed(connections, duration) }
    }

    /// Checks the plan against the limits.
    ///
    /// # Errors
    /// [`CrowdError::Plan`] with the first number that is out of range.
    pub fn check(&self) -> Result<(), CrowdError> {
        let connections = 1..=limits::LOAD_CONNECTIONS_MAX;
        if !connections.contains(&self.connections) {
            return Err(CrowdError::Plan("connections must be 1 to 20,000"));
        }
        let run = self.warm_up + self.duration;
        if self.duration.is_zero() || run.as_secs() > limits::LOAD_SECONDS_MAX {
            return Err(CrowdError::Plan("a run lasts longer than 0 and up to 3,600 seconds"));
        }
        match self.pace {
            Pace::Open { per_second } if !(1..=1_000_000).contains(&per_second) => {
                Err(CrowdError::Plan("an open loop sends 1 to 1,000,000 requests a second"))
            }
            Pace::Open { .. } | Pace::Closed => Ok(()),
        }
    }
}

/// What a script wants of a connection that may send.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Next {
    /// The request is written; send it.
    Send,
    /// Nothing for now; ask again after this time.
    Wait(Duration),
    /// This connection sends nothing more.
    Finished,
}

/// What a script found in the bytes a connection received.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    /// The answer is not complete.
    Incomplete,
    /// The answer is complete.
    Complete {
        /// Bytes of it.
        bytes: usize,
        /// Whether it is what the scenario is about; others are counted apart.
        expected: bool,
        /// Whether the server keeps the connection.
        keep: bool,
    },
}

/// What is sent, and what the answers mean.
pub trait Script {
    /// Prepares a new connection before it is used, for example by a handshake. It blocks.
    ///
    /// # Errors
    /// Whatever makes the connection useless.
    fn connected(&mut self, _connection: usize, _stream: &mut TcpStream) -> io::Result<()> {
        Ok(())
    }

    /// Appends the connection's next request to `request`, which is empty.
    fn request(&mut self, connection: usize, request: &mut Vec<u8>) -> Next;

    /// Reads what the connection received since its request.
    ///
    /// # Errors
    /// [`CrowdError::Protocol`] when it is no answer; the connection is then lost.
    fn answer(&mut self, connection: usize, received: &[u8]) -> Result<Answer, CrowdError>;

    /// The connection ended before its request was answered: the outcome is unknown.
    fn lost(&mut self, _connection: usize) {}
}

/// What a run measured. Latencies and rates leave the warm-up out.
#[derive(Clone, Debug)]
pub struct Report {
    /// Requests sent, warm-up included.
    pub sent: u64,
    /// Answers of all kinds, warm-up included.
    pub answered: u64,
    /// Answers that were not what the scenario is about, warm-up included.
    pub unexpected: u64,
    /// Connections that ended before their answer, warm-up included.
    pub lost: u64,
    /// Expected answers within the measured time.
    pub measured: u64,
    /// The measured time.
    pub elapsed: Duration,
    /// Processor time of the sending thread for each answer, in nanoseconds.
    pub cpu_nanos_per_request: u64,
    /// From the request (in an open loop: from when it was due) to the whole answer.
    pub latency: Latency,
}

impl Report {
    /// Expected answers a second.
    #[must_use]
    pub fn per_second(&self) -> f64 {
        self.measured as f64 / self.elapsed.as_secs_f64().max(1e-9)
    }
}

/// Runs `script` against `address` as planned, on the calling thread.
///
/// # Errors
/// When the plan is out of range, or the connections cannot be opened.
pub fn run(
    address: Loopback,
    plan: &Plan,
    script: &mut impl Script,
    progress: Option<&Progress>,
) -> Result<Report, CrowdError> {
    plan.check()?;
    allow_descriptors(plan.connections)?;
    engine::Engine::open(address, *plan, script, progress)?.run()
}

/// Raises the soft limit of open files as far as the connections need.
fn allow_descriptors(connections: usize) -> Result<(), CrowdError> {
    /// Files a process has open beside its connections, generously.
    const OTHERS: u64 = 256;
    let wanted = connections as u64 + OTHERS;
    let limit = getrlimit(Resource::Nofile);
    if limit.current.is_none_or(|current| wanted <= current) {
        return Ok(());
    }
    let allowed = limit.maximum.unwrap_or(u64::MAX);
    if allowed < wanted {
        return Err(CrowdError::Descriptors { connections, wanted, allowed });
    }
    setrlimit(Resource::Nofile, Rlimit { current: Some(wanted), maximum: limit.maximum })
        .map_err(|cause| CrowdError::System { what: "more open files", cause: cause.into() })
}
