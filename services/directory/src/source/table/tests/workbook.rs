use std::io::Cursor;

use rust_xlsxwriter::{ExcelDateTime, Format, Formula, Workbook};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

use super::*;

async fn people(content: &[u8]) -> Result<Vec<Entry>, SourceError> {
    people_with(settings(SourceKind::Xlsx, &file(content))).await
}

async fn mistake(content: &[u8]) -> String {
    words(&people(content).await.unwrap_err())
}

fn workbook(fill: impl FnOnce(&mut rust_xlsxwriter::Worksheet)) -> Vec<u8> {
    let mut workbook = Workbook::new();
    fill(workbook.add_worksheet());
    workbook.save_to_buffer().unwrap()
}

/// An archive with these parts, and the ones a workbook needs to be found.
fn archive(parts: &[(&str, &[u8])]) -> Vec<u8> {
    const BOOK: &str = "<workbook xmlns:r=\"r\"><sheets><sheet name=\"Hidden\" state=\"hidden\" r:id=\"r9\"/>\
                        <sheet name=\"People\" r:id=\"r1\"/></sheets></workbook>";
    const RELATIONS: &str = "<Relationships><Relationship Id=\"r1\" Type=\"x/worksheet\" Target=\"sheet.xml\"/>\
                             <Relationship Id=\"r2\" Type=\"x/sharedStrings\" Target=\"/xl/strings.xml\"/></Relationships>";
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    let options = SimpleFileOptions::default().compression_method(CompressionMethod::Deflated);
    let needed = [("xl/workbook.xml", BOOK.as_bytes()), ("xl/_rels/workbook.xml.rels", RELATIONS.as_bytes())];
    for (name, content) in needed.iter().chain(parts) {
        writer.start_file(*name, options).unwrap();
        writer.write_all(content).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

fn sheet(rows: &str) -> Vec<u8> {
    let heading = "<row r=\"1\"><c r=\"A1\" t=\"inlineStr\"><is><t>Employee ID</t></is></c>\
                   <c r=\"B1\" t=\"inlineStr\"><is><t>Full Name</t></is></c></row>";
    format!("<worksheet><sheetData>{heading}{rows}</sheetData></worksheet>").into_bytes()
}

fn table(rows: &str) -> Vec<u8> {
    archive(&[("xl/sheet.xml", &sheet(rows)), ("xl/strings.xml", b"<sst><si><t>zero</t></si></sst>")])
}

#[tokio::test]
async fn a_workbook_says_what_its_cells_show() {
    let content = workbook(|sheet| {
        let headings =
            ["Employee ID", "Full Name", "Job Title", "Location", "Department", "Manager Employee ID", "Groups"];
        sheet.write_row(0, 0, headings).unwrap();
        let zeros = Format::new().set_num_format("000000");
        let day = Format::new().set_num_format("yyyy-mm-dd");
        sheet.write_string(1, 0, "00042").unwrap();
        sheet.write_string(1, 1, "Inès & <Zoë>").unwrap();
        sheet.write_number(1, 2, 1042.0).unwrap();
        sheet.write_datetime_with_format(1, 3, ExcelDateTime::from_ymd(2025, 10, 13).unwrap(), &day).unwrap();
        sheet.write_formula(1, 4, Formula::new("=\"O\"&\"ps\"").set_result("Ops")).unwrap();
        sheet.write_string(1, 6, "Leads; Ops").unwrap();
        sheet.write_number_with_format(3, 0, 43.0, &zeros).unwrap();
        sheet.write_rich_string(3, 1, &[(&Format::new().set_bold(), "Bo"), (&Format::new(), " Ek")]).unwrap();
        sheet.write_boolean(3, 2, true).unwrap();
        sheet.write_string(3, 5, "00042").unwrap();
        sheet.write_string(3, 6, "leads").unwrap();
        sheet.write_string(3, 40, "a note beside the table").unwrap();
    });
    let file = file(&content);
    let settings = settings(SourceKind::Xlsx, &file);
    assert_eq!(
        lines(&people_with(settings.clone()).await.unwrap()),
        [
            "employeeNumber=00042: department=Ops display_name=Inès & <Zoë> employee_number=00042 entry_id=00042 \
             site=2025-10-13 title=1042",
            "employeeNumber=000043: display_name=Bo Ek employee_number=000043 entry_id=000043 \
             manager=employeeNumber=00042 title=true",
        ]
    );
    assert_eq!(
        lines(&groups_with(settings).await.unwrap()),
        [
            "cn=Leads: cn=Leads entry_id=leads member=employeeNumber=00042+employeeNumber=000043",
            "cn=Ops: cn=Ops entry_id=ops member=employeeNumber=00042",
        ]
    );
}

#[tokio::test]
async fn cells_in_every_form_are_read() {
    let rows = "<row><c t=\"s\"><v>0</v></c><c t=\"str\"><f>A1</f><v>A&amp;B&#233;</v></c></row>\
                <row r=\"7\"><c r=\"A7\"><v>8</v></c><c r=\"B7\" t=\"inlineStr\"><is><r><t>Li</t></r><rPh><t>x</t></rPh>\
                <r><t xml:space=\"preserve\"> Wei</t></r></is></c></row>";
    assert_eq!(
        lines(&people(&table(rows)).await.unwrap()),
        [
            "employeeNumber=zero: display_name=A&Bé employee_number=zero entry_id=zero",
            "employeeNumber=8: display_name=Li Wei employee_number=8 entry_id=8",
        ]
    );
}

#[tokio::test]
async fn what_is_not_certainly_a_row_is_said_with_its_place() {
    let cases = [
        ("<row r=\"3\"><c r=\"B3\"><v>1</v></c></row>", "line 3, column 1: \"Employee ID\" is empty"),
        (
            "<row r=\"2\"><c r=\"A2\" t=\"e\"><v>#N/A</v></c></row>",
            "line 2, column 1: a formula without a value (#N/A)",
        ),
        (
            "<row r=\"2\"><c r=\"A2\"><f>B2</f></c></row>",
            "line 2, column 1: a formula without a value (#NOT CALCULATED)",
        ),
        ("<row r=\"2\"><c r=\"A2\" t=\"s\"><v>9</v></c></row>", "line 2: a cell with a text that is not in the file"),
        ("<row r=\"1\"><c r=\"A1\"><v>1</v></c></row>", "line 1: a row out of its order"),
        ("<row r=\"2\"><c r=\"A2\"><v>1</v></c><c r=\"A2\"><v>2</v></c></row>", "line 2: a cell that stands twice"),
        ("<row r=\"2\"><c r=\"99\"><v>1</v></c></row>", "line 2: a cell whose place cannot be read"),
        ("<row r=\"2\"><c r=\"GS2\"><v>1</v></c></row>", "line 2: more than 200 columns"),
        ("<row r=\"2\"><c r=\"A2\"><v>1</c></row>", "line 2: xl/sheet.xml in it is broken"),
        ("", ": there is no row of a person in it"),
    ];
    for (rows, expected) in cases {
        let said = mistake(&table(rows)).await;
        assert!(said.starts_with(expected), "{said:?} of {rows}");
    }
}

#[tokio::test]
async fn what_unfolds_without_end_is_stopped() {
    let text = "x".repeat(3_000_000);
    let long = mistake(&table(&format!("<row r=\"2\"><c r=\"A2\" t=\"str\"><v>{text}</v></c></row>"))).await;
    assert!(long.contains("it unfolds to more than a table of people has"), "{long}");
    let strings = format!("<sst uniqueCount=\"999999999999999\"><si><t>{text}</t></si></sst>");
    let strings = archive(&[("xl/sheet.xml", &sheet("")), ("xl/strings.xml", strings.as_bytes())]);
    assert!(strings.len() < 10_000, "{} bytes unfold to 3 MB", strings.len());
    assert!(mistake(&strings).await.contains("it unfolds to more than a table of people has"));
}

#[tokio::test]
async fn a_cut_anywhere_is_never_a_smaller_table() {
    let whole = workbook(|sheet| {
        sheet.write_row(0, 0, ["Employee ID", "Full Name"]).unwrap();
        for row in 1..40_u32 {
            sheet.write_row(row, 0, [format!("E{row}"), format!("Person {row}")]).unwrap();
        }
    });
    assert_eq!(people(&whole).await.unwrap().len(), 39);
    for cut in (0..whole.len()).step_by(97) {
        assert!(people(&whole[..cut]).await.is_err(), "cut at {cut}");
    }
    let text = mistake(b"Employee ID,Full Name\n1,Anna\n").await;
    assert!(text.starts_with(": it is not a workbook, or was cut"), "{text}");
}
