//! A data folder with its program: made, started, looked at, stopped, killed.
//!
//! Owns: the child process, its configuration, its log, its addresses. Never: leaves a child
//! behind: dropping kills it. Invariants: the addresses are the same at every start.
//! On failure: the error carries the end of the program's own log.

use crate::enclosure::Enclosure;
use crate::error::TrialError;
use crowd::http::{Head, fetch};
use crowd::{Loopback, Offer};
use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;
use socket2::{Domain, Socket, Type};
use std::fs::{self, File};
use std::net::SocketAddr;
use std::os::unix::process::ExitStatusExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::Mutex;
use std::thread;
use std::time::{Duration, Instant};

/// The code of the campaign of all trials.
pub const CAMPAIGN: &str = "trial";
/// How long a start, with its replay, and an end in order may take.
const PATIENCE: Duration = Duration::from_secs(120);
/// A connection ends so long before its process has ended, at most.
const END_AFTER_CONNECTION: Duration = Duration::from_secs(1);
const LOOK_EVERY: Duration = Duration::from_millis(1);
/// Bytes of a log shown in an error.
const LOG_BYTES: usize = 3_000;

/// The campaign: one slot, so that every outlet is one pool; three that sell out and others
/// that do not; a slot that is always now.
const CAMPAIGN_HEAD: &str = r#"
[campaign]
code = "trial"
zone = "Asia/Shanghai"
languages = ["en"]
[texts]
title = { en = "Trial" }
summary = { en = "Nothing is handed out here." }
pickup = { en = "Nowhere." }
[[item]]
code = "mask"
name = { en = "Mask" }
[[slot]]
code = "ever"
name = { en = "At any time" }
from = "2020-01-01 00:00"
until = "2190-01-01 00:00"
[register]
windows = []
units = { min = 1, max = 2 }
choices_max = 2
reenter_after_cancel = true
[[register.field]]
code = "id_number"
kind = "resident-id"
label = { en = "ID number" }
unique = true
[[register.field]]
code = "phone"
kind = "phone"
region = "CN"
label = { en = "Phone" }
unique = true
[publish]
when = "at-once"
"#;

/// Outlets and the units each has: nearly nothing, something, more than anybody asks for.
pub const OUTLETS: [(&str, u64); 10] = [
    ("kiosk", 60),
    ("corner", 300),
    ("shop", 700),
    ("market", 50_000_000),
    ("hall", 50_000_000),
    ("station", 50_000_000),
    ("north", 50_000_000),
    ("south", 50_000_000),
    ("east", 50_000_000),
    ("west", 50_000_000),
];

/// Sizes that a trial makes small, so that much happens in a short time.
#[derive(Clone, Copy, Debug)]
pub struct Sizes {
    /// Megabytes of a segment.
    pub segment_megabytes: u64,
    /// Megabytes of journal from snapshot to snapshot.
    pub snapshot_every_megabytes: u64,
    /// Open connections; one address gets half of them.
    pub connections_max: usize,
}

impl Default for Sizes {
    fn default() -> Self {
        Self { segment_megabytes: 1, snapshot_every_megabytes: 1, connections_max: 2_000 }
    }
}

/// A program and its data.
#[derive(Debug)]
pub struct Site<'e> {
    program: PathBuf,
    data: PathBuf,
    config: PathBuf,
    log: PathBuf,
    enclosure: Option<&'e Enclosure>,
    public: Loopback,
    operator: Loopback,
    token: String,
}

impl<'e> Site<'e> {
    /// A new data folder below `folder`, or in an enclosure's disk, with an operator's token.
    ///
    /// # Errors
    /// When something cannot be written, or the program makes no token.
    pub fn new(
        program: &Path,
        folder: &Path,
        sizes: Sizes,
        enclosure: Option<&'e Enclosure>,
    ) -> Result<Self, TrialError> {
        let data = enclosure.map_or(folder, |enclosure| enclosure.disk()).join("data");
        let mut site = Self {
            program: program.to_owned(),
            data,
            config: folder.join("tidegate.toml"),
            log: folder.join("node.log"),
            enclosure,
            public: free_address()?,
            operator: free_address()?,
            token: String::new(),
        };
        let seen = site.seen("");
        fs::create_dir_all(&seen).map_err(TrialError::system(format!("{}", seen.display())))?;
        let Sizes { segment_megabytes, snapshot_every_megabytes, connections_max } = sizes;
        let config = format!(
            "segment_megabytes = {segment_megabytes}\n\
             snapshot_every_megabytes = {snapshot_every_megabytes}\n\
             connections_max = {connections_max}\n"
        );
        write(&site.config, &config)?;
        let told =
            site.run_on_data(&["token", "create", "--role", "operator", "--name", "trial"])?;
        // The token is the last word that is printed.
        told.split_whitespace().next_back().unwrap_or_default().clone_into(&mut site.token);
        Ok(site)
    }

