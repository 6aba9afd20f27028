//! A disk whose calls a test writes down by name, and answers in the disk's place where it likes.

use journal::{Access, Disk, DiskFile};
use simdisk::SimDisk;
use std::fmt;
use std::io;
use std::sync::{Arc, Mutex};

/// What a call is answered instead of reaching the disk.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Answer {
    /// It fails.
    Error(io::ErrorKind),
    /// A read or write takes only so many bytes, at most.
    Short(usize),
}

type Script = Box<dyn FnMut(&str) -> Option<Answer> + Send>;

/// A disk in memory under direction. Clones share everything.
#[derive(Clone)]
pub(crate) struct Directed {
    disk: SimDisk,
    calls: Arc<Mutex<Vec<String>>>,
    script: Arc<Mutex<Option<Script>>>,
    /// Stands before its calls where two disks write them down together.
    name: &'static str,
}

#[derive(Debug)]
struct DirectedFile {
    file: Arc<dyn DiskFile>,
    directed: Directed,
    /// The name under which it was opened.
    path: String,
}

impl fmt::Debug for Directed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Directed")
    }
}

impl Directed {
    pub(crate) fn new(disk: SimDisk) -> Self {
        Self { disk, calls: Arc::default(), script: Arc::default(), name: "" }
    }

    /// Another disk under the same direction, whose calls are written down in one order with this
    /// one's.
    pub(crate) fn beside(&self, disk: SimDisk, name: &'static str) -> Self {
        Self { disk, calls: Arc::clone(&self.calls), script: Arc::clone(&self.script), name }
    }

    /// Asks the script at each call from now on.
    pub(crate) fn direct(&self, script: impl FnMut(&str) -> Option<Answer> + Send + 'static) {
        *self.script.lock().unwrap() = Some(Box::new(script));
    }

    /// The calls since the last time, one a line.
    pub(crate) fn take_calls(&self) -> String {
        let calls = std::mem::take(&mut *self.calls.lock().unwrap());
        calls.iter().map(|call| format!("{call}\n")).collect()
    }

    /// A call that is written down.
    fn call(&self, call: String) -> io::Result<Option<usize>> {
        let call = format!("{}{call}", self.name);
        let answer = self.ask(&call);
        self.calls.lock().unwrap().push(call);
        answer
    }

    /// What the script says to a call; those that change nothing are asked for, not written down.
    fn ask(&self, call: &str) -> io::Result<Option<usize>> {
        let answer = self.script.lock().unwrap().as_mut().and_then(|script| script(call));
        match answer {
            None => Ok(None),
            Some(Answer::Error(kind)) => Err(kind.into()),
            Some(Answer::Short(bytes)) => Ok(Some(bytes)),
        }
    }

    fn file(&self, path: &str, file: Arc<dyn DiskFile>) -> Arc<dyn DiskFile> {
        Arc::new(DirectedFile { file, directed: self.clone(), path: path.to_owned() })
    }
}

impl Disk for Directed {
    fn create_folder(&self, path: &str) -> io::Result<()> {
        self.call(format!("create folder {path}"))?;
        self.disk.create_folder(path)
    }
    fn create(&self, path: &str) -> io::Result<Arc<dyn DiskFile>> {
        self.call(format!("create {path}"))?;
        Ok(self.file(path, self.disk.create(path)?))
    }
    fn open(&self, path: &str, access: Access) -> io::Result<Arc<dyn DiskFile>> {
        self.call(format!("open {path}"))?;
        Ok(self.file(path, self.disk.open(path, access)?))
    }
    fn list(&self, folder: &str) -> io::Result<Vec<String>> {
        self.ask("list")?;
        self.disk.list(folder)
    }
    fn rename(&self, from: &str, to: &str) -> io::Result<()> {
        self.call(format!("rename {from} {to}"))?;
        self.disk.rename(from, to)
    }
    fn remove(&self, path: &str) -> io::Result<()> {
        self.call(format!("remove {path}"))?;
        self.disk.remove(path)
    }
    fn sync_folder(&self, folder: &str) -> io::Result<()> {
        self.call(format!("sync folder {}", if folder.is_empty() { "." } else { folder }))?;
        self.disk.sync_folder(folder)
    }
}

impl DiskFile for DirectedFile {
    fn read_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
        let taken = self.directed.ask("read")?.unwrap_or(usize::MAX).min(buffer.len());
        self.file.read_at(&mut buffer[..taken], offset)
    }
    fn write_at(&self, bytes: &[u8], offset: u64) -> io::Result<usize> {
        let short = self.directed.call(format!("write {}", self.path))?;
        let taken = short.unwrap_or(usize::MAX).min(bytes.len());
        self.file.write_at(&bytes[..taken], offset)
    }
    fn sync_data(&self) -> io::Result<()> {
        self.directed.call(format!("sync {}", self.path))?;
        self.file.sync_data()
    }
    fn length(&self) -> io::Result<u64> {
        self.directed.ask("length")?;
        self.file.length()
    }
    fn set_length(&self, bytes: u64) -> io::Result<()> {
        self.directed.call(format!("set length {}", self.path))?;
        self.file.set_length(bytes)
    }
    fn try_lock(&self) -> io::Result<bool> {
        self.directed.ask("lock")?;
        self.file.try_lock()
    }
}
