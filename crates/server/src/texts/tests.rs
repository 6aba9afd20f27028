//! The files of texts, and what is found wrong with them.

mod readings;

use super::text::{Text, TextError, places};
use super::{Direction, FILES, all, leaves, read};

super::text::patterns! {
    /// For these tests.
    When(when);
}

/// The error of the second file, with one of its lines changed.
fn error_with(from: &str, to: &str) -> String {
    let changed = FILES[1].replacen(from, to, 1);
    assert!(changed != FILES[1], "{from} stands in the file");
    read(&[FILES[0], &changed]).expect_err("it is wrong").to_string()
}

#[test]
fn every_language_says_everything() {
    let all = all();
    assert_eq!(all.len(), FILES.len());
    assert_eq!(&*all[0].language.tag, "en", "whoever asks for nothing gets English");
    for (texts, file) in all.iter().zip(FILES) {
        assert!(matches!(texts.language.dir, Direction::Ltr | Direction::Rtl));
        let table: toml::Table = toml::from_str(file).unwrap();
        let first: toml::Table = toml::from_str(FILES[0]).unwrap();
        assert!(leaves(&table).keys().eq(leaves(&first).keys()), "{}", texts.language.tag);
        assert!(!texts.promise.words.is_empty(), "{}", texts.language.tag);
    }
}

#[test]
fn the_same_text_has_the_same_places_in_every_language() {
    fn walk(path: &str, first: &toml::Value, other: &toml::Value) {
        if let (Some(first), Some(other)) = (first.as_table(), other.as_table()) {
            for (key, value) in first {
                walk(&format!("{path}.{key}"), value, &other[key]);
            }
        } else if let (Some(first), Some(other)) = (first.as_str(), other.as_str()) {
            let sorted = |text| {
                let mut places = places(text).unwrap();
                places.sort_unstable();
                places.dedup();
                places.into_iter().map(str::to_owned).collect::<Vec<_>>()
            };
            assert_eq!(sorted(first), sorted(other), "{path}");
        } else {
            assert!(first.is_array() && other.is_array(), "{path}: texts, or lists of texts");
        }
    }
    let first: toml::Table = toml::from_str(FILES[0]).unwrap();
    for file in &FILES[1..] {
        let other: toml::Table = toml::from_str(file).unwrap();
        for (key, value) in first.iter().filter(|(key, _)| *key != "promise" && *key != "date") {
            walk(key, value, &other[key]);
        }
    }
}

#[test]
fn what_is_wrong_with_a_file_is_told() {
    assert!(error_with("nothing = ", "noting = ").contains("unknown field `noting`"));
    assert!(error_with("dir = \"ltr\"", "dir = \"up\"").contains("unknown variant `up`"));
    assert!(error_with("title = \"预约活动\"", "title = \" \"").contains("a text is empty"));
    let places = error_with("title = \"预约活动\"", "title = \"{when}\"");
    assert!(places.contains("has the places [\"when\"]; the program fills in []"), "{places}");
    let twice = error_with("tag = \"zh-CN\"", "tag = \"EN\"");
    assert!(twice.contains("EN: this language stands twice"), "{twice}");
    let odd = error_with("address = \"zh\"", "address = \"z/h\"");
    assert!(odd.contains("zh-CN: tag and address"), "{odd}");
}

#[test]
fn places_are_filled_in_once() {
    let text = |text: &str| Text::try_from(text.to_owned());
    assert_eq!(&*text("a b").unwrap(), "a b");
    assert_eq!(text(""), Err(TextError::Empty));
    for alone in ["{", "}", "a} {b}", "{a}}"] {
        assert_eq!(text(alone), Err(TextError::Brace(alone.to_owned())));
    }
    let when = When::try_from("from {when} to {when}".to_owned()).unwrap();
    assert_eq!(when.with("{when}"), "from {when} to {when}", "what is filled in stays as it is");
    assert!(matches!(When::try_from("now".to_owned()), Err(TextError::Places { .. })));
}

#[test]
fn only_a_booking_promises() {
    let broken = error_with("skip = \"", "skip = \"您已预约成功。");
    assert_eq!(broken, "zh-CN: `base.skip` says \"预约成功\", which only a booking may");
    let denial = "denials = [{ phrase = \"从未预约成功\", why = \"它是否定句。\" }, ";
    let idle = error_with("denials = [", denial);
    assert!(idle.contains("stands in no text"), "{idle}");
    let half = error_with("title = \"", "title = \"本次没有预约成功");
    assert!(half.contains("`home.title` says"), "of a headline, half is read: {half}");
}

#[test]
fn another_language_is_one_more_file() {
    let arabic = FILES[0].replacen("tag = \"en\"", "tag = \"ar\"", 1);
    let arabic = arabic.replacen("address = \"en\"", "address = \"ar\"", 1);
    let arabic = arabic.replacen("dir = \"ltr\"", "dir = \"rtl\"", 1);
    let files: Vec<_> = FILES.iter().copied().chain([arabic.as_str()]).collect();
    let all = read(&files).unwrap();
    assert_eq!(all.last().unwrap().language.dir.to_string(), "rtl");
    let untold = arabic.replacen("[problem.paused]", "[problem.pausing]", 1);
    let error = read(&[FILES[0], &untold]).expect_err("it lacks a problem").to_string();
    assert!(error.contains("stands in only one of en and ar"), "{error}");
    let alone = read(&[&untold]).expect_err("no such problem").to_string();
    assert!(alone.contains("the problem `paused` has no texts"), "{alone}");
}

#[test]
fn no_sentence_about_a_body_shows_a_word_of_the_language_below() {
    for file in FILES {
        let texts = leaves(&toml::from_str(file).unwrap());
        for (key, text) in texts.iter().filter(|(key, _)| key.starts_with("json.")) {
            for word in ["u32", "u64", "struct", "map", "sequence", "variant", "EOF", "ident "] {
                assert!(!text.contains(word), "{key}: {text}");
            }
        }
    }
}

#[test]
fn every_meaning_of_a_refusal_has_its_words() {
    for texts in all() {
        for meaning in crate::problem::MEANINGS {
            let tag = &texts.language.tag;
            assert!(texts.console.refusal.contains_key(meaning), "{tag}: {meaning}");
        }
    }
}

#[test]
fn forms_of_dates_have_what_they_are_for() {
    for texts in all() {
        let at = jiff::civil::date(2030, 2, 1).at(20, 5, 0, 0);
        let (short, long) = (texts.date.moment(at, false), texts.date.moment(at, true));
        assert!(short.contains("20:05") && !short.contains("2030"), "{short}");
        assert!(long.contains("20:05") && long.contains("2030"), "{long}");
        let day = texts.date.day(at.date());
        assert!(day.contains("2030") && !day.contains("20:05"), "{day}");
    }
}
