//! Patterns of paths: `*`, `**` and captures.

use super::Archive;
use super::error::Problem;
use regex_lite::Regex;
use std::collections::BTreeMap;

/// What captures found: name to text.
pub(super) type Captures = BTreeMap<String, String>;

/// A pattern of relative paths with `/` between parts.
#[derive(Clone, Debug)]
pub(super) struct Pattern {
    text: String,
    pieces: Vec<Piece>,
    /// With every place of a capture free.
    regex: Regex,
    /// Names in the order of their places; one that occurs again is there again.
    names: Vec<String>,
}

#[derive(Clone, Debug)]
enum Piece {
    Literal(String),
    /// `*`.
    Within,
    /// `**`, with the `/` behind it if there is one.
    Parts {
        slash: bool,
    },
    /// A capture and its regular expression.
    Capture(usize, String),
}

/// What a capture without an expression finds.
const ANYTHING: &str = "[^/]+";

impl Pattern {
    /// # Errors
    /// [`Problem::Pattern`].
    pub(super) fn new(pattern: &str) -> Result<Self, Problem> {
        let fail = |found: String| Problem::Pattern { pattern: pattern.chars().take(200).collect(), found };
        if pattern.is_empty() {
            return Err(fail("nothing".to_owned()));
        }
        if pattern.starts_with('/') || pattern.contains('\\') && !pattern.contains('{') {
            return Err(fail(
                "an absolute path or `\\` (paths are relative to the folder, with `/`)".to_owned(),
            ));
        }
        let (mut pieces, mut names) = (Vec::new(), Vec::<String>::new());
        let mut expressions: BTreeMap<String, Option<String>> = BTreeMap::new();
        let mut literal = String::new();
        let mut rest = pattern;
        while let Some(first) = rest.chars().next() {
            if matches!(first, '*' | '{') && !literal.is_empty() {
                pieces.push(Piece::Literal(std::mem::take(&mut literal)));
            }
            match first {
                '*' if rest.starts_with("**") => {
                    let slash = rest[2..].starts_with('/');
                    pieces.push(Piece::Parts { slash });
                    rest = &rest[2 + usize::from(slash)..];
                }
                '*' => {
                    pieces.push(Piece::Within);
                    rest = &rest[1..];
                }
                '{' => {
                    let end = closing(rest).ok_or_else(|| fail("a `{` without its `}`".to_owned()))?;
                    let inner = &rest[1..end];
                    rest = &rest[end + 1..];
                    let (name, expression) = match inner.split_once(':') {
                        Some((name, expression)) => (name, Some(expression.to_owned())),
                        None => (inner, None),
                    };
                    let plain =
                        |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-' || c == '_';
                    if name.is_empty() || !name.chars().all(plain) {
                        return Err(fail(format!("`{{{name}}}`, which is no name in lower case")));
                    }
                    if let Some(expression) = &expression {
                        // By itself: it must not reach beyond its braces.
                        Regex::new(expression).map_err(|error| fail(format!("`{expression}` ({error})")))?;
                    }
                    let known = expressions.entry(name.to_owned()).or_default();
                    match (&known, expression) {
                        (Some(one), Some(other)) if **one != other => {
                            return Err(fail(format!("`{name}` with two regular expressions")));
                        }
                        (None, Some(expression)) => *known = Some(expression),
                        _ => {}
                    }
                    pieces.push(Piece::Capture(names.len(), String::new()));
                    names.push(name.to_owned());
                }
                '}' => return Err(fail("a `}` without its `{`".to_owned())),
                other => {
                    literal.push(other);
                    rest = &rest[other.len_utf8()..];
                }
            }
        }
        if !literal.is_empty() {
            pieces.push(Piece::Literal(literal));
        }
        for piece in &mut pieces {
            if let Piece::Capture(place, expression) = piece {
                let known = expressions.get(&names[*place]).and_then(Option::as_deref);
                known.unwrap_or(ANYTHING).clone_into(expression);
            }
        }
        let regex = compile(&pieces, |_| None).map_err(|error| fail(error.to_string()))?;
        Ok(Self { text: pattern.to_owned(), pieces, regex, names })
    }

    /// As it was written.
    pub(super) fn text(&self) -> &str {
        &self.text
    }

