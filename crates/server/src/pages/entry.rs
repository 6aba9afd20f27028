//! `/e/{receipt}`: an entry as its owner may know it now, and giving it up.
//!
//! Owns: words that are true: *registered* is never *booked*. Never: more than the ledger's
//! public view of the entry.

use super::view::{Fact, local, paragraphs, results};
use super::{Asked, Banner, Named, Page, plain};
use crate::api::lookup;
use crate::campaigns::Prepared;
use crate::language::Language;
use crate::moment::{plain, plain_span};
use crate::problem::Problem;
use crate::state::{ServerState, Shared};
use askama::Template;
use axum::extract::rejection::FormRejection;
use axum::extract::{Form, State};
use axum::response::Response;
use http::{HeaderMap, HeaderValue, StatusCode};
use ledger::PublicEntry;
use types::ids::{EntryNo, Millis, PoolNo};
use types::outcome::Outcome;

#[derive(Template)]
#[template(path = "entry.html")]
struct EntryPage<'a> {
    page: &'a Page,
    code: &'a str,
    title: &'a str,
    receipt: Option<&'a str>,
    /// The receipt as it is read out or written down: in groups of four.
    receipt_number: String,
    result: ResultView,
    banner: Option<Banner>,
}

/// An entry in words.
struct ResultView {
    /// `booked`, `registered`, `none` or `cancelled`: the look of it.
    kind: &'static str,
    headline: &'static str,
    lead: String,
    code: Option<String>,
    number: u64,
    facts: Vec<Fact>,
    next: Vec<String>,
    may_cancel: bool,
    cancel_truth: &'static str,
}

/// `GET /e/{receipt}`
pub(super) async fn show(
    State(state): State<ServerState>,
    Named(receipt): Named,
    asked: Asked,
    headers: HeaderMap,
) -> Response {
    let page = Page::new(format!("/e/{receipt}"), &asked, &headers);
    match lookup::by_receipt(&state, &receipt).await {
        Ok((campaign, entry)) => {
            result_page(&page, &state, &campaign, &entry, Some(&receipt), None)
        }
        Err(not_found) => page.problem(&not_found.problem(page.language)),
    }
}

/// `GET /e/{receipt}/cancel`: whoever opens that address anew is led back to the entry.
pub(super) async fn back(Named(receipt): Named, asked: Asked, headers: HeaderMap) -> Response {
    let page = Page::new(format!("/e/{receipt}"), &asked, &headers);
    match HeaderValue::try_from(format!("/e/{receipt}")) {
        Ok(_) => page.see(&format!("/e/{receipt}")),
        Err(_) => page.problem(&Problem::of("not-found", page.language)),
    }
}

/// `POST /e/{receipt}/cancel`
pub(super) async fn cancel(
    State(state): State<ServerState>,
    Named(receipt): Named,
    asked: Asked,
    headers: HeaderMap,
    form: Result<Form<Vec<(String, String)>>, FormRejection>,
) -> Response {
    let page = Page::new(format!("/e/{receipt}"), &asked, &headers);
    let Ok(Form(pairs)) = form else {
        return page.problem(&Problem::of("malformed-form", page.language));
    };
    if !pairs.iter().any(|(name, value)| name == "sure" && value == "yes") {
        return ask_again(&page, &state, &receipt).await;
    }
    match lookup::cancel_by_receipt(&state, &receipt).await {
        Ok((campaign, Outcome::Refused(refusal))) => {
            page.problem(&plain::refusal(&campaign, &refusal, state.now(), page.language))
        }
        Ok(_) => page.see(&format!("/e/{receipt}")),
        Err(not_found) => page.problem(&not_found.problem(page.language)),
    }
}

/// The box that says "sure" was not ticked.
async fn ask_again(page: &Page, state: &Shared, receipt: &str) -> Response {
    let t = page.language;
    let banner = Banner {
        title: t.pick("Nothing was cancelled", "尚未取消").to_owned(),
        detail: t
            .pick("Tick the box if you really want to give it up.", "如确定放弃，请先勾选确认。")
            .to_owned(),
        link: None,
    };
    match lookup::by_receipt(state, receipt).await {
        Ok((campaign, entry)) => {
            let mut answer =
                result_page(page, state, &campaign, &entry, Some(receipt), Some(banner));
            *answer.status_mut() = StatusCode::UNPROCESSABLE_ENTITY;
            answer
        }
        Err(not_found) => page.problem(&not_found.problem(t)),
    }
}

