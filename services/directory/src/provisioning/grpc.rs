//! The contract's calls: parse, call the domain, render.

use freehold_proto::directory::v1 as pb;
use freehold_proto::directory::v1::provisioning_service_server::ProvisioningService;
use freehold_types::{Caller, Fault, Violation};
use freehold_wire::time::to_proto;
use freehold_wire::{serve, serve_open};
use tonic::{Request, Response, Status};
use uuid::Uuid;

use super::list::Query;
use super::resource::{Kind, Shown, Target};
use super::{list, resource, settle, token};
use crate::{Deps, fault};

/// Serves `freehold.directory.v1.ProvisioningService`.
pub struct ProvisioningGrpc {
    deps: Deps,
}

impl ProvisioningGrpc {
    pub(crate) const fn new(deps: Deps) -> Self {
        Self { deps }
    }

    /// Brings a change to the people before it is answered, so that whoever left is out when the IdP reads so.
    async fn settled(&self, caller: &Caller, id: Uuid) -> Result<(), Fault> {
        let directory = resource::directory_of(caller)?;
        settle::after_change(&self.deps, caller.tenant()?, directory, id).await;
        Ok(())
    }
}

#[tonic::async_trait]
impl ProvisioningService for ProvisioningGrpc {
    async fn issue_token(
        &self,
        request: Request<pb::IssueTokenRequest>,
    ) -> Result<Response<pb::IssueTokenResponse>, Status> {
        serve(request, |caller, message| async move {
            let (directory, name) = (&message.directory_name, &message.token_name);
            let (token, directory, secret) =
                token::issue(&self.deps, &caller, directory, name, message.valid_days).await?;
            Ok(pb::IssueTokenResponse {
                provisioning_token: Some(render_token(token, &directory)),
                secret: secret.expose().clone(),
            })
        })
        .await
    }

    async fn list_tokens(
        &self,
        request: Request<pb::ListTokensRequest>,
    ) -> Result<Response<pb::ListTokensResponse>, Status> {
        serve(request, |caller, message| async move {
            let (tokens, directory) = token::list(&self.deps, &caller, &message.directory_name).await?;
            let tokens = tokens.into_iter().map(|token| render_token(token, &directory));
            Ok(pb::ListTokensResponse { provisioning_tokens: tokens.collect() })
        })
        .await
    }

    async fn revoke_token(
        &self,
        request: Request<pb::RevokeTokenRequest>,
    ) -> Result<Response<pb::RevokeTokenResponse>, Status> {
        serve(request, |caller, message| async move {
            token::revoke(&self.deps, &caller, &message.directory_name, &message.token_name).await?;
            Ok(pb::RevokeTokenResponse {})
        })
        .await
    }

    async fn authenticate_token(
        &self,
        request: Request<pb::AuthenticateTokenRequest>,
    ) -> Result<Response<pb::AuthenticateTokenResponse>, Status> {
        serve_open(request, |message| async move {
            let issued = token::authenticate(&self.deps, &message.company_address, &message.secret).await?;
            Ok(pb::AuthenticateTokenResponse {
                caller_token: issued.token.expose().clone(),
                expires_at: Some(to_proto(issued.expires_at)),
            })
        })
        .await
    }

    async fn get_resource(
        &self,
        request: Request<pb::GetResourceRequest>,
    ) -> Result<Response<pb::GetResourceResponse>, Status> {
        serve(request, |caller, message| async move {
            let target = target(message.kind(), &message.resource_id, 0)?;
            let shown = resource::get(&self.deps, &caller, target, !message.without_members).await?;
            Ok(pb::GetResourceResponse { resource: Some(render(shown)) })
        })
        .await
    }

