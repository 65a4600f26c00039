//! Chart and values to objects, as helm does.
