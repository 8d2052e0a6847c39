//! Finds endpoints and inputs.
