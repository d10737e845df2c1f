//! Values that come in pieces, which Active Directory does and no server at hand does on demand.

use super::*;

fn values(name: &str, values: std::ops::Range<usize>) -> Vec<u8> {
    let content: Vec<u8> = values.flat_map(|number| element(4, format!("cn=m{number}").as_bytes())).collect();
    element(0x30, &[element(4, name.as_bytes()), element(0x31, &content)].concat())
}

fn answer(id: u8, attributes: &[Vec<u8>]) -> Vec<u8> {
    message(id, 0x64, &[element(4, b"cn=a"), element(0x30, &attributes.concat())].concat())
}

fn usn(number: &str) -> Vec<u8> {
    attribute("uSNChanged", number.as_bytes())
}

/// A page of one cut entry and an ordinary one, and the answers to what is asked then.
async fn cut_page(then: Vec<Vec<Vec<u8>>>) -> (Vec<Entry>, Result<Complete, SourceError>) {
    let first = answer(2, &[values("member", 0..0), values("member;range=0-1499", 0..1500)]);
    let page = [first, entry(b"cn=b", &attribute("cn", b"b")), page_end(2, &cookie(b""))].concat();
    let asked = then.into_iter().enumerate().map(|(number, attributes)| {
        let id = u8::try_from(number + 3).unwrap();
        [answer(id, &attributes), result(id, 0x65, 0)].concat()
    });
    search([vec![page], asked.collect()].concat(), Then::Hold).await
}

#[tokio::test]
async fn values_in_pieces_become_one_list() {
    let whole = vec![
        vec![values("member", 0..0), values("member;range=0-1499", 0..1500), usn("7")],
        vec![values("member;range=1500-2999", 1500..3000), usn("7")],
        vec![values("member;range=3000-*", 3000..3001), usn("7")],
    ];
    let (entries, ended) = cut_page(whole).await;
    assert_eq!((ended.unwrap().entries(), entries.len()), (2, 2));
    let group = entries.iter().find(|entry| entry.dn == "cn=a").unwrap();
    assert_eq!(group.attributes.keys().collect::<Vec<_>>(), ["member"]);
    let wanted: Vec<Vec<u8>> = (0..3001).map(|number| format!("cn=m{number}").into_bytes()).collect();
    assert_eq!(group.values("member"), wanted);
}

#[tokio::test]
async fn a_list_that_changes_between_two_pieces_is_read_from_its_beginning() {
    let begin = |number: &str| vec![values("member;range=0-1499", 0..1500), usn(number)];
    let (entries, ended) = cut_page(vec![
        begin("7"),
        vec![values("member;range=1500-*", 1500..1600), usn("8")],
        begin("8"),
        // It shrank: nothing begins there any more.
        vec![usn("8")],
        vec![values("member", 0..1400), usn("9")],
    ])
    .await;
    assert!(ended.is_ok(), "{ended:?}");
    assert_eq!(entries.iter().map(|entry| entry.values("member").len()).max(), Some(1400));
    let changing = (0..5).flat_map(|_attempt| [begin("1"), vec![values("member;range=1500-*", 0..1), usn("2")]]);
    let (_, ended) = cut_page(changing.collect()).await;
    assert!(matches!(ended, Err(SourceError::Cut { attribute }) if attribute == "member"));
}

#[tokio::test]
async fn pieces_that_do_not_fit_together_are_never_a_list() {
    let begin = || vec![values("member;range=0-1499", 0..1500)];
    for wrong in [
        vec![vec![values("member;range=1-1500", 0..1500)]],
        vec![vec![values("member;range=0-1499", 0..1200)]],
        vec![vec![values("member;range=9-2", 0..1)]],
        vec![vec![values("member;range=0-18446744073709551615", 0..1)]],
        vec![vec![values("member;range=x", 0..1)]],
        vec![vec![values("member", 0..1), values("member;range=0-0", 0..1)]],
        vec![begin(), begin()],
        vec![begin(), vec![values("member;range=1501-*", 0..1)]],
        vec![begin(), vec![values("member;range=1500-*", 0..0)]],
    ] {
        let (entries, ended) = cut_page(wrong).await;
        assert!(matches!(&ended, Err(SourceError::Cut { attribute }) if attribute == "member"), "{ended:?}");
        assert!(entries.iter().all(|entry| entry.dn != "cn=a"));
    }
}
