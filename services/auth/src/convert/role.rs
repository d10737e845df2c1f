//! Messages about roles.

use freehold_proto::auth::v1 as pb;
use freehold_proto::auth::v1::role_holding::Source as Shown;
use freehold_types::{Fault, PersonId, Role, Roles, Violations};
use freehold_wire::time::{from_proto, to_proto};

use crate::role::{GROUPS_MAX, Grant, Group, Holding, Source, Wish};

/// The longest distinguished name.
const NAME_BYTES_MAX: usize = 1_024;
/// What a person is named by.
const PERSON: &str = "person_id";

pub(crate) fn parse_wish(request: pb::GrantRoleRequest) -> Result<Wish, Fault> {
    let pb::GrantRoleRequest { person_id, role, area_group, expires_at } = request;
    let mut violations = Violations::new();
    let person = violations.take(PERSON, person_id.parse::<PersonId>());
    let role = parse_role(&mut violations, "role", role);
    let area = parse_area(&mut violations, "area_group", role, area_group);
    let end = expires_at.as_ref().map(from_proto);
    if end == Some(None) {
        violations.push("expires_at", "is no time");
    }
    violations.finish()?;
    let (person, role) = (needed(PERSON, person)?, needed("role", role)?);
    Ok(Wish { person, role, area, expires_at: end.flatten() })
}

pub(crate) fn parse_revoked(request: &pb::RevokeRoleRequest) -> Result<(PersonId, Role), Fault> {
    let mut violations = Violations::new();
    let person = violations.take(PERSON, request.person_id.parse::<PersonId>());
    let role = parse_role(&mut violations, "role", request.role);
    violations.finish()?;
    Ok((needed(PERSON, person)?, needed("role", role)?))
}

pub(crate) fn parse_listed(request: &pb::ListRolesRequest) -> Result<Option<PersonId>, Fault> {
    if request.person_id.is_empty() {
        return Ok(None);
    }
    let mut violations = Violations::new();
    let person = violations.take(PERSON, request.person_id.parse::<PersonId>());
    violations.finish()?;
    Ok(person)
}

/// The directory groups of a manifest that give roles.
pub(crate) fn parse_groups(violations: &mut Violations, groups: Vec<pb::RoleGroupSettings>) -> Vec<Group> {
    if groups.len() > GROUPS_MAX {
        violations.push("role_groups", format!("a company has at most {GROUPS_MAX} directory groups with roles"));
    }
    let parse = |(place, settings): (usize, pb::RoleGroupSettings)| {
        let pb::RoleGroupSettings { role, directory_group, area_group } = settings;
        let path = format!("role_groups[{place}]");
        let role = parse_role(violations, &format!("{path}.role"), role);
        if role == Some(Role::Administrator) {
            let message = "is given in `[administrators]`, by `directory_group`, and nowhere else";
            violations.push(format!("{path}.role"), message);
        }
        if !is_name(&directory_group) {
            violations.push(format!("{path}.directory_group"), "must be the distinguished name of a directory group");
        }
        let area = parse_area(violations, &format!("{path}.area_group"), role, area_group);
        Some(Group { role: role?, directory_group, area })
    };
    groups.into_iter().take(GROUPS_MAX).enumerate().filter_map(parse).collect()
}

fn parse_role(violations: &mut Violations, field: &str, number: i32) -> Option<Role> {
    let role = i16::try_from(number).ok().and_then(Role::from_number);
    if role.is_none() {
        let names: Vec<_> = Role::ALL.iter().map(|role| role.name()).collect();
        violations.push(field, format!("must be one of {}", names.join(", ")));
    }
    role
}

fn parse_area(violations: &mut Violations, field: &str, role: Option<Role>, area: String) -> Option<String> {
    let needed = role == Some(Role::AreaCoordinator);
    if needed && !is_name(&area) {
        violations.push(field, "must be the distinguished name of the directory group whose members are the area");
    } else if role.is_some() && !needed && !area.is_empty() {
        violations.push(field, "is for area coordinators only");
    }
    Some(area).filter(|area| !area.is_empty())
}

fn is_name(text: &str) -> bool {
    text.contains('=') && text.len() <= NAME_BYTES_MAX
}

/// Nothing is missing when no mistake was found.
fn needed<T>(field: &str, value: Option<T>) -> Result<T, Fault> {
    value.ok_or_else(|| Fault::internal("reading a request", format!("{field} is missing")))
}

pub(crate) fn render_roles(roles: Roles) -> Vec<i32> {
    roles.iter().map(|role| i32::from(role.number())).collect()
}

pub(crate) fn render_holding(holding: Holding) -> pb::RoleHolding {
    let Holding { person, display_name, role, source } = holding;
    let (area, source) = match source {
        Source::Administrators => (None, Shown::DirectoryGroup(String::new())),
        Source::Emergency => (None, Shown::Emergency(pb::EmergencyRole {})),
        Source::Group(Group { directory_group, area, .. }) => (area, Shown::DirectoryGroup(directory_group)),
        Source::Grant(Grant { area, granted_by, granted_at, expires_at, .. }) => {
            let granted_by = granted_by.map_or_else(|| "operator".to_owned(), |person| person.to_string());
            let granted_at = Some(to_proto(granted_at));
            (area, Shown::Grant(pb::RoleGrant { granted_by, granted_at, expires_at: expires_at.map(to_proto) }))
        }
    };
    pb::RoleHolding {
        person_id: person.to_string(),
        display_name,
        role: i32::from(role.number()),
        area_group: area.unwrap_or_default(),
        source: Some(source),
    }
}
