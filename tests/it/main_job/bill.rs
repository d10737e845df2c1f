//! Two days of activity, a month that ends, and invoices without gaps over two companies.

use std::collections::BTreeMap;

use anyhow::{Context, Result};
use chrono::{Datelike, NaiveDate, NaiveTime};
use freehold_proto::billing::v1::{ClosePeriodRequest, ClosedPeriod, Invoice, InvoiceState, ListInvoicesRequest};
use freehold_proto::directory::v1::{DirectoryKind, DirectorySettings};
use freehold_tests::company::Company;
use freehold_tests::ldif::BASE;
use freehold_types::Clock;
use freehold_wire::fault;
use tonic::Code;

use super::people::known_as;
use super::{BOSS, Stage, note_activity};
use crate::world::manifest;

/// Who comes on the first day, and who of them on the second too: only those count.
const FIRST_DAY_PEOPLE: usize = 10;
const SECOND_DAY_PEOPLE: usize = 7;
const BETA_PEOPLE: usize = 3;
/// The first 1,000 people cost this much each.
const PRICE_MINOR: i64 = 300;

/// Whoever came on two days of a month is on its invoice; closing twice gives the same one; numbers have no gaps.
pub(super) async fn adds_up(stage: &Stage) -> Result<()> {
    let line = &stage.world.line;
    declare_a_second_company(stage).await?;

    // A month of next year, so that all invoices belong to one year's series whenever the test runs.
    let year = stage.world.clock.now().year() + 1;
    move_to(stage, year, 3, 5)?;
    come(stage, "acme", FIRST_DAY_PEOPLE).await?;
    come(stage, "beta", BETA_PEOPLE).await?;
    let early = close(stage, year, 3).await.expect_err("the month has not ended");
    assert_eq!(early.code(), Code::FailedPrecondition);
    stage.world.days_later(1);
    come(stage, "acme", SECOND_DAY_PEOPLE).await?;
    come(stage, "beta", BETA_PEOPLE).await?;
    come(stage, "beta", BETA_PEOPLE).await?;

    move_to(stage, year, 4, 2)?;
    let march = close(stage, year, 3).await?;
    let expected = [("acme", SECOND_DAY_PEOPLE), ("beta", BETA_PEOPLE)];
    for (closed, (name, people)) in march.iter().zip(expected) {
        let count = i64::try_from(people)?;
        assert_eq!((closed.company_address.as_str(), closed.active_people_count), (name, count));
        check(closed.invoice.as_ref().context("a month with people has an invoice")?, count);
    }
    assert_eq!(close(stage, year, 3).await?, march, "closed again, the same invoices");

    // Only one company is active in April, so the other takes no number.
    come(stage, "beta", 1).await?;
    stage.world.days_later(1);
    come(stage, "beta", 1).await?;
    move_to(stage, year, 5, 1)?;
    let april = close(stage, year, 4).await?;
    let invoices = march.iter().chain(&april).filter_map(|closed| closed.invoice.as_ref());
    let numbers: Vec<&str> = invoices.map(|invoice| invoice.number.as_str()).collect();
    assert_eq!(numbers, [1, 2, 3].map(|place| format!("{year}-{place:06}")));
    let mut calls = line.inside("beta").await?;
    let listed =
        calls.billing.list_invoices(ListInvoicesRequest::default()).await.map_err(fault)?.into_inner().invoices;
    assert_eq!(listed.iter().map(|invoice| invoice.number.as_str()).collect::<Vec<_>>(), [numbers[2], numbers[1]]);
    Ok(())
}

fn check(invoice: &Invoice, people: i64) {
    assert_eq!(invoice.state(), InvoiceState::Issued);
    assert_eq!((invoice.active_people_count, invoice.total_minor), (people, people * PRICE_MINOR));
    let lines = invoice.lines.iter();
    assert_eq!(lines.clone().map(|line| line.amount_minor).sum::<i64>(), invoice.total_minor);
    assert_eq!(lines.clone().map(|line| line.quantity).sum::<i64>(), people);
    assert!(lines.clone().all(|line| line.quantity * line.unit_price_minor == line.amount_minor));
}

/// A company that is filled from a file.
async fn declare_a_second_company(stage: &Stage) -> Result<()> {
    let file = stage.world.place.folder.write("beta.ldif", Company::of(20).ldif())?;
    let mut beta = manifest::company("beta");
    beta.directories.push(DirectorySettings {
        name: manifest::DIRECTORY.to_owned(),
        kind: DirectoryKind::Ldif.into(),
        urls: vec![file.display().to_string()],
        base_dn: BASE.to_owned(),
        ..Default::default()
    });
    stage.world.line.declare(beta).await?;
    stage.world.line.synced("beta").await?;
    Ok(())
}

/// The first so many people of a company who have no IdP sign in and read, each twice: that is one day all the same.
async fn come(stage: &Stage, company: &str, count: usize) -> Result<()> {
    let line = &stage.world.line;
    let boss = known_as(stage, BOSS).await?.id;
    let people: BTreeMap<String, String> =
        line.people(company).await?.into_iter().map(|person| (person.user_name, person.id)).collect();
    for id in people.values().filter(|id| **id != boss).take(count) {
        let mut calls = line.person(company, id).await?;
        note_activity(&mut calls).await?;
        note_activity(&mut calls).await?;
    }
    Ok(())
}

async fn close(stage: &Stage, year: i32, month: u32) -> Result<Vec<ClosedPeriod>, tonic::Status> {
    let period = format!("{year}-{month:02}");
    let mut calls = stage.world.line.operator().map_err(|error| tonic::Status::unknown(error.to_string()))?;
    let request = ClosePeriodRequest { period, company_addresses: Vec::new() };
    Ok(calls.billing.close_period(request).await?.into_inner().closed_periods)
}

fn move_to(stage: &Stage, year: i32, month: u32, day: u32) -> Result<()> {
    let date = NaiveDate::from_ymd_opt(year, month, day).context("a day of the calendar")?;
    stage.world.clock.set(date.and_time(NaiveTime::MIN).and_utc() + chrono::TimeDelta::hours(9));
    Ok(())
}
