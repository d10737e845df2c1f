use super::*;

async fn people(content: &[u8]) -> Result<Vec<Entry>, SourceError> {
    people_with(settings(SourceKind::Csv, &file(content))).await
}

async fn mistake(content: &[u8]) -> String {
    words(&people(content).await.unwrap_err())
}

#[tokio::test]
async fn workplaces_template_is_read_as_it_is() {
    let content = b"Email,Employee ID,First name,Last name,Job Title,Department,Division,Organization,Phone Number,\
        Location,Locale,Manager Email,Manager Employee ID,Login Method,Start Date\r\n\
        ines@bakery.example,B001,In\xc3\xa8s,Moreau,G\xc3\xa9rante,Bureau,,,+33 1,Marseille,fr_FR,,,sso,2019-01-01\r\n\
        ,B002,Karim,Haddad,Chef,Fournil,,,,Marseille,,INES@bakery.example,,,\r\n\
        ,00042,Li,Wei,\"Boulanger, de nuit\",\"Fournil\r\n(nuit)\",,,,Aix,,,B002,,\r\n";
    assert_eq!(
        lines(&people(content).await.unwrap()),
        [
            "employeeNumber=B001: department=Bureau email=ines@bakery.example employee_number=B001 entry_id=B001 \
             family_name=Moreau given_name=Inès phone=+33 1 site=Marseille title=Gérante",
            "employeeNumber=B002: department=Fournil employee_number=B002 entry_id=B002 family_name=Haddad \
             given_name=Karim manager=employeeNumber=B001 site=Marseille title=Chef",
            "employeeNumber=00042: department=Fournil\r\n(nuit) employee_number=00042 entry_id=00042 family_name=Wei \
             given_name=Li manager=employeeNumber=B002 site=Aix title=Boulanger, de nuit",
        ]
    );
}

#[tokio::test]
async fn headings_and_forms_of_a_file_may_differ() {
    let expected = ["employeeNumber=7: display_name=Zoë Šimić employee_number=7 entry_id=7"];
    let comma = "employee_id,FULL NAME\n7,Zoë Šimić\n";
    let semicolon = "\u{feff}Employee-ID ; Full_Name\r\n7;Zoë Šimić\r\n";
    let tab = "sep=\t\r\nEmployee ID\tFull Name\r\n7\tZoë Šimić\r\n";
    let old_mac = "Employee ID,Full Name\r7,Zoë Šimić\r";
    let empty_rows = "\n,\nEmployee ID,Full Name\n,\n\n7,Zoë Šimić\n , \n";
    for content in [comma, semicolon, tab, old_mac, empty_rows] {
        assert_eq!(lines(&people(content.as_bytes()).await.unwrap()), expected, "{content:?}");
    }
    type Way = ([u8; 2], fn(u16) -> [u8; 2]);
    let ways: [Way; 2] = [([0xff, 0xfe], u16::to_le_bytes), ([0xfe, 0xff], u16::to_be_bytes)];
    for (mark, bytes) in ways {
        let content: Vec<u8> = mark.into_iter().chain(comma.encode_utf16().flat_map(bytes)).collect();
        assert_eq!(lines(&people(&content).await.unwrap()), expected, "UTF-16");
    }
}

#[tokio::test]
async fn windows_1252_is_believed_only_when_it_is_declared() {
    let content = b"Employee ID;Full Name\r\n7;Ren\xe9e \x80\r\n";
    assert!(mistake(content).await.starts_with("line 2, column 2: a byte that is not UTF-8; save the file"));
    let file = file(content);
    let declared = SourceSettings { encoding: "windows-1252".to_owned(), ..settings(SourceKind::Csv, &file) };
    let people = people_with(declared).await.unwrap();
    assert_eq!(lines(&people), ["employeeNumber=7: display_name=Renée € employee_number=7 entry_id=7"]);
}

#[tokio::test]
async fn a_status_ends_access_and_a_word_nobody_knows_ends_nothing() {
    let content =
        b"Employee ID,Account Status\n1,Active\n2,Deactivated\n3,\n4,not invited\n5,D\xc3\x89SACTIV\xc3\x89\n";
    let people = people(content).await.unwrap();
    let gone: Vec<_> = people.iter().filter(|one| !one.values("deactivated").is_empty()).map(|one| &*one.dn).collect();
    assert_eq!(gone, ["employeeNumber=2", "employeeNumber=5"]);
    let unknown = mistake(b"Employee ID,Status\n1,Active\n2,Full-time\n").await;
    assert!(unknown.starts_with("line 3, column 2: \"Full-time\" in \"Status\" is not a word for active"), "{unknown}");
}

