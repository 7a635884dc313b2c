//! Writes small `.cwa` and `.wav` files.

/// A block before it is written.
#[derive(Clone)]
pub struct Block {
    pub session: u32,
    pub sequence: u32,
    /// Year, month, day, hour, minute, second.
    pub stamp: [u32; 6],
    /// Fraction of the second in 1/65536, where the firmware stores one.
    pub fraction: Option<u16>,
    /// The stored offset of the stamped sample; Hz in old files.
    pub offset: i16,
    /// 1/256 g shifted right by this.
    pub acceleration_code: u16,
    /// 8000 deg/s shifted right by this.
    pub gyroscope_code: u16,
    pub rate_code: u8,
    pub axes: u8,
    pub count: u16,
    pub data: Vec<u8>,
}

impl Default for Block {
    fn default() -> Self {
        Self {
            session: 7,
            sequence: 0,
            stamp: [2024, 3, 5, 10, 0, 0],
            fraction: None,
            offset: 0,
            acceleration_code: 0,
            gyroscope_code: 0,
            rate_code: 0x4a,
            axes: 0x32,
            count: 0,
            data: Vec::new(),
        }
    }
}

impl Block {
    /// Words of 16 bits, so many of which are a sample.
    pub fn words(mut self, axes: u8, words: &[i16]) -> Self {
        self.axes = axes;
        self.count = (words.len() / usize::from(axes >> 4)) as u16;
        self.data = words.iter().flat_map(|word| word.to_le_bytes()).collect();
        self
    }

    /// Samples of 10 bits with a common exponent.
    pub fn packed(mut self, samples: &[(u32, [i32; 3])]) -> Self {
        self.axes = 0x30;
        self.count = samples.len() as u16;
        let pack = |(e, [x, y, z]): &(u32, [i32; 3])| {
            let axis = |value: i32, shift: u32| (value as u32 & 1023) << shift;
            (e << 30 | axis(*z, 20) | axis(*y, 10) | axis(*x, 0)).to_le_bytes()
        };
        self.data = samples.iter().flat_map(pack).collect();
        self
    }

    /// Its stamp and number so many seconds and blocks later in the minute.
    pub fn later(&self, blocks: u32, seconds: u32) -> Self {
        let mut later = self.clone();
        later.sequence += blocks;
        later.stamp[5] += seconds;
        later
    }

    pub fn bytes(&self) -> [u8; 512] {
        let mut bytes = [0; 512];
        let [year, month, day, hour, minute, second] = self.stamp;
        let time = (year - 2000) << 26 | month << 22 | day << 17 | hour << 12 | minute << 6 | second;
        let scale = self.acceleration_code << 13 | self.gyroscope_code << 10 | 283;
        let mut put = |at: usize, field: &[u8]| bytes[at..at + field.len()].copy_from_slice(field);
        put(0, b"AX");
        put(2, &508u16.to_le_bytes());
        put(4, &self.fraction.map_or(4711, |fraction| 0x8000 | fraction >> 1).to_le_bytes());
        put(6, &self.session.to_le_bytes());
        put(10, &self.sequence.to_le_bytes());
        put(14, &time.to_le_bytes());
        put(18, &scale.to_le_bytes());
        put(23, &[180, self.rate_code, self.axes]);
        put(26, &self.offset.to_le_bytes());
        put(28, &self.count.to_le_bytes());
        put(30, &self.data);
        if self.rate_code != 0 {
            sign(&mut bytes);
        }
        bytes
    }
}

/// Stores the checksum.
pub fn sign(block: &mut [u8; 512]) {
    block[510..].fill(0);
    let sum = block.as_chunks::<2>().0.iter().fold(0u16, |sum, w| sum.wrapping_add(u16::from_le_bytes(*w)));
    block[510..].copy_from_slice(&sum.wrapping_neg().to_le_bytes());
}

/// A header; hardware 0x64 is an AX6.
pub fn header(hardware: u8) -> Vec<u8> {
    let mut bytes = vec![0xff; 1024];
    bytes[..4].copy_from_slice(b"MD\xfc\x03");
    bytes[4] = hardware;
    bytes[5..11].copy_from_slice(&[0x67, 0x12, 7, 0, 0, 0]);
    bytes[64..512].fill(b' ');
    bytes[64..77].copy_from_slice(b"_sc=Jane%20Do");
    bytes
}

/// A file of these blocks.
pub fn cwa(hardware: u8, blocks: &[[u8; 512]]) -> Vec<u8> {
    let mut bytes = header(hardware);
    bytes.extend(blocks.iter().flatten());
    bytes
}

/// Blocks of 80 samples at 100 Hz, one every 0.8 s, whose samples count upwards on x; the stamps are whole seconds with offsets.
pub fn counting(blocks: u32) -> Vec<[u8; 512]> {
    let block = |i: u32| {
        // The sample that is nearest to the first whole second after the block's beginning.
        let second = (i * 80).div_ceil(100);
        let words: Vec<i16> = (0..80).flat_map(|k| [(i * 80 + k) as i16, 0, 256]).collect();
        let offset = (second * 100 - i * 80) as i16;
        Block { sequence: i, stamp: [2024, 3, 5, 10, second / 60, second % 60], offset, ..Block::default() }
            .words(0x32, &words)
            .bytes()
    };
    (0..blocks).map(block).collect()
}

/// A `.wav` at 100 Hz with the samples of all channels one after the other; the stated length of the samples may differ.
pub fn wav(comment: &str, channels: u16, samples: &[i16], stated: Option<u32>) -> Vec<u8> {
    let chunk = |name: &[u8; 4], content: &[u8]| {
        let mut chunk = [name.as_slice(), &(content.len() as u32).to_le_bytes(), content].concat();
        chunk.resize(chunk.len().next_multiple_of(2), 0);
        chunk
    };
    let mut format = Vec::new();
    for word in [0xfffe, channels, 100, 0, 200 * channels, 0, 2 * channels, 16] {
        format.extend(word.to_le_bytes());
    }
    let texts = [
        b"INFO".to_vec(),
        chunk(b"INAM", b"Session: 7\nMetadata: _sc=Jane\n\0"),
        chunk(b"IART", b"Id: 4711\nDevice: CWA\n\0"),
        chunk(b"ICMT", comment.as_bytes()),
    ];
    let data: Vec<u8> = samples.iter().flat_map(|word| word.to_le_bytes()).collect();
    let mut body = [b"WAVE".to_vec(), chunk(b"fmt ", &format), chunk(b"LIST", &texts.concat())].concat();
    body.extend(b"data");
    body.extend(stated.unwrap_or(data.len() as u32).to_le_bytes());
    body.extend(data);
    [b"RIFF".as_slice(), &(body.len() as u32).to_le_bytes(), &body].concat()
}