    /// Where people enter.
    #[must_use]
    pub const fn public(&self) -> Loopback {
        self.public
    }

    /// Where operators work.
    #[must_use]
    pub const fn operator(&self) -> Loopback {
        self.operator
    }

    /// The header with the operator's token.
    #[must_use]
    pub fn authorization(&self) -> String {
        format!("Bearer {}", self.token)
    }

    /// A path of the data folder as this process sees it.
    #[must_use]
    pub fn seen(&self, path: &str) -> PathBuf {
        let inside = self.data.join(path);
        self.enclosure.map_or(inside.clone(), |enclosure| enclosure.seen(&inside))
    }

    /// Starts the program; it may not serve yet.
    ///
    /// # Errors
    /// When it cannot be started.
    pub fn spawn(&self) -> Result<Node<'_>, TrialError> {
        let log = File::options().append(true).create(true).open(&self.log);
        let log = log.map_err(TrialError::system(format!("the log {}", self.log.display())))?;
        let mut command = self.command();
        command.arg("serve").arg("--data").arg(&self.data).arg("--config").arg(&self.config);
        command.args(["--listen", &self.public.to_string()]);
        command.args(["--operator-listen", &self.operator.to_string()]);
        command.env("TIDEGATE_LOG", "info").stdin(Stdio::null()).stdout(Stdio::null()).stderr(log);
        let cannot = format!("{} cannot be started to serve", self.program.display());
        let child = command.spawn().map_err(TrialError::system(cannot))?;
        Ok(Node { site: self, child, ended: None })
    }

    /// Starts the program and waits until it serves.
    ///
    /// # Errors
    /// When it ends instead, or does not serve in time.
    pub fn start(&self) -> Result<Node<'_>, TrialError> {
        let mut node = self.spawn()?;
        node.await_state("ready")?;
        Ok(node)
    }

    /// Loads the campaign into a node that serves, opens it, and reads what it offers.
    ///
    /// # Errors
    /// When the program refuses.
    pub fn open_campaign(&self, seed: u64) -> Result<Offer, TrialError> {
        let mut text = CAMPAIGN_HEAD.to_owned();
        for (code, units) in OUTLETS {
            text.push_str(&format!(
                "[[outlet]]\ncode = \"{code}\"\nname = {{ en = \"{code}\" }}\n\
                 district = {{ en = \"Nowhere\" }}\naddress = {{ en = \"1 Nowhere Road\" }}\n\
                 [[stock]]\noutlet = \"{code}\"\nitem = \"mask\"\nslot = \"ever\"\n\
                 units = {units}\n"
            ));
        }
        let file = self.config.with_file_name("campaign.toml");
        write(&file, &text)?;
        let server = format!("http://{}", self.operator);
        let load = file.display().to_string();
        for words in [["campaign", "load", &load], ["campaign", "open", CAMPAIGN]] {
            let mut command = self.command();
            command.args(words).args(["--server", &server, "--reason", "trial"]);
            output(command.env("TIDEGATE_TOKEN", &self.token), &words.join(" "))?;
        }
        Ok(Offer::fetch(self.public, CAMPAIGN, seed)?)
    }

    /// Runs a command that reads the data folder; what it printed.
    ///
    /// # Errors
    /// When it fails.
    pub fn run_on_data(&self, words: &[&str]) -> Result<String, TrialError> {
        let mut command = self.command();
        output(command.args(words).arg("--data").arg(&self.data), &words.join(" "))
    }

    /// What operators are told at a path.
    ///
    /// # Errors
    /// When the answer is none.
    pub fn ask_operator(&self, path: &str) -> Result<Value, TrialError> {
        let authorization = self.authorization();
        let head =
            Head::new("GET", path, self.operator, &[("authorization", authorization.as_str())]);
        let mut request = Vec::new();
        head.write(&mut request, &[], b"");
        let (status, body) = fetch(self.operator, &request)?;
        let read = serde_json::from_slice(&body).ok().filter(|_| status == 200);
        read.ok_or_else(|| TrialError::Answer {
            what: path.to_owned(),
            answer: format!("{status} {}", String::from_utf8_lossy(&body)),
        })
    }

    /// What `/readyz` says; nothing while nobody answers.
    #[must_use]
    pub fn state(&self) -> Option<String> {
        let mut request = Vec::new();
        Head::new("GET", "/readyz", self.public, &[]).write(&mut request, &[], b"");
        let (_, body) = fetch(self.public, &request).ok()?;
        let body: Value = serde_json::from_slice(&body).ok()?;
        body.get("state")?.as_str().map(str::to_owned)
    }

    fn command(&self) -> Command {
        let mut command = match self.enclosure {
            Some(enclosure) => enclosure.command(&self.program),
            None => Command::new(&self.program),
        };
        command.env_remove("TIDEGATE_TOKEN").env_remove("TIDEGATE_MASTER_KEY");
        command
    }

    pub(crate) fn failed(&self, what: String) -> TrialError {
        let log = fs::read(&self.log).unwrap_or_default();
        let end = &log[log.len().saturating_sub(LOG_BYTES)..];
        TrialError::Program { what, log: String::from_utf8_lossy(end).into_owned() }
    }

    /// Whether the log has these words.
    #[must_use]
    pub fn has_logged(&self, words: &str) -> bool {
        fs::read_to_string(&self.log).is_ok_and(|log| log.contains(words))
    }

    /// The hash of the state that the log told last, with its frame.
    #[must_use]
    pub fn last_hash(&self) -> Option<(String, String)> {
        let log = fs::read_to_string(&self.log).ok()?;
        let line = log.lines().rev().find(|line| line.contains(" state frame="))?;
        let word = |name: &str| {
            let (_, rest) = line.split_once(name)?;
            rest.split_whitespace().next().map(str::to_owned)
        };
        Some((word("frame=")?, word("hash=")?))
    }
}

