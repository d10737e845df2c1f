//! What people wrote: plain text in which blank lines part paragraphs and web addresses become links.
//!
//! Nothing of it is markup. The only elements are the ones made here, and maud escapes all text.

use maud::{Markup, html};

/// A text as its author laid it out.
pub(crate) fn text(source: &str) -> Markup {
    let lines: Vec<&str> = source.lines().map(str::trim_end).collect();
    let paragraphs = lines.split(|line| line.is_empty()).filter(|paragraph| !paragraph.is_empty());
    html! { @for paragraph in paragraphs { (self::paragraph(paragraph)) } }
}

/// The beginning of a long text: at most `lines_max` lines and `characters_max` characters. Nothing when it is short.
pub(crate) fn beginning(source: &str, lines_max: usize, characters_max: usize) -> Option<String> {
    let kept_lines: usize = source.split_inclusive('\n').take(lines_max).map(str::len).sum();
    let kept = source.char_indices().nth(characters_max).map_or(source.len(), |(place, _)| place).min(kept_lines);
    let head = source.get(..kept)?;
    if head.len() == source.trim_end().len() || head.trim_end() == source.trim_end() {
        return None;
    }
    // End between words, unless the text has no blank to end at.
    let end = if kept == kept_lines { head.len() } else { head.rfind(char::is_whitespace).unwrap_or(head.len()) };
    head.get(..end).map(|head| format!("{}\u{a0}…", head.trim_end()))
}

fn paragraph(lines: &[&str]) -> Markup {
    html! {
        p dir="auto" {
            @for (place, line) in lines.iter().enumerate() {
                @if place > 0 { br; }
                @for piece in pieces(line) {
                    @match piece {
                        Piece::Words(words) => (words),
                        Piece::Address(address) => a href=(address) rel="nofollow noopener noreferrer" { bdi { (address) } },
                    }
                }
            }
        }
    }
}

#[derive(Debug, PartialEq, Eq)]
enum Piece<'a> {
    Words(&'a str),
    Address(&'a str),
}

fn pieces(line: &str) -> Vec<Piece<'_>> {
    let mut found = Vec::new();
    let mut rest = line;
    while let Some((before, address, after)) = next_address(rest) {
        if !before.is_empty() {
            found.push(Piece::Words(before));
        }
        found.push(Piece::Address(address));
        rest = after;
    }
    if !rest.is_empty() {
        found.push(Piece::Words(rest));
    }
    found
}

/// Parts a line at its first web address. Only http and https are links; anything else stays words.
fn next_address(line: &str) -> Option<(&str, &str, &str)> {
    let mut from = 0;
    loop {
        let tail = line.get(from..)?;
        let place = from.checked_add([tail.find("https://"), tail.find("http://")].into_iter().flatten().min()?)?;
        let (before, candidate) = line.split_at_checked(place)?;
        let end =
            candidate.find(|c: char| c.is_whitespace() || matches!(c, '<' | '>' | '"')).unwrap_or(candidate.len());
        let address = without_closing_marks(candidate.get(..end)?);
        let host = address.split_once("://").map_or("", |(_, host)| host);
        if host.starts_with(|c: char| c.is_alphanumeric() || c == '[') {
            return Some((before, address, candidate.get(address.len()..)?));
        }
        from = place.checked_add("http".len())?;
    }
}

/// The sentence's own marks after an address are not part of it; a bracket is when it was opened inside.
fn without_closing_marks(address: &str) -> &str {
    let mut address = address;
    while let Some(last) = address.chars().next_back() {
        let closes = match last {
            ')' => address.matches(')').count() > address.matches('(').count(),
            ']' => address.matches(']').count() > address.matches('[').count(),
            _ => matches!(last, '.' | ',' | ';' | ':' | '!' | '?' | '\'' | '»' | '…' | '*'),
        };
        if !closes {
            break;
        }
        address = address.strip_suffix(last).unwrap_or_default();
    }
    address
}

#[cfg(test)]
mod tests;
