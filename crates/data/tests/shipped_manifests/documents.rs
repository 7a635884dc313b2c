//! What stands in documents about the manifests is what is in them.
