use freehold_proto::directory::v1 as pb;
use freehold_proto::directory::v1::PatchVerb;
use freehold_proto::directory::v1::attribute_value::Value as Sent;
use serde_json::{Value, json};

use super::super::error::ScimError;
use super::super::schema::TYPES;
use super::operations;

fn read(operations_sent: Value) -> Result<Vec<pb::PatchOperation>, ScimError> {
    let Value::Object(body) = json!({ "Operations": operations_sent }) else { unreachable!() };
    operations(&TYPES[0], &body)
}

fn attribute(operation: &pb::PatchOperation) -> &pb::Attribute {
    operation.attribute.as_ref().unwrap()
}

#[test]
fn the_habits_of_entra_are_understood() {
    let read = read(json!([
        { "op": "Replace", "path": "active", "value": "False" },
        { "op": "Add", "path": "emails[type eq \"work\"].value", "value": "a@b.example" },
        { "op": "Add", "path": "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager", "value": "1" },
        { "op": "Replace", "value": { "name.givenName": "A", "displayName": "B", "id": "x", "unknown": 1,
            "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department": "D" } },
    ]))
    .unwrap();
    assert_eq!(attribute(&read[0]).values[0].value, Some(Sent::Truth(false)));
    assert_eq!((attribute(&read[1]).name.as_str(), read[1].sub_attribute.as_str()), ("emails", "value"));
    assert!(read[1].elements.is_some());
    assert!(matches!(attribute(&read[2]).values[0].value, Some(Sent::Complex(_))));
    assert_eq!(read[2].container.len(), 1);
    let mut rest: Vec<&str> = read[3..].iter().map(|operation| attribute(operation).name.as_str()).collect();
    rest.sort_unstable();
    assert_eq!(rest, ["department", "displayName", "name"]);
}

#[test]
fn an_extension_can_be_sent_and_removed_as_a_whole() {
    let urn = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";
    let sent = read(json!([{ "op": "add", "value": { urn: { "department": "D", "division": null } } }])).unwrap();
    let verbs: Vec<PatchVerb> = sent.iter().map(pb::PatchOperation::verb).collect();
    assert_eq!(verbs, [PatchVerb::Remove, PatchVerb::Add]);
    let removed = read(json!([{ "op": "remove", "path": urn }])).unwrap();
    assert_eq!((attribute(&removed[0]).name.as_str(), removed[0].container.len()), (urn, 0));
}

#[test]
fn what_cannot_be_done_is_refused() {
    for wrong in [
        json!([{ "op": "move", "path": "title" }]),
        json!([{ "op": "remove" }]),
        json!([{ "op": "replace", "path": "nothing", "value": 1 }]),
        json!([{ "op": "replace", "path": "id", "value": "x" }]),
        json!([{ "op": "replace", "path": "groups", "value": [] }]),
        json!([{ "op": "replace", "path": "title[type eq \"x\"]", "value": "x" }]),
        json!([{ "op": "replace", "path": "active", "value": "maybe" }]),
        json!([{ "op": "add", "value": "x" }]),
        json!([{ "op": "add", "path": 7, "value": "x" }]),
        json!(["x"]),
        json!({}),
    ] {
        assert!(read(wrong.clone()).is_err(), "{wrong}");
    }
}
