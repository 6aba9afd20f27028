//! An operator's tables, row by row, from CSV, tab-separated text or XLSX.
//!
//! Owns: headings, places of cells, and what every table has in common. Never: what a row means.
//! Invariants: memory does not grow with the rows of a text; every row is seen or its table is
//! in error.

mod delimited;
pub(crate) mod number;
mod package;
mod workbook;

use crate::problem::{Code, Place, Problem, Report};
use crate::words::{folded, nearest, shown};
use types::limits;

/// A column that a table may have.
pub(crate) struct Column {
    /// Its heading in English.
    pub(crate) name: &'static str,
    /// Other headings it may have, in lower case.
    pub(crate) others: &'static [&'static str],
    /// Whether there may be one for each language: `name.en`.
    pub(crate) by_language: bool,
    /// Whether it must be there.
    pub(crate) required: bool,
}

impl Column {
    /// The headings it is asked for by: the English one, and the Chinese one if it has one.
    fn named(&self) -> String {
        match self.others.iter().find(|other| !other.is_ascii()) {
            Some(chinese) => format!("\"{}\" ({chinese})", self.name),
            None => format!("\"{}\"", self.name),
        }
    }
}

/// What a table must look like.
pub(crate) struct Schema<'a> {
    pub(crate) columns: &'a [Column],
    /// None when they could not be read; columns of single languages are then left out.
    pub(crate) languages: &'a [String],
    pub(crate) rows_max: u32,
}

/// A table's file, and its sheet when it is a workbook with several.
#[derive(Clone, Copy, Debug)]
pub(crate) struct TableFile<'a> {
    pub(crate) file: &'a str,
    pub(crate) sheet: Option<&'a str>,
}

/// One cell as it was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Cell {
    /// A text or number; empty when blank.
    Text(String),
    /// Something that cannot be used: what it is, and what to do.
    Odd(&'static str, &'static str),
    /// Merged into another, which is reported apart.
    Merged,
}

impl Cell {
    pub(crate) const BLANK: Self = Self::Text(String::new());

    fn is_blank(&self) -> bool {
        matches!(self, Self::Text(text) if text.trim().is_empty())
    }
}

/// Where a table's cells are.
#[derive(Clone, Debug)]
pub(crate) enum Origin {
    /// A text file; rows are lines.
    Text {
        /// Its name.
        file: String,
    },
    /// A sheet.
    Sheet {
        /// The workbook's name.
        file: String,
        /// The sheet's name.
        sheet: String,
    },
}

impl Origin {
    /// The table as a whole.
    pub(crate) fn place(&self) -> Place {
        match self {
            Self::Text { file } => Place::file(file),
            Self::Sheet { file, sheet } => {
                Place::Sheet { file: file.clone(), sheet: sheet.clone() }
            }
        }
    }

    /// A row, from 1.
    pub(crate) fn row(&self, row: u32) -> Place {
        match self {
            Self::Text { file } => Place::Line { file: file.clone(), line: row, column: None },
            Self::Sheet { file, sheet } => {
                Place::Cell { file: file.clone(), sheet: sheet.clone(), cell: row.to_string() }
            }
        }
    }

    /// A cell: row from 1, position from 0.
    fn cell(&self, row: u32, position: usize, heading: Option<&str>) -> Place {
        match self {
            Self::Text { file } => {
                let column =
                    heading.map_or_else(|| (position + 1).to_string(), |heading| heading.into());
                Place::Line { file: file.clone(), line: row, column: Some(column) }
            }
            Self::Sheet { file, sheet } => Place::Cell {
                file: file.clone(),
                sheet: sheet.clone(),
                cell: workbook::reference(row, position),
            },
        }
    }
}

/// Where rows go. Returns whether more are wanted.
pub(crate) type RawSink<'a> = &'a mut dyn FnMut(&Origin, u32, &[Cell]) -> bool;

/// Reads every row that is not blank, without headings: row from 1, cells by position.
pub(crate) fn read_raw(bytes: &[u8], table: TableFile<'_>, report: &Report, sink: RawSink<'_>) {
    let is_named_workbook = table.file.to_lowercase().ends_with(".xlsx");
    let result = if package::is_package(bytes) || is_named_workbook {
        workbook::read(bytes, table, report, sink)
    } else {
        delimited::read(bytes, table.file, report, sink)
    };
    if let Err(problem) = result {
        report.add(problem);
    }
}

