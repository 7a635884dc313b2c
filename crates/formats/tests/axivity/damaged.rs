//! Damaged files: whatever they hold, an answer comes, and no panic.

use crate::common::{Random, damage, read, write_new};
use crate::writer::{Block, counting, cwa, sign, wav};
use ambulo_formats::{ReadOptions, open};

fn files() -> Vec<Vec<u8>> {
    let six = Block { gyroscope_code: 2, ..Block::default() }.words(0x62, &[7, -7, 9, 0, 0, 256].repeat(40));
    let blocks: Vec<[u8; 512]> = (0..6).map(|i| six.later(i, i * 2 / 5).bytes()).collect();
    let packed = Block { rate_code: 0x49, ..Block::default() }.packed(&[(1, [3, 4, 128]); 120]);
    let old = Block { rate_code: 0, offset: 100, ..Block::default() }.words(0x32, &[0, 0, 256].repeat(80));
    let comment = "Time: 2024-03-05 10:00:00\nChannel-1: Accel-X\nScale-1: 8\nChannel-2: Accel-Y\nScale-2: 8\n\
        Channel-3: Accel-Z\nScale-3: 8\nChannel-4: Aux\n";
    vec![
        cwa(0x64, &blocks),
        cwa(0xff, &counting(6)),
        cwa(0x17, &[packed.bytes(), packed.later(1, 2).bytes(), old.bytes(), old.later(1, 0).bytes()]),
        wav(comment, 4, &[1, 2, 4096, 0].repeat(100), None),
    ]
}

/// Damages fields of blocks and makes the checksums right again, so that what the fields say is believed.
fn signed(content: &[u8], random: &mut Random) -> Vec<u8> {
    let mut bytes = content.to_vec();
    let (_, data) = bytes.split_at_mut(1024.min(content.len()));
    for block in data.as_chunks_mut::<512>().0 {
        for _ in 0..random.below(3) {
            let at = random.below(32);
            block[at] = [0, 1, 0x7f, 0x80, 0xff, random.next() as u8][random.below(6)];
        }
        sign(block);
    }
    bytes
}

#[test]
fn some_thousand_damaged_files() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("damaged");
    let mut random = Random(11);
    let (mut answered, mut refused) = (0, 0);
    for file in files() {
        for round in 0..1200 {
            let is_cwa = file.starts_with(b"MD");
            let bytes = if is_cwa && round % 2 == 0 {
                signed(&file, &mut random)
            } else {
                damage(&file, &mut random)
            };
            write_new(&path, &bytes);
            match open(&path, &ReadOptions::default()) {
                Ok(mut all) => {
                    let whole = read(all.remove(0)).unwrap();
                    // No more samples than bytes hold.
                    assert!(whole.parts.iter().all(|part| part.len() * 4 <= bytes.len()));
                    answered += 1;
                }
                Err(error) => {
                    assert!(error.to_string().contains("damaged"), "{error}");
                    refused += 1;
                }
            }
        }
    }
    assert!(answered > 3000 && refused > 20, "{answered} answered, {refused} refused");
}

#[test]
fn headers_that_promise_too_much() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("promise");
    for length in [u32::MAX, u32::MAX - 1, 1 << 31] {
        for name in [b"LIST", b"JUNK", b"fmt ", b"data"] {
            let bytes =
                [b"RIFF\xff\xff\xff\xffWAVE".as_slice(), name, &length.to_le_bytes(), b": Accel-X"].concat();
            write_new(&path, &bytes);
            assert!(open(&path, &ReadOptions::default()).is_err());
        }
    }
}
