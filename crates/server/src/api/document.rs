//! The campaign's document: everything a page needs, in all languages at once, as ready bytes.
//!
//! Owns: its shape, its version tag, its compressed form. Never: anything that changes without a
//! new version; that is what the status is for.

use crate::moment::rfc3339;
use bytes::Bytes;
use flate2::{Compression, write::GzEncoder};
use node::CampaignView;
use serde::Serialize;
use sha2::{Digest as _, Sha256};
use std::collections::BTreeMap;
use std::io::Write as _;
use types::definition::{Allocate, Definition, DrawTerms, FieldKind, Fulfil, Publish};
use types::{Calendar, Millis};
use utoipa::ToSchema;

/// Bytes that are served as they are.
#[derive(Clone, Debug)]
pub(crate) struct Document {
    pub(crate) plain: Bytes,
    pub(crate) gzip: Bytes,
    /// Quoted, as the `ETag` header has it.
    pub(crate) tag: String,
}

impl Document {
    pub(crate) fn new(value: &impl Serialize) -> Self {
        let mut plain = serde_json::to_vec(value).expect("documents have only string keys");
        plain.push(b'\n');
        Self::of_bytes(plain)
    }

    pub(crate) fn of_bytes(plain: Vec<u8>) -> Self {
        let digest = Sha256::digest(&plain);
        let tag: String = digest[..8].iter().map(|byte| format!("{byte:02x}")).collect();
        let gzip = gzip(&plain, Compression::default());
        Self { plain: plain.into(), gzip, tag: format!("\"{tag}\"") }
    }
}

/// Bytes as gzip.
pub(crate) fn gzip(plain: &[u8], effort: Compression) -> Bytes {
    let mut gzip = GzEncoder::new(Vec::new(), effort);
    let gzip = gzip.write_all(plain).and_then(|()| gzip.finish());
    gzip.expect("writing to memory cannot fail").into()
}

type Local = BTreeMap<String, String>;

/// All campaigns.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct CampaignList {
    /// In the order in which they were loaded.
    campaigns: Vec<CampaignSummary>,
}

/// One campaign of the list.
#[derive(Debug, Serialize, ToSchema)]
struct CampaignSummary {
    /// Its code.
    campaign: String,
    /// Its name, by language.
    title: Local,
    /// Where its document is.
    url: String,
}

/// One campaign, whole, in all its languages. It does not change without a new `version`.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct CampaignDocument {
    /// Its code.
    campaign: String,
    /// Grows with every change of the campaign.
    version: u64,
    /// The series it belongs to, if it does.
    series: Option<SeriesDocument>,
    /// The time zone its days are counted in.
    #[schema(example = "Asia/Shanghai")]
    zone: String,
    /// Language tags of all its texts; the first is the default.
    languages: Vec<String>,
    /// What people read.
    texts: TextsDocument,
    /// What a person states about themselves, in the order of the form.
    fields: Vec<FieldDocument>,
    /// What is handed out.
    items: Vec<ItemDocument>,
    /// Where.
    outlets: Vec<OutletDocument>,
    /// When.
    slots: Vec<SlotDocument>,
    /// What is offered where and when: places in `outlets`, `items` and `slots`, from 0. The
    /// stock marks of the status are in this order.
    pools: Vec<[u16; 3]>,
    /// Who may enter, when, and how often.
    register: RegisterDocument,
    /// How units are given out: `first-come` or `draw`.
    #[schema(example = "first-come")]
    allocate: &'static str,
    /// Of a draw: its terms.
    #[serde(skip_serializing_if = "Option::is_none")]
    draw: Option<DrawDocument>,
    /// When outcomes become visible.
    publish: PublishDocument,
    /// How units reach people.
    fulfil: FulfilDocument,
    /// The pace clients keep.
    pacing: PacingDocument,
}

/// Campaigns that share a cool-down.
#[derive(Debug, Serialize, ToSchema)]
struct SeriesDocument {
    /// The series' code.
    code: String,
    /// After a success on day D, the next is possible on day D + this.
    cool_down_days: u16,
}

/// A campaign's texts, by language.
#[derive(Debug, Serialize, ToSchema)]
struct TextsDocument {
    /// One line.
    title: Local,
    /// What this is, for whom, and when.
    summary: Local,
    /// What to bring and where to go.
    pickup: Local,
    /// What else must be said; may be empty.
    notice: Local,
}

/// One identity field.
#[derive(Debug, Serialize, ToSchema)]
struct FieldDocument {
    /// Its name in requests.
    code: String,
    /// `resident-id`, `phone`, `passport`, `home-return-permit` or `text`.
    #[serde(rename = "type")]
    kind: &'static str,
    /// Of a phone: the region of numbers without country code.
    #[serde(skip_serializing_if = "Option::is_none")]
    region: Option<String>,
    /// Of a text: a regular expression that the whole of it matches.
    #[serde(skip_serializing_if = "Option::is_none")]
    pattern: Option<String>,
    /// The label, by language.
    label: Local,
    /// Whether a value may have only one live entry.
    unique: bool,
}

