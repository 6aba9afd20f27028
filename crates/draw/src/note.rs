//! Signed notes (C2SP signed-note) and the checkpoint (C2SP tlog-checkpoint).
//!
//! Owns: how a note is parted into text and signatures, Ed25519 over the text, key names and ids.
//! Never: takes a text for true that nobody asked it to verify.
//! Invariants: what is signed is the text with its last line feed, without signatures; what is
//! taken, and what is not, is the rule of `docs/draw-format.md`, which every program that checks a
//! draw must keep alike, so that nobody can sign what one takes and another refuses.

use crate::hash::{Digest, ascii, hex};
use crate::stock::decimal;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ed25519_dalek::{Signature, Signer as _};
use std::fmt;
use std::str::FromStr;
use types::limits;
use zeroize::Zeroizing;

/// The kind of an Ed25519 key, in key ids and published keys.
const ED25519: u8 = 1;
/// Before a key that nobody else may have.
const PRIVATE: &str = "PRIVATE+KEY+";
/// Before each signature: an em dash and a space.
const MARK: &str = "— ";

/// A text and what was signed under it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Note {
    text: String,
    signatures: Vec<NoteSignature>,
}

#[derive(Clone, PartialEq, Eq, Debug)]
struct NoteSignature {
    name: String,
    id: [u8; 4],
    bytes: Vec<u8>,
}

/// Somebody's key, as it is published: `name+id+key`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct VerifyingKey {
    name: String,
    key: ed25519_dalek::VerifyingKey,
}

/// Somebody's key to sign with.
pub struct SigningKey {
    name: String,
    key: ed25519_dalek::SigningKey,
}

/// Why a note is not taken.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum NoteProblem {
    /// No signed note at all.
    #[error("not a signed note: a text in lines, an empty line, and signature lines")]
    Shape,
    /// Something in the text that no editor shows, or that is no ASCII.
    #[error("the text of a note is printable ASCII, in lines that end in a line feed alone")]
    NotAscii {
        /// Its line in the file, from 1.
        line: usize,
    },
    /// More than a note may hold.
    #[error(
        "longer than a signed note may be: {} bytes and {} signatures at most",
        limits::DRAW_NOTE_BYTES_MAX,
        limits::DRAW_SIGNATURES_MAX
    )]
    TooLong,
    /// One name and key twice: which of the two counted would be anybody's guess.
    #[error("the note has two signature lines of {name} with the same key id")]
    Twice {
        /// Whose.
        name: String,
        /// The line of the second in the file, from 1.
        line: usize,
    },
    /// A signature line that is none.
    #[error("signature {number} of the note is not of the form `— name base64`")]
    Signature {
        /// The how manieth, from 1.
        number: usize,
        /// Its line in the file, from 1.
        line: usize,
    },
    /// Nobody of that name and key has signed.
    #[error("the note has no signature of {0}")]
    NotSigned(String),
    /// A signature that does not fit the text.
    #[error("the signature of {name} does not fit: the text was changed, or another key signed it")]
    Wrong {
        /// Whose.
        name: String,
        /// Its line in the file, from 1.
        line: usize,
    },
    /// A checkpoint that is none.
    #[error("the note is no checkpoint: the draw's name, the number of entries, a base64 root")]
    NoCheckpoint,
}

impl NoteProblem {
    /// The line of the file that it is with, from 1; nothing if it is with the note as a whole.
    #[must_use]
    pub const fn line(&self) -> Option<usize> {
        match self {
            Self::NotAscii { line }
            | Self::Twice { line, .. }
            | Self::Signature { line, .. }
            | Self::Wrong { line, .. } => Some(*line),
            Self::Shape | Self::TooLong | Self::NotSigned(_) | Self::NoCheckpoint => None,
        }
    }
}

/// Why a text is no key.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error(
    "not a key: `name+8 hex digits+base64` of an Ed25519 key, where the digits fit name and key"
)]
pub struct NotAKey;

impl Note {
    /// Signs `text`, which ends in a line feed, by each of `keys`.
    ///
    /// # Panics
    /// When `text` is not lines that a note can hold: ours are.
    #[must_use]
    pub fn sign(text: String, keys: &[&SigningKey]) -> Self {
        assert!(is_text(&text), "what we sign is lines of printable text");
        let signatures = keys.iter().map(|key| key.sign(&text)).collect();
        Self { text, signatures }
    }

