//! The reconciliation: what an audit counted, as tables for people and as JSON for programs.
//!
//! Owns: the tables and their sums. Never: leaves a finding out, or a total.

use super::examine::{Compared, Examined};
use crate::output::plural;
use audit::books::draw::event_word;
use audit::books::{Campaign, Draw, Pool, Units};
use audit::{End, Ending};
use comfy_table::presets::UTF8_FULL_CONDENSED;
use comfy_table::{CellAlignment, Table};
use jiff::Timestamp;
use serde_json::{Value, json};
use std::fmt::Write as _;
use std::time::Duration;
use types::{Allocate, DrawEvent, Millis, Sha256};

/// Rows of a long table that a terminal is shown; `--json` has all.
pub(super) const ROWS_SHOWN_MAX: usize = 40;
const POOLS: [&str; 8] =
    ["outlet", "item", "slot", "issued", "withdrawn", "booked", "redeemed", "free"];

/// Everything, for people.
pub(super) fn text(examined: &Examined, rows_max: usize, took: Duration) -> String {
    let mut told = String::new();
    let mut say = |line: &str| {
        told.push_str(line);
        told.push('\n');
    };
    head(examined, took).iter().for_each(|line| say(line));
    for campaign in examined.books.campaigns() {
        say("");
        campaign_text(campaign, rows_max).lines().for_each(&mut say);
    }
    say("");
    outcomes(examined).lines().for_each(&mut say);
    let sum = examined.books.campaigns().iter().map(Campaign::units);
    say(&format!("all units: {}", balance(sum.fold(Units::default(), Units::plus))));
    for found in examined.all_found() {
        let place = found.place.map(|(frame, offset)| match offset {
            Some(offset) => format!(" frame {frame} byte {offset}:"),
            None => format!(" frame {frame}:"),
        });
        // What people wrote stands in some of them, and a terminal obeys control characters.
        let text: String =
            found.text.chars().map(|one| if one.is_control() { ' ' } else { one }).collect();
        say(&format!("FOUND {}:{} {text}", found.kind, place.unwrap_or_default()));
    }
    let unlisted = examined.found_len() - examined.all_found().len() as u64;
    if 0 < unlisted {
        say(&format!("and {} more of the books' own", thousands(unlisted)));
    }
    say(&verdict(examined));
    told
}

/// The last line.
pub(super) fn verdict(examined: &Examined) -> String {
    match examined.found_len() {
        0 if examined.lacks_node() => "audit: nothing found, the node was not compared".to_owned(),
        0 => "audit: clean".to_owned(),
        findings => format!("audit: {}", plural(thousands(findings), "finding", "findings")),
    }
}

fn head(examined: &Examined, took: Duration) -> Vec<String> {
    let (frames, commands) = examined.books.taken();
    let journal: String = examined.journal.iter().map(|byte| format!("{byte:02x}")).collect();
    let rate = commands as f64 / took.as_secs_f64().max(1e-9);
    let mut lines = vec![
        format!("journal  {journal}"),
        format!(
            "frames   {}, {}, audited in {:.2} s, {}/s",
            plural(thousands(frames), "frame", "frames"),
            plural(thousands(commands), "command", "commands"),
            took.as_secs_f64(),
            thousands(rate as u64)
        ),
    ];
    if let Some((first, last)) = examined.span {
        lines.push(format!("from     {} to {}", moment(first), moment(last)));
    }
    if let Some(hash) = examined.frame_hash {
        lines.push(format!("chain    {hash} at frame {}", examined.books.last().0));
        if examined.found_len() == 0 {
            let what = "the line above, where this folder is not: nothing recorded up to there \
                        can be changed and leave it the same";
            lines.push(format!("keep     {what}"));
        }
    }
    let frame = examined.books.last().0;
    lines.push(format!("state    {:016x} at frame {frame}", examined.ledger_hash));
    for Compared { who, frame, .. } in &examined.agreed {
        lines.push(format!("agreed   {who}, at frame {frame}"));
    }
    if let Some(stopped) = examined.stopped {
        for Compared { who, frame, .. } in &examined.not_compared {
            lines.push(format!(
                "compare  {who}, at frame {frame}: not compared, since the audit stopped at frame \
                 {stopped}"
            ));
        }
        let journal = match examined.damage() {
            Some(_) => "of a damaged journal",
            None => "of a journal that cannot be read further",
        };
        lines.push(format!("totals   up to frame {frame} {journal}: what follows counts no more"));
    }
    if examined.lacks_node() && examined.found_len() == 0 {
        lines.push("compare  the node named no state of a frame to compare with".to_owned());
    }
    if let Some(End { segment, offset, ending: Ending::Torn { bytes }, .. }) = &examined.end {
        let bytes = plural(thousands(*bytes), "byte", "bytes");
        lines.push(format!(
            "tail     {bytes} at byte {offset} of {segment}: a frame being written, or cut short; \
             it was never acknowledged"
        ));
    }
    lines
}

