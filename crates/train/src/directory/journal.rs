//! The records that grow with every epoch: `metrics.jsonl` and TensorBoard's event file.

use crate::TrainError;
use crate::directory::checkpoint::State;
use crate::directory::files::{RunFiles, unix_seconds};
use crate::tensorboard::EventWriter;
use ambulo_record::files::EPOCHS;
use ambulo_record::{EpochRecord, Stage};

/// Drops the records of epochs that the checkpoint does not know, and opens the event file behind the others.
pub(crate) fn rewind_records(files: &RunFiles, state: &State) -> Result<EventWriter, TrainError> {
    let known = |r: &EpochRecord| {
        let order = |s: Stage| u8::from(s == Stage::Refit);
        state.finished.iter().any(|f| f.seed == r.seed)
            || state
                .position
                .as_ref()
                .is_some_and(|p| p.seed == r.seed && (order(r.stage), r.epoch) < (order(p.stage), p.epoch))
    };
    let records: Vec<EpochRecord> = files.read_lines(EPOCHS)?;
    let kept: Vec<&EpochRecord> = records.iter().filter(|r| known(r)).collect();
    let mut text = Vec::new();
    // TensorBoard's axis runs through all stages: the last record of each stage moves it on.
    let (mut earlier, mut last) = (0, 0);
    for (i, record) in kept.iter().enumerate() {
        let line = serde_json::to_vec(record)
            .map_err(|source| TrainError::Record { path: files.path(EPOCHS), source })?;
        text.extend(line);
        text.push(b'\n');
        last = earlier + record.step;
        if kept.get(i + 1).is_some_and(|next| (next.seed, next.stage) != (record.seed, record.stage)) {
            earlier = last;
        }
    }
    files.write(EPOCHS, &text)?;
    Ok(match EventWriter::find(files.directory())? {
        Some(path) => EventWriter::open_truncated(&path, last)?,
        None => EventWriter::create(files.directory(), unix_seconds())?,
    })
}

pub(crate) fn write_events(
    events: &mut EventWriter,
    r: &EpochRecord,
    earlier_steps: u64,
) -> Result<(), TrainError> {
    let stage = match r.stage {
        Stage::Select => "select",
        Stage::Refit => "refit",
    };
    let values = [
        ("train_loss", Some(r.train_loss)),
        ("train_accuracy", Some(r.train_accuracy)),
        ("learning_rate", Some(r.learning_rate)),
        ("validation_loss", r.validation_loss),
        ("validation_accuracy", r.validation_accuracy),
        ("validation_macro_f1", r.validation_macro_f1),
    ];
    for (name, value) in values {
        if let Some(value) = value {
            let tag = format!("seed-{}/{stage}/{name}", r.seed);
            events.scalar(&tag, earlier_steps + r.step, value as f32, unix_seconds())?;
        }
    }
    Ok(events.flush()?)
}
