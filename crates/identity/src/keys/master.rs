//! The master key: 64 hexadecimal digits in `master.key`, or in the environment.

use super::secret::SECRET_BYTES;
use super::{KeyError, SecretKey, files};
use crate::hex;
use std::path::{Path, PathBuf};
use zeroize::Zeroizing;

const NAME: &str = "master.key";
const ENVIRONMENT: &str = "the environment variable TIDEGATE_MASTER_KEY";

/// What was found where a master key may be.
pub(super) enum Found {
    Key(SecretKey),
    Nothing,
}

pub(super) fn path(folder: &Path) -> PathBuf {
    folder.join(NAME)
}

/// The master key from the environment's value, or else from the file.
pub(super) fn find(folder: &Path, environment: Option<&str>) -> Result<Found, KeyError> {
    if let Some(value) = environment {
        return parse(value.as_bytes(), ENVIRONMENT).map(Found::Key);
    }
    let path = path(folder);
    let Some(text) = files::read(&path)?.map(Zeroizing::new) else { return Ok(Found::Nothing) };
    files::refuse_exposed(&path)?;
    parse(&text, &path.display().to_string()).map(Found::Key)
}

/// Makes a master key and its file.
pub(super) fn create(folder: &Path) -> Result<SecretKey, KeyError> {
    let key = SecretKey::random();
    let mut text = Zeroizing::new(hex::encode(key.bytes()));
    text.push('\n');
    files::replace(folder, NAME, text.as_bytes())?;
    Ok(key)
}

fn parse(text: &[u8], origin: &str) -> Result<SecretKey, KeyError> {
    let malformed = || KeyError::Malformed { origin: origin.to_owned() };
    let text = std::str::from_utf8(text).map_err(|_| malformed())?;
    let bytes = hex::decode(text.trim_ascii()).ok_or_else(malformed)?;
    let mut key = SecretKey::new([0; SECRET_BYTES]);
    if bytes.len() != SECRET_BYTES {
        return Err(malformed());
    }
    key.bytes_mut().copy_from_slice(&bytes);
    Ok(key)
}
