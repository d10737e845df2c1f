//! What a text, a name and a request id may be. Pure.

use freehold_types::Violations;

/// Bytes of a post.
pub(crate) const POST_TEXT_BYTES_MAX: usize = 64 * 1024;
/// Bytes of a comment.
pub(crate) const COMMENT_TEXT_BYTES_MAX: usize = 8 * 1024;
/// Characters of a group's name.
pub(crate) const NAME_CHARS_MAX: usize = 100;
/// Characters of what a group is for.
pub(crate) const PURPOSE_CHARS_MAX: usize = 500;
/// Characters of the id a client gives its request.
pub(crate) const REQUEST_ID_CHARS_MAX: usize = 64;

/// Checks a post's text; it is kept as it was written.
pub(crate) fn post(wrong: &mut Violations, field: &str, text: String) -> Option<String> {
    body(wrong, field, text, POST_TEXT_BYTES_MAX)
}

/// Checks a comment's text; it is kept as it was written.
pub(crate) fn comment(wrong: &mut Violations, field: &str, text: String) -> Option<String> {
    body(wrong, field, text, COMMENT_TEXT_BYTES_MAX)
}

/// Checks a group's name, without the blanks around it.
pub(crate) fn name(wrong: &mut Violations, field: &str, text: &str) -> Option<String> {
    let name = text.trim();
    let mistake = if !shows(name) {
        "must show at least one character".to_owned()
    } else if name.chars().count() > NAME_CHARS_MAX {
        format!("must have at most {NAME_CHARS_MAX} characters")
    } else if name.chars().any(char::is_control) {
        "must be one line without control characters".to_owned()
    } else {
        return Some(name.to_owned());
    };
    wrong.push(field, mistake);
    None
}

/// Checks what a group is for, without the blanks around it. It may be empty.
pub(crate) fn purpose(wrong: &mut Violations, field: &str, text: &str) -> Option<String> {
    let purpose = text.trim();
    let mistake = if purpose.chars().count() > PURPOSE_CHARS_MAX {
        format!("must have at most {PURPOSE_CHARS_MAX} characters")
    } else if purpose.contains('\0') {
        "must not contain the character NUL".to_owned()
    } else {
        return Some(purpose.to_owned());
    };
    wrong.push(field, mistake);
    None
}

/// Checks the id a client gave its request.
pub(crate) fn request_id(wrong: &mut Violations, field: &str, text: String) -> Option<String> {
    if text.is_empty() || text.chars().count() > REQUEST_ID_CHARS_MAX {
        wrong.push(field, format!("must have 1 to {REQUEST_ID_CHARS_MAX} characters, chosen anew for every request"));
        return None;
    }
    Some(text)
}

fn body(wrong: &mut Violations, field: &str, text: String, bytes_max: usize) -> Option<String> {
    let mistake = if text.len() > bytes_max {
        format!("must have at most {bytes_max} bytes, this has {}", text.len())
    } else if !shows(&text) {
        "must show at least one character".to_owned()
    } else if text.contains('\0') {
        "must not contain the character NUL".to_owned()
    } else {
        return Some(text);
    };
    wrong.push(field, mistake);
    None
}

/// Whether a reader would see anything at all.
fn shows(text: &str) -> bool {
    text.chars().any(|char| !char.is_whitespace() && !char.is_control() && !draws_nothing(char))
}

/// Characters that are no blanks and still draw nothing: Unicode's `Default_Ignorable_Code_Point`, the annotation
/// marks and the empty Braille pattern. They are welcome in a text, where they join and order others.
const fn draws_nothing(char: char) -> bool {
    matches!(char,
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}'..='\u{1160}' | '\u{17b4}'..='\u{17b5}' | '\u{180b}'..='\u{180f}'
        | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{2800}' | '\u{3164}'
        | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}'
        | '\u{1bca0}'..='\u{1bca3}' | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e0fff}')
}

#[cfg(test)]
mod tests;
