use std::collections::BTreeSet;

use freehold_proto::content::v1 as pb;
use freehold_proto::content::v1::content_service_server::ContentService as _;
use freehold_proto::directory::v1::Everybody;
use freehold_types::access::Privacy;
use freehold_types::{Caller, Fault, Kind, PersonId, Reason};

use super::world::{World, ask, done, id};
use crate::filling::{Changed, Selection, declare, settle};
use crate::rule::{Change, Declared, Known, Rule};
use crate::store;

fn operator(world: &World) -> Caller {
    Caller::operator(Some(world.tenant))
}

fn everybody(name: &str) -> Declared {
    Declared { name: name.to_owned(), privacy: Privacy::Closed, rule: Rule::Everybody }
}

async fn known(world: &World, name: &str) -> Known {
    let tx = world.deps.tenancy.begin(&operator(world)).await.unwrap();
    let known = store::group_profile::declared(&tx).await.unwrap();
    known.into_iter().find(|group| group.name == name).unwrap()
}

async fn fill(world: &World, group: &Known, people: &[&Caller]) -> Changed {
    let by_rule: BTreeSet<PersonId> = people.iter().map(|person| id(person)).collect();
    settle(&world.deps, &operator(world), group, &Selection { by_rule, ..Selection::default() }).await.unwrap()
}

fn by_rule(changed: Result<(), Fault>) -> bool {
    changed.is_err_and(|fault| (fault.kind(), fault.reason()) == (Kind::Conflict, Reason::MembershipByRule))
}

#[tokio::test]
async fn members_by_rule_follow_the_rule() {
    let world = World::new().await;
    let (anna, beat, cleo) = (world.person(), world.person(), world.person());
    declare(&world.deps, &operator(&world), vec![everybody("All")]).await.unwrap();
    let group = known(&world, "All").await;
    let name = group.id.to_string();
    let changed = fill(&world, &group, &[&anna, &beat]).await;
    assert_eq!(changed, Changed { gained_count: 2, lost_count: 0 });
    assert_eq!(fill(&world, &group, &[&anna, &beat]).await, Changed::default(), "again is nothing");
    let seen = world.get_group(&anna, &name).await.unwrap();
    assert_eq!((seen.filled_by_rule, seen.member_count, seen.my_role()), (true, 2, pb::GroupRole::Member));
    assert!(world.members(&anna, &name).await.unwrap().iter().all(|member| member.by_rule));
    assert!(by_rule(world.leave(&anna, &name).await));

    let changed = fill(&world, &group, &[&beat, &cleo]).await;
    assert_eq!(changed, Changed { gained_count: 1, lost_count: 1 });
    assert_eq!(world.posts(&anna, &name).await.unwrap_err().kind(), Kind::Forbidden, "who is out reads no more");
    world.post(&cleo, &name, "1", "hello").await.unwrap();
    assert_eq!(world.feed(&beat, 10, "").await.0.len(), 1);
    assert!(world.feed(&anna, 10, "").await.0.is_empty());
}

#[tokio::test]
async fn who_is_in_by_hand_stays_when_the_rule_lets_go() {
    let world = World::new().await;
    let (anna, beat) = (world.person(), world.person());
    let open = Declared { privacy: Privacy::Open, ..everybody("All") };
    declare(&world.deps, &operator(&world), vec![open]).await.unwrap();
    let group = known(&world, "All").await;
    let name = group.id.to_string();
    world.join(&anna, &name).await.unwrap();
    fill(&world, &group, &[&anna, &beat]).await;
    assert!(by_rule(world.leave(&anna, &name).await), "while the rule holds her");
    fill(&world, &group, &[]).await;
    let left: Vec<_> = world.members(&anna, &name).await.unwrap();
    let left: Vec<_> = left.iter().map(|member| (member.person_id.clone(), member.by_rule)).collect();
    assert_eq!(left, [(id(&anna).to_string(), false)]);
    world.leave(&anna, &name).await.unwrap();
}