    /// Reads a note. Nothing is verified by that.
    ///
    /// # Errors
    /// When it is not parted as a note is.
    pub fn read(note: &str) -> Result<Self, NoteProblem> {
        if limits::DRAW_NOTE_BYTES_MAX < note.len() {
            return Err(NoteProblem::TooLong);
        }
        let (text, signatures) = note.rsplit_once("\n\n").ok_or(NoteProblem::Shape)?;
        let text = format!("{text}\n");
        let signatures = signatures.strip_suffix('\n').ok_or(NoteProblem::Shape)?;
        if let Some(at) = text.bytes().position(|byte| !may_stand(byte)) {
            return Err(NoteProblem::NotAscii { line: text[..at].matches('\n').count() + 1 });
        }
        let signatures: Vec<_> = signatures.split('\n').collect();
        if limits::DRAW_SIGNATURES_MAX < signatures.len() {
            return Err(NoteProblem::TooLong);
        }
        let read = |(place, line)| {
            let problem =
                || NoteProblem::Signature { number: place + 1, line: signature_line(&text, place) };
            NoteSignature::read(line).ok_or_else(problem)
        };
        let signatures: Vec<NoteSignature> =
            signatures.into_iter().enumerate().map(read).collect::<Result<_, _>>()?;
        for (place, one) in signatures.iter().enumerate() {
            if signatures[..place].iter().any(|other| other.is_of_same_key(one)) {
                let line = signature_line(&text, place);
                return Err(NoteProblem::Twice { name: one.name.clone(), line });
            }
        }
        Ok(Self { text, signatures })
    }

    /// The text, with its last line feed.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The digest of the text, by which a later event names this one.
    #[must_use]
    pub fn digest(&self) -> Digest {
        Digest::of(self.text.as_bytes())
    }

    /// The names under the note; nothing says that they are true.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.signatures.iter().map(|signature| signature.name.as_str())
    }

    /// Adds a signature, such as a notary's; one that is there already stays alone.
    pub fn cosign(&mut self, key: &SigningKey) {
        let signature = key.sign(&self.text);
        if !self.signatures.contains(&signature) {
            self.signatures.push(signature);
        }
    }

    /// Whether it says what `other` says and has every signature of it, perhaps among more.
    #[must_use]
    pub fn includes(&self, other: &Self) -> bool {
        self.text == other.text && other.signatures.iter().all(|one| self.signatures.contains(one))
    }

    /// Whether `key` has signed the text.
    ///
    /// # Errors
    /// When it has not, or something else.
    pub fn verify(&self, key: &VerifyingKey) -> Result<(), NoteProblem> {
        let id = key.id();
        let is_own = |one: &NoteSignature| one.name == key.name && one.id == id;
        let place = self.signatures.iter().position(is_own);
        let place = place.ok_or_else(|| NoteProblem::NotSigned(key.name.clone()))?;
        let signature = Signature::from_slice(&self.signatures[place].bytes);
        // `verify_strict` is the rule of the format: no S beyond the order, no point of small
        // order, no cofactor. That the key is written in its one way was seen when it was read.
        signature
            .and_then(|signature| key.key.verify_strict(self.text.as_bytes(), &signature))
            .map_err(|_| {
                let line = signature_line(&self.text, place);
                NoteProblem::Wrong { name: key.name.clone(), line }
            })
    }
}

/// The note as a file.
impl fmt::Display for Note {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", self.text)?;
        for NoteSignature { name, id, bytes } in &self.signatures {
            let signature = STANDARD.encode([&id[..], bytes].concat());
            writeln!(f, "{MARK}{name} {signature}")?;
        }
        Ok(())
    }
}

impl NoteSignature {
    fn read(line: &str) -> Option<Self> {
        let (name, signature) = line.strip_prefix(MARK)?.split_once(' ')?;
        let signature = STANDARD.decode(signature).ok()?;
        let (id, bytes) = signature.split_first_chunk()?;
        let is_whole = is_key_name(name) && !bytes.is_empty();
        is_whole.then(|| Self { name: name.to_owned(), id: *id, bytes: bytes.to_vec() })
    }

    fn is_of_same_key(&self, other: &Self) -> bool {
        (&self.name, self.id) == (&other.name, other.id)
    }
}

impl VerifyingKey {
    /// Whose it is.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    fn id(&self) -> [u8; 4] {
        let Digest(hash) =
            Digest::of_parts(&[self.name.as_bytes(), b"\n", &[ED25519], self.key.as_bytes()]);
        let (id, _) = hash.split_first_chunk().expect("a digest has more than four bytes");
        *id
    }
}

impl fmt::Display for VerifyingKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let id: [u8; 8] = hex(&self.id());
        let key = STANDARD.encode([&[ED25519], &self.key.as_bytes()[..]].concat());
        write!(f, "{}+{}+{key}", self.name, ascii(&id))
    }
}

impl FromStr for VerifyingKey {
    type Err = NotAKey;

    fn from_str(text: &str) -> Result<Self, NotAKey> {
        let read = || {
            // The key's base64 may hold a plus, too.
            let (name, rest) = text.split_once('+')?;
            let (_, key) = rest.split_once('+')?;
            let key = STANDARD.decode(key).ok()?;
            let key = key.strip_prefix(&[ED25519])?.try_into().ok()?;
            let is_written_once = is_below_prime(&key);
            let key = ed25519_dalek::VerifyingKey::from_bytes(&key).ok()?;
            let is_good = is_key_name(name) && is_written_once && !key.is_weak();
            is_good.then(|| Self { name: name.to_owned(), key })
        };
        read().filter(|key| key.to_string() == text).ok_or(NotAKey)
    }
}

