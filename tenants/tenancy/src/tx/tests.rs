use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use freehold_schema::field::platform::{JOB_PAYLOAD, outbox_payload};
use freehold_types::{Fault, Kind, Mint, Service, TenantId};
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::{Expr, OnConflict};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QuerySelect};
use tokio::task::JoinSet;
use uuid::Uuid;

use crate::entity::outbox::{ActiveModel, Column, Entity};
use crate::testing::{Place, active, on_both, service};
use crate::{Sealed, Tenancy, TenantTx, Tx};

impl Tx {
    /// What a hole in our own code would let an attacker do: text of their choice.
    #[expect(clippy::disallowed_methods, reason = "plays the attacker")]
    pub(crate) async fn raw(&self, sql: &str) -> Result<(), Fault> {
        let done = self.inner.execute_unprepared(sql).await;
        done.map(|_done| ()).map_err(|err| crate::fault::storage("attacking", err))
    }
}

on_both!(
    writes_and_reads,
    rows_are_written_in_batches,
    a_dropped_transaction_leaves_nothing,
    a_second_row_of_the_same_key_already_exists,
    a_tenant_sees_only_its_own_rows,
    values_open_only_where_they_were_sealed,
    cut_off_transactions_leak_nothing,
    a_holder_of_a_platform_transaction_can_begin_a_tenants,
    the_storage_holds_no_clear_text,
);

fn row(tx: &TenantTx, id: Uuid, text: &str) -> ActiveModel {
    ActiveModel {
        id: Set(id),
        owner: Set(Service::Content.number()),
        topic: Set("test".to_owned()),
        payload_sealed: Set(tx.seal(outbox_payload(Service::Content), id, text.as_bytes())),
        state: Set(0),
        position: Set(0),
        try_count: Set(0),
        created_at: Set(tx.mint().now()),
        delivered_at: Set(None),
    }
}

fn id(mint: &Mint) -> Uuid {
    let id: freehold_types::OutboxEventId = mint.id();
    id.uuid()
}

async fn write(tenancy: &Tenancy, tenant: TenantId, text: &str) {
    let tx = tenancy.begin(&service(tenant)).await.unwrap();
    tx.insert(row(&tx, id(tx.mint()), text)).await.unwrap();
    tx.commit().await.unwrap();
}

async fn texts(tenancy: &Tenancy, tenant: TenantId) -> Result<BTreeSet<String>, Fault> {
    let tx = tenancy.begin(&service(tenant)).await?;
    let rows = tx.all(Entity::find()).await?;
    let texts = rows.iter().map(|row| tx.open_text(outbox_payload(Service::Content), row.id, &row.payload_sealed));
    let texts = texts.collect::<Result<_, _>>()?;
    tx.commit().await?;
    Ok(texts)
}

async fn writes_and_reads(place: Place) {
    let tenancy = place.open().await;
    let tenant = active(&tenancy, "meadow").await;
    let tx = tenancy.begin(&service(tenant)).await.unwrap();
    let (first, second) = (id(tx.mint()), id(tx.mint()));
    tx.insert_all(vec![row(&tx, first, "one"), row(&tx, second, "two")]).await.unwrap();
    assert_eq!(tx.count(Entity::find()).await.unwrap(), 2);
    let one = tx.one(tx.lock(Entity::find_by_id(first))).await.unwrap().unwrap();
    assert_eq!(tx.open_text(outbox_payload(Service::Content), first, &one.payload_sealed).unwrap(), "one");
    let only: Vec<Uuid> = tx.rows(Entity::find().select_only().column(Column::Id).into_tuple::<Uuid>()).await.unwrap();
    assert_eq!(BTreeSet::from_iter(only), BTreeSet::from([first, second]));

    let changed = Entity::update_many().col_expr(Column::State, Expr::value(1_i16)).filter(Column::Id.eq(first));
    assert_eq!(tx.update(changed).await.unwrap(), 1);
    tx.update_one(ActiveModel { id: Set(second), state: Set(2), ..Default::default() }).await.unwrap();
    assert_eq!(tx.count(Entity::find().filter(Column::State.gt(0))).await.unwrap(), 2);
    assert_eq!(tx.delete(Entity::delete_many().filter(Column::State.eq(2))).await.unwrap(), 1);

    let again = vec![row(&tx, first, "one"), row(&tx, second, "two")];
    let keep = OnConflict::column(Column::Id).do_nothing().to_owned();
    assert_eq!(tx.insert_or(again, keep).await.unwrap(), 1);
    tx.commit().await.unwrap();
    assert_eq!(texts(&tenancy, tenant).await.unwrap().len(), 2);
}

async fn rows_are_written_in_batches(place: Place) {
    let tenancy = place.open().await;
    let tenant = active(&tenancy, "meadow").await;
    let tx = tenancy.begin(&service(tenant)).await.unwrap();
    let rows = (0..4_321).map(|number| row(&tx, id(tx.mint()), &number.to_string())).collect();
    tx.insert_all(rows).await.unwrap();
    tx.insert_all(Vec::<ActiveModel>::new()).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(texts(&tenancy, tenant).await.unwrap().len(), 4_321);
}

async fn a_dropped_transaction_leaves_nothing(place: Place) {
    let tenancy = place.open().await;
    let tenant = active(&tenancy, "meadow").await;
    let tx = tenancy.begin(&service(tenant)).await.unwrap();
    tx.insert(row(&tx, id(tx.mint()), "never")).await.unwrap();
    drop(tx);
    assert!(texts(&tenancy, tenant).await.unwrap().is_empty());
}

