//! From lines to answers.

use super::super::reading::Failure;
use super::super::{classify, reading};
use super::asked::{Answerer, Asked};
use super::input::Line;
use super::state::{Begun, Saved, Waiting};
use super::teach;
use crate::failure::Usage;
use crate::talk::say;
use ambulo_formats::{BadLine, FormatError, LiveReader, LiveSample, Taken};
use ambulo_model::adapt::Examples;
use ambulo_model::{Live, LiveAnswer, ModelError};
use ambulo_record::timeline::{AnsweredStep, BackOff, Flag, StepTable, Zero};
use ambulo_signal::intake::Survey;
use ambulo_signal::{Chunk, Finding, Header, Sensor, Severity};
use anyhow::{Context as _, anyhow};
use std::io::Stdout;
use std::path::Path;

/// Samples of this length tell the rate.
const MEASURED_NS: i64 = 2_000_000_000;
/// The most samples that wait until it is known.
const MOST_WAITING: usize = 1 << 16;
/// Lines that are reported one by one when they cannot be read.
const REPORTED: u64 = 5;

/// A stream at work.
pub(super) struct Session<'a> {
    asked: &'a Asked,
    reader: LiveReader,
    taken: Taken,
    /// Samples that wait for enough of them to begin with.
    waiting: Vec<LiveSample>,
    running: Option<Running<'a>>,
    /// What was said to be done before there was enough to begin with, and since when.
    said: Option<(Option<String>, i64)>,
    table: StepTable<Stdout>,
    /// Lines taken, lines that could not be read, and samples.
    lines: u64,
    bad: u64,
    samples: u64,
}

/// A stream that answers.
struct Running<'a> {
    answerer: &'a Answerer,
    header: Header,
    live: Live,
    back_off: BackOff,
    zero: Zero,
    /// Time of the last sample.
    last_ns: i64,
    /// Printed up to now.
    answers: u64,
}

impl<'a> Session<'a> {
    pub(super) fn new(asked: &'a Asked) -> Self {
        Self::with(asked, LiveReader::new(asked.options.clone()), false)
    }

    fn with(asked: &'a Asked, reader: LiveReader, named: bool) -> Self {
        let labels = &asked.answerers[0].predictor.model().metadata().labels;
        let table = StepTable::new(std::io::stdout(), !asked.csv, labels.names());
        let table = if named { table.without_names() } else { table };
        Self {
            asked,
            reader,
            taken: Taken::default(),
            waiting: Vec::new(),
            running: None,
            said: None,
            table,
            lines: 0,
            bad: 0,
            samples: 0,
        }
    }

    /// Goes on from a state.
    pub(super) fn going_on(asked: &'a Asked, saved: Saved, path: &Path) -> anyhow::Result<Self> {
        saved.check(&asked.stated, path)?;
        let broken = || format!("cannot go on from {}", path.display());
        let reader = LiveReader::going_on(asked.options.clone(), saved.input)
            .map_err(|error| told(&Failure::from(&error)))
            .with_context(broken)?;
        let mut session = Self::with(asked, reader, saved.csv && asked.csv);
        session.waiting = saved.waiting.into_iter().map(LiveSample::from).collect();
        if let Some(Begun { model, header, live }) = saved.begun {
            let answerer = asked.answerers.iter().find(|a| a.fingerprint == model).ok_or_else(|| {
                Usage(format!(
                    "{} is of a stream that another model answered ({model})\nhint: name that one with --model, or another file to begin \
                     anew",
                    path.display()
                ))
            })?;
            let mut running = Running::new(asked, answerer, header)?;
            running.live.restore(&live).with_context(broken)?;
            session.running = Some(running);
        }
        Ok(session)
    }

    /// What it takes to go on.
    pub(super) fn save(&self) -> anyhow::Result<Saved> {
        let mut saved = Saved::new(self.asked.stated.clone(), self.asked.csv, self.reader.state());
        saved.waiting = self.waiting.iter().map(Waiting::from).collect();
        if let Some(running) = &self.running {
            saved.begun = Some(Begun {
                model: running.answerer.fingerprint.clone(),
                header: running.header.clone(),
                live: running.live.save()?,
            });
        }
        Ok(saved)
    }