/// What is handed out.
#[derive(Debug, Serialize, ToSchema)]
struct ItemDocument {
    /// Its code in requests.
    code: String,
    /// Its name, by language.
    name: Local,
    /// Of a part of another item's units that is kept for people on a list of its own: who is not
    /// on it is refused with `not-eligible`.
    #[serde(skip_serializing_if = "Option::is_none")]
    reserved: Option<ReservedDocument>,
}

/// A part of an item's units that is kept for certain people.
#[derive(Debug, Serialize, ToSchema)]
struct ReservedDocument {
    /// The code of the item that it is a part of.
    of: String,
    /// Its name in the files of a draw, behind a `#`.
    tranche: String,
}

/// How a campaign draws.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct DrawDocument {
    /// Calendar days on which an entry stands, from its own: it takes part in each draw that is
    /// closed on one of them, until it wins. Null: the campaign draws once for all.
    stand_days: Option<u16>,
    /// An entry has one ticket, one more for each draw that was lost before, and at most so many.
    tickets_max: u8,
    /// Whether an entry may say that any place will do (`any`).
    accept_any: bool,
    /// People who may enter together (`people`), all or none of whom win.
    group_max: u8,
}

/// Where things are handed out.
#[derive(Debug, Serialize, ToSchema)]
struct OutletDocument {
    /// Its code in requests.
    code: String,
    /// Its name, by language.
    name: Local,
    /// Its district, by language.
    district: Local,
    /// Its address, by language.
    address: Local,
    /// Latitude and longitude in degrees (WGS 84), when known.
    #[serde(skip_serializing_if = "Option::is_none")]
    position: Option<[f64; 2]>,
}

/// When things are handed out.
#[derive(Debug, Serialize, ToSchema)]
struct SlotDocument {
    /// Its code in requests.
    code: String,
    /// Its name, by language.
    name: Local,
    /// The first moment, RFC 3339.
    from: String,
    /// The first moment after it, RFC 3339.
    until: String,
}

/// Who may enter, when, and how often.
#[derive(Debug, Serialize, ToSchema)]
struct RegisterDocument {
    /// When entries are taken; empty when an operator opens by hand.
    windows: Vec<SpanDocument>,
    /// Entries after which registration ends at once.
    cap: Option<u32>,
    /// The fewest units of a booking.
    units_min: u8,
    /// The most units of a booking.
    units_max: u8,
    /// Choices a person may name, in order of preference.
    choices_max: u8,
    /// Whether a person who cancelled may enter again.
    reenter_after_cancel: bool,
    /// The code of the campaign whose people alone may enter, if there is one: others are refused
    /// with `not-eligible`. They state the same unique fields as there.
    #[serde(skip_serializing_if = "Option::is_none")]
    registered_in: Option<String>,
}

/// A span of time.
#[derive(Debug, Serialize, ToSchema)]
struct SpanDocument {
    /// The first moment, RFC 3339.
    from: String,
    /// The first moment after it, RFC 3339.
    until: String,
}

/// When outcomes become visible.
#[derive(Debug, Serialize, ToSchema)]
struct PublishDocument {
    /// `at-once`, `at` or `by-hand`.
    when: &'static str,
    /// The moment of publication, or the one that is expected; RFC 3339.
    at: Option<String>,
}

/// How units reach people.
#[derive(Debug, Serialize, ToSchema)]
struct FulfilDocument {
    /// `pickup`.
    by: &'static str,
    /// Whether the whole day of the slot counts.
    whole_day: bool,
}

/// The pace clients keep.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PacingDocument {
    /// Of 100 taps on "submit", how many a page sends at once.
    release_percent: u8,
    /// Seconds a page waits before it may be tapped again, or before it retries.
    retry_seconds: u16,
    /// Seconds between two look-ups of the status.
    poll_seconds: u16,
    /// Seconds of random delay a page adds.
    jitter_seconds: u16,
}

impl DrawDocument {
    pub(crate) const fn new(terms: &DrawTerms) -> Self {
        Self {
            stand_days: terms.stand_days,
            tickets_max: terms.tickets_max,
            accept_any: terms.accept_any,
            group_max: terms.group_max,
        }
    }
}

impl PacingDocument {
    pub(crate) const fn new(definition: &Definition) -> Self {
        let pacing = &definition.pacing;
        Self {
            release_percent: pacing.release_percent,
            retry_seconds: pacing.retry_seconds,
            poll_seconds: pacing.poll_seconds,
            jitter_seconds: pacing.jitter_seconds,
        }
    }
}

