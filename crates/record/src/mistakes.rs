//! `mistakes.json`: the most confident mistakes, with their signals.

use serde::{Deserialize, Serialize};

/// A test window the first seed's model got wrong, with its signals, most confident first.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Mistake {
    /// Subject number.
    pub subject: u16,
    /// Experiment (recording) number.
    pub experiment: u16,
    /// First sample of the window in its recording, from 0.
    pub start: u32,
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
    /// Angular velocity x, y, z over time, in rad/s.
    pub angular_velocity: [Vec<f32>; 3],
}
