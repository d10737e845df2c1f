//! The same of an Active Directory, by DirSync.

use anyhow::Result;
use freehold_tests::ldif::{Entry, escape};
use freehold_tests::samba::{AD_BASE, AD_BIND_DN, AdDc, group, unit, user};

use super::Changing;
use crate::world::{Engine, manifest};

fn dn(name: &str) -> String {
    format!("CN={},OU=People,{AD_BASE}", escape(name))
}

fn group_dn(name: &str) -> String {
    format!("CN={name},OU=Groups,{AD_BASE}")
}

fn entries() -> Vec<Entry> {
    vec![
        unit("Sales", &format!("OU=People,{AD_BASE}")),
        user("anna", "Anna", "Groß"),
        user("ben", "Ben", "Öztürk").with("manager", dn("anna")),
        user("cem", "Cem", "Işık").with("manager", dn("ben")),
        user("dora", "Dora", "Probe").with("manager", dn("cem")),
        group("staff", [dn("anna").as_str(), &dn("ben")]),
        group("area", [group_dn("staff").as_str(), &dn("cem")]),
        group("company", [dn("dora").as_str()]),
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn every_change_leads_to_what_a_new_reading_says_of_a_domain() -> Result<()> {
    let dc = AdDc::start(&entries())?;
    dc.allow_seeing_deletions(AD_BIND_DN)?;
    let company = Changing::with(Engine::Sqlite, manifest::company_of_domain("acme", &dc)?).await?;
    company.agrees("nothing").await?;

    dc.add(&user("eva", "Eva", "Neu").with("manager", dn("cem")))?;
    company.agrees("create").await?;
    dc.rename(&dn("cem"), &dn("Cem, der \"Chef\""))?;
    company.agrees("rename").await?;
    dc.rename(&dn("Cem, der \"Chef\""), &dn("cem"))?;
    dc.rename(&dn("anna"), &format!("CN=anna,OU=Sales,OU=People,{AD_BASE}"))?;
    company.agrees("move").await?;
    dc.rename(&format!("OU=Sales,OU=People,{AD_BASE}"), &format!("OU=Vertrieb,OU=People,{AD_BASE}"))?;
    company.agrees("rename of the unit").await?;
    dc.disable(&dn("cem"))?;
    company.agrees("disable").await?;
    dc.enable(&dn("cem"))?;
    company.agrees("enable").await?;

    dc.nest(&group_dn("company"), &group_dn("area"))?;
    dc.nest(&group_dn("company"), &dn("eva"))?;
    company.agrees("nest").await?;
    let guid = dc.guid(&dn("eva"))?;
    dc.delete(&dn("eva"))?;
    company.agrees("delete").await?;
    dc.restore(&guid, &dn("eva"))?;
    dc.enable(&dn("eva"))?;
    company.agrees("restore").await?;
    dc.unnest(&group_dn("company"), &group_dn("area"))?;
    company.agrees("un-nest").await?;
    dc.delete(&group_dn("area"))?;
    company.agrees("group gone").await?;
    dc.replace(&dn("dora"), "manager", &[&dn("ben")])?;
    company.agrees("change of manager").await?;
    dc.delete(&dn("ben"))?;
    company.agrees("manager gone").await
}
