//! Memberships by hand: joining, leaving, adding, removing; and the list of members, however they came in.

use chrono::{DateTime, Utc};
use freehold_proto::directory::v1::{BatchGetPeopleRequest, PersonState};
use freehold_tenancy::TenantTx;
use freehold_types::access::Action;
use freehold_types::{Caller, Fault, GroupId, PageSize, PersonId};

use crate::group::{self, View};
use crate::position::{AfterMember, Position as _};
use crate::seat::{self, GroupSeat};
use crate::{Deps, fault, store};

/// What a member is in a group.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Role {
    /// A member.
    Member,
    /// A member who looks after the group.
    Administrator,
}

/// A person in a group.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Member {
    pub(crate) person: PersonId,
    pub(crate) role: Role,
    /// Whether a rule put the person there; they may be there by hand as well.
    pub(crate) by_rule: bool,
    pub(crate) joined_at: DateTime<Utc>,
}

/// Makes the caller a member. Who is one already gets the same answer, so a repeated request does no harm.
pub(crate) async fn join(deps: &Deps, caller: &Caller, id: GroupId) -> Result<View, Fault> {
    let tx = deps.tenancy.begin(caller).await?;
    let seen = seat::require(&tx, caller, id, Action::SeeGroup).await?;
    if seen.role().is_none() {
        let seat = seat::require(&tx, caller, id, Action::Join).await?;
        put(&tx, &seat, seat.person(), Role::Member).await?;
    }
    let view = group::view(&tx, seat::require(&tx, caller, id, Action::SeeGroup).await?).await?;
    tx.commit().await?;
    Ok(view)
}

/// Ends the caller's membership.
pub(crate) async fn leave(deps: &Deps, caller: &Caller, id: GroupId) -> Result<(), Fault> {
    let tx = deps.tenancy.begin(caller).await?;
    let seat = seat::require(&tx, caller, id, Action::Leave).await?;
    end(&tx, &seat, seat.person()).await?;
    tx.commit().await
}

/// Makes a person a member, or gives a member another role.
pub(crate) async fn add(
    deps: &Deps,
    caller: &Caller,
    id: GroupId,
    person: PersonId,
    role: Role,
) -> Result<Member, Fault> {
    // Asked twice: first so that strangers to the group cause no call, then for the transaction that writes.
    let tx = deps.tenancy.begin(caller).await?;
    seat::require(&tx, caller, id, Action::Manage).await?;
    tx.commit().await?;
    require_active(deps, caller, person).await?;
    let tx = deps.tenancy.begin(caller).await?;
    let seat = seat::require(&tx, caller, id, Action::Manage).await?;
    put(&tx, &seat, person, role).await?;
    let member = store::membership::find(&tx, id, person).await?.ok_or_else(|| fault::member_not_found(person))?;
    tx.commit().await?;
    Ok(member)
}

/// Ends a person's membership.
pub(crate) async fn remove(deps: &Deps, caller: &Caller, id: GroupId, person: PersonId) -> Result<(), Fault> {
    let tx = deps.tenancy.begin(caller).await?;
    let seat = seat::require(&tx, caller, id, Action::Manage).await?;
    end(&tx, &seat, person).await?;
    tx.commit().await
}

/// The members of a group, those who look after it first.
pub(crate) async fn list(
    deps: &Deps,
    caller: &Caller,
    id: GroupId,
    size: PageSize,
    token: &str,
) -> Result<(Vec<Member>, String), Fault> {
    let list = format!("members {id}");
    let after = deps.pages.decode(caller, &list, token)?.map(|bytes| AfterMember::from_bytes(&bytes)).transpose()?;
    let tx = deps.tenancy.begin(caller).await?;
    let seat = seat::require(&tx, caller, id, Action::Read).await?;
    let mut members = store::membership::page(&tx, &seat, after, size.get() + 1).await?;
    tx.commit().await?;
    let more = members.len() > size.len();
    members.truncate(size.len());
    let next = members.last().filter(|_last| more).map(|last| AfterMember {
        role: store::membership::number(last.role),
        joined_at: last.joined_at,
        person: last.person,
    });
    Ok((members, deps.next_page(caller, &list, next)))
}

async fn put(tx: &TenantTx, seat: &GroupSeat, person: PersonId, role: Role) -> Result<(), Fault> {
    let held = store::group_head::lock(tx, seat.group()).await?;
    store::membership::put_by_hand(tx, &held, person, role).await?;
    store::group_head::count_members(tx, &held).await
}

async fn end(tx: &TenantTx, seat: &GroupSeat, person: PersonId) -> Result<(), Fault> {
    let held = store::group_head::lock(tx, seat.group()).await?;
    let member = store::membership::find(tx, seat.group(), person).await?;
    let member = member.ok_or_else(|| fault::member_not_found(person))?;
    if member.by_rule {
        return Err(fault::membership_by_rule(person, seat.group()));
    }
    store::membership::delete(tx, &held, person).await?;
    store::group_head::count_members(tx, &held).await
}

async fn require_active(deps: &Deps, caller: &Caller, person: PersonId) -> Result<(), Fault> {
    let mut calls = deps.clients.signed(caller)?;
    let request = BatchGetPeopleRequest { ids: vec![person.to_string()] };
    let found = calls.directory.batch_get_people(request).await.map_err(freehold_wire::fault)?.into_inner();
    let active =
        found.people.iter().any(|known| known.id == person.to_string() && known.state() == PersonState::Active);
    if active { Ok(()) } else { Err(fault::active_person_not_found(person)) }
}
