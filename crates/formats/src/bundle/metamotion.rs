//! MbientLab MetaMotion: a table for each sensor, with clocks of their own.

use super::join::{Table, join};
use crate::container::Member;
use crate::error::Fault;
use crate::options::{Format, ReadOptions};
use crate::reader::Found;
use crate::table;

pub(super) fn open(members: &[Member], options: &ReadOptions) -> Result<Vec<Found>, Fault> {
    let tables = members.iter().map(|member| {
        let input = member.input()?;
        let (found, origin_ns) =
            table::open_with_origin(&input, options).map_err(|fault| fault.in_member(&member.name))?;
        Ok(Table { name: sensor(member), found, origin_ns })
    });
    let tables = tables.collect::<Result<Vec<Table>, Fault>>()?;
    let because = format!("MetaMotion: {} tables begin with a column of epochs", tables.len());
    Ok(vec![join(tables, Format::MetaMotion, because)])
}

/// What a table is called: without the address of the device that its name holds.
fn sensor(member: &Member) -> String {
    let name = member.split().1;
    let words = ["Accelerometer", "Gyroscope", "Magnetometer"];
    let lower = name.to_lowercase();
    words.into_iter().find(|word| lower.contains(&word.to_lowercase())).unwrap_or("table").to_owned()
}
