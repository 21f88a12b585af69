//! What each page takes and answers, as an OpenAPI 3.1 document at `/openapi.json`.
//!
//! Built from the route table: a page without a description has no place in it, and the tests
//! over real sockets hold every answer that they get against it, in both directions. Bodies of
//! devices are CBOR; their types stand in the crate `estafette-protocol`, by the names given here.

use std::sync::LazyLock;

use estafette_protocol::FaultCode;
use utoipa::openapi::path::{HttpMethod, Operation, OperationBuilder, PathItem};
use utoipa::openapi::request_body::RequestBodyBuilder;
use utoipa::openapi::schema::{
    ArrayBuilder, KnownFormat, ObjectBuilder, Schema, SchemaFormat, SchemaType, Type,
};
use utoipa::openapi::security::{Http, HttpAuthScheme, SecurityRequirement, SecurityScheme};
use utoipa::openapi::{
    Components, Content, InfoBuilder, OpenApi, PathsBuilder, Ref, RefOr, Required, Response, ResponseBuilder,
};

use crate::problem;
use crate::route::{Caller, Method, ROUTES, Route};

/// The name of the problem document among the schemas.
const PROBLEM: &str = "Problem";
/// The media type of bodies of devices.
const CBOR: &str = "application/cbor";

/// A page in words: what it takes, what it gives, and how it may refuse.
struct Page {
    summary: &'static str,
    /// The protocol's type in the request's body.
    takes: Option<&'static str>,
    /// The status, media type and meaning of success.
    gives: (u16, Option<&'static str>, &'static str),
    /// Statuses of refusals by name; what is wrong with the relay itself is the default.
    refuses: &'static [u16],
}

/// What is known of a page; one that is not known here fails the test of the table.
fn page(path: &str) -> Option<Page> {
    let enrolment = |summary, takes, gives, refuses| Page {
        summary,
        takes: Some(takes),
        gives: (200, Some(CBOR), gives),
        refuses,
    };
    let read = |summary, media, refuses| Page {
        summary,
        takes: None,
        gives: (200, Some(media), "As asked."),
        refuses,
    };
    Some(match path {
        "/v1/exchange" => Page {
            summary: "Carries a device’s requests and brings what is new, in one round trip.",
            takes: Some("ExchangeRequest"),
            gives: (200, Some(CBOR), "CBOR of an `ExchangeResponse`."),
            refuses: &[400, 401, 403, 409, 413, 415, 429],
        },
        "/v1/socket" => Page {
            summary: "Opens a WebSocket: each binary message is CBOR of a `Request` or of a `Message`.",
            takes: None,
            gives: (101, None, "The socket is open."),
            refuses: &[400, 401, 403, 429],
        },
        "/v1/enrol/begin" => enrolment(
            "Starts an enrolment with a ticket’s claim.",
            "BeginRequest",
            "CBOR of a `BeginResponse`.",
            &[400, 403, 409, 410, 413, 415, 429],
        ),
        "/v1/enrol/complete" => enrolment(
            "Completes an enrolment with keys and evidence.",
            "CompleteRequest",
            "CBOR of an `EnrolmentState`.",
            &[400, 401, 403, 409, 410, 413, 415, 422, 429],
        ),
        "/v1/enrol/status" => enrolment(
            "Says where an enrolment stands.",
            "BeginRequest",
            "CBOR of an `EnrolmentState`.",
            &[400, 403, 404, 413, 415, 429],
        ),
        "/v1/found" => enrolment(
            "Founds an organisation, or appoints an administrator’s computer by the organisation’s key.",
            "FoundRequest",
            "CBOR of an `EnrolmentState`.",
            &[400, 401, 403, 409, 413, 415, 429],
        ),
        "/healthz" => read("The process runs.", "text/plain; charset=utf-8", &[]),
        "/readyz" => read("The relay can do its work.", "text/plain; charset=utf-8", &[]),
        "/openapi.json" => read("This document.", "application/json", &[]),
        _ => return None,
    })
}

static DOCUMENT: LazyLock<String> = LazyLock::new(|| build().to_json().unwrap_or_default());

/// The document, as JSON.
pub fn document() -> &'static str {
    &DOCUMENT
}

fn build() -> OpenApi {
    let mut paths = PathsBuilder::new();
    for route in ROUTES {
        if let Some(page) = page(route.path) {
            let method = match route.method {
                Method::Get => HttpMethod::Get,
                Method::Post => HttpMethod::Post,
            };
            paths = paths.path(route.path, PathItem::new(method, operation(route, &page)));
        }
    }
    let mut components = Components::new();
    components.schemas.insert(PROBLEM.to_owned(), RefOr::T(problem_schema()));
    let bearer = SecurityScheme::Http(Http::new(HttpAuthScheme::Bearer));
    components.add_security_scheme("token", bearer);
    let info = InfoBuilder::new()
        .title("Estafette relay")
        .version(env!("CARGO_PKG_VERSION"))
        .description(Some(
            "Every answer that is not a success is a problem document (RFC 9457), in the language of \
             Accept-Language. Another method than the one described is answered 405, another path 404.",
        ))
        .build();
    let mut document = OpenApi::new(info, paths.build());
    document.components = Some(components);
    document
}

