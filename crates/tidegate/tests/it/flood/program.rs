//! The program under attack, with what the system says about it.

use crate::support::{CAMPAIGN, free_addresses, run, tidegate};
use rustix::process::{Pid, Resource, Rlimit, Signal, getrlimit, kill_process, setrlimit};
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned};
use std::fs::{self, File};
use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output};
use std::sync::{Arc, LazyLock};

/// Open files of a process beside the connections of a test.
const OTHER_FILES: u64 = 1_024;
/// For the large amounts of all tests at once.
const FILES_WANTED: u64 = 140_000;

/// A node as a process; killed when it is dropped.
pub(super) struct Program {
    child: Child,
    pub(super) public: SocketAddr,
    pub(super) operator: SocketAddr,
    folder: tempfile::TempDir,
    log: PathBuf,
    /// What its clients trust, when it speaks TLS.
    trust: Option<Arc<ClientConfig>>,
}

/// The name in the certificate.
const NAME: &str = "localhost";

/// That name, as clients ask for it.
pub(super) fn name() -> ServerName<'static> {
    ServerName::try_from(NAME).unwrap()
}

/// A certificate and its key in files; what clients trust then.
fn certify(folder: &Path) -> Arc<ClientConfig> {
    let made = rcgen::generate_simple_self_signed([NAME.to_owned()]).unwrap();
    fs::write(folder.join("chain.pem"), made.cert.pem()).unwrap();
    fs::write(folder.join("key.pem"), made.signing_key.serialize_pem()).unwrap();
    let certificate: CertificateDer<'static> = made.cert.der().clone();
    let mut roots = RootCertStore::empty();
    roots.add(certificate).unwrap();
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = ClientConfig::builder_with_provider(provider);
    let config = config.with_safe_default_protocol_versions().unwrap();
    Arc::new(config.with_root_certificates(roots).with_no_client_auth())
}

impl Program {
    /// A node whose listeners hold so many connections, with the open campaign `test`.
    pub(super) fn start(connections_max: usize) -> Self {
        Self::spawn(connections_max, tidegate(&[]), false)
    }

    /// The same, with a certificate for both listeners.
    pub(super) fn start_with_tls(connections_max: usize) -> Self {
        Self::spawn(connections_max, tidegate(&[]), true)
    }

    /// What clients trust.
    pub(super) fn trust(&self) -> Arc<ClientConfig> {
        Arc::clone(self.trust.as_ref().expect("it was started with TLS"))
    }

    /// The same, with a shell's limit of open files.
    pub(super) fn start_with_files(connections_max: usize, open_files: u64) -> Self {
        let mut shell = Command::new("sh");
        shell.args(["-c", "ulimit -n \"$0\" && exec \"$@\"", &open_files.to_string()]);
        shell.arg(tidegate(&[]).get_program());
        Self::spawn(connections_max, shell, false)
    }