    /// Takes a line, and prints the answers that it completes.
    pub(super) fn line(&mut self, line: Line<'_>) -> anyhow::Result<()> {
        self.lines += 1;
        if self.asked.teaches
            && let Some(said) = line.and_then(teach::said)
        {
            return self.teach(said);
        }
        let done = match line {
            Some(text) => self.reader.line(text, &mut self.taken),
            None => {
                let found = "no end within 65,536 bytes".to_owned();
                self.taken.bad.push(BadLine {
                    line: self.lines,
                    found,
                    expected: "a row of samples".to_owned(),
                });
                // It counts all the same.
                self.reader.line(b"", &mut Taken::default())
            }
        };
        self.take(done)
    }

    /// What is done from the last sample on.
    fn teach(&mut self, said: Option<String>) -> anyhow::Result<()> {
        match &mut self.running {
            Some(running) => {
                let since_ns = running.last_ns;
                running.live.teach(said.as_deref(), since_ns)?;
            }
            None => {
                let since_ns = self.waiting.last().map_or(i64::MIN, |sample| sample.time_ns);
                self.said = Some((said, since_ns));
            }
        }
        Ok(())
    }

    /// The model that answers and what the wearer taught; none before there were samples.
    pub(super) fn taught(&self) -> Option<(&Answerer, &Examples)> {
        self.running.as_ref().map(|running| (running.answerer, running.live.examples()))
    }

    /// No line follows, and nothing will go on from here: what waits is answered.
    pub(super) fn finish(&mut self) -> anyhow::Result<()> {
        let done = self.reader.finish(&mut self.taken);
        self.take(done)?;
        if self.running.is_none() && !self.waiting.is_empty() {
            self.begin()?;
        }
        if let Some(running) = &mut self.running {
            let answers = running.live.finish();
            running.print(&answers, &mut self.table)?;
            if running.answers == 0 {
                let p = &running.answerer.predictor.model().metadata().preprocessing;
                let window_s = p.window as f64 / p.rate_hz;
                say!("no answers: no stretch without a pause is as long as a window of {window_s:.2} s");
            }
        }
        self.rest()
    }

    /// Prints what is left where answers wait for the stream to go on.
    pub(super) fn rest(&mut self) -> anyhow::Result<()> {
        Ok(self.table.flush()?)
    }

    /// Whether there was anything that could be read.
    pub(super) fn has_read(&self) -> bool {
        self.samples > 0 || self.reader.waits()
    }

    /// Says what was noticed.
    pub(super) fn sum_up(&self) {
        if let further @ 1.. = self.bad.saturating_sub(REPORTED) {
            say!("{further} more lines of {} could not be read", self.lines);
        }
        if !self.has_read() && self.bad > 0 {
            say!("error: not one of {} lines could be read", self.lines);
        }
        let findings = self.running.as_ref().map(|running| running.live.findings()).unwrap_or_default();
        for finding in findings.iter().filter(|finding| finding.severity != Severity::Note) {
            warn(finding);
        }
    }

    /// Works on what came of a line.
    fn take(&mut self, done: Result<(), FormatError>) -> anyhow::Result<()> {
        for bad in self.taken.bad.drain(..) {
            self.bad += 1;
            if self.bad <= REPORTED {
                say!("{bad}: left out");
            }
        }
        done.map_err(|error| told(&Failure::from(&error)))?;
        self.samples += self.taken.samples.len() as u64;
        match &mut self.running {
            Some(running) => {
                for sample in self.taken.samples.drain(..) {
                    running.push(&sample, &mut self.table)?;
                }
                Ok(())
            }
            None => {
                self.waiting.append(&mut self.taken.samples);
                if self.is_enough() { self.begin() } else { Ok(()) }
            }
        }
    }

    /// Whether there are enough samples to begin with: the sensors are known, and the rate is stated or can be measured.
    fn is_enough(&self) -> bool {
        let first = self.waiting.first().map(|sample| sample.time_ns);
        let Some((from, to)) = first.zip(self.waiting.last().map(|sample| sample.time_ns)) else {
            return false;
        };
        let long = to.saturating_sub(from) >= MEASURED_NS || self.waiting.len() >= MOST_WAITING;
        let all = self.asked.answerers.first().is_some_and(|answerer| answerer.fits(self.reader.header()));
        long || all && self.asked.options.rate_hz.is_some()
    }

