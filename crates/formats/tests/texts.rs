//! Texts of columns beside the samples.
#![allow(clippy::unwrap_used, reason = "a failed step of a test fails the test")]

mod common;

use ambulo_formats::{ColumnRef, ErrorKind, Need, Opened, ReadOptions, TextRun, open_bytes};
use ambulo_signal::{Chunk, Source};
use parquet::data_type::{ByteArray, ByteArrayType, FloatType, Int32Type, Int64Type};
use parquet::file::properties::WriterProperties;
use parquet::file::writer::SerializedFileWriter;
use std::sync::Arc;

fn number(n: usize) -> ColumnRef {
    ColumnRef::Number(n)
}

fn name(name: &str) -> ColumnRef {
    ColumnRef::Name(name.to_owned())
}

fn options(columns: &str, texts: &[ColumnRef]) -> ReadOptions {
    ReadOptions { columns: Some(columns.parse().unwrap()), texts: texts.to_vec(), ..ReadOptions::default() }
}

fn open(content: &[u8], options: &ReadOptions) -> Opened {
    let mut all = open_bytes("a.txt", content.to_vec(), options).unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(all.len(), 1);
    all.remove(0)
}

/// The runs of a recording as text, and its samples.
fn read_on(opened: &mut Opened) -> (Vec<String>, Vec<[f32; 3]>) {
    let mut chunk = Chunk::default();
    let (mut runs, mut values, mut last) = (Vec::new(), Vec::new(), None);
    while opened.read(&mut chunk).unwrap() {
        values.extend(&chunk.parts[0].values);
        for TextRun { sample, texts } in opened.take_texts() {
            assert!(sample < values.len() as u64 && last < Some(sample), "{sample} after {last:?}");
            last = Some(sample);
            runs.push(format!("{sample}:{}", texts.join("|")));
        }
    }
    assert_eq!(opened.take_texts(), []);
    (runs, values)
}

fn read(content: &str, options: &ReadOptions) -> (Vec<String>, Vec<[f32; 3]>) {
    read_on(&mut open(content.as_bytes(), options))
}

#[test]
fn rows_with_a_person_and_an_activity() {
    let text = "33,Jogging,49105962326000,-0.69,12.68,0.50;\n33,Jogging,49106062271000,5.01,11.26,0.95;\n\
                33,Jogging,49106112167000,4.90,10.88,-0.08;\n17,Going up stairs,49106222305000,-0.61,18.49,3.02;\n\
                17,Going up stairs,49106332290000,-1.18,12.10,7.20;\n";
    let (runs, values) = read(text, &options("time=3,acc=4-6", &[number(1), number(2)]));
    assert_eq!(runs, ["0:33|Jogging", "3:17|Going up stairs"]);
    assert_eq!(values.len(), 5);
    assert_eq!(values[4], [-1.18, 12.10, 7.20]);
    // The other way round, and one of them twice.
    let (runs, _) = read(text, &options("time=3,acc=4-6", &[number(2), number(1), number(2)]));
    assert_eq!(runs[1], "3:Going up stairs|17|Going up stairs");
}

#[test]
fn what_is_no_row_does_not_count() {
    let text = "time,x,y,z,what,who\n0,1,2,3, standing still ,a\n\n20,1,2,3,standing still,a\nnonsense\n40,1,2,3,\"a, \"\"b\"\"\",a\n\
                time,x,y,z,what,who\n60,1,2,3,,a\n80,,,,,a\n100,1,2,3\n120,1,2,3,lying,b\n140,1,2";
    let asked = options("time,x,y,z", &[name("What"), name("who")]);
    let (runs, values) = read(text, &asked);
    assert_eq!(runs, ["0:standing still|a", "2:a, \"b\"|a", "3:|a", "5:|", "6:lying|b"]);
    assert_eq!(values.len(), 7);
    // Without quotes the rows are read in another way, with the same texts.
    let plain = text.replace("\"a, \"\"b\"\"\"", "c");
    let (runs, _) = read(&plain, &asked);
    assert_eq!(runs, ["0:standing still|a", "2:c|a", "3:|a", "5:|", "6:lying|b"]);
    // Rows at the end that say nothing but a time are no samples.
    let (runs, values) =
        read("t,x,y,z,w\n0,1,2,3,a\n20,1,2,4,a\n40,,,,b\n", &options("t,x,y,z", &[name("w")]));
    assert_eq!((runs, values.len()), (vec!["0:a".to_owned()], 2));
    // Those in between are kept back, and their texts with them.
    let text = "t,x,y,z,w\n0,1,2,3,a\n20,1,2,4,a\n40,,,,b\n60,1,2,3,b\n";
    assert_eq!(read(text, &options("t,x,y,z", &[name("w")])).0, ["0:a", "2:b"]);
}

