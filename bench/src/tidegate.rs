//! Tidegate as the subject: built, served, and told what to do through its own command line.

use crate::process::{Server, free_address};
use crate::session::Session;
use crate::watchers::Viewer;
use anyhow::{Context, Result, bail};
use crowd::Loopback;
use crowd::http::{Head, fetch};
use rustix::process::Signal;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

const READY_MAX: Duration = Duration::from_secs(120);

/// A campaign file of this folder, and its code.
#[derive(Clone, Copy, Debug)]
pub struct Measured {
    /// The campaign's code.
    pub code: &'static str,
    /// The file's name.
    pub file: &'static str,
}

impl Measured {
    /// Where the file is.
    #[must_use]
    pub fn path(self) -> PathBuf {
        Path::new(env!("CARGO_MANIFEST_DIR")).join("campaigns").join(self.file)
    }

    /// What is in the file.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn text(self) -> Result<String> {
        let path = self.path();
        std::fs::read_to_string(&path).with_context(|| format!("{} not read", path.display()))
    }
}

/// Stock without end, answered at once.
pub const MEASURED: Measured = Measured { code: "measured", file: "measured.toml" };
/// Stock without end, results held back.
pub const HELD: Measured = Measured { code: "measured-held", file: "measured-held.toml" };
/// A single unit.
pub const SOLD_OUT: Measured =
    Measured { code: "measured-sold-out", file: "measured-sold-out.toml" };

/// A tidegate under way.
#[derive(Debug)]
pub struct Tidegate {
    /// Where the public calls go.
    pub address: Loopback,
    /// An operator's token.
    pub token: String,
    operator: Loopback,
    program: PathBuf,
    data: PathBuf,
    log: PathBuf,
    server: Server,
}

/// Builds the tidegate of this workspace, and returns where it is: as it is shipped (profile
/// `dist`, the whole program optimised as one), or quickly; or, beside it, as for a processor
/// without instructions for SHA-256.
///
/// # Errors
/// When cargo cannot be started or the build fails.
pub fn build(workspace: &Path, is_quick: bool, without_sha: bool) -> Result<PathBuf> {
    let own = std::env::current_exe().context("where this program is")?;
    let folder = own.parent().context("a program lies in a folder")?;
    let target = folder.parent().context("a profile has its own folder in the target folder")?;
    let profile = if is_quick { "release" } else { "dist" };
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(cargo);
    command.current_dir(workspace).args(["build", "--profile", profile, "--package", "tidegate"]);
    let target = if without_sha {
        // Other flags for every crate: in the same folder they would all be built anew each time.
        command.env("RUSTFLAGS", "--cfg sha2_backend=\"soft\"");
        target.join("without-sha")
    } else {
        target.to_owned()
    };
    command.arg("--target-dir").arg(&target);
    let status = command.status().context("cargo could not be started to build tidegate")?;
    if !status.success() {
        bail!("tidegate does not build; see above");
    }
    Ok(target.join(profile).join("tidegate"))
}

impl Tidegate {
    /// Serves a new data folder.
    ///
    /// # Errors
    /// When tidegate does not start, or is not ready in time.
    pub fn start(session: &Session, name: &str) -> Result<Self> {
        let folder = session.subfolder(name)?;
        let data = folder.join("data");
        // Tokens can be made before the first start, in a folder that is there.
        std::fs::create_dir_all(&data).context("no folder can be made for a node's data")?;
        let token = ["token", "create", "--role", "operator", "--name", "bench", "--data"];
        let mut command = Command::new(&session.program);
        command.args(token).arg(&data);
        let token = output(command, "tidegate token create")?;
        // The token is the last word that is printed.
        let token = token.split_whitespace().next_back().context("no token was printed")?;
        let (address, operator) = (free_address()?, free_address()?);
        let server = serve(&session.program, &data, address, operator, &folder)?;
        Ok(Self {
            address,
            token: token.to_owned(),
            operator,
            program: session.program.clone(),
            data,
            log: folder,
            server,
        })
    }

    /// Loads a campaign and opens it.
    ///
    /// # Errors
    /// When tidegate refuses.
    pub fn open(&self, campaign: Measured) -> Result<()> {
        self.open_file(&campaign.path(), campaign.code)
    }

