//! The service as the contract has it: read the request, call one function, write the reply.

mod callers;

use freehold_proto::auth::v1::auth_service_server::AuthService;
use freehold_proto::auth::v1::{self as pb};
use freehold_types::Secret;
use freehold_wire::time::to_proto;
use freehold_wire::{Streaming, serve, serve_open, serve_stream};
use futures::TryStreamExt as _;
use tonic::{Request, Response, Status};

pub use callers::CallerGrpc;

use crate::{Shared, access_code, audit, claim, connection, convert, local, passkey, session, sign_in, sign_out};

/// Answers the calls of `AuthService`.
#[derive(Clone)]
pub struct Grpc(Shared);

impl Grpc {
    pub(crate) const fn new(auth: Shared) -> Self {
        Self(auth)
    }
}

#[tonic::async_trait]
impl AuthService for Grpc {
    async fn get_sign_in_options(
        &self,
        request: Request<pb::GetSignInOptionsRequest>,
    ) -> Result<Response<pb::GetSignInOptionsResponse>, Status> {
        let auth = &self.0;
        serve_open(request, |request| async move {
            let options = sign_in::options(auth, &request.company_address).await?;
            Ok(convert::render_options(options, auth.passkeys.is_some()))
        })
        .await
    }

    async fn begin_sign_in(
        &self,
        request: Request<pb::BeginSignInRequest>,
    ) -> Result<Response<pb::BeginSignInResponse>, Status> {
        let auth = &self.0;
        serve_open(request, |request| async move {
            let pb::BeginSignInRequest { company_address, connection_name, return_to } = request;
            sign_in::begin(auth, &company_address, &connection_name, &return_to)
                .await
                .map(|begun| convert::render_begun(&begun))
        })
        .await
    }

    async fn finish_sign_in(
        &self,
        request: Request<pb::FinishSignInRequest>,
    ) -> Result<Response<pb::FinishSignInResponse>, Status> {
        let auth = &self.0;
        serve_open(request, |request| async move {
            let back = convert::parse_return(request);
            sign_in::finish(auth, &back).await.map(convert::render_finished)
        })
        .await
    }

    async fn redeem_access_code(
        &self,
        request: Request<pb::RedeemAccessCodeRequest>,
    ) -> Result<Response<pb::RedeemAccessCodeResponse>, Status> {
        let auth = &self.0;
        serve_open(request, |request| async move {
            let pb::RedeemAccessCodeRequest { company_address, code } = request;
            claim::redeem(auth, &company_address, &code).await.map(|begun| convert::claim::render_begun(&begun))
        })
        .await
    }

    async fn get_claim(&self, request: Request<pb::GetClaimRequest>) -> Result<Response<pb::GetClaimResponse>, Status> {
        let auth = &self.0;
        serve_open(request, |request| async move {
            let pb::GetClaimRequest { company_address, claim_token } = request;
            claim::get(auth, &company_address, &claim_token).await.map(convert::claim::render_offer)
        })
        .await
    }

    async fn complete_claim(
        &self,
        request: Request<pb::CompleteClaimRequest>,
    ) -> Result<Response<pb::CompleteClaimResponse>, Status> {
        let auth = &self.0;
        serve_open(request, |request| async move {
            let pb::CompleteClaimRequest { company_address, claim_token, password, totp_code } = request;
            let opened =
                claim::complete(auth, &company_address, &claim_token, &Secret::new(password), &totp_code).await?;
            Ok(convert::claim::render_completed(&opened))
        })
        .await
    }

    async fn sign_in_with_password(
        &self,
        request: Request<pb::SignInWithPasswordRequest>,
    ) -> Result<Response<pb::SignInWithPasswordResponse>, Status> {
        let auth = &self.0;
        serve_open(request, |request| async move {
            let pb::SignInWithPasswordRequest { company_address, sign_in_name, password, totp_code } = request;
            let opened =
                local::sign_in(auth, &company_address, &sign_in_name, &Secret::new(password), &totp_code).await?;
            Ok(convert::claim::render_signed_in(&opened))
        })
        .await
    }

    async fn open_sign_in_link(
        &self,
        request: Request<pb::OpenSignInLinkRequest>,
    ) -> Result<Response<pb::OpenSignInLinkResponse>, Status> {
        let auth = &self.0;
        serve_open(request, |request| async move {
            let pb::OpenSignInLinkRequest { company_address, code } = request;
            let opened = access_code::open_link(auth, &company_address, &code).await?;
            Ok(convert::claim::render_linked(&opened))
        })
        .await
    }

    async fn begin_passkey_claim(
        &self,
        request: Request<pb::BeginPasskeyClaimRequest>,
    ) -> Result<Response<pb::BeginPasskeyClaimResponse>, Status> {
        let auth = &self.0;
        serve_open(request, |request| async move {
            let pb::BeginPasskeyClaimRequest { company_address, claim_token } = request;
            let options_json = passkey::begin_claim(auth, &company_address, &claim_token).await?;
            Ok(pb::BeginPasskeyClaimResponse { options_json })
        })
        .await
    }

