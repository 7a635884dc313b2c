//! Recordings on one page: facts, signals zoomed out, findings.
