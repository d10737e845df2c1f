//! A script of calls and what each answered, with ids, times and tokens masked: they differ every time.

use std::fmt::Debug;
use std::time::Duration;

use anyhow::{Context, Result};
use freehold_proto::auth::v1 as auth;
use freehold_proto::billing::v1 as billing;
use freehold_proto::content::v1 as content;
use freehold_proto::directory::v1 as directory;
use freehold_proto::tenant::v1 as tenant;
use freehold_tests::company::Company;
use freehold_tests::wait::wait_until;
use freehold_wire::fault;
use serde::Serialize;
use serde_json::Value;
use tonic::{Response, Status};
use tonic_types::StatusExt as _;

use crate::world::{Line, Place, claim, manifest};

/// Hexadecimal digits of an id behind its prefix, and fewer than those of any digest.
const ID_CHARACTERS: usize = 32;
/// How long the end of a session may take to be known on a machine that is busy with other tests.
const OVER_LIMIT: Duration = Duration::from_secs(20);
/// Fields whose values are different every time.
const SECRETS: [&str; 8] =
    ["session_token", "caller_token", "claim_token", "totp_secret", "totp_address", "code", "next_page_token", "url"];

/// What was answered, call by call.
#[derive(Default)]
struct Transcript(Vec<String>);

impl Transcript {
    /// Writes an answer down and hands it on.
    fn note<T: Serialize + Debug>(&mut self, call: &str, answer: Result<Response<T>, Status>) -> Result<T, Status> {
        let answer = answer.map(Response::into_inner);
        let words = match &answer {
            Ok(message) => {
                let mut value = serde_json::to_value(message).unwrap_or_else(|error| error.to_string().into());
                mask(&mut value);
                value.to_string()
            }
            Err(status) => {
                let text = format!("{:?} {:?} {:?}", status.code(), status.message(), status.get_error_details());
                masked(&text)
            }
        };
        self.0.push(format!("{call}: {words}"));
        answer
    }
}

/// Plays the whole script on an empty installation.
pub(super) async fn play(line: &Line, place: &Place) -> Result<Vec<String>> {
    let mut transcript = Transcript::default();
    let said = declare(line, place, &mut transcript).await?;
    transcript.0.extend(said.iter().map(|words| masked(words)));
    let people = line.people("acme").await?;
    people.iter().for_each(|person| {
        transcript.0.push(format!("{} {} {}", person.user_name, person.display_name, person.directory_groups.len()));
    });
    let anna = people.first().context("somebody is there")?;
    sign_in(line, &anna.id, &mut transcript).await?;
    write(line, &anna.id, &mut transcript).await?;
    be_refused(line, &anna.id, &mut transcript).await?;
    Ok(transcript.0)
}

async fn declare(line: &Line, place: &Place, transcript: &mut Transcript) -> Result<Vec<String>> {
    let mut acme = manifest::company_of_file("acme", place, &[])?;
    place.folder.write("acme.ldif", Company::of(12).ldif())?;
    let mut wrong = acme.clone();
    (wrong.language, wrong.time_zone) = ("tlh".to_owned(), "Mars/Olympus".to_owned());
    let request = tenant::ApplyTenantRequest { manifest: Some(wrong), validate_only: true };
    let refused = match line.operator()?.operator.apply_tenant(request).await {
        Ok(mut events) => events.get_mut().message().await.err(),
        Err(status) => Some(status),
    };
    let refused: Result<Response<tenant::GetTenantResponse>, Status> =
        Err(refused.context("a wrong manifest is refused")?);
    transcript.note("ApplyTenant", refused).expect_err("it is a refusal");
    acme.groups.push(acme.groups[0].clone());
    acme.groups[1].name = "Twice".to_owned();
    let said = line.declare(acme).await?;
    let run = line.sync("acme").await?;
    transcript.note("SyncDirectory", Ok(Response::new(run)))?;
    let mut calls = line.inside("acme").await?;
    let runs = calls.directory.list_sync_runs(directory::ListSyncRunsRequest::default()).await;
    transcript.note("ListSyncRuns", runs)?;
    transcript
        .note("CheckDirectory", calls.directory.check_directory(directory::CheckDirectoryRequest::default()).await)?;
    transcript.note("PreviewSync", calls.directory.preview_sync(directory::PreviewSyncRequest::default()).await)?;
    transcript
        .note("ListTenants", line.operator()?.operator.list_tenants(tenant::ListTenantsRequest::default()).await)?;
    Ok(said)
}