/// Reads every row below the headings; returns where the table is and how many rows it has.
pub(crate) fn read(
    bytes: &[u8],
    table: TableFile<'_>,
    schema: &Schema<'_>,
    report: &Report,
    on_row: &mut dyn FnMut(&Row<'_>),
) -> Option<(Origin, u32)> {
    let errors_before = report.errors();
    let mut layout: Option<Layout> = None;
    let mut found: Option<Origin> = None;
    let mut rows = 0_u32;
    read_raw(bytes, table, report, &mut |origin, number, cells| {
        found.get_or_insert_with(|| origin.clone());
        let Some(layout) = &layout else {
            layout = Layout::read(origin, number, cells, schema, report);
            return layout.is_some();
        };
        rows += 1;
        if rows > schema.rows_max {
            let message = format!("the table has more than {} rows", schema.rows_max);
            report.error(Code::TooMany, origin.place(), message);
            return false;
        }
        let row = Row { origin, number, cells, layout, report };
        row.check_extent();
        on_row(&row);
        !report.is_full()
    });
    if rows == 0 && report.errors() == errors_before {
        let place = found.as_ref().map_or_else(|| Place::file(table.file), Origin::place);
        let message = match layout {
            Some(_) => "the table has headings and no rows",
            None => "the table is empty",
        };
        let headings: Vec<&str> = schema.columns.iter().map(|column| column.name).collect();
        let expected = format!("the headings {} and a row for each", headings.join(", "));
        report.add(Problem::error(Code::TableEmpty, place, message).expected(expected));
    }
    found.map(|origin| (origin, rows))
}

/// Which column stands where.
pub(crate) struct Layout {
    columns: Vec<Placed>,
    /// The headings by position.
    headings: Vec<String>,
}

struct Placed {
    /// Its place in the schema.
    column: usize,
    /// Its language's place in the campaign's.
    language: Option<usize>,
    /// Its place in the row.
    position: usize,
}

impl Layout {
    fn read(
        origin: &Origin,
        number: u32,
        cells: &[Cell],
        schema: &Schema<'_>,
        report: &Report,
    ) -> Option<Self> {
        let heading = |cell: &Cell| match cell {
            Cell::Text(text) => folded(text),
            Cell::Odd(..) | Cell::Merged => String::new(),
        };
        let headings: Vec<String> = cells.iter().map(heading).collect();
        let known = |heading: &String| find(heading, schema).is_ok();
        if !headings.iter().any(known) {
            let message = "the first row has none of the headings that this table needs";
            let required = schema.columns.iter().filter(|column| column.required);
            let names: Vec<String> = required.map(Column::named).collect();
            let problem = Problem::error(Code::MissingColumn, origin.row(number), message);
            let problem = problem.expected(format!("the headings {}", names.join(", ")));
            report.add(problem.advice("delete the rows above the headings, if there are any"));
            return None;
        }
        let mut columns: Vec<Placed> = Vec::new();
        for (position, heading) in headings.iter().enumerate() {
            if heading.is_empty() {
                continue;
            }
            let place = origin.cell(number, position, Some(heading));
            match find(heading, schema) {
                Err(problem) => report.add(Problem { place: Box::new(place), ..problem }),
                Ok(None) => {}
                Ok(Some((column, language))) => {
                    let placed = Placed { column, language, position };
                    let same = |other: &&Placed| {
                        (other.column, other.language) == (placed.column, placed.language)
                    };
                    if let Some(first) = columns.iter().find(same) {
                        let message = twice(&headings[first.position], heading);
                        let problem = Problem::error(Code::DuplicateColumn, place, message);
                        report.add(problem.expected("each column once, under one heading"));
                    } else {
                        columns.push(placed);
                    }
                }
            }
        }
        let layout = Self { columns, headings };
        layout.check_complete(origin, number, schema, report).then_some(layout)
    }

    fn check_complete(
        &self,
        origin: &Origin,
        number: u32,
        schema: &Schema<'_>,
        report: &Report,
    ) -> bool {
        let mut complete = true;
        for (index, column) in schema.columns.iter().enumerate().filter(|(_, c)| c.required) {
            let every_language = column.by_language
                && (0..schema.languages.len())
                    .all(|language| self.position(index, Some(language)).is_some());
            if self.position(index, None).is_some() || every_language {
                continue;
            }
            complete = false;
            let message = format!("the column \"{}\" is missing", column.name);
            let mut expected = format!("a heading \"{}\"", column.name);
            for other in column.others {
                expected += &format!(" or \"{other}\"");
            }
            if column.by_language {
                let tags = schema.languages.iter();
                let each: Vec<String> =
                    tags.map(|tag| format!("\"{}.{tag}\"", column.name)).collect();
                expected += &format!(", or one for each language: {}", each.join(", "));
            }
            let problem = Problem::error(Code::MissingColumn, origin.row(number), message);
            report.add(problem.expected(expected));
        }
        complete
    }

    fn position(&self, column: usize, language: Option<usize>) -> Option<usize> {
        let same = |placed: &&Placed| placed.column == column && placed.language == language;
        self.columns.iter().find(same).map(|placed| placed.position)
    }
}

/// What is said of two headings for one column.
fn twice(first: &str, second: &str) -> String {
    if first.to_lowercase() == second.to_lowercase() {
        return format!("the column \"{}\" stands twice", shown(second));
    }
    format!("the columns \"{}\" and \"{}\" mean the same", shown(first), shown(second))
}

/// A column's place in the schema, and its language's among the campaign's.
type Meaning = (usize, Option<usize>);

/// What a heading means, none when only its language could tell; or the problem, whose place is
/// still open.
fn find(heading: &str, schema: &Schema<'_>) -> Result<Option<Meaning>, Problem> {
    let lower = heading.to_lowercase();
    let matches =
        |column: &Column, name: &str| column.name == name || column.others.contains(&name);
    let whole = schema.columns.iter().position(|column| matches(column, &lower));
    if let Some(column) = whole {
        return Ok(Some((column, None)));
    }
    if let Some((base, tag)) = lower.split_once('.') {
        let by_language = |column: &Column| column.by_language && matches(column, base);
        if let Some(column) = schema.columns.iter().position(by_language) {
            if schema.languages.is_empty() {
                return Ok(None);
            }
            let language = schema.languages.iter().position(|l| l.to_lowercase() == tag);
            return language.map(|language| Some((column, Some(language)))).ok_or_else(|| {
                let message = format!("\"{tag}\" in \"{heading}\" is not one of the languages");
                let tags = schema.languages.iter().map(String::as_str);
                let near = nearest(tag, tags.clone());
                Problem::error(Code::UnknownLanguage, Place::file(""), message)
                    .expected(format!("one of {}", crate::words::listed(tags)))
                    .word(near)
            });
        }
    }
    let message = format!("unknown column \"{}\"", shown(heading));
    let names = schema.columns.iter().map(|column| column.name);
    let near = nearest(&lower, names);
    let named: Vec<String> = schema.columns.iter().map(Column::named).collect();
    Err(Problem::error(Code::UnknownColumn, Place::file(""), message)
        .expected(format!("one of {}", named.join(", ")))
        .word(near))
}

/// A row below the headings.
pub(crate) struct Row<'a> {
    origin: &'a Origin,
    /// From 1.
    pub(crate) number: u32,
    cells: &'a [Cell],
    layout: &'a Layout,
    report: &'a Report,
}

