//! Objects that come line by line: rows with a name for each column, or samples of one sensor each.

use super::lines::{Names, cells, row};
use super::objects::{Object, Place};
use super::rows::value;
use super::walk::{shown, unescaped};
use crate::columns::{ColumnRef, Columns, sensor};
use crate::error::{Fault, quoted};
use crate::live::{BadLine, Head, HeadState, LiveClock, Taken, check, give};
use crate::names::{self, Meaning};
use crate::number::Point;
use crate::options::ReadOptions;
use crate::plan::{self, Plan, Sample, TimePlan};
use crate::time::{NoTime, TimeFormat, TimeReader};
use ambulo_signal::Sensor;

/// Reads objects line by line.
#[derive(Debug, Default)]
pub(crate) struct ObjectLines {
    lanes: Vec<Lane>,
    path: Vec<u8>,
}

/// Lines that hold the same.
#[derive(Debug)]
struct Lane {
    /// The sensor that the lines name, where each is of one.
    sensor: Option<Sensor>,
    head: Head,
    known: Option<Known>,
}

/// What the lines hold.
#[derive(Debug)]
struct Known {
    plan: Plan,
    names: Names,
    /// For each column.
    used: Vec<Option<Use>>,
    time: Option<TimeReader>,
    joined: bool,
    parts: usize,
    clock: LiveClock,
}

/// What a column is read for.
#[derive(Clone, Copy, Debug)]
enum Use {
    /// The first or second cell of a time.
    Time(usize),
    Axis {
        part: usize,
        axis: usize,
    },
}

/// The zero that all lines share, and how times are written.
type Zero = (i64, TimeFormat);

impl ObjectLines {
    pub(crate) fn going_on(options: &ReadOptions, states: Vec<HeadState>) -> Result<Self, Fault> {
        let mut objects = Self::default();
        for state in states {
            let mut lane = Lane { sensor: state.sensor, head: Head::of(state.lines), known: None };
            if let Some(clock) = state.clock {
                lane.known = Some(Known { clock, ..lane.decide(&objects.with_time(options))? });
            }
            objects.lanes.push(lane);
        }
        Ok(objects)
    }

    pub(crate) fn state(&self) -> Vec<HeadState> {
        let state = |lane: &Lane| HeadState {
            sensor: lane.sensor,
            lines: lane.head.texts(),
            clock: lane.known.as_ref().map(|known| known.clock.clone()),
        };
        self.lanes.iter().map(state).collect()
    }

    pub(crate) fn waits(&self) -> bool {
        self.lanes.iter().any(|lane| lane.known.is_none())
    }

    pub(crate) fn plans(&self) -> impl Iterator<Item = &Plan> {
        self.lanes.iter().filter_map(|lane| lane.known.as_ref()).map(|known| &known.plan)
    }

    pub(crate) fn line(
        &mut self,
        options: &ReadOptions,
        number: u64,
        text: &[u8],
        taken: &mut Taken,
    ) -> Result<(), Fault> {
        let text = text.trim_ascii();
        let mut bad = |found: String| {
            taken.bad.push(BadLine { line: number, found, expected: "one JSON object".to_owned() });
        };
        if text.first() != Some(&b'{') {
            bad(quoted(text));
            return Ok(());
        }
        if let Err(error) = serde_json::from_slice::<serde::de::IgnoredAny>(text) {
            bad(format!("{error} of {}", quoted(text)));
            return Ok(());
        }
        let sensor = match whose(text, &mut self.path) {
            Whose::Row => None,
            Whose::Sensor(sensor) => Some(sensor),
            // Of another sensor.
            Whose::Else => return Ok(()),
        };
        let at = self.lanes.iter().position(|lane| lane.sensor == sensor).unwrap_or_else(|| {
            self.lanes.push(Lane { sensor, head: Head::default(), known: None });
            self.lanes.len() - 1
        });
        if let Some(known) = &mut self.lanes[at].known {
            known.row(number, text, &mut self.path, taken);
            return Ok(());
        }
        if self.lanes[at].head.push(number, text) { self.look(at, options, false, taken) } else { Ok(()) }
    }

