use std::collections::BTreeSet;

use freehold_types::{Caller, Currency, Kind, Period, Reason};
use futures::future::join_all;

use super::{Closed, every_month, run};
use crate::invoice::{Invoice, preview};
use crate::plan::FREE;
use crate::subscription::{self, Terms};
use crate::testing::{Place, moment, on_both, person};
use crate::usage::{self, Noted};

on_both!(
    a_month_that_has_not_ended_stays_open,
    closing_twice_gives_the_same_invoice,
    nothing_to_pay_takes_no_number,
    an_unknown_name_closes_nothing,
    many_closers_give_every_tenant_one_number_without_gaps,
    nobody_is_counted_after_the_count,
    a_closing_that_was_cut_off_is_finished,
    the_month_before_is_closed_without_being_asked,
);

fn october() -> Period {
    "2026-10".parse().unwrap()
}

fn number(closed: &Closed) -> Option<String> {
    closed.invoice.as_ref().map(|invoice| invoice.number.to_string())
}

async fn a_month_that_has_not_ended_stays_open(place: Place) {
    place.clock.set(moment("2026-10-31T23:59:59.999Z"));
    place.tenant("acme").await;
    let fault = run(&place.deps, october(), &[]).await.unwrap_err();
    assert_eq!((fault.kind(), fault.reason()), (Kind::Conflict, Reason::PeriodOpen));
    place.clock.set(moment("2026-11-01T00:00:00Z"));
    assert_eq!(run(&place.deps, october(), &[]).await.unwrap().len(), 1);
}

async fn closing_twice_gives_the_same_invoice(place: Place) {
    let tenant = place.tenant("acme").await;
    place.two_days(tenant, 0..5).await;
    place.clock.set(moment("2026-11-01T00:00:00Z"));
    let first = run(&place.deps, october(), &[]).await.unwrap();
    assert_eq!(first[0].active_people, 5);
    assert_eq!(first[0].invoice.as_ref().unwrap().draft.total.minor, 1_500);
    place.clock.set(moment("2027-02-01T00:00:00Z"));
    assert_eq!(run(&place.deps, october(), &["acme".to_owned()]).await.unwrap(), first);
}

async fn nothing_to_pay_takes_no_number(place: Place) {
    let (acme, brook) = (place.tenant("acme").await, place.tenant("brook").await);
    let operator = Caller::operator(Some(acme));
    // The first month is priced by what the company began with, so the plan that costs nothing holds from November.
    let free = Terms { plan: &FREE, currency: Currency::Eur };
    subscription::apply(&place.deps, &operator, free, false).await.unwrap();
    place.clock.set(moment("2026-11-05T08:00:00Z"));
    place.two_days(acme, 0..4).await;
    place.clock.set(moment("2026-11-05T08:00:00Z"));
    place.two_days(brook, 0..1).await;
    place.clock.set(moment("2026-12-01T00:00:00Z"));
    let closed = run(&place.deps, "2026-11".parse().unwrap(), &[]).await.unwrap();
    assert_eq!(closed.iter().map(number).collect::<Vec<_>>(), [None, Some("2026-000001".to_owned())]);
    assert_eq!(closed[0].active_people, 4);
    let Invoice::Draft(draft) = preview(&place.deps, &operator, "2026-11".parse().unwrap()).await.unwrap() else {
        panic!("nothing was issued")
    };
    assert_eq!((draft.active_people, draft.total.minor), (4, 0));
}

async fn an_unknown_name_closes_nothing(place: Place) {
    let tenant = place.tenant("acme").await;
    place.clock.set(moment("2026-11-01T00:00:00Z"));
    let names = ["acme".to_owned(), "nobody".to_owned()];
    let fault = run(&place.deps, october(), &names).await.unwrap_err();
    assert_eq!((fault.kind(), fault.reason()), (Kind::NotFound, Reason::TenantNotFound));
    let tx = place.deps.tenancy.platform().await.unwrap();
    let state = crate::store::meter_period::state(&tx, tenant, october()).await.unwrap();
    assert_eq!(state, super::State::Open);
}

