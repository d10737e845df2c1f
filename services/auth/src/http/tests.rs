use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::atomic::{AtomicUsize, Ordering};

use freehold_tests::scripted_idp::ScriptedIdp;
use openidconnect::http::Request;
use openidconnect::reqwest::dns::Name;
use openidconnect::url::Url;

use crate::address::Reach;

use super::{CallError, Found, IdpCaller, LookUp};

fn found(ip: IpAddr) -> Found {
    Box::pin(async move { Ok(vec![SocketAddr::new(ip, 0)]) })
}

/// Calls `https://idp.acme.test` on the port of a provider that is there, with names looked up as told.
async fn call(idp: &ScriptedIdp, look_up: LookUp) -> Result<u16, CallError> {
    let issuer = Url::parse(&format!("https://idp.acme.test:{}", idp.port())).unwrap();
    let caller = IdpCaller::with_lookup(&issuer, idp.ca_pem(), &Reach::default(), look_up).unwrap();
    let request = Request::get(issuer.as_str()).body(Vec::new()).unwrap();
    caller.send(request).await.map(|answer| answer.status().as_u16())
}

#[tokio::test]
async fn e02_a_name_that_leads_to_this_machine_is_not_called() {
    let idp = ScriptedIdp::start().await.unwrap();
    let inside: [LookUp; 5] = [
        |_name: Name| found(Ipv4Addr::LOCALHOST.into()),
        |_name: Name| found(Ipv6Addr::LOCALHOST.into()),
        |_name: Name| found(Ipv4Addr::UNSPECIFIED.into()),
        |_name: Name| found(Ipv4Addr::LOCALHOST.to_ipv6_mapped().into()),
        |_name: Name| found(Ipv4Addr::new(169, 254, 169, 254).into()),
    ];
    for look_up in inside {
        assert!(matches!(call(&idp, look_up).await, Err(CallError::Unreachable(_))));
    }
    // One address that is not ours among others that are.
    let mixed: LookUp = |_name: Name| {
        let addresses = [Ipv4Addr::new(192, 0, 2, 1), Ipv4Addr::LOCALHOST];
        Box::pin(async move { Ok(addresses.map(|ip| SocketAddr::new(ip.into(), 0)).to_vec()) })
    };
    assert!(call(&idp, mixed).await.is_err());
    assert_eq!(idp.connections(), 0);
}

#[tokio::test]
async fn a_provider_on_loopback_is_called_by_name() {
    let idp = ScriptedIdp::start().await.unwrap();
    let issuer = Url::parse(&format!("https://localhost:{}", idp.port())).unwrap();
    let look_up: LookUp = |_name: Name| found(Ipv4Addr::LOCALHOST.into());
    let caller = IdpCaller::with_lookup(&issuer, idp.ca_pem(), &Reach::default(), look_up).unwrap();
    let request = Request::get(issuer.as_str()).body(Vec::new()).unwrap();
    // It is reached; that its certificate has another name is what ends the call.
    assert!(caller.send(request).await.is_err());
    assert_eq!(idp.connections(), 1);
}

#[tokio::test]
async fn e04_an_address_is_checked_again_each_time_it_is_looked_up() {
    static ASKED: AtomicUsize = AtomicUsize::new(0);
    let idp = ScriptedIdp::start().await.unwrap();
    // Elsewhere at first, here ever after.
    let rebinding: LookUp = |_name: Name| {
        let first = ASKED.fetch_add(1, Ordering::SeqCst) == 0;
        found(if first { Ipv4Addr::BROADCAST } else { Ipv4Addr::LOCALHOST }.into())
    };
    for _ in 0..3 {
        assert!(call(&idp, rebinding).await.is_err());
    }
    assert_eq!(idp.connections(), 0);
}
