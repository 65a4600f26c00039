//! Go's text/template, with the sprig and Helm functions.
