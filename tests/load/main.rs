//! The figures of a large company, printed beside what the same machine can do at all.

fn main() {}
