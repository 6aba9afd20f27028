//! Whether what is told is the state: the published view, and what each entry's owner may know,
//! beside what the plain rules say.
//!
//! Owns: a look at everything that the view tells, or lets in and turns away by, and at every
//! entry. Never: asks the ledger what the view should be; both come from the same code.
//! On failure: names the promise, and what the gate takes for something else.

use super::{Broken, broken};
use crate::oracle::Oracle;
use ledger::Ledger;
use model::{Gate, Pool};
use node::{CampaignView, View};
use types::{CampaignNo, EntryNo, ItemNo, Millis, OutletNo, PoolNo, SlotNo};

/// The view that the gate sees is the state, and so is what owners are told, once a turn is over.
///
/// # Errors
/// When something that it tells, or that it turns people away by, is not what the rules say.
pub(crate) fn view(view: &View, ledger: &Ledger, oracle: &Oracle) -> Result<(), Broken> {
    let frames = oracle.frames.len() as u64;
    if ledger.frame().0 != frames {
        let what = format!("{frames} frames are durable and {} applied", ledger.frame());
        return broken("I1", what);
    }
    if view.campaigns.len() != oracle.model.campaigns_len() {
        return broken("I10", "the gate knows of other campaigns than there are".to_owned());
    }
    let now = oracle.time();
    for (no, seen) in (0..).map(CampaignNo).zip(&view.campaigns) {
        let gate = oracle.model.gate(no, now).expect("as many were counted");
        if let Some(what) = odd(view, (no, seen), &gate, now) {
            return broken("I10", format!("the gate {what} {}", gate.definition().code));
        }
        for entry in (0..gate.entries()).map(EntryNo) {
            let told = ledger.public_entry(no, entry).map(mirror::known);
            let wanted = oracle.model.entry_at(no, entry, now).map(mirror::viewed);
            if told != wanted {
                let code = &gate.definition().code;
                let what = format!("entry {entry} of {code} is told {told:?}, not {wanted:?}");
                return broken("I10", what);
            }
        }
    }
    Ok(())
}

/// Whether a campaign has the draws that it should have. How many winners of a draw have got their
/// units may be told late, as long as not all of them have.
fn knows_draws(seen: &CampaignView, gate: &Gate<'_>) -> bool {
    let is_known = |(seen, draw): (&ledger::Draw, &model::Draw)| {
        let is_late = draw.awarded < draw.announced && seen.awarded <= draw.awarded;
        let awarded = if is_late { draw.awarded } else { seen.awarded };
        model::Draw { awarded, ..mirror::draw(seen) } == *draw
    };
    let (seen, draws) = (seen.draws(), gate.draws());
    seen.len() == draws.len() && seen.iter().zip(draws).all(is_known)
}

/// What is odd about a campaign, to be followed by its code.
fn odd(
    view: &View,
    (no, seen): (CampaignNo, &CampaignView),
    gate: &Gate<'_>,
    now: Millis,
) -> Option<&'static str> {
    let by_code = view.by_code(&gate.definition().code).map(|found| found.no);
    if (seen.no, by_code) != (no, Some(no)) {
        return Some("finds another campaign by the code");
    }
    if &*seen.definition != gate.definition() || mirror::marks(seen.marks()) != *gate.marks() {
        return Some("has another definition or other marks of");
    }
    if mirror::phase(seen.phase(now)) != gate.phase() {
        return Some("is in another phase of");
    }
    if !knows_draws(seen, gate) {
        return Some("has other draws of");
    }
    if view.waits_for(&seen.definition, now).is_some() != gate.waits() {
        return Some("is wrong about what must be published before");
    }
    if seen.entries() != gate.entries() {
        return Some("counts other entries of");
    }
    if !has_places(seen, gate) {
        return Some("has other places of");
    }
    let mut pools = gate.pools().iter().enumerate();
    pools.find_map(|(no, pool)| odd_pool(seen, gate, (PoolNo::from_index(no), pool), now)).or_else(
        || {
            let units_min = gate.definition().register.units_min;
            let is_sold_out = gate.is_sold_out(gate.pools(), units_min);
            (seen.all_sold_out() != is_sold_out).then_some("is wrong about all of it being gone of")
        },
    )
}

fn odd_pool(
    seen: &CampaignView,
    gate: &Gate<'_>,
    (no, pool): (PoolNo, &Pool),
    now: Millis,
) -> Option<&'static str> {
    if seen.free(no, now).map(u64::from) != gate.free(pool) {
        return Some("counts other units, or tells what must not be told yet, of");
    }
    if seen.is_offered(no) != gate.is_offered(pool) {
        return Some("is wrong about what is on offer of");
    }
    // Alone, and beside a neighbour that may have more.
    let register = &gate.definition().register;
    let next = PoolNo::from_index((no.index() + 1) % gate.pools().len());
    let is_wrong = |units| {
        let both = [pool, &gate.pools()[next.index()]];
        seen.sold_out(&[no], units) != gate.is_sold_out([pool], units)
            || seen.sold_out(&[no, next], units) != gate.is_sold_out(both, units)
    };
    let mut units = register.units_min..=register.units_max;
    units.any(is_wrong).then_some("is wrong about a choice being gone of")
}

/// Whether the gate finds each pool where it is, and none where there is none.
fn has_places(seen: &CampaignView, gate: &Gate<'_>) -> bool {
    let definition = gate.definition();
    let place = |pool: &Pool| (pool.outlet, pool.item, pool.slot);
    let seen_places = seen.pools().iter().map(|place| (place.outlet, place.item, place.slot));
    if !seen_places.eq(gate.pools().iter().map(place)) {
        return false;
    }
    let at = |wanted: (OutletNo, ItemNo, SlotNo)| {
        let found = gate.pools().iter().position(|pool| place(pool) == wanted);
        found.map(PoolNo::from_index)
    };
    (0..definition.outlets.len()).map(OutletNo::from_index).all(|outlet| {
        let items = (0..definition.items.len()).map(ItemNo::from_index);
        let sites: Vec<_> = items
            .flat_map(|item| {
                let slots = (0..definition.slots.len()).map(SlotNo::from_index);
                slots.map(move |slot| (outlet, item, slot))
            })
            .collect();
        let here: Vec<PoolNo> = sites.iter().filter_map(|site| at(*site)).collect();
        seen.pools_at(outlet) == here
            && sites.iter().all(|site| seen.pool_no(site.0, site.1, site.2) == at(*site))
    })
}
