use freehold_types::{Caller, Currency};

use super::{Subscription, Terms, apply, get, in_force};
use crate::plan::{COMPANY, FREE};
use crate::testing::{COMPANY_IN_EUR, Place, moment, on_both};

on_both!(applying_says_what_changed_and_nothing_the_second_time, a_check_needs_no_tenant_and_a_change_does,);

fn since(text: &str, plan: &'static crate::plan::Plan) -> Subscription {
    Subscription { terms: Terms { plan, currency: Currency::Eur }, started_at: moment(text) }
}

fn check(history: &[Subscription], period: &str, expected: &'static crate::plan::Plan) {
    assert_eq!(in_force(history, period.parse().unwrap()).plan.name, expected.name, "{period}");
}

#[test]
fn a_month_is_priced_by_what_held_when_it_began() {
    let history = [since("2026-03-10T08:00:00Z", &FREE), since("2026-05-20T08:00:00Z", &COMPANY)];
    check(&history, "2026-04", &FREE);
    check(&history, "2026-05", &FREE);
    check(&history, "2026-06", &COMPANY);
}

#[test]
fn the_first_month_is_priced_by_what_the_company_began_with() {
    let history = [since("2026-03-10T08:00:00Z", &COMPANY), since("2026-03-11T08:00:00Z", &FREE)];
    check(&history, "2026-02", &FREE);
    check(&history, "2026-03", &COMPANY);
    check(&history, "2026-04", &FREE);
}

#[test]
fn a_start_at_the_first_moment_counts_for_that_month() {
    let history = [since("2026-03-01T00:00:00Z", &FREE), since("2026-05-01T00:00:00Z", &COMPANY)];
    check(&history, "2026-04", &FREE);
    check(&history, "2026-05", &COMPANY);
}

#[test]
fn without_any_agreement_nothing_is_charged() {
    check(&[], "2026-03", &FREE);
}

async fn applying_says_what_changed_and_nothing_the_second_time(place: Place) {
    place.clock.set(moment("2026-10-05T10:00:00Z"));
    let operator = Caller::operator(Some(place.tenant("acme").await));
    assert!(apply(&place.deps, &operator, COMPANY_IN_EUR, false).await.unwrap().is_empty());
    let usd = Terms { plan: &COMPANY, currency: Currency::Usd };
    assert_eq!(apply(&place.deps, &operator, usd, true).await.unwrap().len(), 1);
    assert_eq!(get(&place.deps, &operator).await.unwrap().terms, COMPANY_IN_EUR);
    assert_eq!(apply(&place.deps, &operator, usd, false).await.unwrap().len(), 1);
    assert_eq!(get(&place.deps, &operator).await.unwrap().terms, usd);
}

async fn a_check_needs_no_tenant_and_a_change_does(place: Place) {
    place.clock.set(moment("2026-10-05T10:00:00Z"));
    let operator = Caller::operator(None);
    assert_eq!(apply(&place.deps, &operator, COMPANY_IN_EUR, true).await.unwrap().len(), 1);
    assert!(apply(&place.deps, &operator, COMPANY_IN_EUR, false).await.is_err());
}
