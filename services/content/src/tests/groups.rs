use chrono::TimeDelta;
use freehold_proto::content::v1 as pb;
use freehold_proto::content::v1::content_service_server::ContentService as _;
use freehold_types::{Caller, Fault, Kind, Reason};

use super::world::{World, ask, done, id};

fn kinds<T>(result: Result<T, Fault>) -> Option<(Kind, Reason)> {
    result.err().map(|fault| (fault.kind(), fault.reason()))
}

#[tokio::test]
async fn a_secret_group_is_not_found_outside() {
    let world = World::new().await;
    let (anna, outsider) = (world.person(), world.person());
    let group = world.group(&anna, "Board", pb::GroupPrivacy::Secret).await;
    let post = world.post(&anna, &group.id, "1", "we sell").await.unwrap();
    let gone = Some((Kind::NotFound, Reason::GroupNotFound));
    assert_eq!(kinds(world.get_group(&outsider, &group.id).await), gone);
    assert_eq!(kinds(world.join(&outsider, &group.id).await), gone);
    assert_eq!(kinds(world.leave(&outsider, &group.id).await), gone);
    assert_eq!(kinds(world.posts(&outsider, &group.id).await), gone);
    assert_eq!(kinds(world.members(&outsider, &group.id).await), gone);
    assert_eq!(kinds(world.post(&outsider, &group.id, "1", "x").await), gone);
    assert_eq!(kinds(rename(&world, &outsider, &group.id).await), gone);
    let post_gone = Some((Kind::NotFound, Reason::PostNotFound));
    let request = pb::GetPostRequest { id: post.id.clone() };
    assert_eq!(kinds(done(world.service.get_post(ask(&outsider, request)).await)), post_gone);
    assert_eq!(kinds(world.comment(&outsider, &post.id, "", "x").await), post_gone);
    let request = pb::SetReactionRequest { post_id: post.id, kind: 1 };
    assert_eq!(kinds(done(world.service.set_reaction(ask(&outsider, request)).await)), post_gone);
    assert_eq!(names(&world, &outsider, false, 50).await, Vec::<String>::new());
    assert_eq!(names(&world, &anna, false, 50).await, ["Board"]);
}

#[tokio::test]
async fn what_is_seen_and_not_allowed_is_forbidden() {
    let world = World::new().await;
    let (anna, outsider) = (world.person(), world.person());
    let closed = world.group(&anna, "Sales", pb::GroupPrivacy::Closed).await;
    let open = world.group(&anna, "Lunch", pb::GroupPrivacy::Open).await;
    let forbidden = Some((Kind::Forbidden, Reason::NotAllowed));
    let seen = world.get_group(&outsider, &closed.id).await.unwrap();
    assert_eq!((seen.may_join, seen.may_publish, seen.member_count, seen.my_role), (false, false, 1, 0));
    assert_eq!(kinds(world.posts(&outsider, &closed.id).await), forbidden);
    assert_eq!(kinds(world.join(&outsider, &closed.id).await), forbidden);
    assert_eq!(kinds(world.posts(&outsider, &open.id).await), None, "an open group can be read");
    assert_eq!(kinds(world.post(&outsider, &open.id, "1", "x").await), forbidden, "and not written");
    assert_eq!(kinds(rename(&world, &outsider, &open.id).await), forbidden);
    let joined = world.join(&outsider, &open.id).await.unwrap();
    assert_eq!((joined.may_join, joined.may_publish, joined.member_count), (false, true, 2));
    assert_eq!(world.join(&outsider, &open.id).await.unwrap(), joined, "joining twice does no harm");
    assert_eq!(kinds(world.post(&outsider, &open.id, "1", "x").await), None);
    assert_eq!(kinds(rename(&world, &outsider, &open.id).await), forbidden);
    world.leave(&outsider, &open.id).await.unwrap();
    assert_eq!(world.get_group(&anna, &open.id).await.unwrap().member_count, 1);
}

#[tokio::test]
async fn only_people_have_seats() {
    let world = World::new().await;
    let anna = world.person();
    let group = world.group(&anna, "Lunch", pb::GroupPrivacy::Open).await;
    let operator = Caller::operator(Some(world.tenant));
    assert_eq!(kinds(world.get_group(&operator, &group.id).await), Some((Kind::Forbidden, Reason::PersonNeeded)));
}

