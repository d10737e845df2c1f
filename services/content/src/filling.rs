//! Groups by rule: what a manifest declares, and who is in them.
//!
//! Who a rule selects is asked of the directory service, and never inside a transaction.

use std::collections::BTreeSet;

use freehold_proto::directory::v1::{AttributeRule, Everybody, SelectPeopleRequest, select_people_request};
use freehold_tenancy::TenantTx;
use freehold_types::{Caller, Fault, GroupId, Kind, PersonId, Reason, Service};
use freehold_wire::Calls;

use crate::rule::{Change, Declared, Known, Rule, changes, difference};
use crate::{Deps, store};

/// Memberships that changed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Changed {
    pub(crate) gained_count: i64,
    pub(crate) lost_count: i64,
}

/// Says what would change so that exactly the declared groups are filled by rule. Works without a tenant too: then
/// everything is new.
pub(crate) async fn preview(deps: &Deps, caller: &Caller, declared: Vec<Declared>) -> Result<Vec<String>, Fault> {
    let known = match caller.tenant {
        None => Vec::new(),
        Some(_) => {
            let tx = deps.tenancy.begin(caller).await?;
            let known = store::group_profile::declared(&tx).await?;
            tx.commit().await?;
            known
        }
    };
    Ok(sentences(&changes(declared, known)))
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
    let selected = match &group.rule {
        Some(rule) => select(calls, rule).await?,
        None => BTreeSet::new(),
    };
    settle(deps, caller, group, &selected).await
}

/// Makes those whom the rule selected the group's members by rule, in one transaction. Safe to repeat.
pub(crate) async fn settle(
    deps: &Deps,
    caller: &Caller,
    group: &Known,
    selected: &BTreeSet<PersonId>,
) -> Result<Changed, Fault> {
    let tx = deps.tenancy.begin(caller).await?;
    let held = store::group_head::lock(&tx, group.id).await?;
    if store::group_profile::rule(&tx, group.id).await? != group.rule {
        // The manifest was applied again meanwhile; whoever did that fills the group by the new rule.
        return Ok(Changed::default());
    }
    let difference = difference(selected, &store::membership::by_rule(&tx, &held).await?);
    if difference.gained.is_empty() && difference.lost.is_empty() {
        return Ok(Changed::default());
    }
    store::membership::gain_by_rule(&tx, &held, &difference.gained).await?;
    store::membership::lose_by_rule(&tx, &held, &difference.lost).await?;
    store::group_head::count_members(&tx, &held).await?;
    tx.commit().await?;
    Ok(Changed { gained_count: count(&difference.gained), lost_count: count(&difference.lost) })
}

/// Everybody whom a rule selects now. A directory group that is gone has no members.
async fn select(calls: &mut Calls, rule: &Rule) -> Result<BTreeSet<PersonId>, Fault> {
    match stream(calls, rule).await {
        Err(gone) if gone.kind() == Kind::NotFound && gone.reason() == Reason::DirectoryGroupNotFound => {
            Ok(BTreeSet::new())
        }
        other => other,
    }
}

async fn stream(calls: &mut Calls, rule: &Rule) -> Result<BTreeSet<PersonId>, Fault> {
    let rule = match rule.clone() {
        Rule::Everybody => select_people_request::Rule::Everybody(Everybody {}),
        Rule::DirectoryGroup(name) => select_people_request::Rule::DirectoryGroup(name),
        Rule::Attributes(equals) => {
            select_people_request::Rule::Attributes(AttributeRule { equals: equals.into_iter().collect() })
        }
    };
    let request = SelectPeopleRequest { rule: Some(rule) };
    let mut parts = calls.directory.select_people(request).await.map_err(freehold_wire::fault)?.into_inner();
    let mut people = BTreeSet::new();
    while let Some(part) = parts.message().await.map_err(freehold_wire::fault)? {
        for id in part.person_ids {
            people.insert(id.parse().map_err(|err| Fault::internal("reading whom a rule selects", err))?);
        }
    }
    Ok(people)
}

fn sentences(changes: &[Change]) -> Vec<String> {
    changes.iter().map(Change::sentence).collect()
}

fn count(people: &[PersonId]) -> i64 {
    i64::try_from(people.len()).unwrap_or(i64::MAX)
}
