//! The connectors' calls: parse, call the domain, render.

use freehold_proto::directory::v1 as pb;
use freehold_proto::directory::v1::connector_service_server::ConnectorService;
use freehold_types::DirectoryId;
use freehold_wire::time::to_proto;
use freehold_wire::{Streaming, serve, serve_open, stream};
use tonic::{Request, Response, Status};

use super::attach;
use super::registry::{self, Connector, Enrolment};
use crate::Deps;

/// Serves `freehold.directory.v1.ConnectorService`.
pub struct Grpc {
    deps: Deps,
}

impl Grpc {
    pub(crate) const fn new(deps: Deps) -> Self {
        Self { deps }
    }

    fn render(&self, directory: DirectoryId, connector: &Connector) -> pb::Connector {
        let state = if connector.approved { pb::ConnectorState::Approved } else { pb::ConnectorState::Pending };
        pb::Connector {
            fingerprint: connector.fingerprint(),
            claimed_name: connector.record.claimed_name.clone(),
            state: state.into(),
            approved_by: connector.record.approved_by.clone(),
            created_at: Some(to_proto(connector.created_at)),
            approved_at: connector.approved_at.map(to_proto),
            last_seen_at: connector.last_seen_at.map(to_proto),
            attached: self.deps.connectors.hub.has(directory, connector.id),
        }
    }
}

#[tonic::async_trait]
impl ConnectorService for Grpc {
    type AttachStream = Streaming<pb::AttachResponse>;

    async fn enrol(&self, request: Request<pb::EnrolRequest>) -> Result<Response<pb::EnrolResponse>, Status> {
        serve_open(request, |message| async move {
            let pb::EnrolRequest { company_address, directory_name, public_key, claimed_name } = message;
            let enrolment = Enrolment { company: company_address, directory_name, public_key, claimed_name };
            registry::enrol(&self.deps, enrolment).await?;
            Ok(pb::EnrolResponse {})
        })
        .await
    }

    async fn attach(
        &self,
        request: Request<tonic::Streaming<pb::AttachRequest>>,
    ) -> Result<Response<Self::AttachStream>, Status> {
        let said = attach::serve(self.deps.clone(), request.into_inner());
        Ok(Response::new(stream(said, "a connector's")))
    }

    async fn list_connectors(
        &self,
        request: Request<pb::ListConnectorsRequest>,
    ) -> Result<Response<pb::ListConnectorsResponse>, Status> {
        serve(request, |caller, message| async move {
            let (directory, connectors) = registry::list(&self.deps, &caller, &message.directory_name).await?;
            let connectors = connectors.iter().map(|connector| self.render(directory.id, connector)).collect();
            Ok(pb::ListConnectorsResponse { connectors })
        })
        .await
    }

    async fn approve_connector(
        &self,
        request: Request<pb::ApproveConnectorRequest>,
    ) -> Result<Response<pb::ApproveConnectorResponse>, Status> {
        serve(request, |caller, message| async move {
            let pb::ApproveConnectorRequest { directory_name, fingerprint } = message;
            let (directory, connector) = registry::approve(&self.deps, &caller, &directory_name, &fingerprint).await?;
            Ok(pb::ApproveConnectorResponse { connector: Some(self.render(directory, &connector)) })
        })
        .await
    }

    async fn remove_connector(
        &self,
        request: Request<pb::RemoveConnectorRequest>,
    ) -> Result<Response<pb::RemoveConnectorResponse>, Status> {
        serve(request, |caller, message| async move {
            registry::remove(&self.deps, &caller, &message.directory_name, &message.fingerprint).await?;
            Ok(pb::RemoveConnectorResponse {})
        })
        .await
    }
}
