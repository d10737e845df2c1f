//! The domain controller, by itself.

use std::process::Command;

use anyhow::Result;
use freehold_tests::part::{program, run};
use freehold_tests::samba::{AD_BASE, AD_BIND_DN, AD_BIND_PASSWORD, AdDc, group, user};

fn dn(name: &str) -> String {
    format!("CN={name},OU=People,{AD_BASE}")
}

/// How many entries the service account finds over LDAPS, deleted ones too when they are asked for.
fn seen(domain: &AdDc, filter: &str, deleted: bool) -> Result<usize> {
    let mut command = Command::new(program("ldapsearch", &["/usr/bin"], "the Debian package ldap-utils")?);
    command.env("LDAPTLS_CACERT", domain.ca_file()).args(["-H", &domain.ldaps_url(), "-x", "-LLL", "-D", AD_BIND_DN]);
    command.args(["-w", AD_BIND_PASSWORD, "-b", AD_BASE]);
    if deleted {
        command.args(["-e", "!1.2.840.113556.1.4.417"]);
    }
    let answer = String::from_utf8_lossy(&run(command.args([filter, "1.1"]))?).into_owned();
    Ok(answer.lines().filter(|line| line.starts_with("dn:")).count())
}

#[test]
fn a_domain_is_filled_changed_stopped_and_started_again() -> Result<()> {
    let anna = user("anna", "Anna", "Groß");
    let mut domain = AdDc::start(&[anna.clone(), group("staff", [anna.dn()])])?;
    assert_eq!(seen(&domain, "(sAMAccountName=anna)", false)?, 1, "over TLS, as the service account");
    let guid = domain.guid(&dn("anna"))?;

    domain.rename(&dn("anna"), &dn("Anna, Chefin").replace("a, C", "a\\, C"))?;
    assert_eq!(domain.search("(member=CN=Anna\\5c, Chefin,OU=People,DC=ad,DC=acme,DC=test)")?.len(), 1);
    domain.rename(&dn("Anna\\, Chefin"), &dn("anna"))?;
    domain.disable(&dn("anna"))?;
    assert_eq!(seen(&domain, "(userAccountControl:1.2.840.113556.1.4.803:=2)", false)?, 3, "with Guest and krbtgt");

    domain.delete(&dn("anna"))?;
    let deleted = "(&(isDeleted=TRUE)(sAMAccountName=anna))";
    assert_eq!(seen(&domain, deleted, true)?, 0, "an ordinary user sees no tombstones");
    domain.allow_seeing_deletions(AD_BIND_DN)?;
    assert_eq!(seen(&domain, deleted, true)?, 1);
    domain.restore(&guid, &dn("anna"))?;
    assert_eq!(domain.guid(&dn("anna"))?, guid, "who comes back is the same");

    let many: Vec<_> = (0..300).map(|number| user(&format!("u{number}"), "Bulk", "Load")).collect();
    domain.load(&many)?;
    domain.stop();
    assert!(seen(&domain, "(sn=Load)", false).is_err());
    domain.start_again()?;
    assert_eq!(seen(&domain, "(sn=Load)", false)?, 300);
    Ok(())
}
