use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use toml::{Table, Value};

use super::{code_of, identifiers, none, root, sources};

/// Which of our crates a crate may name, without the prefix `freehold-`. A new arrow needs a change to the drawing in
/// services/README.md.
const ARROWS: [(&str, &[&str]); 14] = [
    ("types", &[]),
    ("proto", &[]),
    ("vault", &["types"]),
    ("schema", &["types", "vault"]),
    ("tenancy", &["schema", "types", "vault"]),
    ("audit", &["schema", "tenancy", "types", "vault"]),
    ("wire", &["proto", "types"]),
    ("operator", SERVICE),
    ("directory", SERVICE),
    ("auth", SERVICE),
    ("content", SERVICE),
    ("billing", SERVICE),
    ("gateway", &["proto", "types", "wire"]),
    ("tests", ALL),
];
const SERVICE: &[&str] = &["audit", "proto", "schema", "tenancy", "types", "vault", "wire"];
const ALL: &[&str] = &[
    "audit",
    "auth",
    "billing",
    "content",
    "directory",
    "gateway",
    "operator",
    "proto",
    "schema",
    "tenancy",
    "types",
    "vault",
    "wire",
];

/// What a crate must not bring in from outside.
const WITHOUT: [(&str, &[&str]); 4] = [
    ("types", &["tonic", "sea-orm", "sqlx", "tokio", "serde", "axum"]),
    ("vault", &["sea-orm", "sqlx", "tokio", "chrono", "tonic"]),
    ("gateway", &["sea-orm", "sqlx", "aes-gcm", "hmac", "hkdf", "ldap3"]),
    ("wire", &["sea-orm", "sqlx", "ldap3", "openidconnect"]),
];

/// Crates named by generated code or by a derive only, which the source does not show.
const UNSEEN: [(&str, &[&str]); 1] =
    [("proto", &["pbjson", "pbjson-types", "prost", "prost-types", "serde", "tonic", "tonic-prost"])];

/// Never in Cargo.lock, and why.
const BANNED: [(&str, &str); 6] = [
    ("openssl", "TLS is rustls everywhere"),
    ("openssl-sys", "TLS is rustls everywhere"),
    ("native-tls", "TLS is rustls everywhere"),
    ("aws-lc-rs", "ring is the one rustls provider; two of them panic at start"),
    ("aws-lc-sys", "ring is the one rustls provider; two of them panic at start"),
    ("rustls-openssl", "ring is the one rustls provider; two of them panic at start"),
];

const CRATES_IO: &str = "registry+https://github.com/rust-lang/crates.io-index";

struct Manifest {
    /// Without the prefix.
    name: String,
    folder: String,
    dependencies: BTreeSet<String>,
    dev_dependencies: BTreeSet<String>,
    build_dependencies: BTreeSet<String>,
    table: Table,
}

fn manifests() -> Vec<Manifest> {
    let workspace = table("Cargo.toml");
    let members = workspace["workspace"]["members"].as_array().expect("the root manifest lists its members").clone();
    members.iter().filter_map(Value::as_str).map(manifest).collect()
}

fn manifest(folder: &str) -> Manifest {
    let table = table(&format!("{folder}/Cargo.toml"));
    let names = |section: &str| {
        let section = table.get(section).and_then(Value::as_table);
        section.map(|section| section.keys().cloned().collect()).unwrap_or_default()
    };
    let name = table["package"]["name"].as_str().expect("a package has a name");
    Manifest {
        name: name.strip_prefix("freehold-").unwrap_or(name).to_owned(),
        folder: folder.to_owned(),
        dependencies: names("dependencies"),
        dev_dependencies: names("dev-dependencies"),
        build_dependencies: names("build-dependencies"),
        table,
    }
}

impl Manifest {
    fn all(&self) -> impl Iterator<Item = &String> {
        self.dependencies.iter().chain(&self.dev_dependencies).chain(&self.build_dependencies)
    }
}

fn table(path: &str) -> Table {
    let text = fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"));
    text.parse().unwrap_or_else(|error| panic!("{path}: {error}"))
}

#[test]
fn arrows_between_crates_are_those_of_the_drawing() {
    let allowed: BTreeMap<&str, &[&str]> = ARROWS.into_iter().collect();
    let mut findings = Vec::new();
    for crate_ in manifests() {
        let may =
            if crate_.name == "freehold" { ALL } else { allowed.get(crate_.name.as_str()).copied().unwrap_or(&[]) };
        for other in crate_.all() {
            // The real parts may be used in the tests of any crate.
            let parts = other == "freehold-tests" && !crate_.dependencies.contains(other);
            if let Some(other) = other.strip_prefix("freehold-")
                && !may.contains(&other)
                && !parts
            {
                findings.push(format!("{} must not depend on {other}", crate_.name));
            }
        }
        let without = WITHOUT.iter().filter(|(name, _)| *name == crate_.name).flat_map(|(_, banned)| *banned);
        for banned in without.filter(|banned| crate_.dependencies.contains(**banned)) {
            findings.push(format!("{} must do without {banned}", crate_.name));
        }
    }
    none("services call each other through Clients; only tenancy has a database, only vault a key", findings);
}

