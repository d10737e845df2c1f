use super::*;

fn listed(photo: Option<Vec<u8>>) -> ListedPhoto {
    ListedPhoto { entry_id: "3f0a".to_owned(), dn: "uid=anna,dc=acme".to_owned(), photo }
}

fn whole(parts: Vec<pb::ConnectorObservation>) -> (Vec<ListedPhoto>, u64) {
    let mut assembler = Assembler::default();
    let mut whole = Vec::new();
    for part in parts {
        whole.extend(assembler.take(part).expect("every part is good"));
    }
    assert_eq!(assembler.open, None);
    (whole, assembler.count)
}

fn part(part: Vec<u8>, more: bool) -> pb::ConnectorObservation {
    pb::ConnectorObservation { observed: Some(Wire::PhotoPart(pb::ObservedPhotoPart { part, more })) }
}

#[track_caller]
fn refused(assembler: &mut Assembler, told: pb::ConnectorObservation, why: &str) {
    let refusal = assembler.take(told).expect_err("it is refused");
    assert!(refusal.contains(why), "{refusal}");
}

#[test]
fn a_photo_of_any_size_comes_in_parts_and_is_whole_again() {
    let sizes = [0, 1, BATCH_BYTES - 1, BATCH_BYTES, BATCH_BYTES + 1, PHOTO_BYTES_MAX];
    let photos = sizes.map(|size| Some(vec![7; size])).into_iter().chain([None]);
    for photo in photos.map(listed) {
        let parts = render(photo.clone());
        assert!(parts.iter().all(|part| crate::connector::told::size(part) < BATCH_BYTES + 1_000));
        assert_eq!(whole(parts), (vec![photo], 1));
    }
}

#[test]
fn an_entry_that_nobody_can_know_is_left_out() {
    let long = ListedPhoto { entry_id: "x".repeat(ENTRY_ID_BYTES_MAX + 1), ..listed(None) };
    assert_eq!(render(long), Vec::new());
}

#[test]
fn what_is_no_photo_is_refused() {
    let begun = || {
        let mut assembler = Assembler::default();
        let told = render(listed(Some(vec![7; BATCH_BYTES + 1]))).swap_remove(0);
        assert_eq!(assembler.take(told), Ok(None));
        assembler
    };
    let whole = || render(listed(None)).swap_remove(0);
    let note = pb::ObservedNote::default();
    let note = || pb::ConnectorObservation { observed: Some(Wire::Note(note.clone())) };
    refused(&mut begun(), whole(), "broke off");
    refused(&mut begun(), note(), "something else");
    refused(&mut begun(), part(Vec::new(), true), "empty");
    refused(&mut begun(), part(vec![7; PHOTO_BYTES_MAX], true), "bytes");
    refused(&mut Assembler::default(), part(vec![7], false), "no photo");
    refused(&mut Assembler::default(), note(), "something else");
    refused(&mut Assembler::default(), pb::ConnectorObservation { observed: None }, "empty");
    let nobody = pb::ObservedPhoto::default();
    let nobody = pb::ConnectorObservation { observed: Some(Wire::Photo(nobody)) };
    refused(&mut Assembler::default(), nobody, "immutable id");
}
