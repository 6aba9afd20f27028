//! The person's page of a draw: static files that check one receipt in the browser.
//!
//! Owns: the page's files (`page/`), and putting the operator's key into them. Never: writes a
//! file; knows what a draw has come to: the page itself reads the draw's folder, above its own.
//! Invariants: the page asks nobody but its own server, for files of the draw's folder alone; what
//! is filled in leaves the browser by no way.

use draw::note::VerifyingKey;

/// The page itself, into which key and modules go.
const PAGE: &str = include_str!("../page/index.html");
/// Where the key goes.
const KEY: &str = "OPERATOR-KEY";
/// Where the browser is told of all modules at once, so that a slow line waits for them once.
const MODULES: &str = "MODULES\n";

/// Every other file.
const FILES: [(&str, &str); 20] = [
    ("bytes.js", include_str!("../page/bytes.js")),
    ("check.js", include_str!("../page/check.js")),
    ("ed25519.js", include_str!("../page/ed25519.js")),
    ("en.js", include_str!("../page/en.js")),
    ("folder.js", include_str!("../page/folder.js")),
    ("forms.js", include_str!("../page/forms.js")),
    ("identity.js", include_str!("../page/identity.js")),
    ("list.js", include_str!("../page/list.js")),
    ("mark.svg", include_str!("../page/mark.svg")),
    ("note.js", include_str!("../page/note.js")),
    ("outcome.js", include_str!("../page/outcome.js")),
    ("page.js", include_str!("../page/page.js")),
    ("problem.js", include_str!("../page/problem.js")),
    ("scan.js", include_str!("../page/scan.js")),
    ("show.js", include_str!("../page/show.js")),
    ("steps.js", include_str!("../page/steps.js")),
    ("style.css", include_str!("../page/style.css")),
    ("web.js", include_str!("../page/web.js")),
    ("words.js", include_str!("../page/words.js")),
    ("zh.js", include_str!("../page/zh.js")),
];

/// The files of the page that trusts `key`, by their names.
#[must_use]
pub fn files(key: &VerifyingKey) -> Vec<(&'static str, String)> {
    let modules: String = FILES
        .iter()
        .filter(|(name, _)| name.ends_with(".js"))
        .map(|(name, _)| format!("<link rel=\"modulepreload\" href=\"{name}\">\n"))
        .collect();
    let page = PAGE.replace(MODULES, &modules).replace(KEY, &escaped(&key.to_string()));
    let page = ("index.html", page);
    let others = FILES.iter().map(|(name, text)| match name.ends_with(".js") {
        true => (*name, light(text)),
        false => (*name, (*text).to_owned()),
    });
    std::iter::once(page).chain(others).collect()
}

/// A script without the comments that stand in lines of their own: they weigh a third of the page,
/// and whoever reads it to judge it finds them in the source.
fn light(script: &str) -> String {
    let mut light = String::with_capacity(script.len());
    let mut rest = script;
    while let Some((line, after)) = rest.split_once('\n') {
        rest = after;
        let inner = line.trim_start();
        let end = inner.find("*/").map(|at| &inner[at..]);
        match (inner.starts_with("/**"), end) {
            (true, None) => (_, rest) = rest.split_once("*/\n").expect("a comment ends"),
            (true, Some("*/")) => {}
            _ => {
                light.push_str(line);
                light.push('\n');
            }
        }
    }
    assert!(rest.is_empty(), "a script ends with its last line");
    light
}

/// A text in an attribute: a key's name may hold anything but spaces.
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('"', "&quot;").replace('<', "&lt;")
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]
mod tests {
    use super::*;
    use draw::note::SigningKey;
    use flate2::{Compression, write::GzEncoder};
    use std::io::Write as _;
    use std::path::Path;
    use zeroize::Zeroizing;

    /// What the whole page may weigh as gzip: it is read on a crowded line.
    const BYTES_MAX: usize = 40 << 10;

    fn key(name: &str) -> VerifyingKey {
        SigningKey::new(name, &Zeroizing::new([7; 32])).unwrap().verifying()
    }

    #[test]
    fn every_file_of_the_page_is_handed_out() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("page");
        let found = folder.read_dir().unwrap().map(|file| file.unwrap().file_name());
        // It tells Node that these are modules, and is no part of the page.
        let mut found: Vec<_> = found.filter(|name| name != "package.json").collect();
        found.sort();
        let mut named: Vec<_> = files(&key("d")).into_iter().map(|(name, _)| name.into()).collect();
        named.sort();
        assert_eq!(found, named as Vec<std::ffi::OsString>);
    }

    #[test]
    fn the_page_is_light() {
        let gzip = |text: &str| {
            let mut gzip = GzEncoder::new(Vec::new(), Compression::new(6));
            gzip.write_all(text.as_bytes()).unwrap();
            gzip.finish().unwrap().len()
        };
        let sizes = files(&key("masks.example/2026-02-18"));
        let bytes: usize = sizes.iter().map(|(_, text)| gzip(text)).sum();
        assert!(bytes <= BYTES_MAX, "{bytes} bytes of {BYTES_MAX}");
    }

    #[test]
    fn the_page_asks_nobody_else_and_runs_nothing_but_its_own() {
        for (name, text) in files(&key("masks.example/2026-02-18")) {
            let is_drawing = name == "mark.svg";
            let is_elsewhere = ["http:", "https:"].iter().any(|scheme| text.contains(scheme));
            assert!(is_drawing || !is_elsewhere, "{name} names another address");
            for wrong in ["innerHTML", "eval(", "localStorage", "sessionStorage", "cookie", " on"] {
                let is_wrong = match wrong {
                    " on" => name.ends_with(".html") && text.contains(" onclick"),
                    _ => text.contains(wrong),
                };
                assert!(!is_wrong, "{name} has {wrong}");
            }
        }
        let [(name, page), ..] = &files(&key("d"))[..] else { panic!("there are files") };
        assert_eq!(*name, "index.html");
        assert!(page.contains("default-src 'none'; script-src 'self'; style-src 'self'"));
        assert!(!page.contains("style=") && !page.contains("<style"));
    }

    #[test]
    fn comments_are_left_out_and_nothing_else() {
        let header = "/**\n * Header.\n */\n";
        let script = "/** Whole. */\nlet a = /** @type {A} */ (b);\n/**\n * @param c\n */\nf(c);\n";
        let left = "let a = /** @type {A} */ (b);\nf(c);\n";
        assert_eq!(light(&format!("{header}{script}")), left);
        for (name, script) in FILES.iter().filter(|(name, _)| name.ends_with(".js")) {
            let mut left = script.lines();
            for line in light(script).lines() {
                assert!(left.any(|of| of == line), "{name}: {line}");
            }
        }
    }

    #[test]
    fn the_key_stands_in_the_page_as_it_was_published() {
        let key = key("masks.example/2026-02-18");
        let (_, page) = files(&key).swap_remove(0);
        assert!(page.contains(&format!("content=\"{key}\"")), "{page}");
        assert!(page.contains("<link rel=\"modulepreload\" href=\"check.js\">\n"));
        let (_, page) = files(&self::key("\"><script>")).swap_remove(0);
        assert!(page.contains("&quot;>&lt;script>"), "{page}");
    }
}
