//! Who may do what, in words that anybody can read, and the gate really behaving so.
//!
//! `golden/access.txt` is that table. When it changes on purpose, the failure says which lines are new and where the
//! whole new table is, to be read and put in its place.

use std::fmt::Write as _;
use std::fs;

use anyhow::{Context, Result};
use freehold_tests::ldif::{BASE, Entry};
use freehold_tests::part::{Folder, tests_folder};
use freehold_types::access::{
    Action, Privacy, RPCS, SERVICE_CALLS, Scope, Seat, Who, may, may_call, service_at, who_may_call,
};
use freehold_types::{Caller, Fault, Mint, Party, PersonId, Role, Roles, Service, SessionId, TenantId};
use freehold_vault::Vault;
use freehold_wire::{TokenSigner, scope_of};
use tonic::Code;

use crate::world::raw::{Raw, methods, path};
use crate::world::{Engine, World, manifest};

const GOLDEN: &str = "it/golden/access.txt";

/// The kinds of caller, in the order of the table's columns.
const CALLERS: [&str; 6] = ["nobody", "person", "administrator", "service", "provisioner", "operator"];

fn callers(mint: &Mint) -> [Option<Caller>; 6] {
    let (tenant, person, session): (TenantId, PersonId, SessionId) = (mint.id(), mint.id(), mint.id());
    [
        None,
        Some(Caller::person_of(tenant, person, session, Roles::NONE)),
        Some(Caller::person_of(tenant, person, session, Roles::NONE.with(Role::Administrator))),
        Some(Caller::service(Service::Content, tenant)),
        Some(Caller::provisioner(tenant, mint.id())),
        Some(Caller::operator(None)),
    ]
}

fn yes(allowed: bool) -> &'static str {
    if allowed { "yes" } else { "-" }
}

fn table() -> Result<String> {
    let callers = callers(&Mint::new(std::sync::Arc::new(freehold_types::SystemClock)));
    let mut text = "Who may make which call. What a person may do with one group is decided below.\n".to_owned();
    let mut service = "";
    for (path, _) in RPCS {
        let (area, call) = path.trim_start_matches('/').split_once('/').context("a path has two parts")?;
        if area != service {
            write!(text, "\n{area:<44}")?;
            CALLERS.iter().try_for_each(|name| write!(text, "{name:>14}"))?;
            writeln!(text, "{:>18}", "client with")?;
            service = area;
        }
        write!(text, "  {call:<42}")?;
        // Each service has a token of its own; the column says whether any of them may.
        let allowed = |caller: &Option<Caller>| match caller.map(|caller| (caller.party, caller.tenant)) {
            Some((Party::Service(_), Some(tenant))) => Service::ALL
                .iter()
                .any(|service| may_call(path, None, Some(&Caller::service(*service, tenant))) == Some(true)),
            _ => may_call(path, None, caller.as_ref()) == Some(true),
        };
        callers.iter().try_for_each(|caller| write!(text, "{:>14}", yes(allowed(caller))))?;
        let open = if who_may_call(path) == Some(Who::Anybody) { "yes" } else { "-" };
        writeln!(text, "{:>18}", scope_of(path).map_or(open, Scope::name))?;
    }
    text.push_str("\nWhich calls a service makes on its own account.\n");
    for service in Service::ALL {
        writeln!(text, "\n{}", service.name())?;
        for (_, path) in SERVICE_CALLS.iter().filter(|(caller, _)| *caller == service) {
            writeln!(text, "  {}", path.trim_start_matches('/'))?;
        }
    }
    text.push_str("\nWhat a person may do with a group.\n");
    let seats = [("outside", Seat::Outside), ("member", Seat::Member), ("its administrator", Seat::GroupAdministrator)];
    let privacies = [("open", Privacy::Open), ("closed", Privacy::Closed), ("secret", Privacy::Secret)];
    for (name, privacy) in privacies {
        write!(text, "\n{:<44}", format!("{name} group"))?;
        seats.iter().try_for_each(|(seat, _)| write!(text, "{seat:>20}"))?;
        text.push('\n');
        for action in Action::ALL {
            write!(text, "  {:<42}", format!("{action:?}"))?;
            seats.iter().try_for_each(|(_, seat)| write!(text, "{:>20}", yes(may(action, privacy, *seat))))?;
            text.push('\n');
        }
    }
    Ok(text)
}

#[test]
fn the_table_is_the_one_that_was_read_and_agreed_on() -> Result<()> {
    let table = table()?;
    let golden = fs::read_to_string(tests_folder().join(GOLDEN)).unwrap_or_default();
    let folder = Folder::new("access")?;
    let new = folder.write("access.txt", &table)?;
    let changed: Vec<&str> = table.lines().filter(|line| !golden.lines().any(|old| old == *line)).collect();
    assert!(
        table == golden,
        "who may do what is not what tests/{GOLDEN} says: {changed:#?}\n{} has it all",
        new.display()
    );
    Ok(())
}

#[test]
fn every_call_stands_in_the_table() -> Result<()> {
    let mut declared: Vec<String> = methods()?.iter().map(path).collect();
    let mut decided: Vec<String> = RPCS.iter().map(|(path, _)| (*path).to_owned()).collect();
    declared.sort();
    decided.sort();
    assert_eq!(declared, decided);
    Ok(())
}

