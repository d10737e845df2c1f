//! The console's page about the company's directories.

use freehold_proto::directory::v1::{ListDirectoriesRequest, ListSyncRunsRequest};
use freehold_types::access::Task;
use maud::Markup;

use crate::console::only_who_may;
use crate::fields::{Asked, Paging};
use crate::gateway::ask;
use crate::refusal::Refusal;
use crate::view;
use crate::visitor::Visitor;

const RUNS_PER_PAGE: i32 = 25;

/// Directories and sync runs.
pub(crate) async fn show(visitor: Visitor, Asked(paging): Asked<Paging>) -> Result<Markup, Refusal> {
    only_who_may(&visitor, Task::ReadDirectories)?;
    let (mut for_directories, mut for_runs) = (visitor.calls.directory.clone(), visitor.calls.directory.clone());
    let runs = ListSyncRunsRequest { directory_name: String::new(), page_size: RUNS_PER_PAGE, page_token: paging.page };
    let (directories, runs) = tokio::join!(
        ask(for_directories.list_directories(ListDirectoriesRequest {})),
        ask(for_runs.list_sync_runs(runs))
    );
    Ok(view::console::page(&visitor.reader, &directories?.directories, &runs?))
}
