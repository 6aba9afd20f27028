//! The refusals that any call may give, added to the description of each.
//!
//! Owns: what every call has in common. Never: replaces what a call says about itself.
//! Invariants: afterwards every answer of 400 and above is said to be a problem document.

use utoipa::openapi::path::{HttpMethod, Operation};
use utoipa::openapi::response::{Response, ResponseBuilder};
use utoipa::openapi::security::SecurityRequirement;
use utoipa::openapi::{Content, OpenApi, Ref, RefOr};

/// The media type of problem documents.
const PROBLEM: &str = "application/problem+json";

/// Adds to every call what it may be refused with whatever it does.
pub(super) fn complete(document: &mut OpenApi) {
    for (path, item) in &mut document.paths.paths {
        let of_operators = path.starts_with("/v1/operator/");
        let calls = [
            (HttpMethod::Get, &mut item.get),
            (HttpMethod::Post, &mut item.post),
            (HttpMethod::Delete, &mut item.delete),
        ];
        for (_, call) in calls {
            if let Some(call) = call {
                complete_call(call, path.starts_with("/v1/"), of_operators);
            }
        }
        let others = [&item.put, &item.options, &item.head, &item.patch, &item.trace];
        assert!(others.iter().all(|call| call.is_none()), "{path} has a method we do not complete");
    }
}

fn complete_call(call: &mut Operation, is_versioned: bool, of_operators: bool) {
    let mut refusals = vec![("400", "Not readable: `malformed-request`, `invalid-host`, …")];
    if is_versioned {
        refusals.push(("503", "Not taken just now; come again after `Retry-After`."));
    }
    if call.request_body.is_some() {
        refusals.push(("408", "`body-too-slow`."));
        refusals.push(("413", "`body-too-large`."));
        if !of_operators {
            refusals.push(("415", "`unsupported-media-type`, `unsupported-content-encoding`."));
        }
    }
    if of_operators {
        refusals.push(("401", "`token-missing`, or `token-refused`."));
        refusals.push(("403", "`role-not-allowed`."));
        let token = SecurityRequirement::new::<_, [&str; 0], &str>("token", []);
        call.security.get_or_insert_default().push(token);
    }
    let responses = &mut call.responses.responses;
    for (status, description) in refusals {
        responses
            .entry(status.to_owned())
            .or_insert_with(|| RefOr::T(ResponseBuilder::new().description(description).build()));
    }
    for (status, response) in responses {
        if let RefOr::T(response) = response
            && "400" <= status.as_str()
            && response.content.is_empty()
        {
            say_problem(response);
        }
    }
}

fn say_problem(response: &mut Response) {
    let problem = Content::new(Some(Ref::from_schema_name("Problem")));
    response.content.insert(PROBLEM.to_owned(), problem.into());
}
