//! What is typed into the form of a step: what it means, and whether it fits what was sealed.
//!
//! Owns: the fields of each step, what is wrong with one in the words of the page, and the verdict
//! on it before anything is done. Never: does anything; keeps a secret; decides in place of the
//! operator API, which is asked for the same and looks again.
//! Invariants: a form that holds is one that the operator API reads.

use super::facts::Facts;
use super::kind::Kind;
use crate::console::fields::Fields;
use crate::console::switches::narrow;
use crate::language::Language;
use crate::moment;
use crate::operator::draws::{Asked, Open, Reason, Seal, Seed};
use crate::texts::DrawTexts;
use draw::Digest;
use draw::beacon::{BeaconSignature, Chain, QUICKNET};
use draw::seal::{Holder, Secret, Words};
use draw::seed::Balls;
use types::{Calendar, Millis, limits};

/// What a field that is ticked says.
pub(super) const TICKED: &str = "1";

/// A form with what is typed into it.
pub(super) struct Form {
    pub(super) fields: Vec<FieldView>,
    /// What is to be said of the whole.
    pub(super) notes: Vec<String>,
    /// What the operator API is asked for.
    pub(super) asked: Option<Asked>,
}

/// A field.
pub(super) struct FieldView {
    pub(super) name: &'static str,
    pub(super) label: String,
    pub(super) hint: String,
    pub(super) value: String,
    /// `digits`, `words`, `time`, `text` or `tick`.
    pub(super) kind: &'static str,
    /// Whether no browser may keep it.
    pub(super) is_secret: bool,
    pub(super) is_required: bool,
    pub(super) error: Option<String>,
    pub(super) verdict: Option<Verdict>,
}

/// What a check found.
pub(super) struct Verdict {
    pub(super) holds: bool,
    pub(super) words: String,
    /// To be compared, in groups of four.
    pub(super) digits: Option<String>,
}

/// Where a form stands.
pub(super) struct Place<'a> {
    pub(super) facts: &'a Facts,
    pub(super) calendar: &'a Calendar,
    pub(super) now: Millis,
    pub(super) language: Language,
}

impl Form {
    /// The form of a step; with what was typed, if anything was.
    pub(super) fn of(kind: Kind, place: &Place<'_>, typed: Option<&Fields>) -> Self {
        let reason = || typed.map(|typed| typed.get("reason").trim().to_owned());
        let plain = |asked: fn(Reason) -> Asked| Self {
            fields: Vec::new(),
            notes: Vec::new(),
            asked: typed.is_some().then(|| asked(Reason { reason: reason() })),
        };
        match kind {
            Kind::Seal => place.seal(typed, reason()),
            Kind::Open => place.open(typed, reason()),
            Kind::Seed => place.seed(typed, reason()),
            Kind::Run => plain(Asked::Run),
            Kind::Alternates => plain(Asked::Alternates),
            Kind::Void => plain(Asked::Void),
            Kind::Publish => Self { fields: Vec::new(), notes: Vec::new(), asked: None },
        }
    }

    /// Whether every field is in its form, and every verdict is good.
    pub(super) fn holds(&self) -> bool {
        self.fields.iter().all(|field| {
            field.error.is_none() && field.verdict.as_ref().is_none_or(|verdict| verdict.holds)
        })
    }

    /// Whether a field is not in its form.
    pub(super) fn has_errors(&self) -> bool {
        self.fields.iter().any(|field| field.error.is_some())
    }
}

impl FieldView {
    fn new(name: &'static str, kind: &'static str, label: &str, hint: &str) -> Self {
        Self {
            name,
            label: label.to_owned(),
            hint: hint.to_owned(),
            value: String::new(),
            kind,
            is_secret: false,
            is_required: true,
            error: None,
            verdict: None,
        }
    }

    /// As it stands in the form: digits in groups of four, as they stand on paper.
    pub(super) fn shown(&self) -> String {
        if self.kind != "digits" {
            return self.value.clone();
        }
        let digits: Vec<char> = self.value.chars().collect();
        let groups: Vec<String> = digits.chunks(4).map(|group| group.iter().collect()).collect();
        groups.join(" ")
    }

