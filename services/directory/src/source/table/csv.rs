//! Rows of a text file (RFC 4180), with the separator the heading row shows. Stricter than most programs: what is not
//! certainly a row is an error, because a cut file must not look like one with fewer people.

use std::io::Read;
use std::ops::ControlFlow;

use super::row::Row;
use super::text::{Encoded, Text, Undecodable};
use super::{CELL_BYTES_MAX, COLUMNS_MAX, Flaw};

const SEPARATORS: [char; 3] = [',', ';', '\t'];
const CUT: &str = "the file ends in the middle of a row; it was cut, or lacks the line break at its end";

/// Where in a cell the next character stands.
#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    /// Before a cell; the first one of a row when there is none before it.
    Begin,
    /// In a cell without quotation marks.
    Bare,
    /// Between quotation marks.
    Quoted,
    /// After a quotation mark that ends the cell, or is the first of two that stand for one.
    Quote,
}

struct Rows<'a> {
    separator: char,
    state: State,
    after_return: bool,
    /// Counted from 1.
    line: u64,
    row_line: u64,
    cell: String,
    cells: Vec<String>,
    visit: &'a mut dyn FnMut(Row) -> Result<ControlFlow<()>, Flaw>,
}

/// Hands out every row, the heading row first, until the visitor has enough.
pub(super) fn visit(
    file: impl Read,
    encoded: Encoded,
    visit: &mut dyn FnMut(Row) -> Result<ControlFlow<()>, Flaw>,
) -> Result<(), Flaw> {
    let mut text = Text::new(file, encoded);
    let mut piece = String::new();
    let mut rows = Rows {
        separator: ',',
        state: State::Begin,
        after_return: false,
        line: 1,
        row_line: 1,
        cell: String::new(),
        cells: Vec::new(),
        visit,
    };
    let mut first = true;
    loop {
        piece.clear();
        match text.piece(&mut piece) {
            Ok(true) => {}
            Ok(false) => return rows.finish(),
            Err(Undecodable::System(source)) => return Err(Flaw::System(source)),
            Err(Undecodable::Byte) => {
                let because = "a byte that is not UTF-8; save the file as \"CSV UTF-8\", or say encoding = \
                               \"windows-1252\" in the manifest if it is written so";
                return Err(rows.wrong(because));
            }
        }
        let mut rest = piece.as_str();
        if first {
            (rows.separator, rest) = separator(&piece).map_err(|because| rows.wrong(because))?;
            rows.line += u64::from(rest.len() < piece.len());
            rows.row_line = rows.line;
            first = false;
        }
        for letter in rest.chars() {
            if rows.take(letter)?.is_break() {
                return Ok(());
            }
        }
    }
}

impl Rows<'_> {
    fn take(&mut self, letter: char) -> Result<ControlFlow<()>, Flaw> {
        let second_half = letter == '\n' && self.after_return;
        self.after_return = letter == '\r';
        let line_break = matches!(letter, '\n' | '\r');
        if letter == '\0' {
            return Err(self.wrong("a character that no text has"));
        }
        match self.state {
            State::Quoted if letter == '"' => self.state = State::Quote,
            State::Quoted => self.push(letter)?,
            State::Quote if letter == '"' => {
                self.state = State::Quoted;
                self.push(letter)?;
            }
            _ if second_half => {}
            _ if letter == self.separator => self.end_cell()?,
            _ if line_break => {
                self.end_cell()?;
                self.line += 1;
                return self.end_row();
            }
            State::Begin if letter == '"' => self.state = State::Quoted,
            State::Begin | State::Bare if letter != '"' => {
                self.state = State::Bare;
                self.push(letter)?;
            }
            State::Begin | State::Bare => {
                return Err(self.wrong("a quotation mark in a cell that does not begin with one"));
            }
            State::Quote => return Err(self.wrong("something after the quotation mark that ends a cell")),
        }
        self.line += u64::from(line_break && !second_half);
        Ok(ControlFlow::Continue(()))
    }

    fn push(&mut self, letter: char) -> Result<(), Flaw> {
        self.cell.push(letter);
        if self.cell.len() > CELL_BYTES_MAX {
            return Err(self.wrong(format!("a cell of more than {CELL_BYTES_MAX} bytes")));
        }
        Ok(())
    }

    fn end_cell(&mut self) -> Result<(), Flaw> {
        if self.cells.len() >= COLUMNS_MAX {
            return Err(self.wrong(format!("more than {COLUMNS_MAX} columns")));
        }
        self.cells.push(std::mem::take(&mut self.cell));
        self.state = State::Begin;
        Ok(())
    }

    fn end_row(&mut self) -> Result<ControlFlow<()>, Flaw> {
        let row = Row { line: self.row_line, cells: std::mem::take(&mut self.cells) };
        self.row_line = self.line;
        if row.cells.iter().all(|cell| cell.trim().is_empty()) {
            return Ok(ControlFlow::Continue(()));
        }
        (self.visit)(row)
    }

    fn finish(mut self) -> Result<(), Flaw> {
        if self.state == State::Quoted {
            self.line = self.row_line;
            return Err(self.wrong("a quotation mark that is never closed; the file was cut, or has one too many"));
        }
        if self.state == State::Begin && self.cells.is_empty() { Ok(()) } else { Err(self.wrong(CUT)) }
    }

    fn wrong(&self, because: impl Into<String>) -> Flaw {
        Flaw::At { line: Some(self.line), column: Some(self.cells.len()), because: because.into() }
    }
}

/// The separator of a file, and the text after the line that says so, if there is one.
fn separator(text: &str) -> Result<(char, &str), &'static str> {
    // A line that Excel writes and reads.
    if let Some(rest) = text.strip_prefix("sep=") {
        let mut letters = rest.chars();
        if let Some(said) = letters.next().filter(|letter| SEPARATORS.contains(letter)) {
            let after = letters.as_str();
            if let Some(after) = after.strip_prefix("\r\n").or_else(|| after.strip_prefix('\n')) {
                return Ok((said, after));
            }
        }
    }
    let mut counts = [0_usize; SEPARATORS.len()];
    let mut quoted = false;
    for letter in text.chars().take_while(|letter| !matches!(letter, '\n' | '\r')) {
        quoted ^= letter == '"';
        for (count, separator) in counts.iter_mut().zip(SEPARATORS) {
            *count += usize::from(!quoted && letter == separator);
        }
    }
    let most = counts.into_iter().max().unwrap_or_default();
    let mut found =
        SEPARATORS.into_iter().zip(counts).filter(|(_, count)| *count == most).map(|(separator, _)| separator);
    match (found.next(), found.next()) {
        (Some(separator), None) => Ok((separator, text)),
        // One column, or two separators as often as each other.
        (separator, _) if most == 0 => Ok((separator.unwrap_or(','), text)),
        _ => Err("separators of two kinds as often as each other; nobody could tell where a cell ends"),
    }
}
