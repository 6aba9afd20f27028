//! The campaign files that are measured.

use bench::tidegate::{HELD, MEASURED, SOLD_OUT};
use std::path::Path;
use types::Millis;

#[test]
fn the_campaigns_are_valid() {
    for measured in [MEASURED, HELD, SOLD_OUT] {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("campaigns");
        let loaded = campaign::read(&folder.join(measured.file), Millis(1_900_000_000_000));
        let loaded = loaded.unwrap_or_else(|problems| panic!("{}", campaign::render(&problems)));
        assert_eq!(loaded.definition.code, measured.code);
        assert_eq!(loaded.definition.unique_fields().count(), 2);
    }
}
