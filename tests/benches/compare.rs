//! Prints of large answers, and comparing them.

fn main() {}
