//! Charts, drawn as SVG: bars over time, with their meaning in words.
//!
//! Owns: the drawing. Never: a colour; those are the sheet's, in light and dark.

use std::fmt::Write as _;

/// Of the drawing, in its own units; a page stretches it.
const HEIGHT: u32 = 100;
/// The width of a bar with the gap behind it, and of the gap.
const STEP: u32 = 10;
const GAP: u32 = 2;
/// Of a whole that is drawn in shares.
const SHARES_WIDTH: u32 = 1_000;

/// Bars from left to right. What a chart says is told in words beside it, so that it is hidden
/// from whoever cannot see it.
pub(super) fn bars(counts: &[u32]) -> String {
    let width = STEP * u32::try_from(counts.len().max(1)).expect("charts have few columns");
    let most = counts.iter().copied().max().unwrap_or(0).max(1);
    let mut path = String::new();
    for (column, count) in (0_u32..).zip(counts).filter(|(_, count)| 0 < **count) {
        // Whatever there is can be seen.
        let height = (u64::from(*count) * u64::from(HEIGHT) / u64::from(most)).max(2);
        let top = u64::from(HEIGHT) - height;
        let (left, wide) = (column * STEP, STEP - GAP);
        write!(path, "M{left} {top}h{wide}v{height}h-{wide}z")
            .expect("writing to a string cannot fail");
    }
    format!(
        "<svg class=\"chart\" viewBox=\"0 0 {width} {HEIGHT}\" preserveAspectRatio=\"none\" \
         aria-hidden=\"true\" focusable=\"false\"><path d=\"{path}\"/></svg>"
    )
}

/// Parts of a whole, side by side, each of a kind that the sheet gives its colour; what there is
/// of each is told in words beside it.
pub(super) fn shares(parts: &[(&str, u32)]) -> String {
    let whole: u64 = parts.iter().map(|(_, count)| u64::from(*count)).sum();
    let (mut drawn, mut before) = (String::new(), 0);
    for (kind, count) in parts.iter().filter(|(_, count)| 0 < *count) {
        let at = |count: u64| count * u64::from(SHARES_WIDTH) / whole;
        let left = at(before);
        before += u64::from(*count);
        // Whatever there is can be seen.
        let wide = (at(before) - left).max(2);
        let place = format!("x=\"{left}\" y=\"0\" width=\"{wide}\" height=\"10\"");
        write!(drawn, "<rect class=\"{kind}\" {place}/>").expect("writing to a string cannot fail");
    }
    format!(
        "<svg class=\"shares\" viewBox=\"0 0 {SHARES_WIDTH} 10\" preserveAspectRatio=\"none\" \
         aria-hidden=\"true\" focusable=\"false\">{drawn}</svg>"
    )
}

/// The same counts in fewer columns, each the sum of some.
pub(super) fn gather(counts: &[u32], columns: usize) -> Vec<u32> {
    let each = counts.len().div_ceil(columns.max(1)).max(1);
    // Whole columns at the right end, where now is.
    counts.rchunks(each).rev().map(|some| some.iter().sum()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bars_are_as_high_as_their_share_of_the_highest() {
        let drawn = bars(&[0, 5, 10]);
        assert!(drawn.contains("viewBox=\"0 0 30 100\""), "{drawn}");
        assert!(drawn.contains("d=\"M10 50h8v50h-8zM20 0h8v100h-8z\""), "{drawn}");
        assert!(bars(&[]).contains("d=\"\""));
        assert!(bars(&[1, 1_000_000]).contains("M0 98h8v2h-8z"), "little is not nothing");
    }

    #[test]
    fn shares_fill_the_whole_and_nothing_takes_no_place() {
        let drawn = shares(&[("booked", 3), ("none", 0), ("sold", 1)]);
        assert!(drawn.contains("class=\"booked\" x=\"0\" y=\"0\" width=\"750\""), "{drawn}");
        assert!(drawn.contains("class=\"sold\" x=\"750\" y=\"0\" width=\"250\""), "{drawn}");
        assert!(!drawn.contains("class=\"none\"") && !shares(&[]).contains("rect"));
    }

    #[test]
    fn columns_are_summed_from_the_right() {
        assert_eq!(gather(&[1, 2, 3, 4, 5], 3), [1, 5, 9]);
        assert_eq!(gather(&[], 3), [0; 0]);
    }
}
