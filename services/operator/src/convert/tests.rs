use freehold_proto::tenant::v1 as pb;

use super::parse_manifest;

fn good() -> pb::TenantManifest {
    pb::TenantManifest { name: "acme".to_owned(), company: "Acme SAS".to_owned(), ..Default::default() }
}

#[track_caller]
fn check(manifest: pb::TenantManifest, fields: &[&str]) {
    let (_, violations) = parse_manifest(Some(manifest));
    let found: Vec<String> = match violations.finish() {
        Ok(()) => Vec::new(),
        Err(fault) => fault.violations().iter().map(|violation| violation.field.clone()).collect(),
    };
    assert_eq!(found, fields);
}

#[test]
fn a_short_manifest_gets_the_defaults() {
    let (manifest, violations) = parse_manifest(Some(good()));
    violations.finish().unwrap();
    assert_eq!((manifest.declaration.language.as_str(), manifest.declaration.time_zone.as_str()), ("en", "UTC"));
}

#[test]
fn five_mistakes_are_five_violations() {
    let manifest = pb::TenantManifest {
        name: "Acme!".to_owned(),
        company: " ".to_owned(),
        language: "tlh".to_owned(),
        time_zone: "Europe/Atlantis".to_owned(),
        key_provider: "pocket".to_owned(),
        ..Default::default()
    };
    check(manifest, &["name", "company", "language", "time_zone", "key_provider"]);
    let (_, violations) = parse_manifest(None);
    assert!(!violations.is_empty());
}

#[test]
fn names_fit_into_addresses() {
    for name in ["ab", "a1", "acme-2", &"a".repeat(40)] {
        check(pb::TenantManifest { name: name.to_owned(), ..good() }, &[]);
    }
    for name in ["", "a", "1a", "-a", "a-", "a_b", "Acme", "é-plant", "www", "metrics", &"a".repeat(41)] {
        check(pb::TenantManifest { name: name.to_owned(), ..good() }, &["name"]);
    }
}

#[test]
fn companies_are_called_as_they_like_within_reason() {
    for company in ["O", "Société Générale", "株式会社", &"é".repeat(200)] {
        check(pb::TenantManifest { company: company.to_owned(), ..good() }, &[]);
    }
    for company in ["", " Acme", "Acme\n", "Ac\u{0}me", &"é".repeat(201)] {
        check(pb::TenantManifest { company: company.to_owned(), ..good() }, &["company"]);
    }
}

#[test]
fn time_zones_are_those_of_the_iana_list() {
    for time_zone in ["UTC", "Europe/Paris", "America/Argentina/Buenos_Aires"] {
        check(pb::TenantManifest { time_zone: time_zone.to_owned(), ..good() }, &[]);
    }
    for time_zone in ["CEST+2", "Paris", "../../etc/passwd"] {
        check(pb::TenantManifest { time_zone: time_zone.to_owned(), ..good() }, &["time_zone"]);
    }
}
