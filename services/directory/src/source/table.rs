//! Tables of people: CSV files and workbooks, with the columns of Workplace's template. Every row is a person, and a
//! column of group names makes directory groups.

mod columns;
mod csv;
mod row;
mod text;
#[expect(clippy::wildcard_enum_match_arm, reason = "an XML file has kinds of events that say nothing of a table")]
mod xlsx;

use std::collections::BTreeMap;
use std::fs::{File, Metadata};
use std::io;
use std::ops::ControlFlow;
use std::path::Path;
use std::sync::{Arc, OnceLock};
use std::time::SystemTime;

use tokio::sync::mpsc;

use self::columns::Columns;
pub(crate) use self::columns::EXTRA_FIELDS;
use self::row::{Row, entry_id, usable};
pub use self::text::Encoded;
use super::dn::Dn;
use super::error::SourceError;
use super::{Complete, Deletions, Entry, Listing, ProbeReport, Read, Reading, ServerKind, SourceKind, SourceSettings};

const FILE_BYTES_MAX: u64 = 512 * 1024 * 1024;
const ROWS_MAX: u64 = 1_000_000;
const COLUMNS_MAX: usize = 200;
const CELL_BYTES_MAX: usize = 64 * 1024;
/// Names of groups in one row.
const ROW_GROUPS_MAX: usize = 1_000;
/// Why a file cannot be read as a table.
enum Flaw {
    /// What the system says.
    System(io::Error),
    /// What stands there cannot be.
    At {
        line: Option<u64>,
        /// Counted from 0.
        column: Option<usize>,
        because: String,
    },
    /// Nobody listens any more.
    Stopped,
}

impl Flaw {
    fn file(because: impl Into<String>) -> Self {
        Self::At { line: None, column: None, because: because.into() }
    }
}

type FileState = (u64, Option<SystemTime>);

/// A file with a row for each person.
pub struct TableSource {
    pass: Pass,
}

/// What one walk through the file needs.
#[derive(Clone)]
struct Pass {
    path: Arc<str>,
    workbook: bool,
    encoded: Encoded,
    named: Arc<BTreeMap<String, String>>,
    base_dn: Arc<str>,
    /// Size and time of the file when it was first read: all lists must come from the same state of it.
    seen: Arc<OnceLock<FileState>>,
}

impl TableSource {
    /// Checks the settings; opens nothing yet.
    ///
    /// # Errors
    /// Settings that cannot work.
    pub fn new(settings: &SourceSettings) -> Result<Self, SourceError> {
        let wrong = |because: &str| Err(SourceError::Settings(because.to_owned()));
        let [path] = settings.urls.as_slice() else {
            return wrong("a table has exactly one url, the path of its file");
        };
        if !Path::new(path).is_absolute() {
            return wrong(&format!("{path:?} is not an absolute path"));
        }
        if !settings.people_filter.trim().is_empty() || !settings.group_filter.trim().is_empty() {
            return wrong("a table is read whole; it has no filters");
        }
        let Some(encoded) = Encoded::named(&settings.encoding) else {
            return wrong("encoding must be \"utf-8\" or \"windows-1252\"");
        };
        if let Err(error) = Dn::parse(&settings.base_dn) {
            return wrong(&format!("base_dn {:?}: {error}", settings.base_dn));
        }
        let pass = Pass {
            path: Arc::from(path.as_str()),
            workbook: settings.kind == SourceKind::Xlsx,
            encoded,
            named: Arc::new(settings.columns.clone()),
            base_dn: Arc::from(settings.base_dn.trim()),
            seen: Arc::new(OnceLock::new()),
        };
        Ok(Self { pass })
    }

    /// Opens the file and reads its heading row.
    ///
    /// # Errors
    /// The file cannot be read, or is not a table of people.
    pub async fn probe(&self) -> Result<ProbeReport, SourceError> {
        let pass = self.pass.clone();
        let address = pass.path.to_string();
        let first = tokio::task::spawn_blocking(move || {
            let walked = pass.walk(&mut |_columns, _row| Ok(ControlFlow::Break(())));
            walked.map_err(|flaw| pass.error(flaw))
        });
        first.await.map_err(|_stopped| SourceError::Stopped)??;
        Ok(ProbeReport {
            deletions: Deletions::Seen,
            server: ServerKind::File,
            address,
            encryption: None,
            paged_results: true,
            naming_contexts: Vec::new(),
        })
    }

    /// Begins to read one list.
    pub fn read(&self, listing: Listing) -> Reading {
        let pass = self.pass.clone();
        let (sender, mut reading) = Reading::channel();
        // A blocking task cannot be aborted; it ends at its next entry when nobody listens any more.
        reading.tasks.spawn_blocking(move || {
            let ended = match listing {
                Listing::People => pass.people(&sender),
                Listing::Groups => pass.groups(&sender),
            };
            drop(sender.blocking_send(ended.map(Read::Complete).map_err(|flaw| pass.error(flaw))));
        });
        reading
    }
}

