//! `ambulo models`

mod shipped;

use super::thousands;
use crate::cli::{ModelsArgs, SensorChoice};
use ambulo_nn::{Network, Random};
use ambulo_train::{Asked, Config, ModelKind};
use serde::Serialize;
use std::io::Write as _;
use std::process::ExitCode;
use std::time::{Duration, Instant};

#[derive(Serialize)]
struct Entry {
    model: &'static str,
    description: &'static str,
    /// None for a model that the configuration defines.
    #[serde(skip_serializing_if = "Option::is_none")]
    size: Option<Size>,
}

#[derive(Serialize)]
struct Size {
    architecture: String,
    parameters: usize,
    multiply_adds_per_window: u64,
    microseconds_per_window: f64,
}

pub(crate) fn run(args: &ModelsArgs) -> anyhow::Result<ExitCode> {
    if args.shipped {
        return shipped::run(args.json);
    }
    let asked = Asked { rate_hz: args.rate, window: args.window, ..Asked::default() };
    let mut entries = Vec::with_capacity(ModelKind::ALL.len());
    for model in ModelKind::ALL {
        let config = Asked { model: Some(model), ..asked }.alone()?;
        let size = if model == ModelKind::Custom { None } else { Some(measure(config, args.sensors)?) };
        entries.push(Entry { model: model.name(), description: model.description(), size });
    }
    let mut out = std::io::stdout().lock();
    if args.json {
        writeln!(out, "{}", serde_json::to_string_pretty(&entries)?)?;
        return Ok(ExitCode::SUCCESS);
    }
    if asked != Asked::default() {
        let p = asked.alone()?.preprocessing;
        let seconds = p.window as f64 / p.rate_hz;
        writeln!(out, "windows of {} samples, {seconds} s at {} Hz", thousands(p.window), p.rate_hz)?;
    }
    let width = entries.iter().map(|e| e.model.len()).max().unwrap_or(0);
    writeln!(out, "{:width$}  parameters  multiply-adds  one window", "model")?;
    for entry in &entries {
        match &entry.size {
            Some(size) => {
                let time = format!("{:.0} µs", size.microseconds_per_window);
                let (parameters, work) =
                    (thousands(size.parameters), thousands(size.multiply_adds_per_window as usize));
                writeln!(out, "{:width$}  {parameters:>10}  {work:>13}  {time:>10}", entry.model)?;
                writeln!(out, "{:width$}  {}", "", entry.description)?;
                writeln!(out, "{:width$}  {}", "", size.architecture)?;
            }
            None => writeln!(out, "{:width$}  {}", entry.model, entry.description)?,
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn measure(mut config: Config, sensors: SensorChoice) -> anyhow::Result<Size> {
    config.preprocessing.keep_sensors(sensors.sensors());
    config.validate()?;
    let architecture = config.architecture(config.labels.len())?;
    let network = Network::new(&architecture, config.input())?;
    Ok(Size {
        parameters: network.trainable_len(),
        multiply_adds_per_window: architecture.multiply_adds(config.input())?,
        microseconds_per_window: latency(&network).as_secs_f64() * 1e6,
        architecture: architecture.describe(),
    })
}

/// The median time of one window on this thread, weights packed before.
fn latency(network: &Network) -> Duration {
    const RUNS: usize = 31;
    let weights = network.initial_weights(1);
    let mut packed = ambulo_nn::Aligned::zeros(network.packed_len());
    network.pack(&weights, &mut packed);
    let mut buffers = network.buffers(1, false);
    let mut random = Random::new(1, 0);
    let x: Vec<f32> = (0..network.input().len()).map(|_| random.normal()).collect();
    let mut y = vec![0.0; network.output().len()];
    let mut times: Vec<Duration> = (0..RUNS)
        .map(|_| {
            let began = Instant::now();
            network.infer_shard(&weights, &packed, &x, &mut y, &mut buffers);
            began.elapsed()
        })
        .collect();
    times.sort();
    times[RUNS / 2]
}
