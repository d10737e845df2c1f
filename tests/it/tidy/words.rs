use super::{identifiers, none, sources};

/// Words that the glossary gives another name, as whole identifiers.
const OTHER_NAMES: [(&str, &str); 14] = [
    ("user_id", "person_id"),
    ("user_ids", "person_ids"),
    ("UserId", "PersonId"),
    ("account_id", "person_id"),
    ("employee_id", "person_id"),
    ("realm", "tenant"),
    ("realm_id", "tenant_id"),
    ("silo", "tenant"),
    ("login", "sign_in"),
    ("login_id", "sign_in_id"),
    ("logout", "end_session"),
    ("superuser", "operator"),
    ("timeline", "feed"),
    ("org_id", "tenant_id"),
];

/// PostgreSQL has names of its own for its roles, and its engine speaks of those.
const POSTGRES_OWN: [&str; 2] = ["login", "superuser"];

/// Written in pieces, so that this file does not find itself.
const LEFT_BEHIND: [&str; 6] = [
    concat!("TO", "DO"),
    concat!("FIX", "ME"),
    concat!("XX", "X"),
    concat!("HA", "CK"),
    concat!("unimpl", "emented!"),
    concat!("to", "do!("),
];
const SILENCED: [&str; 6] = [
    concat!("#[ign", "ore"),
    concat!("allow", "(clippy"),
    concat!("allow", "(dead_code"),
    concat!("allow", "(unused"),
    concat!("#![al", "low("),
    concat!("#[al", "low("),
];
const ONE_MACHINE: [&str; 6] = [
    concat!("/", "work/"),
    concat!("/", "root/"),
    concat!("/", "farm/"),
    concat!("/ho", "me/"),
    concat!("/t", "mp/fh"),
    concat!("../sha", "red"),
];

#[test]
fn names_are_those_of_the_glossary() {
    let mut findings = Vec::new();
    for file in sources(&[".rs"]) {
        for (line, word) in identifiers(&file.text) {
            let postgres_own = file.path.contains("postgres") && POSTGRES_OWN.contains(&word.as_str());
            let other = OTHER_NAMES.iter().find(|(theirs, _)| *theirs == word && !postgres_own);
            if let Some((_, ours)) = other {
                findings.push(format!("{}:{line}: {word}, which we call {ours}", file.path));
            }
        }
    }
    none("one word, one meaning", findings);
}

#[test]
fn nothing_is_left_for_later() {
    let files = [".rs", ".proto", ".js", ".mjs", ".css", ".html", ".ftl", ".sh", "run"];
    none("finish it or open an issue", lines_with(&files, &LEFT_BEHIND, has_word));
}

#[test]
fn nothing_is_silenced() {
    let findings = lines_with(&[".rs"], &SILENCED, |line, word| line.contains(word));
    none("an exception is an expect with a reason", findings);
    let skipped = lines_with(&[".mjs", ".js"], &[concat!(".sk", "ip(")], |line, word| line.contains(word));
    none("a test runs or is not there", skipped);
}

#[test]
fn nothing_depends_on_one_machine() {
    let files = [".rs", ".toml", ".md", ".proto", ".mjs", ".js", ".json", ".yaml", ".service", ".sh", "run"];
    let findings = lines_with(&files, &ONE_MACHINE, |line, path| {
        line.match_indices(path).any(|(place, _)| {
            // A path on the machine begins there; "https://example.org/work/" does not.
            !line[..place].ends_with(|sign: char| sign.is_alphanumeric() || matches!(sign, '_' | '$' | '}' | '.'))
        })
    });
    none("paths of one machine", findings);
}

fn lines_with(endings: &[&str], words: &[&str], holds: impl Fn(&str, &str) -> bool) -> Vec<String> {
    let mut findings = Vec::new();
    for file in sources(endings) {
        for (number, line) in file.text.lines().enumerate() {
            if words.iter().any(|word| holds(line, word)) {
                findings.push(format!("{}:{}: {}", file.path, number + 1, line.trim()));
            }
        }
    }
    findings
}

fn has_word(line: &str, word: &str) -> bool {
    let inside = |sign: Option<char>| sign.is_some_and(|sign| sign.is_alphanumeric() || sign == '_');
    line.match_indices(word).any(|(place, _)| {
        !inside(line[..place].chars().next_back()) && !inside(line[place + word.len()..].chars().next())
    })
}
