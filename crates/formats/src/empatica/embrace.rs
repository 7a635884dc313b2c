//! Empatica EmbracePlus: an Avro container, with one record of some minutes in which each sensor has its start, its rate and its
//! samples, axis after axis.

use super::avro::{Number, Stop, Visitor, Walk};
use super::schema::Schema;
use super::session::{Place, SENSORS, Session};
use crate::bytes::Bytes;
use crate::container::Input;
use crate::error::{Fault, quoted};
use crate::options::{Format, ReadOptions};
use crate::reader::{Found, Reader};
use ambulo_signal::{Chunk, Finding, FindingKind, Header, Severity, Start};
use memchr::memmem;
use std::io::BufReader;

const MAGIC: &[u8] = b"Obj\x01";
/// Entries of the container's metadata, and bytes of the longest, the schema.
const MOST_ENTRIES: u64 = 1000;
const LONGEST_SCHEMA: u64 = 4 << 20;
/// Unpacked, samples take at most some ten times the bytes that they are packed in.
const LARGEST_RATIO: u64 = 200;
const BUFFER: usize = 64 << 10;
/// Bytes of the two numbers in front of a block.
const BLOCK_HEADER: u64 = 20;
const SYNC: usize = 16;
/// Samples of the faster sensor that are given out together.
const CHUNK: f64 = 8192.0;
/// No zone is further from UTC.
const FURTHEST_S: i64 = 14 * 3600;

/// Why the first bytes are of this format. The schema, which tells whether there is acceleration, may be long.
pub(crate) fn sign(head: &[u8]) -> Option<String> {
    head.starts_with(MAGIC).then(|| "an Avro container, whose schema has rawData.accelerometer".to_owned())
}

