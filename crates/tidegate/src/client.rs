//! The command line's way to a running node: its operator API over HTTP.
//!
//! Owns: address, token, certificates, and how a problem document is shown. Never: retries; what
//! a person asked for once is sent once.
//! On failure: what happened, its code, and what to do, as the node said it.

use crate::exit::Coded;
use anyhow::Result;
use serde_json::Value;
use std::env;
use std::fmt;
use std::fs;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use types::definition::is_code;
use types::limits::UPLOAD_BYTES_MAX;
use ureq::http::{Response, Uri};
use ureq::tls::{PemItem, RootCerts, TlsConfig, parse_pem};
use ureq::{Agent, Body};

/// Holds the API token when no option gives it.
const TOKEN_VARIABLE: &str = "TIDEGATE_TOKEN";
/// Where systems keep the certificates they trust.
const SYSTEM_CERTIFICATES: &str = "/etc/ssl/certs/ca-certificates.crt";
const CONNECT_TIME: Duration = Duration::from_secs(10);
/// For the head of an answer: loading a million pools takes seconds on small hardware.
const ANSWER_TIME: Duration = Duration::from_secs(300);
/// For the head of an answer to a step of a draw: of a country's list it takes minutes on small
/// hardware, and whoever has asked sees how far it is.
const STEP_TIME: Duration = Duration::from_secs(6 * 3_600);

/// How to reach a node.
#[derive(Debug, clap::Args)]
pub(crate) struct Connection {
    /// The node's operator address
    #[arg(long, env = "TIDEGATE_SERVER", value_name = "URL")]
    #[arg(default_value = "http://127.0.0.1:8081", value_parser = server)]
    server: String,
    // Not clap's to read from the environment: an option wins over it, and no usage line shows it.
    /// The API token; better given by --token-file or in TIDEGATE_TOKEN
    #[arg(long, value_name = "TOKEN")]
    token: Option<String>,
    /// A file that holds the API token; TIDEGATE_TOKEN holds it unless given
    #[arg(long, value_name = "FILE", conflicts_with = "token")]
    token_file: Option<PathBuf>,
    /// Certificates to trust, PEM; the system's unless given
    #[arg(long, value_name = "FILE")]
    ca: Option<PathBuf>,
    /// Print the node's answer as JSON
    #[arg(long)]
    pub(crate) json: bool,
}

/// A node to talk to.
pub(crate) struct Client {
    agent: Agent,
    server: String,
    token: String,
}

/// A problem document, as a person reads it.
#[derive(Debug)]
pub(crate) struct Refused {
    code: String,
    title: String,
    detail: String,
    /// Which rule was broken, where the detail does not say.
    why: Option<String>,
    /// Which step is missing, where one came too early.
    needs: Option<String>,
    /// A longer text, such as the list of everything wrong with a file.
    text: Option<String>,
    rows: Vec<String>,
}

impl Connection {
    /// Prepares to talk to the node; nothing is sent yet.
    ///
    /// # Errors
    /// When there is no token, or a file cannot be read.
    pub(crate) fn client(&self) -> Result<Client> {
        let token = self.read_token()?;
        let server = self.server.trim_end_matches('/').to_owned();
        let mut config = Agent::config_builder()
            .http_status_as_error(false)
            .max_redirects(0)
            .timeout_connect(Some(CONNECT_TIME))
            .timeout_recv_response(Some(ANSWER_TIME));
        if server.starts_with("https://") {
            config = config.tls_config(trusting(self.ca.as_deref())?);
        }
        Ok(Client { agent: config.build().new_agent(), server, token })
    }

    fn read_token(&self) -> Result<String> {
        let (token, from) = match (&self.token, &self.token_file) {
            (Some(token), _) => (token.clone(), "--token".to_owned()),
            (None, Some(file)) => {
                let token = fs::read(file).map_err(|error| unreadable(file, error))?;
                (String::from_utf8_lossy(&token).into_owned(), file.display().to_string())
            }
            (None, None) => {
                let token = env::var_os(TOKEN_VARIABLE).unwrap_or_default();
                if token.is_empty() {
                    let what = "there is no API token: give --token-file FILE or set \
                                TIDEGATE_TOKEN; `tidegate token create` makes one";
                    return Err(Coded::error("token-missing", &what));
                }
                (token.to_string_lossy().into_owned(), TOKEN_VARIABLE.to_owned())
            }
        };
        let token = token.trim();
        if token.is_empty() || !token.bytes().all(|byte| byte.is_ascii_graphic()) {
            let what = format!(
                "{from} does not hold an API token, which is one word such as tg_operator_…; \
                 nothing was sent. `tidegate token create` makes one"
            );
            return Err(Coded::error("token-malformed", &what));
        }
        Ok(token.to_owned())
    }
}

