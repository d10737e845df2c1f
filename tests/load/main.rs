//! The figures of a large company, printed beside what the same machine can do at all. Nothing is asserted: a figure
//! says something only beside its peer of the same run.
//!
//! `cargo build --release --workspace && target/release/load --people 50000 --repetitions 3`

mod demo;
mod figures;
mod peers;
mod server;

use std::env;
use std::fs;

use anyhow::{Context, Result, bail};
use freehold_tests::company::Company;
use freehold_tests::openldap::Slapd;
use freehold_tests::part::Folder;
use freehold_tests::postgres;

use figures::{Figures, timed};
use server::{Engine, Server};

const PEOPLE_DEFAULT: usize = 50_000;
const REPETITIONS_DEFAULT: usize = 3;

/// What was asked for.
struct Options {
    people: usize,
    repetitions: usize,
}

fn main() -> Result<()> {
    let options = options()?;
    let company = Company::of(options.people);
    println!("{} people, {} groups, {} repetitions", company.people.len(), company.groups.len(), options.repetitions);
    println!("load average {}", fs::read_to_string("/proc/loadavg")?.trim());
    println!("PostgreSQL runs without fsync, as in the tests, for Freehold and for its peer alike\n");
    let slapd = Slapd::start(&company.entries()).context("the directory cannot be filled")?;

    let mut search = Figures::seconds("paged ldapsearch of the same entries");
    for _ in 0..options.repetitions {
        search.add(timed(|| peers::search(&slapd))?);
    }
    search.print(None);
    for engine in [Engine::Postgres, Engine::Sqlite] {
        sync(engine, &slapd, &options, &search)?;
    }
    demo::first_page(options.repetitions)
}

/// First run, runs without change, memory; each first run on an empty storage.
fn sync(engine: Engine, slapd: &Slapd, options: &Options, search: &Figures) -> Result<()> {
    println!("\non {engine:?}");
    let mut first = Figures::seconds("first run");
    let mut unchanged = Figures::seconds("run without change");
    let mut copy = Figures::seconds("psql COPY of the same rows");
    let mut rest = Figures::megabytes("memory at rest, before any run");
    let mut peak = Figures::megabytes("memory at peak");
    let mut after = Figures::megabytes("memory at rest, after the runs");
    for _ in 0..options.repetitions {
        let folder = Folder::new("load")?;
        let url = match engine {
            Engine::Postgres => postgres::database()?,
            Engine::Sqlite => format!("sqlite://{}", folder.path().join("data").display()),
        };
        let server = Server::start(&folder, &url)?;
        server.declare(&folder, slapd)?;
        rest.add(server.memory("VmRSS")?);
        first.add(timed(|| server.sync())?);
        for _ in 0..options.repetitions {
            unchanged.add(timed(|| server.sync())?);
        }
        peak.add(server.memory("VmHWM")?);
        after.add(server.memory("VmRSS")?);
        if engine == Engine::Postgres {
            copy.add(peers::copy(&folder, &url)?);
        }
    }
    first.print(Some(search));
    unchanged.print(Some(search));
    if engine == Engine::Postgres {
        copy.print(Some(search));
        println!(
            "  first run : ldapsearch and COPY together = {:.1}",
            first.median() / (search.median() + copy.median())
        );
    }
    rest.print(None);
    peak.print(None);
    after.print(None);
    Ok(())
}

fn options() -> Result<Options> {
    let mut options = Options { people: PEOPLE_DEFAULT, repetitions: REPETITIONS_DEFAULT };
    let mut words = env::args().skip(1);
    while let Some(word) = words.next() {
        let mut number = || -> Result<usize> {
            let text = words.next().with_context(|| format!("{word} needs a number"))?;
            text.parse().ok().filter(|number| *number > 0).with_context(|| format!("{word} {text}: no number"))
        };
        match word.as_str() {
            "--people" => options.people = number()?,
            "--repetitions" => options.repetitions = number()?,
            other => bail!("{other}: there are --people N and --repetitions N"),
        }
    }
    Ok(options)
}