fn campaign_text(campaign: &Campaign, rows_max: usize) -> String {
    let counts = campaign.counts();
    let mut told = format!("campaign {}\n", campaign.definition().code);
    let parts = [
        (counts.booked, "booked"),
        (counts.redeemed, "redeemed"),
        (counts.cancelled, "cancelled"),
        (counts.sold_out, "sold out"),
        (counts.cooling_down, "cooling down"),
    ];
    let waiting = (counts.waiting, "waiting");
    let waiting = does_draw(campaign).then_some(&waiting);
    let parts: Vec<_> = parts
        .iter()
        .chain(waiting)
        .map(|(count, word)| format!("{} {word}", thousands(*count)))
        .collect();
    let people: Vec<_> = persons(campaign)
        .map(|(field, count)| format!("{} by {field}", thousands(count)))
        .collect();
    let lines = [
        format!("entries  {} = {}", thousands(counts.entries), parts.join(" + ")),
        format!("persons  {}", people.join(", ")),
        format!("units    {}", balance(campaign.units())),
    ];
    let draws = campaign.draws().iter().flat_map(|draw| draw_lines(campaign, draw));
    let lines: Vec<_> = lines.into_iter().chain(draws).collect();
    let mut table = Table::new();
    table.load_preset(UTF8_FULL_CONDENSED).set_header(POOLS);
    for pool in campaign.pools().iter().take(rows_max) {
        let place = campaign.place(pool).map(str::to_owned);
        table.add_row(place.into_iter().chain(cells(pool.units)));
    }
    let pools = plural(thousands(campaign.pools().len() as u64), "pool", "pools");
    let total = ["all".to_owned(), pools, String::new()];
    table.add_row(total.into_iter().chain(cells(campaign.units())));
    for column in 3..POOLS.len() {
        let column = table.column_mut(column).expect("the headings made the column");
        column.set_cell_alignment(CellAlignment::Right);
    }
    told += &lines.join("\n");
    write!(told, "\n{table}").expect("strings take writes");
    let more = campaign.pools().len().saturating_sub(rows_max);
    if 0 < more {
        let more = plural(thousands(more as u64), "pool", "pools");
        write!(told, "\nand {more} more; `--json` has all").expect("strings take writes");
    }
    told
}

fn does_draw(campaign: &Campaign) -> bool {
    matches!(campaign.definition().allocate, Allocate::Draw(_))
}

/// A draw in a line, and each of its notes in one, as its published files are named and hashed.
fn draw_lines(campaign: &Campaign, draw: &Draw) -> Vec<String> {
    let slot = slot_of(campaign, draw).map(|slot| format!(" for {slot}")).unwrap_or_default();
    let among = if draw.unserved { " among the unserved" } else { "" };
    let entries = plural(thousands(draw.entries.into()), "entry", "entries");
    let winners = plural(thousands(draw.winners.into()), "winner", "winners");
    let line = format!(
        "draw {:<3} {}{slot}{among}: closed at {} in frame {}, {entries}, {winners}, {} awarded",
        draw.no.0,
        draw.stage.word(),
        moment(draw.at),
        draw.frame,
        thousands(draw.awarded.into())
    );
    let note = |(event, digest): &(DrawEvent, Sha256)| {
        let counted = match event {
            DrawEvent::Seal { entries } => format!(" of {}", thousands((*entries).into())),
            DrawEvent::Result { winners } | DrawEvent::Alternates { winners } => {
                format!(" with {}", thousands((*winners).into()))
            }
            DrawEvent::Opening | DrawEvent::Seed | DrawEvent::Void => String::new(),
        };
        format!("  {:<10} {digest}{counted}", event_word(*event))
    };
    std::iter::once(line).chain(draw.events.iter().map(note)).collect()
}

fn slot_of<'c>(campaign: &'c Campaign, draw: &Draw) -> Option<&'c str> {
    let slot = campaign.definition().slots.get(draw.slot?.index())?;
    Some(&slot.code)
}

fn draw_json(campaign: &Campaign, draw: &Draw) -> Value {
    let note = |(event, digest): &(DrawEvent, Sha256)| {
        let (entries, winners) = match *event {
            DrawEvent::Seal { entries } => (Some(entries), None),
            DrawEvent::Result { winners } | DrawEvent::Alternates { winners } => {
                (None, Some(winners))
            }
            DrawEvent::Opening | DrawEvent::Seed | DrawEvent::Void => (None, None),
        };
        json!({ "event": event_word(*event), "digest": digest.to_string(), "entries": entries,
            "winners": winners })
    };
    json!({
        "draw": draw.no.0,
        "slot": slot_of(campaign, draw),
        "unserved": draw.unserved,
        "stage": draw.stage.word(),
        "was_published": draw.was_published,
        "closed_at": moment(draw.at),
        "frame": draw.frame.0,
        "entries": draw.entries,
        "winners": draw.winners,
        "awarded": draw.awarded,
        "events": draw.events.iter().map(note).collect::<Vec<_>>(),
    })
}

