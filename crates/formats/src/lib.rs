//! Readers of recordings: one module for each format, recognised by content, never by a file's name.
//!
//! A reader gives timed samples and facts about them: which sensors there are, the units that the file states, when it began,
//! what was converted and what was noticed. It judges nothing else: units that are not stated, clocks, gaps and rest are the
//! business of whoever takes the samples. It knows no labels and no people.
//!
//! [`open`] gives each recording in a file as an [`Opened`], a [`Source`](ambulo_signal::Source) that is pulled in chunks, so
//! that memory does not grow with the file.
//!
//! ```
//! use ambulo_formats::{ReadOptions, open};
//! use ambulo_signal::{Chunk, Sensor, Source, Start, Unit};
//!
//! # let folder = tempfile::tempdir()?;
//! # let path = folder.path().join("walk.csv");
//! let table = "time (s);acc x (m/s²);acc y (m/s²);acc z (m/s²)\n0,00;9,73;-3,07;0,96\n0,02;9,69;-3,06;0,91\n";
//! std::fs::write(&path, table)?;
//!
//! for mut recording in open(&path, &ReadOptions::default())? {
//!     println!("{}: {}", recording.format(), recording.because());
//!     assert_eq!(recording.header().sensors[0].sensor, Sensor::Accelerometer);
//!     assert_eq!(recording.header().sensors[0].unit, Some(Unit::MetresPerSecondSquared));
//!     assert_eq!(recording.header().start, Start::Unknown);
//!     let mut chunk = Chunk::default();
//!     let (mut times, mut values) = (Vec::<i64>::new(), Vec::<[f32; 3]>::new());
//!     while recording.read(&mut chunk)? {
//!         times.extend(&chunk.parts[0].times_ns);
//!         values.extend(&chunk.parts[0].values);
//!     }
//!     assert_eq!(times, [0, 20_000_000]);
//!     assert_eq!(values[1], [9.69, -3.06, 0.91]);
//! }
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! [`LiveReader`] reads a recording that is still going on, line by line.
//!
//! What a file does not say is declared in [`ReadOptions`]; where something is missing, [`FormatError::kind`] names it.

mod actigraph;
mod axivity;
mod bundle;
mod bytes;
mod columns;
mod combine;
mod container;
mod dialects;
mod digits;
mod empatica;
mod error;
mod geneactiv;
mod json;
mod live;
mod mat;
mod matrix;
mod names;
mod number;
mod opened;
mod options;
mod parquet_file;
mod plan;
mod reader;
mod recognise;
mod search;
mod sensor_logger;
mod table;
mod text;
mod texts;
mod time;
mod timing;

pub use columns::{ColumnRef, Columns};
pub use dialects::Dialects;
pub use error::{ErrorKind, FormatError, Need, OptionError};
pub use live::{BadLine, LiveReader, LiveSample, LiveState, Taken};
pub use mat::{MatMatrix, read_mat_matrix, read_mat_matrix_bytes};
pub use opened::{Opened, TextRun};
pub use options::{Format, ReadOptions, Units};
pub use parquet_file::write::{ConvertError, Converted, convert, stands_in_the_way};
pub use search::{Candidate, open, open_bytes, search};
pub use time::{DateOrder, TimeFormat, TimeUnit};
