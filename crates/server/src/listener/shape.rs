//! What is wrong with a request's frame, whatever its route: the checks that hyper leaves to us.
//!
//! Owns: `Host`, `Transfer-Encoding` and `Content-Encoding` of requests, and headers that may say
//! one thing only. Never: looks at a body.
//! Invariants: one pass over the headers, without a copy: this runs for every request. A chunked
//! request is the last of its connection.
//! On failure: a problem document, and the connection closes, since two readers of the same bytes
//! could see different requests in them.

use crate::body::Body;
use crate::language::Language;
use crate::problem::{Problem, ready};
use http::header::{
    ACCEPT_ENCODING, AUTHORIZATION, CONNECTION, CONTENT_ENCODING, CONTENT_TYPE, HOST,
    TRANSFER_ENCODING,
};
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
    /// Two values where there is room for one (RFC 9110, 5.3): a proxy may go by the other.
    Contradiction(&'static str),
}

/// How a body that can be read is framed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Framing {
    /// By its length; a request without a body, too.
    Sized,
    /// In chunks. There may have been a `Content-Length` besides, which the HTTP library drops
    /// before anybody sees it: whoever went by that saw another request, so the connection must
    /// be closed after the answer (RFC 9112, 6.1). Since it cannot be told, it always is.
    Chunked,
}

/// How a request is framed, or what is wrong with it.
pub(super) fn framing<B>(request: &Request<B>) -> Result<Framing, Fault> {
    let mut hosts = 0;
    let (mut kind, mut token) = (None, None);
    let mut framing = Framing::Sized;
    for (name, value) in request.headers() {
        if *name == HOST {
            hosts += 1;
            if !is_host(value.as_bytes()) {
                return Err(Fault::Host);
            }
        } else if *name == TRANSFER_ENCODING {
            if !value.as_bytes().trim_ascii().eq_ignore_ascii_case(b"chunked") {
                return Err(Fault::TransferEncoding);
            }
            framing = Framing::Chunked;
        } else if *name == CONTENT_TYPE {
            agree(&mut kind, value, "Content-Type")?;
        } else if *name == AUTHORIZATION {
            agree(&mut token, value, "Authorization")?;
        } else if *name == CONTENT_ENCODING
            && !value.as_bytes().trim_ascii().eq_ignore_ascii_case(b"identity")
        {
            return Err(Fault::ContentEncoding);
        }
    }
    // HTTP/1.0 knew no `Host`.
    let is_named = hosts == 1 || (hosts == 0 && request.version() < Version::HTTP_11);
    if is_named { Ok(framing) } else { Err(Fault::Host) }
}

/// Keeps a header's value, unless it had another one.
fn agree<'a>(
    kept: &mut Option<&'a HeaderValue>,
    value: &'a HeaderValue,
    name: &'static str,
) -> Result<(), Fault> {
    match kept.replace(value) {
        Some(other) if other != value => Err(Fault::Contradiction(name)),
        _ => Ok(()),
    }
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
            Self::Contradiction(_) => "malformed-request",
        }
    }

    /// The whole answer.
    pub(super) fn answer(self, headers: &HeaderMap) -> Response<Body> {
        let language = Language::of(headers);
        let mut answer = match self {
            Self::Contradiction(name) => contradiction(name, language).to_response(),
            fault => ready(fault.code(), language),
        };
        let headers = answer.headers_mut();
        headers.insert(CONNECTION, HeaderValue::from_static("close"));
        if self == Self::ContentEncoding {
            headers.insert(ACCEPT_ENCODING, HeaderValue::from_static("identity"));
        }
        answer.map(Body::Bytes)
    }
}

fn contradiction(name: &str, language: Language) -> Problem {
    let detail = language.texts().call.header_twice.with(name);
    Problem::of("malformed-request", language).detail(detail)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(version: Version, headers: &[(&str, &str)]) -> Result<Framing, Fault> {
        let mut request = Request::builder().version(version);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        framing(&request.body(()).unwrap())
    }

    #[test]
    fn every_fault_is_found_and_nothing_else() {
        let (old, new) = (Version::HTTP_10, Version::HTTP_11);
        let host = ("host", "example.org:8080");
        assert_eq!(of(new, &[host]), Ok(Framing::Sized));
        assert_eq!(of(new, &[("host", "")]), Ok(Framing::Sized));
        assert_eq!(of(old, &[]), Ok(Framing::Sized));
        assert_eq!(of(new, &[]), Err(Fault::Host));
        assert_eq!(of(new, &[host, host]), Err(Fault::Host));
        assert_eq!(of(old, &[host, host]), Err(Fault::Host));
        for odd in ["a b", "a,b", "user@a", "a/b"] {
            assert_eq!(of(new, &[("host", odd)]), Err(Fault::Host), "{odd}");
        }
        let chunked = ("transfer-encoding", "Chunked");
        assert_eq!(of(new, &[host, chunked]), Ok(Framing::Chunked));
        assert_eq!(of(new, &[chunked, host]), Ok(Framing::Chunked));
        for odd in ["gzip, chunked", "identity", "chunked, chunked"] {
            let found = of(new, &[host, ("transfer-encoding", odd)]);
            assert_eq!(found, Err(Fault::TransferEncoding), "{odd}");
        }
        assert_eq!(of(new, &[host, ("content-encoding", "identity")]), Ok(Framing::Sized));
        for name in ["content-type", "authorization"] {
            let twice = of(new, &[host, (name, "a"), (name, "a")]);
            assert_eq!(twice, Ok(Framing::Sized), "{name}: both say the same");
            let found = of(new, &[(name, "a"), host, (name, "b")]);
            assert!(matches!(found, Err(Fault::Contradiction(_))), "{name}: {found:?}");
        }
        let packed = of(new, &[host, ("content-encoding", "gzip")]);
        assert_eq!(packed, Err(Fault::ContentEncoding));
    }
}
