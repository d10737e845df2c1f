//! scim2-tester, a judge that others wrote, has nothing to say against the endpoint.

use std::env;
use std::process::Command;

use anyhow::{Context, Result, ensure};
use freehold_tests::part::tests_folder;

use super::stage;
use crate::world::Engine;

#[tokio::test(flavor = "multi_thread")]
async fn scim2_tester_finds_nothing_wrong() -> Result<()> {
    let test = env::current_exe()?;
    let target = test.ancestors().nth(3).context("a test lies in the target folder")?;
    let python = target.join("scim-tester/bin/python");
    ensure!(
        python.is_file(),
        "scim2-tester is not installed in {}: run tests/run once, it installs tests/scim/requirements.txt there",
        python.display()
    );
    let (_world, idp) = stage(Engine::Sqlite).await?;
    let mut command = Command::new(python);
    command.arg(tests_folder().join("scim/check.py")).args([&idp.base, &idp.token]);
    let judged = tokio::task::spawn_blocking(move || command.output()).await??;
    let said = String::from_utf8_lossy(&judged.stdout).into_owned();
    let wrong: Vec<&str> = said.lines().filter(|line| !line.starts_with("SUCCESS")).collect();
    ensure!(judged.status.success(), "{}\n{}", wrong.join("\n"), String::from_utf8_lossy(&judged.stderr));
    let summary = said.lines().find(|line| line.starts_with("SUMMARY"));
    println!("{}", summary.with_context(|| format!("it judged nothing: {said}"))?);
    Ok(())
}
