//! The service's RPCs: parse, call one function, render.

use freehold_proto::tenant::v1 as pb;
use freehold_proto::tenant::v1::tenant_service_server::TenantService;
use freehold_types::{Fault, PageSize};
use freehold_wire::time::to_proto;
use freehold_wire::{Streaming, serve, serve_stream};
use futures::{Stream, StreamExt as _, stream};
use tonic::{Request, Response, Status};

use crate::apply::Event;
use crate::{Deps, apply, convert, tenant};

pub(crate) struct Grpc {
    deps: Deps,
}

impl Grpc {
    pub(crate) const fn new(deps: Deps) -> Self {
        Self { deps }
    }
}

#[tonic::async_trait]
impl TenantService for Grpc {
    type ApplyTenantStream = Streaming<pb::ApplyTenantResponse>;

    async fn apply_tenant(
        &self,
        request: Request<pb::ApplyTenantRequest>,
    ) -> Result<Response<Self::ApplyTenantStream>, Status> {
        serve_stream(request, async |_caller, message| {
            let (manifest, violations) = convert::parse_manifest(message.manifest);
            let changes = apply::check(&self.deps, &manifest, violations).await?;
            let events = if message.validate_only {
                stream::iter(changes.into_iter().map(|words| Ok(Event::Change(words)))).left_stream()
            } else {
                apply::run(self.deps.clone(), manifest).right_stream()
            };
            Ok(rendered(events, self.deps.config.public_url.clone()))
        })
        .await
    }

    async fn get_tenant(
        &self,
        request: Request<pb::GetTenantRequest>,
    ) -> Result<Response<pb::GetTenantResponse>, Status> {
        serve(request, async |_caller, message| {
            let found = tenant::get(&self.deps, &message.name).await?;
            Ok(pb::GetTenantResponse { tenant: Some(convert::render_tenant(found, &self.deps.config.public_url)) })
        })
        .await
    }

    async fn list_tenants(
        &self,
        request: Request<pb::ListTenantsRequest>,
    ) -> Result<Response<pb::ListTenantsResponse>, Status> {
        serve(request, async |caller, message| {
            let size = PageSize::from_request(message.page_size);
            let (page, next_page_token) = tenant::list(&self.deps, &caller, size, &message.page_token).await?;
            let render = |tenant| convert::render_tenant(tenant, &self.deps.config.public_url);
            Ok(pb::ListTenantsResponse { tenants: page.into_iter().map(render).collect(), next_page_token })
        })
        .await
    }

    async fn issue_caller_token(
        &self,
        request: Request<pb::IssueCallerTokenRequest>,
    ) -> Result<Response<pb::IssueCallerTokenResponse>, Status> {
        serve(request, async |_caller, message| {
            let issued = tenant::issue_caller_token(&self.deps, &message.name).await?;
            Ok(pb::IssueCallerTokenResponse {
                caller_token: issued.token.expose().clone(),
                expires_at: Some(to_proto(issued.expires_at)),
            })
        })
        .await
    }
}

fn rendered(
    events: impl Stream<Item = Result<Event, Fault>> + Send + 'static,
    public_url: String,
) -> impl Stream<Item = Result<pb::ApplyTenantResponse, Fault>> + Send + 'static {
    events.map(move |event| event.map(|event| convert::render_event(event, &public_url)))
}
