//! What somebody at a counter is told of a code: hand over, handed over, or why not.
//!
//! Owns: the words for each answer, and what to do now. Never: decides; says before publication
//! what a code is worth.

use super::counts::Counts;
use super::page::Shell;
use crate::language::Language;
use crate::moment::{plain, plain_span};
use crate::operator::handing_out::{AtOutlet, HandedOut, NotHandedOut, Units};
use crate::texts::CounterCodeTexts;
use askama::Template;
use http::StatusCode;
use identity::CodeProblem;
use ledger::Redemption;
use node::CampaignView;
use types::definition::Slot;
use types::{Definition, LocalText, Millis, OutletNo, Refusal, RequestId};

/// Symbols of a pickup code between which people's pages show a dash.
const GROUP: usize = 5;

/// Digits of a phone number, with its country's code (E.164); a pickup code has ten symbols.
const PHONE_DIGITS: std::ops::RangeInclusive<usize> = 11..=15;
/// Letters and digits of a receipt number.
const RECEIPT_SYMBOLS: usize = 32;

/// What a code is worth, before its units are handed over.
#[derive(Template)]
#[template(path = "counter/look.html")]
pub(super) struct LookPage<'a> {
    pub(super) shell: &'a Shell,
    pub(super) what: What,
    /// Who are to collect: who entered a draw together has one code.
    pub(super) people: usize,
    pub(super) code: &'a str,
    /// The code as people's pages show it.
    pub(super) grouped: &'a str,
    pub(super) request: &'a str,
}

/// What was done, or why nothing was.
#[derive(Template)]
#[template(path = "counter/told.html")]
pub(super) struct ToldPage<'a> {
    pub(super) shell: &'a Shell,
    pub(super) told: Told,
    pub(super) counts: Option<Counts>,
    /// What was typed, where it is to be mended.
    pub(super) code: &'a str,
    /// A hand-over that may be asked for again: the code and its request.
    pub(super) again: Option<(&'a str, &'a str)>,
}

/// Units, in words.
pub(super) struct What {
    pub(super) units: u8,
    pub(super) item: String,
    pub(super) slot: String,
    pub(super) span: String,
    pub(super) campaign: String,
    pub(super) number: u64,
}

/// One answer.
pub(super) struct Told {
    /// Its picture and its colour.
    pub(super) kind: &'static str,
    pub(super) headline: String,
    pub(super) detail: Option<String>,
    /// What to do now.
    pub(super) advice: String,
    pub(super) status: StatusCode,
    /// Whose it is, where that is known.
    pub(super) about: Option<About>,
}

/// Who is told why nothing is handed over.
pub(super) struct Asker<'a> {
    pub(super) actor: &'a str,
    /// A hand-over of this code that was pressed on this phone, and whose answer never came there.
    pub(super) pressed: Option<RequestId>,
}

impl Asker<'_> {
    /// Whether units were handed out here: by this counter's name, or by this very phone, whatever
    /// its counter was called then.
    fn handed_out(&self, before: &Redemption) -> bool {
        before.actor == self.actor || self.pressed == Some(before.request)
    }
}

/// Whose code an answer is about: answers come late, when somebody else stands there.
pub(super) struct About {
    /// In groups, as people's pages show it.
    pub(super) code: String,
    /// Of the entry, if the code names one.
    pub(super) number: Option<u64>,
}

impl About {
    /// What a typed code is about; nothing if it is none.
    pub(super) fn of(typed: &str, at: Result<&AtOutlet, &NotHandedOut>) -> Option<Self> {
        if matches!(at, Err(NotHandedOut::Code(_))) {
            return None;
        }
        let is_symbol = |c: &char| !c.is_whitespace() && *c != '-';
        let mut code: String = typed.chars().filter(is_symbol).collect();
        code.make_ascii_uppercase();
        if code.is_char_boundary(GROUP) {
            code.insert(GROUP, '-');
        }
        Some(Self { code, number: at.ok().map(number) })
    }
}

impl What {
    pub(super) fn of(at: &AtOutlet, units: Units, now: Millis, language: Language) -> Self {
        let Units { place, units } = units;
        let definition = &*at.view.definition;
        let slot = &definition.slots[place.slot.index()];
        let local = |text| local(definition, text, language);
        Self {
            units,
            item: local(&definition.items[place.item.index()].name),
            slot: local(&slot.name),
            span: span(definition, slot, now, language),
            campaign: local(&definition.texts.title),
            number: number(at),
        }
    }
}

impl Told {
    /// That units were handed over just now.
    pub(super) fn done(shell: &Shell, at: &AtOutlet, handed: &HandedOut, now: Millis) -> Self {
        let t = &shell.t.done;
        let (headline, advice) = (t.headline.to_string(), t.next.to_string());
        Self { kind: "done", headline, advice, ..Self::recorded(shell, at, handed, now) }
    }

    /// That they were, and no more: who reads this may have the next person before them, and does
    /// not know whether this one has the goods.
    pub(super) fn recorded(shell: &Shell, at: &AtOutlet, handed: &HandedOut, now: Millis) -> Self {
        let What { units, item, .. } = What::of(at, handed.units, now, shell.language);
        let t = &shell.t.done;
        let when = plain(&at.view.definition.calendar, handed.at, now, shell.language);
        let (headline, detail) = (t.recorded.with(when), Some(t.what.with(units, item)));
        let told = Self::new("recorded", &headline, detail, t.repeated.to_string());
        Self { status: StatusCode::OK, ..told }
    }

