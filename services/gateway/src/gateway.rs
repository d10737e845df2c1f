//! What every page has at hand.

use std::time::Duration;

use freehold_types::{Fault, Kind, Mint, Reason};
use freehold_wire::Clients;
use ipnet::IpNet;
use tonic::{Response, Status};

use crate::counters::Counters;
use crate::refusal::Refusal;
use crate::site::Site;
use crate::tries::Tries;

/// The longest a page waits for one call.
const CALL_WAIT_MAX: Duration = Duration::from_secs(20);

/// The running gateway.
pub(crate) struct Gateway {
    pub(crate) site: Site,
    pub(crate) sign_in_links: bool,
    pub(crate) clients: Clients,
    pub(crate) mint: Mint,
    pub(crate) counters: Counters,
    pub(crate) trusted_proxies: Vec<IpNet>,
    pub(crate) tries: Tries,
}

/// Waits for a service's answer.
pub(crate) async fn ask<T>(answer: impl Future<Output = Result<Response<T>, Status>>) -> Result<T, Refusal> {
    match tokio::time::timeout(CALL_WAIT_MAX, answer).await {
        Ok(Ok(response)) => Ok(response.into_inner()),
        Ok(Err(status)) => Err(Refusal::Fault(freehold_wire::fault(status))),
        Err(_elapsed) => {
            let late = "a service took longer to answer than a page waits";
            Err(Refusal::Fault(Fault::new(Kind::Unavailable, Reason::DeadlineExceeded, late)))
        }
    }
}
