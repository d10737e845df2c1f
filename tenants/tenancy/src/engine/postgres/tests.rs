use std::future::poll_fn;
use std::pin::pin;
use std::task::Poll;
use std::time::{Duration, Instant};

use freehold_types::{Kind, Secret};

use super::{Postgres, rows};
use crate::engine::Engine;
use crate::fault::sqlstate;
use crate::testing::{Place, active, declared, mint, postgres, service, vault};
use crate::{Storage, Tenancy};

fn engine(tenancy: &Tenancy) -> &Postgres {
    match tenancy.engine() {
        Engine::Postgres(engine) => engine,
        Engine::Sqlite(_) => panic!("this storage is PostgreSQL"),
    }
}

/// Statements that reach over the wall, each in a transaction of tenant A; `{b}` is B's schema. What is only ever added
/// to is behind the wall, too.
const REACHES: [&str; 17] = [
    "SELECT * FROM {b}.outbox",
    "INSERT INTO {b}.outbox SELECT * FROM outbox",
    "SET LOCAL search_path TO {b}; SELECT * FROM outbox",
    "SELECT * FROM freehold.tenant",
    "SELECT * FROM freehold.tenant_key",
    "SELECT set_config('role', '{role}', true)",
    "SELECT set_config('search_path', '{b}', true)",
    "UPDATE pg_settings SET setting = '{role}' WHERE name = 'role'",
    "CREATE TABLE mine (id int)",
    "CREATE TEMP TABLE mine (id int)",
    "CREATE TABLE public.mine (id int)",
    "DROP TABLE outbox",
    "UPDATE audit_event SET sequence = 9",
    "DELETE FROM audit_event",
    "TRUNCATE audit_event",
    "SELECT * FROM schema_migration",
    "SELECT query_to_xml('SELECT * FROM {b}.outbox', true, true, '')",
];