    pub(crate) fn finish(&mut self, options: &ReadOptions, taken: &mut Taken) -> Result<(), Fault> {
        for at in 0..self.lanes.len() {
            if self.lanes[at].known.is_none() {
                self.look(at, options, true, taken)?;
            }
        }
        Ok(())
    }

    /// Decides what the lines hold, and reads those that were kept.
    fn look(
        &mut self,
        at: usize,
        options: &ReadOptions,
        ended: bool,
        taken: &mut Taken,
    ) -> Result<(), Fault> {
        let (zero, options) = (self.zero(), self.with_time(options));
        let lane = &mut self.lanes[at];
        let found = lane.decide(&options);
        let Some(mut known) = lane.head.decided(found, ended)? else { return Ok(()) };
        if let (Some((origin_ns, _)), true) = (zero, known.clock.is_stamped()) {
            known.clock.set_origin(origin_ns);
        }
        for (number, text) in lane.head.lines() {
            known.row(*number, text, &mut self.path, taken);
        }
        lane.known = Some(known);
        // In the order in which they were decided: whoever goes on decides in the same.
        let decided = self.lanes.iter().position(|lane| lane.known.is_none()).unwrap_or(at);
        self.lanes.swap(at, decided.min(at));
        Ok(())
    }

    /// That of the lines that were decided first.
    fn zero(&self) -> Option<Zero> {
        self.lanes.iter().filter_map(|lane| lane.known.as_ref()).find_map(Known::zero)
    }

    /// Times are written as in the lines that were decided first.
    fn with_time(&self, options: &ReadOptions) -> ReadOptions {
        let format = self.zero().map(|(_, format)| format);
        ReadOptions { time: options.time.or(format), ..options.clone() }
    }
}

/// Whose samples an object holds.
enum Whose {
    /// It has a name for each column.
    Row,
    Sensor(Sensor),
    Else,
}

fn whose(text: &[u8], path: &mut Vec<u8>) -> Whose {
    let mut found = Whose::Row;
    cells(text, path, |name, cell| {
        if !matches!(name, b"sensor" | b"name" | b"type" | b"sensorType" | b"kind") {
            return;
        }
        let word = shown(cell);
        let plain: String = word.chars().filter(|c| c.is_alphanumeric()).collect();
        match sensor(&plain) {
            Some(sensor) => found = Whose::Sensor(sensor),
            None if name == b"sensor" && matches!(found, Whose::Row) => found = Whose::Else,
            None => {}
        }
    });
    found
}

impl Lane {
    fn decide(&self, options: &ReadOptions) -> Result<Known, Fault> {
        let mut names = Names::default();
        let mut sample = Sample { text: true, ..Sample::default() };
        for (line, text) in self.head.lines() {
            let object = Object { text, place: Place { offset: 0, line: *line }, end: 0 };
            sample.rows.push(row(&object, |name| names.add(name)));
        }
        sample.head = sample.rows.len();
        sample.columns = names.written().len();
        for row in &mut sample.rows {
            row.cells.resize(sample.columns, Vec::new());
        }
        let shown: Vec<String> = names.written().iter().map(|name| shown(name)).collect();
        let columns = match self.sensor {
            Some(sensor) => Some(axes(sensor, &shown)?),
            None => options.columns.clone(),
        };
        sample.names = Some(shown);
        let plan = plan::decide(&sample, Point::DOT, &ReadOptions { columns, ..options.clone() })?;
        check(&plan)?;
        Ok(Known::new(plan, names))
    }
}

