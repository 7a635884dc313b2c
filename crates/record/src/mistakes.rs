//! `mistakes.json`: the most confident mistakes, with their signals.

use crate::PersonId;
use serde::{Deserialize, Deserializer, Serialize};

/// A test window the first seed's model got wrong, with its signals, most confident first.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Mistake {
    /// Who was recorded.
    pub subject: PersonId,
    /// Name of the recording; a number called `experiment` in old records.
    #[serde(alias = "experiment", deserialize_with = "name_or_number")]
    pub recording: String,
    /// First sample of the window in its recording, from 0.
    pub start: u64,
    /// Samples per second.
    pub rate_hz: f64,
    /// Activity in the data.
    pub truth: String,
    /// Activity the model gave.
    pub predicted: String,
    /// Probability the model gave to its answer.
    pub confidence: f64,
    /// Probability the model gave to the truth.
    pub truth_probability: f64,
    /// Total acceleration x, y, z over time, in g.
    pub acceleration: [Vec<f32>; 3],
    /// Angular velocity x, y, z over time, in rad/s; absent where only acceleration was used.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub angular_velocity: Option<[Vec<f32>; 3]>,
    /// Where the network looked, for models with attention: the weight of each step of the network's last axis of time, which
    /// divides the window evenly; they add up to 1. Absent for others.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub attention: Option<Vec<f32>>,
}

fn name_or_number<'de, D: Deserializer<'de>>(from: D) -> Result<String, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Written {
        Name(String),
        Number(u64),
    }
    Ok(match Written::deserialize(from)? {
        Written::Name(name) => name,
        Written::Number(number) => number.to_string(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn old_mistakes_are_read() {
        let json = r#"{"subject":7,"experiment":12,"start":64,"rate_hz":50.0,"truth":"SITTING","predicted":"STANDING",
            "confidence":0.9,"truth_probability":0.1,"acceleration":[[],[],[]],"angular_velocity":[[],[],[]]}"#;
        let old: Mistake = serde_json::from_str(json).unwrap();
        assert_eq!((old.subject.as_str(), old.recording.as_str(), old.start), ("7", "12", 64));
        assert_eq!(old.attention, None);
        let mut alone = old;
        alone.angular_velocity = None;
        let json = serde_json::to_string(&alone).unwrap();
        assert!(json.contains(r#""recording":"12""#) && !json.contains("angular"), "{json}");
        assert!(!json.contains("attention"), "{json}");
        assert_eq!(serde_json::from_str::<Mistake>(&json).unwrap(), alone);
        alone.attention = Some(vec![0.25, 0.75]);
        let json = serde_json::to_string(&alone).unwrap();
        assert_eq!(serde_json::from_str::<Mistake>(&json).unwrap(), alone);
    }
}
