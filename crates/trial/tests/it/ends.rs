//! Programs that end, hang or break off by themselves: none of it passes for our kill, nor for a
//! fault of the machine.

use rustix::process::Signal;
use std::fs;
use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::thread;
use std::time::{Duration, Instant};
use trial::TrialError;
use trial::export::{Come, Export};
use trial::overload::metric;
use trial::silence::{SILENCE_MAX, Silence};
use trial::site::{Site, Sizes};

/// Longer than a test waits for anything.
const PATIENCE: Duration = Duration::from_secs(120);

/// A program that makes a token, and serves as it is told to in the shell's language.
pub(crate) fn program(folder: &Path, serve: &str) -> PathBuf {
    let text = "#!/bin/sh\ncase \"$1\" in token) echo a token;; serve) ";
    let (file, program) = (folder.join("text"), folder.join("program"));
    fs::write(&file, format!("{text}{serve};; esac\n")).unwrap();
    // Written by a process that has ended: none of the processes that tests start beside this one
    // has it open for writing when it is run.
    let made = Command::new("install").args(["-m", "755"]).args([&file, &program]).status();
    assert!(made.unwrap().success());
    program
}

fn with_site(serve: &str, test: impl FnOnce(&Site<'_>)) {
    let folder = tempfile::tempdir().unwrap();
    let program = program(folder.path(), serve);
    test(&Site::new(&program, folder.path(), Sizes::default(), None).unwrap());
}

#[track_caller]
fn is_program(error: &TrialError, told: &str) {
    assert!(!error.is_of_the_machine(), "{error}");
    assert!(matches!(error, TrialError::Program { .. }), "{error:?}");
    let text = error.to_string();
    assert!(text.contains(told) && text.contains("at work"), "{told}, with its log: {text}");
}

#[test]
fn an_end_by_itself_is_no_kill() {
    for (end, told) in [
        ("exit 0", "ended by itself with exit status: 0"),
        ("exit 70", "ended by itself with exit status: 70"),
        ("kill -ABRT $$", "ended by itself with signal: 6"),
        ("kill -KILL $$", "ended by itself with signal: 9"),
    ] {
        with_site(&format!("echo at work >&2; {end}"), |site| {
            let mut node = site.spawn().unwrap();
            node.await_end().unwrap();
            is_program(&node.lives().unwrap_err(), told);
            let unreachable = Export::begin(site, PATIENCE).unwrap_err();
            assert!(!unreachable.is_of_the_machine(), "{unreachable}");
            is_program(&node.or_ended(unreachable), told);
            is_program(&node.kill().unwrap_err(), told);
        });
    }
    with_site("exec sleep 600", |site| {
        let mut node = site.spawn().unwrap();
        node.lives().unwrap();
        assert!(0 < node.resident_bytes().unwrap());
        node.kill().unwrap();
    });
}

#[test]
fn an_end_that_was_asked_for_is_in_order_or_none() {
    let stop = |trap: &str, test: &dyn Fn(Result<bool, TrialError>)| {
        let serve = format!("trap {trap} TERM; echo at work >&2; while :; do sleep 0.01; done");
        with_site(&serve, |site| {
            let mut node = site.spawn().unwrap();
            while !site.has_logged("at work") {
                thread::yield_now();
            }
            node.signal(Signal::TERM).unwrap();
            if trap != "''" {
                node.await_end().unwrap();
            }
            test(node.kill_stopping());
        });
    };
    stop("'exit 0'", &|ended| assert!(!ended.unwrap(), "it had ended before"));
    stop("''", &|ended| assert!(ended.unwrap(), "the kill met it alive"));
    let told = |ended: Result<bool, TrialError>, how: &str| {
        is_program(&ended.unwrap_err(), &format!("was told to stop and ended with {how}"));
    };
    stop("'exit 70'", &|ended| told(ended, "exit status: 70"));
    stop("'kill -ABRT $$'", &|ended| told(ended, "signal: 6"));
}

/// What an export comes to whose program sends this, and ends the connection or falls silent.
fn export(sent: &'static [u8], ends: bool) -> Result<Come, TrialError> {
    let mut come = Ok(Come::More);
    with_site("exit 0", |site| {
        let listener = TcpListener::bind(site.operator().get()).unwrap();
        thread::scope(|scope| {
            scope.spawn(|| {
                let (mut stream, _) = listener.accept().unwrap();
                let mut request = [0; 4_096];
                assert!(0 < stream.read(&mut request).unwrap());
                stream.write_all(sent).unwrap();
                if !ends {
                    // Until the reader has left.
                    let _left = stream.read(&mut request);
                }
            });
            let patience = if ends { PATIENCE } else { Duration::from_millis(50) };
            let mut export = Export::begin(site, patience).unwrap();
            while matches!(come, Ok(Come::More)) {
                come = export.read();
            }
        });
    });
    come
}

#[test]
fn an_export_that_breaks_off_says_so() {
    const HALF: &[u8] = b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nentry\r\n";
    let bytes = HALF.len();
    let ended = Come::BrokeOff(format!("the connection ended, after {bytes} bytes"));
    assert_eq!(export(HALF, true).unwrap(), ended);
    let silent = Come::BrokeOff(format!("nothing more came in time, after {bytes} bytes"));
    assert_eq!(export(HALF, false).unwrap(), silent);
    let refused = export(b"HTTP/1.1 503 Unavailable\r\ncontent-length: 0\r\n\r\n", true);
    assert!(matches!(refused, Err(TrialError::Answer { .. })), "{refused:?}");
}

#[test]
fn a_silence_begins_with_each_count() {
    let began = Instant::now();
    let after = |seconds| began + Duration::from_secs(seconds);
    let mut silence = Silence::new(began);
    assert_eq!(silence.lasts(0, after(50)), Duration::from_secs(50), "nothing ever came");
    assert_eq!(silence.lasts(7, after(59)), Duration::ZERO);
    assert_eq!(silence.lasts(7, after(119)), SILENCE_MAX);
    assert_eq!(silence.lasts(8, after(120)), Duration::ZERO);
}

#[test]
fn a_metric_that_is_missing_is_no_zero() {
    let text = "# TYPE tidegate_queue gauge\ntidegate_queue 17\ntidegate_queue_of_others 3\n";
    assert_eq!(metric(text, "tidegate_queue").unwrap(), 17);
    for missing in ["tidegate_line", "tidegate_queue_of", "tidegate"] {
        assert!(metric(text, missing).unwrap_err().to_string().contains(missing));
    }
    assert!(metric("tidegate_queue many", "tidegate_queue").is_err());
}
