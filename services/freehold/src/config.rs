//! The configuration: one TOML file, every key also as an environment variable, checked before anything starts.

use std::fs;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};
use ipnet::IpNet;
use serde::{Deserialize, Deserializer};

/// Where the configuration is looked for when nobody says.
const DEFAULT_FILE: &str = "/etc/freehold/freehold.toml";
/// First letters of the environment variables that are keys of ours.
const ENVIRONMENT_PREFIX: &str = "FREEHOLD__";

/// What an installation is told.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// Where data is kept.
    pub storage: Storage,
    /// Where the master key is kept.
    pub keys: Keys,
    /// The pages.
    pub web: Web,
    /// The contracts.
    pub grpc: Grpc,
    /// The operator.
    pub operator: Operator,
    /// Companies' IdPs.
    pub sign_on: SignOn,
    /// Where services are that this process does not run.
    pub services: Services,
    /// What is logged.
    pub log: Log,
}

/// Where data is kept.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Storage {
    /// `sqlite:///folder` or `postgres://owner:password@host/database`.
    pub url: String,
    /// File that holds the URL instead, for a URL with a password in it.
    pub url_file: Option<PathBuf>,
}

impl Default for Storage {
    fn default() -> Self {
        Self { url: "sqlite:///var/lib/freehold".to_owned(), url_file: None }
    }
}

/// Where the master key is kept.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Keys {
    /// Only `local` so far.
    pub provider: String,
    /// File of the master key; made at the first start.
    pub file: PathBuf,
}

impl Default for Keys {
    fn default() -> Self {
        Self { provider: "local".to_owned(), file: PathBuf::from("/var/lib/freehold/master.key") }
    }
}

/// The pages.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Web {
    /// Address to listen on.
    pub listen: SocketAddr,
    /// Address people use, without a slash at its end. Companies live below it. Default: the address listened on.
    pub public_url: Option<String>,
    /// Networks of the proxies in front, such as `10.0.0.0/24`, whose `X-Forwarded-For` says where a request comes from; in
    /// an environment variable several are separated by commas. Default: none, so whoever connects is the sender.
    #[serde(deserialize_with = "texts")]
    pub trusted_proxies: Vec<String>,
}

impl Default for Web {
    fn default() -> Self {
        Self { listen: SocketAddr::from(([127, 0, 0, 1], 8080)), public_url: None, trusted_proxies: Vec::new() }
    }
}

impl Web {
    /// The networks of the proxies in front.
    ///
    /// # Errors
    /// When a text names none.
    pub fn proxies(&self) -> Result<Vec<IpNet>> {
        networks("web.trusted_proxies", &self.trusted_proxies)
    }
}

/// The contracts.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Grpc {
    /// Address to listen on.
    pub listen: SocketAddr,
}

impl Default for Grpc {
    fn default() -> Self {
        Self { listen: SocketAddr::from(([127, 0, 0, 1], 8081)) }
    }
}

/// The operator.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Operator {
    /// File of the operator's token; made at the first start. Default: `operator.token` in the folder of SQLite storage,
    /// else `/var/lib/freehold/operator.token`.
    pub token_file: Option<PathBuf>,
}

/// Companies' IdPs.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct SignOn {
    /// Private networks in which IdPs stand, such as `10.20.0.0/16`; in an environment variable several are separated by
    /// commas. Without it no IdP is called at a private address.
    #[serde(deserialize_with = "texts")]
    pub private_networks: Vec<String>,
}

impl SignOn {
    /// The networks.
    ///
    /// # Errors
    /// When a text names none.
    pub fn networks(&self) -> Result<Vec<IpNet>> {
        networks("sign_on.private_networks", &self.private_networks)
    }
}

fn networks(key: &str, texts: &[String]) -> Result<Vec<IpNet>> {
    let read = |text: &String| {
        let network = text.parse::<IpNet>().ok().filter(|network| network.trunc() == *network);
        network.with_context(|| {
            format!("{key}: {text:?} must be a network such as 10.0.0.0/8 or fd00::/8, with no bit set behind the slash's number")
        })
    };
    texts.iter().map(read).collect()
}

/// A list, or one text with commas.
fn texts<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<String>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Texts {
        One(String),
        Many(Vec<String>),
    }
    Ok(match Texts::deserialize(deserializer)? {
        Texts::One(text) => {
            text.split(',').map(|part| part.trim().to_owned()).filter(|part| !part.is_empty()).collect()
        }
        Texts::Many(texts) => texts,
    })
}

