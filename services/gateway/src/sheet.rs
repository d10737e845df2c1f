//! Sheets of paper: what a letter or a poster says, once for the page and once for the PDF file.

mod face;
mod pdf;

use freehold_proto::auth::v1 as auth;
use freehold_wire::time::from_proto;

use crate::view::reader::Reader;

pub(crate) use pdf::write;

/// One side of A4.
#[derive(Debug)]
pub(crate) struct Sheet {
    pub(crate) size: Size,
    pub(crate) parts: Vec<Part>,
}

/// How big the writing is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Size {
    /// To be read in the hand.
    Letter,
    /// To be read from the other side of a corridor.
    Poster,
}

/// What follows one below the other.
#[derive(Debug)]
pub(crate) enum Part {
    Small(String),
    Headline(String),
    Text(String),
    /// What is typed from the paper.
    Typed(String),
    Steps(Vec<String>),
    /// A QR code: what it says to machines, and what it is to people.
    Qr {
        says: String,
        is: String,
    },
}

/// The letter with somebody's access code.
pub(crate) fn letter(reader: &Reader, origin: &str, code: &auth::AccessCode) -> Sheet {
    let say = |key| reader.say(key);
    let address = format!("{origin}/{}", reader.address);
    let mut parts = vec![
        Part::Small(reader.company.clone()),
        Part::Text(say("letter-for")),
        Part::Headline(code.display_name.clone()),
        Part::Text(reader.language.with("letter-text", &[("company", reader.company.as_str().into())])),
        // What stands behind the # is sent to no server.
        Part::Qr { says: format!("{address}/claim#{}", code.code), is: say("letter-qr") },
        Part::Text(say("letter-type")),
        Part::Typed(address),
        Part::Typed(code.code.clone()),
        Part::Steps(["letter-step-scan", "letter-step-choose", "letter-step-next"].map(say).into()),
        Part::Text(say("letter-secret")),
    ];
    if let Some(end) = code.expires_at.as_ref().and_then(from_proto) {
        let day = end.with_timezone(&reader.zone).format("%Y-%m-%d");
        parts.push(Part::Small(format!("{} {day}", say("letter-until"))));
    }
    Sheet { size: Size::Letter, parts }
}

/// The poster for the canteen. It holds no secret.
pub(crate) fn poster(reader: &Reader, origin: &str) -> Sheet {
    let say = |key| reader.say(key);
    let address = format!("{origin}/{}", reader.address);
    let headline = reader.language.with("poster-headline", &[("company", reader.company.as_str().into())]);
    let parts = vec![
        Part::Small(reader.company.clone()),
        Part::Headline(headline),
        Part::Qr { says: address.clone(), is: say("poster-qr") },
        Part::Typed(address),
        Part::Steps(["poster-step-scan", "poster-step-code", "poster-step-choose"].map(say).into()),
        Part::Text(say("poster-no-email")),
    ];
    Sheet { size: Size::Poster, parts }
}
