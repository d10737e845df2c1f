//! The only HTTP client of this service: it calls IdPs, whose addresses a tenant names, so every answer is an
//! attacker's until it is read.

use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use openidconnect::http::{self, Request, Response};
use openidconnect::reqwest::dns::{Addrs, Name, Resolve, Resolving};
use openidconnect::url::Url;
use openidconnect::{AsyncHttpClient, reqwest};

use crate::address::{self, Reach};

/// How long one call to an IdP may take, from the first byte out to the last byte in.
const CALL_TIMEOUT_SECONDS: u64 = 5;
/// The largest answer of an IdP we take in.
const BODY_BYTES_MAX: usize = 256 * 1024;

/// Why a call to an IdP came to nothing. Never holds anything that was sent or received.
#[derive(Debug, thiserror::Error)]
pub(crate) enum CallError {
    #[error("the certificates of the authority cannot be read")]
    Authority(#[source] reqwest::Error),
    #[error("the IdP names an address we do not call")]
    Address,
    #[error("the IdP cannot be reached")]
    Unreachable(#[source] reqwest::Error),
    #[error("the IdP's answer is larger than {BODY_BYTES_MAX} bytes")]
    TooLarge,
    #[error("the request cannot be built")]
    Request(#[source] http::Error),
}

/// Calls one IdP: no redirects, no proxy, TLS unless the IdP is on loopback, bounded in time and size.
#[derive(Debug, Clone)]
pub(crate) struct IdpCaller {
    client: reqwest::Client,
    issuer_on_loopback: bool,
    reach: Reach,
}

impl IdpCaller {
    /// For the IdP with this issuer, trusting only `ca_pem` when it is not empty.
    pub(crate) fn new(issuer: &Url, ca_pem: &str, reach: &Reach) -> Result<Self, CallError> {
        Self::with_lookup(issuer, ca_pem, reach, look_up)
    }

    fn with_lookup(issuer: &Url, ca_pem: &str, reach: &Reach, look_up: LookUp) -> Result<Self, CallError> {
        let issuer_on_loopback = address::loopback(issuer);
        #[expect(clippy::disallowed_methods, reason = "the one guarded constructor")]
        let builder = reqwest::Client::builder();
        let mut builder = builder
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            .referer(false)
            .user_agent("freehold")
            .dns_resolver(Arc::new(GuardedNames { issuer_on_loopback, reach: reach.clone(), look_up }))
            .timeout(Duration::from_secs(CALL_TIMEOUT_SECONDS));
        if !ca_pem.is_empty() {
            builder = builder.tls_built_in_root_certs(false);
            for certificate in reqwest::Certificate::from_pem_bundle(ca_pem.as_bytes()).map_err(CallError::Authority)? {
                builder = builder.add_root_certificate(certificate);
            }
        }
        let client = builder.build().map_err(CallError::Authority)?;
        Ok(Self { client, issuer_on_loopback, reach: reach.clone() })
    }

    async fn send(&self, request: Request<Vec<u8>>) -> Result<Response<Vec<u8>>, CallError> {
        let url = Url::parse(&request.uri().to_string()).map_err(|_malformed| CallError::Address)?;
        if !self.reach.callable(&url, self.issuer_on_loopback) {
            return Err(CallError::Address);
        }
        let request = reqwest::Request::try_from(request).map_err(unreachable)?;
        let mut answer = self.client.execute(request).await.map_err(unreachable)?;
        let mut body = Vec::new();
        while let Some(chunk) = answer.chunk().await.map_err(unreachable)? {
            if body.len() + chunk.len() > BODY_BYTES_MAX {
                return Err(CallError::TooLarge);
            }
            body.extend_from_slice(&chunk);
        }
        let mut response = Response::builder().status(answer.status());
        for (name, value) in answer.headers() {
            response = response.header(name, value);
        }
        response.body(body).map_err(CallError::Request)
    }
}

type Found = Pin<Box<dyn Future<Output = io::Result<Vec<SocketAddr>>> + Send>>;
type LookUp = fn(Name) -> Found;

fn look_up(name: Name) -> Found {
    Box::pin(async move { Ok(tokio::net::lookup_host((name.as_str(), 0)).await?.collect()) })
}

/// Finds the addresses behind a name. Only what was checked here is connected to, so an IdP that changes its mind
/// between the check and the call gains nothing.
struct GuardedNames {
    issuer_on_loopback: bool,
    reach: Reach,
    look_up: LookUp,
}

impl Resolve for GuardedNames {
    fn resolve(&self, name: Name) -> Resolving {
        let Self { issuer_on_loopback, look_up, .. } = *self;
        let reach = self.reach.clone();
        Box::pin(async move {
            let found = look_up(name).await?;
            if !issuer_on_loopback && !found.iter().all(|address| reach.open(address.ip())) {
                return Err(CallError::Address.into());
            }
            let addresses: Addrs = Box::new(found.into_iter());
            Ok(addresses)
        })
    }
}

/// Without the address: its query may carry what the log should not.
fn unreachable(error: reqwest::Error) -> CallError {
    CallError::Unreachable(error.without_url())
}

impl<'c> AsyncHttpClient<'c> for IdpCaller {
    type Error = CallError;
    type Future = Pin<Box<dyn Future<Output = Result<Response<Vec<u8>>, CallError>> + Send + 'c>>;

    fn call(&'c self, request: Request<Vec<u8>>) -> Self::Future {
        Box::pin(self.send(request))
    }
}

#[cfg(test)]
mod tests;
