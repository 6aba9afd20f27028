//! Problems in the words of people: without headers, keys, documents or addresses of calls.
//!
//! Owns: the sentences that differ from those a program is given. Never: a code or a status of
//! its own; both are those of the problem document.

use crate::api::reply;
use crate::campaigns::Prepared;
use crate::language::Language;
use crate::moment::{plain, plain_day};
use crate::problem::{self, Problem};
use types::Millis;
use types::outcome::Refusal;

/// Code; what happened and what to do now, English and Chinese. A code that is not here has a
/// sentence that suits people already.
const SENTENCES: &[(&str, &str, &str)] = &[
    (
        "not-open-yet",
        "Registration has not opened yet. Nothing was registered. Please come back when it opens.",
        "登记还没有开始，本次没有登记成功。请在公布的时间再来。",
    ),
    (
        "sold-out",
        "Nothing is left of what you chose. Nothing was booked. You can choose something else, or \
         another outlet.",
        "您选的网点和时段已经约满，本次没有预约成功。可以换一个网点、品类或时段再试。",
    ),
    (
        "already-in",
        "There is an entry in this campaign already with one of the details you gave. No second \
         one was made. You can look the first one up.",
        "您填写的证件或联系方式在本次活动中已有登记，不能重复登记。可以查询原登记的结果。",
    ),
    (
        "cooling-down",
        "Your last success was too recent. Nothing was booked.",
        "距您上次预约成功的时间太短，本次没有预约成功。",
    ),
    (
        "not-as-asked",
        "The number of units or of choices is not what this campaign allows. Nothing was \
         registered. Please correct it and send the form again.",
        "份数或选择的数量不符合本次活动的要求，本次没有登记成功。请修改后重新提交。",
    ),
    (
        "unknown-place",
        "What you chose is no longer offered. Nothing was registered. Please choose again.",
        "您选择的网点、品类或时段已不在本次活动中，本次没有登记成功。请重新选择。",
    ),
    (
        "invalid-field",
        "Some of what you filled in cannot be right. Please correct it and send the form again.",
        "有些内容填写有误。请修改后重新提交。",
    ),
    (
        "request-reused",
        "This form was sent before with something else in it, and that entry stands. Nothing was \
         registered now. Please look that entry up. If this one is for somebody else, check it and \
         send it again.",
        "这张表单此前已提交并受理过不同的内容，上次的登记仍然有效，本次没有登记。请先查询上次的登记；\
         如果这次是替他人登记，请核对后重新提交。",
    ),
    (
        "not-found",
        "There is no entry for what you gave. Please check it and try again.",
        "没有找到对应的登记。请逐项核对后再试。",
    ),
    (
        "shredded",
        "The personal data of this campaign has been deleted for good, as its rules say. Entries \
         can no longer be looked up or cancelled. If you have a question about your booking, ask \
         whoever runs the campaign.",
        "本次活动的个人信息已按规定永久销毁，不能再查询或取消登记。如对预约有疑问，请联系活动主办方。",
    ),
    (
        "unknown-campaign",
        "There is no campaign at this address. Please check the address, or see all campaigns on \
         the start page.",
        "没有找到这个活动。请核对网址，或回到首页查看全部活动。",
    ),
    (
        "no-such-page",
        "There is no page at this address. Please check the address, or begin at the start page.",
        "这个网址没有内容。请核对网址，或从首页开始。",
    ),
    (
        "method-not-allowed",
        "This page cannot be opened in this way. Nothing was done. Please begin at the start page.",
        "不能以这种方式打开本页，没有做任何处理。请从首页开始。",
    ),
    (
        "malformed-request",
        "This address cannot be read. Nothing was done. Please check it, or begin at the start \
         page.",
        "无法识别这个网址，没有做任何处理。请核对网址，或从首页开始。",
    ),
    (
        "body-too-large",
        "What you sent is too large. Nothing was done. Please shorten it and send it again.",
        "提交的内容过大，没有做任何处理。请精简后重新提交。",
    ),
    (
        "body-too-slow",
        "What you sent did not arrive in time. Nothing was done. Please send it again when your \
         connection is better.",
        "内容没有在规定时间内传完，没有做任何处理。请在网络较好时重新提交。",
    ),
    (
        "body-broken-off",
        "What you sent did not arrive whole. Nothing was done. Please send it again.",
        "内容没有传完就中断了，没有做任何处理。请重新提交。",
    ),
    (
        "token-missing",
        "This needs a token, which outlets have from whoever runs the campaign. Nothing was done. \
         Ask them for one.",
        "此功能需要令牌，由活动主办方发给网点，没有做任何处理。请向活动主办方索取。",
    ),
    (
        "slow-down",
        "Many people are entering at this moment, and they are let through in turn. This form was \
         not taken yet. Please wait a few seconds and send it again as it is; being early brings \
         no advantage.",
        "现在登记的人很多，正在分批放行，这次提交还没有受理。请等几秒后原样重新提交，早点重试不会更快。",
    ),
    (
        "overloaded",
        "Many people are here at this moment. This was not taken, and nothing was done. Please \
         wait a few seconds and try again.",
        "现在访问的人很多，这次请求没有受理，也没有做任何处理。请等几秒后再试。",
    ),
    (
        "starting",
        "The service is just starting. Nothing was done. Please try again in a few seconds.",
        "系统正在启动，没有做任何处理。请几秒后再试。",
    ),
    (
        "shutting-down",
        "The service is restarting. Nothing was done. Please try again in a minute.",
        "系统即将重启，没有做任何处理。请一分钟后再试。",
    ),
    (
        "journal-full",
        "The service cannot take anything at the moment. Nothing was done. Please try again later.",
        "系统暂时无法受理，没有做任何处理。请稍后再试。",
    ),
    (
        "failed",
        "The service stopped before it could answer, so it is not known whether this was done. \
         Please send the same form again: it never counts twice.",
        "系统在答复前中断，暂不确定是否已受理。请原样重新提交，不会重复登记。",
    ),
];

