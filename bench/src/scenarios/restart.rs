//! A stop and a start: how long until a node with many entries is ready again; and a replay of
//! its whole journal, without a snapshot.

use super::batch::{ENTRIES, EXPECTED};
use crate::requests::{Batches, fill};
use crate::session::Session;
use crate::tidegate::{MEASURED, Tidegate};
use anyhow::Result;

/// Fills a node by batches, stops it in good order, and starts it again.
///
/// # Errors
/// When tidegate cannot be started or refuses.
pub fn run(session: &mut Session) -> Result<()> {
    let requests = if session.quick { 20 } else { 10_000 };
    let entries = requests * ENTRIES;
    let tidegate = Tidegate::start(session, "restart")?;
    tidegate.open(MEASURED)?;
    let mut batches = Batches::new(MEASURED.code, tidegate.address, &tidegate.token, ENTRIES, 0);
    fill(tidegate.address, 4, requests, &mut batches, EXPECTED)?;
    let (tidegate, time) = tidegate.restart()?;
    let seconds = time.as_secs_f64();
    let what = format!("from start to ready with {entries} entries, after a stop in good order:");
    session.figure("restart", what, seconds, "s");
    if !session.quick {
        let found = format!("{seconds:.1} s");
        session.target("restart with 10 million entries in under 10 s", found, seconds < 10.0);
    }
    let rate = tidegate.stop_and_replay()?;
    let what = format!("replay of the journal of {entries} entries:");
    session.figure("restart", what, rate, "commands/s");
    if !session.quick {
        let found = format!("{:.2} M commands/s", rate / 1e6);
        session.target("replay of at least 3 million commands a second", found, rate >= 3e6);
    }
    Ok(())
}