/// Opens the recording in it.
pub(crate) fn open(input: &Input, options: &ReadOptions) -> Result<Vec<Found>, Fault> {
    let mut reader = Sessions::new(&input.bytes)?;
    let first = loop {
        match reader.next()? {
            Some(session) if session.has_samples(0) => break session,
            Some(_) => {}
            None => {
                return Err(match reader.noticed.first {
                    Some((place, found)) => {
                        Fault::damaged(place, found, "a whole block of an Avro container")
                    }
                    None => Fault::NoRows("no acceleration in its records".to_owned()),
                });
            }
        }
    };
    reader.rewind()?;
    reader.zero_us = first.start_us(0);
    reader.sensors = SENSORS.iter().filter(|&&i| first.has_samples(i)).count();
    let offset_s =
        first.timezone_s.filter(|seconds| seconds.abs() <= FURTHEST_S).map(|seconds| seconds as i32);
    let start = match reader.zero_us {
        0 => Start::Unknown,
        us => Start::Utc { utc_ns: us.saturating_mul(1000), offset_s },
    };
    let serial = first.serial.clone().filter(|serial| options.identity && !serial.is_empty());
    let header = Header {
        device: Some("Empatica EmbracePlus".to_owned()),
        start,
        identity: serial.map(|serial| ("serial number".to_owned(), serial)).into_iter().collect(),
        sensors: (0..reader.sensors).map(|i| first.info(i)).collect(),
        conversions: vec!["counts by the scale of the file's imuParams".to_owned()],
        ..Header::default()
    };
    let reader = Box::new(reader);
    Ok(vec![Found { format: Format::EmbracePlus, dialect: None, because: String::new(), header, reader }])
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Codec {
    Null,
    Deflate,
}

#[derive(Debug, Default)]
struct Noticed {
    blocks: u64,
    /// Where the last of them begins.
    at: u64,
    /// Where the first damage is, and what.
    first: Option<(String, String)>,
    block: u64,
    damaged: u64,
}

impl Noticed {
    fn damage(&mut self, found: String) {
        if self.damaged == 0 {
            self.block = self.blocks - 1;
            self.first = Some((format!("block {} (byte {})", self.block, self.at), found));
        }
        self.damaged += 1;
    }
}

/// Gives out the samples of the records.
struct Sessions {
    bytes: Bytes,
    schema: Schema,
    codec: Codec,
    sync: [u8; SYNC],
    /// Where the first block begins, and where the next does.
    begin: u64,
    at: u64,
    /// The block that is being read, and how many records of it are left.
    block: Option<(Walk, u64)>,
    /// The record that is being given out, and how many samples of each sensor have been.
    given: Option<(Session, [usize; 2])>,
    zero_us: i64,
    sensors: usize,
    noticed: Noticed,
}

impl Sessions {
    /// Reads the container's header.
    fn new(bytes: &Bytes) -> Result<Self, Fault> {
        let wrong = |at: u64, stop: Stop| match stop {
            Stop::Io(error) => Fault::Io(error),
            Stop::Damage(found) => {
                Fault::damaged(format!("byte {at}"), found, "the header of an Avro container")
            }
        };
        let mut walk = Walk::new(Box::new(BufReader::with_capacity(BUFFER, bytes.reader())), bytes.len());
        let (mut schema, mut codec, mut sync) = (None, Codec::Null, [0; SYNC]);
        let mut header = |walk: &mut Walk| -> Result<Option<String>, Stop> {
            let mut magic = [0; 4];
            walk.fill(&mut magic)?;
            if magic != MAGIC {
                return Err(Stop::Damage(quoted(&magic)));
            }
            let mut entries = 0;
            loop {
                let count = walk.items()?;
                entries += count.min(MOST_ENTRIES + 1);
                if count == 0 || entries > MOST_ENTRIES {
                    break;
                }
                for _ in 0..count {
                    let text = |walk: &mut Walk| -> Result<Vec<u8>, Stop> {
                        let most = LONGEST_SCHEMA.min(bytes.len());
                        let mut text = vec![0; walk.length(most)? as usize];
                        walk.fill(&mut text)?;
                        Ok(text)
                    };
                    let (key, value) = (text(walk)?, text(walk)?);
                    match (key.as_slice(), value.as_slice()) {
                        (b"avro.schema", value) => schema = Some(Schema::parse(value).map_err(Stop::Damage)?),
                        (b"avro.codec", b"null") => codec = Codec::Null,
                        (b"avro.codec", b"deflate") => codec = Codec::Deflate,
                        (b"avro.codec", other) => return Ok(Some(quoted(other))),
                        _ => {}
                    }
                }
            }
            walk.fill(&mut sync)?;
            Ok(None)
        };
        let foreign = header(&mut walk).map_err(|stop| wrong(walk.at, stop))?;
        if let Some(codec) = foreign {
            return Err(Fault::Unsupported {
                what: format!("an Avro container compressed with {codec}"),
                hint: "write it with the codec null or deflate".to_owned(),
            });
        }
        let schema = schema.ok_or_else(|| wrong(walk.at, Stop::Damage("no schema".to_owned())))?;
        if !schema.has(&["rawData", "accelerometer", "x"]) {
            return Err(Fault::Unsupported {
                what: "an Avro container without acceleration".to_owned(),
                hint: "export the recording as CSV".to_owned(),
            });
        }
        Ok(Self {
            bytes: bytes.clone(),
            schema,
            codec,
            sync,
            begin: walk.at,
            at: walk.at,
            block: None,
            given: None,
            zero_us: 0,
            sensors: 1,
            noticed: Noticed::default(),
        })
    }

    /// The next record that can be read.
    fn next(&mut self) -> Result<Option<Session>, Fault> {
        loop {
            if let Some((walk, left)) = self.block.as_mut().filter(|block| block.1 > 0) {
                *left -= 1;
                let mut session = Session::default();
                match walk.value(&self.schema, Place::Root, &mut session) {
                    Ok(()) => match session.check() {
                        Ok(()) => return Ok(Some(session)),
                        Err(found) => self.noticed.damage(found),
                    },
                    Err(Stop::Io(error)) => return Err(Fault::Io(error)),
                    Err(Stop::Damage(found)) => {
                        self.block = None;
                        self.noticed.damage(found);
                    }
                }
                continue;
            }
            self.block = None;
            if self.at >= self.bytes.len() {
                return Ok(None);
            }
            self.next_block()?;
        }
    }

    /// Opens the next block if it is whole, else looks for the one behind it.
    fn next_block(&mut self) -> Result<(), Fault> {
        let at = self.at;
        let head = self.bytes.slice(at, BLOCK_HEADER);
        let mut walk =
            Walk::new(Box::new(BufReader::with_capacity(BLOCK_HEADER as usize, head.reader())), head.len());
        let numbers = walk.whole().and_then(|count| Ok((count, walk.length(u64::MAX)?)));
        self.noticed.blocks += 1;
        self.noticed.at = at;
        let begin = at + walk.at;
        let rest = self.bytes.len() - begin.min(self.bytes.len());
        let found = match numbers {
            Err(Stop::Io(error)) => return Err(Fault::Io(error)),
            Err(Stop::Damage(found)) => found,
            Ok((count, size)) if count < 0 || size > rest.saturating_sub(SYNC as u64) => {
                format!("{count} records in {size} bytes, where {rest} are left")
            }
            Ok((count, size)) => {
                if self.bytes.part(begin + size, SYNC)? == self.sync {
                    let packed = self.bytes.slice(begin, size);
                    self.at = begin + size + SYNC as u64;
                    let packed = BufReader::with_capacity(BUFFER, packed.reader());
                    let walk = match self.codec {
                        Codec::Null => Walk::new(Box::new(packed), size),
                        Codec::Deflate => {
                            let unpacked = flate2::bufread::DeflateDecoder::new(packed);
                            let unpacked = BufReader::with_capacity(BUFFER, unpacked);
                            Walk::new(Box::new(unpacked), size.saturating_mul(LARGEST_RATIO))
                        }
                    };
                    self.block = Some((walk, count.unsigned_abs()));
                    return Ok(());
                }
                "no mark of this file behind it".to_owned()
            }
        };
        self.noticed.damage(found);
        self.at = self.find(at + 1)?;
        Ok(())
    }

    /// Behind the next mark from a place on; the end of the file if there is none.
    fn find(&self, mut at: u64) -> Result<u64, Fault> {
        loop {
            let part = self.bytes.part(at, 4 * BUFFER)?;
            if let Some(found) = memmem::find(&part, &self.sync) {
                return Ok(at + (found + SYNC) as u64);
            }
            if at + part.len() as u64 >= self.bytes.len() || part.len() <= SYNC {
                return Ok(self.bytes.len());
            }
            at += (part.len() - SYNC + 1) as u64;
        }
    }
}

impl Reader for Sessions {
    fn rewind(&mut self) -> Result<(), Fault> {
        (self.at, self.block, self.given, self.noticed) = (self.begin, None, None, Noticed::default());
        Ok(())
    }

    fn read(&mut self, chunk: &mut Chunk) -> Result<bool, Fault> {
        chunk.clear(self.sensors);
        let (session, mut given) = match self.given.take() {
            Some(given) => given,
            None => match self.next()? {
                Some(session) => (session, [0; 2]),
                None => return Ok(false),
            },
        };
        let mut more = false;
        let seconds = session.seconds(CHUNK);
        for (i, part) in chunk.parts.iter_mut().enumerate() {
            more |= session.give(i, &mut given[i], seconds, self.zero_us, part);
        }
        self.given = more.then_some((session, given));
        Ok(true)
    }

    fn findings(&self) -> Vec<Finding> {
        let Noticed { first, block, damaged, .. } = &self.noticed;
        let finding = first.as_ref().map(|(place, found)| {
            let text = format!("{damaged} damaged blocks or records skipped, the first is {place}: {found}");
            let place = ambulo_signal::Place { line: Some(*block), ..ambulo_signal::Place::default() };
            Finding::new(FindingKind::File, Severity::Warning, text).at(place).times(*damaged)
        });
        finding.into_iter().collect()
    }
}

impl Visitor for Session {
    type Place = Place;

    fn field(&self, at: Place, name: &str) -> Place {
        at.field(name)
    }

    fn number(&mut self, at: Place, value: Number) -> Result<(), String> {
        self.set(at, value)
    }

    fn wants_text(&self, at: Place) -> bool {
        at == Place::Serial
    }

    fn text(&mut self, _: Place, text: &[u8]) {
        self.serial = Some(String::from_utf8_lossy(text).into_owned());
    }
}
