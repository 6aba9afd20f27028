//! One run of the bench program: its folder, its servers, and what it has found so far.

use crate::arguments::Arguments;
use crate::machine::{Machine, sync_latency};
use crate::method::{METHOD, Subject, compare};
use crate::process::{Server, free_address, listens};
use crate::results::{Figure, Results, Row, Target};
use crate::scenarios::Scenario;
use crate::tidegate;
use anyhow::{Context, Result};
use crowd::Loopback;
use crowd::load::Plan;
use rustix::process::Signal;
use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;
use tempfile::TempDir;

/// A run under way.
pub struct Session {
    /// Where the servers write; gone when the run ends.
    pub folder: TempDir,
    /// The tidegate that is measured.
    pub program: PathBuf,
    /// How long each measurement takes.
    pub duration: Duration,
    /// Whether only function is shown.
    pub quick: bool,
    /// Whether tidegate was built as for a processor without instructions for SHA-256.
    pub without_sha: bool,
    pairs: u32,
    do_nothing: Option<(Server, Loopback)>,
    results: Results,
}

impl Session {
    /// Builds tidegate unless one is given, makes the folder, and looks at the machine.
    ///
    /// # Errors
    /// When tidegate cannot be built, or the folder cannot be written to.
    pub fn open(arguments: &Arguments) -> Result<Self> {
        let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).parent();
        let workspace = workspace.context("the bench crate lies in the workspace")?;
        let program = match &arguments.tidegate {
            Some(program) => program.clone(),
            None => tidegate::build(workspace, arguments.quick, arguments.without_sha)?,
        };
        // Not the system's temporary folder, which is often memory and syncs in no time.
        let parent = arguments.folder.clone().unwrap_or_else(|| workspace.join("target/bench"));
        fs::create_dir_all(&parent)
            .with_context(|| format!("{} cannot be made", parent.display()))?;
        let folder = tempfile::Builder::new().prefix("run-").tempdir_in(&parent)?;
        // PostgreSQL refuses to run as root, and its other user must be able to come here.
        fs::set_permissions(folder.path(), Permissions::from_mode(0o755))?;
        let time =
            if arguments.quick { Duration::from_millis(200) } else { Duration::from_secs(3) };
        let sync = sync_latency(folder.path(), time)?;
        let machine = Machine::read(&parent.canonicalize()?);
        let results = Results {
            date: jiff::Timestamp::now().strftime("%Y-%m-%d").to_string(),
            machine,
            sync,
            method: METHOD,
            quick: arguments.quick,
            rows: Vec::new(),
            figures: Vec::new(),
            targets: Vec::new(),
            left_out: Vec::new(),
            failed: Vec::new(),
        };
        let (duration, quick) = (arguments.duration(), arguments.quick);
        let (pairs, without_sha) = (arguments.pairs(), arguments.without_sha);
        let do_nothing = None;
        Ok(Self { folder, program, duration, quick, without_sha, pairs, do_nothing, results })
    }

    /// Runs a scenario; a failure is remembered and the next one may go on.
    pub fn measure(&mut self, scenario: &Scenario) {
        if let Err(error) = (scenario.run)(self) {
            self.results.failed.push(format!("{}: {error:#}", scenario.name));
        }
    }

    /// Ends the servers and hands over what was found.
    #[must_use]
    pub fn finish(mut self) -> Results {
        if let Some((server, _)) = self.do_nothing.take()
            && let Err(error) = server.stop()
        {
            self.results.failed.push(format!("do-nothing: {error:#}"));
        }
        self.results
    }

    /// Measures one row, and returns a copy of it.
    ///
    /// # Errors
    /// When either side cannot be measured.
    pub fn row(&mut self, subject: &mut dyn Subject, plan: &Plan) -> Result<Row> {
        let address = self.do_nothing()?;
        let row = compare(subject, address, plan, self.pairs)?;
        self.results.rows.push(row.clone());
        Ok(row)
    }

    /// A closed loop of the run's duration.
    #[must_use]
    pub fn closed(&self, connections: usize) -> Plan {
        Plan::closed(connections, self.duration)
    }

    /// How often each measurement is repeated.
    #[must_use]
    pub const fn pairs(&self) -> u32 {
        self.pairs
    }

    /// Remembers a figure.
    pub fn figure(&mut self, scenario: &'static str, what: String, value: f64, unit: &'static str) {
        self.results.figures.push(Figure { scenario, what, value, unit });
    }

    /// Remembers whether a promise is kept; a quick run judges none, nor does one that leaves out
    /// instructions that the processor has.
    pub fn target(&mut self, wanted: &str, found: String, reached: bool) {
        if self.quick || self.without_sha {
            return;
        }
        self.results.targets.push(Target { wanted: wanted.to_owned(), found, reached });
    }

    /// Remembers what is not measured.
    pub fn leave_out(&mut self, what: String) {
        self.results.left_out.push(what);
    }

    /// The sync latency of this run's folder: median in microseconds.
    #[must_use]
    pub const fn sync_p50_micros(&self) -> f64 {
        self.results.sync.p50_micros
    }

    /// A folder of its own within the run's.
    ///
    /// # Errors
    /// When it cannot be made.
    pub fn subfolder(&self, name: &str) -> Result<PathBuf> {
        let folder = self.folder.path().join(name);
        fs::create_dir(&folder).with_context(|| format!("{} not made", folder.display()))?;
        Ok(folder)
    }

    /// The do-nothing server, started when first asked for.
    fn do_nothing(&mut self) -> Result<Loopback> {
        if let Some((_, address)) = &self.do_nothing {
            return Ok(*address);
        }
        let address = free_address()?;
        let mut command = Command::new(&self.program);
        command.args(["do-nothing", "--listen", &address.to_string()]);
        let mut server = Server::start("do-nothing", command, self.folder.path(), Signal::TERM)?;
        server.await_ready(Duration::from_secs(20), || listens(address))?;
        self.do_nothing = Some((server, address));
        Ok(address)
    }
}