/// The code of a campaign, as it can stand in a path.
///
/// # Errors
/// What codes look like.
pub(crate) fn campaign_code(text: &str) -> Result<String, &'static str> {
    if is_code(text) {
        return Ok(text.to_owned());
    }
    Err("a campaign's code is the `code` of its file: small letters, digits and \"-\", at most 48")
}

/// A node's address.
fn server(text: &str) -> Result<String, String> {
    let is_address = |uri: &Uri| {
        matches!(uri.scheme_str(), Some("http" | "https"))
            && uri.host().is_some_and(|host| !host.is_empty())
            && uri.query().is_none()
    };
    if text.parse::<Uri>().is_ok_and(|uri| is_address(&uri)) {
        return Ok(text.to_owned());
    }
    let with_scheme = format!("http://{text}");
    Err(match with_scheme.parse::<Uri>() {
        Ok(uri) if !text.contains("//") && is_address(&uri) => {
            format!("an address begins with http:// or https://; is it {with_scheme}?")
        }
        _ => "an address is like http://127.0.0.1:8081 or https://node.example:8081".to_owned(),
    })
}

/// TLS that trusts the certificates in a PEM file, or the system's.
///
/// # Errors
/// When there are none.
pub(crate) fn trusting(ca: Option<&Path>) -> Result<TlsConfig> {
    let file = ca.unwrap_or_else(|| Path::new(SYSTEM_CERTIFICATES));
    let pem = fs::read(file).map_err(|error| {
        let what = format!("no certificates to trust in {}: give --ca FILE", file.display());
        Coded::caused("tls-file-unreadable", what, error)
    })?;
    let certificates = parse_pem(&pem).filter_map(|item| match item {
        Ok(PemItem::Certificate(certificate)) => Some(certificate),
        _ => None,
    });
    let certificates: Vec<_> = certificates.collect();
    if certificates.is_empty() {
        let what = format!("{} holds no certificate: give --ca a PEM file", file.display());
        return Err(Coded::error("tls-file-not-pem", &what));
    }
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    Ok(TlsConfig::builder()
        .root_certs(RootCerts::new_with_certs(&certificates))
        .unversioned_rustls_crypto_provider(provider)
        .build())
}

impl Client {
    /// Asks for something.
    ///
    /// # Errors
    /// When the node cannot be reached, or refuses.
    pub(crate) fn get(&self, path: &str) -> Result<Value> {
        let request = self.agent.get(self.url(path)).header("authorization", self.bearer());
        json(self.checked(request.call())?)
    }

    /// Sends a JSON body.
    ///
    /// # Errors
    /// When the node cannot be reached, or refuses.
    pub(crate) fn post(&self, path: &str, query: &[(&str, &str)], body: &Value) -> Result<Value> {
        json(self.stream(path, query, body)?)
    }

    /// Sends a JSON body for an answer that may take hours.
    ///
    /// # Errors
    /// When the node cannot be reached, or refuses.
    pub(crate) fn post_for_long(&self, path: &str, body: &Value) -> Result<Value> {
        let request = self.agent.post(self.url(path));
        let request = request.config().timeout_recv_response(Some(STEP_TIME)).build();
        let request = request.header("authorization", self.bearer());
        let request = request.header("content-type", "application/json");
        json(self.checked(request.send(body.to_string()))?)
    }

    /// Sends a JSON body for an answer that may be too large for memory.
    ///
    /// # Errors
    /// When the node cannot be reached, or refuses.
    pub(crate) fn stream(
        &self,
        path: &str,
        query: &[(&str, &str)],
        body: &Value,
    ) -> Result<Response<Body>> {
        let request = self.agent.post(self.url(path)).query_pairs(query.iter().copied());
        let request = request.header("authorization", self.bearer());
        let request = request.header("content-type", "application/json");
        self.checked(request.send(body.to_string()))
    }

    fn url(&self, path: &str) -> String {
        format!("{}/v1/operator/{path}", self.server)
    }

    fn bearer(&self) -> String {
        format!("Bearer {}", self.token)
    }

