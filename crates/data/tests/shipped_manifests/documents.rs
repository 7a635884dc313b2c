//! What documents say of the manifests is what is in them. `AMBULO_WRITE_DOCS=1` writes these parts anew.

use ambulo_data::manifest::VerifiedOn;
use ambulo_data::{Availability, ShippedManifest, shipped};
use ambulo_signal::Sensor;
use std::fmt::Write as _;
use std::path::Path;

const BEGIN: &str = "<!-- from the manifests -->\n";
const END: &str = "<!-- until here -->\n";

fn verified(shipped: &ShippedManifest) -> &'static str {
    match shipped.manifest.verified.on {
        VerifiedOn::Real => "real files",
        VerifiedOn::Layout => "the layout",
        VerifiedOn::Nothing => "nothing",
    }
}

/// A line for each: `docs/PUBLIC_DATASETS.md`, then a section for each.
fn page() -> String {
    let mut text =
        "| name | people | rate | worn at | sensors | verified on |\n|---|---:|---|---|---|---|\n".to_owned();
    for shipped in shipped() {
        let (info, manifest) = (shipped.info(), &shipped.manifest);
        let rate = if info.rate_hz > 0.0 { format!("{} Hz", info.rate_hz) } else { "by time".to_owned() };
        let sensors = if manifest.sensors().contains(&Sensor::Gyroscope) { "acc, gyro" } else { "acc" };
        let verified = if manifest.refused.is_some() { "not read" } else { verified(shipped) };
        writeln!(
            text,
            "| [`{0}`](#{0}) | {1} | {rate} | {2} | {sensors} | {verified} |",
            shipped.name, info.people, info.placement
        )
        .unwrap();
    }
    for shipped in shipped() {
        let (info, manifest) = (shipped.info(), &shipped.manifest);
        writeln!(text, "\n### {}\n\n{}.\n", shipped.name, info.title).unwrap();
        let mut line = |what: &str, said: &str| {
            if !said.is_empty() {
                writeln!(text, "- **{what}**: {said}").unwrap();
            }
        };
        line("Not read", manifest.refused.as_deref().unwrap_or_default());
        line("Terms", &info.licence);
        line("Cite", &info.citation);
        let get = match &info.availability {
            Availability::Bundled => {
                format!("in the binary; as published: `ambulo datasets get {}`", info.name)
            }
            Availability::Page { source } => format!("by hand, {source}"),
            _ => format!("`ambulo datasets get {}`, or by hand, {}", info.name, info.source),
        };
        line("Get", &get);
        line("Activities", &info.activities.join(", "));
        for (word, reason) in &manifest.labels.leave_out {
            line("Left out", &format!("`{word}`, {reason}"));
        }
        line("Verified", &manifest.verified.what);
        for question in &manifest.open_questions {
            line("Open", question);
        }
    }
    text
}

/// A line for each: datasets/README.md.
fn list() -> String {
    let mut text = "| manifest | verified on | which |\n|---|---|---|\n".to_owned();
    for shipped in shipped() {
        writeln!(
            text,
            "| [`{0}.toml`]({0}.toml) | {1} | {2} |",
            shipped.name,
            verified(shipped),
            shipped.manifest.verified.what
        )
        .unwrap();
    }
    text
}

#[test]
fn pages_say_what_the_manifests_say() {
    for (name, expected) in [("docs/PUBLIC_DATASETS.md", page()), ("datasets/README.md", list())] {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(name);
        let text = std::fs::read_to_string(&path).unwrap();
        let (before, rest) = text.split_once(BEGIN).unwrap();
        let (found, behind) = rest.split_once(END).unwrap();
        if std::env::var_os("AMBULO_WRITE_DOCS").is_some() {
            std::fs::write(&path, format!("{before}{BEGIN}{expected}{END}{behind}")).unwrap();
            continue;
        }
        assert_eq!(found, expected, "{name}: AMBULO_WRITE_DOCS=1 cargo test writes it anew");
    }
}

#[test]
fn every_manifest_in_the_folder_ships() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../datasets");
    let mut names: Vec<String> = std::fs::read_dir(folder)
        .unwrap()
        .filter_map(|entry| entry.unwrap().file_name().to_str()?.strip_suffix(".toml").map(str::to_owned))
        .collect();
    names.sort_unstable();
    let mut known: Vec<&str> = shipped().iter().map(|shipped| shipped.name).collect();
    known.sort_unstable();
    assert_eq!(names, known);
}