    async fn complete_passkey_claim(
        &self,
        request: Request<pb::CompletePasskeyClaimRequest>,
    ) -> Result<Response<pb::CompletePasskeyClaimResponse>, Status> {
        let auth = &self.0;
        serve_open(request, |request| async move {
            let pb::CompletePasskeyClaimRequest { company_address, claim_token, credential_json } = request;
            let opened = passkey::complete_claim(auth, &company_address, &claim_token, &credential_json).await?;
            Ok(convert::passkey::render_completed(&opened))
        })
        .await
    }

    async fn begin_passkey_sign_in(
        &self,
        request: Request<pb::BeginPasskeySignInRequest>,
    ) -> Result<Response<pb::BeginPasskeySignInResponse>, Status> {
        let auth = &self.0;
        serve_open(request, |request| async move {
            let pb::BeginPasskeySignInRequest { company_address } = request;
            passkey::begin_sign_in(auth, &company_address).await.map(convert::passkey::render_begun)
        })
        .await
    }

    async fn finish_passkey_sign_in(
        &self,
        request: Request<pb::FinishPasskeySignInRequest>,
    ) -> Result<Response<pb::FinishPasskeySignInResponse>, Status> {
        let auth = &self.0;
        serve_open(request, |request| async move {
            let pb::FinishPasskeySignInRequest { company_address, browser_token, credential_json } = request;
            let opened = passkey::finish_sign_in(auth, &company_address, &browser_token, &credential_json).await?;
            Ok(convert::passkey::render_signed_in(&opened))
        })
        .await
    }

    async fn begin_passkey_enrolment(
        &self,
        request: Request<pb::BeginPasskeyEnrolmentRequest>,
    ) -> Result<Response<pb::BeginPasskeyEnrolmentResponse>, Status> {
        let auth = &self.0;
        serve(request, |caller, pb::BeginPasskeyEnrolmentRequest {}| async move {
            let options_json = passkey::begin_enrolment(auth, &caller).await?;
            Ok(pb::BeginPasskeyEnrolmentResponse { options_json })
        })
        .await
    }

    async fn finish_passkey_enrolment(
        &self,
        request: Request<pb::FinishPasskeyEnrolmentRequest>,
    ) -> Result<Response<pb::FinishPasskeyEnrolmentResponse>, Status> {
        let auth = &self.0;
        serve(request, |caller, request| async move {
            let passkey = passkey::finish_enrolment(auth, &caller, &request.credential_json).await?;
            Ok(pb::FinishPasskeyEnrolmentResponse { passkey: Some(convert::passkey::render(&passkey)) })
        })
        .await
    }

    async fn list_passkeys(
        &self,
        request: Request<pb::ListPasskeysRequest>,
    ) -> Result<Response<pb::ListPasskeysResponse>, Status> {
        let auth = &self.0;
        serve(request, |caller, pb::ListPasskeysRequest {}| async move {
            passkey::list(auth, &caller).await.map(|own| convert::passkey::render_own(&own))
        })
        .await
    }

    async fn remove_passkey(
        &self,
        request: Request<pb::RemovePasskeyRequest>,
    ) -> Result<Response<pb::RemovePasskeyResponse>, Status> {
        let auth = &self.0;
        serve(request, |caller, request| async move {
            if let Some(id) = convert::passkey::parse_id(&request.passkey_id)? {
                passkey::remove(auth, &caller, id).await?;
            }
            Ok(pb::RemovePasskeyResponse {})
        })
        .await
    }

    async fn authenticate(
        &self,
        request: Request<pb::AuthenticateRequest>,
    ) -> Result<Response<pb::AuthenticateResponse>, Status> {
        let auth = &self.0;
        serve_open(request, |request| async move {
            session::authenticate(auth, &request.company_address, &request.session_token)
                .await
                .map(convert::render_authenticated)
        })
        .await
    }

    async fn apply_connections(
        &self,
        request: Request<pb::ApplyConnectionsRequest>,
    ) -> Result<Response<pb::ApplyConnectionsResponse>, Status> {
        let auth = &self.0;
        serve(request, |caller, request| async move {
            let validate_only = request.validate_only;
            let declared = convert::connection::parse_declared(request, &auth.reach)?;
            let changes = connection::apply(auth, &caller, &declared, validate_only).await?;
            Ok(pb::ApplyConnectionsResponse { changes })
        })
        .await
    }

    async fn list_connections(
        &self,
        request: Request<pb::ListConnectionsRequest>,
    ) -> Result<Response<pb::ListConnectionsResponse>, Status> {
        let auth = &self.0;
        serve(request, |caller, pb::ListConnectionsRequest {}| async move {
            connection::list(auth, &caller).await.map(convert::connection::render_list)
        })
        .await
    }