fn outcomes(examined: &Examined) -> String {
    let mut table = Table::new();
    table.load_preset(UTF8_FULL_CONDENSED).set_header(["outcome", "commands"]);
    for (word, count) in examined.books.outcomes() {
        table.add_row([(*word).to_owned(), thousands(*count)]);
    }
    let column = table.column_mut(1).expect("the headings made the column");
    column.set_cell_alignment(CellAlignment::Right);
    table.to_string()
}

/// The sum that must hold.
pub(crate) fn balance(units: Units) -> String {
    let Units { issued, withdrawn, booked, .. } = units;
    let free = match units.free() {
        free if free < 0 => format!("-{}", thousands(free.unsigned_abs())),
        free => thousands(free.unsigned_abs()),
    };
    let [issued, withdrawn, booked] = [issued, withdrawn, booked].map(thousands);
    format!("{issued} issued = {free} free + {booked} booked + {withdrawn} withdrawn")
}

fn cells(units: Units) -> [String; 5] {
    let free = units.free();
    let sign = if free < 0 { "-" } else { "" };
    [
        thousands(units.issued),
        thousands(units.withdrawn),
        thousands(units.booked),
        thousands(units.redeemed),
        format!("{sign}{}", thousands(free.unsigned_abs())),
    ]
}

/// Everything, for programs.
pub(super) fn json(examined: &Examined) -> Value {
    let (frames, commands) = examined.books.taken();
    let journal: String = examined.journal.iter().map(|byte| format!("{byte:02x}")).collect();
    let sum = examined.books.campaigns().iter().map(Campaign::units);
    let compared = |list: &[Compared]| {
        let one = |Compared { who, frame, .. }: &Compared| json!({ "who": who, "frame": frame.0 });
        list.iter().map(one).collect::<Vec<_>>()
    };
    let found = examined.all_found().into_iter().map(|found| {
        json!({ "kind": found.kind, "frame": found.place.map(|(frame, _)| frame.0),
            "offset": found.place.and_then(|(_, offset)| offset), "text": found.text })
    });
    let end = examined.end.as_ref().map(|end| {
        let (how, bytes) = match end.ending {
            Ending::Clean => ("clean", None),
            Ending::Torn { bytes } => ("torn", Some(bytes)),
            Ending::Damaged(_) => ("damaged", None),
        };
        json!({ "segment": end.segment, "offset": end.offset, "how": how, "torn_bytes": bytes })
    });
    json!({
        "journal": journal,
        "frames": frames,
        "commands": commands,
        "first_at": examined.span.map(|(first, _)| moment(first)),
        "last_at": examined.span.map(|(_, last)| moment(last)),
        "frame": examined.books.last().0.0,
        "frame_hash": examined.frame_hash.map(|hash| hash.to_string()),
        "ledger_hash": format!("{:016x}", examined.ledger_hash),
        "agreed": compared(&examined.agreed),
        "not_compared": compared(&examined.not_compared),
        "stopped_at": examined.stopped.map(|frame| frame.0),
        "end": end,
        "outcomes": examined.books.outcomes(),
        "units": units_json(sum.fold(Units::default(), Units::plus)),
        "campaigns": examined.books.campaigns().iter().map(campaign_json).collect::<Vec<_>>(),
        "findings": found.collect::<Vec<_>>(),
        "findings_count": examined.found_len(),
        "clean": examined.is_clean(),
    })
}

fn campaign_json(campaign: &Campaign) -> Value {
    let counts = campaign.counts();
    let pool = |pool: &Pool| {
        let [outlet, item, slot] = campaign.place(pool);
        let mut told = units_json(pool.units);
        told["outlet"] = outlet.into();
        told["item"] = item.into();
        told["slot"] = slot.into();
        told
    };
    json!({
        "campaign": campaign.definition().code,
        "entries": counts.entries,
        "entries_by_state": { "booked": counts.booked, "redeemed": counts.redeemed,
            "cancelled": counts.cancelled, "sold-out": counts.sold_out,
            "cooling-down": counts.cooling_down, "waiting": counts.waiting },
        "persons": persons(campaign).collect::<std::collections::BTreeMap<_, _>>(),
        "units": units_json(campaign.units()),
        "pools": campaign.pools().iter().map(pool).collect::<Vec<_>>(),
        "draws": campaign.draws().iter().map(|draw| draw_json(campaign, draw)).collect::<Vec<_>>(),
    })
}

fn units_json(units: Units) -> Value {
    json!({ "issued": units.issued, "withdrawn": units.withdrawn, "booked": units.booked,
        "redeemed": units.redeemed, "free": units.free() })
}

/// Different people, by unique field.
fn persons(campaign: &Campaign) -> impl Iterator<Item = (&str, u64)> {
    let fields = campaign.definition().register.fields.iter().filter(|field| field.unique);
    fields.map(|field| field.code.as_str()).zip(campaign.persons())
}

fn moment(at: Millis) -> String {
    let at = i64::try_from(at.0).ok().and_then(|at| Timestamp::from_millisecond(at).ok());
    at.map_or_else(|| "a time beyond all calendars".to_owned(), |at| at.to_string())
}

/// With commas.
pub(super) fn thousands(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if 0 < place && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}
