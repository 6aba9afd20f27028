//! The code and status of every public problem.
//!
//! Owns: both. Never: a sentence; those stand in the texts of each language. Every code has a page
//! in `docs/errors/`.

/// One public problem.
#[derive(Clone, Copy, Debug)]
pub struct Public {
    /// The stable code.
    pub code: &'static str,
    /// The HTTP status.
    pub status: u16,
}

/// The problem of a code.
#[must_use]
pub fn public(code: &str) -> Option<&'static Public> {
    PUBLIC.iter().find(|problem| problem.code == code)
}

macro_rules! problems {
    ($($code:literal $status:literal,)*) => {
        /// Every problem of the public API.
        pub const PUBLIC: &[Public] = &[$(Public { code: $code, status: $status }),*];
    };
}

problems! {
    "not-open-yet" 409,
    "paused" 409,
    "closed" 409,
    "cap-reached" 409,
    "sold-out" 409,
    "already-in" 409,
    "entered-before" 409,
    "series-unpublished" 409,
    "cooling-down" 409,
    "not-eligible" 409,
    "not-as-asked" 422,
    "unknown-place" 422,
    "invalid-field" 422,
    "request-reused" 409,
    "not-found" 404,
    "no-receipt-yet" 404,
    "no-receipt" 404,
    "no-promise" 404,
    "draw-unreadable" 500,
    "already-redeemed" 409,
    "already-cancelled" 409,
    "shredded" 409,
    "published" 409,
    "unknown-campaign" 404,
    "no-such-page" 404,
    "method-not-allowed" 405,
    "malformed-request" 400,
    "malformed-json" 400,
    "malformed-form" 400,
    "unsupported-media-type" 415,
    "unsupported-content-encoding" 415,
    "unsupported-transfer-encoding" 501,
    "invalid-host" 400,
    "idempotency-key-missing" 400,
    "invalid-idempotency-key" 400,
    "body-too-large" 413,
    "body-too-slow" 408,
    "body-broken-off" 400,
    "batch-too-large" 422,
    "token-missing" 401,
    "token-refused" 401,
    "role-not-allowed" 403,
    "tokens-unreadable" 503,
    "slow-down" 429,
    "too-many-connections" 503,
    "overloaded" 503,
    "starting" 503,
    "shutting-down" 503,
    "journal-full" 503,
    "keys-missing" 503,
    "failed" 503,
    "not-ready" 503,
}

#[cfg(test)]
mod tests {
    use super::PUBLIC;
    use crate::language::Language;
    use std::collections::BTreeSet;

    #[test]
    fn every_code_stands_once_and_has_its_page() {
        let codes: BTreeSet<_> = PUBLIC.iter().map(|problem| problem.code).collect();
        assert_eq!(codes.len(), PUBLIC.len(), "a code stands twice");
        for code in codes {
            let page = format!("{}/../../docs/errors/{code}.md", env!("CARGO_MANIFEST_DIR"));
            let page = std::fs::read_to_string(&page).expect(&page);
            assert!(page.starts_with(&format!("# `{code}`\n")), "{code}: the heading is the code");
            assert!(page.contains("\n## What happened\n"), "{code}: says what happened");
            assert!(page.contains("\n## What to do\n"), "{code}: says what to do");
            let titles = page.lines().nth(2).and_then(|line| line.split_once(". HTTP status "));
            if let Some((titles, _)) = titles {
                let said = Language::all().map(|language| &*language.texts().problem(code).title);
                let english_and_chinese: Vec<_> = said.take(2).collect();
                assert_eq!(titles, english_and_chinese.join(" · "), "{code}: the titles");
            }
        }
    }
}
