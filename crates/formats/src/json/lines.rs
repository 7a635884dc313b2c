//! JSON of any other origin: an object for each row, in lines or in a list, whose names are those of a table's columns.

mod rows;

use super::lanes;
use super::objects::{Object, Objects, Place};
use super::walk::{Event, Walk, begins_with, compact, shown, unescaped};
use crate::container::Input;
use crate::error::{Fault, quoted};
use crate::names::{self, Meaning};
use crate::number::Point;
use crate::options::{Format, ReadOptions};
use crate::plan::{self, Sample, SampleRow};
use crate::reader::Found;
use ambulo_signal::Sensor;
use rows::LineReader;
use std::collections::HashMap;

/// Objects of the beginning that are looked at, and in pieces further on.
const HEAD_ROWS: usize = 2000;
const PIECES: u64 = 12;
const PIECE: usize = 16 << 10;
/// Names that are told apart; a recording has fewer.
const MOST_COLUMNS: usize = 512;
/// Bytes of all cells that are looked at.
const MOST_LOOKED_AT: usize = 8 << 20;
/// Objects in objects whose names are joined.
const DEEPEST: usize = 4;

/// Why the first bytes are of this format.
pub(crate) fn sign(head: &[u8]) -> Option<String> {
    begins_with(&compact(head), b"{\"").then(|| "it begins with a JSON object".to_owned())
}

/// Names that stand for columns.
#[derive(Debug, Default)]
pub(super) struct Names {
    /// As they are written, those of inner objects behind a point.
    written: Vec<Vec<u8>>,
    places: HashMap<Vec<u8>, usize>,
    /// The place after the one that was found last: names mostly come in the same order.
    hint: usize,
}

impl Names {
    pub(super) fn written(&self) -> &[Vec<u8>] {
        &self.written
    }

    /// The next name is the first of an object.
    pub(super) fn begin(&mut self) {
        self.hint = 0;
    }

    pub(super) fn find(&mut self, name: &[u8]) -> Option<usize> {
        let hinted = self.written.get(self.hint).is_some_and(|hinted| hinted == name);
        let found = if hinted { Some(self.hint) } else { self.places.get(name).copied() };
        self.hint = found.map_or(0, |found| found + 1);
        found
    }

    pub(super) fn add(&mut self, name: &[u8]) -> Option<usize> {
        self.find(name).or_else(|| {
            let place = self.written.len();
            (place < MOST_COLUMNS).then(|| {
                self.written.push(name.to_vec());
                self.places.insert(name.to_vec(), place);
                place
            })
        })
    }
}

/// Calls with the name and the value of each cell of an object: names of inner objects are joined by a point, three values in
/// a list are x, y, z.
pub(super) fn cells<'a>(text: &'a [u8], path: &mut Vec<u8>, mut each: impl FnMut(&[u8], &'a [u8])) {
    let mut walk = Walk::new(text);
    let mut outer: Vec<usize> = Vec::new();
    let mut base = 0;
    path.clear();
    walk.next();
    while let Some(event) = walk.next() {
        match event {
            Event::Name(name) => {
                path.truncate(base);
                if base > 0 {
                    path.push(b'.');
                }
                path.extend_from_slice(name);
            }
            Event::Text(cell) | Event::Bare(cell) => each(path, cell),
            Event::Open { list: false } if outer.len() < DEEPEST => {
                outer.push(base);
                base = path.len();
            }
            Event::Open { list: false } => walk.leave(),
            Event::Open { list: true } => {
                if let Some(three) = three(&mut walk) {
                    for (axis, cell) in [b".x", b".y", b".z"].into_iter().zip(three) {
                        let name = path.len();
                        path.extend_from_slice(axis);
                        each(path, cell);
                        path.truncate(name);
                    }
                }
            }
            Event::Close => match outer.pop() {
                Some(length) => base = length,
                None => return,
            },
        }
    }
}

/// The values of a list that has been opened, if they are three.
fn three<'a>(walk: &mut Walk<'a>) -> Option<[&'a [u8]; 3]> {
    let (mut values, mut n) = ([&b""[..]; 3], 0);
    while let Some(event) = walk.next() {
        match event {
            Event::Text(cell) | Event::Bare(cell) => {
                if let Some(value) = values.get_mut(n) {
                    *value = cell;
                }
                n += 1;
            }
            Event::Open { .. } => {
                walk.leave();
                n = 4;
            }
            Event::Close => break,
            Event::Name(_) => {}
        }
    }
    (n == 3).then_some(values)
}

