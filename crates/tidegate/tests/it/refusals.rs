//! What cannot be served: each case its code, its exit code, and nothing changed.

use crate::support::{Program, free_addresses, run, tidegate};
use std::fs;
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::{Command, Output};

fn serve(data: &Path) -> Output {
    let (public, operator) = free_addresses();
    tidegate(&["serve", "--data"])
        .arg(data)
        .args(["--listen", &public.to_string(), "--operator-listen", &operator.to_string()])
        .output()
        .unwrap()
}

#[track_caller]
pub(crate) fn check(output: &Output, code: &str, exit: i32) {
    let words = String::from_utf8_lossy(&output.stderr);
    assert!(words.contains(&format!("error[{code}]")), "{words}");
    assert!(words.contains(&format!("see docs/errors/{code}.md")), "{words}");
    assert_eq!(output.status.code(), Some(exit), "{words}");
    let page = format!("{}/../../docs/errors/{code}.md", env!("CARGO_MANIFEST_DIR"));
    assert!(Path::new(&page).is_file(), "{code} has a page");
}

/// A data folder with a campaign in it, not in use.
fn made(folder: &Path) -> std::path::PathBuf {
    let data = folder.join("data");
    let program = Program::start(&data, free_addresses());
    program.open_campaign();
    program.stop();
    data
}

#[test]
fn a_port_that_is_taken() {
    let folder = tempfile::tempdir().unwrap();
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let data = folder.path().join("data");
    let data_text = data.to_str().unwrap();
    let listen = ["--listen", &address, "--operator-listen", "127.0.0.1:0"];
    let output = run(&[&["serve", "--data", data_text], &listen[..]].concat());
    check(&output, "address-in-use", 75);
    assert!(!data.exists(), "nothing was made");
}

#[test]
fn one_address_for_both_listeners() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let port = free_addresses().0.port();
    let addresses = |host: &str| format!("{host}:{port}");
    for (public, operator) in [("127.0.0.1", "127.0.0.1"), ("0.0.0.0", "127.0.0.1")] {
        let (public, operator) = (addresses(public), addresses(operator));
        let listen = ["--listen", &public, "--operator-listen", &operator];
        let output = run(&[&["serve", "--data", data.to_str().unwrap()], &listen[..]].concat());
        check(&output, "configuration", 78);
        let words = String::from_utf8_lossy(&output.stderr);
        assert!(words.contains(&public) && words.contains("--operator-listen"), "{words}");
        assert!(!words.contains("another program"), "{words}");
    }
    assert!(!data.exists(), "nothing was made");
}

#[test]
fn a_folder_in_use() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let program = Program::start(&data, free_addresses());
    check(&serve(&data), "data-in-use", 75);
    program.stop();
}

#[test]
fn a_folder_of_something_else_or_of_a_newer_release() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("thesis.txt"), "precious").unwrap();
    check(&serve(folder.path()), "data-not-tidegate", 65);

    let data = made(folder.path());
    let format = data.join("FORMAT");
    let text = fs::read_to_string(&format).unwrap();
    fs::write(&format, text.replacen('1', "9", 1)).unwrap();
    check(&serve(&data), "data-newer", 65);
}

#[test]
fn a_damaged_journal() {
    let folder = tempfile::tempdir().unwrap();
    let data = made(folder.path());
    let segment = data.join("journal/00000000000000000001.seg");
    let mut bytes = fs::read(&segment).unwrap();
    // Inside the first frame, which holds the campaign and has frames after it.
    bytes[4_096 + 500] ^= 1;
    fs::write(&segment, &bytes).unwrap();
    check(&serve(&data), "journal-damaged", 65);
    assert_eq!(fs::read(&segment).unwrap(), bytes, "nothing was cut");
    let verified = run(&["journal", "verify", "--data", data.to_str().unwrap()]);
    check(&verified, "journal-damaged", 65);
}