async fn many_closers_give_every_tenant_one_number_without_gaps(place: Place) {
    const TENANTS: usize = 12;
    const CLOSERS: usize = 6;
    for number in 0..TENANTS {
        let tenant = place.tenant(&format!("company-{number:02}")).await;
        place.clock.set(moment("2026-10-05T08:00:00Z"));
        place.two_days(tenant, 0..1).await;
    }
    place.clock.set(moment("2026-11-01T00:00:00Z"));
    let answers = join_all((0..CLOSERS).map(|_closer| run(&place.deps, october(), &[]))).await;
    let answers: Vec<Vec<Closed>> = answers.into_iter().map(Result::unwrap).collect();
    for answer in &answers {
        assert_eq!(answer, &answers[0]);
    }
    let numbers: BTreeSet<String> = answers[0].iter().filter_map(number).collect();
    let expected: BTreeSet<String> = (1..=TENANTS).map(|place| format!("2026-{place:06}")).collect();
    assert_eq!(numbers, expected);
}

/// Acts that arrive while the month closes: the invoice says what the table says for ever after.
async fn nobody_is_counted_after_the_count(place: Place) {
    const PEOPLE: u128 = 40;
    place.clock.set(moment("2026-10-30T08:00:00Z"));
    let tenant = place.tenant("acme").await;
    let noted = Noted::default();
    for number in 0..PEOPLE {
        usage::record(&place.deps, &noted, &person(tenant, number)).await.unwrap();
    }
    place.clock.set(moment("2026-10-31T23:59:59Z"));
    let record = |number| {
        let (deps, noted) = (&place.deps, &noted);
        async move { usage::record(deps, noted, &person(tenant, number)).await.unwrap() }
    };
    let writers = join_all((0..PEOPLE).map(record));
    // The closer's clock is ahead of the writers', so their acts still belong to the month that it closes.
    let closer = async {
        tokio::task::yield_now().await;
        let tenant = place.deps.tenancy.get(tenant).await.unwrap();
        super::close(&place.deps, &tenant, october()).await.unwrap()
    };
    let (closed, _written) = futures::join!(closer, writers);
    let tx = place.deps.tenancy.platform().await.unwrap();
    let counted = crate::store::active_person::count(&tx, tenant, october(), usage::V1.days).await.unwrap();
    assert_eq!(closed.active_people, counted);
}

async fn a_closing_that_was_cut_off_is_finished(place: Place) {
    let tenant = place.tenant("acme").await;
    place.two_days(tenant, 0..2).await;
    place.clock.set(moment("2026-11-01T00:00:00Z"));
    let tenant = place.deps.tenancy.get(tenant).await.unwrap();
    super::stop_counting(&place.deps, &tenant, october()).await.unwrap();
    let closed = run(&place.deps, october(), &[]).await.unwrap();
    assert_eq!(number(&closed[0]).as_deref(), Some("2026-000001"));
}

async fn the_month_before_is_closed_without_being_asked(place: Place) {
    let tenant = place.tenant("acme").await;
    place.two_days(tenant, 0..2).await;
    place.clock.set(moment("2026-11-01T00:15:00Z"));
    let operator = Caller::operator(Some(tenant));
    let issued = async {
        loop {
            if let Invoice::Issued(issued) = preview(&place.deps, &operator, october()).await.unwrap() {
                return issued.number.to_string();
            }
            tokio::task::yield_now().await;
        }
    };
    let issued = tokio::time::timeout(std::time::Duration::from_secs(20), issued);
    tokio::select! {
        () = every_month(&place.deps) => panic!("the jobs ended"),
        number = issued => assert_eq!(number.unwrap(), "2026-000001"),
    }
}
