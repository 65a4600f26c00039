//! Corpora and fakes for tests; never shipped.
