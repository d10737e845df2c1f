//! Tables for people: columns line up whatever the script of the names.

use unicode_width::UnicodeWidthStr as _;

use super::{harmless, line};

/// Between two columns.
const GAP: &str = "  ";

/// Prints rows under a head. Cells are as wide as they must be; the last column is as long as it is.
pub(crate) fn table(head: &[&str], rows: &[Vec<String>]) {
    for row in lay_out(head, rows) {
        line(&row);
    }
}

fn lay_out(head: &[&str], rows: &[Vec<String>]) -> Vec<String> {
    let head: Vec<String> = head.iter().map(|name| (*name).to_owned()).collect();
    let clean = |row: &Vec<String>| row.iter().map(|cell| harmless(cell).replace('\n', " ")).collect::<Vec<_>>();
    let all: Vec<Vec<String>> = std::iter::once(&head).chain(rows).map(clean).collect();
    let width =
        |column: usize| all.iter().filter_map(|row| row.get(column)).map(|cell| cell.width()).max().unwrap_or(0);
    let widths: Vec<usize> = (0..head.len()).map(width).collect();
    all.iter().map(|row| lay_out_row(row, &widths)).collect()
}

fn lay_out_row(row: &[String], widths: &[usize]) -> String {
    let pad = |(cell, width): (&String, &usize)| format!("{cell}{}", " ".repeat(width.saturating_sub(cell.width())));
    let cells: Vec<String> = row.iter().zip(widths).map(pad).collect();
    cells.join(GAP).trim_end().to_owned()
}

#[cfg(test)]
mod tests;