    /// Why nothing is handed over.
    pub(super) fn not(
        shell: &Shell,
        typed: &str,
        why: NotHandedOut,
        asker: &Asker<'_>,
        now: Millis,
    ) -> Self {
        let t = shell.t;
        match why {
            NotHandedOut::Code(problem) => {
                let detail = code_problem(&t.code, typed, problem);
                let advice = t.mistyped.advice.to_string();
                Self::new("mistyped", &t.mistyped.headline, Some(detail), advice)
            }
            NotHandedOut::Unknown => {
                let t = &t.unknown;
                Self::new("unknown", &t.headline, None, t.advice.to_string())
            }
            NotHandedOut::Elsewhere(view) => {
                let title = local(&view.definition, &view.definition.texts.title, shell.language);
                let t = &t.not_here;
                Self::new(
                    "elsewhere",
                    &t.headline,
                    Some(t.detail.with(title)),
                    t.advice.to_string(),
                )
            }
            NotHandedOut::Refused { view, refusal, before } => {
                let is_own = before.is_some_and(|before| asker.handed_out(&before));
                Self::refused(shell, &view, &refusal, is_own, now)
            }
            NotHandedOut::Unavailable(why) => {
                let t = &t.unavailable;
                let told = Self::new("unknown", &t.headline, None, t.advice.to_string());
                tracing::debug!(code = why.code(), "a counter was not answered");
                Self { status: StatusCode::SERVICE_UNAVAILABLE, ..told }
            }
        }
    }

    fn new(kind: &'static str, headline: &str, detail: Option<String>, advice: String) -> Self {
        let status = StatusCode::CONFLICT;
        Self { kind, headline: headline.to_owned(), detail, advice, status, about: None }
    }

    fn refused(
        shell: &Shell,
        view: &CampaignView,
        refusal: &Refusal,
        is_own: bool,
        now: Millis,
    ) -> Self {
        let (t, language) = (shell.t, shell.language);
        let definition = &*view.definition;
        let outlet = |no: OutletNo| &definition.outlets[no.index()];
        let local = |text| local(definition, text, language);
        let plain = |at| plain(&definition.calendar, at, now, language);
        match refusal {
            Refusal::AlreadyRedeemed { at, outlet: no } => {
                let t = &t.before;
                let detail = t.detail.with(plain(*at), local(&outlet(*no).name));
                let advice = if is_own { &t.own } else { &t.advice };
                Self::new("before", &t.headline, Some(detail), advice.to_string())
            }
            Refusal::WrongOutlet { outlet: no } => {
                let (t, outlet) = (&t.elsewhere, outlet(*no));
                let detail = t.detail.with(local(&outlet.name), local(&outlet.address));
                Self::new("elsewhere", &t.headline, Some(detail), t.advice.to_string())
            }
            Refusal::WrongTime { slot } => {
                let slot = &definition.slots[slot.index()];
                let (kind, t) =
                    if now < slot.from { ("early", &t.early) } else { ("late", &t.late) };
                let detail = t.detail.with(span(definition, slot, now, language));
                Self::new(kind, &t.headline, Some(detail), t.advice.to_string())
            }
            Refusal::AlreadyCancelled { at } => {
                let t = &t.cancelled;
                let detail = t.detail.with(plain(*at));
                Self::new("cancelled", &t.headline, Some(detail), t.advice.to_string())
            }
            Refusal::NotPublished => {
                let (t, title) = (&t.unpublished, local(&definition.texts.title));
                let detail = t.detail.with(title);
                Self::new("unpublished", &t.headline, Some(detail), t.advice.to_string())
            }
            Refusal::NotBooked => {
                let (t, title) = (&t.nothing, local(&definition.texts.title));
                Self::new(
                    "cancelled",
                    &t.headline,
                    Some(t.detail.with(title)),
                    t.advice.to_string(),
                )
            }
            Refusal::Shredded => {
                let (t, title) = (&t.shredded, local(&definition.texts.title));
                Self::new(
                    "cancelled",
                    &t.headline,
                    Some(t.detail.with(title)),
                    t.advice.to_string(),
                )
            }
            // The rules have no other answer to a code.
            _ => Self::new("unknown", &t.unknown.headline, None, t.unknown.advice.to_string()),
        }
    }
}

/// An entry's number, as people's pages show it.
fn number(at: &AtOutlet) -> u64 {
    u64::from(at.entry.0) + 1
}

fn local(definition: &Definition, text: &LocalText, language: Language) -> String {
    language.local(definition, text).to_owned()
}

fn span(definition: &Definition, slot: &Slot, now: Millis, language: Language) -> String {
    plain_span(&definition.calendar, slot.from, slot.until, now, language)
}

fn code_problem(t: &CounterCodeTexts, typed: &str, problem: CodeProblem) -> String {
    let symbols: String = typed.chars().filter(|c| !c.is_whitespace() && *c != '-').collect();
    let digits = symbols.strip_prefix('+').unwrap_or(&symbols);
    let is_phone =
        PHONE_DIGITS.contains(&digits.len()) && digits.bytes().all(|c| c.is_ascii_digit());
    let is_receipt =
        symbols.len() == RECEIPT_SYMBOLS && symbols.bytes().all(|c| c.is_ascii_alphanumeric());
    match problem {
        _ if is_receipt => t.receipt.to_string(),
        _ if is_phone => t.phone.to_string(),
        CodeProblem::Length { found } => t.length.with(found),
        CodeProblem::LookAlike { character } => t.look_alike.with(character),
        CodeProblem::NotASymbol => t.not_a_symbol.to_string(),
        CodeProblem::CheckSymbol => t.check_symbol.to_string(),
        CodeProblem::NeverGiven => t.never_given.to_string(),
    }
}
