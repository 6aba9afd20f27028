//! What is wrong with an operator's files: problems, each with its place and its remedy.
//!
//! Owns: the codes, the places, and the report that gathers problems while files are read.
//! Never: decides what is wrong; the readers do.
//! Invariants: a report keeps the first `PROBLEMS_MAX` errors and says when it left some out.

use serde::{Serialize, Serializer};
use std::cell::RefCell;
use std::path::Path;
use types::limits;

/// One thing that is wrong, or that a person should know.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Problem {
    /// Whether the files can be used nevertheless.
    pub severity: Severity,
    /// Which kind of problem; `docs/errors/CODE.md` explains it.
    pub code: Code,
    /// Where it is.
    pub place: Box<Place>,
    /// What was found, in a sentence without a full stop.
    pub message: String,
    /// What belongs there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expected: Option<String>,
    /// The nearest valid word, or what to do.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub suggestion: Option<Suggestion>,
}

impl Problem {
    pub(crate) fn error(code: Code, place: Place, message: impl Into<String>) -> Self {
        let (message, place) = (message.into(), Box::new(place));
        Self { severity: Severity::Error, code, place, message, expected: None, suggestion: None }
    }

    pub(crate) fn warning(code: Code, place: Place, message: impl Into<String>) -> Self {
        Self { severity: Severity::Warning, ..Self::error(code, place, message) }
    }

    /// The same with the folder of its file, where files of one name lie in several.
    #[must_use]
    pub fn in_folder(mut self, folder: &Path) -> Self {
        let (Place::File { file }
        | Place::Text { file, .. }
        | Place::Line { file, .. }
        | Place::Sheet { file, .. }
        | Place::Cell { file, .. }) = &mut *self.place;
        *file = folder.join(&*file).display().to_string();
        self
    }

    pub(crate) fn expected(mut self, expected: impl Into<String>) -> Self {
        self.expected = Some(expected.into());
        self
    }

    pub(crate) fn word(mut self, word: Option<impl Into<String>>) -> Self {
        self.suggestion = word.map(|word| Suggestion::Word(word.into())).or(self.suggestion);
        self
    }

    pub(crate) fn advice(mut self, advice: impl Into<String>) -> Self {
        self.suggestion = Some(Suggestion::Advice(advice.into()));
        self
    }
}

/// Whether the files can be used nevertheless.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Severity {
    /// They cannot.
    Error,
    /// They can; but a person should know.
    Warning,
}

/// A remedy.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Suggestion {
    /// The valid word nearest to the one found.
    Word(String),
    /// What to do, in a sentence without a full stop.
    Advice(String),
}

/// Where a problem is. Lines and columns count from 1, columns in characters.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case", tag = "in")]
pub enum Place {
    /// A file as a whole.
    File {
        /// Its name.
        file: String,
    },
    /// Some characters of the campaign file.
    Text {
        /// Its name.
        file: String,
        /// The line.
        line: usize,
        /// The first character.
        column: usize,
        /// How many characters, at least 1.
        length: usize,
        /// The line's text.
        source: String,
    },
    /// A line of a CSV or text file.
    Line {
        /// Its name.
        file: String,
        /// The line.
        line: u32,
        /// The column by its heading, when it is about one.
        #[serde(skip_serializing_if = "Option::is_none")]
        column: Option<String>,
    },
    /// A sheet of a workbook.
    Sheet {
        /// The workbook's name.
        file: String,
        /// The sheet's name.
        sheet: String,
    },
    /// A cell of a workbook, or several.
    Cell {
        /// The workbook's name.
        file: String,
        /// The sheet's name.
        sheet: String,
        /// `C14`, `14` for a whole row, or `B2:B5`.
        cell: String,
    },
}

impl Place {
    pub(crate) fn file(file: &str) -> Self {
        Self::File { file: file.to_owned() }
    }
}

