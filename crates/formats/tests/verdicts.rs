//! What the survey says of the traps of the shared samples holds the facts that their `truth.json` asks for.
#![allow(clippy::unwrap_used, reason = "a failed step of a test fails the test")]

mod common;

use ambulo_formats::{ReadOptions, open};
use ambulo_signal::intake::{ClockBack, Declared, Report, survey};
use ambulo_signal::{FindingKind, Preprocessing, Severity};
use common::{samples, shared};
use std::path::Path;

/// Entries of which a survey, and not a reader or a command, has to say all that `report` holds.
const OF_THE_SURVEY: [&str; 14] = [
    "trap-2hz.csv",
    "trap-all-zero.csv",
    "trap-clipping-2000mg.csv",
    "trap-clipping-2g.csv",
    "trap-clipping-6g.csv",
    "trap-dst-no-offset.csv",
    "trap-gap-36h.csv",
    "trap-gravity-free.csv",
    "trap-impossible-value.csv",
    "trap-nan.csv",
    "trap-negative-steps.csv",
    "trap-no-fractions.csv",
    "trap-repeated-samples.csv",
    "trap-stuck-axis.csv",
];
/// Others, with the facts that are a survey's.
const IN_PART: [(&str, &[&str]); 6] = [
    ("phyphox-without-g.csv", &["gravity-free"]),
    ("physics-toolbox-android-linear.csv", &["gravity-free"]),
    ("trap-jumping-clock.csv", &["3 pauses"]),
    ("trap-late-decimal-comma.csv", &["500 of 1000", "zeros"]),
    ("trap-several-per-stamp.csv", &["at most 4 to a stamp"]),
    ("trap-time-restart.csv", &["sample 501"]),
];

fn surveyed(path: &Path, declared: &Declared) -> Report {
    let mut opened = open(path, &ReadOptions::default()).unwrap().remove(0);
    survey(&mut opened, declared).unwrap()
}

/// All that is said, with percentages set as in the truth.
fn said(report: &Report) -> String {
    let texts: Vec<&str> = report.findings.iter().map(|finding| finding.text.as_str()).collect();
    texts.join("\n").replace(" %", "%")
}

#[test]
fn the_facts_of_the_traps_are_said() {
    let Some((folder, truth)) = samples() else { return };
    let facts = |name: &str| -> Vec<String> {
        let facts = truth[name]["report"].as_array().unwrap();
        facts.iter().map(|fact| fact.as_str().unwrap().to_owned()).collect()
    };
    let whole = OF_THE_SURVEY.into_iter().map(|name| (name, facts(name)));
    let part = IN_PART.into_iter().map(|(name, facts)| (name, facts.iter().map(|&f| f.to_owned()).collect()));
    let mut wrong = Vec::new();
    for (name, facts) in whole.chain(part) {
        let said = said(&surveyed(&folder.join(name), &Declared::default()));
        wrong.extend(
            facts.iter().filter(|fact| !said.contains(*fact)).map(|fact| format!("{name}: {fact}: {said}")),
        );
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn what_is_clipped_stuck_or_slow_is_judged_as_such() {
    let Some(folder) = shared("formats") else { return };
    let of = |name: &str| surveyed(&folder.join(name), &Declared::default());
    for name in ["trap-clipping-2000mg.csv", "trap-clipping-2g.csv", "trap-clipping-6g.csv"] {
        let report = of(name);
        assert!(report.is_usable(), "{name}: {}", said(&report));
        assert!(
            report.findings.iter().any(|f| f.kind == FindingKind::Rail && f.severity == Severity::Warning)
        );
    }
    let kinds = |report: &Report| report.refusals().map(|f| f.kind).collect::<Vec<_>>();
    assert_eq!(kinds(&of("trap-stuck-axis.csv")), [FindingKind::StuckAxis]);
    assert_eq!(kinds(&of("trap-one-per-minute.csv")), [FindingKind::Rate]);
    assert!(said(&of("trap-one-per-minute.csv")).contains("60 s"));
    let slow = of("trap-2hz.csv");
    let error = Preprocessing::default().intake(&slow, &Declared::default()).unwrap_err().to_string();
    assert!(slow.is_usable() && error.contains("2.00") && error.contains("50"), "{error}");
}

#[test]
fn summer_time_ends_with_and_without_offsets_alike() {
    let Some(folder) = shared("formats") else { return };
    let with = surveyed(&folder.join("trap-dst.csv"), &Declared::default());
    let path = folder.join("trap-dst-no-offset.csv");
    let declared = |clock_back| Declared { clock_back, ..Declared::default() };
    assert!(!surveyed(&path, &declared(None)).is_usable());
    let summer = surveyed(&path, &declared(Some(ClockBack::SummerTime)));
    assert!(summer.is_usable() && summer.sensors[0].gaps.is_empty(), "{}", said(&summer));
    assert_eq!((summer.duration_s, summer.sensors[0].rate_hz), (with.duration_s, with.sensors[0].rate_hz));
    let restart = surveyed(&path, &declared(Some(ClockBack::Restart)));
    assert!(restart.is_usable() && restart.findings.iter().any(|f| f.kind == FindingKind::ClockReset));
}
