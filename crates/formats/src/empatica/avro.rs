//! As much of Apache Avro as recordings in it need: values are walked through in the order of the file and given to a visitor, none
//! are kept. Written against the specification of Avro 1.11 (binary encoding, object container files).

use super::schema::{DEEPEST, Schema, Type};
use std::io::{self, BufRead};

/// Text that is given to a visitor.
const LONGEST_TEXT: u64 = 256;

/// A number of a file.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Number {
    Whole(i64),
    Real(f64),
}

impl Number {
    pub(super) fn real(self) -> f64 {
        match self {
            Self::Whole(value) => value as f64,
            Self::Real(value) => value,
        }
    }
}

/// Takes the values that are walked through.
pub(super) trait Visitor {
    /// Where in the value one is, as far as it matters.
    type Place: Copy;

    /// The place of a field of a record.
    fn field(&self, at: Self::Place, name: &str) -> Self::Place;
    /// A number; what is wrong with it, if anything.
    fn number(&mut self, at: Self::Place, value: Number) -> Result<(), String>;
    /// Whether text is wanted here.
    fn wants_text(&self, at: Self::Place) -> bool;
    /// Text that is wanted.
    fn text(&mut self, at: Self::Place, text: &[u8]);
}

/// Why a walk ended early.
#[derive(Debug)]
pub(super) enum Stop {
    Io(io::Error),
    Damage(String),
}

impl From<io::Error> for Stop {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::UnexpectedEof => Self::Damage("an end within a value".to_owned()),
            io::ErrorKind::InvalidData | io::ErrorKind::InvalidInput => Self::Damage(error.to_string()),
            _ => Self::Io(error),
        }
    }
}

/// Walks through encoded values.
pub(super) struct Walk {
    from: Box<dyn BufRead + Send>,
    /// Bytes and steps that may still be taken: a few bytes can be the count of any number of values without any.
    bytes: u64,
    steps: u64,
    /// Bytes that were taken.
    pub(super) at: u64,
}

impl Walk {
    /// Walks through at most so many bytes.
    pub(super) fn new(from: Box<dyn BufRead + Send>, bytes: u64) -> Self {
        Self { from, bytes, steps: bytes.saturating_mul(2).min(1 << 31).saturating_add(10_000), at: 0 }
    }

    fn take(&mut self, n: u64) -> Result<(), Stop> {
        self.bytes = self
            .bytes
            .checked_sub(n)
            .ok_or_else(|| Stop::Damage("values beyond the last byte".to_owned()))?;
        self.at += n;
        Ok(())
    }

    fn step(&mut self) -> Result<(), Stop> {
        let left = self.steps.checked_sub(1);
        self.steps = left.ok_or_else(|| Stop::Damage("more values than bytes".to_owned()))?;
        Ok(())
    }

    pub(super) fn fill(&mut self, buffer: &mut [u8]) -> Result<(), Stop> {
        self.take(buffer.len() as u64)?;
        Ok(self.from.read_exact(buffer)?)
    }

    pub(super) fn skip(&mut self, mut n: u64) -> Result<(), Stop> {
        self.take(n)?;
        while n > 0 {
            let there = self.from.fill_buf()?.len();
            if there == 0 {
                return Err(io::Error::from(io::ErrorKind::UnexpectedEof).into());
            }
            let some = there.min(usize::try_from(n).unwrap_or(there));
            self.from.consume(some);
            n -= some as u64;
        }
        Ok(())
    }

