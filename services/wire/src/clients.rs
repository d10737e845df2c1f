//! One typed client per service, made for one caller.

use std::fmt;
use std::sync::Arc;
use std::task::{Context, Poll};

use freehold_proto::auth::v1::auth_service_client::AuthServiceClient;
use freehold_proto::auth::v1::caller_service_client::CallerServiceClient;
use freehold_proto::auth::v1::role_service_client::RoleServiceClient;
use freehold_proto::billing::v1::billing_service_client::BillingServiceClient;
use freehold_proto::content::v1::content_service_client::ContentServiceClient;
use freehold_proto::directory::v1::connector_service_client::ConnectorServiceClient;
use freehold_proto::directory::v1::directory_service_client::DirectoryServiceClient;
use freehold_proto::directory::v1::provisioning_service_client::ProvisioningServiceClient;
use freehold_proto::tenant::v1::tenant_service_client::TenantServiceClient;
use freehold_types::{Caller, Fault, Kind, Reason, Secret, Service};
use http::{HeaderValue, Request};
use tonic::body::Body;

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
    service: Option<Service>,
}

impl Clients {
    /// For a process that holds the master key and calls on behalf of callers it knows.
    #[must_use]
    pub fn signing(wires: Wires, signer: TokenSigner) -> Self {
        Self { wires, signer: Some(signer), service: None }
    }

    /// The same for one of the services of this process: what it signs says who acts.
    #[must_use]
    pub fn of(&self, service: Service) -> Self {
        Self { service: Some(service), ..self.clone() }
    }

    /// For a process that only hands on tokens it was given: the gateway and the command line.
    #[must_use]
    pub fn relaying(wires: Wires) -> Self {
        Self { wires, signer: None, service: None }
    }

    /// Clients that speak for `caller`, to each service with a token that is good nowhere else.
    ///
    /// # Errors
    /// Internal when this process cannot sign.
    pub fn signed(&self, caller: &Caller) -> Result<Calls, Fault> {
        let signing = Signing { signer: self.signer()?.clone(), caller: *caller, by: self.service };
        Ok(self.calls(Token::Signed(signing)))
    }

    /// A caller token for `caller`, to be handed to whoever proved to be it.
    ///
    /// # Errors
    /// Internal when this process cannot sign.
    pub fn issue(&self, caller: &Caller) -> Result<IssuedToken, Fault> {
        self.signer()?.sign(caller)
    }

    fn signer(&self) -> Result<&TokenSigner, Fault> {
        self.signer.as_ref().ok_or_else(|| {
            Fault::new(Kind::Internal, Reason::Internal, "this process holds no key to sign caller tokens with")
        })
    }

    /// Clients that speak for whoever `token` was issued to.
    ///
    /// # Errors
    /// Unauthenticated when the token cannot stand in a header.
    pub fn bearer(&self, token: &str) -> Result<Calls, Fault> {
        Ok(self.calls(Token::Given(bearer(token)?)))
    }

    /// Clients for the way in, where there is no caller yet.
    #[must_use]
    pub fn anonymous(&self) -> Calls {
        self.calls(Token::None)
    }

    fn calls(&self, token: Token) -> Calls {
        let token = Arc::new(token);
        let bearing = |wire: &Wire, at| Bearing { wire: wire.clone(), at, token: Arc::clone(&token) };
        macro_rules! client {
            ($client:ident, $wire:ident, $service:ident) => {
                $client::new(bearing(&self.wires.$wire, Service::$service)).max_decoding_message_size(MESSAGE_BYTES_MAX)
            };
        }
        Calls {
            operator: client!(TenantServiceClient, operator, Operator),
            directory: client!(DirectoryServiceClient, directory, Directory),
            provisioning: client!(ProvisioningServiceClient, directory, Directory),
            connectors: client!(ConnectorServiceClient, directory, Directory),
            auth: client!(AuthServiceClient, auth, Auth),
            roles: client!(RoleServiceClient, auth, Auth),
            callers: client!(CallerServiceClient, auth, Auth),
            content: client!(ContentServiceClient, content, Content),
            billing: client!(BillingServiceClient, billing, Billing),
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
    /// Roles, which sign-in serves too.
    pub roles: RoleServiceClient<Bearing>,
    /// Callers that are no people, which sign-in knows, too.
    pub callers: CallerServiceClient<Bearing>,
    /// Groups and posts.
    pub content: ContentServiceClient<Bearing>,
    /// Metering and invoices.
    pub billing: BillingServiceClient<Bearing>,
}

/// A line that puts the caller's token on every request.
#[derive(Clone, Debug)]
pub struct Bearing {
    wire: Wire,
    at: Service,
    token: Arc<Token>,
}

/// Where the token comes from.
#[derive(Debug)]
enum Token {
    None,
    Given(HeaderValue),
    Signed(Signing),
}

/// What a token is signed for, with each call: a service may make several, and take its time between them.
struct Signing {
    signer: TokenSigner,
    caller: Caller,
    by: Option<Service>,
}

impl fmt::Debug for Signing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Signing").field("caller", &self.caller).field("by", &self.by).finish_non_exhaustive()
    }
}

impl Bearing {
    /// The header of a call. Without one the other side says that a token is needed.
    fn header(&self) -> Option<HeaderValue> {
        match self.token.as_ref() {
            Token::None => None,
            Token::Given(value) => Some(value.clone()),
            Token::Signed(Signing { signer, caller, by }) => match signer.sign_at(caller, self.at, *by) {
                Ok(issued) => bearer(issued.token.expose()).ok(),
                Err(fault) => {
                    tracing::error!(%fault, "a call goes without a token");
                    None
                }
            },
        }
    }
}

fn bearer(token: &str) -> Result<HeaderValue, Fault> {
    let header = Secret::new(format!("Bearer {token}"));
    let mut value = HeaderValue::from_str(header.expose()).map_err(|error| {
        Fault::new(Kind::Unauthenticated, Reason::TokenRefused, "the token is malformed").because(error)
    })?;
    value.set_sensitive(true);
    Ok(value)
}

impl tower::Service<Request<Body>> for Bearing {
    type Response = http::Response<Body>;
    type Error = tonic::transport::Error;
    type Future = <Wire as tower::Service<Request<Body>>>::Future;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        self.wire.poll_ready(context)
    }

    fn call(&mut self, mut request: Request<Body>) -> Self::Future {
        if let Some(header) = self.header() {
            request.headers_mut().insert(http::header::AUTHORIZATION, header);
        }
        self.wire.call(request)
    }
}
