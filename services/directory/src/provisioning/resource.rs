//! Users and groups as an IdP wants them: reading, writing, deleting.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, SecondsFormat, Utc};
use freehold_proto::directory::v1 as pb;
use freehold_tenancy::TenantTx;
use freehold_types::{Caller, DirectoryId, Fault, Kind as FaultKind, Party, Reason, Violation};
use prost::Message as _;
use uuid::Uuid;

use super::document::{self, Document, complex_value, text_value};
use super::patch;
use crate::{Deps, fault, store};

/// The largest document without members, in bytes.
const DOCUMENT_BYTES_MAX: usize = 1024 * 1024;
/// How many members a group may have.
const MEMBERS_MAX: usize = 100_000;
/// How many operations a patch may have.
const OPERATIONS_MAX: usize = 1_000;
/// What is ours to say, whatever an IdP says.
const OURS: [&str; 3] = ["id", "meta", "groups"];
/// The attribute that lists who is in a group.
const MEMBERS: &str = "members";

/// What a resource is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    User,
    Group,
}

impl Kind {
    /// The attribute by which it is unique.
    pub(crate) const fn name_attribute(self) -> &'static str {
        match self {
            Self::User => "userName",
            Self::Group => "displayName",
        }
    }

    /// As RFC 7643 section 6 calls it.
    pub(crate) const fn type_name(self) -> &'static str {
        match self {
            Self::User => "User",
            Self::Group => "Group",
        }
    }
}

/// A resource as it is stored, without a group's members.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Stored {
    pub id: Uuid,
    pub kind: Kind,
    pub version: i64,
    /// Deleted, and the sync has not seen it yet.
    pub gone: bool,
    pub document: Document,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
}

impl Stored {
    /// The name by which it is unique.
    pub(crate) fn name(&self) -> &str {
        document::text(&self.document.attributes, &[self.kind.name_attribute()])
    }
}

/// A resource with everything that is read with it.
#[derive(Debug, Clone)]
pub(crate) struct Shown {
    pub stored: Stored,
    /// The document, and what is ours to say.
    pub attributes: Vec<pb::Attribute>,
}

/// Which resource, and which version it must be.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Target {
    pub kind: Kind,
    pub id: Uuid,
    /// 0 for any.
    pub expected_version: i64,
}

/// The directory that a provisioner may see.
///
/// # Errors
/// Forbidden for everybody else.
pub(crate) fn directory_of(caller: &Caller) -> Result<DirectoryId, Fault> {
    match caller.party {
        Party::Provisioner { directory } => Ok(directory),
        Party::Person { .. } | Party::Service(_) | Party::Client { .. } | Party::Operator => {
            Err(Fault::new(FaultKind::Forbidden, Reason::NotAllowed, "only a provisioning token may do this"))
        }
    }
}

/// One resource.
pub(crate) async fn get(deps: &Deps, caller: &Caller, target: Target, members: bool) -> Result<Shown, Fault> {
    let directory = directory_of(caller)?;
    let tx = deps.tenancy.begin(caller).await?;
    let stored = must_find(&tx, directory, target).await?;
    let shown = show(&tx, directory, vec![stored], members).await?;
    shown.into_iter().next().ok_or_else(|| fault::resource_not_found(target.id))
}

async fn must_find(tx: &TenantTx, directory: DirectoryId, target: Target) -> Result<Stored, Fault> {
    let found = store::scim_resource::find(tx, directory, target.kind, target.id).await?;
    let found = found.ok_or_else(|| fault::resource_not_found(target.id))?;
    if target.expected_version == 0 || target.expected_version == found.version {
        Ok(found)
    } else {
        Err(fault::resource_changed(target.id, found.version))
    }
}

/// Creates a resource.
pub(crate) async fn create(
    deps: &Deps,
    caller: &Caller,
    kind: Kind,
    attributes: Vec<pb::Attribute>,
) -> Result<Shown, Fault> {
    let directory = directory_of(caller)?;
    let tx = deps.tenancy.begin(caller).await?;
    let (document, members) = split(attributes)?;
    let now = tx.mint().now();
    let id: freehold_types::PersonId = tx.mint().id();
    let stored = Stored { id: id.uuid(), kind, version: 1, gone: false, document, created_at: now, updated_at: now };
    check(&tx, directory, &stored).await?;
    store::scim_resource::insert(&tx, directory, &stored).await?;
    set_members(&tx, directory, &stored, &BTreeSet::new(), &members).await?;
    finish(tx, directory, stored, true).await
}

