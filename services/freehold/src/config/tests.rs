use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use super::{Config, read_secret, set};

fn config(text: &str) -> anyhow::Result<Config> {
    let config: Config = toml::from_str(text)?;
    config.check()?;
    Ok(config)
}

#[test]
fn an_unknown_key_is_refused() {
    assert!(config("[web]\nlisten = \"127.0.0.1:1\"\nport = 1").is_err());
    assert!(config("[webb]").is_err());
}

#[test]
fn people_are_not_sent_to_clear_text() {
    assert!(config("[web]\npublic_url = \"http://freehold.example\"").is_err());
    assert!(config("[web]\npublic_url = \"https://freehold.example\"").is_ok());
    assert!(config("").is_ok());
}

#[test]
fn a_variable_is_a_key() {
    let mut table = toml::Table::new();
    set(&mut table, "FREEHOLD__WEB__LISTEN", "WEB__LISTEN", "127.0.0.1:9").unwrap();
    let config: Config = table.try_into().unwrap();
    assert_eq!(config.web.listen.port(), 9);
    assert!(set(&mut toml::Table::new(), "FREEHOLD__WEB", "WEB", "x").is_err());
}

#[test]
fn a_secret_that_others_can_read_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("secret");
    fs::write(&file, "word\n").unwrap();
    fs::set_permissions(&file, fs::Permissions::from_mode(0o640)).unwrap();
    assert!(read_secret(&file).is_err());
    fs::set_permissions(&file, fs::Permissions::from_mode(0o600)).unwrap();
    assert_eq!(read_secret(&file).unwrap(), "word");
}

#[test]
fn networks_are_a_list_or_one_text_with_commas() {
    let named = |text: &str| config(text).map(|config| config.sign_on.networks().unwrap().len());
    assert_eq!(named("").unwrap(), 0);
    assert_eq!(named("[sign_on]\nprivate_networks = [\"10.20.0.0/16\", \"fd00:20::/32\"]").unwrap(), 2);
    assert_eq!(named("[sign_on]\nprivate_networks = \"10.20.0.0/16, fd00:20::/32\"").unwrap(), 2);
    let proxies = config("[web]\ntrusted_proxies = [\"127.0.0.1/32\", \"::1/128\"]").unwrap().web.proxies();
    assert_eq!(proxies.unwrap().len(), 2);
}

#[test]
fn a_network_is_named_by_its_first_address() {
    for text in ["10.0.0.0", "10.0.0.1/8", "10.0.0.0/33", "fd00::/129", "example.org/8", "/8", "10.0.0.0/"] {
        for (section, key) in [("sign_on", "private_networks"), ("web", "trusted_proxies")] {
            let wrong = config(&format!("[{section}]\n{key} = [\"{text}\"]")).unwrap_err().to_string();
            assert!(wrong.contains(&format!("{section}.{key}")) && wrong.contains(text), "{wrong}");
        }
    }
}
