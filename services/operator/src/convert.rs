//! Requests into the domain, the domain into replies.

mod people_sets;

use freehold_proto::auth::v1::ApplyConnectionsRequest;
use freehold_proto::billing::v1::ApplySubscriptionRequest;
use freehold_proto::content::v1::ApplyGroupsRequest;
use freehold_proto::directory::v1::ApplyDirectoriesRequest;
use freehold_proto::tenant::v1 as pb;
use freehold_tenancy::{Declaration, Tenant, TenantState};
use freehold_types::Violations;
use freehold_wire::time::to_proto;

use crate::apply::{Event, Manifest};
use crate::parts::Parts;
use crate::tenant;

/// Letters of a tenant's name.
const NAME_CHARS_MAX: usize = 40;
const NAME_CHARS_MIN: usize = 2;
/// Letters of a company's name.
const COMPANY_CHARS_MAX: usize = 200;
/// First parts of addresses that are the installation's own.
const NAMES_TAKEN: [&str; 7] = ["api", "assets", "live", "metrics", "ready", "scim", "www"];
/// Languages that the pages exist in.
const LANGUAGES: [&str; 2] = ["en", "fr"];
const KEY_PROVIDER: &str = "installation";

/// Reads a manifest with every mistake of the operator's own fields; the other services find those of theirs.
pub(crate) fn parse_manifest(manifest: Option<pb::TenantManifest>) -> (Manifest, Violations) {
    let mut violations = Violations::new();
    if manifest.is_none() {
        violations.push("manifest", "is missing");
    }
    let manifest = manifest.unwrap_or_default();
    check_name(&manifest.name, &mut violations);
    check_company(&manifest.company, &mut violations);
    let language = or_default(manifest.language, "en");
    if !LANGUAGES.contains(&language.as_str()) {
        violations.push("language", format!("{language:?} is no language of ours; write {}", LANGUAGES.join(" or ")));
    }
    let time_zone = or_default(manifest.time_zone, "UTC");
    if time_zone.parse::<chrono_tz::Tz>().is_err() {
        violations.push("time_zone", format!("{time_zone:?} is no IANA time zone; write one like Europe/Paris or UTC"));
    }
    if !manifest.key_provider.is_empty() && manifest.key_provider != KEY_PROVIDER {
        violations.push("key_provider", format!("must be {KEY_PROVIDER}, the only one so far"));
    }
    let groups = people_sets::fill_in(manifest.groups, &manifest.people_sets, &mut violations);
    let plan = manifest.plan.unwrap_or_default();
    let parts = Parts {
        directories: ApplyDirectoriesRequest {
            directories: manifest.directories,
            administrators_group: manifest.administrators_group,
            validate_only: false,
        },
        connections: ApplyConnectionsRequest {
            connections: manifest.connections,
            policy: manifest.sign_in,
            role_groups: manifest.role_groups,
            validate_only: false,
        },
        groups: ApplyGroupsRequest { groups, validate_only: false },
        subscription: ApplySubscriptionRequest { plan_name: plan.name, currency: plan.currency, validate_only: false },
    };
    let declaration = Declaration { name: manifest.name, company: manifest.company, language, time_zone };
    (Manifest { declaration, parts }, violations)
}

fn or_default(text: String, default: &str) -> String {
    if text.is_empty() { default.to_owned() } else { text }
}

/// A name is part of addresses, also of host names (RFC 1123 section 2.1).
fn check_name(name: &str, violations: &mut Violations) {
    let letters = name.bytes().all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-'));
    let begins = name.starts_with(|first: char| first.is_ascii_lowercase());
    if !letters || !begins || name.ends_with('-') || !(NAME_CHARS_MIN..=NAME_CHARS_MAX).contains(&name.len()) {
        violations.push(
            "name",
            format!(
                "must be {NAME_CHARS_MIN} to {NAME_CHARS_MAX} of a-z, 0-9 and hyphen, begin with a letter and not \
                 end with a hyphen"
            ),
        );
    } else if NAMES_TAKEN.contains(&name) {
        violations.push("name", format!("{name} is an address of the installation itself; choose another one"));
    }
}

fn check_company(company: &str, violations: &mut Violations) {
    let count = company.chars().count();
    if company.trim() != company || count == 0 || count > COMPANY_CHARS_MAX || company.chars().any(char::is_control) {
        violations.push("company", format!("must be 1 to {COMPANY_CHARS_MAX} characters without space around them"));
    }
}

pub(crate) fn render_tenant(tenant: Tenant, public_url: &str) -> pb::Tenant {
    let state = match tenant.state {
        TenantState::Provisioning => pb::TenantState::Provisioning,
        TenantState::Active => pb::TenantState::Active,
        // No call brings a tenant there yet, so the contract has no word for it.
        TenantState::Sealed | TenantState::Erasing => pb::TenantState::Unspecified,
    };
    pb::Tenant {
        id: tenant.id.to_string(),
        url: format!("{public_url}/{}", tenant.name),
        schema_version: tenant::schema_version(&tenant),
        name: tenant.name,
        company: tenant.company,
        language: tenant.language,
        time_zone: tenant.time_zone,
        state: state.into(),
        created_at: Some(to_proto(tenant.created_at)),
    }
}

pub(crate) fn render_event(event: Event, public_url: &str) -> pb::ApplyTenantResponse {
    let event = match event {
        Event::Step(words) => pb::apply_tenant_response::Event::Step(words),
        Event::Change(words) => pb::apply_tenant_response::Event::Change(words),
        Event::Done(tenant) => pb::apply_tenant_response::Event::Tenant(render_tenant(tenant, public_url)),
    };
    pb::ApplyTenantResponse { event: Some(event) }
}

#[cfg(test)]
mod tests;
