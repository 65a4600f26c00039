//! YAML with every byte accounted for.
