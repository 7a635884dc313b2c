//! What the words of labels mean.

use super::nearest::nearest;
use super::place::Step;
use super::{LabelWords, Problem};
use ambulo_record::vocabulary::{self, Parents, UNLABELLED, canonical};
use std::collections::HashMap;
use std::sync::Arc;

/// What a word means.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Meaning {
    /// An activity.
    Activity(Arc<str>),
    /// Nobody says what was done.
    Nothing,
    /// The stretch is left out.
    LeftOut,
}

impl Meaning {
    /// The activity, if there is one.
    pub(super) fn activity(&self) -> Option<&Arc<str>> {
        match self {
            Self::Activity(name) => Some(name),
            Self::Nothing | Self::LeftOut => None,
        }
    }
}

/// Words and numbers of labels with their meaning.
#[derive(Clone, Debug, Default)]
pub(super) struct Words {
    exact: HashMap<String, Meaning>,
    /// In lower case; none where words that differ in case alone mean different things.
    lower: HashMap<String, Option<Meaning>>,
    /// By the number that a word is.
    numbers: HashMap<u64, Meaning>,
    known: String,
}

/// The path of the key at fault, and the fault.
type Fault<'a> = (Vec<Step<'a>>, Problem);

impl Words {
    /// # Errors
    /// Names that nobody knows, words with two meanings.
    pub(super) fn new<'a>(labels: &'a LabelWords, parents: &Parents) -> Result<Self, Fault<'a>> {
        let mut words = Self::default();
        for (word, name) in &labels.map {
            let at = |problem| (vec!["labels".into(), "map".into(), word.as_str().into()], problem);
            words.add(word, meaning(name, parents).map_err(at)?).map_err(at)?;
        }
        for word in labels.leave_out.keys() {
            let at = |problem| (vec!["labels".into(), "leave-out".into(), word.as_str().into()], problem);
            words.add(word, Meaning::LeftOut).map_err(at)?;
        }
        let mut known: Vec<&str> =
            labels.map.keys().chain(labels.leave_out.keys()).map(String::as_str).collect();
        known.sort_unstable();
        words.known = if known.is_empty() { "none".to_owned() } else { known.join(", ") };
        Ok(words)
    }

    fn add(&mut self, word: &str, meaning: Meaning) -> Result<(), Problem> {
        let twice = |word: &str| Problem::Contradiction {
            what: format!("the label `{word}` has two meanings"),
            hint: "name it once, in `labels.map` or in `labels.leave-out`",
        };
        let plain = word.trim();
        if let Some(number) = number(plain)
            && self.numbers.insert(number, meaning.clone()).is_some_and(|other| other != meaning)
        {
            return Err(twice(word));
        }
        if self.exact.insert(plain.to_owned(), meaning.clone()).is_some_and(|other| other != meaning) {
            return Err(twice(word));
        }
        let lower = self.lower.entry(plain.to_lowercase()).or_insert_with(|| Some(meaning.clone()));
        if *lower != Some(meaning) {
            *lower = None;
        }
        Ok(())
    }

    /// What a word means: as it is written, else in any case, else as a number (`1`, `01` and `1.0` are one). No word is no label,
    /// unless the manifest explains it.
    pub(super) fn meaning(&self, word: &str) -> Option<&Meaning> {
        let word = word.trim();
        let lower = || self.lower.get(&word.to_lowercase())?.as_ref();
        let by_number = || self.numbers.get(&number(word)?);
        let found = self.exact.get(word).or_else(lower).or_else(by_number);
        if found.is_none() && word.is_empty() { Some(&Meaning::Nothing) } else { found }
    }

    /// All words, for messages.
    pub(super) fn known(&self) -> &str {
        &self.known
    }
}

/// A number that a text is, so that equal numbers are equal: `1` and `01.0`.
pub(super) fn number(text: &str) -> Option<u64> {
    let begins = text.starts_with(|c: char| c.is_ascii_digit() || matches!(c, '-' | '+' | '.'));
    let value: f64 = text.parse().ok().filter(|value: &f64| begins && value.is_finite())?;
    // Minus zero is zero.
    Some((value + 0.0).to_bits())
}

/// An activity by name, in its one spelling.
pub(super) fn activity(name: &str, parents: &Parents) -> Result<String, Problem> {
    match meaning(name, parents)? {
        Meaning::Activity(name) => Ok(name.to_string()),
        Meaning::Nothing | Meaning::LeftOut => {
            Err(Problem::Activity { found: name.to_owned(), nearest: None })
        }
    }
}

/// The activity of this name, in its one spelling, of the common vocabulary or one that has a place.
fn meaning(name: &str, parents: &Parents) -> Result<Meaning, Problem> {
    let spelt = canonical(name)?;
    if spelt == UNLABELLED {
        return Ok(Meaning::Nothing);
    }
    if vocabulary::lookup(&spelt).is_some() || parents.iter().any(|(own, _)| own == spelt) {
        return Ok(Meaning::Activity(spelt.as_str().into()));
    }
    let mut known: Vec<&str> = parents.iter().map(|(own, _)| own).collect();
    for node in vocabulary::nodes() {
        known.push(node.name());
    }
    Err(Problem::Activity { found: name.to_owned(), nearest: nearest(&spelt, known).map(str::to_owned) })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(map: &[(&str, &str)], leave_out: &[&str]) -> Result<Words, String> {
        let labels = LabelWords {
            map: map.iter().map(|&(a, b)| (a.to_owned(), b.to_owned())).collect(),
            leave_out: leave_out.iter().map(|&word| (word.to_owned(), "why".to_owned())).collect(),
            ..LabelWords::default()
        };
        let parents: Parents = Parents::try_from(
            [("skating".to_owned(), "exercise".to_owned())]
                .into_iter()
                .collect::<std::collections::BTreeMap<_, _>>(),
        )
        .unwrap();
        Words::new(&labels, &parents).map_err(|(_, problem)| problem.to_string())
    }

    #[test]
    fn words_are_found_as_written_in_any_case_and_as_numbers() {
        let words = words(
            &[
                ("Walk", "walking"),
                ("1", "WALKING"),
                ("02", "Laying"),
                ("0", "unlabelled"),
                ("S", "skating"),
                ("s", "sitting"),
            ],
            &["9"],
        )
        .unwrap();
        let name = |word: &str| {
            words.meaning(word).map(|m| m.activity().map_or(format!("{m:?}"), ToString::to_string))
        };
        assert_eq!(name(" walk "), Some("walking".into()));
        assert_eq!((name("1.0"), name("2")), (Some("walking".into()), Some("lying".into())));
        assert_eq!((name("S"), name("s")), (Some("skating".into()), Some("sitting".into())));
        assert_eq!(
            (name("0.0"), name(""), name("09")),
            (Some("Nothing".into()), Some("Nothing".into()), Some("LeftOut".into()))
        );
        assert_eq!((name("x"), name("nan"), name("3")), (None, None, None));
    }

    #[test]
    fn faults_say_what_was_meant() {
        let error = words(&[("1", "walkin")], &[]).unwrap_err();
        assert!(error.contains("`walkin`") && error.contains("did you mean `walking`"), "{error}");
        assert!(words(&[("1", "unknown")], &[]).is_err());
        assert!(words(&[("1", "walking"), ("01", "sitting")], &[]).unwrap_err().contains("two meanings"));
        assert!(words(&[("1", "walking")], &["1.0"]).unwrap_err().contains("two meanings"));
        assert!(words(&[("1", "a,b")], &[]).is_err());
    }
}
