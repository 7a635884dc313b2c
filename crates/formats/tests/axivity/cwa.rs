//! `.cwa` files that are written here.

use crate::common::{Whole, bytes};
use crate::writer::{Block, counting, cwa, header, sign};
use ambulo_formats::{ErrorKind, ReadOptions};
use ambulo_signal::{Finding, Sensor, Start, Unit};

/// 2024-03-05 10:00.
const TEN: i64 = 1_709_632_800_000_000_000;
const MS: i64 = 1_000_000;

fn read(content: &[u8]) -> Whole {
    bytes(content, &ReadOptions::default()).unwrap()
}

fn texts(findings: &[Finding]) -> String {
    findings.iter().map(|finding| finding.text.as_str()).collect::<Vec<_>>().join("\n")
}

fn ms(whole: &Whole) -> Vec<i64> {
    whole.parts[0].times_ns.iter().map(|ns| ns / MS).collect()
}

#[test]
fn packed_unpacked_six_and_nine_axes() {
    let packed = Block { rate_code: 0x49, offset: 1, ..Block::default() }.packed(&[
        (0, [256, -1, 511]),
        (2, [-512, 0, 64]),
        (3, [511, 1, -2]),
    ]);
    let whole = read(&cwa(0xff, &[packed.bytes()]));
    assert_eq!(whole.header.device.as_deref(), Some("Axivity AX3"));
    assert_eq!(whole.header.start, Start::Local { local_ns: TEN - 20 * MS });
    assert_eq!((ms(&whole), whole.header.sensors[0].rate_hz), (vec![0, 20, 40], Some(50.0)));
    let expected = [[1.0, -0.003_906_25, 1.996_093_75], [-8.0, 0.0, 1.0], [15.968_75, 0.031_25, -0.0625]];
    assert_eq!(whole.parts[0].values, expected);
    assert!(whole.header.findings.is_empty() && whole.header.autocalibrate);

    let plain =
        Block { acceleration_code: 3, ..Block::default() }.words(0x32, &[2048, -1, 0, 32767, -32768, 1024]);
    let whole = read(&cwa(0x17, &[plain.bytes()]));
    assert_eq!(whole.parts[0].values, [[1.0, -1.0 / 2048.0, 0.0], [32767.0 / 2048.0, -16.0, 0.5]]);

    let scales = Block { acceleration_code: 4, gyroscope_code: 2, ..Block::default() };
    let six = scales.clone().words(0x62, &[16384, -1, 0, 4096, 0, -4096, 8192, 3, 0, 2048, 1, 0]);
    let nine = scales.later(1, 0).words(0x92, &[16384, -1, 0, 4096, 0, -4096, 320, 320, 320]);
    for (file, samples) in [(six.bytes(), 2), (nine.bytes(), 1)] {
        let whole = read(&cwa(0x64, &[file]));
        assert_eq!(whole.header.device.as_deref(), Some("Axivity AX6"));
        let sensors: Vec<_> = whole.header.sensors.iter().map(|info| (info.sensor, info.unit)).collect();
        let expected =
            [(Sensor::Accelerometer, Some(Unit::G)), (Sensor::Gyroscope, Some(Unit::DegreesPerSecond))];
        assert_eq!(sensors, expected);
        assert_eq!((whole.parts[0].len(), whole.parts[1].len()), (samples, samples));
        assert_eq!(whole.parts[0].values[0], [1.0, 0.0, -1.0]);
        assert_eq!(whole.parts[1].values[0], [1000.0, -2000.0 / 32768.0, 0.0]);
        assert_eq!(whole.parts[0].times_ns, whole.parts[1].times_ns);
    }
}

#[test]
fn times_follow_the_stamps_and_not_the_nominal_rate() {
    // 101 samples a second: from block to block the stamped sample moves on.
    let words = [0, 0, 256].repeat(80);
    let block = |i: u32| {
        let second = (i * 80).div_ceil(101);
        let offset = (second * 101 - i * 80) as i16;
        Block { sequence: i, offset, ..Block::default() }.later(0, second).words(0x32, &words).bytes()
    };
    let blocks: Vec<[u8; 512]> = (0..60).map(block).collect();
    let whole = read(&cwa(0, &blocks));
    let times = &whole.parts[0].times_ns;
    assert_eq!(times.len(), 4800);
    let rate = 4799.0 / (times[4799] as f64 / 1e9);
    assert!((rate - 101.0).abs() < 0.05, "{rate}");
    assert!(times.is_sorted_by(|a, b| a < b) && times[0] == 0);
    for (i, time) in times.iter().enumerate() {
        assert!((*time as f64 / 1e9 - i as f64 / 101.0).abs() < 0.011, "sample {i}: {time}");
    }
    assert!(whole.header.findings.is_empty());
}

