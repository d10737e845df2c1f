//! HTTP as a test needs it: a browser without a screen, and a word with a part's own control port.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use serde_json::Value;

/// Longer than any answer of a part on the same machine, also on a busy one.
const ANSWER_LIMIT: Duration = Duration::from_secs(30);

/// A browser without a screen: keeps cookies, follows no redirect by itself, so that a test sees each step.
#[expect(clippy::disallowed_methods, reason = "a visitor of ours on loopback, whom nothing must be guarded from")]
pub fn visitor() -> Result<reqwest::Client> {
    let client = reqwest::Client::builder()
        .cookie_store(true)
        .redirect(reqwest::redirect::Policy::none())
        .no_proxy()
        .timeout(ANSWER_LIMIT)
        .build();
    client.context("cannot build an HTTP client")
}

/// Posts JSON to a part's control port and returns the JSON it answers. Blocks: for short words on loopback only.
pub fn tell(port: u16, path: &str, body: &Value) -> Result<Value> {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).context("the control port does not answer")?;
    stream.set_read_timeout(Some(ANSWER_LIMIT))?;
    let body = body.to_string();
    write!(
        stream,
        "POST {path} HTTP/1.0\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    )?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer)?;
    let (head, content) = answer.split_once("\r\n\r\n").context("the control port answered nonsense")?;
    if !head.lines().next().unwrap_or_default().contains(" 200 ") {
        bail!("{path} was refused: {content}");
    }
    Ok(serde_json::from_str(content)?)
}
