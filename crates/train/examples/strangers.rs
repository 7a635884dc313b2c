//! Writes what models say, step by step, of recordings in files, as `out_of_fold` does of the people to develop on.
//!
//! ```sh
//! cargo run --release -p ambulo-train --example strangers -- DIRECTORY NAME MODEL.safetensors < list
//! ```
//!
//! Each line of the list has a file, a person and a label, with tabs between.

#![allow(clippy::print_stdout)]

use ambulo_formats::{ReadOptions, open};
use ambulo_model::{Model, Predictor, RawWindows};
use ambulo_signal::intake::Declared;
use std::path::Path;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let usage = "give a directory, a name and a model";
    let directory = arguments.next().ok_or(usage)?;
    let name = arguments.next().ok_or(usage)?;
    let model = Model::load(Path::new(&arguments.next().ok_or(usage)?))?;
    let predictor = Predictor::new(model);
    let mut all = RawWindows::default();
    let mut recordings = Vec::new();
    for line in std::io::stdin().lines() {
        let line = line?;
        let mut parts = line.split('\t');
        let (Some(file), Some(person), Some(label)) = (parts.next(), parts.next(), parts.next()) else {
            continue;
        };
        let Some(mut opened) = open(Path::new(file), &ReadOptions::default())?.into_iter().next() else {
            continue;
        };
        let mut windows = 0;
        let looked = predictor.each_placed(&mut opened, &Declared::default(), &mut |raw, _| {
            windows += raw.start_ns.len();
            all.start_ns.extend(raw.start_ns);
            all.logits.extend(raw.logits);
            all.embeddings.extend(raw.embeddings);
            all.movement.extend(raw.movement);
        });
        match looked {
            Ok(looked) => recordings.push(serde_json::json!({
                "person": person, "name": file, "fold": 0, "windows": windows, "vertical": looked.vertical,
                "temperature": predictor.model().metadata().calibration.temperature,
                "labels": [(i64::MIN / 2, i64::MAX / 2, label)],
            })),
            Err(error) => println!("{file}: {error}"),
        }
    }
    let write = |ending: &str, bytes: Vec<u8>| std::fs::write(format!("{directory}/{name}.{ending}"), bytes);
    write("start", all.start_ns.iter().flat_map(|v| v.to_le_bytes()).collect())?;
    for (ending, values) in
        [("logits", &all.logits), ("embeddings", &all.embeddings), ("movement", &all.movement)]
    {
        write(ending, values.iter().flat_map(|v| v.to_le_bytes()).collect())?;
    }
    let metadata = predictor.model().metadata();
    let labels: Vec<&str> = metadata.labels.names().collect();
    let index = serde_json::json!({ "labels": labels, "step": metadata.preprocessing.step, "recordings": recordings });
    write("json", index.to_string().into_bytes())?;
    Ok(())
}
