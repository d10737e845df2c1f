//! A connector by script. It signs by the words of the contract, with code of its own.

use std::time::Duration;

use anyhow::{Context, Result, bail};
use ed25519_dalek::{Signer as _, SigningKey};
use freehold_proto::directory::v1 as pb;
use freehold_proto::directory::v1::attach_request::Said;
use freehold_proto::directory::v1::attach_response::Said as Heard;
use freehold_wire::fault;
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;
use tonic::{Status, Streaming};

use crate::world::{Line, manifest};

const PURPOSE: &[u8] = b"freehold connector attaches, version 1";
/// Everything the installation says comes at once, or never.
const WORD_LIMIT: Duration = Duration::from_secs(20);

/// Who it says it is.
pub struct Peer {
    pub key: SigningKey,
    pub company: String,
    pub directory: String,
    pub reads_photos: bool,
}

/// A stream that was begun.
pub struct Stream {
    pub out: mpsc::Sender<pb::AttachRequest>,
    pub heard: Streaming<pb::AttachResponse>,
}

impl Peer {
    pub fn new(seed: u8) -> Self {
        let key = SigningKey::from_bytes(&[seed; 32]);
        Self { key, company: "acme".into(), directory: manifest::DIRECTORY.into(), reads_photos: false }
    }

    pub fn public_key(&self) -> Vec<u8> {
        self.key.verifying_key().to_bytes().to_vec()
    }

    pub async fn enrol(&self, line: &Line) -> Result<()> {
        let request = pb::EnrolRequest {
            company_address: self.company.clone(),
            directory_name: self.directory.clone(),
            public_key: self.public_key(),
            claimed_name: "script".to_owned(),
        };
        line.clients.anonymous().connectors.enrol(request).await.map_err(fault)?;
        Ok(())
    }

    pub fn sign(&self, nonce: &[u8]) -> Vec<u8> {
        let key = self.public_key();
        let mut bytes = Vec::new();
        for part in [PURPOSE, nonce, self.company.as_bytes(), self.directory.as_bytes(), &key, b""] {
            bytes.extend(u64::try_from(part.len()).expect("a length").to_be_bytes());
            bytes.extend(part);
        }
        self.key.sign(&bytes).to_bytes().to_vec()
    }

    /// Says hello and hears the challenge.
    pub async fn knock(&self, line: &Line) -> Result<(Stream, Vec<u8>), Status> {
        let (out, said) = mpsc::channel(16);
        let hello = pb::ConnectorHello {
            company_address: self.company.clone(),
            directory_name: self.directory.clone(),
            public_key: self.public_key(),
            kind: pb::DirectoryKind::Openldap.into(),
            reads_photos: self.reads_photos,
        };
        send(&out, Said::Hello(hello)).await;
        let heard = line.clients.anonymous().connectors.attach(ReceiverStream::new(said)).await?.into_inner();
        let mut stream = Stream { out, heard };
        let Heard::Challenge(challenge) = stream.hear().await? else { return Err(Status::unknown("no challenge")) };
        Ok((stream, challenge.nonce))
    }

    /// Answers the challenge with whatever `sign` makes of it.
    pub async fn attach_with(&self, line: &Line, sign: impl FnOnce(&[u8]) -> Vec<u8>) -> Result<Stream, Status> {
        let (mut stream, nonce) = self.knock(line).await?;
        let proof = pb::ConnectorProof { signature: sign(&nonce), directory_known: false };
        send(&stream.out, Said::Proof(proof)).await;
        match stream.hear().await? {
            Heard::Welcome(_) => Ok(stream),
            other => Err(Status::unknown(format!("{other:?}"))),
        }
    }

    pub async fn attach(&self, line: &Line) -> Result<Stream, Status> {
        self.attach_with(line, |nonce| self.sign(nonce)).await
    }

    /// Attached, with an administrator's approval.
    pub async fn approved(line: &Line, seed: u8) -> Result<(Self, Stream)> {
        Self::new(seed).approve(line).await
    }

    /// One that knows how to read photos.
    pub async fn approved_with_photos(line: &Line, seed: u8) -> Result<(Self, Stream)> {
        Self { reads_photos: true, ..Self::new(seed) }.approve(line).await
    }

    async fn approve(self, line: &Line) -> Result<(Self, Stream)> {
        let peer = self;
        peer.enrol(line).await?;
        let connectors = super::connectors(line).await?;
        let waiting = connectors.iter().find(|one| one.state() == pb::ConnectorState::Pending);
        super::approve(line, &waiting.context("one waits")?.fingerprint).await?;
        let stream = peer.attach(line).await.map_err(fault)?;
        Ok((peer, stream))
    }
}

pub async fn send(out: &mpsc::Sender<pb::AttachRequest>, said: Said) {
    // A stream that has ended shows in what is heard.
    out.send(pb::AttachRequest { said: Some(said) }).await.ok();
}

impl Stream {
    pub async fn hear(&mut self) -> Result<Heard, Status> {
        let message = tokio::time::timeout(WORD_LIMIT, self.heard.message()).await;
        let message = message.map_err(|_elapsed| Status::deadline_exceeded("nothing was said"))??;
        message.and_then(|message| message.said).ok_or_else(|| Status::aborted("the stream ended"))
    }

    /// The number of the next order.
    pub async fn order(&mut self) -> Result<u64> {
        Ok(self.whole_order().await?.number)
    }

    /// The next order.
    pub async fn whole_order(&mut self) -> Result<pb::ConnectorOrder> {
        loop {
            match self.hear().await.map_err(fault)? {
                Heard::Order(order) => return Ok(order),
                Heard::Taken(_) | Heard::Stop(_) => {}
                other => bail!("{other:?} instead of an order"),
            }
        }
    }
}
