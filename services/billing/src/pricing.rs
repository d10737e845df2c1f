//! What a number of active people costs. Pure: a plan and a number in, lines out.

use crate::plan::Plan;

/// One step of the price, as it stands on an invoice.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Line {
    /// The first person of the step.
    pub(crate) from_person: i64,
    /// The last person of the step that is charged.
    pub(crate) to_person: i64,
    /// How many people are charged at this price.
    pub(crate) quantity: i64,
    /// Price per person.
    pub(crate) unit_price_minor: i64,
    /// Quantity times price.
    pub(crate) amount_minor: i64,
}

/// The steps that this many people reach; none when nobody was active.
pub(crate) fn lines(plan: &Plan, active_people: i64) -> Vec<Line> {
    let mut lines = Vec::with_capacity(plan.tiers.len());
    let mut from_person = 1;
    for tier in plan.tiers {
        let to_person = tier.up_to.unwrap_or(active_people).min(active_people);
        if to_person < from_person {
            break;
        }
        let quantity = to_person - from_person + 1;
        lines.push(Line {
            from_person,
            to_person,
            quantity,
            unit_price_minor: tier.unit_price_minor,
            amount_minor: quantity * tier.unit_price_minor,
        });
        from_person = to_person + 1;
    }
    lines
}

/// The total, worked out another way than the lines are: everybody at the first price, then the difference of price
/// for everybody beyond each step. An invoice is issued only when both agree.
pub(crate) fn total_minor(plan: &Plan, active_people: i64) -> i64 {
    let mut total_minor = 0;
    let mut before = 0;
    let mut price_before = 0;
    for tier in plan.tiers {
        total_minor += (active_people - before).max(0) * (tier.unit_price_minor - price_before);
        price_before = tier.unit_price_minor;
        before = tier.up_to.unwrap_or(before);
    }
    total_minor
}

#[cfg(test)]
mod tests;
