//! Every page, in both languages, held to the rules of all pages.

pub(crate) mod html;
pub(crate) mod sample;

use freehold_proto::auth::v1 as auth;
use freehold_proto::content::v1 as content;
use freehold_proto::directory::v1 as directory;
use maud::Markup;

use crate::sheet;
use crate::text::Language;
use crate::view::claim::{Choice, Mistakes};
use crate::view::compose::{self, Refused};
use crate::view::entry::{self, SignIn, Trouble};
use crate::view::passkey::{Ask, Kind};
use crate::view::post::Thread;
use crate::view::reader::Reader;
use crate::view::{audit, claim, console, feed, group, letter, me, passkey, people, post};

/// Pages for people who are not signed in.
fn entry_pages(language: Language) -> Vec<(&'static str, Markup)> {
    let options = sample::options();
    let mut several = options.clone();
    several.connection_names.push("suppliers".to_owned());
    several.access_codes = false;
    let mut closed = several.clone();
    closed.connection_names.clear();
    let emergency = auth::GetSignInOptionsResponse { emergency_accounts: true, ..several.clone() };
    let page = SignIn {
        address: "acme",
        options: &options,
        to: "/acme/me",
        code: "",
        refused: "",
        letter: false,
        shared: false,
    };
    let refused = language.say("code-refused");
    let offer = &sample::offer();
    let choice = Choice { address: "acme", offer, to: "/acme", mistakes: Mistakes::default() };
    let bare = auth::GetClaimResponse { passkeys: false, ..offer.clone() };
    let asked = Ask {
        kind: Kind::Get,
        company: "Acme",
        options_json: "{\"publicKey\":{}}",
        action: "/acme/passkey/finish",
        to: "/acme",
        otherwise: "/acme/sign-in",
    };
    let mistakes = Mistakes {
        password: "claim-password-refused",
        again: "claim-password-differs",
        digits: "claim-digits-refused",
    };
    let trouble = Trouble { title: "T", text: "x", reference: "00ff", way_on: ("/acme", "Home") };
    vec![
        ("start", entry::which_company(language, "", false)),
        ("start-unknown", entry::which_company(language, "acmé", true)),
        ("sign-in", entry::sign_in(language, page)),
        ("sign-in-refused", entry::sign_in(language, SignIn { code: "7H2K-\"<b>", refused: &refused, ..page })),
        ("sign-in-several", entry::sign_in(language, SignIn { options: &several, ..page })),
        ("shared-device", entry::shared_device(language, "Acme & Söhne", "acme", false)),
        ("shared-device-on", entry::shared_device(language, "Acme & Söhne", "acme", true)),
        ("sign-in-shared", entry::sign_in(language, SignIn { shared: true, ..page })),
        ("letter-claim", entry::sign_in(language, SignIn { letter: true, ..page })),
        ("sign-in-emergency", entry::sign_in(language, SignIn { options: &emergency, ..page })),
        ("sign-in-emergency-refused", entry::sign_in(language, SignIn { options: &emergency, refused: "No", ..page })),
        ("sign-in-closed", entry::sign_in(language, SignIn { options: &closed, ..page })),
        ("signed-out", entry::signed_out(language, "Acme", "acme", "https://idp.acme.test/end?client_id=f&x=\"<b>")),
        ("claim", claim::choice_page(language, choice)),
        ("claim-without-passkeys", claim::choice_page(language, Choice { offer: &bare, ..choice })),
        ("passkey", passkey::ask_page(language, asked)),
        ("passkey-new", passkey::ask_page(language, Ask { kind: Kind::Create, ..asked })),
        ("claim-refused", claim::choice_page(language, Choice { mistakes, ..choice })),
        ("trouble", entry::trouble(language, "Acme", trouble)),
    ]
}

