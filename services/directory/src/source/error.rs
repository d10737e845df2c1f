//! What can go wrong while a directory is read. Every variant says what happened in plain words and what to do.

use std::io;
use std::net::IpAddr;

use freehold_types::{Fault, Kind, Reason};

use super::frame::{FrameRefused, Outcome};
use super::windows;

/// How much of a server's own words an error repeats; they are untrusted text.
const SERVER_WORDS_CHARS_MAX: usize = 200;

/// Why a directory could not be read, or not to its end. No person may be judged absent after one of these.
#[derive(Debug, thiserror::Error)]
pub enum SourceError {
    /// The settings cannot work, whatever the server says.
    #[error("the directory's settings are wrong: {0}")]
    Settings(String),
    /// A filter that is not RFC 4515, or that an LDIF file cannot be filtered by.
    #[error("filter {filter:?} is wrong at character {position}: {problem}")]
    BadFilter {
        /// As configured.
        filter: String,
        /// Counted from 1.
        position: usize,
        /// What is wrong there.
        problem: String,
    },
    /// An empty bind password, which many servers take for an anonymous bind that succeeds.
    #[error("the bind password is empty; nothing was sent")]
    EmptyPassword,
    /// No connection.
    #[error("directory server {url} cannot be reached")]
    Unreachable {
        /// Which server.
        url: String,
        /// What the system says.
        source: io::Error,
    },
    /// The server accepts and says nothing.
    #[error("directory server {url} did not answer in {seconds} s while {doing}")]
    Silent {
        /// Which server.
        url: String,
        /// What was waited for.
        doing: &'static str,
        /// How long.
        seconds: u64,
    },
    /// An address that no directory server has.
    #[error("directory server {url} has the address {address}, which no server may have; nothing was sent")]
    Nobodys {
        /// Which server.
        url: String,
        /// Its address.
        address: IpAddr,
    },
    /// Clear text to another machine.
    #[error("directory server {url} would be spoken to in clear text; the bind password was not sent")]
    NotEncrypted {
        /// Which server.
        url: String,
    },
    /// StartTLS was asked for and not granted.
    #[error("directory server {url} refuses StartTLS ({answer}); the bind password was not sent")]
    StartTlsRefused {
        /// Which server.
        url: String,
        /// Its answer.
        answer: String,
    },
    /// The certificate or the handshake is not acceptable.
    #[error("no trusted connection to directory server {url}: {problem}")]
    Tls {
        /// Which server.
        url: String,
        /// What is wrong, with the names expected and offered where it is about names.
        problem: String,
        /// What helps against it.
        cure: &'static str,
        /// What the TLS library says.
        source: io::Error,
    },
    /// Result code 49 to the bind.
    #[error("directory server {url} does not accept the bind name and password ({})", told(answer))]
    WrongPassword {
        /// Which server.
        url: String,
        /// Its answer.
        answer: String,
    },
    /// Any other refusal of the bind.
    #[error("directory server {url} refuses the bind ({answer})")]
    BindRefused {
        /// Which server.
        url: String,
        /// Its answer.
        answer: String,
    },
    /// There is no entry at the base, or the account may not see it.
    #[error("there is no entry {base:?} in the directory for the account that reads it")]
    BaseNotFound {
        /// The base as configured.
        base: String,
        /// What the server offers instead; empty when unknown.
        offered: Vec<String>,
    },
    /// The server stopped at its size limit.
    #[error("the directory server stopped after {entries} entries at its size limit; the reading is not complete")]
    SizeLimit {
        /// How many came.
        entries: u64,
    },
    /// The server stopped at its time limit.
    #[error("the directory server stopped after {entries} entries at its time limit; the reading is not complete")]
    TimeLimit {
        /// How many came.
        entries: u64,
    },
    /// The server does not read in pages.
    #[error("the directory server does not offer paged results ({answer})")]
    PagingRefused {
        /// Its answer.
        answer: String,
    },
    /// A page ended without saying whether there is another.
    #[error(
        "the directory server lost the thread after page {page} and {entries} entries; the reading is not complete"
    )]
    PagingLost {
        /// The page that ended so.
        page: u64,
        /// How many entries came.
        entries: u64,
    },
    /// The server cut a long list of values and names the rest as a range.
    #[error("the directory server gave only part of the values of {attribute}; the reading is not complete")]
    Cut {
        /// The attribute.
        attribute: String,
    },
    /// More entries or pages than a reading may have.
    #[error("the directory has more than {limit} {what}")]
    TooMany {
        /// `entries` or `pages`.
        what: &'static str,
        /// The limit.
        limit: u64,
    },
    /// The base belongs to another server.
    #[error("the directory server refers to another server for {base:?}; references are not followed")]
    Referred {
        /// The base as configured.
        base: String,
    },
    /// Any other refusal of a search.
    #[error("the directory server refuses the search after {entries} entries ({answer})")]
    SearchRefused {
        /// How many came.
        entries: u64,
        /// Its answer.
        answer: String,
        /// Whether the server calls it passing: busy or unavailable.
        passing: bool,
    },
    /// The connection ended in the middle.
    #[error("the connection to directory server {url} broke after {entries} entries; the reading is not complete")]
    Broken {
        /// Which server.
        url: String,
        /// How many came.
        entries: u64,
        /// What the system says, if anything.
        source: Option<io::Error>,
    },
    /// The server said good-bye in the middle.
    #[error("directory server {url} hung up after {entries} entries ({answer}); the reading is not complete")]
    HungUp {
        /// Which server.
        url: String,
        /// How many came.
        entries: u64,
        /// Its words.
        answer: String,
    },
    /// The frame guard stopped the connection.
    #[error("directory server {url} sent what no directory sends, and was cut off")]
    Hostile {
        /// Which server.
        url: String,
        /// What it was.
        source: FrameRefused,
    },
    /// The source has no line of changes.
    #[error("this directory does not tell what changes")]
    CannotFollow,
    /// The file cannot be opened or read.
    #[error("file {path} cannot be read")]
    File {
        /// Its path.
        path: String,
        /// What the system says.
        source: io::Error,
    },
    /// The LDIF file is not one, or has what we do not take.
    #[error("LDIF file {path}, line {line}: {problem}")]
    Ldif {
        /// Its path.
        path: String,
        /// Counted from 1.
        line: u64,
        /// What is wrong there.
        problem: String,
    },
    /// The table cannot be read, or has what nobody can take for a person.
    #[error("table {path}{place}: {problem}")]
    Table {
        /// Its path.
        path: String,
        /// Line and column, counted from 1, behind a comma; empty for the whole file.
        place: String,
        /// What is wrong there.
        problem: String,
    },
    /// The reader itself ended without a word.
    #[error("the reading stopped before its end")]
    Stopped,
}

