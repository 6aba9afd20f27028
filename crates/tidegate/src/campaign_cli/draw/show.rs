//! A draw of a campaign in words, with every fingerprint in groups of four to be read aloud.
//!
//! Owns: what is said of each step, and which command comes next. Never: computes a digest.

use crate::campaign_cli::show::text;
use crate::output::plural;
use draw::Digest;
use serde_json::Value;
use std::fmt::Write as _;

/// What a step came to.
pub(super) fn step(told: &Value, word: &str) -> String {
    let name = text(&told["name"]);
    let number = |member: &str| told[member].as_u64().unwrap_or_default();
    let entries = plural(number("entries"), "entry", "entries");
    let winners = plural(number("winners"), "entry", "entries");
    let head = match word {
        "close" => format!("the list of {name} is closed: {entries}"),
        "seal" => format!("sealed: {entries} of {name}"),
        "open" => "opened: both secrets fit their commitments".to_owned(),
        "seed" => "the seed is made".to_owned(),
        "run" => format!("drawn: {winners} of {} won", number("entries")),
        "alternates" => {
            let rounds = || events(told).iter().filter(|event| event["event"] == "alternates");
            let last = rounds().next_back().map_or(&Value::Null, |event| &event["winners"]);
            let won = plural(last.as_u64().unwrap_or_default(), "entry", "entries");
            let all = number("winners");
            format!("alternates {} drawn: {won} won; with those before, {all}", rounds().count())
        }
        "publish" => format!("published: {winners} of {} won", number("entries")),
        "void" => format!("void: {name} does not count"),
        _ => unreachable!("a draw has no step {word}"),
    };
    let mut shown = format!("{head}\n{}", facts(told));
    line(&mut shown, "next", &next(told));
    shown
}

/// A draw, and in a line each the others of its campaign.
pub(super) fn draw(told: &Value, all: &[Value]) -> String {
    let mut shown = String::new();
    for other in all.iter().filter(|other| other["draw"] != told["draw"]) {
        line(&mut shown, &format!("draw {}", text(&other["draw"])), &stage(other));
    }
    let head = format!("draw {}: {}\n", text(&told["draw"]), stage(told));
    let unserved = if told["unserved"] == Value::Bool(true) { ", of those unserved" } else { "" };
    let closed = format!("{}{unserved}", text(&told["closed_at"]));
    shown += &head;
    line(&mut shown, "list closed", &closed);
    line(&mut shown, "entries", &text(&told["entries"]));
    if told["winners"] != 0 {
        let winners = format!("{}, {} awarded", text(&told["winners"]), text(&told["awarded"]));
        line(&mut shown, "winners", &winners);
    }
    let latest = all.len() as u64;
    let is_over = told["draw"].as_u64().is_some_and(|number| number < latest);
    shown += &facts(told);
    line(&mut shown, "next", &if is_over { gone_on(told, latest) } else { next(told) });
    shown
}

/// Name and stage.
fn stage(told: &Value) -> String {
    format!("{}, {}", text(&told["name"]), text(&told["stage"]))
}

/// The fingerprints, where the files lie, whose key signed them, and what there is to doubt.
fn facts(told: &Value) -> String {
    let mut shown = String::new();
    let mut rounds = 0;
    for event in events(told) {
        let what = match event["event"].as_str().unwrap_or_default() {
            // As `tidegate draw verify` calls them, by the names of their notes.
            "seed" => "seeded".to_owned(),
            "alternates" => {
                rounds += 1;
                format!("alternates-{rounds}")
            }
            other => other.to_owned(),
        };
        line(&mut shown, &what, &text(&event["fingerprint"]));
        let seed = told["seed"].as_str().and_then(|digits| digits.parse::<Digest>().ok());
        if let Some(seed) = seed.filter(|_| what == "seeded") {
            line(&mut shown, "seed", &seed.fingerprint().to_string());
        }
    }
    shown += &sealed(&told["sealed"]);
    line(&mut shown, "signed by", &text(&told["operator_key"]));
    line(&mut shown, "folder", &text(&told["folder"]));
    if let Some(progress) = told["progress"].as_object() {
        let [done, of] = ["done", "of"].map(|member| text(&progress[member]));
        line(&mut shown, "at work", &format!("{}, {done} of {of}", text(&progress["doing"])));
    }
    shown
}

