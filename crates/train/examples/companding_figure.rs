//! Draws what companding does: a sitting and a standing window of one training person as a network sees them, as it is
//! and companded, both divided by the standard deviation over all activities of the training people.
//!
//! ```sh
//! cargo run --release -p ambulo-train --example companding_figure > docs/images/companding.svg
//! ```

#![allow(clippy::print_stdout)]

use ambulo_data::{LabelledWindows, Protocol};
use ambulo_record::LabelSet;
use ambulo_signal::{Normalisation, Preprocessing};
use std::fmt::Write as _;

/// The person, among the 21 to develop on, and the classes shown.
const PERSON: &str = "1";
const SHOWN: [(&str, u8); 2] = [("sitting", 3), ("standing", 4)];
/// First of three channels of the input, axis title.
const PANELS: [(&str, usize); 4] = [
    ("body acceleration", 3),
    ("angular velocity", 6),
    ("companded acceleration", 9),
    ("companded angular velocity", 12),
];
/// Panel size and place.
const WIDTH: f32 = 330.0;
const HEIGHT: f32 = 92.0;
/// Standard deviations from the middle to the edge.
const RANGE: f32 = 2.0;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let dataset = ambulo_data::hapt()?;
    let (people, _test) = Protocol::Official.split(&dataset, 1)?.into_parts();
    let (training, _) = people.hold_out_validation(4, 1)?;
    let mut p = Preprocessing::default();
    let training = training.cut(&dataset, &p, &LabelSet::six())?;
    let windows = training.windows();
    p.normalisation = Some(Normalisation::fit(&windows.input(&p)?, p.channels.len())?);
    println!("{}", draw(windows, &p));
    Ok(())
}

fn draw(windows: &LabelledWindows, p: &Preprocessing) -> String {
    let (left, top, gap) = (196.0, 30.0, 16.0);
    let (full, tall) = (left + 2.0 * (WIDTH + gap), top + 4.0 * (HEIGHT + gap) + 16.0);
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {full} {tall}\" role=\"img\" \
         aria-label=\"A sitting and a standing window, ordinary and companded\">\n<style>\n\
         text {{ font: 13px system-ui, sans-serif; fill: #1f2328 }}\n.box {{ fill: none; stroke: #8c959f }}\n\
         polyline {{ fill: none; stroke-width: 1.3 }}\n.x {{ stroke: #0969da }} .y {{ stroke: #bc4c00 }} .z {{ stroke: #1a7f37 }}\n\
         @media (prefers-color-scheme: dark) {{ text {{ fill: #e6edf3 }} .box {{ stroke: #6e7681 }} \
         .x {{ stroke: #58a6ff }} .y {{ stroke: #f0883e }} .z {{ stroke: #3fb950 }} }}\n</style>\n"
    );
    let channels = p.channels.len();
    for (column, (name, class)) in SHOWN.into_iter().enumerate() {
        let own = |i: &usize| windows.origins[*i].person.as_str() == PERSON && windows.labels[*i] == class;
        // A typical window: the median by how much the device turned.
        let turning = |i: &usize| -> f32 {
            windows
                .window(*i)
                .map_or(0.0, |rows| rows.chunks_exact(9).flat_map(|row| &row[6..]).map(|v| v * v).sum())
        };
        let mut theirs: Vec<usize> = (0..windows.len()).filter(own).collect();
        theirs.sort_by(|a, b| turning(a).total_cmp(&turning(b)));
        let Some(&i) = theirs.get(theirs.len() / 2) else { continue };
        let mut x = vec![0.0; windows.time * channels];
        let Ok(window) = windows.window(i) else { continue };
        p.window_input(&window, &mut x);
        let x0 = left + column as f32 * (WIDTH + gap);
        let _ =
            writeln!(svg, "<text x=\"{}\" y=\"18\" text-anchor=\"middle\">{name}</text>", x0 + WIDTH / 2.0);
        for (row, (title, first)) in PANELS.into_iter().enumerate() {
            let y0 = top + row as f32 * (HEIGHT + gap);
            if column == 0 {
                let middle = y0 + HEIGHT / 2.0 + 4.0;
                let _ = writeln!(
                    svg,
                    "<text x=\"{}\" y=\"{middle}\" text-anchor=\"end\">{title}</text>",
                    left - 10.0
                );
            }
            let _ = writeln!(
                svg,
                "<rect class=\"box\" x=\"{x0}\" y=\"{y0}\" width=\"{WIDTH}\" height=\"{HEIGHT}\"/>"
            );
            for (axis, class) in ["x", "y", "z"].into_iter().enumerate() {
                let points: Vec<String> = (0..windows.time)
                    .map(|t| {
                        let value = x[t * channels + first + axis].clamp(-RANGE, RANGE);
                        let px = x0 + WIDTH * t as f32 / (windows.time - 1) as f32;
                        format!("{px:.1},{:.1}", y0 + HEIGHT * (0.5 - value / (2.0 * RANGE)))
                    })
                    .collect();
                let _ = writeln!(svg, "<polyline class=\"{class}\" points=\"{}\"/>", points.join(" "));
            }
        }
    }
    let _ = writeln!(
        svg,
        "<text x=\"{left}\" y=\"{}\">2.56 s; from −2 to 2 standard deviations over all activities; axes x blue, y orange, z green</text>\n</svg>",
        tall - 6.0
    );
    svg
}
