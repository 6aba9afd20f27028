//! Operators' tables of any bytes: outlets, stock as text and as a workbook, lists of people.
//!
//! Invariants: stock that reads names places of its campaign, each once, within the limits; what
//! does not read is explained.

use crate::campaign_file::{self, explained};
use crate::records::definition;
use campaign::{Uploaded, read_list, read_stock};
use std::collections::{BTreeMap, BTreeSet};
use std::io::{Cursor, Write as _};
use std::sync::OnceLock;
use types::{Definition, limits};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

/// A campaign file beside which the outlets lie.
const CAMPAIGN: &str = include_str!("../corpus/campaign/small");

/// Parts of a workbook that the bytes fill, in order; the others are always the same.
const PARTS: [&str; 4] =
    ["xl/worksheets/sheet1.xml", "xl/sharedStrings.xml", "xl/styles.xml", "xl/workbook.xml"];
const USUAL: [(&str, &str); 6] = [
    (
        "[Content_Types].xml",
        r#"<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="xml" ContentType="application/xml"/></Types>"#,
    ),
    (
        "_rels/.rels",
        r#"<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="xl/workbook.xml"/></Relationships>"#,
    ),
    (
        "xl/_rels/workbook.xml.rels",
        r#"<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" Target="worksheets/sheet1.xml"/><Relationship Id="r2" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/sharedStrings" Target="sharedStrings.xml"/><Relationship Id="r3" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/styles" Target="styles.xml"/></Relationships>"#,
    ),
    (
        "xl/workbook.xml",
        r#"<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets><sheet name="stock" sheetId="1" r:id="r1"/></sheets></workbook>"#,
    ),
    (
        "xl/sharedStrings.xml",
        r#"<sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><si><t>o1</t></si></sst>"#,
    ),
    (
        "xl/styles.xml",
        r#"<styleSheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><cellXfs><xf numFmtId="0"/><xf numFmtId="14"/></cellXfs></styleSheet>"#,
    ),
];

pub(crate) fn feed_outlets(bytes: &[u8]) {
    campaign_file::read(BTreeMap::from([
        ("campaign.toml".to_owned(), CAMPAIGN.into()),
        ("outlets.csv".to_owned(), bytes.to_vec()),
    ]));
}

pub(crate) fn feed_stock(bytes: &[u8]) {
    stock("stock.csv", bytes.to_vec());
}

/// The first byte says whether the rest is a workbook, or its parts with zeros between them.
pub(crate) fn feed_workbook(bytes: &[u8]) {
    let Some((way, rest)) = bytes.split_first() else { return };
    let bytes = if way.is_multiple_of(2) { package(rest) } else { rest.to_vec() };
    stock("stock.xlsx", bytes.clone());
    list("list.xlsx", bytes);
}

pub(crate) fn feed_list(bytes: &[u8]) {
    list("list.csv", bytes.to_vec());
}

fn files(name: &str, bytes: Vec<u8>) -> Uploaded {
    Uploaded(BTreeMap::from([(name.to_owned(), bytes)]))
}

fn stock(name: &str, bytes: Vec<u8>) {
    static DEFINITION: OnceLock<Definition> = OnceLock::new();
    let definition = DEFINITION.get_or_init(|| {
        serde_json::from_value(definition("a", "at-once")).expect("it is a definition")
    });
    match read_stock(&files(name, bytes), name, None, definition) {
        Err(problems) => explained(&problems),
        Ok(table) => {
            let places = table.rows.iter().map(|row| (row.outlet, row.item, row.slot));
            assert_eq!(places.collect::<BTreeSet<_>>().len(), table.rows.len(), "each place once");
            for row in &table.rows {
                assert!(row.outlet.index() < 2 && row.item.index() < 1 && row.slot.index() < 1);
                assert!(row.units as usize <= limits::POOL_UNITS_MAX as usize);
            }
            let _shown = campaign::render(&table.warnings);
        }
    }
}

fn list(name: &str, bytes: Vec<u8>) {
    match read_list(&files(name, bytes), name, None) {
        Err(problems) => explained(&problems),
        Ok(list) => {
            assert!((1..=limits::LIST_ROWS_MAX as usize).contains(&list.values.len()));
            for value in &list.values {
                assert!(!value.value.trim().is_empty(), "row {} is blank", value.row);
                assert!(value.value.chars().count() <= limits::IDENTITY_CHARS_MAX + 1);
            }
        }
    }
}

fn package(bytes: &[u8]) -> Vec<u8> {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    let options = SimpleFileOptions::default().compression_method(CompressionMethod::Stored);
    let made: Vec<&[u8]> = bytes.splitn(PARTS.len(), |byte| *byte == 0).collect();
    let made = PARTS.into_iter().zip(made).filter(|(_, part)| !part.is_empty());
    let made: Vec<(&str, &[u8])> = made.collect();
    let is_made = |name: &str| made.iter().any(|(other, _)| *other == name);
    let usual = USUAL.iter().filter(|(name, _)| !is_made(name));
    let usual = usual.map(|(name, text)| (*name, text.as_bytes()));
    for (name, part) in usual.chain(made.iter().copied()) {
        writer.start_file(name, options).expect("memory takes a file");
        writer.write_all(part).expect("memory takes it all");
    }
    writer.finish().expect("memory takes it all").into_inner()
}
