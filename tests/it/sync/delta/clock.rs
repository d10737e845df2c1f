//! Clocks that jump: ours, and the one of the server.

use anyhow::Result;
use chrono::TimeDelta;
use freehold_tests::ldif::Entry;
use freehold_tests::openldap::Slapd;

use super::{Changing, dn, entries, person};
use crate::world::{Engine, manifest};

#[tokio::test(flavor = "multi_thread")]
async fn a_jump_of_our_clock_loses_nobody_and_no_change() -> Result<()> {
    for (slapd, way) in [(Slapd::start_with_changes(&entries())?, "line"), (Slapd::start(&entries())?, "time")] {
        let company = Changing::with(Engine::Sqlite, manifest::company_of("acme", &slapd)?).await?;
        for (days, title) in [(-3, "earlier"), (20, "later"), (-10, "earlier again")] {
            company.world.clock.advance(TimeDelta::days(days));
            slapd.replace(&dn("ben"), "title", &[title])?;
            slapd.add(&person(&format!("new{}", title.replace(' ', "-"))))?;
            company.agrees(&format!("{way} {title}")).await?;
        }
        slapd.delete(&dn("dora"))?;
        company.agrees(&format!("{way} leaver")).await?;
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn changes_are_seen_though_the_server_s_clock_was_years_ahead_for_a_while() -> Result<()> {
    let ahead: Vec<Entry> = [person("zeno").with("modifyTimestamp", "20480101000000Z")].into();
    let slapd = Slapd::start(&[entries(), ahead].concat())?;
    let company = Changing::with(Engine::Sqlite, manifest::company_of("acme", &slapd)?).await?;
    slapd.replace(&dn("ben"), "title", &["after the clock was set right"])?;
    company.agrees("a title").await?;
    company.agrees("nothing more").await
}
