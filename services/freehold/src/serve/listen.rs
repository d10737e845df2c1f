//! The two sockets of a process.

use std::net::SocketAddr;
use std::time::Duration;

use anyhow::{Context as _, Result};
use axum::serve::ListenerExt as _;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tonic::transport::server::TcpIncoming;

/// How often a connection is asked whether the other side still lives: a connector can be silent for days.
const KEEP_ALIVE_INTERVAL: Duration = Duration::from_secs(20);
/// How long it may take to say so.
const KEEP_ALIVE_TIMEOUT: Duration = Duration::from_secs(10);

/// Listens on an address; port 0 gives a free one.
pub(super) async fn bind(address: SocketAddr) -> Result<(SocketAddr, TcpListener)> {
    let listener = TcpListener::bind(address).await.with_context(|| {
        format!("cannot listen on {address}: stop what listens there, or set web.listen and grpc.listen (demo: --web, --grpc)")
    })?;
    let bound = listener.local_addr().with_context(|| format!("cannot listen on {address}"))?;
    Ok((bound, listener))
}

/// Serves the contracts until told to stop.
pub(super) async fn contracts(listener: TcpListener, routes: axum::Router, mut stopped: watch::Receiver<bool>) {
    let stop = async move {
        // An error means that nobody can tell us any more, which is a reason to stop too.
        stopped.wait_for(|stop| *stop).await.ok();
    };
    let server = tonic::transport::Server::builder()
        .http2_keepalive_interval(Some(KEEP_ALIVE_INTERVAL))
        .http2_keepalive_timeout(Some(KEEP_ALIVE_TIMEOUT))
        .add_routes(tonic::service::Routes::from(routes));
    // Small answers go out at once; held back, each would wait for the other side's delayed acknowledgement, 40 ms.
    let incoming = TcpIncoming::from(listener).with_nodelay(Some(true));
    let served = server.serve_with_incoming_shutdown(incoming, stop).await;
    if let Err(error) = served {
        tracing::error!(%error, "contracts are not served any more");
    }
}

/// Serves the pages until told to stop.
pub(super) async fn pages(listener: TcpListener, router: axum::Router, mut stopped: watch::Receiver<bool>) {
    let stop = async move {
        stopped.wait_for(|stop| *stop).await.ok();
    };
    let listener = listener.tap_io(|stream| {
        if let Err(error) = stream.set_nodelay(true) {
            tracing::debug!(%error, "a connection of pages will be slow");
        }
    });
    if let Err(error) = axum::serve(listener, router.into_make_service_with_connect_info::<SocketAddr>())
        .with_graceful_shutdown(stop)
        .await
    {
        tracing::error!(%error, "pages are not served any more");
    }
}

#[cfg(test)]
mod tests;
