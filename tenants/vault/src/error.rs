//! What the vault refuses.

use std::io;
use std::path::PathBuf;

use freehold_types::{Fault, Kind, Reason, Service, TenantId};

/// A key or a sealed value was refused. Says where, and never what was in it.
#[derive(Debug, thiserror::Error)]
pub enum VaultError {
    /// The file is missing, is no file, or the system does not let us read it.
    #[error("cannot read the master key file {}", path.display())]
    MasterKeyUnreadable {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// There is no file yet and none can be made.
    #[error("cannot write the master key file {}", path.display())]
    MasterKeyUnwritable {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The file's mode lets its group or others at it.
    #[error("the master key file {} is open to others, its mode is {mode:04o}", path.display())]
    MasterKeyExposed {
        /// The file.
        path: PathBuf,
        /// Permission bits of the file.
        mode: u32,
    },
    /// The file does not hold one line with a key.
    #[error("the master key file {} holds no master key", path.display())]
    MasterKeyMalformed {
        /// The file.
        path: PathBuf,
    },
    /// The tenant's key was wrapped by another master key than the one in use.
    #[error("the key of tenant {tenant} was wrapped by master key {wrapped_by}, and the one in use is {in_use}")]
    WrongMasterKey {
        /// The tenant.
        tenant: TenantId,
        /// Fingerprint of the master key that wrapped it.
        wrapped_by: String,
        /// Fingerprint of the master key in use.
        in_use: String,
    },
    /// The master key is right, but the wrapped key does not open, or is another than its commitment says.
    #[error("version {version} of the key of tenant {tenant} is damaged, or is not this tenant's")]
    TenantKeyDamaged {
        /// The tenant.
        tenant: TenantId,
        /// The version.
        version: u32,
    },
    /// The tenant has no key: it was never provisioned, or it was erased.
    #[error("tenant {tenant} has no key")]
    TenantKeyMissing {
        /// The tenant.
        tenant: TenantId,
    },
    /// The bytes are too short to be sealed ones, or are of another format.
    #[error("{field} holds bytes that were never sealed")]
    NotSealed {
        /// Name of the field.
        field: &'static str,
    },
    /// The bytes were sealed with a version of the key that is not among those given.
    #[error("{field} is sealed with version {version} of the key, which is not there")]
    KeyVersionMissing {
        /// Name of the field.
        field: &'static str,
        /// The version.
        version: u32,
    },
    /// The bytes were changed, or were sealed for another tenant, table, column or row. Somebody must look.
    #[error("{field} does not open: changed, or sealed for another place")]
    Refused {
        /// Name of the field.
        field: &'static str,
        /// The service whose key was tried.
        service: Service,
        /// The tenant whose key was tried; none for the platform.
        tenant: Option<TenantId>,
    },
}

impl VaultError {
    /// What whoever runs the installation can do about it.
    #[must_use]
    pub fn cure(&self) -> Option<String> {
        match self {
            Self::MasterKeyUnreadable { .. } => Some(
                "name the file that holds the master key, and let the account Freehold runs under own it".to_owned(),
            ),
            Self::MasterKeyUnwritable { .. } => {
                Some("make the folder, and let the account Freehold runs under write to it".to_owned())
            }
            Self::MasterKeyExposed { path, .. } => Some(format!("chmod 600 {}", path.display())),
            Self::MasterKeyMalformed { .. } => Some(
                "put it back from its copy: one line, freehold-master-key-1: and 44 characters of base64; \
                 remove it only if nothing was ever sealed with it"
                    .to_owned(),
            ),
            Self::WrongMasterKey { wrapped_by, .. } => {
                Some(format!("start with the master key file whose fingerprint is {wrapped_by}"))
            }
            Self::TenantKeyDamaged { .. } | Self::TenantKeyMissing { .. } | Self::KeyVersionMissing { .. } => {
                Some("put the tenant's keys back from a backup of the platform's tables".to_owned())
            }
            Self::NotSealed { .. } | Self::Refused { .. } => None,
        }
    }
}

impl From<VaultError> for Fault {
    /// Trouble with the master key is told to whoever starts Freehold; the rest is for the log only.
    fn from(error: VaultError) -> Self {
        let message = error.to_string();
        let cure = error.cure();
        let cause = match error {
            VaultError::MasterKeyUnreadable { source, .. } | VaultError::MasterKeyUnwritable { source, .. } => {
                Some(source)
            }
            VaultError::MasterKeyExposed { .. }
            | VaultError::MasterKeyMalformed { .. }
            | VaultError::WrongMasterKey { .. } => None,
            VaultError::TenantKeyDamaged { .. } | VaultError::TenantKeyMissing { .. } => {
                return Self::internal("unwrapping a tenant's key", error);
            }
            VaultError::NotSealed { .. } | VaultError::KeyVersionMissing { .. } | VaultError::Refused { .. } => {
                return Self::internal("opening a sealed field", error);
            }
        };
        let mut fault = Self::new(Kind::Unavailable, Reason::StorageRefused, message);
        if let Some(cure) = cure {
            fault = fault.cure(cure);
        }
        if let Some(cause) = cause {
            fault = fault.because(cause);
        }
        fault
    }
}