    /// Begins with the samples that wait.
    fn begin(&mut self) -> anyhow::Result<()> {
        let mut header = self.reader.header().clone();
        for finding in &header.findings {
            match finding.severity {
                Severity::Refusal => {
                    let hint = reading::hint(finding).map_or(String::new(), |hint| format!("\nhint: {hint}"));
                    return Err(anyhow!("{}{hint}", finding.text));
                }
                Severity::Warning => warn(finding),
                Severity::Note => {}
            }
        }
        let answerer = self.asked.answerer(&header);
        let p = &answerer.predictor.model().metadata().preprocessing;
        match self.asked.options.rate_hz {
            Some(rate_hz) => header.sensors.iter_mut().for_each(|info| info.rate_hz = Some(rate_hz)),
            None => measure(&mut header, p.sensors(), &self.waiting, self.asked)?,
        }
        let mut running = Running::new(self.asked, answerer, header)?;
        if self.asked.declared.up.is_none() && answerer.predictor.model().up().is_some() {
            say!(
                "note: which way is up is found while the wearer walks; until then it is only said whether the wearer is still or moving \
                 (no_vertical)\nhint: --axes x=up declares the axis that points up while the wearer stands"
            );
        }
        if let Some((said, since_ns)) = self.said.take() {
            running.live.teach(said.as_deref(), since_ns)?;
        }
        for sample in std::mem::take(&mut self.waiting) {
            running.push(&sample, &mut self.table)?;
        }
        self.running = Some(running);
        Ok(())
    }
}

impl<'a> Running<'a> {
    fn new(asked: &Asked, answerer: &'a Answerer, header: Header) -> anyhow::Result<Self> {
        let live = Live::new(&answerer.predictor, &header, &asked.declared, asked.delay_s);
        let live = live.map_err(|error: ModelError| told(&classify::failure(&error)))?;
        let labels = &answerer.predictor.model().metadata().labels;
        let back_off = BackOff::new(labels, asked.confidence);
        Ok(Self {
            answerer,
            live,
            back_off,
            zero: classify::zero(header.start),
            last_ns: i64::MIN,
            header,
            answers: 0,
        })
    }

    fn push(&mut self, sample: &LiveSample, table: &mut StepTable<Stdout>) -> anyhow::Result<()> {
        self.last_ns = sample.time_ns;
        let answers = self.live.push(sample.sensor, sample.time_ns, sample.value);
        self.print(&answers, table)
    }

    fn print(&mut self, answers: &[LiveAnswer], table: &mut StepTable<Stdout>) -> anyhow::Result<()> {
        for answer in answers {
            let answered = self.back_off.answer(&answer.probabilities, answer.unknown);
            let flags = [
                (Flag::NoVertical, !answer.vertical),
                (Flag::LowRate, self.live.is_slower()),
                (Flag::BackedOff, answered.backed_off),
            ];
            let flags: Vec<Flag> = flags.into_iter().filter(|flag| flag.1).map(|flag| flag.0).collect();
            self.answers += 1;
            let step = AnsweredStep {
                start_ns: answer.start_ns,
                end_ns: answer.end_ns,
                answered,
                flags: &flags,
                probabilities: &answer.probabilities,
                unknown: answer.unknown,
            };
            table.push(self.zero, &step)?;
        }
        Ok(())
    }
}

/// Finds the rates of the sensors that are needed, and says them.
fn measure(
    header: &mut Header,
    needed: &[Sensor],
    samples: &[LiveSample],
    asked: &Asked,
) -> anyhow::Result<()> {
    let mut survey = Survey::new(header, &asked.declared);
    let mut chunk = Chunk::default();
    chunk.clear(header.sensors.len());
    for sample in samples {
        if let Some(place) = header.position(sample.sensor) {
            chunk.parts[place].push(sample.time_ns, sample.value);
        }
    }
    survey.push(&chunk);
    let report = survey.finish();
    let mut found = Vec::new();
    for (info, measured) in header.sensors.iter_mut().zip(&report.sensors) {
        info.rate_hz = measured.rate_hz;
        if !needed.contains(&info.sensor) {
            continue;
        }
        let Some(rate_hz) = measured.rate_hz else {
            return Err(anyhow!(
                "how many samples of the {} there are in a second cannot be told from its first {}\nhint: --rate HZ says it",
                info.sensor,
                measured.samples
            ));
        };
        found.push(format!("{} {rate_hz:.1}", info.sensor));
    }
    if !found.is_empty() {
        say!("note: samples a second, as measured: {} (--rate HZ states them)", found.join(", "));
    }
    Ok(())
}

/// Says what makes answers doubtful.
fn warn(finding: &Finding) {
    say!("warning: {}", finding.text);
    if let Some(hint) = classify::option(finding) {
        say!("hint: {hint}");
    }
}

/// A failure as the binary reports it.
fn told(failure: &Failure) -> anyhow::Error {
    let hints: String = failure.hints.iter().map(|hint| format!("\nhint: {hint}")).collect();
    anyhow!("{}{hints}", failure.text)
}
