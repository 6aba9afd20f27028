//! Shifts: phones at counters that were let in by a code.
//!
//! Owns: codes, in memory, until they are used or too old; running shifts, in `counters.json` of
//! the data folder, so that a restart in a shop's morning logs no counter out. Never: writes a code
//! down; keeps a phone's secret, only its SHA-256; reads a clock: time is an argument.
//! Invariants: a code lets one phone in, within ten minutes; a shift ends at its time or when an
//! owner ends it, on every node that reads the file; all codes are compared in constant time.
//! On failure: a file that is exposed or damaged lets no phone in, and says so with a code.

use crate::private_file::{Contents, PrivateFile, PrivateFileError};
use crate::secret;
use identity::codes::SYMBOLS;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use std::fmt::Write as _;
use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};
use subtle::{Choice, ConstantTimeEq as _};
use types::{Millis, limits};

/// 852 thousand million codes.
const CODE_SYMBOLS: usize = 8;
const GROUP: usize = CODE_SYMBOLS / 2;
const HOUR_MILLIS: u64 = 3_600_000;

/// All shifts of a data folder, and the codes that wait.
pub(in super::super) struct Shifts {
    file: PrivateFile<ShiftFile>,
    codes: Mutex<Vec<Waiting>>,
}

/// A shift to be begun.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in super::super) struct NewShift {
    /// Which counter, or who stands at it.
    pub(in super::super) name: String,
    /// Codes of the outlets it hands out for.
    pub(in super::super) outlets: Vec<String>,
    /// The account that made the code.
    pub(in super::super) by: String,
    /// How long it may last from its log-in.
    pub(in super::super) hours: u64,
}

/// A code that was not used yet.
pub(in super::super) struct Waiting {
    /// In memory alone, so that a page that is loaded again shows the code that was read out.
    code: String,
    /// The first moment at which it lets nobody in.
    until: Millis,
    /// Of the form that asked for it: the same again gets the same code; with other words, another
    /// one in its place.
    form: String,
    shift: NewShift,
}

/// A running shift.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in super::super) struct Shift {
    /// Among all that ever were in the file.
    pub(in super::super) number: u64,
    /// See [`NewShift::name`].
    pub(in super::super) name: String,
    /// See [`NewShift::outlets`].
    pub(in super::super) outlets: Vec<String>,
    /// See [`NewShift::by`].
    pub(in super::super) by: String,
    /// When its phone was let in.
    pub(in super::super) began: Millis,
    /// The first moment at which it is over.
    pub(in super::super) ends: Millis,
    /// Of the phone's secret, in hexadecimal digits.
    sha256: String,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct ShiftFile {
    version: u32,
    /// The number of the next shift.
    next: u64,
    shifts: Vec<Shift>,
}

impl Default for ShiftFile {
    fn default() -> Self {
        Self { version: Self::VERSION, next: 1, shifts: Vec::new() }
    }
}

impl Contents for ShiftFile {
    const FILE: &'static str = "counters.json";
    const VERSION: u32 = 1;

    fn version(&self) -> u32 {
        self.version
    }
}

/// Why a shift does not begin or end.
#[derive(Debug, thiserror::Error)]
pub(in super::super) enum ShiftError {
    /// The file is exposed, damaged or unreadable.
    #[error(transparent)]
    File(#[from] PrivateFileError),
    /// As many run as may.
    #[error("there are {} running shifts, which is the limit", limits::COUNTER_SHIFTS_MAX)]
    TooMany,
    /// The system gives no randomness.
    #[error("the system gives no randomness: {0}")]
    Random(getrandom::Error),
}

impl ShiftError {
    /// The stable code, with a page in `docs/errors`.
    pub(in super::super) const fn code(&self) -> &'static str {
        match self {
            Self::File(PrivateFileError::Exposed { .. }) => "counters-exposed",
            Self::File(PrivateFileError::Damaged { .. }) => "counters-damaged",
            Self::File(PrivateFileError::Disk { .. }) => "counters-unreadable",
            Self::TooMany => "counters-full",
            Self::Random(_) => "failed",
        }
    }
}

impl Shifts {
    /// The shifts of a data folder, which exists.
    pub(in super::super) fn new(folder: &Path) -> Self {
        Self { file: PrivateFile::new(folder), codes: Mutex::default() }
    }

    /// A code that begins a shift, written as `ABCD-EFGH`, and when it no longer does.
    pub(in super::super) fn offer(
        &self,
        shift: NewShift,
        form: &str,
        now: Millis,
    ) -> Result<(String, Millis), getrandom::Error> {
        let mut codes = self.codes();
        codes.retain(|other| now < other.until && (other.form != form || other.shift == shift));
        if let Some(same) = codes.iter().find(|other| other.form == form) {
            return Ok((grouped(&same.code), same.until));
        }
        let code = new_code()?;
        let until = now.plus(limits::COUNTER_CODE_MILLIS_MAX);
        if limits::COUNTER_CODES_MAX <= codes.len() {
            codes.remove(0);
        }
        let shown = grouped(&code);
        codes.push(Waiting { code, until, form: form.to_owned(), shift });
        Ok((shown, until))
    }

