//! A search that is kept open and names every entry when it changes. What it says is only taken as a sign to ask.

use std::time::Duration;

use ldap3::Scope;
use tokio::sync::mpsc;
use tokio::time::timeout;

use super::super::super::error::SourceError;
use super::super::bound::Bound;
use super::super::entry::{io_error, outcome};
use super::{ANY, message};

/// What the bell says.
pub(super) enum Rung {
    Changed,
    /// The server does not want to tell; it has to be asked.
    Refused,
}

/// Listens until the server refuses or the connection ends. `ring` holds one sign: more of them mean the same.
pub(super) async fn listen(
    mut bound: Bound,
    context: String,
    keep_alive: Duration,
    ring: mpsc::Sender<Result<Rung, SourceError>>,
) {
    let said = match listen_until_end(&mut bound, &context, keep_alive, &ring).await {
        Ok(()) => Ok(Rung::Refused),
        Err(error) => Err(error),
    };
    // Nobody may be listening any more; then nobody needs to know.
    drop(ring.send(said).await);
}

async fn listen_until_end(
    bound: &mut Bound,
    context: &str,
    keep_alive: Duration,
    ring: &mpsc::Sender<Result<Rung, SourceError>>,
) -> Result<(), SourceError> {
    let controls = vec![message::notification(), message::show_deleted()];
    let mut stream = bound.search(context, Scope::Subtree, ANY, vec!["1.1".to_owned()], controls, 0).await?;
    loop {
        let Ok(item) = timeout(keep_alive, stream.next()).await else {
            bound.read_one("", vec!["1.1".to_owned()]).await?;
            continue;
        };
        bound.connection.link.taken();
        let item = item.map_err(|error| bound.connection.link.explain(&bound.server, 0, io_error(error)))?;
        if item.is_none() {
            let outcome = outcome(&stream.finish().await);
            tracing::debug!(code = outcome.code, "directory server does not tell when something changes");
            return Ok(());
        }
        // One sign that waits is enough.
        drop(ring.try_send(Ok(Rung::Changed)));
    }
}