#[test]
fn more_texts_than_numbers() {
    let rows = "a,walk,left hand,x,1,2,3\na,walk,left hand,x,1,2,4\nb,sit,left hand,x,1,5,3\n";
    let mut asked = options("acc=5-7", &[number(1), number(2), number(3), number(4)]);
    asked.rate_hz = Some(50.0);
    assert_eq!(read(rows, &asked).0, ["0:a|walk|left hand|x", "2:b|sit|left hand|x"]);
    let named = format!("who,what,where,how,ax,ay,az\n{rows}");
    asked.columns = Some("ax,ay,az".parse().unwrap());
    asked.texts = vec![name("who"), name("what"), name("where"), name("how")];
    assert_eq!(read(&named, &asked).0, ["0:a|walk|left hand|x", "2:b|sit|left hand|x"]);
    let semicolons = named.replace(',', ";");
    assert_eq!(read(&semicolons, &asked).0.len(), 2);
    let tabs = named.replace(',', "\t");
    assert_eq!(read(&tabs, &asked).0.len(), 2);
}

#[test]
fn letters_beyond_ascii() {
    let mut asked = options("t,x,y,z", &[name("w")]);
    let latin = b"t,x,y,z,w\n0,1,2,3,Stra\xdfe\n20,1,2,4,Stra\xdfe\n";
    assert_eq!(read_on(&mut open(latin, &asked)).0, ["0:Straße"]);
    let utf16: Vec<u8> = "\u{feff}t;x;y;z;w\n0;1;2;3;歩行\n20;1;2;4;歩行\n"
        .encode_utf16()
        .flat_map(u16::to_le_bytes)
        .collect();
    assert_eq!(read_on(&mut open(&utf16, &asked)).0, ["0:歩行"]);
    asked.texts = vec![number(5)];
    assert_eq!(read("t x y z w\n0 1 2 3 é\n20 1 2 4 é\n", &asked).0, ["0:é"]);
}

#[test]
fn columns_that_are_not_there() {
    let text = "time,x,y,z,what\n0,1,2,3,a\n20,1,2,4,a\n";
    for column in [name("label"), number(6)] {
        let error = open_bytes("a.csv", text.as_bytes().to_vec(), &options("time,x,y,z", &[column]));
        let error = error.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Needs(Need::Columns));
        assert!(error.to_string().contains("`what`"), "{error}");
    }
    let long = "0,0,1,2,3\n0,20,1,2,3\n";
    let error =
        open_bytes("a.csv", long.as_bytes().to_vec(), &options("type=1,time=2,acc=3-5", &[number(1)]));
    assert!(error.unwrap_err().to_string().contains("there are no texts"));
}

