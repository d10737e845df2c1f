//! Users: created, read, found, replaced, patched, deleted, and the people they become.

use anyhow::{Context, Result};
use freehold_proto::directory::v1::PersonState;
use reqwest::Method;
use serde_json::{Value, json};

use super::{ENTERPRISE, person, stage, user};
use crate::world::Engine;

#[tokio::test(flavor = "multi_thread")]
async fn a_user_becomes_a_person_and_stays_one_on_postgresql() -> Result<()> {
    a_user_becomes_a_person_and_stays_one(Engine::Postgres).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_user_becomes_a_person_and_stays_one_on_sqlite() -> Result<()> {
    a_user_becomes_a_person_and_stays_one(Engine::Sqlite).await
}

async fn a_user_becomes_a_person_and_stays_one(engine: Engine) -> Result<()> {
    let (world, idp) = stage(engine).await?;
    let boss = idp.user("boss").await?;
    let mut anna = user("anna");
    anna[ENTERPRISE]["manager"] = json!({ "value": boss });
    let created = idp.post("/Users", &anna).await?;
    assert_eq!(created.etag, "W/\"1\"");
    let created = created.must_be(201)?;
    let id = created["id"].as_str().context("an id")?.to_owned();
    assert_eq!(created["meta"]["location"], format!("{}/Users/{id}", idp.base));
    assert_eq!(created[ENTERPRISE]["manager"]["$ref"], format!("{}/Users/{boss}", idp.base));

    let known = person(&world, &id).await?;
    assert_eq!((known.display_name.as_str(), known.email.as_str()), ("anna Şen", "anna@acme.example"));
    assert_eq!((known.employee_number.as_str(), known.department.as_str()), ("n-anna", "Bread"));
    assert_eq!((known.site.as_str(), known.title.as_str(), known.phone.as_str()), ("Lyon", "Baker", "+33 1 23"));
    assert_eq!(known.manager_id, person(&world, &boss).await?.id);

    let mut replaced = user("anna.new");
    replaced["title"] = json!("Miller");
    replaced["password"] = json!("never kept");
    replaced["somethingElse"] = json!({ "of": "nobody" });
    let answer = idp.put(&format!("/Users/{id}"), &replaced).await?.must_be(200)?;
    assert_eq!((&answer["title"], &answer["password"]), (&json!("Miller"), &Value::Null));
    assert_eq!(answer[ENTERPRISE].get("manager"), None, "what a replacement does not say is gone");
    let renamed = person(&world, &id).await?;
    assert_eq!((renamed.id, renamed.user_name, renamed.title), (known.id, "anna.new".to_owned(), "Miller".to_owned()));

    let session = world.line.session("acme", &renamed_id(&world, &id).await?).await?;
    world.line.authenticate("acme", &session).await.map_err(freehold_wire::fault)?;
    let off = json!([{ "op": "Replace", "value": { "active": "False" } }]);
    let answer = idp.patch(&format!("/Users/{id}"), off).await?.must_be(200)?;
    assert_eq!(answer["active"], json!(false));
    assert!(world.line.authenticate("acme", &session).await.is_err(), "the session ends with the answer");
    assert_eq!(person(&world, &id).await?.state(), PersonState::Deactivated);
    idp.patch(&format!("/Users/{id}"), json!([{ "op": "replace", "path": "active", "value": true }]))
        .await?
        .must_be(200)?;
    assert_eq!(person(&world, &id).await?.state(), PersonState::Active);

    idp.delete(&format!("/Users/{id}")).await?.must_be(204)?;
    idp.get(&format!("/Users/{id}")).await?.refused(404)?;
    assert_eq!(person(&world, &id).await?.state(), PersonState::Deactivated, "a person is never deleted");
    let again = idp.user("anna.new").await?;
    assert_ne!(again, id, "the name is free again, the id is not");
    let stored = world.stop().await?;
    assert!(freehold_tests::leak::found_in(&stored, &["anna.new".to_owned(), "ext-anna".to_owned()]).is_empty());
    Ok(())
}

async fn renamed_id(world: &crate::world::World, resource_id: &str) -> Result<String> {
    Ok(person(world, resource_id).await?.id)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_for_another_version_is_refused() -> Result<()> {
    let (_world, idp) = stage(Engine::Sqlite).await?;
    let id = idp.user("anna").await?;
    let path = format!("/Users/{id}");
    let body = json!({ "Operations": [{ "op": "add", "path": "nickName", "value": "Ann" }] });
    let stale = [("if-match", "W/\"7\"")];
    assert_eq!(idp.send(Method::PATCH, &path, &stale, Some(&body)).await?.refused(412)?, "");
    idp.send(Method::DELETE, &path, &stale, None).await?.refused(412)?;
    let right = [("if-match", "W/\"1\"")];
    let changed = idp.send(Method::PATCH, &path, &right, Some(&body)).await?;
    assert_eq!(changed.etag, "W/\"2\"");
    let same = idp.send(Method::PATCH, &path, &[("if-match", "*")], Some(&body)).await?;
    assert_eq!(same.etag, "W/\"2\"", "what changes nothing is no new version");
    let read = idp.send(Method::GET, &path, &[("if-none-match", "W/\"2\"")], None).await?;
    assert_eq!((read.status.as_u16(), read.body), (304, Value::Null));
    assert_eq!(idp.post("/Users", &user("ANNA")).await?.refused(409)?, "uniqueness");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_thousand_users_come_page_by_page_on_postgresql() -> Result<()> {
    a_thousand_users_come_page_by_page(Engine::Postgres).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_thousand_users_come_page_by_page_on_sqlite() -> Result<()> {
    a_thousand_users_come_page_by_page(Engine::Sqlite).await
}

const MANY: usize = 1_003;
const AT_ONCE: usize = 25;

async fn a_thousand_users_come_page_by_page(engine: Engine) -> Result<()> {
    use futures::stream::{StreamExt, TryStreamExt};
    let (world, idp) = stage(engine).await?;
    let names: Vec<String> = (0..MANY).map(|number| format!("user-{number:04}")).collect();
    let made = futures::stream::iter(&names).map(|name| idp.user(name)).buffer_unordered(AT_ONCE);
    let ids: std::collections::BTreeSet<String> = made.try_collect().await?;
    assert_eq!(ids.len(), MANY);
    let mut seen = std::collections::BTreeSet::new();
    let mut start = 1;
    loop {
        let page = idp.get(&format!("/Users?startIndex={start}&count=300&attributes=userName")).await?.must_be(200)?;
        assert_eq!(page["totalResults"], json!(MANY));
        let found = page["Resources"].as_array().context("a list")?;
        if found.is_empty() {
            break;
        }
        assert!(found.iter().all(|one| one.get("displayName").is_none() && one.get("id").is_some()));
        seen.extend(found.iter().filter_map(|one| one["id"].as_str().map(str::to_owned)));
        start += found.len();
    }
    assert_eq!(seen, ids);
    let sorted = idp.get("/Users?sortBy=userName&sortOrder=descending&count=2").await?.must_be(200)?;
    assert_eq!(sorted["Resources"][1]["userName"], "user-1001");
    assert_eq!(idp.get("/Users?count=0").await?.must_be(200)?["itemsPerPage"], json!(0));
    assert_eq!(world.line.people("acme").await?.len(), MANY);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn filters_find_what_they_say_and_nothing_else() -> Result<()> {
    let (_world, idp) = stage(Engine::Sqlite).await?;
    for name in ["anna", "bernd", "o'hara"] {
        idp.user(name).await?;
    }
    for (filter, wanted) in [
        (r#"userName eq "ANNA""#, vec!["anna"]),
        (r#"externalId eq "ext-bernd""#, vec!["bernd"]),
        (r#"externalId eq "EXT-BERND""#, vec![]),
        (r#"userName eq "o'hara" or userName sw "ann""#, vec!["anna", "o'hara"]),
        (r#"emails[type eq "work" and value co "@acme"] and not (userName eq "anna")"#, vec!["bernd", "o'hara"]),
        (r#"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:employeeNumber ew "-anna""#, vec!["anna"]),
        (r#"meta.created gt "2020-01-01T00:00:00Z" and title pr and active eq true"#, vec!["anna", "bernd", "o'hara"]),
        (r#"nickName pr"#, vec![]),
        (r#"userName eq "x\" or userName pr or \"""#, vec![]),
        (r#"userName eq "'; DROP TABLE scim_resource; --""#, vec![]),
        (r#"userName eq "%""#, vec![]),
    ] {
        assert_eq!(idp.find("Users", filter).await?, wanted, "{filter}");
    }
    let deep = format!("{}userName pr{}", "(".repeat(500), ")".repeat(500));
    let long = format!("userName eq \"{}\"", "x".repeat(20_000));
    for wrong in
        ["userName", "userName eq", "userName is \"x\"", "noSuch eq 1", "active gt true", "(userName pr", &deep, &long]
    {
        let body = json!({ "filter": wrong });
        assert_eq!(idp.post("/Users/.search", &body).await?.refused(400)?, "invalidFilter", "{wrong}");
    }
    let found = idp.post("/.search", &json!({ "filter": "userName eq \"anna\"" })).await?.must_be(200)?;
    assert_eq!(found["totalResults"], json!(1));
    idp.get("/Me").await?.refused(501)?;
    idp.post("/Bulk", &json!({})).await?.refused(501)?;
    idp.get("/Nothing").await?.refused(404)?;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn an_old_connector_can_be_pointed_here() -> Result<()> {
    let (_world, idp) = stage(Engine::Sqlite).await?;
    let boss = idp.user("boss").await?;
    let old = json!({
        "schemas": ["urn:scim:schemas:core:1.0", "urn:scim:schemas:extension:enterprise:1.0"],
        "userName": "old",
        "name": { "formatted": "Old Connector" },
        "active": true,
        "urn:scim:schemas:extension:enterprise:1.0": { "department": "Mill", "manager": { "managerId": boss } },
        "urn:scim:schemas:extension:facebook:starttermdates:1.0": { "startDate": 1_637_000_000 },
        "urn:ietf:params:scim:schemas:extension:facebook:accountstatusdetails:2.0:User": { "invited": true },
        "urn:scim:schemas:extension:facebook:auth_method:1.0": { "auth_method": "sso" },
    });
    let created = idp.post("/Users", &old).await?.must_be(201)?;
    assert_eq!(created[ENTERPRISE]["manager"]["value"], json!(boss));
    let dates = &created["urn:ietf:params:scim:schemas:extension:facebook:starttermdates:2.0:User"];
    assert_eq!(dates["startDate"], json!(1_637_000_000));
    let path = format!("/Users/{}", created["id"].as_str().context("an id")?);
    let read = idp.get(&path).await?.must_be(200)?;
    assert_eq!(read["urn:ietf:params:scim:schemas:extension:facebook:authmethod:2.0:User"]["auth_method"], "sso");
    let schemas = idp.get("/Schemas").await?.must_be(200)?;
    assert!(!schemas.to_string().contains("facebook"), "only what is supported is advertised");
    Ok(())
}
