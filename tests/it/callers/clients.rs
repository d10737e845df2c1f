//! A company's own programs: registered by an administrator, let in by what their key signed, and out as fast as people.

use std::fs;
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result};
use chrono::TimeDelta;
use freehold_proto::auth::v1 as auth;
use freehold_proto::directory::v1 as directory;
use freehold_tests::ldif::{BASE, Entry};
use freehold_tests::part::{Folder, run, tests_folder};
use freehold_tests::wait::wait_until;
use freehold_types::access::{Scope, Scopes, Who, who_may_call};
use freehold_types::{Caller, Clock, Reason, Service};
use freehold_wire::{Calls, fault, scope_of};
use serde_json::{Value, json};
use tonic::{Code, Status};

use crate::access::signer;
use crate::world::client::{Program, claims, head, registration};
use crate::world::raw::{Raw, methods, path};
use crate::world::{Engine, World, manifest};

/// From the end of a client to the refusal of its token.
const END_LIMIT: Duration = Duration::from_secs(5);

/// A company, its administrator, the owner of a program, and the program.
struct Stage {
    world: World,
    boss: String,
    owner: String,
    program: Program,
    client: auth::Client,
    audience: String,
}

fn people(owner: bool) -> Vec<Entry> {
    let person = |uid: &str, uuid: &str| Entry::person(uid, uid, "Probe").with("entryUUID", uuid);
    let boss = format!("uid=boss,ou=people,{BASE}");
    let mut entries = vec![
        person("boss", "00000002-0000-4000-8000-000000000000"),
        person("carl", "00000004-0000-4000-8000-000000000000"),
        Entry::group("it", [boss.as_str()]).with("entryUUID", "00000003-0000-4000-8000-000000000000"),
    ];
    if owner {
        entries.push(person("anna", "00000001-0000-4000-8000-000000000000"));
    }
    entries
}

fn company(world: &World, name: &str, owner: bool) -> Result<freehold_proto::tenant::v1::TenantManifest> {
    let mut declared = manifest::company_of_file(name, &world.place, &people(owner))?;
    declared.administrators_group = format!("cn=it,ou=groups,{BASE}");
    Ok(declared)
}

impl Stage {
    async fn set() -> Result<Self> {
        let world = World::start(Engine::Sqlite).await?;
        for name in ["acme", "beta"] {
            world.line.declare(company(&world, name, true)?).await?;
            world.line.synced(name).await?;
        }
        let people = world.line.people("acme").await?;
        let id = |uid: &str| {
            people.iter().find(|person| person.user_name == uid).map(|person| person.id.clone()).context("known")
        };
        let (boss, owner, program) = (id("boss")?, id("anna")?, Program::new(1));
        let mut calls = world.line.person("acme", &boss).await?;
        let registered =
            calls.callers.register_client(registration(&owner, &program)).await.map_err(fault)?.into_inner();
        let client = registered.client.context("a client")?;
        Ok(Self { world, boss, owner, program, client, audience: registered.audience })
    }

    fn now(&self) -> i64 {
        self.world.clock.now().timestamp()
    }

    /// A new assertion of the program.
    fn assertion(&self, id: &str) -> String {
        self.program.sign(&head(), &claims(&self.client.id, &self.audience, self.now(), id))
    }

    async fn ask(&self, company: &str, assertion: String) -> Result<auth::IssueClientTokenResponse, Status> {
        self.ask_for(company, assertion, "directory", &[]).await
    }

    async fn ask_for(
        &self,
        company: &str,
        client_assertion: String,
        service: &str,
        scopes: &[&str],
    ) -> Result<auth::IssueClientTokenResponse, Status> {
        let request = auth::IssueClientTokenRequest {
            company_address: company.to_owned(),
            client_assertion,
            service: service.to_owned(),
            scopes: scopes.iter().map(|scope| (*scope).to_owned()).collect(),
        };
        let mut anonymous = self.world.line.clients.anonymous();
        anonymous.callers.issue_client_token(request).await.map(tonic::Response::into_inner)
    }