/// Is shown one row after the other, and says when it has seen enough.
type Visit<'a> = dyn FnMut(&Columns, Row) -> Result<ControlFlow<()>, Flaw> + 'a;
type Sender = mpsc::Sender<Result<Read, SourceError>>;

fn send(sender: &Sender, complete: &mut Complete, entry: Entry) -> Result<(), Flaw> {
    complete.entries += 1;
    sender.blocking_send(Ok(Read::Entry(entry))).map_err(|_nobody| Flaw::Stopped)
}

impl Pass {
    fn people(&self, sender: &Sender) -> Result<Complete, Flaw> {
        let mut complete = Complete::begun();
        complete.pages = 1;
        let mut managers = None;
        self.walk(&mut |columns, row| {
            if managers.is_none() {
                managers = Some(self.ids_by_email(columns)?);
            }
            let entry = self.person(columns, &row, managers.as_ref())?;
            send(sender, &mut complete, entry)?;
            Ok(ControlFlow::Continue(()))
        })?;
        Ok(complete)
    }

    /// Who has which e-mail address, when managers may be named by it; nobody for an address of several people.
    fn ids_by_email(&self, columns: &Columns) -> Result<BTreeMap<String, Option<String>>, Flaw> {
        let mut ids = BTreeMap::new();
        if columns.places("manager").is_empty() || columns.places("email").is_empty() {
            return Ok(ids);
        }
        self.walk(&mut |columns, row| {
            let found = (columns.filled(&row.cells, "email"), columns.filled(&row.cells, "entry_id"));
            if let (Some((_, email)), Some((_, id))) = found {
                let entry = ids.entry(email.to_lowercase()).or_insert_with(|| Some(id.to_owned()));
                if entry.as_deref() != Some(id) {
                    *entry = None;
                }
            }
            Ok(ControlFlow::Continue(()))
        })?;
        Ok(ids)
    }

    fn person(
        &self,
        columns: &Columns,
        row: &Row,
        managers: Option<&BTreeMap<String, Option<String>>>,
    ) -> Result<Entry, Flaw> {
        let id = entry_id(columns, row)?;
        let mut entry = Entry { dn: self.dn("employeeNumber", id), ..Entry::default() };
        let mut put =
            |name: &str, value: &str| entry.attributes.insert(name.to_owned(), vec![value.as_bytes().to_vec()]);
        put("entry_id", id);
        for field in columns.person_fields() {
            if let Some((place, text)) = columns.filled(&row.cells, field) {
                put(field, usable(row, place, text)?);
            }
        }
        if let Some((place, word)) = columns.filled(&row.cells, "status") {
            let active = columns::active(usable(row, place, word)?);
            let unknown = || {
                let because = format!(
                    "{word:?} in {:?} is not a word for active or deactivated; name another column with status = \
                     \"...\" in [directory.attributes]",
                    columns.heading(place)
                );
                Flaw::At { line: Some(row.line), column: Some(place), because }
            };
            if !active.ok_or_else(unknown)? {
                put("deactivated", "true");
            }
        }
        if let Some((place, manager)) = columns.filled(&row.cells, "manager") {
            let manager = usable(row, place, manager)?;
            let by_email = managers.filter(|_| manager.contains('@')).and_then(|ids| ids.get(&manager.to_lowercase()));
            let manager = match by_email {
                Some(Some(id)) => self.dn("employeeNumber", id),
                // An address of several people is nobody's.
                Some(None) => self.dn("mail", manager),
                None => self.dn("employeeNumber", manager),
            };
            put("manager", &manager);
        }
        Ok(entry)
    }

    fn groups(&self, sender: &Sender) -> Result<Complete, Flaw> {
        let mut complete = Complete::begun();
        complete.pages = 1;
        let mut groups = BTreeMap::<String, Entry>::new();
        self.walk(&mut |columns, row| {
            let Some((place, names)) = columns.filled(&row.cells, "groups") else {
                return Ok(ControlFlow::Continue(()));
            };
            let member = self.dn("employeeNumber", entry_id(columns, &row)?).into_bytes();
            let names: Vec<&str> =
                usable(&row, place, names)?.split(';').map(str::trim).filter(|name| !name.is_empty()).collect();
            if names.len() > ROW_GROUPS_MAX {
                let because = format!("more than {ROW_GROUPS_MAX} groups");
                return Err(Flaw::At { line: Some(row.line), column: Some(place), because });
            }
            for name in names {
                let id = name.to_lowercase();
                let group = groups.entry(id.clone()).or_insert_with(|| self.group(&id, name));
                let members = group.attributes.entry("member".to_owned()).or_default();
                if members.last() != Some(&member) {
                    members.push(member.clone());
                }
            }
            Ok(ControlFlow::Continue(()))
        })?;
        for entry in groups.into_values() {
            send(sender, &mut complete, entry)?;
        }
        Ok(complete)
    }