async fn a_second_row_of_the_same_key_already_exists(place: Place) {
    let tenancy = place.open().await;
    let tenant = active(&tenancy, "meadow").await;
    let tx = tenancy.begin(&service(tenant)).await.unwrap();
    let twice = id(tx.mint());
    tx.insert(row(&tx, twice, "first")).await.unwrap();
    assert_eq!(tx.insert(row(&tx, twice, "second")).await.unwrap_err().kind(), Kind::AlreadyExists);
}

async fn a_tenant_sees_only_its_own_rows(place: Place) {
    let tenancy = place.open().await;
    let (meadow, brook) = (active(&tenancy, "meadow").await, active(&tenancy, "brook").await);
    write(&tenancy, meadow, "of meadow").await;
    write(&tenancy, brook, "of brook").await;
    assert_eq!(texts(&tenancy, meadow).await.unwrap(), BTreeSet::from(["of meadow".to_owned()]));
    assert_eq!(texts(&tenancy, brook).await.unwrap(), BTreeSet::from(["of brook".to_owned()]));
    let nobody = tenancy.mint().id();
    assert_eq!(tenancy.begin(&service(nobody)).await.err().unwrap().kind(), Kind::NotFound);
}

async fn values_open_only_where_they_were_sealed(place: Place) {
    let tenancy = place.open().await;
    let (meadow, brook) = (active(&tenancy, "meadow").await, active(&tenancy, "brook").await);
    let field = outbox_payload(Service::Content);
    let (here, elsewhere) = (Uuid::from_u128(1), Uuid::from_u128(2));
    let tx = tenancy.begin(&service(meadow)).await.unwrap();
    let sealed = tx.seal(field, here, b"words");
    let index = tx.index(field, b"words");
    assert_eq!(tx.open(field, here, &sealed).unwrap(), b"words");
    assert_eq!(tx.open(field, elsewhere, &sealed).unwrap_err().kind(), Kind::Internal);
    assert_eq!(tx.open(JOB_PAYLOAD, here, &sealed).unwrap_err().kind(), Kind::Internal);
    assert_eq!(tx.open(field, here, &Sealed::new(b"words".to_vec())).unwrap_err().kind(), Kind::Internal);
    assert_eq!(tx.index(field, b"words"), index);
    drop(tx);
    let tx = tenancy.begin(&service(brook)).await.unwrap();
    assert_eq!(tx.open(field, here, &sealed).unwrap_err().kind(), Kind::Internal);
    assert_ne!(tx.index(field, b"words"), index);
}

/// Many tasks of several tenants on one pool, most of them cut off somewhere: whoever comes after them must find
/// nothing of theirs.
async fn cut_off_transactions_leak_nothing(place: Place) {
    const TENANTS: usize = 5;
    const TASKS: u64 = 600;
    let tenancy = Arc::new(place.open().await);
    let mut tenants = Vec::new();
    for number in 0..TENANTS {
        let tenant = active(&tenancy, &format!("tenant {number}")).await;
        write(&tenancy, tenant, &tenant.to_string()).await;
        tenants.push(tenant);
    }
    let mut tasks = JoinSet::new();
    for number in 0..TASKS {
        let tenancy = tenancy.clone();
        let tenant = tenants[usize::try_from(number).unwrap() % TENANTS];
        tasks.spawn(async move {
            let work = async {
                write(&tenancy, tenant, &tenant.to_string()).await;
                texts(&tenancy, tenant).await.unwrap()
            };
            let limit = Duration::from_micros(100 + number * 37 % 20_000);
            tokio::time::timeout(limit, work).await.ok().map(|texts| (tenant, texts))
        });
    }
    let mut finished = 0;
    while let Some(outcome) = tasks.join_next().await {
        if let Some((tenant, texts)) = outcome.unwrap() {
            finished += 1;
            assert_eq!(texts, BTreeSet::from([tenant.to_string()]));
        }
    }
    assert!(finished < TASKS, "nothing was cut off");
    for tenant in tenants {
        assert_eq!(texts(&tenancy, tenant).await.unwrap(), BTreeSet::from([tenant.to_string()]));
    }
}

async fn a_holder_of_a_platform_transaction_can_begin_a_tenants(place: Place) {
    let tenancy = place.open().await;
    let tenant = active(&tenancy, "meadow").await;
    let platform = tenancy.platform().await.unwrap();
    tenancy.forget_open(tenant);
    tenancy.begin(&service(tenant)).await.unwrap().commit().await.unwrap();
    platform.commit().await.unwrap();
}

async fn the_storage_holds_no_clear_text(place: Place) {
    const SECRET: &str = "said in confidence";
    let tenancy = place.open().await;
    let tenant = active(&tenancy, "meadowbrook").await;
    write(&tenancy, tenant, SECRET).await;
    let tx = tenancy.platform().await.unwrap();
    tx.put_job("remember", SECRET, tx.mint().now(), SECRET.as_bytes()).await.unwrap();
    tx.commit().await.unwrap();
    let stored = match &place.folder {
        Some(folder) => all_bytes(folder.path()),
        None => crate::testing::postgres::dump(place.storage.url.expose()),
    };
    let holds = |text: &str| {
        let hex: String = text.bytes().map(|byte| format!("{byte:02x}")).collect();
        [text, &hex].iter().any(|text| stored.windows(text.len()).any(|bytes| bytes == text.as_bytes()))
    };
    assert!(holds("Europe/Zurich"), "the search itself does not work");
    for text in [SECRET, "meadowbrook", "clear words"] {
        assert!(!holds(text), "{text}");
    }
}

fn all_bytes(folder: &std::path::Path) -> Vec<u8> {
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries.flat_map(|path| if path.is_dir() { all_bytes(&path) } else { std::fs::read(path).unwrap() }).collect()
}
