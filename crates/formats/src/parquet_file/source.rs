//! A Parquet file as a source: rows put together from columns that are decoded by threads of their own.

use super::bulk::Decoded;
use super::column::Kind;
use super::workers::Workers;
use crate::bytes::Bytes;
use crate::error::Fault;
use crate::opened::TextRun;
use crate::reader::Reader;
use crate::texts::{RowTexts, Runs};
use crate::time::TimeReader;
use crate::timing::{Batch, NO_TIME, Timing};
use ambulo_signal::{Chunk, Finding, FindingKind, Place, Severity};
use parquet::file::reader::{FileReader, SerializedFileReader};
use std::sync::Arc;

/// What a column is read for.
#[derive(Clone, Copy, Debug)]
pub(super) enum Use {
    Time(TimeReader),
    Axis {
        sensor: usize,
        axis: usize,
    },
    /// Its place among the columns whose texts are handed on.
    Text(usize),
}

/// A column that is read.
#[derive(Clone, Copy, Debug)]
pub(super) struct Wanted {
    pub(super) index: usize,
    pub(super) kind: Kind,
    /// Definition level of a value that is there.
    pub(super) levels: i16,
    pub(super) what: Use,
}

/// The file and the columns that are read from it, for all threads.
pub(super) struct Job {
    pub(super) file: SerializedFileReader<Bytes>,
    pub(super) raw: Bytes,
    pub(super) wanted: Vec<Wanted>,
}

/// Reads the rows of a Parquet file.
pub(crate) struct ParquetReader {
    job: Arc<Job>,
    /// From the first read to the end.
    workers: Option<Workers>,
    threads: usize,
    sensors: usize,
    timing: Timing,
    group: usize,
    /// Whether the columns of the row group are open.
    open: bool,
    rows: u64,
    no_time: u64,
    first_no_time: u64,
    texts: Runs,
    ended: bool,
}

impl ParquetReader {
    pub(super) fn new(
        file: SerializedFileReader<Bytes>,
        raw: Bytes,
        wanted: Vec<Wanted>,
        sensors: usize,
        timing: Timing,
    ) -> Self {
        Self {
            job: Arc::new(Job { file, raw, wanted }),
            workers: None,
            threads: std::thread::available_parallelism().map_or(1, |n| n.get().min(4)),
            sensors,
            timing,
            group: 0,
            open: false,
            rows: 0,
            no_time: 0,
            first_no_time: 0,
            texts: Runs::default(),
            ended: false,
        }
    }

    /// The next rows; none at the end.
    fn batch(&mut self, batch: &mut Batch) -> Result<(), Fault> {
        while batch.rows == 0 {
            if !self.open && self.group == self.job.file.num_row_groups() {
                self.ended = true;
                self.workers = None;
                return Ok(());
            }
            let workers = match &mut self.workers {
                Some(workers) => workers,
                none => none.insert(Workers::start(&self.job, self.threads)?),
            };
            if !self.open {
                workers.opened()?;
                self.open = true;
            }
            let pieces = workers.pieces()?;
            self.assemble(pieces, batch)?;
            if batch.rows == 0 {
                self.open = false;
                self.group += 1;
            }
        }
        Ok(())
    }

    /// Puts the next piece of each column together.
    fn assemble(&mut self, pieces: Vec<Result<Decoded, Fault>>, batch: &mut Batch) -> Result<(), Fault> {
        let mut axes: Vec<[Vec<f32>; 3]> = vec![Default::default(); self.sensors];
        let mut rows = None;
        let mut texts: Vec<Vec<(usize, Arc<str>)>> = Vec::new();
        for (wanted, piece) in self.job.wanted.iter().zip(pieces) {
            let place = || format!("row group {}, column {}", self.group, wanted.index + 1);
            let piece = piece?;
            let read = piece.len();
            match (piece, wanted.what) {
                (Decoded::Times { order: Some(row), .. }, _) => {
                    let found = format!("a date in row {}", self.rows + row as u64 + 1);
                    return Err(Fault::damaged(place(), found, "day and month in the order of the others"));
                }
                (Decoded::Times { times, .. }, _) => batch.times = times,
                (Decoded::Values(values), Use::Axis { sensor, axis }) => axes[sensor][axis] = values,
                (Decoded::Texts { runs, .. }, Use::Text(place)) => {
                    texts.resize(texts.len().max(place + 1), Vec::new());
                    texts[place] = runs;
                }
                (Decoded::Values(_) | Decoded::Texts { .. }, _) => {}
            }
            if *rows.get_or_insert(read) != read {
                let found = format!("{read} values where the columns before have {}", rows.unwrap_or(0));
                return Err(Fault::damaged(place(), found, "as many values as rows"));
            }
        }
        batch.rows = rows.unwrap_or(0);
        for (values, [x, y, z]) in batch.values.iter_mut().zip(&axes) {
            values.extend(x.iter().zip(y).zip(z).map(|((&x, &y), &z)| [x, y, z]));
        }
        for (i, _) in batch.times.iter().enumerate().filter(|(_, time)| **time == NO_TIME) {
            if self.no_time == 0 {
                self.first_no_time = self.rows + i as u64 + 1;
            }
            self.no_time += 1;
        }
        self.rows += batch.rows as u64;
        self.texts.add(batch.rows, side_by_side(&texts));
        Ok(())
    }
}

