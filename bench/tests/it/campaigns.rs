//! The campaign files that are measured.

use bench::tidegate::{HELD, MEASURED, SOLD_OUT};
use types::Millis;

#[test]
fn the_campaigns_are_valid() {
    for measured in [MEASURED, HELD, SOLD_OUT] {
        let loaded = campaign::read(&measured.path(), Millis(1_900_000_000_000));
        let loaded = loaded.unwrap_or_else(|problems| panic!("{}", campaign::render(&problems)));
        assert_eq!(loaded.definition.code, measured.code);
        assert_eq!(loaded.definition.unique_fields().count(), 2);
    }
}
