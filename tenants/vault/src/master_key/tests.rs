use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use freehold_types::{Fault, Kind, Reason};
use tempfile::TempDir;

use crate::{Vault, VaultError};

fn folder() -> (TempDir, PathBuf) {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("master.key");
    (folder, path)
}

fn put(path: &Path, text: impl AsRef<[u8]>, mode: u32) {
    fs::write(path, text).unwrap();
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}

fn line(key: &[u8]) -> String {
    format!("freehold-master-key-1:{}\n", STANDARD.encode(key))
}

#[test]
fn a_new_file_is_ours_alone_one_line_and_read_again() {
    let (folder, path) = folder();
    let made = Vault::load_or_create(&path).unwrap();

    assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o7777, 0o600);
    let text = fs::read_to_string(&path).unwrap();
    assert_eq!(text.len(), 67);
    assert!(text.starts_with("freehold-master-key-1:") && text.ends_with('\n'), "{text:?}");
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1, "no draft is left");

    assert_eq!(Vault::load_or_create(&path).unwrap().fingerprint(), made.fingerprint());
    assert_eq!(Vault::load(&path).unwrap().fingerprint(), made.fingerprint());
    assert_eq!(fs::read_to_string(&path).unwrap(), text);
}

#[test]
fn every_new_file_has_another_key() {
    let (_first, one) = folder();
    let (_second, other) = folder();
    let made = [one, other].map(|path| Vault::load_or_create(&path).unwrap().fingerprint());
    assert_ne!(made[0], made[1]);
}

#[test]
fn processes_that_start_together_get_one_key() {
    let (folder, path) = folder();
    let fingerprints: Vec<String> = std::thread::scope(|scope| {
        let starts: Vec<_> =
            (0..8).map(|_| scope.spawn(|| Vault::load_or_create(&path).unwrap().fingerprint())).collect();
        starts.into_iter().map(|start| start.join().unwrap()).collect()
    });
    assert!(fingerprints.windows(2).all(|pair| pair[0] == pair[1]), "{fingerprints:?}");
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1, "no draft is left");
}

#[test]
fn a_file_holds_the_key_it_says() {
    let (_folder, path) = folder();
    let wanted = Vault::from_master_key(freehold_types::Secret::new([5; 32])).fingerprint();
    for text in
        [line(&[5; 32]), line(&[5; 32]).trim_end().to_owned(), format!("\n  {}\r\n\n", line(&[5; 32]).trim_end())]
    {
        put(&path, &text, 0o600);
        assert_eq!(Vault::load(&path).unwrap().fingerprint(), wanted, "{text:?}");
    }
    put(&path, line(&[5; 32]), 0o400);
    assert_eq!(Vault::load(&path).unwrap().fingerprint(), wanted);
}

#[test]
fn a_file_open_to_group_or_others_is_refused_with_the_cure() {
    let (_folder, path) = folder();
    for mode in [0o640, 0o604, 0o644, 0o620, 0o602, 0o610, 0o601, 0o666, 0o777] {
        put(&path, line(&[5; 32]), mode);
        for load in [Vault::load, Vault::load_or_create] {
            let error = load(&path).unwrap_err();
            assert!(matches!(error, VaultError::MasterKeyExposed { .. }), "{mode:o}: {error}");
            assert!(error.to_string().ends_with(&format!("{mode:04o}")), "{error}");
            assert_eq!(error.cure(), Some(format!("chmod 600 {}", path.display())));
        }
    }
}

#[test]
fn a_malformed_file_is_refused_with_the_cure_and_kept() {
    let (_folder, path) = folder();
    let good = line(&[5; 32]);
    let malformed = [
        String::new(),
        "\n".to_owned(),
        STANDARD.encode([5; 32]),
        good.replace("-1:", "-2:"),
        good.replace("-1:", "-1: "),
        good.to_uppercase(),
        line(&[5; 31]),
        line(&[5; 33]),
        line(&[]),
        good.replace('=', ""),
        good.replace('U', "-"),
        good.chars().take(40).collect(),
        format!("{good}{good}"),
        format!("# our key\n{good}"),
        format!("{good}{}", " ".repeat(256)),
    ];
    for text in malformed {
        put(&path, &text, 0o600);
        for load in [Vault::load, Vault::load_or_create] {
            let error = load(&path).unwrap_err();
            assert!(matches!(error, VaultError::MasterKeyMalformed { .. }), "{text:?}: {error}");
            assert!(error.cure().unwrap().contains("freehold-master-key-1:"), "{text:?}");
        }
        assert_eq!(fs::read_to_string(&path).unwrap(), text, "what may be a damaged key is never overwritten");
    }
    put(&path, [0xff; 40], 0o600);
    assert!(matches!(Vault::load(&path).unwrap_err(), VaultError::MasterKeyMalformed { .. }));
}

#[test]
fn what_is_no_file_is_refused() {
    let (folder, path) = folder();
    let missing = Vault::load(&path).unwrap_err();
    assert!(matches!(missing, VaultError::MasterKeyUnreadable { .. }), "{missing}");
    assert!(!path.exists(), "load makes nothing");

    let no_file = Vault::load_or_create(folder.path()).unwrap_err();
    assert!(matches!(no_file, VaultError::MasterKeyUnreadable { .. }), "{no_file}");

    let nowhere = Vault::load_or_create(&folder.path().join("missing").join("master.key")).unwrap_err();
    assert!(matches!(nowhere, VaultError::MasterKeyUnwritable { .. }), "{nowhere}");

    let dangling = folder.path().join("link.key");
    symlink(folder.path().join("missing.key"), &dangling).unwrap();
    let dangling = Vault::load_or_create(&dangling).unwrap_err();
    assert!(matches!(dangling, VaultError::MasterKeyUnreadable { .. }), "{dangling}");
}

#[test]
fn trouble_with_the_file_becomes_a_fault_with_its_cure() {
    let (_folder, path) = folder();
    let fault = Fault::from(Vault::load(&path).unwrap_err());
    assert_eq!((fault.kind(), fault.reason()), (Kind::Unavailable, Reason::StorageRefused));
    assert_eq!(fault.message(), format!("cannot read the master key file {}", path.display()));
    assert!(fault.how_to_cure().is_some());
    assert!(std::error::Error::source(&fault).is_some(), "the system's words");

    put(&path, line(&[5; 32]), 0o644);
    let fault = Fault::from(Vault::load(&path).unwrap_err());
    assert_eq!(fault.how_to_cure(), Some(format!("chmod 600 {}", path.display()).as_str()));
}