/// What was sealed of the seed and what was drawn, to be held against what was said in the hall.
fn sealed(sealed: &Value) -> String {
    let mut shown = String::new();
    if let Some(balls) = sealed["balls"].as_str() {
        line(&mut shown, "balls", balls);
    }
    if let Some(drawn) = sealed["drawn"].as_str() {
        // Counted, since a ball that was forgotten is not seen among many.
        let count = plural(drawn.split(' ').count(), "ball", "balls");
        line(&mut shown, "balls drawn", &format!("{drawn} ({count})"));
    }
    if let Some(deadline) = sealed["deadline"].as_str() {
        line(&mut shown, "deadline", deadline);
    }
    if let Some(round) = sealed["drand_round"].as_u64() {
        line(&mut shown, "beacon", &format!("round {round} of drand's quicknet"));
    }
    if sealed["publicly_verifiable"] == Value::Bool(false) {
        let why = "NOT PUBLICLY VERIFIABLE: neither balls nor a beacon have a part in the seed";
        line(&mut shown, "careful", why);
    }
    if sealed["rehearsal"] == Value::Bool(true) {
        let why = "A REHEARSAL: round or deadline was past when the list was closed";
        line(&mut shown, "careful", why);
    }
    shown
}

/// What is said where nothing can be done any more.
fn gone_on(told: &Value, latest: u64) -> String {
    format!("nothing: draw {latest} of {} came after this one", text(&told["campaign"]))
}

fn events(told: &Value) -> &[Value] {
    told["events"].as_array().map_or(&[], Vec::as_slice)
}

/// The command that comes next.
fn next(told: &Value) -> String {
    let campaign = text(&told["campaign"]);
    let has = |word: &str| events(told).iter().any(|event| event["event"] == word);
    let (step, why) = match told["needs"].as_str().unwrap_or_default() {
        "seal" => ("seal", ""),
        "opening" => ("open", ", in the hall"),
        "seed" if told["sealed"]["drand_round"].is_null() => ("seed", ""),
        "seed" => ("seed", ", when the beacon's round has come"),
        "result" => ("run", ""),
        "awards" if has("alternates") => ("alternates", " again: it was cut off"),
        "awards" => ("run", " again: it was cut off"),
        "publication" => ("publish", ""),
        "alternates" => ("alternates", " again: it was cut off"),
        _ if told["stage"] == "void" && has("opening") => {
            ("close", ": the next draw goes on from this one, with two new secrets")
        }
        _ if told["stage"] == "void" => ("close", ": the next draw goes on from this one"),
        _ => ("alternates", ", when something has come back"),
    };
    format!("`tidegate campaign draw {step} {campaign}`{why}")
}

