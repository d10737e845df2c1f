use chrono::DateTime;
use freehold_tenancy::{Step, Tenant, TenantState};
use freehold_types::{PageSize, TenantId};
use uuid::Uuid;

use super::page;

fn tenant(number: u128, name: &str) -> Tenant {
    Tenant {
        id: TenantId::from_uuid(Uuid::from_u128(number)),
        name: name.to_owned(),
        company: name.to_uppercase(),
        language: "en".to_owned(),
        time_zone: "UTC".to_owned(),
        state: TenantState::Active,
        step: Step::Activated,
        created_at: DateTime::UNIX_EPOCH,
        updated_at: DateTime::UNIX_EPOCH,
    }
}

#[test]
fn pages_go_by_name_and_show_everybody_once() {
    let all = || vec![tenant(1, "meadow"), tenant(2, "acme"), tenant(3, "brook"), tenant(4, "zinc")];
    let mut names = Vec::new();
    let mut last_seen = None;
    loop {
        let (page, next) = page(all(), last_seen, PageSize::from_request(3));
        names.extend(page.into_iter().map(|tenant| tenant.name));
        if next.is_none() {
            break;
        }
        last_seen = next;
    }
    assert_eq!(names, ["acme", "brook", "meadow", "zinc"]);
    assert_eq!(page(all(), None, PageSize::from_request(4)).1, None, "a full last page says that it is the last");
    let gone = Some(TenantId::from_uuid(Uuid::from_u128(9)));
    assert!(page(all(), gone, PageSize::from_request(3)).0.is_empty());
}
