//! Samples at any rate as rows at the rate that wearing is judged at: each row the mean of the samples around it.
//!
//! What the intake does for a model costs more than all else in a survey. Wearing is judged by means over seconds, to which a
//! mean over 20 ms is as good: its first zero lies at 50 Hz, and half of the power at 22 Hz passes. Where samples come at the
//! rows' rate themselves, rows are samples, as the intake's are.

/// Rows per second: those of [`Preprocessing::default`](crate::Preprocessing), in ns from one to the next.
pub(super) const ROW_NS: i64 = 20_000_000;
/// Departure from a row up to which a segment's last sample counts as on it, as the intake has it.
const ON_ROW_NS: i64 = ROW_NS / 1000;

/// What comes out of [`Boxes`].
#[derive(Clone, Copy, Debug)]
pub(super) enum Boxed {
    /// A segment begins at this time.
    Begin(i64),
    Row([f32; 3]),
    /// The segment is over.
    End,
}

/// Means over boxes of [`ROW_NS`], the first around the segment's first sample. Segments begin and end as the intake's do.
#[derive(Clone, Debug)]
pub(super) struct Boxes {
    max_gap_ns: i64,
    segment: Option<Segment>,
}

#[derive(Clone, Debug)]
struct Segment {
    /// Where the box ends that samples are added to.
    end_ns: i64,
    sum: [f64; 3],
    count: u32,
    last_ns: i64,
    last: [f32; 3],
}

impl Boxes {
    pub(super) fn new(max_gap_ns: i64) -> Self {
        Self { max_gap_ns, segment: None }
    }

    /// Takes a sample, whose time is not earlier than those before it in the segment.
    #[inline]
    pub(super) fn push(&mut self, time_ns: i64, value: [f32; 3], emit: &mut impl FnMut(Boxed)) {
        if let Some(segment) = &mut self.segment {
            if time_ns < segment.end_ns {
                segment.add(time_ns, value);
                return;
            }
            if time_ns.saturating_sub(segment.last_ns) <= self.max_gap_ns {
                emit(Boxed::Row(segment.mean()));
                segment.reach(time_ns, value, emit);
                segment.add(time_ns, value);
                return;
            }
            self.end(emit);
        }
        emit(Boxed::Begin(time_ns));
        let mut segment = Segment {
            end_ns: time_ns.saturating_add(ROW_NS / 2),
            sum: [0.0; 3],
            count: 0,
            last_ns: time_ns,
            last: value,
        };
        segment.add(time_ns, value);
        self.segment = Some(segment);
    }

    /// Ends the segment; the next sample begins another.
    pub(super) fn end(&mut self, emit: &mut impl FnMut(Boxed)) {
        let Some(segment) = self.segment.take() else { return };
        if segment.last_ns.saturating_add(ON_ROW_NS) >= segment.row_ns() {
            emit(Boxed::Row(segment.mean()));
        }
        emit(Boxed::End);
    }
}

impl Segment {
    #[inline]
    fn add(&mut self, time_ns: i64, value: [f32; 3]) {
        (0..3).for_each(|axis| self.sum[axis] += f64::from(value[axis]));
        self.count += 1;
        (self.last_ns, self.last) = (time_ns, value);
    }

    /// Where the row lies that the box makes.
    fn row_ns(&self) -> i64 {
        self.end_ns.saturating_sub(ROW_NS / 2)
    }

    fn mean(&self) -> [f32; 3] {
        if self.count == 1 { self.last } else { self.sum.map(|sum| (sum / f64::from(self.count)) as f32) }
    }

    /// Begins the box that the next sample belongs to; boxes on the way to it have what lies on the line to it.
    #[inline]
    fn reach(&mut self, time_ns: i64, value: [f32; 3], emit: &mut impl FnMut(Boxed)) {
        self.end_ns = self.end_ns.saturating_add(ROW_NS);
        while time_ns >= self.end_ns {
            let span = time_ns.saturating_sub(self.last_ns).max(1) as f64;
            let weight = self.row_ns().saturating_sub(self.last_ns) as f64 / span;
            emit(Boxed::Row(core::array::from_fn(|axis| {
                let (a, b) = (f64::from(self.last[axis]), f64::from(value[axis]));
                (a + weight * (b - a)) as f32
            })));
            let next_ns = self.end_ns.saturating_add(ROW_NS);
            if next_ns == self.end_ns {
                break;
            }
            self.end_ns = next_ns;
        }
        (self.sum, self.count) = ([0.0; 3], 0);
    }
}