    /// Loads a campaign from a file, and opens it by its code.
    ///
    /// # Errors
    /// When tidegate refuses.
    pub fn open_file(&self, file: &Path, code: &str) -> Result<()> {
        let file = file.to_str().context("the workspace's path is UTF-8")?;
        self.campaign("load", file)?;
        self.campaign("open", code)
    }

    /// Makes an account that may watch the console.
    ///
    /// # Errors
    /// When tidegate refuses.
    pub fn viewer(&self) -> Result<Viewer<'static>> {
        let viewer =
            Viewer { address: self.operator, name: "watcher", password: "measured-by-the-second" };
        let mut command = Command::new(&self.program);
        command.args(["account", "create", "--role", "auditor", "--name", viewer.name, "--data"]);
        command.arg(&self.data).stdin(Stdio::piped()).stdout(Stdio::null());
        let mut child = command.spawn().context("tidegate account create could not be started")?;
        let mut input = child.stdin.take().context("the input is a pipe")?;
        writeln!(input, "{}", viewer.password).context("no password was taken")?;
        drop(input);
        let status = child.wait().context("tidegate account create did not end")?;
        if !status.success() {
            bail!("tidegate account create ended with {status}; see above");
        }
        Ok(viewer)
    }

    /// One of the operator's words about a campaign: `load`, `open`, `close`, `publish`.
    ///
    /// # Errors
    /// When tidegate refuses.
    pub fn campaign(&self, word: &str, about: &str) -> Result<()> {
        let server = format!("http://{}", self.operator);
        let mut command = Command::new(&self.program);
        command.args(["campaign", word, about, "--server", &server]);
        command.args(["--reason", "measuring"]).env("TIDEGATE_TOKEN", &self.token);
        output(command, &format!("tidegate campaign {word}")).map(|_| ())
    }

    /// Ends it in good order, starts it again on the same data, and returns the time from the
    /// start until it was ready.
    ///
    /// # Errors
    /// When it does not end, start, or become ready.
    pub fn restart(self) -> Result<(Self, Duration)> {
        let Self { address, token, operator, program, data, log, server } = self;
        server.stop()?;
        let from = std::time::Instant::now();
        let server = serve(&program, &data, address, operator, &log)?;
        let time = from.elapsed();
        Ok((Self { address, token, operator, program, data, log, server }, time))
    }

    /// Ends it in good order, replays its whole journal, and returns the rate in commands a second.
    ///
    /// # Errors
    /// When it has to be killed, or the replay fails.
    pub fn stop_and_replay(self) -> Result<f64> {
        self.server.stop()?;
        let mut command = Command::new(&self.program);
        command.args(["journal", "replay", "--data"]).arg(&self.data);
        let said = output(command, "tidegate journal replay")?;
        let rate = said.split_whitespace().rev().nth(1).and_then(|rate| rate.parse().ok());
        rate.with_context(|| format!("tidegate journal replay told no rate: {said}"))
    }

    /// Processor time that it has taken so far.
    ///
    /// # Errors
    /// When the system does not tell.
    pub fn processor_time(&self) -> Result<Duration> {
        self.server.processor_time()
    }

    /// Ends it in good order.
    ///
    /// # Errors
    /// When it has to be killed.
    pub fn stop(self) -> Result<()> {
        self.server.stop()
    }
}

fn serve(
    program: &Path,
    data: &Path,
    address: Loopback,
    operator: Loopback,
    log: &Path,
) -> Result<Server> {
    let mut command = Command::new(program);
    command.arg("serve").arg("--data").arg(data);
    command.args(["--listen", &address.to_string()]);
    command.args(["--operator-listen", &operator.to_string()]);
    let mut server = Server::start("tidegate", command, log, Signal::TERM)?;
    server.await_ready(READY_MAX, || is_ready(address) || is_ready(operator))?;
    Ok(server)
}

/// Whether `/readyz` says so.
fn is_ready(address: Loopback) -> bool {
    let mut request = Vec::new();
    Head::new("GET", "/readyz", address, &[]).write(&mut request, &[], b"");
    matches!(fetch(address, &request), Ok((200, _)))
}

fn output(mut command: Command, what: &str) -> Result<String> {
    let output = command.output().with_context(|| format!("{what} could not be started"))?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr).trim().to_owned();
        bail!("{what} ended with {}: {said}", output.status);
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}
