use chrono::TimeDelta;
use freehold_types::{Caller, Kind, PageSize, PersonId, Reason, Roles, Secret};

use crate::access_code::Issued;
use crate::code::Code;
use crate::connection::{self, Declared, Policy};
use crate::id_token::Subject;
use crate::session::Origin;
use crate::sign_in::{self, Attempt, Return, Secrets};
use crate::testing::{World, settings};
use crate::token::{TokenHash, make};
use crate::{claim, session, store};

async fn declare(world: &World, names: &[&str], access_codes: bool) -> Vec<String> {
    let connections = names.iter().map(|name| settings(name)).collect();
    let policy = Policy { access_codes, sso_only: false };
    let declared = Declared { connections, policy, emergency_accounts: Vec::new(), role_groups: Vec::new() };
    connection::apply(&world.auth, &world.operator(), &declared, false).await.unwrap()
}

/// Opens a session without the sign-in that leads to it, and says who then calls.
async fn open(world: &World, person: PersonId, through: Option<&str>) -> (Secret<String>, Caller) {
    let tx = world.auth.deps.tenancy.begin(&world.service()).await.unwrap();
    let origin = match through {
        Some(name) => {
            let connection = store::connection::find_by_name(&tx, name).await.unwrap().unwrap().id;
            Some(Origin { connection, sid: None, id_token: None, subject: None, refresh_token: None })
        }
        None => None,
    };
    let opened = session::open(&tx, &world.service(), person, origin.as_ref()).await.unwrap();
    let hash = TokenHash::of(opened.token.expose()).unwrap();
    let session = store::session::find_by_token(&tx, &hash).await.unwrap().unwrap();
    tx.commit().await.unwrap();
    (opened.token, Caller::person_of(world.tenant, person, session.id, Roles::NONE))
}

async fn count(world: &World, caller: &Caller) -> usize {
    session::list(&world.auth, caller, PageSize::from_request(0), "").await.unwrap().0.len()
}

#[tokio::test]
async fn connections_are_what_was_declared_and_nothing_else() {
    let world = World::new().await;
    assert_eq!(declare(&world, &["okta", "entra"], true).await.len(), 3);
    assert!(declare(&world, &["okta", "entra"], true).await.is_empty());
    let options = sign_in::options(&world.auth, "acme").await.unwrap();
    assert_eq!((options.company.as_str(), options.access_codes), ("Acme Ltd", true));
    assert_eq!(options.connection_names, ["entra", "okta"]);
    let shown = connection::list(&world.auth, &world.operator()).await.unwrap().connections;
    assert_eq!(shown[1].redirect_uri, "https://people.example/acme/sso/okta/callback");
    assert_eq!(shown[1].connection.settings, settings("okta"));

    let unknown = sign_in::options(&world.auth, "nobody").await.unwrap_err();
    assert_eq!((unknown.kind(), unknown.reason()), (Kind::NotFound, Reason::TenantNotFound));
}

#[tokio::test]
async fn checking_alone_writes_nothing_and_needs_no_tenant() {
    let world = World::new().await;
    let declared = Declared {
        connections: vec![settings("okta")],
        policy: Policy::default(),
        emergency_accounts: Vec::new(),
        role_groups: Vec::new(),
    };
    for caller in [Caller::operator(None), world.operator()] {
        let changes = connection::apply(&world.auth, &caller, &declared, true).await.unwrap();
        assert_eq!(changes, ["adds connection okta"]);
    }
    assert!(sign_in::options(&world.auth, "acme").await.unwrap().connection_names.is_empty());
    let fault = connection::apply(&world.auth, &Caller::operator(None), &declared, false).await.unwrap_err();
    assert_eq!(fault.reason(), Reason::TenantNeeded);
}

#[tokio::test]
async fn a_removed_connection_takes_its_sessions_and_links_along() {
    let world = World::new().await;
    declare(&world, &["okta", "entra"], true).await;
    let person = world.auth.deps.mint.id();
    let (_token, through_okta) = open(&world, person, Some("okta")).await;
    open(&world, person, Some("entra")).await;
    open(&world, person, None).await;
    assert_eq!(count(&world, &through_okta).await, 3);
    declare(&world, &["entra"], true).await;
    assert_eq!(count(&world, &through_okta).await, 2);
}

