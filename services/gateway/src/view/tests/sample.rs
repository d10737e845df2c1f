//! A company with people of many names, for pages under test.

use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::Tz;
use freehold_proto::auth::v1 as auth;
use freehold_proto::content::v1 as content;
use freehold_proto::directory::v1 as directory;
use freehold_types::{Mint, Role, Roles, SetClock};
use freehold_wire::time::to_proto;

use crate::text::Language;
use crate::view::people::People;
use crate::view::reader::Reader;

pub(crate) fn now() -> DateTime<Utc> {
    "2026-10-14T10:00:00Z".parse().unwrap()
}

pub(crate) fn before(minutes: i64) -> Option<pbjson_types::Timestamp> {
    Some(to_proto(now() - TimeDelta::minutes(minutes)))
}

fn id(prefix: &str, number: u32) -> String {
    format!("{prefix}_{number:032x}")
}

pub(crate) fn reader(language: Language) -> Reader {
    Reader {
        language,
        zone: Tz::Europe__Paris,
        now: now(),
        address: "acme".to_owned(),
        company: "Acme & Söhne SAS".to_owned(),
        person_id: id("per", 1),
        roles: Roles::NONE.with(Role::Administrator),
        emergency_name: String::new(),
        emergency_uses: Vec::new(),
        shared_device: false,
        here: "/acme".to_owned(),
        mint: Mint::new(Arc::new(SetClock::new(now()))),
    }
}

pub(crate) fn persons() -> Vec<directory::Person> {
    let person = |number, name: &str, title: &str, department: &str, site: &str| directory::Person {
        id: id("per", number),
        state: directory::PersonState::Active.into(),
        display_name: name.to_owned(),
        title: title.to_owned(),
        department: department.to_owned(),
        site: site.to_owned(),
        ..directory::Person::default()
    };
    let mut all = vec![
        person(1, "Priya Nair", "Line lead", "Assembly", "Plant 2"),
        person(2, "Jean-Luc de la Tour d’Auvergne-Lauraguais", "Responsable maintenance", "Technique", "Lyon"),
        person(3, "نور الهدى", "مشرفة", "Logistics", "Casablanca"),
        person(4, "田中 太郎", "", "", ""),
        person(5, "O'Brien <script>alert(1)</script>", "Ops & \"more\"", "", "Cork"),
        person(6, "Zoé Lefèvre", "Apprentice", "Assembly", "Plant 2"),
    ];
    all[0].email = "priya.nair@acme.example".to_owned();
    all[0].phone = "+33 1 23 45 67 89".to_owned();
    all[0].employee_number = "004711".to_owned();
    all[0].manager_id = id("per", 2);
    all[0].administrator = true;
    all[0].directory_groups = ["Assembly", "Plant 2 – everybody", "Freehold Admins"]
        .iter()
        .zip(1..)
        .map(|(name, number)| directory::DirectoryGroupMembership {
            id: id("dgr", number),
            name: (*name).to_owned(),
            ..Default::default()
        })
        .collect();
    all[5].state = directory::PersonState::Deactivated.into();
    all
}

pub(crate) fn people() -> People {
    People::new(persons())
}

pub(crate) fn groups() -> Vec<content::Group> {
    let group =
        |number, name: &str, privacy: content::GroupPrivacy, members, role: content::GroupRole| content::Group {
            id: id("grp", number),
            name: name.to_owned(),
            privacy: privacy.into(),
            member_count: members,
            my_role: role.into(),
            may_publish: role != content::GroupRole::Unspecified,
            ..content::Group::default()
        };
    let mut all = vec![
        group(1, "Everybody", content::GroupPrivacy::Open, 1_204, content::GroupRole::Member),
        group(2, "Plant 2 – Safety & first aid", content::GroupPrivacy::Closed, 214, content::GroupRole::Member),
        group(3, "Night shift", content::GroupPrivacy::Secret, 1, content::GroupRole::Administrator),
        group(4, "Football", content::GroupPrivacy::Open, 31, content::GroupRole::Unspecified),
        group(5, "Board", content::GroupPrivacy::Closed, 5, content::GroupRole::Unspecified),
    ];
    all[0].filled_by_rule = true;
    all[1].purpose = "Everything that keeps us whole: drills, near misses, who has the first-aid key today.".to_owned();
    all[3].may_join = true;
    all
}

