//! Rows of the first sheet that shows of a workbook (ECMA-376). Read as a stream and with limits of our own: a workbook
//! is a ZIP archive, so a small file can claim and unfold to anything.

mod number;
mod part;
mod sheet;

use std::collections::BTreeMap;
use std::fs::File;
use std::ops::ControlFlow;

use quick_xml::events::Event;
use zip::ZipArchive;

use self::number::Forms;
use self::part::Part;
use super::Flaw;
use super::row::Row;

const WORKBOOK: &str = "xl/workbook.xml";
const SHEETS_MAX: usize = 10_000;
const STRINGS_MAX: usize = 5_000_000;
/// Bytes of all texts that cells share.
const STRINGS_BYTES_MAX: usize = 256 * 1024 * 1024;

/// What a sheet is read with.
pub(super) struct Shared {
    strings: Vec<Box<str>>,
    forms: Forms,
    since_1904: bool,
}

/// Hands out every row, the heading row first, until the visitor has enough.
pub(super) fn visit(file: File, visit: &mut dyn FnMut(Row) -> Result<ControlFlow<()>, Flaw>) -> Result<(), Flaw> {
    let mut archive = ZipArchive::new(file).map_err(|error| {
        Flaw::file(format!("it is not a workbook, or was cut: {error}; save it as \"Excel workbook (.xlsx)\""))
    })?;
    let workbook = Workbook::read(&mut archive)?;
    let shared = Shared {
        strings: match &workbook.strings {
            Some(path) => strings(&mut archive, path)?,
            None => Vec::new(),
        },
        forms: match &workbook.styles {
            Some(path) => Forms::read(&mut archive, path)?,
            None => Forms::default(),
        },
        since_1904: workbook.since_1904,
    };
    sheet::visit(Part::open(&mut archive, &workbook.sheet)?, &shared, visit)
}

/// Where the parts of a workbook are.
struct Workbook {
    sheet: String,
    strings: Option<String>,
    styles: Option<String>,
    since_1904: bool,
}

impl Workbook {
    fn read(archive: &mut ZipArchive<File>) -> Result<Self, Flaw> {
        let mut since_1904 = false;
        let mut first = None;
        let mut sheets = 0;
        let mut part = Part::open(archive, WORKBOOK)?;
        loop {
            match part.next()? {
                Event::Start(element) if element.local_name().as_ref() == "workbookPr" => {
                    since_1904 = matches!(part::attribute(&element, "date1904").as_deref(), Some("1" | "true"));
                }
                Event::Start(element) if element.local_name().as_ref() == "sheet" => {
                    let shows = part::attribute(&element, "state").is_none_or(|state| state == "visible");
                    sheets += 1;
                    if sheets > SHEETS_MAX {
                        return Err(Flaw::file(format!("more than {SHEETS_MAX} sheets")));
                    }
                    if shows && first.is_none() {
                        first = part::attribute(&element, "id");
                    }
                }
                Event::Eof => break,
                _ => {}
            }
        }
        drop(part);
        let first = first.ok_or_else(|| Flaw::file("there is no sheet that shows"))?;
        let (by_id, by_kind) = relations(archive)?;
        let sheet =
            by_id.get(&first).cloned().ok_or_else(|| Flaw::file("the workbook does not say where its sheet is"))?;
        let of_kind = |kind: &str| by_kind.get(kind).cloned();
        Ok(Self { sheet, strings: of_kind("sharedStrings"), styles: of_kind("styles"), since_1904 })
    }
}

/// Paths in the archive by what names them.
type Paths = BTreeMap<String, String>;

/// Paths in the archive by the workbook's ids, and by the last word of what they are.
fn relations(archive: &mut ZipArchive<File>) -> Result<(Paths, Paths), Flaw> {
    let (mut by_id, mut by_kind) = (BTreeMap::new(), BTreeMap::new());
    let mut part = Part::open(archive, "xl/_rels/workbook.xml.rels")?;
    loop {
        match part.next()? {
            Event::Start(element) if element.local_name().as_ref() == "Relationship" => {
                let [id, kind, target] = ["Id", "Type", "Target"].map(|name| part::attribute(&element, name));
                let (Some(id), Some(kind), Some(target)) = (id, kind, target) else { continue };
                let path = target.strip_prefix('/').map_or_else(|| format!("xl/{target}"), str::to_owned);
                let kind = kind.rsplit('/').next().unwrap_or_default().to_owned();
                by_id.insert(id, path.clone());
                by_kind.insert(kind, path);
                if by_id.len() > SHEETS_MAX {
                    return Err(Flaw::file(format!("a workbook of more than {SHEETS_MAX} parts")));
                }
            }
            Event::Eof => return Ok((by_id, by_kind)),
            _ => {}
        }
    }
}

/// The texts that cells name by number.
fn strings(archive: &mut ZipArchive<File>, path: &str) -> Result<Vec<Box<str>>, Flaw> {
    let mut part = Part::open(archive, path)?;
    let mut strings = Vec::new();
    let mut bytes = 0_usize;
    loop {
        let begun = match part.next()? {
            Event::Start(element) => element.local_name().as_ref() == "si",
            Event::Eof => return Ok(strings),
            _ => false,
        };
        if begun {
            let text = part.text("si")?;
            bytes = bytes.saturating_add(text.len());
            if strings.len() >= STRINGS_MAX || bytes > STRINGS_BYTES_MAX {
                return Err(Flaw::file("the texts of its cells are more than a table of people has"));
            }
            strings.push(text.into_boxed_str());
        }
    }
}