#[tokio::test]
async fn whom_the_manifest_names_are_in_or_out_and_look_after_the_group() {
    let world = World::new().await;
    let [anna, beat, cleo, dora] = [(); 4].map(|()| world.person());
    declare(&world.deps, &operator(&world), vec![everybody("All")]).await.unwrap();
    let group = known(&world, "All").await;
    let ids = |people: &[&Caller]| people.iter().map(|person| id(person)).collect::<BTreeSet<_>>();
    let settle = async |selection: &Selection| settle(&world.deps, &operator(&world), &group, selection).await.unwrap();
    let named = Selection {
        by_rule: ids(&[&anna, &beat]),
        also: ids(&[&cleo]),
        except: ids(&[&beat]),
        administrators: ids(&[&dora]),
        unknown_names: Vec::new(),
    };
    assert_eq!(settle(&named).await, Changed { gained_count: 3, lost_count: 0 });
    assert_eq!(settle(&named).await, Changed::default(), "again is nothing");
    let name = group.id.to_string();
    let role = async |person: &Caller| world.get_group(person, &name).await.unwrap().my_role();
    assert_eq!(role(&beat).await, pb::GroupRole::Unspecified);
    assert_eq!((role(&cleo).await, role(&dora).await), (pb::GroupRole::Member, pb::GroupRole::Administrator));

    let gone = Selection { administrators: BTreeSet::new(), ..named.clone() };
    assert_eq!(settle(&gone).await, Changed { gained_count: 0, lost_count: 1 }, "who left is out");
    settle(&named).await;
    assert_eq!(role(&dora).await, pb::GroupRole::Administrator, "who comes back is what they were");
    let no_longer = Selection { administrators: BTreeSet::new(), also: ids(&[&cleo, &dora]), ..named };
    settle(&no_longer).await;
    assert_eq!(role(&dora).await, pb::GroupRole::Member);
}

#[tokio::test]
async fn a_group_no_longer_declared_keeps_its_posts_and_loses_its_members() {
    let world = World::new().await;
    let anna = world.person();
    let declared = || vec![everybody("All"), everybody("Other")];
    declare(&world.deps, &operator(&world), declared()).await.unwrap();
    fill(&world, &known(&world, "All").await, &[&anna]).await;
    let name = known(&world, "All").await.id.to_string();
    let post = world.post(&anna, &name, "1", "hello").await.unwrap();

    let changes = declare(&world.deps, &operator(&world), vec![everybody("Other")]).await.unwrap();
    assert!(matches!(changes.as_slice(), [Change::Retire(group)] if group.name == "All"), "{changes:?}");
    let retired = known(&world, "All").await;
    assert_eq!(retired.rule, None);
    fill(&world, &retired, &[]).await;
    let outside = world.get_group(&anna, &name).await.unwrap();
    assert_eq!((outside.member_count, outside.last_seq, outside.filled_by_rule), (0, 1, false));

    declare(&world.deps, &operator(&world), declared()).await.unwrap();
    assert!(declare(&world.deps, &operator(&world), declared()).await.unwrap().is_empty(), "again is nothing");
    fill(&world, &known(&world, "All").await, &[&anna]).await;
    assert_eq!(world.posts(&anna, &name).await.unwrap(), [post], "declared again, it is the group it was");
}

#[tokio::test]
async fn a_selection_for_a_rule_that_changed_meanwhile_is_dropped() {
    let world = World::new().await;
    let anna = world.person();
    declare(&world.deps, &operator(&world), vec![everybody("All")]).await.unwrap();
    let before = known(&world, "All").await;
    let other = Declared { rule: Rule::DirectoryGroup("cn=x".to_owned()), ..everybody("All") };
    declare(&world.deps, &operator(&world), vec![other]).await.unwrap();
    assert_eq!(fill(&world, &before, &[&anna]).await, Changed::default());
}

#[tokio::test]
async fn many_people_come_and_go() {
    let world = World::new().await;
    declare(&world.deps, &operator(&world), vec![everybody("All")]).await.unwrap();
    let group = known(&world, "All").await;
    let people: Vec<Caller> = (0..1_203).map(|_| world.person()).collect();
    let all: Vec<&Caller> = people.iter().collect();
    assert_eq!(fill(&world, &group, &all).await.gained_count, 1_203);
    let some: Vec<&Caller> = people.iter().take(2).collect();
    assert_eq!(fill(&world, &group, &some).await.lost_count, 1_201);
    assert_eq!(world.get_group(&people[0], &group.id.to_string()).await.unwrap().member_count, 2);
}

#[tokio::test]
async fn a_manifest_is_checked_without_a_tenant_and_changes_nothing() {
    let world = World::new().await;
    let settings = pb::GroupSettings {
        name: "All".to_owned(),
        privacy: pb::GroupPrivacy::Open.into(),
        members: Some(pb::group_settings::Members::Everybody(Everybody {})),
        ..Default::default()
    };
    let request = pb::ApplyGroupsRequest { groups: vec![settings], validate_only: true };
    for caller in [Caller::operator(None), operator(&world)] {
        let reply = done(world.service.apply_groups(ask(&caller, request.clone())).await).unwrap();
        // Whom it would select is told as well, by a directory service that is not there in this test.
        assert_eq!(reply.changes.first().unwrap(), "create group \"All\", open, filled by everybody");
    }
    let without_tenant = pb::ApplyGroupsRequest { validate_only: false, ..request };
    let refused = done(world.service.apply_groups(ask(&Caller::operator(None), without_tenant)).await).unwrap_err();
    assert_eq!(refused.reason(), Reason::TenantNeeded);
}
