//! Content decoding under a cap. Owns: gzip, zlib and raw deflate. Leaves out: reading (`client`).

use std::io::Read;

use flate2::read::{DeflateDecoder, MultiGzDecoder, ZlibDecoder};

/// Decodes a body by its `Content-Encoding` (RFC 9110 §8.4) to at most `cap` bytes.
///
/// Undoes the last encoding first, and leaves a body in an unknown encoding as it is. The flag is
/// true if something was cut or broken.
pub(crate) fn decode(body: Vec<u8>, encodings: &str, cap: usize) -> (Vec<u8>, bool) {
    let mut body = body;
    let mut cut = false;
    for encoding in encodings.split(',').rev().take(3) {
        let (decoded, broken) = match encoding.trim().to_ascii_lowercase().as_str() {
            "gzip" | "x-gzip" => read(MultiGzDecoder::new(body.as_slice()), cap),
            // By the standard "deflate" means zlib, but some servers send raw deflate.
            "deflate" => match read(ZlibDecoder::new(body.as_slice()), cap) {
                (decoded, true) if decoded.is_empty() => {
                    read(DeflateDecoder::new(body.as_slice()), cap)
                }
                other => other,
            },
            _ => continue,
        };
        if decoded.is_empty() && broken {
            // The body is not what the header claims: keep the bytes as they came.
            return (body, true);
        }
        body = decoded;
        cut |= broken;
    }
    (body, cut)
}

fn read(decoder: impl Read, cap: usize) -> (Vec<u8>, bool) {
    let mut decoded = Vec::new();
    let limit = u64::try_from(cap).unwrap_or(u64::MAX);
    let mut limited = decoder.take(limit.saturating_add(1));
    let broken = limited.read_to_end(&mut decoded).is_err();
    let cut = decoded.len() > cap;
    decoded.truncate(cap);
    (decoded, broken || cut)
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use flate2::Compression;
    use flate2::write::{DeflateEncoder, GzEncoder, ZlibEncoder};

    use super::*;

    #[test]
    fn gzip_zlib_and_raw_deflate_are_decoded() {
        let mut gzip = GzEncoder::new(Vec::new(), Compression::default());
        gzip.write_all(b"hello").unwrap();
        let mut zlib = ZlibEncoder::new(Vec::new(), Compression::default());
        zlib.write_all(b"hello").unwrap();
        let mut raw = DeflateEncoder::new(Vec::new(), Compression::default());
        raw.write_all(b"hello").unwrap();
        let whole = (b"hello".to_vec(), false);
        assert_eq!(decode(gzip.finish().unwrap(), "gzip", 100), whole);
        assert_eq!(decode(zlib.finish().unwrap(), "deflate", 100), whole);
        assert_eq!(decode(raw.finish().unwrap(), "deflate", 100), whole);
    }

    #[test]
    fn a_bomb_stops_at_the_cap() {
        let mut gzip = GzEncoder::new(Vec::new(), Compression::best());
        for _ in 0..1000 {
            gzip.write_all(&[0; 10_000]).unwrap();
        }
        let (body, cut) = decode(gzip.finish().unwrap(), "gzip", 5000);
        assert_eq!((body.len(), cut), (5000, true));
    }

    #[test]
    fn garbage_that_claims_to_be_gzip_stays_as_it_came() {
        assert_eq!(
            decode(b"plain".to_vec(), "gzip", 100),
            (b"plain".to_vec(), true)
        );
    }
}