impl CampaignList {
    pub(crate) fn new<'a>(views: impl Iterator<Item = &'a CampaignView>) -> Self {
        let campaigns = views.map(|view| CampaignSummary {
            campaign: view.definition.code.clone(),
            title: view.definition.texts.title.clone(),
            url: format!("/v1/campaigns/{}", view.definition.code),
        });
        Self { campaigns: campaigns.collect() }
    }
}

impl CampaignDocument {
    pub(crate) fn new(view: &CampaignView) -> Self {
        let definition = &*view.definition;
        let calendar = &definition.calendar;
        let Fulfil::Pickup { whole_day } = definition.fulfil;
        let pools = view.pools().iter().map(|pool| [pool.outlet.0, pool.item.0, pool.slot.0]);
        Self {
            campaign: definition.code.clone(),
            version: view.version.0,
            series: definition.series.as_ref().map(|series| SeriesDocument {
                code: series.code.clone(),
                cool_down_days: series.cool_down_days,
            }),
            zone: calendar.zone.clone(),
            languages: definition.languages.clone(),
            texts: TextsDocument {
                title: definition.texts.title.clone(),
                summary: definition.texts.summary.clone(),
                pickup: definition.texts.pickup.clone(),
                notice: definition.texts.notice.clone(),
            },
            fields: definition.register.fields.iter().map(field).collect(),
            items: definition.items.iter().map(|one| item(definition, one)).collect(),
            outlets: definition.outlets.iter().map(outlet).collect(),
            slots: definition.slots.iter().map(|one| slot(calendar, one)).collect(),
            pools: pools.collect(),
            register: register(definition),
            allocate: match definition.allocate {
                Allocate::FirstCome => "first-come",
                Allocate::Draw(_) => "draw",
            },
            draw: definition.draw().map(DrawDocument::new),
            publish: publish(definition),
            fulfil: FulfilDocument { by: "pickup", whole_day },
            pacing: PacingDocument::new(definition),
        }
    }
}

fn field(field: &types::definition::IdentityField) -> FieldDocument {
    let (kind, region, pattern) = match &field.kind {
        FieldKind::ResidentId => ("resident-id", None, None),
        FieldKind::Phone { region } => ("phone", Some(region.clone()), None),
        FieldKind::Passport => ("passport", None, None),
        FieldKind::HomeReturnPermit => ("home-return-permit", None, None),
        FieldKind::Text { pattern } => ("text", None, pattern.clone()),
    };
    let (code, label, unique) = (field.code.clone(), field.label.clone(), field.unique);
    FieldDocument { code, kind, region, pattern, label, unique }
}

fn item(definition: &Definition, item: &types::definition::Item) -> ItemDocument {
    let reserved = item.reserved.as_ref().map(|reserved| ReservedDocument {
        of: definition.items[reserved.of.index()].code.clone(),
        tranche: reserved.tranche.clone(),
    });
    ItemDocument { code: item.code.clone(), name: item.name.clone(), reserved }
}

fn outlet(outlet: &types::definition::Outlet) -> OutletDocument {
    let degrees = |millionths: i32| f64::from(millionths) / 1e6;
    OutletDocument {
        code: outlet.code.clone(),
        name: outlet.name.clone(),
        district: outlet.district.clone(),
        address: outlet.address.clone(),
        position: outlet.position.map(|position| {
            [degrees(position.latitude_millionths), degrees(position.longitude_millionths)]
        }),
    }
}

fn slot(calendar: &Calendar, slot: &types::definition::Slot) -> SlotDocument {
    SlotDocument {
        code: slot.code.clone(),
        name: slot.name.clone(),
        from: rfc3339(calendar, slot.from),
        until: rfc3339(calendar, slot.until),
    }
}

fn register(definition: &Definition) -> RegisterDocument {
    let register = &definition.register;
    let moment = |at: Millis| rfc3339(&definition.calendar, at);
    let windows = register.windows.iter();
    RegisterDocument {
        windows: windows
            .map(|window| SpanDocument { from: moment(window.from), until: moment(window.until) })
            .collect(),
        cap: register.cap,
        units_min: register.units_min,
        units_max: register.units_max,
        choices_max: register.choices_max,
        reenter_after_cancel: register.reenter_after_cancel,
        registered_in: register.registered_in.clone(),
    }
}

fn publish(definition: &Definition) -> PublishDocument {
    let (when, at) = match definition.publish {
        Publish::AtOnce => ("at-once", None),
        Publish::At { at } => ("at", Some(at)),
        Publish::ByHand { expected } => ("by-hand", expected),
    };
    PublishDocument { when, at: at.map(|at| rfc3339(&definition.calendar, at)) }
}
