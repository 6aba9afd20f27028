//! Certificates from files, taken anew when the files change.
//!
//! Owns: the acceptor in force. Never: serves a certificate that did not load whole.
//! Invariants: HTTP/1.1 is all that is offered; a bad new file leaves the old one in force.
//! On failure: [`TlsError`] at start; a logged warning with the same code later.

use crate::config::TlsFiles;
use arc_swap::ArcSwap;
use rustls::ServerConfig;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime};
use tokio_rustls::TlsAcceptor;

/// Seconds between two looks at the files: a renewed certificate is in force soon after.
const LOOK_SECONDS: u64 = 5;

/// Why a certificate cannot be served.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// A file cannot be read.
    #[error(
        "the TLS file {path} cannot be read: {source}; check that it exists and that the service \
         may read it"
    )]
    Unreadable {
        /// Which.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// A file does not hold what it must.
    #[error("the TLS file {path} does not hold {expected} in PEM form; put the right file there")]
    NotPem {
        /// Which.
        path: PathBuf,
        /// What it should hold.
        expected: &'static str,
    },
    /// Certificate and key do not belong together, or are of a kind that is not supported.
    #[error("the TLS certificate and key cannot be used together: {0}; replace both files")]
    Unusable(#[from] rustls::Error),
}

impl TlsError {
    /// The stable code.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Unreadable { .. } => "tls-file-unreadable",
            Self::NotPem { .. } => "tls-file-not-pem",
            Self::Unusable(_) => "tls-pair-unusable",
        }
    }
}

/// The acceptor in force, and what it was made from.
pub(crate) struct Certificates {
    files: TlsFiles,
    config: ArcSwap<ServerConfig>,
}

impl Certificates {
    pub(crate) fn load(files: TlsFiles) -> Result<Self, TlsError> {
        let config = ArcSwap::from(read(&files)?);
        Ok(Self { files, config })
    }

    pub(crate) fn acceptor(&self) -> TlsAcceptor {
        TlsAcceptor::from(self.config.load_full())
    }

    /// Looks at the files for ever, and takes what is new.
    pub(crate) async fn keep_current(&self) {
        let mut seen = self.stamps();
        let mut looks = tokio::time::interval(Duration::from_secs(LOOK_SECONDS));
        loop {
            looks.tick().await;
            let now = self.stamps();
            if now != seen {
                seen = now;
                self.reload();
            }
        }
    }

    /// Takes what the files hold now, if it can be used.
    pub(crate) fn reload(&self) {
        match read(&self.files) {
            Ok(config) => {
                self.config.store(config);
                tracing::info!(file = %self.files.certificate.display(), "certificate reloaded");
            }
            Err(error) => tracing::warn!(
                code = error.code(),
                %error,
                "the new certificate is not used; the one in force stays"
            ),
        }
    }

    fn stamps(&self) -> [Option<SystemTime>; 2] {
        let stamp = |path: &Path| fs::metadata(path).and_then(|about| about.modified()).ok();
        [stamp(&self.files.certificate), stamp(&self.files.key)]
    }
}

fn read(files: &TlsFiles) -> Result<Arc<ServerConfig>, TlsError> {
    let text = |path: &Path| {
        fs::read(path).map_err(|source| TlsError::Unreadable { path: path.into(), source })
    };
    let not_pem = |path: &Path, expected| TlsError::NotPem { path: path.into(), expected };
    let chain = CertificateDer::pem_slice_iter(&text(&files.certificate)?)
        .collect::<Result<Vec<_>, _>>()
        .map_err(|_| not_pem(&files.certificate, "a certificate chain"))?;
    if chain.is_empty() {
        return Err(not_pem(&files.certificate, "a certificate chain"));
    }
    let key = PrivateKeyDer::from_pem_slice(&text(&files.key)?)
        .map_err(|_| not_pem(&files.key, "a private key"))?;
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let mut config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .with_no_client_auth()
        .with_single_cert(chain, key)?;
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(Arc::new(config))
}

#[cfg(test)]
mod tests {
    use super::*;
    use rustls::ClientConfig;
    use rustls::RootCertStore;
    use tokio::net::{TcpListener, TcpStream};
    use tokio_rustls::TlsConnector;

    /// Writes a fresh pair for `localhost`; gives the certificate.
    fn issue(files: &TlsFiles) -> CertificateDer<'static> {
        let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
        fs::write(&files.certificate, made.cert.pem()).unwrap();
        fs::write(&files.key, made.signing_key.serialize_pem()).unwrap();
        made.cert.der().clone()
    }

    fn files(folder: &Path) -> TlsFiles {
        TlsFiles { certificate: folder.join("chain.pem"), key: folder.join("key.pem") }
    }

    /// Whether a client that trusts this certificate alone can talk to the acceptor.
    async fn is_served(certificates: &Certificates, trusted: &CertificateDer<'static>) -> bool {
        let mut roots = RootCertStore::empty();
        roots.add(trusted.clone()).unwrap();
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let mut client = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_root_certificates(roots)
            .with_no_client_auth();
        client.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let stream = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
        let (accepted, _) = listener.accept().await.unwrap();
        let name = "localhost".try_into().unwrap();
        let connector = TlsConnector::from(Arc::new(client));
        let shaken =
            tokio::join!(connector.connect(name, stream), certificates.acceptor().accept(accepted));
        shaken.0.is_ok_and(|stream| {
            assert_eq!(stream.get_ref().1.alpn_protocol(), Some(&b"http/1.1"[..]));
            true
        })
    }

    #[tokio::test]
    async fn a_new_pair_is_taken_and_a_bad_one_is_not() {
        let folder = tempfile::tempdir().unwrap();
        let files = files(folder.path());
        let first = issue(&files);
        let certificates = Certificates::load(files.clone()).unwrap();
        assert!(is_served(&certificates, &first).await);
        let second = issue(&files);
        certificates.reload();
        assert!(is_served(&certificates, &second).await);
        assert!(!is_served(&certificates, &first).await);
        fs::write(&files.certificate, "rubbish").unwrap();
        certificates.reload();
        assert!(is_served(&certificates, &second).await, "the pair in force stays");
    }

    #[test]
    fn what_is_wrong_with_the_files_has_a_code() {
        let folder = tempfile::tempdir().unwrap();
        let files = files(folder.path());
        let code = || Certificates::load(files.clone()).map(|_| ()).unwrap_err().code();
        assert_eq!(code(), "tls-file-unreadable");
        issue(&files);
        let key = fs::read(&files.key).unwrap();
        issue(&files);
        fs::write(&files.key, key).unwrap();
        assert_eq!(code(), "tls-pair-unusable");
        fs::write(&files.key, "no key").unwrap();
        assert_eq!(code(), "tls-file-not-pem");
    }
}