impl SourceError {
    /// What the administrator can do about it.
    #[must_use]
    pub fn cure(&self) -> String {
        let words = match self {
            Self::BaseNotFound { offered, .. } if !offered.is_empty() => {
                return format!(
                    "set base_dn to an entry at or below one of {} that the account may read",
                    offered.join("; ")
                );
            }
            Self::Settings(_) => "correct the settings of the directory",
            Self::BadFilter { .. } => "write the filter as RFC 4515 says, for example (objectClass=inetOrgPerson)",
            Self::EmptyPassword => "give the password of the account that reads the directory",
            Self::Unreachable { .. } => "check the host, the port and the firewall between here and there",
            Self::Silent { .. } => "check the load of the server and the firewall in between, then try again",
            Self::Nobodys { .. } => "give the server's own address, neither link-local nor multicast",
            Self::NotEncrypted { .. } => "use ldaps://, or ldap:// with start_tls = true",
            Self::StartTlsRefused { .. } => "give the server a certificate, or use an address that offers TLS",
            Self::Tls { cure, .. } => cure,
            Self::WrongPassword { answer, .. } => windows::refusal(answer).map_or(
                "check bind_dn and the password, and that the account is neither locked nor expired",
                |(_, cure)| cure,
            ),
            Self::BindRefused { .. } => "check that bind_dn may bind with a password on this connection",
            Self::BaseNotFound { .. } => "check base_dn and that the account may read it",
            Self::SizeLimit { .. } => "lift the size limit for the account that reads the directory",
            Self::TimeLimit { .. } => "lift the time limit for the account that reads the directory",
            Self::PagingRefused { .. } | Self::PagingLost { .. } => {
                "use a server that supports paged results (RFC 2696) for this account"
            }
            Self::Cut { .. } => {
                "try again when nobody changes it, or raise the number of values the server gives at once (MaxValRange)"
            }
            Self::TooMany { .. } => "narrow the base or the filter, or split the directory in two",
            Self::Referred { .. } => "point url at the server that holds the base",
            Self::SearchRefused { .. } => "check the account's rights and the server's log",
            Self::Broken { .. } | Self::HungUp { .. } | Self::Stopped => {
                "try again; look into the server's log if it stays"
            }
            Self::Hostile { .. } => "check that the address is the directory's; do not use this server before that",
            Self::CannotFollow => "read it whole",
            Self::File { .. } => "check the path and that Freehold may read the file",
            Self::Table { .. } => "correct the file, or export it again",
            Self::Ldif { .. } => "export the directory again as content records, for example with slapcat",
        };
        words.to_owned()
    }

