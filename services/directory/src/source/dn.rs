//! Distinguished names (RFC 4514) in a form that compares: `member` and `manager` values meet their entries by it.

use std::fmt;

use super::ber;

/// Bytes of a name; the longest real ones stay below 1 KiB.
const DN_BYTES_MAX: usize = 16 * 1024;

/// A name in canonical spelling: types in lower case and by their short names, values in lower case with single
/// spaces, everything special as `\xx`, parts of a multi-valued component in order.
///
/// Values compare without case, as the naming attributes of people, groups and units do. Unicode is not normalised:
/// servers give a name and the references to it in the same spelling.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Dn(String);

/// Why a text is not a distinguished name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DnError {
    /// Longer than any real name.
    #[error("a name of {0} bytes; the limit is {DN_BYTES_MAX}")]
    TooLong(usize),
    /// A component without `=`, or with nothing before it.
    #[error("a component without type and value: {0:?}")]
    Component(String),
    /// A backslash before what cannot be escaped, or an unfinished value.
    #[error("a broken escape or quote")]
    Escape,
}

impl Dn {
    /// Reads a name as a directory writes it.
    ///
    /// # Errors
    /// The text is not a distinguished name.
    pub fn parse(text: &str) -> Result<Self, DnError> {
        if text.len() > DN_BYTES_MAX {
            return Err(DnError::TooLong(text.len()));
        }
        plain(text).map_or_else(|| Self::parse_closely(text), |canonical| Ok(Self(canonical)))
    }

    fn parse_closely(text: &str) -> Result<Self, DnError> {
        let mut rest = text.trim_matches(' ');
        let mut canonical = String::with_capacity(rest.len());
        let mut component = Vec::new();
        while !rest.is_empty() {
            let (kind, after) = rest.split_once('=').ok_or_else(|| DnError::Component(rest.to_owned()))?;
            let (value, separator, after) = take_value(after)?;
            component.push(format!("{}={}", canonical_kind(kind)?, canonical_value(&value)));
            rest = after.trim_start_matches(' ');
            if separator != Some('+') {
                component.sort_unstable();
                if !canonical.is_empty() {
                    canonical.push(',');
                }
                canonical.push_str(&component.join("+"));
                component.clear();
            }
            if separator.is_some() && rest.is_empty() {
                return Err(DnError::Component(String::new()));
            }
        }
        Ok(Self(canonical))
    }

    /// The canonical spelling.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether it is the empty name.
    #[must_use]
    pub const fn is_root(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether it is `base` or something below it.
    #[must_use]
    pub fn within(&self, base: &Self) -> bool {
        base.is_root()
            || self.0.strip_suffix(base.0.as_str()).is_some_and(|above| above.is_empty() || above.ends_with(','))
    }
}

impl fmt::Display for Dn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Types that are canonical but for their case.
const PLAIN_KINDS: [&str; 6] = ["cn", "ou", "dc", "uid", "o", "l"];

/// The canonical spelling of a name in which only the case can differ from it, as most names of a directory are; nothing
/// when it has to be looked at more closely.
fn plain(text: &str) -> Option<String> {
    for component in text.split(',') {
        let (kind, value) = component.split_once('=')?;
        let known = PLAIN_KINDS.iter().any(|plain| kind.eq_ignore_ascii_case(plain));
        if !known || !plain_value(value.as_bytes()) {
            return None;
        }
    }
    Some(text.to_ascii_lowercase())
}

/// Words of letters, digits and harmless signs with single spaces between them.
fn plain_value(value: &[u8]) -> bool {
    let mut last = b' ';
    for byte in value {
        match byte {
            b' ' if last == b' ' => return false,
            b' ' | b'-' | b'.' | b'_' | b'@' | b'\'' | b'(' | b')' | b'/' | b'&' => {}
            _ if byte.is_ascii_alphanumeric() => {}
            _ => return false,
        }
        last = *byte;
    }
    last != b' '
}

/// Reads a value up to its separator; gives its bytes, the separator and what follows.
fn take_value(text: &str) -> Result<(Vec<u8>, Option<char>, &str), DnError> {
    let text = text.trim_start_matches(' ');
    if let Some(hex) = text.strip_prefix('#') {
        let end = hex.find([',', ';', '+']).unwrap_or(hex.len());
        let (digits, rest) = hex.split_at(end);
        let (separator, rest) = take_separator(rest);
        return Ok((value_of_hex(digits.trim_end_matches(' '))?, separator, rest));
    }
    if let Some(quoted) = text.strip_prefix('"') {
        let (value, rest) = take_until(quoted, &['"'])?;
        let rest = rest.strip_prefix('"').ok_or(DnError::Escape)?.trim_start_matches(' ');
        let (separator, after) = take_separator(rest);
        if separator.is_none() && !rest.is_empty() {
            return Err(DnError::Escape);
        }
        return Ok((value, separator, after));
    }
    let (value, rest) = take_until(text, &[',', ';', '+'])?;
    let (separator, rest) = take_separator(rest);
    Ok((value, separator, rest))
}

fn take_separator(text: &str) -> (Option<char>, &str) {
    let mut characters = text.chars();
    match characters.next() {
        Some(separator @ (',' | ';' | '+')) => (Some(separator), characters.as_str()),
        _ => (None, text),
    }
}

fn take_until<'a>(text: &'a str, ends: &[char]) -> Result<(Vec<u8>, &'a str), DnError> {
    let mut value = Vec::new();
    let mut rest = text;
    loop {
        let mut characters = rest.chars();
        match characters.next() {
            None => break,
            Some(end) if ends.contains(&end) => break,
            Some('\\') => {
                let escaped = characters.as_str();
                if let Some(byte) = escaped.get(..2).and_then(hex_byte) {
                    value.push(byte);
                    rest = escaped.get(2..).unwrap_or_default();
                } else {
                    let literal = characters.next().ok_or(DnError::Escape)?;
                    value.extend_from_slice(literal.encode_utf8(&mut [0; 4]).as_bytes());
                    rest = characters.as_str();
                }
            }
            Some(literal) => {
                value.extend_from_slice(literal.encode_utf8(&mut [0; 4]).as_bytes());
                rest = characters.as_str();
            }
        }
    }
    Ok((value, rest))
}

