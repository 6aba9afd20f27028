//! Open files: as many as the system lets us have, and no more connections than they allow.
//!
//! Owns: raising the soft limit, and fitting the listeners into what there is. Never: raises the
//! hard limit. Invariants: however many connect, the journal, snapshots and exports can open
//! their files.

use crate::config::Config;
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use types::limits;

/// By what the connections there can be are divided for the operators' listener, when there are
/// fewer than configured: operators are few.
const OPERATORS_SHARE: usize = 16;

/// Connections that each listener may hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Connections {
    pub(crate) public: usize,
    pub(crate) operators: usize,
}

/// As many connections as are configured, or as the open files allow.
pub(crate) fn fit(config: &Config) -> Connections {
    let wanted = config.connections_max;
    let files = raise((wanted as u64).saturating_mul(2).saturating_add(limits::OTHER_FILES));
    let fitted = connections_within(files, wanted);
    let Connections { public, operators } = fitted;
    if public < wanted || operators < wanted {
        tracing::warn!(
            open_files = files,
            public,
            operators,
            wanted,
            "the listeners hold fewer connections than configured, for want of open files; raise \
             their limit (LimitNOFILE of the service, or ulimit -n)"
        );
    }
    fitted
}

/// Raises the soft limit towards what is wanted; what is allowed now.
fn raise(wanted: u64) -> u64 {
    let limit = getrlimit(Resource::Nofile);
    let current = limit.current.unwrap_or(u64::MAX);
    let within_reach = wanted.min(limit.maximum.unwrap_or(u64::MAX));
    if within_reach <= current {
        return current;
    }
    let raised = Rlimit { current: Some(within_reach), maximum: limit.maximum };
    match setrlimit(Resource::Nofile, raised) {
        Ok(()) => within_reach,
        Err(error) => {
            tracing::warn!(%error, "the limit of open files cannot be raised");
            current
        }
    }
}

/// Connections of the listeners within so many open files, at least 1 each.
fn connections_within(open_files: u64, wanted: usize) -> Connections {
    let left = open_files.saturating_sub(limits::OTHER_FILES);
    let left = usize::try_from(left).unwrap_or(usize::MAX);
    if wanted.saturating_mul(2) <= left {
        return Connections { public: wanted, operators: wanted };
    }
    let operators = (left / OPERATORS_SHARE).clamp(1, wanted);
    let public = left.saturating_sub(operators).clamp(1, wanted);
    Connections { public, operators }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn listeners_and_files_share_what_there_is() {
        let cases = [
            (0, 60_000, (1, 1)),
            (257, 60_000, (1, 1)),
            (1_024, 60_000, (720, 48)),
            (65_536, 60_000, (60_000, 4_080)),
            (131_072, 60_000, (60_000, 60_000)),
            (1_024, 10, (10, 10)),
        ];
        for (open_files, wanted, (public, operators)) in cases {
            let fitted = connections_within(open_files, wanted);
            assert_eq!(fitted, Connections { public, operators }, "{open_files}");
            let taken = (public + operators) as u64 + limits::OTHER_FILES;
            assert!(public == 1 || taken <= open_files, "{open_files}");
        }
    }
}
