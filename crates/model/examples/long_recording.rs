//! How long a predictor takes for a recording of so many days, and how much memory.
//!
//! ```sh
//! cargo run --release -p ambulo-model --example long_recording -- runs/NAME/model.safetensors 7
//! /usr/bin/time -v target/release/examples/long_recording runs/NAME/model.safetensors 7
//! ```
//!
//! The recording is made up as it is read: half an hour of walking and half an hour of standing in turn, at the model's rate,
//! with sway, tremor and steps of usual size.

#![allow(clippy::print_stdout)]

use ambulo_model::{Model, Predictor};
use ambulo_signal::intake::Declared;
use ambulo_signal::{Chunk, Header, Sensor, SensorInfo, Source, SourceError};
use std::time::Instant;

/// Samples of each chunk.
const CHUNK: usize = 1 << 14;

struct MadeUp {
    header: Header,
    rate_hz: f64,
    length: usize,
    given: usize,
    /// A minute of walking, then a minute of standing: acceleration and angular velocity.
    block: Vec<[[f32; 3]; 2]>,
}

impl MadeUp {
    fn new(rate_hz: f64, days: f64) -> Self {
        let minute = (60.0 * rate_hz) as usize;
        let mut state = 1u32;
        let mut noise = || {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 8) as f32 / (1 << 24) as f32 - 0.5
        };
        let block = (0..2 * minute)
            .map(|i| {
                let walking = if i < minute { 1.0 } else { 0.01 };
                let t = i as f64 / rate_hz;
                let (step, stride) = ((t * 12.0).sin() as f32, (t * 6.0).sin() as f32);
                let a = [1.0 + walking * 0.3 * step, walking * 0.2 * stride, 0.1 + walking * 0.1 * step];
                let w = [walking * stride, walking * 0.5 * step, walking * 0.3];
                [a.map(|v| v + 0.01 * noise()), w.map(|v| v + 0.02 * noise())]
            })
            .collect();
        let sensors = [Sensor::Accelerometer, Sensor::Gyroscope];
        let sensors = sensors.map(|s| SensorInfo { rate_hz: Some(rate_hz), ..SensorInfo::new(s) });
        let header = Header { origin: "made up".into(), sensors: sensors.into(), ..Header::default() };
        Self { header, rate_hz, length: (days * 86_400.0 * rate_hz) as usize, given: 0, block }
    }
}

impl Source for MadeUp {
    fn header(&self) -> &Header {
        &self.header
    }

    fn read(&mut self, chunk: &mut Chunk) -> Result<bool, SourceError> {
        chunk.clear(2);
        let end = (self.given + CHUNK).min(self.length);
        for i in self.given..end {
            let time_ns = (i as f64 * (1e9 / self.rate_hz)).round() as i64;
            let sample = self.block[i % self.block.len()];
            for (part, value) in chunk.parts.iter_mut().zip(sample) {
                part.push(time_ns, value);
            }
        }
        let more = end > self.given;
        self.given = end;
        Ok(more)
    }

    fn rewind(&mut self) -> Result<(), SourceError> {
        self.given = 0;
        Ok(())
    }
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let path = arguments.next().ok_or("name a model file, then a number of days")?;
    let days: f64 = arguments.next().ok_or("a number of days")?.parse()?;
    let predictor = Predictor::new(Model::load(path.as_ref())?);
    let rate_hz = predictor.model().metadata().preprocessing.rate_hz;
    let mut source = MadeUp::new(rate_hz, days);
    let began = Instant::now();
    let (mut windows, mut sum) = (0u64, 0f64);
    predictor.each_window(&mut source, &Declared::default(), &mut |p| {
        windows += 1;
        sum += f64::from(p.probabilities[p.label]);
    })?;
    let seconds = began.elapsed().as_secs_f64();
    let mean = sum / windows as f64;
    println!(
        "{windows} windows, mean confidence {mean:.6}, {seconds:.2} s, {:.1} µs a window",
        1e6 * seconds / windows as f64
    );
    Ok(())
}
