use std::collections::BTreeSet;

use super::{ALL, find, find_by_number};

#[test]
fn every_plan_has_a_name_and_a_number_of_its_own() {
    assert_eq!(ALL.iter().map(|plan| plan.name).collect::<BTreeSet<_>>().len(), ALL.len());
    assert_eq!(ALL.iter().map(|plan| plan.number).collect::<BTreeSet<_>>().len(), ALL.len());
    for plan in ALL {
        assert_eq!(find(plan.name), Some(plan));
        assert_eq!(find_by_number(plan.number), Some(plan));
    }
}

#[test]
fn only_the_last_step_has_no_end_and_steps_rise() {
    for plan in ALL {
        let (last, others) = plan.tiers.split_last().unwrap();
        assert_eq!(last.up_to, None);
        let ends: Vec<_> = others.iter().map(|tier| tier.up_to.unwrap()).collect();
        assert!(ends.is_sorted_by(|one, next| one < next), "{}", plan.name);
    }
}