/// Pages for people who are signed in.
fn app_pages(language: Language) -> Vec<(&'static str, Markup)> {
    let (reader, groups, people) = (&sample::reader(language), sample::groups(), &sample::people());
    let list = |posts: Vec<content::Post>| content::ListFeedResponse { posts, next_page_token: "a b&c".to_owned() };
    let in_group = content::ListPostsResponse { posts: sample::posts(), next_page_token: "t".to_owned() };
    let nothing = content::ListPostsResponse::default();
    let everyone = directory::ListPeopleResponse {
        people: sample::persons(),
        next_page_token: "t".to_owned(),
        total_count: 12_040,
    };
    let comments = &sample::comments();
    let posts = sample::posts();
    let answering = &comments.comments[0].id;
    let thread = Thread { post: &posts[0], group: &groups[1], comments, people, answering };
    let outside = Thread {
        post: &posts[2],
        group: &groups[3],
        comments: &content::ListCommentsResponse::default(),
        people,
        answering: "",
    };
    let refused = Refused { text: "</textarea><b>", error: "Too long" };
    let alerted = Reader { emergency_uses: sample::emergency_accounts(), ..reader.clone() };
    let persons = sample::persons();
    let in_area = auth::ListAreaPeopleResponse { people: sample::persons(), next_page_token: "t".to_owned() };
    let letters: Vec<_> =
        sample::access_codes().iter().map(|code| sheet::letter(reader, "https://people.example", code)).collect();
    vec![
        ("feed", feed::page(reader, &list(sample::posts()), &groups[..3], people, true)),
        ("feed-empty", feed::page(reader, &content::ListFeedResponse::default(), &[], people, true)),
        ("compose-refused", compose::post_refused_page(reader, &groups, "/acme", refused)),
        ("comment-refused", compose::comment_refused_page(reader, &posts[0].id, answering, refused)),
        (
            "groups",
            group::list_page(
                reader,
                &content::ListGroupsResponse { groups: groups.clone(), next_page_token: "t".to_owned() },
            ),
        ),
        ("groups-none", group::list_page(reader, &content::ListGroupsResponse::default())),
        ("group", group::page(reader, &groups[1], &in_group, people, true)),
        ("group-empty", group::page(reader, &groups[3], &nothing, people, true)),
        ("group-shut", group::page(reader, &groups[4], &nothing, people, true)),
        ("members", group::members_page(reader, &groups[1], &sample::memberships(), people)),
        ("post", post::page(reader, thread)),
        ("post-outside", post::page(reader, outside)),
        ("people", people::list_page(reader, "a&b=\"", &everyone)),
        ("people-none", people::list_page(reader, "zzz", &directory::ListPeopleResponse::default())),
        ("person", people::person_page(reader, &persons[0], people, &persons[3..])),
        ("person-bare", people::person_page(reader, &persons[3], people, &[])),
        ("me", me::page(reader, &persons[0], &sample::sessions(), &sample::passkeys())),
        ("me-of-an-idp", me::page(reader, &persons[0], &sample::sessions(), &auth::ListPasskeysResponse::default())),
        ("welcome", claim::welcome_page(reader, &persons[0], "/acme")),
        ("welcome-bare", claim::welcome_page(reader, &persons[3], "/acme/me")),
        ("letters", letter::choice_page(reader, "a&b=\"", &in_area, &sample::emergency_accounts(), false)),
        ("letters-none", letter::choice_page(reader, "", &auth::ListAreaPeopleResponse::default(), &[], true)),
        ("letters-made", letter::letters_page(reader, &letters, false)),
        ("poster", letter::poster_page(reader, &sheet::poster(reader, "https://people.example"))),
        ("console", console::page(reader, &sample::directories(), &sample::runs())),
        ("audit", audit::page(reader, &sample::audit_events(), people)),
        ("console-alerted", console::page(&alerted, &sample::directories(), &sample::runs())),
        ("feed-alerted", feed::page(&alerted, &list(sample::posts()), &groups[..3], people, true)),
        ("audit-empty", audit::page(reader, &auth::ListAuditEventsResponse::default(), people)),
        ("console-empty", console::page(reader, &[], &directory::ListSyncRunsResponse::default())),
    ]
}

fn pages() -> Vec<(String, String)> {
    let mut all = Vec::new();
    for language in [Language::English, Language::French] {
        for (name, page) in entry_pages(language).into_iter().chain(app_pages(language)) {
            all.push((format!("{name}.{}", language.tag()), page.into_string()));
        }
    }
    all
}

#[test]
fn every_page_is_well_formed_with_one_heading_of_the_first_rank() {
    for (name, page) in pages() {
        let tags = html::tags(&page);
        assert_eq!(tags.iter().filter(|tag| tag.name == "h1").count(), 1, "{name}");
        assert_eq!(tags.iter().filter(|tag| tag.name == "main").count(), 1, "{name}");
        assert_eq!(tags.iter().filter(|tag| tag.name == "title").count(), 1, "{name}");
    }
}

