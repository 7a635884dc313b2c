//! Answers for whole recordings of any length, in bounded memory.

use crate::{ModelError, Prediction, Predictor};
use ambulo_nn::SHARD;
use ambulo_signal::intake::{Declared, Intake, Piece, Report, survey};
use ambulo_signal::levelling::{Stretches, WearingPeriod};
use ambulo_signal::{
    CHUNK, Chunk, Chunker, FilterJob, InertialSignals, Level, Preprocessing, Recording, Rotation, Source,
    SourceError,
};
use rayon::prelude::*;

/// Samples that are filtered and classified together; bounds memory and gives every thread something to do.
const GROUP: usize = 4 * CHUNK;

impl Predictor {
    /// The windows of a whole recording in order of time, with what was found about it. Empty if no stretch without gaps is as
    /// long as a window.
    ///
    /// # Errors
    /// A source that fails, or a recording that does not fit the model, with the reason.
    pub fn recording(
        &self,
        source: &mut dyn Source,
        declared: &Declared,
    ) -> Result<(Vec<Prediction>, Report), ModelError> {
        let mut all = Vec::new();
        let report = self.each_window(source, declared, &mut |prediction| all.push(prediction))?;
        Ok((all, report))
    }

    /// The same for a recording in memory of which nothing has to be declared.
    ///
    /// # Errors
    /// As [`recording`](Self::recording).
    pub fn recording_in_memory(&self, recording: &Recording) -> Result<Vec<Prediction>, ModelError> {
        Ok(self.recording(&mut recording.source(), &Declared::default())?.0)
    }

    /// Hands every window's answer to `sink`, in order of time; memory does not grow with the recording's length, but for the
    /// summaries that levelling needs, 20 MB a week. The source
    /// is read twice, and a third time if the model levels recordings. Runs on the current rayon pool; the bits do not depend on
    /// its size.
    ///
    /// # Errors
    /// As [`recording`](Self::recording).
    pub fn each_window(
        &self,
        source: &mut dyn Source,
        declared: &Declared,
        sink: &mut dyn FnMut(Prediction),
    ) -> Result<Report, ModelError> {
        let p = &self.model().metadata().preprocessing;
        let report = survey(source, declared).map_err(ambulo_signal::SignalError::from)?;
        let intake = p.intake(&report, declared)?;
        let periods = if p.level == Level::AsWorn {
            Vec::new()
        } else {
            let mut stretches = Stretches::new(p.rate_hz, p.layout());
            each_group(
                p,
                intake.clone(),
                source,
                &mut |events| summarise(events, &mut stretches),
                &mut |()| {},
            )?;
            p.wearing(&stretches)?
        };
        let mut windows = Windows::new(p, periods);
        let mut classify = |events: Vec<Event>| {
            events.into_iter().for_each(|event| windows.take(event));
            self.answer(&mut windows)
        };
        each_group(p, intake, source, &mut classify, &mut |answers| {
            answers.into_iter().for_each(&mut *sink);
        })?;
        Ok(report)
    }

    /// The answers to the windows that are complete.
    fn answer(&self, windows: &mut Windows<'_>) -> Vec<Prediction> {
        let network = self.model().network();
        let (input, output) = (network.input().len(), network.output().len());
        let (p, rows) = (windows.preprocessing, &windows.rows);
        let values = p.window * p.layout().width();
        let mut probabilities = vec![0.0f32; windows.complete.len() * output];
        windows.complete.par_chunks(SHARD).zip(probabilities.par_chunks_mut(SHARD * output)).for_each_init(
            || (network.buffers(SHARD, false), vec![0.0f32; SHARD * input]),
            |(buffers, x), (starts, out)| {
                let x = &mut x[..starts.len() * input];
                for (&(_, offset), x) in starts.iter().zip(x.chunks_exact_mut(input)) {
                    p.window_input(&rows[offset..offset + values], x);
                }
                self.infer(x, out, buffers);
                self.calibrate(out);
            },
        );
        let length_ns = p.nanoseconds(p.window);
        let answers = windows
            .complete
            .drain(..)
            .zip(probabilities.chunks_exact(output))
            .map(|((start_ns, _), row)| Prediction::new(start_ns, length_ns, row))
            .collect();
        windows.forget();
        answers
    }
}

/// A part of a recording after the filters.
enum Event {
    Begin(i64),
    Rows(InertialSignals),
    End,
}

/// The same before them.
enum Raw {
    Begin(i64),
    Job(FilterJob),
    End,
}

fn summarise(events: Vec<Event>, stretches: &mut Stretches) {
    for event in events {
        match event {
            Event::Begin(_) => {}
            Event::Rows(rows) => stretches.push(rows.values()),
            Event::End => stretches.end_segment(),
        }
    }
}

/// Reads a source to its end and back. Its filtered rows are processed in groups of bounded size on the current rayon pool,
/// each while this thread reads the next, and what comes of a group is taken on this thread.
fn each_group<R: Send>(
    p: &Preprocessing,
    mut intake: Intake,
    source: &mut dyn Source,
    process: &mut (dyn FnMut(Vec<Event>) -> R + Send),
    take: &mut dyn FnMut(R),
) -> Result<(), ModelError> {
    let mut chunker = Chunker::new(p)?;
    let filters = chunker.clone();
    let mut chunk = Chunk::default();
    let mut group: Option<Vec<Raw>> = None;
    let mut more = true;
    while more || group.is_some() {
        let (mut done, mut read) = (None, Ok(None));
        rayon::in_place_scope(|scope| {
            if let Some(group) = group.take() {
                scope.spawn(|_| {
                    let events = group.into_par_iter().map(|raw| match raw {
                        Raw::Begin(start_ns) => Event::Begin(start_ns),
                        Raw::Job(job) => Event::Rows(filters.run(job)),
                        Raw::End => Event::End,
                    });
                    done = Some(process(events.collect()));
                });
            }
            if more {
                read = read_group(source, &mut intake, &mut chunker, &mut chunk, 3 * p.sensors().len())
                    .map(Some);
            }
        });
        if let Some(done) = done {
            take(done);
        }
        if let Some((next, goes_on)) = read.map_err(ambulo_signal::SignalError::from)? {
            (group, more) = (Some(next), goes_on);
        }
    }
    source.rewind().map_err(ambulo_signal::SignalError::from)?;
    Ok(())
}

