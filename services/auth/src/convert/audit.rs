//! Messages about the audit log.

use freehold_audit::{Break, Recorded, Verified};
use freehold_proto::auth::v1 as pb;
use freehold_wire::time::to_proto;

pub(crate) fn render_page(events: Vec<Recorded>, next_page_token: String) -> pb::ListAuditEventsResponse {
    pb::ListAuditEventsResponse { audit_events: events.into_iter().map(render).collect(), next_page_token }
}

fn render(recorded: Recorded) -> pb::AuditEvent {
    let Recorded { sequence, recorded_at, event, by, details } = recorded;
    let details = details.into_iter().map(|(name, value)| pb::AuditDetail { name, value }).collect();
    pb::AuditEvent { sequence, recorded_at: Some(to_proto(recorded_at)), event, actor: by, details }
}

pub(crate) fn render_verified(verified: &Verified) -> pb::VerifyAuditLogResponse {
    let (broken_sequence, problem) = match verified.broken {
        None => (0, String::new()),
        Some(Break::Missing(number)) => (number, format!("line {number} is missing")),
        Some(Break::Changed(number)) => (number, format!("line {number} is not what was written there")),
    };
    let checkpoint = verified.checkpoint;
    pb::VerifyAuditLogResponse {
        whole_count: checkpoint.sequence,
        checkpoint: checkpoint.to_string(),
        broken_sequence,
        problem,
    }
}
