use freehold_proto::auth::v1::{Role, RoleGroupSettings};

use super::{folder, lines, parse};

#[test]
fn directory_groups_give_roles() {
    let text = "name = \"acme\"\ncompany = \"Acme SAS\"\n\
                [[role]]\nname = \"auditor\"\ndirectory_group = \"CN=Revision\"\n\
                [[role]]\nname = \"area-coordinator\"\ndirectory_group = \"CN=Leads\"\narea = \"CN=Lyon\"\n";
    let manifest = parse(text, folder().path());
    assert_eq!(lines(&manifest), [""; 0]);
    let group = |role: Role, directory_group: &str, area_group: &str| RoleGroupSettings {
        role: role.into(),
        directory_group: directory_group.to_owned(),
        area_group: area_group.to_owned(),
    };
    let expected = [group(Role::Auditor, "CN=Revision", ""), group(Role::AreaCoordinator, "CN=Leads", "CN=Lyon")];
    assert_eq!(manifest.message.role_groups, expected);
}

#[test]
fn administrators_have_a_table_of_their_own() {
    let text =
        "name = \"acme\"\ncompany = \"Acme SAS\"\n[[role]]\nname = \"administrator\"\ndirectory_group = \"CN=It\"\n";
    let mistakes = lines(&parse(text, folder().path()));
    assert_eq!(mistakes.len(), 1);
    assert!(mistakes[0].contains("role.name") && mistakes[0].contains("\"auditor\""), "{mistakes:?}");
}
