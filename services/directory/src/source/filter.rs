//! Search filters (RFC 4515): checked before a server sees them, and applied here to what a file holds.

use super::Entry;
use super::dn::hex_byte;
use super::error::SourceError;

/// How deep a filter may nest; the LDAP client's own parser recurses.
const FILTER_DEPTH_MAX: usize = 24;
/// Bytes of a filter.
const FILTER_BYTES_MAX: usize = 8 * 1024;

/// A filter as parsed. Attribute names are in lower case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Filter {
    /// All of them.
    And(Vec<Self>),
    /// At least one of them.
    Or(Vec<Self>),
    /// Not this.
    Not(Box<Self>),
    /// The attribute has a value.
    Present(String),
    /// The attribute has this value.
    Equal(String, Vec<u8>),
    /// The attribute has a value with these parts in this order; the first and the last part are the ends, and empty
    /// when open.
    Substrings(String, Vec<Vec<u8>>),
    /// Order, likeness or a named rule: for servers only.
    ServerOnly(&'static str),
}

impl Filter {
    /// Reads a filter.
    ///
    /// # Errors
    /// It is not RFC 4515, with the place where it stops to be.
    pub fn parse(text: &str) -> Result<Self, SourceError> {
        let mut parser = Parser { text, at: 0 };
        if text.len() > FILTER_BYTES_MAX {
            return Err(parser.wrong("it is too long"));
        }
        let filter = parser.filter(FILTER_DEPTH_MAX)?;
        if parser.at < text.len() { Err(parser.wrong("something follows the filter")) } else { Ok(filter) }
    }

    /// What in it only a server can decide, if anything.
    #[must_use]
    pub fn server_only(&self) -> Option<&'static str> {
        match self {
            Self::And(parts) | Self::Or(parts) => parts.iter().find_map(Self::server_only),
            Self::Not(part) => part.server_only(),
            Self::ServerOnly(what) => Some(what),
            Self::Present(_) | Self::Equal(..) | Self::Substrings(..) => None,
        }
    }

    /// Whether it selects the entry. Values compare without case and with single spaces, as names and classes do.
    #[must_use]
    pub fn matches(&self, entry: &Entry) -> bool {
        match self {
            Self::And(parts) => parts.iter().all(|part| part.matches(entry)),
            Self::Or(parts) => parts.iter().any(|part| part.matches(entry)),
            Self::Not(part) => !part.matches(entry),
            Self::Present(attribute) => values(entry, attribute).next().is_some(),
            Self::Equal(attribute, wanted) => {
                let folded = fold(wanted);
                values(entry, attribute).any(|value| value == wanted || fold(value) == folded)
            }
            Self::Substrings(attribute, parts) => {
                let parts: Vec<Vec<u8>> = parts.iter().map(|part| fold(part)).collect();
                values(entry, attribute).any(|value| has_parts(&fold(value), &parts))
            }
            Self::ServerOnly(_) => false,
        }
    }
}

fn values<'a>(entry: &'a Entry, attribute: &'a str) -> impl Iterator<Item = &'a Vec<u8>> {
    let described =
        move |name: &str| name.strip_prefix(attribute).is_some_and(|rest| rest.is_empty() || rest.starts_with(';'));
    entry.attributes.iter().filter(move |(name, _values)| described(name)).flat_map(|(_name, values)| values)
}

fn fold(value: &[u8]) -> Vec<u8> {
    std::str::from_utf8(value).map_or_else(
        |_binary| value.to_vec(),
        |text| {
            // The outer spaces stay as one: they are what separates a substring's ends.
            let mut folded = String::with_capacity(text.len());
            for character in text.chars().flat_map(char::to_lowercase) {
                if !(character == ' ' && folded.ends_with(' ')) {
                    folded.push(character);
                }
            }
            folded.into_bytes()
        },
    )
}

fn has_parts(value: &[u8], parts: &[Vec<u8>]) -> bool {
    let [first, middle @ .., last] = parts else {
        return false;
    };
    let Some(mut rest) = value.strip_prefix(first.as_slice()) else {
        return false;
    };
    for part in middle {
        let Some(at) = rest.windows(part.len().max(1)).position(|window| window == part.as_slice()) else {
            return false;
        };
        rest = rest.get(at + part.len()..).unwrap_or_default();
    }
    rest.ends_with(last)
}

struct Parser<'a> {
    text: &'a str,
    at: usize,
}

