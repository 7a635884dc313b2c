//! What the wearer says between the samples, and the model that comes of it.

use super::session::Session;
use crate::commands::adapt::{base_of, write};
use ambulo_model::adapt::{SHRINKAGE, adapt};
use serde::Deserialize;
use std::path::Path;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Said {
    activity: Option<String>,
}

/// What a line says is done from there on, if it is one that says so: an object with the key `activity` alone.
pub(super) fn said(line: &[u8]) -> Option<Option<String>> {
    let begins = line.trim_ascii_start().starts_with(b"{") && line.windows(10).any(|w| w == b"\"activity\"");
    begins.then(|| serde_json::from_slice::<Said>(line).ok().map(|said| said.activity)).flatten()
}

/// Writes the personal model of what was taught.
pub(super) fn finish(session: &Session<'_>, out: &Path) -> anyhow::Result<()> {
    let Some((answerer, examples)) = session.taught() else {
        return Err(anyhow::anyhow!(
            "there were too few samples to learn from, {} is not written",
            out.display()
        ));
    };
    let model = answerer.predictor.model();
    let adapted = adapt(model, examples, SHRINKAGE, &base_of(model)?)?;
    write(out, &adapted)
}

#[cfg(test)]
mod tests {
    use super::said;

    #[test]
    fn only_an_object_with_an_activity_alone_is_a_word_of_the_wearer() {
        assert_eq!(said(b" {\"activity\": \"walking\"}\n"), Some(Some("walking".into())));
        assert_eq!(said(b"{\"activity\":null}"), Some(None));
        for line in [&b"{\"activity\":\"x\",\"ax\":1}"[..], b"1,2,3", b"{\"ax\":1}", b"{\"activity\"", b""] {
            assert_eq!(said(line), None, "{}", String::from_utf8_lossy(line));
        }
    }
}
