//! Words by which people name activities, places of the body, people and sensors.

use ambulo_record::vocabulary::{UNLABELLED, canonical, is_reserved, lookup};

/// Words and the names of the common vocabulary that they surely mean.
const ACTIVITIES: [(&str, &str); 62] = [
    ("walk", "walking"),
    ("wlk", "walking"),
    ("gait", "walking"),
    ("walking_forward", "walking"),
    ("stroll", "walking"),
    ("run", "running"),
    ("jog", "running"),
    ("jogging", "running"),
    ("sit", "sitting"),
    ("seated", "sitting"),
    ("sitting_down", "stand_to_sit"),
    ("sit_down", "stand_to_sit"),
    ("sittingdown", "stand_to_sit"),
    ("sch", "stand_to_sit"),
    ("stand", "standing"),
    ("std", "standing"),
    ("stood", "standing"),
    ("standing_still", "standing"),
    ("standing_up", "sit_to_stand"),
    ("stand_up", "sit_to_stand"),
    ("standingup", "sit_to_stand"),
    ("standing_up_from_sitting", "sit_to_stand"),
    ("lie", "lying"),
    ("lay", "lying"),
    ("laying", "lying"),
    ("lying_down", "lie_down"),
    ("lyingdown_onabed", "lie_down"),
    ("laying_down", "lie_down"),
    ("upstairs", "walking_upstairs"),
    ("ups", "walking_upstairs"),
    ("up_stairs", "walking_upstairs"),
    ("stairs_up", "walking_upstairs"),
    ("stairsup", "walking_upstairs"),
    ("goupstairs", "walking_upstairs"),
    ("climbing_up", "walking_upstairs"),
    ("climbingup", "walking_upstairs"),
    ("ascending_stairs", "walking_upstairs"),
    ("walking_up", "walking_upstairs"),
    ("downstairs", "walking_downstairs"),
    ("dws", "walking_downstairs"),
    ("down_stairs", "walking_downstairs"),
    ("stairs_down", "walking_downstairs"),
    ("stairsdown", "walking_downstairs"),
    ("godownstairs", "walking_downstairs"),
    ("climbing_down", "walking_downstairs"),
    ("climbingdown", "walking_downstairs"),
    ("descending_stairs", "walking_downstairs"),
    ("walking_down", "walking_downstairs"),
    ("jump", "jumping"),
    ("hopping", "jumping"),
    ("bike", "cycling"),
    ("biking", "cycling"),
    ("bicycling", "cycling"),
    ("car", "vehicle"),
    ("bus", "vehicle"),
    ("driving", "vehicle"),
    ("turn", "turning"),
    ("bend", "bending"),
    ("fallen", "fall"),
    ("null", UNLABELLED),
    ("none", UNLABELLED),
    ("other", UNLABELLED),
];

const PLACES: [(&str, &str); 30] = [
    ("pocket", "pocket"),
    ("rightpocket", "pocket"),
    ("leftpocket", "pocket"),
    ("waist", "waist"),
    ("belt", "waist"),
    ("hip", "hip"),
    ("wrist", "wrist"),
    ("leftwrist", "wrist"),
    ("rightwrist", "wrist"),
    ("lw", "wrist"),
    ("rw", "wrist"),
    ("hand", "wrist"),
    ("chest", "chest"),
    ("ankle", "ankle"),
    ("leftankle", "ankle"),
    ("rightankle", "ankle"),
    ("thigh", "thigh"),
    ("shin", "shin"),
    ("back", "back"),
    ("lowerback", "back"),
    ("head", "head"),
    ("forearm", "forearm"),
    ("upperarm", "upperarm"),
    ("arm", "arm"),
    ("foot", "foot"),
    ("phone", "pocket"),
    ("smartphone", "pocket"),
    ("sp", "pocket"),
    ("watch", "wrist"),
    ("sw", "wrist"),
];

const PEOPLE: [&str; 17] = [
    "s",
    "sub",
    "subj",
    "subject",
    "p",
    "pers",
    "person",
    "part",
    "participant",
    "u",
    "user",
    "id",
    "patient",
    "volunteer",
    "pid",
    "sa",
    "se",
];

/// The name in the common vocabulary, or `unlabelled`, that a word surely means.
pub(super) fn activity(word: &str) -> Option<&'static str> {
    let name = canonical(word).ok()?;
    if is_reserved(&name) {
        return Some(UNLABELLED);
    }
    if let Some(node) = lookup(&name) {
        return Some(node.name());
    }
    let fell = name.ends_with("fall") || name.starts_with("fall_");
    let found = ACTIVITIES.iter().find(|(other, _)| *other == name).map(|(_, usual)| *usual);
    found.or(fell.then_some("fall"))
}

/// The place of the body that a word names; devices are where they are mostly worn.
pub(super) fn place(word: &str) -> Option<&'static str> {
    let plain: String = word.chars().filter(|c| c.is_alphanumeric()).collect::<String>().to_lowercase();
    PLACES.iter().find(|(other, _)| *other == plain).map(|(_, usual)| *usual)
}

/// Whether a word stands before a person's number.
pub(super) fn is_person(word: &str) -> bool {
    PEOPLE.contains(&word.trim_matches(['_', '-', '.', ' ']).to_lowercase().as_str())
}

/// Whether a word says that a file holds acceleration (true) or angular velocity (false).
pub(super) fn sensor(word: &str) -> Option<bool> {
    match word.to_lowercase().as_str() {
        "acc" | "accel" | "accelerometer" | "acceleration" => Some(true),
        "gyr" | "gyro" | "gyroscope" => Some(false),
        _ => None,
    }
}

/// Whether a column's name says that it holds labels.
pub(super) fn is_label_column(name: &str) -> bool {
    const NAMES: [&str; 12] = [
        "label",
        "labels",
        "activity",
        "activity_id",
        "activityid",
        "class",
        "annotation",
        "target",
        "gt",
        "activity_label",
        "act",
        "code",
    ];
    NAMES.contains(&plain(name).as_str())
}

/// Whether a column's name says that it holds people.
pub(super) fn is_person_column(name: &str) -> bool {
    const NAMES: [&str; 11] = [
        "subject",
        "subject_id",
        "user",
        "user_id",
        "person",
        "participant",
        "participant_id",
        "sbj_id",
        "sid",
        "pid",
        "id",
    ];
    NAMES.contains(&plain(name).as_str())
}

fn plain(name: &str) -> String {
    name.trim_matches([' ', '"', '\'']).to_lowercase().replace([' ', '-'], "_")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_means_something_there_is() {
        for (word, name) in ACTIVITIES {
            assert!(name == UNLABELLED || lookup(name).is_some(), "{word}: {name}");
            assert_eq!(canonical(word).map(|w| w == word || w == name), Ok(true), "{word}");
        }
    }

    #[test]
    fn words_are_understood_however_they_are_spelt() {
        assert_eq!(activity("SEATED"), Some("sitting"));
        assert_eq!(activity("GoUpstairs"), Some("walking_upstairs"));
        assert_eq!(activity("Walking"), Some("walking"));
        assert_eq!(activity("forwardFall"), Some("fall"));
        assert_eq!(activity("D07"), None);
        assert_eq!(place("RIGHTPOCKET"), Some("pocket"));
        assert!(is_person("Subject_") && !is_person("trial"));
        assert!(is_label_column("\"Activity ID\"") && !is_label_column("x"));
    }
}
