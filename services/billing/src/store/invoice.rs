//! Tables `invoice`, `invoice_line` and `invoice_series`. There is no function here that changes an invoice.

use chrono::Datelike as _;
use freehold_schema::field::billing::{INVOICE_COMPANY, INVOICE_COMPANY_ADDRESS};
use freehold_tenancy::PlatformTx;
use freehold_types::{Fault, InvoiceId, Money, Period, TenantId};
use sea_orm::sea_query::OnConflict;
use sea_orm::{
    ColumnTrait as _, Condition, EntityTrait as _, QueryFilter as _, QueryOrder as _, QuerySelect as _, Set,
};
use uuid::Uuid;

use super::{currency_number, definition_of, period_number, period_of, terms_of};
use crate::entity::{invoice as row, invoice_line as line_row, invoice_series as series_row};
use crate::invoice::{Draft, Issued, Number};
use crate::pricing::Line;

/// Gives the draft the next number and writes it. The number is taken in this transaction, so it is lost to nobody
/// when the transaction fails; two that issue at once wait for each other at the series' row.
pub(crate) async fn issue(tx: &PlatformTx, draft: Draft) -> Result<Issued, Fault> {
    let (number, issued_at) = next_number(tx).await?;
    let id: InvoiceId = tx.mint().id();
    let id = id.uuid();
    tx.insert(row::ActiveModel {
        id: Set(id),
        series_year: Set(number.year),
        series_place: Set(number.place),
        tenant_id: Set(draft.tenant.uuid()),
        period: Set(period_number(draft.period)),
        company_sealed: Set(tx.seal(INVOICE_COMPANY, id, draft.company.as_bytes())),
        company_address_sealed: Set(tx.seal(INVOICE_COMPANY_ADDRESS, id, draft.company_address.as_bytes())),
        plan: Set(draft.plan.number),
        currency: Set(currency_number(draft.total.currency)),
        definition: Set(draft.definition.number),
        active_people_count: Set(draft.active_people),
        total_minor: Set(draft.total.minor),
        issued_at: Set(issued_at),
    })
    .await?;
    let lines = (1..).zip(&draft.lines).map(|(place, line)| line_row::ActiveModel {
        invoice_id: Set(id),
        place: Set(place),
        from_person: Set(line.from_person),
        to_person: Set(line.to_person),
        quantity: Set(line.quantity),
        unit_price_minor: Set(line.unit_price_minor),
        amount_minor: Set(line.amount_minor),
    });
    tx.insert_all(lines.collect()).await?;
    Ok(Issued { number, issued_at, draft })
}

/// Numbers follow the dates: a clock that was set back issues at the date of the number before.
async fn next_number(tx: &PlatformTx) -> Result<(Number, chrono::DateTime<chrono::Utc>), Fault> {
    let now = tx.mint().now();
    let year = now.year();
    let first = series_row::ActiveModel { year: Set(year), last_place: Set(0), last_issued_at: Set(now) };
    let keep = OnConflict::column(series_row::Column::Year).do_nothing().to_owned();
    tx.insert_or(vec![first], keep).await?;
    let series = tx.one(tx.lock(series_row::Entity::find_by_id(year))).await?;
    let series = series.ok_or_else(|| Fault::internal("taking an invoice number", "the series' row is gone"))?;
    let place = series.last_place.saturating_add(1);
    let issued_at = now.max(series.last_issued_at);
    let taken = series_row::ActiveModel { year: Set(year), last_place: Set(place), last_issued_at: Set(issued_at) };
    tx.update_one(taken).await?;
    Ok((Number { year, place }, issued_at))
}

/// The invoice of that number, of this tenant or, when none is named, of any.
pub(crate) async fn find(tx: &PlatformTx, tenant: Option<TenantId>, number: Number) -> Result<Option<Issued>, Fault> {
    let numbered = Condition::all()
        .add(row::Column::SeriesYear.eq(number.year))
        .add(row::Column::SeriesPlace.eq(number.place))
        .add_option(tenant.map(|tenant| row::Column::TenantId.eq(tenant.uuid())));
    one(tx, numbered).await
}

/// The invoice of a tenant's month.
pub(crate) async fn find_of(tx: &PlatformTx, tenant: TenantId, period: Period) -> Result<Option<Issued>, Fault> {
    let of_month = Condition::all()
        .add(row::Column::TenantId.eq(tenant.uuid()))
        .add(row::Column::Period.eq(period_number(period)));
    one(tx, of_month).await
}

/// A tenant's invoices from the newest to the oldest, those before `before` when it is given.
pub(crate) async fn page(
    tx: &PlatformTx,
    tenant: TenantId,
    before: Option<Number>,
    limit: u64,
) -> Result<Vec<Issued>, Fault> {
    let earlier = before.map(|number| {
        let same_year = Condition::all()
            .add(row::Column::SeriesYear.eq(number.year))
            .add(row::Column::SeriesPlace.lt(number.place));
        Condition::any().add(row::Column::SeriesYear.lt(number.year)).add(same_year)
    });
    let query = row::Entity::find()
        .filter(Condition::all().add(row::Column::TenantId.eq(tenant.uuid())).add_option(earlier))
        .order_by_desc(row::Column::SeriesYear)
        .order_by_desc(row::Column::SeriesPlace)
        .limit(limit);
    open_all(tx, tx.all(query).await?).await
}

async fn one(tx: &PlatformTx, condition: Condition) -> Result<Option<Issued>, Fault> {
    let row = tx.one(row::Entity::find().filter(condition)).await?;
    Ok(open_all(tx, row.into_iter().collect()).await?.pop())
}

async fn open_all(tx: &PlatformTx, rows: Vec<row::Model>) -> Result<Vec<Issued>, Fault> {
    let ids: Vec<Uuid> = rows.iter().map(|row| row.id).collect();
    let query =
        line_row::Entity::find().filter(line_row::Column::InvoiceId.is_in(ids)).order_by_asc(line_row::Column::Place);
    let lines = tx.all(query).await?;
    rows.into_iter().map(|row| open(tx, &row, &lines)).collect()
}

fn open(tx: &PlatformTx, row: &row::Model, lines: &[line_row::Model]) -> Result<Issued, Fault> {
    let terms = terms_of(row.plan, row.currency)?;
    let lines = lines.iter().filter(|line| line.invoice_id == row.id).map(|line| Line {
        from_person: line.from_person,
        to_person: line.to_person,
        quantity: line.quantity,
        unit_price_minor: line.unit_price_minor,
        amount_minor: line.amount_minor,
    });
    let draft = Draft {
        tenant: TenantId::from_uuid(row.tenant_id),
        company_address: tx.open_text(INVOICE_COMPANY_ADDRESS, row.id, &row.company_address_sealed)?,
        company: tx.open_text(INVOICE_COMPANY, row.id, &row.company_sealed)?,
        period: period_of(row.period)?,
        plan: terms.plan,
        definition: definition_of(row.definition)?,
        active_people: row.active_people_count,
        lines: lines.collect(),
        total: Money { minor: row.total_minor, currency: terms.currency },
    };
    let number = Number { year: row.series_year, place: row.series_place };
    Ok(Issued { number, issued_at: row.issued_at, draft })
}
