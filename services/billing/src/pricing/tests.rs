use super::{lines, total_minor};
use crate::plan::{COMPANY, FREE, Plan};

/// More people than the largest company of the price table.
const PEOPLE_MAX: i64 = 60_000;

fn charged(plan: &Plan, active_people: i64) -> i64 {
    lines(plan, active_people).iter().map(|line| line.amount_minor).sum()
}

#[test]
fn the_published_figures() {
    let figures = [
        (0, 0),
        (1, 300),
        (999, 299_700),
        (1_000, 300_000),
        (1_001, 300_200),
        (9_999, 2_099_800),
        (10_000, 2_100_000),
        (10_001, 2_100_100),
        (25_000, 3_600_000),
        (49_999, 6_099_900),
        (50_000, 6_100_000),
        (50_001, 6_100_100),
    ];
    for (active_people, minor) in figures {
        assert_eq!(charged(&COMPANY, active_people), minor, "{active_people} people");
    }
}

#[test]
fn one_person_more_costs_exactly_one_of_the_prices() {
    let mut before = charged(&COMPANY, 0);
    for active_people in 1..=PEOPLE_MAX {
        let now = charged(&COMPANY, active_people);
        let step = match active_people {
            1..=1_000 => 300,
            1_001..=10_000 => 200,
            _ => 100,
        };
        assert_eq!(now - before, step, "person {active_people}");
        before = now;
    }
}

#[test]
fn lines_cover_everybody_once_and_add_up_to_the_total() {
    for active_people in 0..=PEOPLE_MAX {
        let lines = lines(&COMPANY, active_people);
        let mut next = 1;
        for line in &lines {
            assert_eq!(line.from_person, next);
            assert_eq!(line.quantity, line.to_person - line.from_person + 1);
            assert_eq!(line.amount_minor, line.quantity * line.unit_price_minor);
            next = line.to_person + 1;
        }
        assert_eq!(next, active_people + 1);
        assert_eq!(lines.iter().map(|line| line.amount_minor).sum::<i64>(), total_minor(&COMPANY, active_people));
    }
}

#[test]
fn fifty_thousand_people_reach_all_three_steps() {
    let quantities: Vec<_> = lines(&COMPANY, 50_000).iter().map(|line| (line.quantity, line.amount_minor)).collect();
    assert_eq!(quantities, [(1_000, 300_000), (9_000, 1_800_000), (40_000, 4_000_000)]);
}

#[test]
fn the_free_plan_costs_nothing_for_anybody() {
    for active_people in [0, 1, 1_000, PEOPLE_MAX] {
        assert_eq!(charged(&FREE, active_people), 0);
        assert_eq!(total_minor(&FREE, active_people), 0);
    }
}
