//! Everything that touches the world: disk, git, clock.
