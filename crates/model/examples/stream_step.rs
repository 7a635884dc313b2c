//! What a step of a stream costs on one core: intake, filters, window, network and smoothing with a delay of 2 s.
//!
//! ```sh
//! cargo run --release -p ambulo-model --example stream_step -- crates/model/shipped/waist.safetensors
//! ```
//!
//! A step is everything from one answer to the next: all samples of all sensors in between, one by one, and the answer itself. The
//! recording is made up beforehand: half a minute of walking and half a minute of standing in turn, at the model's rate, its vertical
//! declared. The first minute is not counted. A second argument is the number of minutes that are, 60 unless told otherwise.

#![allow(clippy::print_stdout)]

use ambulo_model::{Live, Model, Predictor};
use ambulo_signal::intake::Declared;
use ambulo_signal::{Header, Sensor, SensorInfo};
use std::time::Instant;

/// Delay of the answers in seconds.
const DELAY_S: f64 = 2.0;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let Some(path) = arguments.next() else { return Err("give a model.safetensors".into()) };
    let minutes: usize = arguments.next().map_or(Ok(60), |text| text.parse())?;
    let predictor = Predictor::new(Model::load(path.as_ref())?);
    let metadata = predictor.model().metadata();
    let p = &metadata.preprocessing;
    let (sensors, rate_hz, step) = (p.sensors(), p.rate_hz, p.step);
    let infos =
        sensors.iter().map(|&sensor| SensorInfo { rate_hz: Some(rate_hz), ..SensorInfo::new(sensor) });
    let header = Header { origin: "made up".into(), sensors: infos.collect(), ..Header::default() };
    let declared = Declared { up: predictor.model().up(), ..Declared::default() };
    let mut live = Live::new(&predictor, &header, &declared, Some(DELAY_S))?;

    let per_minute = (60.0 * rate_hz / step as f64).ceil() as usize;
    let samples = made_up(sensors, (minutes + 1) * per_minute * step, rate_hz);
    let mut answers = 0;
    let mut costs_us = Vec::with_capacity(minutes * per_minute);
    for (number, frames) in samples.chunks(step * sensors.len()).enumerate() {
        let began = Instant::now();
        for &(sensor, time_ns, value) in frames {
            answers += live.push(sensor, time_ns, value).len();
        }
        let cost_us = began.elapsed().as_secs_f64() * 1e6;
        if number >= per_minute {
            costs_us.push(cost_us);
        }
    }
    if costs_us.is_empty() || answers == 0 {
        return Err("no step to measure".into());
    }
    let mean = costs_us.iter().sum::<f64>() / costs_us.len() as f64;
    costs_us.sort_by(f64::total_cmp);
    let p99 = costs_us[(costs_us.len() * 99 / 100).min(costs_us.len() - 1)];
    println!(
        "{}: a step of {:.2} s, {} samples of {} sensors; {} steps, {answers} answers",
        metadata.model,
        step as f64 / rate_hz,
        step,
        sensors.len(),
        costs_us.len()
    );
    println!("mean {mean:.1} µs, 99th percentile {p99:.1} µs");
    Ok(())
}

/// Samples of all sensors in turn, with their times.
fn made_up(sensors: &[Sensor], frames: usize, rate_hz: f64) -> Vec<(Sensor, i64, [f32; 3])> {
    let mut state = 1u32;
    let mut noise = |size: f32| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        size * ((state >> 8) as f32 / (1 << 24) as f32 - 0.5)
    };
    let mut samples = Vec::with_capacity(frames * sensors.len());
    for i in 0..frames {
        let t = i as f64 / rate_hz;
        let walking = if (t as usize / 30).is_multiple_of(2) { 1.0 } else { 0.01 };
        let (step, stride) = ((t * 12.0).sin() as f32, (t * 6.0).sin() as f32);
        for &sensor in sensors {
            let (value, tremor) = match sensor {
                Sensor::Accelerometer => ([1.0 + 0.3 * walking * step, 0.2 * walking * stride, 0.1], 0.01),
                Sensor::Gyroscope | Sensor::Magnetometer => {
                    ([stride, 0.5 * step, 0.3].map(|v| v * walking), 0.02)
                }
            };
            samples.push((sensor, (t * 1e9).round() as i64, value.map(|v| v + noise(tremor))));
        }
    }
    samples
}
