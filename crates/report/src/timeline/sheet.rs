//! A timeline made ready for drawing: in order, without overlaps, its activities numbered.

use super::clock::Clock;
use super::colours::{Look, look};
use crate::text::activity;
use ambulo_record::timeline::{Flag, NOT_WORN, Segment, Steps, Timeline};
use ambulo_record::vocabulary::UNKNOWN;
use std::collections::HashMap;

/// What is drawn.
pub(super) struct Sheet<'a> {
    pub(super) timeline: &'a Timeline,
    pub(super) clock: Clock,
    /// From the first thing that is known to the last, in nanoseconds from the recording's zero; nothing if that is no time.
    pub(super) window: Option<(i64, i64)>,
    /// Activities: the labels in their order, `unknown`, and whatever else segments name, not worn last.
    pub(super) activities: Vec<Activity<'a>>,
    pub(super) segments: Vec<Placed>,
    pub(super) answers: Answers<'a>,
}

/// An activity.
pub(super) struct Activity<'a> {
    pub(super) name: &'a str,
    pub(super) look: Look,
    /// Seconds of it in all segments.
    pub(super) seconds: f64,
}

impl Activity<'_> {
    /// Its name in prose.
    pub(super) fn title(&self) -> String {
        activity(self.name)
    }
}

/// A segment.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Placed {
    pub(super) start_ns: i64,
    pub(super) end_ns: i64,
    /// Place in the list of activities.
    pub(super) activity: usize,
    pub(super) confidence: f32,
    /// A bit for each of [`Flag::ALL`].
    pub(super) flags: u8,
}

impl Placed {
    pub(super) fn seconds(&self) -> f64 {
        self.end_ns.saturating_sub(self.start_ns) as f64 / 1e9
    }
}

/// Probabilities step by step, whatever the lengths of their columns.
#[derive(Clone, Copy)]
pub(super) struct Answers<'a> {
    pub(super) steps: &'a Steps,
    /// Number of steps.
    pub(super) count: usize,
    labels: usize,
}

impl<'a> Answers<'a> {
    fn new(steps: &'a Steps, labels: usize) -> Self {
        let rows = steps.probabilities.len().checked_div(labels).unwrap_or(usize::MAX);
        let count = if steps.step_ns > 0 { steps.start_ns.len().min(rows) } else { 0 };
        Self { steps, count, labels }
    }

    /// Labels, and `unknown`.
    pub(super) fn lanes(&self) -> usize {
        self.labels + 1
    }

    /// Probabilities of all lanes in a step, from 0 to 1; 0 for what is no number.
    pub(super) fn row(&self, step: usize) -> impl Iterator<Item = f32> {
        let unknown = self.steps.unknown.get(step).copied().unwrap_or(0.0);
        let labels = &self.steps.probabilities[step * self.labels..][..self.labels];
        labels.iter().copied().chain([unknown]).map(|p| if p.is_nan() { 0.0 } else { p.clamp(0.0, 1.0) })
    }

    /// Where the network looked, where that is known for each step.
    pub(super) fn attention(&self) -> Option<&'a [f32]> {
        let all = self.steps.attention.get(..self.count)?;
        (!all.is_empty()).then_some(all)
    }
}

impl<'a> Sheet<'a> {
    pub(super) fn new(timeline: &'a Timeline) -> Self {
        let answers = Answers::new(&timeline.steps, timeline.labels.len());
        let mut names: Vec<&str> = timeline.labels.iter().map(String::as_str).collect();
        if answers.count > 0 || timeline.segments.iter().any(|segment| segment.activity == UNKNOWN) {
            names.push(UNKNOWN);
        }
        let mut places: HashMap<&str, usize> = HashMap::new();
        for (place, name) in names.iter().enumerate() {
            places.entry(name).or_insert(place);
        }
        // Not worn comes last, whenever it is first met.
        let (worn, idle): (Vec<&Segment>, Vec<&Segment>) =
            timeline.segments.iter().partition(|segment| segment.activity != NOT_WORN);
        for segment in worn.into_iter().chain(idle) {
            places.entry(&segment.activity).or_insert_with(|| {
                names.push(&segment.activity);
                names.len() - 1
            });
        }
        let mut activities: Vec<Activity<'_>> =
            names.into_iter().map(|name| Activity { name, look: look(name), seconds: 0.0 }).collect();
        let segments = placed(timeline, &places);
        for segment in &segments {
            activities[segment.activity].seconds += segment.seconds();
        }
        let window = window(timeline, &segments, &answers);
        Self { timeline, clock: Clock::new(timeline.zero), window, activities, segments, answers }
    }