macro_rules! codes {
    ($($(#[$doc:meta])* $name:ident = $word:literal,)*) => {
        /// The kinds of problem.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Code {
            $($(#[$doc])* $name,)*
        }

        impl Code {
            /// Every code.
            pub const ALL: &[Self] = &[$(Self::$name),*];

            /// The stable word, as the API and the page in `docs/errors/` spell it.
            #[must_use]
            pub const fn word(self) -> &'static str {
                match self {
                    $(Self::$name => $word,)*
                }
            }
        }
    };
}

codes! {
    /// The campaign file is not TOML.
    TomlSyntax = "toml-syntax",
    /// A key that means nothing where it stands.
    UnknownKey = "unknown-key",
    /// A key, section or text that must be there is not.
    MissingKey = "missing-key",
    /// A value of another type than the key's.
    WrongType = "wrong-type",
    /// A word that is none of those allowed.
    UnknownWord = "unknown-word",
    /// A word of the design that this release does not know yet.
    NotAvailable = "not-available",
    /// Two keys that exclude each other.
    ConflictingKeys = "conflicting-keys",
    /// A text lacks one of the campaign's languages.
    MissingLanguage = "missing-language",
    /// A text in a language that is not one of the campaign's.
    UnknownLanguage = "unknown-language",
    /// A code with characters that a code cannot have.
    BadCode = "bad-code",
    /// A code that stands twice.
    DuplicateCode = "duplicate-code",
    /// A text that is empty or too long.
    BadText = "bad-text",
    /// A time zone that does not exist.
    UnknownZone = "unknown-zone",
    /// A date or time that does not exist, exists twice, or cannot be read.
    BadTime = "bad-time",
    /// Times in the wrong order.
    TimesOutOfOrder = "times-out-of-order",
    /// A time that has passed already.
    InThePast = "in-the-past",
    /// A number outside its range.
    OutOfRange = "out-of-range",
    /// A pattern that is not a regular expression.
    BadPattern = "bad-pattern",
    /// No identity field, or too many, is unique.
    NoUniqueField = "no-unique-field",
    /// More rows, items, slots or other parts than the limit.
    TooMany = "too-many",
    /// A file that is not there.
    FileMissing = "file-missing",
    /// A file that cannot be read.
    FileUnreadable = "file-unreadable",
    /// A file larger than the limit.
    FileTooLarge = "file-too-large",
    /// A file that is neither a CSV text nor an XLSX workbook.
    NotATable = "not-a-table",
    /// A text file in another encoding than UTF-8.
    Encoding = "text-encoding",
    /// A sheet that is not in the workbook, or is not named where it must be.
    SheetMissing = "sheet-missing",
    /// A table without rows.
    TableEmpty = "table-empty",
    /// A column that means nothing in this table.
    UnknownColumn = "unknown-column",
    /// A column that must be there is not.
    MissingColumn = "missing-column",
    /// A column that stands twice, under one heading or under two that mean the same.
    DuplicateColumn = "duplicate-column",
    /// Cells that are merged.
    MergedCells = "merged-cells",
    /// A cell that must hold something and is blank.
    BlankCell = "blank-cell",
    /// A cell that holds a date, an error or a rounded number.
    BadCell = "bad-cell",
    /// A cell that is not the number it must be.
    BadNumber = "bad-number",
    /// A stock row for an outlet, item or slot that is not defined.
    UnknownReference = "unknown-reference",
    /// Two stock rows for the same outlet, item and slot.
    DuplicateStock = "duplicate-stock",
    /// An outlet, item or slot that no stock row names.
    NothingInStock = "nothing-in-stock",
    /// Campaigns of a series that disagree in what they must agree in.
    SeriesDiffers = "series-differs",
    /// Campaigns of a held-back series that would refuse entries because of one another.
    SeriesOverlaps = "series-overlaps",
    /// A campaign whose people alone may enter, named where nobody could.
    RegisteredIn = "registered-in",
    /// People on an allow list that the campaign does not ask for.
    AllowListUnread = "allow-list-unread",
    /// An allow list that the campaign asks for and nobody is on.
    AllowListEmpty = "allow-list-empty",
    /// A cap that one person can use up by entering and cancelling.
    CapReentry = "cap-reentry",
    /// A campaign that draws again and again, and lets whoever won enter again.
    WinnersAgain = "winners-again",
    /// Problems beyond the limit, which are not listed.
    TooManyProblems = "too-many-problems",
}

impl Serialize for Code {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(self.word())
    }
}

/// Problems as they are found.
#[derive(Default)]
pub(crate) struct Report {
    inner: RefCell<Inner>,
}

#[derive(Default)]
struct Inner {
    problems: Vec<Problem>,
    errors: usize,
}

impl Report {
    pub(crate) fn add(&self, problem: Problem) {
        let mut inner = self.inner.borrow_mut();
        if problem.severity == Severity::Error {
            inner.errors += 1;
        }
        if inner.problems.len() < limits::PROBLEMS_MAX {
            inner.problems.push(problem);
        }
    }

    pub(crate) fn error(&self, code: Code, place: Place, message: impl Into<String>) {
        self.add(Problem::error(code, place, message));
    }

    pub(crate) fn errors(&self) -> usize {
        self.inner.borrow().errors
    }

    /// Whether further rows of a table can no longer add anything that would be shown.
    pub(crate) fn is_full(&self) -> bool {
        self.inner.borrow().problems.len() >= limits::PROBLEMS_MAX
    }

    /// The warnings when there is no error; otherwise everything, those of the campaign file
    /// first and in its order, then those of the tables in theirs.
    pub(crate) fn finish(self, file: &str) -> Result<Vec<Problem>, Vec<Problem>> {
        let Inner { mut problems, errors } = self.inner.into_inner();
        problems.sort_by_key(|problem| match &*problem.place {
            Place::Text { line, column, .. } => (false, *line, *column),
            _ => (true, 0, 0),
        });
        let listed = problems.iter().filter(|problem| problem.severity == Severity::Error).count();
        if errors > listed || problems.len() >= limits::PROBLEMS_MAX {
            let message = format!("only the first {} problems are listed", problems.len());
            let more = match errors {
                0 => Problem::warning(Code::TooManyProblems, Place::file(file), message),
                _ => Problem::error(Code::TooManyProblems, Place::file(file), message),
            };
            problems.push(more.advice("correct these and check again"));
        }
        if errors == 0 { Ok(problems) } else { Err(problems) }
    }
}
