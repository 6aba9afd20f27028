//! The campaign file as a whole: its sections, its tables, and the definition they make.
//!
//! Owns: the order of reading, and the checks that span sections. Never: details of a section.
//! Invariants: files without an error make a definition that passes `Definition::check`.

use crate::codes::Codes;
use crate::document::{Reading, Section, Source};
use crate::draw::{self, Drawing};
use crate::files::{self, Files};
use crate::language::{Languages, TextRule, is_tag};
use crate::outlets::Outlets;
use crate::problem::{Code, Place, Problem, Report};
use crate::register;
use crate::registered;
use crate::schedule::{Clock, Moment, limited};
use crate::series::{SeriesPlaces, SeriesSpans, series};
use crate::stock::{Names, Pools};
use crate::syntax::Readable;
use crate::table::TableFile;
use crate::time::Zone;
use crate::words::{listed, shown};
use std::ops::Range;
use toml::de::DeValue;
use types::calendar::Calendar;
use types::definition::{Fulfil, Item, Publish, Register, Slot, Texts};
use types::{Definition, Millis, limits};

/// Where parts stand, for what is said about them later.
#[derive(Default)]
struct Spans {
    register: Range<usize>,
    slots: Range<usize>,
    cap: Range<usize>,
    registered_in: Range<usize>,
    series: SeriesSpans,
    draw: draw::Spans,
}

/// Where it stands what a campaign must agree in with others.
type Places = (SeriesPlaces, Option<Place>);

impl Spans {
    /// Names that only the whole can be wrong about; none when some are.
    fn check_names(&self, definition: &Definition, reading: Reading<'_>) -> Option<()> {
        draw::check_names(definition, reading, &self.draw);
        draw::check_buckets(definition, reading, &self.draw);
        registered::check(definition, reading, &self.registered_in);
        (reading.report.errors() == 0).then_some(())
    }

    fn places(&self, definition: &Definition, reading: Reading<'_>) -> Places {
        let named = registered::place(definition, reading, &self.registered_in);
        (self.series.places(reading), named)
    }
}

/// Reads everything, and where it stands what must agree with other campaigns; none when an error
/// was reported.
pub(crate) fn read(
    files: &dyn Files,
    file: &str,
    text: &str,
    now: Millis,
    report: &Report,
) -> Option<(Definition, Places)> {
    let (source, readable) = (Source::new(file, text), Readable::of(text));
    let reading = Reading { source: &source, report, damage: &readable.damage };
    let mut root = Section::root(reading, readable.table(), &readable.errors);
    let mut spans = Spans::default();
    let mut header = root.require_section("campaign");
    let code = header.as_mut().and_then(campaign_code).unwrap_or_default();
    let tags = header.as_mut().map(languages).unwrap_or_default();
    spans.series.zone = span_of(header.as_ref(), "zone");
    let zone = header.as_mut().and_then(zone);
    header.into_iter().for_each(Section::finish);
    let languages = Languages { reading, tags: &tags };
    // An unknown zone was reported; the order of local times is the same in any.
    let clock = Clock { reading, zone: &zone.clone().unwrap_or_else(Zone::utc) };

    let texts = texts(root.require_section("texts"), languages);
    let drawing = Drawing::of(&root);
    let (items, item_codes) = items(required(&mut root, "item", "[[item]]"), languages, drawing);
    let slot_sections = required(&mut root, "slot", "[[slot]]");
    spans.slots = slot_sections.first().map_or(0..0, |section| section.span.clone());
    let (slots, slot_codes) = clock.slots(slot_sections, languages, drawing);
    let (outlets, pools) = tables(files, &mut root, languages, (&item_codes, &slot_codes), drawing);
    let series_section = root.section("series");
    spans.series.cool_down = span_of(series_section.as_ref(), "cool_down_days");
    let series = series_section.map(series);

    let (register, last_window) = registered(&mut root, &mut spans, clock, languages).unzip();
    let last_window = last_window.flatten();
    let allocate_section = root.section("allocate");
    spans.draw.allocate = span_of(allocate_section.as_ref(), "by");
    let allocate = finished(allocate_section, register::allocate);
    let publish_section = root.require_section("publish");
    spans.series.publish = span_of(publish_section.as_ref(), "when");
    spans.draw.publish = spans.series.publish.clone();
    let publish = finished(publish_section, |section| {
        register::publish(section, clock, last_window.as_ref(), now)
    });
    if drawing.is_some() {
        let units = register.as_ref().map(|register| register.units_max);
        draw::check(reading, &spans.draw, units, publish.as_ref());
    }
    let fulfil = finished(root.section("fulfil"), register::fulfil);
    let mut pacing_section = root.section("pacing");
    let pacing = register::pacing(pacing_section.as_mut());
    pacing_section.into_iter().for_each(Section::finish);
    root.finish();
    if report.errors() > 0 {
        return None;
    }
    let definition = Definition {
        code,
        series,
        calendar: Calendar::fixed("UTC", 0),
        languages: tags.clone(),
        texts,
        items,
        outlets: outlets.outlets,
        slots,
        stock: pools.stock,
        register: register?,
        allocate: allocate.unwrap_or(types::definition::Allocate::FirstCome),
        publish: publish?,
        fulfil: fulfil.unwrap_or(types::definition::Fulfil::Pickup { whole_day: false }),
        pacing,
    };
    let calendar = calendar(&zone?, &definition)?;
    let definition = Definition { calendar, ..definition };
    spans.check_names(&definition, reading)?;
    definition.check().expect("the readers check whatever a definition must be");
    warn(&definition, now, reading, &spans);
    let places = spans.places(&definition, reading);
    Some((definition, places))
}

