use std::io::Write;

use freehold_types::Secret;
use tempfile::NamedTempFile;

use super::super::{Source, SourceKind};
use super::*;

fn settings(path: &str) -> SourceSettings {
    SourceSettings {
        kind: SourceKind::Ldif,
        urls: vec![path.to_owned()],
        start_tls: false,
        ca_pem: String::new(),
        bind_dn: String::new(),
        bind_password: Secret::new(String::new()),
        base_dn: String::new(),
        people_filter: String::new(),
        group_filter: String::new(),
        attributes: ["cn", "mail", "jpegPhoto", "description"].map(str::to_owned).to_vec(),
        watched: Vec::new(),
        columns: std::collections::BTreeMap::new(),
        encoding: String::new(),
    }
}

fn file(content: &[u8]) -> NamedTempFile {
    let mut file = NamedTempFile::new().unwrap();
    file.write_all(content).unwrap();
    file
}

async fn drain(reading: &mut Reading) -> Result<(Vec<Entry>, Complete), SourceError> {
    let mut entries = Vec::new();
    loop {
        match reading.next().await? {
            Read::Entry(entry) => entries.push(entry),
            Read::Complete(complete) => return Ok((entries, complete)),
        }
    }
}

async fn people_of(content: &[u8]) -> Result<(Vec<Entry>, Complete), SourceError> {
    let file = file(content);
    let source = Source::new(settings(file.path().to_str().unwrap())).unwrap();
    drain(&mut source.people().await?).await
}

async fn mistake(content: &[u8]) -> (u64, String) {
    let error = people_of(content).await.unwrap_err();
    let SourceError::Ldif { line, problem, .. } = error else { panic!("{error}") };
    (line, problem)
}

const ANNA: &str = "dn: uid=anna,ou=people,dc=acme,dc=test\nobjectClass: inetOrgPerson\ncn: Anna\n";

#[tokio::test]
async fn folded_encoded_and_commented_lines_are_read() {
    let content = b"# a comment\n that goes on\nversion: 1\n\n\
        dn:: dWlkPW3DvGxsZXIsZGM9YWNtZQ==\r\nobjectClass: top\r\nobjectClass: inetOrgPerson\r\n\
        CN: Anna Mari\n a\n# between\ncn;lang-fr:: QW5uZQ==\nmail:anna@acme.test\ndescription:  two  spaces \n\
        description:\nentryUUID: 5d3a4a1e-0000-4000-8000-000000000001\nuserPassword: {SSHA}x\n\n\n";
    let (people, complete) = people_of(content).await.unwrap();
    assert_eq!((complete.entries(), complete.pages(), complete.references()), (1, 1, 0));
    let person = &people[0];
    assert_eq!(person.dn, "uid=müller,dc=acme");
    assert_eq!(person.values("cn"), [b"Anna Maria".to_vec()]);
    assert_eq!(person.values("cn;lang-fr"), [b"Anne".to_vec()]);
    assert_eq!(person.values("mail"), [b"anna@acme.test".to_vec()]);
    assert_eq!(person.values("description"), [b"two  spaces ".to_vec(), Vec::new()]);
    assert_eq!(person.values("entryuuid").len(), 1);
    assert_eq!(person.values("userpassword").len(), 0, "nobody asked for it");
}

#[tokio::test]
async fn a_value_need_not_be_text() {
    let (people, _complete) = people_of(&[ANNA.as_bytes(), b"description: \xff\xfe\n"].concat()).await.unwrap();
    assert_eq!(people[0].values("description"), [b"\xff\xfe".to_vec()]);
}

#[tokio::test]
async fn an_entry_without_a_uuid_is_given_as_it_is() {
    let (people, _complete) = people_of(ANNA.as_bytes()).await.unwrap();
    assert!(people[0].values("entryuuid").is_empty());
}

#[tokio::test]
async fn the_lists_are_told_apart_by_their_filters() {
    let content = format!(
        "dn: ou=people,dc=acme,dc=test\nobjectClass: organizationalUnit\nou: people\n\n{ANNA}\n\
         dn: cn=all,dc=acme,dc=test\nobjectClass: groupOfNames\ncn: all\nmember: uid=anna,ou=people,dc=acme,dc=test\n"
    );
    let file = file(content.as_bytes());
    let source = Source::new(settings(file.path().to_str().unwrap())).unwrap();
    assert_eq!(source.probe().await.unwrap().server, ServerKind::File);
    let (people, _) = drain(&mut source.people().await.unwrap()).await.unwrap();
    let (groups, _) = drain(&mut source.groups().await.unwrap()).await.unwrap();
    assert_eq!(
        people.iter().map(|entry| entry.dn.as_str()).collect::<Vec<_>>(),
        ["uid=anna,ou=people,dc=acme,dc=test"]
    );
    assert_eq!(groups[0].values("member"), [b"uid=anna,ou=people,dc=acme,dc=test".to_vec()]);
}