#[tokio::test]
async fn a_manifest_names_other_columns() {
    let file = file(
        "Matricule;Nom;Fonction;Groupes;Responsable\n1;Anna;Chef;\"Équipe A ; b;\";\n2;Bo;Pâtissier;équipe a;1\n"
            .as_bytes(),
    );
    let named = [
        ("entry_id", "matricule"),
        ("display_name", "NOM"),
        ("title", "Fonction"),
        ("groups", "Groupes"),
        ("manager", "Responsable"),
    ];
    let columns: BTreeMap<_, _> = named.into_iter().map(|(field, name)| (field.to_owned(), name.to_owned())).collect();
    let settings =
        SourceSettings { columns, base_dn: "dc=acme,dc=test".to_owned(), ..settings(SourceKind::Csv, &file) };
    assert_eq!(
        lines(&people_with(settings.clone()).await.unwrap()),
        [
            "employeeNumber=1,dc=acme,dc=test: display_name=Anna entry_id=1 title=Chef",
            "employeeNumber=2,dc=acme,dc=test: display_name=Bo entry_id=2 \
             manager=employeeNumber=1,dc=acme,dc=test title=Pâtissier",
        ]
    );
    assert_eq!(
        lines(&groups_with(settings.clone()).await.unwrap()),
        [
            "cn=b,dc=acme,dc=test: cn=b entry_id=b member=employeeNumber=1,dc=acme,dc=test",
            "cn=Équipe A,dc=acme,dc=test: cn=Équipe A entry_id=équipe a \
             member=employeeNumber=1,dc=acme,dc=test+employeeNumber=2,dc=acme,dc=test",
        ]
    );
    let columns = [("title".to_owned(), "Poste".to_owned()), ("entry_id".to_owned(), "Matricule".to_owned())].into();
    let missing = people_with(SourceSettings { columns, ..settings }).await.unwrap_err();
    assert_eq!(words(&missing), "line 1, column 1: there is no column \"Poste\", which the manifest names for title");
}

#[tokio::test]
async fn an_id_that_needs_escapes_in_a_name_is_still_one() {
    let people = people(b"Employee ID,Full Name\n\"a,b+c=\"\"d\"\"#\",Anna\n").await.unwrap();
    let [anna] = people.as_slice() else { panic!("{people:?}") };
    assert_eq!(anna.values("entry_id"), [b"a,b+c=\"d\"#"]);
    assert!(crate::source::dn::Dn::parse(&anna.dn).is_ok(), "{}", anna.dn);
}

#[tokio::test]
async fn managers_by_an_address_of_two_people_are_nobody() {
    let content = b"Employee ID,Email,Manager Email\n1,x@acme.test,\n2,X@acme.test,\n3,c@acme.test,x@acme.test\n";
    let people = people(content).await.unwrap();
    assert_eq!(people.last().unwrap().values("manager"), [b"mail=x@acme.test"]);
}

#[tokio::test]
async fn what_is_not_certainly_a_row_is_said_with_its_place() {
    let cases: [(&[u8], &str); 16] = [
        (b"", "there is no row of a person in it"),
        (b"Employee ID,Full Name\n", "there is no row of a person in it"),
        (b"Full Name,Email\nAnna,a@acme.test\n", "line 1, column 1: there is no column \"Employee ID\", which"),
        (b"Employee ID,Email,e-mail\n1,a,b\n", "line 1, column 3: a second column \"e-mail\"; nobody could"),
        (b"Employee ID,Full Name\n1,Anna\n2\n", "line 3, column 2: 1 cells where the heading has 2"),
        (b"Employee ID,Full Name\n1,Anna,\n", "line 2, column 3: 3 cells where the heading has 2"),
        (b"Employee ID,Full Name\n1,Anna\n,Bo\n", "line 3, column 1: \"Employee ID\" is empty; without it"),
        (b"Employee ID,Full Name\n1,Anna\n2,B", "line 3, column 2: the file ends in the middle of a row; it was cut"),
        (b"Employee ID,Full Name\n1,Anna\n2,\"B\nC\n", "line 3, column 2: a quotation mark that is never closed"),
        (b"Employee ID,Full Name\n1,An\"na\n", "line 2, column 2: a quotation mark in a cell that does not begin"),
        (b"Employee ID,Full Name\n1,\"An\"na\n", "line 2, column 2: something after the quotation mark that ends"),
        (b"Employee ID,Full Name\n1,An\0na\n", "line 2, column 2: a character that no text has"),
        (b"Employee ID,Full Name\n1,Anna\n2,\xff\n", "line 3, column 2: a byte that is not UTF-8"),
        (b"Employee ID,Full;Name\n1,Anna\n", "line 1, column 1: separators of two kinds as often as each other"),
        (b"Employee ID,Full Name\n#REF!,Anna\n", "line 2, column 1: a formula without a value (#REF!)"),
        (b"Employee ID,Full Name\n1,Anna\n2,Bo\n3\xc3", "line 4, column 1: a byte that is not UTF-8"),
    ];
    for (content, expected) in cases {
        let said = mistake(content).await;
        let said = said.trim_start_matches(": ");
        assert!(said.starts_with(expected), "{said:?} of {:?}", String::from_utf8_lossy(content));
    }
}

