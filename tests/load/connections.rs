//! Whether a sign-in begins later in an installation of many connections than in one of a few.

use std::time::Instant;

use anyhow::{Context, Result, ensure};
use freehold_tests::idp::{CLIENT_ID, CLIENT_SECRET, Idp};
use freehold_tests::part::Folder;
use freehold_tests::postgres;
use reqwest::StatusCode;
use tokio::runtime::Runtime;

use crate::figures::Figures;
use crate::server::Server;
use crate::visitor;

/// Connections of one company, its limit.
const PER_COMPANY: usize = 16;
/// Connections of the small installation and of the large one.
const FEW: usize = 5;
const MANY: usize = 5_000;
/// Sign-ins that are begun, of each installation.
const SIGN_INS: usize = 1_000;
const MILLISECONDS: f64 = 1_000.0;

/// Begins sign-ins at all connections in turn, one at a time: the first at each asks the IdP what it is.
pub fn begin() -> Result<()> {
    println!("\nconnections, {SIGN_INS} sign-ins begun one after the other");
    let idp = Idp::start(&[])?;
    let folder = Folder::new("connections")?;
    let server = Server::start(&folder, &postgres::database()?)?;
    let runtime = Runtime::new()?;
    let mut few = Figures::milliseconds("of 5 connections");
    let mut many = Figures::milliseconds("of 5,000 connections");
    let mut cold = Figures::milliseconds("  the first at a connection");
    declare(&server, &folder, &idp, FEW)?;
    // Known from here on.
    runtime.block_on(sign_ins(&server, FEW, FEW, &mut Figures::milliseconds("")))?;
    runtime.block_on(sign_ins(&server, FEW, SIGN_INS, &mut few))?;
    declare(&server, &folder, &idp, MANY)?;
    runtime.block_on(sign_ins(&server, MANY, SIGN_INS, &mut cold))?;
    runtime.block_on(sign_ins(&server, MANY, SIGN_INS, &mut many))?;
    few.print(None);
    few.print_percentile(99);
    many.print(Some(&few));
    many.print_percentile(99);
    cold.print(Some(&few));
    cold.print_percentile(99);
    Ok(())
}

/// Companies with so many connections together, on top of those that are there.
fn declare(server: &Server, folder: &Folder, idp: &Idp, connections: usize) -> Result<()> {
    for company in 0..connections.div_ceil(PER_COMPANY) {
        let own = PER_COMPANY.min(connections - company * PER_COMPANY);
        let secret = folder.write("client.secret", CLIENT_SECRET)?;
        std::fs::set_permissions(&secret, std::os::unix::fs::PermissionsExt::from_mode(0o600))?;
        let mut manifest = format!("name = \"company-{company}\"\ncompany = \"Company {company}\"\n");
        for number in 0..own {
            manifest.push_str(&format!(
                "[[connection]]\nname = \"idp-{number}\"\nissuer = \"{}\"\nclient_id = \"{CLIENT_ID}\"\n\
                 client_secret_file = \"{}\"\nlink = {{ claim = \"oid\", attribute = \"directory_id\" }}\n",
                idp.issuer(),
                secret.display()
            ));
        }
        server.apply(&folder.write("company.toml", manifest)?)?;
    }
    Ok(())
}

/// Spread over the whole installation, the same places each time.
async fn sign_ins(server: &Server, connections: usize, count: usize, figures: &mut Figures) -> Result<()> {
    let (client, web) = (visitor::client()?, server.web());
    for number in 0..count {
        let place = number * connections.div_ceil(count) % connections;
        let (company, connection) = (place / PER_COMPANY, place % PER_COMPANY);
        let path = format!("/company-{company}/sso/idp-{connection}");
        let begun = Instant::now();
        let answer = visitor::post(&client, &web, &path, "", String::new()).await.context(path)?;
        ensure!(answer.status() == StatusCode::SEE_OTHER, "a sign-in begins with {}", answer.status());
        figures.add(begun.elapsed().as_secs_f64() * MILLISECONDS);
    }
    Ok(())
}
