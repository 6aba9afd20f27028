//! Append-only rows in chunks: growing never moves what is there.
//!
//! Owns: the chunks. Never: forgets a row, or copies one to make room. Invariants: every chunk but
//! the last is full, so a row's number says where it is.

const CHUNK_ROWS: usize = 4_096;

/// Append-only rows, addressed by their number from 0.
pub(crate) struct Rows<T> {
    chunks: Vec<Vec<T>>,
    len: usize,
}

impl<T> Rows<T> {
    pub(crate) const fn new() -> Self {
        Self { chunks: Vec::new(), len: 0 }
    }

    pub(crate) const fn len(&self) -> usize {
        self.len
    }

    pub(crate) fn push(&mut self, row: T) {
        if self.len.is_multiple_of(CHUNK_ROWS) {
            self.chunks.push(Vec::with_capacity(CHUNK_ROWS));
        }
        self.chunks.last_mut().expect("a chunk was pushed for the first row").push(row);
        self.len += 1;
    }

    pub(crate) fn get(&self, row: usize) -> &T {
        &self.chunks[row / CHUNK_ROWS][row % CHUNK_ROWS]
    }

    pub(crate) fn get_mut(&mut self, row: usize) -> &mut T {
        &mut self.chunks[row / CHUNK_ROWS][row % CHUNK_ROWS]
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &T> {
        self.chunks.iter().flatten()
    }

    pub(crate) const fn heap_bytes(&self) -> usize {
        self.chunks.len() * (CHUNK_ROWS * size_of::<T>() + size_of::<Vec<T>>())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_keep_their_numbers() {
        let mut rows = Rows::new();
        (0..10_000).for_each(|row| rows.push(row));
        assert_eq!(rows.len(), 10_000);
        assert!((0..10_000).all(|row| *rows.get(row) == row));
        *rows.get_mut(4_096) = 1;
        assert_eq!(rows.iter().nth(4_096), Some(&1));
    }
}
