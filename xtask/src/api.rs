//! The `api` chore: the real program held to its own description by schemathesis.
//!
//! Owns: schemathesis in a folder of its own, a throw-away node, how long and from what seed.
//! Never: talks to a node that it has not started. On failure: the report names the call and the
//! request that shows it, and the node's log is kept in `target/api`.

use crate::test::report::Verdict;
use crate::test::step::{self, Ending, Limit};
use crate::tools;
use anyhow::{Context, Result, bail, ensure};
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Child, Command};
use std::time::{Duration, Instant};

/// The release that `api/schemathesis.toml` is written for.
const VERSION: &str = "4.32.5";
const SEED: &str = "1";
/// Examples of each call, at most.
const EXAMPLES_MAX: &str = "40";
/// Seconds for each of the two listeners; the run ends there, whatever is left to try.
const SECONDS_MAX: &str = "20";
const START_WITHIN: Duration = Duration::from_secs(60);
/// For one command of an operator, which takes a moment.
const OPERATE_WITHIN: Duration = Duration::from_secs(60);
const BUILD_MINUTES_MAX: u64 = 10;
const INSTALL_MINUTES_MAX: u64 = 4;
const RUN_WITHIN: Duration = Duration::from_secs(180);

/// Runs it; true when the API is as it is described, false when it is not or cannot be told.
///
/// # Errors
/// When the program cannot be built or started.
pub fn run() -> Result<bool> {
    let verdict = check()?;
    println!("api: {verdict}");
    Ok(verdict == Verdict::passed())
}

/// Holds the API to its description, or says why that cannot be done here.
///
/// # Errors
/// When the program cannot be built or started.
pub fn check() -> Result<Verdict> {
    let schemathesis = match find_or_install()? {
        Ok(program) => program,
        Err(missing) => return Ok(Verdict::LeftOut(missing)),
    };
    let mut build = crate::cargo();
    build.args(["build", "--quiet", "--package", "tidegate"]);
    let ending = step::show(build, BUILD_MINUTES_MAX, |_| ())?;
    ensure!(ending == Ending::Success, "the program cannot be built: {ending}");
    let mut node = Node::start()?;
    let mut wrong = Vec::new();
    let calls = "^(/v1/operator|/metrics)";
    for (who, select, address, token) in [
        ("public", "--exclude-path-regex", &node.public, &node.tokens[0]),
        ("operator", "--include-path-regex", &node.operator, &node.tokens[1]),
    ] {
        println!("\n---- {who} ----");
        let mut command = Command::new(&schemathesis);
        command
            .arg("--config-file")
            .arg(crate::root().join("xtask/src/api/schemathesis.toml"))
            .arg("run")
            .arg(format!("http://{}/openapi.json", node.public))
            .args(["--url", &format!("http://{address}"), select, calls])
            .args(["--header", &format!("Authorization: Bearer {token}")])
            .args(["--phases", "examples,coverage,fuzzing", "--seed", SEED])
            .args(["--max-examples", EXAMPLES_MAX, "--max-time", SECONDS_MAX])
            .args(["--continue-on-failure", "--no-shrink", "--warnings", "off"])
            .current_dir(&node.folder);
        // Not named first: there is a token in it.
        let limit = Limit::unless_watched(RUN_WITHIN);
        if step::run(command, limit, |_| ())? != Ending::Success {
            wrong.push(who);
        }
        let ended = node.child.try_wait()?;
        ensure!(ended.is_none(), "the node ended: {ended:?}; see target/api/log");
    }
    let log = fs::read_to_string(node.folder.join("log"))?;
    ensure!(!log.contains("panicked"), "the node panicked; see target/api/log");
    if wrong.is_empty() {
        return Ok(Verdict::passed());
    }
    Ok(Verdict::failed(format!("the {} API is not as described", wrong.join(" and the "))))
}

/// A node of our own, with the open campaign `test`; killed when it is dropped.
struct Node {
    child: Child,
    folder: PathBuf,
    public: String,
    operator: String,
    /// Of a front end and of an operator.
    tokens: [String; 2],
}

