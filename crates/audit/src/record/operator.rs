//! A reader of operators' records, written from "Kind 16" in `docs/format.md` alone.
//!
//! Owns: the keys of every object, which of them may be left out, the digits of person keys.
//! Never: asks `types` how it reads; what is read is handed on in its types, which hold data.
//! Invariants: an unknown key, a key too few or a number out of range is an error.
//! On failure: the error names the place in the JSON.

use serde::de::{Deserialize, Deserializer, Error};
use types::action::{self, OperatorCommand};
use types::definition::{self, LocalText};
use types::ids::{
    CampaignNo, DrawNo, EntryNo, ItemNo, Millis, OutletNo, PersonKey, Sha256, SlotNo,
};

const KEY_DIGITS: usize = 32;
const DIGEST_DIGITS: usize = 64;
/// By `docs/format.md`; it is never another one, so that every journal stays readable.
const FROM_CHARS_MAX: usize = 45;

/// What an operator's record says.
pub(super) fn read(json: &[u8]) -> Result<OperatorCommand, serde_json::Error> {
    let Record { actor, from, reason, action } = serde_json::from_slice(json)?;
    Ok(OperatorCommand { actor, from, reason, action: action.told() })
}

/// Something as it is drawn, told as the data it stands for.
trait Drawn<T> {
    fn told(self) -> T;
}

macro_rules! plain {
    ($($kind:ty)*) => {$(
        impl Drawn<Self> for $kind {
            fn told(self) -> Self {
                self
            }
        }
    )*};
}

macro_rules! numbers {
    ($($drawn:ty => $($number:ident)*;)*) => {$($(
        impl Drawn<$number> for $drawn {
            fn told(self) -> $number {
                $number(self)
            }
        }
    )*)*};
}

