//! The service on a storage of a test's own: one SQLite folder, one tenant, a clock that stands still, and no
//! directory service to ask.

pub(crate) mod token;

use std::sync::Arc;

use chrono::DateTime;
use freehold_tenancy::{Declaration, Storage, Tenancy};
use freehold_tests::scripted_idp::ScriptedIdp;
use freehold_types::{Caller, Mint, Secret, Service, SetClock, TenantId};
use freehold_vault::Vault;
use freehold_wire::{Clients, PageTokens, TokenSigner, Wires};

use crate::connection::{Connection, Demands, LinkBy, Settings};
use crate::{Auth, Config, Deps};

pub(crate) struct World {
    pub(crate) auth: Auth,
    pub(crate) tenant: TenantId,
    pub(crate) clock: Arc<SetClock>,
    _folder: tempfile::TempDir,
}

impl World {
    /// A tenant `acme` in use.
    pub(crate) async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let clock = Arc::new(SetClock::new(DateTime::from_timestamp(1_900_000_000, 0).unwrap()));
        let mint = Mint::new(clock.clone());
        let storage = Storage { url: Secret::new(format!("sqlite://{}/data", folder.path().display())) };
        let vault = Vault::from_master_key(Secret::new([7; 32]));
        let signer = TokenSigner::new(&vault.derive("caller-token"), mint.clone()).unwrap();
        let pages = PageTokens::new(vault.derive("page-token"));
        let tenancy = Tenancy::connect(&storage, vault, mint.clone()).await.unwrap();
        let declared = Declaration {
            name: "acme".to_owned(),
            company: "Acme Ltd".to_owned(),
            language: "en".to_owned(),
            time_zone: "Europe/Zurich".to_owned(),
        };
        let tenant = tenancy.reserve(&declared).await.unwrap().id;
        tenancy.provision(tenant, |_step| {}).await.unwrap();
        tenancy.activate(tenant).await.unwrap();
        let clients = Clients::signing(Wires::default(), signer.clone());
        let config = Config {
            public_url: "https://people.example/".to_owned(),
            sign_in_links: false,
            private_networks: Vec::new(),
        };
        let deps = Deps { config, tenancy, clients, mint, pages, signer };
        Self { auth: Auth::new(deps), tenant, clock, _folder: folder }
    }

    pub(crate) fn operator(&self) -> Caller {
        Caller::operator(Some(self.tenant))
    }

    pub(crate) fn service(&self) -> Caller {
        Caller::service(Service::Directory, self.tenant)
    }
}

/// A connection that nobody calls.
pub(crate) fn settings(name: &str) -> Settings {
    Settings {
        name: name.to_owned(),
        issuer: "https://idp.acme.test".to_owned(),
        client_id: "freehold".to_owned(),
        client_secret: Secret::new("hunter2".to_owned()),
        domains: Vec::new(),
        link_claim: "entry_uuid".to_owned(),
        link_by: LinkBy::DirectoryId,
        ca_pem: String::new(),
        scopes: Vec::new(),
        pin: None,
        demands: Demands::default(),
    }
}

/// A connection to a provider by script.
pub(crate) fn connection_to(idp: &ScriptedIdp, mint: &Mint) -> Connection {
    Connection {
        id: mint.id(),
        tried: false,
        settings: Settings {
            issuer: idp.issuer().to_owned(),
            link_claim: "oid".to_owned(),
            ca_pem: idp.ca_pem().to_owned(),
            ..settings("okta")
        },
    }
}
