use std::sync::Arc;

use freehold_tenancy::{Declaration, Storage, Tenancy, TenantTx};
use freehold_tests::postgres;
use freehold_types::{Caller, Mint, PageSize, PersonId, Secret, Service, SystemClock, TenantId};
use freehold_vault::Vault;
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait as _, EntityTrait as _, QueryFilter as _};
use tempfile::TempDir;
use tokio::task::JoinSet;

use super::{Break, Verified, page, record, record_all, verify};
use crate::entity::audit_event as row;
use crate::{Event, Method, Way};

struct World {
    tenancy: Tenancy,
    tenant: TenantId,
    _folder: TempDir,
}

impl World {
    async fn sqlite() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let url = format!("sqlite://{}/data", folder.path().display());
        Self::at(url, folder).await
    }

    async fn postgres() -> Self {
        Self::at(postgres::database().unwrap(), tempfile::tempdir().unwrap()).await
    }

    async fn at(url: String, folder: TempDir) -> Self {
        let vault = Vault::from_master_key(Secret::new([7; 32]));
        let storage = Storage { url: Secret::new(url) };
        let tenancy = Tenancy::connect(&storage, vault, Mint::new(Arc::new(SystemClock))).await.unwrap();
        let declared = Declaration {
            name: "acme".to_owned(),
            company: "Acme Ltd".to_owned(),
            language: "en".to_owned(),
            time_zone: "Europe/Zurich".to_owned(),
        };
        let tenant = tenancy.reserve(&declared).await.unwrap().id;
        tenancy.provision(tenant, |_step| {}).await.unwrap();
        tenancy.activate(tenant).await.unwrap();
        Self { tenancy, tenant, _folder: folder }
    }

    fn caller(&self) -> Caller {
        Caller::service(Service::Auth, self.tenant)
    }

    async fn tx(&self) -> TenantTx {
        self.tenancy.begin(&self.caller()).await.unwrap()
    }

    async fn write(&self, event: Event) {
        let tx = self.tx().await;
        record(&tx, &self.caller(), event).await.unwrap();
        tx.commit().await.unwrap();
    }

    async fn verified(&self) -> Verified {
        verify(&self.tx().await).await.unwrap()
    }
}

fn refused(count: u64) -> Event {
    Event::SignInRefused { way: Way::own(Method::Password), reason: "wrong", person: None, count }
}

