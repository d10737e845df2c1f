//! The wall between companies, at every RPC there is: whatever id of another company a caller names, it is *not found*,
//! and no byte of the other company comes back. A new RPC is walked here without being named.

mod request;
mod stage;

use anyhow::{Context, Result};
use freehold_types::access::{Scopes, Who, may_call, service_at, who_may_call};
use freehold_types::{Caller, Mint, Role, Roles, Secret, Service};
use freehold_wire::{TokenSigner, fault, scope_of};
use prost_reflect::MethodDescriptor;
use tonic::{Code, Status};

use crate::world::Engine;
use crate::world::raw::{Raw, methods, path};
use request::{Slot, request, slots};
use stage::{CANARY, Stage};

/// RPCs that answer less rather than nothing when an id is unknown.
const ANSWERS_WHAT_IS_KNOWN: [&str; 7] = [
    "BatchGetPeople",
    "CheckMembers",
    "CheckSessions",
    "EndPeopleSessions",
    "ListRoles",
    "ListSyncRuns",
    "SelectPeople",
];
/// RPCs of the way in that say the same whatever exists.
const SAYS_NOTHING: [&str; 2] = ["Attach", "Enrol"];
/// Caller tokens live for two minutes.
const TOKEN_MINUTES: i64 = 3;

#[tokio::test(flavor = "multi_thread")]
async fn nobody_reaches_another_company_on_postgresql() -> Result<()> {
    nobody_reaches_another_company(Engine::Postgres).await
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_reaches_another_company_on_sqlite() -> Result<()> {
    nobody_reaches_another_company(Engine::Sqlite).await
}

/// Who calls from the other company.
struct Intruder {
    name: &'static str,
    token: String,
    caller: Caller,
}

async fn nobody_reaches_another_company(engine: Engine) -> Result<()> {
    let stage = Stage::set(engine).await?;
    let raw = Raw::to(&format!("http://{}", stage.world.installation.grpc))?;
    let mut findings = Vec::new();
    for method in methods()? {
        for intruder in intruders(&stage, &path(&method)).await? {
            let mut foreign: Vec<Option<Slot>> = slots(&method).into_iter().map(Some).collect();
            if foreign.is_empty() {
                foreign.push(None);
            }
            for slot in foreign {
                let body = request(&method, &|wanted| stage.id(wanted, Some(wanted) == slot));
                let answer = raw.call(&path(&method), Some(&intruder.token), body).await;
                if let Err(finding) = judge(&stage, &method, &intruder, slot, answer) {
                    findings.push(format!("{} by {} with {slot:?}: {finding}", path(&method), intruder.name));
                }
            }
        }
    }
    assert!(findings.is_empty(), "{}", findings.join("\n"));
    stage.is_untouched().await
}

/// A person and an administrator of the other company, each service that works for it, its IdP, and a program of its own.
async fn intruders(stage: &Stage, path: &str) -> Result<Vec<Intruder>> {
    let line = &stage.world.line;
    let mut intruders = Vec::new();
    for (name, id) in [("person", &stage.own.person), ("administrator", &stage.own_administrator)] {
        let token = line.token_of("beta", id).await?;
        let roles = Role::find(name).into_iter().collect();
        let caller = Caller::person_of(stage.own_tenant, id.parse()?, stage.own.session.parse()?, roles);
        intruders.push(Intruder { name, token, caller });
    }
    let (signer, at) = (stage.signer()?, service_at(path).context("a call is answered somewhere")?);
    for service in Service::ALL {
        let caller = Caller::service(service, stage.own_tenant);
        intruders.push(Intruder {
            name: service.name(),
            token: signer.sign_at(&caller, at, Some(service))?.token.expose().clone(),
            caller,
        });
    }
    let caller = Caller::provisioner(stage.own_tenant, Mint::new(stage.world.clock.clone()).id());
    let token = signer.sign(&caller)?.token.expose().clone();
    intruders.push(Intruder { name: "provisioner", token, caller });
    let caller = Caller::client(stage.own_tenant, stage.own.client.parse()?, Scopes::all());
    let token = signer.sign_at(&caller, at, None)?.token.expose().clone();
    intruders.push(Intruder { name: "client", token, caller });
    Ok(intruders)
}

/// Whether an answer is what it must be, or what is wrong with it.
fn judge(
    stage: &Stage,
    method: &MethodDescriptor,
    intruder: &Intruder,
    slot: Option<Slot>,
    answer: Result<Vec<u8>, Status>,
) -> Result<(), String> {
    let admitted = may_call(&path(method), scope_of(&path(method)), Some(&intruder.caller));
    let admitted = admitted.ok_or("nobody decided who may call it")?;
    let (code, bytes) = match &answer {
        Ok(bytes) => (Code::Ok, bytes.clone()),
        Err(status) => (status.code(), [status.message().as_bytes(), status.details()].concat()),
    };
    if let Some(leaked) = stage.leaked(&bytes, answer.is_ok()) {
        return Err(format!("{code:?} with {leaked:?} in it"));
    }
    let expected = match (admitted, slot) {
        (false, _) => code == Code::PermissionDenied,
        // Where a company is, and how one enters it, is known to everybody.
        (true, Some(Slot::Company) | None) => code != Code::Internal && code != Code::Unknown,
        (true, Some(_)) if ANSWERS_WHAT_IS_KNOWN.contains(&method.name()) => matches!(code, Code::Ok | Code::NotFound),
        (true, Some(_)) if SAYS_NOTHING.contains(&method.name()) => {
            matches!(code, Code::Ok | Code::InvalidArgument | Code::Unauthenticated)
        }
        (true, Some(_)) => code == Code::NotFound,
    };
    if expected {
        Ok(())
    } else {
        Err(format!("{code:?}: {:?}", answer.err().map(|status| status.message().to_owned())))
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn with_ones_own_ids_the_same_requests_work() -> Result<()> {
    let stage = Stage::set(Engine::Sqlite).await?;
    let raw = Raw::to(&format!("http://{}", stage.world.installation.grpc))?;
    let token = stage.world.line.token_of("beta", &stage.own.person).await?;
    for method in methods()? {
        let reads = ["Get", "List", "BatchGet", "Create", "Set"].iter().any(|verb| method.name().starts_with(verb));
        let people = matches!(who_may_call(&path(&method)), Some(Who::People | Who::Everybody));
        if reads && people {
            let body = request(&method, &|wanted| stage.id(wanted, false));
            let answer = raw.call(&path(&method), Some(&token), body).await;
            assert!(answer.is_ok(), "{}: {:?}", path(&method), answer.err());
        }
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_good_token_nothing_but_the_way_in_answers() -> Result<()> {
    let stage = Stage::set(Engine::Sqlite).await?;
    let raw = Raw::to(&format!("http://{}", stage.world.installation.grpc))?;
    let good = stage.world.line.token_of("beta", &stage.own_administrator).await?;
    let bad = bad_tokens(&stage, &good)?;
    // From here on the good one has expired too.
    stage.world.clock.advance(chrono::TimeDelta::minutes(TOKEN_MINUTES));
    for method in methods()? {
        let body = || request(&method, &|wanted| stage.id(wanted, false));
        for token in bad.iter().chain([&good]) {
            let status = raw.call(&path(&method), Some(token), body()).await.expect_err("a bad token is refused");
            assert_eq!(status.code(), Code::Unauthenticated, "{} with {token}", path(&method));
        }
        if who_may_call(&path(&method)) != Some(Who::Anybody) {
            let status = raw.call(&path(&method), None, body()).await.expect_err("a call needs a token");
            assert_eq!(status.code(), Code::Unauthenticated, "{}", path(&method));
        }
    }
    Ok(())
}

/// Tokens that somebody made up.
fn bad_tokens(stage: &Stage, good: &str) -> Result<Vec<String>> {
    use base64::Engine as _;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;
    let mut parts = good.split('.');
    let (head, claims, signature) = (parts.next(), parts.next(), parts.next());
    let (head, claims, signature) =
        (head.context("a head")?, claims.context("claims")?, signature.context("a signature")?);
    let mint = Mint::new(stage.world.clock.clone());
    let stranger = TokenSigner::new(&Secret::new([7; 32]), mint)?;
    let caller = Caller::operator(None);
    let unsigned = URL_SAFE_NO_PAD.encode(r#"{"alg":"none","typ":"JWT"}"#);
    let swapped: String = signature.chars().rev().collect();
    Ok(vec![
        stranger.sign(&caller)?.token.expose().clone(),
        format!("{unsigned}.{claims}."),
        format!("{head}.{claims}.{swapped}"),
        format!("{head}.{}.{signature}", URL_SAFE_NO_PAD.encode(r#"{"sub":"operator"}"#)),
        "no-token-at-all".to_owned(),
        "A".repeat(43),
    ])
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_and_a_page_token_are_good_at_their_own_company_only() -> Result<()> {
    use freehold_proto::directory::v1::ListPeopleRequest;
    let stage = Stage::set(Engine::Sqlite).await?;
    let line = &stage.world.line;
    let session = line.session("acme", &stage.other.person).await?;
    line.authenticate("acme", &session).await.map_err(fault)?;
    let refused = line.authenticate("beta", &session).await.expect_err("a session of another company");
    assert_eq!(refused.code(), Code::Unauthenticated);
    let code = line.access_code("acme", &stage.other.person).await?;
    let request = freehold_proto::auth::v1::RedeemAccessCodeRequest { company_address: "beta".to_owned(), code };
    let refused =
        line.clients.anonymous().auth.redeem_access_code(request).await.expect_err("a code of another company");
    assert_ne!(refused.code(), Code::Ok);

    let one = ListPeopleRequest { page_size: 1, ..Default::default() };
    let page = line.inside("acme").await?.directory.list_people(one.clone()).await.map_err(fault)?.into_inner();
    assert!(!page.next_page_token.is_empty());
    let next = ListPeopleRequest { page_token: page.next_page_token, ..one };
    let refused = line.inside("beta").await?.directory.list_people(next).await.expect_err("a token of another company");
    assert_eq!(refused.code(), Code::InvalidArgument);
    assert!(!refused.message().contains(CANARY));
    Ok(())
}

/// Tokens of `beta`, signed as our services sign them and good where they are shown, on what is `acme`'s.
#[tokio::test(flavor = "multi_thread")]
async fn c10_a_service_that_acts_for_one_company_finds_nothing_of_another() -> Result<()> {
    use prost_reflect::prost::Message as _;
    let stage = Stage::set(Engine::Sqlite).await?;
    let raw = Raw::to(&format!("http://{}", stage.world.installation.grpc))?;
    let (signer, tenant) = (stage.signer()?, stage.own_tenant);
    let person = Caller::person_of(tenant, stage.own.person.parse()?, stage.own.session.parse()?, Roles::NONE);
    let own = freehold_proto::directory::v1::BatchGetPeopleRequest { ids: vec![stage.own.person.clone()] };
    let other = freehold_proto::directory::v1::BatchGetPeopleRequest { ids: vec![stage.other.person.clone()] };
    let path = "/freehold.directory.v1.DirectoryService/BatchGetPeople";
    for (caller, by) in [(person, Service::Content), (Caller::service(Service::Auth, tenant), Service::Auth)] {
        let token = signer.sign_at(&caller, Service::Directory, Some(by))?.token;
        let found = raw.call(path, Some(token.expose()), own.encode_to_vec()).await?;
        assert!(!found.is_empty(), "{caller:?} finds its own");
        let found = raw.call(path, Some(token.expose()), other.encode_to_vec()).await?;
        assert!(found.is_empty(), "{caller:?} finds another company's");
        // The tenant is under the signature.
        let edited = with_tenant(token.expose(), &stage.other_tenant().await?)?;
        let refused = raw.call(path, Some(&edited), other.encode_to_vec()).await.expect_err("an edited token");
        assert_eq!(refused.code(), Code::Unauthenticated);
    }
    let path = "/freehold.directory.v1.DirectoryService/GetPerson";
    let request = freehold_proto::directory::v1::GetPersonRequest { id: stage.other.person.clone() };
    let token = signer.sign_at(&person, Service::Directory, Some(Service::Content))?.token;
    let refused = raw.call(path, Some(token.expose()), request.encode_to_vec()).await.expect_err("not there");
    assert_eq!(refused.code(), Code::NotFound);
    stage.is_untouched().await
}

/// The token with another tenant in it.
fn with_tenant(token: &str, tenant: &str) -> Result<String> {
    use base64::Engine as _;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;
    let parts: Vec<&str> = token.split('.').collect();
    let mut claims: serde_json::Value = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(parts[1])?)?;
    claims["tid"] = tenant.into();
    Ok(format!("{}.{}.{}", parts[0], URL_SAFE_NO_PAD.encode(claims.to_string()), parts[2]))
}
