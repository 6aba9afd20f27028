//! Every code has a page that says what to do.

use campaign::Code;
use std::path::Path;

#[test]
fn every_code_has_a_page() {
    let pages = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/errors");
    for code in Code::ALL {
        let page = pages.join(format!("{}.md", code.word()));
        let text = std::fs::read_to_string(&page).unwrap_or_default();
        let heading = format!("# `{}`\n", code.word());
        assert!(text.starts_with(&heading), "{} must begin with {heading:?}", page.display());
        for section in ["\n## What happened\n", "\n## What to do\n"] {
            assert!(text.contains(section), "{} lacks {section:?}", page.display());
        }
    }
}
