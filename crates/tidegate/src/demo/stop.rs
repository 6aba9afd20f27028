//! The wish to end a demo: what signals ask for.
//!
//! Owns: the thread that hears them, and the hurried end when one comes a second time. Never:
//! ends anything at the first signal; whoever runs the show looks here, and ends it in order.
//! Invariants: the first wish stays; nobody waits on after it.

use anyhow::{Context as _, Result};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};
use std::{fmt, fs, process};
use tokio::runtime::Runtime;
use tokio::signal::unix::{Signal, SignalKind, signal};

/// Signals that come so close are one wish: `timeout` sends two, and so may a closing terminal.
const ONE_WISH: Duration = Duration::from_millis(300);

/// A signal that asks for the end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Asked {
    /// `SIGHUP`: the terminal's window was closed.
    HangUp,
    /// `SIGINT`.
    Interrupt,
    /// `SIGTERM`.
    Terminate,
}

/// Hears signals for as long as the process lives.
pub(super) struct Stop {
    shared: Arc<Shared>,
}

#[derive(Default)]
struct Shared {
    wish: Mutex<Wish>,
    came: Condvar,
}

#[derive(Default)]
struct Wish {
    asked: Option<Asked>,
    /// What a hurried end is to take away.
    folder: Option<PathBuf>,
}

struct Signals {
    /// Nobody's, where the process is meant to outlive its terminal.
    hang_up: Option<Signal>,
    interrupt: Signal,
    terminate: Signal,
}

impl Stop {
    /// From now on signals no longer end the process by themselves.
    pub(super) fn hear() -> Result<Self> {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_io()
            .build()
            .context("signals cannot be heard")?;
        let signals = {
            let _inside = runtime.enter();
            Signals::hear().context("signals cannot be heard")?
        };
        let shared = Arc::new(Shared::default());
        let heard = Arc::clone(&shared);
        std::thread::Builder::new()
            .name("signals".to_owned())
            .spawn(move || listen(&runtime, signals, &heard))
            .context("the thread that hears signals cannot be started")?;
        Ok(Self { shared })
    }

    /// Names the folder that goes even when the end is a hurried one.
    pub(super) fn takes_away(&self, folder: &Path) {
        self.shared.wish().folder = Some(folder.to_owned());
    }

    /// Waits until the end is asked for, or until `until`; for ever without it.
    pub(super) fn wait(&self, until: Option<Instant>) -> Option<Asked> {
        let mut wish = self.shared.wish();
        loop {
            let left = until.map(|until| until.saturating_duration_since(Instant::now()));
            if wish.asked.is_some() || left.is_some_and(|left| left.is_zero()) {
                return wish.asked;
            }
            wish = match left {
                None => self.shared.came.wait(wish).unwrap_or_else(PoisonError::into_inner),
                Some(left) => {
                    let waited = self.shared.came.wait_timeout(wish, left);
                    waited.unwrap_or_else(PoisonError::into_inner).0
                }
            };
        }
    }
}

impl Shared {
    fn wish(&self) -> MutexGuard<'_, Wish> {
        self.wish.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Signals {
    fn hear() -> std::io::Result<Self> {
        // A program started with `nohup` is told by an ignored SIGHUP to stay.
        let stays = fs::read_to_string("/proc/self/status")
            .is_ok_and(|status| is_ignored(&status, Asked::HangUp.number()));
        let hang_up = if stays { None } else { Some(signal(SignalKind::hangup())?) };
        Ok(Self {
            hang_up,
            interrupt: signal(SignalKind::interrupt())?,
            terminate: signal(SignalKind::terminate())?,
        })
    }

    async fn next(&mut self) -> Asked {
        let hang_up = async {
            match &mut self.hang_up {
                Some(signal) => signal.recv().await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            _ = hang_up => Asked::HangUp,
            _ = self.interrupt.recv() => Asked::Interrupt,
            _ = self.terminate.recv() => Asked::Terminate,
        }
    }
}

impl Asked {
    const fn number(self) -> u8 {
        match self {
            Self::HangUp => 1,
            Self::Interrupt => 2,
            Self::Terminate => 15,
        }
    }
}

impl fmt::Display for Asked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::HangUp => "SIGHUP",
            Self::Interrupt => "Ctrl-C",
            Self::Terminate => "SIGTERM",
        })
    }
}

fn listen(runtime: &Runtime, mut signals: Signals, shared: &Shared) {
    let first = runtime.block_on(signals.next());
    let heard = Instant::now();
    shared.wish().asked = Some(first);
    shared.came.notify_all();
    loop {
        let again = runtime.block_on(signals.next());
        if ONE_WISH <= heard.elapsed() {
            end_at_once(again, shared);
        }
    }
}

/// The exit code is what a shell gives for a program that the signal ended.
fn end_at_once(asked: Asked, shared: &Shared) -> ! {
    let folder = shared.wish().folder.take();
    let left = folder.filter(|folder| fs::remove_dir_all(folder).is_err());
    let words = match left {
        None => format!("{asked} again: ended at once, without an audit\n"),
        Some(folder) => format!(
            "{asked} again: ended at once, without an audit; {} could not be removed\n",
            folder.display()
        ),
    };
    // Nothing is left to do when even standard error is gone.
    drop(std::io::Write::write_all(&mut std::io::stderr(), words.as_bytes()));
    process::exit(128 + i32::from(asked.number()))
}

/// Whether a process with this `/proc/PID/status` ignores a signal.
fn is_ignored(status: &str, number: u8) -> bool {
    let line = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    let mask = line.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok()).unwrap_or(0);
    mask >> (number - 1) & 1 == 1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_process_started_with_nohup_ignores_the_hang_up() {
        assert!(is_ignored("Name:\tx\nSigIgn:\t0000000000001001\n", 1));
        assert!(!is_ignored("Name:\tx\nSigIgn:\t0000000000001000\n", 1));
        assert!(is_ignored("SigIgn:\t0000000000004000\n", 15));
        assert!(!is_ignored("Name:\tx\n", 1));
    }
}
