use std::collections::BTreeSet;

use crate::{Numbered, platform, tenant};

const FIELDS: [(&str, std::ops::RangeInclusive<u16>); 5] = [
    (include_str!("field/platform.rs"), 1..=99),
    (include_str!("field/directory.rs"), 100..=199),
    (include_str!("field/auth.rs"), 200..=299),
    (include_str!("field/content.rs"), 300..=399),
    (include_str!("field/billing.rs"), 400..=499),
];

/// Table and column numbers of all constants, read from the text: a constant that no list names counts too.
fn numbers(source: &str) -> Vec<(u16, u16)> {
    let calls = source.split("= field(").skip(1);
    calls
        .map(|call| {
            let mut numbers = call.split(',').map(|number| number.trim().parse().unwrap());
            (numbers.next().unwrap(), numbers.next().unwrap())
        })
        .collect()
}

#[test]
fn no_field_number_is_used_twice_and_each_service_keeps_to_its_own() {
    let mut seen = BTreeSet::new();
    for (source, range) in FIELDS {
        for (table, column) in numbers(source) {
            assert!(range.contains(&table), "table {table} is outside of {range:?}");
            assert!(seen.insert((table, column)), "{table}, {column} is used twice");
        }
    }
    assert!(seen.len() > 20, "the numbers were not found in the source");
}

fn in_one_line(migrations: &[Numbered]) {
    let numbers: Vec<i32> = migrations.iter().map(|one| one.number).collect();
    assert!(numbers.is_sorted_by(|one, next| one < next), "{numbers:?}");
    let mut tables = BTreeSet::new();
    for one in migrations {
        let prefix = format!("m{:04}_", one.number);
        assert!(one.migration.name().starts_with(&prefix), "{} is not number {}", one.migration.name(), one.number);
        for table in one.tables {
            assert!(tables.insert(table), "{table} is created twice");
        }
    }
}

#[test]
fn migrations_run_in_one_line_by_their_numbers() {
    in_one_line(&tenant::migrations());
    in_one_line(&platform::migrations());
}