/// Each call with an empty request, as each kind of caller: those whom the table names are let through to the service,
/// which then has its own opinion of the request; nobody else is.
#[tokio::test(flavor = "multi_thread")]
async fn the_gate_does_what_the_table_says() -> Result<()> {
    let world = World::start(Engine::Sqlite).await?;
    let own = staff(&world).await?;
    let own_tenant = tenant_id(&world).await?;
    let raw = Raw::to(&format!("http://{}", world.installation.grpc))?;
    let callers = callers(&Mint::new(world.clock.clone()));
    for path in methods()?.iter().map(path) {
        let who = who_may_call(&path).context("every call stands in the table")?;
        // New ones for each call: one of the calls ends the caller's session.
        let tokens = tokens(&world, &own).await?;
        for (place, (name, token)) in CALLERS.iter().zip(&tokens).enumerate() {
            let token = match (callers[place].map(|caller| caller.party), &token) {
                (Some(Party::Service(_)), _) => Some(service_token(&world, Service::Content, &path, own_tenant)?),
                (_, token) => (*token).clone(),
            };
            let code =
                raw.call(&path, token.as_deref(), Vec::new()).await.map_or_else(|status| status.code(), |_| Code::Ok);
            let may = may_call(&path, None, callers[place].as_ref()) == Some(true);
            match (may, token) {
                (true, _) if who != Who::Anybody => {
                    // The operator on the installation's own business is in no company; the services say so.
                    let no_company = *name == "operator" && code == Code::PermissionDenied;
                    let admitted = !matches!(code, Code::Unauthenticated | Code::PermissionDenied);
                    assert!(admitted || no_company, "{name} is kept from {path}: {code:?}");
                }
                (true, _) => assert_ne!(code, Code::PermissionDenied, "{name} is kept from {path}"),
                (false, None) => assert_eq!(code, Code::Unauthenticated, "{path} by nobody"),
                (false, Some(_)) => assert_eq!(code, Code::PermissionDenied, "{path} by {name}"),
            }
        }
    }
    Ok(())
}

/// A company with one person and one administrator; their ids.
async fn staff(world: &World) -> Result<[String; 2]> {
    let dn = |uid: &str| format!("uid={uid},ou=people,{BASE}");
    let person = |uid: &str, uuid: &str| Entry::person(uid, uid, "Probe").with("entryUUID", uuid);
    let entries = [
        person("anna", "00000001-0000-4000-8000-000000000000"),
        person("boss", "00000002-0000-4000-8000-000000000000"),
        Entry::group("it", [dn("boss").as_str()]).with("entryUUID", "00000003-0000-4000-8000-000000000000"),
    ];
    let mut acme = manifest::company_of_file("acme", &world.place, &entries)?;
    acme.administrators_group = format!("cn=it,ou=groups,{BASE}");
    world.line.declare(acme).await?;
    world.line.synced("acme").await?;
    let people = world.line.people("acme").await?;
    let id = |uid: &str| {
        people.iter().find(|person| person.user_name == uid).map(|person| person.id.clone()).context("known")
    };
    Ok([id("anna")?, id("boss")?])
}

/// A token of each kind of caller of that company.
async fn tokens(world: &World, [person, administrator]: &[String; 2]) -> Result<[Option<String>; 6]> {
    let tenant = tenant_id(world).await?;
    let directory = Mint::new(world.clock.clone()).id();
    Ok([
        None,
        Some(world.line.token_of("acme", person).await?),
        Some(world.line.token_of("acme", administrator).await?),
        None,
        Some(signer(world)?.sign(&Caller::provisioner(tenant, directory))?.token.expose().clone()),
        Some(world.line.operator_token.clone()),
    ])
}

/// Signs as the services of this installation do.
pub fn signer(world: &World) -> Result<TokenSigner> {
    let vault = Vault::load(&world.place.folder.path().join("master.key")).map_err(Fault::from)?;
    Ok(TokenSigner::new(&vault.derive("caller-token"), Mint::new(world.clock.clone()))?)
}

/// What a service signs for the call at `path`.
fn service_token(world: &World, service: Service, path: &str, tenant: TenantId) -> Result<String> {
    let at = service_at(path).context("a call is answered somewhere")?;
    let token = signer(world)?.sign_at(&Caller::service(service, tenant), at, Some(service))?.token;
    Ok(token.expose().clone())
}

/// The id of `acme`.
pub async fn tenant_id(world: &World) -> Result<TenantId> {
    let request = freehold_proto::tenant::v1::GetTenantRequest { name: "acme".to_owned() };
    let answer = world.line.operator()?.operator.get_tenant(request).await.map_err(freehold_wire::fault)?;
    Ok(answer.into_inner().tenant.context("a tenant")?.id.parse()?)
}

/// Each call as each service on its own account: what is not listed is refused at the gate, whatever it asks for.
#[tokio::test(flavor = "multi_thread")]
async fn j07_a_service_without_a_person_makes_the_listed_calls_and_no_others() -> Result<()> {
    let world = World::start(Engine::Sqlite).await?;
    staff(&world).await?;
    let tenant = tenant_id(&world).await?;
    let raw = Raw::to(&format!("http://{}", world.installation.grpc))?;
    for path in methods()?.iter().map(path) {
        for service in Service::ALL {
            let token = service_token(&world, service, &path, tenant)?;
            let code =
                raw.call(&path, Some(&token), Vec::new()).await.map_or_else(|status| status.code(), |_| Code::Ok);
            let listed = SERVICE_CALLS.contains(&(service, path.as_str())) || who_may_call(&path) == Some(Who::Anybody);
            assert_eq!(code != Code::PermissionDenied, listed, "{path} by {}: {code:?}", service.name());
        }
    }
    Ok(())
}
