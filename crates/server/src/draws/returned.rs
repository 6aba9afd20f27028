//! What came back to a draw: units that are free again.
//!
//! Owns: that difference, bucket by bucket. Never: more than is out: stock that was added since is
//! for another draw.

use super::{DrawFolder, disk, refused};
use crate::problem::Problem;
use ceremony::{Folder, Progress};
use roll::Buckets;
use std::fmt::Write as _;
use std::path::PathBuf;

/// Writes what came back since the last event, for `ceremony`. `buckets` say what
/// is free now.
pub(crate) fn write_returned(
    of: &DrawFolder,
    buckets: &Buckets,
    round: u32,
    progress: Progress<'_>,
) -> Result<PathBuf, Problem> {
    let folder = Folder::open(&of.path).map_err(|error| refused(&error))?;
    // What a step that was cut off has put there stays: more may have come back since, and waits.
    let before = format!("returned-{round}.txt");
    if folder.has(&before).map_err(|error| refused(&error))? {
        return Ok(folder.path(&before));
    }
    let (sealed, left) = ceremony::left(&folder, progress).map_err(|error| refused(&error))?;
    let free = buckets.names().iter().zip(buckets.units());
    let free: std::collections::BTreeMap<_, _> = free.collect();
    let mut text = String::new();
    for ((bucket, sealed_units), left_units) in
        sealed.numbers().zip(sealed.units()).zip(left.units())
    {
        let name = sealed.name(bucket);
        let free = free.get(&name.to_owned()).map_or(0, |units| **units);
        let Some(back) = free.checked_sub(u64::from(left_units)) else {
            let detail = format!(
                "{name} has {free} free units, and {left_units} are left of the draw: units were \
                 withdrawn since. Nothing was drawn. Put them on offer again, or draw among those \
                 unserved with fresh numbers."
            );
            return Err(Problem::new(409, "draw-stock-short", "Units were withdrawn", detail));
        };
        let back = back.min(u64::from(sealed_units - left_units));
        writeln!(text, "{name},{back}").expect("writing to a text cannot fail");
    }
    let path = of.private.join(format!("returned-{round}.txt"));
    std::fs::write(&path, text).map_err(disk(&path))?;
    Ok(path)
}
