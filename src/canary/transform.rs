//! What happened to a canary between input and output.
//!
//! This module names the transforms and writes chains of them. `recognise` undoes them.

use std::fmt;

/// One change, as named in reports.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Transform {
    /// Percent-encoding.
    Url,
    /// HTML character references.
    Html,
    /// Backslash escapes of JSON, JavaScript or Python.
    Json,
    /// Base64 in either alphabet.
    Base64,
    /// Hexadecimal digits.
    Hex,
    /// Reversed.
    Reversed,
    /// UTF-16 in either byte order.
    Utf16,
    /// zlib-compressed.
    Zlib,
    /// gzip-compressed.
    Gzip,
    /// Compressed without a header.
    Deflate,
    /// In upper case.
    Uppercase,
    /// In mixed case.
    MixedCase,
    /// Written in groups, with separators.
    Separators,
    /// Only part of it is present.
    Truncated,
    /// Part of it is hidden by mask characters.
    Masked,
    /// Hashed without a key.
    Digest(Digest),
}

/// An unkeyed digest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Digest {
    /// MD5.
    Md5,
    /// SHA-1.
    Sha1,
    /// SHA-224.
    Sha224,
    /// SHA-256.
    Sha256,
    /// SHA-384.
    Sha384,
    /// SHA-512.
    Sha512,
    /// SHA-512/256.
    Sha512T256,
    /// SHA3-224.
    Sha3T224,
    /// SHA3-256.
    Sha3T256,
    /// SHA3-384.
    Sha3T384,
    /// SHA3-512.
    Sha3T512,
    /// `BLAKE2s` with 32 bytes.
    Blake2s,
    /// `BLAKE2b` with 32 bytes.
    Blake2bT256,
    /// `BLAKE2b` with 64 bytes.
    Blake2b,
}

impl Transform {
    /// Returns the name used in reports.
    pub fn name(self) -> &'static str {
        match self {
            Transform::Url => "url",
            Transform::Html => "html",
            Transform::Json => "json",
            Transform::Base64 => "base64",
            Transform::Hex => "hex",
            Transform::Reversed => "reversed",
            Transform::Utf16 => "utf-16",
            Transform::Zlib => "zlib",
            Transform::Gzip => "gzip",
            Transform::Deflate => "deflate",
            Transform::Uppercase => "uppercase",
            Transform::MixedCase => "mixed-case",
            Transform::Separators => "separators",
            Transform::Truncated => "truncated",
            Transform::Masked => "masked",
            Transform::Digest(digest) => digest.name(),
        }
    }
}

impl Digest {
    /// Returns the name used in reports.
    pub fn name(self) -> &'static str {
        match self {
            Digest::Md5 => "md5",
            Digest::Sha1 => "sha1",
            Digest::Sha224 => "sha224",
            Digest::Sha256 => "sha256",
            Digest::Sha384 => "sha384",
            Digest::Sha512 => "sha512",
            Digest::Sha512T256 => "sha512-256",
            Digest::Sha3T224 => "sha3-224",
            Digest::Sha3T256 => "sha3-256",
            Digest::Sha3T384 => "sha3-384",
            Digest::Sha3T512 => "sha3-512",
            Digest::Blake2s => "blake2s",
            Digest::Blake2bT256 => "blake2b-256",
            Digest::Blake2b => "blake2b",
        }
    }
}

impl fmt::Display for Transform {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A chain of transforms as written in reports, outermost first.
///
/// ```
/// use keyspill_canary::{Chain, Transform};
///
/// assert_eq!(Chain(&[]).to_string(), "identity");
/// assert_eq!(Chain(&[Transform::Base64, Transform::Zlib]).to_string(), "base64/zlib");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Chain<'a>(pub &'a [Transform]);

impl fmt::Display for Chain<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_empty() {
            return f.write_str("identity");
        }
        for (i, transform) in self.0.iter().enumerate() {
            if i > 0 {
                f.write_str("/")?;
            }
            f.write_str(transform.name())?;
        }
        Ok(())
    }
}
