//! A request for any RPC, made from its descriptor: every field filled, ids by what they are ids of.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicU64, Ordering};

use prost::Message;
use prost_reflect::{DynamicMessage, FieldDescriptor, Kind, MessageDescriptor, MethodDescriptor, Value};

/// What a field names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Slot {
    Person,
    Group,
    Post,
    Comment,
    Session,
    Passkey,
    Client,
    Invoice,
    Directory,
    SyncRun,
    /// A company's address.
    Company,
}

/// The things a request names.
pub(super) fn slots(method: &MethodDescriptor) -> BTreeSet<Slot> {
    let mut found = BTreeSet::new();
    collect(&method.input(), &mut Vec::new(), &mut found);
    found
}

/// `around` are the messages this one stands in: one that may hold itself is not filled a second time.
fn collect(message: &MessageDescriptor, around: &mut Vec<MessageDescriptor>, found: &mut BTreeSet<Slot>) {
    around.push(message.clone());
    for field in message.fields().filter(is_filled) {
        match field.kind() {
            Kind::Message(inner) if inner.full_name().starts_with("google.") || around.contains(&inner) => {}
            Kind::Message(inner) => collect(&inner, around, found),
            Kind::String => found.extend(slot(&field)),
            _ => {}
        }
    }
    around.pop();
}

/// The request in bytes; `id` says which thing a slot names.
pub(super) fn request(method: &MethodDescriptor, id: &dyn Fn(Slot) -> String) -> Vec<u8> {
    fill(&method.input(), &mut Vec::new(), id).encode_to_vec()
}

fn fill(
    message: &MessageDescriptor,
    around: &mut Vec<MessageDescriptor>,
    id: &dyn Fn(Slot) -> String,
) -> DynamicMessage {
    around.push(message.clone());
    let mut filled = DynamicMessage::new(message.clone());
    for field in message.fields().filter(is_filled) {
        let value = match field.kind() {
            Kind::String => Value::String(slot(&field).map_or_else(|| word(&field), id)),
            Kind::Enum(_) => Value::EnumNumber(1),
            Kind::Message(inner) if around.contains(&inner) => continue,
            Kind::Message(inner) => Value::Message(fill(&inner, around, id)),
            _ => continue,
        };
        let value = if field.is_list() { Value::List(vec![value]) } else { value };
        filled.set_field(&field, value);
    }
    around.pop();
    filled
}

/// Not filled: maps, times, page tokens, and all but the first of several alternatives.
fn is_filled(field: &FieldDescriptor) -> bool {
    let first = |oneof: prost_reflect::OneofDescriptor| oneof.fields().next().is_some_and(|first| first == *field);
    let time = matches!(field.kind(), Kind::Message(inner) if inner.full_name() == "google.protobuf.Timestamp");
    !field.is_map() && !time && field.name() != "page_token" && field.containing_oneof().is_none_or(first)
}

fn slot(field: &FieldDescriptor) -> Option<Slot> {
    let message = field.parent_message();
    let found = match (message.name(), field.name()) {
        (_, "person_id" | "person_ids" | "owner_person_id")
        | ("GetPersonRequest", "id")
        | ("BatchGetPeopleRequest", "ids") => Slot::Person,
        (_, "group_id") | ("GetGroupRequest" | "Group", "id") => Slot::Group,
        (_, "post_id") | ("GetPostRequest", "id") => Slot::Post,
        (_, "parent_id") => Slot::Comment,
        ("EndSessionRequest", "id") | (_, "session_ids") => Slot::Session,
        (_, "passkey_id") => Slot::Passkey,
        (_, "client_id") => Slot::Client,
        ("GetInvoiceRequest", "number") => Slot::Invoice,
        (_, "directory_name") | ("CheckDirectoryRequest", "name") => Slot::Directory,
        ("UndoSyncRunRequest", "sync_run_id") => Slot::SyncRun,
        (_, "company_address" | "company_addresses") => Slot::Company,
        ("GetTenantRequest" | "IssueCallerTokenRequest", "name") => Slot::Company,
        (named, "id" | "ids") => panic!("{named}: say here what its id is an id of"),
        (_, name) if name.ends_with("_ids") => panic!("{name}: say here what these are ids of"),
        _ => return None,
    };
    Some(found)
}

/// Text that fits a field which names nothing.
fn word(field: &FieldDescriptor) -> String {
    static REQUESTS: AtomicU64 = AtomicU64::new(0);
    match field.name() {
        "request_id" => format!("request-{}", REQUESTS.fetch_add(1, Ordering::Relaxed)),
        "period" => "2026-01".to_owned(),
        "paths" => "purpose".to_owned(),
        "approved_change_set_id" => String::new(),
        // For area coordinators only.
        "area_group" => String::new(),
        "query" => String::new(),
        _ => "words".to_owned(),
    }
}
