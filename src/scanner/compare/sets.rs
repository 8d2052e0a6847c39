//! Sets as sorted slices.

/// Returns the values that are in `left` but not in `right`.
pub(super) fn minus(left: &[u64], right: &[u64]) -> Vec<u64> {
    let mut rest = right.iter().peekable();
    left.iter()
        .filter(|value| {
            while rest.next_if(|other| other < value).is_some() {}
            rest.peek() != Some(value)
        })
        .copied()
        .collect()
}

/// Returns the values that are in both slices.
pub(super) fn both(left: &[u64], right: &[u64]) -> Vec<u64> {
    let mut rest = right.iter().peekable();
    left.iter()
        .filter(|value| {
            while rest.next_if(|other| other < value).is_some() {}
            rest.peek() == Some(value)
        })
        .copied()
        .collect()
}

/// Returns the values that are in either slice.
pub(super) fn either(left: &[u64], right: &[u64]) -> Vec<u64> {
    let mut all = [left, right].concat();
    all.sort_unstable();
    all.dedup();
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sorted_slices_are_sets() {
        assert_eq!(minus(&[1, 2, 4, 7], &[0, 2, 3, 7]), [1, 4]);
        assert_eq!(both(&[1, 2, 4, 7], &[0, 2, 3, 7]), [2, 7]);
        assert_eq!(either(&[1, 4], &[0, 1]), [0, 1, 4]);
        assert_eq!(minus(&[1, 2], &[]), [1, 2]);
    }
}
