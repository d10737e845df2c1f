//! One typed client per service, made for one caller.

use freehold_proto::auth::v1::auth_service_client::AuthServiceClient;
use freehold_proto::billing::v1::billing_service_client::BillingServiceClient;
use freehold_proto::content::v1::content_service_client::ContentServiceClient;
use freehold_proto::directory::v1::connector_service_client::ConnectorServiceClient;
use freehold_proto::directory::v1::directory_service_client::DirectoryServiceClient;
use freehold_proto::directory::v1::provisioning_service_client::ProvisioningServiceClient;
use freehold_proto::tenant::v1::tenant_service_client::TenantServiceClient;
use freehold_types::{Caller, Fault, Kind, Reason, Secret};
use http::{HeaderValue, Request};
use std::task::{Context, Poll};
use tonic::body::Body;
use tower::Service;

use crate::caller_token::{IssuedToken, TokenSigner};
use crate::wire::Wire;

/// The largest message a client takes: a page of the largest posts.
const MESSAGE_BYTES_MAX: usize = 16 * 1024 * 1024;

/// The lines to all services.
#[derive(Clone, Debug, Default)]
pub struct Wires {
    /// To the operator's service.
    pub operator: Wire,
    /// To directory sync.
    pub directory: Wire,
    /// To sign-in.
    pub auth: Wire,
    /// To groups and posts.
    pub content: Wire,
    /// To metering and invoices.
    pub billing: Wire,
}

/// Makes clients. Cheap to clone.
#[derive(Clone)]
pub struct Clients {
    wires: Wires,
    signer: Option<TokenSigner>,
}

impl Clients {
    /// For a process that holds the master key and calls on behalf of callers it knows.
    #[must_use]
    pub fn signing(wires: Wires, signer: TokenSigner) -> Self {
        Self { wires, signer: Some(signer) }
    }

    /// For a process that only hands on tokens it was given: the gateway and the command line.
    #[must_use]
    pub fn relaying(wires: Wires) -> Self {
        Self { wires, signer: None }
    }

    /// Clients that speak for `caller`.
    ///
    /// # Errors
    /// Internal when this process cannot sign.
    pub fn signed(&self, caller: &Caller) -> Result<Calls, Fault> {
        self.bearer(self.issue(caller)?.token.expose())
    }

    /// A caller token for `caller`, to be handed to whoever proved to be it.
    ///
    /// # Errors
    /// Internal when this process cannot sign.
    pub fn issue(&self, caller: &Caller) -> Result<IssuedToken, Fault> {
        let signer = self.signer.as_ref().ok_or_else(|| {
            Fault::new(Kind::Internal, Reason::Internal, "this process holds no key to sign caller tokens with")
        })?;
        signer.sign(caller)
    }

    /// Clients that speak for whoever `token` was issued to.
    ///
    /// # Errors
    /// Unauthenticated when the token cannot stand in a header.
    pub fn bearer(&self, token: &str) -> Result<Calls, Fault> {
        let header = Secret::new(format!("Bearer {token}"));
        let mut value = HeaderValue::from_str(header.expose()).map_err(|error| {
            Fault::new(Kind::Unauthenticated, Reason::TokenRefused, "the token is malformed").because(error)
        })?;
        value.set_sensitive(true);
        Ok(self.calls(Some(&value)))
    }

    /// Clients for the way in, where there is no caller yet.
    #[must_use]
    pub fn anonymous(&self) -> Calls {
        self.calls(None)
    }

    fn calls(&self, token: Option<&HeaderValue>) -> Calls {
        let bearing = |wire: &Wire| Bearing { wire: wire.clone(), token: token.cloned() };
        macro_rules! client {
            ($client:ident, $wire:ident) => {
                $client::new(bearing(&self.wires.$wire)).max_decoding_message_size(MESSAGE_BYTES_MAX)
            };
        }
        Calls {
            operator: client!(TenantServiceClient, operator),
            directory: client!(DirectoryServiceClient, directory),
            provisioning: client!(ProvisioningServiceClient, directory),
            connectors: client!(ConnectorServiceClient, directory),
            auth: client!(AuthServiceClient, auth),
            content: client!(ContentServiceClient, content),
            billing: client!(BillingServiceClient, billing),
        }
    }
}

/// One client per service, all speaking for the same caller.
#[derive(Clone, Debug)]
pub struct Calls {
    /// The operator's service.
    pub operator: TenantServiceClient<Bearing>,
    /// Directory sync.
    pub directory: DirectoryServiceClient<Bearing>,
    /// What IdPs push, kept by directory sync.
    pub provisioning: ProvisioningServiceClient<Bearing>,
    /// Connectors, which directory sync serves too.
    pub connectors: ConnectorServiceClient<Bearing>,
    /// Sign-in.
    pub auth: AuthServiceClient<Bearing>,
    /// Groups and posts.
    pub content: ContentServiceClient<Bearing>,
    /// Metering and invoices.
    pub billing: BillingServiceClient<Bearing>,
}

/// A line that puts the caller's token on every request.
#[derive(Clone, Debug)]
pub struct Bearing {
    wire: Wire,
    token: Option<HeaderValue>,
}

impl Service<Request<Body>> for Bearing {
    type Response = http::Response<Body>;
    type Error = tonic::transport::Error;
    type Future = <Wire as Service<Request<Body>>>::Future;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        self.wire.poll_ready(context)
    }

    fn call(&mut self, mut request: Request<Body>) -> Self::Future {
        if let Some(token) = &self.token {
            request.headers_mut().insert(http::header::AUTHORIZATION, token.clone());
        }
        self.wire.call(request)
    }
}
