//! What stands on printed paper: the text of a PDF file, and what its QR codes say to a phone's camera.

use std::fs;
use std::process::Command;

use anyhow::Result;

use crate::part::{Folder, program, run};

/// The text of each page.
pub fn texts(pdf: &[u8]) -> Result<Vec<String>> {
    let (folder, file) = kept(pdf)?;
    let pdftotext = program("pdftotext", &["/usr/bin"], "the Debian package poppler-utils")?;
    let text = run(Command::new(pdftotext).arg("-layout").arg(&file).arg("-").current_dir(folder.path()))?;
    // Each page ends with a form feed.
    Ok(String::from_utf8(text)?.split_terminator('\u{c}').map(str::to_owned).collect())
}

/// What the QR codes of page `number`, counted from 1, say.
pub fn qr_codes(pdf: &[u8], number: usize) -> Result<Vec<String>> {
    let (folder, file) = kept(pdf)?;
    let pdftoppm = program("pdftoppm", &["/usr/bin"], "the Debian package poppler-utils")?;
    let zbarimg = program("zbarimg", &["/usr/bin"], "the Debian package zbar-tools")?;
    let number = number.to_string();
    run(Command::new(pdftoppm)
        .args(["-r", "100", "-png", "-singlefile", "-f", &number, "-l", &number])
        .arg(&file)
        .arg("page")
        .current_dir(folder.path()))?;
    let read = run(Command::new(zbarimg).args(["--raw", "--quiet", "page.png"]).current_dir(folder.path()))?;
    Ok(String::from_utf8(read)?.lines().map(str::to_owned).collect())
}

fn kept(pdf: &[u8]) -> Result<(Folder, std::path::PathBuf)> {
    let folder = Folder::new("paper")?;
    let file = folder.path().join("paper.pdf");
    fs::write(&file, pdf)?;
    Ok((folder, file))
}
