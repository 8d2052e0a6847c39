//! Unkeyed digests of planted values.
//!
//! This module computes them, keeps the table that maps a digest to its slot, and decides which
//! runs are looked up: delimited ones of exactly a digest's length, in hexadecimal or base64.
//! Salted and keyed digests cannot be recognised.
//!
//! A digest cannot be decrypted, so here, and only here, something is kept for each canary: one
//! entry of eight bytes for each of the 14 digests, in memory and never on disk. The table doubles
//! when it is three quarters full, so a canary costs 149 to 299 bytes, and a million cost 256 MiB.
//! The table is filled when the first run of a digest's length is met, and later slots are added at
//! the next such run. An entry has half of the fingerprint and the slot; the digest of that slot is
//! then computed again and compared in full, so a match is as certain as the digest.

use std::ops::Range;
use std::sync::{Arc, PoisonError, RwLock};

use blake2::{Blake2b, Blake2b512, Blake2s256};
use md5::Md5;
use sha1::Sha1;
use sha2::digest::consts::U32;
use sha2::{Digest as _, Sha224, Sha256, Sha384, Sha512, Sha512_256};
use sha3::{Sha3_224, Sha3_256, Sha3_384, Sha3_512};

use super::super::codec::Codec;
use super::super::issued::Issued;
use super::super::mint::Slot;
use super::super::shape::Shape;
use super::super::transform::{Digest, Transform};
use super::base64;
use super::hex;
use super::runs::Run;
use super::{Match, Recogniser, Strength};

/// Shorter runs of base64 hold no digest; longer ones are not split up in search of a delimited
/// one.
const SHORTEST: usize = 22;
const LONGEST: usize = 128;

/// All digests that are recognised.
const ALL: [Digest; 14] = [
    Digest::Md5,
    Digest::Sha1,
    Digest::Sha224,
    Digest::Sha256,
    Digest::Sha384,
    Digest::Sha512,
    Digest::Sha512T256,
    Digest::Sha3T224,
    Digest::Sha3T256,
    Digest::Sha3T384,
    Digest::Sha3T512,
    Digest::Blake2s,
    Digest::Blake2bT256,
    Digest::Blake2b,
];

impl Digest {
    /// Returns the digest of a text.
    pub fn of(self, text: &[u8]) -> Vec<u8> {
        match self {
            Digest::Md5 => Md5::digest(text).to_vec(),
            Digest::Sha1 => Sha1::digest(text).to_vec(),
            Digest::Sha224 => Sha224::digest(text).to_vec(),
            Digest::Sha256 => Sha256::digest(text).to_vec(),
            Digest::Sha384 => Sha384::digest(text).to_vec(),
            Digest::Sha512 => Sha512::digest(text).to_vec(),
            Digest::Sha512T256 => Sha512_256::digest(text).to_vec(),
            Digest::Sha3T224 => Sha3_224::digest(text).to_vec(),
            Digest::Sha3T256 => Sha3_256::digest(text).to_vec(),
            Digest::Sha3T384 => Sha3_384::digest(text).to_vec(),
            Digest::Sha3T512 => Sha3_512::digest(text).to_vec(),
            Digest::Blake2s => Blake2s256::digest(text).to_vec(),
            Digest::Blake2bT256 => Blake2b::<U32>::digest(text).to_vec(),
            Digest::Blake2b => Blake2b512::digest(text).to_vec(),
        }
    }
}

/// The digests of issued canaries, shared by the clones of a recogniser.
#[derive(Clone, Debug, Default)]
pub(super) struct Digests {
    table: Arc<RwLock<Table>>,
}

/// A table with open addressing. An entry is the digest's first four bytes and the slot plus one.
#[derive(Debug, Default)]
struct Table {
    entries: Vec<u64>,
    len: usize,
    /// All slots below this one are in the table.
    end: u32,
}

impl Recogniser {
    /// Looks up a delimited run of hexadecimal digits.
    pub(super) fn digests_in_hex(
        &self,
        run: &Run<'_>,
        digits: Range<usize>,
        found: &mut Vec<Match>,
    ) {
        let delimited = |at: Option<&u8>| !at.is_some_and(u8::is_ascii_alphanumeric);
        let before = digits.start.checked_sub(1).and_then(|at| run.chars.get(at));
        if matches!(digits.len(), 32 | 40 | 56 | 64 | 96 | 128)
            && delimited(before)
            && delimited(run.chars.get(digits.end))
        {
            let digest = hex::decode(&run.chars[digits.clone()], false, 0);
            self.digest(&digest, &[], run, digits, found);
        }
    }