async fn sign_in(line: &Line, person_id: &str, transcript: &mut Transcript) -> Result<()> {
    let mut anybody = line.clients.anonymous();
    let request = auth::GetSignInOptionsRequest { company_address: "acme".to_owned() };
    transcript.note("GetSignInOptions", anybody.auth.get_sign_in_options(request).await)?;
    let request = auth::IssueAccessCodesRequest { person_ids: vec![person_id.to_owned()], valid_days: 0 };
    let issued =
        transcript.note("IssueAccessCodes", line.inside("acme").await?.auth.issue_access_codes(request).await)?;
    let code = issued.access_codes.first().context("a code")?.code.clone();
    let request = auth::RedeemAccessCodeRequest { company_address: "acme".to_owned(), code: code.clone() };
    transcript.note("RedeemAccessCode", anybody.auth.redeem_access_code(request.clone()).await)?;
    let begun = claim::begin(line, "acme", &code).await?;
    let (company_address, claim_token) = ("acme".to_owned(), begun.claim_token.clone());
    let offer = auth::GetClaimRequest { company_address, claim_token };
    transcript.note("GetClaim", anybody.auth.get_claim(offer).await)?;
    let completion = claim::request("acme", &begun)?;
    let weak = auth::CompleteClaimRequest { password: "password1234".to_owned(), ..completion.clone() };
    transcript.note("CompleteClaim", anybody.auth.complete_claim(weak).await).expect_err("everybody guesses it");
    let session = transcript.note("CompleteClaim", anybody.auth.complete_claim(completion.clone()).await)?;
    transcript.note("CompleteClaim", anybody.auth.complete_claim(completion).await).expect_err("a claim ends");
    transcript.note("RedeemAccessCode", anybody.auth.redeem_access_code(request).await).expect_err("a code opens once");
    let made_up = auth::SignInWithPasswordRequest {
        company_address: "acme".to_owned(),
        sign_in_name: "nobody".to_owned(),
        password: claim::PASSWORD.to_owned(),
        totp_code: "000000".to_owned(),
    };
    let refused = anybody.auth.sign_in_with_password(made_up).await;
    transcript.note("SignInWithPassword", refused).expect_err("nobody has that name");
    let request =
        auth::AuthenticateRequest { company_address: "acme".to_owned(), session_token: session.session_token };
    transcript.note("Authenticate", anybody.auth.authenticate(request).await)?;
    Ok(())
}

async fn write(line: &Line, person_id: &str, transcript: &mut Transcript) -> Result<()> {
    let mut calls = line.person("acme", person_id).await?;
    let request = content::ListGroupsRequest { mine_only: true, ..Default::default() };
    let groups = transcript.note("ListGroups", calls.content.list_groups(request).await)?.groups;
    let group_id = groups.first().context("a group")?.id.clone();
    let request = content::CreatePostRequest {
        request_id: "post".to_owned(),
        group_id: group_id.clone(),
        text: "Bonjour".to_owned(),
    };
    let post =
        transcript.note("CreatePost", calls.content.create_post(request.clone()).await)?.post.context("a post")?;
    transcript.note("CreatePost", calls.content.create_post(request.clone()).await)?;
    let other = content::CreatePostRequest { text: "Bonsoir".to_owned(), ..request };
    transcript.note("CreatePost", calls.content.create_post(other).await).expect_err("one id, two texts");
    let kind = content::ReactionKind::Love.into();
    let request = content::SetReactionRequest { post_id: post.id.clone(), kind };
    transcript.note("SetReaction", calls.content.set_reaction(request).await)?;
    let request = content::CreateCommentRequest {
        request_id: "comment".to_owned(),
        post_id: post.id.clone(),
        parent_id: String::new(),
        text: "Salut".to_owned(),
    };
    transcript.note("CreateComment", calls.content.create_comment(request).await)?;
    let request = content::ListCommentsRequest { post_id: post.id, ..Default::default() };
    transcript.note("ListComments", calls.content.list_comments(request).await)?;
    transcript.note("ListFeed", calls.content.list_feed(content::ListFeedRequest::default()).await)?;
    let request = content::ListMembersRequest { group_id, page_size: 5, ..Default::default() };
    let members = calls.content.list_members(request).await.map_err(fault)?.into_inner().memberships;
    transcript.0.push(format!("ListMembers: {} members", members.len()));
    let request = billing::RecordActivityRequest { kind: billing::ActivityKind::Write.into() };
    transcript.note("RecordActivity", calls.billing.record_activity(request).await)?;
    transcript.note("EndSession", calls.auth.end_session(auth::EndSessionRequest::default()).await)?;
    let over = wait_until("the session to be over", OVER_LIMIT, async || {
        Ok(calls.auth.list_sessions(auth::ListSessionsRequest::default()).await.err())
    });
    let over: Result<Response<auth::ListSessionsResponse>, Status> = Err(over.await?);
    transcript.note("ListSessions", over).expect_err("the session is over");
    Ok(())
}

