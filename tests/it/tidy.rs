//! The repository about itself: rules that matter and that neither the compiler nor clippy can see.

mod contracts;
mod dependencies;
mod papers;
mod sizes;
mod words;

use std::fmt::Display;
use std::fs;
use std::path::{Path, PathBuf};

/// Folders that are made, not written.
const MADE: [&str; 3] = [".git", "target", "node_modules"];

/// A file of the repository.
struct Source {
    /// From the root, with forward slashes.
    path: String,
    text: String,
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the tests are a folder of the repository")
}

/// All text files whose name ends with one of `endings`, in the order of their paths.
fn sources(endings: &[&str]) -> Vec<Source> {
    let mut found = Vec::new();
    let mut open = vec![root().to_path_buf()];
    while let Some(folder) = open.pop() {
        for item in fs::read_dir(&folder).expect("a folder of the repository is readable") {
            let item = item.expect("a folder of the repository is readable");
            let (path, name) = (item.path(), item.file_name().to_string_lossy().into_owned());
            if path.is_dir() {
                if !MADE.contains(&name.as_str()) {
                    open.push(path);
                }
            } else if endings.iter().any(|ending| name.ends_with(ending)) {
                found.extend(read(path));
            }
        }
    }
    found.sort_by(|one, other| one.path.cmp(&other.path));
    assert!(!found.is_empty(), "no file ends with {endings:?}: does this test look in the right place?");
    found
}

/// Nothing for what is not text, a picture for example.
fn read(path: PathBuf) -> Option<Source> {
    let text = String::from_utf8(fs::read(&path).ok()?).ok()?;
    let path = path.strip_prefix(root()).ok()?.to_string_lossy().into_owned();
    Some(Source { path, text })
}

/// Fails with every finding, so that one run shows all there is to mend.
#[track_caller]
fn none<T: Display>(rule: &str, findings: impl IntoIterator<Item = T>) {
    let findings: Vec<String> = findings.into_iter().map(|finding| format!("  {finding}")).collect();
    assert!(findings.is_empty(), "{rule}:\n{}", findings.join("\n"));
}

/// Rust without comments and without what stands in quotes; lines stay where they are.
fn code_of(text: &str) -> String {
    let mut code = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(sign) = rest.chars().next() {
        let length = match sign {
            '/' if rest.starts_with("//") => rest.find('\n').unwrap_or(rest.len()),
            '"' => quoted(rest),
            'r' if is_raw_string(rest, &code) => raw_string(rest),
            '\'' => character(rest),
            _ => 0,
        };
        if length == 0 {
            code.push(sign);
            rest = &rest[sign.len_utf8()..];
        } else {
            code.extend(rest[..length].chars().filter(|sign| *sign == '\n'));
            rest = &rest[length..];
        }
    }
    code
}

fn quoted(rest: &str) -> usize {
    let mut escaped = false;
    for (place, sign) in rest.char_indices().skip(1) {
        match sign {
            '"' if !escaped => return place + 1,
            '\\' => escaped = !escaped,
            _ => escaped = false,
        }
    }
    rest.len()
}

fn is_raw_string(rest: &str, before: &str) -> bool {
    let opens = rest[1..].trim_start_matches('#').starts_with('"');
    opens && !before.ends_with(|sign: char| sign.is_alphanumeric() && sign != 'b' || sign == '_')
}

fn raw_string(rest: &str) -> usize {
    let hashes = rest[1..].chars().take_while(|sign| *sign == '#').count();
    let start = hashes + 2;
    let end = format!("\"{}", "#".repeat(hashes));
    rest[start..].find(&end).map_or(rest.len(), |place| start + place + end.len())
}

/// A character literal; a lifetime has no closing quote and is left alone.
fn character(rest: &str) -> usize {
    let mut signs = rest.char_indices().skip(1);
    match signs.next() {
        Some((_, '\\')) => rest[2..].find('\'').map_or(0, |place| place + 3).max(4),
        Some(_) => match signs.next() {
            Some((place, '\'')) => place + 1,
            _ => 0,
        },
        None => 0,
    }
}

/// The words a compiler would see, with the number of the line they stand on.
fn identifiers(text: &str) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    for (number, line) in code_of(text).lines().enumerate() {
        for word in line.split(|sign: char| !sign.is_alphanumeric() && sign != '_').filter(|word| !word.is_empty()) {
            found.push((number + 1, word.to_owned()));
        }
    }
    found
}

#[test]
fn comments_and_quotes_are_not_code() {
    let text = "let a = \"realm \\\" x\"; // realm\nlet b = r#\"realm \"q\" \"#; let c = 'r'; let d: &'static str = \"\\\\\"; fin();";
    let words: Vec<String> = identifiers(text).into_iter().map(|(_, word)| word).collect();
    assert_eq!(words, ["let", "a", "let", "b", "let", "c", "let", "d", "static", "str", "fin"]);
}
