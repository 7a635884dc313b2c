//! A small check that markup is well formed and that its pictures hold only finite numbers.

/// One start tag, with its attributes unescaped only as far as a reader of numbers needs.
#[derive(Debug)]
pub(crate) struct Element {
    pub(crate) name: String,
    pub(crate) attributes: Vec<(String, String)>,
    /// Text directly within, entities as written.
    pub(crate) text: String,
}

impl Element {
    pub(crate) fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes.iter().find(|(n, _)| n == name).map(|(_, v)| v.as_str())
    }
}

/// Reads all of `markup` (a document type and a style sheet apart, as XML) and gives its elements in order.
///
/// # Errors
/// What is not well formed, with what stands there.
pub(crate) fn elements(markup: &str) -> Result<Vec<Element>, String> {
    let mut rest = markup.strip_prefix("<!DOCTYPE html>").unwrap_or(markup);
    let (mut found, mut open): (Vec<Element>, Vec<usize>) = (Vec::new(), Vec::new());
    while let Some(start) = rest.find('<') {
        let (text, tag) = rest.split_at(start);
        if text.contains('>') {
            return Err(format!("bare > in {text:?}"));
        }
        entities(text)?;
        if let Some(&parent) = open.last() {
            found[parent].text.push_str(text);
        }
        let end = tag.find('>').ok_or_else(|| format!("unclosed tag at {}", head(tag)))?;
        let inner = &tag[1..end];
        rest = &tag[end + 1..];
        if let Some(name) = inner.strip_prefix('/') {
            let parent = open.pop().ok_or_else(|| format!("</{name}> closes nothing"))?;
            if found[parent].name != name {
                return Err(format!("<{}> closed by </{name}>", found[parent].name));
            }
            continue;
        }
        let (inner, empty) = inner.strip_suffix('/').map_or((inner, false), |i| (i, true));
        found.push(element(inner)?);
        if !empty {
            open.push(found.len() - 1);
        }
    }
    match open.last() {
        Some(&i) => Err(format!("<{}> is never closed", found[i].name)),
        None => Ok(found),
    }
}

fn element(inner: &str) -> Result<Element, String> {
    let (name, mut rest) = inner.split_once(char::is_whitespace).unwrap_or((inner, ""));
    if name.is_empty() || !name.chars().all(|c| c.is_ascii_alphanumeric()) {
        return Err(format!("not an element name: {name:?}"));
    }
    let mut attributes: Vec<(String, String)> = Vec::new();
    while !rest.trim_start().is_empty() {
        let (key, value) =
            rest.split_once("=\"").ok_or_else(|| format!("attribute without value in <{inner}>"))?;
        let (value, after) = value.split_once('"').ok_or_else(|| format!("unclosed value in <{inner}>"))?;
        let key = key.trim();
        if key.is_empty() || key.contains(|c: char| c.is_whitespace() || c == '"' || c == '\'') {
            return Err(format!("bad attribute {key:?} in <{inner}>"));
        }
        if attributes.iter().any(|(k, _)| k == key) {
            return Err(format!("attribute {key} twice in <{inner}>"));
        }
        entities(value)?;
        attributes.push((key.to_owned(), value.to_owned()));
        rest = after;
    }
    Ok(Element { name: name.to_owned(), attributes, text: String::new() })
}

fn entities(text: &str) -> Result<(), String> {
    for (at, _) in text.match_indices('&') {
        if !["&amp;", "&lt;", "&gt;", "&quot;", "&#39;"].iter().any(|e| text[at..].starts_with(e)) {
            return Err(format!("bare & at {}", head(&text[at..])));
        }
    }
    match text.chars().find(|c| c.is_control() && !matches!(c, '\n' | '\t')) {
        Some(c) => Err(format!("control character {c:?}")),
        None => Ok(()),
    }
}

/// The pictures in `page`, each as markup.
pub(crate) fn pictures(page: &str) -> Vec<&str> {
    let mut out = Vec::new();
    let mut rest = page;
    while let Some(start) = rest.find("<svg") {
        let end = rest[start..].find("</svg>").map_or(rest.len(), |e| start + e + 6);
        out.push(&rest[start..end]);
        rest = &rest[end..];
    }
    out
}

/// Every coordinate in `picture` is a finite number that lies on the canvas (with a margin for half a mark).
///
/// # Errors
/// The first attribute that is not.
pub(crate) fn check_picture(picture: &str) -> Result<(), String> {
    let all = elements(picture)?;
    let canvas: Vec<f64> = all
        .first()
        .and_then(|svg| svg.attribute("viewBox"))
        .ok_or("no viewBox")?
        .split(' ')
        .map(|n| n.parse().map_err(|_| format!("viewBox number {n:?}")))
        .collect::<Result<_, _>>()?;
    for element in &all {
        for (key, value) in &element.attributes {
            let limit = match key.as_str() {
                "x" | "x1" | "x2" | "cx" => canvas[2],
                "y" | "y1" | "y2" | "cy" => canvas[3],
                "r" | "width" | "height" => canvas[2].max(canvas[3]),
                "d" => {
                    check_path(value, canvas[2], canvas[3])?;
                    continue;
                }
                _ => continue,
            };
            let number: f64 = value.parse().map_err(|_| format!("{key}={value:?} is no number"))?;
            if !number.is_finite() || number < -12.0 || number > limit + 12.0 {
                return Err(format!("{key}={value} lies off the canvas of {limit}"));
            }
        }
    }
    Ok(())
}

fn check_path(data: &str, width: f64, height: f64) -> Result<(), String> {
    for command in data.split_inclusive(|c: char| c.is_ascii_digit() || matches!(c, '.' | '-' | ' ' | 'z')) {
        if command.chars().any(|c| !"MmLlhvz.- 0123456789".contains(c)) {
            return Err(format!("path holds {command:?}"));
        }
    }
    for absolute in data.split(['M', 'L']).skip(1) {
        let numbers: Vec<&str> =
            absolute.split(['h', 'm', 'v', 'l', 'z']).next().unwrap_or("").split(' ').collect();
        let [x, y] = numbers[..] else { return Err(format!("not a point: {absolute:?}")) };
        for (n, limit) in [(x, width), (y, height)] {
            let n: f64 = n.parse().map_err(|_| format!("no number: {n:?}"))?;
            if !(-1.0..=limit + 1.0).contains(&n) {
                return Err(format!("path leaves the canvas: {absolute:?}"));
            }
        }
    }
    Ok(())
}

fn head(text: &str) -> String {
    text.chars().take(40).collect()
}