    /// With a token for one service.
    async fn inside(&self, id: &str, service: &str, scopes: &[&str]) -> Result<Calls> {
        let given = self.ask_for("acme", self.assertion(id), service, scopes).await.map_err(fault)?;
        Ok(self.world.line.clients.bearer(&given.caller_token)?)
    }

    /// The reasons in the company's log for which clients were refused, newest first.
    async fn refusals(&self, company: &str) -> Result<Vec<String>> {
        let mut calls = self.world.line.inside(company).await?;
        let request = auth::ListAuditEventsRequest { page_size: 100, ..Default::default() };
        let events = calls.auth.list_audit_events(request).await.map_err(fault)?.into_inner().audit_events;
        let refused = events.into_iter().filter(|event| event.event == "client_refused");
        let reason = |event: auth::AuditEvent| event.details.into_iter().find(|one| one.name == "reason");
        Ok(refused.filter_map(reason).map(|detail| detail.value).collect())
    }
}

fn refused<T: std::fmt::Debug>(answer: Result<T, Status>) -> Reason {
    fault(answer.expect_err("refused")).reason()
}

async fn list(calls: &mut Calls) -> Result<Vec<directory::Person>, Status> {
    let request = directory::ListPeopleRequest { page_size: 100, ..Default::default() };
    calls.directory.list_people(request).await.map(|answer| answer.into_inner().people)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_program_of_the_company_gets_a_token_for_what_it_signed_and_reads_people() -> Result<()> {
    let stage = Stage::set().await?;
    assert_eq!(stage.audience, format!("{}/acme", stage.world.public_url));
    let given = stage.ask("acme", stage.assertion("first")).await.map_err(fault)?;
    let ends_at = given.expires_at.context("an end")?.seconds;
    assert!((1..=120).contains(&(ends_at - stage.now())), "{ends_at}");
    let mut calls = stage.world.line.clients.bearer(&given.caller_token)?;
    assert_eq!(list(&mut calls).await.map_err(fault)?.len(), 3);
    // What only administrators see of people is not among it.
    assert!(list(&mut calls).await.map_err(fault)?.iter().all(|person| person.distinguished_name.is_empty()));

    let mut boss = stage.world.line.person("acme", &stage.boss).await?;
    let listed = boss.callers.list_clients(auth::ListClientsRequest {}).await.map_err(fault)?.into_inner().clients;
    let [one] = listed.as_slice() else { anyhow::bail!("one client, not {listed:?}") };
    assert_eq!((&*one.id, &*one.name, &*one.owner_person_id), (&*stage.client.id, "payroll", &*stage.owner));
    assert!(one.last_used_at.is_some() && one.key_count == 1);

    let mut calls = stage.world.line.inside("acme").await?;
    let events = calls.auth.list_audit_events(auth::ListAuditEventsRequest::default()).await.map_err(fault)?;
    let registered = events.into_inner().audit_events.into_iter().find(|event| event.event == "client_registered");
    let registered = registered.context("in the log")?;
    assert_eq!(registered.actor, stage.boss);
    assert!(registered.details.iter().any(|detail| detail.name == "client_id" && detail.value == stage.client.id));
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn an_assertion_is_good_once_for_its_company_and_from_its_own_key() -> Result<()> {
    let stage = Stage::set().await?;
    let once = stage.assertion("once");
    stage.ask("acme", once.clone()).await.map_err(fault)?;
    assert_eq!(refused(stage.ask("acme", once).await), Reason::ClientRefused);
    assert_eq!(refused(stage.ask("beta", stage.assertion("there")).await), Reason::ClientRefused);
    assert_eq!(refused(stage.ask("gamma", stage.assertion("nowhere")).await), Reason::ClientRefused);
    let other = Program::new(2).sign(&head(), &claims(&stage.client.id, &stage.audience, stage.now(), "2"));
    assert_eq!(refused(stage.ask("acme", other).await), Reason::ClientRefused);
    assert_eq!(refused(stage.ask("acme", "no.token.this".to_owned()).await), Reason::ClientRefused);
    let wide = stage.ask_for("acme", stage.assertion("wide"), "directory", &["directory.write"]).await;
    assert_eq!(refused(wide), Reason::InvalidRequest);
    let reasons = ["client_assertion_malformed", "client_assertion_signature", "client_assertion_replayed"];
    assert_eq!(stage.refusals("acme").await?, reasons);
    assert_eq!(stage.refusals("beta").await?, ["client_unknown"], "beta learns no id of acme's");

    // Two at once: one wins.
    let twice = stage.assertion("twice");
    let (one, two) = tokio::join!(stage.ask("acme", twice.clone()), stage.ask("acme", twice));
    assert!(one.is_ok() != two.is_ok(), "{one:?} {two:?}");
    Ok(())
}

/// The attack list's case for assertions: an audience that is not our issuer alone is another server's.
#[tokio::test(flavor = "multi_thread")]
async fn c18_an_assertion_for_another_server_is_refused() -> Result<()> {
    let stage = Stage::set().await?;
    let of = |audience: Value, id: &str| {
        let mut claims = claims(&stage.client.id, "", stage.now(), id);
        claims["aud"] = audience;
        stage.program.sign(&head(), &claims)
    };
    let beta = stage.audience.replace("/acme", "/beta");
    let audiences = [json!("https://elsewhere.test"), json!([stage.audience.clone()]), json!(beta), json!("freehold")];
    for (place, audience) in audiences.into_iter().enumerate() {
        assert_eq!(refused(stage.ask("acme", of(audience, &place.to_string())).await), Reason::ClientRefused);
    }
    assert_eq!(stage.refusals("acme").await?, ["client_assertion_audience"], "the first of four in a minute");
    // A key serves one client: two with the same could pass for each other.
    let mut boss = stage.world.line.person("acme", &stage.boss).await?;
    let mut again = registration(&stage.owner, &stage.program);
    again.client_name = "another".to_owned();
    again.public_keys = vec![stage.program.jwk("july")];
    assert_eq!(refused(boss.callers.register_client(again).await), Reason::AlreadyExists);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_removed_client_and_one_whose_owner_left_are_out_at_once() -> Result<()> {
    let stage = Stage::set().await?;
    let mut calls = stage.inside("one", "directory", &[]).await?;
    list(&mut calls).await.map_err(fault)?;

    // The owner leaves the directory.
    company(&stage.world, "acme", false)?;
    stage.world.line.synced("acme").await?;
    let asked = calls.clone();
    wait_until("the token of a client whose owner left is refused", END_LIMIT, async || {
        let status = list(&mut asked.clone()).await.err();
        Ok(status.filter(|status| status.code() == Code::Unauthenticated).map(|_| ()))
    })
    .await?;
    assert_eq!(refused(stage.ask("acme", stage.assertion("two")).await), Reason::ClientRefused);
    assert_eq!(stage.refusals("acme").await?, ["client_owner_inactive"]);

    // Another client, and an administrator who removes it.
    let mut boss = stage.world.line.person("acme", &stage.boss).await?;
    let program = Program::new(3);
    let mut request = registration(&stage.boss, &program);
    request.client_name = "badges".to_owned();
    let registered = boss.callers.register_client(request).await.map_err(fault)?.into_inner();
    let client = registered.client.context("a client")?;
    let stage = Stage { program, client, ..stage };
    let calls = stage.inside("three", "directory", &[]).await?;
    list(&mut calls.clone()).await.map_err(fault)?;
    let request = auth::RemoveClientRequest { client_id: stage.client.id.clone() };
    boss.callers.remove_client(request.clone()).await.map_err(fault)?;
    wait_until("the token of a removed client is refused", END_LIMIT, async || {
        let status = list(&mut calls.clone()).await.err();
        Ok(status.filter(|status| status.code() == Code::Unauthenticated).map(|_| ()))
    })
    .await?;
    assert_eq!(refused(stage.ask("acme", stage.assertion("four")).await), Reason::ClientRefused);
    assert_eq!(refused(boss.callers.remove_client(request).await), Reason::ClientNotFound);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_has_an_end_and_so_have_its_tokens() -> Result<()> {
    let stage = Stage::set().await?;
    let mut boss = stage.world.line.person("acme", &stage.boss).await?;
    for days in [0, -1, 366] {
        let request = auth::RegisterClientRequest { valid_days: days, ..registration(&stage.owner, &Program::new(5)) };
        let answer = fault(boss.callers.register_client(request).await.expect_err("no end, or one too far away"));
        assert!(answer.violations().iter().any(|one| one.field == "valid_days"), "{answer:?}");
    }
    let end = stage.client.expires_at.context("an end")?.seconds;
    stage.world.clock.advance(TimeDelta::seconds(end - stage.now() - 30));
    let given = stage.ask("acme", stage.assertion("last")).await.map_err(fault)?;
    assert_eq!(given.expires_at.context("an end")?.seconds, end, "a token ends with its client");
    let mut calls = stage.world.line.clients.bearer(&given.caller_token)?;
    list(&mut calls).await.map_err(fault)?;
    stage.world.clock.advance(TimeDelta::seconds(31));
    assert_eq!(refused(stage.ask("acme", stage.assertion("late")).await), Reason::ClientRefused);
    assert_eq!(stage.refusals("acme").await?, ["client_ended"]);
    Ok(())
}

/// The gate opens to a client the calls whose contract names one of its scopes, at the service that its token is for, and
/// nothing else.
#[tokio::test(flavor = "multi_thread")]
async fn j01_a_client_makes_the_calls_of_its_scopes_at_the_service_of_its_token() -> Result<()> {
    let stage = Stage::set().await?;
    let raw = Raw::to(&format!("http://{}", stage.world.installation.grpc))?;
    let tenant = crate::access::tenant_id(&stage.world).await?;
    let signer = signer(&stage.world)?;
    let mut open = 0;
    for method in methods()? {
        let path = path(&method);
        let home = freehold_types::access::service_at(&path).context("answered somewhere")?;
        for at in Service::ALL {
            for given in Scope::ALL {
                let scopes: Scopes = [given].into_iter().collect();
                let caller = Caller::client(tenant, stage.client.id.parse()?, scopes);
                let token = signer.sign_at(&caller, at, None)?.token;
                let answer = raw.call(&path, Some(token.expose()), Vec::new()).await;
                let code = answer.map_or_else(|status| status.code(), |_| Code::Ok);
                let anybody = who_may_call(&path) == Some(Who::Anybody);
                match (at == home, anybody || scope_of(&path) == Some(given)) {
                    (false, _) => assert_eq!(code, Code::Unauthenticated, "{path} with a token for {at:?}"),
                    (true, false) => assert_eq!(code, Code::PermissionDenied, "{path} with {given:?}"),
                    (true, true) => {
                        open += 1;
                        assert_ne!(code, Code::PermissionDenied, "{path} with {given:?}");
                    }
                }
            }
        }
    }
    assert!(open > Scope::ALL.len());
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_has_no_more_scopes_than_were_asked_for_and_none_that_the_client_lacks() -> Result<()> {
    let stage = Stage::set().await?;
    let mut narrow = stage.inside("narrow", "auth", &["directory.read"]).await?;
    let status =
        narrow.auth.list_audit_events(auth::ListAuditEventsRequest::default()).await.expect_err("another scope");
    assert_eq!(status.code(), Code::PermissionDenied);
    let mut fits = stage.inside("fits", "auth", &["audit.read"]).await?;
    fits.auth.list_audit_events(auth::ListAuditEventsRequest::default()).await.map_err(fault)?;
    // No client makes clients, whatever it was given.
    let request = registration(&stage.owner, &Program::new(9));
    let status = fits.callers.register_client(request).await.expect_err("administrators only");
    assert_eq!(status.code(), Code::PermissionDenied);

    let mut boss = stage.world.line.person("acme", &stage.boss).await?;
    let program = Program::new(6);
    let request = auth::RegisterClientRequest {
        client_name: "badges".to_owned(),
        scopes: vec!["directory.read".to_owned()],
        ..registration(&stage.owner, &program)
    };
    let client = boss.callers.register_client(request).await.map_err(fault)?.into_inner().client.context("a client")?;
    let stage = Stage { program, client, ..stage };
    let wide = stage.ask_for("acme", stage.assertion("wide"), "auth", &["audit.read"]).await;
    assert_eq!(refused(wide), Reason::ClientRefused);
    assert_eq!(stage.refusals("acme").await?, ["client_scope"]);
    Ok(())
}

/// With the lines of the README: what OpenSSL makes is taken.
#[tokio::test(flavor = "multi_thread")]
async fn an_assertion_made_with_openssl_as_the_readme_says_is_taken() -> Result<()> {
    let stage = Stage::set().await?;
    let folder = Folder::new("client")?;
    let readme = fs::read_to_string(tests_folder().join("../README.md"))?;
    let lines = |from: &str, to: &str| -> Result<String> {
        let found =
            readme.split_once(from).and_then(|(_, rest)| rest.split_once(to)).context("the lines of the README")?;
        Ok(format!("{from}{}", found.0))
    };
    let keys = lines("openssl genpkey", "freehold client add")?;
    shell(&folder, &keys, &[])?;
    let mut boss = stage.world.line.person("acme", &stage.boss).await?;
    let mut request = registration(&stage.owner, &stage.program);
    request.client_name = "badges".to_owned();
    request.public_keys = vec![fs::read_to_string(folder.path().join("payroll.pub"))?];
    let client = boss.callers.register_client(request).await.map_err(fault)?.into_inner().client.context("a client")?;
    let signing = lines("b64() {", "grpcurl")? + "printf %s \"$assertion\" >assertion\n";
    shell(&folder, &signing, &[("ID", &client.id), ("AUD", &stage.audience)])?;
    let assertion = fs::read_to_string(folder.path().join("assertion"))?;
    let given = stage.ask("acme", assertion).await.map_err(fault)?;
    let mut calls = stage.world.line.clients.bearer(&given.caller_token)?;
    list(&mut calls).await.map_err(fault)?;
    Ok(())
}

fn shell(folder: &Folder, lines: &str, names: &[(&str, &str)]) -> Result<()> {
    let mut shell = Command::new("sh");
    run(shell.arg("-ec").arg(lines).current_dir(folder.path()).envs(names.iter().copied())).map(|_output| ())
}

/// Read from the descriptors: each call that is open to clients says so with a scope that exists, and only calls inside a
/// company that need no person can.
#[test]
fn every_call_that_is_open_to_clients_names_its_scope_in_its_contract() -> Result<()> {
    let pool = prost_reflect::DescriptorPool::decode(freehold_proto::DESCRIPTORS)?;
    let option = pool.get_extension_by_name("freehold.access.v1.scope").context("the option")?;
    let mut used = Vec::new();
    for method in pool.services().flat_map(|service| service.methods().collect::<Vec<_>>()) {
        let (path, options) = (path(&method), method.options());
        let said = options.has_extension(&option).then(|| options.get_extension(&option).into_owned());
        let said = said.as_ref().and_then(prost_reflect::Value::as_str);
        let scope =
            said.map(|name| Scope::find(name).with_context(|| format!("{path}: {name} is no scope"))).transpose()?;
        assert_eq!(scope, scope_of(&path), "{path}");
        if let Some(scope) = scope {
            let who = who_may_call(&path);
            assert!(matches!(who, Some(Who::Everybody | Who::Holders(_))), "{path} is for {who:?}");
            used.push(scope);
        }
    }
    used.sort();
    used.dedup();
    let all: std::collections::BTreeSet<Scope> = Scope::ALL.into_iter().collect();
    assert_eq!(used, all.into_iter().collect::<Vec<_>>(), "every scope opens something");
    Ok(())
}
