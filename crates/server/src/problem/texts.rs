//! The sentences of every public problem, English and Chinese.
//!
//! Owns: code, status, title and detail of each. Never: a value of a request; details that name
//! one are put together where it is known. Every code has a page in `docs/errors/`.

/// One problem's status and sentences.
#[derive(Clone, Copy, Debug)]
pub struct Text {
    /// The stable code.
    pub code: &'static str,
    /// The HTTP status.
    pub status: u16,
    /// A few words: English, Chinese.
    pub title: [&'static str; 2],
    /// What happened and what to do now: English, Chinese.
    pub detail: [&'static str; 2],
}

/// The text of a code.
#[must_use]
pub fn text(code: &str) -> Option<&'static Text> {
    PUBLIC.iter().find(|text| text.code == code)
}

macro_rules! texts {
    ($($code:literal $status:literal $title_en:literal $title_zh:literal
        $detail_en:literal $detail_zh:literal)*) => {
        /// Every problem of the public API.
        pub const PUBLIC: &[Text] = &[$(Text {
            code: $code,
            status: $status,
            title: [$title_en, $title_zh],
            detail: [$detail_en, $detail_zh],
        }),*];
    };
}

texts! {
    "not-open-yet" 409 "Not open yet" "登记尚未开始"
    "Registration has not opened yet. Nothing was registered. Come back at the time in \
     `opens`."
    "登记还没有开始，本次没有登记成功。请在公布的时间再来。"

    "paused" 409 "Paused" "登记暂停中"
    "Registration is paused for the moment. Nothing was registered. Try again a little \
     later."
    "登记暂时停止，本次没有登记成功。请稍后再试。"

    "closed" 409 "Registration has ended" "登记已结束"
    "Registration for this campaign has ended. Nothing was registered. Look an earlier \
     entry up with its receipt; a new one cannot be made."
    "本次活动的登记已经结束，本次没有登记成功。此前的登记仍可凭回执查询。"

    "cap-reached" 409 "Registration is full" "登记名额已满"
    "The number of entries this campaign takes is reached, so registration has ended. \
     Nothing was registered. Look an earlier entry up with its receipt; a new one cannot be \
     made."
    "登记人数已达上限，登记提前结束，本次没有登记成功。此前的登记仍可凭回执查询。"

    "sold-out" 409 "Sold out" "已约满"
    "Nothing is left of what was asked for. Nothing was booked. Choose another outlet, item \
     or time, if the status shows one that has some left."
    "您选的网点和时段已经约满，本次没有预约成功。可以换一个网点、品类或时段再试。"

    "already-in" 409 "Already entered" "您已登记过"
    "One of these identity values already has an entry in this campaign. No second one was \
     made. Look the first one up with its receipt, or with all identity fields."
    "您填写的证件或联系方式在本次活动中已有登记，不能重复登记。可凭回执或全部身份信息查询原登记。"

    "entered-before" 409 "Entered before" "本次活动不能再次登记"
    "An entry of this person was cancelled, and this campaign does not take a second one. \
     Nothing was registered. Wait for the next campaign."
    "您此前已取消过登记，按本次活动的规则不能再次登记。"

    "series-unpublished" 409 "Waiting for earlier results" "须等上一次结果公布"
    "This campaign shares a limit with another one whose results are not published yet. Nothing \
     was registered. Come back once they are."
    "本次活动与另一次活动共用预约次数限制，那次活动的结果尚未公布，暂时不能登记。请在结果公布之后再来。"

    "cooling-down" 409 "Too soon after the last success" "距上次预约成功时间太短"
    "The last success in this series was too recent. Nothing was booked. Come back on the \
     day in `until`."
    "距您上次预约成功的时间太短，本次没有预约成功。请在可再次预约的日期之后再来。"

    "not-eligible" 409 "Not eligible" "不在本次活动范围内"
    "This campaign cannot take an entry for this person. Nothing was registered. Ask \
     whoever runs the campaign if you think this is wrong."
    "按本次活动的规则，暂时不能为您登记。如有疑问，请联系活动主办方。"

    "not-as-asked" 422 "Not what the campaign asks for" "选择不符合要求"
    "The number of units or of choices is not what this campaign allows. Nothing was \
     registered. Correct what `errors` names and send again."
    "份数或选择的数量不符合本次活动的要求，本次没有登记成功。请按提示修改后重新提交。"

    "unknown-place" 422 "No such choice" "没有这个选项"
    "An outlet, item or slot is not one of this campaign's, or they are not offered \
     together. Nothing was registered. Read the campaign again, choose anew and send again."
    "您选择的网点、品类或时段不在本次活动中，或没有这样的组合，本次没有登记成功。请刷新页面后重新选择。"

    "invalid-field" 422 "Please check what you entered" "请核对填写的内容"
    "Some identity fields are not as they must be. Nothing was registered. Correct what \
     `errors` names and send again."
    "有些内容填写有误，本次没有登记成功。请按提示修改后重新提交。"

    "request-reused" 409 "Request id used before" "请求编号已用过"
    "This Idempotency-Key belongs to an earlier request with another content. Nothing was \
     registered now. Send the new request with a new key."
    "这个请求编号已用于另一份内容不同的登记，本次没有登记。请刷新页面后重新提交。"

    "not-found" 404 "No entry found" "没有找到登记"
    "No entry belongs to what was given. Check every value; when looking up by identity, \
     all fields must be exactly those of the entry."
    "没有找到对应的登记。请逐项核对；按身份信息查询时，各项须与登记时完全一致。"

    "already-redeemed" 409 "Already collected" "已经领取"
    "The units of this entry have been handed out. Nothing can be changed any more; ask the \
     outlet if this is wrong."
    "这份预约已经领取，不能再更改。如有疑问，请联系领取网点。"

    "already-cancelled" 409 "Already cancelled" "已经取消"
    "This entry was cancelled before. Nothing was changed now. Enter again, if the campaign \
     allows that."
    "这份登记此前已经取消，本次没有改动。"

    "shredded" 409 "Personal data deleted" "个人信息已销毁"
    "The personal data of this campaign is deleted for good. Its entries can no longer be \
     looked up or changed. Nothing more can be done with this campaign."
    "本次活动的个人信息已按规定永久销毁，不能再查询或更改登记。"

    "published" 409 "Results are out" "结果已公布"
    "The results of this campaign are published; it takes no more entries. Nothing was \
     registered. Look an earlier entry up with its receipt."
    "本次活动的结果已经公布，不再接受登记，本次没有登记。此前的登记可凭回执查询结果。"

    "unknown-campaign" 404 "No such campaign" "没有这个活动"
    "No campaign has this code. Check the address; `GET /v1/campaigns` lists all campaigns."
    "没有找到这个活动。请核对网址，或回到首页查看全部活动。"

    "no-such-page" 404 "No such address" "页面不存在"
    "Nothing is served at this address. Check it against `/openapi.json`, or begin at the \
     start page."
    "这个网址没有内容。请核对后重试，或回到首页。"

    "method-not-allowed" 405 "Method not allowed" "不支持这种请求方式"
    "This address does not take this method. Use a method that `Allow` names."
    "这个网址不支持这种请求方式。"

    "malformed-request" 400 "Not readable" "请求无法识别"
    "The address, or what stands behind its `?`, is not what this call takes. Nothing was \
     done. Compare it with `/openapi.json`, correct it and send again."
    "网址或其中的参数无法识别，没有做任何处理。请核对后重试。"

    "malformed-json" 400 "Not readable" "内容无法识别"
    "The body is not the JSON this call takes. Nothing was done. Correct it and send again."
    "提交的内容格式不正确，没有做任何处理。请修改后重新提交。"

    "malformed-form" 400 "Not readable" "表单内容无法识别"
    "The form arrived in a shape that cannot be read. Nothing was done. Reload the page and \
     send it again."
    "表单内容无法识别，没有做任何处理。请刷新页面后重新提交。"

    "unsupported-media-type" 415 "Wrong content type" "内容类型不对"
    "This call takes `Content-Type: application/json`, in UTF-8. Nothing was done. Set the \
     header and send again."
    "本接口只接受 UTF-8 编码的 application/json 格式，没有做任何处理。请修改请求头后重新提交。"

    "unsupported-content-encoding" 415 "Packed body" "不支持压缩的内容"
    "The body is packed, as `Content-Encoding` says, and no call takes that. Nothing was done. \
     Send the body as it is, without this header."
    "提交的内容经过压缩（Content-Encoding），本系统不接受，没有做任何处理。请不要压缩，去掉这个请求头后重新提交。"

    "unsupported-transfer-encoding" 501 "Unknown transfer coding" "不支持的传输编码"
    "The server knows no transfer coding but `chunked` alone. Nothing was done. Send the body \
     with a `Content-Length`, or chunked and nothing else."
    "传输编码（Transfer-Encoding）只支持 chunked，没有做任何处理。请改用 Content-Length 或仅用 chunked 重新提交。"

    "invalid-host" 400 "Host is missing or wrong" "缺少主机名或主机名有误"
    "An HTTP/1.1 request names its host in `Host`, exactly once. Nothing was done. Send the \
     header once, with the host and port of the address."
    "HTTP/1.1 请求必须有且只有一个 Host 请求头，没有做任何处理。请改正后重新提交。"

    "idempotency-key-missing" 400 "Idempotency-Key is missing" "缺少请求编号"
    "Every entry needs an `Idempotency-Key`, so that sending it twice cannot count twice. \
     Nothing was done. Add a key of your own, a UUID for instance, and send again."
    "每次登记都需要一个请求编号（Idempotency-Key），以免重复提交。没有做任何处理，请补上后重新提交。"

    "invalid-idempotency-key" 400 "Idempotency-Key cannot be used" "请求编号不可用"
    "An `Idempotency-Key` is 1 to 128 visible ASCII characters, sent once. Nothing was \
     done. Use a UUID for instance and send again."
    "请求编号应为 1 到 128 个可见的英文字符，且只能出现一次。没有做任何处理，请更换后重新提交。"

    "body-too-large" 413 "Too large" "内容过大"
    "The body is larger than this call takes. Nothing was done. Send less, or in several \
     parts."
    "提交的内容超过了允许的大小，没有做任何处理。请减少内容或分几次提交。"

    "body-too-slow" 408 "Too slow" "传输超时"
    "The body did not arrive in time. Nothing was done. Send it again, with the same key."
    "内容没有在规定时间内传完，没有做任何处理。请用同一个请求编号重新提交。"

    "body-broken-off" 400 "The body broke off" "传输中断"
    "The body ended before it was complete. Nothing was done. Send it again, with the same \
     key."
    "内容没有传完就中断了，没有做任何处理。请用同一个请求编号重新提交。"

    "batch-too-large" 422 "Not 1 to 1,000 entries" "每批登记数量不符合要求"
    "One call takes 1 to 1,000 entries. Nothing was done. Send them in calls of that size."
    "每批须提交 1 到 1,000 条登记，没有做任何处理。请调整后重新提交。"

    "token-missing" 401 "A token is needed" "需要访问令牌"
    "This call is for front ends that hold a token. Nothing was done. Send `Authorization: \
     Bearer` with a token of the role `frontend` or `operator`."
    "本接口只供持有令牌的前端系统使用，没有做任何处理。请携带令牌后重新提交。"

    "token-refused" 401 "Token refused" "令牌无效"
    "The token is unknown, revoked or expired. Nothing was done. Ask an operator for a new one."
    "令牌无效、已撤销或已过期，没有做任何处理。请向管理员申请新的令牌。"

    "role-not-allowed" 403 "Not with this role" "令牌无权使用本接口"
    "The token is good, but its role may not do this. Nothing was done. Ask an operator for a \
     token of the role that the call needs."
    "令牌有效，但没有使用本接口的权限，没有做任何处理。请向管理员申请相应权限的令牌。"

    "tokens-unreadable" 503 "Tokens cannot be read" "暂时无法核验令牌"
    "The server cannot read its tokens, so it lets nobody in. Nothing was done. Tell an \
     operator: the log says why."
    "系统暂时无法核验令牌，没有做任何处理。请联系管理员查看日志。"

    "slow-down" 429 "Please wait a moment" "请稍候再试"
    "More people are entering than are let through at a time, so this request was not taken. \
     Send it again, with the same key, after the time in `Retry-After`; being early brings no \
     advantage."
    "现在登记的人很多，正在分批放行，这次提交还没有受理。请稍候片刻，原样重新提交，早点重试不会更快。"

    "too-many-connections" 503 "Too many connections" "连接过多"
    "The server, or your address, holds as many connections as it may. Nothing was done. Try \
     again in a few seconds."
    "服务器的连接数或您所在网络地址的连接数已满，没有做任何处理。请几秒后再试。"

    "overloaded" 503 "Busy" "系统繁忙"
    "More requests are waiting than can be answered soon. This one was not queued and \
     nothing was done. Send it again, with the same key, after the time in `Retry-After`."
    "等候的请求过多，本次请求没有进入队列，也没有做任何处理。请稍候片刻，原样重新提交。"

    "starting" 503 "Starting" "系统启动中"
    "The server is reading its journal and is not ready yet. Nothing was done. Send it \
     again after the time in `Retry-After`."
    "系统正在启动，还不能受理，没有做任何处理。请稍候片刻再试。"

    "shutting-down" 503 "Stopping" "系统即将重启"
    "The server is about to stop and takes nothing new. Nothing was done. Send it again, \
     with the same key, after the time in `Retry-After`."
    "系统即将重启，暂不受理新的请求，没有做任何处理。请稍候片刻，原样重新提交。"

    "journal-full" 503 "No room left" "系统暂时无法受理"
    "The server's disk has no room, so nothing can be accepted. Nothing was done. Send it \
     again, with the same key, after the time in `Retry-After`."
    "系统存储空间不足，暂时无法受理，没有做任何处理。请稍候片刻，原样重新提交。"

    "keys-missing" 503 "Not possible just now" "暂时无法办理"
    "This campaign's entries cannot be read or made just now, because of a mistake on the \
     server. Nothing was done, and nothing is lost. Please come again later."
    "由于系统配置问题，本次活动暂时无法登记和查询。没有做任何处理，已有的登记不受影响。请稍后再来。"

    "failed" 503 "Not known whether it was done" "结果未知，请重试"
    "The server stopped before it could answer. Whether the request was done is not known. \
     Send it again with the same key: it then gets the one true answer, and never counts \
     twice."
    "系统在答复前中断，暂不确定是否已受理。请用同一个请求编号原样重新提交，系统会给出唯一准确的结果，不会重复登记。"

    "not-ready" 503 "Not ready" "尚未就绪"
    "The server takes no requests at the moment. Ask again; `state` says what it is doing."
    "服务器目前不受理请求，请稍后再试。"
}

#[cfg(test)]
mod tests {
    use super::PUBLIC;
    use std::collections::BTreeSet;

    #[test]
    fn every_code_stands_once_and_has_its_page() {
        let codes: BTreeSet<_> = PUBLIC.iter().map(|text| text.code).collect();
        assert_eq!(codes.len(), PUBLIC.len(), "a code stands twice");
        for code in codes {
            let page = format!("{}/../../docs/errors/{code}.md", env!("CARGO_MANIFEST_DIR"));
            let page = std::fs::read_to_string(&page).expect(&page);
            assert!(page.starts_with(&format!("# `{code}`\n")), "{code}: the heading is the code");
            assert!(page.contains("\n## What happened\n"), "{code}: says what happened");
            assert!(page.contains("\n## What to do\n"), "{code}: says what to do");
        }
    }
}
