//! What administrators and others with a role open.

pub(crate) mod audit;
pub(crate) mod directory;
pub(crate) mod letters;

use freehold_types::access::Task;
use freehold_types::{Fault, Kind, Reason};

use crate::refusal::Refusal;
use crate::visitor::Visitor;

/// Whoever may not do what a page is for has no business there. What they may see and do is the services' word all the
/// same.
fn only_who_may(visitor: &Visitor, task: Task) -> Result<(), Refusal> {
    if visitor.reader.may(task) {
        return Ok(());
    }
    Err(Fault::new(Kind::Forbidden, Reason::NotAllowed, "this part of the console is for others").into())
}
