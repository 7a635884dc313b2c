//! Writes a recording as people have it: acceleration and angular velocity at 100 Hz, a week if nothing else is said, as a table or
//! as Parquet, for measuring the readers.
//!
//! ```sh
//! cargo run --release -p ambulo-formats --example make_week -- /tmp/week.csv
//! cargo run --release -p ambulo-formats --example make_week -- --time iso --rows 5000000 /tmp/iso.csv
//! cargo run --release -p ambulo-formats --example make_week -- --dictionary --optional /tmp/week.parquet
//! ```
//!
//! Tables have times as milliseconds from 1970 (or `--time iso`: `2024-03-05T10:00:00.020Z`) and values of six decimals. Parquet has
//! `INT64` milliseconds and `FLOAT`s, compressed with Snappy, in row groups of a million rows; `--dictionary` rounds the values as a
//! sensor of 16 bits does and stores them in dictionaries; `--optional` makes columns that might hold nulls, as most writers do.

use parquet::basic::Compression;
use parquet::data_type::{FloatType, Int64Type};
use parquet::file::properties::WriterProperties;
use parquet::file::writer::SerializedFileWriter;
use std::error::Error;
use std::fs::File;
use std::io::{BufWriter, Write};
use std::sync::Arc;

const WEEK: usize = 7 * 86_400 * 100;
const GROUP: usize = 1_000_000;
const START_MS: i64 = 1_709_596_800_000;

/// Six values for each row: sway of a person, tremor, noise.
struct MadeUp {
    state: u32,
    row: usize,
}

impl MadeUp {
    fn noise(&mut self) -> f32 {
        self.state = self.state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (self.state >> 8) as f32 / (1 << 24) as f32 - 0.5
    }

    fn next(&mut self) -> (i64, [f32; 6]) {
        let t = self.row as f32 % 360_000.0 * 0.01;
        let time = START_MS + self.row as i64 * 10;
        self.row += 1;
        let (step, stride) = ((t * 12.0).sin(), (t * 6.0).sin());
        let smooth = [9.7 + 3.0 * step, 2.0 * stride, -1.0 + step, stride, 0.5 * step, -0.3 * stride];
        (time, smooth.map(|value| value + 0.4 * self.noise()))
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    let (mut rows, mut iso, mut dictionary, mut optional, mut path) = (WEEK, false, false, false, None);
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            "--rows" => rows = arguments.next().ok_or("--rows without a number")?.parse()?,
            "--time" => iso = arguments.next().as_deref() == Some("iso"),
            "--dictionary" => dictionary = true,
            "--optional" => optional = true,
            _ => path = Some(argument),
        }
    }
    let path = path.ok_or("arguments: [--rows N] [--time iso] [--dictionary] [--optional] FILE")?;
    let made_up = MadeUp { state: 1, row: 0 };
    let file = File::create(&path)?;
    if path.ends_with(".parquet") {
        parquet(file, made_up, rows, dictionary, optional)
    } else {
        table(file, made_up, rows, iso)
    }
}

fn table(file: File, mut made_up: MadeUp, rows: usize, iso: bool) -> Result<(), Box<dyn Error>> {
    let mut file = BufWriter::with_capacity(1 << 20, file);
    writeln!(file, "timestamp,acc_x,acc_y,acc_z,gyro_x,gyro_y,gyro_z")?;
    for _ in 0..rows {
        let (time, [ax, ay, az, gx, gy, gz]) = made_up.next();
        if iso {
            // The first is midnight; months are not reached.
            let ms = time - START_MS;
            let (day, hour, minute) = (5 + ms / 86_400_000, ms / 3_600_000 % 24, ms / 60_000 % 60);
            let (second, ms) = (ms / 1000 % 60, ms % 1000);
            write!(file, "2024-03-{day:02}T{hour:02}:{minute:02}:{second:02}.{ms:03}Z")?;
        } else {
            write!(file, "{time}")?;
        }
        writeln!(file, ",{ax:.6},{ay:.6},{az:.6},{gx:.6},{gy:.6},{gz:.6}")?;
    }
    Ok(file.flush()?)
}

fn parquet(
    file: File,
    mut made_up: MadeUp,
    rows: usize,
    dictionary: bool,
    optional: bool,
) -> Result<(), Box<dyn Error>> {
    let kind = if optional { "OPTIONAL" } else { "REQUIRED" };
    let axes = ["acc_x", "acc_y", "acc_z", "gyro_x", "gyro_y", "gyro_z"];
    let axes = axes.map(|name| format!("{kind} FLOAT {name};")).concat();
    let schema = parquet::schema::parser::parse_message_type(&format!(
        "message week {{ {kind} INT64 timestamp; {axes} }}"
    ))?;
    let properties = WriterProperties::builder()
        .set_compression(Compression::SNAPPY)
        .set_dictionary_enabled(dictionary)
        .set_max_row_group_row_count(Some(GROUP))
        .build();
    let mut writer = SerializedFileWriter::new(file, Arc::new(schema), Arc::new(properties))?;
    let mut left = rows;
    while left > 0 {
        let group: Vec<(i64, [f32; 6])> = (0..left.min(GROUP)).map(|_| made_up.next()).collect();
        left -= group.len();
        let there = vec![1i16; group.len()];
        let there = optional.then_some(there.as_slice());
        let mut to = writer.next_row_group()?;
        let mut index = 0;
        while let Some(mut column) = to.next_column()? {
            if index == 0 {
                let times: Vec<i64> = group.iter().map(|row| row.0).collect();
                column.typed::<Int64Type>().write_batch(&times, there, None)?;
            } else {
                let round = |value: f32| if dictionary { (value * 256.0).round() / 256.0 } else { value };
                let values: Vec<f32> = group.iter().map(|row| round(row.1[index - 1])).collect();
                column.typed::<FloatType>().write_batch(&values, there, None)?;
            }
            column.close()?;
            index += 1;
        }
        to.close()?;
    }
    writer.close()?;
    Ok(())
}
