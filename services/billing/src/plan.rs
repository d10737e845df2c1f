//! The plans on offer. They are constants: a price is changed by adding a plan, never by editing one, because invoices
//! and subscriptions name plans by number.

/// A step of a graduated price.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Tier {
    /// The last person of this step; none on the last step.
    pub(crate) up_to: Option<i64>,
    /// Price per active person.
    pub(crate) unit_price_minor: i64,
}

/// A price agreement on offer.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Plan {
    /// Number in database columns. Never used twice.
    pub(crate) number: i16,
    /// Name in manifests and on invoices.
    pub(crate) name: &'static str,
    /// Steps in order; only the last has no end.
    pub(crate) tiers: &'static [Tier],
}

/// Costs nothing.
pub(crate) static FREE: Plan = Plan { number: 1, name: "free", tiers: &[Tier { up_to: None, unit_price_minor: 0 }] };

/// Each person is charged at the price of the step they fall in, so one person more never makes the bill smaller.
pub(crate) static COMPANY: Plan = Plan {
    number: 2,
    name: "company",
    tiers: &[
        Tier { up_to: Some(1_000), unit_price_minor: 300 },
        Tier { up_to: Some(10_000), unit_price_minor: 200 },
        Tier { up_to: None, unit_price_minor: 100 },
    ],
};

/// All plans, in order of price.
pub(crate) static ALL: [&Plan; 2] = [&FREE, &COMPANY];

/// The plan of that name.
pub(crate) fn find(name: &str) -> Option<&'static Plan> {
    ALL.into_iter().find(|plan| plan.name == name)
}

/// The plan of that number.
pub(crate) fn find_by_number(number: i16) -> Option<&'static Plan> {
    ALL.into_iter().find(|plan| plan.number == number)
}

#[cfg(test)]
mod tests;