    /// Names of its captures.
    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.names.iter().map(String::as_str)
    }

    /// The folders before the first part that is not literal.
    pub(super) fn folders(&self) -> Vec<&str> {
        let Some(Piece::Literal(literal)) = self.pieces.first() else { return Vec::new() };
        let mut parts: Vec<&str> = literal.split('/').collect();
        // The last one is a file, or the beginning of a part that goes on.
        parts.pop();
        parts
    }

    /// What the captures find in a path, if it matches.
    pub(super) fn matches(&self, path: &str) -> Option<Captures> {
        let found = self.regex.captures(path)?;
        let of = |place: usize| found.name(&group(place)).map_or("", |found| found.as_str());
        let first =
            |place: usize| self.names.iter().position(|name| *name == self.names[place]).unwrap_or(place);
        let texts: Vec<String> = (0..self.names.len()).map(|place| of(first(place)).to_owned()).collect();
        if (0..self.names.len()).all(|place| of(place) == texts[place]) {
            return Some(self.names.iter().cloned().zip(texts).collect());
        }
        // Two places of one name found different texts: the first one decides, if the others can follow.
        // Captures with a single place are free to give way.
        let repeated =
            |place: usize| self.names.iter().filter(|name| **name == self.names[place]).count() > 1;
        let fixed = compile(&self.pieces, |place| repeated(place).then(|| texts[place].as_str())).ok()?;
        let found = fixed.captures(path)?;
        let text = |place: usize| match repeated(place) {
            true => texts[place].clone(),
            false => found.name(&group(place)).map_or_else(String::new, |found| found.as_str().to_owned()),
        };
        Some(self.names.iter().cloned().zip((0..self.names.len()).map(text)).collect())
    }
}

fn group(place: usize) -> String {
    format!("c{place}")
}

fn compile<'a>(
    pieces: &[Piece],
    fixed: impl Fn(usize) -> Option<&'a str>,
) -> Result<Regex, regex_lite::Error> {
    let mut regex = String::from("^");
    for piece in pieces {
        match piece {
            Piece::Literal(text) => regex.push_str(&regex_lite::escape(text)),
            Piece::Within => regex.push_str("[^/]*"),
            Piece::Parts { slash: true } => regex.push_str("(?:[^/]+/)*"),
            Piece::Parts { slash: false } => regex.push_str(".*"),
            Piece::Capture(place, expression) => match fixed(*place) {
                Some(text) => regex.push_str(&regex_lite::escape(text)),
                None => regex.push_str(&format!("(?<{}>{expression})", group(*place))),
            },
        }
    }
    regex.push('$');
    Regex::new(&regex)
}

/// Where the brace that opens a text closes; braces inside, as in `\d{3}`, close before it.
fn closing(text: &str) -> Option<usize> {
    let (mut depth, mut escaped) = (0, false);
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = true,
            b'{' => depth += 1,
            b'}' => {
                depth -= 1;
                if depth == 0 {
                    return Some(at);
                }
            }
            _ => {}
        }
    }
    None
}

/// A pattern of names with `*` alone, in which a name is matched whole.
pub(super) fn glob(pattern: &str, name: &str) -> bool {
    let mut parts = pattern.split('*');
    let first = parts.next().unwrap_or_default();
    let Some(mut rest) = name.strip_prefix(first) else { return false };
    let Some(last) = parts.next_back() else { return rest.is_empty() };
    for part in parts {
        match rest.find(part) {
            Some(at) => rest = &rest[at + part.len()..],
            None => return false,
        }
    }
    rest.ends_with(last)
}

