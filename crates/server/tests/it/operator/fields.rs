//! Identity fields that no entry could ever satisfy are refused when a campaign is loaded.

use super::site::Site;
use serde_json::json;

#[tokio::test(flavor = "multi_thread")]
async fn a_phone_of_no_known_region_is_refused() {
    let site = Site::empty().await;
    let mut files = Site::files("at-once");
    let toml = files["files"][0]["text"].as_str().unwrap();
    files["files"][0]["text"] = json!(toml.replace("region = \"CN\"", "region = \"XX\""));
    for path in ["/v1/operator/campaigns?dry_run=true", "/v1/operator/campaigns"] {
        let told = site.post(path, &files).await.expect(422);
        assert_eq!(told["code"], "files-invalid", "{told}");
        let text = told["text"].as_str().unwrap();
        assert!(text.contains("there is no country \"XX\" with telephone numbers"), "{text}");
    }
    assert_eq!(site.get("/v1/operator/campaigns").await.expect(200), json!([]));
}