impl Parser<'_> {
    fn wrong(&self, problem: &str) -> SourceError {
        let before = self.text.get(..self.at).unwrap_or_default();
        SourceError::BadFilter {
            filter: self.text.to_owned(),
            position: before.chars().count() + 1,
            problem: problem.to_owned(),
        }
    }

    fn peek(&self) -> Option<char> {
        self.text.get(self.at..).and_then(|rest| rest.chars().next())
    }

    fn take(&mut self, wanted: char) -> bool {
        let found = self.peek() == Some(wanted);
        if found {
            self.at += wanted.len_utf8();
        }
        found
    }

    fn filter(&mut self, depth: usize) -> Result<Filter, SourceError> {
        let Some(below) = depth.checked_sub(1) else {
            return Err(self.wrong("it nests too deep"));
        };
        if !self.take('(') {
            return Err(self.wrong("a filter begins with ("));
        }
        let filter = if self.take('&') {
            Filter::And(self.list(below)?)
        } else if self.take('|') {
            Filter::Or(self.list(below)?)
        } else if self.take('!') {
            Filter::Not(Box::new(self.filter(below)?))
        } else {
            self.item()?
        };
        if self.take(')') { Ok(filter) } else { Err(self.wrong("a filter ends with )")) }
    }

    fn list(&mut self, depth: usize) -> Result<Vec<Filter>, SourceError> {
        let mut filters = Vec::new();
        while self.peek() == Some('(') {
            filters.push(self.filter(depth)?);
        }
        if filters.is_empty() {
            Err(self.wrong("nothing to combine; there is one ( for each part"))
        } else {
            Ok(filters)
        }
    }

    fn item(&mut self) -> Result<Filter, SourceError> {
        let rest = self.text.get(self.at..).unwrap_or_default();
        let word = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '.' | ';');
        let end = rest.find(|c: char| !word(c)).unwrap_or(rest.len());
        let (name, after) = rest.split_at(end);
        let name = name.to_ascii_lowercase();
        // A rule may stand without an attribute: (:caseExactMatch:=x).
        if name.is_empty() && !after.starts_with(':') {
            return Err(self.wrong("the name of an attribute is missing"));
        }
        self.at += end;
        if self.take('=') {
            return self.equality(name);
        }
        for (sign, what) in [('>', "an order (>=)"), ('<', "an order (<=)"), ('~', "a likeness (~=)")] {
            if self.take(sign) {
                return self.server_only(what);
            }
        }
        if self.peek() == Some(':') {
            let rule = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '.' | ':');
            let rest = self.text.get(self.at..).unwrap_or_default();
            self.at += rest.find(|c: char| !rule(c)).unwrap_or(rest.len());
            return self.server_only("a matching rule (:=)");
        }
        Err(self.wrong("an attribute is followed by =, >=, <=, ~= or :="))
    }

    fn server_only(&mut self, what: &'static str) -> Result<Filter, SourceError> {
        if !self.take('=') {
            return Err(self.wrong("= is missing"));
        }
        match self.value()? {
            parts if parts.len() == 1 => Ok(Filter::ServerOnly(what)),
            _ => Err(self.wrong("* stands only after =")),
        }
    }

    fn equality(&mut self, name: String) -> Result<Filter, SourceError> {
        let mut parts = self.value()?;
        Ok(match parts.as_slice() {
            [_value] => Filter::Equal(name, parts.pop().unwrap_or_default()),
            [first, last] if first.is_empty() && last.is_empty() => Filter::Present(name),
            _ => Filter::Substrings(name, parts),
        })
    }

    /// A value up to its closing parenthesis, cut at each `*`.
    fn value(&mut self) -> Result<Vec<Vec<u8>>, SourceError> {
        let mut parts = Vec::new();
        let mut part = Vec::new();
        loop {
            match self.peek() {
                None => return Err(self.wrong("a filter ends with )")),
                Some(')') => break,
                Some('(') => return Err(self.wrong("( inside a value is written \\28")),
                Some('*') => parts.push(std::mem::take(&mut part)),
                Some('\\') => {
                    let digits = self.text.get(self.at + 1..self.at + 3);
                    let byte = digits.and_then(hex_byte);
                    part.push(byte.ok_or_else(|| self.wrong("\\ is followed by two hexadecimal digits"))?);
                    self.at += 2;
                }
                Some(other) => {
                    part.extend_from_slice(other.encode_utf8(&mut [0; 4]).as_bytes());
                    self.at += other.len_utf8() - 1;
                }
            }
            self.at += 1;
        }
        parts.push(part);
        Ok(parts)
    }
}

#[cfg(test)]
mod tests;
