//! Canary keys.
