//! From the start of `freehold demo` to the first page that it serves.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use anyhow::Result;
use freehold_tests::part::{Folder, Part, free_port};

use crate::figures::Figures;
use crate::server::binary;

const PAGE_LIMIT: Duration = Duration::from_secs(60);

/// Starts the demo on an empty folder and asks for its first page until it comes.
pub fn first_page(repetitions: usize) -> Result<()> {
    println!("\ndemo");
    let mut page = Figures::seconds("from its start to the first page");
    let mut invited = Figures::seconds("to the end of its story");
    for _ in 0..repetitions {
        let folder = Folder::new("demo")?;
        let port = free_port()?;
        let address = format!("127.0.0.1:{port}");
        let words = ["demo", "--web", &address, "--grpc", "127.0.0.1:0"].map(str::to_owned);
        let command = [vec![binary()?.display().to_string()], words.to_vec()].concat();
        let begun = Instant::now();
        let mut part = Part::start("demo", &folder, "INT", &command)?;
        part.ready(PAGE_LIMIT, || Ok(served(port).filter(|served| *served)))?;
        page.add(begun.elapsed().as_secs_f64());
        part.ready(PAGE_LIMIT, || Ok(folder.read("out").contains("Ctrl-C").then_some(())))?;
        invited.add(begun.elapsed().as_secs_f64());
    }
    page.print(None);
    invited.print(None);
    Ok(())
}

/// Whether a page came; nothing while nobody listens.
fn served(port: u16) -> Option<bool> {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).ok()?;
    stream.write_all(b"GET / HTTP/1.0\r\nHost: 127.0.0.1\r\n\r\n").ok()?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).ok()?;
    Some(answer.contains(" 200 "))
}