/// The page of an entry; without a receipt when it was found by identity.
pub(super) fn result_page(
    page: &Page,
    state: &Shared,
    campaign: &Prepared,
    entry: &PublicEntry,
    receipt: Option<&str>,
    banner: Option<Banner>,
) -> Response {
    let definition = &*campaign.view.definition;
    let words = Words { state, campaign, now: state.now(), t: page.language };
    let view = EntryPage {
        page,
        code: &definition.code,
        title: local(definition, &definition.texts.title, page.language),
        receipt,
        receipt_number: in_groups(receipt.unwrap_or_default()),
        result: words.result(entry),
        banner,
    };
    page.answer(StatusCode::OK, &view)
}

struct Words<'a> {
    state: &'a Shared,
    campaign: &'a Prepared,
    now: Millis,
    t: Language,
}

impl Words<'_> {
    fn result(&self, entry: &PublicEntry) -> ResultView {
        match *entry {
            PublicEntry::Registered { entry, at } => self.registered(entry, at),
            PublicEntry::Booked { entry, pool, units, redeemed, .. } => {
                self.booked(entry, pool, units, redeemed)
            }
            PublicEntry::NotAllocated { entry, cooling_down, .. } => {
                self.not_allocated(entry, cooling_down)
            }
            PublicEntry::Cancelled { entry, at } => self.cancelled(entry, at),
        }
    }

    fn plain(&self, at: Millis) -> String {
        plain(&self.campaign.view.definition.calendar, at, self.now, self.t)
    }

    fn registered(&self, entry: EntryNo, at: Millis) -> ResultView {
        let t = self.t;
        ResultView {
            kind: "registered",
            headline: t.pick("Registered, not booked", "已登记，不等于预约成功"),
            lead: t
                .pick(
                    "Your entry has its place. Whether you get anything is told when results are out.",
                    "您的登记已受理。是否预约成功，以公布的结果为准。",
                )
                .to_owned(),
            code: None,
            number: number(entry),
            facts: vec![
                Fact::one(t.pick("Registered", "登记时间"), self.plain(at)),
                Fact::one(t.pick("Results", "结果公布"), results(self.campaign, self.now, t)),
            ],
            next: vec![
                t.pick(
                    "Look your entry up again when results are out.",
                    "结果公布后，请再次查询。",
                )
                .to_owned(),
                t.pick(
                    "Please do not go to an outlet: without a pickup code nothing is handed out.",
                    "请不要前往网点：没有取货码不能领取。",
                )
                .to_owned(),
            ],
            may_cancel: true,
            cancel_truth: self.cancel_truth(),
        }
    }

    fn booked(
        &self,
        entry: EntryNo,
        pool: PoolNo,
        units: u8,
        redeemed: Option<Millis>,
    ) -> ResultView {
        let t = self.t;
        let lead = match (redeemed, t) {
            (None, _) => t
                .pick(
                    "This is kept for you. Show the code at the outlet.",
                    "已为您保留，请凭取货码到网点领取。",
                )
                .to_owned(),
            (Some(at), Language::English) => format!("Collected {}.", self.plain(at)),
            (Some(at), Language::Chinese) => format!("已于 {} 领取。", self.plain(at)),
        };
        let definition = &*self.campaign.view.definition;
        let code = self.state.codes.encode(self.campaign.view.no, entry).to_string();
        ResultView {
            kind: if redeemed.is_some() { "none" } else { "booked" },
            headline: if redeemed.is_some() {
                t.pick("Collected", "已领取")
            } else {
                t.pick("Booked", "预约成功")
            },
            lead,
            code: redeemed.is_none().then_some(code),
            number: number(entry),
            facts: self.place(pool, units),
            next: if redeemed.is_some() {
                Vec::new()
            } else {
                paragraphs(local(definition, &definition.texts.pickup, t))
            },
            may_cancel: redeemed.is_none(),
            cancel_truth: self.cancel_truth(),
        }
    }

    fn place(&self, pool: PoolNo, units: u8) -> Vec<Fact> {
        let t = self.t;
        let definition = &*self.campaign.view.definition;
        let place = self.campaign.view.pools()[pool.index()];
        let outlet = &definition.outlets[place.outlet.index()];
        let item = &definition.items[place.item.index()];
        let slot = &definition.slots[place.slot.index()];
        let text = |text| local(definition, text, t).to_owned();
        let span = plain_span(&definition.calendar, slot.from, slot.until, self.now, t);
        let address = vec![text(&outlet.district), text(&outlet.address)];
        let address = address.into_iter().filter(|line| !line.is_empty());
        vec![
            Fact::one(t.pick("What", "品类"), text(&item.name)),
            Fact::one(t.pick("How many", "数量"), units.to_string()),
            Fact::one(t.pick("Where", "网点"), text(&outlet.name)),
            Fact { label: t.pick("Address", "地址"), lines: address.collect() },
            Fact { label: t.pick("When", "领取时间"), lines: vec![text(&slot.name), span] },
        ]
    }

    fn not_allocated(&self, entry: EntryNo, cooling_down: bool) -> ResultView {
        let t = self.t;
        ResultView {
            kind: "none",
            headline: t.pick("Not booked this time", "本次未预约成功"),
            lead: if cooling_down {
                t.pick(
                    "Your last success was too recent, so nothing was given to this entry.",
                    "距您上次预约成功的时间太短，本次没有分配。",
                )
            } else {
                t.pick(
                    "What you asked for ran out before your turn.",
                    "轮到您时，您选的网点和时段已经约满。",
                )
            }
            .to_owned(),
            code: None,
            number: number(entry),
            facts: Vec::new(),
            next: vec![
                t.pick("You may enter the next campaign.", "您可以参加下一次活动。").to_owned(),
            ],
            may_cancel: false,
            cancel_truth: "",
        }
    }

    fn cancelled(&self, entry: EntryNo, at: Millis) -> ResultView {
        let t = self.t;
        let again = self.campaign.view.definition.register.reenter_after_cancel;
        ResultView {
            kind: "none",
            headline: t.pick("Cancelled", "已取消"),
            lead: t
                .pick(
                    "This entry was given up and holds nothing.",
                    "这份登记已放弃，不再保留任何份数。",
                )
                .to_owned(),
            code: None,
            number: number(entry),
            facts: vec![Fact::one(t.pick("Cancelled", "取消时间"), self.plain(at))],
            next: if again {
                vec![
                    t.pick(
                        "While registration is open you may enter again.",
                        "登记开放期间，您可以重新登记。",
                    )
                    .to_owned(),
                ]
            } else {
                Vec::new()
            },
            may_cancel: false,
            cancel_truth: "",
        }
    }

    fn cancel_truth(&self) -> &'static str {
        let again = self.campaign.view.definition.register.reenter_after_cancel;
        if again {
            self.t.pick(
                "Whatever this entry holds goes back at once to others, and cannot be had back. \
                 You may enter again while registration is open, at the end of the line.",
                "取消后，这份登记所保留的份数会立即退回给其他人，不能恢复。登记开放期间可以重新登记，但要重新排队。",
            )
        } else {
            self.t.pick(
                "Whatever this entry holds goes back at once to others, and cannot be had back. \
                 In this campaign you cannot enter again.",
                "取消后，这份登记所保留的份数会立即退回给其他人，不能恢复，而且本次活动不能再次登记。",
            )
        }
    }
}

fn in_groups(receipt: &str) -> String {
    let characters: Vec<char> = receipt.chars().collect();
    let groups = characters.chunks(4).map(|group| group.iter().collect::<String>());
    groups.collect::<Vec<_>>().join(" ")
}

/// People count from one.
fn number(entry: EntryNo) -> u64 {
    u64::from(entry.0) + 1
}