    /// The activities that occur, with their places in the list.
    pub(super) fn occurring(&self) -> impl Iterator<Item = (usize, &Activity<'a>)> {
        self.activities.iter().enumerate().filter(|(_, activity)| activity.seconds > 0.0)
    }
}

/// Segments in order of time, each from where the one before is over; empty ones are left out.
fn placed(timeline: &Timeline, places: &HashMap<&str, usize>) -> Vec<Placed> {
    let mut until = i64::MIN;
    let mut all = Vec::with_capacity(timeline.segments.len());
    for segment in &timeline.segments {
        let start_ns = segment.start_ns.max(until);
        let Some(&activity) = places.get(segment.activity.as_str()) else { continue };
        if segment.end_ns <= start_ns {
            continue;
        }
        until = segment.end_ns;
        let flag = |(bit, flag): (usize, &Flag)| u8::from(segment.flags.contains(flag)) << bit;
        all.push(Placed {
            start_ns,
            end_ns: segment.end_ns,
            activity,
            confidence: segment.confidence,
            flags: Flag::ALL.iter().enumerate().map(flag).sum(),
        });
    }
    all
}

fn window(timeline: &Timeline, segments: &[Placed], answers: &Answers<'_>) -> Option<(i64, i64)> {
    let mut bounds: Vec<(i64, i64)> = Vec::new();
    if let (Some(first), Some(last)) = (segments.first(), segments.last()) {
        bounds.push((first.start_ns, last.end_ns));
    }
    if answers.count > 0 {
        bounds.push((timeline.steps.start_ns[0], timeline.steps.end_ns(answers.count - 1)));
    }
    let overview = &timeline.overview;
    if overview.start_s.is_finite() && overview.end_s.is_finite() {
        bounds.push(((overview.start_s * 1e9) as i64, (overview.end_s * 1e9) as i64));
    }
    bounds.retain(|(from, to)| from < to);
    let from = bounds.iter().map(|&(from, _)| from).min()?;
    let to = bounds.iter().map(|&(_, to)| to).max()?;
    Some((from, to))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn segment(start_ns: i64, end_ns: i64, activity: &str) -> Segment {
        Segment {
            start_ns,
            end_ns,
            activity: activity.to_owned(),
            confidence: 0.9,
            flags: vec![Flag::BackedOff],
        }
    }

    #[test]
    fn segments_are_in_order_and_activities_numbered() {
        let timeline = Timeline {
            labels: vec!["sitting".into(), "walking".into()],
            segments: vec![
                segment(0, 10, NOT_WORN),
                segment(8, 20, "walking"),
                segment(20, 20, "sitting"),
                segment(5, 15, "sitting"),
                segment(30, 40, "moving"),
            ],
            ..Timeline::default()
        };
        let sheet = Sheet::new(&timeline);
        let names: Vec<&str> = sheet.activities.iter().map(|activity| activity.name).collect();
        assert_eq!(names, ["sitting", "walking", "moving", NOT_WORN]);
        let placed: Vec<_> = sheet.segments.iter().map(|s| (s.start_ns, s.end_ns, s.activity)).collect();
        assert_eq!(placed, [(0, 10, 3), (10, 20, 1), (30, 40, 2)]);
        assert_eq!((sheet.window, sheet.segments[0].flags), (Some((0, 40)), 4));
    }

    #[test]
    fn columns_of_different_lengths_do_no_harm() {
        let steps = Steps {
            step_ns: 1,
            start_ns: vec![0, 1, 2],
            probabilities: vec![0.5, f32::NAN, -1.0],
            unknown: vec![2.0],
            attention: vec![1.0],
        };
        let answers = Answers::new(&steps, 2);
        assert_eq!((answers.count, answers.lanes()), (1, 3));
        assert_eq!(answers.row(0).collect::<Vec<_>>(), [0.5, 0.0, 1.0]);
        assert_eq!(Answers::new(&steps, 0).row(2).collect::<Vec<_>>(), [0.0]);
        assert_eq!(Answers::new(&steps, 0).attention(), None);
    }
}
