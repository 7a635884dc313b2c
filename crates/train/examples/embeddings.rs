//! Writes the embeddings of the windows that models were trained on, augmented in several ways.
//!
//! ```sh
//! cargo run --release -p ambulo-train --example embeddings -- MODEL.safetensors...
//! ```

#![allow(clippy::print_stdout)]

use ambulo_data::subjects_trained_on;
use ambulo_model::{Model, Predictor};
use ambulo_train::{Augmentation, augmented};
use std::path::Path;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let dataset = ambulo_data::hapt()?;
    let shift = Augmentation::Shift { samples: 32 };
    let ways = [
        ("plain", vec![shift]),
        (
            "as-trained",
            vec![
                shift,
                Augmentation::Rotate { degrees: 8.0, p: 1.0 },
                Augmentation::Scale { range: 0.15 },
                Augmentation::TimeWarp { sd: 0.2, knots: 4 },
            ],
        ),
        (
            "strange",
            vec![
                shift,
                Augmentation::Rotate { degrees: 12.0, p: 1.0 },
                Augmentation::Scale { range: 0.4 },
                Augmentation::TimeWarp { sd: 0.3, knots: 3 },
                Augmentation::Noise { acceleration_g: 0.01, angular_velocity_rad_s: 0.02 },
            ],
        ),
    ];
    for path in std::env::args().skip(1) {
        let path = Path::new(&path);
        let predictor = Predictor::new(Model::load(path)?);
        let metadata = predictor.model().metadata();
        let p = ambulo_signal::Preprocessing { step: 64, ..metadata.preprocessing.clone() };
        let people = metadata.provenance.trained_on.iter().cloned().collect();
        let cut = subjects_trained_on(people).cut(&dataset, &p, &metadata.labels)?;
        let windows = cut.windows();
        std::fs::write(path.with_extension("y"), &windows.labels)?;
        for (name, steps) in &ways {
            let x = augmented(windows, steps, &p, (1, 1));
            let (_, embeddings) = predictor.logits_and_embeddings(&x)?;
            let bytes: Vec<u8> = embeddings.iter().flat_map(|v| v.to_le_bytes()).collect();
            std::fs::write(path.with_extension(name), bytes)?;
        }
        println!("{}", path.display());
    }
    Ok(())
}
