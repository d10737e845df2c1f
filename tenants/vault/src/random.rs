//! Random bytes for keys and nonces.

/// Random bytes from the thread's generator, which the operating system seeds.
///
/// A call to the system for every nonce costs more than sealing the field. The price: the generator's state lives in
/// memory, so a machine that is restored twice from one running snapshot draws the same nonces twice until the
/// generator seeds itself anew. Never fork a process that seals, and resume snapshots of stopped machines only.
pub(crate) fn bytes<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    rand::fill(&mut bytes[..]);
    bytes
}
