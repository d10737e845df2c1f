//! `freehold billing`

use anyhow::{Context as _, Result};
use clap::{Subcommand, ValueEnum};
use freehold_proto::billing::v1 as pb;
use freehold_types::Period;
use serde_json::json;

use super::Ended;
use crate::print::Forms;
use crate::{Global, print};

const INVOICE: &str = "freehold.billing.v1.Invoice";

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Compute a month's invoice from the activity so far
    Preview {
        /// Name of the company
        name: String,
        /// Month, like 2026-10
        #[arg(long)]
        period: Period,
    },
    /// Close a month that has ended and issue its invoices; run again, it gives the same ones
    Close {
        /// Month, like 2026-10
        #[arg(long)]
        period: Period,
        /// Only these companies
        #[arg(value_name = "NAME")]
        names: Vec<String>,
    },
    /// Print an invoice
    Invoice {
        /// Number of the invoice, like 2026-000001
        number: String,
        /// What to print
        #[arg(long, value_enum, default_value_t = Format::Text)]
        format: Format,
    },
}

/// What an invoice is printed as.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// For people
    Text,
    /// For programs
    Json,
}

/// Runs one of them.
pub(crate) async fn run(global: &Global, command: Command) -> Result<Ended> {
    match command {
        Command::Preview { name, period } => preview(global, &name, period).await,
        Command::Close { period, names } => close(global, period, names).await,
        Command::Invoice { number, format } => invoice(global, number, format).await,
    }
}

async fn preview(global: &Global, name: &str, period: Period) -> Result<Ended> {
    let client = global.client()?;
    let mut calls = client.inside(name).calls().await?;
    let request = pb::PreviewInvoiceRequest { period: period.to_string() };
    let answer = calls.billing.preview_invoice(request).await.map_err(|status| client.refused(status))?.into_inner();
    let invoice = answer.invoice.context("the installation answered without an invoice")?;
    show(&invoice, global.json)
}

async fn close(global: &Global, period: Period, names: Vec<String>) -> Result<Ended> {
    let client = global.client()?;
    let request = pb::ClosePeriodRequest { period: period.to_string(), company_addresses: names };
    let answer = client.operator().billing.close_period(request).await.map_err(|status| client.refused(status))?;
    let closed = answer.into_inner().closed_periods;
    if global.json {
        let form = Forms::new()?.list("freehold.billing.v1.ClosedPeriod", &closed)?;
        print::json(&json!({ "period": period.to_string(), "closed_periods": form }))?;
    } else if closed.is_empty() {
        print::line(&format!("{period}: there was nothing to close"));
    } else {
        let row = |closed: &pb::ClosedPeriod| {
            let (number, total) = closed.invoice.as_ref().map_or_else(
                || ("nothing to pay".to_owned(), String::new()),
                |invoice| (invoice.number.clone(), print::money(invoice.total_minor, &invoice.currency)),
            );
            vec![closed.company_address.clone(), closed.active_people_count.to_string(), number, total]
        };
        let rows: Vec<_> = closed.iter().map(row).collect();
        print::table(&["COMPANY", "ACTIVE PEOPLE", "INVOICE", "TOTAL"], &rows);
    }
    Ok(Ended::Done)
}

async fn invoice(global: &Global, number: String, format: Format) -> Result<Ended> {
    let client = global.client()?;
    let answer = client.operator().billing.get_invoice(pb::GetInvoiceRequest { number }).await;
    let invoice = answer.map_err(|status| client.refused(status))?.into_inner().invoice;
    let invoice = invoice.context("the installation answered without an invoice")?;
    show(&invoice, global.json || format == Format::Json)
}

fn show(invoice: &pb::Invoice, as_json: bool) -> Result<Ended> {
    if as_json {
        print::json(&Forms::new()?.of(INVOICE, invoice)?)?;
        return Ok(Ended::Done);
    }
    let title = match invoice.state() {
        pb::InvoiceState::Issued => format!("Invoice {}", invoice.number),
        pb::InvoiceState::Draft | pb::InvoiceState::Unspecified => "Draft, no invoice".to_owned(),
    };
    print::line(&title);
    for (what, value) in [
        ("Company", invoice.company.as_str()),
        ("Period", &invoice.period),
        ("Issued", &print::moment(invoice.issued_at.as_ref())),
        ("Plan", &invoice.plan_name),
        ("Active people", &invoice.active_people_count.to_string()),
        ("Counted by", &invoice.definition),
    ] {
        if !value.is_empty() {
            print::line(&format!("{what:<14} {value}"));
        }
    }
    print::line("");
    let row = |line: &pb::InvoiceLine| {
        let people = format!("{} to {}", line.from_person, line.to_person);
        let price = print::money(line.unit_price_minor, &invoice.currency);
        vec![people, line.quantity.to_string(), price, print::money(line.amount_minor, &invoice.currency)]
    };
    let rows: Vec<_> = invoice.lines.iter().map(row).collect();
    print::table(&["PEOPLE", "QUANTITY", "PRICE", "AMOUNT"], &rows);
    print::line(&format!("\nTotal before tax  {}", print::money(invoice.total_minor, &invoice.currency)));
    Ok(Ended::Done)
}
