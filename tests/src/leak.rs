//! Looks for clear text in a stored copy: a database dump, a file, a backup.

use std::collections::HashSet;

use base64::Engine;
use base64::engine::general_purpose::STANDARD_NO_PAD;

/// Shorter texts turn up in random bytes by themselves.
const TEXT_BYTES_MIN: usize = 6;

/// Which of `texts` the copy contains: as they are, in any mix of ASCII case, in hexadecimal (as `pg_dump` writes
/// binary columns), in base64 or in UTF-16.
#[must_use]
pub fn found_in<'a>(copy: &[u8], texts: &'a [String]) -> Vec<&'a str> {
    let lower: Vec<u8> = copy.to_ascii_lowercase();
    let mut needles: Vec<(&'a str, Vec<u8>, bool)> = Vec::new();
    for text in texts.iter().filter(|text| text.len() >= TEXT_BYTES_MIN) {
        for (bytes, exact) in disguises(text) {
            needles.push((text, bytes, exact));
        }
    }
    let shortest = needles.iter().map(|(_, bytes, _)| bytes.len()).min().unwrap_or(1);
    // One pass: the copy's windows of the shortest length, then a look at the needles that begin so.
    let in_copy: HashSet<&[u8]> = copy.windows(shortest).collect();
    let in_lower: HashSet<&[u8]> = lower.windows(shortest).collect();
    let mut found: Vec<&str> = Vec::new();
    for (text, bytes, exact) in &needles {
        let (windows, whole) = if *exact { (&in_copy, copy) } else { (&in_lower, lower.as_slice()) };
        if windows.contains(&bytes[..shortest]) && whole.windows(bytes.len()).any(|window| window == bytes) {
            found.push(text);
        }
    }
    found.dedup();
    found
}

/// The forms a text may hide in, and whether the case of letters matters in each.
fn disguises(text: &str) -> Vec<(Vec<u8>, bool)> {
    let bytes = text.as_bytes();
    let hex = |bytes: &[u8]| bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>().into_bytes();
    let wide: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let mut forms = vec![
        (bytes.to_ascii_lowercase(), false),
        (hex(bytes), false),
        (hex(&bytes.to_ascii_lowercase()), false),
        (wide.to_ascii_lowercase(), false),
    ];
    // In base64 a text looks different at each of three offsets; its edges depend on the neighbours and are left out.
    for before in 0..3 {
        let padded = [vec![0; before], bytes.to_vec()].concat();
        let encoded = STANDARD_NO_PAD.encode(padded).into_bytes();
        let start = (before * 8).div_ceil(6);
        let end = encoded.len() - usize::from(!(before + bytes.len()).is_multiple_of(3));
        forms.push((encoded[start..end].to_vec(), true));
    }
    forms
}
