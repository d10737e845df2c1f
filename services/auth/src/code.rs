//! Access codes as people read and type them: 80 random bits as 16 characters of Crockford's base 32, in groups of
//! four.

use std::fmt;

use freehold_types::{Mint, Secret};

/// Characters of a code.
const CODE_CHARS: usize = 16;
/// Characters between two hyphens.
const GROUP_CHARS: usize = 4;
/// The longest text we look at: a code with more spaces than anybody types.
const TEXT_BYTES_MAX: usize = 64;
/// Crockford's alphabet: no I, L, O, U.
const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/// A code in its one spelling: 16 characters of the alphabet.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Code(Secret<[u8; CODE_CHARS]>);

impl Code {
    /// A new one. Each character takes five bits of a random byte of its own.
    pub(crate) fn make(mint: &Mint) -> Self {
        let random = Secret::new(mint.bytes::<CODE_CHARS>());
        Self(Secret::new(random.expose().map(|byte| digit(byte % 32))))
    }

    /// Reads what a person typed: case, spaces and hyphens do not matter, and O, I and L are read as 0 and 1.
    pub(crate) fn read(typed: &str) -> Option<Self> {
        if typed.len() > TEXT_BYTES_MAX {
            return None;
        }
        let mut code = [0; CODE_CHARS];
        let mut places = code.iter_mut();
        for letter in typed.chars().filter(|letter| !matches!(letter, ' ' | '-')) {
            *places.next()? = read_letter(letter)?;
        }
        places.next().is_none().then(|| Self(Secret::new(code)))
    }

    /// What the blind index is made of.
    pub(crate) fn bytes(&self) -> &[u8] {
        self.0.expose()
    }

    /// As it is printed on a letter.
    pub(crate) fn in_groups(&self) -> Secret<String> {
        let mut text = String::with_capacity(CODE_CHARS + CODE_CHARS / GROUP_CHARS);
        for (place, letter) in self.0.expose().iter().enumerate() {
            if place > 0 && place % GROUP_CHARS == 0 {
                text.push('-');
            }
            text.push(char::from(*letter));
        }
        Secret::new(text)
    }
}

impl fmt::Debug for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Code(***)")
    }
}

fn digit(value: u8) -> u8 {
    ALPHABET.get(usize::from(value)).copied().unwrap_or(b'0')
}

fn read_letter(letter: char) -> Option<u8> {
    let letter = match letter.to_ascii_uppercase() {
        'O' => '0',
        'I' | 'L' => '1',
        other => other,
    };
    let byte = u8::try_from(letter).ok()?;
    ALPHABET.contains(&byte).then_some(byte)
}

#[cfg(test)]
mod tests;