/// One refusal of each kind and each service.
async fn be_refused(line: &Line, person_id: &str, transcript: &mut Transcript) -> Result<()> {
    let mut calls = line.person("acme", person_id).await?;
    let request = content::GetPostRequest { id: "pst_00000000000070008000000000000000".to_owned() };
    transcript.note("GetPost", calls.content.get_post(request).await).expect_err("no such post");
    let request = content::CreatePostRequest::default();
    transcript.note("CreatePost", calls.content.create_post(request).await).expect_err("nothing is filled in");
    let request = content::ApplyGroupsRequest::default();
    transcript.note("ApplyGroups", calls.content.apply_groups(request).await).expect_err("a person is no operator");
    let request = directory::GetPersonRequest { id: "nonsense".to_owned() };
    transcript.note("GetPerson", calls.directory.get_person(request).await).expect_err("no id");
    let request = content::ListFeedRequest { page_token: "made up".to_owned(), ..Default::default() };
    transcript.note("ListFeed", calls.content.list_feed(request).await).expect_err("no page token of ours");
    let mut nobody = line.clients.anonymous();
    let request = content::ListFeedRequest::default();
    transcript.note("ListFeed", nobody.content.list_feed(request).await).expect_err("nobody signed in");
    let mut operator = line.operator()?;
    let request = billing::ClosePeriodRequest { period: "2999-01".to_owned(), company_addresses: Vec::new() };
    transcript.note("ClosePeriod", operator.billing.close_period(request).await).expect_err("not ended");
    let request = billing::GetInvoiceRequest { number: "2026-999999".to_owned() };
    transcript.note("GetInvoice", operator.billing.get_invoice(request).await).expect_err("no such invoice");
    let request = tenant::GetTenantRequest { name: "nowhere".to_owned() };
    transcript.note("GetTenant", operator.operator.get_tenant(request).await).expect_err("no such company");
    let request = auth::AuthenticateRequest { company_address: "acme".to_owned(), session_token: "made up".to_owned() };
    transcript.note("Authenticate", nobody.auth.authenticate(request).await).expect_err("no session of ours");
    Ok(())
}

fn mask(value: &mut Value) {
    match value {
        Value::Object(fields) => {
            for (name, field) in fields.iter_mut() {
                if SECRETS.contains(&name.as_str()) || name.ends_with("_at") {
                    *field = Value::String(format!("<{name}>"));
                } else {
                    mask(field);
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(mask),
        Value::String(text) => *text = masked(text),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

/// Ids and digests become a sign, the folder of a test its kind.
fn masked(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut rest = text;
    while !rest.is_empty() {
        let digits = rest.bytes().take_while(u8::is_ascii_hexdigit).count();
        match digits {
            0 => {
                let sign = rest.chars().next().map_or(1, char::len_utf8);
                plain.push_str(&rest[..sign]);
                rest = &rest[sign..];
            }
            ID_CHARACTERS.. => {
                plain.push('#');
                rest = &rest[digits..];
            }
            _ => {
                plain.push_str(&rest[..digits]);
                rest = &rest[digits..];
            }
        }
    }
    let words = plain.split('/').map(|word| if word.starts_with("freehold-installation-") { "FOLDER" } else { word });
    words.collect::<Vec<_>>().join("/")
}
