//! Documents, health, the API's description, and the examples of `docs/api.md`.

use crate::support::{Ask, Site, masks, now};
use server::operator::tokens::Role;
use std::path::PathBuf;
use types::definition::Publish;
use types::{Action, CampaignNo, Outcome};

fn root(path: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../..").join(path)
}

#[tokio::test]
async fn the_document_is_tagged_and_compressed() {
    let site = Site::start(vec![masks(Publish::AtOnce)]).await;
    let plain = site.get("/v1/campaigns/masks").await;
    let document = plain.json();
    assert_eq!(document["fields"][1]["type"], "resident-id");
    assert_eq!(document["pools"].as_array().unwrap().len(), 4);
    assert_eq!(document["texts"]["title"]["zh-CN"], "潮门市口罩预约");
    let tag = format!("if-none-match: {}\r\n", plain.headers["etag"]);
    let path = "/v1/campaigns/masks";
    let known = site.send(&Ask { method: "GET", path, headers: &tag, ..Ask::default() }).await;
    assert_eq!((known.status, known.body.len()), (304, 0));
    let headers = "accept-encoding: gzip\r\n";
    let packed = site.send(&Ask { method: "GET", path, headers, ..Ask::default() }).await;
    assert_eq!(packed.headers["content-encoding"], "gzip");
    assert!(packed.body.len() < plain.body.len());
    let list = site.get("/v1/campaigns").await.json();
    assert_eq!(list["campaigns"][0]["url"], path);
    site.stop().await;
}

#[tokio::test]
async fn the_status_is_small_and_coarse() {
    let site = Site::start(vec![masks(Publish::AtOnce)]).await;
    let answer = site.get("/v1/campaigns/masks/status").await;
    assert_eq!(answer.headers["cache-control"], "public, max-age=1");
    let status = answer.json();
    assert_eq!((&status["phase"], &status["stock"]), (&"open".into(), &"ffff".into()));
    assert_eq!(status["sold_out"], false);
    assert_eq!(site.get("/livez").await.status, 200);
    assert_eq!(site.get("/readyz").await.json()["state"], "ready");
    site.node.drain();
    let draining = site.get("/readyz").await;
    assert_eq!(
        (draining.code().as_str(), &draining.json()["state"]),
        ("not-ready", &"draining".into())
    );
    let refused = site.enter(1, "k", "o1").await;
    assert_eq!((refused.status, refused.headers["retry-after"].as_str()), (503, "2"));
    site.stop().await;
}

#[test]
fn the_description_is_the_golden_one() {
    let now = server::openapi().to_pretty_json().unwrap() + "\n";
    let golden = root("crates/server/tests/golden/openapi.json");
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        std::fs::create_dir_all(golden.parent().unwrap()).unwrap();
        std::fs::write(&golden, &now).unwrap();
    }
    let known = std::fs::read_to_string(&golden).unwrap_or_default();
    assert!(known == now, "the API changed: look at the difference, then run with UPDATE_GOLDEN=1");
    let document: serde_json::Value = serde_json::from_str(&now).unwrap();
    for (path, calls) in document["paths"].as_object().unwrap() {
        for (method, call) in calls.as_object().unwrap() {
            for (status, answer) in call["responses"].as_object().unwrap() {
                let said = answer["description"].as_str().unwrap_or_default();
                assert!(!said.is_empty(), "{method} {path} {status} has no description");
                let is_problem = answer["content"]["application/problem+json"].is_object();
                assert_eq!(is_problem, "400" <= status.as_str(), "{method} {path} {status}");
            }
        }
    }
}

#[tokio::test]
async fn the_description_and_its_browser_are_served() {
    let site = Site::start(Vec::new()).await;
    assert_eq!(site.get("/openapi.json").await.json()["openapi"], "3.1.0");
    let browser = site.get("/docs/api/").await;
    assert_eq!(browser.status, 200);
    assert!(browser.headers["content-security-policy"].contains("script-src"));
    site.stop().await;
}

/// Runs every `sh` block of `docs/api.md` in order, in one shell, against a fresh server.
#[tokio::test]
async fn the_examples_of_the_documentation_run() {
    let file = root("examples/api/campaign.toml");
    let loaded = campaign::read(&file, now()).map_err(|found| campaign::render(&found)).unwrap();
    let site = Site::start(vec![loaded.definition]).await;
    let opened = site.operate(Action::Open { campaign: CampaignNo(0) }).await;
    assert_eq!(opened, Outcome::Done { units: 0 });
    let token = site.token(Role::Frontend);
    let text = std::fs::read_to_string(root("docs/api.md")).unwrap();
    let mut script = "set -eu\n".to_owned();
    for block in text.split("```sh\n").skip(1) {
        script += block.split("```").next().unwrap();
    }
    let mut bash = std::process::Command::new("bash");
    bash.args(["-c", &script]).env("TOKEN", token).env("no_proxy", "127.0.0.1");
    bash.env("TIDEGATE", format!("http://{}", site.address));
    let ran = tokio::task::spawn_blocking(move || bash.output()).await.unwrap().unwrap();
    let said = String::from_utf8_lossy(&ran.stdout).into_owned();
    assert!(ran.status.success(), "{said}\n{}", String::from_utf8_lossy(&ran.stderr));
    for outcome in ["\"outcome\":\"booked\"", "\"outcome\":\"cancelled\"", "\"results\":["] {
        assert!(said.contains(outcome), "the examples show {outcome}: {said}");
    }
    site.stop().await;
}
