#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| ambulo_fuzz::read(bytes, Some(ambulo_formats::Format::Parquet)));
