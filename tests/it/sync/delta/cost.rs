//! What being told of changes asks of the server.

use anyhow::Result;
use freehold_tests::company::Company;
use freehold_tests::openldap::Slapd;

use super::Changing;
use crate::world::{Engine, manifest};

const PEOPLE: usize = 2_000;
/// What a run may ask of the server: binds, and entries listed.
struct Allowed {
    binds: usize,
    entries: usize,
}

/// One question whether anything changed at all: what the server is, and where its base stands.
const NO_CHANGE: Allowed = Allowed { binds: 1, entries: 2 };
/// That question; people, groups and containers, three lines of changes; and a list of the containers' names, which are
/// departments and what is above them: fewer than there are groups.
const ONE_CHANGE: Allowed = Allowed { binds: 5, entries: 30 };

/// What a run asks of the server: how many binds, and how many entries it was given in answer to searches that ended.
async fn cost(company: &Changing, slapd: &Slapd, deactivated: i64) -> Result<(usize, usize)> {
    let before = (binds(slapd), slapd.listed_entries());
    let counts = company.world.line.synced("acme").await?;
    assert_eq!(counts.deactivated_count, deactivated);
    Ok((binds(slapd) - before.0, slapd.listed_entries() - before.1))
}

fn binds(slapd: &Slapd) -> usize {
    // A bind that worked says so in a second line of that name.
    slapd.operations().get("BIND").copied().unwrap_or_default() / 2
}

#[tokio::test(flavor = "multi_thread")]
async fn changes_are_told_without_a_list_of_people_or_groups() -> Result<()> {
    let all = Company::of(PEOPLE);
    let slapd = Slapd::start_with_changes(&all.entries())?;
    let mut acme = manifest::company_of("acme", &slapd)?;
    // They are read beside the runs.
    acme.directories[0].photos = Some(false);
    let company = Changing::with(Engine::Sqlite, acme).await?;
    assert!(slapd.listed_entries() > PEOPLE, "the first run lists everybody");
    for (what, allowed, leaver) in [("no change", NO_CHANGE, None), ("one leaver", ONE_CHANGE, all.people.last())] {
        if let Some(leaver) = leaver {
            slapd.delete(&leaver.dn)?;
        }
        let (binds, listed) = cost(&company, &slapd, i64::from(leaver.is_some())).await?;
        assert!(binds <= allowed.binds && listed <= allowed.entries, "{what}: {binds} binds, {listed} entries");
    }
    Ok(())
}
