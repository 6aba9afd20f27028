//! A browser without a window: cookies, forms, and what they say of themselves.

use crate::operator::site::Site;
use axum::body::Body;
use axum::http::{HeaderMap, Request};
use http_body_util::BodyExt as _;
use server::console::accounts::{AccountRole, NewAccount};
use server::console::passwords::Password;
use std::cell::RefCell;
use std::collections::BTreeMap;
use tower::ServiceExt as _;
use types::Millis;

pub(crate) const PASSWORD: &str = "harbour lamp 7";

/// Somebody's browser.
pub(crate) struct Browser<'a> {
    site: &'a Site,
    /// What it keeps, by name.
    pub(crate) cookies: RefCell<BTreeMap<String, String>>,
    /// What every form of the session repeats.
    pub(crate) token: RefCell<String>,
}

/// A page that came.
pub(crate) struct Page {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) text: String,
}

impl Page {
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    /// The value of a hidden field.
    pub(crate) fn hidden(&self, name: &str) -> String {
        let mark = format!("name=\"{name}\" value=\"");
        let at = self.text.find(&mark).unwrap_or_else(|| panic!("no {name} in {}", self.text));
        let rest = &self.text[at + mark.len()..];
        rest[..rest.find('"').unwrap()].to_owned()
    }

    pub(crate) fn expect(self, status: u16) -> Self {
        assert_eq!(self.status, status, "{}", self.text);
        self
    }
}

impl Site {
    /// Makes an account with the usual password.
    pub(crate) fn account(&self, name: &str, role: AccountRole) {
        let outlets = match role {
            AccountRole::Outlet => vec!["1001".to_owned()],
            _ => Vec::new(),
        };
        let hash = Password::typed(PASSWORD.to_owned()).hash().unwrap();
        let new = NewAccount { name: name.to_owned(), role, outlets };
        self.accounts.create(new, hash, Millis(1)).unwrap();
    }

    /// A browser that nobody has logged in with.
    pub(crate) fn browser(&self) -> Browser<'_> {
        Browser { site: self, cookies: RefCell::default(), token: RefCell::default() }
    }

    /// A browser of somebody who has just got an account and logged in.
    pub(crate) async fn logged_in(&self, name: &str, role: AccountRole) -> Browser<'_> {
        self.account(name, role);
        self.again(name).await
    }

    /// Another browser of somebody who has an account.
    pub(crate) async fn again(&self, name: &str) -> Browser<'_> {
        let browser = self.browser();
        browser.log_in(name, PASSWORD).await.expect(303);
        browser.learn().await;
        browser
    }
}

impl Browser<'_> {
    pub(crate) async fn log_in(&self, name: &str, password: &str) -> Page {
        self.post("/console/log-in", &[("name", name), ("password", password)]).await
    }

    /// Remembers the session's form token, as the pages show it.
    pub(crate) async fn learn(&self) {
        let token = self.get("/console/account").await.expect(200).hidden("token");
        *self.token.borrow_mut() = token;
    }

    pub(crate) async fn get(&self, path: &str) -> Page {
        self.send(Request::get(path).body(Body::empty()).unwrap()).await
    }

    /// A form from a page of ours, with the session's token.
    pub(crate) async fn post(&self, path: &str, fields: &[(&str, &str)]) -> Page {
        let token = self.token.borrow().clone();
        let fields = fields.iter().copied().chain([("token", token.as_str())]);
        self.send(form(path, fields, "same-origin")).await
    }

    pub(crate) async fn send(&self, request: Request<Body>) -> Page {
        let (head, body) = self.open(request).await.into_parts();
        let bytes = body.collect().await.unwrap().to_bytes();
        let text = String::from_utf8_lossy(&bytes).into_owned();
        Page { status: head.status.as_u16(), headers: head.headers, text }
    }

    /// The answer to a request, whose body is still to come.
    pub(crate) async fn open(&self, mut request: Request<Body>) -> axum::response::Response {
        let pairs: Vec<_> =
            self.cookies.borrow().iter().map(|(name, value)| format!("{name}={value}")).collect();
        if !pairs.is_empty() {
            request.headers_mut().insert("cookie", pairs.join("; ").parse().unwrap());
        }
        let answer = self.site.router.clone().oneshot(request).await.unwrap();
        for set in answer.headers().get_all("set-cookie") {
            let set = set.to_str().unwrap();
            let (name, value) = set.split(';').next().unwrap().split_once('=').unwrap();
            let mut cookies = self.cookies.borrow_mut();
            if set.contains("; Max-Age=0") {
                cookies.remove(name);
            } else {
                cookies.insert(name.to_owned(), value.to_owned());
            }
        }
        answer
    }

    /// A stream of news.
    pub(crate) async fn watch(&self, path: &str) -> Body {
        let answer = self.open(Request::get(path).body(Body::empty()).unwrap()).await;
        assert_eq!(answer.status().as_u16(), 200);
        assert_eq!(answer.headers()["content-type"], "text/event-stream");
        answer.into_body()
    }
}

/// A form as a browser sends it.
pub(crate) fn form<'f>(
    path: &str,
    fields: impl Iterator<Item = (&'f str, &'f str)>,
    site: &str,
) -> Request<Body> {
    let escape = |text: &str| -> String {
        text.bytes()
            .map(|byte| match byte {
                b'0'..=b'9' | b'a'..=b'z' | b'A'..=b'Z' => char::from(byte).to_string(),
                byte => format!("%{byte:02X}"),
            })
            .collect()
    };
    let pairs = fields.map(|(name, value)| format!("{}={}", escape(name), escape(value)));
    let body = pairs.collect::<Vec<_>>().join("&");
    Request::post(path)
        .header("content-type", "application/x-www-form-urlencoded")
        .header("sec-fetch-site", site)
        .body(Body::from(body))
        .unwrap()
}

/// The next news of a stream.
pub(crate) async fn news(stream: &mut Body) -> Option<String> {
    let next = tokio::time::timeout(std::time::Duration::from_secs(20), stream.frame()).await;
    let frame = next.expect("news in time")?;
    Some(String::from_utf8(frame.unwrap().into_data().unwrap().to_vec()).unwrap())
}
