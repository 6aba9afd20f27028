//! An owner who lets phones in, and what a phone sends.

use crate::console::browser::{Browser, Page};
use crate::operator::site::Site;
use server::console::accounts::AccountRole;

/// The words of a page, without its markup.
pub(crate) fn words(page: &Page) -> String {
    let mut words = String::new();
    let main = page.text.split("<main").nth(1).expect("a page has a main part");
    let main = main.split("</main>").next().unwrap();
    for piece in main.split('<').skip(1) {
        let text = piece.split_once('>').map_or("", |(_, text)| text).trim();
        if !text.is_empty() {
            words.push_str(text);
            words.push(' ');
        }
    }
    // What keeps a span of time together.
    words.replace('\u{2060}', "")
}

/// A code for a phone, as the console shows it.
pub(crate) async fn code(owner: &Browser<'_>, name: &str, outlets: &str) -> String {
    let page = owner.get("/console/counters").await.expect(200);
    let request = page.hidden("request");
    let fields =
        [("name", name), ("outlets", outlets), ("hours", "12"), ("request", request.as_str())];
    let page = owner.post("/console/counters", &fields).await.expect(200);
    let shown = page.text.split("<p class=\"passcode\"><strong>").nth(1).expect("a code");
    shown.split('<').next().unwrap().to_owned()
}

impl Site {
    /// An owner, logged in to the console.
    pub(crate) async fn owner(&self) -> Browser<'_> {
        self.logged_in("ann", AccountRole::Owner).await
    }

    /// A phone that was let in for outlets.
    pub(crate) async fn phone(
        &self,
        owner: &Browser<'_>,
        name: &str,
        outlets: &str,
    ) -> Browser<'_> {
        let code = code(owner, name, outlets).await;
        let phone = self.browser();
        phone.post("/counter/log-in", &[("code", &code)]).await.expect(303);
        let home = phone.get("/counter").await.expect(200);
        *phone.token.borrow_mut() = home.hidden("token");
        phone
    }
}

impl Browser<'_> {
    /// Looks what a code is worth.
    pub(crate) async fn look(&self, code: &str) -> Page {
        self.post("/counter/look", &[("outlet", "1001"), ("code", code)]).await
    }

    /// Presses the button of a page that shows what a code is worth.
    pub(crate) async fn hand_over(&self, look: &Page) -> Page {
        let [code, request, outlet] = ["code", "request", "outlet"].map(|name| look.hidden(name));
        let fields = [("outlet", outlet.as_str()), ("code", &code), ("request", &request)];
        self.post("/counter/hand-over", &fields).await
    }
}