#[test]
fn the_fraction_of_a_stamp_moves_it_by_less_than_a_sample() {
    // At sample 30 half a second has passed: firmware stores the offset less the samples of the fraction.
    let stamped =
        Block { fraction: Some(0x8000), offset: 30 - 50, ..Block::default() }.words(0x32, &[0; 240]);
    let whole = read(&cwa(0, &[stamped.bytes()]));
    assert_eq!(whole.header.start, Start::Local { local_ns: TEN + 200 * MS });
}

#[test]
fn gaps_are_jumps_in_time() {
    let all = counting(6);
    let base = read(&cwa(0, &all));
    assert_eq!(ms(&base), (0..480).map(|i| i * 10).collect::<Vec<i64>>());

    // A pause of the clock by an hour, numbers running on: not joined, nothing lost.
    let at = |i: u32, stamp: [u32; 6]| {
        Block { sequence: i, stamp, ..Block::default() }.words(0x32, &[0; 240]).bytes()
    };
    let paused = [at(0, [2024, 3, 5, 10, 0, 0]), at(1, [2024, 3, 5, 11, 0, 0])];
    let whole = read(&cwa(0, &paused));
    assert_eq!((ms(&whole)[79], ms(&whole)[80]), (790, 3_600_000));
    assert!(whole.header.findings.is_empty());

    // Less than a second but more than a tenth of a block.
    let off =
        Block { sequence: 1, offset: 10, ..Block::default() }.later(0, 1).words(0x32, &[0; 240]).bytes();
    let whole = read(&cwa(0, &[paused[0], off]));
    assert_eq!((ms(&whole)[79], ms(&whole)[80]), (790, 900));

    // A new session on a clock that was set meanwhile.
    let mut again = Block { session: 8, stamp: [2000, 1, 1, 0, 0, 0], ..Block::default() };
    again = again.words(0x32, &[0; 240]);
    let whole = read(&cwa(0, &[paused[0], again.bytes(), again.later(1, 1).bytes()]));
    assert_eq!(whole.parts[0].len(), 240);
    assert!(whole.parts[0].times_ns[80] < -760_000_000_000_000_000);
    assert!(texts(&whole.header.findings).contains("new session begins with block 1"));
}

#[test]
fn lost_blocks_are_named_and_the_rest_is_read() {
    let all = counting(20);
    let base = read(&cwa(0, &all));
    let mut some = all.clone();
    some[0][100] ^= 1;
    some[5][14] ^= 0x40;
    some[13].fill(0);
    some[14][0] = b'B';
    some[18][25] = 0x33;
    sign(&mut some[18]);
    some[19].fill(0xff);
    some.remove(9);
    let mut file = cwa(0, &some);
    file.extend(&all[0][..200]);
    let whole = read(&file);
    let lost = [0, 5, 9, 13, 14, 18, 19];
    let kept = |i: &usize| !lost.contains(&(i / 80));
    let expected: Vec<[f32; 3]> = (0..1600).filter(kept).map(|i| base.parts[0].values[i]).collect();
    assert_eq!(whole.parts[0].values, expected);
    let times: Vec<i64> = (0..1600).filter(kept).map(|i| base.parts[0].times_ns[i] - 800 * MS).collect();
    assert_eq!(whole.parts[0].times_ns, times);
    assert_eq!(whole.header.start, Start::Local { local_ns: TEN + 800 * MS });
    let [finding] = whole.header.findings.as_slice() else { panic!("{:?}", whole.header.findings) };
    assert_eq!((finding.count, finding.first_place.line), (5, Some(0)));
    for words in [
        "5 stretches are lost",
        "block 0 (byte 1024: checksum wrong, its words add up to 0x",
        "block 5 (byte 3584: checksum wrong",
        "from 3.20 to 4.00 s",
        "block 9 (byte 5632: missing, number 8 is followed by 10; from 6.40 to 7.20 s",
        "blocks 13 and 14 (byte 7168: nothing but bytes of 0x00",
        "the last blocks 18 to 20 (byte 9728: axes and packing 0x33, expected",
        "from 13.60 s to the end",
    ] {
        assert!(finding.text.contains(words), "{words}: {}", finding.text);
    }
}

