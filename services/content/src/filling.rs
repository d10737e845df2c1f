//! Groups by rule: what a manifest declares, and who is in them.
//!
//! Who a rule selects is asked of the directory service, and never inside a transaction.

mod selection;

use std::collections::BTreeMap;

use freehold_tenancy::TenantTx;
use freehold_types::{Caller, Fault, GroupId, Kind, PersonId, Reason, Service};
use freehold_wire::Calls;

pub(crate) use self::selection::Selection;
use crate::membership::Role;
use crate::rule::{Change, Declared, Known, changes, difference, folded};
use crate::{Deps, store};

/// Memberships that changed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Changed {
    pub(crate) gained_count: i64,
    pub(crate) lost_count: i64,
}

/// Says what would change so that exactly the declared groups are filled by rule, and who would come and go. Works
/// without a tenant too: then everything is new, and nobody is there yet.
pub(crate) async fn preview(deps: &Deps, caller: &Caller, declared: Vec<Declared>) -> Result<Vec<String>, Fault> {
    if caller.tenant.is_none() {
        return Ok(sentences(&changes(declared, Vec::new())));
    }
    let tx = deps.tenancy.begin(caller).await?;
    let known = store::group_profile::declared(&tx).await?;
    let mut held = BTreeMap::new();
    for group in &known {
        held.insert(folded(&group.name), store::membership::held_by_rule(&tx, group.id).await?);
    }
    tx.commit().await?;
    let mut said = sentences(&changes(declared.clone(), known));
    let mut calls = deps.clients.signed(&Caller::service(Service::Content, caller.tenant()?))?;
    for group in &declared {
        let before = held.remove(&folded(&group.name)).unwrap_or_default();
        match selection::select(&mut calls, &group.rule).await {
            Ok(selection) => said.extend(selection.sentences(&group.name, &before)),
            Err(away) if away.kind() == Kind::Unavailable || away.reason() == Reason::TenantNotActive => {
                said.push(format!("whom the rules of groups select cannot be told now: {away}"));
                break;
            }
            Err(other) => return Err(other),
        }
    }
    Ok(said)
}

/// Makes exactly the declared groups filled by rule, all or none of them, and fills them; says what changed.
pub(crate) async fn apply(deps: &Deps, caller: &Caller, declared: Vec<Declared>) -> Result<Vec<String>, Fault> {
    let changes = declare(deps, caller, declared).await?;
    match refresh(deps, caller).await {
        // A tenant that is still being provisioned has nobody to put into a group; its first sync fills them.
        Err(early) if early.reason() == Reason::TenantNotActive => {}
        other => {
            other?;
        }
    }
    Ok(sentences(&changes))
}

/// Computes the members of every group by rule again. One group's trouble does not keep the others as they were; the
/// first trouble is the answer, and running again is safe.
pub(crate) async fn refresh(deps: &Deps, caller: &Caller) -> Result<Changed, Fault> {
    let tx = deps.tenancy.begin(caller).await?;
    let groups = store::group_profile::declared(&tx).await?;
    tx.commit().await?;
    let mut calls = deps.clients.signed(&Caller::service(Service::Content, caller.tenant()?))?;
    let mut total = Changed::default();
    let mut trouble = None;
    for group in &groups {
        match fill(deps, caller, &mut calls, group).await {
            Ok(changed) => {
                total.gained_count += changed.gained_count;
                total.lost_count += changed.lost_count;
            }
            Err(fault) => {
                trouble.get_or_insert(fault);
            }
        }
    }
    trouble.map_or(Ok(total), Err)
}

/// Makes the groups what the manifest says, in one transaction, without asking yet who is in them.
pub(crate) async fn declare(deps: &Deps, caller: &Caller, declared: Vec<Declared>) -> Result<Vec<Change>, Fault> {
    let tx = deps.tenancy.begin(caller).await?;
    let changes = changes(declared, store::group_profile::declared(&tx).await?);
    for change in &changes {
        carry_out(&tx, change).await?;
    }
    tx.commit().await?;
    Ok(changes)
}

async fn carry_out(tx: &TenantTx, change: &Change) -> Result<(), Fault> {
    match change {
        Change::Create(declared) => {
            let id: GroupId = tx.mint().id();
            store::group_profile::insert_declared(tx, id, declared).await?;
            store::group_head::insert(tx, id).await
        }
        Change::Alter { id, to, .. } => store::group_profile::update_declared(tx, *id, to).await,
        Change::Retire(group) => store::group_profile::clear_rule(tx, group.id).await,
    }
}

async fn fill(deps: &Deps, caller: &Caller, calls: &mut Calls, group: &Known) -> Result<Changed, Fault> {
    let selection = match &group.rule {
        Some(rule) => selection::select(calls, rule).await?,
        None => Selection::default(),
    };
    settle(deps, caller, group, &selection).await
}

/// Makes those whom the rule selected the group's members by rule, in one transaction. Safe to repeat.
pub(crate) async fn settle(
    deps: &Deps,
    caller: &Caller,
    group: &Known,
    selection: &Selection,
) -> Result<Changed, Fault> {
    let tx = deps.tenancy.begin(caller).await?;
    let held = store::group_head::lock(&tx, group.id).await?;
    if store::group_profile::rule(&tx, group.id).await? != group.rule {
        // The manifest was applied again meanwhile; whoever did that fills the group by the new rule.
        return Ok(Changed::default());
    }
    let members = difference(&selection.members(), &store::membership::held_by_rule(&tx, group.id).await?);
    let before = store::membership::look_after_by_rule(&tx, &held).await?;
    let administrators = difference(&selection.administrators(), &before);
    if members.is_empty() && administrators.is_empty() {
        return Ok(Changed::default());
    }
    store::membership::gain_by_rule(&tx, &held, &members.gained).await?;
    store::membership::lose_by_rule(&tx, &held, &members.lost).await?;
    store::membership::set_role_by_rule(&tx, &held, &administrators.gained, Role::Administrator).await?;
    store::membership::set_role_by_rule(&tx, &held, &administrators.lost, Role::Member).await?;
    store::group_head::count_members(&tx, &held).await?;
    tx.commit().await?;
    Ok(Changed { gained_count: count(&members.gained), lost_count: count(&members.lost) })
}

fn sentences(changes: &[Change]) -> Vec<String> {
    changes.iter().map(Change::sentence).collect()
}

fn count(people: &[PersonId]) -> i64 {
    i64::try_from(people.len()).unwrap_or(i64::MAX)
}
