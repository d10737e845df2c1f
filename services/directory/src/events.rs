//! What this service writes into the outbox.

/// Topic: people's access ended. Payload: [`PeopleLeft`].
pub(crate) const PEOPLE_LEFT: &str = "people-left";
/// Topic: people or directory groups changed, so members by rule may have. No payload.
pub(crate) const PEOPLE_CHANGED: &str = "people-changed";

/// Who left.
#[derive(Clone, PartialEq, Eq, prost::Message)]
pub(crate) struct PeopleLeft {
    /// In text form.
    #[prost(string, repeated, tag = "1")]
    pub person_ids: Vec<String>,
}