/// Opens the recordings in it.
pub(crate) fn open(input: &Input, options: &ReadOptions) -> Result<Vec<Found>, Fault> {
    let mut names = Names::default();
    let mut sample = Sample { text: true, file_name: input.name.clone(), ..Sample::default() };
    let mut objects = Objects::records(&input.bytes);
    let (mut looked_at, mut end) = (0, 0);
    while sample.rows.len() < HEAD_ROWS && looked_at < MOST_LOOKED_AT {
        let Some(object) = objects.next()? else { break };
        end = object.end;
        looked_at += object.text.len();
        sample.rows.push(row(&object, |name| names.add(name)));
    }
    if sample.rows.is_empty() {
        return Err(lanes::nothing(objects.damage(), "an object for each row"));
    }
    sample.head = sample.rows.len();
    for (from, to) in pieces(input, end)? {
        let mut piece = Objects::records(&input.bytes).between(Place { offset: from, line: 0 }, to);
        while let Some(object) = piece.next()? {
            let object = Object { place: Place::default(), ..object };
            sample.rows.push(row(&object, |name| names.find(name)));
        }
    }
    sample.columns = names.written.len();
    for row in &mut sample.rows {
        row.cells.resize(sample.columns, Vec::new());
    }
    let shown: Vec<String> = names.written.iter().map(|name| shown(name)).collect();
    let motion = shown.iter().any(|name| matches!(names::read(name), Meaning::Axis { .. }));
    if !motion && options.columns.is_none() {
        const MOST: usize = 10;
        let listed: Vec<String> = shown.iter().take(MOST).map(|name| quoted(name.as_bytes())).collect();
        let more = if shown.len() > MOST { ", …" } else { "" };
        return Err(Fault::NoTable(format!(
            "JSON whose objects name no axes of a sensor, but {}{more}",
            listed.join(", ")
        )));
    }
    one_sensor_in_a_name(&sample, &shown)?;
    sample.names = Some(shown);
    let plan = plan::decide(&sample, Point::DOT, options)?;
    let reader = LineReader::new(&input.bytes, names, &plan);
    Ok(vec![plan.found(Format::JsonLines, String::new(), Box::new(reader))])
}

pub(super) fn row(object: &Object<'_>, mut column: impl FnMut(&[u8]) -> Option<usize>) -> SampleRow {
    let mut row = SampleRow { line: object.place.line, cells: Vec::new() };
    cells(object.text, &mut Vec::new(), |name, cell| {
        if let Some(column) = column(name) {
            if row.cells.len() <= column {
                row.cells.resize(column + 1, Vec::new());
            }
            row.cells[column] = unescaped(cell).into_owned();
        }
    });
    row
}

/// Stretches behind a place, each from the beginning of a line; none where the objects do not stand in lines.
fn pieces(input: &Input, behind: u64) -> Result<Vec<(u64, u64)>, Fault> {
    let length = input.bytes.len();
    let Some(room) = length.checked_sub(behind + PIECE as u64).filter(|&room| room > 0) else {
        return Ok(Vec::new());
    };
    let mut pieces = Vec::new();
    for i in 0..PIECES {
        let from = behind + room / (PIECES - 1) * i;
        let piece = input.bytes.part(from, PIECE)?;
        let Some(line) = memchr::memchr(b'\n', &piece).map(|at| at + 1) else { continue };
        let begins = piece[line..].trim_ascii_start().starts_with(b"{");
        // Lines of an object that goes over several begin with a brace too, but deeper in.
        if begins && piece.get(line).is_some_and(|byte| *byte == b'{') {
            pieces.push((from + line as u64, from + PIECE as u64));
        }
    }
    Ok(pieces)
}

/// Refuses objects that are of different sensors under the same names.
fn one_sensor_in_a_name(sample: &Sample, names: &[String]) -> Result<(), Fault> {
    const WORDS: [&str; 5] = ["sensor", "name", "type", "sensortype", "kind"];
    let plain = |text: &str| -> String {
        text.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
    };
    for (column, name) in names.iter().enumerate() {
        if !WORDS.contains(&plain(name).as_str()) {
            continue;
        }
        let mut found: Vec<(Sensor, String)> = Vec::new();
        for row in &sample.rows {
            let word = String::from_utf8_lossy(row.cells.get(column).map_or(&b""[..], Vec::as_slice));
            let Some(sensor) = crate::columns::sensor(&plain(&word)) else { continue };
            if found.iter().all(|known| known.0 != sensor) {
                found.push((sensor, quoted(word.as_bytes())));
            }
        }
        if let [(_, first), (_, second), ..] = found.as_slice() {
            return Err(Fault::Unsupported {
                what: format!(
                    "JSON with samples of several sensors under the same names ({} is {first} and {second})",
                    quoted(name.as_bytes())
                ),
                hint: "write a file for each sensor, or names of their own for each sensor's axes".to_owned(),
            });
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn inner_objects_and_lists() {
        let text = br#"{"t":1,"acc":{"x":1,"d":{"y":[1,2,3]},"z":"a"},"g":[4,null,-6],"l":[1,2],"m":[[1],2,3],"n":true}"#;
        let mut found = Vec::new();
        cells(text, &mut Vec::new(), |name, cell| {
            found.push(format!("{}={}", String::from_utf8_lossy(name), String::from_utf8_lossy(cell)));
        });
        let expected = [
            "t=1",
            "acc.x=1",
            "acc.d.y.x=1",
            "acc.d.y.y=2",
            "acc.d.y.z=3",
            "acc.z=a",
            "g.x=4",
            "g.y=null",
            "g.z=-6",
            "n=true",
        ];
        assert_eq!(found, expected);
    }

    #[test]
    fn a_beginning_is_enough_to_know_it() {
        assert!(sign(b" [ {\n\"t\": 1").is_some() && sign(b"{\"t\":1}").is_some());
        assert!(sign(b"[1,2]").is_none() && sign(b"time,x").is_none() && sign(b"{}").is_none());
    }
}
