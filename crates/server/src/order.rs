//! The order in which people look for a name in a list.
//!
//! Owns: which lists have an order that everybody knows. Never: an order of its own for the others:
//! those stand as whoever made them wrote them, who knows what their readers expect.

/// The last letter of those that are written as Latin is.
const LATIN_LAST: char = '\u{24f}';

/// Sorts names by letters and numbers where everybody knows them to be sorted so: where all are
/// written in Latin letters, or are the same but for their numbers. "第 9 区" stands before
/// "第 10 区"; 越秀 and 海珠 stay where they are.
pub(crate) fn sort_by_name<T>(list: &mut [T], name: impl Fn(&T) -> String) {
    let is_latin = |item: &T| name(item).chars().all(|c| !c.is_alphabetic() || c <= LATIN_LAST);
    let shape = |item: &T| -> String { name(item).chars().filter(|c| !c.is_numeric()).collect() };
    let has_one_shape = list.windows(2).all(|pair| shape(&pair[0]) == shape(&pair[1]));
    if has_one_shape || list.iter().all(is_latin) {
        list.sort_by_cached_key(|item| key(&name(item)));
    }
}

/// A name in parts: numbers count as numbers, capitals as small letters, spaces beside numbers as
/// nothing.
fn key(name: &str) -> Vec<(u64, String)> {
    let mut parts: Vec<(u64, String)> = Vec::new();
    let mut rest = name;
    while !rest.is_empty() {
        let text = rest.find(|c: char| c.is_ascii_digit()).unwrap_or(rest.len());
        let (before, tail) = rest.split_at(text);
        let digits = tail.find(|c: char| !c.is_ascii_digit()).unwrap_or(tail.len());
        let (number, tail) = tail.split_at(digits);
        // The number leads the part that follows it; the first part has none.
        match parts.last_mut() {
            Some(last) => last.1 = before.trim().to_lowercase(),
            None => parts.push((0, before.trim().to_lowercase())),
        }
        if !number.is_empty() {
            parts.push((number.parse().unwrap_or(u64::MAX), String::new()));
        }
        rest = tail;
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::sort_by_name;

    fn sorted(names: &[&str]) -> String {
        let mut names = names.to_vec();
        sort_by_name(&mut names, |name| (*name).to_owned());
        names.join(" ")
    }

    #[test]
    fn what_has_a_known_order_has_it() {
        assert_eq!(sorted(&["Tinglan", "baicao", "Wangchao"]), "baicao Tinglan Wangchao");
        assert_eq!(sorted(&["D10", "D9", "D 1", "D"]), "D D 1 D9 D10");
        assert_eq!(sorted(&["第2区", "第10区", "第1区"]), "第1区 第2区 第10区");
        let endless = "9".repeat(30);
        assert_eq!(sorted(&[&endless, "1"]), format!("1 {endless}"));
        assert_eq!(sorted(&[]), "");
    }

    #[test]
    fn what_has_none_stays_as_it_was_written() {
        assert_eq!(sorted(&["越秀区", "海珠区", "Wangchao"]), "越秀区 海珠区 Wangchao");
        assert_eq!(sorted(&["第3区", "第1街"]), "第3区 第1街");
    }
}
