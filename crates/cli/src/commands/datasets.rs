//! `ambulo datasets`

mod check;
mod get;
mod init;
mod list;

use super::data::open_data;
use super::thousands;
use crate::cli::{DatasetsArgs, DatasetsCommand};
use crate::failure::Usage;
use ambulo_data::{
    Availability, Dataset, OFFICIAL_TEST_SUBJECTS, Summary, lookup, shipped, shipped_manifest, summarise,
    verify,
};
use ambulo_record::vocabulary::UNLABELLED;
use ambulo_record::{LabelSet, PersonId};
use ambulo_signal::Preprocessing;
use std::ffi::OsString;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

pub(crate) fn run(args: &DatasetsArgs) -> anyhow::Result<ExitCode> {
    match &args.command {
        Some(DatasetsCommand::Check(args)) => return check::run(args),
        Some(DatasetsCommand::Init(args)) => return init::run(args),
        _ => {}
    }
    let mut out = io::stdout().lock();
    match &args.command {
        None if args.json => writeln!(out, "{}", serde_json::to_string_pretty(&list::json(shipped())?)?)?,
        None => list::list(&mut out, shipped())?,
        Some(DatasetsCommand::Show { name }) => out.write_all(shipped_manifest(name)?.text.as_bytes())?,
        Some(DatasetsCommand::Get { name, out, yes }) => get::run(name, out.as_deref(), *yes)?,
        Some(DatasetsCommand::Info { name, data: None, json }) if !is_bundled(name)? => {
            let shipped = shipped_manifest(name)?;
            if *json {
                let all = list::json(std::slice::from_ref(shipped))?;
                writeln!(out, "{}", serde_json::to_string_pretty(&all[0])?)?;
            } else {
                list::facts(&mut out, shipped)?;
            }
        }
        Some(DatasetsCommand::Info { name, data, json }) => {
            let dataset = open(name, data.as_deref())?;
            let p = Preprocessing::default();
            let summary = summarise(&dataset, p.window, p.step)?;
            if *json {
                let value =
                    serde_json::json!({ "info": dataset.info, "sha256": dataset.sha256, "summary": summary });
                writeln!(out, "{}", serde_json::to_string_pretty(&value)?)?;
            } else {
                info(&mut out, &dataset, &summary)?;
            }
        }
        Some(DatasetsCommand::Check(_) | DatasetsCommand::Init(_)) => {}
        Some(DatasetsCommand::Verify { name, data, json }) => {
            let found = verify(&open(name, data.as_deref())?)?;
            if *json {
                writeln!(out, "{}", serde_json::to_string_pretty(&found)?)?;
            }
            found.check()?;
            if !*json {
                let verdict = if found.matches().is_some() {
                    "as published"
                } else {
                    "no published hash to compare with"
                };
                writeln!(out, "{}: {verdict}\nSHA-256 {}", found.dataset, found.found)?;
            }
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn is_bundled(name: &str) -> anyhow::Result<bool> {
    Ok(lookup(name)?.availability == Availability::Bundled)
}

/// The data set of this name, from its folder or the binary.
fn open(name: &str, folder: Option<&Path>) -> anyhow::Result<Dataset> {
    if folder.is_none() && !is_bundled(name)? {
        let text = format!(
            "{name} is not bundled\nhint: --data names its folder; `ambulo datasets info {name}` says where it is from"
        );
        return Err(Usage(text).into());
    }
    let dataset = open_data(&folder.map(|folder| word(name, folder)).into_iter().collect::<Vec<_>>())?;
    if dataset.info.name != name {
        let text =
            format!("{} holds {}, not {name}", folder.unwrap_or(Path::new("")).display(), dataset.info.name);
        return Err(Usage(text).into());
    }
    Ok(dataset)
}

/// What `--data` of other commands would be: the folders that are known by themselves, else with the name of the manifest.
fn word(name: &str, folder: &Path) -> PathBuf {
    if matches!(name, "hapt" | "uci-har") {
        return folder.to_owned();
    }
    let mut word = OsString::from(name);
    word.push("=");
    word.push(folder);
    word.into()
}

fn info(out: &mut dyn Write, dataset: &Dataset, summary: &Summary) -> io::Result<()> {
    let d = &dataset.info;
    let total = summary.total();
    writeln!(out, "{}  {}", d.name, d.title)?;
    writeln!(
        out,
        "{} people, {} recordings, {} samples at {} Hz ({:.1} hours), SHA-256 {}",
        summary.subjects.len(),
        summary.recordings,
        thousands(total.samples as usize),
        d.rate_hz,
        total.seconds / 3600.0,
        dataset.sha256
    )?;
    writeln!(out, "windows of {} samples, a new one every {}\n", summary.window, summary.step)?;
    writeln!(
        out,
        "{:22} {:>10} {:>10} {:>8} {:>12} {:>6}",
        "activity", "samples", "seconds", "windows", "development", "test"
    )?;
    // In the order of the data set's own list, then what else there is, then what carries no label.
    let all = summary.activities();
    let own = d.activities.iter().filter(|name| all.contains_key(*name));
    let further = all.keys().filter(|name| !d.activities.contains(name) && *name != UNLABELLED);
    let none = all.keys().filter(|name| *name == UNLABELLED);
    let names: Vec<&String> = own.chain(further).chain(none).collect();
    for (number, &name) in (1..).zip(&names) {
        let c = &all[name];
        let test = official_test_windows(summary, name);
        writeln!(
            out,
            "{number:>2} {name:19} {:>10} {:>10.1} {:>8} {:>12} {test:>6}",
            c.samples,
            c.seconds,
            c.windows,
            c.windows - test
        )?;
    }
    let six = LabelSet::six();
    let windows: u64 = six.names().filter_map(|name| all.get(name)).map(|c| c.windows).sum();
    let test: u64 = six.names().map(|name| official_test_windows(summary, name)).sum();
    writeln!(
        out,
        "the first six activities by the protocol official: {} windows of the people to develop on, {} of the test people",
        thousands((windows - test) as usize),
        thousands(test as usize)
    )?;
    writeln!(
        out,
        "\nseconds per person and activity (columns by the numbers above), and windows of the first six activities"
    )?;
    write!(out, "person")?;
    for number in 1..=names.len() {
        write!(out, " {number:>6}")?;
    }
    writeln!(out, "  {:>7}", "windows")?;
    for (person, activities) in &summary.subjects {
        write!(out, "{person:>6}")?;
        for &name in &names {
            write!(out, " {:>6.0}", activities.get(name).map_or(0.0, |c| c.seconds))?;
        }
        let windows: u64 = six.names().filter_map(|name| activities.get(name)).map(|c| c.windows).sum();
        writeln!(out, "  {windows:>7}")?;
    }
    Ok(())
}

/// Windows of one activity by the official test people.
fn official_test_windows(summary: &Summary, activity: &str) -> u64 {
    OFFICIAL_TEST_SUBJECTS
        .iter()
        .filter_map(|&number| summary.subjects.get(&PersonId::from(number))?.get(activity))
        .map(|counts| counts.windows)
        .sum()
}
