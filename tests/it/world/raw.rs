//! Calls by path and bytes, for tests that walk the contracts rather than name each call.

use anyhow::Result;
use freehold_proto::DESCRIPTORS;
use prost::bytes::{Buf, BufMut};
use prost_reflect::{DescriptorPool, MethodDescriptor};
use tonic::client::Grpc;
use tonic::codec::{Codec, DecodeBuf, Decoder, EncodeBuf, Encoder};
use tonic::codegen::http::uri::PathAndQuery;
use tonic::transport::{Channel, Endpoint};
use tonic::{Code, Request, Status};

/// Calls that tell things for as long as somebody listens.
const ENDLESS: [&str; 3] = [
    "/freehold.auth.v1.AuthService/FollowSessions",
    "/freehold.content.v1.ContentService/Watch",
    "/freehold.directory.v1.DirectoryService/FollowDirectory",
];

/// A call without types.
#[derive(Clone)]
pub struct Raw {
    channel: Channel,
}

impl Raw {
    /// To the contracts at this address.
    pub fn to(address: &str) -> Result<Self> {
        Ok(Self { channel: Endpoint::from_shared(address.to_owned())?.connect_lazy() })
    }

    /// Calls, with a token or without, and answers the bytes of all messages that come back; of a call that does not
    /// end, of the first.
    pub async fn call(&self, path: &str, token: Option<&str>, body: Vec<u8>) -> Result<Vec<u8>, Status> {
        let mut client = Grpc::new(self.channel.clone());
        client.ready().await.map_err(|error| Status::unavailable(error.to_string()))?;
        let mut request = Request::new(body);
        if let Some(token) = token {
            let value =
                format!("Bearer {token}").parse().map_err(|_malformed| Status::new(Code::Internal, "a token"))?;
            request.metadata_mut().insert("authorization", value);
        }
        let endless = ENDLESS.contains(&path);
        let path = path.parse::<PathAndQuery>().map_err(|error| Status::internal(error.to_string()))?;
        // One message is a stream of one, so every call can be made this way.
        let mut answers = client.server_streaming(request, path, Bytes).await?.into_inner();
        let mut all = Vec::new();
        while let Some(message) = answers.message().await? {
            all.extend(message);
            if endless {
                break;
            }
        }
        Ok(all)
    }
}

/// Every RPC of the contracts, in their order.
pub fn methods() -> Result<Vec<MethodDescriptor>> {
    let pool = DescriptorPool::decode(DESCRIPTORS)?;
    Ok(pool.services().flat_map(|service| service.methods().collect::<Vec<_>>()).collect())
}

/// The path of an RPC on the wire.
pub fn path(method: &MethodDescriptor) -> String {
    format!("/{}/{}", method.parent_service().full_name(), method.name())
}

#[derive(Debug, Clone, Copy, Default)]
struct Bytes;

impl Codec for Bytes {
    type Encode = Vec<u8>;
    type Decode = Vec<u8>;
    type Encoder = Self;
    type Decoder = Self;

    fn encoder(&mut self) -> Self {
        Self
    }

    fn decoder(&mut self) -> Self {
        Self
    }
}

impl Encoder for Bytes {
    type Item = Vec<u8>;
    type Error = Status;

    fn encode(&mut self, item: Vec<u8>, buffer: &mut EncodeBuf<'_>) -> Result<(), Status> {
        buffer.put_slice(&item);
        Ok(())
    }
}

impl Decoder for Bytes {
    type Item = Vec<u8>;
    type Error = Status;

    fn decode(&mut self, buffer: &mut DecodeBuf<'_>) -> Result<Option<Vec<u8>>, Status> {
        let mut message = vec![0; buffer.remaining()];
        buffer.copy_to_slice(&mut message);
        Ok(Some(message))
    }
}
