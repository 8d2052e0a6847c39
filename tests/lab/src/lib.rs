//! Provisioning for the demo and the tests.