    fn spawn(connections_max: usize, mut command: Command, with_tls: bool) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let config = folder.path().join("tidegate.toml");
        let trust = with_tls.then(|| certify(folder.path()));
        let file = |name: &str| folder.path().join(name).display().to_string();
        let mut text = format!("connections_max = {connections_max}\n");
        if with_tls {
            let (chain, key) = (file("chain.pem"), file("key.pem"));
            text.push_str(&format!("[tls]\ncertificate = {chain:?}\nkey = {key:?}\n"));
        }
        fs::write(&config, text).unwrap();
        let log = folder.path().join("log");
        let (public, operator) = free_addresses();
        command.args(["serve", "--data"]).arg(folder.path().join("data")).arg("--config");
        command.arg(config).args(["--listen", &public.to_string()]);
        command.args(["--operator-listen", &operator.to_string()]);
        command.env("TIDEGATE_LOG", "info").stderr(File::create(&log).unwrap());
        let child = command.spawn().unwrap();
        let mut program = Self { child, public, operator, folder, log, trust };
        program.await_ready();
        program.open_campaign();
        program
    }

    fn await_ready(&mut self) {
        while !self.is_ready() {
            assert!(self.is_alive(), "the node serves: {}", self.log());
            std::thread::yield_now();
        }
    }

    fn is_ready(&self) -> bool {
        let Ok(mut stream) = TcpStream::connect(self.public) else { return false };
        let ask = b"GET /readyz HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n";
        let mut answer = Vec::new();
        let asked = match &self.trust {
            None => stream.write_all(ask).and_then(|()| stream.read_to_end(&mut answer)),
            Some(trust) => {
                let client = ClientConnection::new(Arc::clone(trust), name()).unwrap();
                let mut stream = StreamOwned::new(client, stream);
                stream.write_all(ask).and_then(|()| stream.read_to_end(&mut answer))
            }
        };
        asked.is_ok() && answer.starts_with(b"HTTP/1.1 200")
    }

    fn open_campaign(&self) {
        let file = self.folder.path().join("test.toml");
        fs::write(&file, CAMPAIGN).unwrap();
        let token = self.token("operator");
        let chain = self.folder.path().join("chain.pem");
        let server = match &self.trust {
            None => format!("http://{}", self.operator),
            Some(_) => format!("https://{NAME}:{}", self.operator.port()),
        };
        let operate = |arguments: &[&str]| {
            let mut command = tidegate(arguments);
            command.env("TIDEGATE_TOKEN", &token).env("TIDEGATE_SERVER", &server);
            if self.trust.is_some() {
                command.arg("--ca").arg(&chain);
            }
            let done: Output = command.output().unwrap();
            assert!(done.status.success(), "{done:?}");
        };
        operate(&["campaign", "load", file.to_str().unwrap(), "--reason", "test"]);
        operate(&["campaign", "open", "test", "--reason", "test"]);
    }

    /// A new token of this role.
    pub(super) fn token(&self, role: &str) -> String {
        static TOKENS: std::sync::atomic::AtomicU32 = std::sync::atomic::AtomicU32::new(0);
        let number = TOKENS.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        let data = self.folder.path().join("data");
        let name = format!("{role} {number}");
        let data = data.to_str().unwrap();
        let made = run(&["token", "create", "--data", data, "--role", role, "--name", &name]);
        assert!(made.status.success(), "{made:?}");
        String::from_utf8(made.stdout).unwrap().split_whitespace().last().unwrap().to_owned()
    }

    pub(super) fn is_alive(&mut self) -> bool {
        self.child.try_wait().unwrap().is_none()
    }

    pub(super) fn log(&self) -> String {
        fs::read_to_string(&self.log).unwrap()
    }

    /// Sockets it has open, its listeners among them.
    pub(super) fn sockets(&self) -> usize {
        let files = fs::read_dir(format!("/proc/{}/fd", self.child.id())).unwrap();
        let targets = files.filter_map(|file| fs::read_link(file.unwrap().path()).ok());
        targets.filter(|target| target.to_string_lossy().starts_with("socket:")).count()
    }

    /// Bytes of memory it has now.
    pub(super) fn memory_bytes(&self) -> u64 {
        self.status_bytes("VmRSS:")
    }

    /// Bytes of memory it has had at most.
    pub(super) fn memory_bytes_peak(&self) -> u64 {
        self.status_bytes("VmHWM:")
    }

    fn status_bytes(&self, name: &str) -> u64 {
        let status = fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap();
        let line = status.lines().find(|line| line.starts_with(name)).unwrap();
        line.split_whitespace().nth(1).unwrap().parse::<u64>().unwrap() << 10
    }

    /// Asks it to end, waits until it has, and looks for panics in what it logged.
    pub(super) fn stop(mut self) -> String {
        assert!(self.is_alive(), "the node lives: {}", self.log());
        kill_process(Pid::from_child(&self.child), Signal::TERM).unwrap();
        let status = self.child.wait().unwrap();
        let log = self.log();
        assert!(status.success(), "{status:?}: {log}");
        assert!(!log.contains("panicked"), "{log}");
        log
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        // It has ended already, unless the test failed.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

/// How many connections of so many there can be: each takes an open file of this process, and one
/// of the program, which keeps a sixteenth for its other listener.
pub(super) fn connections_within(wanted: usize) -> usize {
    static FILES: LazyLock<u64> = LazyLock::new(raise);
    let connections = (*FILES - OTHER_FILES) / 16 * 15;
    wanted.min(usize::try_from(connections).unwrap())
}

/// Raises the limit of open files of this process and of programs that it starts from now on, as
/// far as it goes; what it is then.
fn raise() -> u64 {
    let limit = getrlimit(Resource::Nofile);
    let maximum = limit.maximum.unwrap_or(FILES_WANTED);
    // Root may go beyond the hard limit.
    for files in [FILES_WANTED, maximum] {
        let (current, maximum) = (Some(files), Some(maximum.max(files)));
        if setrlimit(Resource::Nofile, Rlimit { current, maximum }).is_ok() {
            return files;
        }
    }
    limit.current.unwrap_or(FILES_WANTED)
}
