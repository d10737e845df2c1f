//! The service of callers that are no people.

use freehold_proto::auth::v1::caller_service_server::CallerService;
use freehold_proto::auth::v1::{self as pb};
use freehold_wire::{serve, serve_open};
use tonic::{Request, Response, Status};

use crate::{Shared, client, convert};

/// Answers the calls of `CallerService`.
#[derive(Clone)]
pub struct CallerGrpc(Shared);

impl CallerGrpc {
    pub(crate) const fn new(auth: Shared) -> Self {
        Self(auth)
    }
}

#[tonic::async_trait]
impl CallerService for CallerGrpc {
    async fn register_client(
        &self,
        request: Request<pb::RegisterClientRequest>,
    ) -> Result<Response<pb::RegisterClientResponse>, Status> {
        let auth = &self.0;
        serve(request, |caller, request| async move {
            let owner = client::find_owner(auth, &caller, convert::client::parse_owner(&request)?).await?;
            let wanted = convert::client::parse_wanted(&request)?;
            let (client, audience) = client::register(auth, &caller, owner, wanted).await?;
            Ok(convert::client::render_registered(&client, audience))
        })
        .await
    }

    async fn list_clients(
        &self,
        request: Request<pb::ListClientsRequest>,
    ) -> Result<Response<pb::ListClientsResponse>, Status> {
        let auth = &self.0;
        serve(request, |caller, pb::ListClientsRequest {}| async move {
            client::list(auth, &caller).await.map(|clients| convert::client::render_list(&clients))
        })
        .await
    }

    async fn remove_client(
        &self,
        request: Request<pb::RemoveClientRequest>,
    ) -> Result<Response<pb::RemoveClientResponse>, Status> {
        let auth = &self.0;
        serve(request, |caller, request| async move {
            if let Some(id) = convert::client::parse_id(&request.client_id)? {
                client::remove(auth, &caller, id).await?;
            }
            Ok(pb::RemoveClientResponse {})
        })
        .await
    }

    async fn issue_client_token(
        &self,
        request: Request<pb::IssueClientTokenRequest>,
    ) -> Result<Response<pb::IssueClientTokenResponse>, Status> {
        let auth = &self.0;
        serve_open(request, |request| async move {
            let asked = convert::client::parse_asked(request)?;
            client::issue(auth, &asked).await.map(|given| convert::client::render_given(&given))
        })
        .await
    }

    async fn get_signing_keys(
        &self,
        request: Request<pb::GetSigningKeysRequest>,
    ) -> Result<Response<pb::GetSigningKeysResponse>, Status> {
        let auth = &self.0;
        serve_open(request, |pb::GetSigningKeysRequest {}| async move {
            Ok(convert::client::render_keys(auth.deps.signer.public_keys()?))
        })
        .await
    }
}
