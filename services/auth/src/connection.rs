//! A tenant's trust in its IdPs, and how its people may sign in: declared as a whole.

use std::fmt;

use freehold_audit::{Event, Label, record_all};
use freehold_tenancy::TenantTx;
use freehold_types::{Caller, ConnectionId, Fault, PersonId, Secret};

use crate::emergency::Account;
use crate::ended::EndedSessions;
use crate::enforcement::Standing;
use crate::local::Cleared;
use crate::{Auth, emergency, enforcement, local, role, store};

/// The most connections a tenant has.
pub(crate) const CONNECTIONS_MAX: usize = 16;

/// A connection that exists.
#[derive(Debug, Clone)]
pub(crate) struct Connection {
    pub(crate) id: ConnectionId,
    /// Whether an administrator has come in through it since it was declared as it is.
    pub(crate) tried: bool,
    pub(crate) settings: Settings,
}

/// What a manifest says of one IdP.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Settings {
    pub(crate) name: String,
    /// As the IdP spells it; compared letter by letter.
    pub(crate) issuer: String,
    pub(crate) client_id: String,
    pub(crate) client_secret: Secret<String>,
    pub(crate) domains: Vec<String>,
    /// The claim that meets a person at the first sign-in.
    pub(crate) link_claim: String,
    pub(crate) link_by: LinkBy,
    pub(crate) ca_pem: String,
    /// Asked for besides `openid` and `profile`.
    pub(crate) scopes: Vec<String>,
    /// What tells this company's people from those of others with the same issuer.
    pub(crate) pin: Option<Pin>,
    pub(crate) demands: Demands,
}

/// A claim that must have one value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Pin {
    pub(crate) claim: String,
    pub(crate) value: String,
}

/// What a sign-in at the IdP must have been.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Demands {
    /// One of these, unless it is empty.
    pub(crate) acr: Vec<String>,
    /// All of these.
    pub(crate) amr: Vec<String>,
    /// At most so long ago.
    pub(crate) max_age_minutes: Option<i32>,
}

/// The attribute of a person that the link claim must equal. Neither can be chosen by the person.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum LinkBy {
    /// The directory's immutable id.
    DirectoryId,
    /// The employee number.
    EmployeeNumber,
}

/// How a tenant's people may sign in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Policy {
    pub(crate) access_codes: bool,
    pub(crate) sso_only: bool,
}

/// Everything a tenant's manifest says about signing in and about roles.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Declared {
    pub(crate) connections: Vec<Settings>,
    pub(crate) policy: Policy,
    /// Names of the emergency accounts.
    pub(crate) emergency_accounts: Vec<String>,
    /// Directory groups whose members have a role.
    pub(crate) role_groups: Vec<role::Group>,
}

/// A connection as it is shown.
#[derive(Debug)]
pub(crate) struct Shown {
    pub(crate) connection: Connection,
    pub(crate) redirect_uri: String,
    pub(crate) post_logout_redirect_uri: String,
    pub(crate) backchannel_logout_uri: String,
}

/// How the company's people sign in, besides what they have of their own.
#[derive(Debug)]
pub(crate) struct List {
    pub(crate) connections: Vec<Shown>,
    pub(crate) accounts: Vec<emergency::Shown>,
}

