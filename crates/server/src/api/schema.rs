//! The shapes of requests and answers that are read and written by hand, for the description.
//!
//! Owns: documentation. The tests hold real answers against it.

use serde::Serialize;
use std::collections::BTreeMap;
use utoipa::ToSchema;

/// A server's health.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Health {
    /// `alive` or `ready`.
    pub(super) state: &'static str,
}

/// A request to enter.
#[derive(ToSchema)]
#[schema(as = EntryRequest)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "a description: the real one borrows from the body")]
pub(crate) struct EntryRequest {
    /// Every identity field of the campaign, by code.
    #[schema(example = json!({"name": "张伟", "phone": "13800138000"}))]
    identity: BTreeMap<String, String>,
    /// What is wanted, most wanted first; at most the campaign's `choices_max`.
    choices: Vec<ChoiceRequest>,
    /// How many; may be left out when the campaign allows one number only.
    #[schema(minimum = 1, maximum = 200)]
    units: Option<u8>,
    /// In a draw that offers it: whether any place will do, should the entry win none that it
    /// chose.
    any: Option<bool>,
    /// In a draw for groups: the further people who enter together, every identity field of each
    /// by code, at most the campaign's `group_max` less one. All of them win, or none.
    people: Option<Vec<BTreeMap<String, String>>>,
}

/// One choice.
#[derive(ToSchema)]
#[schema(as = Choice)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "a description: the real one borrows from the body")]
pub(crate) struct ChoiceRequest {
    /// The outlet's code.
    outlet: String,
    /// The item's code.
    item: String,
    /// The slot's code. In a draw with `stand_days` an entry is in the draws of all its days,
    /// and a slot that is sent means nothing; everywhere else it is required.
    slot: Option<String>,
}

/// Many requests to enter.
#[derive(ToSchema)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "a description: the real one borrows from the body")]
pub(crate) struct BatchRequest {
    /// 1 to 1,000 entries.
    #[schema(min_items = 1, max_items = 1000)]
    entries: Vec<BatchEntryRequest>,
}

/// One request of a batch.
#[derive(ToSchema)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "a description: the real one borrows from the body")]
pub(crate) struct BatchEntryRequest {
    /// What the header `Idempotency-Key` is to a single request.
    #[schema(min_length = 1, max_length = 128, pattern = "^[!-~]+$")]
    idempotency_key: String,
    /// Every identity field of the campaign, by code.
    identity: BTreeMap<String, String>,
    /// What is wanted, most wanted first.
    choices: Vec<ChoiceRequest>,
    /// How many.
    #[schema(minimum = 1, maximum = 200)]
    units: Option<u8>,
    /// In a draw that offers it: whether any place will do, should the entry win none that it
    /// chose.
    any: Option<bool>,
    /// In a draw for groups: the further people who enter together, every identity field of each
    /// by code, at most the campaign's `group_max` less one. All of them win, or none.
    people: Option<Vec<BTreeMap<String, String>>>,
}

/// The answers of a batch.
#[derive(ToSchema)]
#[expect(dead_code, reason = "a description: the real one is written by hand")]
pub(crate) struct BatchAnswer {
    /// One for each entry, in their order: the answer to a single request with its `status`, or
    /// a problem document.
    results: Vec<serde_json::Value>,
}

/// A look-up by identity.
#[derive(ToSchema)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "a description: the real one borrows from the body")]
pub(crate) struct FindRequest {
    /// Every identity field of the campaign, as given on entering.
    identity: BTreeMap<String, String>,
}

/// The entry holds units.
#[derive(ToSchema)]
#[expect(dead_code, reason = "a description: the real one is written by hand")]
pub(crate) struct Booked {
    /// `booked`.
    #[schema(example = "booked")]
    outcome: String,
    /// The entry's number, from 1.
    number: u64,
    /// Shows and cancels the entry; keep it.
    #[schema(min_length = 32, max_length = 32)]
    receipt: String,
    /// Shown at the outlet.
    #[schema(example = "ABCDE-FGHJK")]
    code: String,
    /// What is held.
    booking: Booking,
}

/// What is held.
#[derive(ToSchema)]
#[expect(dead_code, reason = "a description: the real one is written by hand")]
pub(crate) struct Booking {
    /// The outlet's code.
    outlet: String,
    /// The item's code.
    item: String,
    /// The slot's code.
    slot: String,
    /// How many.
    units: u8,
}

