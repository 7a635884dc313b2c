//! Memory does not grow with a recording's length: the bytes that a day of samples holds at most are counted.
#![expect(unsafe_code, reason = "an allocator that counts has to be one")]
#![expect(clippy::unwrap_used, reason = "clippy knows #[test] functions but not the helpers they share")]

mod common;

use ambulo_signal::intake::{Declared, Intake, Piece, survey};
use ambulo_signal::levelling::Stretches;
use ambulo_signal::{Chunk, Chunker, FilterJob, Header, Phase, Preprocessing, Sensor, SensorInfo, Source};
use common::{Made, turning, walking};
use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

struct Counting;

static HELD: AtomicUsize = AtomicUsize::new(0);
static PEAK: AtomicUsize = AtomicUsize::new(0);

// SAFETY: every call is handed to the system's allocator as it is.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        let held = HELD.fetch_add(layout.size(), Relaxed) + layout.size();
        PEAK.fetch_max(held, Relaxed);
        // SAFETY: the caller's promise.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        HELD.fetch_sub(layout.size(), Relaxed);
        // SAFETY: the caller's promise.
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static COUNTING: Counting = Counting;

/// The most that is held while something runs, above what was held before.
fn peak(run: impl FnOnce()) -> usize {
    let before = HELD.load(Relaxed);
    PEAK.store(before, Relaxed);
    run();
    PEAK.load(Relaxed) - before
}

/// Survey, intake, filters and summaries of so many samples; returns the rows that came out.
fn pass(p: &Preprocessing, samples: usize) -> usize {
    let declared = Declared::default();
    let mut source = Made::new([walking, turning], samples);
    let report = survey(&mut source, &declared).unwrap();
    let mut intake = p.intake(&report, &declared).unwrap();
    let mut chunker = Chunker::new(p).unwrap();
    let mut stretches = Stretches::new(p.rate_hz, p.layout());
    let (mut jobs, mut rows): (Vec<FilterJob>, usize) = (Vec::new(), 0);
    let mut sink = |piece: Piece<'_>| {
        match piece {
            Piece::Begin { .. } => {}
            Piece::Frames(frames) => chunker.push(frames, &mut jobs),
            Piece::End => chunker.end(&mut jobs),
        }
        for job in jobs.drain(..) {
            let signals = chunker.run(job);
            rows += signals.len();
            stretches.push(signals.values());
        }
    };
    let mut chunk = Chunk::default();
    while source.read(&mut chunk).unwrap() {
        intake.push(&chunk, &mut sink);
    }
    intake.finish(&mut sink);
    rows
}

/// One test, as others would allocate beside it.
#[test]
fn a_day_takes_no_more_than_an_hour() {
    const MB: usize = 1 << 20;
    const DAY: usize = 24 * 3600 * 50;
    for phase in [Phase::Zero, Phase::Causal] {
        let p = Preprocessing { phase, ..Preprocessing::default() };
        let hour = peak(|| assert_eq!(pass(&p, DAY / 24), DAY / 24));
        let day = peak(|| assert_eq!(pass(&p, DAY), DAY));
        // What grows: summaries of 56 bytes each 1.28 s, and blocks of the survey of 16 bytes a second.
        assert!(day < hour + 14 * MB && day < 32 * MB, "{phase:?}: {hour} and {day} bytes");
    }

    // A sensor that never delivers is not waited for without end.
    let p = Preprocessing::default();
    let sensors = vec![SensorInfo::new(Sensor::Accelerometer), SensorInfo::new(Sensor::Gyroscope)];
    let header = Header { sensors, ..Header::default() };
    let mut intake = Intake::live(&header, p.sensors(), 50.0, &Declared::default()).unwrap();
    let alone = peak(|| {
        for i in 0..DAY {
            intake
                .push_sample(0, 20_000_000 * i as i64, walking(i), &mut |_| panic!("nothing to align with"));
        }
    });
    assert!(alone < 8 * MB, "{alone} bytes");
    let findings = intake.findings();
    assert_eq!(findings.len(), 1, "{findings:?}");
    assert!(findings[0].text.contains("waited in vain"), "{}", findings[0].text);

    // Nor a clock that stands still.
    let still = peak(|| {
        for i in 0..DAY {
            intake.push_sample(0, i64::MAX, walking(i), &mut |_| panic!("nothing to align with"));
        }
    });
    assert!(still < 8 * MB, "{still} bytes");
}
