//! Two companies with everything in them that can be named.

use std::io::Cursor;
use std::path::Path;
use std::time::Duration;

use anyhow::{Context, Result, anyhow};
use chrono::TimeDelta;
use freehold_proto::auth::v1 as auth;
use freehold_proto::billing::v1 as billing;
use freehold_proto::content::v1 as content;
use freehold_proto::directory::v1 as directory;
use freehold_proto::tenant::v1 as tenant;
use freehold_tests::ldif::{BASE, Entry};
use freehold_tests::wait::wait_until;
use freehold_types::{Clock, Fault, Mint, Period, TenantId};
use freehold_vault::Vault;
use freehold_wire::{TokenSigner, fault};
use image::{ImageFormat, RgbImage};

use super::request::Slot;
use crate::world::{Engine, World, manifest};

/// In every text of the other company.
pub(super) const CANARY: &str = "Quetzal";

/// Nobody's.
const NO_PASSKEY: &str = "psk_0192f0c8000070008000000000000001";
/// Photos come after the people.
const PHOTO_LIMIT: Duration = Duration::from_secs(30);

/// What can be named in one company.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Ids {
    pub person: String,
    pub group: String,
    pub post: String,
    pub comment: String,
    pub session: String,
    pub client: String,
    pub invoice: String,
    pub directory: String,
    pub sync_run: String,
}

/// `beta` calls; `acme` is the other, which must not be seen.
pub(super) struct Stage {
    pub world: World,
    pub own_tenant: TenantId,
    pub own_administrator: String,
    pub own: Ids,
    pub other: Ids,
}

impl Stage {
    pub async fn set(engine: Engine) -> Result<Self> {
        let world = World::start(engine).await?;
        // A month begins, so that two days of it fit before anything expires.
        world.clock.set(Period::of(world.clock.now()).next().starts_at() + TimeDelta::hours(9));
        fill(&world, "acme", "quetzal-office", CANARY).await?;
        fill(&world, "beta", "own-office", "Zaunkönig").await?;
        let period = Period::of(world.clock.now());
        for company in ["acme", "beta"] {
            be_active(&world, company).await?;
        }
        world.days_later(1);
        for company in ["acme", "beta"] {
            be_active(&world, company).await?;
        }
        world.clock.set(period.next().starts_at() + TimeDelta::hours(9));
        let request = billing::ClosePeriodRequest { period: period.to_string(), company_addresses: Vec::new() };
        world.line.operator()?.billing.close_period(request).await.map_err(fault)?;

        let request = tenant::GetTenantRequest { name: "beta".to_owned() };
        let beta = world.line.operator()?.operator.get_tenant(request).await.map_err(fault)?.into_inner();
        let own_tenant = beta.tenant.context("a tenant")?.id.parse()?;
        let own_administrator = person_named(&world, "beta", "boss").await?.id;
        let (own, other) = (write(&world, "beta", "Zaunkönig").await?, write(&world, "acme", CANARY).await?);
        Ok(Self { world, own_tenant, own_administrator, own, other })
    }

    /// What a slot names, in the other company or in one's own.
    pub fn id(&self, slot: Slot, other: bool) -> String {
        let ids = if other { &self.other } else { &self.own };
        match slot {
            Slot::Person => ids.person.clone(),
            Slot::Group => ids.group.clone(),
            Slot::Post => ids.post.clone(),
            Slot::Comment => ids.comment.clone(),
            Slot::Session => ids.session.clone(),
            // Made by a browser only: what one company has is walked with real ones in `claim::passkey`.
            Slot::Passkey => NO_PASSKEY.to_owned(),
            Slot::Client => ids.client.clone(),
            Slot::Invoice => ids.invoice.clone(),
            Slot::Directory => ids.directory.clone(),
            Slot::SyncRun => ids.sync_run.clone(),
            Slot::Company => if other { "acme" } else { "beta" }.to_owned(),
        }
    }

    /// What of the other company stands in an answer. A refusal repeats the id it was asked for.
    pub fn leaked(&self, bytes: &[u8], ids_too: bool) -> Option<String> {
        let other = &self.other;
        let ids = [&other.person, &other.group, &other.post, &other.comment, &other.session, &other.invoice];
        let ids = ids.into_iter().filter(|_| ids_too).cloned();
        let mut texts = [CANARY.to_owned()].into_iter().chain(ids);
        texts.find(|text| bytes.windows(text.len()).any(|window| window == text.as_bytes()))
    }

    /// The id of the other company.
    pub async fn other_tenant(&self) -> Result<String> {
        let request = tenant::GetTenantRequest { name: "acme".to_owned() };
        let acme = self.world.line.operator()?.operator.get_tenant(request).await.map_err(fault)?.into_inner();
        Ok(acme.tenant.context("a tenant")?.id)
    }

    /// After everything that was tried, the other company is as it was.
    pub async fn is_untouched(&self) -> Result<()> {
        let mut calls = self.world.line.person("acme", &self.other.person).await?;
        let request = auth::ListSessionsRequest::default();
        let sessions = calls.auth.list_sessions(request).await.map_err(fault)?.into_inner().sessions;
        assert!(sessions.iter().any(|session| session.id == self.other.session), "the session has ended");
        let request = content::GetPostRequest { id: self.other.post.clone() };
        let post = calls.content.get_post(request).await.map_err(fault)?.into_inner().post.context("a post")?;
        assert_eq!((post.comment_count, post.reactions.len()), (1, 0), "somebody from outside answered");
        let request = content::ListMembersRequest { group_id: self.other.group.clone(), ..Default::default() };
        let members = calls.content.list_members(request).await.map_err(fault)?.into_inner().memberships;
        assert_eq!(members.iter().map(|member| &member.person_id).collect::<Vec<_>>(), [&self.other.person]);
        Ok(())
    }

