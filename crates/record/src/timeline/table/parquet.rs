//! Tables as Parquet, through the column API as elsewhere in the project.

use crate::timeline::Zero;
use parquet::basic::{Compression, Encoding, LogicalType, Repetition, Type as PhysicalType};
use parquet::data_type::{ByteArray, ByteArrayType, DataType, DoubleType, FloatType};
use parquet::errors::ParquetError;
use parquet::file::metadata::KeyValue;
use parquet::file::properties::{EnabledStatistics, WriterProperties};
use parquet::file::writer::{SerializedColumnWriter, SerializedFileWriter};
use parquet::schema::types::{ColumnPath, Type, TypePtr};
use std::io::{self, Write};
use std::sync::Arc;

/// Rows of a row group: 8 MB of a table with seven probabilities while it is collected.
pub(super) const GROUP: usize = 1 << 17;
/// Values that are encoded at a time.
const PIECE: usize = 1 << 14;
/// The key of the metadata that says which table it is.
const TABLE_KEY: &str = "ambulo.table";

/// What a column holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// A few texts again and again.
    Name,
    /// Times as ISO 8601, each a little after the one before; null where there is none.
    Moment,
    Double,
    Float,
}

/// Values of a column in the row group that is collected.
enum Values {
    Text { bytes: Vec<u8>, ends: Vec<u32>, null_if_empty: bool },
    Double(Vec<f64>),
    Float(Vec<f32>),
}

/// A file that is being written: values of a row into every column, then its end.
pub(super) struct ParquetTable<W: Write + Send> {
    writer: SerializedFileWriter<W>,
    columns: Vec<Values>,
    rows: usize,
    moment: String,
}

impl<W: Write + Send> ParquetTable<W> {
    pub(super) fn new(out: W, table: &str, columns: &[(String, Kind)]) -> io::Result<Self> {
        let mut properties = WriterProperties::builder()
            .set_compression(Compression::SNAPPY)
            .set_statistics_enabled(EnabledStatistics::Chunk)
            .set_key_value_metadata(Some(vec![KeyValue::new(TABLE_KEY.to_owned(), table.to_owned())]));
        for (name, kind) in columns {
            let encoding = match kind {
                Kind::Name => continue,
                // Of a time only the end differs from the one before.
                Kind::Moment => Encoding::DELTA_BYTE_ARRAY,
                // Exponents and first digits, which are alike, stand side by side.
                Kind::Double | Kind::Float => Encoding::BYTE_STREAM_SPLIT,
            };
            let path = ColumnPath::new(vec![name.clone()]);
            properties = properties
                .set_column_dictionary_enabled(path.clone(), false)
                .set_column_encoding(path, encoding);
        }
        let schema = schema(table, columns).map_err(io::Error::other)?;
        let writer =
            SerializedFileWriter::new(out, schema, Arc::new(properties.build())).map_err(io::Error::other)?;
        let text = |null_if_empty| Values::Text { bytes: Vec::new(), ends: Vec::new(), null_if_empty };
        let columns = columns.iter().map(|(_, kind)| match kind {
            Kind::Name => text(false),
            Kind::Moment => text(true),
            Kind::Double => Values::Double(Vec::new()),
            Kind::Float => Values::Float(Vec::new()),
        });
        Ok(Self { writer, columns: columns.collect(), rows: 0, moment: String::new() })
    }

    /// The row's value of a column of texts; of another one nothing.
    pub(super) fn text(&mut self, column: usize, value: &str) {
        if let Some(Values::Text { bytes, ends, .. }) = self.columns.get_mut(column) {
            bytes.extend_from_slice(value.as_bytes());
            // A name has at most a few hundred bytes, and a group 2^17 rows.
            ends.push(u32::try_from(bytes.len()).unwrap_or(u32::MAX));
        }
    }

    /// The row's value of a column of times.
    pub(super) fn moment(&mut self, column: usize, zero: Zero, time_ns: i64) {
        let mut moment = std::mem::take(&mut self.moment);
        moment.clear();
        zero.write_moment(time_ns, &mut moment);
        self.text(column, &moment);
        self.moment = moment;
    }

