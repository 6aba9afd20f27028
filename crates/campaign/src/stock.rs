//! Stock: units by outlet, item and slot, from a table or from the campaign file.
//!
//! Owns: the columns of the stock table; each pool only once. Never: pools that people hold units
//! of; what a change means for those is decided by the ledger.

use crate::codes::Codes;
use crate::document::Section;
use crate::files::{self, Files};
use crate::problem::{Code, Place, Problem, Report};
use crate::table::{self, Column, Row, Schema, TableFile, number};
use crate::words::folded;
use std::collections::HashMap;
use types::definition::Stock;
use types::ids::{ItemNo, OutletNo, SlotNo};
use types::{Definition, StockRow, limits};

const OUTLET: usize = 0;
const ITEM: usize = 1;
const SLOT: usize = 2;
const UNITS: usize = 3;

const COLUMNS: &[Column] = &[
    column("outlet", &["code", "网点", "网点代码", "网点编码", "代码", "编码"]),
    column("item", &["品类", "品类代码", "品类编码"]),
    column("slot", &["时段", "时段代码", "时段编码"]),
    column("units", &["份数", "数量"]),
];

const fn column(name: &'static str, others: &'static [&'static str]) -> Column {
    Column { name, others, by_language: false, required: true }
}

/// Units in a stock table, at most.
const UNITS_MAX: u64 = limits::POOL_UNITS_MAX as u64;

/// What stock rows may name.
pub(crate) struct Names<'a> {
    pub(crate) outlets: &'a Codes,
    pub(crate) items: &'a Codes,
    pub(crate) slots: &'a Codes,
}

/// Stock as it is read.
#[derive(Default)]
pub(crate) struct Pools {
    pub(crate) stock: Vec<Stock>,
    /// Outlet, item and slot, to where they stand.
    seen: HashMap<(OutletNo, ItemNo, SlotNo), u32>,
}

impl Pools {
    /// Reads `[[stock]]`.
    pub(crate) fn read_sections(&mut self, sections: Vec<Section<'_>>, names: &Names<'_>) {
        for mut section in sections {
            let reading = section.reading;
            let mut find = |key: &'static str, codes: &Codes| {
                let code = section.require_text(key, "the code of one that is defined")?;
                let place = || reading.source.place(&code.span);
                codes.number(&code.text, place, reading.report)
            };
            let outlet = find("outlet", names.outlets);
            let item = find("item", names.items);
            let slot = find("slot", names.slots);
            let units = match section.require("units", "a whole number") {
                Some(value) => reading.number(&value, 0, UNITS_MAX),
                None => None,
            };
            let (Some(outlet), Some(item), Some(slot)) = (outlet, item, slot) else { continue };
            let place = reading.source.place(&section.span);
            let line = match &place {
                Place::Text { line, .. } => u32::try_from(*line).unwrap_or(u32::MAX),
                _ => 0,
            };
            let first = |line: u32| format!("line {line}");
            let pool = Pool { outlet, item, slot };
            self.add(pool, units.unwrap_or(0), line, first, || place.clone(), reading.report);
            section.finish();
        }
    }

    /// Reads a stock table.
    pub(crate) fn read_table(
        &mut self,
        bytes: &[u8],
        table: TableFile<'_>,
        names: &Names<'_>,
        report: &Report,
    ) {
        let rows_max = limits::TABLE_ROWS_MAX;
        let schema = Schema { columns: COLUMNS, languages: &[], rows_max };
        table::read(bytes, table, &schema, report, &mut |row| {
            let outlet = find(row, OUTLET, names.outlets, report);
            let item = find(row, ITEM, names.items, report);
            let slot = find(row, SLOT, names.slots, report);
            let units = units(row, report);
            let (Some(outlet), Some(item), Some(slot)) = (outlet, item, slot) else { return };
            let first = |number: u32| row.place_of(number);
            let pool = Pool { outlet, item, slot };
            self.add(pool, units.unwrap_or(0), row.number, first, || row.place(), report);
        });
        if self.stock.len() > limits::POOLS_MAX {
            let message = format!("the table has {} pools", self.stock.len());
            let problem = Problem::error(Code::TooMany, Place::file(table.file), message);
            report.add(problem.expected(format!("at most {}", limits::POOLS_MAX)));
        }
    }

    fn add(
        &mut self,
        pool: Pool,
        units: u64,
        number: u32,
        first: impl FnOnce(u32) -> String,
        place: impl FnOnce() -> Place,
        report: &Report,
    ) {
        let outlet = OutletNo::from_index(pool.outlet);
        let item = ItemNo::from_index(pool.item);
        let slot = SlotNo::from_index(pool.slot);
        if let Some(before) = self.seen.insert((outlet, item, slot), number) {
            let message =
                format!("the same outlet, item and slot stand in {} already", first(before));
            let problem = Problem::error(Code::DuplicateStock, place(), message);
            report.add(problem.advice("add the units up in one row"));
            return;
        }
        let units = u32::try_from(units).expect("units were checked against their limit");
        self.stock.push(Stock { outlet, item, slot, units });
    }
}

/// A pool by its parts' places in their tables.
#[derive(Clone, Copy)]
struct Pool {
    outlet: usize,
    item: usize,
    slot: usize,
}

fn find(row: &Row<'_>, column: usize, codes: &Codes, report: &Report) -> Option<usize> {
    let text = row.required(column)?;
    // Nearly every code is plain; only the others are worth a copy.
    codes
        .find(text)
        .or_else(|| codes.number(&folded(text), || row.cell_place(column, None), report))
}

fn units(row: &Row<'_>, report: &Report) -> Option<u64> {
    let text = row.text(UNITS, None)?;
    number::whole(text, UNITS_MAX)
        .map_err(|message| {
            let place = row.cell_place(UNITS, None);
            let problem = Problem::error(Code::BadNumber, place, message);
            report.add(problem.expected(format!("a whole number from 0 to {UNITS_MAX}")));
        })
        .ok()
}

/// Stock read by itself, for a campaign that is there already.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StockTable {
    /// One row each, in the table's order; each outlet, item and slot at most once.
    pub rows: Vec<StockRow>,
    /// What a person should know.
    pub warnings: Vec<Problem>,
}

/// Reads a stock table for a campaign's definition: the daily import.
///
/// # Errors
/// Everything that is wrong with the table, up to `limits::PROBLEMS_MAX`.
pub fn read_stock(
    files: &dyn Files,
    file: &str,
    sheet: Option<&str>,
    definition: &Definition,
) -> Result<StockTable, Vec<Problem>> {
    let report = Report::default();
    let names = Names {
        outlets: &Codes::of("outlet", definition.outlets.iter().map(|o| o.code.as_str())),
        items: &Codes::of("item", definition.items.iter().map(|item| item.code.as_str())),
        slots: &Codes::of("slot", definition.slots.iter().map(|slot| slot.code.as_str())),
    };
    let mut pools = Pools::default();
    match files::read(files, file, limits::UPLOAD_BYTES_MAX, Place::file(file)) {
        Ok(bytes) => pools.read_table(&bytes, TableFile { file, sheet }, &names, &report),
        Err(problem) => report.add(problem),
    }
    let warnings = report.finish(file)?;
    let row = |stock: Stock| {
        let Stock { outlet, item, slot, units } = stock;
        StockRow { outlet, item, slot, units }
    };
    Ok(StockTable { rows: pools.stock.into_iter().map(row).collect(), warnings })
}
