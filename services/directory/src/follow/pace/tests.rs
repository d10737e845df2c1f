use super::*;

fn wait(first: Instant, last: Instant) -> Wait {
    Wait { first, last }
}

#[test]
fn a_change_waits_a_moment_for_its_neighbours_and_not_for_ever() {
    let start = Instant::now();
    assert_eq!(wait(start, start).changes_due(), start + QUIET);
    assert_eq!(wait(start, start + Duration::from_millis(450)).changes_due(), start + COLLECT_MAX);
}

#[test]
fn a_burst_of_leavers_waits_until_it_is_over_and_one_that_does_not_end_is_judged_all_the_same() {
    let start = Instant::now();
    assert_eq!(wait(start, start).losses_due(), start + LOSSES_QUIET);
    let last = start + Duration::from_secs(20);
    assert_eq!(wait(start, last).losses_due(), last + LOSSES_QUIET);
    assert_eq!(wait(start, start + Duration::from_secs(59)).losses_due(), start + LOSSES_MAX);
    let mut none = None;
    Wait::on(&mut none, start);
    Wait::on(&mut none, last);
    assert_eq!(none.map(|wait| (wait.first, wait.last)), Some((start, last)));
}

#[test]
fn a_few_leavers_a_minute_lose_their_sessions_at_once() {
    let start = Instant::now();
    for (people, at_once) in [(0, 3), (60, 3), (200, 10), (400, 20), (50_000, 20)] {
        let mut ended = Ended::default();
        ended.among(people);
        for _ in 0..at_once {
            assert!(ended.may(start), "{people}");
            ended.note(start);
        }
        assert!(!ended.may(start + Duration::from_secs(59)), "{people}");
        assert!(ended.may(start + MINUTE), "{people}");
        assert!(ended.at.is_empty());
    }
}

#[test]
fn pauses_double_up_to_five_minutes_and_differ() {
    let seconds: Vec<u64> = (1..=10).map(|failures| pause(failures, 255).as_secs()).collect();
    assert_eq!(seconds, [1, 2, 4, 8, 16, 32, 64, 128, 256, 300]);
    assert_eq!(pause(4, 0), Duration::from_secs(6));
    assert_eq!(pause(u32::MAX, 255), PAUSE_MAX);
}