/// Columns of texts that change in rows of their own as rows of texts.
fn side_by_side(columns: &[Vec<(usize, Arc<str>)>]) -> Vec<RowTexts> {
    let mut rows: Vec<usize> = columns.iter().flatten().map(|change| change.0).collect();
    rows.sort_unstable();
    rows.dedup();
    let mut next: Vec<_> = columns.iter().map(|column| column.iter().peekable()).collect();
    let mut texts: Vec<Arc<str>> = vec![Arc::from(""); columns.len()];
    rows.into_iter()
        .map(|row| {
            for (text, next) in texts.iter_mut().zip(&mut next) {
                if let Some((_, changed)) = next.next_if(|change| change.0 == row) {
                    *text = Arc::clone(changed);
                }
            }
            (row, texts.clone())
        })
        .collect()
}

impl Reader for ParquetReader {
    fn rewind(&mut self) -> Result<(), Fault> {
        (self.group, self.rows, self.no_time, self.ended) = (0, 0, 0, false);
        (self.open, self.workers) = (false, None);
        self.texts = Runs::default();
        self.timing.rewind();
        Ok(())
    }

    fn read(&mut self, chunk: &mut Chunk) -> Result<bool, Fault> {
        chunk.clear(self.sensors);
        if self.ended {
            return Ok(false);
        }
        let mut batch = Batch::reusing(chunk);
        if let Err(fault) = self.batch(&mut batch) {
            // Nothing more comes of it.
            (self.ended, self.workers) = (true, None);
            return Err(fault);
        }
        self.timing.give(batch, self.ended, chunk)?;
        Ok(!self.ended || chunk.parts.iter().any(|part| !part.is_empty()))
    }

    fn findings(&self) -> Vec<Finding> {
        let mut all = Vec::new();
        if self.no_time > 0 {
            let text = format!(
                "{} rows have no time, the first is row {}; {} times taken from the rows around",
                self.no_time,
                self.first_no_time,
                self.timing.filled_in()
            );
            let place = Place { line: Some(self.first_no_time), ..Place::default() };
            all.push(Finding::new(FindingKind::Clock, Severity::Warning, text).at(place).times(self.no_time));
        }
        all.extend(self.timing.findings());
        all
    }

    fn take_texts(&mut self) -> Vec<TextRun> {
        self.texts.take(self.timing.given())
    }
}

#[cfg(test)]
mod tests {
    use super::super::plan;
    use super::*;
    use crate::container::Input;
    use crate::options::ReadOptions;
    use parquet::data_type::{FloatType, Int64Type};
    use parquet::file::properties::WriterProperties;
    use parquet::file::writer::SerializedFileWriter;

    fn recording(groups: &[usize]) -> Vec<u8> {
        let schema =
            "message m { REQUIRED INT64 timestamp; OPTIONAL FLOAT x; REQUIRED FLOAT y; OPTIONAL FLOAT z; }";
        let schema = Arc::new(parquet::schema::parser::parse_message_type(schema).unwrap());
        let properties = WriterProperties::builder().set_data_page_row_count_limit(5000).build();
        let mut bytes = Vec::new();
        let mut writer = SerializedFileWriter::new(&mut bytes, schema, Arc::new(properties)).unwrap();
        let mut begun = 0;
        for &rows in groups {
            let mut group = writer.next_row_group().unwrap();
            let mut index = 0;
            while let Some(mut column) = group.next_column().unwrap() {
                let there: Vec<i16> = (0..rows).map(|row| i16::from(row % 1000 > index)).collect();
                let kept = (begun..begun + rows).zip(&there).filter(|entry| *entry.1 == 1 || index % 2 == 0);
                let kept = kept.map(|entry| entry.0);
                if index == 0 {
                    let times: Vec<i64> = kept.map(|row| 1_709_629_200_000 + row as i64 * 10).collect();
                    column.typed::<Int64Type>().write_batch(&times, None, None).unwrap();
                } else {
                    let values: Vec<f32> = kept.map(|row| (row as f32).sin() * index as f32).collect();
                    let there = (index % 2 == 1).then_some(there.as_slice());
                    column.typed::<FloatType>().write_batch(&values, there, None).unwrap();
                }
                column.close().unwrap();
                index += 1;
            }
            group.close().unwrap();
            begun += rows;
        }
        writer.close().unwrap();
        bytes
    }

    fn read(reader: &mut ParquetReader, most: usize) -> (Vec<i64>, Vec<[u32; 3]>) {
        let mut chunk = Chunk::default();
        let (mut times, mut values) = (Vec::new(), Vec::new());
        for _ in 0..most {
            if !reader.read(&mut chunk).unwrap() {
                break;
            }
            times.extend(&chunk.parts[0].times_ns);
            values.extend(chunk.parts[0].values.iter().map(|value| value.map(f32::to_bits)));
        }
        (times, values)
    }

    #[test]
    fn the_same_with_any_number_of_threads() {
        let bytes = recording(&[40_000, 1, 20_001]);
        let input = Input { name: "a.parquet".to_owned(), bytes: Bytes::memory(bytes), wrapped: Vec::new() };
        let mut all = Vec::new();
        for threads in [1, 2, 3, 9] {
            let mut reader = plan(&input, &ReadOptions::default()).unwrap().1;
            reader.threads = threads;
            // Some of it, and then all.
            read(&mut reader, threads);
            reader.rewind().unwrap();
            all.push(read(&mut reader, usize::MAX));
        }
        let (times, values) = &all[0];
        assert_eq!((times.len(), values.len()), (60_002, 60_002));
        assert!(times.iter().enumerate().all(|(row, time)| *time == row as i64 * 10_000_000));
        assert!(all[1..].iter().all(|other| *other == all[0]));
        assert!(values[1][0] == f32::NAN.to_bits() && values[2][0] == 2f32.sin().to_bits());
        assert_eq!(values[40_000][1], (40_000f32.sin() * 2.0).to_bits());
    }
}