/// The program as a process; killed when it is dropped.
#[derive(Debug)]
pub struct Node<'s> {
    site: &'s Site<'s>,
    child: Child,
    ended: Option<ExitStatus>,
}

impl Node<'_> {
    /// Waits until `/readyz` gives this state: `ready`, `full`, …
    ///
    /// # Errors
    /// When the program ends instead, or does not come to it in time.
    pub fn await_state(&mut self, state: &str) -> Result<(), TrialError> {
        let until = Instant::now() + PATIENCE;
        while self.site.state().as_deref() != Some(state) {
            if let Some(status) = self.try_wait()? {
                let what = format!("ended with {status} instead of becoming {state}");
                return Err(self.site.failed(what));
            }
            if until < Instant::now() {
                return Err(self.site.failed(format!("was not {state} after {PATIENCE:?}")));
            }
            thread::sleep(LOOK_EVERY);
        }
        Ok(())
    }

    /// How it has ended, if it has.
    ///
    /// # Errors
    /// When the system does not say.
    pub fn try_wait(&mut self) -> Result<Option<ExitStatus>, TrialError> {
        if self.ended.is_none() {
            self.ended = self.child.try_wait().map_err(TrialError::system("no exit status"))?;
        }
        Ok(self.ended)
    }

    /// Waits until it has ended by itself; its exit code.
    ///
    /// # Errors
    /// When it does not end in time.
    pub fn await_end(&mut self) -> Result<Option<i32>, TrialError> {
        let ended = self.wait(PATIENCE)?;
        let hangs = || self.site.failed(format!("did not end within {PATIENCE:?}"));
        Ok(ended.ok_or_else(hangs)?.code())
    }

    /// How it has ended, if it has within `time`.
    fn wait(&mut self, time: Duration) -> Result<Option<ExitStatus>, TrialError> {
        let until = Instant::now() + time;
        loop {
            let ended = self.try_wait()?;
            if ended.is_some() || until < Instant::now() {
                return Ok(ended);
            }
            thread::sleep(LOOK_EVERY);
        }
    }

    /// Nothing while it lives.
    ///
    /// # Errors
    /// When it has ended, though nobody had ended it.
    pub fn lives(&mut self) -> Result<(), TrialError> {
        match self.try_wait()? {
            None => Ok(()),
            Some(status) => Err(self.ended_by_itself(status)),
        }
    }

    /// Why something failed that it had part in: that it ended by itself tells more than what came
    /// of that. A breach stays one.
    #[must_use]
    pub fn or_ended(&mut self, error: TrialError) -> TrialError {
        if matches!(error, TrialError::Broken { .. }) {
            return error;
        }
        match self.wait(END_AFTER_CONNECTION) {
            Ok(None) => error,
            Ok(Some(status)) => self.ended_by_itself(status),
            Err(unknown) => unknown,
        }
    }

    fn ended_by_itself(&self, status: ExitStatus) -> TrialError {
        self.site.failed(format!("ended by itself with {status}"))
    }

    /// Sends a signal; nothing when it has ended.
    ///
    /// # Errors
    /// When the system refuses.
    pub fn signal(&mut self, signal: Signal) -> Result<(), TrialError> {
        if self.try_wait()?.is_some() {
            return Ok(());
        }
        // It has not been waited for, so its number is still its own.
        kill_process(Pid::from_child(&self.child), signal)
            .map_err(|error| TrialError::system("no signal to the program")(error.into()))
    }

    /// `kill -9`, and waits until it is gone.
    ///
    /// # Errors
    /// When it had ended by itself, in whatever way, or the system refuses.
    pub fn kill(mut self) -> Result<(), TrialError> {
        match self.kill_unless_ended()? {
            None => Ok(()),
            Some(status) => Err(self.ended_by_itself(status)),
        }
    }

    /// The same while it ends because it was told to. False when it had ended in order before.
    ///
    /// # Errors
    /// When it had ended otherwise, or the system refuses.
    pub fn kill_stopping(mut self) -> Result<bool, TrialError> {
        match self.kill_unless_ended()? {
            None => Ok(true),
            Some(status) if status.success() => Ok(false),
            Some(status) => {
                Err(self.site.failed(format!("was told to stop and ended with {status}")))
            }
        }
    }

    /// Kills it, or tells how it had ended before that.
    fn kill_unless_ended(&mut self) -> Result<Option<ExitStatus>, TrialError> {
        let before = self.try_wait()?;
        if before.is_some() {
            return Ok(before);
        }
        self.signal(Signal::KILL)?;
        let status = self.child.wait().map_err(TrialError::system("no exit status"))?;
        self.ended = Some(status);
        // It may have ended between the look and the kill.
        let is_ours = status.signal() == Some(Signal::KILL.as_raw());
        Ok(if is_ours { None } else { Some(status) })
    }

    /// Asks it to end in order, and waits until it has.
    ///
    /// # Errors
    /// When it does not end in time, or not with exit code 0.
    pub fn stop(mut self) -> Result<(), TrialError> {
        self.signal(Signal::TERM)?;
        match self.await_end()? {
            Some(0) => Ok(()),
            code => Err(self.site.failed(format!("was told to stop and ended with {code:?}"))),
        }
    }

    /// Bytes it has read from files and sockets since its start.
    ///
    /// # Errors
    /// When the system does not say.
    pub fn bytes_read(&self) -> Result<u64, TrialError> {
        self.told("io", "rchar:")
    }

    /// Bytes of memory that it has in use now.
    ///
    /// # Errors
    /// When the system does not say, or it has ended and uses none.
    pub fn resident_bytes(&self) -> Result<u64, TrialError> {
        self.told("status", "VmRSS:").map(|kibibytes| kibibytes << 10)
    }

    /// A number in a file that the system keeps of the process.
    fn told(&self, file: &str, name: &str) -> Result<u64, TrialError> {
        let path = format!("/proc/{}/{file}", self.child.id());
        let told = fs::read_to_string(&path).map_err(TrialError::system(&path))?;
        let line = told.lines().find_map(|line| line.strip_prefix(name));
        let number = line.and_then(|line| line.trim().trim_end_matches("kB").trim().parse().ok());
        number.ok_or_else(|| self.site.failed(format!("has no {name} in {path}: it has ended")))
    }
}

