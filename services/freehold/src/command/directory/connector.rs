//! `freehold directory connector`

use anyhow::{Context as _, Result};
use clap::Subcommand;
use freehold_proto::directory::v1 as pb;

use super::Which;
use crate::command::Ended;
use crate::print::Forms;
use crate::{Global, print};

#[derive(Debug, Subcommand)]
pub(crate) enum What {
    /// List the connectors that wait for an approval or have one
    List,
    /// Let a connector read the directory; compare the fingerprint with what the connector prints
    Approve {
        /// Fingerprint, SHA256: and 43 characters
        fingerprint: String,
    },
    /// End a connector's approval, and whatever it reads right now
    Remove {
        /// Fingerprint, SHA256: and 43 characters
        fingerprint: String,
    },
}

pub(super) async fn run(global: &Global, which: Which, what: What) -> Result<Ended> {
    let client = global.client()?;
    let mut calls = client.inside(&which.name).calls().await?;
    let directory_name = which.directory;
    match what {
        What::List => {
            let request = pb::ListConnectorsRequest { directory_name };
            let answer = calls.connectors.list_connectors(request).await.map_err(|status| client.refused(status))?;
            list(global, &answer.into_inner())?;
        }
        What::Approve { fingerprint } => {
            let request = pb::ApproveConnectorRequest { directory_name, fingerprint };
            let answer = calls.connectors.approve_connector(request).await.map_err(|status| client.refused(status))?;
            let connector = answer.into_inner().connector.context("the installation answered without a connector")?;
            if global.json {
                print::json(&Forms::new()?.of("freehold.directory.v1.Connector", &connector)?)?;
            } else {
                print::line(&format!("{} may read the directory now", connector.fingerprint));
            }
        }
        What::Remove { fingerprint } => {
            let request = pb::RemoveConnectorRequest { directory_name, fingerprint: fingerprint.clone() };
            let answer = calls.connectors.remove_connector(request).await.map_err(|status| client.refused(status))?;
            if global.json {
                let answer = answer.into_inner();
                print::json(&Forms::new()?.of("freehold.directory.v1.RemoveConnectorResponse", &answer)?)?;
            } else {
                print::line(&format!("{fingerprint} may not read the directory any more"));
            }
        }
    }
    Ok(Ended::Done)
}

fn list(global: &Global, answer: &pb::ListConnectorsResponse) -> Result<()> {
    if global.json {
        return print::json(&Forms::new()?.of("freehold.directory.v1.ListConnectorsResponse", answer)?);
    }
    if answer.connectors.is_empty() {
        print::line("no connector has asked to read this directory");
        return Ok(());
    }
    let rows = answer.connectors.iter().map(|connector| {
        let state = match (connector.state(), connector.attached) {
            (pb::ConnectorState::Approved, true) => "attached",
            (pb::ConnectorState::Approved, false) => "approved",
            (pb::ConnectorState::Pending | pb::ConnectorState::Unspecified, _) => "waits",
        };
        vec![connector.fingerprint.clone(), state.to_owned(), connector.claimed_name.clone()]
    });
    print::table(&["FINGERPRINT", "STATE", "CALLS ITSELF"], &rows.collect::<Vec<_>>());
    Ok(())
}
