//! Which windows an epoch sees, and how often.

use crate::Balance;
use ambulo_data::{LabelledWindows, WindowOrigin};
use ambulo_nn::Random;
use std::collections::BTreeMap;

/// Cumulated shares of the windows in an epoch, or nothing where each is seen once.
#[derive(Clone, Debug)]
pub(crate) struct Shares(Option<Vec<f64>>);

impl Shares {
    pub(crate) fn new(balance: Balance, windows: &LabelledWindows) -> Self {
        if balance == Balance::None || windows.is_empty() {
            return Self(None);
        }
        let set = |origin: &WindowOrigin| match balance {
            Balance::DataSets => origin.facts.dataset.to_string(),
            Balance::None | Balance::People => String::new(),
        };
        let mut counts: BTreeMap<String, BTreeMap<&str, usize>> = BTreeMap::new();
        for origin in &windows.origins {
            *counts.entry(set(origin)).or_default().entry(origin.person.as_str()).or_default() += 1;
        }
        let mut sum = 0.0;
        let share = |origin: &WindowOrigin| {
            let people = &counts[&set(origin)];
            let own = people[origin.person.as_str()];
            1.0 / (counts.len() * people.len() * own) as f64
        };
        let cumulated = windows.origins.iter().map(|origin| {
            sum += share(origin);
            sum
        });
        Self(Some(cumulated.collect()))
    }

    /// The windows of an epoch in order, `least` of them at least: of fewer windows one pass after the other, the last one cut short. What
    /// later passes see is numbered as if it were more windows, as in [`epoch`](Self::epoch).
    pub(crate) fn epochs(&self, windows: usize, least: usize, random: &mut Random, order: &mut Vec<usize>) {
        self.epoch(windows, random, order);
        let mut pass = Vec::new();
        while order.len() < least && windows > 0 {
            self.epoch(windows, random, &mut pass);
            let begun = order.iter().max().map_or(0, |most| (most / windows + 1) * windows);
            let room = least - order.len();
            order.extend(pass.iter().take(room).map(|i| i + begun));
        }
    }

    /// The windows of an epoch in order: as many as there are, each as often as its share says or once more (systematic
    /// sampling, Madow 1949), shuffled. The second time that a window is seen it is named by its number and that of all windows
    /// added, and so on, so that it can be augmented anew.
    pub(crate) fn epoch(&self, windows: usize, random: &mut Random, order: &mut Vec<usize>) {
        order.clear();
        match &self.0 {
            None => order.extend(0..windows),
            Some(shares) => {
                let total = shares.last().copied().unwrap_or(1.0);
                let first = f64::from(random.uniform());
                let (mut window, mut again) = (0, 0);
                for i in 0..windows {
                    let at = (i as f64 + first) / windows as f64 * total;
                    while window + 1 < shares.len() && shares[window] <= at {
                        (window, again) = (window + 1, 0);
                    }
                    order.push(window + again * windows);
                    again += 1;
                }
            }
        }
        random.shuffle(order);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ambulo_data::Facts;
    use ambulo_record::PersonId;
    use std::sync::Arc;

    fn windows(of: &[(&str, &str, usize)]) -> LabelledWindows {
        let origin = |set: &str, person: &str| WindowOrigin {
            person: PersonId::new(person).unwrap(),
            recording: "".into(),
            facts: Arc::new(Facts { dataset: set.into(), ..Facts::default() }),
            start: 0,
        };
        let origins: Vec<WindowOrigin> =
            of.iter().flat_map(|&(set, person, n)| std::iter::repeat_n(origin(set, person), n)).collect();
        LabelledWindows { labels: vec![0; origins.len()], origins, ..LabelledWindows::default() }
    }

    #[test]
    fn people_and_data_sets_get_equal_shares_and_an_epoch_stays_as_long() {
        let all = windows(&[("a", "1", 600), ("a", "2", 200), ("b", "3", 100), ("b", "4", 300)]);
        let count = |balance: Balance| {
            let mut order = Vec::new();
            Shares::new(balance, &all).epoch(1200, &mut Random::new(1, 1), &mut order);
            assert_eq!(order.len(), 1200);
            let mut by_person = BTreeMap::new();
            order
                .iter()
                .for_each(|&i| *by_person.entry(all.origins[i % 1200].person.to_string()).or_insert(0) += 1);
            by_person.into_values().collect::<Vec<i32>>()
        };
        assert_eq!(count(Balance::None), [600, 200, 100, 300]);
        for (balance, expected) in [(Balance::People, 300), (Balance::DataSets, 300)] {
            assert!(count(balance).iter().all(|n| (n - expected).abs() <= 1), "{:?}", count(balance));
        }
        let uneven = windows(&[("a", "1", 30), ("a", "2", 30), ("b", "3", 60)]);
        let mut order = Vec::new();
        Shares::new(Balance::DataSets, &uneven).epoch(120, &mut Random::new(7, 1), &mut order);
        let of_b = order.iter().filter(|&&i| i % 120 >= 60).count();
        assert!((59..=61).contains(&of_b), "{of_b}");
        // Nobody is left out for long: a window of a share of one half is seen in every other epoch.
        Shares::new(Balance::People, &all).epoch(1200, &mut Random::new(2, 1), &mut order);
        order.sort_unstable();
        assert!(order.is_sorted_by(|a, b| a < b), "the same window twice under one number");
        order.iter_mut().for_each(|i| *i %= 1200);
        order.sort_unstable();
        order.dedup();
        assert!(order.len() > 880, "{}", order.len());
    }

    #[test]
    fn few_windows_are_seen_again_under_other_numbers_until_there_are_enough() {
        let all = windows(&[("a", "1", 20), ("a", "2", 10)]);
        for balance in [Balance::None, Balance::People] {
            let (shares, mut order, mut plain) = (Shares::new(balance, &all), Vec::new(), Vec::new());
            shares.epochs(30, 100, &mut Random::new(3, 9), &mut order);
            shares.epoch(30, &mut Random::new(3, 9), &mut plain);
            assert_eq!((order.len(), &order[..30]), (100, &plain[..]));
            let mut numbers = order.clone();
            numbers.sort_unstable();
            assert!(numbers.is_sorted_by(|a, b| a < b), "the same window twice under one number");
            // Enough windows are as ever.
            shares.epochs(30, 30, &mut Random::new(3, 9), &mut order);
            assert_eq!(order, plain);
        }
    }

    #[test]
    fn without_balance_an_epoch_is_shuffled_as_ever() {
        let all = windows(&[("a", "1", 50)]);
        let (mut order, mut plain) = (Vec::new(), (0..50).collect::<Vec<usize>>());
        Shares::new(Balance::None, &all).epoch(50, &mut Random::new(3, 9), &mut order);
        Random::new(3, 9).shuffle(&mut plain);
        assert_eq!(order, plain);
    }
}
