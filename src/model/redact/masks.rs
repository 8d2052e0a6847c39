//! A redactor that learns while it is in use.
//!
//! This module keeps the newest redactor. What counts as a secret is decided in `detect`.

use std::sync::Arc;

use super::Redactor;

/// Masks what is known now, and learns new secrets.
///
/// Evidence is cut only after its own answer's secrets are known, since part of a secret could not
/// be recognised any more.
#[derive(Debug)]
pub struct Masks(Arc<Redactor>);

impl Masks {
    /// Starts with what a redactor knows.
    pub fn new(redactor: Redactor) -> Self {
        Self(Arc::new(redactor))
    }

    /// Returns the current redactor.
    pub fn now(&self) -> Arc<Redactor> {
        Arc::clone(&self.0)
    }

    /// Adds secrets that were found; this costs nothing if all are known.
    pub fn learn(&mut self, secrets: &[String]) {
        if secrets.iter().any(|secret| self.0.lacks(secret)) {
            Arc::make_mut(&mut self.0).learn_all(secrets);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_learnt_is_masked_from_then_on() {
        let mut masks = Masks::new(Redactor::default());
        let before = masks.now();
        masks.learn(&["hunter2-hunter2".to_owned(), "x".to_owned()]);
        assert_eq!(before.text("key=hunter2-hunter2"), "key=hunter2-hunter2");
        assert!(
            !masks
                .now()
                .text("key=hunter2-hunter2")
                .contains("hunter2-hunter2")
        );
    }

    #[test]
    fn thousands_of_secrets_of_one_answer_are_learnt_at_once() {
        let mut masks = Masks::new(Redactor::default());
        let secrets: Vec<String> = (0..3000)
            .map(|n| format!("hash-{n:05}-of-a-user"))
            .collect();
        let start = std::time::Instant::now();
        masks.learn(&secrets);
        // Rebuilding the matcher takes over a second by now, so 3,000 rebuilds would take an hour.
        assert!(start.elapsed().as_secs() < 30);
        let text = masks.now().text("hash: hash-02999-of-a-user");
        assert!(!text.contains("02999"), "{text}");
    }

    #[test]
    fn learning_the_known_changes_nothing() {
        let mut masks = Masks::new(Redactor::default());
        masks.learn(&["hunter2-hunter2".to_owned()]);
        let known = masks.now();
        masks.learn(&["hunter2-hunter2".to_owned()]);
        assert!(Arc::ptr_eq(&known, &masks.now()));
    }
}