    /// Looks up the delimited digests in a run of base64, in either alphabet.
    pub(super) fn digests_in_base64(&self, run: &Run<'_>, found: &mut Vec<Match>) {
        let chars = &run.chars[..];
        if !(SHORTEST..=LONGEST).contains(&chars.len()) || run.is_joined() {
            return;
        }
        let mut seen = 0..0;
        for foreign in [b"-_", b"+/"] {
            let mut from = 0;
            for piece in chars.split(|b| foreign.contains(b)) {
                let place = from..from + piece.len();
                from = place.end + 1;
                if matches!(piece.len(), 22 | 27 | 38 | 43 | 64 | 86) && place != seen {
                    let digest = base64::decode(piece);
                    self.digest(&digest, &[Transform::Base64], run, place.clone(), found);
                    seen = place;
                }
            }
        }
    }

    fn digest(
        &self,
        digest: &[u8],
        outer: &[Transform],
        run: &Run<'_>,
        place: Range<usize>,
        found: &mut Vec<Match>,
    ) {
        let Some((slot, shape, kind)) = self.digests.find(digest, &self.codec, &self.issued) else {
            return;
        };
        let mut transforms = outer.to_vec();
        transforms.push(Transform::Digest(kind));
        // Whatever its shape, a canary does not match 128 bits by chance.
        let strength = Strength::Full;
        found.push(Match {
            span: run.source(place),
            slot,
            shape,
            strength,
            transforms,
        });
    }
}

impl Digests {
    fn find(&self, digest: &[u8], codec: &Codec, issued: &Issued) -> Option<(Slot, Shape, Digest)> {
        let end = issued.end();
        if self
            .table
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .end
            < end.0
        {
            let mut table = self.table.write().unwrap_or_else(PoisonError::into_inner);
            for slot in (table.end..end.0).map(Slot) {
                if let Some(shape) = issued.shape(slot) {
                    let text = codec.write(slot, shape);
                    for kind in ALL {
                        table.insert(fingerprint(&kind.of(text.as_bytes())), slot);
                    }
                }
            }
            table.end = table.end.max(end.0);
        }
        let table = self.table.read().unwrap_or_else(PoisonError::into_inner);
        table.candidates(fingerprint(digest)).find_map(|slot| {
            let shape = issued.shape(slot)?;
            let text = codec.write(slot, shape);
            let kind = ALL
                .into_iter()
                .find(|kind| kind.of(text.as_bytes()) == digest)?;
            Some((slot, shape, kind))
        })
    }
}

impl Table {
    fn insert(&mut self, fingerprint: u64, slot: Slot) {
        if (self.len + 1) * 4 > self.entries.len() * 3 {
            self.grow();
        }
        let mask = self.entries.len() - 1;
        let mut at = place(fingerprint) & mask;
        while self.entries[at] != 0 {
            at = (at + 1) & mask;
        }
        self.entries[at] = (fingerprint & HALF) | (u64::from(slot.0) + 1);
        self.len += 1;
    }

    /// Doubles the table. An entry keeps the half of its fingerprint that determines its place.
    fn grow(&mut self) {
        let size = (self.entries.len() * 2).max(1 << 10);
        let old = std::mem::replace(&mut self.entries, vec![0; size]);
        for entry in old.into_iter().filter(|entry| *entry != 0) {
            let mut at = place(entry) & (size - 1);
            while self.entries[at] != 0 {
                at = (at + 1) & (size - 1);
            }
            self.entries[at] = entry;
        }
    }

    fn candidates(&self, fingerprint: u64) -> impl Iterator<Item = Slot> {
        let mask = self.entries.len().saturating_sub(1);
        let start = place(fingerprint);
        (0..self.entries.len())
            .map(move |i| self.entries[(start + i) & mask])
            .take_while(|entry| *entry != 0)
            .filter(move |entry| entry & HALF == fingerprint & HALF)
            .filter_map(|entry| u32::try_from((entry & !HALF) - 1).ok().map(Slot))
    }
}

/// Mask for the digest's half of an entry; the other half is the slot's.
const HALF: u64 = 0xffff_ffff_0000_0000;

fn place(entry: u64) -> usize {
    usize::try_from(entry >> 32).unwrap_or(0)
}

fn fingerprint(digest: &[u8]) -> u64 {
    digest
        .iter()
        .take(8)
        .fold(0, |sum, byte| sum << 8 | u64::from(*byte))
}
