//! The program as a child process, and a campaign for it.

use crowd::{Loopback, http};
use socket2::{Domain, Socket, Type};
use std::fs::File;
use std::net::{SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::Mutex;

pub(crate) const CAMPAIGN: &str = r#"
[campaign]
code = "test"
zone = "Asia/Shanghai"
languages = ["en"]
[texts]
title = { en = "Test" }
summary = { en = "Nothing is handed out here." }
pickup = { en = "Nowhere." }
[[item]]
code = "mask"
name = { en = "Mask" }
[[slot]]
code = "day"
name = { en = "All day" }
date = 2099-01-01
from = "08:00"
until = "18:00"
[[outlet]]
code = "shop"
name = { en = "The only shop" }
district = { en = "Nowhere" }
address = { en = "1 Nowhere Road" }
[[stock]]
outlet = "shop"
item = "mask"
slot = "day"
units = 5000
[register]
windows = []
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

/// The program.
pub(crate) fn program() -> &'static Path {
    Path::new(env!("CARGO_BIN_EXE_tidegate"))
}

/// Says what a test cannot do on this machine. `cargo xtask test` finds the same out by itself and
/// has it in its list of what was left out.
#[allow(clippy::print_stdout, reason = "shown where a person asks for what a test says")]
pub(crate) fn left_out(what: &str, why: &dyn std::fmt::Display) {
    println!("LEFT OUT: {what}: {why}");
}

pub(crate) fn tidegate(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_tidegate"));
    command.args(arguments).env_remove("TIDEGATE_TOKEN").env_remove("TIDEGATE_MASTER_KEY");
    command
}

pub(crate) fn run(arguments: &[&str]) -> Output {
    tidegate(arguments).output().unwrap()
}

/// Two addresses that only a node which is told them will listen at, however often it comes back.
pub(crate) fn free_addresses() -> (SocketAddr, SocketAddr) {
    (free_address(), free_address())
}

/// An address at which nobody listens. It stays bound until the tests end, so that the system
/// gives its port to nobody who asks for any; whoever names it, and lets it be shared as a
/// listener does, gets it.
pub(crate) fn free_address() -> SocketAddr {
    static BOUND: Mutex<Vec<Socket>> = Mutex::new(Vec::new());
    let socket = Socket::new(Domain::IPV4, Type::STREAM, None).unwrap();
    socket.set_reuse_address(true).unwrap();
    socket.bind(&SocketAddr::from(([127, 0, 0, 1], 0)).into()).unwrap();
    let address = socket.local_addr().unwrap().as_socket().unwrap();
    BOUND.lock().unwrap().push(socket);
    address
}

/// A node as a process; killed when it is dropped.
pub(crate) struct Program {
    child: Child,
    pub(crate) data: PathBuf,
    pub(crate) public: SocketAddr,
    pub(crate) operator: SocketAddr,
}

impl Program {
    pub(crate) fn start(data: &Path, (public, operator): (SocketAddr, SocketAddr)) -> Self {
        // Nobody reads it, and a pipe that fills would stop the node.
        Self::spawn(data, (public, operator), "warn", Stdio::null())
    }

    /// The same, with everything there is to log in a file.
    pub(crate) fn start_logged(
        data: &Path,
        addresses: (SocketAddr, SocketAddr),
        log: &Path,
    ) -> Self {
        Self::spawn(data, addresses, "trace", File::create(log).unwrap().into())
    }

    fn spawn(
        data: &Path,
        (public, operator): (SocketAddr, SocketAddr),
        level: &str,
        log: Stdio,
    ) -> Self {
        let child = tidegate(&["serve", "--data"])
            .arg(data)
            .args(["--listen", &public.to_string(), "--operator-listen", &operator.to_string()])
            .env("TIDEGATE_LOG", level)
            .stderr(log)
            .spawn()
            .unwrap();
        let mut program = Self { child, data: data.to_owned(), public, operator };
        program.await_ready();
        program
    }

    fn await_ready(&mut self) {
        loop {
            let ended = self.child.try_wait().unwrap();
            assert!(ended.is_none(), "the node ended instead of serving: {ended:?}");
            if TcpStream::connect(self.public).is_ok() && self.get("/readyz").0 == 200 {
                return;
            }
            std::thread::yield_now();
        }
    }

    pub(crate) fn get(&self, path: &str) -> (u16, String) {
        let request = format!("GET {path} HTTP/1.1\r\nhost: {}\r\n\r\n", self.public);
        let address = Loopback::new(self.public).unwrap();
        let (status, body) = http::fetch(address, request.as_bytes()).unwrap();
        (status, String::from_utf8(body).unwrap())
    }

    /// Sends one good entry of the test campaign; status and body of the answer.
    pub(crate) fn enter(&self, key: &str) -> (u16, String) {
        let body = r#"{"identity":{"id_number":"110101199003070134","phone":"13800138000"},
            "choices":[{"outlet":"shop","item":"mask","slot":"day"}]}"#;
        let request = format!(
            "POST /v1/campaigns/test/entries HTTP/1.1\r\nhost: x\r\n\
             content-type: application/json\r\nidempotency-key: {key}\r\n\
             content-length: {}\r\n\r\n{body}",
            body.len()
        );
        let address = Loopback::new(self.public).unwrap();
        let (status, body) = http::fetch(address, request.as_bytes()).unwrap();
        (status, String::from_utf8(body).unwrap())
    }

    /// Runs a command line client against this node.
    pub(crate) fn operate(&self, arguments: &[&str]) -> Output {
        let token = run(&[
            "token",
            "create",
            "--data",
            self.data.to_str().unwrap(),
            "--role",
            "operator",
            "--name",
            &format!("test {}", arguments.join(" ").len() + self.token_count()),
        ]);
        assert!(token.status.success(), "{token:?}");
        let told = String::from_utf8(token.stdout).unwrap();
        let token = told.split_whitespace().last().unwrap().to_owned();
        let server = format!("http://{}", self.operator);
        tidegate(arguments)
            .env("TIDEGATE_TOKEN", token)
            .env("TIDEGATE_SERVER", server)
            .output()
            .unwrap()
    }

    fn token_count(&self) -> usize {
        let path = self.data.join("tokens.json");
        std::fs::read_to_string(path).map_or(0, |text| text.len() * 1_000)
    }

    pub(crate) fn open_campaign(&self) {
        let file = self.data.with_extension("toml");
        std::fs::write(&file, CAMPAIGN).unwrap();
        let load = self.operate(&["campaign", "load", file.to_str().unwrap(), "--reason", "test"]);
        assert!(load.status.success(), "{load:?}");
        let open = self.operate(&["campaign", "open", "test", "--reason", "test"]);
        assert!(open.status.success(), "{open:?}");
    }

    /// Asks it to end, and waits until it has.
    pub(crate) fn stop(mut self) {
        let id = rustix::process::Pid::from_child(&self.child);
        rustix::process::kill_process(id, rustix::process::Signal::TERM).unwrap();
        let status = self.child.wait().unwrap();
        assert!(status.success(), "{status:?}");
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        // It has ended already, unless the test failed.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}
