//! `ambulo reference`

use super::{load_model, open_data};
use crate::cli::ReferenceArgs;
use crate::talk::say;
use ambulo_model::Predictor;
use std::process::ExitCode;

pub(crate) fn run(args: &ReferenceArgs) -> anyhow::Result<ExitCode> {
    let model = load_model(&args.model)?;
    let dataset = open_data(&args.data)?;
    let count = ambulo_train::export_reference(
        &Predictor::new(model),
        &dataset,
        usize::from(args.windows),
        &args.out,
    )?;
    say!("{count} windows of people the model was trained on, in {}", args.out.display());
    Ok(ExitCode::SUCCESS)
}
