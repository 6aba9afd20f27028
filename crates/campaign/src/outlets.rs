//! Outlets, from a table of their own or from the campaign file.
//!
//! Owns: the columns of the table of outlets. Never: stock.

use crate::codes::{CodeRule, Codes};
use crate::document::Section;
use crate::language::{Languages, TextRule, check_text, wanted_chars};
use crate::problem::{Code, Place, Problem};
use crate::schedule::limited;
use crate::syntax::Damage;
use crate::table::{self, Column, Row, Schema, TableFile, number};
use crate::words::folded;
use toml::de::DeValue;
use types::definition::{Outlet, Position};
use types::{LocalText, limits};

const CODE: usize = 0;
const NAME: usize = 1;
const DISTRICT: usize = 2;
const ADDRESS: usize = 3;
const LATITUDE: usize = 4;
const LONGITUDE: usize = 5;

const COLUMNS: &[Column] = &[
    column("code", &["outlet", "编码", "代码", "网点", "网点代码", "网点编码"], false, true),
    column("name", &["名称", "网点名称"], true, true),
    column("district", &["区", "区域", "行政区"], true, false),
    column("address", &["地址"], true, false),
    column("latitude", &["lat", "纬度"], false, false),
    column("longitude", &["lon", "lng", "经度"], false, false),
];

const fn column(
    name: &'static str,
    others: &'static [&'static str],
    by_language: bool,
    required: bool,
) -> Column {
    Column { name, others, by_language, required }
}

/// Outlets as they are read.
pub(crate) struct Outlets {
    pub(crate) outlets: Vec<Outlet>,
    pub(crate) codes: Codes,
}

impl Outlets {
    pub(crate) fn new(damage: &Damage, rule: CodeRule) -> Self {
        Self { outlets: Vec::new(), codes: Codes::new("outlet", damage).held_to(rule) }
    }

    /// Reads `[[outlet]]`.
    pub(crate) fn read_sections(&mut self, sections: Vec<Section<'_>>, languages: &[String]) {
        for mut section in limited(sections, "outlets", limits::OUTLETS_MAX) {
            let languages = Languages { reading: section.reading, tags: languages };
            let code = section.require_text("code", "a code");
            self.codes.add_text(code.as_ref(), section.reading);
            let name = languages.text(&mut section, "name", TextRule::NAME);
            let district = languages.text(&mut section, "district", TextRule::DETAIL);
            let address = languages.text(&mut section, "address", TextRule::DETAIL);
            let latitude = degrees(&mut section, "latitude", 90);
            let longitude = degrees(&mut section, "longitude", 180);
            if latitude.is_some() != longitude.is_some() {
                let missing = if latitude.is_some() { "longitude" } else { "latitude" };
                section.missing(missing, "latitude and longitude, or neither");
            }
            let position = position(latitude, longitude);
            let code = code.map(|code| code.text).unwrap_or_default();
            self.outlets.push(Outlet { code, name, district, address, position });
            section.finish();
        }
    }

    /// Reads a table of outlets.
    pub(crate) fn read_table(
        &mut self,
        bytes: &[u8],
        table: TableFile<'_>,
        languages: Languages<'_>,
    ) {
        let report = languages.reading.report;
        let rows_max = u32::try_from(limits::OUTLETS_MAX).expect("the limit is small");
        let schema = Schema { columns: COLUMNS, languages: languages.tags, rows_max };
        table::read(bytes, table, &schema, report, &mut |row| {
            let Some(code) = row.required(CODE).map(folded) else { return self.codes.lose() };
            let place = || row.cell_place(CODE, None);
            self.codes.add(&code, || row.place_of(row.number), place, report);
            let outlet = Outlet {
                code,
                name: local(row, NAME, TextRule::NAME, languages),
                district: local(row, DISTRICT, TextRule::DETAIL, languages),
                address: local(row, ADDRESS, TextRule::DETAIL, languages),
                position: row_position(row, languages),
            };
            self.outlets.push(outlet);
        });
    }
}

