//! Sealed columns of the billing service. Its tables are the platform's, so the platform's keys seal them: an invoice
//! must be readable after the tenant's own key is destroyed.

use freehold_types::Service;
use freehold_vault::Field;

const fn field(table: u16, column: u16, name: &'static str) -> Field {
    Field { service: Service::Billing, table, column, name }
}

/// The company an invoice was issued to.
pub const INVOICE_COMPANY: Field = field(400, 1, "invoice.company_sealed");
/// The tenant's name when the invoice was issued.
pub const INVOICE_COMPANY_ADDRESS: Field = field(400, 2, "invoice.company_address_sealed");

/// All of them, once each.
pub const ALL: &[Field] = &[INVOICE_COMPANY, INVOICE_COMPANY_ADDRESS];
