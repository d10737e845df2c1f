use freehold_proto::billing::v1 as billing;
use freehold_proto::directory::v1 as directory;
use freehold_proto::tenant::v1 as tenant;
use serde_json::json;

use super::Forms;

#[test]
fn every_field_is_there_and_numbers_are_numbers() {
    let forms = Forms::new().expect("the contracts can be read");
    let line =
        billing::InvoiceLine { from_person: 1, to_person: 12, quantity: 12, unit_price_minor: 3, amount_minor: 36 };
    let invoice = billing::Invoice {
        number: "2026-000001".to_owned(),
        state: billing::InvoiceState::Issued.into(),
        lines: vec![line],
        total_minor: 36,
        ..Default::default()
    };
    let form = forms.of("freehold.billing.v1.Invoice", &invoice).expect("an invoice has a form");
    assert_eq!(
        form,
        json!({
            "number": "2026-000001", "company_address": "", "company": "", "period": "", "state": "INVOICE_STATE_ISSUED",
            "plan_name": "", "currency": "", "active_people_count": 0, "definition": "",
            "lines": [{"from_person": 1, "to_person": 12, "quantity": 12, "unit_price_minor": 3, "amount_minor": 36}],
            "total_minor": 36, "issued_at": null,
        })
    );
}

#[test]
fn a_person_without_anything_has_empty_lists() {
    let forms = Forms::new().expect("the contracts can be read");
    let person = directory::Person {
        id: "per_1".to_owned(),
        created_at: Some(pbjson_types::Timestamp { seconds: 0, nanos: 0 }),
        ..Default::default()
    };
    let form = forms.of("freehold.directory.v1.Person", &person).expect("a person has a form");
    assert_eq!(form["directory_groups"], json!([]));
    assert_eq!(form["administrator"], json!(false));
    assert_eq!(form["state"], json!("PERSON_STATE_UNSPECIFIED"));
    assert_eq!(form["created_at"], json!("1970-01-01T00:00:00+00:00"));
    assert_eq!(form["deactivated_at"], json!(null));
}

#[test]
fn maps_stay_as_they_are() {
    let forms = Forms::new().expect("the contracts can be read");
    let sample =
        directory::EntrySample { fields: [("site".to_owned(), "Paris".to_owned())].into(), ..Default::default() };
    let form = forms.of("freehold.directory.v1.EntrySample", &sample).expect("a sample has a form");
    assert_eq!(form["fields"], json!({"site": "Paris"}));
    let empty = forms.of("freehold.directory.v1.EntrySample", &directory::EntrySample::default());
    assert_eq!(empty.expect("a sample has a form")["fields"], json!({}));
}

#[test]
fn only_the_chosen_one_of_several_is_there() {
    let forms = Forms::new().expect("the contracts can be read");
    let event = tenant::apply_tenant_response::Event::Step("key made".to_owned());
    let event = tenant::ApplyTenantResponse { event: Some(event) };
    let form = forms.of("freehold.tenant.v1.ApplyTenantResponse", &event).expect("an event has a form");
    assert_eq!(form, json!({"step": "key made"}));
}
