//! Whether a program is static, by its headers.

use std::fs;
use xtask::alone::needs;

/// A program with one part of this kind, which holds `rows`.
fn program(kind: u32, rows: &[(u64, u64)]) -> Vec<u8> {
    let mut bytes = vec![0; 64 + 56];
    bytes[..6].copy_from_slice(b"\x7fELF\x02\x01");
    bytes[32..40].copy_from_slice(&64_u64.to_le_bytes());
    bytes[54..56].copy_from_slice(&56_u16.to_le_bytes());
    bytes[56..58].copy_from_slice(&1_u16.to_le_bytes());
    bytes[64..68].copy_from_slice(&kind.to_le_bytes());
    bytes[72..80].copy_from_slice(&120_u64.to_le_bytes());
    bytes[96..104].copy_from_slice(&(16 * rows.len() as u64).to_le_bytes());
    for (tag, value) in rows {
        bytes.extend(tag.to_le_bytes());
        bytes.extend(value.to_le_bytes());
    }
    bytes
}

#[test]
fn a_program_is_static_if_it_names_neither_loader_nor_library() {
    assert_eq!(needs(&program(1, &[])).unwrap(), None);
    assert_eq!(needs(&program(2, &[(5, 0), (6, 0)])).unwrap(), None);
    assert_eq!(needs(&program(2, &[(5, 0), (1, 7)])).unwrap(), Some("a library of the system"));
    assert_eq!(needs(&program(3, &[])).unwrap(), Some("a loader of the system"));
    assert!(needs(b"#!/bin/sh").is_err());
    let cut = program(2, &[(1, 7)]);
    assert!(needs(&cut[..cut.len() - 16]).is_err());
    // What runs this test was linked as usual.
    let own = fs::read(std::env::current_exe().unwrap()).unwrap();
    assert_eq!(needs(&own).unwrap(), Some("a loader of the system"));
}
