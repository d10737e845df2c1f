//! Where the caller stands towards a group: the one place that asks whether somebody may.
//!
//! What comes out are values that only this file makes. The store takes them for everything people wrote, so the
//! question cannot be forgotten.

use freehold_tenancy::TenantTx;
use freehold_types::access::{Action, Seat, may};
use freehold_types::{Caller, Fault, GroupId, PersonId, PostId, Reason};

use crate::group::{Profile, Title};
use crate::membership::Role;
use crate::{fault, store};

/// Proof that the caller may do what was asked in this group.
#[derive(Debug, Clone)]
pub(crate) struct GroupSeat {
    profile: Profile,
    person: PersonId,
    seat: Seat,
}

impl GroupSeat {
    /// The group.
    pub(crate) const fn group(&self) -> GroupId {
        self.profile.id
    }

    /// What the group is.
    pub(crate) const fn profile(&self) -> &Profile {
        &self.profile
    }

    /// Who sits here.
    pub(crate) const fn person(&self) -> PersonId {
        self.person
    }

    /// Whether this seat allows something more than what it was asked for.
    pub(crate) const fn may(&self, action: Action) -> bool {
        may(action, self.profile.privacy, self.seat)
    }

    /// The caller's role; none outside.
    pub(crate) const fn role(&self) -> Option<Role> {
        match self.seat {
            Seat::Outside => None,
            Seat::Member => Some(Role::Member),
            Seat::GroupAdministrator => Some(Role::Administrator),
        }
    }
}

/// Proof of who asks for what is in all groups they are in; such groups can always be read by them.
#[derive(Debug, Clone, Copy)]
pub(crate) struct OwnSeats {
    person: PersonId,
}

impl OwnSeats {
    /// Whose groups.
    pub(crate) const fn person(self) -> PersonId {
        self.person
    }
}

/// Gives the caller's seat in a group when it allows the action. A group that the caller may not see is not found;
/// one that they see is forbidden when the action is not theirs.
pub(crate) async fn require(
    tx: &TenantTx,
    caller: &Caller,
    group: GroupId,
    action: Action,
) -> Result<GroupSeat, Fault> {
    let person = caller.person()?;
    let profile = store::group_profile::find(tx, group).await?.ok_or_else(|| fault::group_not_found(group))?;
    let role = store::membership::find(tx, group, person).await?.map(|member| member.role);
    let seat = GroupSeat { profile, person, seat: seat(role) };
    if !seat.may(Action::SeeGroup) {
        return Err(fault::group_not_found(group));
    }
    if seat.may(action) { Ok(seat) } else { Err(fault::not_allowed(group, cure(&seat, action))) }
}

/// The same for the group that a post is in. Where the group is not found, neither is the post.
pub(crate) async fn require_at_post(
    tx: &TenantTx,
    caller: &Caller,
    post: PostId,
    action: Action,
) -> Result<GroupSeat, Fault> {
    let group = store::post::group_of(tx, post).await?.ok_or_else(|| fault::post_not_found(post))?;
    let seat = require(tx, caller, group, action).await;
    seat.map_err(
        |refusal| if refusal.reason() == Reason::GroupNotFound { fault::post_not_found(post) } else { refusal },
    )
}

/// The caller's own groups, all at once.
pub(crate) fn own(caller: &Caller) -> Result<OwnSeats, Fault> {
    Ok(OwnSeats { person: caller.person()? })
}

/// Those of these people who are in a group, and so may read it.
pub(crate) async fn readers(tx: &TenantTx, group: GroupId, people: &[PersonId]) -> Result<Vec<PersonId>, Fault> {
    store::membership::members_among(tx, group, people).await
}

/// The names of the groups the caller may see, each with whether it is one of their own.
pub(crate) async fn visible(tx: &TenantTx, caller: &Caller, own_only: bool) -> Result<Vec<(bool, Title)>, Fault> {
    let person = caller.person()?;
    let roles = store::membership::roles(tx, person).await?;
    let sees = |group, privacy| may(Action::SeeGroup, privacy, seat(roles.get(&group).copied()));
    let titles = store::group_profile::titles(tx, own_only.then_some(person), sees).await?;
    Ok(titles.into_iter().map(|title| (roles.contains_key(&title.id), title)).collect())
}

/// The caller's seats in those of the groups that they may see, in no order.
pub(crate) async fn seen(tx: &TenantTx, caller: &Caller, groups: &[GroupId]) -> Result<Vec<GroupSeat>, Fault> {
    let person = caller.person()?;
    let roles = store::membership::roles(tx, person).await?;
    let profiles = store::group_profile::list(tx, groups).await?;
    let seats = profiles.into_iter().map(|profile| {
        let seat = seat(roles.get(&profile.id).copied());
        GroupSeat { profile, person, seat }
    });
    Ok(seats.filter(|seat| seat.may(Action::SeeGroup)).collect())
}

const fn seat(role: Option<Role>) -> Seat {
    match role {
        None => Seat::Outside,
        Some(Role::Member) => Seat::Member,
        Some(Role::Administrator) => Seat::GroupAdministrator,
    }
}

const fn cure(seat: &GroupSeat, action: Action) -> &'static str {
    match action {
        Action::Manage => "ask an administrator of the group",
        Action::SeeGroup | Action::Read | Action::Join | Action::Leave | Action::Publish | Action::Respond => {
            if seat.may(Action::Join) { "join the group first" } else { "ask an administrator of the group to add you" }
        }
    }
}