    /// Whether another server of the same directory, or the same one later, may answer better.
    #[must_use]
    pub const fn passing(&self) -> bool {
        match self {
            Self::Unreachable { .. }
            | Self::Silent { .. }
            | Self::Broken { .. }
            | Self::HungUp { .. }
            | Self::TimeLimit { .. }
            | Self::PagingLost { .. }
            | Self::Stopped => true,
            Self::SearchRefused { passing, .. } => *passing,
            Self::Settings(_)
            | Self::BadFilter { .. }
            | Self::EmptyPassword
            | Self::Nobodys { .. }
            | Self::NotEncrypted { .. }
            | Self::StartTlsRefused { .. }
            | Self::Tls { .. }
            | Self::WrongPassword { .. }
            | Self::BindRefused { .. }
            | Self::BaseNotFound { .. }
            | Self::SizeLimit { .. }
            | Self::PagingRefused { .. }
            | Self::Cut { .. }
            | Self::TooMany { .. }
            | Self::Referred { .. }
            | Self::Hostile { .. }
            | Self::CannotFollow
            | Self::File { .. }
            | Self::Table { .. }
            | Self::Ldif { .. } => false,
        }
    }
}

impl From<SourceError> for Fault {
    fn from(error: SourceError) -> Self {
        let (kind, reason) = if error.passing() {
            (Kind::Unavailable, Reason::DirectoryUnreachable)
        } else {
            (Kind::Conflict, Reason::DirectoryRefused)
        };
        Self::new(kind, reason, error.to_string()).cure(error.cure()).because(error)
    }
}

/// A refused bind in plain words, where the server's own are a number.
fn told(answer: &str) -> String {
    windows::refusal(answer).map_or_else(|| answer.to_owned(), |(meaning, _)| format!("{meaning}; {answer}"))
}

/// A server's answer as an error quotes it: the code, its name, and the server's words without control characters.
pub(super) fn quote(outcome: &Outcome) -> String {
    let words: String =
        outcome.text.chars().filter(|character| !character.is_control()).take(SERVER_WORDS_CHARS_MAX).collect();
    let name = code_name(outcome.code);
    if words.is_empty() {
        format!("code {}, {name}", outcome.code)
    } else {
        format!("code {}, {name}: {words}", outcome.code)
    }
}

const fn code_name(code: u32) -> &'static str {
    match code {
        0 => "success",
        1 => "operations error",
        2 => "protocol error",
        3 => "time limit exceeded",
        4 => "size limit exceeded",
        7 => "authentication method not supported",
        8 => "stronger authentication required",
        10 => "referral",
        11 => "administrative limit exceeded",
        12 => "unavailable critical extension",
        13 => "confidentiality required",
        32 => "no such object",
        34 => "invalid name",
        48 => "inappropriate authentication",
        49 => "invalid credentials",
        50 => "insufficient access rights",
        51 => "busy",
        52 => "unavailable",
        53 => "unwilling to perform",
        80 => "other",
        _ => "unnamed",
    }
}
