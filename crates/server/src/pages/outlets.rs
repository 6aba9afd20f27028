//! The first step of entering: which outlet for each choice.
//!
//! Owns: how one of many is found (by district, by a word, in a list), and carrying along what was
//! typed before. Never: anything personal in an address: what is asked for by address is districts,
//! outlets and words to find them by.

use super::form::{ErrorView, legend};
use super::offer::{GroupView, Making, asks_district};
use super::typed::{AGAIN, SEARCH, Typed, outlet_name};
use crate::language::Language;

/// Outlets in a list that is read through without looking for a word.
const UNSEARCHED_MAX: usize = 12;
/// Outlets shown at once; of more, a page is heavy and nobody reads it.
const ROWS_MAX: usize = 100;

/// Whether something was typed already that must not be lost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Begun {
    Yes,
    No,
}

/// Everything the first step shows.
pub(super) struct OutletsView {
    pub(super) errors: Vec<ErrorView>,
    /// Whether something is typed already, which links would lose: all is sent by forms then.
    pub(super) is_begun: bool,
    /// What every form of this step brings along.
    pub(super) hidden: Vec<(String, String)>,
    /// The same at the end of an address.
    pub(super) kept: &'static str,
    pub(super) search: Option<SearchView>,
    pub(super) ways: Ways,
    pub(super) district: Option<usize>,
    /// Whether the places of outlets are known.
    pub(super) has_positions: bool,
}

/// How outlets are chosen.
pub(super) enum Ways {
    /// First the district.
    Districts(Vec<DistrictView>),
    /// One tap, where there is a single choice.
    Rows(RowsView),
    /// A list to choose from for each choice.
    Lists(Vec<WhereView>),
}

/// A district to choose.
pub(super) struct DistrictView {
    pub(super) no: usize,
    pub(super) name: String,
    pub(super) outlets: usize,
    pub(super) gone: bool,
}

/// Outlets to choose one of.
pub(super) struct RowsView {
    pub(super) groups: Vec<GroupView>,
    /// Outlets that would be shown, were they not too many.
    pub(super) more: usize,
    pub(super) error: Option<&'static str>,
}

/// Words to find an outlet by.
pub(super) struct SearchView {
    pub(super) typed: String,
    /// Whether there is no outlet of these words.
    pub(super) is_vain: bool,
}

/// The outlet of one choice.
pub(super) struct WhereView {
    pub(super) number: usize,
    pub(super) label: String,
    pub(super) error: Option<&'static str>,
    pub(super) groups: Vec<GroupView>,
}

impl OutletsView {
    /// Whether a district or a search led here, past what the campaign says of itself.
    pub(super) fn is_second(&self) -> bool {
        let searches = self.search.as_ref().is_some_and(|search| !search.typed.is_empty());
        searches || self.district.is_some()
    }

    /// Whether there are districts to go back to.
    pub(super) fn by_district(&self) -> bool {
        self.is_second() && !matches!(self.ways, Ways::Districts(_))
    }
}

impl Making<'_> {
    /// The first step. `missing` are the choices whose outlet must still be named.
    pub(super) fn outlets_view(&self, missing: &[usize], begun: Begun) -> OutletsView {
        let t = &self.language.texts().outlets;
        let is_single = self.definition().register.choices_max == 1;
        let words = self.typed.get(SEARCH).trim();
        let is_searched = is_single && UNSEARCHED_MAX < self.campaign.offering().len();
        let searches = is_searched && !words.is_empty();
        let asks = asks_district(self.campaign, self.language);
        let ways = if searches {
            Ways::Rows(RowsView::new(self.found(words), None))
        } else if asks && self.district.is_none() {
            Ways::Districts(self.districts())
        } else if is_single {
            let error = missing.contains(&1).then_some(&*t.missing);
            Ways::Rows(RowsView::new(self.groups(1), error))
        } else {
            Ways::Lists(self.lists(missing))
        };
        let is_vain = matches!(&ways, Ways::Rows(rows) if rows.groups.is_empty());
        OutletsView {
            errors: ways.errors(&t.outlet),
            is_begun: begun == Begun::Yes,
            hidden: hidden(self.typed, begun, self.language),
            kept: if self.typed.is_again() && begun == Begun::No { "&again=1" } else { "" },
            search: is_searched.then(|| SearchView { typed: words.to_owned(), is_vain }),
            ways,
            district: self.district.filter(|_| asks && !searches),
            has_positions: self.has_positions(),
        }
    }

    fn districts(&self) -> Vec<DistrictView> {
        let districts = self.campaign.districts(self.language).iter();
        let views = districts.map(|district| DistrictView {
            no: district.no,
            name: district.name.clone(),
            outlets: district.outlets.len(),
            gone: self.are_gone(&district.outlets),
        });
        views.collect()
    }

    fn lists(&self, missing: &[usize]) -> Vec<WhereView> {
        let most = usize::from(self.definition().register.choices_max);
        let t = &self.language.texts().outlets;
        let lists = (1..=most).map(|number| WhereView {
            number,
            label: legend(number, true, self.language),
            error: missing.contains(&number).then_some(&*t.missing),
            groups: self.groups(number),
        });
        lists.collect()
    }
}

impl RowsView {
    fn new(mut groups: Vec<GroupView>, error: Option<&'static str>) -> Self {
        let mut room = ROWS_MAX;
        let mut more = 0;
        for group in &mut groups {
            more += group.outlets.len().saturating_sub(room);
            group.outlets.truncate(room);
            room -= group.outlets.len();
        }
        groups.retain(|group| !group.outlets.is_empty());
        Self { groups, more, error }
    }
}

impl Ways {
    fn errors(&self, label: &str) -> Vec<ErrorView> {
        let line = |number: usize, label: &str, message: &str| ErrorView {
            anchor: outlet_name(number),
            label: label.to_owned(),
            message: message.to_owned(),
        };
        match self {
            Self::Districts(_) => Vec::new(),
            Self::Rows(rows) => {
                rows.error.map(|message| line(1, label, message)).into_iter().collect()
            }
            Self::Lists(lists) => {
                let wrong = |list: &WhereView| Some(line(list.number, &list.label, list.error?));
                lists.iter().filter_map(wrong).collect()
            }
        }
    }
}

fn hidden(typed: &Typed, begun: Begun, language: Language) -> Vec<(String, String)> {
    match begun {
        Begun::Yes => typed.kept(),
        // A form that is sent by address takes the place of what stands behind the `?`.
        Begun::No => {
            let lang = language.texts().language.address.to_string();
            let again = typed.is_again().then(|| (AGAIN.to_owned(), "1".to_owned()));
            std::iter::once(("lang".to_owned(), lang)).chain(again).collect()
        }
    }
}
