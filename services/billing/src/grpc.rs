//! The service's RPCs: parse, call one function, render.

use std::sync::Arc;

use freehold_proto::billing::v1 as pb;
use freehold_proto::billing::v1::billing_service_server::BillingService;
use freehold_types::PageSize;
use freehold_wire::{serve, serve_open};
use tonic::{Request, Response, Status};

use crate::usage::{self, Noted};
use crate::{Deps, close, convert, invoice, plan, subscription};

pub(crate) struct Grpc {
    deps: Deps,
    noted: Arc<Noted>,
}

impl Grpc {
    pub(crate) fn new(deps: Deps) -> Self {
        Self { deps, noted: Arc::default() }
    }
}

#[tonic::async_trait]
impl BillingService for Grpc {
    async fn list_plans(
        &self,
        request: Request<pb::ListPlansRequest>,
    ) -> Result<Response<pb::ListPlansResponse>, Status> {
        serve_open(request, async |_message| {
            Ok(pb::ListPlansResponse { plans: plan::ALL.into_iter().map(convert::render_plan).collect() })
        })
        .await
    }

    async fn apply_subscription(
        &self,
        request: Request<pb::ApplySubscriptionRequest>,
    ) -> Result<Response<pb::ApplySubscriptionResponse>, Status> {
        serve(request, async |caller, message| {
            let terms = convert::parse_subscription(&message)?;
            let changes = subscription::apply(&self.deps, &caller, terms, message.validate_only).await?;
            Ok(pb::ApplySubscriptionResponse { changes })
        })
        .await
    }

    async fn get_subscription(
        &self,
        request: Request<pb::GetSubscriptionRequest>,
    ) -> Result<Response<pb::GetSubscriptionResponse>, Status> {
        serve(request, async |caller, _message| {
            let found = subscription::get(&self.deps, &caller).await?;
            Ok(pb::GetSubscriptionResponse { subscription: Some(convert::render_subscription(found)) })
        })
        .await
    }

    async fn record_activity(
        &self,
        request: Request<pb::RecordActivityRequest>,
    ) -> Result<Response<pb::RecordActivityResponse>, Status> {
        serve(request, async |caller, message| {
            convert::parse_activity(&message)?;
            usage::record(&self.deps, &self.noted, &caller).await?;
            Ok(pb::RecordActivityResponse {})
        })
        .await
    }

    async fn preview_invoice(
        &self,
        request: Request<pb::PreviewInvoiceRequest>,
    ) -> Result<Response<pb::PreviewInvoiceResponse>, Status> {
        serve(request, async |caller, message| {
            let period = convert::parse_period(&message.period)?;
            let invoice = invoice::preview(&self.deps, &caller, period).await?;
            Ok(pb::PreviewInvoiceResponse { invoice: Some(convert::render_invoice(invoice)) })
        })
        .await
    }

    async fn close_period(
        &self,
        request: Request<pb::ClosePeriodRequest>,
    ) -> Result<Response<pb::ClosePeriodResponse>, Status> {
        serve(request, async |_caller, message| {
            let (period, names) = convert::parse_close(message)?;
            let closed = close::run(&self.deps, period, &names).await?;
            Ok(pb::ClosePeriodResponse { closed_periods: closed.into_iter().map(convert::render_closed).collect() })
        })
        .await
    }

    async fn get_invoice(
        &self,
        request: Request<pb::GetInvoiceRequest>,
    ) -> Result<Response<pb::GetInvoiceResponse>, Status> {
        serve(request, async |caller, message| {
            let number = convert::parse_number(&message.number)?;
            let issued = invoice::get(&self.deps, &caller, number).await?;
            Ok(pb::GetInvoiceResponse { invoice: Some(convert::render_issued(issued)) })
        })
        .await
    }

    async fn list_invoices(
        &self,
        request: Request<pb::ListInvoicesRequest>,
    ) -> Result<Response<pb::ListInvoicesResponse>, Status> {
        serve(request, async |caller, message| {
            let size = PageSize::from_request(message.page_size);
            let (invoices, next_page_token) = invoice::list(&self.deps, &caller, size, &message.page_token).await?;
            let invoices = invoices.into_iter().map(convert::render_issued).collect();
            Ok(pb::ListInvoicesResponse { invoices, next_page_token })
        })
        .await
    }
}
