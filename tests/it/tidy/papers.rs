use std::path::Path;

use super::{Source, none, root, sources};

#[test]
fn every_path_a_document_names_exists() {
    let mut findings = Vec::new();
    for document in sources(&[".md"]) {
        for path in paths(&document) {
            findings.push(format!("{}: {path}", document.path));
        }
    }
    none("documents name what does not exist", findings);
}

/// The paths that lead nowhere.
fn paths(document: &Source) -> Vec<String> {
    let folder = root().join(&document.path).parent().map(Path::to_path_buf).unwrap_or_default();
    let exists = |path: &str| root().join(path).exists() || folder.join(path).exists();
    let links = between(&document.text, "](", ')').filter(|link| !link.contains("://") && !link.starts_with('#'));
    let links = links.map(|link| link.split('#').next().unwrap_or_default());
    let quotes = between(&document.text, "`", '`').filter(|quote| names_a_path(quote));
    let mut lost: Vec<String> = links.chain(quotes).filter(|path| !exists(path)).map(str::to_owned).collect();
    lost.dedup();
    lost
}

/// Whether a quote is a path of this repository: it begins like one, and nothing in it is for the reader to fill in.
fn names_a_path(quote: &str) -> bool {
    let Some((first, _)) = quote.split_once('/') else { return false };
    let begins = !first.is_empty() && !matches!(first, "." | "..") && (first == "src" || root().join(first).is_dir());
    begins && !quote.contains(|sign: char| sign.is_whitespace() || "*<>{}$…:".contains(sign))
}

fn between<'a>(text: &'a str, open: &'a str, close: char) -> impl Iterator<Item = &'a str> {
    text.lines().flat_map(move |line| {
        let mut rest = line;
        std::iter::from_fn(move || {
            let start = rest.find(open)? + open.len();
            let end = start + rest[start..].find(close)?;
            let found = &rest[start..end];
            rest = &rest[end + close.len_utf8()..];
            Some(found)
        })
    })
}
