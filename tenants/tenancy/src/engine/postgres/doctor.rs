//! Looks at a database from outside: are tenants still apart?

use sea_orm::{DatabaseConnection, DbErr, Value};

use super::rows;
use super::set_up::{HOLES, Names, is_open};
use crate::doctor::Finding;
use crate::registry::Room;

/// Above this, stepping into a role and granting one cost every request more than it should.
const TENANTS_PER_DATABASE_MAX: usize = 1_000;

/// Counts of what must not be there; `$1` is the request login.
const COUNTS: [(&str, &str, &str); 5] = [
    (
        "roles that may use more than one tenant's schema",
        "SELECT count(*) AS n FROM (SELECT a.grantee FROM pg_namespace s, aclexplode(s.nspacl) a \
         WHERE s.nspname ~ '^t_[a-z0-9]{16}$' AND a.privilege_type = 'USAGE' AND a.grantee <> s.nspowner \
         AND $1::text IS NOT NULL GROUP BY a.grantee HAVING count(DISTINCT s.oid) > 1 OR a.grantee = 0) x",
        "revoke what was granted by hand: REVOKE ALL ON SCHEMA … FROM …",
    ),
    (
        "rights of the request login's own",
        "SELECT count(*) AS n FROM pg_shdepend d JOIN pg_roles l ON l.oid = d.refobjid \
         WHERE l.rolname = $1 AND d.refclassid = 'pg_authid'::regclass AND d.deptype IN ('a', 'o') \
         AND d.dbid = (SELECT oid FROM pg_database WHERE datname = current_database())",
        "revoke what was granted to it by hand; it lives from its memberships only",
    ),
    (
        "dangerous attributes of the request login",
        "SELECT count(*) AS n FROM pg_roles WHERE rolname = $1 AND (rolinherit OR rolsuper OR rolcreaterole \
         OR rolcreatedb OR rolreplication OR rolbypassrls)",
        "ALTER ROLE … NOINHERIT NOSUPERUSER NOCREATEROLE NOCREATEDB NOREPLICATION NOBYPASSRLS",
    ),
    (
        "memberships of the request login that no tenant explains",
        "SELECT count(*) AS n FROM pg_auth_members m JOIN pg_roles r ON r.oid = m.roleid \
         JOIN pg_roles l ON l.oid = m.member WHERE l.rolname = $1 AND r.rolname !~ '^r_[a-z0-9]{16}$' \
         AND r.rolname !~ '^fh_platform_[0-9a-f]{16}$'",
        "REVOKE … FROM the request login",
    ),
    (
        "tenant roles that somebody can sign in with or that inherit",
        "SELECT count(*) AS n FROM pg_auth_members m JOIN pg_roles r ON r.oid = m.roleid \
         JOIN pg_roles l ON l.oid = m.member WHERE l.rolname = $1 AND (r.rolcanlogin OR r.rolinherit OR r.rolsuper)",
        "ALTER ROLE … NOLOGIN NOINHERIT NOSUPERUSER",
    ),
];

pub(super) async fn look(owner: &DatabaseConnection, names: &Names, rooms: &[Room]) -> Result<Vec<Finding>, DbErr> {
    let mut findings = Vec::new();
    for hole in &HOLES {
        let open = is_open(owner, hole).await?;
        findings.push(Finding::new(!open, format!("{}: {open}", hole.what), hole.cure));
    }
    for (what, sql, cure) in COUNTS {
        let login: Value = names.request_login.as_str().into();
        let found = rows(owner, sql, [login]).await?;
        let n: i64 = found.first().map_or(Ok(0), |row| row.try_get("", "n"))?;
        findings.push(Finding::new(n == 0, format!("{what}: {n}"), cure));
    }
    findings.push(Finding::new(
        rooms.len() <= TENANTS_PER_DATABASE_MAX,
        format!("{} tenants in this database, of at most {TENANTS_PER_DATABASE_MAX}", rooms.len()),
        "run a second installation for new tenants",
    ));
    Ok(findings)
}
