//! Companies whose people come from a table: the same change set, brake and caution as from a server.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use freehold_proto::directory::v1::{CheckDirectoryRequest, DirectoryKind, DirectorySettings, Person, SyncRunState};
use freehold_wire::fault;
use rust_xlsxwriter::Workbook;

use crate::world::{Engine, World, manifest};

/// The table that comes with the product.
const EXAMPLE: &str = include_str!("../../../tenants/examples/people.csv");

fn table(kind: DirectoryKind, file: &Path) -> DirectorySettings {
    DirectorySettings {
        name: manifest::DIRECTORY.to_owned(),
        kind: kind.into(),
        urls: vec![file.display().to_string()],
        ..Default::default()
    }
}

/// A company that is declared and not yet read.
async fn company(kind: DirectoryKind, ending: &str, content: &[u8]) -> Result<(World, PathBuf)> {
    let world = World::start(Engine::Sqlite).await?;
    let file = world.place.folder.write(&format!("people.{ending}"), content)?;
    let mut acme = manifest::company("acme");
    acme.directories = vec![table(kind, &file)];
    world.line.declare(acme).await?;
    Ok((world, file))
}

/// Who is known, by employee number.
async fn known(world: &World) -> Result<BTreeMap<String, Person>> {
    let people = world.line.people("acme").await?;
    Ok(people.into_iter().map(|person| (person.employee_number.clone(), person)).collect())
}

/// The table as a program for spreadsheets writes it.
fn workbook(csv: &str) -> Result<Vec<u8>> {
    let mut workbook = Workbook::new();
    let sheet = workbook.add_worksheet();
    for (row, line) in (0..).zip(csv.lines()) {
        sheet.write_row(row, 0, line.split(','))?;
    }
    Ok(workbook.save_to_buffer()?)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_table_with_workplaces_columns_fills_a_company() -> Result<()> {
    for (kind, ending, content) in
        [(DirectoryKind::Csv, "csv", EXAMPLE.as_bytes().to_vec()), (DirectoryKind::Xlsx, "xlsx", workbook(EXAMPLE)?)]
    {
        let (world, _file) = company(kind, ending, &content).await?;
        let mut calls = world.line.inside("acme").await?;
        let check =
            calls.directory.check_directory(CheckDirectoryRequest::default()).await.map_err(fault)?.into_inner();
        assert_eq!(check.samples.len(), 5, "{check:?}");
        let ines = check.samples.first().context("a check shows people")?;
        assert_eq!(ines.fields["title"], "Gérante", "{check:?}");

        let counts = world.line.synced("acme").await?;
        assert_eq!(counts.joined_count, 4, "{counts:?}");
        let people = known(&world).await?;
        let ids: Vec<&str> = people.keys().map(String::as_str).collect();
        assert_eq!(ids, ["B001", "B002", "B003", "B004"], "who is deactivated in the file does not come in");
        assert_eq!(people["B003"].display_name, "Li Wei");
        assert_eq!(people["B002"].manager_id, people["B001"].id, "by e-mail address");
        assert_eq!(people["B003"].manager_id, people["B002"].id, "by employee number");
        let groups: Vec<&str> = people["B001"].directory_groups.iter().map(|group| group.name.as_str()).collect();
        assert_eq!(groups, ["Leads", "Office"]);
        assert_eq!(world.line.synced("acme").await?.joined_count, 0);
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn people_follow_their_table_and_a_broken_one_shuts_nobody_out() -> Result<()> {
    let (world, file) = company(DirectoryKind::Csv, "csv", EXAMPLE.as_bytes()).await?;
    world.line.synced("acme").await?;
    let before = known(&world).await?;

    let moved = EXAMPLE.replace("Vendeuse,Boutique", "Responsable,Boutique");
    let without: String = moved.lines().filter(|line| !line.contains("B003")).map(|line| format!("{line}\n")).collect();
    fs::write(&file, &without)?;
    let counts = world.line.synced("acme").await?;
    assert_eq!((counts.changed_count, counts.deactivated_count), (1, 1), "{counts:?}");
    assert_eq!(known(&world).await?["B004"].title, "Responsable");

    fs::write(
        &file,
        moved.replace("B004,Ana,Sousa", "B004,Ana,Sousa-Pires").replace("2021-05-17,Active", "2021-05-17,Deactivated"),
    )?;
    let counts = world.line.synced("acme").await?;
    assert_eq!((counts.returned_count, counts.deactivated_count), (1, 1), "{counts:?}");
    assert_eq!(known(&world).await?["B003"].id, before["B003"].id, "who comes back is the same person");

    fs::write(&file, &moved)?;
    world.line.synced("acme").await?;
    let whole = known(&world).await?;
    let half = &moved[..moved.len() / 2];
    for (broken, words) in [
        (half.to_owned(), "the file ends in the middle of a row"),
        (moved.replace(",B002,Karim", ",,Karim"), "line 3, column 2: \"Employee ID\" is empty"),
        (moved.replace("Employee ID", "Matricule"), "there is no column \"Employee ID\""),
        (moved.replace("Fournil,,,,Marseille,fr_FR,,B002", "\"Fournil"), "is never closed"),
    ] {
        fs::write(&file, broken)?;
        let run = world.line.sync("acme").await?;
        assert_eq!(run.state(), SyncRunState::Failed, "{run:?}");
        assert!(run.error.contains(words), "{}", run.error);
        assert_eq!(known(&world).await?, whole, "nothing half done");
    }
    let none = moved.lines().next().map(|heading| format!("{heading}\n")).context("a heading")?;
    fs::write(&file, none + "x@acme.example,B900,Only,One,,,,,,,,,,,,,\n")?;
    let run = world.line.sync("acme").await?;
    assert_eq!(run.state(), SyncRunState::Held, "the brake holds it: {run:?}");
    assert_eq!(known(&world).await?, whole);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn two_rows_of_one_id_are_neither_used() -> Result<()> {
    let (world, file) = company(DirectoryKind::Csv, "csv", EXAMPLE.as_bytes()).await?;
    world.line.synced("acme").await?;
    let before = known(&world).await?;
    fs::write(&file, EXAMPLE.replace(",B004,Ana,Sousa", ",B003,Ana,Sousa"))?;
    let run = world.line.sync("acme").await?;
    assert_eq!(run.state(), SyncRunState::Done, "{}", run.error);
    let said = run.skips.iter().filter(|skip| skip.distinguished_name == "employeeNumber=B003");
    assert_eq!(said.filter(|skip| skip.because.contains("same immutable id")).count(), 2, "{:?}", run.skips);
    assert_eq!(known(&world).await?["B003"], before["B003"]);
    Ok(())
}
