//! The names of the columns of a handed-over table, apart from a campaign's own fields.
//!
//! Owns: the one list that the writer of the table takes them from, and that no identity field may
//! be named after. Never: what stands in a column.

/// Before all others, in a table of changes.
pub const CHANGE: &str = "change";
/// What and where, before the campaign's own fields.
pub const PLACES: [&str; 9] =
    ["code", "number", "outlet", "outlet_name", "item", "item_name", "slot", "slot_name", "units"];
/// What became of the booking and when, behind the campaign's own fields.
pub const FATES: [&str; 4] = ["state", "booked_at", "redeemed_at", "cancelled_at"];
/// Of which file the row is, last.
pub const FILE: [&str; 3] = ["campaign", "exported_at", "rows"];

/// Whether a column has this name, in small or capital letters: a field of the same name could be
/// taken for it by whoever reads the table.
#[must_use]
pub fn is_taken(name: &str) -> bool {
    let all = PLACES.iter().chain(&FATES).chain(&FILE).chain([&CHANGE]);
    all.into_iter().any(|column| column.eq_ignore_ascii_case(name))
}

#[cfg(test)]
mod tests {
    use super::is_taken;

    #[test]
    fn names_of_columns_are_taken_however_they_are_spelt() {
        assert!(["change", "Outlet_Name", "STATE", "rows"].into_iter().all(is_taken));
        assert!(!["", "id", "changes", "outlet name"].into_iter().any(is_taken));
    }
}
