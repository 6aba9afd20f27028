//! Why a trial cannot go on.
//!
//! Owns: the causes, and which of them are the machine's. Never: calls the machine's what came, or
//! did not come, over a connection to the program.

use crowd::CrowdError;
use std::io;

/// What keeps a trial from being run to its end, or what it found.
#[derive(Debug, thiserror::Error)]
pub enum TrialError {
    /// The system refused something that every trial needs.
    #[error("{what}: {cause}")]
    System {
        /// What was tried.
        what: String,
        /// What the system said.
        cause: io::Error,
    },
    /// The machine does not let this process have a disk of its own.
    #[error("left out, since this machine allows no private mounts: {0}")]
    NoEnclosure(String),
    /// The program ended though nobody had ended it, or did not serve in time.
    #[error("the program {what}; the end of its log:\n{log}")]
    Program {
        /// What it did.
        what: String,
        /// The end of its log.
        log: String,
    },
    /// A command of the program failed.
    #[error("`tidegate {command}` ended with {status}:\n{said}")]
    Command {
        /// Its words.
        command: String,
        /// How it ended.
        status: String,
        /// What it said.
        said: String,
    },
    /// A request that the program, as it served, did not answer.
    #[error("the program gave no answer to {what}: {cause}")]
    NoAnswer {
        /// The request.
        what: String,
        /// What came of its connection.
        cause: io::Error,
    },
    /// The load could not be made.
    #[error(transparent)]
    Crowd(#[from] CrowdError),
    /// A promise was not kept.
    #[error("{count} promises were not kept:\n{shown}")]
    Broken {
        /// How often.
        count: u64,
        /// The first ones.
        shown: String,
    },
    /// An answer that is none of the API's.
    #[error("the answer to {what} cannot be understood: {answer}")]
    Answer {
        /// The request.
        what: String,
        /// The answer.
        answer: String,
    },
}

impl TrialError {
    /// Whether the machine kept the trial from being run, rather than the program its promises.
    #[must_use]
    pub const fn is_of_the_machine(&self) -> bool {
        use CrowdError::{Descriptors, System};
        matches!(
            self,
            Self::System { .. }
                | Self::NoEnclosure(_)
                | Self::Crowd(Descriptors { .. } | System { .. })
        )
    }

    /// A system error with what was tried.
    pub(crate) fn system(what: impl Into<String>) -> impl FnOnce(io::Error) -> Self {
        let what = what.into();
        |cause| Self::System { what, cause }
    }

    /// An answer that did not come, with what was asked.
    pub(crate) fn no_answer(what: impl Into<String>) -> impl FnOnce(io::Error) -> Self {
        let what = what.into();
        |cause| Self::NoAnswer { what, cause }
    }
}
