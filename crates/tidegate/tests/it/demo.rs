//! The demo, short, for each example: it ends with a clean audit, however it is ended.

use crate::support::{run, tidegate};
use rustix::process::{Pid, Signal, kill_process};
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::path::PathBuf;
use std::process::{Child, ChildStdout, Stdio};
use std::time::Duration;

const CLEAN: &str = "nothing oversold, nothing acknowledged lost";
/// More than come while a test lasts.
const ENDLESS: &str = "5000000";

/// A demo as a process, and what it has said; killed when it is dropped.
struct Demo {
    child: Child,
    /// Until nobody reads it any more.
    stdout: Option<BufReader<ChildStdout>>,
    told: String,
    /// Holds the throw-away folder, and nothing else.
    temporary: tempfile::TempDir,
}

impl Demo {
    fn start(arguments: &[&str]) -> Self {
        let temporary = tempfile::tempdir().unwrap();
        let mut child = tidegate(&["demo", "--listen", "127.0.0.1:0"])
            .args(arguments)
            .env("TMPDIR", temporary.path())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let stdout = child.stdout.take().map(BufReader::new);
        Self { child, stdout, told: String::new(), temporary }
    }

    /// Reads on to the next line with these words.
    fn await_line(&mut self, words: &str) -> String {
        loop {
            let mut line = String::new();
            self.stdout.as_mut().unwrap().read_line(&mut line).unwrap();
            assert!(!line.is_empty(), "no line has {words:?}:\n{}", self.told);
            self.told.push_str(&line);
            if line.contains(words) {
                return line;
            }
        }
    }

    fn signal(&self, signal: Signal) {
        kill_process(Pid::from_child(&self.child), signal).unwrap();
    }

    /// Reads on to the end; the exit code, and all that was said.
    fn end(&mut self) -> (Option<i32>, String) {
        self.stdout.as_mut().unwrap().read_to_string(&mut self.told).unwrap();
        let code = self.child.wait().unwrap().code();
        let stderr = self.child.stderr.as_mut().unwrap();
        stderr.read_to_string(&mut self.told).unwrap();
        (code, self.told.clone())
    }

    fn left_behind(&self) -> Vec<PathBuf> {
        let entries = self.temporary.path().read_dir().unwrap();
        entries.map(|entry| entry.unwrap().path()).collect()
    }
}

