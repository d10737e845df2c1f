//! Letters and the poster, as an administrator gets them and as a camera reads them.

use anyhow::{Context, Result, ensure};
use freehold_tests::paper;
use reqwest::StatusCode;
use reqwest::header::{CONTENT_TYPE, HeaderValue};

use super::Stage;
use crate::world::Engine;
use crate::world::visit::Visit;

/// Somebody who may print letters, at the pages.
pub async fn administrator(stage: &Stage) -> Result<Visit> {
    let people = stage.world.line.people("acme").await?;
    let boss = people.iter().find(|person| person.administrator).context("an administrator")?;
    let visit = Visit::new(&stage.world.public_url, "acme")?;
    visit.sign_in_with_code(&stage.world.line.access_code("acme", &boss.id).await?, stage.now()).await?;
    Ok(visit)
}

/// The letters of these people as a file.
pub async fn printed(visit: &Visit, people: &[&str]) -> Result<Vec<u8>> {
    let mut fields: Vec<(&str, &str)> = people.iter().map(|id| (*id, "yes")).collect();
    fields.push(("as", "pdf"));
    let answer = visit.post("/console/letters", &fields).await?;
    ensure!(answer.headers().get(CONTENT_TYPE) == Some(&HeaderValue::from_static("application/pdf")), "{answer:?}");
    Ok(answer.bytes().await?.to_vec())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_letter_for_each_person_as_a_page_and_as_a_file() -> Result<()> {
    let stage = Stage::set(Engine::Sqlite).await?;
    let people = stage.world.line.people("acme").await?;
    let others: Vec<_> = people.iter().filter(|person| !person.administrator).take(2).collect();
    let ids: Vec<&str> = others.iter().map(|person| person.id.as_str()).collect();
    let visit = administrator(&stage).await?;

    let pdf = printed(&visit, &ids).await?;
    let texts = paper::texts(&pdf)?;
    ensure!(texts.len() == 2, "one page each: {texts:?}");
    for (number, text) in (1..).zip(&texts) {
        let person = others.iter().find(|person| text.contains(&person.display_name)).context("names its person")?;
        let said = paper::qr_codes(&pdf, number)?;
        let [address] = said.as_slice() else { anyhow::bail!("one code for a camera: {said:?}") };
        let code = address.strip_prefix(&format!("{}/acme/claim#", stage.world.public_url)).context("leads here")?;
        ensure!(text.contains(code), "the same code to type: {text}");
        stage.redeem("acme", code).await.map_err(freehold_wire::fault)?;
        ensure!(!person.email.is_empty() || !text.contains('@'), "no address is needed: {text}");
    }

    // As a page, which ends the codes of the file.
    let page = visit.send("/console/letters", &[(ids[0], "yes")]).await?;
    assert_eq!((page.status, page.text.matches("<article").count()), (StatusCode::OK, 1), "{}", page.text);
    let again = paper::qr_codes(&pdf, 1)?.concat();
    let code = again.rsplit('#').next().unwrap_or_default();
    assert!(
        stage.redeem("acme", code).await.is_err() || !texts[0].contains(&others[0].display_name),
        "a code too many"
    );

    let nobody = visit.send("/console/letters", &[]).await?;
    assert!(nobody.text.contains("Choose at least one person"), "{}", nobody.text);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn the_poster_holds_the_address_and_no_secret_and_is_the_administrators() -> Result<()> {
    let stage = Stage::set(Engine::Sqlite).await?;
    let visit = administrator(&stage).await?;
    let pdf = visit.fetch("/console/poster.pdf").await?.bytes().await?;
    assert_eq!(paper::qr_codes(&pdf, 1)?, [format!("{}/acme", stage.world.public_url)]);
    let page = visit.open("/console/poster").await?;
    assert_eq!(page.status, StatusCode::OK);

    let somebody = Visit::new(&stage.world.public_url, "acme")?;
    somebody.sign_in_with_code(&stage.code().await?, stage.now()).await?;
    for path in ["/console/letters", "/console/poster", "/console/poster.pdf"] {
        assert_eq!(somebody.fetch(path).await?.status(), StatusCode::FORBIDDEN, "{path}");
    }
    Ok(())
}
