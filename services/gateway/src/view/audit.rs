//! The audit log, as administrators read it.

use freehold_proto::auth::v1 as pb;
use maud::{Markup, html};

use crate::view::icon::Icon;
use crate::view::people::{self, People};
use crate::view::reader::Reader;
use crate::view::ui::{self, Column, Rank, Row, Tone};
use crate::view::{moment, shell};

/// What the ids of people begin with.
const PERSON_PREFIX: &str = "per_";
/// The detail that names whom an event is about.
const PERSON: &str = "person_id";
/// Every kind of event, how it is shown, and its sentence.
const EVENTS: [(&str, Tone, &str); 39] = [
    ("signed_in", Tone::Ok, "audit-signed-in"),
    ("sign_in_refused", Tone::Warn, "audit-sign-in-refused"),
    ("throttled", Tone::Warn, "audit-throttled"),
    ("identity_linked", Tone::Info, "audit-identity-linked"),
    ("connection_added", Tone::Info, "audit-connection-added"),
    ("connection_changed", Tone::Info, "audit-connection-changed"),
    ("connection_removed", Tone::Info, "audit-connection-removed"),
    ("connection_tried", Tone::Info, "audit-connection-tried"),
    ("emergency_account_added", Tone::Info, "audit-emergency-account-added"),
    ("emergency_account_removed", Tone::Info, "audit-emergency-account-removed"),
    ("emergency_account_used", Tone::Danger, "audit-emergency-account-used"),
    ("sign_in_policy_changed", Tone::Info, "audit-sign-in-policy-changed"),
    ("logout_token_taken", Tone::Plain, "audit-logout-token-taken"),
    ("logout_token_refused", Tone::Warn, "audit-logout-token-refused"),
    ("session_ended", Tone::Plain, "audit-session-ended"),
    ("sessions_ended", Tone::Plain, "audit-sessions-ended"),
    ("access_code_issued", Tone::Info, "audit-access-code-issued"),
    ("access_code_issue_refused", Tone::Warn, "audit-access-code-issue-refused"),
    ("access_code_voided", Tone::Plain, "audit-access-code-voided"),
    ("access_code_redeemed", Tone::Info, "audit-access-code-redeemed"),
    ("password_set", Tone::Info, "audit-password-set"),
    ("password_removed", Tone::Info, "audit-password-removed"),
    ("passkey_enrolled", Tone::Info, "audit-passkey-enrolled"),
    ("passkey_removed", Tone::Info, "audit-passkey-removed"),
    ("role_granted", Tone::Info, "audit-role-granted"),
    ("role_revoked", Tone::Info, "audit-role-revoked"),
    ("role_change_refused", Tone::Warn, "audit-role-change-refused"),
    ("role_groups_changed", Tone::Info, "audit-role-groups-changed"),
    ("manifest_applied", Tone::Info, "audit-manifest-applied"),
    ("operator_entered", Tone::Info, "audit-operator-entered"),
    ("sync_approved", Tone::Info, "audit-sync-approved"),
    ("sync_undone", Tone::Info, "audit-sync-undone"),
    ("provisioning_token_issued", Tone::Info, "audit-provisioning-token-issued"),
    ("provisioning_token_revoked", Tone::Info, "audit-provisioning-token-revoked"),
    ("client_registered", Tone::Info, "audit-client-registered"),
    ("client_removed", Tone::Info, "audit-client-removed"),
    ("client_refused", Tone::Warn, "audit-client-refused"),
    ("connector_approved", Tone::Info, "audit-connector-approved"),
    ("connector_removed", Tone::Info, "audit-connector-removed"),
];

/// A page of the log.
pub(crate) fn page(reader: &Reader, log: &pb::ListAuditEventsResponse, people: &People) -> Markup {
    let title = reader.say("audit-title");
    let main = html! {
        h1 { (title) }
        p { (reader.say("audit-text")) }
        p { (ui::link_button(Rank::Second, &reader.path("/console"), &reader.say("audit-back"))) }
        @if log.audit_events.is_empty() {
            (ui::empty(Icon::CONSOLE, &reader.say("audit-none-title"), &reader.say("audit-none-text"), None))
        } @else {
            section class="card card-flush" aria-labelledby="events" {
                h2 class="item" id="events" { (reader.say("audit-events")) }
                (table(reader, &log.audit_events, people))
            }
        }
        @if !log.next_page_token.is_empty() {
            @let next = format!("/console/audit?page={}", people::encoded(&log.next_page_token));
            (ui::pager(&reader.path(&next), &reader.say("audit-older")))
        }
    };
    shell::console(reader, &title, &main)
}

/// Everybody an event names.
pub(crate) fn people_of(event: &pb::AuditEvent) -> impl Iterator<Item = &str> {
    let about = event.details.iter().filter(|detail| detail.name == PERSON).map(|detail| detail.value.as_str());
    about.chain([event.actor.as_str()]).filter(|id| id.starts_with(PERSON_PREFIX))
}

fn table(reader: &Reader, events: &[pb::AuditEvent], people: &People) -> Markup {
    let columns = [
        ("audit-number", true),
        ("audit-time", false),
        ("audit-event", false),
        ("audit-person", false),
        ("audit-details", false),
        ("audit-by", false),
    ]
    .map(|(key, figure)| Column { label: reader.say(key), figure });
    let rows: Vec<Row> = events.iter().map(|event| Row { cells: cells(reader, event, people), note: None }).collect();
    ui::table(&reader.say("audit-events"), &columns, &rows)
}

fn cells(reader: &Reader, event: &pb::AuditEvent, people: &People) -> Vec<Markup> {
    let known = EVENTS.iter().find(|(name, ..)| *name == event.event);
    let (tone, words) =
        known.map_or_else(|| (Tone::Plain, event.event.clone()), |(_, tone, key)| (*tone, reader.say(key)));
    let (about, details): (Vec<_>, Vec<_>) = event.details.iter().partition(|detail| detail.name == PERSON);
    vec![
        html! { (reader.language.count("figure", event.sequence)) },
        moment::exact(reader, event.recorded_at.as_ref()),
        ui::pill(tone, &words),
        html! { @for detail in about { (people::name_link(reader, people, &detail.value)) } },
        html! { @for detail in details { p class="meta code" { (detail.name) ": " (detail.value) } } },
        by(reader, &event.actor, people),
    ]
}

/// Who did it: a person, the operator, or a part of the installation by its own name.
fn by(reader: &Reader, actor: &str, people: &People) -> Markup {
    match actor {
        "operator" => html! { (reader.say("audit-operator")) },
        person if person.starts_with(PERSON_PREFIX) => people::name_link(reader, people, person),
        part => html! { span class="code" { (part) } },
    }
}
