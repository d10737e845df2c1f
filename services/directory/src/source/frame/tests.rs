use super::*;

/// An element with its length in the shortest form.
fn element(tag: u8, content: &[u8]) -> Vec<u8> {
    let length = content.len();
    let mut bytes = vec![tag];
    match length {
        0..=0x7f => bytes.push(u8::try_from(length).unwrap()),
        0x80..=0xff => bytes.extend([0x81, u8::try_from(length).unwrap()]),
        0x100..=0xffff => {
            bytes.push(0x82);
            bytes.extend(u16::try_from(length).unwrap().to_be_bytes());
        }
        _ => {
            bytes.push(0x84);
            bytes.extend(u32::try_from(length).unwrap().to_be_bytes());
        }
    }
    bytes.extend(content);
    bytes
}

fn message(id: u8, operation: u8, content: &[u8]) -> Vec<u8> {
    element(SEQUENCE, &[element(INTEGER, &[id]), element(operation, content)].concat())
}

fn attribute(name: &str, values: &[&[u8]]) -> Vec<u8> {
    let values: Vec<u8> = values.iter().flat_map(|value| element(OCTET_STRING, value)).collect();
    element(SEQUENCE, &[element(OCTET_STRING, name.as_bytes()), element(SET, &values)].concat())
}

fn entry(attributes: &[Vec<u8>]) -> Vec<u8> {
    let name = element(OCTET_STRING, b"uid=anna,dc=acme,dc=test");
    message(2, SEARCH_ENTRY, &[name, element(SEQUENCE, &attributes.concat())].concat())
}

fn result(id: u8, operation: u8, code: u8, text: &[u8]) -> Vec<u8> {
    let parts = [element(ENUMERATED, &[code]), element(OCTET_STRING, b""), element(OCTET_STRING, text)];
    message(id, operation, &parts.concat())
}

/// A search result with the paged results control, as every page ends.
fn page_end(cookie: &[u8]) -> Vec<u8> {
    let value = element(SEQUENCE, &[element(INTEGER, &[0]), element(OCTET_STRING, cookie)].concat());
    let control = [element(OCTET_STRING, b"1.2.840.113556.1.4.319"), element(OCTET_STRING, &value)].concat();
    let done = [element(ENUMERATED, &[0]), element(OCTET_STRING, b""), element(OCTET_STRING, b"")].concat();
    let parts = [element(INTEGER, &[2]), element(SEARCH_DONE, &done), element(CONTROLS, &element(SEQUENCE, &control))];
    element(SEQUENCE, &parts.concat())
}

fn nested(levels: usize) -> Vec<u8> {
    (0..levels).fold(Vec::new(), |inner, _level| element(SEQUENCE, &inner))
}

fn check(bytes: &[u8]) -> Result<Vec<(u32, Answer)>, FrameRefused> {
    let mut checker = FrameChecker::new();
    checker.feed(bytes);
    let mut answers = Vec::new();
    while let Some(frame) = checker.take()? {
        answers.push((frame.message_id, frame.answer));
    }
    Ok(answers)
}

fn refusal(bytes: &[u8]) -> FrameRefused {
    check(bytes).unwrap_err()
}

fn conversation() -> Vec<u8> {
    [
        result(1, BIND_RESPONSE, 0, b""),
        entry(&[attribute("cn", &[b"Anna"]), attribute("mail", &[]), attribute("jpegPhoto", &[&[0xff, 0xd8]])]),
        message(2, SEARCH_REFERENCE, &element(OCTET_STRING, b"ldap://other/dc=acme")),
        page_end(b"more"),
        result(0, EXTENDED_RESPONSE, 52, b"going down"),
    ]
    .concat()
}

fn answers() -> Vec<(u32, Answer)> {
    let success = Outcome { code: 0, text: String::new() };
    vec![
        (1, Answer::Bind(success.clone())),
        (2, Answer::Entry),
        (2, Answer::Reference),
        (2, Answer::Done(success)),
        (0, Answer::Extended(Outcome { code: 52, text: "going down".to_owned() })),
    ]
}

#[test]
fn messages_come_out_whole_and_known() {
    assert_eq!(check(&conversation()), Ok(answers()));
}

#[test]
fn feeding_byte_by_byte_changes_nothing() {
    let mut checker = FrameChecker::new();
    let mut found = Vec::new();
    let mut bytes = Vec::new();
    for byte in conversation() {
        checker.feed(&[byte]);
        while let Some(frame) = checker.take().unwrap() {
            found.push((frame.message_id, frame.answer.clone()));
            bytes.extend_from_slice(frame.bytes);
        }
    }
    assert_eq!(found, answers());
    assert_eq!(bytes, conversation(), "every byte is passed on as it came");
    assert_eq!(checker.pending(), 0);
}

