use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::sync::Arc;

use freehold_tenancy::{Storage, Tenancy};
use freehold_types::{Mint, Reason, Secret, SystemClock};
use freehold_vault::Vault;
use freehold_wire::OperatorTokens as _;

use super::{TOKEN_CHARS, Tokens, ensure};

async fn tenancy(folder: &Path) -> Tenancy {
    let storage = Storage::new(format!("sqlite://{}/data", folder.display()));
    let vault = Vault::from_master_key(Secret::new([7; 32]));
    Tenancy::connect(&storage, vault, Mint::new(Arc::new(SystemClock))).await.unwrap()
}

async fn accepted(tenancy: &Tenancy, token: &str) -> bool {
    Tokens::new(tenancy.clone()).verify(token).await.unwrap()
}

fn token(path: &Path) -> String {
    fs::read_to_string(path).unwrap().trim().to_owned()
}

#[tokio::test]
async fn the_first_start_makes_a_token_and_the_next_ones_keep_it() {
    let folder = tempfile::tempdir().unwrap();
    let tenancy = tenancy(folder.path()).await;
    let path = folder.path().join("operator.token");
    ensure(&tenancy, &path).await.unwrap();
    let first = token(&path);
    assert_eq!(first.len(), TOKEN_CHARS);
    assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    ensure(&tenancy, &path).await.unwrap();
    assert_eq!(token(&path), first);
    assert!(accepted(&tenancy, &first).await);
    for wrong in ["", "x", &first.to_ascii_uppercase(), &format!("{first}x"), &"A".repeat(TOKEN_CHARS)] {
        assert!(!accepted(&tenancy, wrong).await, "{wrong}");
    }
}

#[tokio::test]
async fn a_missing_file_ends_the_old_token() {
    let folder = tempfile::tempdir().unwrap();
    let tenancy = tenancy(folder.path()).await;
    let path = folder.path().join("operator.token");
    ensure(&tenancy, &path).await.unwrap();
    let old = token(&path);
    fs::remove_file(&path).unwrap();
    ensure(&tenancy, &path).await.unwrap();
    assert_ne!(token(&path), old);
    assert!(accepted(&tenancy, &token(&path)).await);
    assert!(!accepted(&tenancy, &old).await);
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 2, "the storage and the token, no draft");
}

#[tokio::test]
async fn another_token_in_the_file_is_refused_and_a_new_storage_takes_it() {
    let folder = tempfile::tempdir().unwrap();
    let tenancy = tenancy(folder.path()).await;
    let path = folder.path().join("operator.token");
    ensure(&tenancy, &path).await.unwrap();
    let right = token(&path);
    fs::write(&path, "A".repeat(TOKEN_CHARS)).unwrap();
    assert_eq!(ensure(&tenancy, &path).await.unwrap_err().reason(), Reason::TokenRefused);
    assert!(accepted(&tenancy, &right).await, "nothing was replaced");

    let other_folder = tempfile::tempdir().unwrap();
    let other = self::tenancy(other_folder.path()).await;
    ensure(&other, &path).await.unwrap();
    assert!(accepted(&other, &"A".repeat(TOKEN_CHARS)).await);
}

#[tokio::test]
async fn a_file_that_others_may_read_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let tenancy = tenancy(folder.path()).await;
    let path = folder.path().join("operator.token");
    ensure(&tenancy, &path).await.unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
    assert_eq!(ensure(&tenancy, &path).await.unwrap_err().reason(), Reason::TokenRefused);
}
