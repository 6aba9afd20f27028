//! The `static` chore: the program as one file that needs nothing beside it, for a notary's
//! computer that is never online.
//!
//! Owns: which toolchain makes it, the look at its headers that says that it needs no library, and
//! its digest. Never: fetches a toolchain.
//! On failure: says what the file still needs; nothing is left in `target/static` then.

use crate::test::machine;
use crate::test::step::{self, Ending};
use anyhow::{Context as _, Result, bail, ensure};
use sha2::{Digest as _, Sha256};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Everything is built anew, as released.
const BUILD_MINUTES_MAX: u64 = 90;
const RUN_MINUTES_MAX: u64 = 5;

/// What is built.
#[derive(Debug, clap::Args)]
pub struct Options {
    /// The profile to build with; `dist` is what is shipped, `release` is made sooner
    #[arg(long, default_value = "dist")]
    profile: String,
}

/// How a static program is made here.
struct Way {
    /// Another than cargo's own, if there is one.
    target: Option<String>,
    /// Asked of the last step alone, which links: the libraries stay as they are, and so does
    /// what runs while they are built.
    flags: &'static [&'static str],
}

/// Builds it and looks at it; true when it needs nothing.
///
/// # Errors
/// When it cannot be built, or needs something.
pub fn run(options: &Options) -> Result<bool> {
    let Way { target, flags } = way()?;
    let mut build = crate::cargo();
    build.args(["rustc", "--locked", "--package", "tidegate", "--bin", "tidegate"]);
    build.args(["--profile", &options.profile]);
    let mut place = crate::target();
    if let Some(target) = &target {
        build.args(["--target", target]);
        place.push(target);
    }
    build.arg("--").args(flags);
    let ending = step::show(build, BUILD_MINUTES_MAX, |_| ())?;
    ensure!(ending == Ending::Success, "the program cannot be built: {ending}");
    // Cargo calls the folder of this one profile otherwise.
    let folder = if options.profile == "dev" { "debug" } else { &options.profile };
    let built = place.join(folder).join("tidegate");
    let bytes = fs::read(&built).with_context(|| format!("{}", built.display()))?;
    if let Some(needed) = needs(&bytes)? {
        bail!("{} is not static: it needs {needed}", built.display());
    }
    let place = crate::target().join("static");
    fs::create_dir_all(&place).with_context(|| format!("{}", place.display()))?;
    let program = place.join("tidegate");
    fs::copy(&built, &program).with_context(|| format!("{}", program.display()))?;
    let digest = fingerprint(&bytes);
    println!("{}: {} bytes; it needs nothing beside it", program.display(), bytes.len());
    println!("SHA-256  {digest}");
    names_itself(&program, &place.join("rehearsal"), &digest)
}

/// Musl where its library and its C compiler are here; else the system's library, linked in.
fn way() -> Result<Way> {
    let arch = std::env::consts::ARCH;
    let musl = format!("{arch}-unknown-linux-musl");
    let mut ask = Command::new("rustc");
    let said = ask.args(["--print", "sysroot"]).output().context("rustc could not be asked")?;
    let sysroot = PathBuf::from(String::from_utf8_lossy(&said.stdout).trim());
    let has_library = sysroot.join("lib/rustlib").join(&musl).is_dir();
    let has_compiler = machine::find("musl-gcc").is_some();
    if has_library && has_compiler {
        return Ok(Way { target: Some(musl), flags: &[] });
    }
    println!("{musl} is not whole here: the system's C library is linked in instead");
    Ok(Way { target: None, flags: &["-C", "target-feature=+crt-static"] })
}

/// Rehearses a small draw with the program, whose seal must name it by its digest.
fn names_itself(program: &Path, home: &Path, digest: &str) -> Result<bool> {
    if home.exists() {
        fs::remove_dir_all(home).with_context(|| format!("{} not removed", home.display()))?;
    }
    let mut rehearse = Command::new(program);
    rehearse.args(["draw", "rehearse", "--people", "1000", "--folder"]).arg(home);
    let mut is_told = false;
    let line = format!("program  {digest}");
    let ending =
        step::show(rehearse, RUN_MINUTES_MAX, |told| is_told |= told.trim_start() == line)?;
    let is_right = ending == Ending::Success && is_told;
    println!(
        "a rehearsal with it: {ending}; its seal names {}",
        if is_told { "this very file" } else { "another program" }
    );
    Ok(is_right)
}

/// A digest in groups of four digits, as it is read aloud.
fn fingerprint(bytes: &[u8]) -> String {
    let digest = Sha256::digest(bytes);
    let groups: Vec<_> =
        digest.chunks(2).map(|pair| format!("{:02x}{:02x}", pair[0], pair[1])).collect();
    groups.join(" ")
}

/// What a program for 64-bit machines needs beside itself, by its headers (ELF-64, the parts of a
/// program): a loader, or libraries. Nothing if it is static.
///
/// # Errors
/// When the bytes are no such program.
pub fn needs(program: &[u8]) -> Result<Option<&'static str>> {
    // Of ELF: 64 bits, the lower byte first.
    ensure!(program.starts_with(b"\x7fELF\x02\x01"), "not a program for a 64-bit machine");
    let (interpreter, dynamic, needed) = (3, 2, 1);
    let parts = number::<8>(program, 32)?;
    let (size, count) = (number::<2>(program, 54)?, number::<2>(program, 56)?);
    for part in (0..count).map(|part| parts + part * size) {
        let kind = number::<4>(program, part)?;
        if kind == interpreter {
            return Ok(Some("a loader of the system"));
        }
        if kind == dynamic {
            let (start, length) =
                (number::<8>(program, part + 8)?, number::<8>(program, part + 32)?);
            for row in (start..start + length).step_by(16) {
                if number::<8>(program, row)? == needed {
                    return Ok(Some("a library of the system"));
                }
            }
        }
    }
    Ok(None)
}

/// The `N` bytes at `at`, as a number.
fn number<const N: usize>(bytes: &[u8], at: u64) -> Result<u64> {
    let found = usize::try_from(at).ok().and_then(|at| bytes.get(at..)?.first_chunk::<N>());
    let found = found.context("the program's headers point behind its end")?;
    Ok(found.iter().rev().fold(0, |number, byte| number << 8 | u64::from(*byte)))
}
