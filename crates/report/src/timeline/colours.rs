//! One colour for each activity, the same in every file.
//!
//! Postures are blue, steps are orange to wine, each family graded by lightness, so that all of them differ also to people who
//! confuse red with green or blue with yellow, and in grey print. What is not one activity (names above others, `unknown`) is
//! hatched, and what the table does not know is dotted or striped by its name.

use ambulo_record::timeline::NOT_WORN;
use ambulo_record::vocabulary::UNKNOWN;

/// What lies over a colour, so that it is not told by colour alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Pattern {
    Plain,
    Hatched,
    Dotted,
    Striped,
    /// An outline around nothing.
    Blank,
}

/// How an activity is drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Look {
    /// `#rrggbb`.
    pub(super) fill: &'static str,
    pub(super) pattern: Pattern,
}

const fn plain(fill: &'static str) -> Look {
    Look { fill, pattern: Pattern::Plain }
}

const fn hatched(fill: &'static str) -> Look {
    Look { fill, pattern: Pattern::Hatched }
}

const fn dotted(fill: &'static str) -> Look {
    Look { fill, pattern: Pattern::Dotted }
}

const KNOWN: [(&str, Look); 27] = [
    ("lying", plain("#3954ae")),
    ("sitting", plain("#3b93d6")),
    ("standing", plain("#93d2f5")),
    ("still", hatched("#4f6fc0")),
    ("walking", plain("#e8a010")),
    ("walking_upstairs", plain("#d1551a")),
    ("walking_downstairs", plain("#8c2e59")),
    ("stairs", hatched("#a63d2f")),
    ("moving", hatched("#c78a1e")),
    ("running", plain("#f2e04a")),
    ("jumping", plain("#f1b0c1")),
    ("rope_jumping", dotted("#f1b0c1")),
    ("walking_variant", dotted("#e8a010")),
    ("cycling", plain("#0e7f5c")),
    ("cycling_stationary", dotted("#0e7f5c")),
    ("vehicle", Look { fill: "#7d5fb5", pattern: Pattern::Striped }),
    ("transport", hatched("#7d5fb5")),
    ("transition", hatched("#5fae9f")),
    ("sit_to_stand", dotted("#5fae9f")),
    ("stand_to_sit", dotted("#3d8175")),
    ("sit_to_lie", dotted("#7cc7b8")),
    ("lie_to_sit", dotted("#2f665c")),
    ("stand_to_lie", dotted("#92d8ca")),
    ("lie_to_stand", dotted("#4b978a")),
    ("fall", Look { fill: "#e02050", pattern: Pattern::Striped }),
    (UNKNOWN, hatched("#8b929a")),
    (NOT_WORN, Look { fill: "#8a94a1", pattern: Pattern::Blank }),
];

/// Colours of names that the table does not know.
const OTHERS: [&str; 6] = ["#6a8f2f", "#a0549a", "#4f8fa3", "#b0785a", "#5b5fa8", "#b5a642"];

/// How an activity of this name is drawn.
pub(super) fn look(name: &str) -> Look {
    if let Some((_, look)) = KNOWN.iter().find(|(known, _)| *known == name) {
        return *look;
    }
    // FNV-1a (Fowler, Noll, Vo): small, and the same everywhere.
    let hash =
        name.bytes().fold(0x811c_9dc5_u32, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193));
    let place = (hash >> 8) as usize;
    let pattern = if (place / OTHERS.len()).is_multiple_of(2) { Pattern::Dotted } else { Pattern::Striped };
    Look { fill: OTHERS[place % OTHERS.len()], pattern }
}

impl Look {
    /// Whether letters on it are white rather than black: by relative luminance (WCAG 2.2), whichever has the more contrast.
    pub(super) fn takes_white(self) -> bool {
        let luminance = luminance(linear(self.fill));
        self.pattern == Pattern::Plain && 1.05 / (luminance + 0.05) > (luminance + 0.05) / 0.05
    }

    /// A pattern element with this id for what is not plain; `paper` is the colour of its lines.
    pub(super) fn definition(self, id: &str, paper: &str) -> String {
        let fill = self.fill;
        let (turn, lines) = match self.pattern {
            Pattern::Plain | Pattern::Blank => return String::new(),
            Pattern::Hatched => {
                (45, format!("<path d=\"M1.2 0v6\" stroke=\"{paper}\" stroke-width=\"1.8\"/>"))
            }
            Pattern::Striped => {
                (0, format!("<path d=\"M0 1.2h6\" stroke=\"{paper}\" stroke-width=\"1.6\"/>"))
            }
            Pattern::Dotted => (45, format!("<circle cx=\"3\" cy=\"3\" r=\"1.2\" fill=\"{paper}\"/>")),
        };
        format!(
            "<pattern id=\"{id}\" width=\"6\" height=\"6\" patternUnits=\"userSpaceOnUse\" patternTransform=\"rotate({turn})\">\
             <rect width=\"6\" height=\"6\" fill=\"{fill}\"/>{lines}</pattern>"
        )
    }
}

