//! Campaigns as the routes need them, prepared once for each version.
//!
//! Owns: the cache from a campaign's published view to everything computed from it, so that no
//! request looks at every pool or outlet again. Never: state
//! that the ledger has, apart from the filter of known request ids and the pace, which outlive a
//! version.
//! Invariants: what is prepared belongs to the very view it is handed out with.

use crate::api::document::{CampaignDocument, CampaignList, Document};
use crate::api::status::StatusCache;
use crate::gate::{Known, Pace};
use crate::language::Language;
use crate::moment::rfc3339;
use crate::order::sort_by_name;
use crate::pages::SharedPages;
use crate::people::People;
use arc_swap::ArcSwap;
use foldhash::fast::FixedState;
use identity::Keyring;
use node::{CampaignView, Node, View};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use types::definition::Publish;
use types::ids::{CampaignNo, EntryNo, ItemNo, OutletNo, PoolNo, SlotNo};

/// Request ids read from the ledger in one look.
const FILL_ENTRIES: u32 = 8_192;

/// One campaign in one version.
pub(crate) struct Prepared {
    pub(crate) view: Arc<CampaignView>,
    /// None when the keys are gone: the people are shredded.
    pub(crate) people: Option<People>,
    pub(crate) status: StatusCache,
    pub(crate) pages: SharedPages,
    pub(crate) known: Arc<Known>,
    pub(crate) pace: Option<Arc<Pace>>,
    /// `"results_at":…` as the answer to a held-back entry has it.
    pub(crate) results_at: String,
    places: Places,
    document: OnceLock<Document>,
    offering: OnceLock<Vec<OutletNo>>,
    districts: [OnceLock<Vec<District>>; Language::COUNT],
}

/// A district that has anything to offer, in one language.
pub(crate) struct District {
    /// Which it is, in every language: its place among those of the campaign's file.
    pub(crate) no: usize,
    /// Empty where it is the only one, and nobody said where that is.
    pub(crate) name: String,
    /// The outlets that have anything to offer.
    pub(crate) outlets: Vec<OutletNo>,
}

struct Places {
    outlets: ByCode<OutletNo>,
    items: ByCode<ItemNo>,
    slots: ByCode<SlotNo>,
}

/// The keys are the operator's, so that nobody can choose them to collide.
type ByCode<T> = HashMap<Box<str>, T, FixedState>;

impl Prepared {
    fn new(
        view: &Arc<CampaignView>,
        keyring: &Keyring,
        known: Arc<Known>,
        pace: Option<Arc<Pace>>,
    ) -> Self {
        let definition = &*view.definition;
        let results_at = match definition.publish {
            Publish::AtOnce => None,
            Publish::At { at } => Some(at),
            Publish::ByHand { expected } => expected,
        };
        let results_at = results_at.map_or_else(
            || "null".to_owned(),
            |at| format!("\"{}\"", rfc3339(&definition.calendar, at)),
        );
        let people = if view.is_shredded() { None } else { People::new(definition, keyring) };
        if people.is_none() && !view.is_shredded() {
            tracing::error!(
                code = "keys-missing",
                campaign = definition.code,
                "this campaign's people cannot be read: its keys are not in the key ring"
            );
        }
        Self {
            view: Arc::clone(view),
            people,
            status: StatusCache::default(),
            pages: SharedPages::default(),
            known,
            pace,
            results_at,
            places: Places::new(view),
            document: OnceLock::new(),
            offering: OnceLock::new(),
            districts: [const { OnceLock::new() }; Language::COUNT],
        }
    }