/// Objects whose keys are those of the data they stand for.
macro_rules! objects {
    ($($module:ident::$name:ident {
        $($(#[$may:meta])? $key:ident: $kind:ty,)*
    })*) => {$(
        #[derive(serde::Deserialize)]
        #[serde(deny_unknown_fields)]
        struct $name {
            $($(#[$may])? $key: $kind,)*
        }

        impl Drawn<$module::$name> for $name {
            fn told(self) -> $module::$name {
                $module::$name { $($key: self.$key.told(),)* }
            }
        }
    )*};
}

plain!(bool i32 u8 u16 u32 String LocalText);

numbers! {
    u16 => OutletNo ItemNo SlotNo;
    u32 => EntryNo;
    u64 => Millis;
}

impl<A: Drawn<B>, B> Drawn<Option<B>> for Option<A> {
    fn told(self) -> Option<B> {
        self.map(Drawn::told)
    }
}

impl<A: Drawn<B>, B> Drawn<Vec<B>> for Vec<A> {
    fn told(self) -> Vec<B> {
        self.into_iter().map(Drawn::told).collect()
    }
}

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Record {
    actor: String,
    #[serde(default, deserialize_with = "origin")]
    from: Option<String>,
    reason: String,
    action: Action,
}

use types::calendar;

objects! {
    definition::Definition {
        code: String,
        series: Option<Series>,
        calendar: Calendar,
        languages: Vec<String>,
        texts: Texts,
        items: Vec<Item>,
        outlets: Vec<Outlet>,
        slots: Vec<Slot>,
        stock: Vec<Stock>,
        register: Register,
        allocate: Allocate,
        publish: Publish,
        fulfil: Fulfil,
        pacing: Pacing,
    }
    definition::Series { code: String, cool_down_days: u16, }
    calendar::Calendar { zone: String, offsets: Vec<Offset>, }
    calendar::Offset { from: u64, seconds: i32, }
    definition::Texts {
        title: LocalText,
        summary: LocalText,
        pickup: LocalText,
        notice: LocalText,
    }
    definition::Item { code: String, name: LocalText, reserved: Option<Reserved>, }
    definition::Reserved { of: u16, tranche: String, }
    definition::Outlet {
        code: String,
        name: LocalText,
        district: LocalText,
        address: LocalText,
        position: Option<Position>,
    }
    definition::Position { latitude_millionths: i32, longitude_millionths: i32, }
    definition::Slot { code: String, name: LocalText, from: u64, until: u64, }
    definition::Stock { outlet: u16, item: u16, slot: u16, units: u32, }
    definition::Register {
        windows: Vec<Window>,
        fields: Vec<IdentityField>,
        cap: Option<u32>,
        units_min: u8,
        units_max: u8,
        choices_max: u8,
        reenter_after_cancel: bool,
        allow_list: bool,
        registered_in: Option<String>,
    }
    definition::Window { from: u64, until: u64, }
    definition::IdentityField { code: String, kind: FieldKind, label: LocalText, unique: bool, }
    definition::DrawTerms {
        stand_days: Option<u16>,
        tickets_max: u8,
        accept_any: bool,
        group_max: u8,
    }
    definition::Pacing {
        release_percent: u8,
        retry_seconds: u16,
        poll_seconds: u16,
        jitter_seconds: u16,
        admit_per_second: Option<u32>,
    }
    action::StockRow { outlet: u16, item: u16, slot: u16, units: u32, }
    action::ExportMark { at: u64, entries: u32, #[serde(default)] told: Vec<u32>, }
}

#[derive(serde::Deserialize)]
#[serde(rename_all = "kebab-case", tag = "type", deny_unknown_fields)]
enum FieldKind {
    ResidentId,
    Phone { region: String },
    Passport,
    HomeReturnPermit,
    Text { pattern: Option<String> },
}

impl Drawn<definition::FieldKind> for FieldKind {
    fn told(self) -> definition::FieldKind {
        match self {
            Self::ResidentId => definition::FieldKind::ResidentId,
            Self::Phone { region } => definition::FieldKind::Phone { region },
            Self::Passport => definition::FieldKind::Passport,
            Self::HomeReturnPermit => definition::FieldKind::HomeReturnPermit,
            Self::Text { pattern } => definition::FieldKind::Text { pattern },
        }
    }
}

#[derive(serde::Deserialize)]
#[serde(rename_all = "kebab-case", tag = "by", deny_unknown_fields)]
enum Allocate {
    FirstCome,
    Draw(DrawTerms),
}

impl Drawn<definition::Allocate> for Allocate {
    fn told(self) -> definition::Allocate {
        match self {
            Self::FirstCome => definition::Allocate::FirstCome,
            Self::Draw(terms) => definition::Allocate::Draw(terms.told()),
        }
    }
}

#[derive(serde::Deserialize)]
#[serde(rename_all = "kebab-case", tag = "when", deny_unknown_fields)]
enum Publish {
    AtOnce,
    At { at: u64 },
    ByHand { expected: Option<u64> },
}

impl Drawn<definition::Publish> for Publish {
    fn told(self) -> definition::Publish {
        match self {
            Self::AtOnce => definition::Publish::AtOnce,
            Self::At { at } => definition::Publish::At { at: at.told() },
            Self::ByHand { expected } => definition::Publish::ByHand { expected: expected.told() },
        }
    }
}

#[derive(serde::Deserialize)]
#[serde(rename_all = "kebab-case", tag = "by", deny_unknown_fields)]
enum Fulfil {
    Pickup { whole_day: bool },
}

impl Drawn<definition::Fulfil> for Fulfil {
    fn told(self) -> definition::Fulfil {
        let Self::Pickup { whole_day } = self;
        definition::Fulfil::Pickup { whole_day }
    }
}

#[derive(serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
enum StockMode {
    Replace,
    Add,
}

#[derive(serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
enum ListKind {
    Block,
    Allow,
    Reserved(u16),
}

#[derive(serde::Deserialize)]
#[serde(rename_all = "kebab-case", tag = "is", deny_unknown_fields)]
enum DrawEvent {
    Seal { entries: u32 },
    Opening,
    Seed,
    Result { winners: u32 },
    Alternates { winners: u32 },
    Void,
}

impl Drawn<action::DrawEvent> for DrawEvent {
    fn told(self) -> action::DrawEvent {
        match self {
            Self::Seal { entries } => action::DrawEvent::Seal { entries },
            Self::Opening => action::DrawEvent::Opening,
            Self::Seed => action::DrawEvent::Seed,
            Self::Result { winners } => action::DrawEvent::Result { winners },
            Self::Alternates { winners } => action::DrawEvent::Alternates { winners },
            Self::Void => action::DrawEvent::Void,
        }
    }
}

#[derive(serde::Deserialize)]
#[serde(rename_all = "kebab-case", tag = "do", deny_unknown_fields)]
enum Action {
    Load {
        definition: Box<Definition>,
    },
    Stock {
        campaign: u16,
        mode: StockMode,
        rows: Vec<StockRow>,
    },
    Open {
        campaign: u16,
    },
    Pause {
        campaign: u16,
    },
    Resume {
        campaign: u16,
    },
    Close {
        campaign: u16,
    },
    Publish {
        campaign: u16,
    },
    Cap {
        campaign: u16,
        entries: Option<u32>,
    },
    Withdraw {
        campaign: u16,
        outlet: Option<u16>,
        item: Option<u16>,
        slot: Option<u16>,
        units: Option<u32>,
    },
    List {
        campaign: u16,
        list: ListKind,
        field: u8,
        #[serde(deserialize_with = "person_keys")]
        keys: Vec<PersonKey>,
    },
    Export {
        campaign: u16,
        bookings: u32,
        checksum: String,
        seen: Option<ExportMark>,
    },
    Shred {
        campaign: u16,
    },
    CloseDraw {
        campaign: u16,
        slot: Option<u16>,
        unserved: bool,
    },
    DrawEvent {
        campaign: u16,
        draw: u16,
        event: DrawEvent,
        #[serde(deserialize_with = "digest")]
        digest: Sha256,
    },
    Alternates {
        campaign: u16,
        draw: u16,
        begin: bool,
    },
    Lapse {
        campaign: u16,
        outlet: Option<u16>,
        item: Option<u16>,
        slot: Option<u16>,
    },
    TakeOver {
        campaign: u16,
    },
}

impl Drawn<action::Action> for Action {
    fn told(self) -> action::Action {
        let no = CampaignNo;
        match self {
            Self::Load { definition } => {
                action::Action::Load { definition: Box::new(definition.told()) }
            }
            Self::Stock { campaign, mode, rows } => {
                let mode = match mode {
                    StockMode::Replace => action::StockMode::Replace,
                    StockMode::Add => action::StockMode::Add,
                };
                action::Action::Stock { campaign: no(campaign), mode, rows: rows.told() }
            }
            Self::Open { campaign } => action::Action::Open { campaign: no(campaign) },
            Self::Pause { campaign } => action::Action::Pause { campaign: no(campaign) },
            Self::Resume { campaign } => action::Action::Resume { campaign: no(campaign) },
            Self::Close { campaign } => action::Action::Close { campaign: no(campaign) },
            Self::Publish { campaign } => action::Action::Publish { campaign: no(campaign) },
            Self::Cap { campaign, entries } => {
                action::Action::Cap { campaign: no(campaign), entries }
            }
            Self::Withdraw { campaign, outlet, item, slot, units } => action::Action::Withdraw {
                campaign: no(campaign),
                outlet: outlet.told(),
                item: item.told(),
                slot: slot.told(),
                units,
            },
            Self::List { campaign, list, field, keys } => {
                let list = match list {
                    ListKind::Block => action::ListKind::Block,
                    ListKind::Allow => action::ListKind::Allow,
                    ListKind::Reserved(item) => action::ListKind::Reserved(ItemNo(item)),
                };
                action::Action::List { campaign: no(campaign), list, field, keys }
            }
            Self::Export { campaign, bookings, checksum, seen } => {
                let (campaign, seen) = (no(campaign), seen.told());
                action::Action::Export { campaign, bookings, checksum, seen }
            }
            Self::Shred { campaign } => action::Action::Shred { campaign: no(campaign) },
            Self::CloseDraw { campaign, slot, unserved } => {
                let (campaign, slot) = (no(campaign), slot.told());
                action::Action::CloseDraw { campaign, slot, unserved }
            }
            Self::DrawEvent { campaign, draw, event, digest } => {
                let (campaign, draw, event) = (no(campaign), DrawNo(draw), event.told());
                action::Action::DrawEvent { campaign, draw, event, digest }
            }
            Self::Alternates { campaign, draw, begin } => {
                action::Action::Alternates { campaign: no(campaign), draw: DrawNo(draw), begin }
            }
            Self::Lapse { campaign, outlet, item, slot } => action::Action::Lapse {
                campaign: no(campaign),
                outlet: outlet.told(),
                item: item.told(),
                slot: slot.told(),
            },
            Self::TakeOver { campaign } => action::Action::TakeOver { campaign: no(campaign) },
        }
    }
}

/// From where somebody acted: where it is said, in 1 to 45 characters.
fn origin<'de, D: Deserializer<'de>>(from: D) -> Result<Option<String>, D::Error> {
    let text = String::deserialize(from)?;
    match text.chars().count() {
        1..=FROM_CHARS_MAX => Ok(Some(text)),
        _ => Err(D::Error::custom("from where somebody acted has 1 to 45 characters")),
    }
}

/// Person keys from one text, 32 digits each.
fn person_keys<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<PersonKey>, D::Error> {
    let text = String::deserialize(from)?;
    let is_digits = text.bytes().all(|byte| byte.is_ascii_hexdigit());
    if !is_digits || !text.len().is_multiple_of(KEY_DIGITS) {
        return Err(D::Error::custom("person keys have 32 hexadecimal digits each"));
    }
    let key = |at: usize| {
        let number = u128::from_str_radix(&text[at..at + KEY_DIGITS], 16).map_err(D::Error::custom);
        number.map(|number| PersonKey(number.to_be_bytes()))
    };
    (0..text.len()).step_by(KEY_DIGITS).map(key).collect()
}

/// A SHA-256 from 64 digits, small letters among them.
fn digest<'de, D: Deserializer<'de>>(from: D) -> Result<Sha256, D::Error> {
    let text = String::deserialize(from)?;
    let is_digit = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
    if text.len() != DIGEST_DIGITS || !text.bytes().all(is_digit) {
        return Err(D::Error::custom("a SHA-256 has 64 hexadecimal digits, in small letters"));
    }
    let mut digest = [0; 32];
    for (byte, at) in digest.iter_mut().zip((0..DIGEST_DIGITS).step_by(2)) {
        *byte = u8::from_str_radix(&text[at..at + 2], 16).map_err(D::Error::custom)?;
    }
    Ok(Sha256(digest))
}