/// `[register]`, and when its last window ends.
fn registered<'a>(
    root: &mut Section<'a>,
    spans: &mut Spans,
    clock: Clock<'a>,
    languages: Languages<'a>,
) -> Option<(Register, Option<Moment>)> {
    let mut section = root.require_section("register")?;
    spans.register = section.span.clone();
    spans.series.unique_fields = section.span_of("field");
    spans.cap = section.span_of("cap");
    spans.registered_in = section.span_of("registered_in");
    spans.draw.units = section.span_of("units");
    let registered = register::register(&mut section, clock, languages);
    section.finish();
    Some(registered)
}

/// Sections in a row, at least one. What is there and cannot be read as such is reported, and is
/// not missing as well.
fn required<'a>(root: &mut Section<'a>, key: &'static str, name: &str) -> Vec<Section<'a>> {
    let report = root.reading.report;
    let errors_before = report.errors();
    let sections = root.sections(key, name);
    if sections.is_empty() && errors_before == report.errors() {
        root.missing(key, &format!("at least one {name}"));
    }
    sections
}

/// Where a key of a section stands, if the section is there.
fn span_of(section: Option<&Section<'_>>, key: &str) -> Range<usize> {
    section.map_or(0..0, |section| section.span_of(key))
}

fn finished<'a, T>(
    section: Option<Section<'a>>,
    read: impl FnOnce(&mut Section<'a>) -> T,
) -> Option<T> {
    let mut section = section?;
    let value = read(&mut section);
    section.finish();
    Some(value)
}

/// The offsets of a zone over all times of a campaign.
pub(crate) fn calendar(zone: &Zone, definition: &Definition) -> Option<Calendar> {
    let windows = definition.register.windows.iter().flat_map(|w| [w.from, w.until]);
    let slots = definition.slots.iter().flat_map(|slot| [slot.from, slot.until]);
    let published = match definition.publish {
        Publish::AtOnce => None,
        Publish::At { at } => Some(at),
        Publish::ByHand { expected } => expected,
    };
    let times: Vec<Millis> = windows.chain(slots).chain(published).collect();
    zone.calendar(*times.iter().min()?, *times.iter().max()?)
}

fn campaign_code(header: &mut Section<'_>) -> Option<String> {
    lower_code(header, "campaign")
}

/// A code that also stands in URLs and file names: lower case, digits and hyphens.
pub(crate) fn lower_code(section: &mut Section<'_>, what: &str) -> Option<String> {
    let expected = "up to 48 small letters a-z, digits and \"-\", beginning with a letter or digit";
    let code = section.require_text("code", expected)?;
    let small = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    if !code.text.chars().all(small) || !types::definition::is_code(&code.text) {
        let place = section.reading.source.place(&code.span);
        let problem = crate::codes::bad(what, &code.text, place).expected(expected);
        section.reading.report.add(problem);
    }
    Some(code.text)
}