#[tokio::test]
async fn a_cut_anywhere_is_never_a_smaller_table() {
    let whole = "Employee ID,Full Name,Job Title\r\n1,Anna,Chef\r\n2,\"Bo \"\"B\"\"\",\"Line\r\nTwo\"\r\n";
    assert_eq!(people(whole.as_bytes()).await.unwrap().len(), 2);
    for cut in 0..whole.len() - 1 {
        let left = &whole.as_bytes()[..cut];
        // A line break that is itself cut in two is one, and what stands before it is whole.
        let at_a_row = left.ends_with(b"Chef\r") || left.ends_with(b"Chef\r\n");
        assert_eq!(people(left).await.is_ok(), at_a_row, "cut at {cut}");
    }
}

#[tokio::test]
async fn sizes_are_bounded() {
    let wide = format!("Employee ID{}\n", ",x".repeat(200));
    assert_eq!(mistake(wide.as_bytes()).await, "line 1, column 201: more than 200 columns");
    let long = format!("Employee ID,Full Name\n1,{}\n", "x".repeat(65_537));
    assert_eq!(mistake(long.as_bytes()).await, "line 2, column 2: a cell of more than 65536 bytes");
    let long = format!("Employee ID,Full Name\n1,\"{}", "x\n".repeat(400_000));
    assert!(
        mistake(long.as_bytes()).await.ends_with("a cell of more than 65536 bytes"),
        "never grows to the file's size"
    );
    let huge = file(b"");
    huge.as_file().set_len(512 * 1024 * 1024 + 1).unwrap();
    let refused = people_with(settings(SourceKind::Csv, &huge)).await.unwrap_err();
    assert_eq!(words(&refused), ": 536870913 bytes; the limit is 536870912");
    let rows: String = (0..=1_000_000).map(|row| format!("{row}\n")).collect();
    let many = mistake(format!("Employee ID\n{rows}").as_bytes()).await;
    assert!(many.starts_with(": more than 1000000 rows"), "{many}");
}

#[tokio::test]
async fn a_file_that_changes_between_two_lists_is_no_table() {
    let mut file = file(b"Employee ID,Groups\n1,a\n");
    let source = Source::new(settings(SourceKind::Csv, &file)).unwrap();
    source.probe().await.unwrap();
    drain(source.people().await.unwrap()).await.unwrap();
    file.write_all(b"2,a\n").unwrap();
    let changed = drain(source.groups().await.unwrap()).await.unwrap_err();
    assert_eq!(words(&changed), ": it changed while it was read");
}

#[tokio::test]
async fn what_is_no_file_is_not_waited_for() {
    let folder = tempfile::tempdir().unwrap();
    let file = file(b"");
    let with = |path: &str| SourceSettings { urls: vec![path.to_owned()], ..settings(SourceKind::Csv, &file) };
    let refused = people_with(with(folder.path().to_str().unwrap())).await.unwrap_err();
    assert_eq!(words(&refused), ": it is not a file");
    let absent = people_with(with("/nowhere/people.csv")).await.unwrap_err();
    assert_eq!(absent.to_string(), "file /nowhere/people.csv cannot be read");
    for (settings, because) in [
        (with("people.csv"), "\"people.csv\" is not an absolute path"),
        (
            SourceSettings { people_filter: "(cn=*)".to_owned(), ..with("/x") },
            "a table is read whole; it has no filters",
        ),
        (
            SourceSettings { encoding: "latin".to_owned(), ..with("/x") },
            "encoding must be \"utf-8\" or \"windows-1252\"",
        ),
    ] {
        let refused = Source::new(settings).err().unwrap();
        assert_eq!(refused.to_string(), format!("the directory's settings are wrong: {because}"));
    }
}
