//! `ambulo datasets check`

use crate::cli::CheckArgs;
use crate::commands::data::{described, open_data};
use crate::commands::thousands;
use crate::progress::Reading;
use crate::talk::{say, shown};
use ambulo_data::{DataError, Dataset, ExamineOptions, FileFaults, Spool, examine};
use ambulo_record::examination::{Examination, Problem, ProblemWeight};
use std::io::{self, Write};
use std::process::ExitCode;

/// Recordings that are named before the others are only counted.
const NAMED: usize = 6;
/// People by whom a table of amounts is printed; of more there is the page.
const MOST_PEOPLE: usize = 60;

pub(super) fn run(args: &CheckArgs) -> anyhow::Result<ExitCode> {
    let mut faults = FileFaults::default();
    let reading = Reading::new(1);
    let dataset = match read(args, &mut faults, &reading) {
        Ok(dataset) => dataset,
        // What was found in single files says more than that there is nothing left.
        Err(error) => {
            reading.finish();
            for problem in &faults.into_problems() {
                say!("{}", line(problem));
            }
            return Err(error);
        }
    };
    let options = ExamineOptions { window_s: args.window, step_s: args.window / 2.0 };
    let examination = examine(&dataset, faults.into_problems(), &options, &mut |done, of| {
        reading.say(&format!("looked at {done} of {of} recordings"));
    });
    reading.finish();
    if let Some(html) = &args.html {
        let page = ambulo_report::write_examination(html, &examination)?;
        say!("page: {}", page.display());
    }
    let mut out = io::stdout().lock();
    if args.json {
        writeln!(out, "{}", serde_json::to_string_pretty(&examination)?)?;
    } else {
        print(&mut out, &examination)?;
    }
    let faults = examination.count(ProblemWeight::Fault);
    Ok(if faults > 0 { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

/// The data set, and what is wrong with single files of it.
fn read(args: &CheckArgs, faults: &mut FileFaults, reading: &Reading) -> anyhow::Result<Dataset> {
    let Some((manifest, root)) = described(&args.data)? else {
        return open_data(std::slice::from_ref(&args.data));
    };
    let mut failed = |file: &str, error: DataError| {
        faults.add(file, &error);
        Ok(())
    };
    let mut progress = |progress: ambulo_data::manifest::Progress<'_>| {
        reading.say(&format!("read {} of {}  {}", progress.done, progress.files, shown(progress.file)));
    };
    let spool = Spool::shared()?;
    let mut keep = |recording| spool.keep(recording);
    Ok(manifest.read_dataset_despite(&root, &mut progress, &mut keep, &mut failed)?)
}

fn print(out: &mut dyn Write, e: &Examination) -> io::Result<()> {
    let hours = |seconds: f64| format!("{:.2} h", seconds / 3600.0);
    let labelled: f64 = e.activities.iter().map(|activity| activity.amount.seconds).sum();
    writeln!(out, "{}  {}", shown(&e.dataset), shown(&e.title))?;
    writeln!(
        out,
        "{} people, {} recordings, {}, of that {} labelled; windows of {:.2} s, a new one every {:.2} s\n",
        e.people.len(),
        thousands(e.recordings),
        hours(e.total.seconds),
        hours(labelled),
        e.window_s,
        e.step_s
    )?;
    for problem in &e.problems {
        writeln!(out, "{}", line(problem))?;
    }
    if e.problems.is_empty() {
        writeln!(out, "nothing is wrong that can be seen from here")?;
    }
    for text in &e.not_checked {
        writeln!(out, "not looked at: {}", shown(text))?;
    }
    writeln!(out, "\n   {:22} {:>10} {:>10} {:>7}", "activity", "hours", "windows", "people")?;
    for (number, a) in (1..).zip(&e.activities) {
        let (hours, windows) = (a.amount.seconds / 3600.0, thousands(a.amount.windows as usize));
        writeln!(out, "{number:>2} {:22} {hours:>10.3} {windows:>10} {:>7}", shown(&a.label), a.people)?;
    }
    for (kind, amounts) in [
        ("placement", &e.placements),
        ("device", &e.devices),
        ("group", &e.groups),
        ("condition", &e.conditions),
    ] {
        for (name, amount) in amounts {
            writeln!(out, "{kind} {}: {}", shown(name), hours(amount.seconds))?;
        }
    }
    rates(out, e)?;
    people(out, e)?;
    let count = |weight| e.count(weight);
    writeln!(
        out,
        "\n{} faults, {} suspicions, {} notes",
        count(ProblemWeight::Fault),
        count(ProblemWeight::Suspicion),
        count(ProblemWeight::Note)
    )
}

/// Seconds of each person and activity.
fn people(out: &mut dyn Write, e: &Examination) -> io::Result<()> {
    if e.people.len() > MOST_PEOPLE || e.activities.len() > 20 {
        return writeln!(out, "\nseconds by person and activity: --html FILE or --json");
    }
    writeln!(out, "\nseconds by person and activity (columns by the numbers above)")?;
    write!(out, "{:10}", "person")?;
    for number in 1..=e.activities.len() {
        write!(out, " {number:>6}")?;
    }
    writeln!(out)?;
    for person in &e.people {
        write!(out, "{:10}", shown(person.person.as_str()))?;
        for a in &e.activities {
            write!(out, " {:>6.0}", person.activities.get(&a.label).map_or(0.0, |amount| amount.seconds))?;
        }
        writeln!(out)?;
    }
    Ok(())
}

fn rates(out: &mut dyn Write, e: &Examination) -> io::Result<()> {
    let found: Vec<[f64; 3]> = e.rates.iter().filter_map(|rate| rate.found_hz).collect();
    let least = found.iter().map(|[least, ..]| *least).fold(f64::INFINITY, f64::min);
    let most = found.iter().map(|[.., most]| *most).fold(0.0, f64::max);
    let mut stated: Vec<String> = e.rates.iter().map(|rate| format!("{}", rate.stated_hz)).collect();
    stated.sort();
    stated.dedup();
    let stated = stated.join(", ");
    if found.is_empty() {
        return if stated.is_empty() { Ok(()) } else { writeln!(out, "rate: {stated} Hz stated") };
    }
    writeln!(out, "rate: {stated} Hz stated, {least:.2} to {most:.2} Hz found")
}

/// A problem on a line of its own, with the advice below.
fn line(problem: &Problem) -> String {
    let place = &problem.place;
    let mut at = Vec::new();
    at.extend(place.person.as_ref().map(|person| format!("person {}", shown(person.as_str()))));
    if !place.recordings.is_empty() {
        let named: Vec<String> = place.recordings.iter().take(NAMED).map(|name| shown(name)).collect();
        let mut named = named.join(", ");
        if let further @ 1.. = place.recordings.len().saturating_sub(NAMED) {
            named.push_str(&format!(" and {further} more"));
        }
        at.push(named);
    }
    if let (Some(start), Some(end)) = (place.start_s, place.end_s) {
        at.push(format!("{start:.2} to {end:.2} s"));
    }
    let at = if at.is_empty() { String::new() } else { format!(" ({})", at.join("; ")) };
    format!(
        "{}: {}{at}: {}\n    {}",
        problem.weight.name(),
        problem.kind.name().replace('_', " "),
        shown(&problem.text),
        shown(&problem.advice)
    )
}
