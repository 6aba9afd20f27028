//! The tree, held against another implementation of RFC 6962.

use ct_merkle::mem_backed_tree::MemoryBackedTree;
use draw::tile::Tile;
use draw::tree::{TreeBuilder, leaf};
use draw::{Digest, proof};
use sha2::Sha256;
use std::collections::BTreeMap;

/// The line of a leaf.
fn line(number: u64) -> Vec<u8> {
    format!("line {number}").into_bytes()
}

fn tree(size: u64) -> (Digest, BTreeMap<String, Vec<Digest>>) {
    let mut builder = TreeBuilder::default();
    let mut tiles = BTreeMap::new();
    let mut emit = |tile: Tile, hashes: &[Digest]| {
        assert_eq!(tile.width(), hashes.len());
        assert_eq!(tiles.insert(tile.to_string(), hashes.to_vec()), None, "a tile comes once");
    };
    (0..size).for_each(|number| builder.push(leaf(&line(number)), &mut emit));
    assert_eq!(builder.size(), size);
    let root = builder.finish(&mut emit);
    (root, tiles)
}

fn other(size: u64) -> MemoryBackedTree<Sha256, Vec<u8>> {
    let mut tree = MemoryBackedTree::new();
    (0..size).for_each(|number| tree.push(line(number)));
    tree
}

fn path(index: u64, size: u64, tiles: &BTreeMap<String, Vec<Digest>>) -> Vec<Digest> {
    let found = proof::path(index, size, |tile| tiles.get(&tile.to_string()).cloned().ok_or(tile));
    found.expect("every tile that a path needs is there")
}

#[test]
fn the_empty_tree_has_the_digest_of_nothing() {
    assert_eq!(tree(0), (Digest::of(b""), BTreeMap::new()));
}

#[test]
fn roots_and_paths_are_what_another_implementation_finds() {
    for size in (1..=40).chain([255, 256, 257, 511, 513, 700]) {
        let (root, tiles) = tree(size);
        let other = other(size);
        assert_eq!(root.0[..], other.root().as_bytes()[..], "{size}");
        for index in (0..size).filter(|index| size < 50 || index % 37 == 0 || index + 2 > size) {
            let path = path(index, size, &tiles);
            let theirs = other.prove_inclusion(index as usize);
            let ours: Vec<u8> = path.iter().flat_map(|hash| hash.0).collect();
            assert_eq!(ours, theirs.as_bytes(), "{index} of {size}");
            assert_eq!(proof::root(leaf(&line(index)), index, size, &path), Some(root));
        }
    }
}

#[test]
fn a_large_tree_has_the_tiles_of_the_specification() {
    let (root, tiles) = tree(70_000);
    assert_eq!(root.0[..], other(70_000).root().as_bytes()[..]);
    let full = |level: u8| {
        let prefix = format!("tile/{level}/");
        tiles.iter().filter(|(path, tile)| path.starts_with(&prefix) && tile.len() == 256).count()
    };
    let width = |path: &str| tiles.get(path).map(Vec::len);
    assert_eq!((full(0), full(1), full(2)), (273, 1, 0));
    assert_eq!(width("tile/0/273.p/112"), Some(112));
    assert_eq!(width("tile/1/001.p/17"), Some(17));
    assert_eq!(width("tile/2/000.p/1"), Some(1));
    assert_eq!(tiles.len(), 273 + 1 + 3);
    for index in [0, 65_535, 65_536, 69_888, 69_999] {
        let path = path(index, 70_000, &tiles);
        assert_eq!(proof::root(leaf(&line(index)), index, 70_000, &path), Some(root), "{index}");
    }
}

#[test]
fn a_path_proves_one_place_of_one_size() {
    let (root, tiles) = tree(11);
    let path = path(4, 11, &tiles);
    let found = |index, size, path: &[Digest]| proof::root(leaf(&line(4)), index, size, path);
    assert_eq!(found(4, 11, &path), Some(root));
    assert_ne!(found(5, 11, &path), Some(root));
    assert_ne!(found(4, 12, &path), None, "of as many levels, but another root");
    assert_eq!(found(4, 17, &path), None);
    assert_eq!(found(11, 11, &path), None);
    assert_eq!(found(4, 11, &path[1..]), None);
    assert_eq!(found(4, 11, &[&path[..], &path[..1]].concat()), None);
}
