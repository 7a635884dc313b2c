//! `ambulo datasets` and what a manifest says of its data set.

use ambulo_data::manifest::VerifiedOn;
use ambulo_data::{Availability, ShippedManifest};
use ambulo_signal::Sensor;
use serde_json::Value;
use std::io::{self, Write};

/// Each data set in a few lines.
pub(super) fn list(out: &mut dyn Write, all: &[ShippedManifest]) -> io::Result<()> {
    writeln!(
        out,
        "{:17} {:>6}  {:>7}  {:9}  {:8}  worn at",
        "name", "people", "rate", "sensors", "verified"
    )?;
    for shipped in all {
        let info = shipped.info();
        writeln!(
            out,
            "{:17} {:>6}  {:>7}  {:9}  {:8}  {}",
            shipped.name,
            info.people,
            rate(info.rate_hz),
            sensors(shipped),
            verified(shipped),
            info.placement
        )?;
        writeln!(out, "    {}", info.title)?;
        writeln!(out, "    terms: {}", info.licence)?;
        match (&shipped.manifest.refused, &info.availability) {
            (Some(refused), _) => writeln!(out, "    not read: {refused}")?,
            (None, Availability::Bundled | Availability::Joined) => {
                writeln!(out, "    bundled: nothing to download")?;
            }
            (None, Availability::Folder { .. } | Availability::Archive { .. }) => {
                writeln!(out, "    ambulo datasets get {}", shipped.name)?;
            }
            (None, Availability::Page { source }) => writeln!(out, "    by hand: {source}")?,
        }
    }
    writeln!(
        out,
        "\nverified on real files, or on a folder written in the published layout; `ambulo datasets info NAME` says more,\n\
         `ambulo datasets show NAME` prints the manifest, to start another from"
    )
}

/// Everything there is to know, for a program: the summary of each with its manifest.
pub(super) fn json(all: &[ShippedManifest]) -> serde_json::Result<Vec<Value>> {
    all.iter()
        .map(|shipped| {
            let mut value = serde_json::to_value(shipped.info())?;
            value["manifest"] = serde_json::to_value(&shipped.manifest)?;
            Ok(value)
        })
        .collect()
}

/// What a manifest says, where there are no data to count.
pub(super) fn facts(out: &mut dyn Write, shipped: &ShippedManifest) -> io::Result<()> {
    let (info, manifest) = (shipped.info(), &shipped.manifest);
    writeln!(out, "{}  {}", info.name, info.title)?;
    let line = |out: &mut dyn Write, name: &str, text: &str| {
        if text.is_empty() { Ok(()) } else { writeln!(out, "  {name:11} {text}") }
    };
    line(out, "people", &info.people.to_string())?;
    if info.cohort != info.name {
        line(out, "cohort", &info.cohort)?;
    }
    let mut groups: Vec<&str> = manifest.groups.values().map(String::as_str).collect();
    groups.dedup();
    line(out, "groups", &groups.join(", "))?;
    line(out, "worn at", &info.placement)?;
    line(out, "device", &info.device)?;
    line(out, "rate", &rate(info.rate_hz))?;
    line(out, "channels", &info.channels.join(", "))?;
    line(out, "activities", &info.activities.join(", "))?;
    for (word, reason) in &manifest.labels.leave_out {
        line(out, "left out", &format!("{word}: {reason}"))?;
    }
    line(out, "test people", &manifest.test_people.join(", "))?;
    line(out, "terms", &info.licence)?;
    line(out, "cite", &info.citation)?;
    line(out, "source", &info.source)?;
    for archive in &manifest.archive {
        line(out, "archive", &archive.url)?;
    }
    line(out, "verified", &format!("{}: {}", verified(shipped), manifest.verified.what))?;
    for question in &manifest.open_questions {
        line(out, "open", question)?;
    }
    line(out, "not read", manifest.refused.as_deref().unwrap_or_default())?;
    match &info.availability {
        Availability::Bundled | Availability::Joined => writeln!(out, "bundled: nothing to download"),
        Availability::Folder { .. } | Availability::Archive { .. } => {
            writeln!(
                out,
                "`ambulo datasets get {0}` downloads it, `ambulo datasets info {0} --data DIR` counts what is in it",
                info.name
            )
        }
        Availability::Page { .. } => {
            writeln!(
                out,
                "it is downloaded by hand; `ambulo datasets info {} --data DIR` counts what is in it",
                info.name
            )
        }
    }
}

fn rate(hz: f64) -> String {
    if hz > 0.0 { format!("{hz} Hz") } else { "by time".to_owned() }
}

fn sensors(shipped: &ShippedManifest) -> String {
    let name = |sensor| match sensor {
        Sensor::Accelerometer => "acc",
        Sensor::Gyroscope => "gyro",
        Sensor::Magnetometer => "mag",
    };
    shipped.manifest.sensors().into_iter().map(name).collect::<Vec<_>>().join(", ")
}

fn verified(shipped: &ShippedManifest) -> &'static str {
    match shipped.manifest.verified.on {
        VerifiedOn::Real => "real",
        VerifiedOn::Layout => "layout",
        VerifiedOn::Nothing => "nothing",
    }
}