    /// Why there are no people: the code of the problem.
    pub(crate) fn without_people(&self) -> &'static str {
        if self.view.is_shredded() { "shredded" } else { "keys-missing" }
    }

    /// The document, made at the first call.
    pub(crate) fn document(&self) -> &Document {
        self.document.get_or_init(|| Document::new(&CampaignDocument::new(&self.view)))
    }

    /// The outlets that have anything to offer, in the campaign's order; found at the first call.
    pub(crate) fn offering(&self) -> &[OutletNo] {
        self.offering.get_or_init(|| {
            let outlets = (0..self.view.definition.outlets.len()).map(OutletNo::from_index);
            let offers = |no: &OutletNo| {
                self.view.pools_at(*no).iter().any(|pool| self.view.is_offered(*pool))
            };
            outlets.filter(offers).collect()
        })
    }

    /// Whether an outlet is one of those.
    pub(crate) fn is_offering(&self, outlet: OutletNo) -> bool {
        self.offering().binary_search(&outlet).is_ok()
    }

    /// The districts as a reader of the language looks for them; found at the first call.
    pub(crate) fn districts(&self, language: Language) -> &[District] {
        self.districts[language.index()].get_or_init(|| districts(self, language))
    }

    /// An outlet by code.
    pub(crate) fn outlet(&self, code: &str) -> Option<OutletNo> {
        self.places.outlets.get(code).copied()
    }

    /// Whether a choice is of outlet, item and slot. Where the campaign draws again and again it
    /// is of outlet and item alone: an entry is in the draws of all its days.
    pub(crate) fn asks_slot(&self) -> bool {
        self.view.definition.draw().is_none_or(|terms| terms.stand_days.is_none())
    }

    /// The pool of a choice's codes, if all are known and stand together. No slot is looked at
    /// where none is asked for: the place's first pool stands for all of them, which stays the
    /// first whatever stock is added.
    pub(crate) fn pool(&self, outlet: &str, item: &str, slot: Option<&str>) -> Option<PoolNo> {
        let outlet = *self.places.outlets.get(outlet)?;
        let item = *self.places.items.get(item)?;
        if self.asks_slot() {
            let slot = self.places.slots.get(slot?)?;
            return self.view.pool_no(outlet, item, *slot);
        }
        let item_of = |pool: &PoolNo| self.view.pools()[pool.index()].item.index();
        let pools = self.view.pools_at(outlet);
        let from = pools.partition_point(|pool| item_of(pool) < item.index());
        let of_place = pools[from..].iter().take_while(|pool| item_of(pool) == item.index());
        of_place.copied().min_by_key(|pool| pool.index())
    }

    /// Which code of a choice is unknown: `outlet`, `item` or `slot`; nothing when all are known.
    pub(crate) fn unknown_part(
        &self,
        outlet: &str,
        item: &str,
        slot: Option<&str>,
    ) -> Option<&'static str> {
        if !self.places.outlets.contains_key(outlet) {
            Some("outlet")
        } else if !self.places.items.contains_key(item) {
            Some("item")
        } else if slot.is_some_and(|slot| !self.places.slots.contains_key(slot)) {
            Some("slot")
        } else {
            None
        }
    }
}

/// Districts are the same where the campaign's first language names them the same, whatever the
/// spaces: another language has one name for each, the first that stands there.
fn districts(campaign: &Prepared, language: Language) -> Vec<District> {
    let definition = &*campaign.view.definition;
    let first = definition.languages.first().map_or("", String::as_str);
    let mut numbers: HashMap<String, usize, FixedState> = HashMap::default();
    let mut districts: Vec<District> = Vec::new();
    for (outlet_no, outlet) in definition.outlets.iter().enumerate() {
        let spaced = |name: &str| name.split_whitespace().collect::<Vec<_>>().join(" ");
        let name = spaced(language.local(definition, &outlet.district));
        let own = outlet.district.get(first).map_or_else(|| name.clone(), |own| spaced(own));
        let no = *numbers.entry(own).or_insert(districts.len());
        if no == districts.len() {
            districts.push(District { no, name, outlets: Vec::new() });
        }
        let district = &mut districts[no];
        let outlet_no = OutletNo::from_index(outlet_no);
        if campaign.is_offering(outlet_no) {
            district.outlets.push(outlet_no);
        }
    }
    districts.retain(|district| !district.outlets.is_empty());
    for district in &mut districts {
        let outlets = &definition.outlets;
        let name = |no: &OutletNo| language.local(definition, &outlets[no.index()].name).to_owned();
        sort_by_name(&mut district.outlets, name);
    }
    sort_by_name(&mut districts, |district| district.name.clone());
    // Outlets of which nobody said where they are come last.
    districts.sort_by_key(|district| district.name.is_empty());
    if let [_, .., last] = &mut districts[..]
        && last.name.is_empty()
    {
        last.name = language.texts().outlets.elsewhere.to_string();
    }
    districts
}

impl Places {
    fn new(view: &CampaignView) -> Self {
        let definition = &*view.definition;
        let outlets = definition.outlets.iter().enumerate();
        let items = definition.items.iter().enumerate();
        let slots = definition.slots.iter().enumerate();
        Self {
            outlets: outlets
                .map(|(no, outlet)| (outlet.code.as_str().into(), OutletNo::from_index(no)))
                .collect(),
            items: items
                .map(|(no, item)| (item.code.as_str().into(), ItemNo::from_index(no)))
                .collect(),
            slots: slots
                .map(|(no, slot)| (slot.code.as_str().into(), SlotNo::from_index(no)))
                .collect(),
        }
    }
}