#[test]
fn no_page_brings_script_or_style_of_its_own() {
    for (name, page) in pages() {
        for tag in html::tags(&page) {
            let script = match name.split('.').next() {
                Some("passkey" | "passkey-new") => Some("/assets/passkey.js"),
                Some("letter-claim") => Some("/assets/claim.js"),
                _ => None,
            };
            let passkey = script.is_some() && tag.find("src") == script;
            assert!(
                passkey || !matches!(tag.name.as_str(), "script" | "iframe" | "object" | "embed" | "base" | "img"),
                "{name}: {tag:?}"
            );
            for (attribute, _) in &tag.attributes {
                assert!(attribute != "style" && !attribute.starts_with("on"), "{name}: {tag:?}");
            }
        }
    }
}

#[test]
fn pages_lead_to_pages_of_ours_and_links_of_people_say_nothing_about_them() {
    for (name, page) in pages() {
        for tag in html::tags(&page) {
            for attribute in ["href", "src", "action", "formaction"] {
                let Some(target) = tag.find(attribute) else { continue };
                let own = target.starts_with('#') || (target.starts_with('/') && !target.starts_with("//"));
                let written = tag.name == "a"
                    && tag.find("rel").is_some_and(|rel| rel.contains("noreferrer") && rel.contains("nofollow"));
                let contact = tag.name == "a"
                    && (["tel:", "mailto:", "otpauth:"].iter().any(|scheme| target.starts_with(scheme)));
                assert!(own || written || contact, "{name}: {tag:?}");
            }
        }
    }
}

#[test]
fn ids_are_unique_and_everything_that_is_referred_to_is_there() {
    for (name, page) in pages() {
        let tags = html::tags(&page);
        let mut ids: Vec<&str> = tags.iter().filter_map(|tag| tag.find("id")).collect();
        ids.sort_unstable();
        for pair in ids.windows(2) {
            assert_ne!(pair[0], pair[1], "{name}");
        }
        for tag in &tags {
            let local = tag.find("href").and_then(|href| href.strip_prefix('#'));
            let described = ["for", "aria-labelledby", "aria-describedby"]
                .iter()
                .filter_map(|name| tag.find(name))
                .flat_map(|value| value.split(' '));
            for target in local.into_iter().chain(described) {
                assert!(ids.contains(&target), "{name}: nothing is called {target}");
            }
        }
    }
}

#[test]
fn every_field_has_a_label_and_every_writing_form_an_id_of_its_own() {
    for (name, page) in pages() {
        let tags = html::tags(&page);
        for tag in tags.iter().filter(|tag| {
            matches!(tag.name.as_str(), "input" | "select" | "textarea") && tag.find("type") != Some("hidden")
        }) {
            let id = tag.find("id").expect("a field has an id");
            assert!(
                tags.iter().any(|label| label.name == "label" && label.find("for") == Some(id)),
                "{name}: {id} has no label"
            );
        }
        let request_ids: Vec<_> = tags
            .iter()
            .filter(|tag| tag.find("name") == Some("request_id"))
            .map(|tag| tag.find("value").unwrap())
            .collect();
        let writing = tags.iter().filter(|tag| tag.name == "textarea").count();
        assert_eq!(request_ids.len(), writing, "{name}");
        assert!(request_ids.iter().all(|id| id.len() == 32), "{name}");
    }
}

#[test]
fn what_people_wrote_is_never_markup() {
    for (name, page) in pages() {
        assert!(!page.contains("<b>") && !page.contains("<script>") && !page.contains("<img"), "{name}");
    }
}

#[test]
fn a_feed_of_ten_posts_stays_light() {
    let (reader, groups, people) = (sample::reader(Language::French), sample::groups(), sample::people());
    let posts = sample::posts().into_iter().cycle().take(10).collect();
    let feed = content::ListFeedResponse { posts, next_page_token: String::new() };
    let page = feed::page(&reader, &feed, &groups, &people, true).into_string();
    let nodes = html::tags(&page).len();
    assert!(nodes < 1_500, "{nodes} elements");
    assert!(page.len() < 100_000, "{} bytes", page.len());
}

/// Writes every page into the folder `FREEHOLD_KIT_DIR`, when it is set while compiling, for eyes and screenshots.
#[test]
fn pages_can_be_looked_at() {
    let Some(folder) = option_env!("FREEHOLD_KIT_DIR") else { return };
    std::fs::create_dir_all(folder).unwrap();
    for (name, page) in pages() {
        std::fs::write(std::path::Path::new(folder).join(format!("{name}.html")), page).unwrap();
    }
}