impl Archive {
    /// Those of the paths inside the archive, with `/` between parts, that are archives to be unpacked as well. A pattern of one part
    /// matches names in any folder.
    pub fn inner_archives(&self, mut paths: Vec<String>) -> Vec<String> {
        let patterns: Vec<Pattern> =
            self.inner.iter().filter_map(|pattern| Pattern::new(pattern).ok()).collect();
        let name = |path: &str| path.rfind('/').map_or(0, |slash| slash + 1);
        paths.retain(|path| {
            patterns.iter().any(|pattern| {
                let whole = pattern.text.contains('/');
                pattern.matches(if whole { path } else { &path[name(path)..] }).is_some()
            })
        });
        paths
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn patterns_of_inner_archives() {
        let matches = |pattern: &str, path: &str| {
            let archive = Archive {
                url: "https://example.org/set.zip".into(),
                file: None,
                bytes: None,
                sha256: None,
                inner: vec![pattern.into()],
            };
            !archive.inner_archives(vec![path.into()]).is_empty()
        };
        assert!(matches("*.zip", "a/b/c.zip") && matches("set.zip", "set.zip"));
        assert!(matches("**/acc_*_csv.zip", "p1/data/acc_walking_csv.zip"));
        assert!(matches("**/acc_*_csv.zip", "acc_a_1_csv.zip"));
        assert!(!matches("**/acc_*_csv.zip", "p1/acc_walking_sqlite.zip"));
        assert!(!matches("a/*.zip", "a/b/c.zip"));
    }

    fn found(pattern: &str, path: &str) -> Option<String> {
        let captures = Pattern::new(pattern).unwrap().matches(path)?;
        Some(captures.iter().map(|(name, text)| format!("{name}={text};")).collect())
    }

    #[test]
    fn captures_find_parts_of_paths() {
        let sisfall = "{person:S[AE]\\d{2}}/{activity}_{person}_R{trial}.txt";
        assert_eq!(found(sisfall, "SA01/D01_SA01_R02.txt").unwrap(), "activity=D01;person=SA01;trial=02;");
        assert_eq!(found(sisfall, "SA01/D01_SA02_R02.txt"), None);
        assert_eq!(found(sisfall, "SA1/D01_SA1_R02.txt"), None);
        assert_eq!(found(sisfall, "x/SA01/D01_SA01_R02.txt"), None);
        assert_eq!(found("**/{person}.csv", "a.csv").unwrap(), "person=a;");
        assert_eq!(found("**/{person}.csv", "x/y/a.csv").unwrap(), "person=a;");
        assert_eq!(found("x/**", "x/y/a.csv").unwrap(), "");
        assert_eq!(found("*/{person}_*.csv", "x/a_b_c.csv").unwrap(), "person=a_b;");
        assert_eq!(found("a.csv", "axcsv"), None);
        // The first place decides, where the second alone would have taken more.
        assert_eq!(found("{act}/x_{act}_{n}.csv", "a/x_a_b_1.csv").unwrap(), "act=a;n=b_1;");
        assert_eq!(
            found("exp{n:\\d+}_user{pad:0*}{person:[1-9]\\d*}.txt", "exp01_user10.txt").unwrap(),
            "n=01;pad=;person=10;"
        );
        assert_eq!(
            Pattern::new("HAPT Data Set/RawData/acc_{n}.txt").unwrap().folders(),
            ["HAPT Data Set", "RawData"]
        );
        assert!(Pattern::new("acc_{n}.txt").unwrap().folders().is_empty());
        assert_eq!(Pattern::new("a/b{n}/c").unwrap().folders(), ["a"]);
    }

    #[test]
    fn faults_are_named() {
        for (pattern, says) in [
            ("", "nothing"),
            ("a{person", "a `{` without its `}`"),
            ("a}b", "a `}` without its `{`"),
            ("{Person}", "no name in lower case"),
            ("{}", "no name"),
            ("{a:(}", "`(` ("),
            ("{a:x)(y}", "`x)(y` ("),
            ("{a:x}_{a:y}", "`a` with two regular expressions"),
            ("/a/b", "absolute path"),
        ] {
            let error = Pattern::new(pattern).unwrap_err().to_string();
            assert!(error.contains(says), "{pattern}: {error}");
        }
    }

    #[test]
    fn globs_of_names() {
        for (pattern, name, matches) in [
            ("SA*", "SA01", true),
            ("SA*", "SE01", false),
            ("*", "", true),
            ("a*b*c", "aXbYc", true),
            ("a*b*c", "ac", false),
            ("ab*ba", "aba", false),
            ("7", "7", true),
            ("7", "17", false),
        ] {
            assert_eq!(glob(pattern, name), matches, "{pattern} {name}");
        }
    }

    proptest! {
        #[test]
        fn any_pattern_and_path(pattern in "[a{}:*/\\\\d+.()0]{0,16}", path in "[a0/.]{0,12}") {
            if let Ok(pattern) = Pattern::new(&pattern) {
                let _ = pattern.matches(&path);
                let _ = pattern.folders();
            }
            let _ = glob(&pattern, &path);
        }

        #[test]
        fn what_is_put_in_is_found_again(person in "[a-zA-Z0-9-]{1,8}", trial in "[0-9]{1,3}", folders in "([a-z]{1,3}/){0,3}") {
            let pattern = Pattern::new("**/{person}/{person}_{trial:\\d+}.csv").unwrap();
            let captures = pattern.matches(&format!("{folders}{person}/{person}_{trial}.csv")).unwrap();
            prop_assert_eq!(&captures["person"], &person);
            prop_assert_eq!(&captures["trial"], &trial);
            let other = format!("{folders}{person}/x{person}_{trial}.csv");
            prop_assert!(pattern.matches(&other).is_none());
        }
    }
}
