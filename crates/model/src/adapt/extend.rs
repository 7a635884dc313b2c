//! Room for further activities in what a model knows besides its weights.

use crate::novelty::{Clouds, Novelty};
use crate::smoothing::Prior;
use alloc::vec::Vec;

impl Prior {
    /// This prior with `further` labels behind its own: each is left for any label as often as it is begun with, and is come to from
    /// each label as often as the average other.
    #[must_use]
    pub(super) fn extended(&self, further: usize) -> Self {
        let (own, all) = (self.labels(), self.labels() + further);
        let share = 1.0 / all as f64;
        let mut prior = self.clone();
        prior.dwell_s.resize(all, Self::DWELL_S);
        prior.phases.resize(all, Self::PHASES);
        let left = 1.0 - further as f64 * share;
        prior.start.iter_mut().for_each(|p| *p *= left);
        prior.start.resize(all, share);
        for row in &mut prior.exits {
            row.iter_mut().for_each(|p| *p *= left);
            row.resize(all, share);
        }
        for label in own..all {
            let mut row = prior.start.clone();
            row[label] = 0.0;
            let sum: f64 = row.iter().sum();
            row.iter_mut().for_each(|p| *p /= sum);
            prior.exits.push(row);
        }
        prior
    }
}

impl Clouds {
    /// These clouds and one more, of the same shape, around the mean of points `[point, dimension]`.
    pub(super) fn push_mean<'a>(&mut self, points: impl Iterator<Item = &'a [f32]>) {
        let mut sum = alloc::vec![0f64; self.dimension];
        let mut count = 0.0f64;
        for point in points {
            sum.iter_mut().zip(point).for_each(|(sum, &v)| *sum += f64::from(v));
            count += 1.0;
        }
        if count > 0.0 {
            let mean: Vec<f32> = sum.iter().map(|v| (v / count) as f32).collect();
            let white = self.whitened(&mean);
            self.means.extend(white);
        }
    }
}

impl Novelty {
    /// With a place for what these are examples of, by embedding and by movement.
    pub(super) fn push<'a>(&mut self, examples: impl Iterator<Item = (&'a [f32], &'a [f32])> + Clone) {
        self.embedding.push_mean(examples.clone().map(|(embedding, _)| embedding));
        self.movement.push_mean(examples.map(|(_, movement)| movement));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ambulo_record::LabelSet;

    #[test]
    fn a_prior_stays_one() {
        for further in [1, 3] {
            let prior = Prior::usual(&LabelSet::twelve()).extended(further);
            prior.validate(12 + further).unwrap();
            assert!((prior.start[12] - 1.0 / (12 + further) as f64).abs() < 1e-12);
            assert!(prior.exits[0][12] > 0.0 && prior.exits[12][0] > 0.0 && prior.exits[12][12] == 0.0);
        }
    }

    #[test]
    fn a_further_cloud_is_near_its_points() {
        let points: Vec<f32> = (0..400).map(|i| libm::sinf(i as f32 * 1.7)).collect();
        let mut clouds = Clouds::fit(&points, &[0; 200], 2, 20, 0.01).unwrap();
        let far = [9.0, -4.0];
        assert!(clouds.distance(&far) > 10.0);
        clouds.push_mean([&far[..], &far[..]].into_iter());
        assert!(clouds.distance(&far) < 1e-6);
        assert!((clouds.distance(&[0.1, 0.2]) - 0.05).abs() < 0.1, "{}", clouds.distance(&[0.1, 0.2]));
    }
}
