//! Groups: members, nesting, what becomes of them when a member is gone.

use anyhow::Result;
use serde_json::{Value, json};

use super::{person, stage};
use crate::world::Engine;

fn member_ids(group: &Value) -> Vec<String> {
    let members = group["members"].as_array().into_iter().flatten();
    members.filter_map(|member| member["value"].as_str().map(str::to_owned)).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn members_come_and_go_on_postgresql() -> Result<()> {
    members_come_and_go(Engine::Postgres).await
}

#[tokio::test(flavor = "multi_thread")]
async fn members_come_and_go_on_sqlite() -> Result<()> {
    members_come_and_go(Engine::Sqlite).await
}

async fn members_come_and_go(engine: Engine) -> Result<()> {
    let (world, idp) = stage(engine).await?;
    let (anna, bernd) = (idp.user("anna").await?, idp.user("bernd").await?);
    let bakers = idp.group("Bakers", &[&anna]).await?;
    let company = idp.group("All, of us", &[&bakers]).await?;
    let names = |person: &freehold_proto::directory::v1::Person| -> Vec<(String, bool)> {
        person.directory_groups.iter().map(|group| (group.name.clone(), group.direct)).collect()
    };
    assert_eq!(names(&person(&world, &anna).await?), [("All, of us".to_owned(), false), ("Bakers".to_owned(), true)]);

    let path = format!("/Groups/{bakers}");
    let group = idp.patch(&path, json!([{ "op": "Add", "path": "members", "value": [{ "value": bernd }] }])).await?;
    let group = group.must_be(200)?;
    assert_eq!(member_ids(&group).len(), 2);
    assert!(group["members"][0]["$ref"].as_str().is_some_and(|at| at.starts_with(&idp.base)));
    assert_eq!(names(&person(&world, &bernd).await?).len(), 2);

    let remove = json!([{ "op": "Remove", "path": format!("members[value eq \"{anna}\"]") }]);
    assert_eq!(member_ids(&idp.patch(&path, remove).await?.must_be(200)?), std::slice::from_ref(&bernd));
    assert_eq!(names(&person(&world, &anna).await?), []);
    let also = json!([{ "op": "remove", "path": "members", "value": [{ "value": bernd }] }]);
    assert!(member_ids(&idp.patch(&path, also).await?.must_be(200)?).is_empty());
    let replace = json!([{ "op": "replace", "path": "members", "value": [{ "value": anna }, { "value": bernd }] }]);
    assert_eq!(member_ids(&idp.patch(&path, replace).await?.must_be(200)?).len(), 2);

    let read = idp.get(&format!("/Users/{anna}")).await?.must_be(200)?;
    assert_eq!(read["groups"][0]["value"], json!(bakers));
    let found = idp.find("Groups", &format!("members.value eq \"{anna}\"")).await?;
    assert_eq!(found, ["Bakers"]);
    let without = idp.get("/Groups?excludedAttributes=members").await?.must_be(200)?;
    assert!(without["Resources"].as_array().is_some_and(|all| all.iter().all(|one| one.get("members").is_none())));

    idp.delete(&format!("/Users/{anna}")).await?.must_be(204)?;
    assert_eq!(member_ids(&idp.get(&path).await?.must_be(200)?), std::slice::from_ref(&bernd));
    let nobody = json!([{ "op": "add", "path": "members", "value": [{ "value": anna }] }]);
    assert_eq!(idp.patch(&path, nobody).await?.refused(400)?, "invalidValue");
    let nowhere = json!([{ "op": "replace", "path": "members[value eq \"x\"].display", "value": "y" }]);
    assert_eq!(idp.patch(&path, nowhere).await?.refused(400)?, "invalidPath");
    idp.delete(&format!("/Groups/{company}")).await?.must_be(204)?;
    assert_eq!(names(&person(&world, &bernd).await?), [("Bakers".to_owned(), true)]);
    Ok(())
}