#[tokio::test]
async fn a_subject_stays_with_the_person_it_was_linked_to_first() {
    let world = World::new().await;
    declare(&world, &["okta", "entra"], false).await;
    let (anna, ben): (PersonId, PersonId) = (world.auth.deps.mint.id(), world.auth.deps.mint.id());
    let subject = |issuer: &str| Subject { issuer: issuer.to_owned(), subject: "s-1".to_owned() };
    let tx = world.auth.deps.tenancy.begin(&world.service()).await.unwrap();
    let okta = store::connection::find_by_name(&tx, "okta").await.unwrap().unwrap().id;
    let entra = store::connection::find_by_name(&tx, "entra").await.unwrap().unwrap().id;
    assert_eq!(store::identity::link(&tx, okta, &subject("https://a.test"), anna).await.unwrap(), anna);
    assert_eq!(store::identity::link(&tx, okta, &subject("https://a.test"), ben).await.unwrap(), anna);
    // The same subject at another issuer or another connection is somebody else.
    assert_eq!(store::identity::find_person(&tx, okta, &subject("https://b.test")).await.unwrap(), None);
    assert_eq!(store::identity::find_person(&tx, entra, &subject("https://a.test")).await.unwrap(), None);
}

#[tokio::test]
async fn an_attempt_is_taken_once() {
    let world = World::new().await;
    let mint = &world.auth.deps.mint;
    let attempt = Attempt {
        connection: mint.id(),
        secrets: Secrets { state: make(mint), nonce: make(mint), code_verifier: make(mint) },
        return_to: "/acme".to_owned(),
        expires_at: mint.now() + TimeDelta::minutes(10),
        again: false,
    };
    let browser = TokenHash::of(make(mint).expose()).unwrap();
    let tx = world.auth.deps.tenancy.begin(&world.service()).await.unwrap();
    store::sign_in::insert(&tx, &browser, &attempt).await.unwrap();
    let taken = store::sign_in::take(&tx, &browser).await.unwrap().unwrap();
    assert_eq!(taken.secrets.code_verifier, attempt.secrets.code_verifier);
    assert!(store::sign_in::take(&tx, &browser).await.unwrap().is_none());
}

#[tokio::test]
async fn coming_back_without_an_attempt_is_refused_like_everything_else() {
    let world = World::new().await;
    declare(&world, &["okta"], false).await;
    let mint = &world.auth.deps.mint;
    for (address, browser_token) in
        [("acme", String::new()), ("acme", make(mint).expose().clone()), ("x", String::new())]
    {
        let back = Return {
            company_address: address.to_owned(),
            connection_name: "okta".to_owned(),
            browser_token: Secret::new(browser_token),
            state: make(mint),
            code: make(mint),
            issuer: String::new(),
            error: String::new(),
        };
        let fault = sign_in::finish(&world.auth, &back).await.unwrap_err();
        assert_eq!((fault.kind(), fault.reason()), (Kind::Unauthenticated, Reason::SignInRefused));
    }
    for (address, connection) in [("x", "okta"), ("acme", "entra")] {
        let fault = sign_in::begin(&world.auth, address, connection, "").await.unwrap_err();
        assert_eq!((fault.kind(), fault.reason()), (Kind::Unauthenticated, Reason::SignInRefused));
    }
}

#[tokio::test]
async fn sessions_are_listed_newest_first_and_ended_by_their_person_only() {
    let world = World::new().await;
    declare(&world, &["okta"], true).await;
    let (anna, ben): (PersonId, PersonId) = (world.auth.deps.mint.id(), world.auth.deps.mint.id());
    let (_first, old) = open(&world, anna, None).await;
    world.clock.advance(TimeDelta::minutes(1));
    let (_second, new) = open(&world, anna, Some("okta")).await;
    let (_third, other) = open(&world, ben, None).await;

    let one = PageSize::from_request(1);
    let (first, next) = session::list(&world.auth, &new, one, "").await.unwrap();
    assert_eq!((first[0].current, first[0].connection_name.as_deref()), (true, Some("okta")));
    let (second, end) = session::list(&world.auth, &new, one, &next).await.unwrap();
    assert_eq!((second[0].current, second[0].connection_name.as_deref(), end.as_str()), (false, None, ""));

    let old_id = second[0].session.id;
    let fault = session::end(&world.auth, &other, Some(old_id)).await.unwrap_err();
    assert_eq!((fault.kind(), fault.reason()), (Kind::NotFound, Reason::SessionNotFound));
    session::end(&world.auth, &new, Some(old_id)).await.unwrap();
    session::end(&world.auth, &new, None).await.unwrap();
    assert_eq!(count(&world, &old).await, 0);
    assert_eq!(count(&world, &other).await, 1);
    assert!(session::end(&world.auth, &world.service(), None).await.is_err());
}