#[tokio::test]
async fn groups_are_listed_own_ones_first_then_by_name() {
    let world = World::new().await;
    let (anna, beat) = (world.person(), world.person());
    for name in ["delta", "Bravo", "alpha", "Charlie"] {
        world.group(&anna, name, pb::GroupPrivacy::Closed).await;
    }
    for name in ["Zulu", "yankee"] {
        world.group(&beat, name, pb::GroupPrivacy::Secret).await;
    }
    let all = ["yankee", "Zulu", "alpha", "Bravo", "Charlie", "delta"];
    for size in [1, 2, 3, 6, 50] {
        assert_eq!(names(&world, &beat, false, size).await, all, "pages of {size}");
    }
    assert_eq!(names(&world, &beat, true, 1).await, ["yankee", "Zulu"]);
    assert_eq!(names(&world, &anna, false, 50).await, ["alpha", "Bravo", "Charlie", "delta"]);
}

#[tokio::test]
async fn a_group_is_changed_as_the_mask_says() {
    let world = World::new().await;
    let anna = world.person();
    let group = world.group(&anna, "Lunch", pb::GroupPrivacy::Open).await;
    let renamed = rename(&world, &anna, &group.id).await.unwrap();
    assert_eq!(renamed, pb::Group { name: "Dinner".to_owned(), ..group.clone() });
    assert_eq!(world.get_group(&anna, &group.id).await.unwrap(), renamed);
}

#[tokio::test]
async fn members_are_listed_administrators_first() {
    let world = World::new().await;
    let (anna, beat, cleo) = (world.person(), world.person(), world.person());
    let group = world.group(&anna, "Lunch", pb::GroupPrivacy::Open).await;
    for member in [&cleo, &beat] {
        world.clock.advance(TimeDelta::seconds(1));
        world.join(member, &group.id).await.unwrap();
    }
    let wanted = [id(&anna), id(&cleo), id(&beat)].map(|person| person.to_string());
    let (mut seen, mut token) = (Vec::new(), String::new());
    loop {
        let request = pb::ListMembersRequest { group_id: group.id.clone(), page_size: 1, page_token: token };
        let reply = done(world.service.list_members(ask(&anna, request)).await).unwrap();
        seen.extend(reply.memberships.into_iter().map(|member| member.person_id));
        if reply.next_page_token.is_empty() {
            break;
        }
        token = reply.next_page_token;
    }
    assert_eq!(seen, wanted);
    let request = pb::RemoveMemberRequest { group_id: group.id.clone(), person_id: id(&cleo).to_string() };
    done(world.service.remove_member(ask(&anna, request.clone())).await).unwrap();
    let again = done(world.service.remove_member(ask(&anna, request)).await);
    assert_eq!(kinds(again), Some((Kind::NotFound, Reason::PersonNotFound)));
    assert_eq!(world.get_group(&anna, &group.id).await.unwrap().member_count, 2);
}

#[tokio::test]
async fn a_person_cannot_be_added_while_the_directory_cannot_be_asked() {
    let world = World::new().await;
    let anna = world.person();
    let group = world.group(&anna, "Lunch", pb::GroupPrivacy::Open).await;
    let person_id = id(&world.person()).to_string();
    let request = pb::AddMemberRequest { group_id: group.id.clone(), person_id, role: 0 };
    done(world.service.add_member(ask(&anna, request)).await).unwrap_err();
    assert_eq!(world.members(&anna, &group.id).await.unwrap().len(), 1);
}

async fn rename(world: &World, caller: &Caller, group: &str) -> Result<pb::Group, Fault> {
    let changed = pb::Group { id: group.to_owned(), name: "Dinner".to_owned(), ..Default::default() };
    let mut request = pb::UpdateGroupRequest { group: Some(changed), update_mask: Some(Default::default()) };
    request.update_mask.as_mut().unwrap().paths.push("name".to_owned());
    done(world.service.update_group(ask(caller, request)).await).map(|reply| reply.group.unwrap())
}

async fn names(world: &World, caller: &Caller, mine_only: bool, size: i32) -> Vec<String> {
    let (mut names, mut token) = (Vec::new(), String::new());
    loop {
        let request = pb::ListGroupsRequest { mine_only, page_size: size, page_token: token };
        let reply = done(world.service.list_groups(ask(caller, request)).await).unwrap();
        names.extend(reply.groups.into_iter().map(|group| group.name));
        if reply.next_page_token.is_empty() {
            return names;
        }
        token = reply.next_page_token;
    }
}
