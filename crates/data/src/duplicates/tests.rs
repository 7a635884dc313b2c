use super::*;
use proptest::prelude::*;
use std::collections::BTreeSet;

type Samples = Vec<[f32; 3]>;

/// Noise on the grid of a sensor: whole multiples of 1/720 up to ±`levels`.
fn noise(seed: u64, length: usize, levels: u64) -> Samples {
    let mut state = seed.wrapping_mul(2).wrapping_add(1);
    let mut value = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        ((state >> 33) % (2 * levels + 1)) as f32 / 720.0 - levels as f32 / 720.0
    };
    (0..length).map(|_| [value(), value(), 1.0 + value()]).collect()
}

/// Copies `length` samples of `from` into `to`.
fn plant(from: &[[f32; 3]], at: usize, to: &mut [[f32; 3]], into: usize, length: usize) {
    to[into..into + length].copy_from_slice(&from[at..at + length]);
}

fn find(
    recordings: &[(&'static str, f64, &Samples)],
) -> Vec<(&'static str, usize, &'static str, usize, usize)> {
    let recordings: Vec<_> =
        recordings.iter().map(|&(key, rate, samples)| (key, rate, samples.as_slice())).collect();
    let tuple = |d: Duplicate<_>| (d.first, d.first_start, d.second, d.second_start, d.length);
    duplicates(&recordings).into_iter().map(tuple).collect()
}

#[test]
fn five_seconds_are_found_wherever_they_lie_and_less_is_not() {
    let a = noise(1, 3000, 400);
    for (at, into) in [(0, 0), (1, 1234), (777, 3), (2749, 2749), (1313, 0), (0, 2749), (1500, 1499)] {
        for (length, is_found) in [(249, false), (250, true), (251, true)] {
            let mut b = noise(2, 3000, 400);
            plant(&a, at, &mut b, into, length);
            let expected: &[_] = if is_found { &[("a", at, "b", into, length)] } else { &[] };
            assert_eq!(find(&[("a", 50.0, &a), ("b", 50.0, &b)]), expected, "{at} {into} {length}");
        }
    }
}

#[test]
fn a_whole_recording_and_a_repeat_within_one_are_found() {
    let mut a = noise(3, 2000, 400);
    let copy = a[100..400].to_vec();
    plant(&copy, 0, &mut a, 1501, 300);
    let found = find(&[("a", 50.0, &a), ("other", 50.0, &noise(4, 5000, 400)), ("b", 50.0, &a)]);
    assert!(found.contains(&("a", 100, "a", 1501, 300)), "{found:?}");
    assert!(found.contains(&("a", 0, "b", 0, 2000)), "{found:?}");
    assert!(!found.iter().any(|d| d.0 == "other" || d.2 == "other"), "{found:?}");
}

#[test]
fn stretches_that_are_constant_or_nearly_so_do_not_count() {
    let still = |seed| -> Samples {
        let mut samples = noise(seed, 4000, 400);
        samples[1000..3000].fill([0.0, 0.0, 1.0]);
        samples
    };
    assert_eq!(find(&[("a", 50.0, &still(5)), ("b", 50.0, &still(6))]), []);
    // A stuck sensor that toggles between nine values, over and over.
    let toggling: Samples = (0..5000).map(|i| [(i % 9) as f32, 0.0, 1.0]).collect();
    assert_eq!(find(&[("a", 50.0, &toggling), ("b", 50.0, &toggling)]), []);
    // Ten of them are a signal.
    let ten: Samples = (0..500).map(|i| [(i % 10) as f32, 0.0, 1.0]).collect();
    assert!(find(&[("a", 50.0, &ten), ("b", 50.0, &ten)]).contains(&("a", 0, "b", 0, 500)));
}

#[test]
fn coarse_noise_is_no_copy_of_itself() {
    // 27 different samples in all, and at rest one of them nearly always.
    let coarse = |seed| noise(seed, 100_000, 1);
    let quiet = |seed| -> Samples {
        let rest = |(i, sample): (usize, &[f32; 3])| if i % 23 == 0 { *sample } else { [0.0, 0.0, 1.0] };
        coarse(seed).iter().enumerate().map(rest).collect()
    };
    assert_eq!(find(&[("a", 50.0, &coarse(7)), ("b", 50.0, &coarse(8))]), []);
    let (mut a, b) = (quiet(9), quiet(10));
    assert_eq!(find(&[("a", 50.0, &a), ("b", 50.0, &b)]), []);
    plant(&b, 40_003, &mut a, 1, 1000);
    let found = find(&[("a", 50.0, &a), ("b", 50.0, &b)]);
    assert!(matches!(found[..], [("a", ..=1, "b", 39_900..=40_003, 1000..)]), "{found:?}");
}

#[test]
fn of_recordings_of_different_rates_the_slower_decides() {
    let slow = noise(11, 1000, 400);
    for (length, is_found) in [(99, false), (100, true)] {
        let mut fast = noise(12, 20_000, 400);
        plant(&slow, 31, &mut fast, 12_345, length);
        let expected: &[_] = if is_found { &[("fast", 12_345, "slow", 31, length)] } else { &[] };
        assert_eq!(find(&[("fast", 200.0, &fast), ("slow", 20.0, &slow)]), expected);
    }
    // Within the fast one it takes 1000 samples.
    let mut fast = noise(13, 20_000, 400);
    let copy = fast.clone();
    plant(&copy, 0, &mut fast, 5_000, 999);
    plant(&copy, 2_000, &mut fast, 15_000, 1_000);
    let found = find(&[("fast", 200.0, &fast), ("slow", 20.0, &slow)]);
    assert_eq!(found, [("fast", 2_000, "fast", 15_000, 1_000)]);
}

#[test]
fn zeros_of_both_signs_and_what_is_no_number_are_told_apart_by_their_bits() {
    let mut a = noise(14, 600, 400);
    a[300] = [f32::NAN, 0.0, 1.0];
    let mut b = a.clone();
    assert_eq!(find(&[("a", 50.0, &a), ("b", 50.0, &b)]), [("a", 0, "b", 0, 600)]);
    b[300][1] = -0.0;
    let halves = [("a", 0, "b", 0, 300), ("a", 301, "b", 301, 299)];
    assert_eq!(find(&[("a", 50.0, &a), ("b", 50.0, &b)]), halves);
    assert_eq!(find(&[("a", f64::NAN, &noise(15, 5, 9)), ("b", 0.0, &Vec::new())]), []);
}

#[test]
fn a_long_periodic_signal_takes_no_longer_than_another() {
    // An hour at 50 Hz with a period of one second: millions of pairs, were each named.
    let period = noise(16, 50, 400);
    let hour: Samples = period.iter().copied().cycle().take(180_000).collect();
    let found = find(&[("a", 50.0, &hour), ("b", 50.0, &hour)]);
    assert!(found.contains(&("a", 0, "a", 50, 179_950)), "{found:?}");
    assert!(found.iter().any(|d| (d.0, d.2) == ("a", "b")), "{found:?}");
    assert!(found.len() < 1000, "{}", found.len());
}

/// All maximal stretches, by comparing everything with everything.
fn reference(recordings: &[Samples], shortest: usize) -> BTreeSet<(usize, usize, usize, usize, usize)> {
    let mut found = BTreeSet::new();
    for (second, b) in recordings.iter().enumerate() {
        for (first, a) in recordings[..=second].iter().enumerate() {
            for i in 0..a.len() {
                for j in 0..b.len() {
                    let later = first < second || i < j;
                    let is_start = i == 0 || j == 0 || !same(a[i - 1], b[j - 1]);
                    if later && is_start && same(a[i], b[j]) {
                        let length = common(a[i..].iter(), b[j..].iter());
                        if length >= shortest && varies(&a[i..i + length]) {
                            found.insert((first, i, second, j, length));
                        }
                    }
                }
            }
        }
    }
    found
}

/// Which samples are tied to each other by stretches: for each sample its representative.
struct Ties {
    offsets: Vec<usize>,
    parents: Vec<usize>,
}

impl Ties {
    fn new(recordings: &[Samples]) -> Self {
        let mut offsets = Vec::new();
        let mut total = 0;
        for recording in recordings {
            offsets.push(total);
            total += recording.len();
        }
        Self { offsets, parents: (0..total).collect() }
    }

    fn representative(&self, mut sample: usize) -> usize {
        while self.parents[sample] != sample {
            sample = self.parents[sample];
        }
        sample
    }

    fn pairs(
        &self,
        (first, i, second, j, length): (usize, usize, usize, usize, usize),
    ) -> Vec<(usize, usize)> {
        (0..length).map(|k| (self.offsets[first] + i + k, self.offsets[second] + j + k)).collect()
    }

    fn tie(&mut self, stretch: (usize, usize, usize, usize, usize)) {
        for (a, b) in self.pairs(stretch) {
            let (a, b) = (self.representative(a), self.representative(b));
            self.parents[a] = b;
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    /// At 4 Hz 20 samples count. Few different samples, so that copies have neighbours that agree by chance.
    #[test]
    fn copies_are_those_of_the_reference(
        lengths in prop::collection::vec(0usize..150, 1..4),
        seed: u64,
        plants in prop::collection::vec((0usize..4, 0usize..150, 0usize..4, 0usize..150, 10usize..60), 0..6),
        periodic in prop::option::of((0usize..4, 1usize..15)),
    ) {
        let mut recordings: Vec<Samples> =
            lengths.iter().zip(0..).map(|(&length, n)| noise(seed.wrapping_add(n), length, 1)).collect();
        if let Some((recording, period)) = periodic {
            let recording = recording % recordings.len();
            let start = recordings[recording].clone();
            let repeated = start.iter().copied().take(period).cycle().take(start.len());
            recordings[recording] = repeated.collect();
        }
        for (from, at, to, into, length) in plants {
            let source = recordings[from % lengths.len()].clone();
            let target = &mut recordings[to % lengths.len()];
            let (at, into) = (at.min(source.len()), into.min(target.len()));
            let length = length.min(source.len() - at).min(target.len() - into);
            plant(&source, at, target, into, length);
        }
        let given: Vec<_> = recordings.iter().enumerate().map(|(key, samples)| (key, 4.0, samples.as_slice())).collect();
        let found = duplicates(&given);
        let expected = reference(&recordings, 20);
        let mut ties = Ties::new(&recordings);
        for d in &found {
            let stretch = (d.first, d.first_start, d.second, d.second_start, d.length);
            prop_assert!(expected.contains(&stretch), "{:?} is no maximal stretch", stretch);
            ties.tie(stretch);
        }
        for stretch in expected {
            for (a, b) in ties.pairs(stretch) {
                prop_assert_eq!(ties.representative(a), ties.representative(b), "{:?} is not tied: {:?}", stretch, found);
            }
        }
    }
}
