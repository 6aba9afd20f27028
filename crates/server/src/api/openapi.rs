//! The API's description: OpenAPI 3.1, made from the code.

use super::{batch, draw_receipt, enter, health, lookup, read, refusals};
use utoipa::OpenApi as _;
use utoipa::openapi::OpenApi;
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityScheme};

/// The whole description: public and operator calls.
#[must_use]
pub fn openapi() -> OpenApi {
    let mut document = Public::openapi();
    document.merge(crate::operator::openapi());
    refusals::complete(&mut document);
    let token = HttpBuilder::new()
        .scheme(HttpAuthScheme::Bearer)
        .description(Some("A token made with `tidegate token create`."))
        .build();
    let components = document.components.get_or_insert_default();
    components.add_security_scheme("token", SecurityScheme::Http(token));
    document
}

#[derive(utoipa::OpenApi)]
#[openapi(
    info(
        title = "Tidegate",
        version = "1",
        description = "Releases scarce things to many people at once: fairly, exactly, durably. \
            Every error is a problem document (RFC 9457) whose `code` never changes and has a \
            page at `/errors/CODE`. A time-out means that the outcome is not known: repeat the \
            request with the same `Idempotency-Key`.",
        license(name = "Apache-2.0", identifier = "Apache-2.0"),
    ),
    tags(
        (name = "Campaigns", description = "What is released, and how it stands."),
        (name = "Entries", description = "People's requests."),
        (name = "Health", description = "For whoever restarts and balances."),
    ),
    paths(
        read::list, read::campaign, read::status,
        enter::enter, batch::enter_batch, lookup::show, lookup::cancel, lookup::find,
        draw_receipt::show,
        draw_receipt::promise,
        health::alive, health::ready,
    )
)]
struct Public;
