//! Shows how a directory will be read: binds, reads the base, maps the first entries, writes nothing.

mod findings;
mod photos;

use std::collections::{BTreeMap, BTreeSet};

use freehold_types::{Caller, Fault};

use crate::Deps;
use crate::directory::{self, Directory};
use crate::mapping::{MappedPerson, Mapping, seldom};
use crate::origin::{Observed, Origin, Step};
use crate::settings::Settings;
use crate::source::{Deletions, Entry, Read};
use photos::Photos;

/// Our name for the immutable id of a sample.
const ENTRY_ID: &str = "directory_id";
/// How many entries are shown.
pub(crate) const SAMPLES_MAX: usize = 20;

/// What a check saw.
pub(crate) struct Check {
    pub directory: String,
    pub server: String,
    pub samples: Vec<Sample>,
    /// Attributes asked for that no sample had.
    pub unseen: Vec<String>,
    /// Such as `TLS 1.3`; empty in clear and for files.
    pub encryption: String,
    pub findings: Vec<Finding>,
    /// How it is with photos, in one sentence; empty where there can be none.
    pub photos: String,
}

/// Something an administrator should know of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Finding {
    pub because: String,
    pub cure: String,
}

/// One entry as it would be read.
pub(crate) struct Sample {
    pub distinguished_name: String,
    pub fields: BTreeMap<String, String>,
    pub skipped_because: String,
    /// Values that could not be used though the entry can.
    pub notes: Vec<String>,
}

/// Checks the directory of that name.
pub(crate) async fn check(deps: &Deps, caller: &Caller, name: &str) -> Result<Check, Fault> {
    let tx = deps.tenancy.begin(caller).await?;
    let directory: Directory = directory::find(&tx, name).await?;
    drop(tx);
    if directory.settings.provisioned() {
        return provisioned(deps, caller, directory).await;
    }
    match Origin::open(deps, caller, &directory)? {
        Origin::Connector(remote) => {
            let check = remote.check().await?;
            Ok(photos::through(&Origin::Connector(remote), &directory.settings, check).await)
        }
        Origin::Server(_) | Origin::Provisioned(_) => server(&directory.settings).await,
    }
}

/// Checks the server or the file that settings name.
pub(crate) async fn server(settings: &Settings) -> Result<Check, Fault> {
    let mapping = settings.mapping()?;
    let mut photos = Photos::new(settings);
    let source = settings.open_with(photos.attribute.clone())?;
    let report = source.probe().await?;
    let mut reading = source.people().await?;
    let mut samples = Vec::new();
    let mut seen = BTreeSet::new();
    while samples.len() < SAMPLES_MAX {
        match reading.next().await? {
            Read::Entry(entry) => {
                seen.extend(entry.attributes.keys().cloned());
                let mut sample = sample(&mapping, &entry);
                sample.notes.extend(photos.look_at_entry(entry).await);
                samples.push(sample);
            }
            Read::Complete(_) => break,
        }
    }
    let unseen = mapping.attributes().into_iter().filter(|name| !seen.contains(name) && !seldom(name)).collect();
    let mut findings = findings::of_samples(&samples);
    if !settings.kind().is_none_or(|kind| report.fits(kind)) {
        findings.insert(0, findings::other_kind(report.server));
    }
    if let Deletions::Unseen { cure } = &report.deletions {
        findings.push(Finding {
            because: "the server does not show this account what was deleted; it is found up to ten minutes late"
                .to_owned(),
            cure: format!("as a domain administrator run: {cure}"),
        });
    }
    let server = format!("{} at {}", report.server.words(), report.address);
    let encryption = report.encryption.unwrap_or_default().to_owned();
    let photos = photos.words(samples.len());
    Ok(Check { directory: settings.name.clone(), server, samples, unseen, encryption, findings, photos })
}

/// What an IdP pushed so far; there is no server to ask.
async fn provisioned(deps: &Deps, caller: &Caller, directory: Directory) -> Result<Check, Fault> {
    let origin = Origin::open(deps, caller, &directory)?;
    let mut told = origin.read().await?;
    let mut samples = Vec::new();
    while samples.len() < SAMPLES_MAX {
        match told.next().await? {
            Step::Observed(Observed::Person(person)) => samples.push(Sample {
                distinguished_name: person.record.distinguished_name.clone(),
                fields: fields(&person),
                skipped_because: String::new(),
                notes: Vec::new(),
            }),
            Step::Observed(_) => {}
            Step::Complete(_) => break,
        }
    }
    let server = "the IdP, which pushes here over SCIM 2.0".to_owned();
    let findings = findings::of_samples(&samples);
    let directory = directory.settings.name;
    let (unseen, encryption, photos) = (Vec::new(), String::new(), String::new());
    Ok(Check { directory, server, samples, unseen, encryption, findings, photos })
}

fn fields(person: &MappedPerson) -> BTreeMap<String, String> {
    let filled = person.record.fields().into_iter().filter(|(_, value)| !value.is_empty());
    let mut fields: BTreeMap<_, _> = filled.map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
    fields.insert(ENTRY_ID.to_owned(), person.record.entry_id.clone());
    fields.extend(person.manager.clone().map(|manager| ("manager".to_owned(), manager)));
    fields
}

fn sample(mapping: &Mapping, entry: &Entry) -> Sample {
    let mut notes = Vec::new();
    let (fields, skipped) = match mapping.person(entry, |note| notes.push(note)) {
        Ok(person) => (fields(&person), String::new()),
        Err(unusable) => (BTreeMap::new(), unusable.because),
    };
    Sample { distinguished_name: entry.dn.clone(), fields, skipped_because: skipped, notes }
}
