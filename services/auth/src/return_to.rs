//! Where a browser lands after a sign-in: a path below the company's address, or the address itself.

/// The longest path we keep.
const PATH_BYTES_MAX: usize = 1024;

/// The path to land on: `wanted` when it is a plain path below the company's address, otherwise the address.
///
/// Browsers read `//`, `/\` and encoded forms of both as the start of another host, and undo `..`, so a path with any
/// of them is not plain.
pub(crate) fn landing(company_address: &str, wanted: &str) -> String {
    let home = format!("/{company_address}");
    if below(&home, wanted) { wanted.to_owned() } else { home }
}

fn below(home: &str, wanted: &str) -> bool {
    let Some(rest) = wanted.strip_prefix(home) else { return false };
    if wanted.len() > PATH_BYTES_MAX || !(rest.is_empty() || rest.starts_with(['/', '?'])) {
        return false;
    }
    let plain =
        wanted.bytes().all(|byte| byte.is_ascii_graphic() && !matches!(byte, b'\\' | b'#' | b'"' | b'<' | b'>'));
    let path = wanted.split_once('?').map_or(wanted, |(path, _query)| path).to_ascii_lowercase();
    let hidden = ["//", "%2f", "%5c", "%2e"].iter().any(|form| path.contains(form));
    let climbs = path.split('/').any(|segment| matches!(segment, "." | ".."));
    plain && !hidden && !climbs
}

#[cfg(test)]
mod tests;
