use super::{OPEN_FILES_MAX, Sqlite};
use crate::engine::Engine;
use crate::identifier::Identifier;
use crate::registry::Room;
use crate::testing::{Place, active, mint};

fn engine(tenancy: &crate::Tenancy) -> &Sqlite {
    match tenancy.engine() {
        Engine::Sqlite(engine) => engine,
        Engine::Postgres(_) => panic!("this storage is a folder"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn unused_files_are_closed_and_those_in_use_are_not() {
    let place = Place::sqlite();
    let tenancy = place.open().await;
    let engine = engine(&tenancy);
    let rooms: Vec<Room> = (0..OPEN_FILES_MAX + 20)
        .map(|_| {
            let (schema, role) = Identifier::mint_tenant(&mint());
            Room { schema, role }
        })
        .collect();
    engine.build(&rooms[0]).await.unwrap();
    let held = engine.tenant(&rooms[0]).await.unwrap();
    for room in &rooms[1..] {
        engine.build(room).await.unwrap();
    }
    assert_eq!(engine.tenants.lock().await.files.len(), OPEN_FILES_MAX);
    held.commit().await.unwrap();
    engine.tenant(&rooms[0]).await.unwrap().commit().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn the_doctor_misses_a_file_and_sees_an_open_folder() {
    use std::os::unix::fs::PermissionsExt;
    let place = Place::sqlite();
    let tenancy = place.open().await;
    let id = active(&tenancy, "meadow").await;
    let sick = async || tenancy.doctor().await.unwrap().into_iter().filter(|finding| !finding.ok).count();
    assert_eq!(sick().await, 0);
    let folder = engine(&tenancy).folder.clone();
    std::fs::set_permissions(&folder, std::fs::Permissions::from_mode(0o755)).unwrap();
    assert_eq!(sick().await, 1);
    let room = tenancy.entry(id).await.unwrap().room;
    std::fs::remove_file(engine(&tenancy).path_of(&room)).unwrap();
    assert_eq!(sick().await, 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_missing_file_is_not_made_anew() {
    let place = Place::sqlite();
    let tenancy = place.open().await;
    let (schema, role) = Identifier::mint_tenant(&mint());
    assert!(engine(&tenancy).tenant(&Room { schema, role }).await.is_err());
}

#[tokio::test(flavor = "multi_thread")]
async fn every_file_is_for_our_account_only() {
    use std::os::unix::fs::PermissionsExt;
    let place = Place::sqlite();
    let tenancy = place.open().await;
    active(&tenancy, "meadow").await;
    let folder = engine(&tenancy).folder.clone();
    let files = |folder: std::path::PathBuf| std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let files: Vec<_> =
        files(folder.clone()).chain(files(folder.join("tenants"))).filter(|path| path.is_file()).collect();
    assert!(files.len() > 3, "the write-ahead logs are there, too: {files:?}");
    for file in files {
        assert_eq!(std::fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600, "{}", file.display());
    }
}