pub(crate) fn posts() -> Vec<content::Post> {
    let post = |number, group: usize, author, text: &str, minutes| content::Post {
        id: id("pst", number),
        group_id: groups()[group].id.clone(),
        group_name: groups()[group].name.clone(),
        author_id: id("per", author),
        text: text.to_owned(),
        created_at: before(minutes),
        ..content::Post::default()
    };
    let count = |kind: content::ReactionKind, count| content::ReactionCount { kind: kind.into(), count };
    let long = "First line of a long report.\n".repeat(9);
    let mut all = vec![
        post(
            1,
            1,
            2,
            "The new guard on press 4 is in. Please read the sheet before your next shift:\nhttps://intranet.acme.example/sheets/press-4?lang=fr\n\nThank you all for waiting.",
            4,
        ),
        post(2, 0, 3, "مرحبا بالجميع، نرحب بالزملاء الجدد في الدار البيضاء.", 75),
        post(3, 0, 5, "<img src=x onerror=alert(1)> & <b>not bold</b>", 60 * 26),
        post(4, 2, 6, &long, 60 * 24 * 3),
        post(5, 0, 99, "Averyveryveryveryveryveryveryveryveryveryveryveryveryveryveryveryverylongword", 60 * 24 * 30),
    ];
    all[0].comment_count = 3;
    all[0].my_reaction = content::ReactionKind::Celebrate.into();
    all[0].reactions = vec![
        count(content::ReactionKind::Like, 41),
        count(content::ReactionKind::Celebrate, 12),
        count(content::ReactionKind::Surprise, 1),
    ];
    all[1].comment_count = 1;
    all
}

pub(crate) fn comments() -> content::ListCommentsResponse {
    let comment = |number, parent: &str, author, text: &str| content::Comment {
        id: id("cmt", number),
        parent_id: parent.to_owned(),
        author_id: id("per", author),
        text: text.to_owned(),
        created_at: before(3),
        ..content::Comment::default()
    };
    content::ListCommentsResponse {
        comments: vec![
            comment(1, "", 1, "Read it, thanks. Who has the key for the cabinet?"),
            comment(2, "", 4, "了解しました"),
            comment(3, &id("cmt", 1), 2, "I do, until Friday."),
        ],
        next_page_token: "more".to_owned(),
    }
}

pub(crate) fn memberships() -> content::ListMembersResponse {
    let member = |number: u32| content::Membership {
        person_id: id("per", number),
        role: if number == 1 { content::GroupRole::Administrator } else { content::GroupRole::Member }.into(),
        ..content::Membership::default()
    };
    content::ListMembersResponse { memberships: (1..=6).map(member).collect(), next_page_token: "t+/=".to_owned() }
}

pub(crate) fn sessions() -> auth::ListSessionsResponse {
    let session = |number, method: &str, current| auth::Session {
        id: id("ses", number),
        method: method.to_owned(),
        created_at: before(60 * 24 * 9),
        last_used_at: before(0),
        expires_at: None,
        current,
        shared_device: number == 2,
    };
    auth::ListSessionsResponse {
        sessions: vec![session(1, "corporate", true), session(2, "access-code", false)],
        next_page_token: String::new(),
    }
}

pub(crate) fn directories() -> Vec<directory::Directory> {
    let settings = directory::DirectorySettings {
        name: "head-office".to_owned(),
        kind: directory::DirectoryKind::Openldap.into(),
        urls: vec!["ldaps://ldap1.acme.example".to_owned(), "ldaps://ldap2.acme.example".to_owned()],
        base_dn: "dc=acme,dc=example".to_owned(),
        max_deactivations: "5%".to_owned(),
        ..directory::DirectorySettings::default()
    };
    let with = |number: u32, name: &str, status| directory::Directory {
        id: id("dir", number),
        settings: Some(directory::DirectorySettings { name: name.to_owned(), ..settings.clone() }),
        status: Some(status),
    };
    let in_step = directory::DirectoryStatus { followed: true, in_step_at: before(0), ..Default::default() };
    let stale = directory::DirectoryStatus {
        stale_at: before(12),
        in_step_at: before(13),
        retry_at: before(0),
        error: "the server at ldaps://ldap1.acme.example cannot be reached".to_owned(),
        cure: "check that it runs and that nothing stands between".to_owned(),
        ..in_step.clone()
    };
    let waits = directory::DirectoryStatus { held_run_id: id("run", 3), ..in_step.clone() };
    vec![
        with(1, "head-office", in_step),
        with(2, "plants", stale),
        with(3, "shops", waits),
        with(4, "archive", directory::DirectoryStatus::default()),
    ]
}