fn languages(header: &mut Section<'_>) -> Vec<String> {
    let expected = "language tags in a row, such as [\"zh-CN\", \"en\"]";
    let Some(value) = header.require("languages", expected) else { return Vec::new() };
    let (reading, span) = (header.reading, value.span.clone());
    let Some(found) = reading.texts(value, expected) else { return Vec::new() };
    if !(1..=limits::LANGUAGES_MAX).contains(&found.len()) {
        let message = format!("there are {} languages", found.len());
        let problem = reading.problem(Code::OutOfRange, &span, message);
        reading.report.add(problem.expected(format!("1 to {}", limits::LANGUAGES_MAX)));
    }
    let mut tags: Vec<String> = Vec::new();
    for mut tag in found.into_iter().take(limits::LANGUAGES_MAX) {
        if !is_tag(&tag.text) {
            let meant = tag.text.replace('_', "-");
            let meant = is_tag(&meant).then_some(meant);
            let message = format!("\"{}\" is not a language tag", shown(&tag.text));
            let problem = reading.problem(Code::UnknownLanguage, &tag.span, message);
            let problem = problem.expected("a tag such as \"en\" or \"zh-CN\" (BCP 47)");
            reading.report.add(problem.word(meant.clone()));
            // The texts are read by the tag that is meant: they may be right.
            tag.text = meant.unwrap_or(tag.text);
        } else if tags.contains(&tag.text) {
            let message = format!("the language \"{}\" stands twice", tag.text);
            reading.report.add(reading.problem(Code::DuplicateCode, &tag.span, message));
        }
        tags.push(tag.text);
    }
    tags
}

fn zone(header: &mut Section<'_>) -> Option<Zone> {
    let expected = "the IANA name of a time zone, such as \"Asia/Shanghai\"";
    let name = header.require_text("zone", expected)?;
    let zone = Zone::find(&name.text);
    if zone.is_none() {
        let message = format!("there is no time zone \"{}\"", shown(&name.text));
        let problem = header.reading.problem(Code::UnknownZone, &name.span, message);
        let problem = problem.expected(expected).word(Zone::nearest(&name.text));
        header.reading.report.add(problem);
    }
    zone
}

fn texts(section: Option<Section<'_>>, languages: Languages<'_>) -> Texts {
    let Some(mut section) = section else {
        let empty = || languages.everywhere("");
        return Texts { title: empty(), summary: empty(), pickup: empty(), notice: empty() };
    };
    // The section outlives neither the file nor its languages.
    let languages = Languages { reading: section.reading, tags: languages.tags };
    let texts = Texts {
        title: languages.text(&mut section, "title", TextRule::TITLE),
        summary: languages.text(&mut section, "summary", TextRule::PARAGRAPH),
        pickup: languages.text(&mut section, "pickup", TextRule::PARAGRAPH),
        notice: languages.text(&mut section, "notice", TextRule::NOTICE),
    };
    section.finish();
    texts
}

fn items<'a>(
    sections: Vec<Section<'a>>,
    languages: Languages<'a>,
    drawing: Option<Drawing>,
) -> (Vec<Item>, Codes) {
    let mut codes = Codes::new("item", languages.reading.damage).held_to(draw::of_items(drawing));
    let (mut items, mut parts) = (Vec::new(), Vec::new());
    for mut section in limited(sections, "items", limits::ITEMS_MAX) {
        let reading = section.reading;
        let code = section.require_text("code", "a code");
        codes.add_text(code.as_ref(), reading);
        let name = languages.text(&mut section, "name", TextRule::NAME);
        parts.push(draw::part(&mut section));
        section.finish();
        let code = code.map(|code| code.text).unwrap_or_default();
        items.push(Item { code, name, reserved: None });
    }
    draw::reserve(&mut items, &parts, &codes, drawing, languages.reading);
    (items, codes)
}