/// Puts a resource in the place of a known one.
pub(crate) async fn replace(
    deps: &Deps,
    caller: &Caller,
    target: Target,
    attributes: Vec<pb::Attribute>,
) -> Result<Shown, Fault> {
    let directory = directory_of(caller)?;
    let tx = deps.tenancy.begin(caller).await?;
    let old = must_find(&tx, directory, target).await?;
    let known = member_ids(&tx, &old).await?;
    write(tx, directory, old, &known, attributes, true).await
}

/// Changes some attributes: all operations or none.
pub(crate) async fn change(
    deps: &Deps,
    caller: &Caller,
    target: Target,
    operations: &[pb::PatchOperation],
    members: bool,
) -> Result<Shown, Fault> {
    if operations.is_empty() || operations.len() > OPERATIONS_MAX {
        return Err(invalid("operations", &format!("needs 1 to {OPERATIONS_MAX} operations")));
    }
    let directory = directory_of(caller)?;
    let tx = deps.tenancy.begin(caller).await?;
    let old = must_find(&tx, directory, target).await?;
    let known = member_ids(&tx, &old).await?;
    let mut attributes = old.document.attributes.clone();
    if !known.is_empty() {
        let values = known.iter().map(|id| complex_value(&[("value", &id.to_string())])).collect();
        attributes.push(pb::Attribute { name: MEMBERS.to_owned(), several: true, values });
    }
    for operation in operations {
        patch::apply(&mut attributes, operation)?;
    }
    write(tx, directory, old, &known, attributes, members).await
}

async fn write(
    tx: TenantTx,
    directory: DirectoryId,
    old: Stored,
    known: &BTreeSet<Uuid>,
    attributes: Vec<pb::Attribute>,
    members: bool,
) -> Result<Shown, Fault> {
    let (document, wanted) = split(attributes)?;
    if document == old.document && wanted == *known {
        return finish(tx, directory, old, members).await;
    }
    let now = tx.mint().now();
    let new = Stored { version: old.version.saturating_add(1), document, updated_at: now, ..old };
    check(&tx, directory, &new).await?;
    store::scim_resource::update(&tx, &new).await?;
    set_members(&tx, directory, &new, known, &wanted).await?;
    finish(tx, directory, new, members).await
}

async fn finish(tx: TenantTx, directory: DirectoryId, stored: Stored, members: bool) -> Result<Shown, Fault> {
    let id = stored.id;
    let shown = show(&tx, directory, vec![stored], members).await?;
    tx.commit().await?;
    shown.into_iter().next().ok_or_else(|| fault::resource_not_found(id))
}

/// Takes a resource out of the directory, and out of every group.
pub(crate) async fn delete(deps: &Deps, caller: &Caller, target: Target) -> Result<(), Fault> {
    let directory = directory_of(caller)?;
    let tx = deps.tenancy.begin(caller).await?;
    let old = must_find(&tx, directory, target).await?;
    let listed_in: Vec<Uuid> =
        store::scim_member::of_members(&tx, &[old.id]).await?.into_iter().map(|(group, _member)| group).collect();
    store::scim_member::forget(&tx, old.id).await?;
    store::scim_resource::touch(&tx, &listed_in).await?;
    let now = tx.mint().now();
    let gone = Stored {
        version: old.version.saturating_add(1),
        gone: true,
        document: Document::default(),
        updated_at: now,
        ..old
    };
    store::scim_resource::update(&tx, &gone).await?;
    tx.commit().await
}

/// Takes the members out of the attributes, and drops what is ours to say.
fn split(attributes: Vec<pb::Attribute>) -> Result<(Document, BTreeSet<Uuid>), Fault> {
    let mut members = BTreeSet::new();
    let mut kept = Vec::with_capacity(attributes.len());
    for attribute in attributes {
        if attribute.name == MEMBERS {
            for value in &attribute.values {
                let id = document::text(document::inside(value), &["value"]);
                let id = Uuid::try_parse(id).map_err(|_malformed| invalid(MEMBERS, &no_such_member(id)))?;
                members.insert(id);
            }
        } else if !OURS.contains(&attribute.name.as_str()) && !attribute.values.is_empty() {
            kept.push(attribute);
        }
    }
    if members.len() > MEMBERS_MAX {
        return Err(too_large(&format!("a group has at most {MEMBERS_MAX} members")));
    }
    let document = Document { attributes: kept };
    if document.encoded_len() > DOCUMENT_BYTES_MAX {
        return Err(too_large("a resource has at most 1 MiB without its members"));
    }
    Ok((document, members))
}