    fn group(&self, id: &str, name: &str) -> Entry {
        let mut entry = Entry { dn: self.dn("cn", name), ..Entry::default() };
        entry.attributes.insert("entry_id".to_owned(), vec![id.as_bytes().to_vec()]);
        entry.attributes.insert("cn".to_owned(), vec![name.as_bytes().to_vec()]);
        entry
    }

    /// The name of a row or group, in the form of directories (RFC 4514).
    fn dn(&self, kind: &str, value: &str) -> String {
        let mut dn = format!("{kind}=");
        let last = value.chars().count().saturating_sub(1);
        for (place, letter) in value.chars().enumerate() {
            let blank = letter == ' ' && (place == 0 || place == last);
            if blank || matches!(letter, '"' | '+' | ',' | ';' | '<' | '>' | '\\' | '=' | '#') {
                dn.push('\\');
            }
            dn.push(letter);
        }
        if !self.base_dn.is_empty() {
            dn.push(',');
            dn.push_str(&self.base_dn);
        }
        dn
    }

    /// Goes through all rows below the heading.
    fn walk(&self, visit: &mut Visit<'_>) -> Result<(), Flaw> {
        let file = self.open()?;
        let state = state(&file.metadata().map_err(Flaw::System)?);
        let again = file.try_clone().map_err(Flaw::System)?;
        let mut columns = None;
        let mut rows = 0_u64;
        let mut stopped = false;
        let mut each = |row: Row| {
            let Some(columns) = &columns else {
                let found = Columns::read(&row.cells, &self.named);
                columns = Some(found.map_err(|(column, because)| Flaw::At {
                    line: Some(row.line),
                    column: Some(column),
                    because,
                })?);
                return Ok(ControlFlow::Continue(()));
            };
            rows += 1;
            if rows > ROWS_MAX {
                return Err(Flaw::file(format!("more than {ROWS_MAX} rows; split the table in two directories")));
            }
            let went_on = visit(columns, self.squared(columns, row)?)?;
            stopped = went_on.is_break();
            Ok(went_on)
        };
        if self.workbook {
            xlsx::visit(file, &mut each)?;
        } else {
            csv::visit(file, self.encoded, &mut each)?;
        }
        if columns.is_none() || rows == 0 {
            return Err(Flaw::file("there is no row of a person in it"));
        }
        let now = self::state(&again.metadata().map_err(Flaw::System)?);
        if now != state || (!stopped && *self.seen.get_or_init(|| state) != state) {
            return Err(Flaw::file("it changed while it was read"));
        }
        Ok(())
    }

    /// A row of a text file must have as many cells as the heading: one that was cut has fewer, one with a separator
    /// that is not between quotation marks has more.
    fn squared(&self, columns: &Columns, row: Row) -> Result<Row, Flaw> {
        let (has, wanted) = (row.cells.len(), columns.count());
        if !self.workbook && has != wanted {
            let because = format!("{has} cells where the heading has {wanted}");
            return Err(Flaw::At { line: Some(row.line), column: Some(has.min(wanted)), because });
        }
        Ok(row)
    }

    fn open(&self) -> Result<File, Flaw> {
        let path = Path::new(&*self.path);
        // Asked before it is opened: to open a pipe waits for whoever writes it.
        let metadata = path.metadata().map_err(Flaw::System)?;
        if !metadata.is_file() {
            return Err(Flaw::file("it is not a file"));
        }
        if metadata.len() > FILE_BYTES_MAX {
            return Err(Flaw::file(format!("{} bytes; the limit is {FILE_BYTES_MAX}", metadata.len())));
        }
        File::open(path).map_err(Flaw::System)
    }

    fn error(&self, flaw: Flaw) -> SourceError {
        let path = self.path.to_string();
        match flaw {
            Flaw::System(source) => SourceError::File { path, source },
            Flaw::Stopped => SourceError::Stopped,
            Flaw::At { line, column, because } => {
                let line = line.map(|line| format!(", line {line}")).unwrap_or_default();
                let column = column.map(|column| format!(", column {}", column + 1)).unwrap_or_default();
                SourceError::Table { path, place: format!("{line}{column}"), problem: because }
            }
        }
    }
}

fn state(metadata: &Metadata) -> FileState {
    (metadata.len(), metadata.modified().ok())
}

#[cfg(test)]
mod tests;