#[test]
fn again_and_over_many_blocks() {
    let mut text = "t,x,y,z,w\n".to_owned();
    let mut expected = Vec::new();
    for i in 0..150_000 {
        let label = ["walking", "sitting", "", "lying down"][i / 7_001 % 4];
        if i % 7_001 == 0 {
            expected.push(format!("{i}:{label}"));
        }
        text += &format!("{},{:.4},2.5,3.125,{label}\n", i * 20, (i as f64 * 0.1).sin());
        if i % 40_000 == 5 {
            text += "a line of words\n\n";
        }
    }
    let mut opened = open(text.as_bytes(), &options("t,x,y,z", &[name("w")]));
    opened.read(&mut Chunk::default()).unwrap();
    opened.rewind().unwrap();
    assert_eq!(opened.take_texts(), []);
    let (runs, values) = read_on(&mut opened);
    assert_eq!((runs, values.len()), (expected, 150_000));
    // Nobody asks for them: there are none.
    let mut opened = open(text.as_bytes(), &options("t,x,y,z", &[]));
    assert_eq!(read_on(&mut opened).0, Vec::<String>::new());
}

#[test]
fn columns_of_parquet() {
    let schema = "message m { REQUIRED INT64 time (TIMESTAMP(MILLIS,true)); REQUIRED FLOAT x; REQUIRED FLOAT y; REQUIRED FLOAT z;
                  OPTIONAL BYTE_ARRAY activity (UTF8); REQUIRED INT32 person; REQUIRED BOOLEAN flag; }";
    let schema = Arc::new(parquet::schema::parser::parse_message_type(schema).unwrap());
    let properties = Arc::new(WriterProperties::builder().set_data_page_row_count_limit(700).build());
    let mut writer = SerializedFileWriter::new(Vec::new(), schema, properties).unwrap();
    let mut begun = 0;
    for rows in [20_000usize, 1, 17_000] {
        let all = begun..begun + rows;
        let mut group = writer.next_row_group().unwrap();
        let mut index = 0;
        while let Some(mut column) = group.next_column().unwrap() {
            match index {
                0 => {
                    let times: Vec<i64> = all.clone().map(|i| 1_709_629_200_000 + i as i64 * 10).collect();
                    column.typed::<Int64Type>().write_batch(&times, None, None).unwrap();
                }
                1..=3 => {
                    let values: Vec<f32> = all.clone().map(|i| (i as f32).sin()).collect();
                    column.typed::<FloatType>().write_batch(&values, None, None).unwrap();
                }
                4 => {
                    let there: Vec<i16> = all.clone().map(|i| i16::from(i / 5_000 % 2 == 0)).collect();
                    let walk = ByteArray::from(" walking ");
                    let values = vec![walk; there.iter().filter(|there| **there == 1).count()];
                    column.typed::<ByteArrayType>().write_batch(&values, Some(&there), None).unwrap();
                }
                5 => {
                    let people: Vec<i32> = all.clone().map(|i| -((i / 15_000) as i32)).collect();
                    column.typed::<Int32Type>().write_batch(&people, None, None).unwrap();
                }
                _ => {
                    let flags = vec![true; rows];
                    column.typed::<parquet::data_type::BoolType>().write_batch(&flags, None, None).unwrap();
                }
            }
            column.close().unwrap();
            index += 1;
        }
        group.close().unwrap();
        begun += rows;
    }
    let bytes = writer.into_inner().unwrap();
    let asked = |texts: &[ColumnRef]| ReadOptions { texts: texts.to_vec(), ..ReadOptions::default() };
    let mut opened = open(&bytes, &asked(&[name("activity"), number(6)]));
    for _ in 0..2 {
        let (runs, values) = read_on(&mut opened);
        let expected = [
            "0:walking|0",
            "5000:|0",
            "10000:walking|0",
            "15000:|-1",
            "20000:walking|-1",
            "25000:|-1",
            "30000:walking|-2",
            "35000:|-2",
        ];
        assert_eq!((runs.as_slice(), values.len()), (&expected.map(str::to_owned)[..], 37_001));
        opened.rewind().unwrap();
    }
    let error = open_bytes("a.parquet", bytes.clone(), &asked(&[name("label")])).unwrap_err().to_string();
    assert!(error.contains("`label`") && error.contains("`person`"), "{error}");
    let error = open_bytes("a.parquet", bytes, &asked(&[name("flag")])).unwrap_err().to_string();
    assert!(error.contains("texts or numbers"), "{error}");
}
