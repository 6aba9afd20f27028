//! The tables of the examples are those that the chore writes.

use xtask::examples::tables;

#[test]
fn the_tables_are_as_generated() {
    for (file, bytes) in tables().unwrap() {
        let written = std::fs::read(xtask::root().join("examples").join(file)).unwrap();
        assert!(written == bytes, "examples/{file} differs: run `cargo xtask examples`");
    }
}
