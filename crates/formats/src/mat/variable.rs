//! Variables of a MATLAB 5 file: what each is, and the numbers of one.

use super::element::{COMPRESSED, Elements, LAST_TYPE, MATRIX, Order, Storage, TAG, Tag, fault};
use crate::bytes::Bytes;
use crate::container;
use crate::error::{Fault, Need, quoted};
use flate2::read::ZlibDecoder;
use std::io::{BufReader, Read};

/// Bytes of the file's header.
pub(super) const HEADER: u64 = 128;
/// Bytes of a name, and dimensions of an array, as far as they are believed.
const LONGEST_NAME: u64 = 256;
const MOST_DIMENSIONS: usize = 32;
/// Bytes of one array, which is read whole: it is stored by columns, and samples are rows.
const LARGEST: u64 = 1 << 30;
/// Variables that are remembered, and those that a message lists.
const MOST: usize = 4096;
const LISTED: usize = 20;

/// What a variable is.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Head {
    pub(super) name: String,
    class: u8,
    complex: bool,
    dimensions: Vec<u64>,
}

/// Classes of arrays with numbers in them: double, single, and whole ones of 8 to 64 bits.
const NUMERIC: std::ops::RangeInclusive<u8> = 6..=15;

impl Head {
    /// Rows and columns, where it is a matrix of numbers.
    fn matrix(&self) -> Option<(u64, u64)> {
        match self.dimensions[..] {
            [rows, columns] if NUMERIC.contains(&self.class) && !self.complex => Some((rows, columns)),
            _ => None,
        }
    }

    /// For messages.
    fn shown(&self) -> String {
        let size: Vec<String> = self.dimensions.iter().map(u64::to_string).collect();
        let what = match self.class {
            1 => "cells, ",
            2 => "a struct, ",
            3 => "an object, ",
            4 => "text, ",
            5 => "sparse, ",
            6..=15 if self.complex => "complex, ",
            6..=15 => "",
            _ => "no numbers, ",
        };
        format!("{} ({what}{})", quoted(self.name.as_bytes()), size.join(" x "))
    }
}

/// A matrix of numbers as it is stored: column by column.
#[derive(Debug)]
pub(super) struct Variable {
    pub(super) name: String,
    pub(super) rows: usize,
    pub(super) columns: usize,
    storage: Storage,
    order: Order,
    bytes: Vec<u8>,
}

impl Variable {
    /// A value; NaN outside.
    pub(super) fn value(&self, row: usize, column: usize) -> f64 {
        let width = self.storage.width();
        let at = column.saturating_mul(self.rows).saturating_add(row).saturating_mul(width);
        let bytes = if row < self.rows && column < self.columns { self.bytes.get(at..) } else { None };
        self.storage.number(bytes.unwrap_or_default(), self.order)
    }
}

/// What stands behind the tag of an array: what it is, and its numbers where they are wanted.
fn array(
    elements: &mut Elements<'_>,
    order: Order,
    wanted: &dyn Fn(&Head) -> bool,
    packed: u64,
) -> Result<(Head, Option<Variable>), Fault> {
    let flags = elements.tag()?;
    let flags = elements.content(flags, 16)?;
    let Some(flags) = order.u32(&flags) else {
        return Err(elements.damaged("no flags of an array", "its class"));
    };
    let (class, complex) = ((flags & 0xff) as u8, flags & 0x0800 != 0);
    let tag = elements.tag()?;
    let stored = elements.content(tag, 4 * MOST_DIMENSIONS as u64)?;
    // Objects of classes that are not documented have other things here.
    let dimensions = stored.chunks_exact(4).filter_map(|bytes| order.u32(bytes)).map(u64::from).collect();
    let name = elements.tag()?;
    let name = elements.content(name, LONGEST_NAME)?;
    let name = String::from_utf8_lossy(&name).trim_end_matches('\0').to_owned();
    let head = Head { name, class, complex, dimensions };
    let Some((rows, columns)) = head.matrix().filter(|_| wanted(&head)) else { return Ok((head, None)) };
    elements.place = format!("variable {}", quoted(head.name.as_bytes()));
    let tag = elements.tag()?;
    let Some(storage) = Storage::of(tag.kind) else {
        return Err(elements.damaged(format!("numbers of type {}", tag.kind), "one of the types of numbers"));
    };
    let expected = rows.checked_mul(columns).and_then(|n| n.checked_mul(storage.width() as u64));
    let Some(expected) = expected.filter(|bytes| *bytes <= LARGEST) else {
        return Err(Fault::Unsupported {
            what: format!("a MATLAB file whose variable {} is larger than 1 GiB", head.shown()),
            hint: "write it in parts, or as CSV or Parquet".to_owned(),
        });
    };
    if expected != tag.len {
        let found = format!("{} bytes for {rows} x {columns} numbers", tag.len);
        return Err(elements.damaged(found, &format!("{expected} bytes")));
    }
    if container::is_bomb(expected, packed) {
        let found = format!("{expected} bytes in {packed} compressed ones");
        return Err(elements.damaged(found, "samples, not a decompression bomb"));
    }
    let bytes = elements.content(tag, LARGEST)?;
    let (rows, columns) = (rows as usize, columns as usize);
    let variable = Variable { name: head.name.clone(), rows, columns, storage, order, bytes };
    Ok((head, Some(variable)))
}

