//! XAES-256-GCM (c2sp.org/XAES-256-GCM): AES-256-GCM under a key derived from the first half of a 24-byte nonce.
//!
//! Random 12-byte nonces, as plain AES-GCM has them, run out near 2^32 messages per key, and one repetition gives
//! the authentication key away. With 24 bytes nobody has to count. The derivation costs three block encryptions, one
//! of them once per key.

use aes::Aes256Enc;
use aes::cipher::array::Array;
use aes::cipher::consts::{U4, U12, U24};
use aes::cipher::{Block, BlockCipherEncrypt, KeyInit};
use aes_gcm::AesGcm;
use aes_gcm::aead::AeadInOut;
use zeroize::{Zeroize, Zeroizing};

pub(crate) const NONCE_BYTES: usize = 24;
pub(crate) const TAG_BYTES: usize = 16;

/// A key, expanded once.
pub(crate) struct Xaes256Gcm {
    cipher: Aes256Enc,
    /// CMAC's first subkey, K1 in the specification.
    subkey: Zeroizing<u128>,
}

/// The bytes do not authenticate: wrong key, wrong associated data, or changed.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct NotAuthentic;

impl Xaes256Gcm {
    pub(crate) fn new(key: &[u8; 32]) -> Self {
        let cipher = Aes256Enc::new(key.into());
        let mut zero = Block::<Aes256Enc>::default();
        cipher.encrypt_block(&mut zero);
        let l = u128::from_be_bytes(zero.into());
        zero.zeroize();
        // Doubling in GF(2^128) without a branch on the secret bit.
        let subkey = Zeroizing::new((l << 1) ^ ((l >> 127) * 0x87));
        Self { cipher, subkey }
    }

    /// Encrypts `text` where it stands and gives the tag.
    pub(crate) fn seal(&self, nonce: &[u8; NONCE_BYTES], aad: &[u8], text: &mut [u8]) -> [u8; TAG_BYTES] {
        let (cipher, nonce) = self.cipher_for(nonce);
        cipher
            .encrypt_inout_detached(&nonce, aad, text.into())
            .expect("a field is far below the 64 GiB that GCM can encrypt")
            .into()
    }

    /// Decrypts `text` where it stands, once the tag has been found right.
    pub(crate) fn open(
        &self,
        nonce: &[u8; NONCE_BYTES],
        aad: &[u8],
        text: &mut [u8],
        tag: &[u8; TAG_BYTES],
    ) -> Result<(), NotAuthentic> {
        let (cipher, nonce) = self.cipher_for(nonce);
        cipher.decrypt_inout_detached(&nonce, aad, text.into(), tag.into()).map_err(|_opaque| NotAuthentic)
    }

    /// The AES-256-GCM key and nonce of this one message.
    fn cipher_for(&self, nonce: &[u8; NONCE_BYTES]) -> (AesGcm<Aes256Enc, U12>, Array<u8, U12>) {
        let (derive, rest) = Array::<u8, U24>::from(*nonce).split::<U12>();
        let message = |counter: u8| {
            let block = Array::<u8, U4>([0, counter, b'X', 0]).concat(derive);
            Array((u128::from_be_bytes(block.into()) ^ *self.subkey).to_be_bytes())
        };
        let mut blocks = [message(1), message(2)];
        self.cipher.encrypt_blocks(&mut blocks);
        let [left, right] = &mut blocks;
        let mut key = left.concat(*right);
        let cipher = AesGcm::new(&key);
        key.zeroize();
        left.zeroize();
        right.zeroize();
        (cipher, rest)
    }
}

#[cfg(test)]
mod tests;
