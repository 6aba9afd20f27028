//! What a path, a query and a body hold, or a problem document that says why they cannot be read.
//!
//! Owns: the router's extractors and their refusals. Never: lets a framework answer in words of
//! its own, or gives back what was sent.

use crate::body::BodyError;
use crate::language::Language;
use crate::problem::Problem;
use axum::extract::rejection::BytesRejection;
use axum::extract::{FromRequest, FromRequestParts, Request};
use bytes::Bytes;
use http::StatusCode;
use http::request::Parts;
use hyper::body::Body as _;
use serde::de::DeserializeOwned;
use std::error::Error;
use types::limits;

/// The one part of a path that a route leaves open.
pub(crate) struct Segment(pub(crate) String);

/// The parts of a path that a route leaves open, where they are several.
pub(crate) struct Segments<T>(pub(crate) T);

/// What stands behind the `?`.
pub(crate) struct Query<T>(pub(crate) T);

/// A whole body, at most as large as the router's limit.
pub(crate) struct Upload(pub(crate) Bytes);

impl<S: Send + Sync> FromRequestParts<S> for Segment {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let path = axum::extract::Path::<String>::from_request_parts(parts, state).await;
        match path {
            Ok(axum::extract::Path(part)) => Ok(Self(part)),
            Err(_) => Err(Problem::of("malformed-request", Language::of(&parts.headers))),
        }
    }
}

impl<S: Send + Sync, T: DeserializeOwned + Send> FromRequestParts<S> for Segments<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let path = axum::extract::Path::<T>::from_request_parts(parts, state).await;
        match path {
            Ok(axum::extract::Path(parts)) => Ok(Self(parts)),
            Err(_) => Err(Problem::of("malformed-request", Language::of(&parts.headers))),
        }
    }
}

impl<S: Send + Sync, T: DeserializeOwned> FromRequestParts<S> for Query<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        match axum::extract::Query::try_from_uri(&parts.uri) {
            Ok(axum::extract::Query(query)) => Ok(Self(query)),
            Err(_) => Err(Problem::of("malformed-request", Language::of(&parts.headers))),
        }
    }
}

impl<S: Send + Sync> FromRequest<S> for Upload {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        let language = Language::of(request.headers());
        // What is announced need not be taken in first, to be refused.
        if request.body().size_hint().lower() > limits::UPLOAD_BYTES_MAX as u64 {
            return Err(Problem::of("body-too-large", language));
        }
        let body = Bytes::from_request(request, state).await;
        body.map(Self).map_err(|refused| Problem::of(cause(&refused), language))
    }
}

/// Why a body could not be had.
fn cause(refused: &BytesRejection) -> &'static str {
    if refused.status() == StatusCode::PAYLOAD_TOO_LARGE {
        return "body-too-large";
    }
    let mut below = refused.source();
    while let Some(error) = below {
        if let Some(error) = error.downcast_ref::<BodyError>() {
            return error.code();
        }
        below = error.source();
    }
    BodyError::BrokenOff.code()
}

#[cfg(test)]
mod tests {
    use super::Upload;
    use crate::body::BodyError;
    use axum::body::Body;
    use axum::extract::{DefaultBodyLimit, FromRequest as _, Request};
    use axum::routing::post;
    use bytes::Bytes;
    use hyper::body::{Body as HttpBody, Frame};
    use std::pin::Pin;
    use std::task::{Context, Poll};
    use tower::ServiceExt as _;

    /// A body that ends in an error.
    struct Failing(BodyError);

    impl HttpBody for Failing {
        type Data = Bytes;
        type Error = BodyError;

        fn poll_frame(
            self: Pin<&mut Self>,
            _: &mut Context<'_>,
        ) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
            Poll::Ready(Some(Err(self.0)))
        }
    }

    #[tokio::test]
    async fn a_body_that_stalls_or_grows_says_so() {
        for error in [BodyError::TooSlow, BodyError::BrokenOff] {
            let body = Body::new(Failing(error));
            let refused = Upload::from_request(Request::new(body), &()).await.err().unwrap();
            assert_eq!(refused.code, error.code());
        }
        let router = axum::Router::new()
            .route("/", post(|Upload(body): Upload| async move { body }))
            .layer(DefaultBodyLimit::max(4));
        for (size, status) in [(4, 200), (5, 413)] {
            let request = Request::post("/").body(Body::from(vec![b'x'; size])).unwrap();
            let answer = router.clone().oneshot(request).await.unwrap();
            assert_eq!(answer.status().as_u16(), status);
        }
    }
}
