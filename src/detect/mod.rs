//! Looks at answers: pure.