#[test]
fn lengths_of_four_bytes_as_active_directory_writes_them_pass() {
    let mut inner = vec![INTEGER, 0x84, 0, 0, 0, 1, 7, BIND_RESPONSE, 0x84, 0, 0, 0, 7];
    inner.extend([ENUMERATED, 1, 49, OCTET_STRING, 0, OCTET_STRING, 0]);
    let bytes = [vec![SEQUENCE, 0x84, 0, 0, 0, u8::try_from(inner.len()).unwrap()], inner].concat();
    assert_eq!(check(&bytes), Ok(vec![(7, Answer::Bind(Outcome { code: 49, text: String::new() }))]));
}

#[test]
fn the_notice_of_disconnection_of_active_directory_passes_though_it_is_malformed() {
    let notice = [element(ENUMERATED, &[52]), element(OCTET_STRING, b""), element(OCTET_STRING, b"bye\0")].concat();
    let name = element(EXTENDED_NAME, b"1.3.6.1.4.1.1466.20036");
    let bytes = element(SEQUENCE, &[element(INTEGER, &[0]), element(EXTENDED_RESPONSE, &notice), name].concat());
    assert_eq!(check(&bytes), Ok(vec![(0, Answer::Extended(Outcome { code: 52, text: "bye".to_owned() }))]));
}

#[test]
fn eighty_kilobytes_of_nesting_are_refused() {
    let bytes = nested(20_000);
    assert!(bytes.len() > 75_000, "{}", bytes.len());
    assert_eq!(refusal(&bytes), FrameRefused::Depth);
    assert_eq!(refusal(&nested(17)), FrameRefused::Depth);
    // Inside an entry, where an attribute would be.
    let inside = message(2, SEARCH_ENTRY, &[element(OCTET_STRING, b""), nested(20_000)].concat());
    assert_eq!(refusal(&inside), FrameRefused::Depth);
}

#[test]
fn a_header_of_two_gigabytes_is_refused_before_anything_follows() {
    let mut checker = FrameChecker::new();
    checker.feed(&[SEQUENCE, 0x84, 0x80, 0, 0, 0]);
    assert_eq!(checker.take().unwrap_err(), FrameRefused::Size(6 + 0x8000_0000));
    assert!(checker.buffer.capacity() < 1024, "{}", checker.buffer.capacity());
    assert_eq!(refusal(&[SEQUENCE, 0x84, 0xff, 0xff, 0xff, 0xff]), FrameRefused::Size(6 + 0xffff_ffff));
}

#[test]
fn a_large_claim_takes_no_memory_until_it_is_true() {
    let mut checker = FrameChecker::new();
    checker.feed(&[SEQUENCE, 0x84, 0x01, 0xf0, 0, 0]);
    assert_eq!(checker.take(), Ok(None));
    assert!(checker.buffer.capacity() < 1024, "{}", checker.buffer.capacity());
}

#[test]
fn the_memory_of_a_large_message_is_given_back() {
    let photo = vec![0_u8; PHOTO_BYTES_MAX];
    let mut checker = FrameChecker::new();
    checker.feed(&entry(&[attribute("thumbnailPhoto;binary", &[&photo])]));
    assert_eq!(checker.take().unwrap().unwrap().answer, Answer::Entry);
    checker.feed(&result(2, SEARCH_DONE, 0, b""));
    assert!(checker.take().unwrap().is_some());
    assert!(checker.buffer.capacity() < BUFFER_KEPT_BYTES, "{}", checker.buffer.capacity());
}

#[test]
fn what_is_not_ldap_is_refused_at_its_first_byte() {
    assert_eq!(refusal(b"H"), FrameRefused::NotLdap(b'H'));
    assert_eq!(refusal(&[0x16, 0x03, 0x01]), FrameRefused::NotLdap(0x16));
}