/// A text of a row in every language: its own column, else the one for all.
fn local(row: &Row<'_>, column: usize, rule: TextRule, languages: Languages<'_>) -> LocalText {
    let for_all = row.text(column, None);
    if let Some(text) = for_all.filter(|text| !text.is_empty()) {
        check(row, (column, None), text, rule, languages);
    }
    let mut texts = LocalText::new();
    let mut blank = None;
    for (index, tag) in languages.tags.iter().enumerate() {
        let own = row.text(column, Some(index)).filter(|text| !text.is_empty());
        if let Some(text) = own {
            check(row, (column, Some(index)), text, rule, languages);
        }
        let text = own.or(for_all).unwrap_or_default();
        if text.is_empty() {
            blank.get_or_insert((index, tag));
        }
        texts.insert(tag.clone(), text.to_owned());
    }
    if let Some((index, tag)) = blank.filter(|_| !rule.optional) {
        // The column for all languages would do, where there is one.
        let language = for_all.is_none().then_some(index);
        let message = format!("the {} is blank in \"{tag}\"", COLUMNS[column].name);
        let problem = Problem::error(Code::BlankCell, row.cell_place(column, language), message);
        languages.reading.report.add(problem.expected(wanted_chars(rule)));
    }
    texts
}

fn check(
    row: &Row<'_>,
    (column, language): (usize, Option<usize>),
    text: &str,
    rule: TextRule,
    languages: Languages<'_>,
) {
    if let Err(message) = check_text(text, rule) {
        let message = format!("the {} {message}", COLUMNS[column].name);
        let problem = Problem::error(Code::BadText, row.cell_place(column, language), message);
        languages.reading.report.add(problem.expected(wanted_chars(rule)));
    }
}

fn row_position(row: &Row<'_>, languages: Languages<'_>) -> Option<Position> {
    let report = languages.reading.report;
    let read = |column: usize, most: i32| -> Option<(i32, bool)> {
        let text = row.text(column, None).unwrap_or_default();
        if text.is_empty() {
            return None;
        }
        let expected = format!("decimal degrees from -{most} to {most}, such as 22.5431");
        match number::degrees(text, most) {
            Ok(millionths) => Some((millionths, true)),
            Err(message) => {
                let place = row.cell_place(column, None);
                report.add(Problem::error(Code::BadNumber, place, message).expected(expected));
                Some((0, false))
            }
        }
    };
    let (latitude, longitude) = (read(LATITUDE, 90), read(LONGITUDE, 180));
    if latitude.is_some() != longitude.is_some() {
        let blank = if latitude.is_some() { LONGITUDE } else { LATITUDE };
        let message = format!("the {} is blank", COLUMNS[blank].name);
        let problem = Problem::error(Code::BlankCell, row.cell_place(blank, None), message);
        report.add(problem.expected("latitude and longitude, or neither"));
    }
    position(latitude.map(|(value, _)| value), longitude.map(|(value, _)| value))
}

fn position(latitude: Option<i32>, longitude: Option<i32>) -> Option<Position> {
    let (latitude_millionths, longitude_millionths) = (latitude?, longitude?);
    Some(Position { latitude_millionths, longitude_millionths })
}

fn degrees(section: &mut Section<'_>, key: &'static str, most: i32) -> Option<i32> {
    let value = section.take(key)?;
    let reading = section.reading;
    let expected = format!("decimal degrees from -{most} to {most}, such as 22.5431");
    let text = match &value.value {
        DeValue::Float(float) => float.as_str().to_owned(),
        DeValue::Integer(integer) => integer.to_string(),
        _ => {
            reading.wrong_type(&value, &expected);
            return None;
        }
    };
    number::degrees(&text, most)
        .map_err(|message| {
            let place: Place = reading.source.place(&value.span);
            let problem = Problem::error(Code::OutOfRange, place, message);
            reading.report.add(problem.expected(expected));
        })
        .ok()
}
