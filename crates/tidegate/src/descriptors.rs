//! Open files: as many as the system lets us have, and no more connections than they allow.
//!
//! Owns: raising the soft limit, and fitting the listeners into what there is. Never: raises the
//! hard limit. Invariants: however many connect, the journal, snapshots and exports can open
//! their files.

use crate::config::Config;
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use types::limits;

/// The public and the operators' one.
const LISTENERS: u64 = 2;

/// The configuration with as many connections as the open files allow.
pub(crate) fn fit(config: &Config) -> Config {
    let wanted = config.connections_max as u64;
    let allowed = raise(wanted.saturating_mul(LISTENERS).saturating_add(limits::OTHER_FILES));
    let connections = connections_within(allowed).min(wanted);
    if connections < wanted {
        tracing::warn!(
            open_files = allowed,
            connections_max = connections,
            wanted,
            "each listener holds fewer connections than configured, for want of open files; raise \
             their limit (LimitNOFILE of the service, or ulimit -n)"
        );
    }
    let connections_max = usize::try_from(connections).expect("fewer than were configured");
    Config { connections_max, ..config.clone() }
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

/// Connections of each listener within so many open files, at least 1.
const fn connections_within(open_files: u64) -> u64 {
    let connections = open_files.saturating_sub(limits::OTHER_FILES) / LISTENERS;
    if connections == 0 { 1 } else { connections }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn listeners_and_files_share_what_there_is() {
        let others = limits::OTHER_FILES;
        for (open_files, each) in [(0, 1), (others, 1), (1_024, 384), (131_072, 65_408)] {
            assert_eq!(connections_within(open_files), each, "{open_files}");
            assert!(each == 1 || each * LISTENERS + others <= open_files);
        }
    }
}