#[test]
fn sums_of_zero_and_of_bytes_are_no_damage() {
    let mut blocks = counting(3);
    blocks[1][510..].fill(0);
    let of_bytes = blocks[2][..510].iter().fold(0u16, |sum, byte| sum.wrapping_add(u16::from(*byte)));
    blocks[2][510..].copy_from_slice(&of_bytes.to_le_bytes());
    let whole = read(&cwa(0, &blocks));
    assert_eq!((whole.parts[0].len(), whole.header.findings.len()), (240, 0));
}

#[test]
fn the_first_firmware_has_its_rate_in_place_of_the_offset() {
    let block = |i: u32| {
        // Blocks of 80 samples at 100 Hz; the stamp is the second that was running.
        Block { sequence: i, offset: 100, rate_code: 0, ..Block::default() }
            .later(0, i * 4 / 5)
            .words(0x32, &[0, 0, 256].repeat(80))
            .bytes()
    };
    let blocks: Vec<[u8; 512]> = (0..50).map(block).collect();
    let whole = read(&cwa(0, &blocks));
    assert_eq!(whole.header.sensors[0].rate_hz, Some(100.0));
    assert_eq!(ms(&whole), (0..4000).map(|i| i * 10).collect::<Vec<i64>>());
    assert!(whole.header.findings.is_empty());
}

#[test]
fn a_gyroscope_that_is_switched_off_meanwhile() {
    let six = Block { gyroscope_code: 2, ..Block::default() }.words(0x62, &[7, 0, 0, 0, 0, 256].repeat(40));
    let off = Block { offset: 10, ..six.later(1, 0) }.words(0x32, &[0, 0, 256].repeat(80));
    let whole = read(&cwa(0x64, &[six.bytes(), off.bytes()]));
    assert_eq!((whole.parts[0].len(), whole.parts[1].len()), (120, 40));
    assert!(whole.parts[0].values.iter().all(|value| *value == [0.0, 0.0, 1.0]));
}

#[test]
fn people_only_where_asked_for() {
    let file = cwa(0x64, &counting(1));
    let whole = read(&file);
    assert!(whole.header.identity.is_empty());
    assert!(
        !format!("{:?}", whole.header).contains("Jane") && !format!("{:?}", whole.header).contains("4711")
    );
    let whole = bytes(&file, &ReadOptions { identity: true, ..ReadOptions::default() }).unwrap();
    let expected = [("serial number", "4711"), ("session", "7"), ("annotation", "_sc=Jane Do")];
    let found: Vec<_> = whole.header.identity.iter().map(|(a, b)| (a.as_str(), b.as_str())).collect();
    assert_eq!(found, expected);
}

#[test]
fn files_without_data() {
    let fails = |content: &[u8]| bytes(content, &ReadOptions::default()).err().unwrap();
    for content in
        [header(0), header(0)[..40].to_vec(), cwa(0, &[[0; 512]; 3]), cwa(0, &[Block::default().bytes()])]
    {
        let error = fails(&content);
        assert_eq!(error.kind(), ErrorKind::Empty, "{error}");
        assert!(error.to_string().contains("no data recorded"), "{error}");
    }
    let mut bad = counting(2);
    bad[0][300] ^= 1;
    bad[1][300] ^= 1;
    let error = fails(&cwa(0, &bad));
    assert_eq!(error.kind(), ErrorKind::Damaged);
    assert!(error.to_string().contains("block 0 (byte 1024): checksum wrong"), "{error}");
}

#[test]
fn the_same_for_any_number_of_threads_and_read_twice() {
    let mut blocks = counting(3000);
    for i in (0..3000).step_by(97) {
        blocks[i][77] ^= 1;
    }
    let file = cwa(0, &blocks);
    let with = |threads: usize| {
        rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap().install(|| read(&file))
    };
    let (one, three) = (with(1), with(3));
    assert!(one.chunks > 3 && one.parts == three.parts);
    assert_eq!(one.header.findings, three.header.findings);
    assert_eq!(one.header.findings[0].count, 31);
    assert!(one.header.findings[0].text.ends_with("and 11 more"));
}