    async fn issue_access_codes(
        &self,
        request: Request<pb::IssueAccessCodesRequest>,
    ) -> Result<Response<pb::IssueAccessCodesResponse>, Status> {
        let auth = &self.0;
        serve(request, |caller, request| async move {
            let (people, days) = convert::parse_issue(&request)?;
            access_code::issue(auth, &caller, &people, days).await.map(convert::render_issued)
        })
        .await
    }

    async fn list_sessions(
        &self,
        request: Request<pb::ListSessionsRequest>,
    ) -> Result<Response<pb::ListSessionsResponse>, Status> {
        let auth = &self.0;
        serve(request, |caller, request| async move {
            let size = freehold_types::PageSize::from_request(request.page_size);
            let (sessions, next) = session::list(auth, &caller, size, &request.page_token).await?;
            Ok(convert::render_sessions(sessions, next))
        })
        .await
    }

    async fn end_session(
        &self,
        request: Request<pb::EndSessionRequest>,
    ) -> Result<Response<pb::EndSessionResponse>, Status> {
        let auth = &self.0;
        serve(request, |caller, request| async move {
            let url = session::end(auth, &caller, convert::parse_session_id(&request.id)?).await?;
            Ok(pb::EndSessionResponse { idp_sign_out_url: url.unwrap_or_default() })
        })
        .await
    }

    async fn end_other_sessions(
        &self,
        request: Request<pb::EndOtherSessionsRequest>,
    ) -> Result<Response<pb::EndOtherSessionsResponse>, Status> {
        let auth = &self.0;
        serve(request, |caller, pb::EndOtherSessionsRequest {}| async move {
            session::end_others(auth, &caller).await.map(convert::render_others_ended)
        })
        .await
    }

    async fn shorten_session(
        &self,
        request: Request<pb::ShortenSessionRequest>,
    ) -> Result<Response<pb::ShortenSessionResponse>, Status> {
        let auth = &self.0;
        serve(request, |caller, pb::ShortenSessionRequest {}| async move {
            let end = session::shorten(auth, &caller).await?;
            Ok(pb::ShortenSessionResponse { expires_at: Some(to_proto(end)) })
        })
        .await
    }

    async fn take_logout_token(
        &self,
        request: Request<pb::TakeLogoutTokenRequest>,
    ) -> Result<Response<pb::TakeLogoutTokenResponse>, Status> {
        let auth = &self.0;
        serve_open(request, |request| async move {
            let pb::TakeLogoutTokenRequest { company_address, connection_name, logout_token } = request;
            sign_out::take(auth, &company_address, &connection_name, &logout_token).await?;
            Ok(pb::TakeLogoutTokenResponse {})
        })
        .await
    }

    async fn list_audit_events(
        &self,
        request: Request<pb::ListAuditEventsRequest>,
    ) -> Result<Response<pb::ListAuditEventsResponse>, Status> {
        let auth = &self.0;
        serve(request, |caller, request| async move {
            let size = freehold_types::PageSize::from_request(request.page_size);
            let (events, next) = audit::list(auth, &caller, size, &request.page_token).await?;
            Ok(convert::audit::render_page(events, next))
        })
        .await
    }

    async fn verify_audit_log(
        &self,
        request: Request<pb::VerifyAuditLogRequest>,
    ) -> Result<Response<pb::VerifyAuditLogResponse>, Status> {
        let auth = &self.0;
        serve(request, |caller, pb::VerifyAuditLogRequest {}| async move {
            audit::verify(auth, &caller).await.map(|verified| convert::audit::render_verified(&verified))
        })
        .await
    }

    async fn end_people_sessions(
        &self,
        request: Request<pb::EndPeopleSessionsRequest>,
    ) -> Result<Response<pb::EndPeopleSessionsResponse>, Status> {
        let auth = &self.0;
        serve(request, |caller, request| async move {
            let people = convert::parse_people_who_left(&request)?;
            session::end_of_people(auth, &caller, &people).await.map(convert::render_ended)
        })
        .await
    }

    type FollowSessionsStream = Streaming<pb::FollowSessionsResponse>;

    async fn follow_sessions(
        &self,
        request: Request<pb::FollowSessionsRequest>,
    ) -> Result<Response<Self::FollowSessionsStream>, Status> {
        let auth = &self.0;
        serve_stream(request, |caller, pb::FollowSessionsRequest {}| async move {
            Ok(auth.ended.listen(&caller, &auth.deps.mint).map_ok(|told| convert::render_told(&told)))
        })
        .await
    }

    async fn check_sessions(
        &self,
        request: Request<pb::CheckSessionsRequest>,
    ) -> Result<Response<pb::CheckSessionsResponse>, Status> {
        let auth = &self.0;
        serve(request, |caller, request| async move {
            let sessions = convert::parse_sessions(&request)?;
            session::list_open(auth, &caller, &sessions).await.map(|open| convert::render_open(&open))
        })
        .await
    }
}