/// Outlets and stock: from `[tables]`, or from `[[outlet]]` and `[[stock]]`.
fn tables<'a>(
    files: &dyn Files,
    root: &mut Section<'a>,
    languages: Languages<'a>,
    (items, slots): (&Codes, &Codes),
    drawing: Option<Drawing>,
) -> (Outlets, Pools) {
    let (reading, report) = (languages.reading, languages.reading.report);
    let mut section = root.section("tables");
    let unread = |section: &Option<Section<'_>>, key| {
        root.is_unread("tables") || section.as_ref().is_some_and(|section| section.is_unread(key))
    };
    let (outlets_unread, stock_unread) = (unread(&section, "outlets"), unread(&section, "stock"));
    let mut table = |key| section.as_mut().and_then(|section| table_file(section, key));
    let (outlet_table, stock_table) = (table("outlets"), table("stock"));
    section.into_iter().for_each(Section::finish);
    let outlet_sections = root.sections("outlet", "[[outlet]]");
    let stock_sections = root.sections("stock", "[[stock]]");
    let pairs = [
        (&outlet_table, outlet_sections.first(), outlets_unread, "outlets", "[[outlet]]"),
        (&stock_table, stock_sections.first(), stock_unread, "stock", "[[stock]]"),
    ];
    for (table, first, is_unread, key, inline) in pairs {
        match (table, first) {
            (Some(table), Some(_)) => {
                let message = format!("{key} stand both in a table and in {inline}");
                let problem = reading.problem(Code::ConflictingKeys, &table.span, message);
                report.add(problem.expected("one of the two"));
            }
            (None, None) if !is_unread => {
                let problem = root.lacks(format!("the campaign has no {key}"));
                report.add(problem.expected(format!("{key} = \"FILE\" in [tables], or {inline}")));
            }
            _ => {}
        }
    }
    let mut outlets = Outlets::new(reading.damage, draw::of_outlets(drawing));
    outlets.read_sections(outlet_sections, languages.tags);
    if let Some((bytes, table)) = outlet_table.as_ref().and_then(|t| t.read(files, reading)) {
        outlets.read_table(&bytes, table, languages);
    }
    let names = Names { outlets: &outlets.codes, items, slots };
    let mut pools = Pools::default();
    pools.read_sections(stock_sections, &names);
    let stock = stock_table.as_ref().and_then(|t| t.read(files, reading));
    if let Some((bytes, table)) = stock {
        pools.read_table(&bytes, table, &names, report);
    }
    (outlets, pools)
}

/// A table's file as `[tables]` names it.
struct NamedTable {
    file: String,
    sheet: Option<String>,
    span: Range<usize>,
}

impl NamedTable {
    fn read<'f>(
        &self,
        files: &'f dyn Files,
        reading: Reading<'_>,
    ) -> Option<(std::borrow::Cow<'f, [u8]>, TableFile<'_>)> {
        let place = reading.source.place(&self.span);
        match files::read(files, &self.file, limits::UPLOAD_BYTES_MAX, place) {
            Ok(bytes) => {
                Some((bytes, TableFile { file: &self.file, sheet: self.sheet.as_deref() }))
            }
            Err(problem) => {
                reading.report.add(problem);
                None
            }
        }
    }
}

fn table_file(section: &mut Section<'_>, key: &'static str) -> Option<NamedTable> {
    let value = section.take(key)?;
    let reading = section.reading;
    let span = value.span.clone();
    let expected = "a file's name, or { file = \"…\", sheet = \"…\" }";
    match &value.value {
        DeValue::String(file) => {
            Some(NamedTable { file: file.trim().to_owned(), sheet: None, span })
        }
        DeValue::Table(_) => {
            let mut table = reading.section(value, format!("[tables.{key}]"), expected)?;
            let file = table.require_text("file", "a file's name");
            let sheet = table.text("sheet", "a sheet's name").map(|sheet| sheet.text);
            table.finish();
            file.map(|file| NamedTable { file: file.text, sheet, span: file.span })
        }
        _ => {
            reading.wrong_type(&value, expected);
            None
        }
    }
}

/// The tables that a campaign file names, to bring them along; none when it cannot be read.
pub(crate) fn tables_named(text: &str) -> Vec<String> {
    let (source, report) = (Source::new("", text), Report::default());
    let readable = Readable::of(text);
    let reading = Reading { source: &source, report: &report, damage: &readable.damage };
    let mut root = Section::root(reading, readable.table(), &readable.errors);
    let mut section = root.section("tables");
    let mut table = |key| section.as_mut().and_then(|section| table_file(section, key));
    let mut files: Vec<String> = Vec::new();
    for named in [table("outlets"), table("stock")].into_iter().flatten() {
        if !files.contains(&named.file) {
            files.push(named.file);
        }
    }
    files
}

