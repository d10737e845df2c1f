//! What the same machine does with the same data when nothing but the moving of it is wanted.

use std::path::PathBuf;
use std::process::{Command, Stdio};

use anyhow::{Context, Result, ensure};
use freehold_tests::part::{Folder, program, run};
use freehold_tests::postgres::query;

use crate::directory::Directory;
use crate::figures::timed;

/// Reads people and groups in pages with the attributes that a sync asks for, over TLS as Freehold does.
pub fn search(directory: &Directory) -> Result<()> {
    for (filter, attributes) in directory.searches() {
        let mut command = directory.ldapsearch()?;
        command.args(["-b", directory.base(), "-E", "pr=1000/noprompt", filter]).args(*attributes);
        let status = command.stdout(Stdio::null()).status().context("cannot run ldapsearch")?;
        ensure!(status.success(), "ldapsearch ended with {status}");
    }
    Ok(())
}

/// Writes the rows of the people and memberships that a sync left into tables like theirs, with their keys and indexes.
/// How long that took, in seconds.
pub fn copy(folder: &Folder, url: &str) -> Result<f64> {
    let mut seconds = 0.0;
    for table in ["person", "directory_group", "directory_group_member"] {
        let schema =
            query(url, &format!("SELECT table_schema FROM information_schema.tables WHERE table_name = '{table}'"))?;
        let Some(schema) = schema.lines().next() else { continue };
        let file: PathBuf = folder.path().join(format!("{table}.rows"));
        let file = file.display();
        psql(url, &format!("\\copy {schema}.{table} TO '{file}' WITH (FORMAT binary)"))?;
        query(url, &format!("CREATE TABLE public.copied_{table} (LIKE {schema}.{table} INCLUDING ALL)"))?;
        let words = format!("\\copy public.copied_{table} FROM '{file}' WITH (FORMAT binary)");
        seconds += timed(|| psql(url, &words))?;
    }
    Ok(seconds)
}

fn psql(url: &str, words: &str) -> Result<()> {
    let psql = program("psql", &["/usr/bin"], "the Debian package postgresql")?;
    run(Command::new(psql).args(["--no-psqlrc", "-q", "-v", "ON_ERROR_STOP=1", "-c", words, url])).map(|_| ())
}
