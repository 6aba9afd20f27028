//! What is wrong with a request's frame, whatever its route: the checks that hyper leaves to us.
//!
//! Owns: `Host`, `Transfer-Encoding` and `Content-Encoding` of requests. Never: looks at a body.
//! Invariants: one pass over the headers, without a copy: this runs for every request.
//! On failure: a problem document, and the connection closes, since two readers of the same bytes
//! could see different requests in them.

use crate::body::Body;
use crate::language::Language;
use crate::problem::ready;
use http::header::{ACCEPT_ENCODING, CONNECTION, CONTENT_ENCODING, HOST, TRANSFER_ENCODING};
use http::{HeaderMap, HeaderValue, Request, Response, Version};

/// Why a request is not even looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fault {
    /// HTTP/1.1 without exactly one `Host` that names a host (RFC 9112, 3.2).
    Host,
    /// A transfer coding other than `chunked` alone (RFC 9112, 6.1).
    TransferEncoding,
    /// A packed body, which nothing here unpacks (RFC 9110, 8.4).
    ContentEncoding,
}

/// What is wrong with a request, if anything.
pub(super) fn fault<B>(request: &Request<B>) -> Option<Fault> {
    let mut hosts = 0;
    for (name, value) in request.headers() {
        if *name == HOST {
            hosts += 1;
            if !is_host(value.as_bytes()) {
                return Some(Fault::Host);
            }
        } else if *name == TRANSFER_ENCODING {
            if !value.as_bytes().trim_ascii().eq_ignore_ascii_case(b"chunked") {
                return Some(Fault::TransferEncoding);
            }
        } else if *name == CONTENT_ENCODING
            && !value.as_bytes().trim_ascii().eq_ignore_ascii_case(b"identity")
        {
            return Some(Fault::ContentEncoding);
        }
    }
    // HTTP/1.0 knew no `Host`.
    let is_named = hosts == 1 || (hosts == 0 && request.version() < Version::HTTP_11);
    if is_named { None } else { Some(Fault::Host) }
}

/// What would end an authority, or begin another. A table, because every request is looked at.
static NEVER_IN_A_HOST: [bool; 256] = {
    let mut never = [false; 256];
    let mut rest: &[u8] = b" \t,/?#@\\";
    while let [byte, others @ ..] = rest {
        never[*byte as usize] = true;
        rest = others;
    }
    never
};

/// Whether the bytes can be a host with a port. None at all is allowed, for targets without a
/// host.
fn is_host(value: &[u8]) -> bool {
    !value.iter().any(|byte| NEVER_IN_A_HOST[usize::from(*byte)])
}

impl Fault {
    const fn code(self) -> &'static str {
        match self {
            Self::Host => "invalid-host",
            Self::TransferEncoding => "unsupported-transfer-encoding",
            Self::ContentEncoding => "unsupported-content-encoding",
        }
    }

    /// The whole answer.
    pub(super) fn answer(self, headers: &HeaderMap) -> Response<Body> {
        let mut answer = ready(self.code(), Language::of(headers));
        let headers = answer.headers_mut();
        headers.insert(CONNECTION, HeaderValue::from_static("close"));
        if self == Self::ContentEncoding {
            headers.insert(ACCEPT_ENCODING, HeaderValue::from_static("identity"));
        }
        answer.map(Body::Bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(version: Version, headers: &[(&str, &str)]) -> Option<Fault> {
        let mut request = Request::builder().version(version);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        fault(&request.body(()).unwrap())
    }

    #[test]
    fn every_fault_is_found_and_nothing_else() {
        let (old, new) = (Version::HTTP_10, Version::HTTP_11);
        let host = ("host", "example.org:8080");
        assert_eq!(of(new, &[host]), None);
        assert_eq!(of(new, &[("host", "")]), None);
        assert_eq!(of(old, &[]), None);
        assert_eq!(of(new, &[]), Some(Fault::Host));
        assert_eq!(of(new, &[host, host]), Some(Fault::Host));
        assert_eq!(of(old, &[host, host]), Some(Fault::Host));
        for odd in ["a b", "a,b", "user@a", "a/b"] {
            assert_eq!(of(new, &[("host", odd)]), Some(Fault::Host), "{odd}");
        }
        assert_eq!(of(new, &[host, ("transfer-encoding", "Chunked")]), None);
        for odd in ["gzip, chunked", "identity", "chunked, chunked"] {
            let found = of(new, &[host, ("transfer-encoding", odd)]);
            assert_eq!(found, Some(Fault::TransferEncoding), "{odd}");
        }
        assert_eq!(of(new, &[host, ("content-encoding", "identity")]), None);
        let packed = of(new, &[host, ("content-encoding", "gzip")]);
        assert_eq!(packed, Some(Fault::ContentEncoding));
    }
}