/// Goes through the variables of a file until one is wanted; those before it are heads alone.
fn walk(
    bytes: &Bytes,
    order: Order,
    wanted: &dyn Fn(&Head) -> bool,
) -> Result<(Vec<Head>, Option<Variable>), Fault> {
    let mut heads = Vec::new();
    let mut at = HEADER;
    while at < bytes.len() {
        let place = format!("byte {at}");
        let tag = bytes.part(at, TAG as usize)?;
        let Ok(tag) = <[u8; 8]>::try_from(tag) else {
            return Err(Fault::damaged(place, "the file is cut short", "a data element"));
        };
        let tag = Tag::of(tag, order, &place)?;
        if tag.kind == 0 || tag.kind > LAST_TYPE {
            let found = format!("an element of type {}", tag.kind);
            return Err(Fault::damaged(place, found, "a data element"));
        }
        at += TAG;
        let next = at + if tag.small.is_some() { 0 } else { tag.len };
        let content = bytes.slice(at, tag.len);
        let packed = content.len();
        let mut plain = BufReader::with_capacity(packed.clamp(TAG, 64 << 10) as usize, content.reader());
        let found = match tag.kind {
            MATRIX if tag.small.is_none() => {
                let mut elements = Elements::new(&mut plain, order, tag.len, place);
                Some(array(&mut elements, order, wanted, u64::MAX)?)
            }
            COMPRESSED if tag.small.is_none() => {
                let mut unpacked = ZlibDecoder::new(plain);
                let mut inner = [0; 8];
                unpacked.read_exact(&mut inner).map_err(|error| fault(&place, error))?;
                let inner = Tag::of(inner, order, &place)?;
                match inner.kind {
                    MATRIX if inner.small.is_none() => {
                        let mut elements = Elements::new(&mut unpacked, order, inner.len, place);
                        Some(array(&mut elements, order, wanted, packed)?)
                    }
                    _ => None,
                }
            }
            _ => None,
        };
        match found {
            Some((head, None)) if heads.len() < MOST => heads.push(head),
            Some((head, Some(variable))) => {
                heads.push(head);
                return Ok((heads, Some(variable)));
            }
            _ => {}
        }
        // Arrays count their padding, and what is compressed has none.
        let padded = !matches!(tag.kind, MATRIX | COMPRESSED) && tag.small.is_none();
        at = if padded { next.next_multiple_of(TAG) } else { next };
    }
    Ok((heads, None))
}

/// Finds a variable by its name, or the only one that can be samples.
///
/// # Errors
/// A damaged file; none or several that could be meant.
pub(super) fn find(bytes: &Bytes, order: Order, name: Option<&str>) -> Result<Variable, Fault> {
    let by_name = |name: &str| walk(bytes, order, &|head: &Head| head.name == name);
    let (heads, found) = match name {
        Some(name) => by_name(name)?,
        None => {
            let (heads, _) = walk(bytes, order, &|_| false)?;
            // Three axes, and more than one sample.
            let samples = |head: &&Head| head.matrix().is_some_and(|(rows, columns)| rows > 1 && columns > 2);
            let mut all = heads.iter().filter(samples);
            match (all.next().map(|head| head.name.clone()), all.next()) {
                (Some(only), None) => by_name(&only)?,
                _ => (heads, None),
            }
        }
    };
    if let Some(found) = found {
        return Ok(found);
    }
    let list = if heads.is_empty() {
        "there are none".to_owned()
    } else {
        let shown: Vec<String> = heads.iter().take(LISTED).map(Head::shown).collect();
        format!("there are {}{}", shown.join(", "), if heads.len() > LISTED { ", …" } else { "" })
    };
    let other = name.and_then(|name| heads.iter().find(|head| head.name == name));
    let text = match (name, other) {
        (_, Some(other)) => format!("variable {} is no matrix of real numbers: {list}", other.shown()),
        (Some(name), None) => format!("there is no variable {}: {list}", quoted(name.as_bytes())),
        (None, None) => {
            format!("which variable holds the samples is not known: {list}\nhint: say which one")
        }
    };
    Err(Fault::needs(Need::Variable, text))
}
