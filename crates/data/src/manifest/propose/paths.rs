//! Which parts of paths vary, and what they probably say.

use super::words;
use std::collections::{BTreeMap, BTreeSet};

/// A path cut at its separators: words, and what stands behind each.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Cut {
    words: Vec<String>,
    separators: Vec<char>,
}

fn cut(path: &str) -> Cut {
    let chars: Vec<char> = path.chars().collect();
    let (mut words, mut separators, mut word) = (Vec::new(), Vec::new(), String::new());
    for (i, &c) in chars.iter().enumerate() {
        let digit = |at: Option<usize>| at.and_then(|at| chars.get(at)).is_some_and(char::is_ascii_digit);
        // Dates and times of day keep their hyphens.
        let hyphen = c == '-' && !(digit(i.checked_sub(1)) && digit(Some(i + 1)));
        if matches!(c, '/' | '_' | '.' | ' ') || hyphen {
            words.push(std::mem::take(&mut word));
            separators.push(c);
        } else {
            word.push(c);
        }
    }
    words.push(word);
    Cut { words, separators }
}

/// What a part of a path says.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Role {
    /// Always the same.
    Literal(String),
    /// Captured under a name, by an expression if one is clear.
    Capture(String, Option<String>),
    /// Tells files of accelerometers from those of gyroscopes.
    Sensor,
}

/// A pattern that was found, and how sure it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Proposed {
    pub(super) pattern: String,
    /// The same for the gyroscope's files, where they lie beside those of the accelerometer.
    pub(super) gyroscope: Option<String>,
    /// What a person must decide.
    pub(super) checks: Vec<String>,
    pub(super) captures: BTreeSet<String>,
}

/// The pattern of the commonest shape among paths, which are all of one ending. `labelled` says whether labels stand in the files.
pub(super) fn propose(paths: &[&str], labelled: bool) -> Option<Proposed> {
    let mut shapes: BTreeMap<Vec<char>, Vec<Cut>> = BTreeMap::new();
    for path in paths {
        let cut = cut(path);
        shapes.entry(cut.separators.clone()).or_default().push(cut);
    }
    // The first of those that are equally common.
    let mut shapes: Vec<Vec<Cut>> = shapes.into_values().collect();
    shapes.sort_by_key(|files| std::cmp::Reverse(files.len()));
    let files = shapes.into_iter().next()?;
    let (roles, checks) = roles(&files, labelled);
    let captures = roles.iter().filter_map(|role| match role {
        Role::Capture(name, _) => Some(name.clone()),
        _ => None,
    });
    let captures = captures.collect();
    let written = |acceleration: bool| written(&files, &roles, acceleration);
    let gyroscope = roles.contains(&Role::Sensor).then(|| written(false));
    Some(Proposed { pattern: written(true), gyroscope, checks, captures })
}

fn values(files: &[Cut], at: usize) -> BTreeSet<&str> {
    files.iter().map(|file| file.words[at].as_str()).collect()
}

