//! GENEActiv, exported as text: 100 lines about the device and the person, then rows without a line of names.

use super::{clock_ns, offset_s, page, placement};
use crate::container::Input;
use crate::error::Fault;
use crate::options::{Format, ReadOptions, Units};
use crate::plan::Facts;
use crate::reader::Found;
use crate::table;
use crate::text::{self, TextKind};
use crate::time::{DateOrder, TimeFormat};
use ambulo_signal::Unit;

/// Bytes that the lines before the rows fit in many times.
const HEAD: usize = 64 << 10;
/// Lines before the rows at the most; there are 100.
const MOST_LINES: usize = 400;
const NAMES: [&str; 7] = ["time", "acc x", "acc y", "acc z", "lux", "button", "temperature"];
/// Averages stand at least so far apart.
const EPOCH_NS: i64 = 1_000_000_000;

/// Why the first bytes are of this format.
pub(crate) fn sign(head: &[u8]) -> Option<String> {
    head.starts_with(b"Device Type,GENEActiv").then(|| "it begins with \"Device Type,GENEActiv\"".to_owned())
}

/// Opens the recording in it.
pub(crate) fn open(input: &Input, options: &ReadOptions) -> Result<Vec<Found>, Fault> {
    let head = input.bytes.head(HEAD)?;
    let lines: Vec<&[u8]> = text::lines(&head, TextKind::of(&head).end).take(MOST_LINES + 2).collect();
    let time = |line: &[u8]| clock_ns(line.split(|&c| c == b',').next().unwrap_or_default());
    let Some(first) = lines.iter().take(MOST_LINES).position(|line| time(line).is_some()) else {
        return Err(Fault::NoRows("no row behind the header of a GENEActiv".to_owned()));
    };
    let (before, rows) = lines.split_at(first);
    let cells = rows[0].split(|&c| c == b',').count();
    let times: Vec<i64> = rows.iter().take(4).filter_map(|row| time(row)).collect();
    // The smallest: raw rows may have a gap between them.
    let step_ns = times.windows(2).map(|pair| pair[1].saturating_sub(pair[0])).min().unwrap_or(0);
    if cells > NAMES.len() + 1 || step_ns >= EPOCH_NS {
        return Err(Fault::NotARecording {
            what: format!(
                "GENEActiv averages with {cells} columns, a row every {} s",
                step_ns as f64 / EPOCH_NS as f64
            ),
            hint: "use the device's own .bin file, or convert it to CSV without epoch compression".to_owned(),
        });
    }
    let field = |name: &str| {
        let fields = before.iter().filter_map(|line| std::str::from_utf8(line).ok()?.split_once(','));
        fields.into_iter().find(|field| field.0 == name).map(|field| field.1.trim())
    };
    let in_g = field("Units").is_none_or(|unit| unit == "g");
    let facts = Facts {
        lines: first,
        names: NAMES.map(str::to_owned).to_vec(),
        rate_hz: field("Measurement Frequency").and_then(|rate| page::rate(rate.as_bytes())),
        units: if in_g { Units::default().with(Unit::G) } else { Units::default() },
        unit_because: if in_g { "the format's own: GENEActiv exports g".to_owned() } else { String::new() },
        time: Some(TimeFormat::Text(DateOrder::YearMonthDay)),
        offset_s: field("Time Zone").and_then(offset_s),
        ..Facts::default()
    };
    let mut found = table::open_with(input, options, Format::GeneActivCsv, facts)?;
    found.header.device = Some("GENEActiv".to_owned());
    found.header.placement =
        found.header.placement.or_else(|| field("Device Location Code").and_then(placement));
    if options.identity
        && let Some(serial) = field("Device Unique Serial Code").filter(|serial| !serial.is_empty())
    {
        found.header.identity.push(("serial number".to_owned(), serial.to_owned()));
    }
    Ok(vec![found])
}
