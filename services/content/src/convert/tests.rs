use std::collections::HashMap;

use freehold_proto::content::v1 as pb;
use freehold_proto::directory::v1::{AttributeRule, Everybody};
use freehold_types::{Fault, GroupId};
use uuid::Uuid;

use super::{
    parse_add_member, parse_create_comment, parse_create_group, parse_create_post, parse_declared, parse_id,
    parse_set_reaction, parse_update_group,
};
use crate::group::Patch;
use crate::membership::Role;
use crate::rule::{DECLARED_GROUPS_MAX, Rule};

fn fields<T>(result: Result<T, Fault>) -> Vec<String> {
    let fault = result.err().map(|fault| fault.violations().to_vec()).unwrap_or_default();
    fault.into_iter().map(|violation| violation.field).collect()
}

fn settings(name: &str, members: pb::group_settings::Members) -> pb::GroupSettings {
    pb::GroupSettings {
        name: name.to_owned(),
        privacy: pb::GroupPrivacy::Open.into(),
        members: Some(members),
        ..Default::default()
    }
}

fn attributes(equals: &[(&str, &str)]) -> pb::group_settings::Members {
    let equals: HashMap<_, _> =
        equals.iter().map(|(field, value)| ((*field).to_owned(), (*value).to_owned())).collect();
    pb::group_settings::Members::Attributes(AttributeRule { equals, ..Default::default() })
}

fn everybody() -> pb::group_settings::Members {
    pb::group_settings::Members::Everybody(Everybody {})
}

fn group() -> GroupId {
    GroupId::from_uuid(Uuid::from_u128(1))
}

#[test]
fn every_mistake_of_a_request_is_reported_at_once() {
    let empty = pb::CreateGroupRequest::default();
    assert_eq!(fields(parse_create_group(empty)), ["request_id", "name", "privacy"]);
    assert_eq!(fields(parse_create_post(pb::CreatePostRequest::default())), ["request_id", "group_id", "text"]);
    let comment = pb::CreateCommentRequest { parent_id: "x".to_owned(), ..Default::default() };
    assert_eq!(fields(parse_create_comment(comment)), ["request_id", "post_id", "parent_id", "text"]);
    assert_eq!(
        fields(parse_set_reaction(&pb::SetReactionRequest { kind: 99, ..Default::default() })),
        ["post_id", "kind"]
    );
    let member = pb::AddMemberRequest { role: 99, ..Default::default() };
    assert_eq!(fields(parse_add_member(&member)), ["group_id", "person_id", "role"]);
}

#[test]
fn an_id_of_another_kind_is_a_mistake() {
    let person = group().to_string().replace("grp", "per");
    let parsed: Result<GroupId, Fault> = parse_id("id", &person);
    assert_eq!(fields(parsed), ["id"]);
}

#[test]
fn no_role_means_member() {
    let id = group().to_string();
    let request = pb::AddMemberRequest { person_id: id.replace("grp", "per"), group_id: id, role: 0 };
    assert!(matches!(parse_add_member(&request), Ok((_, _, Role::Member))));
}

#[test]
fn a_manifest_with_five_mistakes_reports_all_five() {
    let groups = vec![
        settings("", everybody()),
        pb::GroupSettings { name: "a".to_owned(), ..settings("a", everybody()) },
        settings("A ", everybody()),
        pb::GroupSettings { privacy: 0, ..settings("b", attributes(&[("shoe_size", "43")])) },
        pb::GroupSettings { members: None, ..settings("c", everybody()) },
        settings("d", attributes(&[("site", "Bern"), ("title", "Cook")])),
    ];
    assert_eq!(
        fields(parse_declared(groups)),
        [
            "groups[0].name",
            "groups[2].name",
            "groups[3].privacy",
            "groups[3].attributes.equals[\"shoe_size\"]",
            "groups[4].members",
        ]
    );
}

#[test]
fn rules_have_limits() {
    let nine: Vec<String> = (0..9).map(|number| format!("f{number}")).collect();
    let nine: Vec<(&str, &str)> = nine.iter().map(|field| (field.as_str(), "x")).collect();
    for (members, field) in [
        (attributes(&[]), "groups[0].attributes.equals"),
        (attributes(&nine), "groups[0].attributes.equals"),
        (attributes(&[("site", " ")]), "groups[0].attributes.equals[\"site\"]"),
        (pb::group_settings::Members::DirectoryGroup(" ".to_owned()), "groups[0].directory_group"),
    ] {
        assert_eq!(fields(parse_declared(vec![settings("a", members)])).first().map(AsRef::as_ref), Some(field));
    }
    let many = (0..=DECLARED_GROUPS_MAX).map(|number| settings(&number.to_string(), everybody())).collect();
    assert_eq!(fields(parse_declared(many)), ["groups"]);
}

#[test]
fn a_manifests_group_is_read_as_it_is_meant() {
    let declared = parse_declared(vec![settings(" Kitchen ", attributes(&[("site", " Bern ")]))]).unwrap();
    let first = declared.first().unwrap();
    assert_eq!(first.name, "Kitchen");
    assert_eq!(first.rule, Rule::Attributes([("site".to_owned(), "Bern".to_owned())].into()));
}

#[test]
fn only_what_the_mask_names_is_changed_and_looked_at() {
    let change = |paths: &[&str]| {
        let group = pb::Group { id: group().to_string(), name: "New".to_owned(), ..Default::default() };
        let mut request = pb::UpdateGroupRequest { group: Some(group), update_mask: Some(Default::default()) };
        let mask = request.update_mask.as_mut().unwrap();
        mask.paths = paths.iter().map(|path| (*path).to_owned()).collect();
        request
    };
    let (id, patch) = parse_update_group(change(&["name"])).unwrap();
    assert_eq!((id, patch), (group(), Patch { name: Some("New".to_owned()), ..Patch::default() }));
    assert_eq!(fields(parse_update_group(change(&["name", "member_count"]))), ["update_mask"]);
    assert_eq!(fields(parse_update_group(change(&["privacy"]))), ["group.privacy"]);
    assert_eq!(fields(parse_update_group(change(&[]))), ["update_mask"]);
    assert_eq!(fields(parse_update_group(pb::UpdateGroupRequest::default())), ["group.id", "update_mask"]);
}