/// One difference between what is and what is declared. Its text is what the operator reads.
#[derive(Debug, PartialEq, Eq)]
enum Change<'a> {
    Add(&'a Settings),
    Update { id: ConnectionId, settings: &'a Settings, fields: Vec<&'static str> },
    Remove { id: ConnectionId, name: &'a str },
    Policy(Policy),
    AddAccount(&'a str),
    RemoveAccount(&'a Account),
    RoleGroups(&'a [role::Group]),
}

/// Makes the tenant's connections and policy the declared ones, or only says what would change.
pub(crate) async fn apply(
    auth: &Auth,
    caller: &Caller,
    declared: &Declared,
    validate_only: bool,
) -> Result<Vec<String>, Fault> {
    if validate_only && caller.tenant.is_none() {
        let nothing = Standing::default();
        enforcement::check(&nothing, declared)?;
        return Ok(sentences(&changes(&nothing, declared)));
    }
    let tx = auth.deps.tenancy.begin(caller).await?;
    let standing = Standing {
        connections: store::connection::lock_all(&tx).await?,
        policy: store::policy::get(&tx).await?,
        accounts: emergency::show(&tx).await?,
        role_groups: store::role::groups(&tx).await?,
    };
    enforcement::check(&standing, declared)?;
    let changes = changes(&standing, declared);
    if !validate_only {
        let mut ended = EndedSessions::none();
        let mut events = Vec::new();
        for change in &changes {
            let Cleared { events: carried_out, sessions } = carry_out(&tx, change).await?;
            events.extend(carried_out);
            ended = ended.and(sessions);
        }
        record_all(&tx, caller, &events).await?;
        let tenant = tx.tenant();
        tx.commit().await?;
        auth.ended.tell(tenant, ended);
    }
    Ok(sentences(&changes))
}

/// All connections and emergency accounts of the tenant, by name.
pub(crate) async fn list(auth: &Auth, caller: &Caller) -> Result<List, Fault> {
    let tenant = auth.deps.tenancy.get(caller.tenant()?).await?;
    let tx = auth.deps.tenancy.begin(caller).await?;
    let connections = store::connection::all(&tx).await?;
    let accounts = emergency::show(&tx).await?;
    tx.commit().await?;
    let show = |connection: Connection| Shown {
        redirect_uri: redirect_uri(auth, &tenant.name, &connection.settings.name),
        post_logout_redirect_uri: post_logout_redirect_uri(auth, &tenant.name),
        backchannel_logout_uri: backchannel_logout_uri(auth, &tenant.name, &connection.settings.name),
        connection,
    };
    Ok(List { connections: connections.into_iter().map(show).collect(), accounts })
}

/// Where the IdP sends browsers back to. Each connection has its own, so that one IdP's answer cannot be brought to
/// another's place (RFC 9700 section 4.4).
pub(crate) fn redirect_uri(auth: &Auth, company_address: &str, connection_name: &str) -> String {
    format!("{}/{company_address}/sso/{connection_name}/callback", public_url(auth))
}

/// Where the IdP says that sessions are over. Each connection has its own, too.
fn backchannel_logout_uri(auth: &Auth, company_address: &str, connection_name: &str) -> String {
    format!("{}/{company_address}/sso/{connection_name}/backchannel-logout", public_url(auth))
}

/// Where the IdP sends browsers after a sign-out: always here, wherever they came from.
pub(crate) fn post_logout_redirect_uri(auth: &Auth, company_address: &str) -> String {
    format!("{}/{company_address}/sign-in", public_url(auth))
}

fn public_url(auth: &Auth) -> &str {
    auth.deps.config.public_url.trim_end_matches('/')
}

fn changes<'a>(standing: &'a Standing, declared: &'a Declared) -> Vec<Change<'a>> {
    let known = &standing.connections;
    let find = |name: &str| known.iter().find(|connection| connection.settings.name == name);
    let mut changes = Vec::new();
    for settings in &declared.connections {
        match find(&settings.name) {
            None => changes.push(Change::Add(settings)),
            Some(connection) => {
                let fields = differing(&connection.settings, settings);
                if !fields.is_empty() {
                    changes.push(Change::Update { id: connection.id, settings, fields });
                }
            }
        }
    }
    for Connection { id, settings, .. } in known {
        if !declared.connections.iter().any(|wanted| wanted.name == settings.name) {
            changes.push(Change::Remove { id: *id, name: &settings.name });
        }
    }
    if standing.policy != declared.policy {
        changes.push(Change::Policy(declared.policy));
    }
    let accounts = || standing.accounts.iter().map(|shown| &shown.account);
    let new = |name: &&String| accounts().all(|account| account.name != **name);
    changes.extend(declared.emergency_accounts.iter().filter(new).map(|name| Change::AddAccount(name)));
    let gone = accounts().filter(|account| !declared.emergency_accounts.contains(&account.name));
    changes.extend(gone.map(Change::RemoveAccount));
    if standing.role_groups != declared.role_groups {
        changes.push(Change::RoleGroups(&declared.role_groups));
    }
    changes
}

fn differing(old: &Settings, new: &Settings) -> Vec<&'static str> {
    let Settings {
        name: _,
        issuer,
        client_id,
        client_secret,
        domains,
        link_claim,
        link_by,
        ca_pem,
        scopes,
        pin,
        demands,
    } = new;
    [
        ("issuer", old.issuer != *issuer),
        ("client_id", old.client_id != *client_id),
        ("client_secret", old.client_secret != *client_secret),
        ("domains", old.domains != *domains),
        ("link_claim", old.link_claim != *link_claim),
        ("link_attribute", old.link_by != *link_by),
        ("ca_pem", old.ca_pem != *ca_pem),
        ("scopes", old.scopes != *scopes),
        ("pin", old.pin != *pin),
        ("demands", old.demands != *demands),
    ]
    .into_iter()
    .filter_map(|(field, differs)| differs.then_some(field))
    .collect()
}

/// Does it; answers what is to be written into the audit log and which sessions ended.
async fn carry_out(tx: &TenantTx, change: &Change<'_>) -> Result<Cleared, Fault> {
    let mut sessions = EndedSessions::none();
    let mut events = Vec::new();
    match change {
        Change::Add(settings) => {
            store::connection::insert(tx, settings).await?;
            events.push(Event::ConnectionAdded { connection: Label::new(&settings.name) });
        }
        Change::Update { id, settings, fields } => {
            store::connection::update(tx, *id, settings).await?;
            // What the old one vouched for ends.
            if other_party(fields) {
                sessions = end_all_of(tx, *id).await?;
            }
            let connection = Label::new(&settings.name);
            events.push(Event::ConnectionChanged { connection, fields: fields.clone() });
        }
        Change::Remove { id, name } => {
            sessions = end_all_of(tx, *id).await?;
            store::connection::delete(tx, *id).await?;
            events.push(Event::ConnectionRemoved { connection: Label::new(name) });
        }
        Change::RoleGroups(groups) => {
            store::role::put_groups(tx, groups).await?;
            events.push(Event::RoleGroupsChanged { count: groups.len() });
        }
        Change::Policy(policy) => {
            sessions = put_policy(tx, *policy).await?;
            let Policy { access_codes, sso_only } = *policy;
            events.push(Event::SignInPolicyChanged { access_codes, sso_only });
        }
        Change::AddAccount(name) => {
            let person = store::emergency_account::insert(tx, name).await?;
            events.push(Event::EmergencyAccountAdded { person });
        }
        Change::RemoveAccount(Account { id, .. }) => {
            Cleared { events, sessions } = local::end_all_of(tx, *id).await?;
            store::emergency_account::delete(tx, *id).await?;
            events.push(Event::EmergencyAccountRemoved { person: *id });
        }
    }
    Ok(Cleared { events, sessions })
}

async fn put_policy(tx: &TenantTx, policy: Policy) -> Result<EndedSessions, Fault> {
    store::policy::put(tx, policy).await?;
    if !policy.access_codes {
        let accounts = store::emergency_account::all(tx).await?;
        let accounts: Vec<PersonId> = accounts.iter().map(|account| account.id).collect();
        store::access_code::delete_all_but(tx, &accounts).await?;
        store::claim::delete_all_but(tx, &accounts).await?;
    }
    if policy.sso_only { store::session::delete_without_connection(tx).await } else { Ok(EndedSessions::none()) }
}

/// Another issuer is another party to trust, and so is another company behind the same one.
fn other_party(fields: &[&str]) -> bool {
    fields.iter().any(|field| matches!(*field, "issuer" | "pin"))
}

async fn end_all_of(tx: &TenantTx, connection: ConnectionId) -> Result<EndedSessions, Fault> {
    store::sign_in::delete_of_connection(tx, connection).await?;
    let ended = store::session::delete_of_connection(tx, connection).await?;
    store::logout_token::delete_of_connection(tx, connection).await?;
    store::identity::delete_of_connection(tx, connection).await?;
    Ok(ended)
}

fn sentences(changes: &[Change<'_>]) -> Vec<String> {
    changes.iter().map(ToString::to_string).collect()
}

impl fmt::Display for Change<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Add(settings) => write!(f, "adds connection {}", settings.name),
            Self::Update { settings, fields, .. } => {
                write!(f, "changes connection {}: {}", settings.name, fields.join(", "))?;
                f.write_str(if other_party(fields) { "; ends its sessions" } else { "" })?;
                f.write_str("; it counts as tried again once an administrator has signed in through it")
            }
            Self::Remove { name, .. } => write!(f, "removes connection {name} and ends its sessions"),
            Self::RoleGroups([]) => f.write_str("no directory group gives a role any more"),
            Self::RoleGroups(groups) => {
                let one = |group: &role::Group| format!("{} to {}", group.role.name(), group.directory_group);
                let all: Vec<_> = groups.iter().map(one).collect();
                write!(f, "gives roles to the members of directory groups: {}", all.join("; "))
            }
            Self::Policy(policy) => {
                let codes = if policy.access_codes { "takes access codes" } else { "takes no access codes" };
                let others = if policy.sso_only { ", and nothing but the IdP lets people in" } else { "" };
                write!(f, "changes the sign-in policy: {codes}{others}")
            }
            Self::AddAccount(name) => write!(f, "adds the emergency account {name}"),
            Self::RemoveAccount(account) => {
                write!(f, "removes the emergency account {} and ends its sessions", account.name)
            }
        }
    }
}

#[cfg(test)]
mod tests;