/// All prepared campaigns, by number.
#[derive(Default)]
pub(crate) struct Campaigns {
    prepared: ArcSwap<Vec<Option<Arc<Prepared>>>>,
    list: ArcSwap<Option<(Arc<View>, Arc<Document>)>>,
    preparing: Mutex<()>,
}

impl Campaigns {
    /// A campaign by code.
    pub(crate) fn by_code(
        &self,
        node: &Node,
        keyring: &Keyring,
        code: &str,
    ) -> Option<Arc<Prepared>> {
        let view = node.view();
        Some(self.of_view(node, keyring, view.by_code(code)?))
    }

    /// A campaign by number.
    pub(crate) fn by_no(
        &self,
        node: &Node,
        keyring: &Keyring,
        no: CampaignNo,
    ) -> Option<Arc<Prepared>> {
        let view = node.view();
        Some(self.of_view(node, keyring, view.campaigns.get(no.index())?))
    }

    /// The list of all campaigns.
    pub(crate) fn list(&self, node: &Node) -> Arc<Document> {
        let view = node.view();
        if let Some((known, document)) = &**self.list.load()
            && Arc::ptr_eq(known, &view)
        {
            return document.clone();
        }
        let views = view.campaigns.iter().map(|campaign| &**campaign);
        let document = Arc::new(Document::new(&CampaignList::new(views)));
        self.list.store(Arc::new(Some((view, document.clone()))));
        document
    }

    fn of_view(&self, node: &Node, keyring: &Keyring, view: &Arc<CampaignView>) -> Arc<Prepared> {
        self.ready(view).unwrap_or_else(|| self.prepare(node, keyring, view))
    }

    fn ready(&self, view: &Arc<CampaignView>) -> Option<Arc<Prepared>> {
        let prepared = self.prepared.load();
        let known = prepared.get(view.no.index())?.as_ref()?;
        Arc::ptr_eq(&known.view, view).then(|| known.clone())
    }

    fn prepare(&self, node: &Node, keyring: &Keyring, view: &Arc<CampaignView>) -> Arc<Prepared> {
        let _one_at_a_time = self.preparing.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(ready) = self.ready(view) {
            return ready;
        }
        let mut all = Vec::clone(&self.prepared.load());
        let place = view.no.index();
        if all.len() <= place {
            all.resize(place + 1, None);
        }
        let before = all[place].as_ref();
        let known = before.map(|before| before.known.clone()).unwrap_or_else(|| known(node, view));
        let rate = |view: &CampaignView| view.definition.pacing.admit_per_second;
        let pace = before.filter(|before| rate(&before.view) == rate(view));
        let pace = match pace {
            Some(before) => before.pace.clone(),
            None => rate(view).map(|rate| Arc::new(Pace::new(rate))),
        };
        let prepared = Arc::new(Prepared::new(view, keyring, known, pace));
        all[place] = Some(prepared.clone());
        self.prepared.store(Arc::new(all));
        prepared
    }
}

/// The filter for a campaign this process has not met: complete when there are no entries, else
/// filled from the ledger by and by.
fn known(node: &Node, view: &CampaignView) -> Arc<Known> {
    let entries = view.entries();
    let known = Arc::new(Known::new(entries == 0));
    if entries > 0 {
        tokio::spawn(fill(node.clone(), view.no, entries, known.clone()));
    }
    known
}

async fn fill(node: Node, no: CampaignNo, entries: u32, known: Arc<Known>) {
    let mut from = 0;
    while from < entries {
        let until = entries.min(from + FILL_ENTRIES);
        let into = known.clone();
        let look = node.read(move |ledger| {
            let Some(campaign) = ledger.campaign(no) else { return };
            for entry in from..until {
                into.insert(campaign.request_of(EntryNo(entry)));
            }
        });
        let looked = match look {
            Ok(pending) => pending.await,
            Err(why) => Err(why),
        };
        if let Err(why) = looked {
            // Until it is complete the filter says "perhaps", and the ledger answers.
            tracing::debug!(campaign = no.0, %why, "request ids not read; trying again");
            tokio::time::sleep(std::time::Duration::from_secs(1)).await;
            if matches!(why, node::Unavailable::Failed | node::Unavailable::Draining) {
                return;
            }
            continue;
        }
        from = until;
    }
    known.set_complete();
}
