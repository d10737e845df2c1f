use super::{none, sources};

const FILE_LINES_MAX: usize = 400;
const FUNCTION_LINES_MAX: usize = 70;

/// Files that are longer all the same, and how long they may be. This list may only shrink.
const LONGER: [(&str, usize); 0] = [];

#[test]
fn no_file_is_longer_than_a_reader_can_hold() {
    let mut findings = Vec::new();
    for file in sources(&[".rs", ".mjs", ".js", ".css", ".sh", ".proto"]) {
        let lines = file.text.lines().count();
        let allowed = LONGER.iter().find(|(path, _)| *path == file.path);
        match allowed {
            None if lines > FILE_LINES_MAX => findings.push(format!("{}: {lines} lines", file.path)),
            Some((_, most)) if lines > *most => findings.push(format!("{}: grew to {lines} lines", file.path)),
            Some((_, most)) if lines < *most => {
                findings.push(format!("{}: shrank to {lines}; so may the list", file.path))
            }
            _ => {}
        }
    }
    none("files have at most 400 lines", findings);
}

#[test]
fn no_function_is_longer_than_a_screen() {
    let mut findings = Vec::new();
    for file in sources(&[".rs"]) {
        let lines: Vec<&str> = file.text.lines().collect();
        for (start, line) in lines.iter().enumerate() {
            let Some(indent) = indent_of_function(line) else { continue };
            // rustfmt puts the closing brace under the first letter of the function.
            let closing = format!("{}}}", " ".repeat(indent));
            let length = lines[start..].iter().position(|line| *line == closing).map_or(1, |end| end + 1);
            let one_liner = line.ends_with('}') || line.ends_with(';');
            if !one_liner && length > FUNCTION_LINES_MAX {
                findings.push(format!("{}:{}: {length} lines", file.path, start + 1));
            }
        }
    }
    none("functions have at most 70 lines", findings);
}

fn indent_of_function(line: &str) -> Option<usize> {
    let words = line.trim_start();
    let mut rest = words;
    for word in ["pub ", "pub(crate) ", "pub(super) ", "const ", "async "] {
        rest = rest.strip_prefix(word).unwrap_or(rest);
    }
    rest.starts_with("fn ").then(|| line.len() - words.len())
}
