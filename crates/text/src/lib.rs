//! Source files, places in them, diagnostics, and the one door to the world.