    pub(super) fn double(&mut self, column: usize, value: f64) {
        if let Some(Values::Double(values)) = self.columns.get_mut(column) {
            values.push(value);
        }
    }

    pub(super) fn float(&mut self, column: usize, value: f32) {
        if let Some(Values::Float(values)) = self.columns.get_mut(column) {
            values.push(value);
        }
    }

    /// Ends a row; every column has a value by now.
    pub(super) fn end_row(&mut self) -> io::Result<()> {
        self.rows += 1;
        if self.rows < GROUP { Ok(()) } else { self.write_group().map_err(io::Error::other) }
    }

    fn write_group(&mut self) -> Result<(), ParquetError> {
        let mut group = self.writer.next_row_group()?;
        for values in &mut self.columns {
            let mut column = group
                .next_column()?
                .ok_or_else(|| ParquetError::General("more columns than the schema names".into()))?;
            values.write(&mut column)?;
            column.close()?;
        }
        group.close()?;
        self.rows = 0;
        Ok(())
    }

    pub(super) fn finish(mut self) -> io::Result<W> {
        if self.rows > 0 {
            self.write_group().map_err(io::Error::other)?;
        }
        self.writer.into_inner().map_err(io::Error::other)
    }
}

impl Values {
    /// Writes all values, and forgets them.
    fn write(&mut self, column: &mut SerializedColumnWriter<'_>) -> Result<(), ParquetError> {
        match self {
            Self::Double(values) => {
                put::<DoubleType>(column, values)?;
                values.clear();
            }
            Self::Float(values) => {
                put::<FloatType>(column, values)?;
                values.clear();
            }
            Self::Text { bytes, ends, null_if_empty } => {
                // One allocation for all, of which each text is a part.
                let all = ByteArray::from(std::mem::take(bytes));
                let ends = std::mem::take(ends);
                let typed = column.typed::<ByteArrayType>();
                let mut from = 0;
                for piece in ends.chunks(PIECE) {
                    let mut texts = Vec::with_capacity(piece.len());
                    let mut levels = Vec::with_capacity(piece.len());
                    for &end in piece {
                        let length = end as usize - from;
                        let here = length > 0 || !*null_if_empty;
                        levels.push(i16::from(here));
                        if here {
                            texts.push(all.slice(from, length));
                        }
                        from = end as usize;
                    }
                    let levels = null_if_empty.then_some(levels.as_slice());
                    typed.write_batch(&texts, levels, None)?;
                }
            }
        }
        Ok(())
    }
}

fn put<T: DataType>(column: &mut SerializedColumnWriter<'_>, values: &[T::T]) -> Result<(), ParquetError> {
    let typed = column.typed::<T>();
    for piece in values.chunks(PIECE) {
        typed.write_batch(piece, None, None)?;
    }
    Ok(())
}

fn schema(table: &str, columns: &[(String, Kind)]) -> Result<TypePtr, ParquetError> {
    let column = |(name, kind): &(String, Kind)| {
        let (physical, repetition, logical) = match kind {
            Kind::Name => (PhysicalType::BYTE_ARRAY, Repetition::REQUIRED, Some(LogicalType::String)),
            Kind::Moment => (PhysicalType::BYTE_ARRAY, Repetition::OPTIONAL, Some(LogicalType::String)),
            Kind::Double => (PhysicalType::DOUBLE, Repetition::REQUIRED, None),
            Kind::Float => (PhysicalType::FLOAT, Repetition::REQUIRED, None),
        };
        Type::primitive_type_builder(name, physical)
            .with_repetition(repetition)
            .with_logical_type(logical)
            .build()
            .map(Arc::new)
    };
    let fields = columns.iter().map(column).collect::<Result<Vec<_>, _>>()?;
    Type::group_type_builder(table).with_fields(fields).build().map(Arc::new)
}
