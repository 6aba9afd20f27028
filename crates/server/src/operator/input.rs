//! What operators send: JSON bodies, files in them, reasons.
//!
//! Owns: reading and bounding them. Never: knows what a file means.

use crate::language::Language;
use crate::problem::Problem;
use axum::body::Bytes;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use std::collections::BTreeMap;
use types::limits;

/// A file in a JSON body: text as it is, or any bytes in base 64.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct UploadedFile {
    /// Its name, as the campaign file refers to it.
    name: String,
    /// Its text.
    text: Option<String>,
    /// Its bytes in base 64, when it is not UTF-8 text.
    base64: Option<String>,
}

/// Reads a JSON body.
pub(super) fn json<T: DeserializeOwned>(body: &Bytes) -> Result<T, Problem> {
    serde_json::from_slice(body).map_err(|error| {
        let why = crate::json::explain::<T>(body, &error, Language::default());
        let detail = format!(
            "The body is not the JSON that this request takes. {why}. Nothing was done. The \
             operator API's documentation shows every body."
        );
        Problem::new(400, "malformed-request", "Malformed request", detail)
    })
}

/// The reason somebody gives, trimmed.
pub(crate) fn reason(reason: Option<&str>) -> Result<String, Problem> {
    let reason = reason.unwrap_or_default().trim();
    let (characters, most) = (reason.chars().count(), limits::REASON_CHARS_MAX);
    if characters == 0 {
        let detail = format!(
            "Every change needs a reason of 1 to {most} characters, which is kept with it. \
             Nothing was done. Send it again with a reason."
        );
        return Err(Problem::new(400, "reason-missing", "Reason missing", detail));
    }
    let refused = |detail: String| Problem::new(400, "reason-refused", "Reason refused", detail);
    if most < characters {
        return Err(refused(format!(
            "The reason is too long: it has {characters} characters, and may have {most} at most. \
             Nothing was done. Send it again with a shorter one."
        )));
    }
    if reason.chars().any(|character| character.is_control() && character != '\n') {
        let detail = "The reason has a control character, such as a tab. Nothing was done. Send it \
                      again without.";
        return Err(refused(detail.to_owned()));
    }
    if reason.chars().any(types::definition::turns_direction) {
        let detail = "The reason has an invisible character that turns the direction of text, so \
                      that it would read as something else. Nothing was done. Type it anew.";
        return Err(refused(detail.to_owned()));
    }
    Ok(reason.to_owned())
}

/// Files by name.
pub(super) fn files(uploaded: Vec<UploadedFile>) -> Result<BTreeMap<String, Vec<u8>>, Problem> {
    if !(1..=limits::UPLOAD_FILES_MAX).contains(&uploaded.len()) {
        let why = format!("there are {}, not 1 to {}", uploaded.len(), limits::UPLOAD_FILES_MAX);
        return Err(malformed_files(&why));
    }
    let mut files = BTreeMap::new();
    for UploadedFile { name, text, base64 } in uploaded {
        let bytes = match (text, base64) {
            (Some(text), None) => text.into_bytes(),
            (None, Some(base64)) => STANDARD
                .decode(base64)
                .map_err(|error| malformed_files(&format!("\"{name}\" is not base 64: {error}")))?,
            _ => {
                let why = format!("\"{name}\" needs either \"text\" or \"base64\"");
                return Err(malformed_files(&why));
            }
        };
        if files.insert(name.clone(), bytes).is_some() {
            return Err(malformed_files(&format!("\"{name}\" stands twice")));
        }
    }
    Ok(files)
}

fn malformed_files(why: &str) -> Problem {
    let detail = format!("The files cannot be read: {why}. Nothing was done. Send them again.");
    Problem::new(400, "malformed-files", "Malformed files", detail)
}
