//! Which slots were issued, and in what form.
//!
//! This module keeps one byte per slot, shared between the mint that appends and any number of
//! recognisers that look up a slot once a candidate has decrypted to it. Texts are not kept, so
//! memory does not grow with their length.

use std::sync::{Arc, PoisonError, RwLock};

use super::mint::Slot;
use super::shape::Shape;

/// The slots issued so far: a cheap handle whose clones all see the same slots.
#[derive(Clone, Debug, Default)]
pub struct Issued {
    shapes: Arc<RwLock<Vec<Option<Shape>>>>,
}

impl Issued {
    /// Creates a set from the slots that a report lists, to recognise an earlier run's canaries.
    pub fn from_slots(slots: impl IntoIterator<Item = (Slot, Shape)>) -> Issued {
        let issued = Issued::default();
        for (slot, shape) in slots {
            issued.insert(slot, shape);
        }
        issued
    }

    /// Returns the form in which a slot was issued, if it was.
    pub fn shape(&self, slot: Slot) -> Option<Shape> {
        let shapes = self.shapes.read().unwrap_or_else(PoisonError::into_inner);
        shapes.get(slot.0 as usize).copied().flatten()
    }

    /// Returns one more than the highest slot issued.
    pub fn end(&self) -> Slot {
        let shapes = self.shapes.read().unwrap_or_else(PoisonError::into_inner);
        Slot(u32::try_from(shapes.len()).unwrap_or(u32::MAX))
    }

    /// Returns the number of slots issued.
    pub fn len(&self) -> usize {
        let shapes = self.shapes.read().unwrap_or_else(PoisonError::into_inner);
        shapes.iter().flatten().count()
    }

    /// Returns whether no slot was issued.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    pub(super) fn insert(&self, slot: Slot, shape: Shape) {
        let mut shapes = self.shapes.write().unwrap_or_else(PoisonError::into_inner);
        let at = slot.0 as usize;
        if shapes.len() <= at {
            shapes.resize(at + 1, None);
        }
        shapes[at] = Some(shape);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slot_is_known_by_the_form_it_was_issued_in() {
        let issued = Issued::from_slots([(Slot(2), Shape::Uuid), (Slot(0), Shape::Token)]);
        assert_eq!(issued.shape(Slot(2)), Some(Shape::Uuid));
        assert_eq!(issued.shape(Slot(1)), None);
        assert_eq!(issued.shape(Slot(9)), None);
        assert_eq!((issued.len(), issued.end()), (2, Slot(3)));
    }

    #[test]
    fn a_clone_sees_what_is_issued_later() {
        let issued = Issued::default();
        let other = issued.clone();
        issued.insert(Slot(0), Shape::Short);
        assert_eq!(other.shape(Slot(0)), Some(Shape::Short));
    }

    #[test]
    fn a_slot_costs_one_byte() {
        assert_eq!(size_of::<Option<Shape>>(), 1);
    }
}
