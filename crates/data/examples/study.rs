//! Writes a small labelled study as somebody might have it, to try manifests on: a folder with a CSV file for each person, made of bundled
//! recordings.
//!
//! ```sh
//! cargo run --example study -- FOLDER
//! ```

use ambulo_data::{Content, LabelledRecording, hapt};
use ambulo_signal::Sensor;
use std::fmt::Write as _;
use std::path::Path;

/// People of the study; the first recording of each is taken.
const PEOPLE: [&str; 6] = ["1", "3", "5", "6", "7", "8"];

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let folder = std::env::args().nth(1).ok_or("give a folder")?;
    std::fs::create_dir_all(&folder)?;
    let dataset = hapt()?;
    let Content::Recordings(recordings) = &dataset.content else { return Err("no recordings".into()) };
    for person in PEOPLE {
        let recording = recordings.iter().find(|r| r.person.as_str() == person).ok_or("no such person")?;
        let number: u32 = person.parse()?;
        let path = Path::new(&folder).join(format!("P{number:02}.csv"));
        ambulo_record::atomic::write(&path, table(recording)?.as_bytes())?;
    }
    Ok(())
}

/// Rows with time in seconds, acceleration in m/s², angular velocity in rad/s, and what was done.
fn table(labelled: &LabelledRecording) -> Result<String, Box<dyn std::error::Error>> {
    let recording = labelled.recording.load()?;
    let series = |sensor| recording.sensor(sensor).ok_or("a sensor is missing");
    let (acceleration, turning) = (series(Sensor::Accelerometer)?, series(Sensor::Gyroscope)?);
    let mut text = "time_s,acc_x,acc_y,acc_z,gyro_x,gyro_y,gyro_z,activity\n".to_owned();
    for (i, (a, w)) in acceleration.values.iter().zip(&turning.values).enumerate() {
        let time_ns = acceleration.clock.time_ns(i);
        let label = labelled.label_at(time_ns).map_or("", |label| label);
        let [x, y, z] = a.map(|v| f64::from(v) * ambulo_signal::STANDARD_GRAVITY);
        let seconds = time_ns as f64 / 1e9;
        writeln!(text, "{seconds:.2},{x:.5},{y:.5},{z:.5},{:.5},{:.5},{:.5},{label}", w[0], w[1], w[2])?;
    }
    Ok(text)
}
