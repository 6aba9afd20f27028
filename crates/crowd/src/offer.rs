//! What a campaign offers, as a client reads it: places, units, and what people state.
//!
//! Owns: reading the campaign document, choosing places, writing an entry's body. Never: sends.
//! Invariants: the same person and request choose the same; popular outlets come first by seed.

use crate::error::CrowdError;
use crate::http::{self, Head, push_number};
use crate::load::Loopback;
use crate::people::Person;
use crate::{below, mix};
use serde_json::Value;
use std::collections::BTreeSet;
use std::ops::Range;
use types::definition::{Definition, FieldKind};

/// What a campaign offers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Offer {
    /// The campaign's code.
    pub campaign: String,
    /// The places that have stock, the outlets most people want first.
    pools: Vec<Pool>,
    /// The pools of each outlet, most wanted first.
    outlets: Vec<Range<usize>>,
    fields: Vec<Field>,
    units_min: u8,
    units_max: u8,
    choices_max: usize,
}

/// One place: codes of outlet, item and slot. Where a campaign draws again and again its choices
/// have no slot, and none is sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pool {
    /// Where.
    pub outlet: String,
    /// What.
    pub item: String,
    /// When; empty where none is chosen.
    pub slot: String,
}

/// One thing people state about themselves.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Field {
    /// Its name in JSON.
    pub code: String,
    /// What is written there.
    pub kind: Kind,
}

/// What a made-up person writes into a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// The resident identity number.
    ResidentId,
    /// The mobile phone.
    Phone,
    /// A made-up passport: `E` and eight digits of the phone.
    Passport,
    /// A made-up permit: `H` and eight digits of the phone.
    Permit,
    /// The name.
    Text,
}

/// What is wrong with an entry on purpose.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mistake {
    /// The check character of the identity number is wrong.
    CheckCharacter,
    /// The outlet does not exist.
    Outlet,
    /// More units than anybody may have.
    Units,
}

impl Offer {
    /// Asks the server for the campaign document.
    ///
    /// # Errors
    /// When the server cannot be reached, refuses, or answers with something else.
    pub fn fetch(address: Loopback, campaign: &str, seed: u64) -> Result<Self, CrowdError> {
        let path = format!("/v1/campaigns/{campaign}");
        let mut request = Vec::new();
        Head::new("GET", &path, address, &[]).write(&mut request, &[], b"");
        let (status, body) = http::fetch(address, &request)?;
        if status != 200 {
            let body = String::from_utf8_lossy(&body[..body.len().min(500)]).into_owned();
            return Err(CrowdError::Status { what: format!("GET {path}"), status, body });
        }
        Self::from_document(campaign, &body, seed)
    }

    /// Reads a campaign document.
    ///
    /// # Errors
    /// [`CrowdError::Document`] when it has no places or no fields.
    pub fn from_document(campaign: &str, document: &[u8], seed: u64) -> Result<Self, CrowdError> {
        let document: Value = serde_json::from_slice(document)
            .map_err(|error| CrowdError::Document(error.to_string()))?;
        let codes =
            [codes(&document, "outlets"), codes(&document, "items"), codes(&document, "slots")];
        let listed = find(&document, &["/pools", "/stock"]).and_then(Value::as_array);
        let pools = match listed {
            Some(listed) => listed.iter().filter_map(|pool| read_pool(pool, &codes)).collect(),
            None => every_pool(&codes),
        };
        let fields = find(&document, &["/fields", "/register/fields"]).and_then(Value::as_array);
        let fields = fields.into_iter().flatten().filter_map(read_field).collect();
        let number = |places: &[&str], default| {
            find(&document, places).and_then(Value::as_u64).unwrap_or(default)
        };
        let units_min = number(&["/units/min", "/units_min", "/register/units_min"], 1);
        let units_max = number(&["/units/max", "/units_max", "/register/units_max"], units_min);
        let choices = number(&["/choices_max", "/register/choices_max"], 1);
        let draws_again = document.pointer("/draw/stand_days").is_some_and(Value::is_u64);
        Self {
            campaign: campaign.to_owned(),
            pools: if draws_again { of_all_days(pools) } else { pools },
            outlets: Vec::new(),
            fields,
            units_min: u8::try_from(units_min).unwrap_or(1),
            units_max: u8::try_from(units_max).unwrap_or(1),
            choices_max: choices as usize,
        }
        .checked(seed)
    }

