use std::time::Duration;

use freehold_types::TenantId;

use crate::testing::{Place, active, declared, mint, on_both, service, vault};
use crate::{Step, Tenancy};

const STEPS: [Step; 3] = [Step::Keyed, Step::Built, Step::Migrated];

on_both!(
    killed_after_every_step,
    every_step_twice,
    cut_off_at_any_moment,
    two_processes_provision_the_same_tenant,
    processes_start_at_the_same_time,
    tenants_of_an_older_program_are_migrated_at_start,
    another_master_key_is_refused,
    all_tables_can_be_used,
);

/// The tenant works, and looks as one that was provisioned in one go.
async fn complete(tenancy: &Tenancy, id: TenantId) {
    tenancy.provision(id, |_step| {}).await.unwrap();
    tenancy.activate(id).await.unwrap();
    let entry = tenancy.entry(id).await.unwrap();
    assert_eq!(entry.step, Step::Activated);
    assert_eq!(entry.schema_version, crate::migrate::latest(&freehold_schema::tenant::migrations()));
    let tx = tenancy.begin(&service(id)).await.unwrap();
    tx.put_event(freehold_types::Service::Content, "works", b"").await.unwrap();
    tx.commit().await.unwrap();
    assert!(tenancy.doctor().await.unwrap().iter().all(|finding| finding.ok));
}

async fn killed_after_every_step(place: Place) {
    for done in 0..=STEPS.len() {
        for recorded in [true, false] {
            let tenancy = place.open().await;
            let id = tenancy.reserve(&declared(&format!("killed {done} {recorded}"))).await.unwrap().id;
            for (number, step) in STEPS.into_iter().take(done).enumerate() {
                tenancy.run_step(id, step).await.unwrap();
                if recorded || number + 1 < done {
                    tenancy.record_step(id, step).await.unwrap();
                }
            }
            drop(tenancy);
            complete(&place.open().await, id).await;
        }
    }
}

async fn every_step_twice(place: Place) {
    let tenancy = place.open().await;
    let id = tenancy.reserve(&declared("twice")).await.unwrap().id;
    tenancy.run_step(id, Step::Keyed).await.unwrap();
    let first = tenancy.wrapped_keys(id).await.unwrap();
    tenancy.run_step(id, Step::Keyed).await.unwrap();
    let second = tenancy.wrapped_keys(id).await.unwrap();
    assert_eq!(first.len(), 1);
    assert_eq!(first[0].wrapped, second[0].wrapped, "the first key stays");
    for step in [Step::Built, Step::Built, Step::Migrated, Step::Migrated] {
        tenancy.run_step(id, step).await.unwrap();
    }
    complete(&tenancy, id).await;
    tenancy.activate(id).await.unwrap();
    tenancy.provision(id, |step| panic!("{step:?} was done already")).await.unwrap();
}

async fn cut_off_at_any_moment(place: Place) {
    let tenancy = place.open().await;
    let id = tenancy.reserve(&declared("cut off")).await.unwrap().id;
    let mut cuts = 0;
    for micros in (200..).step_by(700) {
        if tokio::time::timeout(Duration::from_micros(micros), tenancy.provision(id, |_step| {})).await.is_ok() {
            break;
        }
        cuts += 1;
    }
    assert!(cuts > 0);
    complete(&tenancy, id).await;
}

async fn two_processes_provision_the_same_tenant(place: Place) {
    let (one, other) = (place.open().await, place.open().await);
    let (from_one, from_other) =
        tokio::join!(async { one.reserve(&declared("both")).await }, async { other.reserve(&declared("both")).await });
    let id = from_one.unwrap().id;
    assert_eq!(from_other.unwrap().id, id);
    let (first, second) = tokio::join!(one.provision(id, |_step| {}), other.provision(id, |_step| {}));
    first.unwrap();
    second.unwrap();
    complete(&one, id).await;
    complete(&other, id).await;
}

async fn processes_start_at_the_same_time(place: Place) {
    let start = || Tenancy::connect(&place.storage, vault(), mint());
    let (a, b, c, d) = tokio::join!(start(), start(), start(), start());
    let id = active(&a.unwrap(), "meadow").await;
    for tenancy in [b, c, d] {
        tenancy.unwrap().begin(&service(id)).await.unwrap().commit().await.unwrap();
    }
}

async fn tenants_of_an_older_program_are_migrated_at_start(place: Place) {
    let tenancy = place.open().await;
    let id = tenancy.reserve(&declared("older")).await.unwrap().id;
    for step in [Step::Keyed, Step::Built] {
        tenancy.run_step(id, step).await.unwrap();
    }
    // As a program without any table of today's would have left it.
    tenancy.record_step(id, Step::Migrated).await.unwrap();
    tenancy.activate(id).await.unwrap();
    assert_eq!(tenancy.tenants_behind().await.unwrap(), [id]);
    assert!(!tenancy.doctor().await.unwrap().iter().all(|finding| finding.ok));
    complete(&place.open().await, id).await;
}

async fn another_master_key_is_refused(place: Place) {
    place.open().await;
    let other = freehold_vault::Vault::from_master_key(freehold_types::Secret::new([8; 32]));
    let refused = Tenancy::connect(&place.storage, other, mint()).await.err().unwrap();
    assert!(refused.message().contains("another master key"), "{refused}");
    assert!(refused.how_to_cure().is_some());
    place.open().await;
}

/// Migrations must list every table, or requests have no rights on it.
async fn all_tables_can_be_used(place: Place) {
    let tenancy = place.open().await;
    let id = active(&tenancy, "meadow").await;
    let tx = tenancy.begin(&service(id)).await.unwrap();
    for table in crate::migrate::tables(&freehold_schema::tenant::migrations()) {
        tx.raw(&format!("SELECT count(*) FROM \"{table}\"")).await.unwrap();
    }
    tx.commit().await.unwrap();
    let tx = tenancy.platform().await.unwrap();
    for table in crate::migrate::tables(&freehold_schema::platform::migrations()) {
        tx.raw(&format!("SELECT count(*) FROM \"{table}\"")).await.unwrap();
    }
}