    fn optional(self) -> Self {
        Self { is_required: false, ..self }
    }

    fn secret(self) -> Self {
        Self { is_secret: true, ..self }
    }

    fn with(mut self, value: String, error: Option<&str>, verdict: Option<Verdict>) -> Self {
        self.value = value;
        self.error = error.map(str::to_owned);
        self.verdict = verdict.filter(|_| self.error.is_none());
        self
    }
}

impl Verdict {
    fn good(words: impl ToString) -> Self {
        Self { holds: true, words: words.to_string(), digits: None }
    }

    fn to_compare(words: &str, digest: Digest) -> Self {
        Self { digits: Some(digest.fingerprint().to_string()), ..Self::good(words) }
    }
}

/// Digits as they stand on a paper, in groups and whatever letters: as a draw writes them.
fn digits(typed: &str) -> String {
    let plain = typed.chars().filter(|digit| !digit.is_whitespace());
    plain.map(|digit| narrow(digit).to_ascii_lowercase()).collect()
}

/// Balls with one space between them, in capital letters.
fn balls(typed: &str) -> String {
    let balls: Vec<String> = typed
        .split_whitespace()
        .map(|ball| ball.chars().map(|c| narrow(c).to_ascii_uppercase()).collect())
        .collect();
    balls.join(" ")
}

