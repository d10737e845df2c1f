//! Passkeys in a real browser with a virtual authenticator, and attacks with what that browser signed.

use anyhow::{Context, Result, ensure};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use freehold_proto::auth::v1 as auth;
use freehold_tests::chromium;
use freehold_tests::paper::qr_codes;
use freehold_types::{Clock, Reason};
use freehold_wire::fault;
use serde_json::{Value, json};
use tonic::Status;

use super::letter::{administrator, printed};
use super::{Stage, told};
use crate::world::{Engine, World};

/// What the sign-in page says when a passkey is refused.
const REFUSED: &str = "This passkey did not let you in";

#[tokio::test(flavor = "multi_thread")]
async fn g06_to_g12_from_a_printed_letter_to_a_passkey_to_the_feed_and_in_again() -> Result<()> {
    let stage = Stage::set_in(World::start_named(Engine::Sqlite).await?).await?;
    let (acme, beta) = (format!("{}/acme", stage.world.public_url), format!("{}/beta", stage.world.public_url));
    let letter = printed(&administrator(&stage).await?, &[&stage.person.id]).await?;
    let seen = qr_codes(&letter, 1)?.concat();
    let said = chromium::run("passkey.mjs", &[&acme, &seen, &beta, "--width", "360"])?;
    let walked: Value = serde_json::from_str(&said)?;
    assert_eq!(walked["foreign"], json!([]), "{said}");
    let pages = walked["pages"].as_array().context("the script lists pages")?;
    assert_eq!(pages.len(), 6, "{said}");
    for page in pages {
        ensure!(page["axe"] == json!([]) && page["overflow"] == 0, "axe or the width has something against {page}");
    }
    assert_eq!(walked["removable"], 0, "the last way in cannot be removed");
    g11_passkey_of_another_company(&walked)?;
    g12_counter_that_goes_back(&walked)?;
    g06_assertion_again(&stage, &walked).await?;
    g09_another_origin(&stage, &walked).await?;
    g07_bad_signature(&stage, &walked).await?;
    the_last_way_in_stays(&stage).await
}

fn g11_passkey_of_another_company(walked: &Value) -> Result<()> {
    ensure!(walked["elsewhere"].as_str().is_some_and(|text| text.contains(REFUSED)), "{}", walked["elsewhere"]);
    Ok(())
}

fn g12_counter_that_goes_back(walked: &Value) -> Result<()> {
    ensure!(walked["copy"].as_str().is_some_and(|text| text.contains(REFUSED)), "{}", walked["copy"]);
    Ok(())
}

async fn finish(stage: &Stage, answer: &Value, change: impl Fn(&mut Value)) -> Result<String, Status> {
    let unread = |error: serde_json::Error| Status::internal(error.to_string());
    let mut credential: Value =
        serde_json::from_str(answer["credential"].as_str().unwrap_or_default()).map_err(unread)?;
    change(&mut credential);
    let request = auth::FinishPasskeySignInRequest {
        company_address: "acme".to_owned(),
        browser_token: answer["browser_token"].as_str().unwrap_or_default().to_owned(),
        credential_json: credential.to_string(),
    };
    let mut anybody = stage.world.line.clients.anonymous();
    Ok(anybody.auth.finish_passkey_sign_in(request).await?.into_inner().session_token)
}

async fn g07_bad_signature(stage: &Stage, walked: &Value) -> Result<()> {
    let tampered = &walked["answers"]["tampered"];
    let refused = finish(stage, tampered, |credential| {
        let signature = credential["response"]["signature"].as_str().unwrap_or_default();
        credential["response"]["signature"] = json!(format!("{}AAAA", &signature[..signature.len() - 4]));
    });
    let refused = refused.await.expect_err("another signature");
    let nothing = finish(stage, tampered, |_credential| {}).await.expect_err("the question is used up");
    assert_eq!(told(refused), told(nothing));
    Ok(())
}

async fn g06_assertion_again(stage: &Stage, walked: &Value) -> Result<()> {
    let good = &walked["answers"]["good"];
    // The same device has signed in since, with a higher counter: what was signed before is too old.
    let refused = finish(stage, good, |_credential| {}).await.expect_err("an assertion from before the last sign-in");
    assert_eq!(fault(refused).reason(), Reason::SignInRefused);
    let refused = finish(stage, good, |_credential| {}).await.expect_err("the same again");
    assert_eq!(fault(refused).reason(), Reason::SignInRefused);
    Ok(())
}

/// Signed by the right device, for the right question, at a page that is not ours.
async fn g09_another_origin(stage: &Stage, walked: &Value) -> Result<()> {
    let phished = &walked["answers"]["phished"];
    let credential: Value = serde_json::from_str(phished["credential"].as_str().context("something was signed")?)?;
    let signed = credential["response"]["clientDataJSON"].as_str().context("for an origin")?;
    let signed = String::from_utf8(URL_SAFE_NO_PAD.decode(signed)?)?;
    ensure!(signed.contains("http://localhost:65001"), "signed for {signed}");
    let refused = finish(stage, phished, |_credential| {}).await.expect_err("signed elsewhere");
    assert_eq!(fault(refused).reason(), Reason::SignInRefused);
    Ok(())
}

/// The services hold what the pages do not offer.
async fn the_last_way_in_stays(stage: &Stage) -> Result<()> {
    let code = stage.code().await?;
    let begun = crate::world::claim::begin(&stage.world.line, "acme", &code).await?;
    ensure!(begun.now == stage.world.clock.now().timestamp(), "the claim ends a quarter of an hour from now");
    let mut person = stage.world.line.person("acme", &stage.person.id).await?;
    let own = person.auth.list_passkeys(auth::ListPasskeysRequest {}).await.map_err(fault)?.into_inner();
    assert!(own.passkeys.is_empty() && own.password, "a completed claim has ended the passkey: {own:?}");
    let request = auth::RemovePasskeyRequest { passkey_id: "psk_0192f0c8000070008000000000000001".to_owned() };
    let refused = person.auth.remove_passkey(request).await.expect_err("nobody's");
    assert_eq!(fault(refused).reason(), Reason::PasskeyNotFound);
    Ok(())
}
