//! MATLAB `.mat` of version 5 (also 6 and 7): matrices of numbers. Text, cells, structs and the like are passed over.

mod element;
mod source;
mod variable;

use crate::container::Input;
use crate::error::{Fault, FormatError};
use crate::number::Point;
use crate::options::{Format, ReadOptions};
use crate::plan::{self, Sample, SampleRow, TimePlan};
use crate::reader::Found;
use element::Order;
use source::MatReader;
use std::path::Path;
use std::sync::Arc;

/// Rows that are looked at.
const SAMPLE: usize = 1000;
/// Columns that are looked at; a recording has fewer.
const MOST_COLUMNS: usize = 512;

const NEWER: &[u8] = b"MATLAB 7.3 MAT-file";

/// Why the first bytes are of this format, or of a version of it that is refused by name.
pub(crate) fn sign(head: &[u8]) -> Option<String> {
    let text = head.starts_with(b"MATLAB 5.0 MAT-file") || head.starts_with(NEWER);
    if text || order(head).is_some_and(|_| head.starts_with(b"MATLAB")) {
        return Some("it begins with the header of a MATLAB file".to_owned());
    }
    is_version_4(head).then(|| "it begins with a matrix of a MATLAB 4 file".to_owned())
}

/// The order of bytes, where version and mark of a header stand.
fn order(head: &[u8]) -> Option<Order> {
    match head.get(124..128)? {
        [_, 1, b'I', b'M'] => Some(Order::Little),
        [1, _, b'M', b'I'] => Some(Order::Big),
        _ => None,
    }
}

/// Whether a file begins with a matrix of version 4: type, rows, columns, whether it is complex, and the length of the name behind.
fn is_version_4(head: &[u8]) -> bool {
    const LONGEST_NAME: usize = 64;
    [Order::Little, Order::Big].into_iter().any(|order| {
        let number = |i: usize| head.get(4 * i..).and_then(|bytes| order.u32(bytes));
        let (Some(kind), Some(rows), Some(columns), Some(complex), Some(name)) =
            (number(0), number(1), number(2), number(3), number(4))
        else {
            return false;
        };
        // In decimal digits: machine, nothing, type of numbers, type of matrix.
        let digits = [kind / 1000, kind / 100 % 10, kind / 10 % 10, kind % 10];
        let fits = digits[0] <= 4 && digits[1] == 0 && digits[2] <= 5 && digits[3] <= 2;
        let name = head.get(20..20 + (name as usize).min(LONGEST_NAME + 1)).unwrap_or_default();
        let Some((0, name)) = name.split_last() else { return false };
        let word = |name: &[u8]| {
            name.first().is_some_and(u8::is_ascii_alphabetic)
                && name.iter().all(|c| c.is_ascii_alphanumeric() || *c == b'_')
        };
        fits && rows > 0 && columns > 0 && complex <= 1 && word(name)
    })
}

/// Checks that it is a file of version 5, and tells the order of its bytes.
fn header(head: &[u8]) -> Result<Order, Fault> {
    if head.starts_with(NEWER) || head.starts_with(b"\x89HDF") {
        return Err(Fault::Unsupported {
            what: "a MATLAB file of version 7.3, which is HDF5".to_owned(),
            hint: "write it in version 7: save(\"file.mat\", \"-v7\"), or as CSV or Parquet".to_owned(),
        });
    }
    if is_version_4(head) {
        return Err(Fault::Unsupported {
            what: "a MATLAB file of version 4".to_owned(),
            hint: "write it in version 7: save(\"file.mat\", \"-v7\"), or as CSV or Parquet".to_owned(),
        });
    }
    order(head).ok_or_else(|| {
        let found = "neither the version nor the order of bytes of a MATLAB 5 file";
        Fault::damaged("byte 124", found, "0x0100 and MI")
    })
}

fn find(input: &Input, name: Option<&str>) -> Result<variable::Variable, Fault> {
    let order = header(&input.bytes.head(variable::HEADER as usize)?)?;
    variable::find(&input.bytes, order, name)
}

/// Opens the recording in a variable: a row for each sample, its columns as in a table without a header.
pub(crate) fn open(input: &Input, options: &ReadOptions) -> Result<Vec<Found>, Fault> {
    let variable = find(input, options.variable.as_deref())?;
    if variable.rows == 0 || variable.columns == 0 {
        let found = format!("variable `{}` is {} x {}", variable.name, variable.rows, variable.columns);
        return Err(Fault::NoRows(found));
    }
    let columns = variable.columns.min(MOST_COLUMNS);
    let head = variable.rows.min(SAMPLE);
    let cell = |row: usize, column: usize| {
        let value = variable.value(row, column);
        if value.is_nan() { Vec::new() } else { value.to_string().into_bytes() }
    };
    let row = |row: usize| SampleRow {
        line: row as u64 + 1,
        cells: (0..columns).map(|column| cell(row, column)).collect(),
    };
    let last = head.max(variable.rows.saturating_sub(SAMPLE))..variable.rows;
    let sample = Sample {
        columns,
        rows: (0..head).chain(last).map(row).collect(),
        head,
        file_name: input.name.clone(),
        ..Sample::default()
    };
    let plan = plan::decide(&sample, Point::DOT, options)?;
    let because = format!(
        "a MATLAB 5 file with a variable `{}` of {} rows and {} columns",
        variable.name, variable.rows, variable.columns
    );
    let reader = MatReader::new(Arc::new(variable), &plan);
    Ok(vec![plan.found(Format::Mat, because, Box::new(reader))])
}

/// A matrix of a MATLAB file, such as the labels beside samples.
#[derive(Clone, Debug, PartialEq)]
pub struct MatMatrix {
    /// Rows.
    pub rows: usize,
    /// Columns.
    pub columns: usize,
    /// Values row by row: `[row * columns + column]`.
    pub values: Vec<f64>,
}

fn matrix(input: &Input, variable: &str) -> Result<MatMatrix, Fault> {
    let found = find(input, Some(variable))?;
    let (rows, columns) = (found.rows, found.columns);
    let all = (0..rows).flat_map(|row| (0..columns).map(move |column| (row, column)));
    let values = all.map(|(row, column)| found.value(row, column)).collect();
    Ok(MatMatrix { rows, columns, values })
}

/// Reads a matrix of real numbers of any type from a MATLAB file of version 5 to 7. It is held in memory whole.
///
/// # Errors
/// A file that cannot be read, of another version or damaged; a variable that is not there or no such matrix, with a list of those
/// that there are.
pub fn read_mat_matrix(path: impl AsRef<Path>, variable: &str) -> Result<MatMatrix, FormatError> {
    let path = path.as_ref();
    Input::open(path).and_then(|input| matrix(&input, variable)).map_err(|fault| fault.of(path))
}

/// The same of a file's bytes, such as a member of an archive; the name is for messages.
///
/// # Errors
/// Those of [`read_mat_matrix`].
pub fn read_mat_matrix_bytes(name: &str, bytes: Vec<u8>, variable: &str) -> Result<MatMatrix, FormatError> {
    let read = Input::of_memory(name, bytes).and_then(|input| matrix(&input, variable));
    read.map_err(|fault| fault.of(Path::new(name)))
}
