use std::collections::BTreeSet;
use std::fs;

use super::{Source, none, root, sources};

/// The one package in which a tenant may be named: what the operator asks for.
const OPERATORS_PACKAGE: &str = "freehold.tenant.v1";

#[test]
fn every_line_of_a_contract_is_explained() {
    let mut findings = Vec::new();
    for file in sources(&[".proto"]) {
        let lines: Vec<&str> = file.text.lines().map(str::trim).collect();
        for (number, line) in lines.iter().enumerate().filter(|(_, line)| wants_a_comment(line)) {
            if number == 0 || !lines[number - 1].starts_with("//") {
                findings.push(format!("{}:{}: {line}", file.path, number + 1));
            }
        }
    }
    none("a comment above every message, field, value and RPC", findings);
}

#[test]
fn contracts_keep_to_the_rules() {
    let mut findings = Vec::new();
    for file in sources(&[".proto"]) {
        let package = package(&file);
        for (number, line) in file.text.lines().map(str::trim).enumerate() {
            if let Some(rule) = broken_rule(line, &package) {
                findings.push(format!("{}:{}: {rule}: {line}", file.path, number + 1));
            }
        }
        if file.path != format!("proto/{}/{}", package.replace('.', "/"), file.path.rsplit('/').next().unwrap_or("")) {
            findings.push(format!("{}: package {package} lives in the folder of its name", file.path));
        }
    }
    none("rules for contracts", findings);
}

#[test]
fn every_rpc_says_who_may_call_it() {
    let table = fs::read_to_string(root().join("services/types/src/access.rs")).expect("the access table is readable");
    let rows: BTreeSet<String> = table
        .lines()
        .filter_map(|line| line.trim().strip_prefix("(\"/freehold."))
        .filter_map(|line| line.split_once('"'))
        .map(|(path, _)| format!("/freehold.{path}"))
        .collect();
    let rpcs: BTreeSet<String> = sources(&[".proto"]).iter().flat_map(paths_of).collect();
    assert!(!rpcs.is_empty());
    none("RPCs without a row in access::RPCS", rpcs.difference(&rows));
    none("rows in access::RPCS without an RPC", rows.difference(&rpcs));
}

fn paths_of(file: &Source) -> Vec<String> {
    let package = package(file);
    let mut service = "";
    let mut paths = Vec::new();
    for line in file.text.lines().map(str::trim) {
        let mut words = line.split(|sign: char| sign.is_whitespace() || matches!(sign, '(' | '{'));
        match (words.next(), words.next()) {
            (Some("service"), Some(name)) => service = name,
            (Some("rpc"), Some(name)) => paths.push(format!("/{package}.{service}/{name}")),
            _ => {}
        }
    }
    paths
}

fn package(file: &Source) -> String {
    let line = file.text.lines().find_map(|line| line.strip_prefix("package "));
    line.map(|name| name.trim_end_matches(';').to_owned()).unwrap_or_default()
}

fn wants_a_comment(line: &str) -> bool {
    let opens = ["message ", "enum ", "service ", "rpc ", "oneof "].iter().any(|word| line.starts_with(word));
    opens || field(line).is_some()
}

/// Type and name of a field, or nothing and the name of an enum value.
fn field(line: &str) -> Option<(&str, &str)> {
    let (before, after) = line.split_once(" = ")?;
    let number = after.split([';', ' ']).next()?;
    let declares = !["//", "option ", "syntax "].iter().any(|word| line.starts_with(word));
    if !declares || number.parse::<u32>().is_err() {
        return None;
    }
    Some(before.rsplit_once(' ').unwrap_or(("", before)))
}

fn broken_rule(line: &str, package: &str) -> Option<&'static str> {
    if let Some((kind, name)) = field(line) {
        let kind = kind.trim_start_matches("repeated ").trim_start_matches("optional ");
        if matches!(name, "tenant" | "tenant_id" | "tenant_name") && package != OPERATORS_PACKAGE {
            return Some("the tenant comes from the caller, never from a field");
        }
        if kind == "google.protobuf.Timestamp" && !name.ends_with("_at") {
            return Some("times end in _at");
        }
        if matches!(kind, "google.protobuf.Any" | "google.protobuf.Struct" | "google.protobuf.Value") {
            return Some("no shapes that say nothing");
        }
        if kind.is_empty() && line.contains(" = 0;") && !name.ends_with("_UNSPECIFIED") {
            return Some("zero is _UNSPECIFIED");
        }
    }
    let (name, request) = line.strip_prefix("rpc ")?.split_once('(')?;
    let (request, answer) = request.split_once(") returns (")?;
    let answer = answer.trim_start_matches("stream ").split(')').next()?;
    let own = request.trim_start_matches("stream ") == format!("{name}Request") && answer == format!("{name}Response");
    (!own).then_some("every RPC has a request and a response of its own")
}
