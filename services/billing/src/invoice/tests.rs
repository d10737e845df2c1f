use freehold_types::{Caller, Kind, PageSize, Reason};

use super::{Invoice, Number, get, list, preview};
use crate::close;
use crate::testing::{Place, on_both};

on_both!(
    a_preview_becomes_the_invoice,
    another_tenants_invoice_is_not_found,
    pages_go_from_the_newest_to_the_oldest_and_end,
);

#[test]
fn a_number_has_one_text() {
    let number = Number { year: 2026, place: 1 };
    assert_eq!(number.to_string(), "2026-000001");
    assert_eq!("2026-000001".parse(), Ok(number));
    assert_eq!("2026-1000000".parse(), Ok(Number { year: 2026, place: 1_000_000 }));
    for wrong in ["", "2026", "2026-1", "2026-+00001", "26-000001", "2026-0000001", "2026-000001 ", "x-000001"] {
        assert!(wrong.parse::<Number>().is_err(), "{wrong}");
    }
}

async fn a_preview_becomes_the_invoice(place: Place) {
    let tenant = place.tenant("acme").await;
    place.two_days(tenant, 0..3).await;
    let operator = Caller::operator(Some(tenant));
    let period = "2026-10".parse().unwrap();
    let Invoice::Draft(draft) = preview(&place.deps, &operator, period).await.unwrap() else { panic!("a draft") };
    assert_eq!((draft.active_people, draft.total.minor), (3, 900));
    assert_eq!(draft.company, "acme SAS");
    place.clock.set(period.ends_at());
    close::run(&place.deps, period, &[]).await.unwrap();
    let Invoice::Issued(issued) = preview(&place.deps, &operator, period).await.unwrap() else { panic!("issued") };
    assert_eq!(issued.draft, draft);
    assert_eq!(get(&place.deps, &operator, issued.number).await.unwrap(), issued);
    assert_eq!(get(&place.deps, &Caller::operator(None), issued.number).await.unwrap(), issued);
    let future = preview(&place.deps, &operator, "2026-12".parse().unwrap()).await.unwrap_err();
    assert_eq!(future.violations().len(), 1);
}

async fn another_tenants_invoice_is_not_found(place: Place) {
    let (acme, meadow) = (place.tenant("acme").await, place.tenant("meadow").await);
    place.two_days(acme, 0..1).await;
    place.clock.set("2026-11-01T00:00:00Z".parse().unwrap());
    let closed = close::run(&place.deps, "2026-10".parse().unwrap(), &[]).await.unwrap();
    let number = closed.iter().find_map(|one| one.invoice.as_ref()).unwrap().number;
    let fault = get(&place.deps, &Caller::operator(Some(meadow)), number).await.unwrap_err();
    assert_eq!((fault.kind(), fault.reason()), (Kind::NotFound, Reason::InvoiceNotFound));
    let (invoices, next) =
        list(&place.deps, &Caller::operator(Some(meadow)), PageSize::from_request(0), "").await.unwrap();
    assert!(invoices.is_empty() && next.is_empty());
}

async fn pages_go_from_the_newest_to_the_oldest_and_end(place: Place) {
    let tenant = place.tenant("acme").await;
    let operator = Caller::operator(Some(tenant));
    for (start, period) in
        [("2026-10-05T08:00:00Z", "2026-10"), ("2026-11-05T08:00:00Z", "2026-11"), ("2026-12-05T08:00:00Z", "2026-12")]
    {
        place.clock.set(start.parse().unwrap());
        place.two_days(tenant, 0..1).await;
        let period: freehold_types::Period = period.parse().unwrap();
        place.clock.set(period.ends_at());
        close::run(&place.deps, period, &[]).await.unwrap();
    }
    let mut numbers = Vec::new();
    let mut token = String::new();
    loop {
        let (page, next) = list(&place.deps, &operator, PageSize::from_request(2), &token).await.unwrap();
        numbers.extend(page.iter().map(|issued| issued.number.to_string()));
        if next.is_empty() {
            break;
        }
        token = next;
    }
    assert_eq!(numbers, ["2027-000001", "2026-000002", "2026-000001"]);
}