impl Row<'_> {
    /// The row's place.
    pub(crate) fn place(&self) -> Place {
        self.origin.row(self.number)
    }

    /// Another row's place in the same table.
    pub(crate) fn place_of(&self, number: u32) -> String {
        match self.origin {
            Origin::Text { .. } => format!("line {number}"),
            Origin::Sheet { .. } => format!("row {number}"),
        }
    }

    /// The place of a column's cell in this row.
    pub(crate) fn cell_place(&self, column: usize, language: Option<usize>) -> Place {
        let Some(position) = self.layout.position(column, language) else { return self.place() };
        let heading = self.layout.headings.get(position).map(String::as_str);
        self.origin.cell(self.number, position, heading)
    }

    /// The heading of a column.
    pub(crate) fn heading(&self, column: usize, language: Option<usize>) -> &str {
        let position = self.layout.position(column, language);
        position.and_then(|position| self.layout.headings.get(position)).map_or("", String::as_str)
    }

    /// What stands in a column, without spaces around; empty when blank, none when there is no
    /// such column or its cell cannot be used, which is then reported.
    pub(crate) fn text(&self, column: usize, language: Option<usize>) -> Option<&str> {
        let position = self.layout.position(column, language)?;
        let Some(cell) = self.cells.get(position) else { return Some("") };
        match cell {
            Cell::Text(text) if text.chars().nth(limits::TEXT_CHARS_MAX).is_some() => {
                let most = limits::TEXT_CHARS_MAX;
                let message = format!("the cell has more than {most} characters");
                let place = self.cell_place(column, language);
                self.report.add(
                    Problem::error(Code::BadCell, place, message)
                        .advice("look for a quotation mark that is never closed"),
                );
                None
            }
            Cell::Text(text) => Some(text.trim()),
            Cell::Odd(what, advice) => {
                let place = self.cell_place(column, language);
                self.report.add(
                    Problem::error(Code::BadCell, place, format!("the cell holds {what}"))
                        .advice(*advice),
                );
                None
            }
            Cell::Merged => None,
        }
    }

    /// What stands in a column that may not be blank.
    pub(crate) fn required(&self, column: usize) -> Option<&str> {
        let text = self.text(column, None)?;
        if text.is_empty() {
            let message = format!("the cell under \"{}\" is blank", self.heading(column, None));
            self.report.error(Code::BlankCell, self.cell_place(column, None), message);
            return None;
        }
        Some(text)
    }

    /// Reports cells that stand under no heading.
    fn check_extent(&self) {
        let headless = |position: &usize| {
            self.layout.headings.get(*position).is_none_or(String::is_empty)
                && self.cells.get(*position).is_some_and(|cell| !cell.is_blank())
        };
        if let Some(position) = (0..self.cells.len()).find(headless) {
            let place = self.origin.cell(self.number, position, None);
            let message = "a cell has a value and no heading above it";
            let advice = match self.origin {
                Origin::Text { .. } => "a value with the separator in it needs quotation marks",
                Origin::Sheet { .. } => "give the column a heading, or clear it",
            };
            let problem = Problem::error(Code::UnknownColumn, place, message);
            self.report.add(problem.advice(advice));
        }
    }
}
