//! What one sees, and that it comes by itself.

use super::browser::{Browser, news};
use crate::operator::site::{EVENING, Site};
use axum::http::Request;
use http_body_util::BodyExt as _;
use server::console::accounts::AccountRole;
use std::sync::Arc;

/// A counter of `/metrics`.
async fn metric(site: &Site, name: &str) -> u64 {
    let text = site.get("/metrics").await.text();
    let line = text.lines().find(|line| line.starts_with(name)).expect("the metric is there");
    line.rsplit(' ').next().unwrap().parse().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_campaign_shows_what_came_and_what_is_left() {
    let site = Site::new().await;
    let browser = site.logged_in("ann", AccountRole::Owner).await;
    let list = browser.get("/console").await.expect(200).text;
    assert!(list.contains("<a href=\"/console/c/masks\">Masks</a>"), "{list}");
    for person in 0..7 {
        site.enter(person, 0, 1).await;
    }
    site.enter(8, 1, 2).await;
    let page = browser.get("/console/c/masks").await.expect(200).text;
    assert!(page.contains("<dt>Entries</dt><dd>8</dd>"), "{page}");
    assert!(page.contains("<dt>Booked</dt><dd>8</dd>"), "{page}");
    assert!(page.contains("34 <small>of 43 on offer</small>"), "{page}");
    assert!(page.contains("<span>Closes</span> <strong>1:30:00</strong>"), "{page}");
    assert!(page.contains("<strong>33</strong> <small>/ 40</small>"), "{page}");
    let districts = page.find("望潮区").zip(page.find("听澜区"));
    assert!(districts.is_some(), "the heat table names the districts");
    let outlets = browser.get("/console/c/masks?district=0").await.expect(200).text;
    assert!(outlets.contains("<code>1002</code>") != outlets.contains("<code>1001</code>"));
    browser.get("/console/c/none").await.expect(404);
    site.set_time(EVENING.plus(2 * 3_600_000));
    let page = browser.get("/console/c/masks").await.expect(200).text;
    assert!(page.contains("Nothing happens by itself"), "{page}");
}

#[tokio::test(flavor = "multi_thread")]
async fn news_come_by_themselves_and_end_with_the_session() {
    let site = Site::new().await;
    let browser = site.logged_in("ann", AccountRole::Owner).await;
    tokio::spawn(Arc::clone(&site.console).run());
    let mut stream = browser.watch("/console/c/masks/live").await;
    let first = news(&mut stream).await.unwrap();
    for part in ["clock", "tiles", "heat", "minutes", "whole", "machine"] {
        assert!(first.contains(&format!("event: {part}\ndata: ")), "{part}: {first}");
    }
    site.enter(1, 0, 1).await;
    let mut later = news(&mut stream).await.unwrap();
    while !later.contains("event: heat\n") {
        later = news(&mut stream).await.unwrap();
    }
    assert!(later.contains("<strong>39</strong>"), "{later}");
    browser.post("/console/log-out", &[]).await.expect(303);
    let mut last = String::new();
    while let Some(some) = news(&mut stream).await {
        last = some;
    }
    assert!(last.ends_with("event: over\ndata: 1\n\n"), "{last}");
    let gone = browser.get("/console/c/masks/live").await;
    assert_eq!((gone.status, gone.text.as_str()), (401, ""), "no page for what is no person");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hundred_who_watch_cost_one_rendering_a_second() {
    let site = Site::new().await;
    tokio::spawn(Arc::clone(&site.console).run());
    let mut browsers: Vec<Browser<'_>> = vec![site.logged_in("ann", AccountRole::Auditor).await];
    for _ in 1..10 {
        browsers.push(site.again("ann").await);
    }
    let mut streams = Vec::new();
    for browser in &browsers {
        for _ in 0..10 {
            streams.push(browser.watch("/console/live").await);
        }
    }
    assert_eq!(metric(&site, "tidegate_console_streams ").await, 100);
    for stream in &mut streams {
        news(stream).await.unwrap();
    }
    let before = metric(&site, "tidegate_console_renderings_total ").await;
    // Two seconds' news of the first one: the others' are the same.
    site.enter(1, 0, 1).await;
    news(&mut streams[0]).await.unwrap();
    let after = metric(&site, "tidegate_console_renderings_total ").await;
    assert!(after <= before + 5, "{before} {after}: a rendering a second, not a hundred");
    drop(streams);
    while 0 < metric(&site, "tidegate_console_streams ").await {
        tokio::task::yield_now().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn streams_are_bounded_and_end_when_the_node_stops() {
    let site = Site::new().await;
    tokio::spawn(Arc::clone(&site.console).run());
    let browser = site.logged_in("ann", AccountRole::Owner).await;
    let other = site.again("ann").await;
    let mut streams = vec![other.watch("/console/live").await];
    for _ in 1..types::limits::ACCOUNT_STREAMS_MAX {
        streams.push(browser.watch("/console/live").await);
    }
    let one_more = Request::get("/console/live").body(axum::body::Body::empty()).unwrap();
    let page = browser.send(one_more).await.expect(503);
    assert_eq!(page.header("retry-after"), "60");
    streams.push(site.logged_in("bob", AccountRole::Auditor).await.watch("/console/live").await);
    site.stop.send(true).unwrap();
    for stream in streams {
        stream.collect().await.expect("it ends in order");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_tells_that_somebody_is_there() {
    let site = Site::new().await;
    let owner = site.logged_in("ann", AccountRole::Owner).await;
    assert!(owner.get("/console").await.text.contains("data-stay=\"touched\""));
    let auditor = site.logged_in("aud", AccountRole::Auditor).await;
    assert!(auditor.get("/console").await.text.contains("data-stay=\"in-sight\""));
    for browser in [owner, auditor] {
        let page = browser.get("/console/stay").await.expect(204);
        assert_eq!((page.text.as_str(), page.header("cache-control")), ("", "no-store"));
    }
    site.browser().get("/console/stay").await.expect(303);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_disabled_account_sees_nothing_more() {
    let site = Site::new().await;
    tokio::spawn(Arc::clone(&site.console).run());
    let browser = site.logged_in("ann", AccountRole::Owner).await;
    let mut stream = browser.watch("/console/live").await;
    news(&mut stream).await.unwrap();
    site.accounts.set_disabled("ann", true).unwrap();
    while news(&mut stream).await.is_some() {}
    browser.get("/console").await.expect(303);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_auditor_sees_everything_and_no_switch() {
    let site = Site::new().await;
    let browser = site.logged_in("aud", AccountRole::Auditor).await;
    let page = browser.get("/console/c/masks").await.expect(200).text;
    assert!(page.contains("changes nothing") && !page.contains("/do/"), "{page}");
    assert!(page.contains("data-part=\"heat\""));
    browser.get("/console/actions").await.expect(200);
    for path in ["do/close", "do/pause", "stock", "export"] {
        let path = format!("/console/c/masks/{path}");
        let page = browser.get(&path).await.expect(403);
        assert!(page.text.contains("role-not-allowed"), "{path}");
        if !path.ends_with("stock") {
            let fields = [("reason", "x"), ("code", "masks"), ("format", "csv file")];
            browser.post(&path, &fields).await.expect(403);
        }
    }
    let outlet = site.logged_in("shop", AccountRole::Outlet).await;
    assert_eq!(outlet.get("/console").await.expect(303).header("location"), "/counter");
    assert_eq!(outlet.get("/console/live").await.status, 401);
}
