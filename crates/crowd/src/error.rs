//! What keeps a load run from beginning or from being understood.

use std::io;
use std::net::SocketAddr;

/// Why a run could not begin, or had to end before its time.
#[derive(Debug, thiserror::Error)]
pub enum CrowdError {
    /// Load is for the machine it is made on.
    #[error(
        "load is only sent to this machine, and {0} is not a loopback address; use 127.0.0.1 \
         or [::1] with the server's port"
    )]
    NotLoopback(SocketAddr),
    /// The address cannot be read.
    #[error("{0:?} is not an address and a port; write it as 127.0.0.1:8080")]
    Address(String),
    /// No connection could be opened.
    #[error("no connection to {address} could be opened ({cause}); is the server running there?")]
    Connect {
        /// Where to.
        address: SocketAddr,
        /// What the system said.
        cause: io::Error,
    },
    /// Too few file descriptors for the connections.
    #[error(
        "{connections} connections need {wanted} open files, and this process may have only \
         {allowed}; raise the limit (ulimit -n) or use fewer connections"
    )]
    Descriptors {
        /// Connections asked for.
        connections: usize,
        /// Open files they need.
        wanted: u64,
        /// Open files the process may have.
        allowed: u64,
    },
    /// A plan outside the limits.
    #[error("the plan cannot be run: {0}")]
    Plan(&'static str),
    /// The system refused something a run needs.
    #[error("the system refused {what}: {cause}")]
    System {
        /// What was asked of it.
        what: &'static str,
        /// What it said.
        cause: io::Error,
    },
    /// An answer that is not HTTP/1.1, or uses a part of it that our server does not.
    #[error("the answer cannot be read: {0}")]
    Protocol(&'static str),
    /// The campaign document is not as the API describes it.
    #[error("the campaign document cannot be used: {0}")]
    Document(String),
    /// The server answered otherwise than a run needs.
    #[error("{what} was answered with status {status}: {body}")]
    Status {
        /// What was asked.
        what: String,
        /// The HTTP status.
        status: u16,
        /// The beginning of the answer.
        body: String,
    },
}
