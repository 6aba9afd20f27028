//! What campaigns of one series have in common.
//!
//! Owns: what they must agree in, and whether a person has the same keys in two of them. Never:
//! knows which campaigns there are.

use super::Definition;

/// What campaigns of one series must agree in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SeriesTerm {
    /// The same `cool_down_days`.
    CoolDown,
    /// The same codes of unique fields, in the same order.
    UniqueFields,
    /// The same time zone, in which the days of the cool-down are counted.
    TimeZone,
    /// Outcomes are held back in all of them or in none.
    HeldBack,
}

impl SeriesTerm {
    /// Every term.
    pub const ALL: [Self; 4] = [Self::CoolDown, Self::UniqueFields, Self::TimeZone, Self::HeldBack];

    fn is_met(self, one: &Definition, other: &Definition) -> bool {
        match self {
            Self::CoolDown => {
                let days = |of: &Definition| of.series.as_ref().map(|s| s.cool_down_days);
                days(one) == days(other)
            }
            Self::UniqueFields => {
                let codes = one.unique_fields().map(|field| &field.code);
                codes.eq(other.unique_fields().map(|field| &field.code))
            }
            Self::TimeZone => one.calendar.zone == other.calendar.zone,
            Self::HeldBack => one.is_held_back() == other.is_held_back(),
        }
    }
}

impl Definition {
    /// What keeps this campaign and the other from standing side by side in one series: nothing
    /// when they agree, or are of different series or of none.
    pub fn differs_in_series<'a>(
        &'a self,
        other: &'a Self,
    ) -> impl Iterator<Item = SeriesTerm> + use<'a> {
        let code = |of: &'a Self| of.series.as_ref().map(|series| &series.code);
        let is_shared = code(self).is_some() && code(self) == code(other);
        let terms = SeriesTerm::ALL.into_iter().filter(move |_| is_shared);
        terms.filter(move |term| !term.is_met(self, other))
    }

    /// Whether nothing keeps this campaign and the other from standing side by side in one series.
    #[must_use]
    pub fn agrees_in_series(&self, other: &Self) -> bool {
        self.differs_in_series(other).next().is_none()
    }

    /// Whether a person has the same keys in this campaign as in the other: the same unique fields
    /// in the same order, within the same series or the same campaign.
    #[must_use]
    pub fn shares_person_keys(&self, other: &Self) -> bool {
        let scope = |of: &Self| of.series.as_ref().map(|series| series.code.clone());
        let scope_is_shared =
            scope(self) == scope(other) && (self.series.is_some() || self.code == other.code);
        let fields = |of: &Self| -> Vec<_> {
            let fields = of.unique_fields();
            fields.map(|field| (field.code.clone(), std::mem::discriminant(&field.kind))).collect()
        };
        scope_is_shared && fields(self) == fields(other)
    }

    /// Whether the list of a reserved item is that of the same item in the other.
    #[must_use]
    pub fn shares_reserved_items(&self, other: &Self) -> bool {
        let items = |of: &Self| -> Vec<_> {
            of.items.iter().map(|item| (item.code.clone(), item.reserved.clone())).collect()
        };
        items(self) == items(other)
    }
}