fn roles(files: &[Cut], labelled: bool) -> (Vec<Role>, Vec<String>) {
    let count = files[0].words.len();
    let all: Vec<BTreeSet<&str>> = (0..count).map(|at| values(files, at)).collect();
    let mut roles: Vec<Option<Role>> = (all.iter())
        .map(|values| match (values.len(), values.first()) {
            (1, Some(one)) => Some(Role::Literal((*one).to_owned())),
            _ if values.iter().all(|word| words::sensor(word).is_some()) => Some(Role::Sensor),
            _ => None,
        })
        .collect();
    let mut checks = Vec::new();
    let set = |roles: &mut Vec<Option<Role>>, at: usize, name: &str| {
        // Another part that always says the same is the same.
        for other in at..count {
            if roles[other].is_none() && files.iter().all(|file| file.words[other] == file.words[at]) {
                roles[other] = Some(Role::Capture(
                    name.to_owned(),
                    (other == at).then(|| expression(&all[at])).flatten(),
                ));
            }
        }
    };
    let free = |roles: &[Option<Role>]| (0..count).filter(|&at| roles[at].is_none()).collect::<Vec<_>>();

    let known = |at: &usize| {
        let known = all[*at].iter().filter(|word| words::activity(word).is_some()).count();
        (10 * known / all[*at].len(), *at)
    };
    if let Some((_, at)) = free(&roles)
        .iter()
        .map(known)
        .filter(|(known, _)| *known >= 4)
        .max_by_key(|(known, at)| (*known, std::cmp::Reverse(*at)))
    {
        set(&mut roles, at, "activity");
    }
    let score = |at: usize| {
        let prefixed = all[at].iter().all(|word| {
            let digits = word.trim_start_matches(|c: char| !c.is_ascii_digit());
            let prefix = &word[..word.len() - digits.len()];
            !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit()) && words::is_person(prefix)
        });
        let after =
            at.checked_sub(1).is_some_and(|before| all[before].iter().all(|word| words::is_person(word)));
        let folder = files[0].separators.get(at) == Some(&'/');
        4 * i32::from(prefixed) + 4 * i32::from(after) + i32::from(folder)
    };
    let person = free(&roles)
        .into_iter()
        .filter(|&at| score(at) >= 4)
        .max_by_key(|&at| (score(at), std::cmp::Reverse(at)));
    if let Some(at) = person {
        set(&mut roles, at, "person");
    }
    if let Some(&at) =
        free(&roles).iter().find(|&&at| all[at].iter().all(|word| words::place(word).is_some()))
    {
        set(&mut roles, at, "placement");
    }
    if person.is_none() {
        let numbered =
            |&&at: &&usize| all[at].iter().all(|word| word.ends_with(|c: char| c.is_ascii_digit()));
        let candidates = free(&roles);
        if let Some(&at) = candidates.iter().find(numbered).or(candidates.first()) {
            checks.push(format!("is {{person}} ({}) who was recorded?", examples(&all[at])));
            set(&mut roles, at, "person");
        }
    }
    if !labelled
        && !roles.iter().flatten().any(|role| matches!(role, Role::Capture(name, _) if name == "activity"))
    {
        let coded = |at: &&usize| (2..=60).contains(&all[**at].len()) && !is_trial(&all[**at]);
        if let Some(&at) = free(&roles).iter().find(coded) {
            checks.push(format!("is {{activity}} ({}) what was done?", examples(&all[at])));
            set(&mut roles, at, "activity");
        }
    }
    let candidates = free(&roles);
    if let Some(&at) = candidates.iter().find(|&&at| is_trial(&all[at])).or(candidates.first()) {
        set(&mut roles, at, "trial");
    }
    let mut number = 0;
    while let Some(&at) = free(&roles).first() {
        number += 1;
        set(&mut roles, at, &format!("part{number}"));
    }
    (roles.into_iter().flatten().collect(), checks)
}

/// Whether all are numbers, or numbers behind a letter for trials.
fn is_trial(values: &BTreeSet<&str>) -> bool {
    values.iter().all(|word| {
        let digits = word.trim_start_matches(|c: char| c.is_ascii_alphabetic());
        let prefix = word[..word.len() - digits.len()].to_lowercase();
        let counts = ["", "r", "t", "trial", "rep", "run", "exp", "session"].contains(&prefix.as_str());
        counts && !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit())
    })
}

/// `s01, s02, s03, …`
pub(super) fn examples(values: &BTreeSet<&str>) -> String {
    let few: Vec<&str> = values.iter().copied().take(3).collect();
    few.join(", ") + if values.len() > 3 { ", …" } else { "" }
}

/// A regular expression for all of the values, where it is short and clear.
fn expression(values: &BTreeSet<&str>) -> Option<String> {
    let all = |is: fn(char) -> bool| values.iter().all(|word| !word.is_empty() && word.chars().all(is));
    if all(|c| c.is_ascii_digit()) {
        return Some(r"\d+".to_owned());
    }
    if all(|c| c.is_ascii_digit() || c == '-') {
        return Some(r"[-\d]+".to_owned());
    }
    let mut prefixes = BTreeSet::new();
    let numbered = values.iter().all(|word| {
        let letters = word.len() - word.trim_start_matches(|c: char| c.is_ascii_alphabetic()).len();
        prefixes.insert(&word[..letters]);
        let digits = &word[letters..];
        !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit())
    });
    if numbered && prefixes.len() <= 4 {
        let each: Vec<String> = prefixes.iter().map(|prefix| format!(r"{prefix}\d+")).collect();
        return Some(each.join("|"));
    }
    if values.len() <= 4 && all(|c| c.is_ascii_alphanumeric()) {
        return Some(values.iter().copied().collect::<Vec<_>>().join("|"));
    }
    // Words of several parts occur beside words of one.
    all(|c| c.is_ascii_alphabetic()).then(|| "[A-Za-z_]+".to_owned())
}

