//! A difference between answers, and its description in words.

use std::fmt;

/// Where two answers, or two groups of answers, differ.
///
/// `left` and `right` are excerpts of the answers. Like everything an application says, they go through
/// the redactor before any output.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// The place: `status`, `header location`, `$.items[].price`, `html > body > p:text`, `line`.
    pub place: String,
    /// The value on the left; `None` if there is none.
    pub left: Option<String>,
    /// The value on the right; `None` if there is none.
    pub right: Option<String>,
    /// How many other places differ as well.
    pub others: usize,
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "differs in `{}`", self.place)?;
        match self.others {
            0 => f.write_str(", stable otherwise"),
            1 => f.write_str(" and in one other place"),
            more => write!(f, " and in {more} other places"),
        }
    }
}

/// Keeps the most telling difference and counts the others.
#[derive(Debug, Default)]
pub(super) struct Best {
    found: Option<(usize, Difference)>,
    places: Vec<u64>,
}

impl Best {
    /// Considers a difference; keeps the one of the lowest rank, or the first of equal rank.
    pub(super) fn offer(&mut self, id: u64, rank: usize, difference: impl FnOnce() -> Difference) {
        self.places.push(id);
        if self.found.as_ref().is_none_or(|(kept, _)| rank < *kept) {
            self.found = Some((rank, difference()));
        }
    }

    /// Returns the difference kept.
    pub(super) fn end(mut self) -> Option<Difference> {
        self.places.sort_unstable();
        self.places.dedup();
        let others = self.places.len().saturating_sub(1);
        let (_, mut difference) = self.found?;
        difference.others = others;
        Some(difference)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_difference_reads_as_a_sentence() {
        let mut difference = Difference {
            place: "$.items[].price".to_owned(),
            left: Some("10".to_owned()),
            right: None,
            others: 0,
        };
        assert_eq!(
            difference.to_string(),
            "differs in `$.items[].price`, stable otherwise"
        );
        difference.others = 2;
        assert_eq!(
            difference.to_string(),
            "differs in `$.items[].price` and in 2 other places"
        );
    }
}