#[test]
fn only_tenancy_opens_a_database() {
    let openers =
        ["DatabaseConnection", "ConnectOptions", "ConnectionTrait", "TransactionTrait", "execute_unprepared", "sqlx"];
    let mut findings = Vec::new();
    for file in sources(&[".rs"]) {
        if ["tenants/", "tests/"].iter().any(|place| file.path.starts_with(place)) {
            continue;
        }
        for (line, word) in identifiers(&file.text) {
            if openers.contains(&word.as_str()) {
                findings.push(format!("{}:{line}: {word}", file.path));
            }
        }
    }
    none("only freehold-tenancy opens a database and begins transactions", findings);
}

#[test]
fn entities_stay_in_the_store() {
    let mut findings = Vec::new();
    for file in sources(&[".rs"]).into_iter().filter(|file| file.path.starts_with("services/")) {
        let inside = ["/src/store", "/src/entity"].iter().any(|place| file.path.contains(place));
        if !inside && identifiers(&file.text).iter().any(|(_, word)| word == "sea_orm") {
            findings.push(file.path);
        }
    }
    none("only store/ and entity/ name sea_orm", findings);
}

#[test]
fn only_wire_makes_a_status() {
    let mut findings = Vec::new();
    for file in sources(&[".rs"]) {
        if !file.path.starts_with("services/") || file.path.starts_with("services/wire/") {
            continue;
        }
        for (number, line) in code_of(&file.text).lines().enumerate() {
            if line.match_indices("Status::").any(|(place, _)| makes_a_status(&line[place + 8..], &line[..place])) {
                findings.push(format!("{}:{}: {}", file.path, number + 1, line.trim()));
            }
        }
    }
    none("faults become a tonic::Status in services/wire/src/status.rs and nowhere else", findings);
}

fn makes_a_status(after: &str, before: &str) -> bool {
    let makers =
        ["new(", "internal(", "invalid_argument(", "not_found(", "unavailable(", "permission_denied(", "unknown("];
    let other_type = before.ends_with(|sign: char| sign.is_alphanumeric() || sign == '_');
    !other_type && makers.iter().any(|maker| after.starts_with(maker))
}

#[test]
fn every_dependency_is_used() {
    let files = sources(&[".rs"]);
    let mut findings = Vec::new();
    for crate_ in manifests() {
        let inside = format!("{}/", crate_.folder);
        let words: BTreeSet<String> = files
            .iter()
            .filter(|file| file.path.starts_with(&inside))
            .flat_map(|file| identifiers(&file.text))
            .map(|(_, word)| word)
            .collect();
        let unseen = UNSEEN.iter().find(|(name, _)| *name == crate_.name).map_or(&[][..], |(_, unseen)| unseen);
        for dependency in crate_.all() {
            if !words.contains(&dependency.replace('-', "_")) && !unseen.contains(&dependency.as_str()) {
                findings.push(format!("{}: {dependency}", crate_.name));
            }
        }
    }
    none("dependencies nothing uses", findings);
}

#[test]
fn every_manifest_takes_from_the_one_table() {
    let mut findings = Vec::new();
    for crate_ in manifests() {
        for section in ["dependencies", "dev-dependencies", "build-dependencies"] {
            let Some(table) = crate_.table.get(section).and_then(Value::as_table) else { continue };
            for (name, value) in table {
                if value.get("workspace").and_then(Value::as_bool) != Some(true) {
                    findings.push(format!("{}: {name} has a version of its own", crate_.name));
                }
            }
        }
        let doctest = crate_.table.get("lib").and_then(|lib| lib.get("doctest")?.as_bool());
        // In tenancy a doc test proves that raw SQL does not compile; the binary has no library.
        if !["freehold", "tenancy"].contains(&crate_.name.as_str()) && doctest != Some(false) {
            findings.push(format!("{}: doctest = false is missing", crate_.name));
        }
        if crate_.table.get("lints").is_none() {
            findings.push(format!("{}: no [lints]", crate_.name));
        }
        if crate_.table.contains_key("features") {
            findings.push(format!("{}: development and production are the same code, no features", crate_.name));
        }
    }
    none("one table of dependencies, one set of lints", findings);
}

#[test]
fn nothing_banned_is_locked() {
    let lock = table("Cargo.lock");
    let mut findings = Vec::new();
    for package in lock["package"].as_array().expect("Cargo.lock lists packages") {
        let name = package["name"].as_str().unwrap_or_default();
        if let Some((_, reason)) = BANNED.iter().find(|(banned, _)| *banned == name) {
            findings.push(format!("{name}: {reason}"));
        }
        match package.get("source").and_then(Value::as_str) {
            Some(CRATES_IO) | None => {}
            Some(other) => findings.push(format!("{name} comes from {other}")),
        }
    }
    let npm = fs::read_to_string(root().join("tests/package-lock.json")).expect("the tests have a package-lock.json");
    if npm.contains("\"resolved\"") {
        findings.push("tests/package-lock.json names a registry's host".to_owned());
    }
    none("banned crates and sources", findings);
}