fn person() -> PersonId {
    PersonId::from_uuid(uuid::Uuid::from_u128(0x0192_f0c8_0000_7000_8000_0000_0000_0001))
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_written_is_read_newest_first() {
    let world = World::sqlite().await;
    assert_eq!((world.verified().await.checkpoint.sequence, world.verified().await.broken), (0, None));
    world.write(Event::SignedIn { person: person(), way: Way::idp("okta"), first: true }).await;
    let tx = world.tx().await;
    let operator = Caller::operator(Some(world.tenant));
    record_all(&tx, &operator, &[Event::ManifestApplied, refused(1)]).await.unwrap();
    tx.commit().await.unwrap();

    let tx = world.tx().await;
    let first = page(&tx, None, PageSize::from_request(2)).await.unwrap();
    assert_eq!(first.iter().map(|event| event.sequence).collect::<Vec<_>>(), [3, 2, 1], "one more than the page");
    assert_eq!((first[1].event.as_str(), first[1].by.as_str()), ("manifest_applied", "operator"));
    let rest = page(&tx, Some(2), PageSize::from_request(2)).await.unwrap();
    let [signed_in] = rest.as_slice() else { panic!("{rest:?}") };
    assert_eq!((signed_in.event.as_str(), signed_in.by.as_str()), ("signed_in", "auth"));
    let details: Vec<String> = signed_in.details.iter().map(|(name, value)| format!("{name}={value}")).collect();
    let person = format!("person_id={}", person());
    assert_eq!(details, ["connection_name=okta", "first=true", "method=idp", person.as_str()]);
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_stays_that_was_rolled_back() {
    let world = World::sqlite().await;
    let tx = world.tx().await;
    record(&tx, &world.caller(), refused(1)).await.unwrap();
    drop(tx);
    world.write(refused(2)).await;
    let verified = world.verified().await;
    assert_eq!((verified.checkpoint.sequence, verified.broken), (1, None));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_name_that_is_none_does_not_get_in() {
    let way = Way::idp("eyJhbGciOiJSUzI1NiJ9.e30.c2lnbmF0dXJl");
    let event = Event::SignedIn { person: person(), way, first: false };
    assert_eq!(event.details().get("connection_name").map(String::as_str), Some("-"));
}

/// Three rows, then somebody with the database's own rights does something to them.
async fn tampered(tamper: impl AsyncFnOnce(&TenantTx, Vec<row::Model>)) -> Option<Break> {
    let world = World::sqlite().await;
    for count in 1..=3 {
        world.write(refused(count)).await;
    }
    assert_eq!(world.verified().await.broken, None);
    let tx = world.tx().await;
    let mut rows = tx.all(row::Entity::find()).await.unwrap();
    rows.sort_by_key(|row| row.sequence);
    tamper(&tx, rows).await;
    tx.commit().await.unwrap();
    world.verified().await.broken
}

async fn change(tx: &TenantTx, id: uuid::Uuid, column: row::Column, value: impl Into<sea_orm::Value>) {
    let this = row::Entity::update_many().filter(row::Column::Id.eq(id));
    assert_eq!(tx.update(this.col_expr(column, Expr::value(value))).await.unwrap(), 1);
}

async fn remove(tx: &TenantTx, id: uuid::Uuid) {
    assert_eq!(tx.delete(row::Entity::delete_many().filter(row::Column::Id.eq(id))).await.unwrap(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_row_that_was_taken_out_is_missed() {
    for (number, found) in [(0, 1), (1, 2), (2, 3)] {
        let broken = tampered(async |tx, rows| remove(tx, rows[number].id).await).await;
        assert_eq!(broken, Some(Break::Missing(found)));
    }
    let renumbered = tampered(async |tx, rows| {
        remove(tx, rows[1].id).await;
        change(tx, rows[2].id, row::Column::Sequence, 2_i64).await;
    });
    assert_eq!(renumbered.await, Some(Break::Changed(2)));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_row_that_was_changed_is_found() {
    let later = tampered(async |tx, rows| {
        change(tx, rows[1].id, row::Column::RecordedAt, rows[1].recorded_at + chrono::TimeDelta::hours(1)).await;
    });
    assert_eq!(later.await, Some(Break::Changed(2)));
    let other = tampered(async |tx, rows| {
        let details = tx.seal(super::AUDIT_DETAILS, rows[1].id, br#"{"event":"x","by":"y","details":{}}"#);
        change(tx, rows[1].id, row::Column::DetailsSealed, details).await;
    });
    assert_eq!(other.await, Some(Break::Changed(2)), "not even with the key that seals");
    let garbage = tampered(async |tx, rows| {
        change(tx, rows[1].id, row::Column::ChainHash, vec![0_u8; 32]).await;
    });
    assert_eq!(garbage.await, Some(Break::Changed(2)));
}

#[tokio::test(flavor = "multi_thread")]
async fn rows_that_changed_places_are_found() {
    let swapped = tampered(async |tx, rows| {
        change(tx, rows[1].id, row::Column::Sequence, 9_i64).await;
        change(tx, rows[2].id, row::Column::Sequence, 2_i64).await;
        change(tx, rows[1].id, row::Column::Sequence, 3_i64).await;
    });
    assert_eq!(swapped.await, Some(Break::Changed(2)));
}

async fn who_writes_at_the_same_time_waits(world: World) {
    let world = Arc::new(world);
    let mut writers = JoinSet::new();
    for number in 0..16 {
        let world = Arc::clone(&world);
        writers.spawn(async move { world.write(refused(number)).await });
    }
    writers.join_all().await;
    let verified = world.verified().await;
    assert_eq!((verified.checkpoint.sequence, verified.broken), (16, None));
}

#[tokio::test(flavor = "multi_thread")]
async fn who_writes_at_the_same_time_waits_on_sqlite() {
    who_writes_at_the_same_time_waits(World::sqlite().await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_writes_at_the_same_time_waits_on_postgresql() {
    who_writes_at_the_same_time_waits(World::postgres().await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn postgresql_lets_nobody_change_a_row() {
    let world = World::postgres().await;
    world.write(refused(1)).await;
    let tx = world.tx().await;
    tx.delete(row::Entity::delete_many()).await.unwrap_err();
    drop(tx);
    let tx = world.tx().await;
    tx.update(row::Entity::update_many().col_expr(row::Column::Sequence, Expr::value(9_i64))).await.unwrap_err();
    drop(tx);
    let verified = world.verified().await;
    assert_eq!((verified.checkpoint.sequence, verified.broken), (1, None));
}