    /// Signs caller tokens of this installation, as its services do.
    pub fn signer(&self) -> Result<TokenSigner> {
        let key: &Path = &self.world.place.folder.path().join("master.key");
        let vault = Vault::load(key).map_err(|error| anyhow!(Fault::from(error)))?;
        Ok(TokenSigner::new(&vault.derive("caller-token"), Mint::new(self.world.clock.clone()))?)
    }
}

async fn fill(world: &World, company: &str, office: &str, word: &str) -> Result<()> {
    let uuid = |number: u8| format!("{:02x}{number:06x}-0000-4000-8000-000000000000", company.as_bytes()[0]);
    let person = |uid: &str, number| {
        let entry = Entry::person(uid, uid, word).with("entryUUID", uuid(number));
        entry.with("title", format!("{word} keeper")).with("mail", format!("{uid}@{word}.test"))
    };
    let dn = |uid: &str| format!("uid={uid},ou=people,{BASE}");
    let administrators = format!("{word} administrators");
    let entries = [
        person("boss", 1),
        person("anna", 2).with("jpegPhoto", tiny_photo()?),
        Entry::group(&administrators, [dn("boss").as_str()]).with("entryUUID", uuid(3)),
    ];
    let mut manifest = manifest::company_of_file(company, &world.place, &entries)?;
    manifest.directories[0].name = office.to_owned();
    manifest.administrators_group = format!("cn={administrators},ou=groups,{BASE}");
    world.line.declare(manifest).await?;
    assert_eq!(world.line.synced(company).await?.joined_count, 2);
    wait_until("a photo", PHOTO_LIMIT, async || {
        Ok((!person_named(world, company, "anna").await?.photo_version.is_empty()).then_some(()))
    })
    .await
}

fn tiny_photo() -> Result<Vec<u8>> {
    let mut bytes = Cursor::new(Vec::new());
    RgbImage::new(4, 4).write_to(&mut bytes, ImageFormat::Jpeg)?;
    Ok(bytes.into_inner())
}

async fn person_named(world: &World, company: &str, user_name: &str) -> Result<directory::Person> {
    let people = world.line.people(company).await?;
    people.into_iter().find(|person| person.user_name == user_name).with_context(|| format!("no {user_name}"))
}

async fn be_active(world: &World, company: &str) -> Result<()> {
    let anna = person_named(world, company, "anna").await?;
    let request = billing::RecordActivityRequest { kind: billing::ActivityKind::Read.into() };
    world.line.person(company, &anna.id).await?.billing.record_activity(request).await.map_err(fault)?;
    Ok(())
}

/// Anna makes a secret group, posts and comments; what all of it is called.
async fn write(world: &World, company: &str, word: &str) -> Result<Ids> {
    let anna = person_named(world, company, "anna").await?;
    let mut calls = world.line.person(company, &anna.id).await?;
    let request = content::CreateGroupRequest {
        request_id: "group".to_owned(),
        name: format!("{word} friends"),
        purpose: format!("{word} only"),
        privacy: content::GroupPrivacy::Secret.into(),
    };
    let group = calls.content.create_group(request).await.map_err(fault)?.into_inner().group.context("a group")?.id;
    let (request_id, text) = ("post".to_owned(), format!("{word} arrived"));
    let request = content::CreatePostRequest { request_id, group_id: group.clone(), text };
    let post = calls.content.create_post(request).await.map_err(fault)?.into_inner().post.context("a post")?.id;
    let (request_id, text) = ("comment".to_owned(), format!("{word} left"));
    let request = content::CreateCommentRequest { request_id, post_id: post.clone(), parent_id: String::new(), text };
    let comment =
        calls.content.create_comment(request).await.map_err(fault)?.into_inner().comment.context("a comment")?.id;
    let sessions =
        calls.auth.list_sessions(auth::ListSessionsRequest::default()).await.map_err(fault)?.into_inner().sessions;
    let session = sessions.into_iter().find(|session| session.current).context("the caller's own session")?.id;
    let mut calls = world.line.inside(company).await?;
    let request = crate::world::client::registration(&anna.id, &crate::world::client::Program::new(company.len()));
    let registered = calls.callers.register_client(request).await.map_err(fault)?.into_inner();
    let client = registered.client.context("a client")?.id;
    let invoices =
        calls.billing.list_invoices(billing::ListInvoicesRequest::default()).await.map_err(fault)?.into_inner();
    let invoice = invoices.invoices.into_iter().next().context("an invoice")?.number;
    let listed =
        calls.directory.list_directories(directory::ListDirectoriesRequest {}).await.map_err(fault)?.into_inner();
    let directory = listed.directories.into_iter().next().and_then(|one| one.settings).context("a directory")?.name;
    let runs = calls.directory.list_sync_runs(directory::ListSyncRunsRequest::default()).await.map_err(fault)?;
    let sync_run = runs.into_inner().sync_runs.into_iter().next().context("a sync run")?.id;
    Ok(Ids { person: anna.id, group, post, comment, session, client, invoice, directory, sync_run })
}