impl Drop for Node<'_> {
    fn drop(&mut self) {
        if self.ended.is_none() {
            // It has ended already, unless the trial failed.
            drop(self.child.kill());
            drop(self.child.wait());
        }
    }
}

fn output(command: &mut Command, what: &str) -> Result<String, TrialError> {
    let program = Path::new(command.get_program()).display();
    let cannot = format!("{program} cannot be started for `tidegate {what}`");
    let output = command.output().map_err(TrialError::system(cannot))?;
    let said = |bytes: &[u8]| String::from_utf8_lossy(bytes).trim().to_owned();
    if !output.status.success() {
        return Err(TrialError::Command {
            command: what.to_owned(),
            status: output.status.to_string(),
            said: format!("{}\n{}", said(&output.stdout), said(&output.stderr)),
        });
    }
    Ok(said(&output.stdout))
}

fn write(path: &Path, text: &str) -> Result<(), TrialError> {
    fs::write(path, text).map_err(TrialError::system(format!("{}", path.display())))
}

/// An address at which nobody listens. It stays bound until this process ends, so that the system
/// gives its port to nobody who asks for any; whoever names it, and lets it be shared as a
/// listener does, gets it.
fn free_address() -> Result<Loopback, TrialError> {
    static BOUND: Mutex<Vec<Socket>> = Mutex::new(Vec::new());
    let bind = || {
        let socket = Socket::new(Domain::IPV4, Type::STREAM, None)?;
        socket.set_reuse_address(true)?;
        socket.bind(&SocketAddr::from(([127, 0, 0, 1], 0)).into())?;
        let address = socket.local_addr()?.as_socket();
        BOUND.lock().unwrap_or_else(std::sync::PoisonError::into_inner).push(socket);
        Ok(address.expect("an internet socket has an internet address"))
    };
    Ok(Loopback::new(bind().map_err(TrialError::system("no free port"))?)?)
}
