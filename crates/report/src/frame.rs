//! What all pages have around what they say.

use crate::text::escape;

/// Head of a page that needs nothing but itself: style inline, no script, no network.
pub(crate) struct Frame<'a> {
    /// What the page is about; HTML.
    pub(crate) title: &'a str,
    /// What a tab shows behind that.
    pub(crate) name: &'a str,
    /// What sort of page it is.
    pub(crate) kind: &'a str,
    /// What stands beneath the title, a piece of HTML each.
    pub(crate) what: &'a [String],
    /// Class of the body; empty for none.
    pub(crate) class: &'a str,
    pub(crate) style: &'a str,
    /// Version of Ambulo that made what is shown.
    pub(crate) version: &'a str,
}

impl Frame<'_> {
    /// The page up to its content.
    pub(crate) fn open(&self) -> String {
        let Self { title, name, kind, style, .. } = self;
        let class = if self.class.is_empty() { String::new() } else { format!(" class=\"{}\"", self.class) };
        let what: String = self.what.iter().map(|text| format!("<span>{text}</span>")).collect();
        format!(
            "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"/>\
             <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"/>\
             <meta name=\"color-scheme\" content=\"light dark\"/>\
             <meta name=\"generator\" content=\"Ambulo {}\"/>\
             <title>{title}: {name}</title><style>\n{style}</style></head>\n<body{class}>\
             <header><p class=\"kind\">{kind}</p><h1>{title}</h1><p class=\"what\">{what}</p></header>\n<main>\n",
            escape(self.version)
        )
    }
}

/// Ends a page; `text` follows on who drew it.
pub(crate) fn close(out: &mut String, text: &str) {
    out.push_str(&format!(
        "</main>\n<footer><p>Drawn by Ambulo {}{text}</p></footer></body></html>\n",
        env!("CARGO_PKG_VERSION")
    ));
}

/// How to do it again, if that is known.
pub(crate) fn repeat(out: &mut String, command: &str) {
    if !command.trim().is_empty() {
        let command = format!("<pre tabindex=\"0\"><code>{}</code></pre>", escape(command.trim()));
        section(out, "Repeat", &command);
    }
}

/// A section with a heading.
pub(crate) fn section(out: &mut String, title: &str, content: &str) {
    out.push_str(&format!("<section><h2>{title}</h2>{content}</section>\n"));
}