/// What can be meant, but seldom is.
fn warn(definition: &Definition, now: Millis, reading: Reading<'_>, spans: &Spans) {
    let warning = |code: Code, span: &Range<usize>, message: String| {
        Problem::warning(code, reading.source.place(span), message)
    };
    let report = reading.report;
    let windows = &definition.register.windows;
    if windows.is_empty() {
        let message = "there are no windows".to_owned();
        report.add(
            warning(Code::MissingKey, &spans.register, message)
                .advice("an operator must open the campaign by hand"),
        );
    }
    if windows.last().is_some_and(|window| window.until <= now) {
        let message = "the last window has ended already".to_owned();
        report.add(warning(Code::InThePast, &spans.register, message));
    }
    let first = windows.first().map_or(now, |window| window.from);
    let over = |slot: &&Slot| slot.until <= first.max(now);
    if let Some(slot) = definition.slots.iter().find(over) {
        let message = format!("the slot \"{}\" is over before anyone can enter", slot.code);
        report.add(warning(Code::InThePast, &spans.slots, message));
    }
    let register = &definition.register;
    if register.cap.is_some() && register.reenter_after_cancel {
        let message = "whoever enters and cancels again and again uses up the cap: it counts \
                       cancelled entries, too";
        report.add(
            warning(Code::CapReentry, &spans.cap, message.to_owned())
                .advice("set reenter_after_cancel = false, so that each person counts once"),
        );
    }
    draw::warn(definition, reading, &spans.draw);
    uncollectable(definition, reading, spans);
    nothing_in_stock(definition, reading);
    too_little_in_stock(definition, reading);
}

/// Slots that are over when people learn that they are booked there.
fn uncollectable(definition: &Definition, reading: Reading<'_>, spans: &Spans) {
    let (Publish::At { at } | Publish::ByHand { expected: Some(at) }) = definition.publish else {
        return;
    };
    let calendar = &definition.calendar;
    let over = |slot: &&Slot| match definition.fulfil {
        // A slot that ends at midnight belongs to the day before.
        Fulfil::Pickup { whole_day: true } => {
            calendar.day(Millis(slot.until.0 - 1)) < calendar.day(at)
        }
        Fulfil::Pickup { whole_day: false } => slot.until <= at,
    };
    let slots = definition.slots.iter().filter(over).map(|slot| slot.code.as_str());
    let codes: Vec<&str> = slots.collect();
    if !codes.is_empty() {
        let message = format!(
            "{} before results are published, so that nobody can collect there: {}",
            if codes.len() == 1 { "a slot is over" } else { "slots are over" },
            listed(codes.into_iter())
        );
        let place = reading.source.place(&spans.slots);
        let problem = Problem::warning(Code::TimesOutOfOrder, place, message);
        reading.report.add(problem.advice("publish before the slots begin"));
    }
}

/// Units that are there, though nowhere enough for one booking.
fn too_little_in_stock(definition: &Definition, reading: Reading<'_>) {
    let least = u32::from(definition.register.units_min);
    let most = definition.stock.iter().map(|stock| stock.units).max().unwrap_or(0);
    if 0 < most && most < least {
        let message = format!(
            "nobody can be booked: the smallest booking takes {least} units, and no outlet has \
             more than {most} of an item in a slot"
        );
        let place = Place::file(reading.source.file);
        reading.report.add(Problem::warning(Code::NothingInStock, place, message));
    }
}

fn nothing_in_stock(definition: &Definition, reading: Reading<'_>) {
    let mut outlets = vec![false; definition.outlets.len()];
    let mut items = vec![false; definition.items.len()];
    let mut slots = vec![false; definition.slots.len()];
    for stock in definition.stock.iter().filter(|stock| stock.units > 0) {
        outlets[stock.outlet.index()] = true;
        items[stock.item.index()] = true;
        slots[stock.slot.index()] = true;
    }
    let outlet_codes = definition.outlets.iter().map(|outlet| outlet.code.as_str()).collect();
    let item_codes = definition.items.iter().map(|item| item.code.as_str()).collect();
    let slot_codes = definition.slots.iter().map(|slot| slot.code.as_str()).collect();
    let kinds: [(&str, Vec<bool>, Vec<&str>); 3] = [
        ("outlet", outlets, outlet_codes),
        ("item", items, item_codes),
        ("slot", slots, slot_codes),
    ];
    for (what, stocked, codes) in kinds {
        let empty: Vec<&str> =
            codes.into_iter().zip(stocked).filter(|(_, has)| !has).map(|(code, _)| code).collect();
        if !empty.is_empty() {
            let count = empty.len();
            let subject = if count == 1 { format!("{what} has") } else { format!("{what}s have") };
            let list = listed(empty.into_iter());
            let message = format!("{count} {subject} no units in stock: {list}");
            let place = Place::file(reading.source.file);
            reading.report.add(Problem::warning(Code::NothingInStock, place, message));
        }
    }
}