fn line(shown: &mut String, what: &str, value: &str) {
    writeln!(shown, "{what:>12}  {value}").expect("strings take writes");
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn told(stage: &str, needs: &str, events: &[&str]) -> Value {
        let event = |word: &&str| match *word {
            "result" | "alternates" => {
                json!({ "event": word, "fingerprint": "0b0b 0b0b", "winners": 1 })
            }
            _ => json!({ "event": word, "fingerprint": "0b0b 0b0b" }),
        };
        let events: Vec<_> = events.iter().map(event).collect();
        json!({ "campaign": "masks", "draw": 2, "name": "masks/1", "stage": stage,
            "needs": needs, "closed_at": "2030-02-01T22:30:00+08:00", "unserved": false,
            "entries": 60, "winners": 3, "awarded": 3, "events": events, "seed": "0a".repeat(32),
            "operator_key": "masks/1+00+AA", "folder": "/data/draws/masks/2" })
    }

    #[test]
    fn each_event_has_its_fingerprint_under_the_name_that_verify_gives_it() {
        let events = ["seal", "opening", "seed", "result", "alternates", "alternates"];
        let shown = step(&told("drawn", "publication", &events), "alternates");
        let seed = Digest([0x0a; 32]).fingerprint().to_string();
        let expected = format!(
            "alternates 2 drawn: 1 entry won; with those before, 3\n        \
             seal  0b0b 0b0b\n     opening  0b0b 0b0b\n      seeded  0b0b 0b0b\n        \
             seed  {seed}\n      result  0b0b 0b0b\nalternates-1  0b0b 0b0b\n\
             alternates-2  0b0b 0b0b\n   signed by  masks/1+00+AA\n      \
             folder  /data/draws/masks/2\n        \
             next  `tidegate campaign draw publish masks`\n"
        );
        assert_eq!(shown, expected);
    }

    #[test]
    fn what_comes_next_is_a_command() {
        let next = |stage, needs, events: &[&str]| next(&told(stage, needs, events));
        assert_eq!(next("closed", "seal", &[]), "`tidegate campaign draw seal masks`");
        let cut = next("drawn", "awards", &["alternates"]);
        assert_eq!(cut, "`tidegate campaign draw alternates masks` again: it was cut off");
        let begun = next("resumed", "alternates", &["seal", "result"]);
        assert_eq!(begun, cut);
        let again = next("void", "list", &["seal", "void"]);
        assert!(again.starts_with("`tidegate campaign draw close masks`"), "{again}");
        assert!(again.ends_with("goes on from this one"), "its secrets are secrets still: {again}");
        let opened = next("void", "list", &["seal", "opening", "void"]);
        assert!(opened.ends_with("with two new secrets"), "everybody knows these: {opened}");
    }

    #[test]
    fn what_was_sealed_of_the_seed_is_shown_with_what_there_is_to_doubt() {
        let with = |sealed: Value| {
            let mut told = told("opened", "seed", &["seal", "opening"]);
            told["sealed"] = sealed;
            step(&told, "open")
        };
        let shown = with(json!({ "balls": "6 of 01-49", "drawn": "99", "drand_round": 7,
            "deadline": "2030-02-02T12:00:00Z", "publicly_verifiable": true, "rehearsal": true }));
        for line in [
            "       balls  6 of 01-49\n balls drawn  99 (1 ball)\n",
            "      beacon  round 7 of",
            "     careful  A REHEARSAL: round or deadline was past when the list was closed",
            "when the beacon's round has come",
        ] {
            assert!(shown.contains(line), "{line}: {shown}");
        }
        let shown = with(json!({ "deadline": "2030-02-02T12:00:00Z", "publicly_verifiable": false,
            "rehearsal": false }));
        assert!(shown.contains("     careful  NOT PUBLICLY VERIFIABLE"), "{shown}");
        assert!(!shown.contains("REHEARSAL") && !shown.contains("beacon's round"), "{shown}");
    }

    #[test]
    fn of_a_draw_that_another_one_follows_no_step_is_named() {
        let first = told("published", "list", &["seal"]);
        let shown = draw(&first, &[first.clone(), first.clone(), first.clone()]);
        assert!(shown.contains("next  nothing: draw 3 of masks came after this one"), "{shown}");
    }

    #[test]
    fn other_draws_are_a_line_each() {
        let mut first = told("void", "list", &["void"]);
        first["draw"] = json!(1);
        let second = told("closed", "seal", &[]);
        let shown = draw(&second, &[first, second.clone()]);
        assert!(shown.starts_with("      draw 1  masks/1, void\ndraw 2: masks/1, closed\n"));
    }
}
