//! The console's page with the company's audit log.

use freehold_proto::auth::v1::ListAuditEventsRequest;
use freehold_types::access::Task;
use maud::Markup;

use crate::console::only_who_may;
use crate::fields::{Asked, Paging};
use crate::gateway::ask;
use crate::refusal::Refusal;
use crate::view;
use crate::visitor::Visitor;

const EVENTS_PER_PAGE: i32 = 50;

/// What happened, newest first.
pub(crate) async fn show(visitor: Visitor, Asked(paging): Asked<Paging>) -> Result<Markup, Refusal> {
    only_who_may(&visitor, Task::ReadAuditLog)?;
    let request = ListAuditEventsRequest { page_size: EVENTS_PER_PAGE, page_token: paging.page };
    let mut auth = visitor.calls.auth.clone();
    let events = ask(auth.list_audit_events(request)).await?;
    let people = visitor.people(events.audit_events.iter().flat_map(view::audit::people_of)).await?;
    Ok(view::audit::page(&visitor.reader, &events, &people))
}