/// gRPC addresses of services that run in other processes, such as `http://10.0.0.2:8081`.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Services {
    /// The operator's service; default: where `auth` is.
    pub operator: Option<String>,
    /// Directory sync.
    pub directory: Option<String>,
    /// Sign-in.
    pub auth: Option<String>,
    /// Groups and posts.
    pub content: Option<String>,
    /// Metering and invoices.
    pub billing: Option<String>,
}

/// What is logged.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Log {
    /// `error`, `warn`, `info` or `debug`.
    pub level: String,
    /// One JSON object per line instead of text.
    pub json: bool,
}

impl Default for Log {
    fn default() -> Self {
        Self { level: "info".to_owned(), json: false }
    }
}

impl Config {
    /// Reads the file and the environment.
    ///
    /// # Errors
    /// When the file cannot be read, a key is unknown, or a value cannot be.
    pub fn load(file: Option<&Path>) -> Result<Self> {
        let mut table = match file {
            Some(file) => read(file)?,
            None if Path::new(DEFAULT_FILE).exists() => read(Path::new(DEFAULT_FILE))?,
            None => toml::Table::new(),
        };
        #[expect(clippy::disallowed_methods, reason = "the one place that reads the environment")]
        let variables = std::env::vars();
        for (name, value) in variables {
            if let Some(key) = name.strip_prefix(ENVIRONMENT_PREFIX) {
                set(&mut table, &name, key, &value)?;
            }
        }
        let mut config: Self = table.try_into().context("the configuration is wrong")?;
        if let Some(file) = &config.storage.url_file {
            config.storage.url = read_secret(file)?;
        }
        config.check()?;
        Ok(config)
    }

    fn check(&self) -> Result<()> {
        if self.keys.provider != "local" {
            bail!("keys.provider is {:?}; it must be \"local\"", self.keys.provider);
        }
        self.sign_on.networks()?;
        self.web.proxies()?;
        let url = self.public_url();
        let loopback =
            ["http://127.0.0.1", "http://localhost", "http://[::1]"].iter().any(|start| url.starts_with(start));
        if !url.starts_with("https://") && !loopback {
            bail!("web.public_url is {url:?}; it must begin with https:// (http:// is for loopback only)");
        }
        if url.ends_with('/') {
            bail!("web.public_url is {url:?}; it must not end with a slash");
        }
        Ok(())
    }

    /// The address people use.
    #[must_use]
    pub fn public_url(&self) -> String {
        self.web.public_url.clone().unwrap_or_else(|| format!("http://{}", self.web.listen))
    }

    /// The file of the operator's token.
    #[must_use]
    pub fn token_file(&self) -> PathBuf {
        self.operator.token_file.clone().unwrap_or_else(|| {
            let folder = self.storage.url.strip_prefix("sqlite://").unwrap_or("/var/lib/freehold");
            Path::new(folder).join("operator.token")
        })
    }
}

fn read(file: &Path) -> Result<toml::Table> {
    let text = fs::read_to_string(file).with_context(|| format!("cannot read {}", file.display()))?;
    text.parse().with_context(|| format!("{} is not TOML", file.display()))
}

/// `FREEHOLD__WEB__LISTEN` is key `listen` of section `web`.
fn set(table: &mut toml::Table, name: &str, key: &str, value: &str) -> Result<()> {
    let (section, key) =
        key.split_once("__").with_context(|| format!("{name} must look like FREEHOLD__SECTION__KEY"))?;
    let entry = table.entry(section.to_lowercase()).or_insert_with(|| toml::Value::Table(toml::Table::new()));
    let section = entry.as_table_mut().with_context(|| format!("{name}: {section} is not a section"))?;
    let value = match value {
        "true" => toml::Value::Boolean(true),
        "false" => toml::Value::Boolean(false),
        text => toml::Value::String(text.to_owned()),
    };
    section.insert(key.to_lowercase(), value);
    Ok(())
}

/// Reads a secret from a file that nobody else may read.
///
/// # Errors
/// When the file cannot be read, or others can.
pub fn read_secret(file: &Path) -> Result<String> {
    use std::os::unix::fs::PermissionsExt as _;
    let metadata = fs::metadata(file).with_context(|| format!("cannot read {}", file.display()))?;
    if metadata.permissions().mode() & 0o077 != 0 {
        bail!("{file} can be read by others; run `chmod 600 {file}`", file = file.display());
    }
    let text = fs::read_to_string(file).with_context(|| format!("cannot read {}", file.display()))?;
    Ok(text.trim_end_matches(['\r', '\n']).to_owned())
}

#[cfg(test)]
mod tests;