impl Node {
    fn start() -> Result<Self> {
        let folder = crate::target().join("api");
        if folder.exists() {
            fs::remove_dir_all(&folder).context("target/api cannot be emptied")?;
        }
        fs::create_dir_all(&folder)?;
        let log = File::create(folder.join("log"))?;
        let child = tidegate()
            .args(["serve", "--data"])
            .arg(folder.join("data"))
            .args(["--listen", "127.0.0.1:0", "--operator-listen", "127.0.0.1:0"])
            .env("TIDEGATE_LOG", "info")
            .stderr(log)
            .spawn()
            .context("the program cannot be started")?;
        let (public, operator, tokens) = Default::default();
        let mut node = Self { child, folder, public, operator, tokens };
        node.await_addresses()?;
        node.tokens = [node.token("frontend")?, node.token("operator")?];
        let file = node.folder.join("campaign.toml");
        fs::write(&file, include_str!("api/campaign.toml"))?;
        let file = file.to_str().context("the workspace's path is text")?;
        node.operate(&["campaign", "load", file, "--reason", "api"])?;
        node.operate(&["campaign", "open", "test", "--reason", "api"])?;
        Ok(node)
    }

    /// Waits until the log tells where the node serves.
    fn await_addresses(&mut self) -> Result<()> {
        let began = Instant::now();
        while began.elapsed() < START_WITHIN {
            let log = fs::read_to_string(self.folder.join("log"))?;
            // Other lines count the connections of both listeners, by the same names.
            let serving = log.split_inclusive('\n').find(|line| line.contains(": serving "));
            let told = |name: &str| {
                let (_, rest) = serving?.split_once(&format!(" {name}="))?;
                rest.ends_with('\n').then(|| rest.split_whitespace().next().unwrap_or_default())
            };
            if let (Some(public), Some(operator)) = (told("public"), told("operator")) {
                (self.public, self.operator) = (public.to_owned(), operator.to_owned());
                return Ok(());
            }
            ensure!(self.child.try_wait()?.is_none(), "the node ended at its start: {log}");
            std::thread::sleep(Duration::from_millis(20));
        }
        bail!("the node does not serve after {START_WITHIN:?}; see target/api/log")
    }

    fn token(&self, role: &str) -> Result<String> {
        let mut command = tidegate();
        command.args(["token", "create", "--role", role, "--name", role, "--data"]);
        command.arg(self.folder.join("data"));
        let (ending, told) = step::ask(command, Limit::Within(OPERATE_WITHIN))?;
        ensure!(ending == Ending::Success, "no token: {ending}: {told}");
        // It stands alone in its line; the advice beside it is sentences.
        let token = told.lines().find(|line| !line.is_empty() && !line.contains(' '));
        Ok(token.context("no token was told")?.to_owned())
    }

    fn operate(&self, arguments: &[&str]) -> Result<()> {
        let mut command = tidegate();
        command.args(arguments).env("TIDEGATE_TOKEN", &self.tokens[1]);
        command.env("TIDEGATE_SERVER", format!("http://{}", self.operator));
        let (ending, why) = step::ask(command, Limit::Within(OPERATE_WITHIN))?;
        ensure!(ending == Ending::Success, "{arguments:?} failed: {ending}: {why}");
        Ok(())
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        // It may have ended already.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

fn tidegate() -> Command {
    Command::new(crate::target().join("debug/tidegate"))
}

/// schemathesis of our release, or why there is none.
fn find_or_install() -> Result<Result<PathBuf, String>> {
    let folder = tools::folder().join("schemathesis");
    let program = folder.join("bin/schemathesis");
    if is_ours(&program) {
        return Ok(Ok(program));
    }
    let what = format!("schemathesis {VERSION} is not here");
    let Some(python) = crate::test::machine::find("python3") else {
        return Ok(Err(format!("{what}, and neither is python3 to install it with")));
    };
    let mut environment = Command::new(python);
    environment.args(["-m", "venv", "--clear"]).arg(&folder);
    let mut install = Command::new(folder.join("bin/pip"));
    install.args(["install", "--quiet", &format!("schemathesis=={VERSION}")]);
    for (command, why) in [
        (environment, "`python3 -m venv` failed; on Debian it is in python3-venv"),
        (install, "`pip install` failed; is there a network?"),
    ] {
        if !Path::new(command.get_program()).exists() {
            return Ok(Err(format!("{what}: {why}")));
        }
        if step::show(command, INSTALL_MINUTES_MAX, |_| ())? != Ending::Success {
            return Ok(Err(format!("{what}: {why}")));
        }
    }
    Ok(if is_ours(&program) { Ok(program) } else { Err(format!("{what} after its installation")) })
}

fn is_ours(program: &Path) -> bool {
    tools::is_release(program, &["--version"], VERSION)
}