impl Drop for Demo {
    fn drop(&mut self) {
        // It has ended already, unless the test failed.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

#[test]
fn the_city_ends_with_a_clean_audit() {
    let mut demo = Demo::start(&["--countdown", "1", "--crowd", "2000"]);
    demo.await_line("The node stays up until Ctrl-C");
    demo.signal(Signal::INT);
    let (code, told) = demo.end();
    assert_eq!(code, Some(0), "{told}");
    assert!(told.contains(CLEAN), "{told}");
    assert!(told.contains("units    120,000 issued"), "{told}");
    assert!(told.contains("all 2,000 people done"), "{told}");
    assert_eq!(demo.left_behind(), Vec::<PathBuf>::new());
}

#[test]
fn the_county_cools_down_from_one_opening_to_the_next() {
    let mut demo = Demo::start(&["--example", "county", "--countdown", "1", "--crowd", "500"]);
    demo.await_line("The node stays up until Ctrl-C");
    demo.signal(Signal::INT);
    let (code, told) = demo.end();
    assert_eq!(code, Some(0), "{told}");
    assert!(told.contains("cooling-down"), "{told}");
    assert!(told.contains(CLEAN), "{told}");
}

#[test]
fn a_demo_that_is_short_of_time_ends_with_its_audit() {
    // Three countdowns take longer than the whole of it.
    let short = ["--example", "county", "--crowd", "20", "--seconds", "5", "--countdown", "2"];
    let (code, told) = Demo::start(&short).end();
    assert_eq!(code, Some(0), "{told}");
    assert!(told.contains("county-3: all 20 people done"), "{told}");
    assert!(told.contains("5 s are over"), "{told}");
    assert!(told.contains(CLEAN), "{told}");
}

#[test]
fn a_signal_amid_the_crowd_ends_the_demo_with_its_audit() {
    for (signal, name) in [(Signal::INT, "Ctrl-C"), (Signal::TERM, "SIGTERM")] {
        let mut demo = Demo::start(&["--countdown", "1", "--crowd", ENDLESS]);
        demo.await_line(" sent, ");
        assert_eq!(demo.left_behind().len(), 1, "the throw-away folder");
        demo.signal(signal);
        let (code, told) = demo.end();
        assert_eq!(code, Some(0), "{told}");
        assert!(told.contains(&format!("{name}: stopping in order")), "{told}");
        assert!(told.contains("masks: stopped after"), "{told}");
        assert!(told.contains(" accepted, "), "{told}");
        assert!(told.contains(CLEAN), "{told}");
        assert_eq!(demo.left_behind(), Vec::<PathBuf>::new());
    }
}

#[test]
fn a_signal_amid_the_countdown_ends_the_demo_with_its_audit() {
    let mut demo = Demo::start(&["--countdown", "600"]);
    demo.await_line("masks opens in 600 s");
    demo.signal(Signal::TERM);
    let (code, told) = demo.end();
    assert_eq!(code, Some(0), "{told}");
    assert!(told.contains(CLEAN), "{told}");
    assert_eq!(demo.left_behind(), Vec::<PathBuf>::new());
}

#[test]
fn a_second_signal_ends_the_demo_at_once() {
    let mut demo = Demo::start(&["--countdown", "600"]);
    let pages = demo.await_line("pages");
    demo.await_line("masks opens in 600 s");
    let address = pages.trim().rsplit_once("//").unwrap().1.trim_end_matches('/');
    // A request that is half here keeps the listener from closing for 10 seconds.
    let mut half = TcpStream::connect(address).unwrap();
    half.write_all(b"POST /v1/campaigns/masks/entries HTTP/1.1\r\nhost: x\r\n").unwrap();
    half.write_all(b"content-type: application/json\r\nidempotency-key: half\r\n").unwrap();
    half.write_all(b"content-length: 100\r\nexpect: 100-continue\r\n\r\n").unwrap();
    // Its body is awaited now, by a server that has therefore begun with it.
    let mut asked = [0; 12];
    half.read_exact(&mut asked).unwrap();
    assert_eq!(&asked, b"HTTP/1.1 100");
    demo.signal(Signal::INT);
    demo.await_line("stopping in order");
    // Signals that come close together are one wish, so somebody has to insist.
    while demo.child.try_wait().unwrap().is_none() {
        demo.signal(Signal::INT);
        std::thread::sleep(Duration::from_millis(20));
    }
    let (code, told) = demo.end();
    assert_eq!(code, Some(130), "{told}");
    assert!(told.contains("ended at once, without an audit"), "{told}");
    assert!(!told.contains("Audit"), "{told}");
    assert_eq!(demo.left_behind(), Vec::<PathBuf>::new());
}

#[test]
fn a_crowd_that_cannot_come_is_told_before_the_countdown() {
    let output = run(&["demo", "--listen", "192.0.2.1:80"]);
    let told = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{told}");
    assert!(told.contains("with --crowd 0 there is none"), "{told}");
    assert_eq!(output.stdout, b"", "nothing was begun");
}

#[test]
fn a_reader_that_goes_leaves_no_folder_behind() {
    let mut demo = Demo::start(&["--countdown", "1", "--crowd", ENDLESS]);
    demo.await_line("masks is open");
    demo.stdout = None;
    assert_eq!(demo.child.wait().unwrap().code(), Some(141), "as of a program of a broken pipe");
    assert_eq!(demo.left_behind(), Vec::<PathBuf>::new());
}

#[test]
fn a_kept_folder_is_a_sound_data_folder() {
    let mut demo = Demo::start(&["--countdown", "1", "--crowd", "0", "--keep"]);
    demo.await_line("The node stays up until Ctrl-C");
    demo.await_line("campaign show masks");
    demo.signal(Signal::INT);
    let (code, told) = demo.end();
    assert_eq!(code, Some(0), "{told}");
    let [kept] = &demo.left_behind()[..] else { panic!("one folder is kept:\n{told}") };
    assert!(told.contains(&format!("kept: {}", kept.display())), "{told}");
    let data = kept.join("data");
    let verified = run(&["journal", "verify", "--data", data.to_str().unwrap()]);
    assert!(String::from_utf8_lossy(&verified.stdout).ends_with("sound\n"), "{verified:?}");
}

#[test]
fn pasted_commands_work_and_leave_nothing_outside_the_folder() {
    let mut demo = Demo::start(&["--countdown", "1", "--crowd", "0"]);
    demo.await_line("be the operator");
    let before = demo.told.len();
    demo.await_line("campaign show masks");
    let commands = demo.told[before..].lines().filter(|line| line.starts_with("  "));
    let script = commands.collect::<Vec<_>>().join("\n");
    let elsewhere = tempfile::tempdir().unwrap();
    let pasted = std::process::Command::new("sh")
        .args(["-e", "-c", &script])
        .current_dir(elsewhere.path())
        .output()
        .unwrap();
    assert!(pasted.status.success(), "{script}\n{pasted:?}");
    assert_eq!(elsewhere.path().read_dir().unwrap().count(), 0, "{script}");
    assert!(demo.left_behind()[0].join("masks.zip").is_file());
    demo.signal(Signal::INT);
    let (code, told) = demo.end();
    assert_eq!(code, Some(0), "{told}");
    assert_eq!(demo.left_behind(), Vec::<PathBuf>::new());
}

/// What a crowd does not know it counts as "other", which tells nobody anything.
#[test]
fn a_crowd_tells_every_public_problem_apart() {
    for problem in server::problem::PUBLIC {
        assert_eq!(crowd::progress::Code::of(problem.code).as_str(), problem.code);
    }
}