    /// Reads a definition, where no server is there to ask.
    ///
    /// # Errors
    /// [`CrowdError::Document`] when it has no stock.
    pub fn from_definition(definition: &Definition, seed: u64) -> Result<Self, CrowdError> {
        let pool = |stock: &types::definition::Stock| Pool {
            outlet: definition.outlets[stock.outlet.index()].code.clone(),
            item: definition.items[stock.item.index()].code.clone(),
            slot: definition.slots[stock.slot.index()].code.clone(),
        };
        let field = |field: &types::definition::IdentityField| Field {
            code: field.code.clone(),
            kind: match field.kind {
                FieldKind::ResidentId => Kind::ResidentId,
                FieldKind::Phone { .. } => Kind::Phone,
                FieldKind::Passport => Kind::Passport,
                FieldKind::HomeReturnPermit => Kind::Permit,
                FieldKind::Text { .. } => Kind::Text,
            },
        };
        let register = &definition.register;
        let pools = definition.stock.iter().map(pool).collect();
        let draws_again = definition.draw().is_some_and(|terms| terms.stand_days.is_some());
        Self {
            campaign: definition.code.clone(),
            pools: if draws_again { of_all_days(pools) } else { pools },
            outlets: Vec::new(),
            fields: register.fields.iter().map(field).collect(),
            units_min: register.units_min,
            units_max: register.units_max,
            choices_max: usize::from(register.choices_max),
        }
        .checked(seed)
    }

    fn checked(mut self, seed: u64) -> Result<Self, CrowdError> {
        if self.pools.is_empty() {
            return Err(CrowdError::Document("it names no places with stock".into()));
        }
        if self.fields.is_empty() {
            return Err(CrowdError::Document("it names no identity fields".into()));
        }
        let wanted = |pool: &Pool| {
            let hash = pool.outlet.bytes().fold(seed, |hash, byte| mix(hash, u64::from(byte)));
            (hash, pool.outlet.clone())
        };
        self.pools.sort_by_cached_key(wanted);
        let same = self.pools.chunk_by(|first, second| first.outlet == second.outlet);
        let mut end = 0;
        self.outlets = same
            .map(|pools| {
                end += pools.len();
                end - pools.len()..end
            })
            .collect();
        self.units_max = self.units_max.max(self.units_min);
        self.choices_max = self.choices_max.clamp(1, types::limits::CHOICES_MAX);
        Ok(self)
    }

    /// A place, chosen by a well-mixed number: the first tenth of the outlets is wanted by a third
    /// of the people.
    fn choose(&self, mixed: u64) -> &Pool {
        let share = (mixed >> 11) as f64 / (1_u64 << 53) as f64;
        let rank = (share * share * self.outlets.len() as f64) as usize;
        let pools = &self.outlets[rank.min(self.outlets.len() - 1)];
        let within = below(mix(mixed, 1), pools.len() as u64) as usize;
        &self.pools[pools.start + within]
    }

    /// Appends the JSON of an entry: the person, choices and units that `mixed` decides.
    pub fn write_entry(
        &self,
        body: &mut Vec<u8>,
        person: &Person,
        mixed: u64,
        mistake: Option<Mistake>,
    ) {
        body.extend_from_slice(b"{");
        self.write_identity(body, person, mistake);
        body.extend_from_slice(b",\"choices\":[");
        let count = 1 + below(mix(mixed, 2), self.choices_max as u64);
        let mut chosen: [Option<&Pool>; types::limits::CHOICES_MAX] = Default::default();
        let mut places = 0;
        for index in 0..count {
            let pool = self.choose(mix(mixed, 16 + index));
            if chosen[..places].contains(&Some(pool)) {
                continue;
            }
            chosen[places] = Some(pool);
            places += 1;
            let outlet = match mistake {
                Some(Mistake::Outlet) => "no-such-outlet",
                _ => &pool.outlet,
            };
            let comma: &[u8] = if places > 1 { b"," } else { b"" };
            body.extend_from_slice(comma);
            let members = [("outlet", outlet), ("item", &pool.item), ("slot", &pool.slot)];
            push_members(body, if pool.slot.is_empty() { &members[..2] } else { &members });
        }
        body.extend_from_slice(b"],\"units\":");
        let range = u64::from(self.units_max - self.units_min) + 1;
        let units = match mistake {
            Some(Mistake::Units) => u64::from(self.units_max) + 1,
            _ => u64::from(self.units_min) + below(mix(mixed, 3), range),
        };
        push_number(body, units);
        body.extend_from_slice(b"}");
    }

