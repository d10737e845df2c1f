//! Photos: what they add to a first run, and how long until they are all there.

use std::io::Cursor;
use std::process::Stdio;
use std::thread::sleep;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use freehold_tests::company::Company;
use freehold_tests::ldif::Entry;
use freehold_tests::openldap::Slapd;
use freehold_tests::part::Folder;
use freehold_tests::postgres;
use image::{ImageFormat, Rgb, RgbImage};

use crate::directory::Directory;
use crate::figures::{Figures, timed};
use crate::server::Server;

/// Pixels of a side: what directories of today hold.
const SIDE: u32 = 512;
/// Different pictures; each person's photo is decoded and written anew all the same.
const PICTURES: usize = 50;
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// First runs with and without photos, and runs without change while photos are read.
#[expect(
    clippy::disallowed_methods,
    reason = "no runtime here, and nothing to wait for but the time between two looks"
)]
pub fn follow(people: usize, repetitions: usize) -> Result<()> {
    let company = Company::of(people);
    let pictures = (0..PICTURES).map(picture).collect::<Result<Vec<_>>>()?;
    let bytes = pictures.iter().map(Vec::len).sum::<usize>() / PICTURES;
    println!("\nphotos, {people} people, one each of {bytes} bytes and {SIDE} x {SIDE} pixels");
    let with_photo = |(entry, picture): (Entry, &Vec<u8>)| {
        if entry.value("uid").is_some() { entry.with("jpegPhoto", picture) } else { entry }
    };
    let entries: Vec<Entry> = company.entries().into_iter().zip(pictures.iter().cycle()).map(with_photo).collect();
    let directory = Directory::OpenLdap(Slapd::start_with_changes(&entries)?);
    drop(entries);

    let mut listed = Figures::seconds("ldapsearch of nothing but the photos");
    let mut without = Figures::seconds("first run, photos = false");
    let mut with = Figures::seconds("first run with photos to be read");
    let mut unchanged = Figures::seconds("run without change, without photos");
    let mut beside = Figures::seconds("run without change while photos are read");
    let mut all = Figures::seconds("from the end of the run to the last photo");
    for _ in 0..repetitions {
        listed.add(timed(|| search(&directory))?);
        let (folder, server) = company_of(&directory, "photos = false\n")?;
        without.add(timed(|| server.sync())?);
        unchanged.add(timed(|| server.sync())?);
        drop((server, folder));
        let (_folder, server) = company_of(&directory, "")?;
        with.add(timed(|| server.sync())?);
        let begun = Instant::now();
        while server.photos()? < people {
            beside.add(timed(|| server.sync())?);
            sleep(LOOK_EVERY);
        }
        all.add(begun.elapsed().as_secs_f64());
    }
    listed.print(None);
    without.print(None);
    with.print(Some(&without));
    unchanged.print(None);
    beside.print(Some(&unchanged));
    all.print(Some(&listed));
    Ok(())
}

fn company_of(directory: &Directory, settings: &str) -> Result<(Folder, Server)> {
    let folder = Folder::new("photos")?;
    let server = Server::start(&folder, &postgres::database()?)?;
    server.declare(&folder, directory, &format!("follow = false\n{settings}"))?;
    Ok((folder, server))
}

fn search(directory: &Directory) -> Result<()> {
    let mut command = directory.ldapsearch()?;
    command.args(["-b", directory.base(), "-E", "pr=100/noprompt", "(jpegPhoto=*)", "jpegPhoto"]);
    let status = command.stdout(Stdio::null()).status().context("cannot run ldapsearch")?;
    ensure!(status.success(), "ldapsearch ended with {status}");
    Ok(())
}

/// Something that does not compress to nothing.
fn picture(number: usize) -> Result<Vec<u8>> {
    let seed = u32::try_from(number)?;
    let wave = |x: u32, y: u32, step: u32| u8::try_from((x * step / 7 + y * (seed + step) / 5 + (x * y) / 97) % 256);
    let mut image = RgbImage::new(SIDE, SIDE);
    for (x, y, pixel) in image.enumerate_pixels_mut() {
        *pixel = Rgb([wave(x, y, 1)?, wave(x, y, 2)?, wave(x, y, 3)?]);
    }
    let mut bytes = Vec::new();
    image.write_to(&mut Cursor::new(&mut bytes), ImageFormat::Jpeg)?;
    Ok(bytes)
}
