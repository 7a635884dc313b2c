//! The figures, one module each. Every function gives a finished block of HTML.

pub(crate) mod breakdowns;
pub(crate) mod classes;
pub(crate) mod confusion;
pub(crate) mod curves;
mod dots;
pub(crate) mod headline;
pub(crate) mod mistakes;
pub(crate) mod reliability;
pub(crate) mod subjects;
pub(crate) mod wearings;

use crate::svg::{Shape, Svg};
use crate::text::escape;

/// A figure of the page: heading, legend, picture, remarks and the same numbers as a table.
pub(crate) struct Figure<'a> {
    /// May be empty where the section's heading says it.
    pub(crate) title: &'a str,
    pub(crate) legend: String,
    /// SVG or a table.
    pub(crate) picture: String,
    /// HTML below the picture.
    pub(crate) caption: String,
    /// HTML of the table for those who would rather read; may be empty.
    pub(crate) table: String,
}

impl Figure<'_> {
    pub(crate) fn html(&self) -> String {
        let table = if self.table.is_empty() {
            String::new()
        } else {
            format!(
                "<details class=\"numbers\"><summary>The numbers as a table<span class=\"sr\">: {}</span>\
                 </summary>{}</details>",
                escape(self.title),
                self.table
            )
        };
        let title =
            if self.title.is_empty() { String::new() } else { format!("<h3>{}</h3>", escape(self.title)) };
        let caption = if self.caption.is_empty() {
            String::new()
        } else {
            format!("<figcaption>{}</figcaption>", self.caption)
        };
        format!("<figure>{title}{}{}{caption}{table}</figure>\n", self.legend, self.picture)
    }
}

/// One entry of a legend.
pub(crate) enum Key<'a> {
    /// A line of this class.
    Line(&'a str, &'a str),
    /// A point of this class and form.
    Mark(&'a str, Shape, &'a str),
}

/// A list of swatches and their meaning, which wraps as any text does.
pub(crate) fn legend(keys: &[Key<'_>]) -> String {
    let mut out = String::from("<ul class=\"legend\">");
    for key in keys {
        // Decoration beside text that says the same: an empty label, hidden from assistive technology.
        let (mut svg, text) = (Svg::new(24.0, 14.0, "swatch", ""), key.text());
        match *key {
            Key::Line(class, _) => svg.line(class, (2.0, 7.0), (22.0, 7.0)),
            Key::Mark(class, shape, _) => svg.mark(class, shape, (12.0, 7.0), 5.0, ""),
        }
        let swatch = svg.finish().replace("role=\"img\" aria-label=\"\"", "aria-hidden=\"true\"");
        out.push_str(&format!("<li>{swatch}{}</li>", escape(text)));
    }
    out.push_str("</ul>");
    out
}

impl Key<'_> {
    fn text(&self) -> &str {
        match self {
            Key::Line(_, text) | Key::Mark(_, _, text) => text,
        }
    }
}

/// A table that scrolls sideways within itself where the screen is too narrow. Cells are HTML; the first of
/// each row names the row.
pub(crate) fn table(caption: &str, head: &[&str], rows: &[Vec<String>]) -> String {
    let mut out = format!(
        "<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"{0}\"><table><caption class=\"sr\">{0}\
         </caption><thead><tr>",
        escape(caption)
    );
    for name in head {
        out.push_str(&format!("<th scope=\"col\">{}</th>", escape(name)));
    }
    out.push_str("</tr></thead><tbody>");
    for row in rows {
        out.push_str("<tr>");
        for (i, cell) in row.iter().enumerate() {
            if i == 0 {
                out.push_str(&format!("<th scope=\"row\">{cell}</th>"));
            } else {
                out.push_str(&format!("<td>{cell}</td>"));
            }
        }
        out.push_str("</tr>");
    }
    out.push_str("</tbody></table></div>");
    out
}