fn operation(route: &Route, page: &Page) -> Operation {
    let mut operation =
        OperationBuilder::new().summary(Some(page.summary)).operation_id(Some(name(route.path)));
    operation = operation.description(Some(match route.caller {
        Caller::Anybody => "For anybody.",
        Caller::Ticket => "For whoever knows a ticket’s secret, which stands in the body.",
        Caller::SignedRequest => "For a device in force, by the ES256 signature in the body.",
        Caller::Token => "For a device in force, by the token that this very connection was given.",
    }));
    if route.caller == Caller::Token {
        operation = operation.security(SecurityRequirement::new("token", Vec::<String>::new()));
    }
    if let Some(takes) = page.takes {
        let body = RequestBodyBuilder::new()
            .content(CBOR, Content::new(Some(cbor(takes))))
            .description(Some(format!("CBOR of a `{takes}`.")))
            .required(Some(Required::True));
        operation = operation.request_body(Some(body.build()));
    }
    let (status, media, meaning) = page.gives;
    let mut success = ResponseBuilder::new().description(meaning);
    if let Some(media) = media {
        let content = match media {
            CBOR => cbor(meaning),
            "application/json" => ObjectBuilder::new().build().into(),
            _ => ObjectBuilder::new().schema_type(SchemaType::Type(Type::String)).build().into(),
        };
        success = success.content(media, Content::new(Some(content)));
    }
    operation = operation.response(status.to_string(), success.build());
    for status in page.refuses {
        operation = operation.response(status.to_string(), refusal(&codes(*status)));
    }
    let own = "Something is wrong with the relay itself, or it is being stopped: come again.";
    operation.response("default", refusal(own)).build()
}

/// The name of an operation: the path without its version.
fn name(path: &str) -> String {
    path.trim_start_matches("/v1").trim_matches('/').replace(['/', '.'], "_")
}

/// The fault codes that have a status.
fn codes(status: u16) -> String {
    let codes = FaultCode::ALL.iter().filter(|code| code.status() == status).map(|code| code.as_str());
    format!("One of: {}.", codes.collect::<Vec<_>>().join(", "))
}

fn refusal(description: &str) -> Response {
    let content = Content::new(Some(Ref::from_schema_name(PROBLEM)));
    ResponseBuilder::new().description(description).content(problem::MEDIA_TYPE, content).build()
}

/// CBOR is bytes to JSON Schema; the words say which type of the protocol they are.
fn cbor(description: &str) -> Schema {
    ObjectBuilder::new()
        .schema_type(SchemaType::Type(Type::String))
        .format(Some(SchemaFormat::KnownFormat(KnownFormat::Binary)))
        .description(Some(description))
        .build()
        .into()
}

/// The problem document; the fields are those of `problem.rs`, and a test compares them.
fn problem_schema() -> Schema {
    let text = |description: &str| {
        ObjectBuilder::new().schema_type(SchemaType::Type(Type::String)).description(Some(description))
    };
    let number = |description: &str| {
        ObjectBuilder::new().schema_type(SchemaType::Type(Type::Integer)).description(Some(description))
    };
    let codes = FaultCode::ALL.iter().map(|code| code.as_str());
    let reasons = ArrayBuilder::new().items(text("A check that failed.").build());
    ObjectBuilder::new()
        .property("type", text("urn:estafette:fault:<code>"))
        .property("title", text("What happened, for people."))
        .property("status", number("The HTTP status."))
        .property("detail", text("What happened and what to do, for people."))
        .property("code", text("Stable for ever.").enum_values(Some(codes)))
        .property("number", number("What the code defines: a last number, a limit, seconds to wait."))
        .property("reopens_at", number("When hours reopen, Unix milliseconds."))
        .property("reasons", reasons)
        .property("hash", text("What the code defines, in hexadecimal digits."))
        .required("type")
        .required("title")
        .required("status")
        .required("detail")
        .required("code")
        .build()
        .into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_page_of_the_table_is_described_and_no_other() {
        let document: serde_json::Value = serde_json::from_str(document()).unwrap();
        assert_eq!(document["openapi"], "3.1.0");
        let described: Vec<&String> = document["paths"].as_object().unwrap().keys().collect();
        let mut table: Vec<&str> = ROUTES.iter().map(|route| route.path).collect();
        table.sort_unstable();
        assert_eq!(described, table);
        for route in ROUTES {
            let method = if route.method == Method::Get { "get" } else { "post" };
            let operation = &document["paths"][route.path][method];
            let body = &operation["requestBody"]["content"][CBOR];
            assert_eq!(body.is_object(), route.method == Method::Post, "{}", route.path);
            assert!(operation["responses"]["default"].is_object(), "{}", route.path);
        }
    }
}
