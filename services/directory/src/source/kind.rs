//! Kinds of sources and what is usual with each.

use super::AnchorForm;

/// How a directory speaks, as configured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SourceKind {
    /// Active Directory or Samba AD; anchor `objectGUID`.
    ActiveDirectory,
    /// OpenLDAP; anchor `entryUUID`.
    OpenLdap,
    /// Any other LDAPv3 server with `entryUUID`.
    Ldap,
    /// A file of RFC 2849 content records.
    Ldif,
    /// A text file of rows and cells; anchor the column `Employee ID`.
    Csv,
    /// A workbook of a spreadsheet; anchor the column `Employee ID`.
    Xlsx,
}

impl SourceKind {
    /// The filter of people when none is configured.
    #[must_use]
    pub const fn people_filter(self) -> &'static str {
        match self {
            Self::ActiveDirectory => "(&(objectClass=user)(objectCategory=person))",
            Self::OpenLdap | Self::Ldap | Self::Ldif => "(objectClass=inetOrgPerson)",
            Self::Csv | Self::Xlsx => "",
        }
    }

    /// The filter of directory groups when none is configured.
    #[must_use]
    pub const fn group_filter(self) -> &'static str {
        match self {
            Self::ActiveDirectory => "(objectClass=group)",
            Self::OpenLdap | Self::Ldap | Self::Ldif => "(|(objectClass=groupOfNames)(objectClass=groupOfUniqueNames))",
            Self::Csv | Self::Xlsx => "",
        }
    }

    /// The attribute that stays with an entry for life.
    #[must_use]
    pub const fn anchor(self) -> &'static str {
        match self {
            Self::ActiveDirectory => "objectGUID",
            Self::OpenLdap | Self::Ldap | Self::Ldif => "entryUUID",
            Self::Csv | Self::Xlsx => "entry_id",
        }
    }

    /// The attribute of the photo, when none is configured.
    #[must_use]
    pub const fn photo(self) -> &'static str {
        match self {
            Self::ActiveDirectory => "thumbnailphoto",
            Self::OpenLdap | Self::Ldap | Self::Ldif | Self::Csv | Self::Xlsx => "jpegphoto",
        }
    }

    /// How that attribute is written.
    #[must_use]
    pub const fn anchor_form(self) -> AnchorForm {
        match self {
            Self::ActiveDirectory => AnchorForm::Guid,
            Self::OpenLdap | Self::Ldap | Self::Ldif | Self::Csv | Self::Xlsx => AnchorForm::Text,
        }
    }

    /// Whether it is a file, with one path instead of servers.
    #[must_use]
    pub const fn file(self) -> bool {
        matches!(self, Self::Ldif | Self::Csv | Self::Xlsx)
    }

    /// Whether it has rows and columns instead of entries and attributes.
    #[must_use]
    pub const fn table(self) -> bool {
        matches!(self, Self::Csv | Self::Xlsx)
    }
}
