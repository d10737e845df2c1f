//! The service of callers that are no people.

use freehold_proto::auth::v1::caller_service_server::CallerService;
use freehold_proto::auth::v1::{self as pb};
use freehold_wire::serve_open;
use tonic::{Request, Response, Status};

use crate::{Shared, convert};

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
    async fn get_signing_keys(
        &self,
        request: Request<pb::GetSigningKeysRequest>,
    ) -> Result<Response<pb::GetSigningKeysResponse>, Status> {
        let auth = &self.0;
        serve_open(request, |pb::GetSigningKeysRequest {}| async move {
            Ok(convert::render_keys(auth.deps.signer.public_keys()?))
        })
        .await
    }
}