pub(crate) fn runs() -> directory::ListSyncRunsResponse {
    let run = |number, state: directory::SyncRunState, error: &str, cure: &str| directory::SyncRun {
        id: id("run", number),
        directory_name: "head-office".to_owned(),
        state: state.into(),
        started_at: before(i64::from(number) * 60),
        ended_at: (state != directory::SyncRunState::Running).then(|| before(i64::from(number) * 60 - 1).unwrap()),
        counts: Some(directory::ChangeCounts {
            joined_count: 12_040,
            changed_count: 31,
            deactivated_count: 4,
            ..Default::default()
        }),
        leaver_clock: (state == directory::SyncRunState::Done).then_some(directory::LeaverClock {
            people_count: 4,
            median_ms: 86,
            worst_ms: 214,
        }),
        error: error.to_owned(),
        cure: cure.to_owned(),
        ..directory::SyncRun::default()
    };
    directory::ListSyncRunsResponse {
        sync_runs: vec![
            run(1, directory::SyncRunState::Running, "", ""),
            run(2, directory::SyncRunState::Done, "", ""),
            run(
                3,
                directory::SyncRunState::Held,
                "the run would deactivate 812 of 12,040 people",
                "look at the preview and approve it, or repair the filter",
            ),
            run(
                4,
                directory::SyncRunState::Failed,
                "the server at ldaps://ldap1.acme.example closed the connection while page 7 was read",
                "try again; nothing was changed",
            ),
        ],
        next_page_token: "older".to_owned(),
    }
}

pub(crate) fn options() -> auth::GetSignInOptionsResponse {
    auth::GetSignInOptionsResponse {
        company: "Acme & Söhne SAS".to_owned(),
        language: "fr".to_owned(),
        connection_names: vec!["corporate".to_owned()],
        access_codes: true,
        passkeys: true,
        emergency_accounts: false,
    }
}

/// One that somebody came in with, and one that nobody has enrolled.
pub(crate) fn emergency_accounts() -> Vec<auth::EmergencyAccount> {
    let account = |number, name: &str| auth::EmergencyAccount {
        id: id("per", number),
        name: name.to_owned(),
        ..auth::EmergencyAccount::default()
    };
    let used = auth::EmergencyAccount { enrolled: true, used_at: before(90), ..account(8, "Ada <b>, emergency") };
    vec![used, account(9, "Bo & Cyd, emergency")]
}

pub(crate) fn offer() -> auth::GetClaimResponse {
    auth::GetClaimResponse {
        company: "Acme & Söhne SAS".to_owned(),
        language: "fr".to_owned(),
        totp_secret: "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ".to_owned(),
        totp_address:
            "otpauth://totp/Acme%20S%C3%B6hne:Freehold?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=Acme%20S%C3%B6hne"
                .to_owned(),
        expires_at: None,
        passkeys: true,
    }
}

pub(crate) fn passkeys() -> auth::ListPasskeysResponse {
    let passkey = |number, last_used_at| auth::Passkey {
        id: format!("psk_0192f0c80000700080000000000000{number:02}"),
        created_at: before(90),
        last_used_at,
    };
    auth::ListPasskeysResponse {
        passkeys: vec![passkey(1, before(3)), passkey(2, None)],
        password: true,
        enrolment: true,
    }
}

pub(crate) fn access_codes() -> Vec<auth::AccessCode> {
    ["Łukasz Öztürk", "Zoë <b>Ng</b>"]
        .map(|name| auth::AccessCode {
            person_id: "per_0192f0c8000070008000000000000001".to_owned(),
            display_name: name.to_owned(),
            code: "7H2K-9WQX-0A4M-PZT3".to_owned(),
            expires_at: before(0),
        })
        .to_vec()
}

pub(crate) fn audit_events() -> auth::ListAuditEventsResponse {
    let event = |sequence, event: &str, actor: &str, details: &[(&str, &str)]| {
        let detail =
            |(name, value): &(&str, &str)| auth::AuditDetail { name: (*name).to_owned(), value: (*value).to_owned() };
        let details = details.iter().map(detail).collect();
        auth::AuditEvent {
            sequence,
            recorded_at: before(10 - sequence),
            event: event.to_owned(),
            actor: actor.to_owned(),
            details,
        }
    };
    let (first, second) = (id("per", 1), id("per", 2));
    let refused =
        [("count", "100"), ("method", "password"), ("reason", "password_wrong"), ("person_id", second.as_str())];
    auth::ListAuditEventsResponse {
        audit_events: vec![
            event(5, "sign_in_refused", "auth", &refused),
            event(4, "access_code_issued", &first, &[("expires_at", "2026-10-28T10:00:00Z"), ("person_id", &second)]),
            event(3, "signed_in", "auth", &[("connection_name", "okta"), ("method", "idp"), ("person_id", &first)]),
            event(2, "something_new", "directory", &[]),
            event(1, "manifest_applied", "operator", &[]),
        ],
        next_page_token: "t".to_owned(),
    }
}
