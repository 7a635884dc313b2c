//! `ambulo models --shipped`

use crate::commands::thousands;
use ambulo_model::shipped::{SHIPPED, Shipped};
use serde::Serialize;
use std::io::{self, Write};
use std::process::ExitCode;

/// What is said of a model in the box.
#[derive(Serialize)]
struct Entry {
    name: &'static str,
    about: &'static str,
    bytes: usize,
    parameters: usize,
    sensors: Vec<&'static str>,
    rate_hz: f64,
    lowest_rate_hz: f64,
    window_s: f64,
    step_s: f64,
    labels: Vec<String>,
    card: &'static str,
}

/// Lists them, or prints the card of one.
pub(super) fn run(json: bool) -> anyhow::Result<ExitCode> {
    let entries = SHIPPED.iter().map(entry).collect::<anyhow::Result<Vec<Entry>>>()?;
    let mut out = io::stdout().lock();
    if json {
        writeln!(out, "{}", serde_json::to_string_pretty(&entries)?)?;
        return Ok(ExitCode::SUCCESS);
    }
    for entry in &entries {
        writeln!(out, "{}: {}", entry.name, entry.about)?;
        writeln!(
            out,
            "  {} parameters, {} bytes; {} at {} Hz (down to {} Hz), windows of {} s, an answer every {} s",
            thousands(entry.parameters),
            thousands(entry.bytes),
            entry.sensors.join(" and "),
            entry.rate_hz,
            entry.lowest_rate_hz,
            entry.window_s,
            entry.step_s
        )?;
        writeln!(out, "  labels: {}", entry.labels.join(", "))?;
        for line in entry.card.lines() {
            writeln!(out, "{}", format!("  {line}").trim_end())?;
        }
        writeln!(out)?;
    }
    Ok(ExitCode::SUCCESS)
}

fn entry(shipped: &Shipped) -> anyhow::Result<Entry> {
    let model = shipped.model()?;
    let metadata = model.metadata();
    let p = &metadata.preprocessing;
    Ok(Entry {
        name: shipped.name,
        about: shipped.about,
        bytes: shipped.size(),
        parameters: model.network().trainable_len(),
        sensors: p.sensors().iter().map(|sensor| sensor.name()).collect(),
        rate_hz: p.rate_hz,
        lowest_rate_hz: metadata.lowest_hz(),
        window_s: p.window as f64 / p.rate_hz,
        step_s: p.step as f64 / p.rate_hz,
        labels: metadata.labels.names().map(str::to_owned).collect(),
        card: shipped.card,
    })
}
