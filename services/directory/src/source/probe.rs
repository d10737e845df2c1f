//! What a server is, as far as it says.

use super::SourceKind;

/// What kind of server answered, whatever was configured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ServerKind {
    /// Microsoft's.
    ActiveDirectory,
    /// Samba as a domain controller.
    Samba,
    /// slapd.
    OpenLdap,
    /// 389 Directory Server, Red Hat Directory Server, FreeIPA.
    Ds389,
    /// Something else that speaks LDAP.
    Other,
    /// A file.
    File,
}

impl ServerKind {
    /// Its name as people say it.
    #[must_use]
    pub const fn words(self) -> &'static str {
        match self {
            Self::ActiveDirectory => "Active Directory",
            Self::Samba => "Samba Active Directory",
            Self::OpenLdap => "OpenLDAP",
            Self::Ds389 => "389 Directory Server",
            Self::Other => "an LDAP server",
            Self::File => "a file",
        }
    }
}

/// Whether the account learns what was deleted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Deletions {
    /// It does, or nothing keeps it from it.
    Seen,
    /// It does not: deletions are found later, by comparing which ids there are.
    Unseen {
        /// The commands that change it.
        cure: String,
    },
}

/// What a probe found out. That there is one means: reachable, trusted, bound, and the base is there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProbeReport {
    /// Who answered.
    pub server: ServerKind,
    /// At which of the configured addresses.
    pub address: String,
    /// Such as `TLS 1.3`; nothing for loopback in clear and for files.
    pub encryption: Option<&'static str>,
    /// Whether it says that it can read in pages, without which nothing is read.
    pub paged_results: bool,
    /// Whether deletions can be followed.
    pub deletions: Deletions,
    /// The tops of its trees.
    pub naming_contexts: Vec<String>,
}

impl ProbeReport {
    /// Whether the server is of the kind that was configured.
    #[must_use]
    pub const fn fits(&self, kind: SourceKind) -> bool {
        match (kind, self.server) {
            (SourceKind::ActiveDirectory, ServerKind::ActiveDirectory | ServerKind::Samba)
            | (SourceKind::OpenLdap, ServerKind::OpenLdap)
            | (SourceKind::Ldif | SourceKind::Csv | SourceKind::Xlsx, ServerKind::File) => true,
            (SourceKind::Ldap, server) => !matches!(server, ServerKind::File),
            _ => false,
        }
    }
}
