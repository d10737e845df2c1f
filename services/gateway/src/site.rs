//! Where browsers reach the pages.

/// The address of the installation as browsers see it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Site {
    origin: String,
}

impl Site {
    /// Takes the configured address; a slash at its end makes no difference.
    pub(crate) fn new(public_url: &str) -> Self {
        Self { origin: public_url.trim_end_matches('/').to_ascii_lowercase() }
    }

    /// Scheme, host and port: what a browser sends as `Origin`.
    pub(crate) fn origin(&self) -> &str {
        &self.origin
    }

    /// Whether browsers reach the pages over TLS.
    pub(crate) fn secure(&self) -> bool {
        self.origin.starts_with("https://")
    }
}

/// The address of a company: the first part of every path of its pages.
///
/// Only the spelling is checked here; whether the company exists is the services' word.
pub(crate) fn company_address(text: &str) -> Option<&str> {
    let mut bytes = text.bytes();
    let letter = bytes.next().is_some_and(|first| first.is_ascii_lowercase());
    let rest = bytes.all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-');
    (letter && rest && (2..=40).contains(&text.len())).then_some(text)
}

/// A path to go back to, when it is one of the company's own pages; otherwise its first page.
pub(crate) fn path_back(address: &str, wanted: &str) -> String {
    let home = format!("/{address}");
    let below = wanted.strip_prefix(&home).is_some_and(|rest| rest.is_empty() || rest.starts_with(['/', '?', '#']));
    // Browsers take a backslash for a slash and drop control characters, so neither may stand in a path.
    let clean = wanted.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'\\') && !wanted.contains("//");
    if below && clean { wanted.to_owned() } else { home }
}

#[cfg(test)]
mod tests;