/// The columns of a sensor in objects that name it: x, y and z.
fn axes(sensor: Sensor, shown: &[String]) -> Result<Columns, Fault> {
    let axis = |wanted: usize| {
        let is = |name: &String| matches!(names::read(name), Meaning::Axis { axis, .. } if axis == wanted);
        shown.iter().position(is).map(|column| ColumnRef::Number(column + 1))
    };
    match (axis(0), axis(1), axis(2)) {
        (Some(x), Some(y), Some(z)) => {
            Ok(Columns { sensors: vec![(sensor, [x, y, z])], ..Columns::default() })
        }
        _ => {
            let listed: Vec<String> = shown.iter().take(10).map(|name| quoted(name.as_bytes())).collect();
            let found = format!("samples of the {sensor} that have {}", listed.join(", "));
            Err(Fault::damaged("its first objects", found, "x, y and z"))
        }
    }
}

impl Known {
    fn new(plan: Plan, mut names: Names) -> Self {
        let mut used = vec![None; names.written().len()];
        let mut set = |column: usize, what: Use| {
            if let Some(place) = used.get_mut(column) {
                *place = Some(what);
            }
        };
        let (mut time, mut joined) = (None, false);
        let parts = plan.parts();
        for (part, columns) in parts.iter().enumerate() {
            for (axis, &column) in columns.iter().enumerate() {
                set(column, Use::Axis { part, axis });
            }
        }
        if let TimePlan::Column { column, joined: both, reader, .. } = plan.time {
            (time, joined) = (Some(reader), both);
            set(column, Use::Time(0));
            if both {
                set(column + 1, Use::Time(1));
            }
        }
        names.begin();
        let clock = LiveClock::new(&plan);
        Self { parts: parts.len(), plan, names, used, time, joined, clock }
    }

    fn zero(&self) -> Option<Zero> {
        self.clock.origin_ns().zip(self.time.map(|reader| reader.format))
    }

    /// Reads an object that is whole.
    fn row(&mut self, line: u64, text: &[u8], path: &mut Vec<u8>, taken: &mut Taken) {
        let mut parts: Vec<Option<[f32; 3]>> = vec![None; self.parts];
        let (mut when, mut wrong) = ([&b""[..]; 2], None);
        let Self { names, used, .. } = self;
        cells(text, path, |name, cell| {
            let Some(what) = names.find(name).and_then(|column| used.get(column).copied().flatten()) else {
                return;
            };
            match what {
                Use::Time(place) => when[place] = cell,
                Use::Axis { part, axis } => match value(cell) {
                    Some(value) => parts[part].get_or_insert([f32::NAN; 3])[axis] = value,
                    None => _ = wrong.get_or_insert_with(|| format!("{} of {}", quoted(cell), quoted(name))),
                },
            }
        });
        let bad = match (wrong, self.stamp(when)) {
            (Some(found), _) => Err((found, "a number, or null where a value is missing".to_owned())),
            (None, Ok(stamp_ns)) => Ok(stamp_ns),
            (None, Err(found)) => {
                let format = self.time.map(|reader| reader.format.to_string()).unwrap_or_default();
                Err((found, format!("a time as in the lines before, {format}")))
            }
        };
        match bad {
            Ok(stamp_ns) if parts.iter().any(Option::is_some) => {
                let time_ns = self.clock.time(stamp_ns);
                give(&self.plan, time_ns, &parts, &mut taken.samples);
            }
            Ok(_) => {
                let expected = "values of a sensor, under the names of the lines before".to_owned();
                taken.bad.push(BadLine { line, found: "an object without them".to_owned(), expected });
            }
            Err((found, expected)) => {
                // It takes its time all the same, where rows have none of their own.
                if !self.clock.is_stamped() {
                    self.clock.time(0);
                }
                taken.bad.push(BadLine { line, found, expected });
            }
        }
    }

    /// The time of an object in the column's own count, or what stands in its place.
    fn stamp(&self, when: [&[u8]; 2]) -> Result<i64, String> {
        let Some(reader) = &self.time else { return Ok(0) };
        let cell = match self.joined {
            true => [&*unescaped(when[0]), b" ", &*unescaped(when[1])].concat().into(),
            false => unescaped(when[0]),
        };
        reader.read(&cell).map(|stamp| stamp.ns).map_err(|error| match error {
            NoTime::Missing => "no time".to_owned(),
            NoTime::Unreadable | NoTime::Order => quoted(&cell),
        })
    }
}
