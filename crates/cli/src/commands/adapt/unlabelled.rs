//! Recordings of which nobody said what was done.

use super::{Labelled, cannot, doubts, share};
use crate::cli::WithoutLabels;
use crate::commands::evaluate::truth;
use crate::failure::Usage;
use crate::talk::say;
use ambulo_formats::ReadOptions;
use ambulo_model::adapt::{
    Adapted, SHRINKAGE, STATISTICS_SHARE, Unlabelled, UnlabelledInputs, adapt_statistics, adapt_unlabelled,
};
use ambulo_model::{Model, Predictor};
use ambulo_record::UnlabelledUse;
use ambulo_signal::intake::Declared;
use anyhow::Context as _;
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

/// The model that these recordings make.
pub(super) fn adapted(
    how: WithoutLabels,
    model: Model,
    mut recordings: Vec<Labelled>,
    declared: &Declared,
    (shrinkage, base): (f64, &str),
) -> anyhow::Result<Adapted> {
    note_again(how, &model);
    let predictor = Predictor::new(model);
    if how == WithoutLabels::Clusters {
        let rest = collected(&predictor, &mut recordings, declared, true)?;
        return Ok(adapt_unlabelled(predictor.model(), &rest, shrinkage, base)?);
    }
    if shrinkage.to_bits() != SHRINKAGE.to_bits() {
        let text = "--shrinkage is how little examples move the last layer, and --without-labels statistics moves none\nhint: leave it out";
        return Err(Usage(text.into()).into());
    }
    let mut windows = UnlabelledInputs::default();
    for Labelled { name, recording, .. } in &mut recordings {
        let one = predictor
            .collect_unlabelled_inputs(recording, declared, &mut windows)
            .with_context(|| cannot(name))?;
        doubts(name, &one);
    }
    let mut failed = None;
    let mut look = |predictor: &Predictor| {
        collected(predictor, &mut recordings, declared, false).or_else(|error| {
            failed = Some(error);
            Ok(Unlabelled::default())
        })
    };
    let adapted = adapt_statistics(predictor.model(), &windows, STATISTICS_SHARE, base, &mut look);
    match failed {
        Some(error) => Err(error),
        None => Ok(adapted?),
    }
}

/// Recordings as a predictor sees them.
fn collected(
    predictor: &Predictor,
    recordings: &mut [Labelled],
    declared: &Declared,
    first: bool,
) -> anyhow::Result<Unlabelled> {
    let mut rest = Unlabelled::default();
    for Labelled { name, recording, said } in recordings {
        let one = predictor
            .collect_unlabelled(recording, declared, said, &mut rest)
            .with_context(|| cannot(name))?;
        if first {
            doubts(name, &one);
        }
    }
    Ok(rest)
}

/// Says that a model has learned so from recordings before.
fn note_again(how: WithoutLabels, model: &Model) {
    let before = |statistics: bool| {
        let all = &model.metadata().adaptations;
        all.iter().any(|one| one.unlabelled.is_some() && (one.method == "statistics") == statistics)
    };
    if how == WithoutLabels::Clusters && before(false) {
        say!(
            "note: this model has learned from its own answers before; from the same recordings it learns nothing more but to be surer of its \
             mistakes\n\
             hint: adapt the model that it was made from to all recordings together"
        );
    }
    if how == WithoutLabels::Statistics && before(true) {
        say!(
            "note: this model has a share of a person's own statistics already, and now takes another: larger shares have done harm\n\
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