    async fn list_resources(
        &self,
        request: Request<pb::ListResourcesRequest>,
    ) -> Result<Response<pb::ListResourcesResponse>, Status> {
        serve(request, |caller, message| async move {
            let kind = kind(message.kind())?;
            let query = Query {
                filter: message.filter,
                sort_path: message.sort_path,
                descending: message.descending,
                sort_case_exact: message.sort_case_exact,
                skip: message.skip_count,
                take: message.take_count,
                members: !message.without_members,
            };
            let (found, total) = list::list(&self.deps, &caller, kind, &query).await?;
            Ok(pb::ListResourcesResponse {
                resources: found.into_iter().map(render).collect(),
                total_count: i64::try_from(total).unwrap_or(i64::MAX),
            })
        })
        .await
    }

    async fn put_resource(
        &self,
        request: Request<pb::PutResourceRequest>,
    ) -> Result<Response<pb::PutResourceResponse>, Status> {
        serve(request, |caller, message| async move {
            let shown = if message.resource_id.is_empty() {
                resource::create(&self.deps, &caller, kind(message.kind())?, message.attributes).await?
            } else {
                let target = target(message.kind(), &message.resource_id, message.expected_version)?;
                resource::replace(&self.deps, &caller, target, message.attributes).await?
            };
            self.settled(&caller, shown.stored.id).await?;
            Ok(pb::PutResourceResponse { resource: Some(render(shown)) })
        })
        .await
    }

    async fn patch_resource(
        &self,
        request: Request<pb::PatchResourceRequest>,
    ) -> Result<Response<pb::PatchResourceResponse>, Status> {
        serve(request, |caller, message| async move {
            let target = target(message.kind(), &message.resource_id, message.expected_version)?;
            let members = !message.without_members;
            let shown = resource::change(&self.deps, &caller, target, &message.operations, members).await?;
            self.settled(&caller, shown.stored.id).await?;
            Ok(pb::PatchResourceResponse { resource: Some(render(shown)) })
        })
        .await
    }

    async fn delete_resource(
        &self,
        request: Request<pb::DeleteResourceRequest>,
    ) -> Result<Response<pb::DeleteResourceResponse>, Status> {
        serve(request, |caller, message| async move {
            let target = target(message.kind(), &message.resource_id, message.expected_version)?;
            resource::delete(&self.deps, &caller, target).await?;
            self.settled(&caller, target.id).await?;
            Ok(pb::DeleteResourceResponse {})
        })
        .await
    }
}

fn kind(kind: pb::ResourceKind) -> Result<Kind, Fault> {
    match kind {
        pb::ResourceKind::User => Ok(Kind::User),
        pb::ResourceKind::Group => Ok(Kind::Group),
        pb::ResourceKind::Unspecified => {
            let message = "must be user or group".to_owned();
            Err(Fault::invalid(vec![Violation { field: "kind".to_owned(), message }]))
        }
    }
}

/// What cannot be an id names nothing.
fn target(wanted: pb::ResourceKind, id: &str, expected_version: i64) -> Result<Target, Fault> {
    let id = Uuid::try_parse(id).map_err(|_malformed| fault::resource_not_found(id))?;
    Ok(Target { kind: kind(wanted)?, id, expected_version })
}

fn render(shown: Shown) -> pb::Resource {
    let kind = match shown.stored.kind {
        Kind::User => pb::ResourceKind::User,
        Kind::Group => pb::ResourceKind::Group,
    };
    pb::Resource {
        resource_id: shown.stored.id.to_string(),
        kind: kind.into(),
        version: shown.stored.version,
        created_at: Some(to_proto(shown.stored.created_at)),
        updated_at: Some(to_proto(shown.stored.updated_at)),
        attributes: shown.attributes,
    }
}

fn render_token(token: token::Token, directory_name: &str) -> pb::ProvisioningToken {
    pb::ProvisioningToken {
        name: token.name,
        directory_name: directory_name.to_owned(),
        owner: token.owner.map_or_else(|| "operator".to_owned(), |id| id.to_string()),
        created_at: Some(to_proto(token.created_at)),
        expires_at: Some(to_proto(token.expires_at)),
        last_used_at: token.last_used_at.map(to_proto),
        revoked_at: token.revoked_at.map(to_proto),
    }
}
