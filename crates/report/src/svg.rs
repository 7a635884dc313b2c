//! Writing SVG by hand: elements in user units, text escaped, coordinates always finite.

use crate::text::{clip, escape};
use std::fmt::Write;

/// Width of an ordinary figure in user units. Shown at about this many CSS pixels in a wide window and at about
/// 330 on a phone, where the style sheet makes the text larger.
pub(crate) const WIDTH: f64 = 480.0;

/// Widest a character gets on average in the enlarged text of an ordinary figure, in user units.
const CHARACTER: f64 = 8.0;

/// Where a text stands relative to its point.
#[derive(Clone, Copy)]
pub(crate) enum Anchor {
    Start,
    Middle,
    End,
}

/// The form of a point, so that series differ by more than colour.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Shape {
    Circle,
    Square,
    Diamond,
    /// An upright stroke, for the many single values behind a mean.
    Tick,
}

/// An SVG picture under construction. Appearance comes from `class`, never from attributes, so that the page's
/// style sheet can give light, dark and printed versions.
pub(crate) struct Svg {
    head: String,
    body: String,
}

impl Svg {
    /// A picture of the given size in user units; `label` says to those who cannot see it what it shows.
    pub(crate) fn new(width: f64, height: f64, class: &str, label: &str) -> Self {
        let head = format!(
            "<svg class=\"{class}\" viewBox=\"0 0 {} {}\" role=\"img\" aria-label=\"{}\">",
            number(width),
            number(height),
            escape(label)
        );
        Self { head, body: String::new() }
    }

    pub(crate) fn line(&mut self, class: &str, from: (f64, f64), to: (f64, f64)) {
        let _ = write!(
            self.body,
            "<line class=\"{class}\" x1=\"{}\" y1=\"{}\" x2=\"{}\" y2=\"{}\"/>",
            number(from.0),
            number(from.1),
            number(to.0),
            number(to.1)
        );
    }

    /// A rectangle between two corners, with a hover title unless that is empty.
    pub(crate) fn rect(&mut self, class: &str, from: (f64, f64), to: (f64, f64), title: &str) {
        let _ = write!(
            self.body,
            "<rect class=\"{class}\" x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\">{}</rect>",
            number(from.0.min(to.0)),
            number(from.1.min(to.1)),
            number((to.0 - from.0).abs()),
            number((to.1 - from.1).abs()),
            title_element(title)
        );
    }

    pub(crate) fn text(&mut self, class: &str, at: (f64, f64), anchor: Anchor, text: &str) {
        let anchor = match anchor {
            Anchor::Start => "start",
            Anchor::Middle => "middle",
            Anchor::End => "end",
        };
        let _ = write!(
            self.body,
            "<text class=\"{class}\" x=\"{}\" y=\"{}\" text-anchor=\"{anchor}\">{}</text>",
            number(at.0),
            number(at.1),
            escape(text)
        );
    }

    /// A point of the given form and half-width, with a hover title unless that is empty.
    pub(crate) fn mark(&mut self, class: &str, shape: Shape, at: (f64, f64), half: f64, title: &str) {
        let (x, y, h) = (number(at.0), number(at.1), number(half));
        let title = title_element(title);
        let _ = match shape {
            Shape::Circle => {
                write!(
                    self.body,
                    "<circle class=\"{class}\" cx=\"{x}\" cy=\"{y}\" r=\"{h}\">{title}</circle>"
                )
            }
            Shape::Square => {
                let (d, side) = (half * 0.88, number(half * 1.76));
                write!(
                    self.body,
                    "<rect class=\"{class}\" x=\"{}\" y=\"{}\" width=\"{side}\" height=\"{side}\">{title}</rect>",
                    number(at.0 - d),
                    number(at.1 - d)
                )
            }
            Shape::Diamond => {
                let d = number(half * 1.2);
                write!(
                    self.body,
                    "<path class=\"{class}\" d=\"M{x} {y}m0 -{d}l{d} {d}l-{d} {d}l-{d} -{d}z\">{title}</path>"
                )
            }
            Shape::Tick => {
                write!(
                    self.body,
                    "<path class=\"{class}\" d=\"M{x} {y}m0 -{h}v{}\">{title}</path>",
                    number(2.0 * half)
                )
            }
        };
    }

    /// A line through `points`; a `None` breaks it, and a point between two breaks is drawn as a dot.
    pub(crate) fn path(
        &mut self,
        class: &str,
        points: impl IntoIterator<Item = Option<(f64, f64)>>,
        title: &str,
    ) {
        let mut data = String::new();
        let mut drawing = false;
        for point in points {
            match point {
                Some((x, y)) => {
                    // The zero-length stroke makes a lone point visible under round line caps.
                    let _ = if drawing {
                        write!(data, "L{} {}", number(x), number(y))
                    } else {
                        write!(data, "M{} {}h0", number(x), number(y))
                    };
                    drawing = true;
                }
                None => drawing = false,
            }
        }
        if !data.is_empty() {
            let title = title_element(title);
            let _ = write!(self.body, "<path class=\"{class}\" d=\"{data}\">{title}</path>");
        }
    }

    pub(crate) fn finish(self) -> String {
        format!("{}{}</svg>", self.head, self.body)
    }
}

fn title_element(title: &str) -> String {
    if title.is_empty() { String::new() } else { format!("<title>{}</title>", escape(title)) }
}

/// A coordinate to a tenth of a unit. Callers leave out what is not finite; should one slip through, it must not
/// break the picture.
pub(crate) fn number(value: f64) -> String {
    if !value.is_finite() {
        return "0".to_owned();
    }
    let text = format!("{:.1}", value.clamp(-1e5, 1e5));
    let text = text.strip_suffix(".0").unwrap_or(&text);
    if text == "-0" { "0".to_owned() } else { text.to_owned() }
}

/// Width of the widest of `texts` in the enlarged text of an ordinary figure, at most `most`.
pub(crate) fn widest<'a>(texts: impl IntoIterator<Item = &'a str>, most: f64) -> f64 {
    let characters = texts.into_iter().map(|t| t.chars().count()).max().unwrap_or(0);
    (characters as f64 * CHARACTER).min(most)
}

/// `text`, cut to what fits into `width` units of the enlarged text of an ordinary figure.
pub(crate) fn fit(text: &str, width: f64) -> String {
    // Half a character of grace: `widest` of the same text must never cut it.
    clip(text, (width / CHARACTER + 0.5) as usize)
}
