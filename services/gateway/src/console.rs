//! What administrators open.

pub(crate) mod audit;
pub(crate) mod directory;
pub(crate) mod letters;

use freehold_types::{Fault, Kind, Reason};

use crate::refusal::Refusal;
use crate::visitor::Visitor;

/// Whoever is no administrator has no business here. What they may see and do is the services' word all the same.
fn for_administrators(visitor: &Visitor) -> Result<(), Refusal> {
    if visitor.reader.administrator {
        return Ok(());
    }
    Err(Fault::new(Kind::Forbidden, Reason::NotAllowed, "the console is for administrators").into())
}
