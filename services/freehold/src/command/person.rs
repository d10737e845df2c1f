//! `freehold person`

pub(super) mod find;

use std::collections::BTreeSet;

use anyhow::{Context as _, Result};
use clap::Subcommand;
use freehold_proto::auth::v1 as auth;
use freehold_proto::directory::v1 as pb;
use serde_json::json;

use super::Ended;
use crate::print::Forms;
use crate::{Global, print};

const PERSON: &str = "freehold.directory.v1.Person";
/// How many access codes one call makes.
const CODES_MAX: usize = 100;

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// List the people of a company, those who left included
    List {
        /// Name of the company
        name: String,
        /// Only people whose name, title, department, site, user name, e-mail or employee number has these words
        #[arg(long, value_name = "TEXT", default_value = "", hide_default_value = true)]
        query: String,
    },
    /// Show one person
    Show {
        /// Name of the company
        name: String,
        /// Id, user name, employee number or e-mail of the person
        person: String,
    },
    /// Make an access code for each person; older ones stop working
    AccessCode {
        /// Name of the company
        name: String,
        /// Id, user name, employee number or e-mail of each person
        #[arg(required = true, value_name = "PERSON")]
        people: Vec<String>,
    },
}

/// Runs one of them.
pub(crate) async fn run(global: &Global, command: Command) -> Result<Ended> {
    match command {
        Command::List { name, query } => list(global, &name, &query).await,
        Command::Show { name, person } => show(global, &name, &person).await,
        Command::AccessCode { name, people } => access_code(global, &name, &people).await,
    }
}

async fn list(global: &Global, name: &str, query: &str) -> Result<Ended> {
    let client = global.client()?;
    let people = find::all(&mut client.inside(name), query, global.json).await?;
    if global.json {
        print::json(&json!({ "people": Forms::new()?.list(PERSON, &people)?, "total_count": people.len() }))?;
    } else if people.is_empty() {
        print::line("nobody was found");
    } else {
        let row = |person: &pb::Person| {
            let state = state(person.state()).to_owned();
            let texts = [&person.display_name, &person.user_name, &person.employee_number, &person.title];
            let mut row: Vec<_> = texts.into_iter().cloned().collect();
            row.extend([person.department.clone(), person.site.clone(), person.email.clone(), state]);
            row
        };
        let rows: Vec<_> = people.iter().map(row).collect();
        print::table(&["NAME", "USER NAME", "NUMBER", "TITLE", "DEPARTMENT", "SITE", "E-MAIL", "STATE"], &rows);
        let total = i64::try_from(people.len()).unwrap_or(i64::MAX);
        print::progress_line(&print::count(total, "person", "people"));
    }
    Ok(Ended::Done)
}

async fn show(global: &Global, name: &str, person: &str) -> Result<Ended> {
    let client = global.client()?;
    let mut inside = client.inside(name);
    let id = find::id(&mut inside, name, person).await?;
    let answer = inside.calls().await?.directory.get_person(pb::GetPersonRequest { id }).await;
    let answer = answer.map_err(|status| client.refused(status))?.into_inner();
    if global.json {
        print::json(&Forms::new()?.of("freehold.directory.v1.GetPersonResponse", &answer)?)?;
        return Ok(Ended::Done);
    }
    let person = answer.person.context("the installation answered without a person")?;
    tell(&person);
    for group in &person.directory_groups {
        let how = if group.direct { "" } else { " (through another group)" };
        print::line(&format!("{:<16} {}{how}", "Directory group", group.distinguished_name));
    }
    for report in &answer.reports {
        print::line(&format!("{:<16} {} ({})", "Report", report.display_name, report.id));
    }
    Ok(Ended::Done)
}

fn tell(person: &pb::Person) {
    let administrator = if person.administrator { "yes" } else { "" };
    for (what, value) in [
        ("Name", person.display_name.as_str()),
        ("State", state(person.state())),
        ("Id", &person.id),
        ("User name", &person.user_name),
        ("Employee number", &person.employee_number),
        ("E-mail", &person.email),
        ("Title", &person.title),
        ("Department", &person.department),
        ("Site", &person.site),
        ("Phone", &person.phone),
        ("Manager", &person.manager_id),
        ("Administrator", administrator),
        ("Directory", &person.directory_name),
        ("Entry", &person.distinguished_name),
        ("Entry id", &person.directory_entry_id),
        ("First seen", &print::moment(person.created_at.as_ref())),
        ("Last changed", &print::moment(person.updated_at.as_ref())),
        ("Access ended", &print::moment(person.deactivated_at.as_ref())),
    ] {
        if !value.is_empty() {
            print::line(&format!("{what:<16} {value}"));
        }
    }
}

async fn access_code(global: &Global, name: &str, people: &[String]) -> Result<Ended> {
    let client = global.client()?;
    let mut inside = client.inside(name);
    let mut ids = Vec::with_capacity(people.len());
    let mut seen = BTreeSet::new();
    for person in people {
        let id = find::id(&mut inside, name, person).await?;
        if seen.insert(id.clone()) {
            ids.push(id);
        }
    }
    let mut codes = Vec::with_capacity(ids.len());
    for part in ids.chunks(CODES_MAX) {
        let request = auth::IssueAccessCodesRequest { person_ids: part.to_vec(), valid_days: 0 };
        let answer = inside.calls().await?.auth.issue_access_codes(request).await;
        codes.extend(answer.map_err(|status| client.refused(status))?.into_inner().access_codes);
    }
    print_codes(global, &codes)
}

/// Shows access codes, this once.
pub(super) fn print_codes(global: &Global, codes: &[auth::AccessCode]) -> Result<Ended> {
    if global.json {
        print::json(&json!({ "access_codes": Forms::new()?.list("freehold.auth.v1.AccessCode", codes)? }))?;
    } else {
        let row = |code: &auth::AccessCode| {
            vec![code.display_name.clone(), code.code.clone(), print::moment(code.expires_at.as_ref())]
        };
        let rows: Vec<_> = codes.iter().map(row).collect();
        print::table(&["PERSON", "ACCESS CODE", "GOOD UNTIL"], &rows);
        print::progress_line("each code lets its person in once; it is not shown again");
    }
    Ok(Ended::Done)
}

const fn state(state: pb::PersonState) -> &'static str {
    match state {
        pb::PersonState::Unspecified => "unknown",
        pb::PersonState::Active => "active",
        pb::PersonState::Deactivated => "deactivated",
    }
}
