use freehold_types::{Caller, Fault, Kind, Mint, Service, SessionId, SystemClock, TenantId};
use futures::{Stream, StreamExt as _};

use super::{BEHIND_MAX, EndedSessions, Teller, Told};

fn mint() -> Mint {
    Mint::new(std::sync::Arc::new(SystemClock))
}

async fn heard(told: &mut (impl Stream<Item = Result<Told, Fault>> + Unpin)) -> Vec<SessionId> {
    told.next().await.unwrap().unwrap().sessions
}

#[tokio::test]
async fn a_listener_hears_at_once_that_it_is_heard_then_every_end_then_silence_every_second() {
    let (mint, teller) = (mint(), Teller::default());
    let (tenant, other): (TenantId, TenantId) = (mint.id(), mint.id());
    let installation = Caller { party: Caller::service(Service::Content, tenant).party, tenant: None };
    let mut all = Box::pin(teller.listen(&installation, &mint));
    let mut own = Box::pin(teller.listen(&Caller::service(Service::Content, tenant), &mint));
    assert!(heard(&mut all).await.is_empty());
    assert!(heard(&mut own).await.is_empty());

    let sessions: Vec<SessionId> = vec![mint.id(), mint.id(), mint.id()];
    teller.tell(tenant, EndedSessions::new(sessions[..2].to_vec()));
    teller.tell(other, EndedSessions::new(sessions[2..].to_vec()));
    assert_eq!(heard(&mut all).await, sessions);
    assert_eq!(heard(&mut own).await, sessions[..2]);
    assert!(heard(&mut own).await.is_empty());
}

#[tokio::test]
async fn who_is_too_far_behind_has_to_begin_again() {
    let (mint, teller) = (mint(), Teller::default());
    let tenant: TenantId = mint.id();
    let mut told = Box::pin(teller.listen(&Caller::service(Service::Content, tenant), &mint));
    assert!(heard(&mut told).await.is_empty());
    teller.tell(tenant, EndedSessions::new((0..=BEHIND_MAX).map(|_| mint.id()).collect()));
    let fault = told.next().await.unwrap().unwrap_err();
    assert_eq!(fault.kind(), Kind::Unavailable);
    assert!(told.next().await.is_none());
}