impl Place<'_> {
    fn t(&self) -> &'static DrawTexts {
        &self.language.texts().console.draw
    }

    /// A moment for the hall: to the second, in the campaign's zone.
    fn when(&self, at: Millis) -> String {
        super::parts::when(self.calendar, at, self.language)
    }

    fn seal(&self, typed: Option<&Fields>, reason: Option<String>) -> Form {
        let (t, wrong) = (&self.t().form, &self.t().wrong);
        let of = |name: &str| typed.map_or_else(String::new, |typed| typed.get(name).to_owned());
        let commitment = |name, label: &str| {
            let field = FieldView::new(
                name,
                "digits",
                label,
                &t.commitment_hint.with(&self.facts.folder.name),
            );
            let value = digits(&of(name));
            let read: Option<Digest> = value.parse().ok();
            let verdict = read.map(|read| Verdict::to_compare(&self.t().verdict.fingerprint, read));
            let error = (typed.is_some() && read.is_none()).then_some(&*wrong.digits);
            field.with(value, error, verdict)
        };
        let operator = commitment("operator_commitment", &t.operator_commitment);
        let notary = commitment("notary_commitment", &t.notary_commitment);
        let key = FieldView::new("notary_tag_key", "digits", &t.tag_key, &t.tag_key_hint).secret();
        let value = digits(&of("notary_tag_key"));
        let is_key = value.parse::<Digest>().is_ok();
        let error = (typed.is_some() && !is_key).then_some(&*wrong.digits);
        let key = key.with(value, error, None);
        let words = of("balls").trim().to_owned();
        let has_balls = !words.is_empty();
        let error = (has_balls && Words::read(&words).is_none()).then_some(&*wrong.balls_kind);
        let kind = FieldView::new("balls", "words", &t.balls_kind, &t.balls_kind_hint).optional();
        let kind = kind.with(words, error, None);
        let is_rehearsal = of("rehearsal") == TICKED;
        let (beacon, round) = self.beacon_at(&of("beacon_at"), is_rehearsal);
        let rehearsal = FieldView::new("rehearsal", "tick", &t.rehearsal, "").optional();
        let rehearsal = rehearsal.with(of("rehearsal"), None, None);
        let deadline = of("deadline");
        let (deadline, utc) = self.deadline(&deadline, round, (typed.is_some(), is_rehearsal));
        let rules = self.rules(&of("rules"), typed.is_some());
        let is_private = typed.is_some() && !has_balls && round.is_none();
        let asked = typed.map(|_| {
            Asked::Seal(Box::new(Seal {
                operator_commitment: operator.value.clone(),
                notary_commitment: notary.value.clone(),
                notary_tag_key: key.value.clone(),
                balls: has_balls.then(|| kind.value.clone()),
                drand_round: round,
                deadline: utc,
                rules: rules.value.clone(),
                rehearsal: is_rehearsal,
                reason,
            }))
        });
        let notes = is_private.then(|| self.t().verdict.private.to_string()).into_iter().collect();
        let fields = vec![operator, notary, key, kind, beacon, deadline, rules, rehearsal];
        Form { fields, notes, asked }
    }

    /// Whether a time is past and may not be sealed: to rehearse, one from before the list was
    /// closed may.
    fn is_refused(&self, at: Millis, is_rehearsal: bool) -> bool {
        at <= self.now && !(is_rehearsal && at <= self.facts.draw.at)
    }

    /// The beacon's time, and the round that it means.
    fn beacon_at(&self, typed: &str, is_rehearsal: bool) -> (FieldView, Option<u64>) {
        let (t, verdict) = (&self.t().form, &self.t().verdict);
        let label = t.beacon_at.with(&self.calendar.zone);
        let field = FieldView::new("beacon_at", "time", &label, &t.beacon_at_hint).optional();
        if typed.is_empty() {
            return (field, None);
        }
        let Some(at) = moment::of_field(self.calendar, typed) else {
            return (field.with(typed.to_owned(), Some(&self.t().wrong.time), None), None);
        };
        let round = QUICKNET.round_at(at.0.div_ceil(1_000));
        let due = due(QUICKNET, round).expect("a round that a form can name has its time");
        let error = self.is_refused(due, is_rehearsal).then_some(&*self.t().wrong.past);
        let words = verdict.round.with(round, self.when(due));
        let field = field.with(typed.to_owned(), error, Some(Verdict::good(words)));
        (field, Some(round))
    }

    /// The deadline, and how a seal writes it.
    fn deadline(
        &self,
        typed: &str,
        round: Option<u64>,
        (is_typed, is_rehearsal): (bool, bool),
    ) -> (FieldView, String) {
        let (t, wrong) = (&self.t().form, &self.t().wrong);
        let label = t.deadline.with(&self.calendar.zone);
        let field = FieldView::new("deadline", "time", &label, &t.deadline_hint);
        let at = moment::of_field(self.calendar, typed);
        let Some(at) = at else {
            let error = is_typed.then_some(&*wrong.time);
            return (field.with(typed.to_owned(), error, None), String::new());
        };
        let is_late = round.and_then(|round| due(QUICKNET, round)).is_some_and(|due| at <= due);
        let utc = moment::utc(at);
        let verdict = Verdict::good(self.t().verdict.in_seal.with(&utc));
        let error = match self.is_refused(at, is_rehearsal) {
            true => Some(&*wrong.over),
            false => is_late.then_some(&*wrong.late),
        };
        (field.with(typed.to_owned(), error, Some(verdict)), utc)
    }

    /// The rules as they are written to their file.
    fn rules(&self, typed: &str, is_typed: bool) -> FieldView {
        let t = &self.t().form;
        let text = typed.replace("\r\n", "\n");
        let text = text.trim_end();
        // A line feed comes behind it.
        let is_good = !text.is_empty() && text.len() < limits::DRAW_NOTE_BYTES_MAX;
        let text = if text.is_empty() { String::new() } else { format!("{text}\n") };
        let error = (is_typed && !is_good).then_some(&*self.t().wrong.rules);
        FieldView::new("rules", "text", &t.rules, &t.rules_hint).with(text, error, None)
    }

    fn open(&self, typed: Option<&Fields>, reason: Option<String>) -> Form {
        let (t, wrong, verdict) = (&self.t().form, &self.t().wrong, &self.t().verdict);
        let seal = self.facts.history.as_ref().map(|history| &history.seal);
        let of = |name: &str| typed.map_or_else(String::new, |typed| typed.get(name).to_owned());
        let secret = |name, label: &str, holder: Holder| {
            let value = digits(&of(name));
            let read = Secret::read(&value);
            let made = read.as_ref().zip(seal).map(|(secret, seal)| {
                (secret.commitment(&seal.draw, holder), seal.commitment(holder))
            });
            let found = made.map(|(made, sealed)| match made == sealed {
                true => Verdict::good(&verdict.opens),
                false => {
                    let words = &verdict.opens_not;
                    Verdict { holds: false, ..Verdict::to_compare(words, made) }
                }
            });
            let error = (typed.is_some() && read.is_none()).then_some(&*wrong.digits);
            let field = FieldView::new(name, "digits", label, &t.secret_hint).secret();
            field.with(value, error, found)
        };
        let operator = secret("operator_secret", &t.operator_secret, Holder::Operator);
        let notary = secret("notary_secret", &t.notary_secret, Holder::Notary);
        let words = seal.and_then(|seal| seal.balls.as_ref());
        let drawn = words.map(|words| {
            let value = balls(&of("balls"));
            let read = Balls::read(&value);
            let error = match (typed, &read) {
                (Some(_), None) if value.is_empty() => Some(&*wrong.no_balls),
                (Some(_), None) => Some(&*wrong.balls),
                _ => None,
            };
            let found = read.map(|read| Verdict::good(verdict.balls_kept.with(read)));
            let hint = t.balls_hint.with(words.as_str());
            FieldView::new("balls", "words", &t.balls, &hint).secret().with(value, error, found)
        });
        let asked = typed.map(|_| {
            Asked::Open(Open {
                operator_secret: operator.value.clone(),
                notary_secret: notary.value.clone(),
                balls: drawn.as_ref().map(|field| field.value.clone()),
                reason,
            })
        });
        let notes = drawn.is_none().then(|| t.no_balls.to_string()).into_iter().collect();
        let fields = [operator, notary].into_iter().chain(drawn).collect();
        Form { fields, notes, asked }
    }

    fn seed(&self, typed: Option<&Fields>, reason: Option<String>) -> Form {
        let (t, wrong, verdict) = (&self.t().form, &self.t().wrong, &self.t().verdict);
        let seal = self.facts.history.as_ref().map(|history| &history.seal);
        let fixed = seal.and_then(|seal| seal.drand);
        let field = fixed.map(|fixed| {
            let value = digits(typed.map_or("", |typed| typed.get("beacon")));
            let read = BeaconSignature::read(&value);
            let chain = Chain::find(fixed.chain);
            let found = read.zip(chain).map(|(read, chain)| {
                let holds = chain.check(fixed.round, read).is_ok();
                let words = match holds {
                    true => verdict.true_round.with(fixed.round),
                    false => verdict.false_round.with(fixed.round),
                };
                Verdict { holds, ..Verdict::good(words) }
            });
            let error = (typed.is_some() && read.is_none()).then_some(&*wrong.signature);
            let due = chain.and_then(|chain| due(chain, fixed.round));
            let due = due.map_or_else(String::new, |due| self.when(due));
            let (label, hint) = (t.beacon.with(fixed.round), t.beacon_hint.with(due));
            FieldView::new("beacon", "digits", &label, &hint).with(value, error, found)
        });
        let asked = typed.map(|_| {
            let beacon = field.as_ref().map(|field| field.value.clone());
            Asked::Seed(Seed { beacon, reason })
        });
        Form { fields: field.into_iter().collect(), notes: Vec::new(), asked }
    }
}

/// When a round appears.
pub(super) fn due(chain: Chain, round: u64) -> Option<Millis> {
    Some(Millis(chain.seconds_of(round)?.checked_mul(1_000)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_stands_on_a_paper_is_taken_as_a_draw_writes_it() {
        assert_eq!(digits(" CA24 2b62\n０１"), "ca242b6201");
        let field = FieldView::new("secret", "digits", "", "");
        let field = field.with("ca242b6201".to_owned(), None, None);
        assert_eq!(field.shown(), "ca24 2b62 01");
        assert_eq!(balls("  08  a4\t１7 "), "08 A4 17");
        assert!(Balls::read(&balls("08 41 17")).is_some());
    }
}
