#![no_main]

// Whatever the bytes are: recognition, gzip, text, JSON.
libfuzzer_sys::fuzz_target!(|bytes: &[u8]| ambulo_fuzz::read(bytes, None));