#[test]
fn keys_that_are_missing_exposed_or_others() {
    let folder = tempfile::tempdir().unwrap();
    let data = made(folder.path());
    let key = data.join("keys/master.key");
    for exposed in [&key, &data.join("keys/ring.json")] {
        fs::set_permissions(exposed, fs::Permissions::from_mode(0o644)).unwrap();
        check(&serve(&data), "key-file-exposed", 78);
        fs::set_permissions(exposed, fs::Permissions::from_mode(0o600)).unwrap();
    }

    let right = fs::read_to_string(&key).unwrap();
    fs::write(&key, format!("{}\n", "5a".repeat(32))).unwrap();
    check(&serve(&data), "key-wrong", 78);

    fs::remove_file(&key).unwrap();
    check(&serve(&data), "key-file-missing", 78);
    fs::write(&key, right).unwrap();
    fs::set_permissions(&key, fs::Permissions::from_mode(0o600)).unwrap();
    Program::start(&data, free_addresses()).stop();
}

#[test]
fn a_configuration_with_a_typo() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("tidegate.toml");
    fs::write(&file, "lisen = \"127.0.0.1:1\"\n").unwrap();
    let data = folder.path().join("data");
    let output =
        run(&["serve", "--data", data.to_str().unwrap(), "--config", file.to_str().unwrap()]);
    check(&output, "configuration", 78);
    let words = String::from_utf8_lossy(&output.stderr);
    assert!(words.contains("lisen") && words.contains("listen"), "{words}");
}

#[test]
fn a_segment_larger_than_can_be_read() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("tidegate.toml");
    fs::write(&file, "segment_megabytes = 16385\n").unwrap();
    let data = folder.path().join("data");
    let output =
        run(&["serve", "--data", data.to_str().unwrap(), "--config", file.to_str().unwrap()]);
    check(&output, "configuration", 78);
    assert!(String::from_utf8_lossy(&output.stderr).contains("at most 16384"));
}

#[test]
fn health_tells_ready_from_not() {
    let folder = tempfile::tempdir().unwrap();
    let program = Program::start(&folder.path().join("data"), free_addresses());
    let url = format!("http://{}/readyz", program.public);
    assert!(run(&["health", "--url", &url]).status.success());
    program.stop();
    check(&run(&["health", "--url", &url]), "not-ready", 1);
}

/// A command that may read the folder and write nothing in it, whoever runs the tests: root is
/// refused nothing, so the program runs as nobody then.
pub(crate) fn as_a_reader(folder: &Path) -> Command {
    let program = folder.join("tidegate");
    fs::copy(env!("CARGO_BIN_EXE_tidegate"), &program).unwrap();
    fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).unwrap();
    let mut command = Command::new(program);
    command.env_remove("TIDEGATE_TOKEN").env_remove("TIDEGATE_MASTER_KEY");
    if rustix::process::geteuid().is_root() {
        command.uid(65_534).gid(65_534);
    }
    command
}

/// Makes everything in a folder readable for all and writable for nobody, or writable again.
pub(crate) fn set_modes(path: &Path, file: u32, folder: u32) {
    fs::set_permissions(path, fs::Permissions::from_mode(folder)).unwrap();
    for entry in fs::read_dir(path).unwrap() {
        let entry = entry.unwrap().path();
        if entry.is_dir() {
            set_modes(&entry, file, folder);
        } else {
            fs::set_permissions(&entry, fs::Permissions::from_mode(file)).unwrap();
        }
    }
}

#[test]
fn a_folder_that_can_only_be_read() {
    let folder = tempfile::tempdir().unwrap();
    fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755)).unwrap();
    let data = made(folder.path());
    set_modes(&data, 0o444, 0o555);
    let (public, operator) = free_addresses();
    let output = as_a_reader(folder.path())
        .args(["serve", "--data"])
        .arg(&data)
        .args(["--listen", &public.to_string(), "--operator-listen", &operator.to_string()])
        .output()
        .unwrap();
    check(&output, "data-read-only", 78);
    let words = String::from_utf8_lossy(&output.stderr);
    assert_eq!(words.matches("ermission denied").count(), 1, "{words}");
    let mut verify = as_a_reader(folder.path());
    let verified = verify.args(["journal", "verify", "--data"]).arg(&data).output().unwrap();
    assert!(verified.status.success(), "verifying only reads: {verified:?}");
    set_modes(&data, 0o600, 0o700);
    Program::start(&data, free_addresses()).stop();
}