fn written(files: &[Cut], roles: &[Role], acceleration: bool) -> String {
    let mut pattern = String::new();
    let mut told = BTreeSet::new();
    for (at, role) in roles.iter().enumerate() {
        match role {
            // Patterns have no way to write these.
            Role::Literal(text) if text.contains(['*', '{', '}', '\\']) => pattern.push('*'),
            Role::Literal(text) => pattern.push_str(text),
            Role::Capture(name, Some(expression)) if told.insert(name) => {
                pattern.push_str(&format!("{{{name}:{expression}}}"));
            }
            Role::Capture(name, _) => {
                told.insert(name);
                pattern.push_str(&format!("{{{name}}}"));
            }
            Role::Sensor => {
                let word =
                    values(files, at).into_iter().find(|word| words::sensor(word) == Some(acceleration));
                pattern.push_str(word.unwrap_or("*"));
            }
        }
        pattern.extend(files[0].separators.get(at));
    }
    pattern
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pattern(paths: &[&str], labelled: bool) -> Proposed {
        propose(paths, labelled).unwrap()
    }

    #[test]
    fn people_trials_and_places() {
        let found = pattern(
            &["s01/s01_01_sp.csv", "s01/s01_02_sw.csv", "s02/s02_01_sw.csv", "s02/s02_03_sp.csv"],
            true,
        );
        assert_eq!(found.pattern, r"{person:s\d+}/{person}_{trial:\d+}_{placement:sp|sw}.csv");
        assert!(found.checks.is_empty());
    }

    #[test]
    fn codes_of_activities_are_asked_about() {
        let found =
            pattern(&["SA01/D01_SA01_R01.txt", "SA02/D02_SA02_R02.txt", "SE01/D01_SE01_R01.txt"], false);
        assert_eq!(found.pattern, r"{person:SA\d+|SE\d+}/{activity:D\d+}_{person}_{trial:R\d+}.txt");
        assert_eq!(found.checks, ["is {activity} (D01, D02) what was done?"]);
    }

    #[test]
    fn words_dates_and_longer_words() {
        let paths = [
            "Set_Subject_02_ADL_Walking_1_2016-06-13_20-27-49.csv",
            "Set_Subject_02_ADL_Running_1_2016-06-14_20-28-31.csv",
            "Set_Subject_04_ADL_Sitting_2_2016-06-15_20-29-14.csv",
            "Set_Subject_04_ADL_Sitting_Down_2_2016-06-15_20-29-14.csv",
        ];
        let found = pattern(&paths, false);
        assert!(found.pattern.starts_with(r"Set_Subject_{person:\d+}_ADL_{activity:"), "{}", found.pattern);
        assert!(
            found.pattern.contains(r"_{trial:1|2}_") || found.pattern.contains(r"_{trial:\d+}_"),
            "{}",
            found.pattern
        );
    }

    #[test]
    fn two_sensors_side_by_side() {
        let paths = [
            "acc_exp01_user01.txt",
            "gyro_exp01_user01.txt",
            "acc_exp02_user02.txt",
            "gyro_exp02_user02.txt",
        ];
        let found = pattern(&paths, true);
        assert!(found.pattern.starts_with("acc_"), "{}", found.pattern);
        assert_eq!(found.gyroscope.unwrap(), found.pattern.replacen("acc_", "gyro_", 1));
        assert!(found.captures.contains("person"));
    }

    #[test]
    fn one_file_has_no_person() {
        let found = pattern(&["walk.csv"], true);
        assert_eq!((found.pattern.as_str(), found.captures.len()), ("walk.csv", 0));
    }
}
