//! The tables as the entity layer sees them.

pub(crate) mod active_person;
pub(crate) mod invoice;
pub(crate) mod invoice_line;
pub(crate) mod invoice_series;
pub(crate) mod meter_period;
pub(crate) mod subscription;