#[tokio::test]
async fn a_filter_and_a_base_narrow_the_file() {
    let content = format!("{ANNA}\ndn: uid=bob,ou=other,dc=acme,dc=test\nobjectClass: inetOrgPerson\ncn: Bob\n");
    let file = file(content.as_bytes());
    let with = |base: &str, filter: &str| {
        let mut settings = settings(file.path().to_str().unwrap());
        settings.base_dn = base.to_owned();
        settings.people_filter = filter.to_owned();
        Source::new(settings).unwrap()
    };
    let source = with("OU=Other, DC=acme,DC=test", "");
    let (people, _) = drain(&mut source.people().await.unwrap()).await.unwrap();
    assert_eq!(people[0].values("cn"), [b"Bob".to_vec()]);
    let source = with("", "(&(objectClass=inetOrgPerson)(!(cn=bob)))");
    let (people, _) = drain(&mut source.people().await.unwrap()).await.unwrap();
    assert_eq!(people[0].values("cn"), [b"Anna".to_vec()]);
    let source = with("", "(cn=nobody)");
    let (_, complete) = drain(&mut source.people().await.unwrap()).await.unwrap();
    assert_eq!(complete.entries(), 0);
    let source = with("dc=elsewhere", "");
    let error = drain(&mut source.people().await.unwrap()).await.unwrap_err();
    assert!(matches!(error, SourceError::BaseNotFound { .. }), "{error}");
}

#[tokio::test]
async fn change_records_and_addresses_of_values_are_refused_with_their_line() {
    let (line, problem) = mistake(format!("version: 1\n{ANNA}\ndn: uid=b\nchangetype: delete\n").as_bytes()).await;
    assert_eq!((line, problem.contains("change record")), (7, true), "{problem}");
    let (_line, problem) = mistake(b"dn: uid=b\ncontrol: 1.2.3\n").await;
    assert!(problem.contains("change record"), "{problem}");
    let (_line, problem) = mistake(b"dn: uid=b\njpegPhoto:< file:///etc/shadow\n").await;
    assert!(problem.contains("not fetched"), "{problem}");
}

#[tokio::test]
async fn a_file_that_was_cut_is_never_complete() {
    let cut = ANNA.trim_end();
    assert!(mistake(cut.as_bytes()).await.1.contains("middle of a line"));
    assert!(mistake(b"").await.1.contains("no record"));
    assert!(mistake(b"version: 1\n").await.1.contains("no record"));
    let limited = format!("{ANNA}\n# search result\nsearch: 2\nresult: 4 Size limit exceeded\n");
    assert!(mistake(limited.as_bytes()).await.1.contains("Size limit exceeded"));
    let whole = format!("{ANNA}\n# search result\nsearch: 2\nresult: 0 Success\n\n# numEntries: 1\n");
    assert_eq!(people_of(whole.as_bytes()).await.unwrap().1.entries(), 1);
}

#[tokio::test]
async fn what_is_no_ldif_is_refused_with_its_line() {
    assert_eq!(mistake(b"uid,name\nanna,Anna\n").await.0, 2);
    assert_eq!(mistake(b" folded\n").await.0, 1);
    assert!(mistake(b"cn: Anna\n").await.1.contains("begin with dn"));
    assert!(mistake(b"version: 2\n").await.1.contains("version"));
    assert!(mistake(b"dn: uid=a\ncn:: &&&\n").await.1.contains("base64"));
    assert!(mistake(b"dn: \xff\ncn: x\n").await.1.contains("UTF-8"));
}

#[tokio::test]
async fn sizes_are_limited() {
    let large = format!("{ANNA}description: {}\n", "x".repeat(1024 * 1024 + 1));
    assert!(mistake(large.as_bytes()).await.1.contains("1048577 bytes in description"));
    let photo = STANDARD.encode(vec![0xff_u8; 10 * 1024 * 1024]);
    let (people, _) = people_of(format!("{ANNA}jpegPhoto:: {photo}\n").as_bytes()).await.unwrap();
    assert_eq!(people[0].values("jpegphoto")[0].len(), 10 * 1024 * 1024);
    let endless = format!("{ANNA}description: {}\n", "x".repeat(LINE_BYTES_MAX));
    assert!(mistake(endless.as_bytes()).await.1.contains("too long"));
}

#[tokio::test]
async fn a_file_that_changes_between_two_lists_is_not_taken_for_one_directory() {
    let mut file = file(ANNA.as_bytes());
    let source = Source::new(settings(file.path().to_str().unwrap())).unwrap();
    drain(&mut source.people().await.unwrap()).await.unwrap();
    file.write_all(b"\ndn: cn=g\nobjectClass: groupOfNames\ncn: g\n").unwrap();
    let error = drain(&mut source.groups().await.unwrap()).await.unwrap_err();
    assert!(error.to_string().contains("changed"), "{error}");
}

#[tokio::test]
async fn a_missing_file_and_wrong_settings_are_named() {
    let source = Source::new(settings("/nowhere/people.ldif")).unwrap();
    assert!(matches!(source.probe().await.unwrap_err(), SourceError::File { .. }));
    let mut relative = settings("people.ldif");
    assert!(matches!(Source::new(relative.clone()), Err(SourceError::Settings(_))));
    relative.urls = vec!["/a".to_owned(), "/b".to_owned()];
    assert!(matches!(Source::new(relative), Err(SourceError::Settings(_))));
    let mut ordered = settings("/a.ldif");
    ordered.people_filter = "(uidNumber>=5)".to_owned();
    assert!(matches!(Source::new(ordered), Err(SourceError::BadFilter { .. })));
}