/// A problem's detail as a page says it. Sentences that were put together for the occasion are
/// left as they are.
pub(super) fn detail(problem: &Problem, t: Language) -> &str {
    let usual = problem::text(problem.code).map(|text| t.pick(text.detail[0], text.detail[1]));
    let own = SENTENCES.iter().find(|(code, ..)| *code == problem.code);
    match own {
        Some((_, english, chinese)) if usual == Some(&*problem.detail) => t.pick(english, chinese),
        _ => &problem.detail,
    }
}

/// A refusal with its moment in words.
pub(super) fn refusal(campaign: &Prepared, refusal: &Refusal, now: Millis, t: Language) -> Problem {
    let problem = reply::refusal_as_problem(campaign, refusal, t);
    let at = |moment: Millis| plain(&campaign.view.definition.calendar, moment, now, t);
    let detail = match (refusal, t) {
        (Refusal::CoolingDown { until }, Language::English) => format!(
            "Your last success was too recent. Nothing was booked. You may enter again from {}.",
            plain_day(*until, t)
        ),
        (Refusal::CoolingDown { until }, Language::Chinese) => format!(
            "距您上次预约成功的时间太短，本次没有预约成功。{}起可以再次预约。",
            plain_day(*until, t)
        ),
        (Refusal::NotOpenYet { opens: Some(opens) }, Language::English) => {
            format!("Registration opens {}. Nothing was registered.", at(*opens))
        }
        (Refusal::NotOpenYet { opens: Some(opens) }, Language::Chinese) => {
            format!("登记将于 {} 开始，本次没有登记成功。", at(*opens))
        }
        (Refusal::AlreadyRedeemed { at: when, .. }, Language::English) => format!(
            "This was collected {}. It can no longer be cancelled; ask the outlet if this is wrong.",
            at(*when)
        ),
        (Refusal::AlreadyRedeemed { at: when, .. }, Language::Chinese) => {
            format!("这份预约已于 {} 领取，不能再取消。如有疑问，请联系领取网点。", at(*when))
        }
        _ => return problem,
    };
    problem.detail(detail)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_speak_to_people() {
        // What only calls are answered has no page of its own in Chinese.
        let is_told = |text: &&problem::Text| super::super::article::is_for_people(text.code);
        assert!(problem::PUBLIC.iter().any(|text| !is_told(&text)));
        for text in problem::PUBLIC.iter().filter(is_told) {
            for t in [Language::English, Language::Chinese] {
                let problem = Problem::of(text.code, t);
                let said = detail(&problem, t);
                assert!(!said.contains('`'), "{}: {said}", text.code);
            }
        }
        for (code, english, chinese) in SENTENCES {
            assert!(problem::text(code).is_some(), "{code} is no public problem");
            for jargon in ["/v1", "Key", " key", "JSON", "API", "请求编号", "identity", "errors"]
            {
                assert!(!english.contains(jargon) && !chinese.contains(jargon), "{code}: {jargon}");
            }
        }
    }
}
