//! A column that grows by blocks: nothing is ever moved, and no half of it stands empty.
//!
//! Owns: where a member lies. Never: removes one.
//! Invariants: every block but the last is full; a member keeps its number.
//! On failure: panics; callers count their rows and ask for no other.

/// Members of a block.
const BLOCK: usize = 1 << 14;

/// A column of entries' data.
#[derive(Debug)]
pub(super) struct Rows<T> {
    blocks: Vec<Vec<T>>,
    len: usize,
}

impl<T> Rows<T> {
    pub(super) const fn new() -> Self {
        Self { blocks: Vec::new(), len: 0 }
    }

    pub(super) const fn len(&self) -> usize {
        self.len
    }

    pub(super) fn push(&mut self, member: T) {
        if self.len.is_multiple_of(BLOCK) {
            self.blocks.push(Vec::with_capacity(BLOCK));
        }
        self.blocks.last_mut().expect("there is room in the last block").push(member);
        self.len += 1;
    }

    pub(super) fn get(&self, no: usize) -> &T {
        &self.blocks[no / BLOCK][no % BLOCK]
    }

    pub(super) fn get_mut(&mut self, no: usize) -> &mut T {
        &mut self.blocks[no / BLOCK][no % BLOCK]
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &T> {
        self.blocks.iter().flatten()
    }
}
