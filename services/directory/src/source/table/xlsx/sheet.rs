//! The rows of one sheet.

use std::ops::ControlFlow;

use quick_xml::events::{BytesStart, Event};

use super::super::row::{NOT_CALCULATED, Row};
use super::super::{COLUMNS_MAX, Flaw};
use super::Shared;
use super::number;
use super::part::{Part, attribute};

/// What a cell says of itself before its value.
struct Cell {
    column: usize,
    kind: Option<String>,
    style: Option<String>,
}

/// Hands out every row that has something in it.
pub(super) fn visit(
    mut part: Part<'_>,
    shared: &Shared,
    visit: &mut dyn FnMut(Row) -> Result<ControlFlow<()>, Flaw>,
) -> Result<(), Flaw> {
    let mut line = 0_u64;
    let mut cells: Vec<String> = Vec::new();
    let mut next_column = 0;
    loop {
        match part.next()? {
            Event::Start(element) => match element.local_name().as_ref() {
                "row" => {
                    let said = attribute(&element, "r").map_or(Some(line + 1), |number| number.parse().ok());
                    let Some(said) = said.filter(|said| *said > line) else {
                        return Err(part.wrong("a row out of its order"));
                    };
                    line = said;
                    part.row = Some(line);
                    next_column = 0;
                }
                "c" => {
                    let Some(cell) = begin(&element, next_column) else {
                        return Err(part.wrong("a cell whose place cannot be read"));
                    };
                    next_column = cell.column + 1;
                    let text = value(&mut part, &cell, shared)?;
                    place(&part, &mut cells, cell.column, text)?;
                }
                _ => {}
            },
            Event::End(element) if element.local_name().as_ref() == "row" => {
                let row = Row { line, cells: std::mem::take(&mut cells) };
                if !row.cells.iter().all(|cell| cell.trim().is_empty()) && visit(row)?.is_break() {
                    return Ok(());
                }
            }
            Event::End(element) if element.local_name().as_ref() == "sheetData" => return Ok(()),
            Event::Eof => return Err(part.wrong("the sheet ends in the middle")),
            _ => {}
        }
    }
}

fn begin(element: &BytesStart<'_>, next_column: usize) -> Option<Cell> {
    let column = match attribute(element, "r") {
        Some(place) => column(&place)?,
        None => next_column,
    };
    Some(Cell { column, kind: attribute(element, "t"), style: attribute(element, "s") })
}

/// `C107` is in column 2, counted from 0.
fn column(place: &str) -> Option<usize> {
    let letters = place.bytes().take_while(u8::is_ascii_alphabetic).take(4);
    let number = letters.fold(0_usize, |number, letter| {
        number.saturating_mul(26).saturating_add(usize::from(letter.to_ascii_uppercase() - b'A') + 1)
    });
    number.checked_sub(1)
}

/// Puts the text of a cell at its place; cells without text may stand anywhere.
fn place(part: &Part<'_>, cells: &mut Vec<String>, column: usize, text: String) -> Result<(), Flaw> {
    if text.is_empty() {
        return Ok(());
    }
    if column >= COLUMNS_MAX {
        return Err(part.wrong(format!("more than {COLUMNS_MAX} columns")));
    }
    if cells.len() <= column {
        cells.resize(column + 1, String::new());
    }
    match cells.get_mut(column) {
        Some(cell) if cell.is_empty() => *cell = text,
        _ => return Err(part.wrong("a cell that stands twice")),
    }
    Ok(())
}

/// Reads to the end of the cell.
fn value(part: &mut Part<'_>, cell: &Cell, shared: &Shared) -> Result<String, Flaw> {
    let mut written = None;
    let mut formula = false;
    loop {
        let inner = match part.next()? {
            Event::Start(element) => match element.local_name().as_ref() {
                "v" => "v",
                "is" => "is",
                "f" => {
                    formula = true;
                    continue;
                }
                _ => continue,
            },
            Event::End(element) if element.local_name().as_ref() == "c" => break,
            Event::Eof => return Err(part.wrong("the file ends in the middle of a cell")),
            _ => continue,
        };
        written = Some(part.text(inner)?);
    }
    let Some(written) = written else {
        return Ok(if formula { NOT_CALCULATED.to_owned() } else { String::new() });
    };
    Ok(match cell.kind.as_deref() {
        Some("s") => {
            let found = written.trim().parse::<usize>().ok().and_then(|place| shared.strings.get(place));
            found.ok_or_else(|| part.wrong("a cell with a text that is not in the file"))?.to_string()
        }
        Some("b") => if written.trim() == "1" { "true" } else { "false" }.to_owned(),
        Some("n") | None => number::text(written.trim(), shared.forms.get(cell.style.as_deref()), shared.since_1904),
        // Text, a date as text, or what a formula that failed shows.
        Some(_) => written,
    })
}