/// Linear red, green and blue of an sRGB colour `#rrggbb`, each from 0 to 1 (IEC 61966-2-1).
fn linear(hex: &str) -> [f64; 3] {
    std::array::from_fn(|i| {
        let byte = hex.get(1 + 2 * i..3 + 2 * i).and_then(|pair| u8::from_str_radix(pair, 16).ok());
        let value = f64::from(byte.unwrap_or(0)) / 255.0;
        if value <= 0.04045 { value / 12.92 } else { ((value + 0.055) / 1.055).powf(2.4) }
    })
}

fn luminance([r, g, b]: [f64; 3]) -> f64 {
    0.2126 * r + 0.7152 * g + 0.0722 * b
}

#[cfg(test)]
mod tests {
    use super::*;

    /// How the three kinds of dichromats see linear colours, at full severity (Machado, Oliveira and Fernandes 2009, table 1).
    const PROTANOPE: [[f64; 3]; 3] =
        [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]];
    const DEUTERANOPE: [[f64; 3]; 3] =
        [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]];
    const TRITANOPE: [[f64; 3]; 3] =
        [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]];
    const EVERYBODY: [[f64; 3]; 3] = [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]];

    /// `OKLab` (Ottosson 2020) of a linear colour.
    fn oklab([r, g, b]: [f64; 3]) -> [f64; 3] {
        let l = (0.4122214708 * r + 0.5363325363 * g + 0.0514459929 * b).cbrt();
        let m = (0.2119034982 * r + 0.6806995451 * g + 0.1073969566 * b).cbrt();
        let s = (0.0883024619 * r + 0.2817188376 * g + 0.6299787005 * b).cbrt();
        [
            0.2104542553 * l + 0.7936177850 * m - 0.0040720468 * s,
            1.9779984951 * l - 2.4285922050 * m + 0.4505937099 * s,
            0.0259040371 * l + 0.7827717662 * m - 0.8086757660 * s,
        ]
    }

    fn seen(hex: &str, by: &[[f64; 3]; 3]) -> [f64; 3] {
        let colour = linear(hex);
        oklab(by.map(|row| row.iter().zip(colour).map(|(a, b)| a * b).sum::<f64>().clamp(0.0, 1.0)))
    }

    #[test]
    fn plain_activities_are_told_apart_by_everybody() {
        let plain: Vec<(&str, &str)> = KNOWN
            .iter()
            .filter(|(_, look)| look.pattern == Pattern::Plain)
            .map(|(name, look)| (*name, look.fill))
            .collect();
        // The six of the shipped models stand beside each other everywhere; a difference of 0.02 is just seen.
        let six = ["lying", "sitting", "standing", "walking", "walking_upstairs", "walking_downstairs"];
        for by in [&EVERYBODY, &PROTANOPE, &DEUTERANOPE, &TRITANOPE] {
            for (i, (a, fill_a)) in plain.iter().enumerate() {
                for (b, fill_b) in &plain[..i] {
                    let (x, y) = (seen(fill_a, by), seen(fill_b, by));
                    let apart = x.iter().zip(y).map(|(x, y)| (x - y).powi(2)).sum::<f64>().sqrt();
                    let least = if six.contains(a) && six.contains(b) { 0.12 } else { 0.07 };
                    assert!(apart > least, "{a} and {b} are {apart:.3} apart");
                }
            }
        }
    }

    #[test]
    fn postures_and_steps_are_graded_by_lightness() {
        for family in
            [["lying", "sitting", "standing"], ["walking_downstairs", "walking_upstairs", "walking"]]
        {
            let lightness = family.map(|name| seen(look(name).fill, &EVERYBODY)[0]);
            assert!(lightness.windows(2).all(|pair| pair[1] - pair[0] > 0.1), "{lightness:?}");
        }
    }

    #[test]
    fn colours_depend_on_the_name_alone() {
        assert_eq!(look("walking").fill, "#e8a010");
        assert_eq!(look("unknown").pattern, Pattern::Hatched);
        assert_eq!(look("not_worn").pattern, Pattern::Blank);
        for own in ["", "vacuum cleaning", "Übung", "<script>"] {
            assert_eq!(look(own), look(own));
            assert!(matches!(look(own).pattern, Pattern::Dotted | Pattern::Striped));
        }
        assert!(look("lying").takes_white() && !look("standing").takes_white());
    }

    #[test]
    fn every_colour_is_written_in_six_digits() {
        for fill in KNOWN.iter().map(|(_, look)| look.fill).chain(OTHERS) {
            assert!(fill.len() == 7 && u32::from_str_radix(&fill[1..], 16).is_ok(), "{fill}");
        }
    }
}