    /// Appends `"identity":{…}`.
    pub fn write_identity(&self, body: &mut Vec<u8>, person: &Person, mistake: Option<Mistake>) {
        body.extend_from_slice(b"\"identity\":{");
        for (index, field) in self.fields.iter().enumerate() {
            let comma: &[u8] = if index > 0 { b",\"" } else { b"\"" };
            body.extend_from_slice(comma);
            body.extend_from_slice(field.code.as_bytes());
            body.extend_from_slice(b"\":\"");
            match field.kind {
                Kind::ResidentId if mistake == Some(Mistake::CheckCharacter) => {
                    body.extend_from_slice(&person.id_number_mistyped());
                }
                Kind::ResidentId => body.extend_from_slice(person.id_number().as_bytes()),
                Kind::Phone => body.extend_from_slice(person.phone().as_bytes()),
                Kind::Passport | Kind::Permit => {
                    body.push(if field.kind == Kind::Passport { b'E' } else { b'H' });
                    body.extend_from_slice(&person.phone().as_bytes()[3..]);
                }
                Kind::Text => body.extend_from_slice(person.name().as_bytes()),
            }
            body.push(b'"');
        }
        body.extend_from_slice(b"}");
    }
}

/// Each outlet and item once, whatever the slot.
fn of_all_days(pools: Vec<Pool>) -> Vec<Pool> {
    let mut seen = BTreeSet::new();
    let pools = pools.into_iter().map(|pool| Pool { slot: String::new(), ..pool });
    pools.filter(|pool| seen.insert((pool.outlet.clone(), pool.item.clone()))).collect()
}

fn push_members(body: &mut Vec<u8>, members: &[(&str, &str)]) {
    for (index, (name, value)) in members.iter().enumerate() {
        let open: &[u8] = if index == 0 { b"{\"" } else { b",\"" };
        // Codes are letters, digits, '-', '_' and '.': nothing in them needs an escape.
        for part in [open, name.as_bytes(), b"\":\"", value.as_bytes(), b"\""] {
            body.extend_from_slice(part);
        }
    }
    body.push(b'}');
}

fn find<'a>(document: &'a Value, places: &[&str]) -> Option<&'a Value> {
    places.iter().find_map(|place| document.pointer(place))
}

fn codes(document: &Value, list: &str) -> Vec<String> {
    let members = document.get(list).and_then(Value::as_array).into_iter().flatten();
    members.filter_map(|member| Some(member.get("code")?.as_str()?.to_owned())).collect()
}

/// A pool names its outlet, item and slot, in this order, by code or by place in the document's
/// lists.
fn read_pool(pool: &Value, codes: &[Vec<String>; 3]) -> Option<Pool> {
    let name = |index: usize, key: &str| match pool.get(index).or_else(|| pool.get(key))? {
        Value::String(code) => Some(code.clone()),
        place => codes[index].get(usize::try_from(place.as_u64()?).ok()?).cloned(),
    };
    let (outlet, item, slot) = (name(0, "outlet")?, name(1, "item")?, name(2, "slot")?);
    Some(Pool { outlet, item, slot })
}

fn every_pool([outlets, items, slots]: &[Vec<String>; 3]) -> Vec<Pool> {
    let pool = |outlet: &str, item: &str, slot: &str| Pool {
        outlet: outlet.to_owned(),
        item: item.to_owned(),
        slot: slot.to_owned(),
    };
    let places = outlets.iter().flat_map(|outlet| items.iter().map(move |item| (outlet, item)));
    let places =
        places.flat_map(|(outlet, item)| slots.iter().map(move |slot| (outlet, item, slot)));
    places.map(|(outlet, item, slot)| pool(outlet, item, slot)).collect()
}

fn read_field(field: &Value) -> Option<Field> {
    let kind = find(field, &["/kind/type", "/kind", "/type"])?.as_str()?;
    let kind = match kind {
        "resident-id" => Kind::ResidentId,
        "phone" => Kind::Phone,
        "passport" => Kind::Passport,
        "home-return-permit" => Kind::Permit,
        _ => Kind::Text,
    };
    Some(Field { code: field.get("code")?.as_str()?.to_owned(), kind })
}
