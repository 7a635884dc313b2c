//! What is known of a recording that another command has read, told as an inspection tells it.

use super::described::{
    FileReport, ModelVerdict, Orientation, RecordingReport, Takes, VERSION, start, stretches, zero_ns,
};
use super::picture;
use super::recording::{counted, periods};
use ambulo_formats::Format;
use ambulo_record::overview::{Overview, ZoomedOut};
use ambulo_signal::intake::{Declared, Report};
use ambulo_signal::levelling::Worn;
use ambulo_signal::{Finding, Header, SignalError};
use std::collections::BTreeMap;

/// A recording that was read.
pub(in crate::commands) struct Known<'a> {
    /// The file, as it was named.
    pub(in crate::commands) file: &'a str,
    /// Which of the file's recordings, if there are several.
    pub(in crate::commands) which: Option<&'a str>,
    pub(in crate::commands) format: Format,
    /// The format's name, or the dialect's.
    pub(in crate::commands) format_name: &'a str,
    /// Why it was recognised as that.
    pub(in crate::commands) because: &'a str,
    pub(in crate::commands) header: &'a Header,
    pub(in crate::commands) report: &'a Report,
    pub(in crate::commands) wearing: &'a Result<Vec<Worn>, SignalError>,
    pub(in crate::commands) declared: &'a Declared,
    /// What was noticed besides.
    pub(in crate::commands) noticed: Vec<Finding>,
}

/// Facts, findings and stretches of it, with its signals; and all findings, the gravest first.
pub(in crate::commands) fn overview(known: Known<'_>, signals: Vec<ZoomedOut>) -> (Overview, Vec<Finding>) {
    let mut report = known.report.clone();
    let orientation = match known.wearing {
        // What is declared needs not be found.
        _ if known.declared.up.is_some() => Orientation::default(),
        Ok(worn) => Orientation { periods: periods(worn, &report), reason: None },
        Err(error) => {
            let reason = error.to_string().lines().next().unwrap_or_default().to_owned();
            Orientation { periods: Vec::new(), reason: Some(reason) }
        }
    };
    if orientation.reason.is_none() {
        report.findings.extend(orientation.finding());
    }
    report.findings.extend(known.noticed);
    report.findings.sort_by_key(|finding| std::cmp::Reverse(finding.severity));
    let findings = report.findings.clone();
    let header = known.header;
    let (start, offset) = start(header.start);
    // It has answered: there is no more to say of whether it would.
    let model = ModelVerdict {
        name: String::new(),
        rate_hz: 0.0,
        window_s: 0.0,
        sensors: Vec::new(),
        takes: Takes::AsItIs,
        reason: String::new(),
    };
    let recording = RecordingReport {
        start,
        offset,
        device: header.device.clone(),
        placement: header.placement.clone(),
        conversions: header.conversions.clone(),
        identity: BTreeMap::new(),
        zero_ns: zero_ns(header.start),
        which: known.which.map(str::to_owned),
        counted: counted(known.format),
        usable: true,
        stretches: stretches(&report),
        report,
        ranges: Vec::new(),
        orientation,
        model,
    };
    let file = FileReport {
        version: VERSION,
        file: known.file.to_owned(),
        format: known.format_name.to_owned(),
        because: known.because.to_owned(),
        recordings: vec![recording],
        error: None,
    };
    let mut overview = picture::pages(&file, &[signals]).pop().unwrap_or_default();
    overview.facts.retain(|(name, _)| name != "model");
    (overview, findings)
}