/// Refuses a resource without a name, and one whose name another one has.
async fn check(tx: &TenantTx, directory: DirectoryId, stored: &Stored) -> Result<(), Fault> {
    let name = stored.name();
    if name.trim().is_empty() {
        return Err(invalid(stored.kind.name_attribute(), "is required"));
    }
    let known = store::scim_resource::Known::Name(name);
    let others = store::scim_resource::known_by(tx, directory, stored.kind, &known).await?;
    if others.iter().any(|other| other.id != stored.id) {
        return Err(fault::resource_exists(stored.kind));
    }
    Ok(())
}

async fn member_ids(tx: &TenantTx, stored: &Stored) -> Result<BTreeSet<Uuid>, Fault> {
    match stored.kind {
        Kind::User => Ok(BTreeSet::new()),
        Kind::Group => {
            let edges = store::scim_member::of_groups(tx, &[stored.id]).await?;
            Ok(edges.into_iter().map(|(_group, member)| member).collect())
        }
    }
}

async fn set_members(
    tx: &TenantTx,
    directory: DirectoryId,
    stored: &Stored,
    known: &BTreeSet<Uuid>,
    wanted: &BTreeSet<Uuid>,
) -> Result<(), Fault> {
    if stored.kind == Kind::User {
        return if wanted.is_empty() { Ok(()) } else { Err(invalid(MEMBERS, "only a group has members")) };
    }
    let added: Vec<Uuid> = wanted.difference(known).copied().collect();
    let there = store::scim_resource::kinds(tx, directory, &added).await?;
    if let Some(unknown) = added.iter().find(|id| !there.contains_key(id)) {
        return Err(invalid(MEMBERS, &no_such_member(&unknown.to_string())));
    }
    let removed: Vec<Uuid> = known.difference(wanted).copied().collect();
    store::scim_member::remove(tx, stored.id, &removed).await?;
    store::scim_member::add(tx, stored.id, &added).await
}

/// Adds what is ours to say: the id, the times, and who is in which group.
pub(crate) async fn show(
    tx: &TenantTx,
    directory: DirectoryId,
    resources: Vec<Stored>,
    members: bool,
) -> Result<Vec<Shown>, Fault> {
    let users: Vec<Uuid> = resources.iter().filter(|one| one.kind == Kind::User).map(|one| one.id).collect();
    let groups: Vec<Uuid> = resources.iter().filter(|one| one.kind == Kind::Group).map(|one| one.id).collect();
    let mut listed = BTreeMap::<Uuid, Vec<pb::AttributeValue>>::new();
    for (group, member) in store::scim_member::of_members(tx, &users).await? {
        let value = complex_value(&[("value", &group.to_string()), ("type", "direct")]);
        listed.entry(member).or_default().push(value);
    }
    if members {
        let edges = store::scim_member::of_groups(tx, &groups).await?;
        let ids: BTreeSet<Uuid> = edges.iter().map(|(_group, member)| *member).collect();
        let kinds = store::scim_resource::kinds(tx, directory, &ids.into_iter().collect::<Vec<_>>()).await?;
        for (group, member) in edges {
            let kind = kinds.get(&member).copied().unwrap_or(Kind::User);
            let value = complex_value(&[("value", &member.to_string()), ("type", kind.type_name())]);
            listed.entry(group).or_default().push(value);
        }
    }
    let shown = resources.into_iter().map(|stored| {
        let mut attributes = vec![
            pb::Attribute { name: "id".to_owned(), several: false, values: vec![text_value(stored.id.to_string())] },
            pb::Attribute {
                name: "meta".to_owned(),
                several: false,
                values: vec![complex_value(&[
                    ("resourceType", stored.kind.type_name()),
                    ("created", &moment(stored.created_at)),
                    ("lastModified", &moment(stored.updated_at)),
                ])],
            },
        ];
        attributes.extend(stored.document.attributes.iter().cloned());
        if let Some(values) = listed.remove(&stored.id) {
            let name = if stored.kind == Kind::User { "groups" } else { MEMBERS };
            attributes.push(pb::Attribute { name: name.to_owned(), several: true, values });
        }
        Shown { stored, attributes }
    });
    Ok(shown.collect())
}

/// A moment in the one form in which moments can be compared as texts.
fn moment(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Micros, true)
}

fn no_such_member(id: &str) -> String {
    format!("there is no user and no group {id:?}")
}

fn invalid(field: &str, message: &str) -> Fault {
    Fault::invalid(vec![Violation { field: field.to_owned(), message: message.to_owned() }])
}

fn too_large(message: &str) -> Fault {
    Fault::new(FaultKind::Invalid, Reason::TooLarge, message)
}
