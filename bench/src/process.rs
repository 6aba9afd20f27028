//! A server as a process of its own: started, awaited, ended by its id.
//!
//! Owns: the child and its log. Never: leaves a child behind: dropping ends it.
//! On failure: the error carries the end of the server's own log.

use anyhow::{Context, Result, bail};
use crowd::Loopback;
use rustix::process::{Pid, Signal, kill_process};
use std::fs::{self, File};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

/// How long a server may take to end after it was asked to.
const STOP_MAX: Duration = Duration::from_secs(30);
const LOOK_EVERY: Duration = Duration::from_millis(5);
/// Bytes of a log shown in an error.
const LOG_BYTES: usize = 2_000;

/// A server under way.
#[derive(Debug)]
pub struct Server {
    name: String,
    child: Child,
    log: PathBuf,
    stop: Signal,
}

impl Server {
    /// Starts `command`; its output goes to a log in `folder`. `stop` ends it in good order.
    ///
    /// # Errors
    /// When the program cannot be started.
    pub fn start(name: &str, mut command: Command, folder: &Path, stop: Signal) -> Result<Self> {
        let log = folder.join(format!("{name}.log"));
        let output = File::create(&log).with_context(|| format!("no log for {name}"))?;
        let child = command
            .stdin(Stdio::null())
            .stdout(output.try_clone()?)
            .stderr(output)
            .spawn()
            .with_context(|| format!("{name} could not be started"))?;
        Ok(Self { name: name.to_owned(), child, log, stop })
    }

    /// Waits until `is_ready` says so.
    ///
    /// # Errors
    /// When the server ended instead, or is not ready in time.
    pub fn await_ready(&mut self, time: Duration, is_ready: impl Fn() -> bool) -> Result<()> {
        let until = Instant::now() + time;
        while !is_ready() {
            if let Some(status) = self.child.try_wait()? {
                bail!("{} ended with {status} instead of serving: {}", self.name, self.log_end());
            }
            if Instant::now() > until {
                bail!("{} was not ready after {time:?}: {}", self.name, self.log_end());
            }
            thread::sleep(LOOK_EVERY);
        }
        Ok(())
    }

    /// Asks the server to end, and waits until it has.
    ///
    /// # Errors
    /// When it has to be killed.
    pub fn stop(mut self) -> Result<()> {
        let ended = self.ask_to_end()?;
        if !ended {
            bail!("{} did not end within {STOP_MAX:?} and was killed", self.name);
        }
        Ok(())
    }

    /// Processor time that the server has taken so far, in steps of 10 ms.
    ///
    /// # Errors
    /// When the system does not tell.
    pub fn processor_time(&self) -> Result<Duration> {
        let path = format!("/proc/{}/stat", self.child.id());
        let stat = fs::read_to_string(&path).with_context(|| format!("{path} cannot be read"))?;
        // Behind the name, which may hold anything: the state, …, and as the 12th and 13th word the
        // time in the program and in the system for it, in hundredths of a second (proc(5)).
        let words = stat.rsplit(')').next().unwrap_or_default().split_whitespace();
        let ticks: Vec<u64> = words.skip(11).take(2).filter_map(|word| word.parse().ok()).collect();
        let [own, system] = ticks[..] else { bail!("{path} is not as expected: {stat}") };
        Ok(Duration::from_millis((own + system) * 10))
    }

    fn ask_to_end(&mut self) -> Result<bool> {
        if self.child.try_wait()?.is_some() {
            return Ok(true);
        }
        let id = i32::try_from(self.child.id()).context("a process id is 31 bits")?;
        let pid = Pid::from_raw(id).context("a process id is not 0")?;
        kill_process(pid, self.stop)?;
        let until = Instant::now() + STOP_MAX;
        while Instant::now() < until {
            if self.child.try_wait()?.is_some() {
                return Ok(true);
            }
            thread::sleep(LOOK_EVERY);
        }
        self.child.kill()?;
        self.child.wait()?;
        Ok(false)
    }

    fn log_end(&self) -> String {
        let log = fs::read(&self.log).unwrap_or_default();
        String::from_utf8_lossy(&log[log.len().saturating_sub(LOG_BYTES)..]).trim().to_owned()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if !matches!(self.ask_to_end(), Ok(true)) {
            println!("{} had to be killed", self.name);
        }
    }
}

/// A free port of this machine. Somebody else may take it before it is used; then the server says
/// so and the run fails.
///
/// # Errors
/// When there is none.
pub fn free_address() -> Result<Loopback> {
    let listener = TcpListener::bind("127.0.0.1:0").context("no free port")?;
    Ok(Loopback::new(listener.local_addr()?)?)
}

/// Whether somebody listens at `address`.
#[must_use]
pub fn listens(address: Loopback) -> bool {
    TcpStream::connect_timeout(&address.get(), Duration::from_secs(1)).is_ok()
}

/// Where a program is: on the PATH, or in one of these folders.
#[must_use]
pub fn find_program(name: &str, folders: &[PathBuf]) -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let places = std::env::split_paths(&path).chain(folders.iter().cloned());
    places.map(|folder| folder.join(name)).find(|file| file.is_file())
}
