//! Writes what networks say, step by step, of whole recordings of people they have not seen, for looking at smoothing and
//! thresholds elsewhere: for each configuration `NAME.json` (recordings with their labels), `NAME.start` (i64), `NAME.logits`,
//! `NAME.embeddings` and `NAME.movement` (f32), little-endian, one recording after the other. Test people are never touched.
//!
//! ```sh
//! cargo run --release -p ambulo-train --example out_of_fold -- DIRECTORY STEP CONFIG.toml...
//! ```

#![allow(clippy::print_stdout)]

use ambulo_data::LabelledRecording;
use ambulo_model::Predictor;
use ambulo_signal::intake::Declared;
use ambulo_train::{Config, Silent, TrainError, out_of_fold};
use std::fs::File;
use std::io::{BufWriter, Write as _};
use std::path::Path;
use std::sync::atomic::AtomicBool;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let usage = "give a directory, a step in rows, and configuration files";
    let directory = arguments.next().ok_or(usage)?;
    let step: usize = arguments.next().ok_or(usage)?.parse()?;
    let directory = Path::new(&directory);
    std::fs::create_dir_all(directory)?;
    let dataset = ambulo_data::hapt()?;
    for path in arguments {
        let config = Config::read(Path::new(&path))?;
        let name = Path::new(&path).file_stem().unwrap_or_default().to_string_lossy().into_owned();
        let file =
            |ending: &str| File::create(directory.join(format!("{name}.{ending}"))).map(BufWriter::new);
        let (mut start, mut logits, mut embeddings) = (file("start")?, file("logits")?, file("embeddings")?);
        let mut movement = file("movement")?;
        let mut recordings = Vec::new();
        let mut fold = 0;
        out_of_fold(&config, &dataset, &AtomicBool::new(false), &mut Silent, &mut |one| {
            let all: Vec<LabelledRecording> = one.recordings(&dataset).cloned().collect();
            let model = one.model.with_step(step)?;
            model.save(&directory.join(format!("{name}.{fold}.safetensors")))?;
            let predictor = Predictor::new(model);
            let io = |source| TrainError::Io { path: directory.to_owned(), source };
            for recording in all {
                let mut windows = 0;
                let mut failed = None;
                let mut take = |raw: ambulo_model::RawWindows| {
                    windows += raw.start_ns.len();
                    let mut write = || -> std::io::Result<()> {
                        for v in &raw.start_ns {
                            start.write_all(&v.to_le_bytes())?;
                        }
                        for v in &raw.logits {
                            logits.write_all(&v.to_le_bytes())?;
                        }
                        for v in &raw.embeddings {
                            embeddings.write_all(&v.to_le_bytes())?;
                        }
                        for v in &raw.movement {
                            movement.write_all(&v.to_le_bytes())?;
                        }
                        Ok(())
                    };
                    failed = write().err().or(failed.take());
                };
                predictor.each_raw(&mut recording.recording.source(), &Declared::default(), &mut take)?;
                if let Some(source) = failed {
                    return Err(io(source));
                }
                recordings.push(serde_json::json!({
                    "person": recording.person.as_str(),
                    "name": recording.name,
                    "fold": fold,
                    "windows": windows,
                    "temperature": predictor.model().metadata().calibration.temperature,
                    "labels": recording.labels.iter().map(|l| (l.start_ns, l.end_ns, l.label.to_string())).collect::<Vec<_>>(),
                }));
            }
            println!("{name}: fold {fold}");
            fold += 1;
            Ok(())
        })?;
        let labels: Vec<String> = config.label_set().names().map(str::to_owned).collect();
        let index = serde_json::json!({ "labels": labels, "step": step, "recordings": recordings });
        std::fs::write(directory.join(format!("{name}.json")), index.to_string())?;
    }
    Ok(())
}
