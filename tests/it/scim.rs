//! SCIM 2.0 over HTTP, as an IdP speaks it, on both storages: what is pushed, what becomes of people, and what is held.

mod brake;
mod groups;
mod tester;
mod tokens;
mod users;

use anyhow::{Context, Result, ensure};
use freehold_proto::directory::v1 as pb;
use freehold_proto::directory::v1::{DirectoryKind, DirectorySettings};
use freehold_proto::tenant::v1::TenantManifest;
use freehold_tests::http::visitor;
use freehold_wire::fault;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::world::{Engine, World, manifest};

/// The directory that the IdP of every company here fills.
pub const DIRECTORY: &str = "entra";

/// A company whose people an IdP pushes.
pub fn company(name: &str) -> TenantManifest {
    let settings =
        DirectorySettings { name: DIRECTORY.to_owned(), kind: DirectoryKind::Scim.into(), ..Default::default() };
    TenantManifest { directories: vec![settings], ..manifest::company(name) }
}

/// An IdP with a token, at one company.
pub struct Idp {
    client: reqwest::Client,
    pub base: String,
    pub token: String,
}

/// What came back.
pub struct Answer {
    pub status: StatusCode,
    pub etag: String,
    pub body: Value,
}

impl Answer {
    /// The body, of an answer that must be this.
    pub fn must_be(self, status: u16) -> Result<Value> {
        ensure!(self.status.as_u16() == status, "{} instead of {status}: {}", self.status, self.body);
        Ok(self.body)
    }

    /// The `scimType` of a refusal with this status.
    pub fn refused(self, status: u16) -> Result<String> {
        let body = self.must_be(status)?;
        ensure!(body["schemas"][0] == "urn:ietf:params:scim:api:messages:2.0:Error", "{body}");
        ensure!(body["status"].as_str().is_some_and(|said| said.parse() == Ok(status)), "{body}");
        Ok(body["scimType"].as_str().unwrap_or_default().to_owned())
    }
}

impl Idp {
    pub async fn new(world: &World, company: &str) -> Result<Self> {
        let token = issue(world, company, "idp").await?;
        Self::new_with(world, company, token)
    }

    pub fn new_with(world: &World, company: &str, token: String) -> Result<Self> {
        Ok(Self { client: visitor()?, base: format!("{}/{company}/scim/v2", world.public_url), token })
    }

    pub async fn send(
        &self,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
        body: Option<&Value>,
    ) -> Result<Answer> {
        let mut request = self.client.request(method, format!("{}{path}", self.base));
        request = request.header("authorization", format!("Bearer {}", self.token));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        if let Some(body) = body {
            request = request.header("content-type", "application/scim+json").body(body.to_string());
        }
        let answer = request.send().await?;
        let status = answer.status();
        let etag = answer.headers().get("etag").and_then(|tag| tag.to_str().ok()).unwrap_or_default().to_owned();
        let kind =
            answer.headers().get("content-type").and_then(|kind| kind.to_str().ok()).unwrap_or_default().to_owned();
        let text = answer.text().await?;
        ensure!(text.is_empty() || kind == "application/scim+json", "{kind}: {text}");
        let body = if text.is_empty() { Value::Null } else { serde_json::from_str(&text).context(text)? };
        Ok(Answer { status, etag, body })
    }

    pub async fn get(&self, path: &str) -> Result<Answer> {
        self.send(Method::GET, path, &[], None).await
    }

    pub async fn post(&self, path: &str, body: &Value) -> Result<Answer> {
        self.send(Method::POST, path, &[], Some(body)).await
    }

    pub async fn put(&self, path: &str, body: &Value) -> Result<Answer> {
        self.send(Method::PUT, path, &[], Some(body)).await
    }

    pub async fn patch(&self, path: &str, operations: Value) -> Result<Answer> {
        let body = json!({ "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"], "Operations": operations });
        self.send(Method::PATCH, path, &[], Some(&body)).await
    }

    pub async fn delete(&self, path: &str) -> Result<Answer> {
        self.send(Method::DELETE, path, &[], None).await
    }

    /// Creates a user of that name and answers its id.
    pub async fn user(&self, name: &str) -> Result<String> {
        let body = self.post("/Users", &user(name)).await?.must_be(201)?;
        Ok(body["id"].as_str().context("a user has an id")?.to_owned())
    }

    /// Creates a group with these members and answers its id.
    pub async fn group(&self, name: &str, members: &[&String]) -> Result<String> {
        let members: Vec<Value> = members.iter().map(|id| json!({ "value": id })).collect();
        let body = json!({ "schemas": [GROUP], "displayName": name, "members": members });
        let body = self.post("/Groups", &body).await?.must_be(201)?;
        Ok(body["id"].as_str().context("a group has an id")?.to_owned())
    }

    /// Names of the resources that a filter finds.
    pub async fn find(&self, endpoint: &str, filter: &str) -> Result<Vec<String>> {
        let mut address = reqwest::Url::parse("scim:")?;
        address.query_pairs_mut().append_pair("filter", filter);
        let path = format!("/{endpoint}?{}", address.query().unwrap_or_default());
        let body = self.get(&path).await?.must_be(200)?;
        let found = body["Resources"].as_array().context("a list")?;
        let name = if endpoint == "Users" { "userName" } else { "displayName" };
        let mut names: Vec<String> = found.iter().filter_map(|one| one[name].as_str().map(str::to_owned)).collect();
        names.sort();
        Ok(names)
    }
}

pub const USER: &str = "urn:ietf:params:scim:schemas:core:2.0:User";
pub const GROUP: &str = "urn:ietf:params:scim:schemas:core:2.0:Group";
pub const ENTERPRISE: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";

/// A user with everything that becomes part of a person.
pub fn user(name: &str) -> Value {
    json!({
        "schemas": [USER, ENTERPRISE],
        "userName": name,
        "externalId": format!("ext-{name}"),
        "name": { "givenName": name, "familyName": "Şen", "formatted": format!("{name} Şen") },
        "displayName": format!("{name} Şen"),
        "title": "Baker",
        "active": true,
        "emails": [{ "value": format!("{name}@acme.example"), "type": "work", "primary": true }],
        "phoneNumbers": [{ "value": "+33 1 23", "type": "work" }],
        "addresses": [{ "type": "work", "locality": "Lyon", "formatted": "1 rue, Lyon" }],
        ENTERPRISE: { "employeeNumber": format!("n-{name}"), "department": "Bread" },
    })
}

/// A token that lets an IdP in.
pub async fn issue(world: &World, company: &str, token_name: &str) -> Result<String> {
    let request = pb::IssueTokenRequest { token_name: token_name.to_owned(), ..Default::default() };
    let mut calls = world.line.inside(company).await?;
    Ok(calls.provisioning.issue_token(request).await.map_err(fault)?.into_inner().secret)
}

/// An installation with one company, and its IdP.
pub async fn stage(engine: Engine) -> Result<(World, Idp)> {
    let world = World::start(engine).await?;
    world.line.declare(company("acme")).await?;
    let idp = Idp::new(&world, "acme").await?;
    Ok((world, idp))
}

/// The person whom a user became.
pub async fn person(world: &World, resource_id: &str) -> Result<pb::Person> {
    let people = world.line.people("acme").await?;
    people.into_iter().find(|person| person.directory_entry_id == resource_id).context("the user is no person")
}
