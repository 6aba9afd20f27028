//! What pages are made of besides their text: style, scripts and mark, named by their content.
//!
//! Owns: these files, in the program; the names under which they are served, which a script's
//! imports are given, too; the style that stands in each page, and its hash for the policy.
//! Never: reads a file.
//! Invariants: a name's bytes never change, so that whoever has them may keep them for a year.

use super::Named;
use crate::api::document::Document;
use crate::api::serve_document;
use crate::language::Language;
use crate::problem::ready;
use axum::body::Body;
use axum::response::Response;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::HeaderMap;
use sha2::{Digest as _, Sha256};
use std::sync::LazyLock;

/// The style of the public pages. It stands in the page itself: a page on a slow line is seen
/// whole with its first answer.
pub(crate) const STYLE: &str = include_str!("../../assets/style.css");

/// Files by name. A script stands behind those that it imports.
const SOURCES: &[(&str, &str)] = &[
    ("mark.svg", include_str!("../../assets/mark.svg")),
    ("texts.js", include_str!("../../assets/texts.js")),
    ("clock.js", include_str!("../../assets/clock.js")),
    ("notice.js", include_str!("../../assets/notice.js")),
    ("status.js", include_str!("../../assets/status.js")),
    ("fields.js", include_str!("../../assets/fields.js")),
    ("send.js", include_str!("../../assets/send.js")),
    ("swap.js", include_str!("../../assets/swap.js")),
    ("near.js", include_str!("../../assets/near.js")),
    ("booking.js", include_str!("../../assets/booking.js")),
    ("entry.js", include_str!("../../assets/entry.js")),
    ("console.css", include_str!("../../assets/console.css")),
    ("stay.js", include_str!("../../assets/stay.js")),
    ("live.js", include_str!("../../assets/live.js")),
    ("keep.js", include_str!("../../assets/keep.js")),
    ("hall.css", include_str!("../../assets/hall.css")),
    ("record.css", include_str!("../../assets/record.css")),
    ("ceremony.js", include_str!("../../assets/ceremony.js")),
    ("counter.css", include_str!("../../assets/counter.css")),
    ("camera.js", include_str!("../../assets/camera.js")),
    ("pressed.js", include_str!("../../assets/pressed.js")),
    ("counter.js", include_str!("../../assets/counter.js")),
];

const A_YEAR: &str = "public, max-age=31536000, immutable";
/// Digits of a digest in a name.
const NAME_DIGITS: usize = 12;

/// One file as it is served.
struct Asset {
    source: &'static str,
    /// Such as `mark-0123456789ab.svg`.
    name: String,
    path: String,
    /// Where the scripts are that it imports when it starts, and those that they do, each once.
    imports: Vec<String>,
    bytes: Document,
}

static ASSETS: LazyLock<Vec<Asset>> = LazyLock::new(|| named(SOURCES));
static STYLE_HASH: LazyLock<String> =
    LazyLock::new(|| STANDARD.encode(Sha256::digest(STYLE.as_bytes())));

/// Every file under its name. Imports of earlier ones are given theirs.
fn named(sources: &[(&'static str, &str)]) -> Vec<Asset> {
    let mut assets: Vec<Asset> = Vec::new();
    for &(source, text) in sources {
        let mut text = text.to_owned();
        let mut imports: Vec<String> = Vec::new();
        for earlier in assets.iter().filter(|_| source.ends_with(".js")) {
            let (plain, full) =
                (format!("\"./{}\"", earlier.source), format!("\"./{}\"", earlier.name));
            text = text.replace(&plain, &full);
            // What is fetched only when somebody wants it, by `import(…)`, can wait.
            if text.contains(&format!("from {full}")) {
                imports.extend(earlier.imports.iter().chain([&earlier.path]).cloned());
            }
        }
        imports.sort();
        imports.dedup();
        let digest = Sha256::digest(text.as_bytes());
        let digest: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
        let (stem, extension) = source.split_once('.').expect("every file has an extension");
        let name = format!("{stem}-{}.{extension}", &digest[..NAME_DIGITS]);
        let path = format!("/assets/{name}");
        let bytes = Document::of_bytes(text.into());
        assets.push(Asset { source, name, path, imports, bytes });
    }
    assets
}

fn asset(source: &str) -> &'static Asset {
    let asset = ASSETS.iter().find(|asset| asset.source == source);
    asset.expect("pages name files that there are")
}

/// Where a file is, for pages.
pub(crate) fn path(source: &str) -> &'static str {
    &asset(source).path
}

/// Where the scripts are that one imports when it starts: a browser that is told of all of them
/// asks for all at once.
pub(crate) fn imports(source: &str) -> &'static [String] {
    &asset(source).imports
}

/// SHA-256 of the style in base 64, as a policy names what may stand in a page.
pub(crate) fn style_hash() -> &'static str {
    &STYLE_HASH
}

/// `GET /assets/{name}`
pub(super) async fn show(Named(name): Named, headers: HeaderMap) -> Response {
    match ASSETS.iter().find(|asset| asset.name == name) {
        Some(asset) => serve_document(&asset.bytes, media_type(&name), A_YEAR, &headers),
        None => ready("no-such-page", Language::of(&headers)).map(Body::from),
    }
}

fn media_type(name: &str) -> &'static str {
    match name.rsplit_once('.') {
        Some((_, "js")) => "text/javascript; charset=utf-8",
        Some((_, "css")) => "text/css; charset=utf-8",
        Some((_, "svg")) => "image/svg+xml",
        _ => unreachable!("every file is a script, a style or a picture"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn imports_have_the_names_under_which_scripts_are_served() {
        let sources = [("one.js", "export const a = 1;"), ("two.js", "import \"./one.js\";")];
        let assets = named(&sources);
        let (one, two) = (&assets[0], &assets[1]);
        let expected = format!("import \"./{}\";", one.name);
        assert_eq!(two.bytes.plain, expected.as_bytes());
        assert!(two.imports.is_empty(), "it names no binding: {:?}", two.imports);
        assert!(one.name.starts_with("one-") && one.name.ends_with(".js"), "{}", one.name);
        let other = named(&[("one.js", "export const a = 2;"), sources[1]]);
        assert_ne!(two.name, other[1].name, "what it imports changed, and so did it");
    }

    #[test]
    fn a_page_is_told_of_everything_that_a_script_imports_and_of_it_once() {
        let names = |source| -> Vec<&str> {
            let stem = |path: &'static String| path["/assets/".len()..].split('-').next();
            imports(source).iter().filter_map(stem).collect()
        };
        assert_eq!(names("texts.js"), Vec::<&str>::new());
        assert_eq!(names("status.js"), ["clock"]);
        let booking = ["clock", "fields", "notice", "send", "status", "swap", "texts"];
        assert_eq!(names("booking.js"), booking, "the map can wait");
    }

    #[test]
    fn every_import_is_of_a_file_named_by_its_content() {
        for asset in ASSETS.iter().filter(|asset| asset.source.ends_with(".js")) {
            let text = str::from_utf8(&asset.bytes.plain).expect("scripts are text");
            assert!(
                !text.contains("'./"),
                "{}: an import in single quotes is not found",
                asset.source
            );
            for import in text.split("\"./").skip(1) {
                let name = import.split('"').next().unwrap_or_default();
                let known = ASSETS.iter().any(|other| other.name == name);
                assert!(known, "{} imports {name}", asset.source);
            }
        }
    }
}
