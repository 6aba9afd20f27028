//! A draw of made-up people in a folder of its own.

use ceremony::{Against, CeremonyError, Folder, Sealing};
use draw::beacon::{BeaconSignature, QUICKNET};
use draw::note::{SigningKey, VerifyingKey};
use draw::seal::{Holder, Program, Round, Seal, Secret, Words};
use draw::seed::{Balls, Opened};
use draw::{Digest, DrawName};
use std::fs;
use std::path::PathBuf;
use tempfile::TempDir;
use zeroize::Zeroizing;

/// A recorded round of the chain.
pub(crate) const ROUND: u64 = 657_413;
const SIGNATURE: &str = "b713718a38ae728dfd477991af2822e08d2f305e47718cef9f7848ce4050e7be\
                         41076862b98fad56e91a6b85b89cd97b";
pub(crate) const STOCK: &str = "P1#65,2\nP1,3\nP2,4\nP3,0\n";

/// A folder for inputs and one for the draw.
pub(crate) struct Fixture {
    pub(crate) home: TempDir,
    pub(crate) folder: Folder,
    pub(crate) key: SigningKey,
}

pub(crate) fn name() -> DrawName {
    "masks.example/2026-02-18".parse().unwrap()
}

pub(crate) fn secret(byte: u8) -> Secret {
    Secret(Zeroizing::new([byte; 32]))
}

pub(crate) fn quiet(_: &'static str, _: u64, _: u64) {}

/// The line of somebody made up.
pub(crate) fn line(person: u32) -> String {
    let commit = Digest::of(format!("commit {person}").as_bytes());
    let tag = &Digest::of(format!("tag {person}").as_bytes()).to_string()[..32];
    let choices = ["P1", "P1#65>P1>*", "P2>P1", "P3>*", "P2>P3>P1>*"][person as usize % 5];
    let (tickets, units) = (1 + person % 3, 1 + person % 7 / 6);
    format!("{commit},{tag},{tickets},{units},{choices}\n")
}

pub(crate) fn lines(people: u32) -> String {
    (0..people).map(line).collect()
}

impl Fixture {
    /// Nothing is sealed yet.
    pub(crate) fn new() -> Self {
        let home = TempDir::new().unwrap();
        let folder = Folder::create(&home.path().join("draw")).unwrap();
        let key = SigningKey::new(name().as_str(), &Zeroizing::new([42; 32])).unwrap();
        let fixture = Self { home, folder, key };
        fixture.input("entries", &lines(40));
        fixture.input("stock", STOCK);
        fixture.input("rules", "Whoever lives here may enter.\n");
        fixture
    }

    /// Everything is done.
    pub(crate) fn drawn() -> Self {
        let fixture = Self::new();
        fixture.seal().unwrap();
        fixture.open().unwrap();
        fixture.seed().unwrap();
        fixture.run().unwrap();
        fixture
    }

    pub(crate) fn input(&self, name: &str, text: &str) -> PathBuf {
        let path = self.home.path().join(name);
        fs::write(&path, text).unwrap();
        path
    }

    pub(crate) fn sealing<T>(&self, after: &[Folder], with: impl FnOnce(Sealing<'_>) -> T) -> T {
        let [entries, stock, rules] =
            ["entries", "stock", "rules"].map(|name| self.home.path().join(name));
        with(Sealing {
            draw: name(),
            entries: &entries,
            stock: &stock,
            rules: &rules,
            program: Program { version: "0.1.0".to_owned(), digest: Digest::of(b"a program") },
            operator: secret(6).commitment(&name(), Holder::Operator),
            notary: secret(7).commitment(&name(), Holder::Notary),
            balls: Words::read("3 of 01-49"),
            drand: Some(Round { chain: QUICKNET.hash(), round: ROUND }),
            deadline: "2026-02-18T12:00:00Z".parse().unwrap(),
            after,
            may_sign: &|| Ok(()),
        })
    }

    /// The same with the secrets of other numbers.
    pub(crate) fn with_secrets([operator, notary]: [u8; 2], sealing: Sealing<'_>) -> Sealing<'_> {
        Sealing {
            operator: secret(operator).commitment(&name(), Holder::Operator),
            notary: secret(notary).commitment(&name(), Holder::Notary),
            ..sealing
        }
    }

    pub(crate) fn seal(&self) -> Result<Seal, CeremonyError> {
        self.sealing(&[], |sealing| ceremony::seal(&self.folder, &sealing, &self.key, &quiet))
    }

    pub(crate) fn opened(balls: &str) -> Opened {
        Opened { operator: secret(6), notary: secret(7), balls: Balls::read(balls) }
    }

    pub(crate) fn open(&self) -> Result<(), CeremonyError> {
        ceremony::open(&self.folder, &Self::opened("08 41 17"), &self.key)
    }

    pub(crate) fn beacon() -> BeaconSignature {
        BeaconSignature::read(SIGNATURE).unwrap()
    }

    pub(crate) fn seed(&self) -> Result<Digest, CeremonyError> {
        ceremony::seed(&self.folder, Some(Self::beacon()), &self.key)
    }

    pub(crate) fn run(&self) -> Result<ceremony::Drawn, CeremonyError> {
        ceremony::run(&self.folder, &self.key, &quiet)
    }

    pub(crate) fn verify(&self) -> Result<ceremony::Verified, CeremonyError> {
        self.verify_with(&[], &[])
    }

    /// Verifies with the keys of cosigners and the folders before.
    pub(crate) fn verify_with(
        &self,
        cosigners: &[VerifyingKey],
        after: &[Folder],
    ) -> Result<ceremony::Verified, CeremonyError> {
        let key = self.key.verifying();
        let against = Against { operator: Some(&key), cosigners, after, without_tiles: false };
        ceremony::verify(&self.folder, &against, &quiet)
    }

    /// Verifies another folder of the operator's, with those before it.
    pub(crate) fn verify_folder(
        &self,
        folder: &Folder,
        after: &[Folder],
    ) -> Result<ceremony::Verified, CeremonyError> {
        let key = self.key.verifying();
        let against = Against { operator: Some(&key), after, ..Against::default() };
        ceremony::verify(folder, &against, &quiet)
    }

    /// What was drawn comes back, and a sample is chosen.
    pub(crate) fn whole() -> Self {
        let fixture = Self::drawn();
        ceremony::sample(&fixture.folder, 7, &quiet).unwrap();
        let back = fixture.input("returned", "P1,1\nP2,2\n");
        ceremony::alternates(&fixture.folder, 1, &back, &fixture.key, &quiet).unwrap();
        fixture
    }

    /// What an error says, which names a file of the draw first: from that name on.
    pub(crate) fn told(&self, error: &CeremonyError) -> String {
        let (said, folder) = (error.to_string(), self.folder.path("").display().to_string());
        said.strip_prefix(&folder).unwrap_or_else(|| panic!("of no file of it: {said}")).to_owned()
    }

    /// Every file of the draw with its bytes.
    pub(crate) fn files(&self) -> Vec<(String, Vec<u8>)> {
        let mut files = Vec::new();
        let mut folders = vec![self.folder.path("")];
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    folders.push(path);
                } else {
                    let name = path.strip_prefix(self.folder.path("")).unwrap();
                    files.push((name.display().to_string(), fs::read(&path).unwrap()));
                }
            }
        }
        files.sort();
        files
    }
}