/// The entry has its place; whether it holds units is not told yet.
#[derive(ToSchema)]
#[expect(dead_code, reason = "a description: the real one is written by hand")]
pub(crate) struct Registered {
    /// `registered`.
    #[schema(example = "registered")]
    outcome: String,
    /// The entry's number, from 1.
    number: u64,
    /// Shows and cancels the entry; keep it.
    #[schema(min_length = 32, max_length = 32)]
    receipt: String,
    /// When results are to be expected, RFC 3339; null when nobody has said.
    results_at: Option<String>,
}

/// An entry as its owner may see it now.
#[derive(ToSchema)]
#[expect(dead_code, reason = "a description: the real one is written by hand")]
pub(crate) struct Entry {
    /// `registered`, `booked`, `not-allocated` or `cancelled`.
    #[schema(example = "booked")]
    outcome: String,
    /// The entry's number, from 1.
    number: u64,
    /// When it came, RFC 3339; not of a cancelled one.
    registered_at: Option<String>,
    /// Of a registered one: when results are to be expected.
    results_at: Option<String>,
    /// Of one that is registered for draws again and again: the last calendar day on which it
    /// takes part.
    stands_through: Option<String>,
    /// Of one that is registered for a draw: draws that it took part in without luck.
    losses: Option<u8>,
    /// Of one that is registered for a draw among those who registered in another campaign, and is
    /// in no draw any more because the registration there is no more, given up for instance: that
    /// campaign's code.
    registration_ended_in: Option<String>,
    /// Of a booked one: shown at the outlet.
    code: Option<String>,
    /// Of a booked one: what is held.
    booking: Option<Booking>,
    /// Of a booked one: when it was handed out.
    redeemed_at: Option<String>,
    /// Of one that was not allocated: `sold-out` or `cooling-down`; where lots are drawn,
    /// `not-drawn`, on the list of a published draw, or `not-in-draw`, on none: not admitted, given
    /// up in the campaign that it comes from, or its people had something too recently.
    why: Option<String>,
    /// Of a cancelled one: since when.
    cancelled_at: Option<String>,
    /// By its receipt, of one that was taken over into other campaigns: the entry in each.
    taken_over: Option<Vec<TakenOver>>,
}

/// The entry that was made of another one, in a campaign that draws among those people.
#[derive(ToSchema)]
#[expect(dead_code, reason = "a description: the real one is written by hand")]
pub(crate) struct TakenOver {
    /// The campaign's code.
    campaign: String,
    /// Shows and cancels the entry there; its draw is checked with it.
    #[schema(min_length = 32, max_length = 32)]
    receipt: String,
}

/// The entry is cancelled.
#[derive(ToSchema)]
#[expect(dead_code, reason = "a description: the real one is written by hand")]
pub(crate) struct Cancelled {
    /// `cancelled`.
    #[schema(example = "cancelled")]
    outcome: String,
    /// The entry's number, from 1.
    number: u64,
    /// Since when, RFC 3339.
    cancelled_at: String,
}

/// What went wrong, after RFC 9457. The texts follow `Accept-Language`; the code never changes.
#[derive(ToSchema)]
#[schema(as = Problem)]
#[expect(dead_code, reason = "a description: the real one is `problem::Problem`")]
pub(crate) struct ProblemDocument {
    /// The page that explains the code.
    #[schema(rename = "type", example = "/errors/sold-out")]
    kind: String,
    /// A few words.
    title: String,
    /// The HTTP status.
    status: u16,
    /// The stable code.
    #[schema(example = "sold-out")]
    code: String,
    /// What happened, and what to do now.
    detail: String,
    /// Of 422: each part that is wrong.
    errors: Option<Vec<PartError>>,
    /// Of `not-open-yet`: when it opens, RFC 3339.
    opens: Option<String>,
    /// Of `cooling-down`: the first day on which an entry is possible again.
    until: Option<String>,
}

/// One part of a request that is wrong.
#[derive(ToSchema)]
#[expect(dead_code, reason = "a description: the real one is written by hand")]
pub(crate) struct PartError {
    /// An identity field's code, `units`, `any`, `choices`, one of the choices, `people`, or one
    /// of the people or their fields.
    #[schema(example = "id_number")]
    field: String,
    /// The stable code.
    #[schema(example = "check-character")]
    code: String,
    /// A sentence for the person.
    message: String,
}
