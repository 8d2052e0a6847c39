//! Making canaries.
//!
//! This module has the order of slots and the canary itself. Which shape an input wants is decided
//! in `fit`, and how the text is composed in `codec`.

use super::codec::Codec;
use super::issued::Issued;
use super::key::RunKey;
use super::recognise::Recogniser;
use super::shape::Shape;

/// The number of a canary within its run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Slot(pub u32);

/// A planted value, whose text gives away its slot to whoever holds the run's key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Canary {
    /// The number under which it was issued.
    pub slot: Slot,
    /// Its form.
    pub shape: Shape,
    /// The text that is sent to the application.
    pub text: String,
}

/// Makes canaries: the same key and the same sequence of calls give the same texts.
///
/// ```
/// use keyspill_canary::{Mint, RunKey, Shape, Slot};
///
/// let mut mint = Mint::new(RunKey::from_seed(7));
/// let first = mint.plant(Shape::Token);
/// let second = mint.plant(Shape::Short);
/// assert_eq!((first.slot, first.text.len()), (Slot(0), 40));
/// assert_eq!((second.slot, second.text.len()), (Slot(1), 10));
///
/// let body = format!("{{\"name\": \"{}\"}}", first.text);
/// let found = mint.recogniser().scan(body.as_bytes());
/// assert_eq!(found[0].slot, first.slot);
/// assert_eq!(&body[found[0].span.clone()], first.text);
/// ```
#[derive(Clone, Debug)]
pub struct Mint {
    key: RunKey,
    codec: Codec,
    issued: Issued,
    next: u32,
}

/// Default domain of `email` canaries. It is reserved, so no real mailbox gets mail.
const DOMAIN: &str = "example.com";

impl Mint {
    /// Creates a mint that has issued nothing yet.
    pub fn new(key: RunKey) -> Mint {
        Mint {
            key,
            codec: Codec::new(key, DOMAIN),
            issued: Issued::default(),
            next: 0,
        }
    }

    /// Returns the same mint with another domain for `email` canaries.
    #[must_use]
    pub fn with_email_domain(mut self, domain: &str) -> Mint {
        self.codec = Codec::new(self.key, domain);
        self
    }

    /// Returns the run's key.
    pub fn key(&self) -> RunKey {
        self.key
    }

    /// Makes the next canary.
    ///
    /// A weak shape has room for a limited number of slots (1,679,616 for `short`, a billion for
    /// `integer`); beyond it a `token` is made instead.
    pub fn plant(&mut self, shape: Shape) -> Canary {
        let slot = Slot(self.next);
        let shape = if u128::from(slot.0) < shape.capacity() {
            shape
        } else {
            Shape::Token
        };
        self.next = self.next.saturating_add(1);
        self.issued.insert(slot, shape);
        Canary {
            slot,
            shape,
            text: self.codec.write(slot, shape),
        }
    }

    /// Makes the next canary whose text is wanted; the slots skipped stay unissued.
    ///
    /// If none of `tries` slots is wanted, the next one is used.
    pub(super) fn plant_where(
        &mut self,
        shape: Shape,
        tries: u32,
        wanted: impl Fn(&str) -> bool,
    ) -> Canary {
        let all = self.next..self.next.saturating_add(tries);
        let slot = all
            .into_iter()
            .take_while(|slot| u128::from(*slot) < shape.capacity())
            .find(|slot| wanted(&self.codec.write(Slot(*slot), shape)));
        self.next = slot.unwrap_or(self.next);
        self.plant(shape)
    }

    /// Returns a shared handle to what has been issued so far and what will be.
    pub fn issued(&self) -> Issued {
        self.issued.clone()
    }

    /// Returns a recogniser of everything that this mint issues, now and later.
    pub fn recogniser(&self) -> Recogniser {
        Recogniser::of(self.codec.clone(), self.issued.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slots_run_on_over_all_shapes() {
        let mut mint = Mint::new(RunKey::from_seed(1));
        let slots: Vec<u32> = Shape::ALL
            .iter()
            .map(|&shape| mint.plant(shape).slot.0)
            .collect();
        assert_eq!(slots, [0, 1, 2, 3, 4, 5, 6, 7, 8]);
        assert_eq!(mint.issued().len(), 9);
    }

    #[test]
    fn the_same_seed_plants_the_same_texts() {
        let texts = |seed| {
            let mut mint = Mint::new(RunKey::from_seed(seed));
            Shape::ALL.map(|shape| mint.plant(shape).text)
        };
        assert_eq!(texts(5), texts(5));
        assert_ne!(texts(5), texts(6));
    }

    #[test]
    fn an_email_takes_the_domain_that_was_set() {
        let mut mint = Mint::new(RunKey::from_seed(1)).with_email_domain("Mail.Test");
        let canary = mint.plant(Shape::Email);
        assert!(canary.text.ends_with("@mail.test"), "{}", canary.text);
        assert_eq!(mint.recogniser().scan(canary.text.as_bytes()).len(), 1);
    }

    #[test]
    fn no_text_is_longer_than_its_shape_says() {
        let mut mint = Mint::new(RunKey::from_seed(2));
        for shape in Shape::ALL {
            let longest = (0..10).map(|_| mint.plant(shape).text.len()).max();
            assert_eq!(longest, Some(shape.len()), "{shape:?}");
        }
    }
}
