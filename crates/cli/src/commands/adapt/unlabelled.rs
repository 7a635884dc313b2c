//! Recordings of which nobody said what was done.

use super::{Labelled, share};
use crate::commands::evaluate::truth;
use crate::failure::Usage;
use crate::talk::say;
use ambulo_formats::ReadOptions;
use ambulo_model::Model;
use ambulo_record::UnlabelledUse;
use std::path::PathBuf;

/// Opens recordings without labels.
pub(super) fn open(files: &[PathBuf], options: &ReadOptions) -> anyhow::Result<Vec<Labelled>> {
    let mut all = Vec::with_capacity(files.len());
    for file in files {
        let text = file.to_string_lossy();
        if !file.exists()
            && let Some((activity, _)) = text.split_once('=')
        {
            return Err(Usage(format!(
                "{text} says what was done, and --without-labels learns from nothing that was said\n\
                 hint: leave out --without-labels, or `{activity}=`"
            ))
            .into());
        }
        let recording = truth::open_one(file, options)?;
        all.push(Labelled { name: text.into_owned(), recording, said: Vec::new() });
    }
    Ok(all)
}

/// Says that a model has learned from itself before.
pub(super) fn note_again(model: &Model) {
    if model.metadata().adaptations.iter().any(|one| one.unlabelled.is_some()) {
        say!(
            "note: this model has learned from its own answers before; from the same recordings it learns nothing more but to be surer of its \
             mistakes\n\
             hint: adapt the model that it was made from to all recordings together"
        );
    }
}

/// What became of the answers.
pub(super) fn print(out: &mut dyn std::io::Write, used: &UnlabelledUse) -> std::io::Result<()> {
    let width = used.activities.iter().map(|one| one.name.len()).max().unwrap_or(0).max("unlabelled".len());
    writeln!(out, "{:width$}  learned from  answers before  after", "unlabelled")?;
    for one in &used.activities {
        writeln!(out, "{:width$}  {:>12}  {:>14}  {:>5}", one.name, one.used, one.before, one.after)?;
    }
    writeln!(
        out,
        "{} windows of {:.0} s without labels: {} left out as strange, {} learned from; {} answers changed ({:.1} %), {} once brought \
         together over time ({:.1} %). Nobody said which are right.",
        used.windows,
        used.seconds,
        used.left_out,
        used.used,
        used.changed,
        share(used.changed, used.windows),
        used.changed_over_time,
        share(used.changed_over_time, used.windows)
    )
}
