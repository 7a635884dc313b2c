//! Records that a semicolon ends, of which a line may hold several: `33,Jogging,0.1,0.2,0.3;33,Jogging,0.1,0.2,0.4;`.

use super::layout::{self, Line};

/// What ends a record, beside the line's end.
pub(super) const END: u8 = b';';

/// Whether semicolons end rows: most have one behind them, and it is commas that divide what stands between.
pub(super) fn are_in(lines: &[Line<'_>]) -> bool {
    /// Fewer might be decimal commas, of which a number has one.
    const COMMAS: usize = 2;
    let (mut records, mut ended, mut divided) = (0usize, 0usize, 0usize);
    for line in lines.iter().filter(|line| !layout::is_comment(line.text)) {
        for record in of_line(line.text) {
            let count = |sign: u8| memchr::memchr_iter(sign, record).count();
            records += 1;
            // One between quotes ends nothing.
            divided += usize::from(count(b',') >= COMMAS && count(b'"') % 2 == 0);
        }
        let ends = line.text.split(|&c| c == END).rev().skip(1);
        ended += ends.filter(|record| !record.trim_ascii().is_empty()).count();
    }
    ended * 2 > records && divided * 10 >= records * 9
}

/// The records of a line that are not blank.
pub(super) fn of_line(line: &[u8]) -> impl Iterator<Item = &[u8]> {
    line.split(|&c| c == END).filter(|record| !record.trim_ascii().is_empty())
}

/// Each record as a line of its own, with the number of the line in which it stands.
pub(super) fn cut(lines: Vec<Line<'_>>) -> Vec<Line<'_>> {
    let mut all = Vec::with_capacity(lines.len());
    for line in lines {
        if layout::is_comment(line.text) {
            all.push(line);
            continue;
        }
        for text in of_line(line.text) {
            let behind = text.as_ptr() as usize - line.text.as_ptr() as usize;
            all.push(Line { offset: line.offset + behind as u64, text, ..line });
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(text: &str) -> Vec<Line<'_>> {
        let line = |(text, number)| Line { number, offset: number * 100, text };
        text.lines().map(str::as_bytes).zip(1..).map(line).collect()
    }

    #[test]
    fn semicolons_that_end_and_that_divide() {
        assert!(are_in(&lines("1,a,2,3;\n\n1,a,2,3;1,a,2,4;\n1,a,2,5,;\n1,a,2\n")));
        assert!(are_in(&lines("# a; b\nt,x,y,z\n 17,-179, 5;\n 18,-180, 5;\n 18,-180, 5;\n")));
        // Decimal commas between semicolons, columns between semicolons, commas alone.
        assert!(!are_in(&lines("0;0,99;-0,31;0,08;\n20;0,99;-0,31;0,08;\n")));
        assert!(!are_in(&lines("1;2;3;4;\n2;3;4;5;\n")));
        assert!(!are_in(&lines("1,2,3\n2,3,4;\n")));
        assert!(!are_in(&lines("1,2,3,\"a;b\",4,\"c;d\",5,6\n")));
        assert!(are_in(&lines("1,2,3;1,2,4;1,2,5")));
        assert!(!are_in(&[]));
    }

    #[test]
    fn each_record_as_a_line() {
        let all = lines("1,2,3;4,5,6;\n# a;b\n7,8,9");
        let cut: Vec<(u64, u64, &[u8])> =
            cut(all).into_iter().map(|line| (line.number, line.offset, line.text)).collect();
        let expected: [(u64, u64, &[u8]); 4] =
            [(1, 100, b"1,2,3"), (1, 106, b"4,5,6"), (2, 200, b"# a;b"), (3, 300, b"7,8,9")];
        assert_eq!(cut, expected);
    }
}