#[test]
fn broken_encodings_are_refused() {
    assert_eq!(refusal(&[SEQUENCE, 0]), FrameRefused::Unexpected("message id"));
    assert_eq!(refusal(&[SEQUENCE, 0x80]), FrameRefused::Form("an indefinite length"));
    assert_eq!(refusal(&[SEQUENCE, 0x85, 0, 0, 0, 0, 1]), FrameRefused::Form("a length of more than four bytes"));
    let outlasting = FrameRefused::Form("an element that outlasts the one around it");
    assert_eq!(refusal(&element(SEQUENCE, &[INTEGER, 5, 1])), outlasting);
    assert_eq!(refusal(&element(SEQUENCE, &[INTEGER, 1, 2, BIND_RESPONSE, 0x20, ENUMERATED])), outlasting);
    assert_eq!(refusal(&element(SEQUENCE, &[INTEGER])), FrameRefused::Form("half a header"));
    assert_eq!(refusal(&element(SEQUENCE, &[0x1f, 1, 2])), FrameRefused::Form("a tag of several bytes"));
    let id_too_large = element(SEQUENCE, &[element(INTEGER, &[1; 5]), element(BIND_RESPONSE, &[])].concat());
    assert_eq!(refusal(&id_too_large), FrameRefused::Unexpected("message id"));
}

#[test]
fn what_the_client_behind_would_panic_on_is_refused() {
    assert_eq!(refusal(&message(1, 0x63, b"")), FrameRefused::Unexpected("operation"));
    assert_eq!(refusal(&message(1, BIND_RESPONSE, b"")), FrameRefused::Unexpected("result code"));
    let reference = message(2, SEARCH_REFERENCE, &element(OCTET_STRING, &[0xff]));
    assert!(matches!(refusal(&reference), FrameRefused::Text { what: "reference", .. }));
    assert!(matches!(refusal(&result(1, BIND_RESPONSE, 0, &[0xff])), FrameRefused::Text { .. }));
    let name =
        message(2, SEARCH_ENTRY, &[element(OCTET_STRING, b""), element(SEQUENCE, &attribute("a", &[]))].concat());
    assert_eq!(check(&name).unwrap().len(), 1);
    let number = element(SEQUENCE, &[element(INTEGER, &[1]), element(SET, b"")].concat());
    let wrong = message(2, SEARCH_ENTRY, &[element(OCTET_STRING, b""), element(SEQUENCE, &number)].concat());
    assert_eq!(refusal(&wrong), FrameRefused::Unexpected("attribute name"));
    let mut control = page_end(b"");
    let at = control.windows(4).position(|window| window == b"1.2.").unwrap();
    control[at] = 0xff;
    assert!(matches!(refusal(&control), FrameRefused::Text { what: "name of a control", .. }));
}

#[test]
fn every_limit_is_kept_to_the_unit() {
    let many = |count: usize| entry(&vec![attribute("a", &[b"1"]); count]);
    assert_eq!(check(&many(ENTRY_ATTRIBUTES_MAX)).unwrap().len(), 1);
    assert_eq!(refusal(&many(ENTRY_ATTRIBUTES_MAX + 1)), FrameRefused::Attributes);

    let values = |count: usize| entry(&[attribute("member", &vec![b"1".as_slice(); count])]);
    assert_eq!(check(&values(ATTRIBUTE_VALUES_MAX)).unwrap().len(), 1);
    assert_eq!(refusal(&values(ATTRIBUTE_VALUES_MAX + 1)), FrameRefused::Values);

    let three = vec![attribute("member", &vec![b"".as_slice(); 150_000]); 3];
    assert_eq!(refusal(&entry(&three)), FrameRefused::Elements);

    let value = |name: &str, size: usize| entry(&[attribute(name, &[&vec![b'x'; size]])]);
    assert_eq!(check(&value("description", VALUE_BYTES_MAX)).unwrap().len(), 1);
    let refused = FrameRefused::Value { size: VALUE_BYTES_MAX + 1, limit: VALUE_BYTES_MAX };
    assert_eq!(refusal(&value("description", VALUE_BYTES_MAX + 1)), refused);
    assert_eq!(check(&value("JPEGPHOTO", PHOTO_BYTES_MAX)).unwrap().len(), 1);
    let refused = FrameRefused::Value { size: PHOTO_BYTES_MAX + 1, limit: PHOTO_BYTES_MAX };
    assert_eq!(refusal(&value("jpegPhoto", PHOTO_BYTES_MAX + 1)), refused);
}

#[test]
fn no_change_of_a_byte_makes_the_checker_fail_otherwise_than_by_refusing() {
    let original = conversation();
    for at in 0..original.len() {
        for byte in 0..=u8::MAX {
            let mut changed = original.clone();
            changed[at] = byte;
            // Fine or refused; a panic would fail the test.
            drop(check(&changed));
        }
    }
}