/// `#` is followed by the BER form of the value; of the string types the string counts.
fn value_of_hex(digits: &str) -> Result<Vec<u8>, DnError> {
    let bytes = digits
        .as_bytes()
        .chunks(2)
        .map(|pair| std::str::from_utf8(pair).ok().and_then(hex_byte))
        .collect::<Option<Vec<u8>>>()
        .filter(|bytes| !bytes.is_empty())
        .ok_or(DnError::Escape)?;
    const STRINGS: [u8; 5] = [ber::OCTET_STRING, 0x0c, 0x13, 0x14, 0x16];
    match ber::header(&bytes) {
        Ok(Some(header)) if STRINGS.contains(&header.tag) && header.size + header.length == bytes.len() => {
            Ok(bytes.get(header.size..).unwrap_or_default().to_vec())
        }
        _ => Ok(bytes),
    }
}

/// Two hexadecimal digits. The parser of the standard library would take a sign as well.
pub(super) fn hex_byte(digits: &str) -> Option<u8> {
    let only_digits = digits.len() == 2 && digits.bytes().all(|digit| digit.is_ascii_hexdigit());
    only_digits.then(|| u8::from_str_radix(digits, 16).ok()).flatten()
}

fn canonical_kind(kind: &str) -> Result<String, DnError> {
    let lower = kind.trim_matches(' ').to_ascii_lowercase();
    let lower = lower.strip_prefix("oid.").unwrap_or(&lower);
    if lower.is_empty() || !lower.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '.')) {
        return Err(DnError::Component(kind.to_owned()));
    }
    let short = match lower {
        "2.5.4.3" | "commonname" => "cn",
        "2.5.4.4" | "surname" => "sn",
        "2.5.4.6" | "countryname" => "c",
        "2.5.4.7" | "localityname" => "l",
        "2.5.4.8" | "stateorprovincename" => "st",
        "2.5.4.9" | "streetaddress" => "street",
        "2.5.4.10" | "organizationname" => "o",
        "2.5.4.11" | "organizationalunitname" => "ou",
        "0.9.2342.19200300.100.1.1" | "userid" => "uid",
        "0.9.2342.19200300.100.1.25" | "domaincomponent" => "dc",
        "1.2.840.113549.1.9.1" | "email" | "emailaddress" => "e",
        other => other,
    };
    Ok(short.to_owned())
}

fn canonical_value(value: &[u8]) -> String {
    let mut canonical = String::with_capacity(value.len());
    let Ok(text) = std::str::from_utf8(value) else {
        value.iter().for_each(|byte| push_escaped(&mut canonical, *byte));
        return canonical;
    };
    for word in text.split_whitespace() {
        if !canonical.is_empty() {
            canonical.push(' ');
        }
        for character in word.chars() {
            if matches!(character, ',' | '+' | '"' | '\\' | '<' | '>' | ';' | '=' | '#') || character.is_control() {
                let mut bytes = [0; 4];
                character.encode_utf8(&mut bytes).bytes().for_each(|byte| push_escaped(&mut canonical, byte));
            } else {
                canonical.extend(character.to_lowercase());
            }
        }
    }
    canonical
}

fn push_escaped(canonical: &mut String, byte: u8) {
    canonical.push('\\');
    for digit in [byte >> 4, byte & 0x0f] {
        canonical.push(char::from_digit(u32::from(digit), 16).unwrap_or('0'));
    }
}

#[cfg(test)]
mod tests;
