//! Problems in the words of people: without headers, keys, documents or addresses of calls.
//!
//! Owns: when people are told something else than a program. Never: a code or a status of
//! its own; both are those of the problem document.

use crate::api::reply;
use crate::campaigns::Prepared;
use crate::language::Language;
use crate::moment::{plain, plain_day};
use crate::problem::{self, Problem};
use types::Millis;
use types::outcome::Refusal;

/// A problem's detail as a page says it. Sentences that were put together for the occasion are
/// left as they are.
pub(super) fn detail(problem: &Problem, language: Language) -> &str {
    if problem::public(problem.code).is_none() {
        return &problem.detail;
    }
    let said = language.texts().problem(problem.code);
    match &said.people {
        Some(people) if *problem.detail == *said.detail => people,
        _ => &problem.detail,
    }
}

/// A refusal with its moment in words.
pub(super) fn refusal(
    campaign: &Prepared,
    refusal: &Refusal,
    now: Millis,
    language: Language,
) -> Problem {
    let problem = reply::refusal_as_problem(campaign, refusal, language);
    let at = |moment: Millis| plain(&campaign.view.definition.calendar, moment, now, language);
    let t = &language.texts().refusal;
    let detail = match refusal {
        Refusal::CoolingDown { until } => t.cooling_down.with(plain_day(*until, language)),
        Refusal::NotOpenYet { opens: Some(opens) } => t.not_open_yet.with(at(*opens)),
        Refusal::AlreadyRedeemed { at: when, .. } => t.already_redeemed.with(at(*when)),
        _ => return problem,
    };
    problem.detail(detail)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_speak_to_people() {
        // What only calls are answered has no page of its own for people.
        let is_told = |it: &&problem::Public| super::super::article::is_for_people(it.code);
        assert!(problem::PUBLIC.iter().any(|problem| !is_told(&problem)));
        for language in Language::all() {
            for public in problem::PUBLIC.iter().filter(is_told) {
                let problem = Problem::of(public.code, language);
                let said = detail(&problem, language);
                assert!(!said.contains('`'), "{}: {said}", public.code);
            }
            for public in problem::PUBLIC {
                let Some(people) = &language.texts().problem(public.code).people else { continue };
                let jargon =
                    ["/v1", "Key", " key", "JSON", "API", "请求编号", "identity", "errors"];
                let found = jargon.iter().find(|word| people.contains(**word));
                assert_eq!(found, None, "{} in {}", public.code, language.tag());
            }
        }
    }
}