    /// A code as somebody typed it, which lets nobody in again unless its shift does not begin.
    pub(in super::super) fn take(&self, typed: &str, now: Millis) -> Option<Waiting> {
        let typed: String = typed.chars().filter(|c| !c.is_whitespace() && *c != '-').collect();
        let sha256 = digest(&typed.to_ascii_uppercase());
        let mut codes = self.codes();
        codes.retain(|code| now < code.until);
        let mut found = None;
        for (place, code) in codes.iter().enumerate() {
            // Every one is looked at, whichever it is.
            let is_it: Choice = digest(&code.code).ct_eq(&sha256);
            if bool::from(is_it) {
                found = Some(place);
            }
        }
        found.map(|place| codes.remove(place))
    }

    /// Begins the shift of a code, and gives the secret of its phone.
    ///
    /// # Errors
    /// As [`ShiftError`] says; the code then lets a phone in as before.
    pub(in super::super) fn begin(
        &self,
        waiting: Waiting,
        now: Millis,
    ) -> Result<(String, Shift), ShiftError> {
        let begun = self.start(waiting.shift.clone(), now);
        if begun.is_err() {
            self.codes().push(waiting);
        }
        begun
    }

    fn start(&self, new: NewShift, now: Millis) -> Result<(String, Shift), ShiftError> {
        assert!(new.hours <= limits::COUNTER_SHIFT_HOURS_MAX, "the form was checked");
        let secret = secret::random().map_err(ShiftError::Random)?;
        let shift = self.file.change(|ShiftFile { next, shifts, .. }| {
            shifts.retain(|shift| now < shift.ends);
            if limits::COUNTER_SHIFTS_MAX <= shifts.len() {
                return Err(ShiftError::TooMany);
            }
            let NewShift { name, outlets, by, hours } = new;
            let (number, began, ends) = (*next, now, now.plus(hours * HOUR_MILLIS));
            let sha256 = hex(&digest(&secret));
            let shift = Shift { number, name, outlets, by, began, ends, sha256 };
            *next += 1;
            shifts.push(shift.clone());
            Ok(shift)
        })?;
        Ok((secret, shift))
    }

    /// The running shift of a phone's secret.
    pub(in super::super) fn find(
        &self,
        secret: &str,
        now: Millis,
    ) -> Result<Option<Shift>, ShiftError> {
        let sha256 = hex(&digest(secret));
        let file = self.file.read()?;
        let is_it = |shift: &&Shift| {
            now < shift.ends && bool::from(shift.sha256.as_bytes().ct_eq(sha256.as_bytes()))
        };
        Ok(file.shifts.iter().find(is_it).cloned())
    }

    /// The running shifts, in the order in which they began.
    pub(in super::super) fn list(&self, now: Millis) -> Result<Vec<Shift>, ShiftError> {
        let file = self.file.read()?;
        Ok(file.shifts.iter().filter(|shift| now < shift.ends).cloned().collect())
    }

    /// Ends a shift, which is given if it ran.
    pub(in super::super) fn end(
        &self,
        number: u64,
        now: Millis,
    ) -> Result<Option<Shift>, ShiftError> {
        self.file.change(|ShiftFile { shifts, .. }| {
            let place = shifts.iter().position(|shift| shift.number == number);
            let ended = place.map(|place| shifts.remove(place));
            shifts.retain(|shift| now < shift.ends);
            Ok(ended)
        })
    }

    fn codes(&self) -> MutexGuard<'_, Vec<Waiting>> {
        self.codes.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Symbols from the system's random source, each as likely as any other.
fn new_code() -> Result<String, getrandom::Error> {
    let even = u8::MAX - u8::MAX % SYMBOLS.len() as u8;
    let mut code = String::with_capacity(CODE_SYMBOLS);
    while code.len() < CODE_SYMBOLS {
        let mut bytes = [0; CODE_SYMBOLS];
        getrandom::fill(&mut bytes)?;
        for byte in bytes.into_iter().filter(|byte| *byte < even) {
            if code.len() < CODE_SYMBOLS {
                code.push(char::from(SYMBOLS[usize::from(byte) % SYMBOLS.len()]));
            }
        }
    }
    Ok(code)
}

fn grouped(code: &str) -> String {
    let (front, back) = code.split_at(GROUP);
    format!("{front}-{back}")
}

fn digest(text: &str) -> [u8; 32] {
    Sha256::digest(text.as_bytes()).into()
}

fn hex(bytes: &[u8; 32]) -> String {
    let mut hex = String::with_capacity(64);
    for byte in bytes {
        write!(hex, "{byte:02x}").expect("writing to a string cannot fail");
    }
    hex
}

#[cfg(test)]
mod tests {
    use super::*;