#[tokio::test]
async fn a_session_is_over_after_twelve_idle_hours() {
    let world = World::new().await;
    let person = world.auth.deps.mint.id();
    let (token, caller) = open(&world, person, None).await;
    // Found, but there is no directory service to say whether the person is active: a fault, and no refusal.
    let fault = session::authenticate(&world.auth, "acme", token.expose()).await.unwrap_err();
    assert_ne!(fault.kind(), Kind::Unauthenticated);
    for (address, wrong) in [("acme", "x"), ("nobody", token.expose().as_str())] {
        let fault = session::authenticate(&world.auth, address, wrong).await.unwrap_err();
        assert_eq!((fault.kind(), fault.reason()), (Kind::Unauthenticated, Reason::SignInNeeded));
    }
    world.clock.advance(TimeDelta::hours(12));
    let fault = session::authenticate(&world.auth, "acme", token.expose()).await.unwrap_err();
    assert_eq!((fault.kind(), fault.reason()), (Kind::Unauthenticated, Reason::SignInNeeded));
    assert_eq!(count(&world, &caller).await, 0);
}

#[tokio::test]
async fn people_who_left_lose_sessions_and_codes() {
    let world = World::new().await;
    declare(&world, &[], true).await;
    let (anna, ben): (PersonId, PersonId) = (world.auth.deps.mint.id(), world.auth.deps.mint.id());
    let (_one, annas) = open(&world, anna, None).await;
    open(&world, anna, None).await;
    let (_two, bens) = open(&world, ben, None).await;
    let mint = &world.auth.deps.mint;
    let code = Code::make(mint);
    let expires_at = mint.now() + TimeDelta::days(14);
    let issued = Issued { person: anna, display_name: "Anna".to_owned(), code: code.clone(), expires_at };
    let tx = world.auth.deps.tenancy.begin(&world.service()).await.unwrap();
    store::access_code::insert_all(&tx, &[issued]).await.unwrap();
    let waiting = store::access_code::find(&tx, &code).await.unwrap().unwrap();
    assert_eq!(waiting.person, anna);
    tx.commit().await.unwrap();

    assert_eq!(session::end_of_people(&world.auth, &world.service(), &[anna]).await.unwrap(), 2);
    assert_eq!((count(&world, &annas).await, count(&world, &bens).await), (0, 1));
    let tx = world.auth.deps.tenancy.begin(&world.service()).await.unwrap();
    assert!(store::access_code::find(&tx, &code).await.unwrap().is_none());
    assert!(!store::access_code::take(&tx, waiting.id).await.unwrap());
}

#[tokio::test]
async fn wrong_codes_are_refused_alike_and_slowed_down() {
    let world = World::new().await;
    declare(&world, &[], true).await;
    for typed in ["", "0000-0000-0000-0000", "x"].iter().cycle().take(20) {
        let fault = claim::redeem(&world.auth, "acme", typed).await.unwrap_err();
        assert_eq!((fault.kind(), fault.reason()), (Kind::Unauthenticated, Reason::AccessCodeRefused));
    }
    let fault = claim::redeem(&world.auth, "acme", "x").await.unwrap_err();
    assert_eq!((fault.kind(), fault.reason()), (Kind::Exhausted, Reason::TooManyTries));
    assert_eq!(fault.retry(), Some(std::time::Duration::from_secs(60)));
    let fault = claim::redeem(&world.auth, "nobody", "x").await.unwrap_err();
    assert_eq!(fault.reason(), Reason::AccessCodeRefused);
    world.clock.advance(TimeDelta::minutes(1));
    let fault = claim::redeem(&world.auth, "acme", "x").await.unwrap_err();
    assert_eq!(fault.reason(), Reason::AccessCodeRefused);
}
