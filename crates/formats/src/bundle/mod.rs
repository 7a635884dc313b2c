//! Recordings that are several files: a table for each sensor, in a folder or an archive.

mod claim;
mod join;
mod metamotion;
mod phyphox;
mod sensor_logger;

use crate::container::Member;
use crate::error::Fault;
use crate::options::{Format, ReadOptions};
use crate::reader::Found;
use crate::table::split::{Separator, split};
pub(crate) use claim::claim;

/// Files that belong together.
#[derive(Clone, Debug)]
pub(crate) struct Bundle {
    pub(crate) format: Format,
    pub(crate) members: Vec<Member>,
    /// The folder that holds them, below the one that was searched; empty at the top.
    pub(crate) folder: String,
    /// What their names have in common, where a folder holds several.
    pub(crate) stem: String,
}

/// Opens the recordings in them.
///
/// # Errors
/// Those of the files, which name the file.
pub(crate) fn open(bundle: &Bundle, options: &ReadOptions) -> Result<Vec<Found>, Fault> {
    match bundle.format {
        Format::SensorLogger => sensor_logger::open(&bundle.members, options),
        Format::Phyphox => phyphox::open(&bundle.members, options),
        Format::MetaMotion => metamotion::open(&bundle.members, options),
        _ => e4(&bundle.members, options),
    }
}

/// The accelerometer of an Empatica E4; its other files hold other things.
fn e4(members: &[Member], options: &ReadOptions) -> Result<Vec<Found>, Fault> {
    let acc = members.iter().find(|member| claim::stem(member) == "acc");
    let acc = acc.ok_or_else(|| Fault::NoRows("there is no ACC.csv".to_owned()))?;
    crate::recognise::open(&acc.input()?, options).map_err(|fault| fault.in_member(&acc.name))
}

/// The cells of a small table of facts, row by row.
fn small_table(member: &Member) -> Result<Vec<Vec<String>>, Fault> {
    const LARGEST: usize = 1 << 20;
    let bytes = member.input()?.bytes.head(LARGEST)?;
    let text = String::from_utf8_lossy(bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&bytes)).into_owned();
    // Spreadsheets save what had commas with the separator of their country.
    let first = text.lines().next().unwrap_or_default();
    let count = |sign: char| first.matches(sign).count();
    let sign = [b',', b';', b'\t'].into_iter().max_by_key(|&sign| count(char::from(sign))).unwrap_or(b',');
    let mut rows = Vec::new();
    for line in text.lines().filter(|line| !line.trim().is_empty()) {
        let mut cells = Vec::new();
        split(line.as_bytes(), Separator::Byte(sign), &mut cells);
        rows.push(cells.iter().map(|cell| String::from_utf8_lossy(cell).trim().to_owned()).collect());
    }
    Ok(rows)
}