    const START: Millis = Millis(1_900_000_000_000);
    const MINUTE: u64 = 60_000;

    fn new(name: &str) -> NewShift {
        let (name, by, outlets) = (name.to_owned(), "ann".to_owned(), vec!["1001".to_owned()]);
        NewShift { name, outlets, by, hours: 12 }
    }

    fn begin(shifts: &Shifts, name: &str, now: Millis) -> Result<(String, Shift), ShiftError> {
        let (code, _) = shifts.offer(new(name), name, now).unwrap();
        shifts.begin(shifts.take(&code, now).unwrap(), now)
    }

    #[test]
    fn a_code_whose_shift_does_not_begin_is_not_used_up() {
        let folder = tempfile::tempdir().unwrap();
        let shifts = Shifts::new(folder.path());
        for _ in 0..limits::COUNTER_SHIFTS_MAX {
            begin(&shifts, "a", START).unwrap();
        }
        let (code, _) = shifts.offer(new("b"), "form", START).unwrap();
        let waiting = shifts.take(&code, START).unwrap();
        let full = shifts.begin(waiting, START).unwrap_err();
        assert_eq!(full.code(), "counters-full");
        let first = shifts.list(START).unwrap()[0].number;
        shifts.end(first, START).unwrap().unwrap();
        let (_, shift) = shifts.begin(shifts.take(&code, START).unwrap(), START).unwrap();
        assert_eq!(shift.name, "b");
        assert!(shifts.take(&code, START).is_none(), "now it is used");
    }

    #[test]
    fn a_code_lets_one_phone_in_for_ten_minutes() {
        let folder = tempfile::tempdir().unwrap();
        let shifts = Shifts::new(folder.path());
        let take = |code: &str, now| shifts.take(code, now).map(|waiting| waiting.shift);
        let (code, until) = shifts.offer(new("a"), "form 1", START).unwrap();
        assert_eq!((code.len(), until), (9, START.plus(10 * MINUTE)));
        assert!(code.replace('-', "").bytes().all(|symbol| SYMBOLS.contains(&symbol)), "{code}");
        assert_eq!(take("2222-2222", START), None);
        let typed = code.to_lowercase().replace('-', " ");
        assert_eq!(take(&typed, START.plus(10 * MINUTE - 1)), Some(new("a")));
        assert_eq!(take(&code, START.plus(10 * MINUTE - 1)), None, "once");
        let (code, _) = shifts.offer(new("b"), "form 2", START).unwrap();
        assert_eq!(take(&code, START.plus(10 * MINUTE)), None, "too old");
        let [(first, _), (second, _)] =
            ["c", "d"].map(|name| shifts.offer(new(name), "form 3", START).unwrap());
        assert_eq!(take(&first, START), None, "the form came again");
        assert_eq!(take(&second, START), Some(new("d")));
        let [(first, until), again] =
            [0, MINUTE].map(|past| shifts.offer(new("d"), "form 4", START.plus(past)).unwrap());
        assert_eq!(again, (first, until), "the page was loaded again");
        let (oldest, _) = shifts.offer(new("e"), "oldest", START).unwrap();
        for number in 0..limits::COUNTER_CODES_MAX {
            shifts.offer(new("f"), &number.to_string(), START).unwrap();
        }
        assert_eq!(take(&oldest, START), None, "no room for it");
    }

    #[test]
    fn a_shift_lasts_as_long_as_it_was_given_also_in_the_next_process() {
        let folder = tempfile::tempdir().unwrap();
        let (secret, shift) = begin(&Shifts::new(folder.path()), "a", START).unwrap();
        let file = std::fs::read_to_string(folder.path().join("counters.json")).unwrap();
        assert!(!file.contains(&secret), "only a hash of it is kept");
        let shifts = Shifts::new(folder.path());
        let late = START.plus(12 * HOUR_MILLIS - 1);
        assert_eq!(shifts.find(&secret, late).unwrap(), Some(shift.clone()));
        assert_eq!(shifts.find("another", late).unwrap(), None);
        assert_eq!(shifts.find(&secret, late.plus(1)).unwrap(), None);
        assert!(shifts.list(late).unwrap() == [shift.clone()]);
        assert_eq!(shifts.end(shift.number + 1, late).unwrap(), None);
        assert_eq!(shifts.end(shift.number, late).unwrap(), Some(shift.clone()));
        assert_eq!(shifts.find(&secret, late).unwrap(), None);
        let (_, next) = begin(&shifts, "b", late).unwrap();
        assert!(shift.number < next.number, "a number names one shift for ever");
    }
}
