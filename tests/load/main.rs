//! The figures of a large company, printed beside what the same machine can do at all. Nothing is asserted: a figure
//! says something only beside its peer of the same run.
//!
//! `cargo build --release --workspace && target/release/load --people 50000 --repetitions 3`, and `--part leavers` for
//! how long a session outlives its person's entry, `--part photos` for what photos add, `--part passwords` for signing in with a
//! password, `--part sessions` for looking whether a session holds, `--part connections` for beginning sign-ins at 5,000
//! connections. `--directory samba` reads an Active Directory instead of an OpenLDAP; filling one with 50,000 people takes
//! ten minutes.

mod connections;
mod demo;
mod directory;
mod figures;
mod leaver;
mod passwords;
mod peers;
mod photos;
mod server;
mod sessions;
mod visitor;

use std::env;

use anyhow::{Context, Result, bail};
use freehold_tests::company::Company;
use freehold_tests::part::{Folder, run};
use freehold_tests::postgres;

use directory::{Directory, Kind};
use figures::{Figures, machine, processor_time_of_children, timed};
use server::{Engine, Server};

const PEOPLE_DEFAULT: usize = 50_000;
const REPETITIONS_DEFAULT: usize = 3;

/// What was asked for.
struct Options {
    people: usize,
    repetitions: usize,
    directory: Kind,
    engines: Vec<Engine>,
    parts: Vec<Part>,
}

/// What can be measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Part {
    Sync,
    Demo,
    Leavers,
    Photos,
    Passwords,
    Sessions,
    Connections,
}

fn main() -> Result<()> {
    let options = options()?;
    println!("{}", machine()?);
    println!("PostgreSQL runs without fsync, as in the tests, for Freehold and for its peer alike");
    for part in &options.parts {
        match part {
            Part::Sync => syncs(&options)?,
            Part::Demo => demo::first_page(options.repetitions)?,
            Part::Leavers => leaver::sessions_end()?,
            Part::Passwords => passwords::sign_ins(options.repetitions)?,
            Part::Sessions => sessions::check(options.repetitions)?,
            Part::Connections => connections::begin()?,
            Part::Photos => photos::follow(options.people, options.repetitions)?,
        }
    }
    println!("\n{}", machine()?);
    Ok(())
}

fn syncs(options: &Options) -> Result<()> {
    let company = Company::of(options.people);
    let (people, groups) = (company.people.len(), company.groups.len());
    println!("\n{people} people, {groups} groups, {} repetitions, {:?}", options.repetitions, options.directory);
    let directory = Directory::start(options.directory, &company).context("the directory cannot be filled")?;
    drop(company);

    let mut search = Figures::seconds("paged ldapsearch of the same attributes");
    let mut processor = Figures::seconds("  processor time of ldapsearch");
    let mut nothing = Figures::seconds("server, asked what changed");
    for _ in 0..options.repetitions {
        let before = processor_time_of_children()?;
        search.add(timed(|| peers::search(&directory))?);
        processor.add(processor_time_of_children()? - before);
        let mut question = directory.nothing_changed()?;
        nothing.add(timed(|| run(&mut question).map(|_said| ()))?);
    }
    for figures in [&search, &processor, &nothing] {
        figures.print(None);
    }
    for engine in &options.engines {
        sync(*engine, &directory, options, &Peers { search: &search, nothing: &nothing })?;
    }
    Ok(())
}

/// What the directory server does by itself.
struct Peers<'a> {
    search: &'a Figures,
    nothing: &'a Figures,
}

/// First run, runs without change, memory; each first run on an empty storage.
fn sync(engine: Engine, directory: &Directory, options: &Options, peers: &Peers<'_>) -> Result<()> {
    println!("\non {engine:?}");
    let mut first = Figures::seconds("first run");
    let mut first_processor = Figures::seconds("  processor time of freehold");
    let mut unchanged = Figures::seconds("run without change");
    let mut unchanged_processor = Figures::seconds("  processor time of freehold");
    let mut copy = Figures::seconds("psql COPY of the same rows");
    let mut rest = Figures::megabytes("memory at rest, before any run");
    let mut first_peak = Figures::megabytes("peak of the first run, above rest");
    let mut peak = Figures::megabytes("peak of all runs, above rest");
    let mut after = Figures::megabytes("memory at rest, after the runs");
    for _ in 0..options.repetitions {
        let folder = Folder::new("load")?;
        let url = match engine {
            Engine::Postgres => postgres::database()?,
            Engine::Sqlite => format!("sqlite://{}", folder.path().join("data").display()),
        };
        let server = Server::start(&folder, &url)?;
        server.declare(&folder, directory, "follow = false\n")?;
        let resting = server.memory("VmRSS")?;
        rest.add(resting);
        let before = server.processor_time()?;
        first.add(timed(|| server.sync())?);
        first_processor.add(server.processor_time()? - before);
        first_peak.add(server.memory("VmHWM")? - resting);
        for _ in 0..options.repetitions {
            let before = server.processor_time()?;
            unchanged.add(timed(|| server.sync())?);
            unchanged_processor.add(server.processor_time()? - before);
        }
        peak.add(server.memory("VmHWM")? - resting);
        after.add(server.memory("VmRSS")?);
        if engine == Engine::Postgres {
            copy.add(peers::copy(&folder, &url)?);
        }
    }
    first.print(Some(peers.search));
    first_processor.print(None);
    unchanged.print(Some(peers.nothing));
    unchanged_processor.print(None);
    if engine == Engine::Postgres {
        copy.print(Some(peers.search));
        println!(
            "  first run : ldapsearch and COPY together = {:.2}",
            first.median() / (peers.search.median() + copy.median())
        );
    }
    for figures in [rest, first_peak, peak, after] {
        figures.print(None);
    }
    Ok(())
}

fn options() -> Result<Options> {
    let both = vec![Engine::Postgres, Engine::Sqlite];
    let parts = vec![Part::Sync, Part::Demo];
    let mut options = Options {
        people: PEOPLE_DEFAULT,
        repetitions: REPETITIONS_DEFAULT,
        directory: Kind::OpenLdap,
        engines: both,
        parts,
    };
    let mut words = env::args().skip(1);
    while let Some(word) = words.next() {
        let text = words.next().with_context(|| format!("{word} needs a value"))?;
        let number = || text.parse().ok().filter(|number| *number > 0).with_context(|| format!("{text}: no number"));
        match (word.as_str(), text.as_str()) {
            ("--people", _) => options.people = number()?,
            ("--repetitions", _) => options.repetitions = number()?,
            ("--directory", "openldap") => options.directory = Kind::OpenLdap,
            ("--directory", "samba") => options.directory = Kind::Samba,
            ("--engine", "postgres") => options.engines = vec![Engine::Postgres],
            ("--engine", "sqlite") => options.engines = vec![Engine::Sqlite],
            ("--part", "sync") => options.parts = vec![Part::Sync],
            ("--part", "demo") => options.parts = vec![Part::Demo],
            ("--part", "leavers") => options.parts = vec![Part::Leavers],
            ("--part", "photos") => options.parts = vec![Part::Photos],
            ("--part", "passwords") => options.parts = vec![Part::Passwords],
            ("--part", "sessions") => options.parts = vec![Part::Sessions],
            ("--part", "connections") => options.parts = vec![Part::Connections],
            _ => bail!(
                "{word} {text}: there are --people N, --repetitions N, --directory openldap or samba, --engine \
                 postgres or sqlite, and --part sync, demo, leavers, photos, passwords, sessions or connections"
            ),
        }
    }
    Ok(options)
}