/// The next group, and whether there may be another.
fn read_group(
    source: &mut dyn Source,
    intake: &mut Intake,
    chunker: &mut Chunker,
    chunk: &mut Chunk,
    frame_width: usize,
) -> Result<(Vec<Raw>, bool), SourceError> {
    let mut group: Vec<Raw> = Vec::new();
    let (mut length, mut jobs) = (0, Vec::new());
    loop {
        let more = source.read(chunk)?;
        let mut collect = |piece: Piece<'_>| {
            match piece {
                Piece::Begin { start_ns } => group.push(Raw::Begin(start_ns)),
                Piece::Frames(frames) => {
                    length += frames.len() / frame_width;
                    chunker.push(frames, &mut jobs);
                }
                Piece::End => chunker.end(&mut jobs),
            }
            group.extend(jobs.drain(..).map(Raw::Job));
            if matches!(piece, Piece::End) {
                group.push(Raw::End);
            }
        };
        if !more {
            intake.finish(&mut collect);
            return Ok((group, false));
        }
        intake.push(chunk, &mut collect);
        if length >= GROUP {
            return Ok((group, true));
        }
    }
}

/// Finds the windows in rows as they come; none spans a gap or a change of wearing.
struct Windows<'p> {
    preprocessing: &'p Preprocessing,
    periods: Vec<(WearingPeriod, Rotation)>,
    /// Rows that windows need, and where in them the present stretch begins.
    rows: Vec<f32>,
    stretch: usize,
    /// Rows of the stretch that are no longer in `rows`.
    gone: usize,
    /// First row of the stretch's next window.
    next: usize,
    stretch_ns: i64,
    /// Number of the segment, counted from 1 once there is one, its start, and its rows up to now.
    segment: usize,
    segment_ns: i64,
    segment_rows: usize,
    rotation: Rotation,
    /// Start time of each whole window, and where it lies in `rows`.
    complete: Vec<(i64, usize)>,
}

impl<'p> Windows<'p> {
    fn new(preprocessing: &'p Preprocessing, periods: Vec<(WearingPeriod, Rotation)>) -> Self {
        Self {
            preprocessing,
            periods,
            rows: Vec::new(),
            stretch: 0,
            gone: 0,
            next: 0,
            stretch_ns: 0,
            segment: 0,
            segment_ns: 0,
            segment_rows: 0,
            rotation: Rotation::IDENTITY,
            complete: Vec::new(),
        }
    }

    fn take(&mut self, event: Event) {
        match event {
            Event::Begin(start_ns) => {
                let number = self.segment;
                self.segment += 1;
                (self.segment_ns, self.segment_rows) = (start_ns, 0);
                let begun = self.periods.iter().rev().find(|(p, _)| (p.segment, p.row) <= (number, 0));
                self.rotation = begun.map_or(Rotation::IDENTITY, |(_, rotation)| *rotation);
                self.begin_stretch(start_ns);
            }
            Event::Rows(rows) => self.rows_of_segment(&rows),
            Event::End => {}
        }
    }

    fn rows_of_segment(&mut self, rows: &InertialSignals) {
        let number = self.segment.saturating_sub(1);
        let mut from = 0;
        while from < rows.len() {
            let here = self.segment_rows;
            let change = self.periods.iter().find(|(p, _)| p.segment == number && p.row > here);
            let until = change.map_or(rows.len(), |(p, _)| rows.len().min(from + p.row - here));
            let change = change.filter(|(p, _)| p.row == here + until - from).map(|(_, rotation)| *rotation);
            let begin = self.rows.len();
            self.rows.extend_from_slice(rows.rows(from, until - from));
            if self.preprocessing.level != Level::AsWorn {
                self.rotation.apply_rows(&mut self.rows[begin..]);
            }
            self.segment_rows += until - from;
            self.complete_windows();
            if let Some(rotation) = change {
                self.rotation = rotation;
                let since = self.preprocessing.nanoseconds(self.segment_rows);
                self.begin_stretch(self.segment_ns.saturating_add(since));
            }
            from = until;
        }
    }

    fn begin_stretch(&mut self, start_ns: i64) {
        self.stretch = self.rows.len();
        (self.gone, self.next, self.stretch_ns) = (0, 0, start_ns);
    }

    fn complete_windows(&mut self) {
        let p = self.preprocessing;
        let width = p.layout().width();
        let end = self.gone + (self.rows.len() - self.stretch) / width;
        while self.next + p.window <= end {
            let offset = self.stretch + (self.next - self.gone) * width;
            self.complete.push((self.stretch_ns.saturating_add(p.nanoseconds(self.next)), offset));
            self.next += p.step;
        }
    }

    /// Drops the rows that no window to come needs.
    fn forget(&mut self) {
        let width = self.preprocessing.layout().width();
        let have = (self.rows.len() - self.stretch) / width;
        let unneeded = (self.next - self.gone).min(have);
        self.rows.drain(..self.stretch + unneeded * width);
        self.stretch = 0;
        self.gone += unneeded;
    }
}