    fn checked(&self, response: Result<Response<Body>, ureq::Error>) -> Result<Response<Body>> {
        let mut response = response.map_err(|error| {
            let what = format!(
                "the node at {} cannot be reached ({error}). See that it runs, and that this is \
                 its operator address (--server)",
                self.server
            );
            Coded::caused("node-unreachable", what, error)
        })?;
        if response.status().is_success() {
            return Ok(response);
        }
        let status = response.status();
        let body = response.body_mut().with_config().limit(UPLOAD_BYTES_MAX as u64).read_to_vec();
        let problem = serde_json::from_slice::<Value>(&body.unwrap_or_default());
        match problem {
            Ok(problem) if problem["code"] == "no-such-page" => {
                let what = format!(
                    "{} has no operator API: it seems to be the node's public address, or that of \
                     another release. Give the operator address with --server",
                    self.server
                );
                Err(Coded::error("no-such-page", &what))
            }
            Ok(problem) if problem["code"].is_string() => Err(Refused::new(&problem).into()),
            _ => {
                let what = format!(
                    "{} answered {status} without saying why; is this a node's operator address?",
                    self.server
                );
                Err(Coded::error("answer-unreadable", &what))
            }
        }
    }
}

impl Refused {
    /// The node's code for it.
    pub(crate) fn code(&self) -> &str {
        &self.code
    }

    fn new(problem: &Value) -> Self {
        let text = |name: &str| problem[name].as_str().unwrap_or_default().to_owned();
        let rows = problem["rows"].as_array().map_or(&[][..], Vec::as_slice);
        let row = |row: &Value| {
            format!("row {}: {}", row["row"], row["code"].as_str().unwrap_or_default())
        };
        Self {
            code: text("code"),
            title: text("title"),
            detail: text("detail"),
            why: problem["why"].as_str().map(str::to_owned),
            needs: problem["needs"].as_str().map(str::to_owned),
            text: problem["text"].as_str().map(str::to_owned),
            rows: rows.iter().map(row).collect(),
        }
    }
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.title, self.detail)?;
        if let Some(why) = &self.why {
            write!(f, "\n  why: {why}")?;
        }
        if let Some(needs) = &self.needs {
            write!(f, "\n  needs: {needs}")?;
        }
        if let Some(text) = &self.text {
            write!(f, "\n\n{}", text.trim_end())?;
        }
        self.rows.iter().try_for_each(|row| write!(f, "\n  {row}"))
    }
}

impl std::error::Error for Refused {}

fn json(mut response: Response<Body>) -> Result<Value> {
    let mut text = String::new();
    let body = response.body_mut().with_config().limit(UPLOAD_BYTES_MAX as u64);
    body.reader().read_to_string(&mut text).map_err(|error| {
        Coded::caused("answer-unreadable", "the node's answer broke off", error)
    })?;
    serde_json::from_str(&text).map_err(|error| {
        let what = "the node's answer is not JSON; is this Tidegate?";
        Coded::caused("answer-unreadable", what, error).into()
    })
}

/// A file named on the command line that cannot be had.
pub(crate) fn unreadable(file: &Path, error: io::Error) -> anyhow::Error {
    let what = format!("{} cannot be read", file.display());
    let code = match error.kind() {
        io::ErrorKind::NotFound => "file-missing",
        io::ErrorKind::PermissionDenied => "access-denied",
        _ => "file-unreadable",
    };
    Coded::caused(code, what, error).into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_problem_reads_as_a_sentence() {
        let problem = json!({ "code": "list-invalid", "title": "List invalid",
            "detail": "2 of 9 values are wrong.",
            "rows": [{ "row": 3, "code": "check-character" }, { "row": 7, "code": "empty" }] });
        let shown = Refused::new(&problem).to_string();
        let expected = "List invalid: 2 of 9 values are wrong.\n  \
                        row 3: check-character\n  row 7: empty";
        assert_eq!(shown, expected);
    }

    #[test]
    fn a_problem_says_why() {
        let problem = json!({ "code": "definition-invalid", "title": "Definition invalid",
            "detail": "Nothing was done.", "why": "field phone: two lists name it" });
        let shown = Refused::new(&problem).to_string();
        assert!(shown.ends_with("Nothing was done.\n  why: field phone: two lists name it"));
    }

    #[test]
    fn an_address_is_whole() {
        for good in ["http://127.0.0.1:8081", "https://node.example/", "http://[::1]:8081"] {
            assert_eq!(server(good).as_deref(), Ok(good));
        }
        for bare in ["127.0.0.1:8081", "node.example", "localhost:8081"] {
            let told = server(bare).unwrap_err();
            assert!(told.ends_with(&format!("is it http://{bare}?")), "{told}");
        }
        for bad in ["", "ftp://a", "http://", "http:///v1", "http://a b", "http://a?b", "//a"] {
            assert!(server(bad).is_err_and(|told| !told.contains("is it")), "{bad}");
        }
    }
}
