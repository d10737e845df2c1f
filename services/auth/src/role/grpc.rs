//! The contract of roles.

use freehold_proto::auth::v1 as pb;
use freehold_proto::auth::v1::role_service_server::RoleService;
use freehold_wire::serve;
use tonic::{Request, Response, Status};

use crate::{Shared, convert, reach, role};

/// Answers the calls of `RoleService`.
#[derive(Clone)]
pub struct RolesGrpc(Shared);

impl RolesGrpc {
    pub(crate) const fn new(auth: Shared) -> Self {
        Self(auth)
    }
}

#[tonic::async_trait]
impl RoleService for RolesGrpc {
    async fn grant_role(
        &self,
        request: Request<pb::GrantRoleRequest>,
    ) -> Result<Response<pb::GrantRoleResponse>, Status> {
        let auth = &self.0;
        serve(request, |caller, request| async move {
            let holding = role::grant(auth, &caller, convert::role::parse_wish(request)?).await?;
            Ok(pb::GrantRoleResponse { holding: Some(convert::role::render_holding(holding)) })
        })
        .await
    }

    async fn revoke_role(
        &self,
        request: Request<pb::RevokeRoleRequest>,
    ) -> Result<Response<pb::RevokeRoleResponse>, Status> {
        let auth = &self.0;
        serve(request, |caller, request| async move {
            let (person, role) = convert::role::parse_revoked(&request)?;
            role::revoke(auth, &caller, person, role).await?;
            Ok(pb::RevokeRoleResponse {})
        })
        .await
    }

    async fn list_area_people(
        &self,
        request: Request<pb::ListAreaPeopleRequest>,
    ) -> Result<Response<pb::ListAreaPeopleResponse>, Status> {
        let auth = &self.0;
        serve(request, |caller, request| async move {
            let pb::ListAreaPeopleRequest { query, page_size, page_token } = request;
            let (people, next_page_token) = reach::list(auth, &caller, query, page_size, page_token).await?;
            Ok(pb::ListAreaPeopleResponse { people, next_page_token })
        })
        .await
    }

    async fn list_roles(
        &self,
        request: Request<pb::ListRolesRequest>,
    ) -> Result<Response<pb::ListRolesResponse>, Status> {
        let auth = &self.0;
        serve(request, |caller, request| async move {
            let (holdings, count) = role::list(auth, &caller, convert::role::parse_listed(&request)?).await?;
            Ok(pb::ListRolesResponse {
                holdings: holdings.into_iter().map(convert::role::render_holding).collect(),
                total_count: i64::try_from(count).unwrap_or(i64::MAX),
            })
        })
        .await
    }
}