impl SigningKey {
    /// The key of 32 bytes that nobody else has.
    ///
    /// # Errors
    /// When `name` cannot stand in a signature.
    pub fn new(name: &str, secret: &Zeroizing<[u8; 32]>) -> Result<Self, NotAKey> {
        let key = ed25519_dalek::SigningKey::from_bytes(secret);
        is_key_name(name).then(|| Self { name: name.to_owned(), key }).ok_or(NotAKey)
    }

    /// The key as a file: `PRIVATE+KEY+name+id+base64`, as other programs that sign notes keep it.
    #[must_use]
    pub fn write(&self) -> Zeroizing<String> {
        let id: [u8; 8] = hex(&self.verifying().id());
        let key = Zeroizing::new([&[ED25519], &self.key.as_bytes()[..]].concat());
        let key = Zeroizing::new(STANDARD.encode(&*key));
        Zeroizing::new(format!("{PRIVATE}{}+{}+{}\n", self.name, ascii(&id), *key))
    }

    /// Reads a key's file.
    ///
    /// # Errors
    /// When it is none. It is not repeated.
    pub fn read(text: &str) -> Result<Self, NotAKey> {
        let read = || {
            let (name, rest) = text.strip_prefix(PRIVATE)?.split_once('+')?;
            let (_, key) = rest.strip_suffix('\n')?.split_once('+')?;
            let key = Zeroizing::new(STANDARD.decode(key).ok()?);
            let key = Zeroizing::new(key.strip_prefix(&[ED25519])?.try_into().ok()?);
            Self::new(name, &key).ok()
        };
        read().filter(|key| *key.write() == text).ok_or(NotAKey)
    }

    /// What others verify with.
    #[must_use]
    pub fn verifying(&self) -> VerifyingKey {
        VerifyingKey { name: self.name.clone(), key: self.key.verifying_key() }
    }

    fn sign(&self, text: &str) -> NoteSignature {
        let bytes = self.key.sign(text.as_bytes()).to_bytes().to_vec();
        NoteSignature { name: self.name.clone(), id: self.verifying().id(), bytes }
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SigningKey({}, ..)", self.name)
    }
}

/// The signed head of the tree.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Checkpoint {
    /// Which list it is of: the draw's name.
    pub origin: String,
    /// How many lines the list has.
    pub size: u64,
    /// The root of the tree over them.
    pub root: Digest,
}

impl Checkpoint {
    /// The text that is signed.
    #[must_use]
    pub fn text(&self) -> String {
        format!("{}\n{}\n{}\n", self.origin, self.size, STANDARD.encode(self.root.0))
    }

    /// Reads a checkpoint of a note that holds nothing else.
    ///
    /// # Errors
    /// When it is none.
    pub fn read(note: &Note) -> Result<Self, NoteProblem> {
        let read = || {
            let mut lines = note.text.strip_suffix('\n')?.split('\n');
            let origin = lines.next().filter(|origin| !origin.is_empty())?.to_owned();
            let size = decimal(lines.next()?.as_bytes())?;
            let root = STANDARD.decode(lines.next()?).ok()?.try_into().ok()?;
            lines.next().is_none().then_some(Self { origin, size, root: Digest(root) })
        };
        read().ok_or(NoteProblem::NoCheckpoint)
    }
}

/// Whether an encoded point's y is below the prime 2^255 - 19, so that nothing else encodes it.
fn is_below_prime(point: &[u8; 32]) -> bool {
    let [first, middle @ .., last] = point;
    let is_beyond = *first >= 0xed && middle.iter().all(|byte| *byte == 0xff);
    !(is_beyond && last & 0x7f == 0x7f)
}

/// The line of a note's file, from 1, in which the signature at `place` stands, from 0: behind the
/// text and an empty line.
fn signature_line(text: &str, place: usize) -> usize {
    text.matches('\n').count() + 2 + place
}

fn is_text(text: &str) -> bool {
    text.ends_with('\n') && text.bytes().all(may_stand)
}

/// Whether a byte may stand in a note's text.
fn may_stand(byte: u8) -> bool {
    byte == b'\n' || (b' '..=b'~').contains(&byte)
}

/// Whether a key may be called so: what a signature line and a published key hold.
#[must_use]
pub fn is_key_name(name: &str) -> bool {
    let may_stand = |byte: u8| byte.is_ascii_graphic() && byte != b'+';
    (1..=limits::DRAW_NAME_CHARS_MAX).contains(&name.len()) && name.bytes().all(may_stand)
}