    /// A whole number: seven bits to a byte, the lowest first, the sign in the lowest.
    pub(super) fn whole(&mut self) -> Result<i64, Stop> {
        let mut value = 0u64;
        for shift in (0..64).step_by(7) {
            let byte = match self.from.fill_buf()?.first() {
                Some(&byte) => byte,
                None => return Err(io::Error::from(io::ErrorKind::UnexpectedEof).into()),
            };
            self.from.consume(1);
            self.take(1)?;
            value |= u64::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                return Ok((value >> 1) as i64 ^ -((value & 1) as i64));
            }
        }
        Err(Stop::Damage("a number of more than 64 bits".to_owned()))
    }

    /// A length, of at most so many bytes.
    pub(super) fn length(&mut self, most: u64) -> Result<u64, Stop> {
        let length = self.whole()?;
        u64::try_from(length)
            .ok()
            .filter(|&length| length <= most)
            .ok_or_else(|| Stop::Damage(format!("a length of {length} bytes")))
    }

    /// How many items follow in a block of an array or a map; 0 at its end.
    pub(super) fn items(&mut self) -> Result<u64, Stop> {
        let count = self.whole()?;
        if count < 0 {
            // Its bytes, for who wants to pass it by.
            self.whole()?;
        }
        Ok(count.unsigned_abs())
    }

    /// The next value.
    pub(super) fn value<V: Visitor>(
        &mut self,
        schema: &Schema,
        at: V::Place,
        visitor: &mut V,
    ) -> Result<(), Stop> {
        self.of_type(schema, schema.root, at, visitor, 0)
    }

    fn of_type<V: Visitor>(
        &mut self,
        schema: &Schema,
        index: usize,
        at: V::Place,
        visitor: &mut V,
        depth: usize,
    ) -> Result<(), Stop> {
        self.step()?;
        if depth > DEEPEST {
            return Err(Stop::Damage(format!("more than {DEEPEST} values in one another")));
        }
        let number = match &schema.types[index] {
            Type::Null => return Ok(()),
            Type::Boolean => return self.skip(1),
            Type::Fixed(n) => return self.skip(*n),
            Type::Whole => Number::Whole(self.whole()?),
            Type::Float => {
                let mut bytes = [0; 4];
                self.fill(&mut bytes)?;
                Number::Real(f64::from(f32::from_le_bytes(bytes)))
            }
            Type::Double => {
                let mut bytes = [0; 8];
                self.fill(&mut bytes)?;
                Number::Real(f64::from_le_bytes(bytes))
            }
            Type::Bytes => {
                let length = self.length(u64::MAX)?;
                if !visitor.wants_text(at) || length > LONGEST_TEXT {
                    return self.skip(length);
                }
                let mut text = vec![0; length as usize];
                self.fill(&mut text)?;
                visitor.text(at, &text);
                return Ok(());
            }
            Type::Record(fields) => {
                for (name, index) in fields {
                    self.of_type(schema, *index, visitor.field(at, name), visitor, depth + 1)?;
                }
                return Ok(());
            }
            Type::Union(all) => {
                let which = self.whole()?;
                let chosen = usize::try_from(which).ok().and_then(|which| all.get(which));
                let Some(&index) = chosen else {
                    return Err(Stop::Damage(format!("choice {which} of {} types", all.len())));
                };
                return self.of_type(schema, index, at, visitor, depth + 1);
            }
            Type::Array(items) => loop {
                let count = self.items()?;
                if count == 0 {
                    return Ok(());
                }
                for _ in 0..count {
                    self.of_type(schema, *items, at, visitor, depth + 1)?;
                }
            },
            Type::Map(values) => loop {
                let count = self.items()?;
                if count == 0 {
                    return Ok(());
                }
                for _ in 0..count {
                    let key = self.length(u64::MAX)?;
                    self.skip(key)?;
                    self.of_type(schema, *values, visitor.field(at, ""), visitor, depth + 1)?;
                }
            },
        };
        visitor.number(at, number).map_err(Stop::Damage)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Everything that is visited.
    #[derive(Default)]
    struct All(Vec<(usize, f64)>, Vec<String>);

    impl Visitor for All {
        type Place = usize;

        fn field(&self, _: usize, name: &str) -> usize {
            name.len()
        }

        fn number(&mut self, at: usize, value: Number) -> Result<(), String> {
            self.0.push((at, value.real()));
            Ok(())
        }

        fn wants_text(&self, at: usize) -> bool {
            at == 4
        }

        fn text(&mut self, _: usize, text: &[u8]) {
            self.1.push(String::from_utf8_lossy(text).into_owned());
        }
    }

    fn walk(schema: &str, bytes: &'static [u8]) -> Result<All, String> {
        let schema = Schema::parse(schema.as_bytes())?;
        let mut all = All::default();
        match Walk::new(Box::new(bytes), bytes.len() as u64).value(&schema, 0, &mut all) {
            Ok(()) => Ok(all),
            Err(Stop::Damage(found)) => Err(found),
            Err(Stop::Io(error)) => panic!("{error}"),
        }
    }

    #[test]
    fn values_of_every_type() {
        let schema = r#"{"type": "record", "name": "a.R", "fields": [
            {"name": "n", "type": ["null", "long"]}, {"name": "text", "type": "string"},
            {"name": "flo", "type": {"type": "float"}}, {"name": "double", "type": "double"},
            {"name": "fixed", "type": {"type": "fixed", "name": "F", "size": 2}}, {"name": "again", "type": "F"},
            {"name": "b", "type": "boolean"}, {"name": "bytes", "type": "bytes"},
            {"name": "en", "type": {"type": "enum", "name": "E", "symbols": ["x"]}},
            {"name": "map", "type": {"type": "map", "values": "int"}},
            {"name": "array", "type": {"type": "array", "items": "int"}}, {"name": "more", "type": ["null", "a.R"]}]}"#;
        let bytes = b"\x02\x03\x06abc\0\0\x80\x3f\0\0\0\0\0\0\0\x40\xff\xff\xff\xff\x01\x02\xff\0\x02\x02k\x0a\0\x03\x04\x80\x01\x7f\x02\x02\0\0";
        let all = walk(schema, bytes).unwrap();
        assert_eq!(all.1, ["abc"]);
        assert_eq!(
            all.0,
            [(1, -2.0), (3, 1.0), (6, 2.0), (2, 0.0), (0, 5.0), (5, 64.0), (5, -64.0), (5, 1.0)]
        );
        let schema = Schema::parse(schema.as_bytes()).unwrap();
        assert!(schema.has(&["more", "more", "n"]) && !schema.has(&["more", "n", "n"]));
    }

    #[test]
    fn counts_and_lengths_are_not_believed() {
        let nulls = r#"{"type": "array", "items": "null"}"#;
        let huge: &[u8] = b"\xfe\xff\xff\xff\xff\xff\xff\xff\xff\x01";
        assert_eq!(walk(nulls, huge).err().unwrap(), "more values than bytes");
        assert_eq!(walk(r#""bytes""#, huge).err().unwrap(), "values beyond the last byte");
        assert!(walk(r#""bytes""#, b"\x01").err().unwrap().contains("a length of -1"));
        assert!(walk(r#""long""#, &[0xff; 12]).err().unwrap().contains("64 bits"));
        assert!(walk(r#""double""#, b"1234").err().unwrap().contains("beyond"));
        assert!(walk(r#"["null"]"#, b"\x04").err().unwrap().contains("choice 2 of 1"));
        let endless = r#"{"type": "record", "name": "R", "fields": [{"name": "r", "type": "R"}]}"#;
        assert!(walk(endless, b"").err().unwrap().contains("in one another"));
        let deep = format!("{}\"null\"{}", "[".repeat(100), "]".repeat(100));
        assert!(walk(&deep, b"").err().unwrap().contains("64"));
        for wrong in ["", "7", r#""strange""#, r#"{"type": "array"}"#, r#"{"name": "x"}"#, &"[".repeat(5000)]
        {
            assert!(walk(wrong, b"").is_err(), "{wrong}");
        }
    }
}