#[test]
fn a_folder_that_cannot_be_made() {
    // Nobody makes folders among the kernel's, not even root.
    check(&serve(Path::new("/sys/tidegate-data")), "data-read-only", 78);
    let folder = tempfile::tempdir().unwrap();
    check(&serve(&folder.path().join("typo/data")), "data-missing", 78);
    let file = folder.path().join("file");
    fs::write(&file, "").unwrap();
    check(&serve(&file), "data-not-tidegate", 65);
}

#[test]
fn a_key_ring_older_than_the_campaign() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let ring = data.join("keys/ring.json");
    let program = Program::start(&data, free_addresses());
    let older = fs::read(&ring).unwrap();
    program.open_campaign();
    program.stop();
    let right = fs::read(&ring).unwrap();
    fs::write(&ring, older).unwrap();

    let log = folder.path().join("log");
    let program = Program::start_logged(&data, free_addresses(), &log);
    let (status, told) = program.enter("one");
    assert_eq!(status, 503, "{told}");
    assert!(told.contains("\"code\":\"keys-missing\""), "{told}");
    program.stop();
    let logged = fs::read_to_string(&log).unwrap();
    assert!(logged.contains("keys-missing"), "{logged}");

    fs::write(&ring, right).unwrap();
    let program = Program::start(&data, free_addresses());
    assert_eq!(program.enter("one").0, 201, "nothing is lost");
    program.stop();
}

#[test]
fn tokens_that_others_can_read() {
    let folder = tempfile::tempdir().unwrap();
    let data = made(folder.path());
    let tokens = data.join("tokens.json");
    fs::set_permissions(&tokens, fs::Permissions::from_mode(0o644)).unwrap();
    let log = folder.path().join("log");
    Program::start_logged(&data, free_addresses(), &log).stop();
    let logged = fs::read_to_string(&log).unwrap();
    let warned = logged.lines().any(|line| {
        line.contains("WARN") && line.contains("tokens-exposed") && line.contains("chmod 600")
    });
    assert!(warned, "{logged}");
}

#[test]
fn folders_that_others_can_write_in() {
    let folder = tempfile::tempdir().unwrap();
    let data = made(folder.path());
    let log = folder.path().join("log");
    let warned = || {
        Program::start_logged(&data, free_addresses(), &log).stop();
        let logged = fs::read_to_string(&log).unwrap();
        let told = logged.lines().filter(|line| line.contains("data-exposed"));
        told.map(|line| line.split_once(" the folder ").unwrap().1.to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(warned(), [] as [&str; 0], "a folder as it is made gives no reason");
    for (name, mode, remedy) in
        [("", 0o777, "go-w"), ("journal", 0o720, "go-w"), ("keys", 0o750, "700")]
    {
        let exposed = data.join(name);
        let before = fs::metadata(&exposed).unwrap().permissions();
        fs::set_permissions(&exposed, fs::Permissions::from_mode(mode)).unwrap();
        let [line] = &warned()[..] else { panic!("one warning for {name}") };
        assert!(line.starts_with(exposed.to_str().unwrap().trim_end_matches('/')), "{line}");
        assert!(line.contains(&format!("mode {mode:04o}")), "{line}");
        assert!(line.contains(&format!("chmod {remedy}")), "{line}");
        fs::set_permissions(&exposed, before).unwrap();
    }
}

#[test]
fn a_stop_right_after_the_start_is_in_order() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    // It must hear the signal before anybody can see that it serves.
    for _ in 0..8 {
        Program::start(&data, free_addresses()).stop();
    }
}
