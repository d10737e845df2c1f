//! The way to a running installation: its address, the operator's token, and acting inside one tenant.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::{Error, Result};
use freehold::config::read_secret;
use freehold_proto::tenant::v1::IssueCallerTokenRequest;
use freehold_wire::{Calls, Clients, TOKEN_LIFETIME, Wire, Wires};
use tonic::Status;
use tonic::transport::Endpoint;

use crate::failure::Failure;

/// Where an installation is when nobody says.
pub(crate) const DEFAULT_ENDPOINT: &str = "http://127.0.0.1:8081";
/// Where the operator's token is looked for first, for an installation that was started in this folder.
const TOKEN_HERE: &str = "operator.token";
/// Where it is looked for then.
const TOKEN_INSTALLED: &str = "/var/lib/freehold/operator.token";
/// An installation that takes longer to accept a connection is called unreachable.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// How often a quiet connection is asked whether it still lives; a sync can be silent for long.
const KEEP_ALIVE_INTERVAL: Duration = Duration::from_secs(20);
/// A caller token is not used any more this long before it ends.
const TOKEN_MARGIN: Duration = Duration::from_secs(30);

/// The operator's line to an installation.
pub(crate) struct Client {
    clients: Clients,
    operator: Calls,
    endpoint: String,
}

impl Client {
    /// Reads the token; connects with the first call.
    ///
    /// # Errors
    /// When the address is none, or the token cannot be read.
    pub(crate) fn new(endpoint: &str, token_file: Option<&Path>) -> Result<Self> {
        let address = address(endpoint)?;
        let token_file = token_file.map_or_else(default_token_file, Path::to_path_buf);
        let token = read_secret(&token_file).map_err(|error| {
            let why = format!("the operator's token cannot be used: {error:#}");
            Failure::new(why, "give the file that `freehold serve` made at its first start with --token-file")
        })?;
        let wire = Wire::remote(address);
        let wires = Wires {
            operator: wire.clone(),
            directory: wire.clone(),
            auth: wire.clone(),
            content: wire.clone(),
            billing: wire,
        };
        let clients = Clients::relaying(wires);
        let operator = clients.bearer(&token)?;
        Ok(Self { clients, operator, endpoint: endpoint.to_owned() })
    }

    /// Calls as the operator, outside of any tenant.
    pub(crate) fn operator(&self) -> Calls {
        self.operator.clone()
    }

    /// Acts inside a tenant.
    pub(crate) fn inside<'a>(&'a self, tenant_name: &'a str) -> Inside<'a> {
        Inside { client: self, tenant_name, calls: None }
    }

    /// An answer that is a refusal, or no answer at all.
    pub(crate) fn refused(&self, status: Status) -> Error {
        // A service that answers says so without a transport error; only the line itself has one.
        match std::error::Error::source(&status) {
            Some(broken) if broken.is::<tonic::transport::Error>() => {
                let why = format!("the installation at {} does not answer: {}", self.endpoint, root_cause(broken));
                let cure = "start it with `freehold serve`, or say where it is with --endpoint";
                Failure::new(why, cure).into()
            }
            _ => freehold_wire::fault(status).into(),
        }
    }
}

fn address(endpoint: &str) -> Result<Endpoint> {
    let wrong =
        || Failure::new(format!("--endpoint {endpoint:?} is no address"), format!("write it like {DEFAULT_ENDPOINT}"));
    if !endpoint.starts_with("http://") {
        return Err(wrong().into());
    }
    let address = Endpoint::from_shared(endpoint.to_owned()).map_err(|_malformed| wrong())?;
    Ok(address
        .connect_timeout(CONNECT_TIMEOUT)
        .http2_keep_alive_interval(KEEP_ALIVE_INTERVAL)
        .keep_alive_while_idle(true))
}

fn default_token_file() -> PathBuf {
    let here = Path::new(TOKEN_HERE);
    if here.exists() { here.to_path_buf() } else { PathBuf::from(TOKEN_INSTALLED) }
}

fn root_cause(error: &(dyn std::error::Error + 'static)) -> String {
    let mut cause = error;
    while let Some(deeper) = cause.source() {
        cause = deeper;
    }
    cause.to_string()
}

/// The operator inside one tenant, with a caller token that is renewed before it ends.
pub(crate) struct Inside<'a> {
    client: &'a Client,
    tenant_name: &'a str,
    calls: Option<(Calls, Instant)>,
}

impl Inside<'_> {
    /// Calls with a token that is good for the next half minute at least.
    ///
    /// # Errors
    /// When there is no such tenant, or the installation does not answer.
    pub(crate) async fn calls(&mut self) -> Result<Calls> {
        if let Some((calls, since)) = &self.calls
            && since.elapsed() + TOKEN_MARGIN < TOKEN_LIFETIME
        {
            return Ok(calls.clone());
        }
        let since = Instant::now();
        let request = IssueCallerTokenRequest { name: self.tenant_name.to_owned() };
        let answer = self.client.operator().operator.issue_caller_token(request).await;
        let token = answer.map_err(|status| self.client.refused(status))?.into_inner().caller_token;
        let calls = self.client.clients.bearer(&token)?;
        self.calls = Some((calls.clone(), since));
        Ok(calls)
    }

    /// See [`Client::refused`].
    pub(crate) fn refused(&self, status: Status) -> Error {
        self.client.refused(status)
    }
}
