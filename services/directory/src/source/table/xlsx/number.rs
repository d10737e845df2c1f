//! Numbers as a person sees them in the cell: dates as dates, numbers with the zeros before them, and never `42.0`.

use std::collections::BTreeMap;
use std::fs::File;
use std::time::Duration;

use chrono::{NaiveDate, NaiveDateTime};
use quick_xml::events::Event;
use zip::ZipArchive;

use super::super::Flaw;
use super::part::{Part, attribute};

const FORMS_MAX: usize = 100_000;
const DAY_SECONDS: f64 = 86_400.0;
/// The last day a spreadsheet knows, 9999-12-31, and one.
const DAYS_MAX: f64 = 2_958_466.0;
/// The most zeros before a number that are believed.
const WIDTH_MAX: usize = 64;

/// How a cell shows its number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    Plain,
    Date,
    /// At least so many digits.
    Digits(usize),
}

/// The forms of a workbook by the number of a style.
#[derive(Debug, Default)]
pub(super) struct Forms(Vec<Form>);

impl Forms {
    pub(super) fn read(archive: &mut ZipArchive<File>, path: &str) -> Result<Self, Flaw> {
        let mut own = BTreeMap::new();
        let mut forms = Vec::new();
        let mut in_cell_styles = false;
        let mut part = Part::open(archive, path)?;
        loop {
            match part.next()? {
                Event::Start(element) => match element.local_name().as_ref() {
                    "numFmt" => {
                        let id = attribute(&element, "numFmtId");
                        if let (Some(id), Some(code)) = (id, attribute(&element, "formatCode")) {
                            own.insert(id, of_code(&code));
                        }
                    }
                    "cellXfs" => in_cell_styles = true,
                    "xf" if in_cell_styles => {
                        let id = attribute(&element, "numFmtId").unwrap_or_default();
                        forms.push(own.get(&id).copied().unwrap_or_else(|| of_known(&id)));
                    }
                    _ => {}
                },
                Event::End(element) if element.local_name().as_ref() == "cellXfs" => in_cell_styles = false,
                Event::Eof => return Ok(Self(forms)),
                _ => {}
            }
            if forms.len() > FORMS_MAX || own.len() > FORMS_MAX {
                return Err(Flaw::file(format!("more than {FORMS_MAX} styles")));
            }
        }
    }

    pub(super) fn get(&self, style: Option<&str>) -> Form {
        let place = style.and_then(|style| style.parse::<usize>().ok()).unwrap_or_default();
        self.0.get(place).copied().unwrap_or(Form::Plain)
    }
}

/// The formats that every spreadsheet has without naming them (ECMA-376 part 1, 18.8.30).
fn of_known(id: &str) -> Form {
    match id.parse::<u32>() {
        Ok(14..=22 | 27..=36 | 45..=47 | 50..=58) => Form::Date,
        _ => Form::Plain,
    }
}

fn of_code(code: &str) -> Form {
    let mut bare = String::new();
    let mut letters = code.chars();
    while let Some(letter) = letters.next() {
        match letter {
            '"' => drop(letters.by_ref().find(|end| *end == '"')),
            '[' => drop(letters.by_ref().find(|end| *end == ']')),
            '\\' | '_' | '*' => drop(letters.next()),
            // What follows is for negative numbers.
            ';' => break,
            other => bare.extend(other.to_lowercase()),
        }
    }
    let digits = !bare.is_empty() && bare.chars().all(|letter| letter == '0');
    if digits && bare.len() <= WIDTH_MAX {
        Form::Digits(bare.len())
    } else if bare != "general" && bare.contains(['y', 'm', 'd', 'h', 's']) {
        Form::Date
    } else {
        Form::Plain
    }
}

/// The number of a cell as text; a text that is no number stays as it is.
pub(super) fn text(number: &str, form: Form, since_1904: bool) -> String {
    let whole = !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit());
    match (form, number.parse::<f64>()) {
        (Form::Digits(width), _) if whole => format!("{number:0>width$}"),
        (Form::Date, Ok(days)) => date(days, since_1904).unwrap_or_else(|| days.to_string()),
        (Form::Plain | Form::Digits(_), Ok(value)) if !whole && value.is_finite() => value.to_string(),
        _ => number.to_owned(),
    }
}

fn date(days: f64, since_1904: bool) -> Option<String> {
    if !(0.0..DAYS_MAX).contains(&days) {
        return None;
    }
    // Day 60 is a 29 February 1900 that never was, so the days before it are counted from one day later.
    let begin = match (since_1904, days < 60.0) {
        (true, _) => NaiveDate::from_ymd_opt(1904, 1, 1)?,
        (false, true) => NaiveDate::from_ymd_opt(1899, 12, 31)?,
        (false, false) => NaiveDate::from_ymd_opt(1899, 12, 30)?,
    };
    let seconds = Duration::try_from_secs_f64((days * DAY_SECONDS).round()).ok()?;
    let moment: NaiveDateTime =
        begin.and_hms_opt(0, 0, 0)?.checked_add_signed(chrono::Duration::from_std(seconds).ok()?)?;
    let form = match (days < 1.0, seconds.as_secs() % 86_400 == 0) {
        (false, true) => "%Y-%m-%d",
        (true, _) => "%H:%M:%S",
        (false, false) => "%Y-%m-%d %H:%M:%S",
    };
    Some(moment.format(form).to_string())
}

#[cfg(test)]
mod tests;
