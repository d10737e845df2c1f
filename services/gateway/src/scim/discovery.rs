//! What this service can do and what resources look like (RFC 7644 section 4): exactly what is supported.

use http::{Method, StatusCode};
use serde_json::{Value, json};

use super::error::{Answer, ScimError};
use super::schema::{Definition, Extension, Form, Mutability, ResourceType, TYPES};
use super::{Asked, json};

/// The most resources on one page.
pub(super) const PAGE_MAX: i64 = 1_000;

/// Answers a question about the service itself.
pub(super) fn answer(base: &str, asked: &Asked) -> Answer {
    if asked.method != Method::GET {
        return Err(ScimError::wrong_method());
    }
    let steps: Vec<&str> = asked.path.iter().map(String::as_str).collect();
    match steps.as_slice() {
        ["ServiceProviderConfig"] => Ok(json(StatusCode::OK, &config(base))),
        ["ResourceTypes"] => all(asked, TYPES.iter().map(|one| resource_type(base, one)).collect()),
        ["ResourceTypes", name] => {
            let found = TYPES.iter().find(|one| one.name == *name).ok_or_else(ScimError::no_place)?;
            Ok(json(StatusCode::OK, &resource_type(base, found)))
        }
        ["Schemas"] => all(asked, schemas(base)),
        ["Schemas", urn] => {
            let mut schemas = schemas(base).into_iter();
            let found = schemas.find(|schema| schema.get("id").and_then(Value::as_str) == Some(urn));
            Ok(json(StatusCode::OK, &found.ok_or_else(ScimError::no_place)?))
        }
        _ => Err(ScimError::no_place()),
    }
}

fn all(asked: &Asked, resources: Vec<Value>) -> Answer {
    if asked.parameter("filter").is_some() {
        return Err(ScimError::no_filter_here());
    }
    let total = i64::try_from(resources.len()).unwrap_or(i64::MAX);
    Ok(json(StatusCode::OK, &list(total, 1, resources)))
}

/// A list of resources (RFC 7644 section 3.4.2).
pub(super) fn list(total: i64, start: i64, resources: Vec<Value>) -> Value {
    json!({
        "schemas": ["urn:ietf:params:scim:api:messages:2.0:ListResponse"],
        "totalResults": total,
        "startIndex": start,
        "itemsPerPage": resources.len(),
        "Resources": resources,
    })
}

fn meta(base: &str, kind: &str, place: &str) -> Value {
    json!({ "resourceType": kind, "location": format!("{base}/{place}") })
}

fn config(base: &str) -> Value {
    json!({
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig"],
        "patch": { "supported": true },
        "bulk": { "supported": false, "maxOperations": 0, "maxPayloadSize": 0 },
        "filter": { "supported": true, "maxResults": PAGE_MAX },
        "changePassword": { "supported": false },
        "sort": { "supported": true },
        "etag": { "supported": true },
        "authenticationSchemes": [{
            "type": "oauthbearertoken",
            "name": "Bearer token",
            "description": "A token that an administrator of the company issued for this directory.",
            "specUri": "https://www.rfc-editor.org/info/rfc6750",
            "primary": true,
        }],
        "meta": meta(base, "ServiceProviderConfig", "ServiceProviderConfig"),
    })
}

fn advertised(resource: &ResourceType) -> impl Iterator<Item = &'static Extension> {
    resource.extensions.iter().filter(|extension| extension.advertised)
}

fn resource_type(base: &str, resource: &ResourceType) -> Value {
    let extensions: Vec<Value> =
        advertised(resource).map(|extension| json!({ "schema": extension.urn, "required": false })).collect();
    json!({
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:ResourceType"],
        "id": resource.name,
        "name": resource.name,
        "endpoint": format!("/{}", resource.endpoint),
        "description": format!("{}s of the company, as its IdP has them.", resource.name),
        "schema": resource.urn,
        "schemaExtensions": extensions,
        "meta": meta(base, "ResourceType", &format!("ResourceTypes/{}", resource.name)),
    })
}

fn schemas(base: &str) -> Vec<Value> {
    let mut schemas = Vec::new();
    for resource in &TYPES {
        schemas.push(schema(base, resource.urn, resource.name, resource.attributes));
        let extensions = advertised(resource);
        schemas.extend(extensions.map(|one| schema(base, one.urn, one.name, one.attributes)));
    }
    schemas
}

fn schema(base: &str, urn: &str, name: &str, attributes: &[Definition]) -> Value {
    json!({
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:Schema"],
        "id": urn,
        "name": name,
        "description": format!("What can be said of a {name}."),
        "attributes": attributes.iter().map(attribute).collect::<Vec<_>>(),
        "meta": meta(base, "Schema", &format!("Schemas/{urn}")),
    })
}

fn attribute(definition: &Definition) -> Value {
    let form = match definition.form {
        Form::Text => "string",
        Form::Truth => "boolean",
        Form::Whole => "integer",
        Form::Moment => "dateTime",
        Form::Reference => "reference",
        Form::Complex => "complex",
    };
    let mutability = match definition.mutability {
        Mutability::ReadWrite => "readWrite",
        Mutability::ReadOnly => "readOnly",
        Mutability::Immutable => "immutable",
    };
    let mut said = json!({
        "name": definition.name,
        "type": form,
        "multiValued": definition.several,
        "description": definition.about,
        "required": definition.required,
        "caseExact": definition.case_exact,
        "mutability": mutability,
        "returned": "default",
        "uniqueness": if definition.unique { "server" } else { "none" },
    });
    if let Some(said) = said.as_object_mut() {
        if !definition.canonical.is_empty() {
            said.insert("canonicalValues".to_owned(), definition.canonical.into());
        }
        if !definition.references.is_empty() {
            said.insert("referenceTypes".to_owned(), definition.references.into());
        }
        if !definition.parts.is_empty() {
            let parts: Vec<Value> = definition.parts.iter().map(attribute).collect();
            said.insert("subAttributes".to_owned(), parts.into());
        }
    }
    said
}