#[tokio::test(flavor = "multi_thread")]
async fn no_statement_reaches_over_the_wall() {
    let place = Place::postgres().await;
    let tenancy = place.open().await;
    let (a, b) = (active(&tenancy, "a").await, active(&tenancy, "b").await);
    let other = tenancy.entry(b).await.unwrap().room;
    for reach in REACHES {
        let sql = reach.replace("{b}", other.schema.as_str()).replace("{role}", other.role.as_str());
        let tx = tenancy.begin(&service(a)).await.unwrap();
        let refused = tx.raw(&sql).await.unwrap_err();
        assert_eq!(refused.kind(), Kind::Internal, "{sql}");
        let code = std::error::Error::source(&refused).and_then(|cause| cause.downcast_ref().and_then(sqlstate));
        // Not allowed; or no such table, where the path leads to a schema that may not be looked into.
        assert!(matches!(code.as_deref(), Some("42501" | "42P01")), "{sql}: {code:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_request_login_by_itself_sees_nothing() {
    let place = Place::postgres().await;
    let tenancy = place.open().await;
    let room = tenancy.entry(active(&tenancy, "a").await).await.unwrap().room;
    let requests = &engine(&tenancy).requests;
    for sql in ["SELECT * FROM outbox".to_owned(), format!("SELECT * FROM {}.outbox", room.schema)] {
        assert!(rows(requests, &sql, []).await.is_err(), "{sql}");
    }
    let context = rows(requests, "SELECT current_user::text AS who, current_setting('search_path') AS path", []).await;
    let context = context.unwrap();
    let who: String = context[0].try_get("", "who").unwrap();
    let path: String = context[0].try_get("", "path").unwrap();
    assert_eq!((who.as_str(), path.as_str()), (engine(&tenancy).names.request_login.as_str(), "\"\""));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_doctor_sees_what_was_granted_by_hand() {
    let database = postgres::new_database("postgres").await;
    let storage = Storage::new(postgres::address("postgres", &database));
    let tenancy = Tenancy::connect(&storage, vault(), mint()).await.unwrap();
    let (a, b) = (active(&tenancy, "a").await, active(&tenancy, "b").await);
    let sick = async || tenancy.doctor().await.unwrap().into_iter().filter(|finding| !finding.ok).count();
    assert_eq!(sick().await, 0);
    let (a, b) = (tenancy.entry(a).await.unwrap().room, tenancy.entry(b).await.unwrap().room);
    let login = &engine(&tenancy).names.request_login;
    let wounds = [
        (
            format!("GRANT USAGE ON SCHEMA {} TO {}", b.schema, a.role),
            format!("REVOKE USAGE ON SCHEMA {} FROM {}", b.schema, a.role),
        ),
        (
            format!("GRANT USAGE ON SCHEMA {} TO PUBLIC", a.schema),
            format!("REVOKE USAGE ON SCHEMA {} FROM PUBLIC", a.schema),
        ),
        (
            format!("GRANT USAGE ON SCHEMA {} TO {login}", a.schema),
            format!("REVOKE USAGE ON SCHEMA {} FROM {login}", a.schema),
        ),
        (format!("ALTER ROLE {login} INHERIT"), format!("ALTER ROLE {login} NOINHERIT")),
        (format!("ALTER ROLE {} LOGIN", a.role), format!("ALTER ROLE {} NOLOGIN", a.role)),
        (
            "GRANT EXECUTE ON FUNCTION pg_catalog.set_config(text, text, boolean) TO PUBLIC".to_owned(),
            "REVOKE EXECUTE ON FUNCTION pg_catalog.set_config(text, text, boolean) FROM PUBLIC".to_owned(),
        ),
    ];
    for (wound, cure) in wounds {
        postgres::run(&database, &wound).await;
        assert_eq!(sick().await, 1, "{wound}");
        postgres::run(&database, &cure).await;
        assert_eq!(sick().await, 0, "{cure}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_restored_database_gets_its_roles_back() {
    let database = postgres::new_database("postgres").await;
    let storage = Storage::new(postgres::address("postgres", &database));
    let tenancy = Tenancy::connect(&storage, vault(), mint()).await.unwrap();
    let tenant = active(&tenancy, "meadow").await;
    let role = tenancy.entry(tenant).await.unwrap().room.role;
    drop(tenancy);
    postgres::run(&database, &format!("DROP OWNED BY {role}; DROP ROLE {role}")).await;
    let tenancy = Tenancy::connect(&storage, vault(), mint()).await.unwrap();
    let tx = tenancy.begin(&service(tenant)).await.unwrap();
    tx.put_event(freehold_types::Service::Content, "works", b"").await.unwrap();
    tx.commit().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn an_owner_without_the_right_to_harden_is_told_what_to_ask_for() {
    postgres::run("postgres", "CREATE ROLE modest LOGIN PASSWORD 'only-for-tests'").await;
    let database = postgres::new_database("modest").await;
    let storage = Storage::new(postgres::address("modest", &database));
    let refused = async || Tenancy::connect(&storage, vault(), mint()).await.err().unwrap();

    let fault = refused().await;
    assert!(fault.message().contains("set_config"), "{fault}");
    assert!(fault.how_to_cure().unwrap().contains("REVOKE EXECUTE"));
    postgres::run(&database, "REVOKE EXECUTE ON FUNCTION pg_catalog.set_config(text, text, boolean) FROM PUBLIC").await;

    let fault = refused().await;
    assert!(fault.message().contains("create roles"), "{fault}");
    assert!(fault.how_to_cure().unwrap().contains("CREATEROLE"));
    postgres::run("postgres", "ALTER ROLE modest CREATEROLE").await;

    let tenancy = Tenancy::connect(&storage, vault(), mint()).await.unwrap();
    active(&tenancy, "meadow").await;
    assert!(tenancy.doctor().await.unwrap().iter().all(|finding| finding.ok));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_storage_that_cannot_be_reached_says_so() {
    let database = postgres::new_database("postgres").await;
    let good = postgres::address("postgres", &database);
    let cases = [
        (good.replace("only-for-tests", "wrong"), "refuses the login"),
        (good.replace(&database, "no_such_database"), "does not exist"),
        ("postgres://nobody:x@127.0.0.1:1/x".to_owned(), "cannot be reached"),
        ("mysql://x".to_owned(), "no storage we know"),
        ("postgres://a:b@host:no-port/x".to_owned(), "no storage we know"),
        ("postgres://a b".to_owned(), "no storage we know"),
        ("sqlite://".to_owned(), "no storage we know"),
    ];
    for (url, words) in cases {
        let storage = Storage { url: Secret::new(url) };
        let fault = Tenancy::connect(&storage, vault(), mint()).await.err().unwrap();
        assert!(fault.message().contains(words), "{fault}");
        assert!(fault.how_to_cure().is_some());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn databases_of_one_server_have_roles_of_their_own() {
    let (one, other) = (Place::postgres().await.open().await, Place::postgres().await.open().await);
    assert_ne!(engine(&one).names.request_login, engine(&other).names.request_login);
    active(&one, "same").await;
    let id = other.reserve(&declared("same")).await.unwrap().id;
    other.provision(id, |_step| {}).await.unwrap();
    let memberships =
        "SELECT count(*) AS n FROM pg_auth_members m JOIN pg_roles l ON l.oid = m.member WHERE l.rolname = $1";
    for tenancy in [&one, &other] {
        let login = engine(tenancy).names.request_login.as_str();
        let n: i64 =
            rows(&engine(tenancy).owner, memberships, [login.into()]).await.unwrap()[0].try_get("", "n").unwrap();
        assert_eq!(n, 2, "the platform's role and one tenant's");
    }
}

/// Whoever asks may go away while the database still begins: the connection must not be left inside a transaction that
/// nobody knows of.
#[tokio::test(flavor = "multi_thread")]
async fn a_beginning_that_is_cut_off_ends_its_transaction() {
    const TRIES: usize = 400;
    const LIMIT: Duration = Duration::from_secs(10);
    let database = postgres::new_database("postgres").await;
    let storage = Storage::new(postgres::address("postgres", &database));
    let tenancy = Tenancy::connect(&storage, vault(), mint()).await.unwrap();
    let tenant = active(&tenancy, "a").await;
    drop(tenancy.begin(&service(tenant)).await.unwrap());
    let mut cut_off = 0;
    for polls in 1..=TRIES {
        let caller = service(tenant);
        let mut begin = pin!(tenancy.begin(&caller));
        let mut begun = false;
        for _ in 0..polls {
            begun = poll_fn(|context| Poll::Ready(begin.as_mut().poll(context).is_ready())).await;
            if begun {
                break;
            }
            tokio::task::yield_now().await;
        }
        cut_off += usize::from(!begun);
    }
    assert!(cut_off > 0, "nothing was cut off");
    let server = postgres::superuser(&database).await;
    let inside = format!(
        "SELECT pid FROM pg_stat_activity WHERE datname = '{database}' AND usename = '{}' AND state <> 'idle'",
        engine(&tenancy).names.request_login
    );
    let since = Instant::now();
    while !rows(&server, &inside, []).await.unwrap().is_empty() {
        assert!(since.elapsed() < LIMIT, "a connection is left inside a transaction");
        tokio::task::yield_now().await;
    }
}
