//! One row of a table.

use super::Flaw;
use super::columns::Columns;

/// What a formula is read as whose value is not in the file.
pub(super) const NOT_CALCULATED: &str = "#NOT CALCULATED";
/// What spreadsheets show for a formula that failed.
const FORMULA_ERRORS: [&str; 9] =
    [NOT_CALCULATED, "#DIV/0!", "#N/A", "#NAME?", "#NULL!", "#NUM!", "#REF!", "#SPILL!", "#VALUE!"];

/// A row with something in it. Cells that follow the last filled one may be missing.
pub(super) struct Row {
    /// Counted from 1, as a text editor or a spreadsheet does.
    pub(super) line: u64,
    pub(super) cells: Vec<String>,
}

/// Who the row is about. One without an id would be somebody who is not there any more, so it is not passed over.
pub(super) fn entry_id<'a>(columns: &Columns, row: &'a Row) -> Result<&'a str, Flaw> {
    let place = columns.places("entry_id").first().copied();
    let Some((place, id)) = columns.filled(&row.cells, "entry_id") else {
        let heading = columns.heading(place.unwrap_or_default());
        let because = format!("{heading:?} is empty; without it nobody could tell who this is");
        return Err(Flaw::At { line: Some(row.line), column: place, because });
    };
    usable(row, place, id)
}

/// The text of a cell, unless a formula failed there.
pub(super) fn usable<'a>(row: &Row, place: usize, text: &'a str) -> Result<&'a str, Flaw> {
    if FORMULA_ERRORS.contains(&text) {
        let because = format!("a formula without a value ({text}); correct it, then open and save the file again");
        return Err(Flaw::At { line: Some(row.line), column: Some(place), because });
    }
    Ok(text)
}
